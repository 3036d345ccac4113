//! The clocks that Watch looks at, in memory: running ones by deadline, paused ones, and those stopped lately.
//!
//! Part of the columns: loaded with them, kept in step ticket by ticket. About 60 bytes a clock.

use std::collections::{BTreeSet, HashMap};

use deskbell_domain::UtcMs;
use deskbell_domain::sla::policy::Metric;
use deskbell_domain::ticket::TicketId;
use deskbell_domain::time::DAY_MS;
use rusqlite::{Connection, Row};

use crate::error::Result;
use crate::stored::Text;

/// Stopped clocks are remembered for this long; no figure looks further back.
pub const MEASURED_MS_MAX: i64 = 30 * DAY_MS;

/// A clock in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ClockCell {
    metric: Metric,
    instance: u32,
    started_at: i64,
    deadline_at: Option<i64>,
    stopped_at: Option<i64>,
    paused: bool,
    cancelled: bool,
}

impl ClockCell {
    fn read(row: &Row<'_>, from: usize) -> rusqlite::Result<Self> {
        Ok(Self {
            metric: row.get::<_, Text<_>>(from)?.0,
            instance: row.get(from + 1)?,
            started_at: row.get(from + 2)?,
            deadline_at: row.get(from + 3)?,
            stopped_at: row.get(from + 4)?,
            paused: row.get(from + 5)?,
            cancelled: row.get(from + 6)?,
        })
    }

    const fn is_paused(&self) -> bool {
        self.stopped_at.is_none() && self.paused
    }

    /// Of a running clock that has one.
    const fn due(&self) -> Option<i64> {
        if self.stopped_at.is_none() && !self.paused { self.deadline_at } else { None }
    }
}

/// A running clock, ordered by its deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RunningClock {
    pub(crate) deadline_at: i64,
    pub(crate) ticket: u32,
    pub(crate) metric: Metric,
    pub(crate) instance: u32,
}

/// How long one stopped clock took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    pub metric: Metric,
    /// Wall milliseconds from start to stop.
    pub took_ms: i64,
    /// Stopped at or before its deadline, or had none.
    pub met: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Standing {
    by_ticket: HashMap<u32, Vec<ClockCell>>,
    running: BTreeSet<RunningClock>,
    paused: u64,
}

pub(crate) const LOAD_RUNNING: &str = "
    SELECT ticket_id, metric, instance, started_at, deadline_at, stopped_at, paused_since IS NOT NULL, cancelled FROM clock
    WHERE stopped_at IS NULL AND paused_since IS NULL AND deadline_at IS NOT NULL";
pub(crate) const LOAD_PAUSED: &str = "
    SELECT ticket_id, metric, instance, started_at, deadline_at, stopped_at, paused_since IS NOT NULL, cancelled FROM clock
    WHERE stopped_at IS NULL AND paused_since IS NOT NULL";
/// Answered by the index alone: a stopped clock is not paused.
pub(crate) const LOAD_MEASURED: &str = "
    SELECT ticket_id, metric, instance, started_at, deadline_at, stopped_at, 0, cancelled FROM clock
    WHERE stopped_at IS NOT NULL AND stopped_at >= ?";
pub(crate) const OF_TICKET: &str = "
    SELECT metric, instance, started_at, deadline_at, stopped_at, paused_since IS NOT NULL, cancelled
    FROM clock WHERE ticket_id = ?";

/// The clocks of one ticket read anew.
#[derive(Debug, Default)]
pub(crate) struct FreshClocks(Vec<ClockCell>);

impl FreshClocks {
    pub(crate) fn read(connection: &Connection, ticket: TicketId) -> Result<Self> {
        let mut statement = connection.prepare_cached(OF_TICKET)?;
        let rows = statement.query_map([ticket.0], |row| ClockCell::read(row, 0))?;
        Ok(Self(rows.collect::<rusqlite::Result<_>>()?))
    }

    /// Of the running clock with the least time left.
    pub(crate) fn soonest(&self) -> Option<i64> {
        self.0.iter().filter_map(ClockCell::due).min()
    }
}

impl Standing {
    pub(crate) fn load(connection: &Connection, now: UtcMs) -> Result<Self> {
        let mut standing = Self::default();
        for (sql, since) in [(LOAD_RUNNING, None), (LOAD_PAUSED, None), (LOAD_MEASURED, Some(now.0 - MEASURED_MS_MAX))] {
            let mut statement = connection.prepare(sql)?;
            let mut rows = statement.query(rusqlite::params_from_iter(since))?;
            while let Some(row) = rows.next()? {
                standing.add(row.get(0)?, ClockCell::read(row, 1)?);
            }
        }
        Ok(standing)
    }

    /// Replaces what is known of a ticket.
    pub(crate) fn put(&mut self, ticket: u32, fresh: FreshClocks, now: UtcMs) {
        for old in self.by_ticket.remove(&ticket).unwrap_or_default() {
            self.paused -= u64::from(old.is_paused());
            if let Some(running) = running(ticket, &old) {
                self.running.remove(&running);
            }
        }
        let since = now.0 - MEASURED_MS_MAX;
        for clock in fresh.0.into_iter().filter(|clock| clock.stopped_at.is_none_or(|at| at >= since)) {
            self.add(ticket, clock);
        }
    }

    pub(crate) fn drop_ticket(&mut self, ticket: u32) {
        self.put(ticket, FreshClocks::default(), UtcMs(0));
    }

    fn add(&mut self, ticket: u32, clock: ClockCell) {
        self.paused += u64::from(clock.is_paused());
        self.running.extend(running(ticket, &clock));
        self.by_ticket.entry(ticket).or_default().push(clock);
    }

    /// Running clocks, soonest (longest overdue) first.
    pub(crate) const fn running(&self) -> &BTreeSet<RunningClock> {
        &self.running
    }

    /// Running clocks with a deadline from `from` (inclusive) to `to` (exclusive), soonest first.
    pub(crate) fn running_between(&self, from: i64, to: i64) -> impl Iterator<Item = &RunningClock> {
        let bound = |deadline_at| RunningClock { deadline_at, ticket: 0, metric: Metric::FirstResponse, instance: 0 };
        // An empty span is a span; a range that ends before it starts would be a panic.
        self.running.range(bound(from)..bound(to.max(from)))
    }

    pub(crate) const fn paused(&self) -> u64 {
        self.paused
    }

    /// Clocks stopped at or after `since` that were met or missed.
    pub(crate) fn measured(&self, since: UtcMs) -> Vec<Measured> {
        let stopped = self.by_ticket.values().flatten().filter_map(|clock| Some((clock, clock.stopped_at?)));
        stopped
            .filter(|(clock, stopped_at)| *stopped_at >= since.0 && !clock.cancelled)
            .map(|(clock, stopped_at)| Measured {
                metric: clock.metric,
                took_ms: stopped_at - clock.started_at,
                met: clock.deadline_at.is_none_or(|deadline| stopped_at <= deadline),
            })
            .collect()
    }
}

fn running(ticket: u32, clock: &ClockCell) -> Option<RunningClock> {
    clock.due().map(|deadline_at| RunningClock { deadline_at, ticket, metric: clock.metric, instance: clock.instance })
}
