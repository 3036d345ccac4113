//! Dates as spreadsheets and ServiceNow write them.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;
use deskbell_domain::UtcMs;
use deskbell_domain::sla::calendar::local_to_utc;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which of two short numbers is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// `24-11-2026`
    Dmy,
    /// `11/24/2026`
    Mdy,
}

/// A date as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// With its zone.
    Instant(UtcMs),
    /// Year, month, day.
    Iso(i32, u32, u32, NaiveTime),
    /// Two short numbers and a year.
    Short(u32, u32, i32, NaiveTime),
}

/// `DD-MM-YYYY HH:MM[:SS]`, `DD/MM/YYYY`, `MM/DD/YYYY … AM`, `YYYY-MM-DD HH:MM[:SS]`, RFC 3339. `None` for anything else.
pub(super) fn read(text: &str) -> Option<Written> {
    let text = text.trim();
    if text.len() > 40 {
        return None;
    }
    if text.contains(['T', 'Z', '+']) {
        return UtcMs::parse_rfc3339(text).ok().map(Written::Instant);
    }
    let upper = text.to_ascii_uppercase();
    let (text, afternoon) = match (upper.strip_suffix("AM"), upper.strip_suffix("PM")) {
        (Some(rest), _) => (rest.trim_end(), Some(false)),
        (_, Some(rest)) => (rest.trim_end(), Some(true)),
        _ => (upper.as_str(), None),
    };
    let (date, time) = text.split_once(' ').unwrap_or((text, "00:00"));
    let time = read_time(time.trim_start(), afternoon)?;
    let mut parts = date.split(['-', '/', '.']);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    if first.len() == 4 {
        return Some(Written::Iso(number(first)?.cast_signed(), number(second)?, number(third)?, time));
    }
    (third.len() == 4).then_some(Written::Short(number(first)?, number(second)?, number(third)?.cast_signed(), time))
}

fn read_time(text: &str, afternoon: Option<bool>) -> Option<NaiveTime> {
    let mut parts = text.split(':');
    let (hour, minute) = (number(parts.next()?)?, number(parts.next()?)?);
    let second = parts.next().map_or(Some(0), number)?;
    let hour = match afternoon {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(false) => hour % 12,
        Some(true) => hour % 12 + 12,
    };
    if parts.next().is_some() {
        return None;
    }
    NaiveTime::from_hms_opt(hour, minute, second)
}

/// One to four digits.
fn number(text: &str) -> Option<u32> {
    let is_number = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

impl Written {
    /// The instant, in a zone where it names none. `None` for a day that no month has.
    pub(super) fn instant(self, order: DateOrder, tz: Tz) -> Option<UtcMs> {
        let local =
            |year, month, day, time| Some(local_to_utc(tz, NaiveDateTime::new(NaiveDate::from_ymd_opt(year, month, day)?, time)));
        match (self, order) {
            (Self::Instant(at), _) => Some(at),
            (Self::Iso(year, month, day, time), _) => local(year, month, day, time),
            (Self::Short(day, month, year, time), DateOrder::Dmy) | (Self::Short(month, day, year, time), DateOrder::Mdy) => {
                local(year, month, day, time)
            }
        }
    }
}

/// What the dates of a file say about their order.
#[derive(Debug, Default)]
pub(super) struct OrderEvidence {
    day_first: Option<String>,
    month_first: Option<String>,
    either: Option<String>,
    pub(super) without_zone: bool,
}

impl OrderEvidence {
    pub(super) fn see(&mut self, text: &str) {
        match read(text) {
            Some(Written::Short(first, second, ..)) => {
                self.without_zone = true;
                let slot = match (first > 12, second > 12) {
                    (true, false) => &mut self.day_first,
                    (false, true) => &mut self.month_first,
                    (false, false) => &mut self.either,
                    (true, true) => return,
                };
                if slot.is_none() {
                    *slot = Some(text.trim().to_owned());
                }
            }
            Some(Written::Iso(..)) => self.without_zone = true,
            Some(Written::Instant(_)) | None => {}
        }
    }

    /// True when there are dates whose order matters.
    pub(super) const fn matters(&self) -> bool {
        self.day_first.is_some() || self.month_first.is_some() || self.either.is_some()
    }

    /// The order, or a sample of what could be read in two ways (both orders occur, or neither is certain).
    pub(super) fn order(&self) -> Result<DateOrder, String> {
        match (&self.day_first, &self.month_first, &self.either) {
            (Some(one), Some(other), _) => Err(format!("{one}, {other}")),
            (Some(_), None, _) | (None, None, None) => Ok(DateOrder::Dmy),
            (None, Some(_), _) => Ok(DateOrder::Mdy),
            (None, None, Some(sample)) => Err(sample.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, order: DateOrder) -> Option<String> {
        read(text)?.instant(order, chrono_tz::Asia::Shanghai).map(UtcMs::to_rfc3339)
    }

    #[test]
    fn dates_as_they_are_written() {
        use DateOrder::{Dmy, Mdy};
        for (text, order, expect) in [
            ("29-02-2016 01:16", Dmy, Some("2016-02-28T17:16:00Z")),
            ("2/3/2016 01:16", Dmy, Some("2016-03-01T17:16:00Z")),
            ("2/3/2016 01:16", Mdy, Some("2016-02-02T17:16:00Z")),
            ("02/03/2016 12:05:09 AM", Mdy, Some("2016-02-02T16:05:09Z")),
            ("02/03/2016 1:05 pm", Mdy, Some("2016-02-03T05:05:00Z")),
            ("2016-02-29 08:00:30", Dmy, Some("2016-02-29T00:00:30Z")),
            ("2016-02-29T08:00:30Z", Dmy, Some("2016-02-29T08:00:30Z")),
            ("30-02-2016 01:16", Dmy, None),
            ("29-02-2016 24:16", Dmy, None),
            ("29-02-16 01:16", Dmy, None),
            ("13:00 PM", Dmy, None),
            ("yesterday", Dmy, None),
            ("?", Dmy, None),
        ] {
            assert_eq!(told(text, order).as_deref(), expect, "{text}");
        }
    }

    #[test]
    fn the_order_is_told_by_numbers_above_twelve() {
        let seen = |texts: &[&str]| {
            let mut evidence = OrderEvidence::default();
            texts.iter().for_each(|text| evidence.see(text));
            evidence.order()
        };
        assert_eq!(seen(&["01-02-2016 00:00", "29-02-2016 00:00"]), Ok(DateOrder::Dmy));
        assert_eq!(seen(&["01/02/2016 00:00", "02/29/2016 00:00"]), Ok(DateOrder::Mdy));
        assert_eq!(seen(&["01/02/2016 00:00"]), Err("01/02/2016 00:00".to_owned()));
        assert!(seen(&["29/02/2016 00:00", "02/29/2016 00:00"]).is_err());
        assert_eq!(seen(&["2016-02-01 00:00"]), Ok(DateOrder::Dmy));
    }
}
