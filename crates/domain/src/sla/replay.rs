//! What a history would have been worth under other rules: "what if", before a contract is signed.
//!
//! Owns: counting clocks and the alerts that the bell would have raised. Must not know: files, stores, time zones
//! other than the calendars'. Bounded memory: counters and histograms, never the tickets themselves.
//!
//! Conventions:
//! - A clock is *met* when it stopped at or before its deadline, *breached* when it stopped later or its deadline lies
//!   before the end of the history, *still open* when neither is known yet, *cancelled* when nothing was owed any more.
//! - Rows name the ticket's present priority and the local month of its creation in the zone of the clock's calendar.
//! - Alerts are those of a bell that is never late and never quiet: after each event (events of one instant are one
//!   step, and come before what is due at that instant) the clocks are planned with what was known then; a threshold
//!   rings at its moment while its clock runs, or when the clock runs again if the moment passed in a pause. It rings
//!   once for each (clock instance, threshold, moment), so a deadline that moves arms it again. Of several thresholds
//!   of a clock at one instant the latest rings; the others count as superseded.
//! - Lateness is wall time from the deadline to the stop, or to the end of the history.

mod compare;
mod local;
mod report;
mod ring;
mod tally;

use std::collections::BinaryHeap;

use super::clock::{ClockState, clock_state};
use super::event::{TicketEvent, TicketEventKind};
use super::policy::Traits;
use super::rules::RuleBook;
use crate::ticket::TicketId;
use crate::time::UtcMs;

pub use compare::{ComparedRow, compare};
pub use report::{
    AlertLoad, LateTicket, MetricRow, MonthAlerts, MonthRow, PolicyRow, PriorityRow, ReplayReport, ReplayRow, Tally, ThresholdRow,
};

use local::LocalTime;
use report::Bell;
use ring::{Ring, Ringer};
use tally::{Cell, CellKey, Cells};

/// Latest clocks that a report lists by ticket.
pub const WORST_MAX: usize = 50;

/// One ticket of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayTicket {
    /// What people call it.
    pub key: String,
    /// Its row, where it is one of ours.
    pub id: Option<TicketId>,
    /// As the ticket stands at the end of the history.
    pub traits: Traits,
    pub events: Vec<TicketEvent>,
}

/// Takes tickets one by one and answers with the report.
pub struct Replayer<'a> {
    book: &'a RuleBook,
    until: UtcMs,
    tickets: u64,
    events: u64,
    without_policy: u64,
    without_clock: u64,
    first: Option<UtcMs>,
    last: Option<UtcMs>,
    cells: Cells,
    bell: Bell,
    worst: BinaryHeap<std::cmp::Reverse<Late>>,
    local: LocalTime,
    ringer: Ringer,
    rings: Vec<Ring<'a>>,
}

/// A late clock, ordered by how late, then by ticket.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Late {
    late_ms: i64,
    ticket: LateTicket,
}

/// The report of a history that ends at `until` (no event lies behind it).
#[must_use]
pub fn replay(tickets: impl IntoIterator<Item = ReplayTicket>, book: &RuleBook, until: UtcMs) -> ReplayReport {
    let mut replayer = Replayer::new(book, until);
    for ticket in tickets {
        replayer.add(&ticket);
    }
    replayer.finish()
}

impl<'a> Replayer<'a> {
    #[must_use]
    pub fn new(book: &'a RuleBook, until: UtcMs) -> Self {
        Self {
            book,
            until,
            tickets: 0,
            events: 0,
            without_policy: 0,
            without_clock: 0,
            first: None,
            last: None,
            cells: Cells::default(),
            bell: Bell::default(),
            worst: BinaryHeap::with_capacity(WORST_MAX + 1),
            local: LocalTime::default(),
            ringer: Ringer::default(),
            rings: Vec::new(),
        }
    }

    /// Tickets taken so far.
    #[must_use]
    pub const fn tickets(&self) -> u64 {
        self.tickets
    }

    /// Counts one ticket.
    pub fn add(&mut self, ticket: &ReplayTicket) {
        self.tickets += 1;
        self.events += ticket.events.len() as u64;
        for event in &ticket.events {
            self.first = Some(self.first.map_or(event.at, |first| first.min(event.at)));
            self.last = Some(self.last.map_or(event.at, |last| last.max(event.at)));
        }
        let created = ticket.events.iter().find(|event| event.kind == TicketEventKind::Created).map(|event| event.at);
        let Some(created) = created else {
            self.without_clock += 1;
            return;
        };
        if self.book.ruled_at(&ticket.traits, created).is_none() {
            self.without_policy += 1;
        }
        let book = self.book;
        let clocks = book.clocks(&ticket.traits, &ticket.events);
        if clocks.is_empty() {
            self.without_clock += 1;
        }
        for planned in &clocks {
            let key = CellKey {
                month: self.local.month(planned.calendar.tz(), created),
                metric: planned.clock.metric,
                priority: ticket.traits.priority,
                policy: self.cells.policy(planned.policy),
            };
            let late_ms = count(self.cells.at(key), clock_state(&planned.clock, self.until), &planned.clock, self.until);
            if let Some(late_ms) = late_ms {
                self.keep_if_worst(late_ms, ticket, planned);
            }
        }
        let mut rings = std::mem::take(&mut self.rings);
        self.ringer.rings(book, &ticket.traits, &ticket.events, &clocks, self.until, &mut rings);
        for ring in rings.drain(..) {
            self.count_ring(&ring, ticket, created);
        }
        self.rings = rings;
    }

    fn count_ring(&mut self, ring: &Ring, ticket: &ReplayTicket, created: UtcMs) {
        if ring.superseded {
            self.bell.superseded += 1;
            return;
        }
        let local = self.local.of(ring.calendar.tz(), ring.at);
        self.bell.count(ring.threshold, &local);
        let key = CellKey {
            month: self.local.month(ring.calendar.tz(), created),
            metric: ring.metric,
            priority: ticket.traits.priority,
            policy: self.cells.policy(ring.policy),
        };
        self.cells.at(key).alerts += 1;
    }

    fn keep_if_worst(&mut self, late_ms: i64, ticket: &ReplayTicket, planned: &super::rules::PlannedClock<'_>) {
        if self.worst.len() >= WORST_MAX && self.worst.peek().is_some_and(|least| least.0.late_ms >= late_ms) {
            return;
        }
        let clock = &planned.clock;
        let ticket = LateTicket {
            key: ticket.key.clone(),
            id: ticket.id,
            subject: String::new(),
            metric: clock.metric,
            instance: clock.instance,
            priority: ticket.traits.priority,
            policy_id: planned.policy.id.clone(),
            started_at: clock.started_at,
            deadline: clock.deadline,
            stopped_at: clock.stopped_at,
            late_ms,
        };
        self.worst.push(std::cmp::Reverse(Late { late_ms, ticket }));
        if self.worst.len() > WORST_MAX {
            self.worst.pop();
        }
    }

    /// What all tickets so far amount to.
    #[must_use]
    pub fn finish(self) -> ReplayReport {
        let mut worst: Vec<LateTicket> = self.worst.into_iter().map(|late| late.0.ticket).collect();
        worst.sort_by(|one, other| other.late_ms.cmp(&one.late_ms).then_with(|| one.key.cmp(&other.key)));
        ReplayReport {
            tickets: self.tickets,
            events: self.events,
            without_policy: self.without_policy,
            without_clock: self.without_clock,
            from: self.first,
            last_event: self.last,
            until: self.until,
            total: self.cells.total(),
            rows: self.cells.rows(),
            by_metric: self.cells.by_metric(),
            by_priority: self.cells.by_priority(),
            by_month: self.cells.by_month(),
            by_policy: self.cells.by_policy(),
            alerts: self.bell.load(),
            worst,
        }
    }
}

/// Counts one clock; answers how late it is when it is.
fn count(cell: &mut Cell, state: ClockState, clock: &super::clock::Clock, until: UtcMs) -> Option<i64> {
    cell.clocks += 1;
    match state {
        ClockState::Achieved => cell.met += 1,
        ClockState::Cancelled => cell.cancelled += 1,
        ClockState::Late | ClockState::Breached => {
            cell.breached += 1;
            cell.breached_open += u64::from(clock.stopped_at.is_none());
            let late_ms = clock.stopped_at.unwrap_or(until).ms_since(clock.deadline.unwrap_or(until)).max(0);
            cell.late.add(late_ms);
            return Some(late_ms);
        }
        ClockState::Running | ClockState::Imminent | ClockState::Breaching | ClockState::Paused => cell.still_open += 1,
    }
    None
}

#[cfg(test)]
mod tests;
