//! Replies being written, and the two small tables of texts: settings and the vault's secrets.

use deskbell_domain::sync::op::FileRef;
use deskbell_domain::ticket::{TicketId, Visibility};
use deskbell_domain::{Code, UtcMs};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use zeroize::Zeroizing;

use crate::Store;
use crate::error::{Result, StoreError};
use crate::mirror::adopt;
use crate::records::{DraftRecord, OperationRecord};
use crate::stored::Text;
use crate::writer::Durability;

impl Store {
    /// Keeps what is being written; its files stay. An empty body without files forgets it.
    ///
    /// # Errors
    /// `TicketUnknown`.
    pub fn put_draft(&self, ticket: TicketId, body: &str, visibility: Visibility, now: UtcMs) -> Result<()> {
        let body = body.to_owned();
        self.write(Durability::Full, move |transaction, _| {
            let ticket_id = adopt::current_id(transaction, ticket)?;
            let files = read(transaction, ticket_id)?.map(|draft| draft.files).unwrap_or_default();
            put(transaction, &DraftRecord { ticket_id, body, visibility, files, updated_at: now })
        })
    }

    /// Keeps the files that lie beside what is being written.
    ///
    /// # Errors
    /// `TicketUnknown`.
    pub fn put_draft_files(&self, ticket: TicketId, files: &[FileRef], now: UtcMs) -> Result<()> {
        let files = files.to_vec();
        self.write(Durability::Full, move |transaction, _| {
            let ticket_id = adopt::current_id(transaction, ticket)?;
            let (body, visibility) =
                read(transaction, ticket_id)?.map_or((String::new(), Visibility::Public), |draft| (draft.body, draft.visibility));
            put(transaction, &DraftRecord { ticket_id, body, visibility, files, updated_at: now })
        })
    }

    /// The draft of a ticket.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn draft(&self, ticket: TicketId) -> Result<Option<DraftRecord>> {
        self.read(|connection| read(connection, adopt::current_id(connection, ticket)?))
    }

    /// A setting's value as it was put.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn setting(&self, key: &str) -> Result<Option<String>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT value FROM setting WHERE key = ?")?;
            Ok(statement.query_row([key], |row| row.get(0)).optional()?)
        })
    }

    /// Puts a setting.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn put_setting(&self, key: &str, value: &str) -> Result<()> {
        let (key, value) = (key.to_owned(), value.to_owned());
        self.write(Durability::Full, move |transaction, _| {
            transaction.execute("INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)", params![key, value])?;
            Ok(())
        })
    }

    /// A secret kept in the database because the machine has no keyring.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn vault_secret(&self, name: &str) -> Result<Option<Zeroizing<String>>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT value FROM vault_secret WHERE name = ?")?;
            Ok(statement.query_row([name], |row| row.get(0)).optional()?.map(Zeroizing::new))
        })
    }

    /// Puts such a secret.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn put_vault_secret(&self, name: &str, value: &str) -> Result<()> {
        let (name, value) = (name.to_owned(), Zeroizing::new(value.to_owned()));
        self.write(Durability::Full, move |transaction, _| {
            transaction
                .execute("INSERT OR REPLACE INTO vault_secret (name, value) VALUES (?, ?)", params![name, value.as_str()])?;
            Ok(())
        })
    }

    /// Forgets such a secret.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn delete_vault_secret(&self, name: &str) -> Result<()> {
        let name = name.to_owned();
        self.write(Durability::Full, move |transaction, _| {
            transaction.execute("DELETE FROM vault_secret WHERE name = ?", [name])?;
            Ok(())
        })
    }
}

/// Gives back the text and files of an operation that was taken back: behind what is being written now. Where one of the two
/// is internal the draft is: no internal word becomes public by itself.
pub(crate) fn restore(
    transaction: &Transaction<'_>,
    record: &OperationRecord,
    body: &str,
    visibility: Visibility,
    files: &[FileRef],
) -> Result<()> {
    let known = read(transaction, record.ticket_id)?;
    if body.trim().is_empty() && files.is_empty() {
        return Ok(());
    }
    let mut draft = known.unwrap_or_else(|| DraftRecord {
        ticket_id: record.ticket_id,
        body: String::new(),
        visibility,
        files: Vec::new(),
        updated_at: record.created_at,
    });
    draft.add(body, visibility, files);
    put(transaction, &draft)
}

/// The draft of a ticket goes over to another, behind the draft there.
pub(crate) fn move_to(transaction: &Transaction<'_>, from: TicketId, to: TicketId) -> Result<()> {
    let Some(moved) = read(transaction, from)? else { return Ok(()) };
    transaction.execute("DELETE FROM draft WHERE ticket_id = ?", [from.0])?;
    let draft = match read(transaction, to)? {
        Some(mut draft) => {
            draft.add(&moved.body, moved.visibility, &moved.files);
            draft
        }
        None => DraftRecord { ticket_id: to, ..moved },
    };
    put(transaction, &draft)
}

pub(crate) fn read(connection: &Connection, ticket: TicketId) -> Result<Option<DraftRecord>> {
    let mut statement =
        connection.prepare_cached("SELECT ticket_id, body, visibility, updated_at, files FROM draft WHERE ticket_id = ?")?;
    let draft = statement.query_row([ticket.0], |row| {
        let draft = DraftRecord {
            ticket_id: TicketId(row.get(0)?),
            body: row.get(1)?,
            visibility: row.get::<_, Text<_>>(2)?.0,
            files: Vec::new(),
            updated_at: UtcMs(row.get(3)?),
        };
        Ok((draft, row.get::<_, String>(4)?))
    });
    let Some((draft, files)) = draft.optional()? else { return Ok(None) };
    Ok(Some(DraftRecord { files: serde_json::from_str(&files)?, ..draft }))
}

/// Keeps a draft; one without words and files goes.
fn put(transaction: &Transaction<'_>, draft: &DraftRecord) -> Result<()> {
    if draft.body.is_empty() && draft.files.is_empty() {
        transaction.execute("DELETE FROM draft WHERE ticket_id = ?", [draft.ticket_id.0])?;
        return Ok(());
    }
    let written = transaction.execute(
        "INSERT INTO draft (ticket_id, account_id, ticket_remote_id, body, visibility, files, updated_at)
         SELECT id, account_id, remote_id, ?2, ?3, ?4, ?5 FROM ticket WHERE id = ?1
         ON CONFLICT (ticket_id) DO UPDATE SET body = excluded.body, visibility = excluded.visibility, files = excluded.files,
             updated_at = excluded.updated_at",
        params![
            draft.ticket_id.0,
            draft.body,
            draft.visibility.as_str(),
            serde_json::to_string(&draft.files)?,
            draft.updated_at.0
        ],
    )?;
    if written == 0 {
        return Err(StoreError::new(Code::TicketUnknown, format!("ticket {}", draft.ticket_id.0)));
    }
    Ok(())
}

impl DraftRecord {
    fn add(&mut self, body: &str, visibility: Visibility, files: &[FileRef]) {
        if self.body.trim().is_empty() {
            body.clone_into(&mut self.body);
        } else if !body.trim().is_empty() {
            self.body = format!("{}\n\n{body}", self.body.trim_end());
        }
        if visibility == Visibility::Internal {
            self.visibility = visibility;
        }
        for file in files {
            if !self.files.contains(file) {
                self.files.push(file.clone());
            }
        }
    }
}
