//! Which alerts the bell would have raised for one ticket, and when.
//!
//! The bell plans the clocks after each event. Here they are planned once for each stretch in which nothing but pauses moves a
//! deadline (most tickets have one stretch), because a moment counted with all pauses of the stretch is the moment
//! counted with those that had begun by then. A change of priority or an absorbed ticket begins the next stretch.

use super::super::calendar::{Calendar, Interval};
use super::super::event::{TicketEvent, TicketEventKind};
use super::super::policy::{Metric, Policy, Threshold, Traits};
use super::super::rules::{PlannedClock, RuleBook};
use crate::ticket::Priority;
use crate::time::{SECOND_MS, UtcMs};

/// One threshold that was reached.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ring<'a> {
    pub(super) metric: Metric,
    #[cfg_attr(not(test), expect(dead_code, reason = "told to the oracle of the tests; a report counts by metric"))]
    pub(super) instance: u32,
    pub(super) threshold: Threshold,
    pub(super) at: UtcMs,
    /// A later threshold of the same clock rings at the same instant in its place.
    pub(super) superseded: bool,
    pub(super) policy: &'a Policy,
    pub(super) calendar: &'a Calendar,
}

/// Space used again for each ticket.
#[derive(Debug, Default)]
pub(super) struct Ringer {
    consumed: Vec<(i64, Threshold)>,
    moments: Vec<(UtcMs, UtcMs, Threshold)>,
    raised: Vec<(Metric, u32, Threshold, UtcMs)>,
}

impl Ringer {
    /// Adds the rings of a ticket to `out`; `clocks` are its planned clocks.
    pub(super) fn rings<'a>(
        &mut self,
        book: &'a RuleBook,
        traits: &Traits,
        events: &[TicketEvent],
        clocks: &[PlannedClock<'a>],
        until: UtcMs,
        out: &mut Vec<Ring<'a>>,
    ) {
        if moves_deadlines(traits.priority, events) {
            self.of_stretches(book, traits, events, until, out);
        } else {
            let whole = Stretch { since: UtcMs(i64::MIN), next: None, until };
            clocks.iter().for_each(|planned| self.of_clock(planned, &whole, out));
        }
    }

    /// Plans the clocks with what was known in each stretch.
    fn of_stretches<'a>(
        &mut self,
        book: &'a RuleBook,
        traits: &Traits,
        events: &[TicketEvent],
        until: UtcMs,
        out: &mut Vec<Ring<'a>>,
    ) {
        let mut ordered = events.to_vec();
        ordered.sort_by_key(|event| event.at);
        self.raised.clear();
        let mut since = UtcMs(i64::MIN);
        loop {
            let next = ordered.iter().find(|event| event.at > since && is_move(&event.kind)).map(|event| event.at);
            let known = next.map_or(ordered.len(), |next| ordered.partition_point(|event| event.at < next));
            let (log, rest) = ordered.split_at_checked(known).unwrap_or_default();
            let then = Traits { priority: priority_then(traits.priority, log, rest), ..traits.clone() };
            let stretch = Stretch { since, next, until };
            book.clocks(&then, log).iter().for_each(|planned| self.of_clock(planned, &stretch, out));
            let Some(next) = next else { break };
            since = next;
        }
    }

    /// From a clock as it stood at the end of a stretch.
    fn of_clock<'a>(&mut self, planned: &PlannedClock<'a>, stretch: &Stretch, out: &mut Vec<Ring<'a>>) {
        let (clock, calendar) = (&planned.clock, planned.calendar);
        let start = clock.started_at;
        let Some(target_ms) = calendar.target_ms(start, clock.target) else { return };
        if clock.deadline.is_none() && calendar.deadline(start, clock.target, &[]).at.is_none() {
            return;
        }
        let with_unended;
        let pauses: &[Interval] = if clock.paused_since.is_some() {
            with_unended = clock.all_pauses();
            &with_unended
        } else {
            &clock.paused
        };
        let in_time = |at: UtcMs| stretch.holds(at) && clock.stopped_at.is_none_or(|stopped_at| at < stopped_at);
        let rings_at = |at: UtcMs| rings_at(at.max(stretch.since), pauses).filter(|rings| in_time(*rings));
        self.consumed.clear();
        self.consumed.extend(planned.policy.thresholds.iter().filter_map(|threshold| {
            let consumed_ms = consumed_ms(*threshold, target_ms)?;
            (consumed_ms > 0).then_some((consumed_ms, *threshold))
        }));
        self.consumed.sort_unstable();
        self.consumed.dedup();
        self.moments.clear();
        for (consumed_ms, threshold) in &self.consumed {
            let at = calendar.moment_at_elapsed(start, *consumed_ms, pauses);
            let Some(at) = at.filter(|at| in_time(*at)) else { break };
            if at > start {
                self.moments.extend(rings_at(at).map(|rings| (rings, at, *threshold)));
            }
        }
        if let Some(at) = clock.deadline {
            self.moments.extend(rings_at(at).map(|rings| (rings, at, Threshold::Breach)));
        }
        if !stretch.is_whole() {
            let raised = &mut self.raised;
            self.moments.retain(|(_, at, threshold)| {
                let key = (clock.metric, clock.instance, *threshold, *at);
                let is_new = !raised.contains(&key);
                if is_new {
                    raised.push(key);
                }
                is_new
            });
        }
        self.moments.sort_unstable();
        for (index, (rings, _, threshold)) in self.moments.iter().enumerate() {
            let superseded = self.moments.get(index + 1).is_some_and(|(next, _, _)| next == rings);
            out.push(ring(planned, *threshold, *rings, superseded));
        }
    }
}

/// A part of a history in which deadlines are moved by pauses only.
struct Stretch {
    since: UtcMs,
    /// When the next one begins.
    next: Option<UtcMs>,
    /// The end of the history.
    until: UtcMs,
}

impl Stretch {
    fn holds(&self, at: UtcMs) -> bool {
        at <= self.until && self.next.is_none_or(|next| at < next)
    }

    fn is_whole(&self) -> bool {
        self.since == UtcMs(i64::MIN) && self.next.is_none()
    }
}

const fn is_move(kind: &TicketEventKind) -> bool {
    matches!(kind, TicketEventKind::PriorityChanged { .. } | TicketEventKind::Absorbed { .. })
}

fn ring<'a>(planned: &PlannedClock<'a>, threshold: Threshold, at: UtcMs, superseded: bool) -> Ring<'a> {
    let clock = &planned.clock;
    let (policy, calendar) = (planned.policy, planned.calendar);
    Ring { metric: clock.metric, instance: clock.instance, threshold, at, superseded, policy, calendar }
}

/// Open milliseconds of the target at which a threshold is reached; `None` for the breach, which has its own moment.
fn consumed_ms(threshold: Threshold, target_ms: i64) -> Option<i64> {
    match threshold {
        Threshold::Share { percent } => Some(target_ms.saturating_mul(i64::from(percent)) / 100),
        Threshold::TimeLeft { seconds } => Some(target_ms - i64::from(seconds) * SECOND_MS),
        Threshold::Breach => None,
    }
}

/// When a moment rings: at once, or when the pause ends in which it lies; `None` when that never ends.
fn rings_at(at: UtcMs, pauses: &[Interval]) -> Option<UtcMs> {
    match pauses.iter().find(|pause| pause.from <= at && at < pause.to) {
        Some(pause) => (pause.to != UtcMs(i64::MAX)).then_some(pause.to),
        None => Some(at),
    }
}

/// True when something other than a pause moves a deadline once the ticket exists, or when that is not plain to see.
fn moves_deadlines(present: Priority, events: &[TicketEvent]) -> bool {
    let created = events.iter().find(|event| event.kind == TicketEventKind::Created).map(|event| event.at);
    let mut priority = present;
    let mut last = UtcMs(i64::MIN);
    for event in events {
        match event.kind {
            TicketEventKind::Absorbed { .. } => return true,
            TicketEventKind::PriorityChanged { to } => {
                let early = created.is_none_or(|created| event.at <= created);
                if event.at < last || (!early && to != priority) {
                    return true;
                }
                priority = to;
            }
            _ => {}
        }
        last = last.max(event.at);
    }
    false
}

/// The ticket's priority when only `log` had happened. Before the first change that the log names, the present one
/// stands in for the first.
fn priority_then(present: Priority, log: &[TicketEvent], rest: &[TicketEvent]) -> Priority {
    let changed = |event: &TicketEvent| match event.kind {
        TicketEventKind::PriorityChanged { to } => Some(to),
        _ => None,
    };
    if rest.iter().all(|event| changed(event).is_none()) {
        return present;
    }
    log.iter().rev().find_map(changed).unwrap_or(present)
}
