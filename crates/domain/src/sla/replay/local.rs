//! The wall clock of a zone, fast: what a zone's offset is on a day is looked up once a day, not once an event.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, Offset, TimeZone};
use chrono_tz::Tz;

use crate::time::{DAY_MS, HOUR_MS, UtcMs};

/// Days of which the offset is remembered, for each zone; beyond it they are looked up anew.
const DAYS_KEPT_MAX: usize = 200_000;
/// Thursday, 1970-01-01, counted from Monday.
const EPOCH_WEEKDAY: i64 = 3;

/// A wall-clock reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Local {
    /// Months since year 0.
    pub(super) month: i32,
    /// From Monday, 0 to 6.
    pub(super) weekday: usize,
    pub(super) hour: usize,
}

/// Offsets by zone and UTC day.
#[derive(Debug, Default)]
pub(super) struct LocalTime {
    zones: Vec<(Tz, Days)>,
}

/// The offset of a UTC day in milliseconds; `None` for a day on which it changes.
type Days = HashMap<i64, Option<i64>>;

impl LocalTime {
    pub(super) fn of(&mut self, tz: Tz, at: UtcMs) -> Local {
        let local_ms = at.0.saturating_add(self.offset_ms(tz, at));
        let day = local_ms.div_euclid(DAY_MS);
        Local {
            month: month_of(day),
            weekday: usize::try_from((day + EPOCH_WEEKDAY).rem_euclid(7)).unwrap_or_default(),
            hour: usize::try_from(local_ms.rem_euclid(DAY_MS) / HOUR_MS).unwrap_or_default(),
        }
    }

    pub(super) fn month(&mut self, tz: Tz, at: UtcMs) -> i32 {
        month_of(at.0.saturating_add(self.offset_ms(tz, at)).div_euclid(DAY_MS))
    }

    fn offset_ms(&mut self, tz: Tz, at: UtcMs) -> i64 {
        let index = match self.zones.iter().position(|(known, _)| *known == tz) {
            Some(index) => index,
            None => {
                self.zones.push((tz, Days::new()));
                self.zones.len() - 1
            }
        };
        let Some((_, days)) = self.zones.get_mut(index) else { return offset_ms(tz, at) };
        let day = at.0.div_euclid(DAY_MS);
        let known = match days.get(&day) {
            Some(known) => *known,
            None => {
                let (first, last) = (day.saturating_mul(DAY_MS), day.saturating_mul(DAY_MS).saturating_add(DAY_MS - 1));
                let (first, last) = (offset_ms(tz, UtcMs(first)), offset_ms(tz, UtcMs(last)));
                let all_day = (first == last).then_some(first);
                if days.len() < DAYS_KEPT_MAX {
                    days.insert(day, all_day);
                }
                all_day
            }
        };
        known.unwrap_or_else(|| offset_ms(tz, at))
    }
}

fn offset_ms(tz: Tz, at: UtcMs) -> i64 {
    at.to_datetime().map_or(0, |utc| i64::from(tz.offset_from_utc_datetime(&utc.naive_utc()).fix().local_minus_utc()) * 1_000)
}

fn month_of(day: i64) -> i32 {
    let date = DateTime::from_timestamp(day.saturating_mul(DAY_MS / 1_000), 0).unwrap_or_default();
    date.year() * 12 + date.month0().cast_signed()
}
