//! The open time of one local year as instants, with running totals.
//!
//! Totals turn "how much is open between" and "when is so much used up" into binary searches.

use chrono::{Datelike, NaiveDate};

use super::Interval;
use super::Rules;
use super::local::minute_to_utc;
use super::spec::Span;
use crate::time::UtcMs;

/// One open interval and the open time of the year before it.
#[derive(Debug, Clone, Copy)]
struct Open {
    from: i64,
    to: i64,
    before_ms: i64,
}

/// A local year: from its first midnight to the next year's.
#[derive(Debug)]
pub(super) struct YearTable {
    pub(super) window: Interval,
    pub(super) total_ms: i64,
    open: Vec<Open>,
}

impl YearTable {
    pub(super) fn build(rules: &Rules, year: i32) -> Self {
        let first = |year: i32| NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default();
        let window = Interval { from: minute_to_utc(rules.tz, first(year), 0), to: minute_to_utc(rules.tz, first(year + 1), 0) };
        let (mut open, mut total_ms) = (Vec::new(), 0);
        let mut scratch = Vec::new();
        for date in first(year).iter_days().take_while(|date| date.year() == year) {
            day_intervals(rules, date, &mut scratch);
            for interval in &scratch {
                open.push(Open { from: interval.from.0, to: interval.to.0, before_ms: total_ms });
                total_ms += interval.to.0 - interval.from.0;
            }
        }
        Self { window, total_ms, open }
    }

    /// Open time of the year up to `at`.
    pub(super) fn open_until(&self, at: i64) -> i64 {
        let begun = self.open.partition_point(|open| open.from <= at);
        begun.checked_sub(1).and_then(|index| self.open.get(index)).map_or(0, |open| open.before_ms + at.min(open.to) - open.from)
    }

    /// First instant at which `used_ms > 0` of the year's open time is used up.
    pub(super) fn when_used(&self, used_ms: i64) -> Option<i64> {
        if used_ms > self.total_ms {
            return None;
        }
        let index = self.open.partition_point(|open| open.before_ms < used_ms).checked_sub(1)?;
        self.open.get(index).map(|open| open.from + (used_ms - open.before_ms))
    }

    /// Last instant at which no more than `used_ms < total_ms` of the year's open time is used up.
    pub(super) fn last_when_used(&self, used_ms: i64) -> Option<i64> {
        let index = self.open.partition_point(|open| open.before_ms <= used_ms).checked_sub(1)?;
        self.open.get(index).map(|open| open.from + (used_ms - open.before_ms))
    }

    /// Index of the first interval that ends after `at`.
    pub(super) fn first_ending_after(&self, at: i64) -> usize {
        self.open.partition_point(|open| open.to <= at)
    }

    pub(super) fn interval(&self, index: usize) -> Option<Interval> {
        self.open.get(index).map(|open| Interval { from: UtcMs(open.from), to: UtcMs(open.to) })
    }
}

/// The open intervals of one local date, ascending and disjoint, written over `out`.
///
/// Each end is mapped to its instant first; then hours are united, breaks taken away, and the rest clipped to
/// the date's own midnights, so that nothing counts twice around a gap.
fn day_intervals(rules: &Rules, date: NaiveDate, out: &mut Vec<Interval>) {
    out.clear();
    let hours = rules.hours_of(date);
    if hours.is_empty() {
        return;
    }
    let window = Interval { from: minute_to_utc(rules.tz, date, 0), to: minute_to_utc(rules.tz, date, super::spec::DAY_MINUTES) };
    let mapped = |span: &Span| {
        let from = minute_to_utc(rules.tz, date, span.from).max(window.from);
        let to = minute_to_utc(rules.tz, date, span.to).min(window.to);
        (from < to).then_some(Interval { from, to })
    };
    out.extend(hours.iter().filter_map(mapped));
    unite(out);
    for gone in rules.breaks_of(date).iter().filter_map(mapped) {
        take_away(out, gone);
    }
}

/// Sorts and joins intervals that overlap or touch.
pub(super) fn unite(intervals: &mut Vec<Interval>) {
    intervals.sort_by_key(|interval| interval.from);
    intervals.dedup_by(|later, earlier| {
        let joined = later.from <= earlier.to;
        if joined {
            earlier.to = earlier.to.max(later.to);
        }
        joined
    });
}

/// Removes `gone` from a sorted disjoint list.
pub(super) fn take_away(intervals: &mut Vec<Interval>, gone: Interval) {
    if !intervals.iter().any(|interval| interval.from < gone.to && gone.from < interval.to) {
        return;
    }
    let kept = intervals
        .iter()
        .flat_map(|interval| {
            [
                Interval { from: interval.from, to: interval.to.min(gone.from) },
                Interval { from: interval.from.max(gone.to), to: interval.to },
            ]
        })
        .filter(|piece| piece.from < piece.to)
        .collect();
    *intervals = kept;
}
