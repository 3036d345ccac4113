//! What was put into the person's CalDAV calendar, and what still has to go there.
//!
//! A row is an intention and what became of it: `wanted` is written first, `pushed` when the server has it. Invariants: what
//! the server may hold has a row (the attempt is written before the bytes leave); a row goes only when the server has nothing
//! of it any more.

use deskbell_domain::{Code, UtcMs};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::Store;
use crate::error::Result;
use crate::stored::{code_text, optional_code};
use crate::writer::Durability;

/// Objects of one look at the queue.
pub const CALENDAR_ITEMS_MAX: u32 = 500;

const COLUMNS: &str = "uid, kind, href, etag, pushed, wanted, body, base, tried, attempts, not_before, code";

/// An object of the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarItem {
    pub uid: String,
    /// visit, diagnosis.
    pub kind: String,
    /// Where it is on the server; empty while it was never sent.
    pub href: String,
    /// Of the object as we last wrote it; empty where the server told none.
    pub etag: String,
    /// Hash of what the server has.
    pub pushed: String,
    /// Hash of what it should have; empty: nothing.
    pub wanted: String,
    /// The object that it should have.
    pub body: String,
    /// The object as the server took it last; what it has may have been changed since.
    pub base: String,
    /// The object as it was sent last, whatever became of it.
    pub tried: String,
    pub attempts: u32,
    pub not_before: UtcMs,
    pub code: Option<Code>,
}

/// What the calendar should have of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedItem {
    pub uid: String,
    pub kind: String,
    /// Hash of `body` without its stamp.
    pub wanted: String,
    pub body: String,
}

/// What an attempt left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemSettlement {
    /// The server has it, under this etag.
    Pushed { etag: String, pushed: String, body: String },
    /// The server has nothing of it any more.
    Gone,
    /// Not before, for this reason.
    Later { not_before: UtcMs, code: Code },
    /// It is not there: it is made anew next.
    Missing,
}

impl Store {
    /// Says what the calendar should have: everything of `items`, and nothing else of ours.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn want_calendar(&self, items: Vec<WantedItem>, now: UtcMs) -> Result<()> {
        self.write(Durability::Full, move |transaction, _| {
            let mut put = transaction.prepare_cached(
                "INSERT INTO calendar_item (uid, kind, wanted, body, updated_at) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (uid) DO UPDATE SET wanted = ?3, body = ?4, updated_at = ?5, attempts = 0, not_before = 0, code = ''
                 WHERE wanted <> ?3",
            )?;
            for item in &items {
                put.execute(params![item.uid, item.kind, item.wanted, item.body, now.0])?;
            }
            let uids: Vec<&str> = items.iter().map(|item| item.uid.as_str()).collect();
            let uids = serde_json::to_string(&uids)?;
            // What was never sent needs no removing.
            transaction
                .execute("DELETE FROM calendar_item WHERE href = '' AND uid NOT IN (SELECT value FROM json_each(?))", [&uids])?;
            transaction.execute(
                "UPDATE calendar_item SET wanted = '', body = '', updated_at = ?2, attempts = 0, not_before = 0, code = ''
                 WHERE wanted <> '' AND uid NOT IN (SELECT value FROM json_each(?1))",
                params![uids, now.0],
            )?;
            Ok(())
        })
    }

    /// What waits and may go at `now`, at most [`CALENDAR_ITEMS_MAX`]; the longest waiting first.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn calendar_queue(&self, now: UtcMs) -> Result<Vec<CalendarItem>> {
        self.read(|connection| rows(connection, &queue_sql(), [now.0]))
    }

    /// Everything that is in the calendar, or should be.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn calendar_items(&self) -> Result<Vec<CalendarItem>> {
        self.read(|connection| rows(connection, &format!("SELECT {COLUMNS} FROM calendar_item ORDER BY uid"), []))
    }

    /// How many objects wait, the earliest moment at which one may go, and why the last one could not.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn calendar_waiting(&self) -> Result<(u32, Option<UtcMs>, Option<Code>)> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(WAITING)?;
            Ok(statement.query_row([], |row| {
                let code: Option<String> = row.get(2)?;
                Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?.map(UtcMs), code.and_then(|code| optional_code(&code))))
            })?)
        })
    }

    /// Counts an attempt and says what will be where, before the first byte leaves.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn attempt_calendar_item(&self, uid: &str, href: &str, tried: &str, now: UtcMs) -> Result<()> {
        let (uid, href, tried) = (uid.to_owned(), href.to_owned(), tried.to_owned());
        self.write(Durability::Full, move |transaction, _| {
            transaction.execute(
                "UPDATE calendar_item SET attempts = attempts + 1, href = ?2, tried = ?3, updated_at = ?4 WHERE uid = ?1",
                params![uid, href, tried, now.0],
            )?;
            Ok(())
        })
    }

    /// Writes down what an attempt left.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn settle_calendar_item(&self, uid: &str, settlement: ItemSettlement, now: UtcMs) -> Result<()> {
        let uid = uid.to_owned();
        self.write(Durability::Full, move |transaction, _| {
            match settlement {
                ItemSettlement::Pushed { etag, pushed, body } => transaction.execute(
                    "UPDATE calendar_item SET etag = ?2, pushed = ?3, base = ?4, attempts = 0, not_before = 0, code = '',
                         updated_at = ?5
                     WHERE uid = ?1",
                    params![uid, etag, pushed, body, now.0],
                ),
                // It may be wanted again since.
                ItemSettlement::Gone => {
                    let gone = transaction.execute("DELETE FROM calendar_item WHERE uid = ? AND wanted = ''", [&uid])?;
                    if gone > 0 { Ok(gone) } else { forget_place(transaction, &uid) }
                }
                ItemSettlement::Later { not_before, code } => transaction.execute(
                    "UPDATE calendar_item SET not_before = ?2, code = ?3, updated_at = ?4 WHERE uid = ?1",
                    params![uid, not_before.0, code_text(Some(code)), now.0],
                ),
                ItemSettlement::Missing => forget_place(transaction, &uid),
            }?;
            Ok(())
        })
    }

    /// What waits goes at once.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn hasten_calendar(&self) -> Result<()> {
        self.write(Durability::Full, |transaction, _| {
            transaction.execute(HASTEN, [])?;
            Ok(())
        })
    }

    /// Forgets every object: another calendar begins without any.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn forget_calendar(&self) -> Result<()> {
        self.write(Durability::Full, |transaction, _| {
            transaction.execute("DELETE FROM calendar_item", [])?;
            Ok(())
        })
    }

    /// # Errors
    /// Codes of the storage.
    pub fn calendar_item(&self, uid: &str) -> Result<Option<CalendarItem>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM calendar_item WHERE uid = ?"))?;
            Ok(statement.query_row([uid], item).optional()?)
        })
    }
}

pub(crate) fn queue_sql() -> String {
    format!(
        "SELECT {COLUMNS} FROM calendar_item WHERE (pushed <> wanted OR wanted = '') AND not_before <= ?
         ORDER BY not_before, uid LIMIT {CALENDAR_ITEMS_MAX}"
    )
}

pub(crate) const WAITING: &str =
    "SELECT count(*), min(not_before), max(code) FROM calendar_item WHERE (pushed <> wanted OR wanted = '')";
pub(crate) const HASTEN: &str =
    "UPDATE calendar_item SET not_before = 0 WHERE (pushed <> wanted OR wanted = '') AND not_before > 0";

fn forget_place(connection: &Connection, uid: &str) -> rusqlite::Result<usize> {
    connection.execute("UPDATE calendar_item SET href = '', etag = '', pushed = '', base = '', tried = '' WHERE uid = ?", [uid])
}

fn rows<const N: usize>(connection: &Connection, sql: &str, values: [i64; N]) -> Result<Vec<CalendarItem>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(values))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(item(row)?);
    }
    Ok(found)
}

fn item(row: &Row<'_>) -> rusqlite::Result<CalendarItem> {
    Ok(CalendarItem {
        uid: row.get(0)?,
        kind: row.get(1)?,
        href: row.get(2)?,
        etag: row.get(3)?,
        pushed: row.get(4)?,
        wanted: row.get(5)?,
        body: row.get(6)?,
        base: row.get(7)?,
        tried: row.get(8)?,
        attempts: row.get(9)?,
        not_before: UtcMs(row.get(10)?),
        code: optional_code(&row.get::<_, String>(11)?),
    })
}
