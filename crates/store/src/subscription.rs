//! Calendars that are read: the one that ships, and those that a person subscribed to.

use deskbell_domain::{Code, UtcMs};
use rusqlite::{Connection, Row, params};

use crate::Store;
use crate::error::{Result, StoreError};
use crate::stored::{code_text, known, optional_code};
use crate::writer::Durability;

/// Subscriptions of one desk.
pub const SUBSCRIPTIONS_MAX: u32 = 50;
/// Setting: the subscription that ships was put here once; removed it stays away.
const SHIPPED: &str = "subscription-shipped";

const COLUMNS: &str = "id, name, url, body, reminders, enabled, fetched_at, code";

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionRecord {
    pub id: i64,
    pub name: String,
    /// Empty for one that came from a file; `shipped:NAME` for one of ours.
    pub url: String,
    /// The iCalendar object as last read.
    pub body: String,
    /// Minutes before a session.
    pub reminders: Vec<u32>,
    pub enabled: bool,
    /// When it was last read from its address.
    pub fetched_at: Option<UtcMs>,
    /// Why the last try to read it failed.
    pub code: Option<Code>,
}

impl Store {
    /// All, the oldest first.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn subscriptions(&self) -> Result<Vec<SubscriptionRecord>> {
        self.read(|connection| {
            let sql = format!("SELECT {COLUMNS} FROM subscription ORDER BY id LIMIT {SUBSCRIPTIONS_MAX}");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(record(row)?);
            }
            Ok(found)
        })
    }

    /// # Errors
    /// `SubscriptionUnknown`.
    pub fn subscription(&self, id: i64) -> Result<SubscriptionRecord> {
        self.read(|connection| find(connection, id))
    }

    /// Keeps a new one (id 0), or another state of one that is here.
    ///
    /// # Errors
    /// `SubscriptionUnknown`; `TooMany` for a new one beyond [`SUBSCRIPTIONS_MAX`].
    pub fn put_subscription(&self, subscription: SubscriptionRecord) -> Result<SubscriptionRecord> {
        self.write(Durability::Full, move |transaction, _| {
            if subscription.id == 0 {
                return add(transaction, subscription);
            }
            find(transaction, subscription.id)?;
            transaction.execute(
                "UPDATE subscription SET name = ?2, url = ?3, body = ?4, reminders = ?5, enabled = ?6, fetched_at = ?7, code = ?8
                 WHERE id = ?1",
                params![
                    subscription.id,
                    subscription.name,
                    subscription.url,
                    subscription.body,
                    serde_json::to_string(&subscription.reminders)?,
                    subscription.enabled,
                    subscription.fetched_at.map_or(0, |at| at.0),
                    code_text(subscription.code)
                ],
            )?;
            Ok(subscription)
        })
    }

    /// # Errors
    /// `SubscriptionUnknown`.
    pub fn remove_subscription(&self, id: i64) -> Result<()> {
        self.write(Durability::Full, move |transaction, _| {
            find(transaction, id)?;
            transaction.execute("DELETE FROM subscription WHERE id = ?", [id])?;
            Ok(())
        })
    }

    /// Puts a subscription of ours here, once in the life of the database.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn ship_subscription(&self, subscription: SubscriptionRecord) -> Result<()> {
        if self.setting(SHIPPED)?.is_some() {
            return Ok(());
        }
        self.write(Durability::Full, move |transaction, _| {
            let first = transaction.execute("INSERT OR IGNORE INTO setting (key, value) VALUES (?, '1')", [SHIPPED])?;
            if first == 1 {
                add(transaction, subscription)?;
            }
            Ok(())
        })
    }
}

fn add(connection: &Connection, subscription: SubscriptionRecord) -> Result<SubscriptionRecord> {
    let count: u32 = crate::connection::one(connection, "SELECT count(*) FROM subscription")?;
    if count >= SUBSCRIPTIONS_MAX {
        return Err(StoreError::new(Code::TooMany, format!("more than {SUBSCRIPTIONS_MAX} subscriptions")));
    }
    connection.execute(
        "INSERT INTO subscription (name, url, body, reminders, enabled, fetched_at, code) VALUES (?, ?, ?, ?, ?, ?, ?)",
        params![
            subscription.name,
            subscription.url,
            subscription.body,
            serde_json::to_string(&subscription.reminders)?,
            subscription.enabled,
            subscription.fetched_at.map_or(0, |at| at.0),
            code_text(subscription.code)
        ],
    )?;
    Ok(SubscriptionRecord { id: connection.last_insert_rowid(), ..subscription })
}

fn find(connection: &Connection, id: i64) -> Result<SubscriptionRecord> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM subscription WHERE id = ?"))?;
    let mut rows = statement.query([id])?;
    let row = rows.next()?.ok_or_else(|| StoreError::new(Code::SubscriptionUnknown, format!("there is no subscription {id}")))?;
    record(row)
}

fn record(row: &Row<'_>) -> Result<SubscriptionRecord> {
    Ok(SubscriptionRecord {
        id: row.get(0)?,
        name: row.get(1)?,
        url: row.get(2)?,
        body: row.get(3)?,
        reminders: serde_json::from_str(row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?)?,
        enabled: row.get(5)?,
        fetched_at: known(row.get(6)?),
        code: optional_code(&row.get::<_, String>(7)?),
    })
}
