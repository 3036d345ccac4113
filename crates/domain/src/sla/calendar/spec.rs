//! The JSON form of a calendar and what can be wrong with it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Intervals one date can have.
pub const SPANS_PER_DAY_MAX: usize = 24;
/// Holidays, shifts and breaks of one calendar, each.
pub const DATES_MAX: usize = 10_000;
/// Minutes of a nominal day.
pub(crate) const DAY_MINUTES: u16 = 24 * 60;

/// Opening and closing time as `"HH:MM"`, local, half-open; `"24:00"` is the end of the day.
pub type SpanText = [String; 2];

/// Weekly hours. A day without an entry is closed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WeeklyHours {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mon: Vec<SpanText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tue: Vec<SpanText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wed: Vec<SpanText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub thu: Vec<SpanText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fri: Vec<SpanText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sat: Vec<SpanText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sun: Vec<SpanText>,
}

impl WeeklyHours {
    /// The same hours on Monday to Friday.
    #[must_use]
    pub fn weekdays(spans: &[SpanText]) -> Self {
        let day = || spans.to_vec();
        Self { mon: day(), tue: day(), wed: day(), thu: day(), fri: day(), sat: Vec::new(), sun: Vec::new() }
    }

    /// The same hours on all seven days.
    #[must_use]
    pub fn every_day(spans: &[SpanText]) -> Self {
        Self { sat: spans.to_vec(), sun: spans.to_vec(), ..Self::weekdays(spans) }
    }
}

/// A calendar as it is stored, edited and exchanged. Dates are `YYYY-MM-DD`.
///
/// Precedence on a date: holiday, then break, then shift (replaces the weekly hours), then weekly hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CalendarSpec {
    /// IANA name of the time zone.
    pub tz: String,
    pub hours: WeeklyHours,
    /// Closed all day.
    #[serde(default)]
    pub holidays: Vec<String>,
    /// Hours of single dates, instead of the weekly ones (调休 make-up workdays); an empty list closes the date.
    #[serde(default)]
    pub shifts: BTreeMap<String, Vec<SpanText>>,
    /// Closed parts of single dates.
    #[serde(default)]
    pub breaks: BTreeMap<String, Vec<SpanText>>,
    /// Last date whose holidays are known. Absent, it is the end of the last year with a holiday; a calendar
    /// without holidays is known for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub known_until: Option<String>,
    /// What a holiday or shift date is called, for display.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[ts(as = "Option<BTreeMap<String, String>>", optional)]
    pub names: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub note: Option<String>,
}

/// Why a calendar was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    #[error("time zone {0:?} is not in the IANA database")]
    TimeZoneUnknown(String),
    #[error("{place}: {text:?} is no time of day between 00:00 and 24:00")]
    TimeInvalid { place: String, text: String },
    #[error("{place}: {from}–{to} does not end after it begins (split hours over midnight at 24:00)")]
    SpanReversed { place: String, from: String, to: String },
    #[error("{place}: two intervals overlap")]
    SpansOverlap { place: String },
    #[error("{place}: more than {SPANS_PER_DAY_MAX} intervals")]
    TooManySpans { place: String },
    #[error("{place}: {text:?} is no date YYYY-MM-DD")]
    DateInvalid { place: &'static str, text: String },
    #[error("{place}: more than {DATES_MAX} dates")]
    TooManyDates { place: &'static str },
    #[error("the holiday table cannot be read: {0}")]
    HolidayTableInvalid(String),
    #[error("this is no calendar: {0}")]
    NotACalendar(String),
}

impl CalendarError {
    /// Stable name for JSON answers and the message catalogue.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TimeZoneUnknown(_) => "time_zone_unknown",
            Self::TimeInvalid { .. } => "time_invalid",
            Self::SpanReversed { .. } => "span_reversed",
            Self::SpansOverlap { .. } => "spans_overlap",
            Self::TooManySpans { .. } => "too_many_spans",
            Self::DateInvalid { .. } => "date_invalid",
            Self::TooManyDates { .. } => "too_many_dates",
            Self::HolidayTableInvalid(_) => "holiday_table_invalid",
            Self::NotACalendar(_) => "not_a_calendar",
        }
    }
}

/// Minutes of the local day, half-open, `from < to <= 1440`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: u16,
    pub(crate) to: u16,
}

pub(crate) fn read_time_zone(name: &str) -> Result<Tz, CalendarError> {
    name.parse().map_err(|_| CalendarError::TimeZoneUnknown(name.to_owned()))
}

fn read_minute(place: &str, text: &str) -> Result<u16, CalendarError> {
    let parse = || {
        let (hour, minute) = text.split_once(':')?;
        let two_digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        if !two_digits(hour) || !two_digits(minute) {
            return None;
        }
        let (hour, minute) = (hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?);
        (minute < 60 && hour * 60 + minute <= DAY_MINUTES).then_some(hour * 60 + minute)
    };
    parse().ok_or_else(|| CalendarError::TimeInvalid { place: place.to_owned(), text: text.to_owned() })
}

/// Sorted by time. Overlapping intervals are an error in hours and harmless in breaks.
pub(crate) fn read_spans(place: &str, texts: &[SpanText], overlap_allowed: bool) -> Result<Vec<Span>, CalendarError> {
    if texts.len() > SPANS_PER_DAY_MAX {
        return Err(CalendarError::TooManySpans { place: place.to_owned() });
    }
    let mut spans = Vec::with_capacity(texts.len());
    for [from_text, to_text] in texts {
        let (from, to) = (read_minute(place, from_text)?, read_minute(place, to_text)?);
        if from >= to {
            return Err(CalendarError::SpanReversed { place: place.to_owned(), from: from_text.clone(), to: to_text.clone() });
        }
        spans.push(Span { from, to });
    }
    spans.sort_by_key(|span| span.from);
    let overlap = spans.iter().zip(spans.iter().skip(1)).any(|(earlier, later)| later.from < earlier.to);
    if overlap && !overlap_allowed {
        return Err(CalendarError::SpansOverlap { place: place.to_owned() });
    }
    Ok(spans)
}

pub(crate) fn read_date(place: &'static str, text: &str) -> Result<NaiveDate, CalendarError> {
    let invalid = || CalendarError::DateInvalid { place, text: text.to_owned() };
    if text.len() != 10 {
        return Err(invalid());
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| invalid())
}

pub(crate) fn read_dated_spans(
    place: &'static str,
    texts: &BTreeMap<String, Vec<SpanText>>,
    overlap_allowed: bool,
) -> Result<BTreeMap<NaiveDate, Vec<Span>>, CalendarError> {
    if texts.len() > DATES_MAX {
        return Err(CalendarError::TooManyDates { place });
    }
    texts
        .iter()
        .map(|(date, spans)| Ok((read_date(place, date)?, read_spans(&format!("{place} {date}"), spans, overlap_allowed)?)))
        .collect()
}
