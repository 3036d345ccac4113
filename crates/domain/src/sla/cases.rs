//! The case file that `deskctl sla eval` takes and answers.
//!
//! In: `{"calendars":{NAME: calendar…},"cases":[{"id","kind",…}…]}`. Out: `{"results":[…]}`, one answer a
//! case in their order, each with the keys the case's `expect` would have. What cannot be read is answered
//! `{"id","error":{"code","detail"}}` and does not keep the others from being evaluated.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::calendar::{Calendar, CalendarError, Interval, local_to_utc};
use super::policy::Target;
use crate::time::{SECOND_MS, UtcMs};

/// Intervals a `periods` case can ask for.
pub const PERIODS_MAX: u64 = 10_000;

struct CaseError {
    code: &'static str,
    detail: String,
}

impl CaseError {
    fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    fn to_json(&self) -> Value {
        json!({ "code": self.code, "detail": self.detail })
    }
}

impl From<&CalendarError> for CaseError {
    fn from(error: &CalendarError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

type Calendars = BTreeMap<String, Result<Calendar, CalendarError>>;

/// Evaluates a case file; a file that is none is answered `{"results":[],"error":{"code","detail"}}`.
#[must_use]
pub fn evaluate_file(json: &Value) -> Value {
    let Some(cases) = json.get("cases").and_then(Value::as_array) else {
        let error = CaseError::new("not_a_case_file", "the file has no list \"cases\"");
        return json!({ "results": [], "error": error.to_json() });
    };
    let calendars: Calendars = json
        .get("calendars")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, calendar)| (name.clone(), Calendar::from_json(calendar)))
        .collect();
    let results: Vec<Value> = cases.iter().map(|case| answer(case, &calendars)).collect();
    json!({ "results": results })
}

fn answer(case: &Value, calendars: &Calendars) -> Value {
    let mut answer = Map::new();
    answer.insert("id".to_owned(), case.get("id").cloned().unwrap_or(Value::Null));
    match evaluate(case, calendars) {
        Ok(Value::Object(found)) => answer.extend(found),
        Ok(other) => drop(answer.insert("answer".to_owned(), other)),
        Err(error) => drop(answer.insert("error".to_owned(), error.to_json())),
    }
    Value::Object(answer)
}

fn evaluate(case: &Value, calendars: &Calendars) -> Result<Value, CaseError> {
    if !case.is_object() {
        return Err(CaseError::new("case_invalid", "a case is an object"));
    }
    let kind = text(case, "kind")?;
    let calendar = calendar(case, calendars)?;
    match kind {
        "deadline" => {
            let deadline = calendar.deadline(instant(case, "start")?, target(case)?, &pauses(case)?);
            Ok(json!({ "deadline_utc": moment(deadline.at)? }))
        }
        "provisional" => {
            let deadline = calendar.deadline(instant(case, "start")?, target(case)?, &pauses(case)?);
            let known_until = calendar.known_until().map(|date| date.to_string());
            Ok(json!({ "provisional": deadline.provisional, "known_until": known_until }))
        }
        "elapsed" => {
            let elapsed_ms = calendar.elapsed_ms(instant(case, "start")?, instant(case, "end")?, &pauses(case)?);
            Ok(json!({ "elapsed_s": seconds(elapsed_ms) }))
        }
        "periods" => {
            let take = case.get("take").and_then(Value::as_u64).filter(|take| *take <= PERIODS_MAX);
            let take = take.ok_or_else(|| CaseError::new("field_invalid", format!("take: a count up to {PERIODS_MAX}")))?;
            let periods: Vec<[String; 2]> = calendar
                .intervals_from(instant(case, "start")?)
                .take(usize::try_from(take).unwrap_or(usize::MAX))
                .map(|interval| [rfc3339(interval.from), rfc3339(interval.to)])
                .collect();
            Ok(json!({ "periods_utc": periods }))
        }
        "in_hours" => Ok(json!({ "active": calendar.is_open(instant(case, "at")?) })),
        "workday" => {
            let date = text(case, "date")?;
            let date = NaiveDate::parse_from_str(date, "%Y-%m-%d")
                .map_err(|_| CaseError::new("date_invalid", format!("date: {date:?} is no date YYYY-MM-DD")))?;
            Ok(json!({ "workday": calendar.is_workday(date) }))
        }
        "local_to_utc" => {
            let local = text(case, "local")?;
            let local = NaiveDateTime::parse_from_str(local, "%Y-%m-%dT%H:%M:%S%.f").map_err(|_| {
                CaseError::new("local_time_invalid", format!("local: {local:?} is no local time YYYY-MM-DDTHH:MM:SS"))
            })?;
            Ok(json!({ "utc": rfc3339(local_to_utc(calendar.tz(), local)) }))
        }
        "escalate_at" => {
            let offset_s = case.get("offset_s").and_then(Value::as_i64);
            let offset_s = offset_s.ok_or_else(|| CaseError::new("field_invalid", "offset_s: whole seconds"))?;
            let at = calendar.shifted(instant(case, "deadline")?, offset_s.saturating_mul(SECOND_MS));
            Ok(json!({ "at_utc": moment(at)? }))
        }
        other => Err(CaseError::new("kind_unknown", format!("kind: {other:?}"))),
    }
}

fn calendar<'a>(case: &Value, calendars: &'a Calendars) -> Result<&'a Calendar, CaseError> {
    let name = text(case, "calendar")?;
    match calendars.get(name) {
        Some(Ok(calendar)) => Ok(calendar),
        Some(Err(error)) => Err(CaseError::from(error)),
        None => Err(CaseError::new("calendar_unknown", format!("calendar: {name:?} is not among the calendars"))),
    }
}

fn text<'a>(case: &'a Value, key: &str) -> Result<&'a str, CaseError> {
    match case.get(key) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(CaseError::new("field_invalid", format!("{key}: a text"))),
        None => Err(CaseError::new("field_missing", key)),
    }
}

fn read_instant(text: &str, place: &str) -> Result<UtcMs, CaseError> {
    UtcMs::parse_rfc3339(text)
        .map_err(|error| CaseError::new("instant_invalid", format!("{place}: {text:?} is not RFC 3339 ({error})")))
}

fn instant(case: &Value, key: &str) -> Result<UtcMs, CaseError> {
    read_instant(text(case, key)?, key)
}

fn target(case: &Value) -> Result<Target, CaseError> {
    let target = case.get("target").ok_or_else(|| CaseError::new("field_missing", "target"))?;
    Target::deserialize(target).map_err(|error| CaseError::new("target_invalid", format!("target: {error}")))
}

fn pauses(case: &Value) -> Result<Vec<Interval>, CaseError> {
    let Some(pauses) = case.get("pauses").filter(|pauses| !pauses.is_null()) else { return Ok(Vec::new()) };
    let pairs = Vec::<(String, Option<String>)>::deserialize(pauses)
        .map_err(|error| CaseError::new("pauses_invalid", format!("pauses: {error}")))?;
    pairs
        .iter()
        .map(|(from, to)| {
            let from = read_instant(from, "pauses")?;
            let Some(to) = to else { return Ok(Interval::unended(from)) };
            let to = read_instant(to, "pauses")?;
            if to < from {
                return Err(CaseError::new("pauses_invalid", format!("pauses: one ends at {} before it begins", rfc3339(to))));
            }
            Ok(Interval { from, to })
        })
        .collect()
}

/// Whole seconds as an integer, anything finer with its fraction.
fn seconds(ms: i64) -> Value {
    if ms % SECOND_MS == 0 { json!(ms / SECOND_MS) } else { json!(ms as f64 / SECOND_MS as f64) }
}

fn moment(at: Option<UtcMs>) -> Result<String, CaseError> {
    at.map(rfc3339).ok_or_else(|| CaseError::new("never_due", "not within twenty years, or behind a pause that has not ended"))
}

/// RFC 3339 in UTC, with milliseconds only where there are any.
fn rfc3339(at: UtcMs) -> String {
    at.to_datetime().map_or_else(|| at.to_rfc3339(), |at| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
}
