//! A new version of the rules beside those that were promised before.

use super::{RuleBook, RuleSet};
use crate::sla::calendar::{Calendar, CalendarSpec};
use crate::time::UtcMs;

impl RuleBook {
    /// The book with a set saved: in force from an instant on, instead of one that began at the same, or, `backwards`,
    /// instead of every set. Holidays and the other dated exceptions of its calendars go into the calendars of the same
    /// name in every other set: a published notice is a fact, not a term of a contract.
    #[must_use]
    pub fn with_set(&self, set: RuleSet, from: UtcMs, backwards: bool) -> Self {
        if backwards {
            return Self { sets: vec![RuleSet { from: None, ..set }] };
        }
        let set = RuleSet { from: Some(from), ..set };
        let others = self.sets.iter().filter(|other| other.from != set.from);
        let mut sets: Vec<RuleSet> = others.map(|other| with_exceptions_of(other, &set)).collect();
        sets.push(set);
        sets.sort_by_key(|set| set.from);
        Self { sets }
    }
}

fn with_exceptions_of(other: &RuleSet, set: &RuleSet) -> RuleSet {
    let mut other = other.clone();
    for (id, named) in &mut other.calendars {
        let Some(source) = set.calendars.get(id) else { continue };
        let source = source.calendar.spec();
        let spec = CalendarSpec {
            holidays: source.holidays.clone(),
            shifts: source.shifts.clone(),
            breaks: source.breaks.clone(),
            names: source.names.clone(),
            known_until: source.known_until.clone(),
            ..named.calendar.spec().clone()
        };
        // Every part of it was read before.
        if let Ok(calendar) = Calendar::new(spec) {
            named.calendar = calendar;
        }
    }
    other
}
