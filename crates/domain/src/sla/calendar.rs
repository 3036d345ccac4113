//! When service is open.
//!
//! A date's hours follow a fixed precedence: holiday, then break, then shift, then weekly hours. Intervals are
//! half-open. Time counts in real seconds, so the night the clock goes back is an hour longer: an end that the
//! clock shows twice is its first showing, one that it skips is read with the offset before the skip.
//! Instants outside the years [`YEAR_MIN`] to [`YEAR_MAX`] count as closed, except on an always-open calendar.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use chrono::{Datelike, Days, NaiveDate};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::time::{DAY_MS, UtcMs};

mod cn;
mod deadline;
mod local;
mod notice;
mod open;
mod preview;
mod problems;
mod spec;
mod year;

pub use cn::CnHolidays;
pub use deadline::{DEADLINE_HORIZON_DAYS, Deadline};
pub use local::local_to_utc;
pub use notice::{ImportedHolidays, ImportedYear, NOTICE_BYTES_MAX, read_notice};
pub use open::OpenIntervals;
pub use preview::{MonthPreview, PreviewDay, PreviewKind, month_preview};
pub use problems::calendar_problems;
pub use spec::{CalendarError, CalendarSpec, DATES_MAX, SPANS_PER_DAY_MAX, SpanText, WeeklyHours};

use spec::{DAY_MINUTES, Span};
use year::YearTable;

/// First local year whose opening hours are computed.
pub const YEAR_MIN: i32 = 1900;
/// Last local year whose opening hours are computed.
pub const YEAR_MAX: i32 = 2200;
const YEARS: usize = (YEAR_MAX - YEAR_MIN + 1) as usize;

/// Half-open stretch of time: `from` belongs to it, `to` does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
pub struct Interval {
    pub from: UtcMs,
    pub to: UtcMs,
}

impl Interval {
    /// From `from` for ever: a pause that has not ended.
    #[must_use]
    pub const fn unended(from: UtcMs) -> Self {
        Self { from, to: UtcMs(i64::MAX) }
    }

    /// Length in milliseconds; 0 when it ends before it begins.
    #[must_use]
    pub fn length_ms(self) -> i64 {
        self.to.ms_since(self.from).max(0)
    }
}

/// What a spec means, read and checked.
#[derive(Debug)]
struct Rules {
    tz: Tz,
    /// Monday first.
    weekly: [Vec<Span>; 7],
    holidays: BTreeSet<NaiveDate>,
    shifts: BTreeMap<NaiveDate, Vec<Span>>,
    breaks: BTreeMap<NaiveDate, Vec<Span>>,
    known_until: Option<NaiveDate>,
    /// Open without interruption: every question is plain arithmetic.
    always: bool,
    /// No date has hours: nothing is ever due.
    never: bool,
}

impl Rules {
    fn read(spec: &CalendarSpec) -> Result<Self, CalendarError> {
        let tz = spec::read_time_zone(&spec.tz)?;
        let hours = &spec.hours;
        let weekly = [
            spec::read_spans("mon", &hours.mon, false)?,
            spec::read_spans("tue", &hours.tue, false)?,
            spec::read_spans("wed", &hours.wed, false)?,
            spec::read_spans("thu", &hours.thu, false)?,
            spec::read_spans("fri", &hours.fri, false)?,
            spec::read_spans("sat", &hours.sat, false)?,
            spec::read_spans("sun", &hours.sun, false)?,
        ];
        if spec.holidays.len() > DATES_MAX {
            return Err(CalendarError::TooManyDates { place: "holidays" });
        }
        let holidays = spec.holidays.iter().map(|text| spec::read_date("holidays", text)).collect::<Result<BTreeSet<_>, _>>()?;
        let shifts = spec::read_dated_spans("shifts", &spec.shifts, false)?;
        let breaks = spec::read_dated_spans("breaks", &spec.breaks, true)?;
        let known_until = match &spec.known_until {
            Some(text) => Some(spec::read_date("known_until", text)?),
            None => holidays.last().and_then(|last| NaiveDate::from_ymd_opt(last.year(), 12, 31)),
        };
        let full_day = |spans: &Vec<Span>| {
            let mut reached = 0;
            spans.iter().for_each(|span| reached = if span.from == reached { span.to } else { reached });
            reached == DAY_MINUTES
        };
        let always = weekly.iter().all(full_day) && holidays.is_empty() && shifts.is_empty() && breaks.is_empty();
        let never = weekly.iter().all(Vec::is_empty) && shifts.values().all(Vec::is_empty);
        Ok(Self { tz, weekly, holidays, shifts, breaks, known_until, always, never })
    }

    /// Hours before breaks; empty on a holiday.
    fn hours_of(&self, date: NaiveDate) -> &[Span] {
        if self.holidays.contains(&date) {
            return &[];
        }
        if let Some(shift) = self.shifts.get(&date) {
            return shift;
        }
        self.weekly.get(date.weekday().num_days_from_monday() as usize).map_or(&[], Vec::as_slice)
    }

    fn breaks_of(&self, date: NaiveDate) -> &[Span] {
        self.breaks.get(&date).map_or(&[], Vec::as_slice)
    }
}

/// A validated calendar. Serialised as its [`CalendarSpec`]; cheap to clone, clones share the computed years.
#[derive(Clone, Serialize, Deserialize, TS)]
#[serde(try_from = "CalendarSpec", into = "CalendarSpec")]
#[ts(as = "CalendarSpec")]
pub struct Calendar(Arc<Inner>);

struct Inner {
    spec: CalendarSpec,
    rules: Rules,
    years: [OnceLock<YearTable>; YEARS],
}

impl std::fmt::Debug for Calendar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Calendar").field(&self.0.spec).finish()
    }
}

impl PartialEq for Calendar {
    fn eq(&self, other: &Self) -> bool {
        self.0.spec == other.0.spec
    }
}

impl Eq for Calendar {}

impl TryFrom<CalendarSpec> for Calendar {
    type Error = CalendarError;

    fn try_from(spec: CalendarSpec) -> Result<Self, CalendarError> {
        Self::new(spec)
    }
}

impl From<Calendar> for CalendarSpec {
    fn from(calendar: Calendar) -> Self {
        calendar.0.spec.clone()
    }
}

impl Calendar {
    /// Reads and checks a calendar.
    ///
    /// # Errors
    /// The first thing in the spec that cannot be meant.
    pub fn new(spec: CalendarSpec) -> Result<Self, CalendarError> {
        let rules = Rules::read(&spec)?;
        Ok(Self::from_parts(spec, rules))
    }

    fn from_parts(spec: CalendarSpec, rules: Rules) -> Self {
        Self(Arc::new(Inner { spec, rules, years: [const { OnceLock::new() }; YEARS] }))
    }

    /// Reads the JSON form.
    ///
    /// # Errors
    /// [`CalendarError::NotACalendar`] when the shape is wrong, else what [`Calendar::new`] finds.
    pub fn from_json(json: &serde_json::Value) -> Result<Self, CalendarError> {
        let spec = CalendarSpec::deserialize(json).map_err(|error| CalendarError::NotACalendar(error.to_string()))?;
        Self::new(spec)
    }

    /// Open at every instant; the zone matters to business-day targets and to display.
    #[must_use]
    pub fn always(tz: Tz) -> Self {
        let full = || vec![Span { from: 0, to: DAY_MINUTES }];
        let rules = Rules {
            tz,
            weekly: std::array::from_fn(|_| full()),
            holidays: BTreeSet::new(),
            shifts: BTreeMap::new(),
            breaks: BTreeMap::new(),
            known_until: None,
            always: true,
            never: false,
        };
        let hours = WeeklyHours::every_day(&[["00:00".to_owned(), "24:00".to_owned()]]);
        Self::from_parts(CalendarSpec::weekly(tz.name(), hours), rules)
    }

    /// Asia/Shanghai, Monday to Friday 09:00–12:00 and 13:30–18:00, with the State Council's holidays and
    /// make-up workdays of 2018–2026; provisional from 2027.
    #[must_use]
    pub fn business_cn() -> Self {
        cn::business_cn()
    }

    /// The JSON form.
    #[must_use]
    pub fn spec(&self) -> &CalendarSpec {
        &self.0.spec
    }

    #[must_use]
    pub fn tz(&self) -> Tz {
        self.0.rules.tz
    }

    /// Last date whose holidays are known; `None` when that is every date.
    #[must_use]
    pub fn known_until(&self) -> Option<NaiveDate> {
        self.0.rules.known_until
    }

    /// True when the calendar is open without interruption.
    #[must_use]
    pub fn is_always(&self) -> bool {
        self.0.rules.always
    }

    /// True when no date has hours: nothing is ever due.
    #[must_use]
    pub fn is_never(&self) -> bool {
        self.0.rules.never
    }

    /// True when the date has any open time.
    #[must_use]
    pub fn is_workday(&self, date: NaiveDate) -> bool {
        let rules = &self.0.rules;
        if rules.hours_of(date).is_empty() {
            return false;
        }
        let Some(next) = date.checked_add_days(Days::new(1)) else { return false };
        if !(YEAR_MIN..=YEAR_MAX).contains(&date.year()) {
            return false;
        }
        let from = local::minute_to_utc(rules.tz, date, 0);
        let to = local::minute_to_utc(rules.tz, next, 0);
        self.intervals_from(from).next().is_some_and(|interval| interval.from < to)
    }

    fn table(&self, year: i32) -> Option<&YearTable> {
        let slot = self.0.years.get(usize::try_from(year.checked_sub(YEAR_MIN)?).ok()?)?;
        Some(slot.get_or_init(|| YearTable::build(&self.0.rules, year)))
    }

    /// The local year an instant lies in, held to the computed ones.
    fn year_of(&self, at: UtcMs) -> i32 {
        let Some(utc) = at.to_datetime() else { return if at.0 < 0 { YEAR_MIN } else { YEAR_MAX } };
        let year = utc.year().clamp(YEAR_MIN, YEAR_MAX);
        // No zone is a day or more from UTC, so mid-year needs no look at the table.
        if (2..=364).contains(&utc.ordinal()) {
            return year;
        }
        match self.table(year) {
            Some(table) if at < table.window.from => (year - 1).max(YEAR_MIN),
            Some(table) if at >= table.window.to => (year + 1).min(YEAR_MAX),
            _ => year,
        }
    }
}

/// The latest instant a computation that starts at `start` looks at.
fn horizon(start: UtcMs) -> UtcMs {
    start.plus_ms(i64::from(DEADLINE_HORIZON_DAYS) * DAY_MS)
}

impl CalendarSpec {
    /// Weekly hours without any exception.
    #[must_use]
    pub fn weekly(tz: &str, hours: WeeklyHours) -> Self {
        Self {
            tz: tz.to_owned(),
            hours,
            holidays: Vec::new(),
            shifts: BTreeMap::new(),
            breaks: BTreeMap::new(),
            known_until: None,
            names: BTreeMap::new(),
            note: None,
        }
    }
}
