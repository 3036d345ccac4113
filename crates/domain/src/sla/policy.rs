//! Which targets a ticket has: ordered policies, first match wins.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ticket::{Priority, Status, text_enum};

/// One kind of running clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// From creation to the first public reply of an agent.
    FirstResponse,
    /// From creation to resolved.
    Resolution,
}

text_enum!(Metric { FirstResponse = "first_response", Resolution = "resolution" });

/// What happens to the resolution clock when a resolved ticket is opened again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReopenRule {
    /// The time it was closed counts as a pause.
    Continue,
    /// The clock starts anew at the reopening.
    Reset,
}

/// Length of a target in the units of SLA contracts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct Target {
    pub value: u32,
    pub unit: TargetUnit,
}

/// Seconds, minutes and hours count open time; a business day keeps the clock time N working dates later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TargetUnit {
    Second,
    Minute,
    Hour,
    BusinessDay,
}

/// A moment before the breach at which the bell rings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Threshold {
    /// Percent of the target consumed, in business time.
    Share { percent: u8 },
    /// Business seconds left.
    TimeLeft { seconds: u32 },
    /// The deadline itself.
    Breach,
}

/// The targets of one priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PriorityTargets {
    pub priority: Priority,
    pub first_response: Option<Target>,
    pub resolution: Option<Target>,
}

/// Named by a policy; kept as data in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Policy {
    pub id: String,
    pub name_zh: String,
    pub name_en: String,
    /// `Some(true)` only VIP customers, `Some(false)` only others, `None` both.
    pub vip: Option<bool>,
    /// Only tickets of these priorities; empty means every priority.
    #[serde(default)]
    pub priorities: Vec<Priority>,
    /// Key of the calendar in the store.
    pub calendar_id: String,
    pub targets: Vec<PriorityTargets>,
    pub pause_statuses: Vec<Status>,
    pub reopen: ReopenRule,
    pub thresholds: Vec<Threshold>,
}

impl Policy {
    /// The target of a metric at a priority, if the policy sets one.
    #[must_use]
    pub fn target(&self, metric: Metric, priority: Priority) -> Option<Target> {
        let targets = self.targets.iter().find(|targets| targets.priority == priority)?;
        match metric {
            Metric::FirstResponse => targets.first_response,
            Metric::Resolution => targets.resolution,
        }
    }
}

/// The first policy that applies.
#[must_use]
pub fn match_policy(policies: &[Policy], vip: bool, priority: Priority) -> Option<&Policy> {
    policies.iter().find(|policy| {
        policy.vip.is_none_or(|wanted| wanted == vip) && (policy.priorities.is_empty() || policy.priorities.contains(&priority))
    })
}
