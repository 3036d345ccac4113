//! Replies being written, and the two small tables of texts: settings and the vault's secrets.

use deskbell_domain::ticket::{TicketId, Visibility};
use deskbell_domain::{Code, UtcMs};
use rusqlite::{OptionalExtension as _, Transaction, params};
use zeroize::Zeroizing;

use crate::Store;
use crate::error::{Result, StoreError};
use crate::records::{DraftRecord, OperationRecord};
use crate::stored::Text;
use crate::writer::Durability;

impl Store {
    /// Keeps what is being written; an empty body forgets it.
    ///
    /// # Errors
    /// `TicketUnknown`.
    pub fn put_draft(&self, ticket: TicketId, body: &str, visibility: Visibility, now: UtcMs) -> Result<()> {
        let body = body.to_owned();
        self.write(Durability::Full, move |transaction, _| {
            if body.is_empty() {
                transaction.execute("DELETE FROM draft WHERE ticket_id = ?", [ticket.0])?;
                return Ok(());
            }
            let written = transaction.execute(
                "INSERT INTO draft (ticket_id, account_id, ticket_remote_id, body, visibility, updated_at)
                 SELECT id, account_id, remote_id, ?2, ?3, ?4 FROM ticket WHERE id = ?1
                 ON CONFLICT (ticket_id) DO UPDATE SET body = excluded.body, visibility = excluded.visibility,
                     updated_at = excluded.updated_at",
                params![ticket.0, body, visibility.as_str(), now.0],
            )?;
            if written == 0 {
                return Err(StoreError::new(Code::TicketUnknown, format!("ticket {}", ticket.0)));
            }
            Ok(())
        })
    }

    /// The draft of a ticket.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn draft(&self, ticket: TicketId) -> Result<Option<DraftRecord>> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT ticket_id, body, visibility, updated_at FROM draft WHERE ticket_id = ?")?;
            let draft = statement.query_row([ticket.0], |row| {
                Ok(DraftRecord {
                    ticket_id: TicketId(row.get(0)?),
                    body: row.get(1)?,
                    visibility: row.get::<_, Text<_>>(2)?.0,
                    updated_at: UtcMs(row.get(3)?),
                })
            });
            Ok(draft.optional()?)
        })
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

/// Gives a discarded reply's text back, unless something newer is being written.
pub(crate) fn restore(transaction: &Transaction<'_>, record: &OperationRecord, body: &str, visibility: Visibility) -> Result<()> {
    transaction.execute(
        "INSERT INTO draft (ticket_id, account_id, ticket_remote_id, body, visibility, updated_at) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (ticket_id) DO NOTHING",
        params![record.ticket_id.0, record.account_id.0, record.ticket_remote_id, body, visibility.as_str(), record.created_at.0],
    )?;
    Ok(())
}
