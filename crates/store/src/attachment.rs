//! Files of notes: what was observed, what is here, and what a person laid beside a draft.

use deskbell_domain::file_name::safe_file_name;
use deskbell_domain::observation::ObservedAttachment;
use deskbell_domain::sync::op::FileRef;
use deskbell_domain::ticket::{AccountId, TicketId};
use deskbell_domain::{Code, UtcMs};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use serde::Serialize;
use ts_rs::TS;

use crate::Store;
use crate::error::Result;
use crate::stored::{SEQ_BITS, code_text, count, optional_code, seq_range};
use crate::writer::Durability;

/// Local id of a file of a note. Negative for the files of an operation that is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct AttachmentId(pub i64);

/// Where a file of a note is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentState {
    /// On the server only.
    Remote,
    /// Waits for its turn: to be fetched, or to be sent.
    Queued,
    Fetching,
    /// On this disk.
    Here,
    /// Could not be fetched or sent; `code` says why.
    Failed,
    Sending,
    /// On the server, while its note is not.
    Sent,
}

/// What can be shown of a file without another program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PreviewKind {
    Image,
    Text,
    #[default]
    None,
}

impl PreviewKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Text => "text",
            Self::None => "none",
        }
    }

    fn from_text(text: &str) -> Self {
        match text {
            "image" => Self::Image,
            "text" => Self::Text,
            _ => Self::None,
        }
    }

    /// What the name of the kind promises, for a file that is not here yet.
    #[must_use]
    pub fn promised(mime: &str) -> Self {
        match mime.split(';').next().unwrap_or_default().trim() {
            "image/png" | "image/jpeg" | "image/gif" | "image/webp" => Self::Image,
            "application/json" | "application/xml" => Self::Text,
            mime if mime.starts_with("text/") => Self::Text,
            _ => Self::None,
        }
    }
}

/// A file on a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "Attachment")]
pub struct AttachmentRecord {
    pub id: AttachmentId,
    pub name: String,
    pub mime: String,
    /// 0: not known before it is fetched.
    #[ts(type = "number")]
    pub size_bytes: u64,
    pub state: AttachmentState,
    /// Fetched or sent so far.
    #[ts(type = "number")]
    pub done_bytes: u64,
    /// Why the last try failed.
    pub code: Option<Code>,
    pub preview: PreviewKind,
}

/// A file of a note with what is needed to fetch it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchableAttachment {
    pub id: AttachmentId,
    pub account_id: AccountId,
    pub ticket_id: TicketId,
    pub ticket_remote_id: String,
    pub note_remote_id: String,
    pub observed: ObservedAttachment,
    /// Set when the bytes are on this disk.
    pub sha256: Option<String>,
}

impl Store {
    /// One file of a note.
    ///
    /// # Errors
    /// `FileMissing` when there is no such file; codes of the storage.
    pub fn attachment(&self, id: AttachmentId) -> Result<FetchableAttachment> {
        let found = self.read(|connection| {
            let mut statement = connection.prepare_cached(&format!("{FETCHABLE} WHERE attachment.id = ?"))?;
            Ok(statement.query_row([id.0], fetchable).optional()?)
        })?;
        found.ok_or_else(|| crate::StoreError::new(Code::FileMissing, format!("attachment {}", id.0)))
    }

    /// Files of an account that are not here, never failed, and whose address expires; newest first.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn expiring_attachments(&self, limit: u32) -> Result<Vec<FetchableAttachment>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&expiring_sql())?;
            let rows = statement.query_map([limit], fetchable)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Notes that a file was fetched; its bytes are kept already.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn attachment_fetched(&self, id: AttachmentId, file: &FileRef) -> Result<()> {
        let file = file.clone();
        self.write(Durability::Full, move |transaction, _| {
            transaction.execute(
                "UPDATE attachment SET sha256 = ?2, size_bytes = ?3, code = '', mime = CASE mime WHEN '' THEN ?4 ELSE mime END
                 WHERE id = ?1",
                params![id.0, file.sha256, number(file.size_bytes), file.mime],
            )?;
            Ok(())
        })
    }

    /// Notes why a file could not be fetched; `None` when it was only called off.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn attachment_failed(&self, id: AttachmentId, code: Option<Code>) -> Result<()> {
        self.write(Durability::Mirror, move |transaction, _| {
            transaction.execute("UPDATE attachment SET code = ? WHERE id = ?", params![code_text(code), id.0])?;
            Ok(())
        })
    }
}

const FETCHABLE: &str = "
    SELECT attachment.id, ticket.account_id, ticket.id, ticket.remote_id, note.remote_id, attachment.remote_id, attachment.name,
           attachment.mime, attachment.size_bytes, attachment.url, coalesce(blob.sha256, '')
    FROM attachment JOIN note ON note.id = attachment.note_id JOIN ticket ON ticket.id = attachment.note_id >> 10
        LEFT JOIN blob ON blob.sha256 = attachment.sha256";

pub(crate) fn expiring_sql() -> String {
    format!(
        "{FETCHABLE} WHERE attachment.url <> '' AND attachment.sha256 = '' AND attachment.code = ''
         ORDER BY attachment.id DESC LIMIT ?"
    )
}

fn fetchable(row: &Row<'_>) -> rusqlite::Result<FetchableAttachment> {
    let sha256: String = row.get(10)?;
    Ok(FetchableAttachment {
        id: AttachmentId(row.get(0)?),
        account_id: AccountId(row.get(1)?),
        ticket_id: TicketId(row.get(2)?),
        ticket_remote_id: row.get(3)?,
        note_remote_id: row.get(4)?,
        observed: ObservedAttachment {
            remote_id: row.get(5)?,
            name: row.get(6)?,
            mime: row.get(7)?,
            size_bytes: count(row.get(8)?),
            url: row.get(9)?,
        },
        sha256: (!sha256.is_empty()).then_some(sha256),
    })
}

/// As it is compared with what was seen before: an address that expires is no part of a note.
pub(crate) fn lasting(observed: &[ObservedAttachment]) -> Vec<ObservedAttachment> {
    observed.iter().map(|file| ObservedAttachment { url: String::new(), ..file.clone() }).collect()
}

/// A row as it stands before an observation.
struct Known {
    id: i64,
    remote_id: String,
    name: String,
    size_bytes: u64,
}

/// A note that is as it was, but for addresses that expire.
pub(crate) fn refresh(transaction: &Transaction<'_>, note_id: i64, observed: &[ObservedAttachment]) -> Result<()> {
    if observed.iter().any(|file| !file.url.is_empty()) { observe(transaction, note_id, observed) } else { Ok(()) }
}

/// Brings the rows of a note in line with what was observed. A file that our own receipt told of becomes the server's.
pub(crate) fn observe(transaction: &Transaction<'_>, note_id: i64, observed: &[ObservedAttachment]) -> Result<()> {
    let mut known = known_of(transaction, note_id)?;
    if known.is_empty() && observed.is_empty() {
        return Ok(());
    }
    for (position, file) in (0_i64..).zip(observed) {
        let name = safe_file_name(&file.name);
        let ours = |row: &Known| row.remote_id.is_empty() && (file.size_bytes == 0 || row.size_bytes == file.size_bytes);
        let at = known
            .iter()
            .position(|row| !file.remote_id.is_empty() && row.remote_id == file.remote_id)
            .or_else(|| known.iter().position(|row| ours(row) && row.name == name))
            .or_else(|| known.iter().position(ours));
        match at {
            Some(at) => {
                let row = known.remove(at);
                update(transaction, row.id, position, &name, file)?;
            }
            None => {
                transaction
                    .prepare_cached(
                        "INSERT INTO attachment (note_id, position, remote_id, name, mime, size_bytes, url) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    )?
                    .execute(params![note_id, position, file.remote_id, name, file.mime, number(file.size_bytes), file.url])?;
            }
        }
    }
    for gone in known {
        transaction.prepare_cached("DELETE FROM attachment WHERE id = ?")?.execute([gone.id])?;
    }
    Ok(())
}

/// A fresh address is worth another try.
fn update(transaction: &Transaction<'_>, id: i64, position: i64, name: &str, file: &ObservedAttachment) -> Result<()> {
    transaction
        .prepare_cached(
            "UPDATE attachment SET position = ?2, remote_id = ?3, name = ?4, mime = CASE ?5 WHEN '' THEN mime ELSE ?5 END,
                    size_bytes = CASE ?6 WHEN 0 THEN size_bytes ELSE ?6 END,
                    code = CASE WHEN ?7 NOT IN ('', url) THEN '' ELSE code END, url = ?7 WHERE id = ?1",
        )?
        .execute(params![id, position, file.remote_id, name, file.mime, number(file.size_bytes), file.url])?;
    Ok(())
}

fn known_of(connection: &Connection, note_id: i64) -> Result<Vec<Known>> {
    let mut statement = connection
        .prepare_cached("SELECT id, remote_id, name, size_bytes FROM attachment WHERE note_id = ? ORDER BY position, id")?;
    let rows = statement.query_map([note_id], |row| {
        Ok(Known { id: row.get(0)?, remote_id: row.get(1)?, name: row.get(2)?, size_bytes: count(row.get(3)?) })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The files of a note that landed: shown at once, and not fetched again when the server's copy comes.
pub(crate) fn landed(transaction: &Transaction<'_>, ticket: TicketId, marker: &str, files: &[FileRef]) -> Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    let (first, last) = seq_range(ticket);
    let note = transaction
        .prepare_cached("SELECT id, from_receipt FROM note WHERE id BETWEEN ? AND ? AND marker = ?")?
        .query_row(params![first, last, marker], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?)))
        .optional()?;
    let Some((note_id, from_receipt)) = note else { return Ok(()) };
    for (position, file) in (0_i64..).zip(files) {
        if from_receipt {
            transaction.execute(
                "INSERT INTO attachment (note_id, position, name, mime, size_bytes, sha256) VALUES (?, ?, ?, ?, ?, ?)",
                params![note_id, position, file.name, file.mime, number(file.size_bytes), file.sha256],
            )?;
        } else {
            // The server's copy was faster.
            transaction.execute(
                "UPDATE attachment SET sha256 = ?1 WHERE id = (SELECT id FROM attachment WHERE note_id = ?2 AND sha256 = ''
                     AND size_bytes IN (0, ?3) ORDER BY name <> ?4, position LIMIT 1)",
                params![file.sha256, note_id, number(file.size_bytes), file.name],
            )?;
        }
    }
    Ok(())
}

/// The files of all notes of a ticket, with the note that each belongs to, in order.
pub(crate) fn of_ticket(connection: &Connection, ticket: TicketId) -> Result<Vec<(i64, AttachmentRecord)>> {
    let (first, last) = seq_range(ticket);
    let mut statement = connection.prepare_cached(OF_TICKET)?;
    let rows = statement.query_map([first, last], |row| {
        let (is_here, code): (bool, String) = (row.get(5)?, row.get(6)?);
        let mime: String = row.get(3)?;
        let code = optional_code(&code);
        let preview = if is_here { PreviewKind::from_text(&row.get::<_, String>(7)?) } else { PreviewKind::promised(&mime) };
        let state = match (is_here, code) {
            (true, _) => AttachmentState::Here,
            (false, Some(_)) => AttachmentState::Failed,
            (false, None) => AttachmentState::Remote,
        };
        let size_bytes = count(row.get(4)?);
        let done_bytes = if is_here { size_bytes } else { 0 };
        let code = if is_here { None } else { code };
        let id = AttachmentId(row.get(1)?);
        Ok((row.get(0)?, AttachmentRecord { id, name: row.get(2)?, mime, size_bytes, state, done_bytes, code, preview }))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(crate) const OF_TICKET: &str = "
    SELECT note_id, id, name, mime, attachment.size_bytes, blob.sha256 IS NOT NULL, code, coalesce(blob.preview, 'none')
    FROM attachment LEFT JOIN blob ON blob.sha256 = attachment.sha256 AND attachment.sha256 <> ''
    WHERE note_id BETWEEN ? AND ? ORDER BY note_id, position, id";

const _: () = assert!(SEQ_BITS == 10, "FETCHABLE divides a note's id by 1024");

/// SQLite counts in i64; no file comes near its end.
pub(crate) fn number(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// Keeps that bytes are here; they are on the disk already.
pub(crate) fn put_blob(transaction: &Transaction<'_>, file: &FileRef, preview: PreviewKind, now: UtcMs) -> Result<()> {
    transaction.execute(
        "INSERT INTO blob (sha256, size_bytes, preview, created_at, used_at) VALUES (?1, ?2, ?3, ?4, ?4)
         ON CONFLICT (sha256) DO UPDATE SET used_at = excluded.used_at, created_at = excluded.created_at, preview = excluded.preview",
        params![file.sha256, number(file.size_bytes), preview.as_str(), now.0],
    )?;
    Ok(())
}
