//! Whether somebody answers now, and on which days.

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::sla::calendar::{Calendar, CalendarSpec, PreviewDay, month_preview};
use crate::time::{DAY_MS, UtcMs};

/// A line that is open without a break for so long has no closing time worth telling.
const CLOSES_WITHIN_MS: i64 = 14 * DAY_MS;
/// Open days shown of a centre.
pub const OPEN_DAYS_MAX: usize = 31;

/// Open, closed, or nobody wrote it down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OpenState {
    Open,
    Closed,
    Unknown,
}

/// Whether it is open, and when that changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    pub state: OpenState,
    /// Of a closed one: the next opening, where there is one.
    pub opens_at: Option<UtcMs>,
    /// Of an open one: the end of these hours; `None` where it stays open.
    pub closes_at: Option<UtcMs>,
}

/// How a calendar stands at `now`; `None` is an unknown one.
#[must_use]
pub fn opening_at(calendar: Option<&Calendar>, now: UtcMs) -> Opening {
    let nothing = Opening { state: OpenState::Unknown, opens_at: None, closes_at: None };
    let Some(calendar) = calendar else { return nothing };
    let mut intervals = calendar.intervals_from(now);
    let first = intervals.next();
    let Some(first) = first.filter(|first| first.from == now) else {
        return Opening { state: OpenState::Closed, opens_at: first.map(|first| first.from), ..nothing };
    };
    let mut end = first.to;
    // Midnight separates intervals that nobody notices.
    for next in intervals {
        if next.from != end || end.ms_since(now) > CLOSES_WITHIN_MS {
            break;
        }
        end = next.to;
    }
    let closes_at = (!calendar.is_always() && end.ms_since(now) <= CLOSES_WITHIN_MS).then_some(end);
    Opening { state: OpenState::Open, opens_at: None, closes_at }
}

/// The days of a calendar from its local date at `now` on, make-up workdays and holidays named; empty for one that cannot be
/// read.
#[must_use]
pub fn open_days(spec: &CalendarSpec, now: UtcMs, days: usize) -> Vec<PreviewDay> {
    let Ok(calendar) = Calendar::new(spec.clone()) else { return Vec::new() };
    let Some(first) = now.to_datetime().map(|at| at.with_timezone(&calendar.tz()).date_naive()) else { return Vec::new() };
    let days = days.min(OPEN_DAYS_MAX);
    let Some(last) = first.checked_add_days(Days::new(days as u64)) else { return Vec::new() };
    let mut found = Vec::new();
    let mut month = first.with_day(1);
    while let Some(start) = month.filter(|start| *start < last) {
        found.extend(month_preview(spec, start.year(), start.month()).days);
        month = start.checked_add_months(chrono::Months::new(1));
    }
    let of = |day: &PreviewDay| day.date.parse::<NaiveDate>().is_ok_and(|date| date >= first && date < last);
    found.retain(of);
    found
}
