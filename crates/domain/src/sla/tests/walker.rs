//! Whole clocks minute by minute: takes what happens in a minute, then notes how everything stands. Shares no code with
//! the engine but the types, and takes its deadlines from the second hand of [`super::oracle`].

use super::oracle::Oracle;
use crate::sla::calendar::Interval;
use crate::sla::clock::StopReason;
use crate::sla::event::{TicketEvent, TicketEventKind as Kind};
use crate::sla::policy::{Metric, Policy, ReopenRule, Target, TargetUnit};
use crate::sla::rules::RuleBook;
use crate::ticket::{Priority, Role, Status};
use crate::time::{MINUTE_MS, UtcMs};

/// What a clock has to be.
#[derive(Debug, PartialEq)]
pub(super) struct Expected {
    pub(super) metric: Metric,
    pub(super) instance: u32,
    pub(super) policy: String,
    pub(super) started_at: UtcMs,
    pub(super) target: Target,
    pub(super) stopped: Option<(UtcMs, StopReason, String)>,
    /// Joined; the last one has no end when the clock stands still.
    pub(super) pauses: Vec<Interval>,
    pub(super) superseded: Vec<(UtcMs, Target)>,
    pub(super) visit: String,
    /// `None`: not within the walk.
    pub(super) deadline: Option<UtcMs>,
}

struct Life {
    metric: Metric,
    instance: u32,
    start: UtcMs,
    priority: Priority,
    changes: Vec<(UtcMs, Priority)>,
    /// Closed time that became a pause.
    gaps: Vec<(UtcMs, UtcMs)>,
    stop: Option<(UtcMs, StopReason, String)>,
    visit: String,
}

/// One ticket on its way through its minutes.
pub(super) struct Walker<'a> {
    book: &'a RuleBook,
    lives: Vec<Life>,
    /// The status at the end of each minute since the first; `None` before the creation.
    statuses: Vec<Option<Status>>,
    status: Option<Status>,
    priority: Priority,
    earliest: Option<UtcMs>,
    over: bool,
}

fn turn(kind: &Kind) -> usize {
    match kind {
        Kind::Created => 0,
        Kind::PriorityChanged { .. } => 1,
        Kind::Replied { .. } => 2,
        Kind::StatusChanged { .. } => 3,
        Kind::Merged { .. } | Kind::Deleted => 5,
        _ => 4,
    }
}

fn finished(status: Status) -> bool {
    status == Status::Resolved || status == Status::Closed
}

fn is_since_creation(metric: Metric) -> bool {
    matches!(metric, Metric::FirstResponse | Metric::FirstResolution | Metric::Resolution)
}

/// Walks `minutes` from `first`, a whole minute, on. Events lie on whole minutes.
pub(super) fn walk(book: &RuleBook, events: &[TicketEvent], initial: Priority, first: UtcMs, minutes: usize) -> Vec<Expected> {
    let mut walker =
        Walker { book, lives: Vec::new(), statuses: Vec::new(), status: None, priority: initial, earliest: None, over: false };
    for minute in 0..minutes {
        let at = first.plus_ms(minute as i64 * MINUTE_MS);
        for now in 0..6 {
            events.iter().filter(|event| event.at == at && turn(&event.kind) == now).for_each(|event| walker.happen(event));
        }
        walker.statuses.push(walker.status);
    }
    walker.expected(first, minutes)
}

impl Walker<'_> {
    fn policy(&self, start: UtcMs) -> Option<&Policy> {
        // The last set that began; the first is there since ever. Its first policy is for every ticket of these tests.
        let mut found = &self.book.sets[0];
        for set in &self.book.sets[1..] {
            if set.from.expect("a later set has a date") <= start {
                found = set;
            }
        }
        found.policies.first()
    }

    fn begin(&mut self, metric: Metric, at: UtcMs, visit: &str) {
        let before = self.lives.iter().filter(|life| life.metric == metric).count() as u32;
        self.lives.push(Life {
            metric,
            instance: before + 1,
            start: at,
            priority: self.priority,
            changes: Vec::new(),
            gaps: Vec::new(),
            stop: None,
            visit: visit.to_owned(),
        });
    }

    fn stop(&mut self, metric: Metric, event: &TicketEvent, reason: StopReason) {
        for life in self.lives.iter_mut().filter(|life| life.metric == metric && life.stop.is_none()) {
            life.stop = Some((event.at, reason, event.actor.clone()));
        }
    }

    fn happen(&mut self, event: &TicketEvent) {
        if self.over {
            return;
        }
        if let Kind::PriorityChanged { to } = event.kind {
            for life in self.lives.iter_mut().filter(|life| life.stop.is_none() && life.priority != to) {
                if event.at > life.start {
                    life.changes.push((event.at, life.priority));
                }
                life.priority = to;
            }
            self.priority = to;
        }
        if self.status.is_none() {
            if event.kind == Kind::Created {
                self.status = Some(Status::New);
                for metric in [Metric::FirstResponse, Metric::FirstResolution, Metric::Resolution] {
                    self.begin(metric, event.at, "");
                }
            }
            return;
        }
        match &event.kind {
            Kind::Replied { by: Role::Agent } => {
                self.stop(Metric::FirstResponse, event, StopReason::Replied);
                self.stop(Metric::NextResponse, event, StopReason::Replied);
            }
            Kind::Replied { by: Role::Customer } => {
                let waits = self.lives.iter().any(|life| life.metric == Metric::NextResponse && life.stop.is_none());
                let first = self.lives.iter().rfind(|life| life.metric == Metric::FirstResponse);
                let answered = first.and_then(|life| life.stop.as_ref()).is_some_and(|stop| stop.1 == StopReason::Replied);
                if answered && !waits {
                    self.begin(Metric::NextResponse, event.at, "");
                }
            }
            Kind::StatusChanged { to } => self.enter(event, *to),
            Kind::Absorbed { created_at } => {
                self.earliest = Some(self.earliest.map_or(*created_at, |known| known.min(*created_at)));
                for at in 0..self.lives.len() {
                    if self.lives[at].stop.is_none() {
                        self.take_earliest(at);
                    }
                }
            }
            Kind::VisitRequested { visit } if !self.lives.iter().any(|life| life.visit == *visit) => {
                self.begin(Metric::Visit, event.at, visit);
            }
            Kind::VisitDone { visit } | Kind::VisitCancelled { visit } => {
                let done = matches!(event.kind, Kind::VisitDone { .. });
                let reason = if done { StopReason::VisitDone } else { StopReason::VisitCancelled };
                for life in self.lives.iter_mut().filter(|life| life.visit == *visit && life.stop.is_none()) {
                    life.stop = Some((event.at, reason, event.actor.clone()));
                }
            }
            Kind::Merged { .. } | Kind::Deleted => {
                let reason = if event.kind == Kind::Deleted { StopReason::Deleted } else { StopReason::Merged };
                Metric::ALL.iter().for_each(|metric| self.stop(*metric, event, reason));
                self.over = true;
            }
            _ => {}
        }
    }

    fn take_earliest(&mut self, at: usize) {
        let life = &mut self.lives[at];
        if let Some(earliest) = self.earliest
            && is_since_creation(life.metric)
            && life.instance == 1
        {
            life.start = life.start.min(earliest);
        }
    }

    fn enter(&mut self, event: &TicketEvent, to: Status) {
        self.status = Some(to);
        if finished(to) {
            let resolved = if to == Status::Resolved { StopReason::Resolved } else { StopReason::Closed };
            self.stop(Metric::FirstResponse, event, StopReason::ClosedUnanswered);
            self.stop(Metric::NextResponse, event, StopReason::ClosedUnanswered);
            self.stop(Metric::FirstResolution, event, resolved);
            self.stop(Metric::Resolution, event, resolved);
            return;
        }
        for metric in [Metric::FirstResponse, Metric::Resolution] {
            let at = self.lives.iter().rposition(|life| life.metric == metric).expect("one since the creation");
            let Some((stopped_at, reason, _)) = self.lives[at].stop.clone() else { continue };
            if reason == StopReason::Replied {
                continue;
            }
            let resets = self.policy(self.lives[at].start).is_some_and(|policy| policy.reopen == ReopenRule::Reset);
            if resets {
                self.begin(metric, event.at, "");
                continue;
            }
            let priority = self.priority;
            let life = &mut self.lives[at];
            life.stop = None;
            life.gaps.push((stopped_at, event.at));
            if life.priority != priority {
                life.changes.push((stopped_at, life.priority));
                life.priority = priority;
            }
            self.take_earliest(at);
        }
    }

    fn expected(&self, first: UtcMs, minutes: usize) -> Vec<Expected> {
        let mut found: Vec<Expected> = self.lives.iter().filter_map(|life| self.expect(life, first, minutes)).collect();
        found.sort_by_key(|one| (one.metric, one.instance));
        found
    }

    fn expect(&self, life: &Life, first: UtcMs, minutes: usize) -> Option<Expected> {
        let policy = self.policy(life.start)?;
        let target = policy.target(life.metric, life.priority)?;
        let pauses = self.pauses(life, policy, first, minutes);
        let set = self.book.sets.iter().rfind(|set| set.policies.iter().any(|one| std::ptr::eq(one, policy)))?;
        let calendar = if life.metric == Metric::Visit { policy.visit_calendar_id.as_ref() } else { None };
        let spec = set.calendars[calendar.unwrap_or(&policy.calendar_id)].calendar.spec();
        let left = minutes - usize::try_from(life.start.ms_since(first) / MINUTE_MS).expect("within the walk");
        let oracle = Oracle::new(spec, MINUTE_MS, life.start, left, &pauses);
        let deadline = match target.unit {
            TargetUnit::BusinessDay => oracle.business_days(target.value),
            TargetUnit::Hour => oracle.moment(i64::from(target.value) * 60 * MINUTE_MS),
            TargetUnit::Minute | TargetUnit::Second => oracle.moment(i64::from(target.value) * MINUTE_MS),
        };
        let changes = life.changes.iter();
        Some(Expected {
            metric: life.metric,
            instance: life.instance,
            policy: policy.id.clone(),
            started_at: life.start,
            target,
            stopped: life.stop.clone(),
            pauses,
            superseded: changes.filter_map(|(at, priority)| Some((*at, policy.target(life.metric, *priority)?))).collect(),
            visit: life.visit.clone(),
            deadline,
        })
    }

    /// Each minute asks: does the clock stand still?
    fn pauses(&self, life: &Life, policy: &Policy, first: UtcMs, minutes: usize) -> Vec<Interval> {
        let by_status = matches!(life.metric, Metric::FirstResolution | Metric::Resolution);
        let mut found: Vec<Interval> = Vec::new();
        let mut ends_standing = false;
        for minute in 0..minutes {
            let at = first.plus_ms(minute as i64 * MINUTE_MS);
            let lives = at >= life.start && life.stop.as_ref().is_none_or(|stop| at < stop.0);
            let closed = life.gaps.iter().any(|(from, to)| *from <= at && at < *to);
            let named = self.statuses[minute].is_some_and(|status| !finished(status) && policy.pause_statuses.contains(&status));
            let stands = lives && (closed || (by_status && named));
            match found.last_mut() {
                Some(last) if stands && last.to == at => last.to = at.plus_ms(MINUTE_MS),
                _ if stands => found.push(Interval { from: at, to: at.plus_ms(MINUTE_MS) }),
                _ => {}
            }
            ends_standing = stands;
        }
        if let Some(last) = found.last_mut().filter(|_| ends_standing && life.stop.is_none()) {
            last.to = UtcMs(i64::MAX);
        }
        found
    }
}
