//! Reminders of appointments, written down before they are shown, so that none rings twice. What is due is decided by the
//! domain's plan; here it is carried out in one transaction.

mod answer;
mod appointed;
mod notice;
mod raise;

use deskbell_domain::UtcMs;
use deskbell_domain::reminder::{About, ReminderKind};
use deskbell_domain::ticket::TicketId;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use serde::Serialize;
use ts_rs::TS;

use crate::Store;
use crate::connection::one;
use crate::error::Result;
use crate::stored::Text;

pub use appointed::AppointedVisit;
pub use raise::RaisedReminders;
#[cfg(test)]
pub(crate) use {
    answer::{RELEASE_HELD, SHIFT_SNOOZED, waited_sql},
    appointed::APPOINTED,
    notice::{SETTLE_DOUBTFUL, doubtful_sql, owed_sql},
    raise::{open_sql, settled_sql},
};

/// Longest list of reminders.
const REMINDER_ROWS_MAX: u32 = 1_000;

/// A reminder as it was written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "Reminder")]
pub struct ReminderRecord {
    #[ts(type = "number")]
    pub id: i64,
    pub kind: ReminderKind,
    /// Key of the visit, uid of the session.
    pub subject: String,
    pub start_at: UtcMs,
    pub end_at: UtcMs,
    /// Minutes before the start; 0: the appointment was just given.
    pub lead_min: u32,
    pub ticket_id: Option<TicketId>,
    pub about: About,
    pub raised_at: UtcMs,
    pub shown_at: Option<UtcMs>,
    pub acknowledged_at: Option<UtcMs>,
    pub snoozed_until: Option<UtcMs>,
    /// Kept back until then: quiet hours, do-not-disturb.
    pub held_until: Option<UtcMs>,
    /// What it reminds of moved, was called off or is over.
    pub ended_at: Option<UtcMs>,
}

const COLUMNS: &str = "id, kind, subject, start_at, end_at, lead_min, ticket_id, payload, raised_at, shown_at, acknowledged_at, \
    snoozed_until, held_until, ended_at";
const OPEN: &str = "acknowledged_at IS NULL AND ended_at IS NULL";

impl Store {
    /// When the next one that is snoozed or kept back comes back.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn next_reminder_wait(&self) -> Result<Option<UtcMs>> {
        self.read(|connection| Ok(one::<Option<i64>>(connection, NEXT_WAIT)?.map(UtcMs)))
    }

    /// The latest start among open reminders: appointments are looked at at least so far.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn last_open_reminder(&self) -> Result<Option<UtcMs>> {
        self.read(|connection| Ok(one::<Option<i64>>(connection, LAST_OPEN)?.map(UtcMs)))
    }

    /// Reminders, those that begin soonest first; with `open_only` those that stand and nobody acknowledged, else the newest.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn reminders(&self, open_only: bool) -> Result<Vec<ReminderRecord>> {
        self.read(|connection| records(connection, &list_sql(open_only), []))
    }

    /// One reminder, whatever became of it.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn reminder(&self, id: i64) -> Result<Option<ReminderRecord>> {
        Ok(self.read(|connection| records(connection, &by_id_sql(), [Value::from(id)]))?.pop())
    }
}

fn by_id_sql() -> String {
    format!("SELECT {COLUMNS} FROM reminder WHERE id = ?")
}

pub(crate) fn list_sql(open_only: bool) -> String {
    if open_only {
        return format!("SELECT {COLUMNS} FROM reminder WHERE {OPEN} ORDER BY start_at, id LIMIT {REMINDER_ROWS_MAX}");
    }
    // What was passed over was never there for anybody.
    format!(
        "SELECT {COLUMNS} FROM reminder WHERE NOT (shown_at IS NULL AND ended_at IS NOT NULL)
         ORDER BY id DESC LIMIT {REMINDER_ROWS_MAX}"
    )
}

pub(crate) const NEXT_WAIT: &str = "
    SELECT min(min(coalesce(snoozed_until, held_until), coalesce(held_until, snoozed_until))) FROM reminder
    WHERE acknowledged_at IS NULL AND ended_at IS NULL AND (snoozed_until IS NOT NULL OR held_until IS NOT NULL)";
pub(crate) const LAST_OPEN: &str = "SELECT max(start_at) FROM reminder WHERE acknowledged_at IS NULL AND ended_at IS NULL";

fn records(connection: &Connection, sql: &str, parameters: impl IntoIterator<Item = Value>) -> Result<Vec<ReminderRecord>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params_from_iter(parameters))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let instant = |column: usize| row.get::<_, Option<i64>>(column).map(|at| at.map(UtcMs));
        found.push(ReminderRecord {
            id: row.get(0)?,
            kind: row.get::<_, Text<_>>(1)?.0,
            subject: row.get(2)?,
            start_at: UtcMs(row.get(3)?),
            end_at: UtcMs(row.get(4)?),
            lead_min: row.get(5)?,
            ticket_id: row.get::<_, Option<i64>>(6)?.map(TicketId),
            about: serde_json::from_str(row.get_ref(7)?.as_str().map_err(rusqlite::Error::from)?)?,
            raised_at: UtcMs(row.get(8)?),
            shown_at: instant(9)?,
            acknowledged_at: instant(10)?,
            snoozed_until: instant(11)?,
            held_until: instant(12)?,
            ended_at: instant(13)?,
        });
    }
    Ok(found)
}
