//! The bell: thresholds that were reached, written down before they are shown, so that none rings twice.
//!
//! A due row becomes an alert row once for ever per (ticket, metric, instance, threshold, due_at). Of several on one clock
//! only the latest is shown; the others are recorded as superseded. What rings owes a notification (`notice`) until the
//! notification service has taken it.

use deskbell_domain::UtcMs;
use deskbell_domain::filter::TicketFacts;
use deskbell_domain::sla::policy::{Metric, Threshold};
use deskbell_domain::ticket::{AccountId, Priority, Status, TicketId};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params, params_from_iter};

use crate::Store;
use crate::connection::one;
use crate::error::Result;
use crate::records::AlertRecord;
use crate::stored::{Text, threshold_text};
use crate::writer::Durability;

pub(crate) mod answer;
pub(crate) mod notice;
mod standing;

#[cfg(test)]
pub(crate) use standing::OF_TICKET;
pub(crate) use standing::{Standing, settle_moved};

/// Longest list of alerts.
const ALERT_ROWS_MAX: u32 = 10_000;

/// A threshold that is due, and the ticket as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueAlert {
    pub ticket: TicketFacts,
    pub metric: Metric,
    pub threshold: Threshold,
    pub due_at: UtcMs,
    pub deadline_at: UtcMs,
}

/// What becomes of a due threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Ring {
        sound: bool,
        /// Kept back until then.
        held_until: Option<UtcMs>,
    },
    /// In the list only.
    List,
    /// Written down, so that it never rings, and not listed.
    Mute,
}

/// The answer of whoever knows the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    pub fate: Fate,
    pub escalate_at: Option<UtcMs>,
}

impl Verdict {
    /// As if nothing were set.
    pub const RING: Self = Self { fate: Fate::Ring { sound: true, held_until: None }, escalate_at: None };
}

/// What one round took from the due rows.
#[derive(Debug, Default)]
pub struct Raised {
    /// At most one a clock: to ring, held back or listed, as their fields say.
    pub alerts: Vec<AlertRecord>,
    /// There is more than the limit let through.
    pub more: bool,
}

impl Store {
    /// When the bell has to be looked at next: the earliest threshold not rung, snooze that ends, alert that is held back or
    /// escalation.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn next_alert_due(&self) -> Result<Option<UtcMs>> {
        self.read(|connection| {
            let mut next = None;
            for sql in [NEXT_DUE, NEXT_SNOOZED, NEXT_HELD, NEXT_ESCALATION] {
                let at: Option<i64> = one(connection, sql)?;
                next = next.into_iter().chain(at).min();
            }
            Ok(next.map(UtcMs))
        })
    }

    /// Moves what is due into the alerts, on disk before it returns, each as `judge` says. At most `limit` clocks.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn raise_due_alerts(
        &self,
        now: UtcMs,
        limit: u32,
        judge: impl Fn(&DueAlert) -> Verdict + Send + 'static,
    ) -> Result<Raised> {
        self.tell_time(now);
        let next = self.read(|connection| {
            let (due, snoozed): (Option<i64>, Option<i64>) = (one(connection, NEXT_DUE)?, one(connection, NEXT_SNOOZED)?);
            Ok(due.into_iter().chain(snoozed).min())
        })?;
        if next.is_none_or(|due| due > now.0) {
            return Ok(Raised::default());
        }
        self.write(Durability::Full, move |transaction, _| {
            let mut raised = Vec::new();
            let clocks = due_clocks(transaction, now, limit)?;
            for clock in &clocks {
                raised.extend(raise(transaction, clock, now, &judge)?);
            }
            let more = clocks.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
            Ok(Raised { alerts: records_by_id(transaction, &raised)?, more })
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

    /// Alerts that stand and that nobody acknowledged, newest first; of one clock the latest only.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn open_alerts(&self, limit: u32) -> Result<Vec<AlertRecord>> {
        self.read(|connection| records(connection, &open_sql(), [Value::from(limit.min(ALERT_ROWS_MAX))]))
    }

    /// Alerts by id, in the order asked; unknown ones are left out.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn alerts_by_id(&self, ids: &[i64]) -> Result<Vec<AlertRecord>> {
        self.read(|connection| records_by_id(connection, ids))
    }

    /// The ticket as a filter sees it, by what its server said last, as its clocks do. `None` when there is no such ticket.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn ticket_facts(&self, ticket: TicketId) -> Result<Option<TicketFacts>> {
        let now = self.now();
        self.read(|connection| facts(connection, ticket, now))
    }
}

/// An alert as it was written down, shown or not.
#[cfg(feature = "failpoints")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenAlert {
    pub id: i64,
    pub ticket_id: TicketId,
    pub metric: Metric,
    pub instance: u32,
    pub threshold: String,
    pub due_at: UtcMs,
    /// `to_show`, `superseded`, `withdrawn` or `muted`.
    pub state: String,
    pub shown_at: Option<UtcMs>,
}

#[cfg(feature = "failpoints")]
impl Store {
    /// Every alert row there is: for tests that count.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn written_alerts(&self) -> Result<Vec<WrittenAlert>> {
        self.read(|connection| {
            let mut statement = connection
                .prepare("SELECT id, ticket_id, metric, instance, threshold, due_at, state, shown_at FROM alert ORDER BY id")?;
            let rows = statement.query_map([], |row| {
                Ok(WrittenAlert {
                    id: row.get(0)?,
                    ticket_id: TicketId(row.get(1)?),
                    metric: row.get::<_, Text<_>>(2)?.0,
                    instance: row.get(3)?,
                    threshold: row.get(4)?,
                    due_at: UtcMs(row.get(5)?),
                    state: row.get(6)?,
                    shown_at: row.get::<_, Option<i64>>(7)?.map(UtcMs),
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}

pub(crate) const NEXT_DUE: &str = "SELECT min(due_at) FROM due";
pub(crate) const NEXT_SNOOZED: &str = "SELECT min(snoozed_until) FROM alert WHERE snoozed_until IS NOT NULL";
pub(crate) const NEXT_HELD: &str = "SELECT min(held_until) FROM alert WHERE held_until IS NOT NULL";
pub(crate) const NEXT_ESCALATION: &str = "SELECT min(escalate_at) FROM alert WHERE escalate_at IS NOT NULL";
pub(crate) const DUE_CLOCKS: &str = "
    SELECT ticket_id, metric, instance FROM (
        SELECT ticket_id, metric, instance, due_at FROM due WHERE due_at <= ?1
        UNION ALL
        SELECT ticket_id, metric, instance, snoozed_until FROM alert WHERE snoozed_until IS NOT NULL AND snoozed_until <= ?1)
    GROUP BY ticket_id, metric, instance ORDER BY min(due_at), ticket_id LIMIT ?2";

pub(crate) const COLUMNS: &str = "alert.id, alert.ticket_id, coalesce(ticket.remote_id, ''), coalesce(ticket.subject, ''), \
    coalesce(customer.name, ''), coalesce(ticket.priority, 'routine'), metric, instance, threshold, due_at, deadline_at, raised_at, \
    shown_at, acknowledged_at, snoozed_until, held_until, silent, sound, escalate_at, ended_at";
const FROM: &str = "alert LEFT JOIN ticket ON ticket.id = alert.ticket_id \
    LEFT JOIN customer ON customer.id = ticket.customer_id";
/// No later alert of the same clock stands.
const LATEST_OF_CLOCK: &str = "NOT EXISTS (
    SELECT 1 FROM alert AS later WHERE later.ticket_id = alert.ticket_id AND later.metric = alert.metric
        AND later.instance = alert.instance AND later.id > alert.id AND later.state = 'to_show' AND later.ended_at IS NULL)";

pub(crate) fn open_sql() -> String {
    format!(
        "SELECT {COLUMNS} FROM {FROM}
         WHERE alert.state = 'to_show' AND alert.acknowledged_at IS NULL AND alert.ended_at IS NULL AND {LATEST_OF_CLOCK}
         ORDER BY alert.id DESC LIMIT ?"
    )
}

pub(crate) const TICKET_FACTS: &str = "
    SELECT ticket.account_id, ticket.status, ticket.priority, ticket.product, coalesce(customer.name, ''), coalesce(customer.vip, 0),
           EXISTS (SELECT 1 FROM clock WHERE ticket_id = ticket.id AND stopped_at IS NULL AND paused_since IS NULL
                       AND deadline_at IS NOT NULL AND deadline_at <= ?2)
    FROM ticket LEFT JOIN customer ON customer.id = ticket.customer_id WHERE ticket.id = ?1";

fn facts(connection: &Connection, ticket: TicketId, now: UtcMs) -> Result<Option<TicketFacts>> {
    let mut statement = connection.prepare_cached(TICKET_FACTS)?;
    let facts = statement.query_row([ticket.0, now.0], |row| {
        Ok(TicketFacts {
            account: AccountId(row.get(0)?),
            status: row.get::<_, Text<_>>(1)?.0,
            priority: row.get::<_, Text<_>>(2)?.0,
            product: row.get(3)?,
            customer: row.get(4)?,
            vip: row.get(5)?,
            breached: row.get(6)?,
        })
    });
    Ok(facts.optional()?)
}

/// A clock of which something is due.
struct DueClock {
    ticket: TicketId,
    metric: Metric,
    instance: u32,
}

fn due_clocks(connection: &Connection, now: UtcMs, limit: u32) -> Result<Vec<DueClock>> {
    let mut statement = connection.prepare_cached(DUE_CLOCKS)?;
    let rows = statement.query_map([now.0, i64::from(limit)], |row| {
        Ok(DueClock { ticket: TicketId(row.get(0)?), metric: row.get::<_, Text<_>>(1)?.0, instance: row.get(2)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

type Judge<'a> = &'a dyn Fn(&DueAlert) -> Verdict;

/// Writes down everything that is due on a clock and gives the one to show, if any.
fn raise(transaction: &Transaction<'_>, clock: &DueClock, now: UtcMs, judge: Judge<'_>) -> Result<Option<i64>> {
    // A ticket that is gone has no due rows but may have a snooze; it is judged as an ordinary one.
    let facts = facts(transaction, clock.ticket, now)?.unwrap_or_else(|| TicketFacts {
        account: AccountId(0),
        status: Status::Open,
        priority: Priority::Routine,
        product: String::new(),
        customer: String::new(),
        vip: false,
        breached: false,
    });
    let judge = |threshold, due_at, deadline_at| {
        judge(&DueAlert { ticket: facts.clone(), metric: clock.metric, threshold, due_at, deadline_at })
    };
    let key = params![clock.ticket.0, clock.metric.as_str(), clock.instance, now.0];
    for (threshold, due_at, deadline_at) in due_of_clock(transaction, clock, now)? {
        let is_muted = judge(threshold, due_at, deadline_at).fate == Fate::Mute;
        write_down(transaction, clock, (threshold, due_at, deadline_at), is_muted, now)?;
    }
    transaction
        .prepare_cached("DELETE FROM due WHERE ticket_id = ?1 AND metric = ?2 AND instance = ?3 AND due_at <= ?4")?
        .execute(key)?;
    let chosen = transaction
        .prepare_cached(
            "SELECT id, threshold, due_at, deadline_at FROM alert
             WHERE ticket_id = ?1 AND metric = ?2 AND instance = ?3 AND state = 'to_show'
                 AND (snoozed_until <= ?4 OR (snoozed_until IS NULL AND shown_at IS NULL))
             ORDER BY due_at DESC, threshold = 'breach' DESC, id DESC LIMIT 1",
        )?
        .query_row(key, |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Text<Threshold>>(1)?.0, UtcMs(row.get(2)?), UtcMs(row.get(3)?)))
        })
        .optional()?;
    let Some((id, threshold, due_at, deadline_at)) = chosen else { return Ok(None) };
    // A later threshold also ends the snooze of an earlier one, and the notification that it owes.
    transaction
        .prepare_cached(
            "UPDATE alert SET snoozed_until = NULL, held_until = NULL, notice = 0,
                    escalate_at = CASE WHEN shown_at IS NULL THEN NULL ELSE escalate_at END,
                    state = CASE WHEN shown_at IS NULL THEN 'superseded' ELSE state END
             WHERE ticket_id = ?1 AND metric = ?2 AND instance = ?3 AND id <> ?4 AND state = 'to_show'
                 AND (snoozed_until IS NOT NULL OR shown_at IS NULL OR notice > 0)",
        )?
        .execute(params![clock.ticket.0, clock.metric.as_str(), clock.instance, id])?;
    apply_verdict(transaction, id, judge(threshold, due_at, deadline_at), now)?;
    Ok(Some(id))
}

/// Thresholds of one clock, ordered by their moments; at one moment the breach weighs most.
fn due_of_clock(connection: &Connection, clock: &DueClock, now: UtcMs) -> Result<Vec<(Threshold, UtcMs, UtcMs)>> {
    let mut statement = connection.prepare_cached(
        "SELECT threshold, due_at, deadline_at FROM due
         WHERE ticket_id = ?1 AND metric = ?2 AND instance = ?3 AND due_at <= ?4 ORDER BY due_at, threshold = 'breach'",
    )?;
    let rows = statement.query_map(params![clock.ticket.0, clock.metric.as_str(), clock.instance, now.0], |row| {
        Ok((row.get::<_, Text<Threshold>>(0)?.0, UtcMs(row.get(1)?), UtcMs(row.get(2)?)))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Once for ever; only an alert that was withdrawn before anybody saw it may come again for the same moment.
fn write_down(
    transaction: &Transaction<'_>,
    clock: &DueClock,
    (threshold, due_at, deadline_at): (Threshold, UtcMs, UtcMs),
    is_muted: bool,
    now: UtcMs,
) -> Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO alert (ticket_id, metric, instance, threshold, due_at, deadline_at, raised_at, state)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (ticket_id, metric, instance, threshold, due_at) DO UPDATE
                 SET state = excluded.state, deadline_at = excluded.deadline_at, raised_at = excluded.raised_at, ended_at = NULL
                 WHERE state = 'withdrawn'",
        )?
        .execute(params![
            clock.ticket.0,
            clock.metric.as_str(),
            clock.instance,
            threshold_text(threshold),
            due_at.0,
            deadline_at.0,
            now.0,
            if is_muted { "muted" } else { "to_show" }
        ])?;
    Ok(())
}

/// A snoozed alert whose rule says "off" by now is listed all the same: the person asked for it.
fn apply_verdict(transaction: &Transaction<'_>, id: i64, verdict: Verdict, now: UtcMs) -> Result<()> {
    let (rings, sound, held_until) = match verdict.fate {
        Fate::Ring { sound, held_until } => (true, sound, held_until),
        Fate::List | Fate::Mute => (false, false, None),
    };
    let owes = rings && held_until.is_none();
    transaction
        .prepare_cached(
            "UPDATE alert SET shown_at = CASE WHEN ?2 THEN NULL ELSE ?6 END, snoozed_until = NULL, silent = NOT ?2, sound = ?3,
                    held_until = ?4, notice = ?5, escalate_at = coalesce(escalate_at, ?7)
             WHERE id = ?1",
        )?
        .execute(params![id, rings, sound, held_until.map(|at| at.0), owes, now.0, verdict.escalate_at.map(|at| at.0)])?;
    Ok(())
}

pub(crate) fn records_by_id(connection: &Connection, ids: &[i64]) -> Result<Vec<AlertRecord>> {
    let sql = format!("SELECT {COLUMNS} FROM {FROM} WHERE alert.id = ?");
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(records(connection, &sql, [Value::from(*id)])?);
    }
    Ok(found)
}

pub(crate) fn records(
    connection: &Connection,
    sql: &str,
    parameters: impl IntoIterator<Item = Value>,
) -> Result<Vec<AlertRecord>> {
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
        instance: row.get(7)?,
        threshold: row.get::<_, Text<_>>(8)?.0,
        due_at: UtcMs(row.get(9)?),
        deadline_at: UtcMs(row.get(10)?),
        raised_at: UtcMs(row.get(11)?),
        shown_at: instant(12)?,
        acknowledged_at: instant(13)?,
        snoozed_until: instant(14)?,
        held_until: instant(15)?,
        silent: row.get(16)?,
        sound: row.get(17)?,
        escalate_at: instant(18)?,
        ended_at: instant(19)?,
    })
}
