//! Local time to instants.

use chrono::{Duration, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone};
use chrono_tz::Tz;

use crate::time::UtcMs;

/// How far back to look for the offset before a gap: the longest gap on record (a skipped date) is 24 h.
const GAP_PROBES_MAX: i32 = 26 * 4;
const GAP_PROBE_MINUTES: i64 = 15;

/// The instant a wall clock shows `local`.
///
/// A time the clock shows twice is its first showing. A time it skips is read with the offset before the
/// skip, so 02:30 in a one-hour gap is the instant shown as 03:30.
#[must_use]
pub fn local_to_utc(tz: Tz, local: NaiveDateTime) -> UtcMs {
    let shown = |offset_s: i32| UtcMs(local.and_utc().timestamp_millis() - i64::from(offset_s) * 1_000);
    match tz.offset_from_local_datetime(&local) {
        MappedLocalTime::Single(offset) => shown(offset.fix().local_minus_utc()),
        MappedLocalTime::Ambiguous(one, other) => shown(one.fix().local_minus_utc()).min(shown(other.fix().local_minus_utc())),
        MappedLocalTime::None => shown(offset_before_gap(tz, local)),
    }
}

fn offset_before_gap(tz: Tz, local: NaiveDateTime) -> i32 {
    for probe in 1..=GAP_PROBES_MAX {
        let Some(earlier) = local.checked_sub_signed(Duration::minutes(GAP_PROBE_MINUTES * i64::from(probe))) else { break };
        match tz.offset_from_local_datetime(&earlier) {
            MappedLocalTime::Single(offset) => return offset.fix().local_minus_utc(),
            // The later showing of an ambiguous time is the one nearer to the gap.
            MappedLocalTime::Ambiguous(one, other) => {
                return one.fix().local_minus_utc().min(other.fix().local_minus_utc());
            }
            MappedLocalTime::None => {}
        }
    }
    0
}

/// The wall clock at an instant; `None` outside chrono's years.
pub(crate) fn utc_to_local(tz: Tz, at: UtcMs) -> Option<NaiveDateTime> {
    Some(at.to_datetime()?.with_timezone(&tz).naive_local())
}

/// The instant of a minute of a nominal day; minute 1440 is midnight of the next date.
pub(crate) fn minute_to_utc(tz: Tz, date: NaiveDate, minute: u16) -> UtcMs {
    let local = date.and_time(NaiveTime::MIN) + Duration::minutes(i64::from(minute));
    local_to_utc(tz, local)
}
