//! Events to clocks.

use super::{BREACHING_LEFT_MS, Clock, IMMINENT_LEFT_MS, IMMINENT_PERCENT, StopReason, SupersededTarget};
use crate::sla::calendar::{Calendar, Interval};
use crate::sla::event::{TicketEvent, TicketEventKind};
use crate::sla::policy::{Metric, Policy, ReopenRule, Threshold};
use crate::ticket::{Priority, Role, Status};
use crate::time::{SECOND_MS, UtcMs};

/// The clocks of a ticket whose log names its priority; without one it is routine.
/// See [`plan_clocks_from`].
#[must_use]
pub fn plan_clocks(events: &[TicketEvent], policy: &Policy, calendar: &Calendar) -> Vec<Clock> {
    plan_clocks_from(events, Priority::Routine, policy, calendar)
}

/// The clocks of a ticket, first response before resolution, each by instance.
///
/// `initial` is the priority until the first `PriorityChanged`. A log without `Created` has no clocks. Events
/// are taken by time; at the same instant a priority comes first and a reply before a status, so that a
/// reply that closes the ticket is a reply.
///
/// - First response runs from creation to the first public agent reply; resolving or closing without one
///   cancels it. Statuses do not pause it.
/// - Resolution runs from creation to resolved or closed, and pauses in the policy's pause statuses
///   (resolved and closed stop it even if listed there).
/// - A priority change takes the new priority's target from the clock's start and keeps the pauses; without
///   a target there is no clock. A stopped clock keeps the target it was stopped with.
/// - Reopening continues the stopped clock, its closed time a pause, or starts the next instance. An
///   answered first response is not asked again.
/// - Merging and deleting cancel what runs.
#[must_use]
pub fn plan_clocks_from(events: &[TicketEvent], initial: Priority, policy: &Policy, calendar: &Calendar) -> Vec<Clock> {
    let mut ordered: Vec<&TicketEvent> = events.iter().collect();
    ordered.sort_by_key(|event| (event.at, rank(&event.kind)));
    [Metric::FirstResponse, Metric::Resolution]
        .into_iter()
        .flat_map(|metric| runs(metric, &ordered, initial, policy))
        .filter_map(|run| run.into_clock(policy, calendar))
        .collect()
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

/// A clock before its target is applied.
struct Run {
    metric: Metric,
    instance: u32,
    started_at: UtcMs,
    priority: Priority,
    earlier: Vec<(UtcMs, Priority)>,
    paused: Vec<Interval>,
    paused_since: Option<UtcMs>,
    stopped: Option<(UtcMs, StopReason)>,
}

fn runs(metric: Metric, events: &[&TicketEvent], initial: Priority, policy: &Policy) -> Vec<Run> {
    let mut done = Vec::new();
    let mut current: Option<Run> = None;
    let mut priority = initial;
    for event in events {
        let at = event.at;
        match (&event.kind, &mut current) {
            (TicketEventKind::Created, None) => {
                let mut run = Run::start(metric, 1, at, priority);
                run.enter(at, Status::New, policy);
                current = Some(run);
            }
            (TicketEventKind::PriorityChanged { to }, run) => {
                priority = *to;
                if let Some(run) = run {
                    run.reprioritise(at, priority);
                }
            }
            (TicketEventKind::Replied { by: Role::Agent }, Some(run)) if metric == Metric::FirstResponse => {
                run.stop(at, StopReason::Replied);
            }
            (TicketEventKind::StatusChanged { to }, Some(run)) => {
                if let Some(reason) = stop_of(metric, *to) {
                    run.stop(at, reason);
                } else if run.is_reopened() {
                    if policy.reopen == ReopenRule::Reset {
                        let next = Run::start(metric, run.instance.saturating_add(1), at, priority);
                        done.push(std::mem::replace(run, next));
                    } else {
                        run.resume(priority);
                    }
                    run.enter(at, *to, policy);
                } else if run.stopped.is_none() {
                    run.enter(at, *to, policy);
                }
            }
            (TicketEventKind::Merged { .. }, Some(run)) => {
                run.stop(at, StopReason::Merged);
                break;
            }
            (TicketEventKind::Deleted, Some(run)) => {
                run.stop(at, StopReason::Deleted);
                break;
            }
            _ => {}
        }
    }
    done.extend(current);
    done
}

const fn stop_of(metric: Metric, to: Status) -> Option<StopReason> {
    match (metric, to) {
        (Metric::FirstResponse, Status::Resolved | Status::Closed) => Some(StopReason::ClosedUnanswered),
        (Metric::Resolution, Status::Resolved) => Some(StopReason::Resolved),
        (Metric::Resolution, Status::Closed) => Some(StopReason::Closed),
        _ => None,
    }
}

impl Run {
    const fn start(metric: Metric, instance: u32, started_at: UtcMs, priority: Priority) -> Self {
        Self {
            metric,
            instance,
            started_at,
            priority,
            earlier: Vec::new(),
            paused: Vec::new(),
            paused_since: None,
            stopped: None,
        }
    }

    /// Pauses or unpauses for the status entered.
    fn enter(&mut self, at: UtcMs, status: Status, policy: &Policy) {
        let pauses = self.metric == Metric::Resolution && policy.pause_statuses.contains(&status);
        match (pauses, self.paused_since) {
            (true, None) => self.paused_since = Some(at),
            (false, Some(_)) => self.end_pause(at),
            _ => {}
        }
    }

    fn end_pause(&mut self, at: UtcMs) {
        let Some(from) = self.paused_since.take() else { return };
        match self.paused.last_mut() {
            Some(last) if last.to == from => last.to = at,
            _ if from < at => self.paused.push(Interval { from, to: at }),
            _ => {}
        }
    }

    fn reprioritise(&mut self, at: UtcMs, priority: Priority) {
        if self.stopped.is_none() && self.priority != priority {
            self.earlier.push((at, self.priority));
            self.priority = priority;
        }
    }

    fn stop(&mut self, at: UtcMs, reason: StopReason) {
        if self.stopped.is_none() {
            self.end_pause(at);
            self.stopped = Some((at, reason));
        }
    }

    /// True when entering an unfinished status brings the clock back.
    fn is_reopened(&self) -> bool {
        matches!(self.stopped, Some((_, StopReason::Resolved | StopReason::Closed | StopReason::ClosedUnanswered)))
    }

    /// The closed time becomes a pause, which the status entered ends or prolongs.
    fn resume(&mut self, priority: Priority) {
        if let Some((stopped_at, _)) = self.stopped.take() {
            self.paused_since = Some(stopped_at);
            self.reprioritise(stopped_at, priority);
        }
    }

    /// `None` when the policy sets no target.
    fn into_clock(self, policy: &Policy, calendar: &Calendar) -> Option<Clock> {
        let target = policy.target(self.metric, self.priority)?;
        let superseded = self
            .earlier
            .iter()
            .filter_map(|(until, priority)| {
                Some(SupersededTarget { until: *until, target: policy.target(self.metric, *priority)? })
            })
            .collect();
        let mut clock = Clock {
            metric: self.metric,
            instance: self.instance,
            started_at: self.started_at,
            target,
            deadline: None,
            provisional: false,
            paused: self.paused,
            paused_since: self.paused_since,
            stopped_at: self.stopped.map(|(at, _)| at),
            stopped_by: self.stopped.map(|(_, reason)| reason),
            stopped_who: String::new(),
            uncertainty_ms: 0,
            visit: String::new(),
            dues: Vec::new(),
            imminent_at: None,
            breaching_at: None,
            superseded,
        };
        set_moments(&mut clock, policy, calendar);
        Some(clock)
    }
}

/// Deadline, and for a running clock its warnings.
fn set_moments(clock: &mut Clock, policy: &Policy, calendar: &Calendar) {
    let pauses = clock.all_pauses();
    let start = clock.started_at;
    let deadline = calendar.deadline(start, clock.target, &pauses);
    clock.deadline = deadline.at;
    clock.provisional = deadline.provisional;
    let (Some(due), None, None) = (deadline.at, clock.stopped_at, clock.paused_since) else { return };
    let Some(target_ms) = calendar.target_ms(start, clock.target) else { return };
    let moment = |consumed_ms: i64| {
        if consumed_ms <= 0 { Some(start) } else { calendar.moment_at_elapsed(start, consumed_ms, &pauses) }
    };
    let imminent_ms = (target_ms.saturating_mul(IMMINENT_PERCENT) / 100).min(target_ms - IMMINENT_LEFT_MS);
    clock.imminent_at = moment(imminent_ms);
    clock.breaching_at = moment((target_ms - BREACHING_LEFT_MS).max(target_ms / 2));
    for threshold in &policy.thresholds {
        let consumed_ms = match threshold {
            Threshold::Share { percent } => target_ms.saturating_mul(i64::from(*percent)) / 100,
            Threshold::TimeLeft { seconds } => target_ms - i64::from(*seconds) * SECOND_MS,
            Threshold::Breach => continue,
        };
        if let Some(at) = moment(consumed_ms).filter(|at| *at > start) {
            clock.dues.push((*threshold, at));
        }
    }
    clock.dues.push((Threshold::Breach, due));
    clock.dues.sort_by_key(|(threshold, at)| (*at, *threshold));
    clock.dues.dedup();
}
