//! Quiet hours: a stretch of local wall time in which nothing rings.

use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, NaiveDateTime, TimeZone, Timelike};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::time::UtcMs;

/// Minutes of a day.
pub const DAY_MINUTES: u16 = 24 * 60;
/// Nights that follow each other without a gap are looked through for this many days.
const CHAIN_DAYS_MAX: u32 = 8;

/// From one minute of the day to another, on the weekdays that it begins on; may pass midnight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QuietHours {
    /// Minute of the local day, 0..1440.
    pub from_minute: u16,
    /// Not above `from_minute`: the next day. Equal: the whole day round.
    pub to_minute: u16,
    /// Weekdays on which it begins, 1 Monday to 7 Sunday; empty means every day.
    #[serde(default)]
    pub days: Vec<u8>,
}

impl QuietHours {
    /// True when every number is within its range.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.from_minute < DAY_MINUTES && self.to_minute < DAY_MINUTES && self.days.iter().all(|day| (1..=7).contains(day))
    }

    /// True when it is quiet at this wall time.
    #[must_use]
    pub fn covers(&self, local: NaiveDateTime) -> bool {
        self.stretch_end(local).is_some()
    }

    /// When the stretch around `at` ends, by the wall clock of `at`'s zone; `None` when it is not quiet. Whoever sets quiet
    /// hours round the clock on every day gets the end a week on.
    #[must_use]
    pub fn quiet_until<Tz: TimeZone>(&self, at: &DateTime<Tz>) -> Option<UtcMs> {
        let mut end = self.stretch_end(at.naive_local())?;
        for _ in 1..CHAIN_DAYS_MAX {
            let Some(next) = self.stretch_end(end) else { break };
            end = next;
        }
        Some(instant(&at.timezone(), end))
    }

    /// Wall time at which the stretch that holds `local` ends.
    fn stretch_end(&self, local: NaiveDateTime) -> Option<NaiveDateTime> {
        let minute = u16::try_from(local.hour() * 60 + local.minute()).ok()?;
        let (from, to) = (self.from_minute, self.to_minute);
        let today = local.date();
        if from < to {
            return (minute >= from && minute < to && self.begins_on(today)).then(|| wall(today, to)).flatten();
        }
        if minute >= from && self.begins_on(today) {
            return wall(today.checked_add_days(Days::new(1))?, to);
        }
        let yesterday = today.checked_sub_days(Days::new(1))?;
        (minute < to && self.begins_on(yesterday)).then(|| wall(today, to)).flatten()
    }

    fn begins_on(&self, date: NaiveDate) -> bool {
        self.days.is_empty() || self.days.iter().any(|day| u32::from(*day) == date.weekday().number_from_monday())
    }
}

fn wall(date: NaiveDate, minute: u16) -> Option<NaiveDateTime> {
    date.and_hms_opt(u32::from(minute / 60), u32::from(minute % 60), 0)
}

/// The later of two when clocks are put back; where they are put forward, the first wall time that exists.
fn instant<Tz: TimeZone>(zone: &Tz, local: NaiveDateTime) -> UtcMs {
    let mut at = local;
    // No zone has ever skipped more than a day.
    for _ in 0..=(2 * 24 * 4) {
        if let Some(found) = zone.from_local_datetime(&at).latest() {
            return UtcMs(found.timestamp_millis());
        }
        at += Duration::minutes(15);
    }
    UtcMs(local.and_utc().timestamp_millis())
}

#[cfg(test)]
mod tests {
    use chrono_tz::{America::New_York, Asia::Shanghai, Tz};

    use super::*;

    fn at(zone: Tz, text: &str) -> DateTime<Tz> {
        let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        zone.from_local_datetime(&local).latest().unwrap()
    }

    fn ends(quiet: &QuietHours, zone: Tz, text: &str) -> Option<String> {
        let end = quiet.quiet_until(&at(zone, text))?;
        Some(end.to_datetime().unwrap().with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string())
    }

    fn hours(from: u16, to: u16, days: &[u8]) -> QuietHours {
        QuietHours { from_minute: from * 60, to_minute: to * 60, days: days.to_vec() }
    }

    #[test]
    fn quiet_until_the_end_of_the_stretch_that_holds_the_moment() {
        // 2026-11-20 is a Friday.
        let night = hours(22, 8, &[]);
        let weekend = hours(0, 0, &[6, 7]);
        let lunch = hours(12, 14, &[1, 2, 3, 4, 5]);
        let friday_night = hours(22, 8, &[5]);
        for (why, quiet, now, expect) in [
            ("before", &night, "2026-11-20 21:59", None),
            ("its first minute", &night, "2026-11-20 22:00", Some("2026-11-21 08:00")),
            ("after midnight", &night, "2026-11-21 03:00", Some("2026-11-21 08:00")),
            ("its end is open", &night, "2026-11-21 08:00", None),
            ("two whole days", &weekend, "2026-11-21 10:00", Some("2026-11-23 00:00")),
            ("monday", &weekend, "2026-11-23 00:00", None),
            ("within a day", &lunch, "2026-11-20 13:59", Some("2026-11-20 14:00")),
            ("not on saturday", &lunch, "2026-11-21 13:00", None),
            ("begun on friday", &friday_night, "2026-11-21 07:59", Some("2026-11-21 08:00")),
            ("saturday night is not named", &friday_night, "2026-11-21 23:00", None),
        ] {
            assert_eq!(ends(quiet, Shanghai, now).as_deref(), expect, "{why}");
        }
        assert!(hours(0, 0, &[]).quiet_until(&at(Shanghai, "2026-11-20 10:00")).is_some(), "round the clock ends somewhere");
    }

    #[test]
    fn an_end_that_the_clock_skips_is_the_first_moment_after_it_and_one_that_comes_twice_is_the_later() {
        // 2026-03-08: 02:00 becomes 03:00. 2026-11-01: 02:00 becomes 01:00.
        let skipped = QuietHours { from_minute: 22 * 60, to_minute: 150, days: vec![] };
        assert_eq!(ends(&skipped, New_York, "2026-03-08 00:30").as_deref(), Some("2026-03-08 03:00"));
        let twice = QuietHours { from_minute: 22 * 60, to_minute: 90, days: vec![] };
        let end = twice.quiet_until(&at(New_York, "2026-11-01 00:30")).unwrap();
        assert_eq!(end.to_rfc3339(), "2026-11-01T06:30:00Z");
    }
}
