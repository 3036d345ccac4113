//! Open time without pauses: is it open, what is open, how much, and when so much is used up.

use super::{Calendar, Interval, YEAR_MAX, YEAR_MIN};
use crate::time::UtcMs;

/// Open intervals from an instant on, ascending; see [`Calendar::intervals_from`].
pub struct OpenIntervals<'a> {
    calendar: &'a Calendar,
    from: UtcMs,
    year: i32,
    index: usize,
}

impl Iterator for OpenIntervals<'_> {
    type Item = Interval;

    fn next(&mut self) -> Option<Interval> {
        while self.year <= YEAR_MAX {
            if let Some(interval) = self.calendar.table(self.year).and_then(|table| table.interval(self.index)) {
                self.index += 1;
                return Some(Interval { from: interval.from.max(self.from), to: interval.to });
            }
            self.year += 1;
            self.index = 0;
        }
        None
    }
}

impl Calendar {
    /// True when service is open at the instant.
    #[must_use]
    pub fn is_open(&self, at: UtcMs) -> bool {
        self.is_always() || self.intervals_from(at).next().is_some_and(|interval| interval.from == at)
    }

    /// Every open interval that ends after `from`, the first cut to begin no earlier, one or more a date
    /// (midnight separates). Ends with the year [`YEAR_MAX`].
    #[must_use]
    pub fn intervals_from(&self, from: UtcMs) -> OpenIntervals<'_> {
        if self.0.rules.never {
            return OpenIntervals { calendar: self, from, year: YEAR_MAX + 1, index: 0 };
        }
        let year = self.year_of(from);
        let index = self.table(year).map_or(0, |table| table.first_ending_after(from.0));
        OpenIntervals { calendar: self, from, year, index }
    }

    /// The open parts of `[from, to)`, ascending.
    #[must_use]
    pub fn open_intervals(&self, from: UtcMs, to: UtcMs) -> Vec<Interval> {
        self.intervals_from(from)
            .take_while(|interval| interval.from < to)
            .map(|interval| Interval { from: interval.from, to: interval.to.min(to) })
            .collect()
    }

    /// Open milliseconds of `[from, to)`; 0 when it is reversed.
    pub(super) fn open_ms(&self, from: UtcMs, to: UtcMs) -> i64 {
        if from >= to || self.0.rules.never {
            return 0;
        }
        if self.is_always() {
            return to.ms_since(from);
        }
        let (first, last) = (self.year_of(from), self.year_of(to));
        let until = |year: i32, at: UtcMs| self.table(year).map_or(0, |table| table.open_until(at.0));
        let whole_years: i64 = (first..last).filter_map(|year| self.table(year)).map(|table| table.total_ms).sum();
        whole_years + until(last, to) - until(first, from)
    }

    /// First instant at or after `at` that is open, up to `limit`.
    pub(super) fn first_open(&self, at: UtcMs, limit: UtcMs) -> Option<UtcMs> {
        if self.is_always() {
            return (at <= limit).then_some(at);
        }
        let first = self.intervals_up_to(at, limit)?.next()?.from;
        (first <= limit).then_some(first)
    }

    /// First instant at which `used_ms > 0` open milliseconds since `at` are used up, up to `limit`.
    pub(super) fn when_used(&self, at: UtcMs, used_ms: i64, limit: UtcMs) -> Option<UtcMs> {
        if self.is_always() {
            let when = at.plus_ms(used_ms);
            return (when <= limit).then_some(when);
        }
        if self.0.rules.never {
            return None;
        }
        let (first, last) = (self.year_of(at), self.year_of(limit));
        let mut left = used_ms.saturating_add(self.table(first)?.open_until(at.0));
        for year in first..=last {
            let table = self.table(year)?;
            if let Some(when) = table.when_used(left) {
                return (when <= limit.0).then_some(UtcMs(when));
            }
            left -= table.total_ms;
        }
        None
    }

    /// Last instant from which `used_ms > 0` open milliseconds remain until `at`, not before `limit`.
    pub(super) fn when_left(&self, at: UtcMs, used_ms: i64, limit: UtcMs) -> Option<UtcMs> {
        if self.is_always() {
            let when = at.plus_ms(used_ms.saturating_neg());
            return (when >= limit).then_some(when);
        }
        if self.0.rules.never {
            return None;
        }
        let (last, first) = (self.year_of(at), self.year_of(limit));
        let mut used = self.table(last)?.open_until(at.0).saturating_sub(used_ms);
        for year in (first.max(YEAR_MIN)..=last).rev() {
            if year < last {
                used = used.saturating_add(self.table(year)?.total_ms);
            }
            if used >= 0 {
                return self.table(year)?.last_when_used(used).filter(|when| *when >= limit.0).map(UtcMs);
            }
        }
        None
    }

    /// Like [`Self::intervals_from`], but gives up without building the years after `limit`.
    fn intervals_up_to(&self, at: UtcMs, limit: UtcMs) -> Option<impl Iterator<Item = Interval>> {
        let last = self.year_of(limit);
        let (first, rules) = (self.year_of(at), &self.0.rules);
        if rules.never || at > limit {
            return None;
        }
        Some((first..=last).filter_map(move |year| {
            let table = self.table(year)?;
            let interval = table.interval(table.first_ending_after(at.0))?;
            Some(Interval { from: interval.from.max(at), to: interval.to })
        }))
    }
}
