//! What is wrong with rules that a person made: every problem, each with its place.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{NamedCalendar, RuleSet};
use crate::sla::calendar::{Calendar, CalendarSpec, calendar_problems};
use crate::sla::policy::{Metric, Policy, Target, TargetUnit, Threshold};
use crate::ticket::text_enum;
use crate::time::UtcMs;

/// Policies of one set.
pub const POLICIES_MAX: usize = 100;
/// Calendars of one set.
pub const CALENDARS_MAX: usize = 50;
/// Moments at which one policy rings.
pub const THRESHOLDS_MAX: usize = 20;
/// Largest number in a target, whatever its unit.
pub const TARGET_VALUE_MAX: u32 = 99_999;
/// Longest target in business days: ten years of them, within the horizon of deadlines.
pub const TARGET_DAYS_MAX: u32 = 2_500;
/// Most time left at which a bell rings: thirty days.
pub const TIME_LEFT_SECONDS_MAX: u32 = 30 * 86_400;
/// Customers, products, tags and the like that one policy names, each.
pub const MATCHES_MAX: usize = 1_000;

/// What can be wrong with a place in the rules. Each has a text `rules-fault-<name>` in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RuleFault {
    NoPolicies,
    TooMany,
    IdMissing,
    IdTwice,
    NameMissing,
    CalendarUnknown,
    /// A policy counts in a calendar that is never open.
    CalendarNeverOpen,
    PriorityTwice,
    TargetZero,
    TargetTooLong,
    PercentInvalid,
    TimeLeftInvalid,
    TimeZoneUnknown,
    TimeInvalid,
    SpanReversed,
    SpansOverlap,
    DateInvalid,
}

text_enum!(RuleFault {
    NoPolicies = "no_policies",
    TooMany = "too_many",
    IdMissing = "id_missing",
    IdTwice = "id_twice",
    NameMissing = "name_missing",
    CalendarUnknown = "calendar_unknown",
    CalendarNeverOpen = "calendar_never_open",
    PriorityTwice = "priority_twice",
    TargetZero = "target_zero",
    TargetTooLong = "target_too_long",
    PercentInvalid = "percent_invalid",
    TimeLeftInvalid = "time_left_invalid",
    TimeZoneUnknown = "time_zone_unknown",
    TimeInvalid = "time_invalid",
    SpanReversed = "span_reversed",
    SpansOverlap = "spans_overlap",
    DateInvalid = "date_invalid",
});

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RuleProblem {
    /// `policies[1].targets[urgent].resolution`, `calendars.business_cn.hours.mon[0]`.
    pub place: String,
    pub code: RuleFault,
    /// What the text names: `text` as typed, `most`.
    pub args: BTreeMap<String, String>,
}

impl RuleProblem {
    #[must_use]
    pub fn new(place: impl Into<String>, code: RuleFault) -> Self {
        Self { place: place.into(), code, args: BTreeMap::new() }
    }

    #[must_use]
    pub fn arg(mut self, name: &str, value: impl ToString) -> Self {
        self.args.insert(name.to_owned(), value.to_string());
        self
    }

    /// The same problem, seen from further out.
    #[must_use]
    pub fn within(mut self, place: &str) -> Self {
        self.place = format!("{place}.{}", self.place);
        self
    }
}

/// A calendar as typed: not yet known to be one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "NamedCalendar")]
pub struct NamedCalendarDraft {
    pub name_zh: String,
    pub name_en: String,
    pub calendar: CalendarSpec,
}

/// Rules as typed; the same shape as [`RuleSet`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "RuleSet")]
pub struct RuleSetDraft {
    #[serde(default)]
    pub from: Option<UtcMs>,
    pub policies: Vec<Policy>,
    pub calendars: BTreeMap<String, NamedCalendarDraft>,
}

impl RuleSetDraft {
    /// Everything that keeps the rules from being used, by place. Empty: they can be.
    #[must_use]
    pub fn problems(&self) -> Vec<RuleProblem> {
        let mut found = Vec::new();
        if self.policies.is_empty() {
            found.push(RuleProblem::new("policies", RuleFault::NoPolicies));
        }
        too_many("policies", self.policies.len(), POLICIES_MAX, &mut found);
        too_many("calendars", self.calendars.len(), CALENDARS_MAX, &mut found);
        let mut ids = BTreeSet::new();
        for (index, policy) in self.policies.iter().enumerate() {
            let place = format!("policies[{index}]");
            if policy.id.trim().is_empty() {
                found.push(RuleProblem::new(format!("{place}.id"), RuleFault::IdMissing));
            } else if !ids.insert(&policy.id) {
                found.push(RuleProblem::new(format!("{place}.id"), RuleFault::IdTwice).arg("text", &policy.id));
            }
            found.extend(self.policy_problems(policy).into_iter().map(|problem| problem.within(&place)));
        }
        for (id, named) in &self.calendars {
            let place = format!("calendars.{id}");
            if id.trim().is_empty() {
                found.push(RuleProblem::new(place.clone(), RuleFault::IdMissing));
            }
            let mut inside = nameless(&named.name_zh, &named.name_en);
            inside.extend(calendar_problems(&named.calendar));
            let is_used = self.policies.iter().any(|policy| policy.calendar_of(Metric::Visit) == id || policy.calendar_id == *id);
            if inside.is_empty() && is_used && Calendar::new(named.calendar.clone()).is_ok_and(|calendar| calendar.is_never()) {
                inside.push(RuleProblem::new("hours", RuleFault::CalendarNeverOpen));
            }
            found.extend(inside.into_iter().map(|problem| problem.within(&place)));
        }
        found
    }

    /// The rules, if nothing is wrong with them.
    ///
    /// # Errors
    /// Every problem.
    pub fn checked(self) -> Result<RuleSet, Vec<RuleProblem>> {
        let problems = self.problems();
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut calendars = BTreeMap::new();
        for (id, draft) in self.calendars {
            let calendar = Calendar::new(draft.calendar)
                .map_err(|_| vec![RuleProblem::new(format!("calendars.{id}"), RuleFault::TimeInvalid)])?;
            calendars.insert(id, NamedCalendar { name_zh: draft.name_zh, name_en: draft.name_en, calendar });
        }
        Ok(RuleSet { from: self.from, policies: self.policies, calendars })
    }

    fn policy_problems(&self, policy: &Policy) -> Vec<RuleProblem> {
        let mut found = nameless(&policy.name_zh, &policy.name_en);
        let named = [("calendar_id", Some(&policy.calendar_id)), ("visit_calendar_id", policy.visit_calendar_id.as_ref())];
        for (place, calendar) in named {
            if let Some(calendar) = calendar.filter(|calendar| !self.calendars.contains_key(*calendar)) {
                found.push(RuleProblem::new(place, RuleFault::CalendarUnknown).arg("text", calendar));
            }
        }
        for (place, count) in [
            ("accounts", policy.accounts.len()),
            ("customers", policy.customers.len()),
            ("products", policy.products.len()),
            ("tags", policy.tags.len()),
        ] {
            too_many(place, count, MATCHES_MAX, &mut found);
        }
        target_problems(policy, &mut found);
        too_many("thresholds", policy.thresholds.len(), THRESHOLDS_MAX, &mut found);
        for (index, threshold) in policy.thresholds.iter().enumerate() {
            let fault = match threshold {
                Threshold::Share { percent } if !(1..=99).contains(percent) => RuleFault::PercentInvalid,
                Threshold::TimeLeft { seconds } if !(1..=TIME_LEFT_SECONDS_MAX).contains(seconds) => RuleFault::TimeLeftInvalid,
                _ => continue,
            };
            found.push(RuleProblem::new(format!("thresholds[{index}]"), fault));
        }
        found
    }
}

fn target_problems(policy: &Policy, found: &mut Vec<RuleProblem>) {
    let mut priorities = BTreeSet::new();
    for targets in &policy.targets {
        let place = format!("targets[{}]", targets.priority.as_str());
        if !priorities.insert(targets.priority) {
            found.push(RuleProblem::new(place.clone(), RuleFault::PriorityTwice));
        }
        for metric in Metric::ALL {
            if let Some(fault) = targets.of(*metric).and_then(target_fault) {
                let most = targets.of(*metric).map_or(0, most_of);
                found.push(RuleProblem::new(format!("{place}.{}", metric.as_str()), fault).arg("most", most));
            }
        }
    }
}

const fn most_of(target: Target) -> u32 {
    match target.unit {
        TargetUnit::BusinessDay => TARGET_DAYS_MAX,
        TargetUnit::Second | TargetUnit::Minute | TargetUnit::Hour => TARGET_VALUE_MAX,
    }
}

const fn target_fault(target: Target) -> Option<RuleFault> {
    match target.value {
        0 => Some(RuleFault::TargetZero),
        value if value > most_of(target) => Some(RuleFault::TargetTooLong),
        _ => None,
    }
}

fn nameless(zh: &str, en: &str) -> Vec<RuleProblem> {
    if zh.trim().is_empty() && en.trim().is_empty() { vec![RuleProblem::new("name", RuleFault::NameMissing)] } else { Vec::new() }
}

pub(crate) fn too_many(place: &str, count: usize, most: usize, found: &mut Vec<RuleProblem>) {
    if count > most {
        found.push(RuleProblem::new(place, RuleFault::TooMany).arg("most", most));
    }
}

impl From<RuleSet> for RuleSetDraft {
    fn from(set: RuleSet) -> Self {
        let calendars = set.calendars.into_iter().map(|(id, named)| {
            let NamedCalendar { name_zh, name_en, calendar } = named;
            (id, NamedCalendarDraft { name_zh, name_en, calendar: calendar.into() })
        });
        Self { from: set.from, policies: set.policies, calendars: calendars.collect() }
    }
}

impl RuleSet {
    /// See [`RuleSetDraft::problems`].
    #[must_use]
    pub fn problems(&self) -> Vec<RuleProblem> {
        RuleSetDraft::from(self.clone()).problems()
    }
}
