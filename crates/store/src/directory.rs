//! The person's own phone lines and service centres, and their changes over a provider's. What a provider carries is in the
//! mirror and never changed here.

use deskbell_domain::directory::{DirectoryKind, PhoneLine, ServiceCentre};
use deskbell_domain::ticket::AccountId;
use deskbell_domain::{Code, UtcMs};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use serde::de::DeserializeOwned;

use crate::Store;
use crate::error::{Result, StoreError};
use crate::writer::Durability;

/// Most own entries and changes of one kind.
pub const DIRECTORY_ENTRIES_MAX: usize = 5_000;

/// An entry that a person added, changed or hid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRecord {
    pub id: i64,
    /// Key of the provider's or shipped entry that it stands for; empty for an own one.
    pub replaces: String,
    /// The entry as JSON.
    pub payload: String,
    /// What it stands for, as that was when it was changed here, as JSON; empty for an own one.
    pub base: String,
    pub hidden: bool,
    pub updated_at: UtcMs,
}

/// What is to be written of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryWrite {
    /// Of an own entry that is changed; `None` makes one, or writes the row that stands for `replaces`.
    pub id: Option<i64>,
    pub replaces: String,
    pub payload: String,
    pub base: String,
    pub hidden: bool,
}

impl Store {
    /// Phone lines with the account that carries each, in the providers' order.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn carried_lines(&self) -> Result<Vec<(AccountId, PhoneLine)>> {
        self.read(|connection| carried(connection, "phone_line"))
    }

    /// Service centres with the account that carries each, in the providers' order.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn carried_centres(&self) -> Result<Vec<(AccountId, ServiceCentre)>> {
        self.read(|connection| carried(connection, "service_centre"))
    }

    /// Everything that a person did to a directory, oldest first.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn directory_entries(&self, kind: DirectoryKind) -> Result<Vec<EntryRecord>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, replaces, payload, base, hidden, updated_at FROM directory_entry WHERE kind = ? ORDER BY id",
            )?;
            let rows = statement.query_map([kind.as_str()], record)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Writes entries, all or none; answers their ids in the same order.
    ///
    /// # Errors
    /// `EntryUnknown` for an own entry that is gone; `TooMany` above [`DIRECTORY_ENTRIES_MAX`].
    pub fn put_directory_entries(&self, kind: DirectoryKind, writes: &[EntryWrite], now: UtcMs) -> Result<Vec<i64>> {
        let writes = writes.to_vec();
        self.write(Durability::Full, move |transaction, _| {
            let ids = writes.iter().map(|write| put(transaction, kind, write, now)).collect::<Result<Vec<_>>>()?;
            let sql = "SELECT count(*) FROM directory_entry WHERE kind = ?";
            let total: i64 = transaction.query_row(sql, [kind.as_str()], |row| row.get(0))?;
            if usize::try_from(total).unwrap_or(usize::MAX) > DIRECTORY_ENTRIES_MAX {
                return Err(StoreError::new(Code::TooMany, format!("more than {DIRECTORY_ENTRIES_MAX} entries")));
            }
            Ok(ids)
        })
    }

    /// Whether visits are at a centre, or were. Reads every visit: asked when a person deletes a centre of their own.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn is_visited(&self, centre: &str) -> Result<bool> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM visit WHERE centre_id = ?)")?;
            Ok(statement.query_row([centre], |row| row.get(0))?)
        })
    }

    /// Forgets a row: an own entry is gone, a provider's is as the provider has it. Answers whether there was one.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn forget_directory_entry(&self, kind: DirectoryKind, id: i64) -> Result<bool> {
        self.write(Durability::Full, move |transaction, _| {
            let sql = "DELETE FROM directory_entry WHERE kind = ? AND id = ?";
            Ok(transaction.execute(sql, params![kind.as_str(), id])? > 0)
        })
    }
}

fn record(row: &Row<'_>) -> rusqlite::Result<EntryRecord> {
    Ok(EntryRecord {
        id: row.get(0)?,
        replaces: row.get(1)?,
        payload: row.get(2)?,
        base: row.get(3)?,
        hidden: row.get(4)?,
        updated_at: UtcMs(row.get(5)?),
    })
}

fn put(transaction: &Transaction<'_>, kind: DirectoryKind, write: &EntryWrite, now: UtcMs) -> Result<i64> {
    let standing = match (write.id, write.replaces.as_str()) {
        (Some(id), _) => Some(id),
        (None, "") => None,
        (None, replaces) => transaction
            .query_row(
                "SELECT id FROM directory_entry WHERE kind = ? AND replaces = ? AND replaces <> ''",
                params![kind.as_str(), replaces],
                |row| row.get(0),
            )
            .optional()?,
    };
    let Some(id) = standing else {
        transaction.execute(
            "INSERT INTO directory_entry (kind, replaces, payload, base, hidden, updated_at) VALUES (?, ?, ?, ?, ?, ?)",
            params![kind.as_str(), write.replaces, write.payload, write.base, write.hidden, now.0],
        )?;
        return Ok(transaction.last_insert_rowid());
    };
    let changed = transaction.execute(
        "UPDATE directory_entry SET payload = ?, base = ?, hidden = ?, updated_at = ? WHERE id = ? AND kind = ?",
        params![write.payload, write.base, write.hidden, now.0, id, kind.as_str()],
    )?;
    if changed == 0 {
        return Err(StoreError::new(Code::EntryUnknown, format!("entry {id}")));
    }
    Ok(id)
}

fn carried<T: DeserializeOwned>(connection: &Connection, table: &str) -> Result<Vec<(AccountId, T)>> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT account_id, payload FROM {table} ORDER BY account_id, position"))?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let payload = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        found.push((AccountId(row.get(0)?), serde_json::from_str(payload)?));
    }
    Ok(found)
}
