//! Connections to support APIs, their pull cursors, and the directory each one carries.

use deskbell_domain::directory::{PhoneLine, ServiceCentre};
use deskbell_domain::observation::Catalogue;
use deskbell_domain::ticket::{AccountId, AccountOptions, TicketId};
use deskbell_domain::{Code, UtcMs};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Result, StoreError};
use crate::records::{AccountRecord, NewAccount};
use crate::stored::{Text, code_text, known, optional_code, optional_text};
use crate::writer::Durability;
use crate::{Store, search};

const COLUMNS: &str = "id, kind, name, endpoint, user, demo, created_at, cursor, pulled_full, last_synced_at, last_error, \
    options, pull_paused";

impl Store {
    /// Adds an account.
    ///
    /// # Errors
    /// `AccountExists` for a second account of the same kind, endpoint and user.
    pub fn add_account(&self, new: &NewAccount, now: UtcMs) -> Result<AccountId> {
        let new = new.clone();
        self.write(Durability::Full, move |transaction, _| {
            let inserted = transaction.execute(
                "INSERT INTO account (kind, name, endpoint, user, demo, created_at) VALUES (?, ?, ?, ?, ?, ?)
                 ON CONFLICT (kind, endpoint, user) DO NOTHING",
                params![new.kind.as_str(), new.name, new.endpoint, new.user, new.demo, now.0],
            )?;
            if inserted == 0 {
                return Err(StoreError::new(Code::AccountExists, "an account of this kind, endpoint and user exists"));
            }
            Ok(AccountId(transaction.last_insert_rowid()))
        })
    }

    /// All accounts, oldest first.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn accounts(&self) -> Result<Vec<AccountRecord>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM account ORDER BY id"))?;
            let rows = statement.query_map([], record)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// One account; `None` where there is none of this id.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn account(&self, id: AccountId) -> Result<Option<AccountRecord>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM account WHERE id = ?"))?;
            Ok(statement.query_row([id.0], record).optional()?)
        })
    }

    /// Removes an account with its mirror, drafts, clocks and alerts.
    ///
    /// # Errors
    /// `AccountUnknown`; `OperationNotDiscardable` while operations of it are not sent, unless `force`.
    pub fn remove_account(&self, id: AccountId, force: bool) -> Result<()> {
        self.write(Durability::Full, move |transaction, touched| {
            let unsent: i64 = transaction.query_row(
                "SELECT count(*) FROM operation
                 WHERE account_id = ? AND state IN ('queued', 'sending', 'unknown', 'rejected')",
                [id.0],
                |row| row.get(0),
            )?;
            if unsent > 0 && !force {
                return Err(StoreError::new(Code::OperationNotDiscardable, format!("{unsent} operations are not sent")));
            }
            if transaction.execute("DELETE FROM account WHERE id = ?", [id.0])? == 0 {
                return Err(StoreError::new(Code::AccountUnknown, format!("account {}", id.0)));
            }
            touched.all = true;
            remove_mirror(transaction, id)
        })
    }

    /// Records how a sync ended.
    ///
    /// # Errors
    /// `AccountUnknown`.
    pub fn note_sync_result(&self, id: AccountId, at: UtcMs, error: Option<Code>) -> Result<()> {
        self.tell_time(at);
        self.write(Durability::Mirror, move |transaction, _| {
            let changed = transaction.execute(
                "UPDATE account SET last_error = ?2, last_synced_at = CASE WHEN ?2 = '' THEN ?3 ELSE last_synced_at END
                 WHERE id = ?1",
                params![id.0, code_text(error), at.0],
            )?;
            known_account(changed, id)
        })
    }

    /// Keeps how an account is reached.
    ///
    /// # Errors
    /// `AccountUnknown`.
    pub fn put_account_options(&self, id: AccountId, options: &AccountOptions) -> Result<()> {
        let options = serde_json::to_string(options)?;
        self.write(Durability::Full, move |transaction, _| {
            known_account(transaction.execute("UPDATE account SET options = ? WHERE id = ?", params![options, id.0])?, id)
        })
    }

    /// Keeps whether a person stopped the pull.
    ///
    /// # Errors
    /// `AccountUnknown`.
    pub fn put_pull_paused(&self, id: AccountId, paused: bool) -> Result<()> {
        self.write(Durability::Full, move |transaction, _| {
            known_account(transaction.execute("UPDATE account SET pull_paused = ? WHERE id = ?", params![paused, id.0])?, id)
        })
    }

    /// Keeps what new tickets can be filed under.
    ///
    /// # Errors
    /// `AccountUnknown`.
    pub fn put_catalogue(&self, account: AccountId, catalogue: &Catalogue, now: UtcMs) -> Result<()> {
        let payload = serde_json::to_string(catalogue)?;
        self.write(Durability::Mirror, move |transaction, _| {
            require_account(transaction, account)?;
            transaction.execute(
                "INSERT OR REPLACE INTO catalogue (account_id, payload, fetched_at) VALUES (?, ?, ?)",
                params![account.0, payload, now.0],
            )?;
            Ok(())
        })
    }

    /// What new tickets can be filed under, and when the server said so; `None` before it was asked.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn catalogue(&self, account: AccountId) -> Result<Option<(Catalogue, UtcMs)>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT payload, fetched_at FROM catalogue WHERE account_id = ?")?;
            let found = statement.query_row([account.0], |row| Ok((row.get::<_, String>(0)?, UtcMs(row.get(1)?)))).optional()?;
            found.map(|(payload, fetched_at)| Ok((serde_json::from_str(&payload)?, fetched_at))).transpose()
        })
    }

    /// Replaces the phone lines and service centres that an account carries. Answers whether anything is different now.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn replace_directory(&self, account: AccountId, lines: &[PhoneLine], centres: &[ServiceCentre]) -> Result<bool> {
        let lines = payloads(lines)?;
        let centres = payloads(centres)?;
        self.write(Durability::Mirror, move |transaction, _| {
            let lines = replace_payloads(transaction, "phone_line", account, &lines)?;
            let centres = replace_payloads(transaction, "service_centre", account, &centres)?;
            Ok(lines || centres)
        })
    }

    /// Phone lines of all accounts, in the providers' order.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn phone_lines(&self) -> Result<Vec<PhoneLine>> {
        self.read(|connection| read_payloads(connection, "phone_line"))
    }

    /// Service centres that one account carries, in its order.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn service_centres_of(&self, account: AccountId) -> Result<Vec<ServiceCentre>> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT payload FROM service_centre WHERE account_id = ? ORDER BY position")?;
            let mut rows = statement.query([account.0])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(serde_json::from_str(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?);
            }
            Ok(found)
        })
    }

    /// Service centres of all accounts, in the providers' order.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn service_centres(&self) -> Result<Vec<ServiceCentre>> {
        self.read(|connection| read_payloads(connection, "service_centre"))
    }
}

fn record(row: &Row<'_>) -> rusqlite::Result<AccountRecord> {
    Ok(AccountRecord {
        id: AccountId(row.get(0)?),
        kind: row.get::<_, Text<_>>(1)?.0,
        name: row.get(2)?,
        endpoint: row.get(3)?,
        user: row.get(4)?,
        demo: row.get(5)?,
        created_at: UtcMs(row.get(6)?),
        cursor: optional_text(row.get(7)?),
        pulled_full: row.get(8)?,
        last_synced_at: known(row.get(9)?),
        last_error: optional_code(&row.get::<_, String>(10)?),
        // Unreadable ones come from a newer version: the defaults reach the server too.
        options: serde_json::from_str(&row.get::<_, String>(11)?).unwrap_or_default(),
        pull_paused: row.get(12)?,
    })
}

pub(crate) fn known_account(rows_changed: usize, id: AccountId) -> Result<()> {
    if rows_changed == 0 {
        return Err(StoreError::new(Code::AccountUnknown, format!("account {}", id.0)));
    }
    Ok(())
}

fn remove_mirror(transaction: &Transaction<'_>, account: AccountId) -> Result<()> {
    let tickets = {
        let mut statement = transaction.prepare("SELECT id FROM ticket WHERE account_id = ?")?;
        let rows = statement.query_map([account.0], |row| row.get(0).map(TicketId))?;
        rows.collect::<rusqlite::Result<Vec<_>>>()?
    };
    for ticket in &tickets {
        let (first, last) = crate::stored::seq_range(*ticket);
        transaction.prepare_cached("DELETE FROM note WHERE id BETWEEN ? AND ?")?.execute([first, last])?;
        transaction.prepare_cached("DELETE FROM event WHERE id BETWEEN ? AND ?")?.execute([first, last])?;
        for sql in [
            "DELETE FROM clock WHERE ticket_id = ?",
            "DELETE FROM clock_stale WHERE ticket_id = ?",
            "DELETE FROM due WHERE ticket_id = ?",
            "DELETE FROM alert WHERE ticket_id = ?",
            "DELETE FROM search_dirty WHERE ticket_id = ?",
            "DELETE FROM ticket_moved WHERE into_id = ?",
        ] {
            transaction.prepare_cached(sql)?.execute([ticket.0])?;
        }
        search::index::forget(transaction, *ticket)?;
    }
    for sql in [
        "DELETE FROM ticket WHERE account_id = ?",
        "DELETE FROM customer WHERE account_id = ?",
        "DELETE FROM operation WHERE account_id = ?",
        "DELETE FROM draft WHERE account_id = ?",
        "DELETE FROM phone_line WHERE account_id = ?",
        "DELETE FROM service_centre WHERE account_id = ?",
        "DELETE FROM catalogue WHERE account_id = ?",
        "DELETE FROM ticket_draft WHERE account_id = ?",
        "DELETE FROM visit WHERE account_id = ?",
        "DELETE FROM visit_draft WHERE account_id = ?",
        "DELETE FROM site WHERE account_id = ?",
    ] {
        transaction.execute(sql, [account.0])?;
    }
    Ok(())
}

fn payloads<T: Serialize>(values: &[T]) -> Result<Vec<String>> {
    values.iter().map(|value| serde_json::to_string(value).map_err(StoreError::from)).collect()
}

fn replace_payloads(transaction: &Transaction<'_>, table: &str, account: AccountId, payloads: &[String]) -> Result<bool> {
    let standing: Vec<String> = {
        let sql = format!("SELECT payload FROM {table} WHERE account_id = ? ORDER BY position");
        let mut statement = transaction.prepare(&sql)?;
        let rows = statement.query_map([account.0], |row| row.get(0))?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    if standing == payloads {
        return Ok(false);
    }
    transaction.execute(&format!("DELETE FROM {table} WHERE account_id = ?"), [account.0])?;
    let mut insert = transaction.prepare(&format!("INSERT INTO {table} (account_id, position, payload) VALUES (?, ?, ?)"))?;
    for (position, payload) in (0_i64..).zip(payloads) {
        insert.execute(params![account.0, position, payload])?;
    }
    Ok(true)
}

fn read_payloads<T: DeserializeOwned>(connection: &Connection, table: &str) -> Result<Vec<T>> {
    let mut statement = connection.prepare(&format!("SELECT payload FROM {table} ORDER BY account_id, position"))?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(serde_json::from_str(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?);
    }
    Ok(found)
}

/// The cursor that follows a page, written in the page's own transaction.
pub(crate) fn move_cursor(transaction: &Transaction<'_>, account: AccountId, next_cursor: &str, caught_up: bool) -> Result<()> {
    let changed = transaction.execute(
        "UPDATE account SET cursor = ?2, pulled_full = max(pulled_full, ?3) WHERE id = ?1",
        params![account.0, next_cursor, caught_up],
    )?;
    known_account(changed, account)
}

pub(crate) fn require_account(connection: &Connection, account: AccountId) -> Result<()> {
    let known = connection.query_row("SELECT 1 FROM account WHERE id = ?", [account.0], |_| Ok(())).optional()?;
    known_account(usize::from(known.is_some()), account)
}
