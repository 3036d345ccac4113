//! Which targets a ticket has: ordered policies, first match wins.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ticket::{AccountId, Priority, Status, text_enum};

/// One kind of running clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// From creation to the first public reply of an agent.
    FirstResponse,
    /// From the oldest unanswered public message of the customer to the next public reply of an agent, each time anew.
    NextResponse,
    /// From creation to the first time it is resolved; a reopening does not bring it back.
    FirstResolution,
    /// From creation to resolved for good: a reopening continues or restarts it, as the policy says.
    Resolution,
    /// From the request of a visit on site to its end, one instance a visit.
    Visit,
}

text_enum!(Metric {
    FirstResponse = "first_response",
    NextResponse = "next_response",
    FirstResolution = "first_resolution",
    Resolution = "resolution",
    Visit = "visit",
});

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
    #[serde(default)]
    pub first_response: Option<Target>,
    #[serde(default)]
    pub next_response: Option<Target>,
    #[serde(default)]
    pub first_resolution: Option<Target>,
    #[serde(default)]
    pub resolution: Option<Target>,
    #[serde(default)]
    pub visit: Option<Target>,
}

impl PriorityTargets {
    /// No targets yet.
    #[must_use]
    pub const fn none(priority: Priority) -> Self {
        Self { priority, first_response: None, next_response: None, first_resolution: None, resolution: None, visit: None }
    }

    /// The target of a metric, if there is one.
    #[must_use]
    pub const fn of(&self, metric: Metric) -> Option<Target> {
        match metric {
            Metric::FirstResponse => self.first_response,
            Metric::NextResponse => self.next_response,
            Metric::FirstResolution => self.first_resolution,
            Metric::Resolution => self.resolution,
            Metric::Visit => self.visit,
        }
    }
}

/// What a policy is matched with: the ticket as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Traits {
    pub account: AccountId,
    pub vip: bool,
    pub priority: Priority,
    /// Name of the customer; empty for none.
    pub customer: String,
    /// Product or queue, as the provider names it.
    pub product: String,
    pub tags: Vec<String>,
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
    /// Only tickets of these connections; empty means every one. So with the three lists below.
    #[serde(default)]
    pub accounts: Vec<AccountId>,
    /// Names of customers.
    #[serde(default)]
    pub customers: Vec<String>,
    /// Products or queues, as providers name them.
    #[serde(default)]
    pub products: Vec<String>,
    /// Tickets with at least one of these tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Key of the calendar in the rules.
    pub calendar_id: String,
    /// Calendar of the visit clocks; `None` takes `calendar_id`.
    #[serde(default)]
    pub visit_calendar_id: Option<String>,
    pub targets: Vec<PriorityTargets>,
    pub pause_statuses: Vec<Status>,
    pub reopen: ReopenRule,
    pub thresholds: Vec<Threshold>,
}

impl Policy {
    /// The target of a metric at a priority, if the policy sets one.
    #[must_use]
    pub fn target(&self, metric: Metric, priority: Priority) -> Option<Target> {
        self.targets.iter().find(|targets| targets.priority == priority)?.of(metric)
    }

    /// Key of the calendar in which a metric is counted.
    #[must_use]
    pub fn calendar_of(&self, metric: Metric) -> &str {
        match (metric, &self.visit_calendar_id) {
            (Metric::Visit, Some(calendar)) => calendar,
            _ => &self.calendar_id,
        }
    }

    /// True when the policy is for such a ticket.
    #[must_use]
    pub fn applies_to(&self, traits: &Traits) -> bool {
        let any = |wanted: &[String], has: &str| wanted.is_empty() || wanted.iter().any(|one| one == has);
        self.vip.is_none_or(|wanted| wanted == traits.vip)
            && (self.priorities.is_empty() || self.priorities.contains(&traits.priority))
            && (self.accounts.is_empty() || self.accounts.contains(&traits.account))
            && any(&self.customers, &traits.customer)
            && any(&self.products, &traits.product)
            && (self.tags.is_empty() || traits.tags.iter().any(|tag| self.tags.contains(tag)))
    }
}

/// The first policy that applies.
#[must_use]
pub fn match_policy<'a>(policies: &'a [Policy], traits: &Traits) -> Option<&'a Policy> {
    policies.iter().find(|policy| policy.applies_to(traits))
}
