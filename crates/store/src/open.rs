//! Opening the file: the directory, the key, the version, and a damaged file moved aside.
//!
//! Files: `desk.db` (with SQLite's `-wal` and `-shm`), `desk.keycheck` (fingerprint of the key, without which a
//! wrong key and a damaged first page look the same), `desk.damaged` (set when a query met damage; the next
//! opening looks closer), `desk.new.db` (a replacement being built), `desk.swap` (the replacement is whole: where the
//! damaged file goes; the swap is finished by whoever opens next).

use std::path::{Path, PathBuf};

use deskbell_domain::{Code, UtcMs};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::connection::{configure, connect, one};
use crate::error::{Result, StoreError};
use crate::key::DatabaseKey;
use crate::records::OpenReport;
use crate::{rekey, salvage};

/// Each brings the file from its index to the next version.
pub(crate) const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_first.sql"),
    include_str!("../migrations/0002_sync.sql"),
    include_str!("../migrations/0003_attachments.sql"),
    include_str!("../migrations/0004_sla.sql"),
    include_str!("../migrations/0005_visits.sql"),
    include_str!("../migrations/0006_plans.sql"),
];

/// Where the parts lie in a data directory.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) dir: PathBuf,
}

impl Layout {
    pub(crate) fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }
    pub(crate) fn database(&self) -> PathBuf {
        self.dir.join("desk.db")
    }
    pub(crate) fn replacement(&self) -> PathBuf {
        self.dir.join("desk.new.db")
    }
    pub(crate) fn swap(&self) -> PathBuf {
        self.dir.join("desk.swap")
    }
    pub(crate) fn key_check(&self) -> PathBuf {
        self.dir.join("desk.keycheck")
    }
    pub(crate) fn damaged(&self) -> PathBuf {
        self.dir.join("desk.damaged")
    }
    pub(crate) fn files(&self) -> PathBuf {
        self.dir.join("files")
    }
}

/// Opens or creates the database and gives its writing connection.
pub(crate) fn open(layout: &Layout, key: &DatabaseKey, now: UtcMs) -> Result<(Connection, OpenReport)> {
    make_directory(&layout.dir)?;
    rekey::settle(layout, key)?;
    // One that a person put another in the place of is not damaged.
    let mut salvaged_from = settle_replacement(layout)?.filter(|aside| is_corrupt_name(aside));
    let path = layout.database();
    let created = !path.exists();
    let fingerprint = std::fs::read_to_string(layout.key_check()).ok();
    if !created && fingerprint.as_deref().is_some_and(|known| known.trim() != key.fingerprint()) {
        return Err(StoreError::new(Code::DatabaseKeyWrong, "the key is not the one this database was made with"));
    }
    let mut report = OpenReport { created, ..OpenReport::default() };
    let connection = match open_file(&path, key, layout.damaged().exists()) {
        Ok(connection) => connection,
        // With the right key, "not a database" can only mean a damaged first page.
        Err(error) if is_damage(&error, fingerprint.is_some()) => {
            tracing::error!(%error, "The database is damaged and is moved aside.");
            build_replacement(layout, key, now)?;
            salvaged_from = settle_replacement(layout)?;
            open_file(&path, key, false)?
        }
        Err(error) => return Err(error),
    };
    if fingerprint.is_none() || created {
        write_private(&layout.key_check(), key.fingerprint().as_bytes())?;
    }
    remove_if_there(&layout.damaged())?;
    if salvaged_from.is_some() {
        report.salvaged_operations = one(&connection, "SELECT count(*) FROM operation WHERE state <> 'sent'")?;
        report.salvaged_drafts = one(&connection, "SELECT count(*) FROM draft")?;
        report.salvaged_from = salvaged_from;
    }
    Ok((connection, report))
}

fn is_damage(error: &StoreError, key_is_proved: bool) -> bool {
    error.code == Code::DatabaseCorrupt || (key_is_proved && error.code == Code::DatabaseKeyWrong)
}

pub(crate) fn make_directory(dir: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)?;
    let database = dir.join("desk.db");
    let file_is_read_only = database.metadata().is_ok_and(|file| file.permissions().readonly());
    if dir.metadata()?.permissions().readonly() || file_is_read_only {
        return Err(StoreError::new(Code::DataDirectoryReadOnly, "the data directory cannot be written to"));
    }
    Ok(())
}

/// Finishes or forgets a replacement that a kill interrupted. Answers where a damaged file went.
pub(crate) fn settle_replacement(layout: &Layout) -> Result<Option<PathBuf>> {
    let replacement = layout.replacement();
    let aside = std::fs::read_to_string(layout.swap()).ok().map(|name| layout.dir.join(name.trim()));
    match aside {
        Some(aside) if replacement.exists() => {
            // The log goes first: a file without its log would look whole, and lack the latest words.
            for suffix in ["-wal", "-shm", ""] {
                let part = with_suffix(&layout.database(), suffix);
                if part.exists() {
                    std::fs::rename(&part, with_suffix(&aside, suffix))?;
                }
            }
            std::fs::rename(&replacement, layout.database())?;
            remove_if_there(&layout.swap())?;
            Ok(Some(aside))
        }
        // Killed after the last rename: nobody was told yet.
        Some(aside) => {
            remove_if_there(&layout.swap())?;
            Ok(Some(aside))
        }
        None if replacement.exists() && !layout.database().exists() => {
            std::fs::rename(&replacement, layout.database())?;
            Ok(None)
        }
        None => remove_database(&replacement).map(|()| None),
    }
}

fn open_file(path: &Path, key: &DatabaseKey, suspicious: bool) -> Result<Connection> {
    let mut connection = connect(path, key)?;
    // The first read proves the key.
    one::<i64>(&connection, "SELECT count(*) FROM sqlite_schema")?;
    let version = one::<i64>(&connection, "PRAGMA user_version")?;
    let current = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if version > current {
        return Err(StoreError::new(Code::DatabaseNewer, format!("version {version}; this program knows up to {current}")));
    }
    if suspicious {
        let verdict = one::<String>(&connection, "PRAGMA quick_check(1)")?;
        if verdict != "ok" {
            return Err(StoreError::new(Code::DatabaseCorrupt, verdict));
        }
    }
    configure(&connection)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    migrate(&mut connection, version, MIGRATIONS)?;
    if version > 0 {
        probe(&connection)?;
    }
    Ok(connection)
}

/// Each step is one transaction: a kill leaves the version before or after it.
pub(crate) fn migrate(connection: &mut Connection, from: i64, migrations: &[&str]) -> Result<()> {
    for (step, sql) in (1_i64..).zip(migrations).filter(|(step, _)| *step > from) {
        let transaction = Transaction::new(connection, TransactionBehavior::Exclusive)?;
        // Another process may have been faster.
        if one::<i64>(&transaction, "PRAGMA user_version")? < step {
            transaction.execute_batch(sql)?;
            transaction.pragma_update(None, "user_version", step)?;
        }
        transaction.commit()?;
    }
    Ok(())
}

/// Touches the first pages of what must not be lost, so that their damage shows now and not in the middle of a reply.
fn probe(connection: &Connection) -> Result<()> {
    for sql in [
        "SELECT count(*) FROM operation WHERE state IN ('queued', 'sending', 'unknown')",
        "SELECT count(*) FROM (SELECT 1 FROM draft LIMIT 100)",
        "SELECT count(*) FROM account",
        "SELECT count(*) FROM setting",
        "SELECT count(*) FROM (SELECT 1 FROM ticket LIMIT 1)",
        "SELECT count(*) FROM (SELECT 1 FROM due ORDER BY due_at LIMIT 1)",
    ] {
        one::<i64>(connection, sql)?;
    }
    Ok(())
}

/// Builds a fresh file with what can be saved. Until `desk.swap` says that it is whole, a kill leaves the damaged file where
/// it is with its log, and the next start begins anew; from then on [`settle_replacement`] finishes it.
pub(crate) fn build_replacement(layout: &Layout, key: &DatabaseKey, now: UtcMs) -> Result<()> {
    let replacement = layout.replacement();
    remove_database(&replacement)?;
    let mut fresh = open_file(&replacement, key, false)?;
    salvage::salvage(&layout.database(), key, &mut fresh)?;
    fresh.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    fresh.close().map_err(|(_, error)| StoreError::from(error))?;
    write_private(&layout.swap(), corrupt_name(now).as_bytes())
}

const CORRUPT: &str = "desk.corrupt-";

/// What a damaged file is called when it is moved aside.
fn corrupt_name(now: UtcMs) -> String {
    format!("{CORRUPT}{}.db", now.0)
}

fn is_corrupt_name(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(CORRUPT))
}

pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

pub(crate) fn remove_database(path: &Path) -> Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        remove_if_there(&with_suffix(path, suffix))?;
    }
    Ok(())
}

pub(crate) fn remove_if_there(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Writes a file that only its owner may read, whole or not at all.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> Result<()> {
    use std::io::Write as _;
    let draft = with_suffix(path, ".tmp");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(content)?;
    file.sync_all()?;
    drop(file);
    std::fs::rename(&draft, path)?;
    Ok(())
}
