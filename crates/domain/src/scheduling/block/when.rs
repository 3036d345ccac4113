//! A span of time as people write it in a reply.

use chrono::{FixedOffset, NaiveDate};
use chrono_tz::Tz;

use crate::scheduling::wall::{WallTime, wall_time};
use crate::time::{DAY_MS, MINUTE_MS, UtcMs};

/// Longest value that is looked at, in characters.
const VALUE_CHARS_MAX: usize = 120;
const MINUTES_A_DAY: u16 = 24 * 60;

/// Where a clock hangs.
#[derive(Clone, Copy)]
enum Zone {
    Named(Tz),
    Fixed(FixedOffset),
}

impl Zone {
    fn at(self, date: NaiveDate, minute: u16) -> Option<UtcMs> {
        match self {
            Self::Named(tz) => match wall_time(tz, date, minute)? {
                WallTime::Once { at } | WallTime::Twice { first: at, .. } => Some(at),
                // A time that no clock shows was not meant.
                WallTime::Skipped { .. } => None,
            },
            Self::Fixed(offset) => {
                let midnight = UtcMs(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis());
                Some(midnight.plus_ms(i64::from(minute) * MINUTE_MS - i64::from(offset.local_minus_utc()) * 1_000))
            }
        }
    }
}

/// Reads `2026-11-26 14:00-16:00 Asia/Shanghai`, `2026年11月26日 14:00～16:00`, `2026/11/26 14:00 UTC+8`; without a zone it is one
/// of `tz`. An end before its start is one of the next day. `None` for everything else.
#[must_use]
pub fn read_when(text: &str, tz: Tz) -> Option<(UtcMs, Option<UtcMs>)> {
    if text.chars().count() > VALUE_CHARS_MAX {
        return None;
    }
    let plain = plain(text);
    let (date, rest) = read_date(plain.trim())?;
    let (from, rest) = read_minute(rest.trim_start())?;
    let rest = rest.trim_start();
    let (to, rest) = match rest.strip_prefix(['-', '~']) {
        // `14:00 -08:00` would be a zone, `14:00-16:00` is a span: a zone is written with UTC or GMT.
        Some(behind) => read_minute(behind.trim_start()).map(|(to, rest)| (Some(to), rest))?,
        None => (None, rest),
    };
    let zone = read_zone(rest.trim(), tz)?;
    let start = zone.at(date, from)?;
    let end = match to {
        None => None,
        Some(to) if to > from => Some(zone.at(date, to)?),
        Some(to) => Some(zone.at(date.succ_opt()?, to)?),
    };
    let is_span = end.is_none_or(|end| (1..=DAY_MS + DAY_MS / 8).contains(&end.ms_since(start)));
    is_span.then_some((start, end))
}

/// The same with the signs that keyboards here do not agree about made one.
fn plain(text: &str) -> String {
    let sign = |character: char| match character {
        '：' => ':',
        '–' | '—' | '－' | '至' | '到' => '-',
        '～' | '〜' => '~',
        '年' | '月' | '/' => '-',
        '日' | '号' | ',' | '，' | '(' | ')' | '（' | '）' | '\u{a0}' | '\u{3000}' => ' ',
        digit @ '０'..='９' => char::from_digit(u32::from(digit) - u32::from('０'), 10).unwrap_or(digit),
        other => other,
    };
    // The slash of a zone's name stays.
    let (head, tail) = text
        .split_once(|character: char| character.is_ascii_alphabetic())
        .map_or((text, ""), |(head, _)| text.split_at_checked(head.len()).unwrap_or((text, "")));
    let mut plain: String = head.chars().map(sign).collect();
    plain.push_str(&tail.replace(['(', ')', '（', '）'], " "));
    plain
}

/// Digits at the beginning, at most `most` of them.
fn read_number(text: &str, most: usize) -> Option<(u32, &str)> {
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    if end == 0 || end > most {
        return None;
    }
    let (digits, rest) = text.split_at_checked(end)?;
    Some((digits.parse().ok()?, rest))
}

fn read_date(text: &str) -> Option<(NaiveDate, &str)> {
    let (year, rest) = read_number(text, 4)?;
    let (month, rest) = read_number(rest.trim_start().strip_prefix('-')?.trim_start(), 2)?;
    let (day, rest) = read_number(rest.trim_start().strip_prefix('-')?.trim_start(), 2)?;
    if year < 2000 {
        return None;
    }
    let rest = rest.strip_prefix('T').unwrap_or(rest);
    Some((NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?, rest))
}

fn read_minute(text: &str) -> Option<(u16, &str)> {
    let (hour, rest) = read_number(text, 2)?;
    let (minute, mut rest) = read_number(rest.strip_prefix(':')?, 2)?;
    // Seconds say nothing here.
    if let Some(behind) = rest.strip_prefix(':') {
        rest = read_number(behind, 2)?.1;
    }
    if minute > 59 || hour > 24 {
        return None;
    }
    let minutes = u16::try_from(hour * 60 + minute).ok()?;
    (minutes <= MINUTES_A_DAY).then_some((minutes, rest))
}

fn read_zone(text: &str, tz: Tz) -> Option<Zone> {
    if text.is_empty() {
        return Some(Zone::Named(tz));
    }
    let upper = text.to_uppercase();
    if matches!(upper.as_str(), "Z" | "UTC" | "GMT") {
        return Some(Zone::Fixed(FixedOffset::east_opt(0)?));
    }
    if matches!(text, "北京时间") {
        return Some(Zone::Named(Tz::Asia__Shanghai));
    }
    let bare = upper.starts_with('+').then_some(upper.as_str());
    let Some(offset) = upper.strip_prefix("UTC").or_else(|| upper.strip_prefix("GMT")).or(bare) else {
        return text.parse::<Tz>().ok().map(Zone::Named);
    };
    let offset = offset.trim();
    let sign = match offset.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let (hours, rest) = read_number(offset.get(1..)?, 2)?;
    let minutes = match rest.strip_prefix(':') {
        Some(minutes) => read_number(minutes, 2).filter(|(_, rest)| rest.is_empty())?.0,
        None if rest.is_empty() => 0,
        None => return None,
    };
    if hours > 14 || minutes > 59 {
        return None;
    }
    FixedOffset::east_opt(sign * i32::try_from(hours * 3_600 + minutes * 60).ok()?).map(Zone::Fixed)
}
