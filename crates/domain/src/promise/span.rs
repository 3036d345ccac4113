//! Lengths of time from now: within two hours, 30 分钟内.

use super::day::scan_back;
use super::scan::Scan;
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS};

/// A length that was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// `None` where it cannot be told: working days, a few hours.
    pub(super) ms: Option<i64>,
    /// "Within" says until when; "in two hours" and "两小时后" might tell of something else.
    pub(super) is_deadline: bool,
    pub(super) end: usize,
}

/// A unit's milliseconds; `None` for one without a fixed length.
type Unit = Option<i64>;

const HAN_UNITS: &[(&str, Unit)] = &[
    ("分钟", Some(MINUTE_MS)),
    ("小时", Some(HOUR_MS)),
    ("钟头", Some(HOUR_MS)),
    ("工作日", None),
    ("交易日", None),
    ("自然日", Some(DAY_MS)),
    ("星期", Some(7 * DAY_MS)),
    ("礼拜", Some(7 * DAY_MS)),
    ("天", Some(DAY_MS)),
    ("日", Some(DAY_MS)),
    ("周", Some(7 * DAY_MS)),
    ("月", None),
    ("h", Some(HOUR_MS)),
    ("min", Some(MINUTE_MS)),
];
const LATIN_UNITS: &[(&str, Unit)] = &[
    ("minutes", Some(MINUTE_MS)),
    ("minute", Some(MINUTE_MS)),
    ("mins", Some(MINUTE_MS)),
    ("min", Some(MINUTE_MS)),
    ("hours", Some(HOUR_MS)),
    ("hour", Some(HOUR_MS)),
    ("hrs", Some(HOUR_MS)),
    ("hr", Some(HOUR_MS)),
    ("h", Some(HOUR_MS)),
    ("business days", None),
    ("business day", None),
    ("working days", None),
    ("working day", None),
    ("business hours", None),
    ("working hours", None),
    ("days", Some(DAY_MS)),
    ("day", Some(DAY_MS)),
    ("weeks", Some(7 * DAY_MS)),
    ("week", Some(7 * DAY_MS)),
    ("months", None),
    ("month", None),
];

pub(super) fn span(scan: &Scan, at: usize) -> Option<Span> {
    han(scan, at).or_else(|| latin(scan, at))
}

fn han(scan: &Scan, at: usize) -> Option<Span> {
    // What lies behind, and what is done again and again.
    if scan_back(scan, at, &["过去", "最近", "近", "前", "每", "每隔", "连续", "第", "last", "past"]) {
        return None;
    }
    let (halves, end) = amount(scan, at)?;
    let end = scan.spaces(end);
    let end = scan.word(end, "个").unwrap_or(end);
    let (halves, end) = match scan.word(end, "半") {
        Some(end) => (halves.map(|halves| halves + 1), end),
        None => (halves, end),
    };
    let (unit, end) = scan.one_of(scan.spaces(end), HAN_UNITS)?;
    let end = scan.any(end, &["左右"]).unwrap_or(end);
    let (is_deadline, end) = scan.one_of(
        scan.spaces(end),
        &[("之内", true), ("以内", true), ("内", true), ("之后", false), ("以后", false), ("后", false)],
    )?;
    let ms = halves.zip(unit).map(|(halves, unit)| unit / 2 * halves);
    Some(Span { ms, is_deadline, end })
}

/// In halves, so that half an hour is a number; of a range its upper end. `None` for "a few".
fn amount(scan: &Scan, at: usize) -> Option<(Option<i64>, usize)> {
    if let Some(end) = scan.word(at, "半") {
        return Some((Some(1), end));
    }
    if let Some(end) = scan.any(at, &["几", "数"]) {
        return Some((None, end));
    }
    let one = |at: usize| scan.digits(at, 4).or_else(|| scan.han_number(at));
    let (first, end) = one(at)?;
    if let Some(end) = scan.word(end, ".5") {
        return Some((Some(i64::from(first) * 2 + 1), end));
    }
    let range = scan.any(scan.spaces(end), &["-", "到", "至", "~"]).and_then(|end| one(scan.spaces(end)));
    let (value, end) = range.unwrap_or((first, end));
    Some((Some(i64::from(value) * 2), end))
}

fn latin(scan: &Scan, at: usize) -> Option<Span> {
    const LEADS: &[(&str, bool)] = &[
        ("within the next", true),
        ("in less than", true),
        ("in under", true),
        ("no later than", true),
        ("within", true),
        ("in the next", false),
        ("in about", false),
        ("in", false),
    ];
    let (is_deadline, end) = scan.one_of(at, LEADS)?;
    let end = scan.spaces(end);
    if let Some(end) = scan.any(end, &["half an hour", "half hour", "the half hour"]) {
        return Some(Span { ms: Some(HOUR_MS / 2), is_deadline, end });
    }
    if let Some(end) = scan.any(end, &["the hour", "the next hour"]) {
        return Some(Span { ms: Some(HOUR_MS), is_deadline, end });
    }
    if let Some(end) = scan.any(end, &["a few hours", "a couple of hours", "a few days", "a few minutes", "the day", "the week"])
    {
        return Some(Span { ms: None, is_deadline, end });
    }
    let (first, end) = scan.number(end)?;
    let range = scan.any(scan.spaces(end), &["-", "to"]).and_then(|end| scan.number(scan.spaces(end)));
    let (value, end) = range.unwrap_or((first, end));
    let end = scan.word(end, "-").unwrap_or(end);
    let (unit, end) = scan.one_of(scan.spaces(end), LATIN_UNITS)?;
    Some(Span { ms: unit.map(|unit| unit * i64::from(value)), is_deadline, end })
}
