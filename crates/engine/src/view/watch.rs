//! The home screen: open clocks by time left, the next 24 hours, and what was measured.

use std::collections::BTreeMap;

use deskbell_domain::UtcMs;
use deskbell_domain::sla::calendar::Interval;
use deskbell_domain::sla::policy::Metric;
use deskbell_domain::ticket::Priority;
use deskbell_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use deskbell_store::records::OpenClock;
use deskbell_store::{Store, StoreError};
use serde::Serialize;
use ts_rs::TS;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::rules::Rules;
use crate::view::clock::CalendarName;

/// Cards sent for one lane; the lane's total says how many there are.
const LANE_CARDS_MAX: usize = 24;
/// Deadlines drawn one by one on the horizon; more are drawn in so many slices of it.
const HORIZON_TICKS_MAX: usize = 240;
/// Tickets named for one slice of the horizon.
const TICK_NAMES_MAX: usize = 3;
/// Figures are measured over this long.
const MEASURED_MS: i64 = 30 * DAY_MS;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    Breached,
    /// Less than 15 minutes.
    Minutes,
    /// Less than an hour.
    Hour,
    /// Until the end of the local day.
    Today,
    Later,
}

/// Its cards are the soonest deadlines of the lane, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct WatchLane {
    pub lane: Lane,
    #[ts(type = "number")]
    pub total: u64,
    pub cards: Vec<OpenClock>,
}

/// How long the clocks of one metric took, from start to stop in wall time. Cancelled ones are not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Figure {
    pub metric: Metric,
    #[ts(type = "number")]
    pub n: u64,
    /// By nearest rank: the smallest length with at least half of the lengths at or below it.
    #[ts(type = "number")]
    pub median_ms: i64,
    #[ts(type = "number")]
    pub p90_ms: i64,
    /// Stopped at or before the deadline.
    #[ts(type = "number")]
    pub met: u64,
}

/// What was measured on clocks that stopped since `since`.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Figures {
    /// Of metrics with at least one stopped clock.
    pub measured: Vec<Figure>,
    /// Share of all stopped clocks that stopped in time; `None` where none did.
    pub met_share: Option<f64>,
    #[ts(type = "number")]
    pub met_n: u64,
    pub since: UtcMs,
}

/// Deadlines drawn as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Tick {
    pub at: UtcMs,
    /// Of the last of them; equal to `at` for a single one.
    pub to: UtcMs,
    #[ts(type = "Array<[Priority, number]>")]
    pub by_priority: Vec<(Priority, u64)>,
    /// The soonest of them, at most three.
    pub clocks: Vec<OpenClock>,
}

/// The next 24 hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Horizon {
    pub from: UtcMs,
    pub to: UtcMs,
    pub ticks: Vec<Tick>,
    /// All deadlines within it.
    #[ts(type = "number")]
    pub total: u64,
    pub closed: Vec<Interval>,
    /// Whose hours are shaded; `None` without rules.
    pub calendar: Option<CalendarName>,
}

#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Watch {
    pub now: UtcMs,
    /// Where "today" ends.
    pub midnight: UtcMs,
    pub next_deadline: Option<UtcMs>,
    #[ts(type = "number")]
    pub unfinished: u64,
    /// Clocks that stand still in one of the statuses that their policy names.
    #[ts(type = "number")]
    pub paused: u64,
    pub lanes: Vec<WatchLane>,
    pub figures: Figures,
    pub horizon: Horizon,
}

impl Engine {
    /// # Errors
    /// The store's.
    pub async fn watch(&self) -> Result<Watch, EngineError> {
        let (rules, now) = (self.rules(), self.now());
        let midnight = next_local_midnight(now);
        self.read(move |store| read_watch(store, &rules, now, midnight)).await
    }
}

fn read_watch(store: &Store, rules: &Rules, now: UtcMs, midnight: UtcMs) -> Result<Watch, StoreError> {
    let totals = store.clock_totals(now)?;
    Ok(Watch {
        now,
        midnight,
        next_deadline: totals.next_deadline,
        unfinished: totals.unfinished,
        paused: totals.paused,
        lanes: lanes(store, now, midnight)?,
        figures: figures(store, now.plus_ms(-MEASURED_MS))?,
        horizon: horizon(store, rules, now)?,
    })
}

fn lanes(store: &Store, now: UtcMs, midnight: UtcMs) -> Result<Vec<WatchLane>, StoreError> {
    let hour = now.plus_ms(HOUR_MS);
    let bounds = [UtcMs(i64::MIN), now, now.plus_ms(15 * MINUTE_MS), hour, midnight.max(hour), UtcMs(i64::MAX)];
    let spans = store.clock_spans(now, &bounds, LANE_CARDS_MAX)?;
    let lanes = [Lane::Breached, Lane::Minutes, Lane::Hour, Lane::Today, Lane::Later];
    Ok(lanes.into_iter().zip(spans).map(|(lane, span)| WatchLane { lane, total: span.total, cards: span.cards }).collect())
}

fn horizon(store: &Store, rules: &Rules, now: UtcMs) -> Result<Horizon, StoreError> {
    let to = now.plus_ms(DAY_MS);
    let ticks: Vec<Tick> = store
        .deadline_ticks(now, to, HORIZON_TICKS_MAX, TICK_NAMES_MAX)?
        .into_iter()
        .map(|tick| Tick { at: tick.from, to: tick.to, by_priority: tick.by_priority.into_iter().collect(), clocks: tick.clocks })
        .collect();
    let total = ticks.iter().flat_map(|tick| &tick.by_priority).map(|(_, count)| count).sum();
    let hours = rules.office_hours(now);
    let closed = hours.map(|named| closed_between(&named.calendar, now, to)).unwrap_or_default();
    Ok(Horizon { from: now, to, ticks, total, closed, calendar: hours.map(CalendarName::of) })
}

/// The gaps between open intervals.
fn closed_between(calendar: &deskbell_domain::sla::calendar::Calendar, from: UtcMs, to: UtcMs) -> Vec<Interval> {
    let mut closed = Vec::new();
    let mut cursor = from;
    for open in calendar.open_intervals(from, to) {
        if open.from > cursor {
            closed.push(Interval { from: cursor, to: open.from });
        }
        cursor = cursor.max(open.to);
    }
    if cursor < to {
        closed.push(Interval { from: cursor, to });
    }
    closed
}

fn figures(store: &Store, since: UtcMs) -> Result<Figures, StoreError> {
    let measured = store.measured(since)?;
    let mut by_metric: BTreeMap<Metric, (Vec<i64>, u64)> = BTreeMap::new();
    for one in &measured {
        let (lengths, met) = by_metric.entry(one.metric).or_default();
        lengths.push(one.took_ms);
        *met += u64::from(one.met);
    }
    let met: u64 = by_metric.values().map(|(_, met)| met).sum();
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    let met_share = (!measured.is_empty()).then(|| met as f64 / measured.len() as f64);
    let figure = |(metric, (mut lengths, met)): (Metric, (Vec<i64>, u64))| {
        let median_ms = percentile(&mut lengths, 50)?;
        Some(Figure { metric, n: lengths.len() as u64, median_ms, p90_ms: percentile(&mut lengths, 90)?, met })
    };
    Ok(Figures { measured: by_metric.into_iter().filter_map(figure).collect(), met_share, met_n: measured.len() as u64, since })
}

/// Nearest rank: the smallest value with at least `percent` of the values at or below it. Values change their places.
fn percentile(values: &mut [i64], percent: usize) -> Option<i64> {
    let rank = (values.len() * percent).div_ceil(100).checked_sub(1)?;
    (rank < values.len()).then(|| *values.select_nth_unstable(rank).1)
}

/// The end of the day on the machine's wall clock.
fn next_local_midnight(now: UtcMs) -> UtcMs {
    let Some(local) = now.to_datetime().map(|at| at.with_timezone(&chrono::Local)) else { return now.plus_ms(DAY_MS) };
    local
        .date_naive()
        .succ_opt()
        .and_then(|date| date.and_hms_opt(0, 0, 0))
        .and_then(|midnight| midnight.and_local_timezone(chrono::Local).earliest())
        .map_or_else(|| now.plus_ms(DAY_MS), |midnight| UtcMs(midnight.timestamp_millis()))
}

#[cfg(test)]
mod measure;
#[cfg(test)]
mod tests;
