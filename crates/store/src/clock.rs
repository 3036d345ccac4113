//! Computed clocks: replaced ticket by ticket, never counted down. The page transaction marks tickets stale; the engine
//! computes; `put_clocks` stores the outcome and clears the mark, unless the ticket was marked again meanwhile.

use deskbell_domain::UtcMs;
use deskbell_domain::sla::event::{TicketEvent, TicketEventKind};
use deskbell_domain::sla::policy::Traits;
use deskbell_domain::ticket::{AccountId, TicketId};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use serde::Deserialize;

use crate::Store;
use crate::absorbed::absorbed;
use crate::alert::{Standing, settle_moved};
use crate::error::Result;
use crate::records::{ClockInput, ClockRow, OpenClock};
use crate::stored::{Text, count, seq_range, threshold_text};
use crate::writer::Durability;

/// Most rows a caller gets of any list in this module.
const ROWS_MAX: u32 = 10_000;

impl Store {
    /// Tickets whose clocks are older than their events, at most `limit`.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn stale_clock_tickets(&self, limit: u32) -> Result<Vec<TicketId>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT ticket_id FROM clock_stale ORDER BY ticket_id LIMIT ?")?;
            let rows = statement.query_map([limit], |row| row.get(0).map(TicketId))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// What the clocks of these tickets are computed from; unknown tickets are left out.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn clock_inputs(&self, ids: &[TicketId]) -> Result<Vec<ClockInput>> {
        let (inputs, marks) = self.read(|connection| {
            let mut inputs = Vec::with_capacity(ids.len());
            let mut marks = Vec::with_capacity(ids.len());
            for id in ids {
                inputs.extend(clock_input(connection, *id)?);
                let mut mark = connection.prepare_cached("SELECT mark FROM clock_stale WHERE ticket_id = ?")?;
                marks.extend(mark.query_row([id.0], |row| row.get(0)).optional()?.map(|mark: i64| (*id, mark)));
            }
            Ok((inputs, marks))
        })?;
        self.marks_seen().extend(marks);
        Ok(inputs)
    }

    /// The same for a question only: nothing is going to be stored from it.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn clock_questions(&self, ids: &[TicketId]) -> Result<Vec<ClockInput>> {
        self.read(|connection| {
            Ok(ids.iter().map(|id| clock_input(connection, *id)).collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
        })
    }

    /// Live tickets on which work is owed, by id from `after` on, at most `limit`.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn unfinished_tickets(&self, after: TicketId, limit: u32) -> Result<Vec<TicketId>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(UNFINISHED)?;
            let rows = statement.query_map(params![after.0, limit.min(ROWS_MAX)], |row| row.get(0).map(TicketId))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Replaces the clocks of tickets and clears their stale marks, in one transaction. Alerts that already rang stay and
    /// never ring again; alerts not shown yet whose moment is gone are withdrawn.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn put_clocks(&self, batch: &[(TicketId, Vec<ClockRow>)]) -> Result<()> {
        let now = self.now();
        let mut marks_seen = self.marks_seen();
        let batch: Vec<_> = batch.iter().map(|(ticket, clocks)| (*ticket, clocks.clone(), marks_seen.remove(ticket))).collect();
        drop(marks_seen);
        self.write(Durability::Mirror, move |transaction, touched| {
            for (ticket, clocks, mark) in &batch {
                put_ticket_clocks(transaction, *ticket, clocks, now)?;
                transaction
                    .prepare_cached("DELETE FROM clock_stale WHERE ticket_id = ?1 AND (?2 IS NULL OR mark = ?2)")?
                    .execute(params![ticket.0, mark])?;
                touched.ticket(*ticket);
            }
            Ok(())
        })
    }

    /// After an edit of a policy or calendar.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn mark_all_clocks_stale(&self) -> Result<()> {
        self.write(Durability::Mirror, |transaction, _| mark_all_stale(transaction))
    }

    /// Running clocks by deadline, soonest (longest overdue) first.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn open_clocks(&self, until: Option<UtcMs>, limit: u32) -> Result<Vec<OpenClock>> {
        let until = until.map_or(i64::MAX, |until| until.0);
        self.read(|connection| {
            let mut statement = connection.prepare_cached(OPEN_CLOCKS)?;
            let rows = statement.query_map(params![until, limit.min(ROWS_MAX)], open_clock)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}

pub(crate) const UNFINISHED: &str = "
    SELECT id FROM ticket WHERE id > ? AND fate = 'live' AND status NOT IN ('resolved', 'closed') ORDER BY id LIMIT ?";
pub(crate) const OPEN_CLOCKS: &str = "
    SELECT clock.ticket_id, ticket.remote_id, ticket.subject, coalesce(customer.name, ''), coalesce(customer.vip, 0),
           ticket.priority, metric, instance, started_at, deadline_at, provisional, uncertainty_ms,
           policy_id
    FROM clock JOIN ticket ON ticket.id = clock.ticket_id LEFT JOIN customer ON customer.id = ticket.customer_id
    WHERE stopped_at IS NULL AND paused_since IS NULL AND deadline_at IS NOT NULL AND deadline_at <= ?
    ORDER BY deadline_at LIMIT ?";

/// A row of [`OPEN_CLOCKS`].
pub(crate) fn open_clock(row: &Row<'_>) -> rusqlite::Result<OpenClock> {
    Ok(OpenClock {
        ticket_id: TicketId(row.get(0)?),
        remote_id: row.get(1)?,
        subject: row.get(2)?,
        customer: row.get(3)?,
        vip: row.get(4)?,
        priority: row.get::<_, Text<_>>(5)?.0,
        metric: row.get::<_, Text<_>>(6)?.0,
        instance: row.get(7)?,
        started_at: UtcMs(row.get(8)?),
        deadline_at: UtcMs(row.get(9)?),
        provisional: row.get(10)?,
        uncertainty_ms: row.get(11).map(count)?,
        policy_id: row.get(12)?,
    })
}

pub(crate) fn mark_all_stale(transaction: &Transaction<'_>) -> Result<()> {
    transaction.execute("INSERT OR REPLACE INTO clock_stale (ticket_id, mark) SELECT id, random() FROM ticket", [])?;
    Ok(())
}

pub(crate) fn clock_input(connection: &Connection, id: TicketId) -> Result<Option<ClockInput>> {
    let mut statement = connection.prepare_cached(
        "SELECT coalesce(customer.vip, 0), priority, fate = 'live', ticket.account_id, coalesce(customer.name, ''), product, tags
         FROM ticket LEFT JOIN customer ON customer.id = ticket.customer_id WHERE ticket.id = ?",
    )?;
    let input = statement
        .query_row([id.0], |row| {
            Ok(ClockInput {
                ticket_id: id,
                traits: Traits {
                    account: AccountId(row.get(3)?),
                    vip: row.get(0)?,
                    priority: row.get::<_, Text<_>>(1)?.0,
                    customer: row.get(4)?,
                    product: row.get(5)?,
                    tags: serde_json::from_str(&row.get::<_, String>(6)?).unwrap_or_default(),
                },
                live: row.get(2)?,
                events: Vec::new(),
            })
        })
        .optional()?;
    input.map(|input| Ok(ClockInput { events: events(connection, id)?, ..input })).transpose()
}

/// An event's payload as it was written.
#[derive(Deserialize)]
struct Kept {
    #[serde(flatten)]
    kind: TicketEventKind,
    #[serde(default)]
    uncertainty_ms: u64,
    #[serde(default)]
    actor: String,
}

/// A ticket's log, oldest first, with what it took over from tickets merged into it.
pub(crate) fn events(connection: &Connection, ticket: TicketId) -> Result<Vec<TicketEvent>> {
    let (first, last) = seq_range(ticket);
    let mut statement = connection.prepare_cached("SELECT at, payload FROM event WHERE id BETWEEN ? AND ? ORDER BY at, id")?;
    let mut rows = statement.query([first, last])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let kept: Kept = serde_json::from_str(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?;
        events.push(TicketEvent {
            at: UtcMs(row.get(0)?),
            kind: kept.kind,
            actor: kept.actor,
            uncertainty_ms: kept.uncertainty_ms,
        });
    }
    let absorbed = absorbed(connection, ticket)?;
    if !absorbed.is_empty() {
        events.extend(absorbed);
        events.sort_by_key(|event| event.at);
    }
    Ok(events)
}

fn put_ticket_clocks(transaction: &Transaction<'_>, ticket: TicketId, clocks: &[ClockRow], now: UtcMs) -> Result<()> {
    transaction.prepare_cached("DELETE FROM clock WHERE ticket_id = ?")?.execute([ticket.0])?;
    transaction.prepare_cached("DELETE FROM due WHERE ticket_id = ?")?.execute([ticket.0])?;
    let mut standing = Standing::new();
    for clock in clocks {
        transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO clock (ticket_id, metric, instance, started_at, deadline_at, stopped_at, paused_since,
                                               provisional, cancelled, uncertainty_ms, policy_id)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                ticket.0,
                clock.metric.as_str(),
                clock.instance,
                clock.started_at.0,
                clock.deadline_at.map(|at| at.0),
                clock.stopped_at.map(|at| at.0),
                clock.paused_since.map(|at| at.0),
                clock.provisional,
                clock.cancelled,
                i64::try_from(clock.uncertainty_ms).unwrap_or(i64::MAX),
                clock.policy_id
            ])?;
        for (threshold, due_at) in &clock.dues {
            let threshold = threshold_text(*threshold);
            let deadline_at = clock.deadline_at.unwrap_or(*due_at);
            transaction
                .prepare_cached(
                    "INSERT INTO due (ticket_id, metric, instance, threshold, due_at, deadline_at)
                     SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (
                        SELECT 1 FROM alert
                        WHERE ticket_id = ?1 AND metric = ?2 AND instance = ?3 AND threshold = ?4 AND due_at = ?5
                            AND state <> 'withdrawn')",
                )?
                .execute(params![ticket.0, clock.metric.as_str(), clock.instance, threshold, due_at.0, deadline_at.0])?;
            standing.insert((clock.metric.as_str().to_owned(), clock.instance, threshold, due_at.0));
        }
    }
    settle_moved(transaction, ticket, &standing, now)
}
