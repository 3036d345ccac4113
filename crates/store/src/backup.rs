//! A copy of the desk in one file, and putting it back.
//!
//! The copy is a database under the desk's own key: what the desk has at one moment, and the bytes of those kept files that no
//! server can give back. Putting it back replaces the desk's file as a whole; the one before it is kept beside it. Edits that
//! waited when the copy was made may have left since: they are looked for on the server before they are sent.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use deskbell_domain::{Code, UtcMs};
use rusqlite::{Connection, params};
use serde::Serialize;

use crate::blob::Blobs;
use crate::connection::{connect, one};
use crate::error::{Result, StoreError};
use crate::key::DatabaseKey;
use crate::open::{self, MIGRATIONS, remove_database, remove_if_there, with_suffix, write_private};
use crate::replace::{change_key, copy_into, hold_alone, sync, workshop};
use crate::stored::count;
use crate::{Inner, Store, transfer};

/// Bytes of a file that are read at once.
const READ_BYTES: usize = 1024 * 1024;

const TABLES: &str = "
    CREATE TABLE backup (made_at INTEGER NOT NULL) STRICT;
    CREATE TABLE backup_file (sha256 TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;";

/// What came of a backup, or of putting one back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BackupReport {
    pub path: PathBuf,
    pub made_at: UtcMs,
    pub bytes: u64,
    pub tickets: u64,
    /// Operations that have not left, or not as far as the file knows.
    pub waiting: u64,
    /// Kept files in it that no server can give back.
    pub files: u64,
    /// Such files whose bytes could not be read.
    pub files_missing: u64,
    /// Of a restore: where the database is that stood there before.
    pub kept_aside: Option<PathBuf>,
}

impl Store {
    /// Writes a copy of the desk, as it is at this moment, to a file that is not there yet.
    ///
    /// # Errors
    /// `InputInvalid` when there is such a file; `DataDirectoryReadOnly`, `DiskFull`, codes of the storage. Nothing is left.
    pub fn back_up(&self, file: &Path, now: UtcMs) -> Result<BackupReport> {
        self.inner.shared.failpoint.alive()?;
        let part = with_suffix(file, ".part");
        if file.exists() || part.exists() {
            let there = if file.exists() { file } else { &part };
            return Err(StoreError::new(Code::InputInvalid, format!("{} is there already", there.display())));
        }
        let written = self.write_backup(&part, now);
        let placed = written.and_then(|report| {
            std::fs::rename(&part, file)?;
            Ok(BackupReport { path: file.to_owned(), bytes: file.metadata()?.len(), ..report })
        });
        if placed.is_err() {
            remove_database(&part)?;
        }
        placed
    }

    fn write_backup(&self, part: &Path, now: UtcMs) -> Result<BackupReport> {
        let Inner { layout, key, blobs, .. } = &*self.inner;
        copy_into(&connect(&layout.database(), key)?, part)?;
        let copy = connect(part, key)?;
        copy.execute_batch(TABLES)?;
        copy.execute("INSERT INTO backup (made_at) VALUES (?)", [now.0])?;
        let files_missing = take_files(&copy, blobs)?;
        let report = BackupReport { files_missing, ..facts(&copy, part, now)? };
        copy.close().map_err(|(_, error)| StoreError::from(error))?;
        sync(part)?;
        Ok(report)
    }

    /// Writes the desk's key, sealed under a passphrase, to a file that is not there yet: a backup beside it opens anywhere.
    ///
    /// # Errors
    /// `InputInvalid` for an empty passphrase or where there is such a file; as [`Store::back_up`].
    pub fn seal_key(&self, file: &Path, passphrase: &str) -> Result<()> {
        if file.exists() {
            return Err(StoreError::new(Code::InputInvalid, format!("{} is there already", file.display())));
        }
        crate::vault::seal(file, passphrase, &self.inner.key)
    }

    /// Whether a backup opens with the desk's key.
    ///
    /// # Errors
    /// `InputInvalid` when there is no such file; codes of the storage.
    pub fn opens_backup(&self, file: &Path) -> Result<bool> {
        match open_backup(file, &self.inner.key) {
            Ok(_) => Ok(true),
            Err(error) if error.code == Code::BackupKeyWrong => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Puts a backup in the place of the database; `key` where it is under another one. The store is closed by it, and every
    /// clone has to be gone.
    ///
    /// # Errors
    /// Nothing is changed with any of them: `InputInvalid` without such a file, `BackupKeyWrong`, `BackupUnreadable`,
    /// `DatabaseNewer`, `DatabaseBusy` while another connection has the database open, `DiskFull`.
    pub fn restore(self, file: &Path, key: Option<&DatabaseKey>, now: UtcMs) -> Result<BackupReport> {
        let inner = self.into_alone()?;
        let (layout, own) = (inner.layout.clone(), inner.key.clone());
        let key = key.unwrap_or(&own);
        let backup = open_backup(file, key)?;
        check(&backup)?;
        let blobs = Blobs::new(layout.files(), &own);
        drop(inner);
        let held = hold_alone(&layout, &own)?;
        let making = workshop(&layout)?;
        let report = make(&backup, &making, file, key, &own, &blobs).inspect_err(|_| {
            // What is left of it is removed by the next one, too.
            let _ = remove_database(&making);
        })?;
        let aside = format!("desk.before-restore-{}.db", now.0);
        std::fs::rename(&making, layout.replacement())?;
        write_private(&layout.swap(), aside.as_bytes())?;
        let kept_aside = open::settle_replacement(&layout)?;
        drop(held);
        remove_if_there(&layout.damaged())?;
        Ok(BackupReport { kept_aside, ..report })
    }

    /// The store by itself, when nobody else has it.
    pub(crate) fn into_alone(self) -> Result<Inner> {
        Arc::try_unwrap(self.inner).map_err(|_| StoreError::internal("the store is still in use"))
    }
}

/// The replacement: the backup under the desk's own key, without what only a backup has, and with its files given back.
fn make(
    backup: &Connection,
    making: &Path,
    file: &Path,
    key: &DatabaseKey,
    own: &DatabaseKey,
    blobs: &Blobs,
) -> Result<BackupReport> {
    copy_into(backup, making)?;
    change_key(making, key, own)?;
    let copy = connect(making, own)?;
    let made_at = made_at(&copy, file)?;
    let files_missing = give_files(&copy, blobs)?;
    let report = BackupReport { files_missing, ..facts(&copy, file, made_at)? };
    copy.execute_batch("DROP TABLE IF EXISTS backup; DROP TABLE IF EXISTS backup_file")?;
    for sql in SINCE {
        // Tables of later versions are not in every backup.
        match copy.prepare(sql) {
            Ok(mut statement) => statement.execute([made_at.0])?,
            Err(error) => {
                tracing::info!(%error, "A backup of an earlier version has nothing of this.");
                0
            }
        };
    }
    copy.close().map_err(|(_, error)| StoreError::from(error))?;
    sync(making)?;
    Ok(report)
}

/// What may have happened on servers since the copy was made is asked for before anything is sent or told again. `?1`: when.
const SINCE: &[&str] = &[
    "UPDATE operation SET state = 'unknown', attempts = max(attempts, 1), last_attempt_at = max(last_attempt_at, ?1), not_before = ?1
     WHERE state IN ('queued', 'sending', 'unknown')",
    "UPDATE robot_delivery SET state = 'withdrawn' WHERE state IN ('queued', 'sending') AND ?1 >= 0",
];

fn open_backup(file: &Path, key: &DatabaseKey) -> Result<Connection> {
    if !file.is_file() {
        return Err(StoreError::new(Code::InputInvalid, format!("there is no file {}", file.display())));
    }
    let backup = connect(file, key)?;
    match one::<i64>(&backup, "SELECT count(*) FROM sqlite_schema") {
        Err(error) if error.code == Code::DatabaseKeyWrong => {
            Err(StoreError::new(Code::BackupKeyWrong, "the key does not open it, or it is no backup"))
        }
        Err(error) => Err(unreadable(&error)),
        Ok(_) => Ok(backup),
    }
}

/// Reads all of it once: what is damaged must not take the place of what is whole.
fn check(backup: &Connection) -> Result<()> {
    let version: i64 = one(backup, "PRAGMA user_version").map_err(|error| unreadable(&error))?;
    let current = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if version > current {
        return Err(StoreError::new(Code::DatabaseNewer, format!("version {version}; this program knows up to {current}")));
    }
    let tables =
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('operation', 'account', 'ticket', 'draft')";
    let known: i64 = one(backup, tables).map_err(|error| unreadable(&error))?;
    if version < 1 || known < 4 {
        return Err(StoreError::new(Code::BackupUnreadable, "it is a database, and none of Deskbell"));
    }
    let mut problems = crate::care::problems(backup).map_err(|error| unreadable(&error))?;
    match problems.pop() {
        Some(problem) => Err(StoreError::new(Code::BackupUnreadable, problem)),
        None => Ok(()),
    }
}

fn unreadable(error: &StoreError) -> StoreError {
    StoreError::new(Code::BackupUnreadable, error.detail.clone())
}

/// When the copy was made; of a database that was kept aside, when it was last written.
fn made_at(copy: &Connection, file: &Path) -> Result<UtcMs> {
    if one::<i64>(copy, "SELECT count(*) FROM sqlite_schema WHERE name = 'backup'")? > 0 {
        return Ok(UtcMs(one(copy, "SELECT max(made_at) FROM backup")?));
    }
    let written = file.metadata()?.modified()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Ok(UtcMs(i64::try_from(written.as_millis()).unwrap_or(i64::MAX)))
}

fn facts(copy: &Connection, path: &Path, made_at: UtcMs) -> Result<BackupReport> {
    let has_files = one::<i64>(copy, "SELECT count(*) FROM sqlite_schema WHERE name = 'backup_file'")? > 0;
    Ok(BackupReport {
        path: path.to_owned(),
        made_at,
        bytes: path.metadata()?.len(),
        tickets: count(one(copy, "SELECT count(*) FROM ticket")?),
        waiting: count(one(copy, "SELECT count(*) FROM operation WHERE state IN ('queued', 'sending', 'unknown')")?),
        files: if has_files { count(one(copy, "SELECT count(*) FROM backup_file")?) } else { 0 },
        files_missing: 0,
        kept_aside: None,
    })
}

/// Takes the bytes along that no server can give back. Answers how many could not be read.
fn take_files(copy: &Connection, blobs: &Blobs) -> Result<u64> {
    let wanted: Vec<String> = {
        let mut statement = copy.prepare(&transfer::irreplaceable_sql())?;
        let rows = statement.query_map([], |row| row.get(0))?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    let mut missing = 0;
    for sha256 in wanted {
        match read_whole(blobs, &sha256) {
            Ok(bytes) => {
                copy.execute("INSERT OR IGNORE INTO backup_file (sha256, bytes) VALUES (?, ?)", params![sha256, bytes])?;
            }
            Err(error) => {
                tracing::warn!(code = error.code.as_str(), "A kept file could not be taken into the backup.");
                missing += 1;
            }
        }
    }
    Ok(missing)
}

pub(crate) fn read_whole(blobs: &Blobs, sha256: &str) -> Result<Vec<u8>> {
    let mut reader = blobs.open(sha256)?;
    let mut bytes = Vec::new();
    while (bytes.len() as u64) < reader.size_bytes() {
        bytes.extend(reader.read_at(bytes.len() as u64, READ_BYTES)?);
    }
    Ok(bytes)
}

/// Gives the bytes back that are not on this disk. Answers how many of those that a server cannot give are missing.
fn give_files(copy: &Connection, blobs: &Blobs) -> Result<u64> {
    if one::<i64>(copy, "SELECT count(*) FROM sqlite_schema WHERE name = 'backup_file'")? > 0 {
        let mut statement = copy.prepare("SELECT sha256, bytes FROM backup_file")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let sha256: String = row.get(0)?;
            if blobs.open(&sha256).and_then(|mut reader| reader.check()).is_err() {
                let mut writer = blobs.create()?;
                writer.write(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?)?;
                writer.finish(blobs)?;
            }
        }
    }
    if one::<i64>(copy, "SELECT count(*) FROM sqlite_schema WHERE name = 'blob'")? == 0 {
        return Ok(0);
    }
    let mut statement = copy.prepare(&transfer::irreplaceable_sql())?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    let wanted = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(wanted.iter().filter(|sha256| !blobs.path_of(sha256).exists()).count() as u64)
}
