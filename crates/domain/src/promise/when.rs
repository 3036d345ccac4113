//! A time by which something happens: a day, an hour, or both, and the word that makes a deadline of it.

use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta, TimeZone as _};
use chrono_tz::Tz;

use super::day::{self, Part, scan_back};
use super::scan::Scan;
use super::span;
use crate::time::UtcMs;

const HOUR: u32 = 60;
const DAY_MINUTES: u32 = 24 * HOUR;

/// A time that was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct When {
    pub(super) from: usize,
    pub(super) end: usize,
    /// A word says that it is the latest; otherwise only the sentence can tell.
    pub(super) is_deadline: bool,
    pub(super) due: Option<UtcMs>,
}

/// An hour of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Clock {
    /// Minutes of the day, up to 24:00.
    minutes: u32,
    /// Said with a part of the day, as 18:00 or as 09:00: no other hour is meant.
    is_sure: bool,
    end: usize,
}

/// What the words before and behind make of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    /// Only named.
    None,
    /// Until it is over: by, within, 最晚.
    By,
    /// Until it begins: before, 前.
    Before,
}

/// Every time that is named, in order, as somebody meant it who wrote at `at`.
pub(super) fn times(scan: &Scan, at: UtcMs, tz: Tz) -> Vec<When> {
    let Some(now) = at.to_datetime().map(|at| at.with_timezone(&tz).naive_local()) else { return Vec::new() };
    let mut found = Vec::new();
    let mut place = 0;
    while place < scan.chars.len() {
        let one = span::span(scan, place)
            .map(|span| {
                let due = span.ms.map(|ms| at.plus_ms(ms));
                When { from: place, end: span.end, is_deadline: span.is_deadline, due }
            })
            .or_else(|| moment(scan, place, now, tz));
        match one {
            Some(when) => {
                place = when.end.max(place + 1);
                found.push(when);
            }
            None => place += 1,
        }
    }
    found
}

fn moment(scan: &Scan, from: usize, now: NaiveDateTime, tz: Tz) -> Option<When> {
    let named = day::day(scan, from, now.date()).map(|named| to_the_end_of_work(scan, named));
    let after_day = named.map_or(from, |named| loose(scan, named.end));
    let part = part(scan, after_day);
    let after_part = part.map_or(after_day, |(_, end)| scan.spaces(end));
    let part = named.and_then(|named| named.part).or(part.map(|(part, _)| part));
    let clock = clock(scan, after_part, part);
    let end = match (clock, part, named) {
        (Some(clock), _, _) => clock.end,
        (None, Some(_), Some(_)) if after_part > after_day => after_part,
        (None, _, Some(named)) => named.end,
        (None, _, None) => return None,
    };
    // English may name the day behind the hour: by 6pm tomorrow, by 18:00 on Friday.
    let (named, end) = match (named, clock) {
        (None, Some(_)) => {
            let on = scan.spaces(end);
            let on = scan.any(on, &["on", ","]).map_or(on, |end| scan.spaces(end));
            match day::day(scan, on, now.date()) {
                Some(behind) => (Some(behind), behind.end),
                None => (None, end),
            }
        }
        _ => (named, end),
    };
    let (bound, end) = bound(scan, from, end);
    let time = Time { date: named.map(|named| named.date), is_an_end: named.is_some_and(|named| named.is_an_end), part, clock };
    let due = time.due(bound, now);
    let due = due.and_then(|local| utc(tz, local));
    Some(When { from, end, is_deadline: bound != Bound::None || named.is_some_and(|named| named.is_an_end), due })
}

/// When work ends on a day nobody here knows.
fn to_the_end_of_work(scan: &Scan, named: day::Named) -> day::Named {
    match scan.any(scan.spaces(named.end), &["下班", "收工"]) {
        Some(end) => day::Named { date: None, end, ..named },
        None => named,
    }
}

/// Behind a day the hour may follow at once, after a space, or after "at" and "的".
fn loose(scan: &Scan, end: usize) -> usize {
    let next = scan.spaces(end);
    scan.any(next, &["at", "的", ",", "，"]).map_or(next, |end| scan.spaces(end))
}

fn part(scan: &Scan, at: usize) -> Option<(Part, usize)> {
    const PARTS: &[(&str, Part)] = &[
        ("凌晨", Part::Dawn),
        ("早上", Part::Morning),
        ("上午", Part::Morning),
        ("早", Part::Morning),
        ("中午", Part::Noon),
        ("下午", Part::Afternoon),
        ("傍晚", Part::Evening),
        ("晚上", Part::Evening),
        ("晚间", Part::Evening),
        ("晚", Part::Evening),
        ("morning", Part::Morning),
        ("afternoon", Part::Afternoon),
        ("evening", Part::Evening),
        ("night", Part::Evening),
    ];
    // 最晚 and 不晚于 name no part of a day.
    if at > 0 && scan.at(at - 1).is_some_and(|c| c == '最' || c == '不') {
        return None;
    }
    scan.one_of(at, PARTS).filter(|(_, end)| scan.at(*end) != Some('于'))
}

/// Of a stretch, 14:00-16:00, its end.
fn clock(scan: &Scan, at: usize, part: Option<Part>) -> Option<Clock> {
    let first = one_clock(scan, at, part)?;
    let next = scan.spaces(first.end);
    let second = scan.any(next, &["-", "~", "到", "至", "to"]).and_then(|end| one_clock(scan, scan.spaces(end), part));
    Some(second.unwrap_or(first))
}

fn one_clock(scan: &Scan, at: usize, part: Option<Part>) -> Option<Clock> {
    if let Some(end) = scan.any(at, &["noon", "midday"]) {
        return Some(Clock { minutes: DAY_MINUTES / 2, is_sure: true, end });
    }
    if let Some(end) = scan.word(at, "midnight") {
        return Some(Clock { minutes: DAY_MINUTES, is_sure: true, end });
    }
    let (hour, end) = scan.digits(at, 2).or_else(|| scan.han_number(at))?;
    let (minute, end, is_digital) = minute_of(scan, end)?;
    let half = half_of_day(scan, scan.spaces(end));
    let end = half.map_or(end, |(_, end)| end);
    let half = half.map(|(half, _)| half);
    if is_digital.is_none() && half.is_none() {
        return None;
    }
    if hour > 24 || minute > 59 || (hour == 24 && minute > 0) {
        return None;
    }
    let afternoon = match (half, part) {
        (Some(is_pm), _) => Some(is_pm),
        (None, Some(Part::Afternoon | Part::Evening)) => Some(true),
        (None, Some(Part::Noon)) => Some(hour < 11),
        (None, Some(Part::Dawn | Part::Morning)) => Some(false),
        (None, None) => None,
    };
    let hour_meant = match afternoon {
        Some(true) if hour < 12 => hour + 12,
        // Twelve in the evening is midnight, twelve at noon is noon.
        Some(true) if hour == 12 && part == Some(Part::Evening) && half.is_none() => 24,
        Some(false) if hour == 12 => 0,
        _ => hour,
    };
    // 9:00 is read off a clock of 24 hours; 9 点 and 3:00 may be of the morning or of the afternoon.
    let is_read_off = hour == 0
        || hour > 12
        || scan.at(at) == Some('0')
        || (hour >= 7 && scan.chars.get(at..end).is_some_and(|read| read.contains(&':')));
    let is_sure = afternoon.is_some() || is_read_off;
    Some(Clock { minutes: hour_meant * HOUR + minute, is_sure, end })
}

/// Minutes behind the hour, and how they were written: `None` for a bare number, which needs am or pm behind it.
fn minute_of(scan: &Scan, end: usize) -> Option<(u32, usize, Option<()>)> {
    if scan.at(end) == Some(':') {
        let (minute, end) = scan.digits(end + 1, 2)?;
        let seconds = (scan.at(end) == Some(':')).then(|| scan.digits(end + 1, 2)).flatten();
        return Some((minute, seconds.map_or(end, |(_, end)| end), Some(())));
    }
    let Some(end) = scan.any(end, &["点钟", "点", "时"]) else { return Some((0, end, None)) };
    if let Some((minute, end)) = scan.one_of(end, &[("半", 30), ("一刻", 15), ("三刻", 45), ("整", 0)]) {
        return Some((minute, end, Some(())));
    }
    let minute = scan.digits(end, 2).or_else(|| scan.han_number(end).filter(|_| scan.at(end) != Some('一')));
    Some(match minute {
        Some((minute, end)) if minute < 60 => (minute, scan.word(end, "分").unwrap_or(end), Some(())),
        _ => (0, end, Some(())),
    })
}

fn half_of_day(scan: &Scan, at: usize) -> Option<(bool, usize)> {
    scan.one_of(at, &[("a.m.", false), ("p.m.", true), ("a.m", false), ("p.m", true), ("am", false), ("pm", true)])
}

fn bound(scan: &Scan, from: usize, end: usize) -> (Bound, usize) {
    const LAST: &[&str] =
        &["最晚", "最迟", "至迟", "不晚于", "不迟于", "不会晚于", "最晚在", "最迟在", "最晚于", "截至", "截止", "截止到"];
    const BY: &[&str] = &["by", "by the", "no later than", "not later than", "no later than the", "latest by"];
    let next = scan.spaces(end);
    if scan.any(next, &["前后"]).is_some() {
        return (Bound::None, end);
    }
    if let Some(end) = scan.any(next, &["之前", "以前", "前"]) {
        return (Bound::Before, end);
    }
    if let Some(end) = scan.any(next, &["之内", "以内", "内", "at the latest"]) {
        return (Bound::By, end);
    }
    if scan_back(scan, from, &["before", "before the"]) {
        return (Bound::Before, end);
    }
    let by = scan_back(scan, from, BY) || scan_back(scan, from, LAST);
    (if by { Bound::By } else { Bound::None }, end)
}

/// What was said of a time.
struct Time {
    /// `Some(None)`: a day was named, and it cannot be told which.
    date: Option<Option<NaiveDate>>,
    is_an_end: bool,
    part: Option<Part>,
    clock: Option<Clock>,
}

impl Time {
    /// The end of it on the wall; `None` where it cannot be told.
    fn due(&self, bound: Bound, now: NaiveDateTime) -> Option<NaiveDateTime> {
        let date = match self.date {
            Some(date) => date?,
            None => now.date(),
        };
        if let Some(clock) = self.clock {
            return self.at_clock(clock, date, now);
        }
        match (self.part, bound) {
            (Some(part), Bound::By | Bound::None) => part.ends().and_then(|minutes| on(date, minutes)),
            (Some(Part::Noon), Bound::Before) => on(date, DAY_MINUTES / 2),
            (Some(_), Bound::Before) => None,
            (None, Bound::Before) if !self.is_an_end && date != now.date() => on(date, 0),
            // The day itself is meant, or the one of next week: who can tell.
            (None, Bound::Before) if !self.is_an_end => None,
            (None, _) => on(date, DAY_MINUTES),
        }
    }

    /// An hour that may be of the morning or of the afternoon is the first of the two that is to come today; on another day
    /// it is what office hours make of it.
    fn at_clock(&self, clock: Clock, date: NaiveDate, now: NaiveDateTime) -> Option<NaiveDateTime> {
        let exact = on(date, clock.minutes)?;
        if clock.is_sure {
            let has_passed_today = self.date.is_none() && exact <= now;
            return if has_passed_today { None } else { Some(exact) };
        }
        if date == now.date() {
            let later = on(date, clock.minutes + DAY_MINUTES / 2).filter(|_| clock.minutes < DAY_MINUTES / 2);
            return if exact > now { Some(exact) } else { later.filter(|later| *later > now) };
        }
        (clock.minutes >= 7 * HOUR).then_some(exact)
    }
}

fn on(date: NaiveDate, minutes: u32) -> Option<NaiveDateTime> {
    let midnight = date.and_hms_opt(0, 0, 0)?;
    if minutes == DAY_MINUTES {
        return date.checked_add_days(Days::new(1))?.and_hms_opt(0, 0, 0);
    }
    midnight.checked_add_signed(TimeDelta::minutes(i64::from(minutes)))
}

/// The first instant at which the wall shows it; in a gap of summer time, an hour later.
fn utc(tz: Tz, local: NaiveDateTime) -> Option<UtcMs> {
    let found = tz.from_local_datetime(&local).earliest();
    let found = found.or_else(|| tz.from_local_datetime(&(local + TimeDelta::hours(1))).earliest());
    found.map(|at| UtcMs(at.timestamp_millis()))
}
