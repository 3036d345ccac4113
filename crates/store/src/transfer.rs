//! Bytes coming in and going out: keeping them, letting go of them, and how far each upload is.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use deskbell_domain::sync::op::{FileRef, OperationId, OperationKind};
use deskbell_domain::ticket::{AccountId, TicketId};
use deskbell_domain::time::DAY_MS;
use deskbell_domain::{Code, UtcMs};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use crate::attachment::{self, PreviewKind};
use crate::blob::{BlobReader, BlobWriter, UNFINISHED};
use crate::error::Result;
use crate::outbox::IS_HEAD;
use crate::stored::count;
use crate::writer::Durability;
use crate::{Store, StoreError};

/// Most bytes kept of files that can be fetched again: 1 GiB.
pub const FILE_CACHE_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// How long bytes stay that nothing names: picked for a ticket that was never opened, or fetched for a note that is gone.
pub const FILE_UNNAMED_KEPT_MS: i64 = 7 * DAY_MS;
/// A half-written file younger than this may still have a writer, in another process.
const UNFINISHED_KEPT: Duration = Duration::from_secs(60 * 60);
/// Files let go of in one transaction.
const EVICTED_AT_ONCE_MAX: i64 = 500;
/// Stands for a file that travels in one request with its note.
pub const WITH_NOTE: &str = "-";

/// An operation whose files are to be brought to the server before it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingUpload {
    pub operation_id: OperationId,
    pub account_id: AccountId,
    pub ticket_id: TicketId,
    pub file: FileRef,
    /// Place among the files of the operation.
    pub position: u32,
    pub done_bytes: u64,
    pub resume: Option<String>,
    /// Failures in a row.
    pub failures: u32,
}

/// How far a file of an unsent operation is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRecord {
    pub operation_id: OperationId,
    pub sha256: String,
    /// Place among the files of the operation.
    pub position: u32,
    pub done_bytes: u64,
    /// What the server calls it; [`WITH_NOTE`] where it goes along; empty until it is there.
    pub remote: String,
}

impl Store {
    /// Begins to keep a file. Nothing is left of it unless [`Store::keep_file`] ends it.
    ///
    /// # Errors
    /// `DiskFull`, `DataDirectoryReadOnly`, `Storage`.
    pub fn create_file(&self) -> Result<BlobWriter> {
        self.inner.blobs.create()
    }

    /// Ends a file and keeps it under its hash; the same bytes are kept once.
    ///
    /// # Errors
    /// As [`Store::create_file`].
    pub fn keep_file(&self, writer: BlobWriter, name: String, mime: String, preview: PreviewKind, now: UtcMs) -> Result<FileRef> {
        let (sha256, size_bytes) = writer.finish(&self.inner.blobs)?;
        let file = FileRef { sha256, name, mime, size_bytes };
        let kept = file.clone();
        self.write(Durability::Full, move |transaction, _| attachment::put_blob(transaction, &kept, preview, now))?;
        Ok(file)
    }

    /// Opens the bytes of a file. A damaged or lost copy is forgotten, so that it can be fetched again.
    ///
    /// # Errors
    /// `FileMissing`, `FileUnreadable`.
    pub fn open_file(&self, sha256: &str) -> Result<BlobReader> {
        let opened = self.inner.blobs.open(sha256);
        if let Err(error) = &opened {
            tracing::warn!(code = error.code.as_str(), "A kept file could not be opened.");
            self.forget_damaged(sha256)?;
        }
        opened
    }

    /// Forgets that bytes are here which cannot be read. What waits to be sent keeps its row, and says so when it is its turn.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn forget_damaged(&self, sha256: &str) -> Result<()> {
        let sha256 = sha256.to_owned();
        self.write(Durability::Full, move |transaction, _| {
            transaction.execute("DELETE FROM blob WHERE sha256 = ?", [&sha256])?;
            transaction.execute("UPDATE attachment SET sha256 = '' WHERE sha256 = ? AND remote_id <> ''", [&sha256])?;
            Ok(())
        })
    }

    /// Whether the bytes are here.
    #[must_use]
    pub fn has_file(&self, sha256: &str) -> bool {
        self.inner.blobs.path_of(sha256).exists()
    }

    /// Marks bytes as used now: the cache lets go of them later.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn file_used(&self, sha256: &str, now: UtcMs) -> Result<()> {
        let sha256 = sha256.to_owned();
        self.write(Durability::Mirror, move |transaction, _| {
            transaction.execute("UPDATE blob SET used_at = ? WHERE sha256 = ?", params![now.0, sha256])?;
            Ok(())
        })
    }

    /// Where encrypted files lie.
    #[must_use]
    pub fn files_dir(&self) -> &Path {
        self.inner.blobs.dir()
    }

    /// Lets go of bytes until at most `bytes_max` are kept that can be fetched again, least recently used first. What waits
    /// to be sent, lies beside a draft, or is on no server never goes. Answers how many files went.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn evict_files(&self, bytes_max: u64, now: UtcMs) -> Result<usize> {
        let gone = self.write(Durability::Full, move |transaction, _| evict(transaction, bytes_max, now))?;
        for sha256 in &gone {
            crate::open::remove_if_there(&self.inner.blobs.path_of(sha256))?;
        }
        Ok(gone.len())
    }

    /// Removes what a killed writer left, and bytes of which no table knows. Call once after opening.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn sweep_files(&self, now: UtcMs) -> Result<usize> {
        let named: HashSet<String> = self.read(|connection| {
            let mut statement = connection.prepare(NAMED)?;
            let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
            Ok(rows.map(|sha256| Ok(self.inner.blobs.name_of(&sha256?))).collect::<rusqlite::Result<_>>()?)
        })?;
        let Ok(entries) = std::fs::read_dir(self.inner.blobs.dir()) else { return Ok(0) };
        let mut swept = 0;
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_unfinished = path.extension().is_some_and(|ending| ending == UNFINISHED);
            // Kept by another process between our two looks, perhaps.
            if (is_unfinished || !named.contains(&name)) && is_old(&path, now) {
                crate::open::remove_if_there(&path)?;
                swept += 1;
            }
        }
        Ok(swept)
    }

    /// The next file to bring to a server: of the oldest queued operation of a ticket that is due, on an account that can
    /// be reached, and not of one of `busy`.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn next_upload(&self, now: UtcMs, accounts_online: &[AccountId], busy: &[OperationId]) -> Result<Option<WaitingUpload>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&next_upload_sql())?;
            let mut rows = statement.query([now.0])?;
            while let Some(row) = rows.next()? {
                let (operation_id, account_id) = (OperationId(row.get(0)?), AccountId(row.get(1)?));
                if busy.contains(&operation_id) || !accounts_online.contains(&account_id) {
                    continue;
                }
                let kind: OperationKind = serde_json::from_str(row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?)?;
                let sha256: String = row.get(4)?;
                let Some(file) = kind.files().iter().find(|file| file.sha256 == sha256) else { continue };
                let resume: String = row.get(6)?;
                return Ok(Some(WaitingUpload {
                    operation_id,
                    account_id,
                    ticket_id: TicketId(row.get(2)?),
                    file: file.clone(),
                    position: row.get(8)?,
                    done_bytes: count(row.get(5)?),
                    resume: (!resume.is_empty()).then_some(resume),
                    failures: row.get(7)?,
                }));
            }
            Ok(None)
        })
    }

    /// When a file that is not due at `now` is due next; `None` when there is none.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn next_upload_due(&self, now: UtcMs) -> Result<Option<UtcMs>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(NEXT_UPLOAD_DUE)?;
            Ok(statement.query_row([now.0], |row| row.get::<_, Option<i64>>(0))?.map(UtcMs))
        })
    }

    /// Keeps how far an upload is; false when the operation was taken back meanwhile, and the upload should end.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn note_upload(&self, operation: OperationId, sha256: &str, done_bytes: u64, resume: &str) -> Result<bool> {
        let (sha256, resume) = (sha256.to_owned(), resume.to_owned());
        self.write(Durability::Mirror, move |transaction, _| {
            let changed = transaction
                .prepare_cached("UPDATE upload SET done_bytes = ?3, resume = ?4 WHERE operation_id = ?1 AND sha256 = ?2")?
                .execute(params![operation.0, sha256, attachment::number(done_bytes), resume])?;
            Ok(changed > 0)
        })
    }

    /// Keeps what the server calls a file that has arrived there.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn upload_arrived(&self, operation: OperationId, file: &FileRef, remote: &str) -> Result<()> {
        let (sha256, size_bytes, remote) = (file.sha256.clone(), file.size_bytes, remote.to_owned());
        self.write(Durability::Full, move |transaction, touched| {
            let done = if remote == WITH_NOTE { 0 } else { size_bytes };
            transaction.execute(
                "UPDATE upload SET remote = ?3, done_bytes = ?4, resume = '', failures = 0 WHERE operation_id = ?1 AND sha256 = ?2",
                params![operation.0, sha256, remote, attachment::number(done)],
            )?;
            transaction.execute("UPDATE operation SET code = '', detail = '' WHERE id = ? AND state = 'queued'", [operation.0])?;
            touched.tickets.extend(ticket_of(transaction, operation)?);
            Ok(())
        })
    }

    /// Notes why an upload failed: tried again from `not_before`, or with `None` refused for good.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn upload_failed(
        &self,
        operation: OperationId,
        sha256: &str,
        code: Code,
        detail: &str,
        not_before: Option<UtcMs>,
    ) -> Result<()> {
        let (sha256, detail) = (sha256.to_owned(), detail.to_owned());
        self.write(Durability::Full, move |transaction, touched| {
            transaction.execute(
                "UPDATE upload SET failures = failures + 1, resume = CASE ?3 WHEN 1 THEN '' ELSE resume END
                 WHERE operation_id = ?1 AND sha256 = ?2",
                params![operation.0, sha256, not_before.is_none()],
            )?;
            transaction.execute(
                "UPDATE operation SET state = CASE WHEN ?2 IS NULL THEN 'rejected' ELSE state END,
                        not_before = coalesce(?2, not_before), code = ?3, detail = ?4 WHERE id = ?1 AND state = 'queued'",
                params![operation.0, not_before.map(|at| at.0), code.as_str(), detail],
            )?;
            touched.tickets.extend(ticket_of(transaction, operation)?);
            Ok(())
        })
    }

    /// The server no longer knows the files of an operation: they are brought there anew.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn forget_uploads(&self, operation: OperationId) -> Result<()> {
        self.write(Durability::Full, move |transaction, _| {
            transaction.execute(
                "UPDATE upload SET remote = '', resume = '', done_bytes = 0, failures = failures + 1 WHERE operation_id = ? AND remote <> ?",
                params![operation.0, WITH_NOTE],
            )?;
            Ok(())
        })
    }

    /// How far the files of a ticket's unsent operations are.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn uploads(&self, ticket: TicketId) -> Result<Vec<UploadRecord>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT operation_id, sha256, position, done_bytes, remote FROM upload JOIN operation ON operation.id = operation_id
                 WHERE operation.ticket_id = ? AND state IN ('queued', 'sending', 'unknown', 'rejected')",
            )?;
            let rows = statement.query_map([ticket.0], |row| {
                Ok(UploadRecord {
                    operation_id: OperationId(row.get(0)?),
                    sha256: row.get(1)?,
                    position: row.get(2)?,
                    done_bytes: count(row.get(3)?),
                    remote: row.get(4)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}

pub(crate) const NEXT_UPLOAD_DUE: &str = "
    SELECT min(not_before) FROM upload CROSS JOIN operation ON operation.id = upload.operation_id
    WHERE upload.remote = '' AND state = 'queued' AND not_before > ?";

pub(crate) fn next_upload_sql() -> String {
    format!(
        "SELECT operation.id, account_id, ticket_id, payload, upload.sha256, upload.done_bytes, upload.resume, upload.failures, upload.position
         FROM upload CROSS JOIN operation ON operation.id = upload.operation_id
         WHERE upload.remote = '' AND not_before <= ? AND state = 'queued' AND {IS_HEAD} ORDER BY not_before, operation.id, upload.sha256"
    )
}

/// Keeps an operation with files from being sent before they have arrived.
pub(crate) const FILES_ARE_THERE: &str =
    "NOT (state = 'queued' AND EXISTS (SELECT 1 FROM upload WHERE operation_id = operation.id AND remote = ''))";

/// Queues the files of a new operation.
pub(crate) fn queue_files(transaction: &Transaction<'_>, operation: OperationId, kind: &OperationKind) -> Result<()> {
    for (position, file) in (0_i64..).zip(kind.files()) {
        transaction.execute(
            "INSERT OR IGNORE INTO upload (operation_id, sha256, position) VALUES (?, ?, ?)",
            params![operation.0, file.sha256, position],
        )?;
    }
    Ok(())
}

/// What the server calls the files of an operation.
pub(crate) fn uploaded(connection: &Connection, operation: OperationId) -> Result<BTreeMap<String, String>> {
    let mut statement =
        connection.prepare_cached("SELECT sha256, remote FROM upload WHERE operation_id = ? AND remote NOT IN ('', ?)")?;
    let rows = statement.query_map(params![operation.0, WITH_NOTE], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn ticket_of(connection: &Connection, operation: OperationId) -> Result<Option<TicketId>> {
    let mut statement = connection.prepare_cached("SELECT ticket_id FROM operation WHERE id = ?")?;
    Ok(statement.query_row([operation.0], |row| row.get(0)).optional()?.map(TicketId))
}

/// Every hash that is known, or that something typed hangs on.
pub(crate) const NAMED: &str = "
    SELECT sha256 FROM blob UNION SELECT sha256 FROM upload
    UNION SELECT word.value FROM draft, json_tree(draft.files) AS word WHERE word.key = 'sha256'
    UNION SELECT word.value FROM ticket_draft, json_tree(ticket_draft.payload) AS word WHERE word.key = 'sha256'";

/// Bytes that may go: not waiting to be sent, not beside a draft, and on a server, or named by nothing for long.
const EVICTABLE: &str = "
    FROM blob WHERE NOT EXISTS (SELECT 1 FROM upload WHERE upload.sha256 = blob.sha256)
        AND NOT EXISTS (SELECT 1 FROM draft WHERE files <> '[]' AND instr(files, blob.sha256) > 0)
        AND NOT EXISTS (SELECT 1 FROM ticket_draft WHERE instr(ticket_draft.payload, blob.sha256) > 0)
        AND NOT EXISTS (SELECT 1 FROM setting WHERE instr(setting.value, blob.sha256) > 0)
        AND NOT EXISTS (SELECT 1 FROM attachment WHERE attachment.sha256 = blob.sha256 AND attachment.remote_id = '')
        AND (created_at < ?1 OR EXISTS (SELECT 1 FROM attachment WHERE attachment.sha256 = blob.sha256))";

/// Bytes that only this disk has.
pub(crate) fn irreplaceable_sql() -> String {
    let evictable = EVICTABLE.replace("?1", "0");
    format!("SELECT sha256 FROM blob WHERE sha256 NOT IN (SELECT sha256 {evictable}) UNION SELECT sha256 FROM upload")
}

fn evict(transaction: &Transaction<'_>, bytes_max: u64, now: UtcMs) -> Result<Vec<String>> {
    let unnamed_before = now.plus_ms(-FILE_UNNAMED_KEPT_MS).0;
    let sum = format!("SELECT coalesce(sum(size_bytes), 0) {EVICTABLE}");
    let mut kept = count(transaction.query_row(&sum, [unnamed_before], |row| row.get(0))?);
    let oldest = format!(
        "SELECT sha256, size_bytes, NOT EXISTS (SELECT 1 FROM attachment WHERE attachment.sha256 = blob.sha256)
         {EVICTABLE} ORDER BY 3 DESC, used_at LIMIT {EVICTED_AT_ONCE_MAX}"
    );
    let mut gone = Vec::new();
    let mut statement = transaction.prepare_cached(&oldest)?;
    let mut rows = statement.query([unnamed_before])?;
    while let Some(row) = rows.next()? {
        let (sha256, size_bytes, is_unnamed): (String, i64, bool) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if !is_unnamed && kept <= bytes_max {
            break;
        }
        kept = kept.saturating_sub(count(size_bytes));
        gone.push(sha256);
    }
    for sha256 in &gone {
        transaction.prepare_cached("DELETE FROM blob WHERE sha256 = ?")?.execute([sha256])?;
        transaction.prepare_cached("UPDATE attachment SET sha256 = '' WHERE sha256 = ?")?.execute([sha256])?;
    }
    Ok(gone)
}

fn is_old(path: &Path, now: UtcMs) -> bool {
    let written = path.metadata().and_then(|file| file.modified()).ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let now = Duration::from_millis(u64::try_from(now.0).unwrap_or(0));
    written.is_some_and(|written| now.saturating_sub(written) > UNFINISHED_KEPT)
}

/// A file that a caller names but that is not here cannot be queued.
pub(crate) fn require_files(store: &Store, kind: &OperationKind) -> Result<()> {
    match kind.files().iter().find(|file| !store.has_file(&file.sha256)) {
        Some(_) => Err(StoreError::new(Code::FileMissing, "a file is no longer here; attach it again")),
        None => Ok(()),
    }
}
