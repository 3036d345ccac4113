//! Everything that cannot be meant in a calendar, by place.

use std::collections::BTreeMap;

use super::spec::{self, DATES_MAX, SPANS_PER_DAY_MAX};
use super::{CalendarError, CalendarSpec, SpanText};
use crate::sla::rules::{RuleFault, RuleProblem, too_many};

/// What [`super::Calendar::new`] would refuse, all of it. Places are relative to the calendar: `hours.mon[0]`,
/// `shifts[2026-10-10][0]`, `holidays[3]`, `tz`.
#[must_use]
pub fn calendar_problems(spec: &CalendarSpec) -> Vec<RuleProblem> {
    let mut found = Vec::new();
    if spec::read_time_zone(&spec.tz).is_err() {
        found.push(RuleProblem::new("tz", RuleFault::TimeZoneUnknown).arg("text", &spec.tz));
    }
    let hours = &spec.hours;
    let days = [
        ("mon", &hours.mon),
        ("tue", &hours.tue),
        ("wed", &hours.wed),
        ("thu", &hours.thu),
        ("fri", &hours.fri),
        ("sat", &hours.sat),
        ("sun", &hours.sun),
    ];
    for (day, spans) in days {
        span_problems(&format!("hours.{day}"), spans, false, &mut found);
    }
    too_many("holidays", spec.holidays.len(), DATES_MAX, &mut found);
    for (index, date) in spec.holidays.iter().enumerate() {
        date_problem(&format!("holidays[{index}]"), date, &mut found);
    }
    dated_problems("shifts", &spec.shifts, false, &mut found);
    dated_problems("breaks", &spec.breaks, true, &mut found);
    if let Some(date) = &spec.known_until {
        date_problem("known_until", date, &mut found);
    }
    found
}

fn date_problem(place: &str, date: &str, found: &mut Vec<RuleProblem>) {
    if spec::read_date("", date).is_err() {
        found.push(RuleProblem::new(place, RuleFault::DateInvalid).arg("text", date));
    }
}

fn dated_problems(place: &str, dated: &BTreeMap<String, Vec<SpanText>>, overlap_allowed: bool, found: &mut Vec<RuleProblem>) {
    too_many(place, dated.len(), DATES_MAX, found);
    for (date, spans) in dated {
        let place = format!("{place}[{date}]");
        date_problem(&place, date, found);
        span_problems(&place, spans, overlap_allowed, found);
    }
}

fn span_problems(place: &str, spans: &[SpanText], overlap_allowed: bool, found: &mut Vec<RuleProblem>) {
    too_many(place, spans.len(), SPANS_PER_DAY_MAX, found);
    let mut read = Vec::with_capacity(spans.len());
    for (index, text) in spans.iter().enumerate() {
        let place = format!("{place}[{index}]");
        match spec::read_spans(&place, std::slice::from_ref(text), overlap_allowed) {
            Ok(span) => read.extend(span.into_iter().map(|span| (span.from, span.to, index))),
            Err(CalendarError::SpanReversed { from, to, .. }) => {
                found.push(RuleProblem::new(place, RuleFault::SpanReversed).arg("from", from).arg("to", to));
            }
            Err(CalendarError::TimeInvalid { text, .. }) => {
                found.push(RuleProblem::new(place, RuleFault::TimeInvalid).arg("text", text));
            }
            Err(_) => found.push(RuleProblem::new(place, RuleFault::TimeInvalid)),
        }
    }
    if overlap_allowed {
        return;
    }
    read.sort_unstable();
    let mut reached = 0;
    for (from, to, index) in read {
        if from < reached {
            found.push(RuleProblem::new(format!("{place}[{index}]"), RuleFault::SpansOverlap));
        }
        reached = reached.max(to);
    }
}
