//! The rules of a desk: policies and calendars, in versions that apply from a date.
//!
//! A clock is counted by the set in force when it started, and stays with it: a new version moves no deadline that
//! was promised before.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::calendar::Calendar;
use super::clock::{Clock, Explanation, Ruled, explain, plan_ruled_clocks};
use super::event::TicketEvent;
use super::policy::{Metric, Policy, Traits, match_policy};
use crate::time::UtcMs;

mod check;
mod edit;

pub(crate) use check::too_many;
pub use check::{
    CALENDARS_MAX, MATCHES_MAX, NamedCalendarDraft, POLICIES_MAX, RuleFault, RuleProblem, RuleSetDraft, TARGET_DAYS_MAX,
    TARGET_VALUE_MAX, THRESHOLDS_MAX, TIME_LEFT_SECONDS_MAX,
};

/// A calendar and what people call it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NamedCalendar {
    pub name_zh: String,
    pub name_en: String,
    pub calendar: Calendar,
}

/// Policies in order, first match wins, and the calendars that they name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RuleSet {
    /// Clocks that start at or after this are counted by it, up to the next set's; `None` for since ever.
    pub from: Option<UtcMs>,
    pub policies: Vec<Policy>,
    pub calendars: BTreeMap<String, NamedCalendar>,
}

impl RuleSet {
    /// The policy for such a ticket with its calendars; `None` when none applies or a calendar is missing.
    #[must_use]
    pub fn ruled(&self, set: usize, traits: &Traits) -> Option<Ruled<'_>> {
        let policy = match_policy(&self.policies, traits)?;
        let calendar = |metric| Some(&self.calendars.get(policy.calendar_of(metric))?.calendar);
        Some(Ruled { set, policy, calendar: calendar(Metric::Resolution)?, visit_calendar: calendar(Metric::Visit)? })
    }
}

/// Every version of the rules, ascending; the first applies since ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RuleBook {
    pub sets: Vec<RuleSet>,
}

/// A clock with the rules that count it.
#[derive(Debug, Clone)]
pub struct PlannedClock<'a> {
    pub clock: Clock,
    pub policy: &'a Policy,
    pub calendar: &'a Calendar,
    /// `calendar` with what people call it.
    pub named: &'a NamedCalendar,
    /// Index in the book of the set in force when it started.
    pub set: usize,
}

impl PlannedClock<'_> {
    /// Everything that "why this deadline" says, as of `now`.
    #[must_use]
    pub fn explain(&self, now: UtcMs) -> Explanation {
        Explanation {
            calendar_id: self.policy.calendar_of(self.clock.metric).to_owned(),
            calendar_zh: self.named.name_zh.clone(),
            calendar_en: self.named.name_en.clone(),
            ..explain(&self.clock, self.policy, self.calendar, now)
        }
    }
}

impl RuleBook {
    /// Which set is in force at an instant; `None` only in a book without sets.
    #[must_use]
    pub fn set_at(&self, at: UtcMs) -> Option<usize> {
        let begun = self.sets.partition_point(|set| set.from.is_none_or(|from| from <= at));
        (!self.sets.is_empty()).then(|| begun.saturating_sub(1))
    }

    /// The rules for a clock of such a ticket that starts at an instant.
    #[must_use]
    pub fn ruled_at(&self, traits: &Traits, at: UtcMs) -> Option<Ruled<'_>> {
        let index = self.set_at(at)?;
        self.sets.get(index)?.ruled(index, traits)
    }

    /// The clocks of a ticket by metric and instance, each with its rules. The policy is the one that applies to
    /// the ticket as it stands, in the set in force when the clock started.
    #[must_use]
    pub fn clocks<'a>(&'a self, traits: &Traits, events: &[TicketEvent]) -> Vec<PlannedClock<'a>> {
        // Most tickets meet one set only.
        let last: Cell<Option<(usize, Option<Ruled<'a>>)>> = Cell::new(None);
        let ruled_at = |at: UtcMs| {
            let index = self.set_at(at)?;
            if let Some((known, ruled)) = last.get().filter(|(known, _)| *known == index) {
                debug_assert_eq!(known, index);
                return ruled;
            }
            let ruled = self.sets.get(index)?.ruled(index, traits);
            last.set(Some((index, ruled)));
            ruled
        };
        let planned = plan_ruled_clocks(events, traits.priority, &ruled_at);
        planned.into_iter().filter_map(|(clock, ruled)| self.planned(clock, ruled)).collect()
    }

    fn planned<'a>(&'a self, clock: Clock, ruled: Ruled<'a>) -> Option<PlannedClock<'a>> {
        let named = self.sets.get(ruled.set)?.calendars.get(ruled.policy.calendar_of(clock.metric))?;
        Some(PlannedClock { clock, policy: ruled.policy, calendar: &named.calendar, named, set: ruled.set })
    }
}
