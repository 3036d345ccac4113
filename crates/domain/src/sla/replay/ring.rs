//! Which alerts the bell would have raised for one ticket, and when.
//!
//! Most logs never move a deadline otherwise than by a pause: their alerts follow from the finished clocks, because a
//! moment counted with all pauses is the moment counted with those that had begun by then. A log in which the
//! priority changes or another ticket is absorbed is planned anew after each event, as the bell does.

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
            self.after_each_event(book, traits, events, until, out);
        } else {
            clocks.iter().for_each(|planned| self.of_finished(planned, until, out));
        }
    }

    /// From a clock as it ended.
    fn of_finished<'a>(&mut self, planned: &PlannedClock<'a>, until: UtcMs, out: &mut Vec<Ring<'a>>) {
        let (clock, calendar) = (&planned.clock, planned.calendar);
        let start = clock.started_at;
        let Some(target_ms) = calendar.target_ms(start, clock.target) else { return };
        if clock.deadline.is_none() && calendar.deadline(start, clock.target, &[]).at.is_none() {
            return;
        }
        self.consumed.clear();
        self.consumed.extend(planned.policy.thresholds.iter().filter_map(|threshold| {
            let consumed_ms = consumed_ms(*threshold, target_ms)?;
            (consumed_ms > 0).then_some((consumed_ms, *threshold))
        }));
        self.consumed.sort_unstable();
        self.consumed.dedup();
        let in_time = |at: UtcMs| at <= until && clock.stopped_at.is_none_or(|stopped_at| at < stopped_at);
        let with_unended;
        let pauses: &[Interval] = if clock.paused_since.is_some() {
            with_unended = clock.all_pauses();
            &with_unended
        } else {
            &clock.paused
        };
        self.moments.clear();
        for (consumed_ms, threshold) in &self.consumed {
            let Some(at) = calendar.moment_at_elapsed(start, *consumed_ms, pauses) else { break };
            if !in_time(at) {
                break;
            }
            if at > start {
                self.moments.extend(rings_at(at, pauses).filter(|rings| in_time(*rings)).map(|rings| (rings, at, *threshold)));
            }
        }
        if let Some(at) = clock.deadline.filter(|at| in_time(*at)) {
            let rings = rings_at(at, pauses).filter(|rings| in_time(*rings));
            self.moments.extend(rings.map(|rings| (rings.max(start), at, Threshold::Breach)));
        }
        self.moments.sort_unstable();
        for (index, (rings, _, threshold)) in self.moments.iter().enumerate() {
            let superseded = self.moments.get(index + 1).is_some_and(|(next, _, _)| next == rings);
            out.push(ring(planned, *threshold, *rings, superseded));
        }
    }

    /// Plans the clocks with what was known after each event, and rings what comes before the next.
    fn after_each_event<'a>(
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
        let mut known = 0;
        while let Some(at) = ordered.get(known).map(|event| event.at) {
            known += ordered.get(known..).unwrap_or_default().iter().take_while(|event| event.at == at).count();
            let next = ordered.get(known).map(|event| event.at);
            let (log, rest) = ordered.split_at_checked(known).unwrap_or_default();
            let then = Traits { priority: priority_then(traits.priority, log, rest), ..traits.clone() };
            for planned in &book.clocks(&then, log) {
                let in_time = |rings: UtcMs| rings <= until && next.is_none_or(|next| rings < next);
                self.of_running(planned, at, in_time, out);
            }
        }
    }

    /// The dues of a clock as it stood from `at` on.
    fn of_running<'a>(&mut self, planned: &PlannedClock<'a>, at: UtcMs, in_time: impl Fn(UtcMs) -> bool, out: &mut Vec<Ring<'a>>) {
        let clock = &planned.clock;
        self.moments.clear();
        for (threshold, due) in &clock.dues {
            let key = (clock.metric, clock.instance, *threshold, *due);
            let rings = (*due).max(at);
            if in_time(rings) && !self.raised.contains(&key) {
                self.raised.push(key);
                self.moments.push((rings, *due, *threshold));
            }
        }
        for (index, (rings, _, threshold)) in self.moments.iter().enumerate() {
            let superseded = self.moments.get(index + 1).is_some_and(|(next, _, _)| next == rings);
            out.push(ring(planned, *threshold, *rings, superseded));
        }
    }
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
