//! One clock while its log is read: when it started, stopped and came back, before a target makes a deadline of it.

use super::{Clock, StopReason, SupersededTarget, moments};
use crate::sla::calendar::{Calendar, Interval};
use crate::sla::policy::{Metric, Policy};
use crate::ticket::{Priority, Status};
use crate::time::UtcMs;

/// The rules by which a clock is counted.
#[derive(Debug, Clone, Copy)]
pub struct Ruled<'a> {
    /// Which set of the rules.
    pub set: usize,
    pub policy: &'a Policy,
    pub calendar: &'a Calendar,
    /// Where visits are counted.
    pub visit_calendar: &'a Calendar,
}

impl<'a> Ruled<'a> {
    /// The calendar in which a metric is counted.
    #[must_use]
    pub const fn calendar_of(&self, metric: Metric) -> &'a Calendar {
        match metric {
            Metric::Visit => self.visit_calendar,
            _ => self.calendar,
        }
    }
}

/// An instant and how exactly it is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) at: UtcMs,
    pub(super) uncertainty_ms: u64,
}

/// The ticket entered a status.
pub(super) struct Entered {
    pub(super) when: Moment,
    pub(super) status: Status,
}

pub(super) struct Stop<'e> {
    pub(super) when: Moment,
    pub(super) reason: StopReason,
    pub(super) who: &'e str,
    /// How many statuses had been entered by then.
    pub(super) statuses: usize,
}

pub(super) struct Run<'a, 'e> {
    pub(super) metric: Metric,
    pub(super) instance: u32,
    pub(super) visit: &'e str,
    pub(super) started: Moment,
    /// Rules in force at the start; `None` where no policy applies.
    pub(super) ruled: Option<Ruled<'a>>,
    pub(super) priority: Priority,
    pub(super) earlier: Vec<(UtcMs, Priority)>,
    /// Index of the status in which it started.
    pub(super) first_status: usize,
    pub(super) stopped: Option<Stop<'e>>,
}

impl<'a, 'e> Run<'a, 'e> {
    pub(super) const fn is_running(&self) -> bool {
        self.stopped.is_none()
    }

    pub(super) fn is_stopped_by(&self, reason: StopReason) -> bool {
        self.stopped.as_ref().is_some_and(|stop| stop.reason == reason)
    }

    /// True when entering an unfinished status brings the clock back.
    pub(super) fn is_reopened(&self) -> bool {
        [StopReason::Resolved, StopReason::Closed, StopReason::ClosedUnanswered].iter().any(|reason| self.is_stopped_by(*reason))
    }

    pub(super) fn reprioritise(&mut self, at: UtcMs, priority: Priority) {
        if self.is_running() && self.priority != priority {
            // A target of no length was promised to nobody.
            if at > self.started.at {
                self.earlier.push((at, self.priority));
            }
            self.priority = priority;
        }
    }

    pub(super) fn stop(&mut self, stop: Stop<'e>) {
        if self.is_running() {
            self.stopped = Some(stop);
        }
    }

    /// The time it was stopped counts as a pause, because the statuses entered meanwhile are finished ones.
    pub(super) fn resume(&mut self, priority: Priority) {
        if let Some(stop) = self.stopped.take() {
            self.reprioritise(stop.when.at, priority);
        }
    }

    /// `None` when the policy sets no target.
    pub(super) fn into_clock(self, entered: &[Entered]) -> Option<(Clock, Ruled<'a>)> {
        let ruled = self.ruled?;
        let target = ruled.policy.target(self.metric, self.priority)?;
        let superseded = self.earlier.iter().filter_map(|(until, priority)| {
            Some(SupersededTarget { until: *until, target: ruled.policy.target(self.metric, *priority)? })
        });
        let superseded = superseded.collect();
        let course = self.course(entered, ruled.policy);
        let mut clock = Clock {
            metric: self.metric,
            instance: self.instance,
            started_at: self.started.at,
            target,
            deadline: None,
            provisional: false,
            paused: course.paused,
            paused_since: course.paused_since,
            stopped_at: self.stopped.as_ref().map(|stop| stop.when.at),
            stopped_by: self.stopped.as_ref().map(|stop| stop.reason),
            stopped_who: self.stopped.map_or_else(String::new, |stop| stop.who.to_owned()),
            uncertainty_ms: course.uncertainty_ms,
            visit: self.visit.to_owned(),
            dues: Vec::new(),
            imminent_at: None,
            breaching_at: None,
            superseded,
        };
        moments::set(&mut clock, ruled.policy, ruled.calendar_of(self.metric));
        Some((clock, ruled))
    }

    fn pauses_in(&self, status: Status, policy: &Policy) -> bool {
        match self.metric {
            Metric::FirstResponse => !status.is_unfinished(),
            Metric::FirstResolution | Metric::Resolution => !status.is_unfinished() || policy.pause_statuses.contains(&status),
            Metric::NextResponse | Metric::Visit => false,
        }
    }

    /// What the statuses entered while it ran did to it.
    fn course(&self, entered: &[Entered], policy: &Policy) -> Course {
        let stop_uncertainty_ms = self.stopped.as_ref().map_or(0, |stop| stop.when.uncertainty_ms);
        let mut course = Course {
            paused: Vec::new(),
            paused_since: None,
            uncertainty_ms: self.started.uncertainty_ms.max(stop_uncertainty_ms),
        };
        let last = self.stopped.as_ref().map_or(entered.len(), |stop| stop.statuses);
        for entry in entered.get(self.first_status..last).unwrap_or_default() {
            course.enter(entry.when, self.pauses_in(entry.status, policy));
        }
        if let Some(stop) = &self.stopped {
            course.enter(stop.when, false);
        }
        course
    }
}

struct Course {
    /// Ascending, disjoint, with open time between them.
    paused: Vec<Interval>,
    paused_since: Option<UtcMs>,
    uncertainty_ms: u64,
}

impl Course {
    fn enter(&mut self, when: Moment, pauses: bool) {
        match (self.paused_since, pauses) {
            (None, true) => self.paused_since = Some(when.at),
            (Some(from), false) => {
                self.paused_since = None;
                match self.paused.last_mut() {
                    Some(last) if last.to == from => last.to = when.at,
                    _ if from < when.at => self.paused.push(Interval { from, to: when.at }),
                    _ => {}
                }
            }
            (None, false) | (Some(_), true) => return,
        }
        self.uncertainty_ms = self.uncertainty_ms.max(when.uncertainty_ms);
    }
}
