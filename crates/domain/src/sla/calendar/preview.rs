//! A month of a calendar, day by day, as its editor shows it.

use chrono::{Datelike, Days, NaiveDate};
use serde::Serialize;
use ts_rs::TS;

use super::spec::Span;
use super::{Calendar, CalendarSpec, SpanText, YEAR_MAX, YEAR_MIN, calendar_problems, local};
use crate::sla::rules::RuleProblem;

/// What decides over a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "PreviewDayKind")]
pub enum PreviewKind {
    Holiday,
    /// Hours of its own.
    Shift,
    /// Part of it is closed.
    Break,
    Weekly,
    Closed,
}

/// One date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct PreviewDay {
    /// `YYYY-MM-DD`.
    pub date: String,
    pub kind: PreviewKind,
    /// What the holiday or make-up workday is called; empty for none.
    pub name: String,
    /// When it is open, breaks taken out.
    pub spans: Vec<SpanText>,
    /// Real open milliseconds: on the night of a clock change not what the spans look like.
    #[ts(type = "number")]
    pub open_ms: i64,
    /// Its holidays are not published yet.
    pub provisional: bool,
}

/// A month, or what is wrong with the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct MonthPreview {
    /// Empty when there are problems, or the month is none that is computed.
    pub days: Vec<PreviewDay>,
    /// Places are relative to the calendar: `hours.mon[0]`.
    pub problems: Vec<RuleProblem>,
}

/// The month's days. `month` is 1 to 12.
#[must_use]
pub fn month_preview(spec: &CalendarSpec, year: i32, month: u32) -> MonthPreview {
    let problems = calendar_problems(spec);
    let first = NaiveDate::from_ymd_opt(year, month, 1).filter(|first| (YEAR_MIN..=YEAR_MAX).contains(&first.year()));
    let (Some(first), Ok(calendar)) = (first, Calendar::new(spec.clone())) else {
        return MonthPreview { days: Vec::new(), problems };
    };
    let days = first.iter_days().take_while(|date| date.month() == month && date.year() == year);
    MonthPreview { days: days.map(|date| calendar.preview(date)).collect(), problems }
}

impl Calendar {
    fn preview(&self, date: NaiveDate) -> PreviewDay {
        let rules = &self.0.rules;
        let (hours, breaks) = (rules.hours_of(date), rules.breaks_of(date));
        let kind = if rules.holidays.contains(&date) {
            PreviewKind::Holiday
        } else if !hours.is_empty() && !breaks.is_empty() {
            PreviewKind::Break
        } else if rules.shifts.contains_key(&date) {
            PreviewKind::Shift
        } else if hours.is_empty() {
            PreviewKind::Closed
        } else {
            PreviewKind::Weekly
        };
        let text = date.to_string();
        PreviewDay {
            kind,
            name: self.spec().names.get(&text).cloned().unwrap_or_default(),
            spans: without(hours, breaks).into_iter().map(|span| [minute_text(span.from), minute_text(span.to)]).collect(),
            open_ms: self.open_ms_of(date),
            provisional: self.known_until().is_some_and(|known| date > known),
            date: text,
        }
    }

    fn open_ms_of(&self, date: NaiveDate) -> i64 {
        let Some(next) = date.checked_add_days(Days::new(1)) else { return 0 };
        let midnight = |date| local::minute_to_utc(self.tz(), date, 0);
        self.elapsed_ms(midnight(date), midnight(next), &[])
    }
}

fn minute_text(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Hours that touch are one.
fn without(hours: &[Span], breaks: &[Span]) -> Vec<Span> {
    let mut open: Vec<(u16, u16)> = Vec::new();
    for span in hours {
        match open.last_mut() {
            Some(last) if last.1 >= span.from => last.1 = last.1.max(span.to),
            _ => open.push((span.from, span.to)),
        }
    }
    for gone in breaks {
        let pieces = open.iter().flat_map(|(from, to)| [(*from, (*to).min(gone.from)), ((*from).max(gone.to), *to)]);
        open = pieces.filter(|(from, to)| from < to).collect();
    }
    open.into_iter().map(|(from, to)| Span { from, to }).collect()
}
