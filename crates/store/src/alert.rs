//! The bell: thresholds that were reached, written down before they are shown, so that none rings twice.
//!
//! A due row becomes an alert row once for ever per (ticket, metric, instance, threshold, due_at). Of several on one clock
//! only the latest is shown; the others are recorded as superseded.

use deskbell_domain::ticket::TicketId;
use deskbell_domain::{Code, UtcMs};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params, params_from_iter};

use crate::Store;
use crate::connection::one;
use crate::error::{Result, StoreError};
use crate::records::AlertRecord;
use crate::stored::Text;
use crate::writer::Durability;

/// Longest list of alerts.
const ALERT_ROWS_MAX: u32 = 1_000;

impl Store {
    /// When the bell has to be looked at next: the earliest threshold not rung, or the earliest snooze that ends.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn next_alert_due(&self) -> Result<Option<UtcMs>> {
        self.read(|connection| {
            let due: Option<i64> = one(connection, NEXT_DUE)?;
            let snoozed: Option<i64> = one(connection, NEXT_SNOOZED)?;
            Ok(due.into_iter().chain(snoozed).min().map(UtcMs))
        })
    }

    /// Moves what is due into the alerts, on disk before it returns, and gives what is to be shown. At most `limit` clocks.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn raise_due_alerts(&self, now: UtcMs, limit: u32) -> Result<Vec<AlertRecord>> {
        self.tell_time(now);
        if self.next_alert_due()?.is_none_or(|due| due > now) {
            return Ok(Vec::new());
        }
        self.write(Durability::Full, move |transaction, touched| {
            let mut raised = Vec::new();
            for clock in due_clocks(transaction, now, limit)? {
                raised.extend(raise(transaction, &clock, now)?);
                touched.ticket(clock.ticket);
            }
            records_by_id(transaction, &raised)
        })
    }

    /// Alerts that were to be shown, newest first.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn alerts(&self, limit: u32) -> Result<Vec<AlertRecord>> {
        self.read(|connection| {
            let sql = format!("SELECT {COLUMNS} FROM {FROM} WHERE state = 'to_show' ORDER BY alert.id DESC LIMIT ?");
            records(connection, &sql, [Value::from(limit.min(ALERT_ROWS_MAX))])
        })
    }

    /// Records that alerts reached the screen.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn mark_shown(&self, ids: &[i64], now: UtcMs) -> Result<()> {
        let ids = ids.to_vec();
        self.write(Durability::Full, move |transaction, _| {
            let mut statement = transaction.prepare_cached("UPDATE alert SET shown_at = ? WHERE id = ? AND shown_at IS NULL")?;
            for id in ids {
                statement.execute([now.0, id])?;
            }
            Ok(())
        })
    }

    /// Alerts raised and not shown: we died in between. Oldest first.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn unshown_alerts(&self) -> Result<Vec<AlertRecord>> {
        self.read(|connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM {FROM}
                 WHERE shown_at IS NULL AND state = 'to_show' AND acknowledged_at IS NULL AND snoozed_until IS NULL
                 ORDER BY alert.id LIMIT {ALERT_ROWS_MAX}"
            );
            records(connection, &sql, [])
        })
    }

    /// A person has seen it; it rings no more.
    ///
    /// # Errors
    /// `InputInvalid` when there is no such alert.
    pub fn acknowledge_alert(&self, id: i64, now: UtcMs) -> Result<()> {
        self.write(Durability::Full, move |transaction, _| {
            let changed = transaction.execute(
                "UPDATE alert SET acknowledged_at = coalesce(acknowledged_at, ?2), shown_at = coalesce(shown_at, ?2),
                        snoozed_until = NULL WHERE id = ?1",
                [id, now.0],
            )?;
            known_alert(changed, id)
        })
    }

    /// Rings again at `until`, or at the deadline if that is ahead and sooner.
    ///
    /// # Errors
    /// `InputInvalid` when there is no such alert.
    pub fn snooze_alert(&self, id: i64, until: UtcMs) -> Result<()> {
        let now = self.now();
        self.write(Durability::Full, move |transaction, _| {
            let changed = transaction.execute(
                "UPDATE alert SET acknowledged_at = NULL, shown_at = coalesce(shown_at, ?3),
                        snoozed_until = CASE WHEN deadline_at > ?3 THEN min(?2, deadline_at) ELSE ?2 END
                 WHERE id = ?1",
                [id, until.0, now.0],
            )?;
            known_alert(changed, id)
        })
    }
}

pub(crate) const NEXT_DUE: &str = "SELECT min(due_at) FROM due";
pub(crate) const NEXT_SNOOZED: &str = "SELECT min(snoozed_until) FROM alert WHERE snoozed_until IS NOT NULL";

const COLUMNS: &str = "alert.id, alert.ticket_id, coalesce(ticket.remote_id, ''), coalesce(ticket.subject, ''), \
    coalesce(customer.name, ''), coalesce(ticket.priority, 'routine'), metric, threshold, due_at, deadline_at, raised_at, shown_at, \
    acknowledged_at, snoozed_until";
const FROM: &str = "alert LEFT JOIN ticket ON ticket.id = alert.ticket_id \
    LEFT JOIN customer ON customer.id = ticket.customer_id";

/// A clock of which something is due.
struct DueClock {
    ticket: TicketId,
    metric: String,
    instance: u32,
}

fn due_clocks(connection: &Connection, now: UtcMs, limit: u32) -> Result<Vec<DueClock>> {
    let mut statement = connection.prepare_cached(
        "SELECT ticket_id, metric, instance FROM (
            SELECT ticket_id, metric, instance, due_at FROM due WHERE due_at <= ?1
            UNION ALL
            SELECT ticket_id, metric, instance, snoozed_until FROM alert WHERE snoozed_until IS NOT NULL AND snoozed_until <= ?1)
         GROUP BY ticket_id, metric, instance ORDER BY min(due_at), ticket_id LIMIT ?2",
    )?;
    let rows = statement.query_map([now.0, i64::from(limit)], |row| {
        Ok(DueClock { ticket: TicketId(row.get(0)?), metric: row.get(1)?, instance: row.get(2)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Writes down everything that is due on a clock and gives the one to show.
fn raise(transaction: &Transaction<'_>, clock: &DueClock, now: UtcMs) -> Result<Option<i64>> {
    let key = params![clock.ticket.0, clock.metric, clock.instance, now.0];
    // Thresholds of one clock are ordered by their moments; at one moment the breach weighs most.
    transaction
        .prepare_cached(
            "INSERT OR IGNORE INTO alert (ticket_id, metric, instance, threshold, due_at, deadline_at, raised_at)
             SELECT ticket_id, metric, instance, threshold, due_at, deadline_at, ?4 FROM due
             WHERE ticket_id = ?1 AND metric = ?2 AND instance = ?3 AND due_at <= ?4
             ORDER BY due_at, threshold = 'breach'",
        )?
        .execute(key)?;
    transaction
        .prepare_cached("DELETE FROM due WHERE ticket_id = ?1 AND metric = ?2 AND instance = ?3 AND due_at <= ?4")?
        .execute(key)?;
    let waiting = "ticket_id = ?1 AND metric = ?2 AND instance = ?3 AND state = 'to_show'
        AND (snoozed_until <= ?4 OR (snoozed_until IS NULL AND shown_at IS NULL))";
    let shown: Option<i64> = transaction
        .prepare_cached(&format!(
            "SELECT id FROM alert WHERE {waiting} ORDER BY due_at DESC, threshold = 'breach' DESC, id DESC LIMIT 1"
        ))?
        .query_row(key, |row| row.get(0))
        .optional()?;
    let Some(shown) = shown else { return Ok(None) };
    let rest = params![clock.ticket.0, clock.metric, clock.instance, shown];
    // A later threshold also ends the snooze of an earlier one.
    transaction
        .prepare_cached(
            "UPDATE alert SET snoozed_until = NULL, state = CASE WHEN shown_at IS NULL THEN 'superseded' ELSE state END
             WHERE ticket_id = ?1 AND metric = ?2 AND instance = ?3 AND id <> ?4 AND state = 'to_show'
                 AND (snoozed_until IS NOT NULL OR shown_at IS NULL)",
        )?
        .execute(rest)?;
    transaction.prepare_cached("UPDATE alert SET shown_at = NULL, snoozed_until = NULL WHERE id = ?")?.execute([shown])?;
    Ok(Some(shown))
}

fn records_by_id(connection: &Connection, ids: &[i64]) -> Result<Vec<AlertRecord>> {
    let sql = format!("SELECT {COLUMNS} FROM {FROM} WHERE alert.id = ?");
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(records(connection, &sql, [Value::from(*id)])?);
    }
    Ok(found)
}

fn records(connection: &Connection, sql: &str, parameters: impl IntoIterator<Item = Value>) -> Result<Vec<AlertRecord>> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params_from_iter(parameters), record)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn record(row: &Row<'_>) -> rusqlite::Result<AlertRecord> {
    let instant = |column: usize| row.get::<_, Option<i64>>(column).map(|at| at.map(UtcMs));
    Ok(AlertRecord {
        id: row.get(0)?,
        ticket_id: TicketId(row.get(1)?),
        remote_id: row.get(2)?,
        subject: row.get(3)?,
        customer: row.get(4)?,
        priority: row.get::<_, Text<_>>(5)?.0,
        metric: row.get::<_, Text<_>>(6)?.0,
        threshold: row.get::<_, Text<_>>(7)?.0,
        due_at: UtcMs(row.get(8)?),
        deadline_at: UtcMs(row.get(9)?),
        raised_at: UtcMs(row.get(10)?),
        shown_at: instant(11)?,
        acknowledged_at: instant(12)?,
        snoozed_until: instant(13)?,
    })
}

fn known_alert(rows_changed: usize, id: i64) -> Result<()> {
    if rows_changed == 0 {
        return Err(StoreError::new(Code::InputInvalid, format!("there is no alert {id}")));
    }
    Ok(())
}
