//! Running clocks of one ticket, computed from its events.
//!
//! A clock is what the events, the policy and the calendar make it: nothing here is stored and counted down.
//! Statuses pause the resolution clocks only: an answer is owed while the ticket waits for somebody else, too.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::calendar::{Calendar, Interval};
use super::policy::{Metric, Target, Threshold};
use crate::time::{MINUTE_MS, UtcMs};

mod explain;
mod moments;
mod plan;
mod run;

pub use explain::{EXPLAINED_INTERVALS_MAX, ExplainedPause, Explanation, explain};
pub use plan::{plan_clocks, plan_clocks_from, plan_ruled_clocks};
pub use run::Ruled;

/// A clock is imminent with less open time left than this, or past [`IMMINENT_PERCENT`] of its target.
pub const IMMINENT_LEFT_MS: i64 = 15 * MINUTE_MS;
/// See [`IMMINENT_LEFT_MS`].
pub const IMMINENT_PERCENT: i64 = 90;
/// A clock is breaching with less open time left than this, but not in the first half of its target.
pub const BREACHING_LEFT_MS: i64 = 5 * MINUTE_MS;

/// What stopped a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// An agent answered in public.
    Replied,
    Resolved,
    Closed,
    /// Resolved or closed before an agent had answered: the first response is no longer owed.
    ClosedUnanswered,
    Merged,
    Deleted,
    /// The visit took place.
    VisitDone,
    VisitCancelled,
}

impl StopReason {
    /// True when the clock ended without being met or missed.
    #[must_use]
    pub const fn is_cancel(self) -> bool {
        matches!(self, Self::ClosedUnanswered | Self::Merged | Self::Deleted | Self::VisitCancelled)
    }
}

/// A target that was replaced when the priority changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SupersededTarget {
    pub until: UtcMs,
    pub target: Target,
}

/// One instance of a metric on one ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Clock {
    pub metric: Metric,
    /// 1, and one more for each reopening that resets.
    pub instance: u32,
    pub started_at: UtcMs,
    /// The target of the priority in force (when stopped: in force at the stop), counted from the start.
    pub target: Target,
    /// `None` while paused before it is reached, or when it is more than twenty years away.
    pub deadline: Option<UtcMs>,
    /// The deadline lies past the last published holiday notice.
    pub provisional: bool,
    /// Pauses that have ended, ascending.
    pub paused: Vec<Interval>,
    pub paused_since: Option<UtcMs>,
    pub stopped_at: Option<UtcMs>,
    pub stopped_by: Option<StopReason>,
    /// Who stopped it, as the provider names them; empty while it runs or where the provider does not say.
    pub stopped_who: String,
    /// The instants behind the clock are known to within this much, in milliseconds; zero when the provider told them.
    #[ts(type = "number")]
    pub uncertainty_ms: u64,
    /// Of a visit clock: which visit; empty for every other metric.
    pub visit: String,
    /// Every threshold of a running, unpaused clock that has its moment after the start, ascending, and the
    /// breach. Empty for a stopped or paused clock.
    pub dues: Vec<(Threshold, UtcMs)>,
    /// From here on [`ClockState::Imminent`]; `None` while stopped or paused.
    pub imminent_at: Option<UtcMs>,
    /// From here on [`ClockState::Breaching`]; `None` while stopped or paused.
    pub breaching_at: Option<UtcMs>,
    /// Earlier targets, oldest first.
    pub superseded: Vec<SupersededTarget>,
}

impl Clock {
    /// Ended pauses and the one that has not ended.
    #[must_use]
    pub fn all_pauses(&self) -> Vec<Interval> {
        self.paused.iter().copied().chain(self.paused_since.map(Interval::unended)).collect()
    }
}

/// How a clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    Running,
    /// Under 15 open minutes left, or past 90 % of the target.
    Imminent,
    /// Under 5 open minutes left.
    Breaching,
    /// The deadline is reached and the clock still runs.
    Breached,
    /// Stopped at or before the deadline.
    Achieved,
    /// Stopped after the deadline.
    Late,
    Cancelled,
    Paused,
}

/// The state at `now`. A clock that was breached before it paused stays breached.
#[must_use]
pub fn clock_state(clock: &Clock, now: UtcMs) -> ClockState {
    let reached = |moment: Option<UtcMs>, at: UtcMs| moment.is_some_and(|moment| at >= moment);
    if let Some(stopped_at) = clock.stopped_at {
        if clock.stopped_by.is_some_and(StopReason::is_cancel) {
            return ClockState::Cancelled;
        }
        let late = clock.deadline.is_some_and(|deadline| stopped_at > deadline);
        return if late { ClockState::Late } else { ClockState::Achieved };
    }
    if reached(clock.deadline, now) {
        ClockState::Breached
    } else if clock.paused_since.is_some() {
        ClockState::Paused
    } else if reached(clock.breaching_at, now) {
        ClockState::Breaching
    } else if reached(clock.imminent_at, now) {
        ClockState::Imminent
    } else {
        ClockState::Running
    }
}

/// Open milliseconds used by `now` (by the stop, when stopped), pauses aside.
#[must_use]
pub fn consumed_ms(clock: &Clock, calendar: &Calendar, now: UtcMs) -> i64 {
    calendar.elapsed_ms(clock.started_at, clock.stopped_at.unwrap_or(now), &clock.all_pauses())
}

/// Part of the target used up at `now`, in open time: 0 at the start, 1 at the deadline, more after it.
#[must_use]
pub fn share_consumed(clock: &Clock, calendar: &Calendar, now: UtcMs) -> f64 {
    match calendar.target_ms(clock.started_at, clock.target) {
        Some(target_ms) if target_ms > 0 => consumed_ms(clock, calendar, now) as f64 / target_ms as f64,
        Some(_) if clock.deadline.is_some_and(|deadline| clock.stopped_at.unwrap_or(now) >= deadline) => 1.0,
        _ => 0.0,
    }
}
