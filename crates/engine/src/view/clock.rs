//! A ticket's clocks as shown, each with the reason for its deadline.

use std::collections::BTreeMap;

use deskbell_domain::UtcMs;
use deskbell_domain::sla::calendar::Calendar;
use deskbell_domain::sla::clock::{Clock as SlaClock, ClockState, Explanation, StopReason, clock_state, share_consumed};
use deskbell_domain::sla::policy::{Metric, Policy, Target, Threshold, Traits};
use deskbell_domain::sla::rules::{NamedCalendar, PlannedClock};
use deskbell_domain::time::SECOND_MS;
use deskbell_store::RungThreshold;
use serde::Serialize;
use ts_rs::TS;

/// What people call a calendar, and where its hours are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CalendarName {
    pub zh: String,
    pub en: String,
    /// IANA name of its time zone.
    pub tz: String,
}

impl CalendarName {
    pub(super) fn of(named: &NamedCalendar) -> Self {
        Self { zh: named.name_zh.clone(), en: named.name_en.clone(), tz: named.calendar.tz().name().to_owned() }
    }
}

/// A moment at which the bell rings for a clock.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ClockMark {
    pub threshold: Threshold,
    /// Of the target, in business time: 0 to 1.
    pub share: f64,
    /// `None` while the clock is paused before it.
    pub at: Option<UtcMs>,
    /// When it was shown, if it was.
    pub rung_at: Option<UtcMs>,
}

/// What about a ticket a policy asks for, and the ticket has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MatchKind {
    Vip,
    /// Only customers who are not VIP.
    NotVip,
    Priority,
    Account,
    Customer,
    Product,
    Tag,
}

/// One reason why a policy applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct PolicyMatch {
    pub kind: MatchKind,
    /// What the ticket has of it; empty for VIP and for no VIP.
    pub value: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ClockView {
    pub metric: Metric,
    pub instance: u32,
    pub state: ClockState,
    pub started_at: UtcMs,
    pub deadline_at: Option<UtcMs>,
    pub stopped_at: Option<UtcMs>,
    pub stopped_by: Option<StopReason>,
    /// As the provider names them; empty where it does not say.
    pub stopped_who: String,
    pub paused_since: Option<UtcMs>,
    pub target: Target,
    /// Of the target, in business time; above 1 when late.
    pub share: f64,
    pub provisional: bool,
    /// The instants behind it are known to within this much, in milliseconds.
    #[ts(type = "number")]
    pub uncertainty_ms: u64,
    /// Ascending by share.
    pub marks: Vec<ClockMark>,
    /// Why its policy applies; empty for one that applies to every ticket.
    pub matched: Vec<PolicyMatch>,
    pub why: Explanation,
}

/// What a clock is shown with beside the rules.
pub(crate) struct Beside<'a> {
    pub now: UtcMs,
    pub traits: &'a Traits,
    pub account_name: &'a str,
    pub rung: &'a [RungThreshold],
}

pub(crate) fn show_clock(planned: &PlannedClock<'_>, beside: &Beside<'_>) -> ClockView {
    let clock = &planned.clock;
    let now = beside.now;
    ClockView {
        metric: clock.metric,
        instance: clock.instance,
        state: clock_state(clock, now),
        started_at: clock.started_at,
        deadline_at: clock.deadline,
        stopped_at: clock.stopped_at,
        stopped_by: clock.stopped_by,
        stopped_who: clock.stopped_who.clone(),
        paused_since: clock.paused_since,
        target: clock.target,
        share: share_consumed(clock, planned.calendar, clock.stopped_at.unwrap_or(now)),
        provisional: clock.provisional,
        uncertainty_ms: clock.uncertainty_ms,
        marks: marks(clock, planned.policy, planned.calendar, beside.rung),
        matched: matched(planned.policy, beside.traits, beside.account_name),
        why: planned.explain(now),
    }
}

/// Where the bar has marks, ascending; half of a 30-minute target and its last 15 minutes are one mark. A clock whose target
/// is never used up has none.
fn marks(clock: &SlaClock, policy: &Policy, calendar: &Calendar, rung: &[RungThreshold]) -> Vec<ClockMark> {
    let Some(target_ms) = calendar.target_ms(clock.started_at, clock.target).filter(|target_ms| *target_ms > 0) else {
        return Vec::new();
    };
    let pauses = clock.all_pauses();
    let mut by_consumed: BTreeMap<i64, ClockMark> = BTreeMap::new();
    for threshold in policy.thresholds.iter().copied().filter(|threshold| *threshold != Threshold::Breach) {
        let consumed_ms = match threshold {
            Threshold::Share { percent } => target_ms.saturating_mul(i64::from(percent)) / 100,
            Threshold::TimeLeft { seconds } => target_ms - i64::from(seconds) * SECOND_MS,
            Threshold::Breach => target_ms,
        };
        if consumed_ms <= 0 || consumed_ms > target_ms {
            continue;
        }
        let at = calendar.moment_at_elapsed(clock.started_at, consumed_ms, &pauses);
        let mark = mark(clock, threshold, consumed_ms as f64 / target_ms as f64, at, rung);
        // Of two at one moment the one that rang tells more.
        let known = by_consumed.entry(consumed_ms).or_insert_with(|| mark.clone());
        known.rung_at = known.rung_at.or(mark.rung_at);
    }
    let breach = mark(clock, Threshold::Breach, 1.0, clock.deadline, rung);
    by_consumed.into_values().filter(|mark| mark.share < 1.0).chain([breach]).collect()
}

/// Rung means rung for this very moment: a deadline that moved rings again.
fn mark(clock: &SlaClock, threshold: Threshold, share: f64, at: Option<UtcMs>, rung: &[RungThreshold]) -> ClockMark {
    let same = |one: &&RungThreshold| {
        (one.metric, one.instance, one.threshold, Some(one.due_at)) == (clock.metric, clock.instance, threshold, at)
    };
    ClockMark { threshold, share, at, rung_at: rung.iter().find(same).map(|one| one.shown_at) }
}

fn matched(policy: &Policy, traits: &Traits, account_name: &str) -> Vec<PolicyMatch> {
    let mut reasons = Vec::new();
    let mut because = |applies: bool, kind: MatchKind, value: &str| {
        if applies {
            reasons.push(PolicyMatch { kind, value: value.to_owned() });
        }
    };
    because(policy.vip == Some(true), MatchKind::Vip, "");
    because(policy.vip == Some(false), MatchKind::NotVip, "");
    because(!policy.priorities.is_empty(), MatchKind::Priority, traits.priority.as_str());
    because(!policy.accounts.is_empty(), MatchKind::Account, account_name);
    because(!policy.customers.is_empty(), MatchKind::Customer, &traits.customer);
    because(!policy.products.is_empty(), MatchKind::Product, &traits.product);
    for tag in traits.tags.iter().filter(|tag| policy.tags.contains(tag)) {
        because(true, MatchKind::Tag, tag);
    }
    reasons
}

#[cfg(test)]
mod tests;
