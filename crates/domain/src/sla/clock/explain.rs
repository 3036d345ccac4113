//! Why a deadline is what it is, as data for a sentence.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Clock, ClockState, StopReason, SupersededTarget, clock_state, consumed_ms};
use crate::sla::calendar::{Calendar, Interval};
use crate::sla::policy::{Metric, Policy, Target};
use crate::time::UtcMs;

/// Open intervals an explanation lists; the rest is counted.
pub const EXPLAINED_INTERVALS_MAX: usize = 60;

/// One pause and what it was worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ExplainedPause {
    pub from: UtcMs,
    /// `None` while it lasts.
    pub to: Option<UtcMs>,
    /// Open milliseconds it took out; up to `now` while it lasts.
    #[ts(type = "number")]
    pub open_ms: i64,
}

/// Everything "why this deadline" says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Explanation {
    pub policy_id: String,
    pub policy_zh: String,
    pub policy_en: String,
    pub calendar_id: String,
    /// What people call the calendar; empty where only the calendar itself was at hand.
    pub calendar_zh: String,
    pub calendar_en: String,
    /// IANA name of the calendar's time zone.
    pub tz: String,
    pub metric: Metric,
    pub instance: u32,
    pub target: Target,
    /// The target in open milliseconds; `None` when it is never used up.
    #[ts(type = "number | null")]
    pub target_ms: Option<i64>,
    pub started_at: UtcMs,
    pub deadline: Option<UtcMs>,
    pub provisional: bool,
    /// Last date, `YYYY-MM-DD`, whose holidays are known; `None` when that is every date.
    pub known_until: Option<String>,
    /// Open time outside pauses from the start to the deadline (to the stop or `now` without one), the first
    /// [`EXPLAINED_INTERVALS_MAX`] intervals. Intervals that touch at midnight are one.
    pub counted: Vec<Interval>,
    /// How many intervals there are, listed or not.
    #[ts(type = "number")]
    pub counted_total: u64,
    pub pauses: Vec<ExplainedPause>,
    /// Open milliseconds used by `now`, or by the stop.
    #[ts(type = "number")]
    pub consumed_ms: i64,
    /// Earlier targets, oldest first.
    pub superseded: Vec<SupersededTarget>,
    pub state: ClockState,
    pub stopped_at: Option<UtcMs>,
    pub stopped_by: Option<StopReason>,
    /// Who stopped it, as the provider names them; empty where it does not say.
    pub stopped_who: String,
    /// The instants behind it are known to within this much, in milliseconds.
    #[ts(type = "number")]
    pub uncertainty_ms: u64,
    /// Of a visit clock: which visit.
    pub visit: String,
}

/// Explains a clock as of `now`; `policy` and `calendar` are those it was planned with.
#[must_use]
pub fn explain(clock: &Clock, policy: &Policy, calendar: &Calendar, now: UtcMs) -> Explanation {
    let until = clock.deadline.unwrap_or(clock.stopped_at.unwrap_or(now));
    let pauses = clock.all_pauses();
    let (counted, counted_total) = counted(calendar, clock.started_at, until, &pauses);
    let explained = pauses.iter().map(|pause| {
        let lasts = pause.to == UtcMs(i64::MAX);
        let end = if lasts { now } else { pause.to };
        ExplainedPause { from: pause.from, to: (!lasts).then_some(pause.to), open_ms: calendar.elapsed_ms(pause.from, end, &[]) }
    });
    Explanation {
        policy_id: policy.id.clone(),
        policy_zh: policy.name_zh.clone(),
        policy_en: policy.name_en.clone(),
        calendar_id: policy.calendar_of(clock.metric).to_owned(),
        calendar_zh: String::new(),
        calendar_en: String::new(),
        tz: calendar.tz().name().to_owned(),
        metric: clock.metric,
        instance: clock.instance,
        target: clock.target,
        target_ms: calendar.target_ms(clock.started_at, clock.target),
        started_at: clock.started_at,
        deadline: clock.deadline,
        provisional: clock.provisional,
        known_until: calendar.known_until().map(|date| date.to_string()),
        counted,
        counted_total,
        pauses: explained.collect(),
        consumed_ms: consumed_ms(clock, calendar, now),
        superseded: clock.superseded.clone(),
        state: clock_state(clock, now),
        stopped_at: clock.stopped_at,
        stopped_by: clock.stopped_by,
        stopped_who: clock.stopped_who.clone(),
        uncertainty_ms: clock.uncertainty_ms,
        visit: clock.visit.clone(),
    }
}

/// The active intervals of `[from, to)` and how many there are.
fn counted(calendar: &Calendar, from: UtcMs, to: UtcMs, pauses: &[Interval]) -> (Vec<Interval>, u64) {
    let (mut listed, mut total) = (Vec::new(), 0_u64);
    let mut last: Option<Interval> = None;
    let mut close = |interval: Interval| {
        if listed.len() < EXPLAINED_INTERVALS_MAX {
            listed.push(interval);
        }
        total += 1;
    };
    for interval in calendar.active_intervals(from, to, pauses) {
        last = match last {
            Some(before) if before.to == interval.from => Some(Interval { from: before.from, to: interval.to }),
            Some(before) => {
                close(before);
                Some(interval)
            }
            None => Some(interval),
        };
    }
    last.into_iter().for_each(&mut close);
    (listed, total)
}
