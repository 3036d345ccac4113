//! A ticket's clocks as shown, each with the reason for its deadline.

use deskbell_domain::UtcMs;
use deskbell_domain::sla::calendar::{Calendar, Interval};
use deskbell_domain::sla::clock::{Clock as SlaClock, ClockState, clock_state, explain, share_consumed};
use deskbell_domain::sla::policy::{Metric, Policy, Target, TargetUnit, Threshold};
use serde::Serialize;
use ts_rs::TS;

/// Open intervals listed in an explanation; the rest are counted.
const EXPLAINED_INTERVALS_MAX: usize = 12;

/// Why a deadline is when it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Explanation {
    pub policy_zh: String,
    pub policy_en: String,
    pub calendar: String,
    pub started_at: UtcMs,
    pub target_minutes: u32,
    pub open: Vec<Interval>,
    #[ts(type = "number")]
    pub open_more: u64,
    pub pauses: Vec<Interval>,
    pub deadline_at: Option<UtcMs>,
    pub provisional: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ClockView {
    pub metric: Metric,
    pub instance: u32,
    pub state: ClockState,
    pub started_at: UtcMs,
    pub deadline_at: Option<UtcMs>,
    pub stopped_at: Option<UtcMs>,
    pub paused_since: Option<UtcMs>,
    /// Zero for a target in business days.
    pub target_minutes: u32,
    pub target_text_days: Option<u32>,
    /// Of the target, in business time; above 1 when late.
    pub share: f64,
    pub provisional: bool,
    pub pauses: Vec<Interval>,
    /// Shares at which the bell rings.
    pub thresholds: Vec<f64>,
    pub why: Option<Explanation>,
}

pub(super) fn show_clock(clock: &SlaClock, policy: &Policy, calendar: &Calendar, now: UtcMs) -> ClockView {
    let why = explain(clock, policy, calendar, now);
    let target_minutes = target_minutes(clock.target);
    let listed = why.counted.len().min(EXPLAINED_INTERVALS_MAX) as u64;
    ClockView {
        metric: clock.metric,
        instance: clock.instance,
        state: clock_state(clock, now),
        started_at: clock.started_at,
        deadline_at: clock.deadline,
        stopped_at: clock.stopped_at,
        paused_since: clock.paused_since,
        target_minutes,
        target_text_days: (clock.target.unit == TargetUnit::BusinessDay).then_some(clock.target.value),
        share: share_consumed(clock, calendar, clock.stopped_at.unwrap_or(now)),
        provisional: clock.provisional,
        pauses: clock.paused.clone(),
        thresholds: threshold_marks(policy, target_minutes),
        why: Some(Explanation {
            policy_zh: policy.name_zh.clone(),
            policy_en: policy.name_en.clone(),
            calendar: policy.calendar_id.clone(),
            started_at: clock.started_at,
            target_minutes,
            open: why.counted.into_iter().take(EXPLAINED_INTERVALS_MAX).collect(),
            open_more: why.counted_total.saturating_sub(listed),
            pauses: clock.paused.clone(),
            deadline_at: clock.deadline,
            provisional: clock.provisional,
        }),
    }
}

/// Where the bar has marks, ascending; half of a 30-minute target and its last 15 minutes are one mark.
fn threshold_marks(policy: &Policy, target_minutes: u32) -> Vec<f64> {
    let mut marks: Vec<f64> =
        policy.thresholds.iter().filter_map(|threshold| threshold_share(*threshold, target_minutes)).collect();
    marks.sort_by(f64::total_cmp);
    marks.dedup();
    marks
}

/// Zero for business days, which have no fixed length.
fn target_minutes(target: Target) -> u32 {
    match target.unit {
        TargetUnit::Second => target.value / 60,
        TargetUnit::Minute => target.value,
        TargetUnit::Hour => target.value.saturating_mul(60),
        TargetUnit::BusinessDay => 0,
    }
}

fn threshold_share(threshold: Threshold, target_minutes: u32) -> Option<f64> {
    match threshold {
        Threshold::Share { percent } => Some(f64::from(percent) / 100.0),
        Threshold::TimeLeft { seconds } if target_minutes > 0 => {
            let share = 1.0 - f64::from(seconds) / 60.0 / f64::from(target_minutes);
            (share > 0.0).then_some(share)
        }
        Threshold::TimeLeft { .. } => None,
        Threshold::Breach => Some(1.0),
    }
}
