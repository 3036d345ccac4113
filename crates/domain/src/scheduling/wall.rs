//! A time that a person typed: wall clocks skip some and show some twice.

use chrono::{Duration, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::sla::calendar::local_to_utc;
use crate::time::UtcMs;

/// What a wall time means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum WallTime {
    Once {
        at: UtcMs,
    },
    /// Clocks are put forward past it: there is no such time. The first moment after the gap.
    Skipped {
        next: UtcMs,
    },
    /// Clocks are put back over it: it comes twice.
    Twice {
        first: UtcMs,
        second: UtcMs,
    },
}

/// Reads a date and a minute of the day (0..=1440) as a clock in `tz` shows them; `None` for a minute that no day has.
#[must_use]
pub fn wall_time(tz: Tz, date: NaiveDate, minute: u16) -> Option<WallTime> {
    if minute > 1_440 {
        return None;
    }
    let local = date.and_time(NaiveTime::MIN).checked_add_signed(Duration::minutes(i64::from(minute)))?;
    Some(match tz.from_local_datetime(&local) {
        MappedLocalTime::Single(at) => WallTime::Once { at: UtcMs(at.timestamp_millis()) },
        MappedLocalTime::Ambiguous(one, other) => {
            let (one, other) = (UtcMs(one.timestamp_millis()), UtcMs(other.timestamp_millis()));
            WallTime::Twice { first: one.min(other), second: one.max(other) }
        }
        MappedLocalTime::None => WallTime::Skipped { next: gap_end(tz, local) },
    })
}

/// As [`wall_time`], from what was typed: the IANA name of a zone, an ISO date, a minute of the day.
///
/// # Errors
/// Which of `tz`, `date`, `minute` cannot be read.
pub fn wall_time_of(tz: &str, date: &str, minute: u16) -> Result<WallTime, &'static str> {
    let zone: Tz = tz.trim().parse().map_err(|_| "tz")?;
    let day: NaiveDate = date.trim().parse().map_err(|_| "date")?;
    wall_time(zone, day, minute).ok_or("minute")
}

/// The first instant that a clock shows after a time that it skips.
fn gap_end(tz: Tz, local: NaiveDateTime) -> UtcMs {
    // The longest gap on record is a skipped date.
    let mut later = local;
    for _ in 0..(26 * 60) {
        later += Duration::minutes(1);
        if let Some(at) = tz.from_local_datetime(&later).earliest() {
            return UtcMs(at.timestamp_millis());
        }
    }
    local_to_utc(tz, local)
}
