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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sla::calendar::{CnHolidays, PreviewKind, WeeklyHours};

    fn at(text: &str) -> UtcMs {
        UtcMs::parse_rfc3339(text).unwrap()
    }

    fn office() -> Calendar {
        let day = [["09:00".to_owned(), "12:00".to_owned()], ["13:30".to_owned(), "18:00".to_owned()]];
        CnHolidays::embedded().unwrap().calendar("Asia/Shanghai", WeeklyHours::weekdays(&day), &day).unwrap()
    }

    #[test]
    fn an_opening_says_what_comes_next() {
        let office = office();
        let open = opening_at(Some(&office), at("2026-11-20T10:00:00+08:00"));
        assert_eq!((open.state, open.closes_at), (OpenState::Open, Some(at("2026-11-20T12:00:00+08:00"))));
        let noon = opening_at(Some(&office), at("2026-11-20T12:00:00+08:00"));
        assert_eq!((noon.state, noon.opens_at), (OpenState::Closed, Some(at("2026-11-20T13:30:00+08:00"))));
        let weekend = opening_at(Some(&office), at("2026-11-20T18:00:00+08:00"));
        assert_eq!(weekend.opens_at, Some(at("2026-11-23T09:00:00+08:00")));
        assert_eq!(opening_at(None, at("2026-11-20T10:00:00+08:00")).state, OpenState::Unknown);
    }

    #[test]
    fn what_never_closes_has_no_closing_time_and_midnight_is_none() {
        let all_day = WeeklyHours::every_day(&[["00:00".to_owned(), "24:00".to_owned()]]);
        let always = Calendar::new(CalendarSpec::weekly("Asia/Shanghai", all_day)).unwrap();
        let now = at("2026-11-20T10:00:00+08:00");
        assert_eq!(opening_at(Some(&always), now), Opening { state: OpenState::Open, opens_at: None, closes_at: None });
        let late = WeeklyHours {
            fri: vec![["20:00".into(), "24:00".into()]],
            sat: vec![["00:00".into(), "02:00".into()]],
            ..WeeklyHours::default()
        };
        let late = Calendar::new(CalendarSpec::weekly("Asia/Shanghai", late)).unwrap();
        let open = opening_at(Some(&late), at("2026-11-20T23:00:00+08:00"));
        assert_eq!(open.closes_at, Some(at("2026-11-21T02:00:00+08:00")));
        let never = Calendar::new(CalendarSpec::weekly("Asia/Shanghai", WeeklyHours::default())).unwrap();
        assert_eq!(opening_at(Some(&never), now), Opening { state: OpenState::Closed, opens_at: None, closes_at: None });
    }

    #[test]
    fn open_days_begin_today_by_the_calendars_own_clock_and_name_make_up_workdays() {
        // National Day 2026: off from 1 to 7 October, worked on Saturday 10 (State Council notice).
        let days = open_days(office().spec(), at("2026-09-30T17:00:00Z"), 14);
        assert_eq!((days.len(), days[0].date.as_str(), days[13].date.as_str()), (14, "2026-10-01", "2026-10-14"));
        assert_eq!((days[0].kind, days[0].spans.len()), (PreviewKind::Holiday, 0));
        let saturday = &days[9];
        assert_eq!((saturday.date.as_str(), saturday.kind, saturday.spans.len()), ("2026-10-10", PreviewKind::Shift, 2));
        assert!(!saturday.name.is_empty(), "{saturday:?}");
        assert_eq!(days[10].spans.len(), 0, "an ordinary Sunday");
        let broken = CalendarSpec { tz: "Nowhere/Land".to_owned(), ..office().spec().clone() };
        assert!(open_days(&broken, at("2026-09-30T17:00:00Z"), 14).is_empty());
    }
}
