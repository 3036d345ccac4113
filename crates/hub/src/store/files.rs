//! Bytes of files: they come in pieces, are complete when their hash is right, and stay with their notes.

use deskbell_domain::UtcMs;
use deskbell_domain::time::DAY_MS;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use sha2::{Digest, Sha256};

use crate::error::HubError;
use crate::problem::Problem;
use crate::wire::{Attachment, NewUpload, Upload};

/// Bytes in one row, and in one read.
pub(crate) const PIECE_BYTES: usize = 256 * 1024;
/// Uploads that no note names are forgotten this long after their last byte.
const UPLOAD_KEPT_MS: i64 = DAY_MS;
/// Uploads that wait for bytes or for a note at once; beyond that the oldest is forgotten.
pub const UPLOADS_WAITING_MAX: u32 = 200;

/// Sizes and positions as the database takes them; all are below 50 MB.
fn number(bytes: u64) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

fn upload_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Upload> {
    Ok(Upload {
        id: row.get::<_, i64>(0)?.to_string(),
        offset: row.get::<_, u32>(1)?.into(),
        size_bytes: row.get::<_, u32>(2)?.into(),
        complete: row.get(3)?,
    })
}

pub(crate) fn upload(connection: &Connection, id: i64) -> Result<Option<Upload>, HubError> {
    let mut statement = connection.prepare_cached("SELECT id, received, size_bytes, complete FROM uploads WHERE id = ?1")?;
    Ok(statement.query_row([id], upload_row).optional()?)
}

/// Begins an upload, or finds the one that the same key began.
pub(crate) fn begin(
    tx: &Transaction<'_>,
    key: Option<&str>,
    request_hash: &str,
    new: &NewUpload,
    now: UtcMs,
) -> Result<(Upload, bool), Problem> {
    if let Some(key) = key {
        let found = tx
            .prepare_cached("SELECT id, request_hash FROM uploads WHERE key = ?1")?
            .query_row([key], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))
            .optional()?;
        match found {
            Some((_, hash)) if hash != request_hash => return Err(Problem::KeyReused),
            Some((id, _)) => return Ok((upload(tx, id)?.ok_or(Problem::Internal)?, true)),
            None => {}
        }
    }
    forget_left_ones(tx, now)?;
    tx.prepare_cached(
        "INSERT INTO uploads (key, request_hash, sha256, size_bytes, name, mime, touched_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![key, request_hash, new.sha256, number(new.size_bytes), new.name, new.mime, now.0])?;
    let id = tx.last_insert_rowid();
    if new.size_bytes == 0 {
        finish(tx, id)?;
    }
    Ok((upload(tx, id)?.ok_or(Problem::Internal)?, false))
}

fn forget_left_ones(tx: &Transaction<'_>, now: UtcMs) -> Result<(), HubError> {
    let mut statement = tx.prepare_cached(
        "SELECT id FROM uploads u WHERE NOT EXISTS (SELECT 1 FROM attachments a WHERE a.upload_id = u.id) AND \
         (touched_at < ?1 OR id NOT IN (SELECT id FROM uploads u WHERE NOT EXISTS (SELECT 1 FROM attachments a \
         WHERE a.upload_id = u.id) ORDER BY touched_at DESC LIMIT ?2))",
    )?;
    let left =
        statement.query_map(params![now.plus_ms(-UPLOAD_KEPT_MS).0, UPLOADS_WAITING_MAX - 1], |row| row.get::<_, i64>(0))?;
    for id in left.collect::<rusqlite::Result<Vec<_>>>()? {
        tx.execute("DELETE FROM workorder_objects WHERE upload_id = ?1", [id])?;
        tx.execute("DELETE FROM upload_chunks WHERE upload_id = ?1", [id])?;
        tx.execute("DELETE FROM uploads WHERE id = ?1", [id])?;
    }
    Ok(())
}

/// Keeps bytes that begin at `offset`; the last ones complete the upload.
pub(crate) fn append(tx: &Transaction<'_>, id: i64, offset: u64, bytes: &[u8], now: UtcMs) -> Result<Upload, Problem> {
    let before = upload(tx, id)?.ok_or(Problem::UploadUnknown)?;
    if before.offset != offset {
        return Err(Problem::UploadOffsetWrong { offset: before.offset });
    }
    let after = offset + bytes.len() as u64;
    if after > before.size_bytes {
        return Err(Problem::UploadTooLong);
    }
    if !bytes.is_empty() {
        tx.prepare_cached("INSERT INTO upload_chunks (upload_id, start, bytes) VALUES (?1, ?2, ?3)")?.execute(params![
            id,
            number(offset),
            bytes
        ])?;
        tx.prepare_cached("UPDATE uploads SET received = ?2, touched_at = ?3 WHERE id = ?1")?.execute(params![
            id,
            number(after),
            now.0
        ])?;
    }
    if after == before.size_bytes && !before.complete {
        finish(tx, id)?;
    }
    upload(tx, id)?.ok_or(Problem::Internal)
}

/// Compares the hash; bytes that are not the promised ones are dropped, so that the upload can begin again.
fn finish(tx: &Transaction<'_>, id: i64) -> Result<(), HubError> {
    let mut hasher = Sha256::new();
    let mut statement = tx.prepare_cached("SELECT bytes FROM upload_chunks WHERE upload_id = ?1 ORDER BY start")?;
    let mut rows = statement.query([id])?;
    while let Some(row) = rows.next()? {
        hasher.update(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?);
    }
    let hash = hex(&hasher.finalize());
    let promised: String = tx.query_row("SELECT sha256 FROM uploads WHERE id = ?1", [id], |row| row.get(0))?;
    if hash == promised {
        tx.execute("UPDATE uploads SET complete = 1 WHERE id = ?1", [id])?;
    } else {
        tx.execute("DELETE FROM upload_chunks WHERE upload_id = ?1", [id])?;
        tx.execute("UPDATE uploads SET received = 0 WHERE id = ?1", [id])?;
    }
    Ok(())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A whole file at once, as the demo and the Workorder endpoint have it.
pub(crate) fn insert_whole(tx: &Transaction<'_>, name: &str, mime: &str, bytes: &[u8], now: UtcMs) -> Result<i64, HubError> {
    tx.prepare_cached(
        "INSERT INTO uploads (sha256, size_bytes, name, mime, received, complete, touched_at) VALUES (?1, ?2, ?3, ?4, ?2, 1, ?5)",
    )?
    .execute(params![hex(&Sha256::digest(bytes)), number(bytes.len() as u64), name, mime, now.0])?;
    let id = tx.last_insert_rowid();
    for (piece, start) in bytes.chunks(PIECE_BYTES).zip((0_u32..).step_by(PIECE_BYTES)) {
        tx.prepare_cached("INSERT INTO upload_chunks (upload_id, start, bytes) VALUES (?1, ?2, ?3)")?
            .execute(params![id, start, piece])?;
    }
    Ok(id)
}

/// The uploads that a note is to carry, each complete.
pub(crate) fn named(connection: &Connection, ids: &[String]) -> Result<Vec<i64>, Problem> {
    let mut found = Vec::with_capacity(ids.len());
    for text in ids {
        let id = text.parse().map_err(|_| Problem::UploadsMissing)?;
        if !upload(connection, id)?.is_some_and(|upload| upload.complete) {
            return Err(Problem::UploadsMissing);
        }
        found.push(id);
    }
    Ok(found)
}

pub(super) fn attach(tx: &Transaction<'_>, ticket_id: i64, note_id: i64, uploads: &[i64]) -> Result<(), HubError> {
    for upload in uploads {
        tx.prepare_cached(
            "INSERT INTO attachments (note_id, ticket_id, upload_id, name, mime) SELECT ?1, ?2, id, name, mime FROM uploads WHERE id = ?3",
        )?
        .execute(params![note_id, ticket_id, upload])?;
    }
    Ok(())
}

const ATTACHMENT_COLUMNS: &str = "a.id, a.name, a.mime, u.size_bytes, u.sha256";

fn attachment_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Attachment> {
    Ok(Attachment {
        id: row.get::<_, i64>(0)?.to_string(),
        name: row.get(1)?,
        mime: row.get(2)?,
        size_bytes: row.get::<_, u32>(3)?.into(),
        sha256: row.get(4)?,
    })
}

pub(super) fn of_note(connection: &Connection, note_id: &str) -> Result<Vec<Attachment>, HubError> {
    let sql = format!(
        "SELECT {ATTACHMENT_COLUMNS} FROM attachments a JOIN uploads u ON u.id = a.upload_id WHERE a.note_id = ?1 ORDER BY a.id"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([note_id.parse::<i64>().unwrap_or_default()], attachment_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// An attachment and the upload that holds its bytes.
pub(crate) fn attachment(connection: &Connection, id: i64) -> Result<Option<(Attachment, i64)>, HubError> {
    let sql =
        format!("SELECT {ATTACHMENT_COLUMNS}, u.id FROM attachments a JOIN uploads u ON u.id = a.upload_id WHERE a.id = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.query_row([id], |row| Ok((attachment_row(row)?, row.get(5)?))).optional()?)
}

/// Bytes `from..to` of a complete upload, or as many as it has.
pub(crate) fn bytes(connection: &Connection, upload: i64, from: u64, to: u64) -> Result<Vec<u8>, HubError> {
    let mut statement = connection.prepare_cached(
        "SELECT start, bytes FROM upload_chunks WHERE upload_id = ?1 AND start < ?3 AND start + length(bytes) > ?2 ORDER BY start",
    )?;
    let mut rows = statement.query(params![upload, number(from), number(to)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let start: u64 = row.get::<_, u32>(0)?.into();
        let chunk = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        let place = |position: u64| usize::try_from(position.saturating_sub(start)).unwrap_or(usize::MAX).min(chunk.len());
        found.extend_from_slice(chunk.get(place(from)..place(to)).unwrap_or_default());
    }
    Ok(found)
}
