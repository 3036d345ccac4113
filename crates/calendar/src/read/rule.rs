//! Following recurrence rules, within limits.
//!
//! Rules are followed on the wall clock and only then become instants: "every Wednesday at 20:00" stays at 20:00 over a change
//! of clocks.

use std::collections::BTreeSet;

use calcard::common::CalendarScale;
use calcard::icalendar::{ICalendarFrequency, ICalendarRecurrenceRule};
use chrono::{DateTime, NaiveTime, TimeZone as _};
use deskbell_domain::UtcMs;
use rrule::{RRule, RRuleSet, Tz, Unvalidated};

use super::event::{Event, wall_clock};

/// Most times of one day that a rule may name: more is no calendar of sessions, and would be laid out in memory a year at once.
const TIMES_A_DAY_MAX: usize = 48;
/// Most rules of one event (RFC 5545 wants one).
const RULES_MAX: usize = 5;

/// Starts of an event.
pub(super) struct Starts {
    pub(super) list: BTreeSet<UtcMs>,
    /// The budget ended before the rule did.
    pub(super) cut: bool,
}

/// Starts before `to`; `None` for a rule that is not followed. Each occurrence that is looked at costs one of `budget`.
pub(super) fn occurrences(event: &Event, to: UtcMs, budget: &mut u32) -> Option<Starts> {
    if event.rules.len() > RULES_MAX {
        return None;
    }
    let mut starts = Starts { list: BTreeSet::from([event.start()]), cut: false };
    starts.list.extend(event.added.iter().filter(|at| **at < to));
    for rule in &event.rules {
        follow(event, rule, to, budget, &mut starts)?;
    }
    for at in &event.removed {
        starts.list.remove(at);
    }
    Some(starts)
}

fn follow(event: &Event, rule: &ICalendarRecurrenceRule, to: UtcMs, budget: &mut u32, starts: &mut Starts) -> Option<()> {
    let begin = Tz::UTC.from_utc_datetime(&event.local);
    let rule = on_wall_clock(event, rule)?.validate(begin).ok()?;
    for shown in &RRuleSet::new(begin).rrule(rule).limit() {
        if *budget == 0 {
            starts.cut = true;
            return Some(());
        }
        *budget -= 1;
        let at = event.zone.instant(shown.naive_utc());
        if at >= to {
            break;
        }
        starts.list.insert(at);
    }
    Some(())
}

/// The rule with its end on the event's own clock.
fn on_wall_clock(event: &Event, rule: &ICalendarRecurrenceRule) -> Option<RRule<Unvalidated>> {
    if matches!(rule.freq, ICalendarFrequency::Secondly | ICalendarFrequency::Minutely) || rule.interval == Some(0) {
        return None;
    }
    let times = [&rule.byhour, &rule.byminute, &rule.bysecond].iter().map(|list| list.len().max(1)).product::<usize>();
    let foreign = rule.rscale.as_ref().is_some_and(|scale| *scale != CalendarScale::Gregorian) || rule.skip.is_some();
    if times > TIMES_A_DAY_MAX || foreign {
        return None;
    }
    let endless = ICalendarRecurrenceRule { until: None, ..rule.clone() };
    let read: RRule<Unvalidated> = endless.to_string().parse().ok()?;
    match &rule.until {
        None => Some(read),
        Some(until) => {
            let shown = wall_clock(until, event.zone)?;
            // A date ends with its day.
            let shown = if until.hour.is_none() { shown.date().and_time(NaiveTime::from_hms_opt(23, 59, 59)?) } else { shown };
            let until: DateTime<Tz> = Tz::UTC.from_utc_datetime(&shown);
            Some(read.until(until.max(Tz::UTC.from_utc_datetime(&event.local))))
        }
    }
}
