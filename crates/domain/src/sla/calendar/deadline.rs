//! Targets, pauses, deadlines.

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::year::{take_away, unite};
use super::{Calendar, Interval, YEAR_MAX, YEAR_MIN, horizon, local};
use crate::sla::policy::{Target, TargetUnit};
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, UtcMs};

/// A deadline further than this from its start does not exist: twenty years.
pub const DEADLINE_HORIZON_DAYS: u16 = 20 * 366;

/// When a target is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Deadline {
    /// `None`: not within twenty years, or a pause that has not ended stands before it.
    pub at: Option<UtcMs>,
    /// Lies past the last date whose holidays are known, so a new holiday notice may move it.
    pub provisional: bool,
}

impl Target {
    /// Open milliseconds of the target; `None` for business days, whose length depends on the start.
    #[must_use]
    pub fn fixed_ms(self) -> Option<i64> {
        let unit_ms = match self.unit {
            TargetUnit::Second => SECOND_MS,
            TargetUnit::Minute => MINUTE_MS,
            TargetUnit::Hour => HOUR_MS,
            TargetUnit::BusinessDay => return None,
        };
        Some(i64::from(self.value) * unit_ms)
    }
}

impl Calendar {
    /// The first instant at which the target is used up: a closing time when it runs out exactly there, the
    /// first active instant when the target is zero.
    ///
    /// A business-day target keeps the local clock time of `start` that many working dates later, moves
    /// forward into open hours, and is then put off by the open time of every pause that begins before it.
    /// `pauses` are half-open, in any order, and may overlap.
    #[must_use]
    pub fn deadline(&self, start: UtcMs, target: Target, pauses: &[Interval]) -> Deadline {
        let at = match target.fixed_ms() {
            Some(target_ms) => self.moment_at_elapsed(start, target_ms, pauses),
            None => self.business_day_deadline(start, target.value, pauses),
        };
        Deadline { at, provisional: at.is_some_and(|at| self.is_provisional(at)) }
    }

    /// True when an instant lies past the last date whose holidays are known.
    #[must_use]
    pub fn is_provisional(&self, at: UtcMs) -> bool {
        let Some(next) = self.known_until().and_then(|known| known.checked_add_days(Days::new(1))) else { return false };
        let end = local::minute_to_utc(self.tz(), next, 0);
        // At the very end everything counted is known, unless the instant was found by moving forward into it.
        at > end || (at == end && !self.is_open(end.plus_ms(-1)))
    }

    /// Open milliseconds of `[from, to)` outside the pauses; 0 when it is reversed.
    #[must_use]
    pub fn elapsed_ms(&self, from: UtcMs, to: UtcMs, pauses: &[Interval]) -> i64 {
        let paused: i64 = ordered(pauses, from, to).iter().map(|pause| self.open_ms(pause.from, pause.to)).sum();
        self.open_ms(from, to) - paused
    }

    /// The open parts of `[from, to)` outside the pauses, ascending.
    #[must_use]
    pub fn active_intervals(&self, from: UtcMs, to: UtcMs, pauses: &[Interval]) -> Vec<Interval> {
        let mut open = self.open_intervals(from, to);
        for pause in ordered(pauses, from, to) {
            take_away(&mut open, pause);
        }
        open
    }

    /// The first instant at which `elapsed_ms` open milliseconds since `start` have passed outside the pauses;
    /// for 0 or less, the first instant at or after `start` that is open and not paused.
    /// `None` when that is not within twenty years.
    #[must_use]
    pub fn moment_at_elapsed(&self, start: UtcMs, elapsed_ms: i64, pauses: &[Interval]) -> Option<UtcMs> {
        let limit = horizon(start);
        if pauses.is_empty() {
            return self.advance(start, elapsed_ms, limit);
        }
        let (mut cursor, mut left) = (start, elapsed_ms);
        for pause in ordered(pauses, start, UtcMs(i64::MAX)) {
            if left > 0 {
                let available = self.open_ms(cursor, pause.from.min(limit));
                if available >= left {
                    break;
                }
                left -= available;
            } else if self.first_open(cursor, limit)? < pause.from {
                break;
            }
            cursor = pause.to;
            if cursor > limit {
                return None;
            }
        }
        self.advance(cursor, left, limit)
    }

    /// `offset_ms` of open time after an instant, or before it when negative; 0 is the instant itself.
    /// Backwards, an amount that ends exactly between two intervals is the later one's opening.
    /// `None` when that is not within twenty years.
    #[must_use]
    pub fn shifted(&self, at: UtcMs, offset_ms: i64) -> Option<UtcMs> {
        match offset_ms {
            0 => Some(at),
            1.. => self.when_used(at, offset_ms, horizon(at)),
            _ => self.when_left(at, offset_ms.saturating_neg(), at.plus_ms(-i64::from(DEADLINE_HORIZON_DAYS) * DAY_MS)),
        }
    }

    /// Length of a target from `start` in open milliseconds, pauses aside. `None` when it has no deadline.
    #[must_use]
    pub fn target_ms(&self, start: UtcMs, target: Target) -> Option<i64> {
        match target.fixed_ms() {
            Some(target_ms) => Some(target_ms),
            None => self.business_day_base(start, target.value).map(|base| self.open_ms(start, base)),
        }
    }

    fn advance(&self, at: UtcMs, elapsed_ms: i64, limit: UtcMs) -> Option<UtcMs> {
        if elapsed_ms > 0 { self.when_used(at, elapsed_ms, limit) } else { self.first_open(at, limit) }
    }

    fn business_day_deadline(&self, start: UtcMs, days: u32, pauses: &[Interval]) -> Option<UtcMs> {
        let base = self.business_day_base(start, days)?;
        let limit = horizon(start);
        let (mut due, mut paused_ms) = (base, 0);
        for pause in ordered(pauses, start, UtcMs(i64::MAX)) {
            if pause.from >= due {
                break;
            }
            if pause.to > limit {
                return None;
            }
            paused_ms += self.open_ms(pause.from, pause.to);
            if paused_ms > 0 {
                due = self.when_used(base, paused_ms, limit)?;
            }
        }
        Some(due)
    }

    /// The same clock time `days` working dates later, moved forward into open hours.
    fn business_day_base(&self, start: UtcMs, days: u32) -> Option<UtcMs> {
        if days > u32::from(DEADLINE_HORIZON_DAYS) || self.0.rules.never {
            return None;
        }
        let local = local::utc_to_local(self.tz(), start)?;
        let date = self.working_date_after(local.date(), days)?;
        let due = local::local_to_utc(self.tz(), date.and_time(local.time()));
        // A start in the second showing of an hour maps to its first; never go back before the start.
        self.first_open(due.max(start), horizon(start))
    }

    fn working_date_after(&self, date: NaiveDate, days: u32) -> Option<NaiveDate> {
        if days == 0 {
            return Some(date);
        }
        if !(YEAR_MIN..=YEAR_MAX).contains(&date.year()) {
            return None;
        }
        date.iter_days()
            .skip(1)
            .take(usize::from(DEADLINE_HORIZON_DAYS))
            .filter(|date| self.is_workday(*date))
            .nth(usize::try_from(days).ok()?.checked_sub(1)?)
    }
}

/// The parts of pauses inside `[from, to)`, ascending and disjoint.
fn ordered(pauses: &[Interval], from: UtcMs, to: UtcMs) -> Vec<Interval> {
    let mut parts: Vec<Interval> = pauses
        .iter()
        .map(|pause| Interval { from: pause.from.max(from), to: pause.to.min(to) })
        .filter(|pause| pause.from < pause.to)
        .collect();
    unite(&mut parts);
    parts
}
