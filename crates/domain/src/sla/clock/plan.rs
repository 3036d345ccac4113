//! Events to clocks.

use super::run::{Entered, Moment, Ruled, Run, Stop};
use super::{Clock, StopReason};
use crate::sla::calendar::Calendar;
use crate::sla::event::{TicketEvent, TicketEventKind};
use crate::sla::policy::{Metric, Policy, ReopenRule};
use crate::ticket::{Priority, Role, Status};
use crate::time::UtcMs;

/// The clocks of a ticket whose log names its priority; without one it is routine.
/// See [`plan_clocks_from`].
#[must_use]
pub fn plan_clocks(events: &[TicketEvent], policy: &Policy, calendar: &Calendar) -> Vec<Clock> {
    plan_clocks_from(events, Priority::Routine, policy, calendar)
}

/// The clocks of a ticket under one policy and one calendar for every metric. See [`plan_ruled_clocks`].
#[must_use]
pub fn plan_clocks_from(events: &[TicketEvent], initial: Priority, policy: &Policy, calendar: &Calendar) -> Vec<Clock> {
    let ruled = Ruled { set: 0, policy, calendar, visit_calendar: calendar };
    plan_ruled_clocks(events, initial, &|_| Some(ruled)).into_iter().map(|(clock, _)| clock).collect()
}

/// The clocks of a ticket by metric and instance, each with the rules that count it.
///
/// `initial` is the priority until the first `PriorityChanged`; `ruled_at` gives the rules for a clock that starts
/// at an instant. A log without `Created` has no clocks. Events are taken by time; at the same instant a priority
/// comes first and a reply before a status, so that a reply that closes the ticket is a reply.
///
/// - First response runs from creation to the first public agent reply; resolving or closing without one cancels
///   it. Statuses do not pause it.
/// - Next response runs from a customer's public reply, if no older one waits for its answer, to the next public
///   agent reply; resolving or closing cancels it. It needs a first response that was given: until then that is owed.
/// - First resolution runs from creation to the first resolved or closed and does not come back.
/// - Resolution runs from creation to resolved or closed. Both resolutions pause in the policy's pause statuses
///   (resolved and closed stop them even if listed there).
/// - A visit runs from its request to its end. Neither pauses nor the end of the ticket touch it.
/// - A priority change takes the new priority's target from the clock's start and keeps the pauses; without
///   a target there is no clock. A stopped clock keeps the target it was stopped with.
/// - Reopening continues the stopped clock, its closed time a pause, or starts the next instance. An
///   answered first response is not asked again.
/// - A ticket that became part of this one lends the clocks that run since creation its own creation, if earlier.
///   What had stopped before stays as it was, unless it is reopened.
/// - Merging and deleting cancel what runs.
#[must_use]
pub fn plan_ruled_clocks<'a>(
    events: &[TicketEvent],
    initial: Priority,
    ruled_at: &dyn Fn(UtcMs) -> Option<Ruled<'a>>,
) -> Vec<(Clock, Ruled<'a>)> {
    let mut ordered: Vec<&TicketEvent> = events.iter().collect();
    ordered.sort_by_key(|event| (event.at, rank(&event.kind)));
    let mut log = Log::new(initial, ruled_at);
    for event in ordered {
        log.take(event);
        if log.is_over {
            break;
        }
    }
    log.into_clocks()
}

fn rank(kind: &TicketEventKind) -> u8 {
    match kind {
        TicketEventKind::Created => 0,
        TicketEventKind::PriorityChanged { .. } => 1,
        TicketEventKind::Replied { .. } => 2,
        TicketEventKind::StatusChanged { .. } => 3,
        TicketEventKind::Absorbed { .. }
        | TicketEventKind::VisitRequested { .. }
        | TicketEventKind::VisitDone { .. }
        | TicketEventKind::VisitCancelled { .. } => 4,
        TicketEventKind::Merged { .. } | TicketEventKind::Deleted => 5,
    }
}

/// The log as far as it was read.
struct Log<'a, 'e, 'r> {
    ruled_at: &'r dyn Fn(UtcMs) -> Option<Ruled<'a>>,
    priority: Priority,
    entered: Vec<Entered>,
    /// First response, first resolution and resolution: what creation started. Empty before it.
    since_creation: Vec<Run<'a, 'e>>,
    next_response: Option<Run<'a, 'e>>,
    next_responses: u32,
    visits: Vec<Run<'a, 'e>>,
    done: Vec<Run<'a, 'e>>,
    /// Earliest creation of the tickets that became part of this one.
    absorbed: Option<Moment>,
    is_over: bool,
}

impl<'a, 'e, 'r> Log<'a, 'e, 'r> {
    fn new(priority: Priority, ruled_at: &'r dyn Fn(UtcMs) -> Option<Ruled<'a>>) -> Self {
        Self {
            ruled_at,
            priority,
            entered: Vec::new(),
            since_creation: Vec::new(),
            next_response: None,
            next_responses: 0,
            visits: Vec::new(),
            done: Vec::new(),
            absorbed: None,
            is_over: false,
        }
    }

    fn take(&mut self, event: &'e TicketEvent) {
        if let TicketEventKind::PriorityChanged { to } = event.kind {
            self.priority = to;
            self.runs().for_each(|run| run.reprioritise(event.at, to));
        }
        if self.since_creation.is_empty() {
            if event.kind == TicketEventKind::Created {
                self.create(event);
            }
            return;
        }
        match &event.kind {
            TicketEventKind::Created | TicketEventKind::PriorityChanged { .. } => {}
            TicketEventKind::Replied { by: Role::Agent } => self.answered(event),
            TicketEventKind::Replied { by: Role::Customer } => self.asked(event),
            TicketEventKind::Replied { by: Role::System } => {}
            TicketEventKind::StatusChanged { to } => self.entered(event, *to),
            TicketEventKind::Absorbed { created_at } => self.absorb(event, *created_at),
            TicketEventKind::VisitRequested { visit } => self.visit_requested(event, visit),
            TicketEventKind::VisitDone { visit } => self.visit_over(event, visit, StopReason::VisitDone),
            TicketEventKind::VisitCancelled { visit } => self.visit_over(event, visit, StopReason::VisitCancelled),
            TicketEventKind::Merged { .. } => self.end(event, StopReason::Merged),
            TicketEventKind::Deleted => self.end(event, StopReason::Deleted),
        }
    }

    fn runs(&mut self) -> impl Iterator<Item = &mut Run<'a, 'e>> {
        self.since_creation.iter_mut().chain(&mut self.next_response).chain(&mut self.visits)
    }

    /// `first_status` is the index of the status in which it starts.
    fn start(&self, metric: Metric, instance: u32, event: &'e TicketEvent, first_status: usize) -> Run<'a, 'e> {
        Run {
            metric,
            instance,
            visit: "",
            started: moment(event),
            ruled: (self.ruled_at)(event.at),
            priority: self.priority,
            earlier: Vec::new(),
            first_status,
            stopped: None,
        }
    }

    fn stop_of(&self, event: &'e TicketEvent, reason: StopReason) -> Stop<'e> {
        Stop { when: moment(event), reason, who: &event.actor, statuses: self.entered.len() }
    }

    fn create(&mut self, event: &'e TicketEvent) {
        self.entered.push(Entered { when: moment(event), status: Status::New });
        let started = [Metric::FirstResponse, Metric::FirstResolution, Metric::Resolution];
        self.since_creation = started.into_iter().map(|metric| self.start(metric, 1, event, 0)).collect();
    }

    fn answered(&mut self, event: &'e TicketEvent) {
        let first = self.stop_of(event, StopReason::Replied);
        if let Some(run) = self.since_creation.iter_mut().find(|run| run.metric == Metric::FirstResponse) {
            run.stop(first);
        }
        self.end_next_response(event, StopReason::Replied);
    }

    fn asked(&mut self, event: &'e TicketEvent) {
        let is_first_given =
            self.since_creation.iter().any(|run| run.metric == Metric::FirstResponse && run.is_stopped_by(StopReason::Replied));
        if is_first_given && self.next_response.is_none() {
            self.next_responses = self.next_responses.saturating_add(1);
            self.next_response = Some(self.start(Metric::NextResponse, self.next_responses, event, self.entered.len()));
        }
    }

    fn end_next_response(&mut self, event: &'e TicketEvent, reason: StopReason) {
        let stop = self.stop_of(event, reason);
        if let Some(mut run) = self.next_response.take() {
            run.stop(stop);
            self.done.push(run);
        }
    }

    fn entered(&mut self, event: &'e TicketEvent, to: Status) {
        self.entered.push(Entered { when: moment(event), status: to });
        let resolved = match to {
            Status::Resolved => StopReason::Resolved,
            Status::Closed => StopReason::Closed,
            _ => return self.reopened(event),
        };
        for index in 0..self.since_creation.len() {
            let Some(metric) = self.since_creation.get(index).map(|run| run.metric) else { continue };
            let reason = if metric == Metric::FirstResponse { StopReason::ClosedUnanswered } else { resolved };
            let stop = self.stop_of(event, reason);
            if let Some(run) = self.since_creation.get_mut(index) {
                run.stop(stop);
            }
        }
        self.end_next_response(event, StopReason::ClosedUnanswered);
    }

    /// An unfinished status brings back what a finished one had stopped.
    fn reopened(&mut self, event: &'e TicketEvent) {
        let status = self.entered.len().saturating_sub(1);
        for index in 0..self.since_creation.len() {
            let Some(run) = self.since_creation.get(index) else { continue };
            if run.metric == Metric::FirstResolution || !run.is_reopened() {
                continue;
            }
            let resets = run.ruled.is_some_and(|ruled| ruled.policy.reopen == ReopenRule::Reset);
            let next = resets.then(|| self.start(run.metric, run.instance.saturating_add(1), event, status));
            let (priority, absorbed, ruled_at) = (self.priority, self.absorbed, self.ruled_at);
            let Some(run) = self.since_creation.get_mut(index) else { continue };
            match next {
                Some(next) => self.done.push(std::mem::replace(run, next)),
                None => {
                    run.resume(priority);
                    lend(run, absorbed, ruled_at);
                }
            }
        }
    }

    fn absorb(&mut self, event: &'e TicketEvent, created_at: UtcMs) {
        if self.absorbed.is_none_or(|known| created_at < known.at) {
            self.absorbed = Some(Moment { at: created_at, uncertainty_ms: event.uncertainty_ms });
        }
        let (absorbed, ruled_at) = (self.absorbed, self.ruled_at);
        self.since_creation.iter_mut().filter(|run| run.is_running()).for_each(|run| lend(run, absorbed, ruled_at));
    }

    fn visit_requested(&mut self, event: &'e TicketEvent, visit: &'e str) {
        if self.visits.iter().any(|run| run.visit == visit) {
            return;
        }
        let instance = u32::try_from(self.visits.len()).unwrap_or(u32::MAX).saturating_add(1);
        let run = Run { visit, ..self.start(Metric::Visit, instance, event, self.entered.len()) };
        self.visits.push(run);
    }

    fn visit_over(&mut self, event: &'e TicketEvent, visit: &str, reason: StopReason) {
        let stop = self.stop_of(event, reason);
        if let Some(run) = self.visits.iter_mut().find(|run| run.visit == visit) {
            run.stop(stop);
        }
    }

    fn end(&mut self, event: &'e TicketEvent, reason: StopReason) {
        let statuses = self.entered.len();
        self.runs().for_each(|run| run.stop(Stop { when: moment(event), reason, who: &event.actor, statuses }));
        self.is_over = true;
    }

    fn into_clocks(self) -> Vec<(Clock, Ruled<'a>)> {
        let mut runs = self.done;
        runs.extend(self.since_creation);
        runs.extend(self.next_response);
        runs.extend(self.visits);
        runs.sort_by_key(|run| (run.metric, run.instance));
        runs.into_iter().filter_map(|run| run.into_clock(&self.entered)).collect()
    }
}

const fn moment(event: &TicketEvent) -> Moment {
    Moment { at: event.at, uncertainty_ms: event.uncertainty_ms }
}

/// A clock that runs since creation starts with the earliest ticket that became part of this one.
fn lend<'a>(run: &mut Run<'a, '_>, absorbed: Option<Moment>, ruled_at: &dyn Fn(UtcMs) -> Option<Ruled<'a>>) {
    if let Some(earlier) = absorbed.filter(|earlier| run.instance == 1 && earlier.at < run.started.at) {
        run.started = earlier;
        run.ruled = ruled_at(earlier.at);
    }
}
