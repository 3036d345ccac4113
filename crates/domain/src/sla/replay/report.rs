//! What a replay answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::local::Local;
use crate::sla::policy::{Metric, Threshold};
use crate::ticket::{Priority, TicketId};
use crate::time::UtcMs;

/// Clocks of one row. `clocks` = `met` + `breached` + `still_open` + `cancelled`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct Tally {
    #[ts(type = "number")]
    pub clocks: u64,
    #[ts(type = "number")]
    pub met: u64,
    /// Stopped after the deadline, or past it at the end of the history.
    #[ts(type = "number")]
    pub breached: u64,
    /// Of those, how many had not stopped at the end of the history.
    #[ts(type = "number")]
    pub breached_open: u64,
    #[ts(type = "number")]
    pub still_open: u64,
    #[ts(type = "number")]
    pub cancelled: u64,
    /// Alerts that would have rung.
    #[ts(type = "number")]
    pub alerts: u64,
    /// Half of the breached were no later than this, in milliseconds, to within 1 %; `None` without any.
    #[ts(type = "number | null")]
    pub late_p50_ms: Option<i64>,
    /// As `late_p50_ms`, nine of ten.
    #[ts(type = "number | null")]
    pub late_p90_ms: Option<i64>,
    /// The latest, exactly.
    #[ts(type = "number | null")]
    pub late_max_ms: Option<i64>,
}

impl Tally {
    /// Clocks of which it is known whether they were met.
    #[must_use]
    pub const fn decided(&self) -> u64 {
        self.met + self.breached
    }
}

/// One metric of one priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReplayRow {
    pub metric: Metric,
    pub priority: Priority,
    pub tally: Tally,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MetricRow {
    pub metric: Metric,
    pub tally: Tally,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PriorityRow {
    pub priority: Priority,
    pub tally: Tally,
}

/// Tickets created in one local month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MonthRow {
    /// `YYYY-MM`.
    pub month: String,
    pub tally: Tally,
    pub metrics: Vec<MetricRow>,
    pub priorities: Vec<PriorityRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PolicyRow {
    pub policy_id: String,
    pub name_zh: String,
    pub name_en: String,
    pub tally: Tally,
}

/// How often a threshold would have rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ThresholdRow {
    pub threshold: Threshold,
    #[ts(type = "number")]
    pub alerts: u64,
}

/// Alerts that would have rung in one local month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MonthAlerts {
    /// `YYYY-MM`.
    pub month: String,
    #[ts(type = "number")]
    pub alerts: u64,
}

/// When the bell would have rung.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct AlertLoad {
    #[ts(type = "number")]
    pub rung: u64,
    /// Thresholds of the same clock at the same instant as a later one, which rings for them.
    #[ts(type = "number")]
    pub superseded: u64,
    pub by_threshold: Vec<ThresholdRow>,
    pub by_month: Vec<MonthAlerts>,
    /// Seven weekdays from Monday, 24 hours each, local time of the clock's calendar.
    #[ts(type = "Array<Array<number>>")]
    pub by_hour: Vec<Vec<u64>>,
}

/// A clock that would have been late.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
pub struct LateTicket {
    pub key: String,
    pub id: Option<TicketId>,
    /// Empty where it is not known.
    pub subject: String,
    pub metric: Metric,
    pub instance: u32,
    pub priority: Priority,
    pub policy_id: String,
    pub started_at: UtcMs,
    pub deadline: Option<UtcMs>,
    /// `None` when it still ran at the end of the history.
    pub stopped_at: Option<UtcMs>,
    #[ts(type = "number")]
    pub late_ms: i64,
}

/// What a history would have been under a set of rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReplayReport {
    #[ts(type = "number")]
    pub tickets: u64,
    #[ts(type = "number")]
    pub events: u64,
    /// Tickets that no policy applies to.
    #[ts(type = "number")]
    pub without_policy: u64,
    /// Tickets without a single clock: no policy, no target for the priority, or no creation.
    #[ts(type = "number")]
    pub without_clock: u64,
    /// The first event.
    pub from: Option<UtcMs>,
    /// The last event.
    pub last_event: Option<UtcMs>,
    /// Where the history ends: open clocks are judged as of then.
    pub until: UtcMs,
    pub total: Tally,
    pub rows: Vec<ReplayRow>,
    pub by_metric: Vec<MetricRow>,
    pub by_priority: Vec<PriorityRow>,
    pub by_month: Vec<MonthRow>,
    pub by_policy: Vec<PolicyRow>,
    pub alerts: AlertLoad,
    /// The latest first, at most [`super::WORST_MAX`].
    pub worst: Vec<LateTicket>,
}

/// Counting rings.
#[derive(Debug, Default)]
pub(super) struct Bell {
    rung: u64,
    pub(super) superseded: u64,
    /// Few: a policy has a handful of thresholds.
    by_threshold: Vec<(Threshold, u64)>,
    by_month: BTreeMap<i32, u64>,
    by_hour: [[u64; 24]; 7],
}

impl Bell {
    pub(super) fn count(&mut self, threshold: Threshold, at: &Local) {
        self.rung += 1;
        match self.by_threshold.iter_mut().find(|(known, _)| *known == threshold) {
            Some((_, count)) => *count += 1,
            None => self.by_threshold.push((threshold, 1)),
        }
        *self.by_month.entry(at.month).or_default() += 1;
        if let Some(hour) = self.by_hour.get_mut(at.weekday).and_then(|day| day.get_mut(at.hour)) {
            *hour += 1;
        }
    }

    pub(super) fn load(self) -> AlertLoad {
        let mut by_threshold: Vec<ThresholdRow> =
            self.by_threshold.into_iter().map(|(threshold, alerts)| ThresholdRow { threshold, alerts }).collect();
        by_threshold.sort_by_key(|row| order(row.threshold));
        AlertLoad {
            rung: self.rung,
            superseded: self.superseded,
            by_threshold,
            by_month: self.by_month.into_iter().map(|(month, alerts)| MonthAlerts { month: month_name(month), alerts }).collect(),
            by_hour: self.by_hour.iter().map(|day| day.to_vec()).collect(),
        }
    }
}

/// Shares first, ascending; then time left, the longest first; the breach last.
fn order(threshold: Threshold) -> (u8, i64) {
    match threshold {
        Threshold::Share { percent } => (0, i64::from(percent)),
        Threshold::TimeLeft { seconds } => (1, -i64::from(seconds)),
        Threshold::Breach => (2, 0),
    }
}

/// Months are counted from year 0.
pub(super) fn month_name(month: i32) -> String {
    format!("{:04}-{:02}", month.div_euclid(12), month.rem_euclid(12) + 1)
}
