//! What the home screen asks: running clocks by time left, the deadlines ahead, and how long stopped clocks took.
//! Counted in memory; only what is shown by name is read from the file.

use std::collections::BTreeMap;

use deskbell_domain::UtcMs;
use deskbell_domain::ticket::{Priority, TicketId};
use rusqlite::{Connection, OptionalExtension as _};

use crate::Store;
use crate::clock::open_clock;
use crate::error::Result;
use crate::records::OpenClock;
use crate::standing::{Measured, RunningClock};

/// Running clocks whose deadline lies in one span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockSpan {
    pub total: u64,
    /// The soonest of them.
    pub cards: Vec<OpenClock>,
}

/// Deadlines that are drawn as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadlineTick {
    pub from: UtcMs,
    /// Of the last of them.
    pub to: UtcMs,
    pub by_priority: BTreeMap<Priority, u64>,
    /// The soonest of them.
    pub clocks: Vec<OpenClock>,
}

/// Counts of everything that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockTotals {
    pub next_deadline: Option<UtcMs>,
    /// Clocks that stand still in one of the statuses that their policy names.
    pub paused: u64,
    /// Live tickets on which work is owed.
    pub unfinished: u64,
}

impl Store {
    /// Running clocks between consecutive bounds (the lower one inclusive), each span with its soonest `cards_max`.
    /// `now` is what later "breached" lists measure against.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn clock_spans(&self, now: UtcMs, bounds: &[UtcMs], cards_max: usize) -> Result<Vec<ClockSpan>> {
        self.tell_time(now);
        let spans = self.with_columns(|columns| {
            let pairs = bounds.iter().zip(bounds.iter().skip(1));
            let spans = pairs.map(|(from, to)| {
                let shown: Vec<RunningClock> = columns.clocks().running_between(from.0, to.0).take(cards_max).copied().collect();
                (columns.clocks().running_between(from.0, to.0).count() as u64, shown)
            });
            spans.collect::<Vec<_>>()
        })?;
        self.read(|connection| {
            let spans =
                spans.iter().map(|(total, shown)| Ok(ClockSpan { total: *total, cards: open_clocks(connection, shown)? }));
            spans.collect()
        })
    }

    /// Deadlines from `from` (inclusive) to `to` (exclusive): each by itself while there are at most `ticks_max`, else
    /// together in `ticks_max` equal slices of the span, with the soonest `named_max` of each by name.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn deadline_ticks(&self, from: UtcMs, to: UtcMs, ticks_max: usize, named_max: usize) -> Result<Vec<DeadlineTick>> {
        let groups = self.with_columns(|columns| {
            let clocks = || columns.clocks().running_between(from.0, to.0);
            let dense = clocks().count() > ticks_max;
            let slice_ms = (to.ms_since(from) / i64::try_from(ticks_max.max(1)).unwrap_or(i64::MAX)).max(1);
            let mut groups: BTreeMap<(i64, u32), Group> = BTreeMap::new();
            for (number, clock) in (0_u32..).zip(clocks()) {
                let key = if dense { ((clock.deadline_at - from.0) / slice_ms, 0) } else { (clock.deadline_at, number) };
                groups.entry(key).or_default().add(*clock, columns.priority(clock.ticket), named_max);
            }
            groups.into_values().collect::<Vec<_>>()
        })?;
        self.read(|connection| {
            let ticks = groups.iter().map(|group| {
                Ok(DeadlineTick {
                    from: UtcMs(group.from),
                    to: UtcMs(group.to),
                    by_priority: group.by_priority.clone(),
                    clocks: open_clocks(connection, &group.named)?,
                })
            });
            ticks.collect()
        })
    }

    /// # Errors
    /// Codes of the storage.
    pub fn clock_totals(&self, now: UtcMs) -> Result<ClockTotals> {
        self.with_columns(|columns| ClockTotals {
            next_deadline: columns.clocks().running_between(now.0, i64::MAX).next().map(|clock| UtcMs(clock.deadline_at)),
            paused: columns.clocks().paused(),
            unfinished: columns.unfinished(),
        })
    }

    /// Clocks stopped at or after `since` (at most [`crate::MEASURED_MS_MAX`] back) that were met or missed, in no order.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn measured(&self, since: UtcMs) -> Result<Vec<Measured>> {
        self.with_columns(|columns| columns.clocks().measured(since))
    }
}

/// Deadlines that are drawn as one, before their names are read.
#[derive(Debug, Default)]
struct Group {
    from: i64,
    to: i64,
    by_priority: BTreeMap<Priority, u64>,
    named: Vec<RunningClock>,
}

impl Group {
    fn add(&mut self, clock: RunningClock, priority: Priority, named_max: usize) {
        if self.by_priority.is_empty() {
            self.from = clock.deadline_at;
        }
        self.to = clock.deadline_at;
        *self.by_priority.entry(priority).or_default() += 1;
        if self.named.len() < named_max {
            self.named.push(clock);
        }
    }
}

pub(crate) const OPEN_CLOCK: &str = "
    SELECT clock.ticket_id, ticket.remote_id, ticket.subject, coalesce(customer.name, ''), coalesce(customer.vip, 0),
           ticket.priority, metric, instance, started_at, deadline_at, provisional, uncertainty_ms,
           policy_id
    FROM clock JOIN ticket ON ticket.id = clock.ticket_id LEFT JOIN customer ON customer.id = ticket.customer_id
    WHERE clock.ticket_id = ? AND metric = ? AND instance = ? AND deadline_at IS NOT NULL";

/// One that stopped since the columns were read is left out.
fn open_clocks(connection: &Connection, clocks: &[RunningClock]) -> Result<Vec<OpenClock>> {
    let mut statement = connection.prepare_cached(OPEN_CLOCK)?;
    let mut found = Vec::with_capacity(clocks.len());
    for clock in clocks {
        let key = rusqlite::params![TicketId(i64::from(clock.ticket)).0, clock.metric.as_str(), clock.instance];
        found.extend(statement.query_row(key, open_clock).optional()?);
    }
    Ok(found)
}
