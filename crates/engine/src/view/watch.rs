//! The home screen: open clocks by time left, the next 24 hours, and what was measured.

use deskbell_domain::UtcMs;
use deskbell_domain::filter::TicketFilter;
use deskbell_domain::sla::calendar::Interval;
use deskbell_domain::sla::policy::Metric;
use deskbell_domain::ticket::{Priority, TicketId};
use deskbell_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use deskbell_store::records::OpenClock;
use deskbell_store::{Store, StoreError};
use serde::Serialize;
use ts_rs::TS;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::sla_watch::Rules;

/// Cards sent for one lane; the lane's total says how many there are.
const LANE_CARDS_MAX: usize = 12;
/// Running clocks read for the lanes: enough to fill every lane unless thousands are breached.
const LANE_CLOCKS_MAX: u32 = 2_000;
/// Ticks drawn on the horizon.
const HORIZON_TICKS_MAX: u32 = 400;
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

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct WatchLane {
    pub lane: Lane,
    #[ts(type = "number")]
    pub total: u64,
    pub cards: Vec<OpenClock>,
}

/// Medians by nearest rank, in wall time; `None` where nothing was measured.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Figures {
    #[ts(type = "number | null")]
    pub first_response_median_ms: Option<i64>,
    #[ts(type = "number")]
    pub first_response_n: u64,
    #[ts(type = "number | null")]
    pub resolution_median_ms: Option<i64>,
    #[ts(type = "number | null")]
    pub resolution_p90_ms: Option<i64>,
    #[ts(type = "number")]
    pub resolution_n: u64,
    /// Share of stopped clocks that stopped in time.
    pub met_share: Option<f64>,
    #[ts(type = "number")]
    pub met_n: u64,
    pub since: UtcMs,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Tick {
    pub at: UtcMs,
    pub priority: Priority,
    pub ticket_id: TicketId,
    pub subject: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Horizon {
    pub from: UtcMs,
    pub to: UtcMs,
    pub ticks: Vec<Tick>,
    pub closed: Vec<Interval>,
    /// Deadlines beyond those drawn.
    #[ts(type = "number")]
    pub more: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Watch {
    pub now: UtcMs,
    pub next_deadline: Option<UtcMs>,
    #[ts(type = "number")]
    pub unfinished: u64,
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
    let clocks = store.open_clocks(None, LANE_CLOCKS_MAX)?;
    let bounds = [now, now.plus_ms(15 * MINUTE_MS), now.plus_ms(HOUR_MS), midnight.max(now.plus_ms(HOUR_MS)), UtcMs(i64::MAX)];
    let below = store.clock_counts(now, &bounds)?;
    let next_deadline = clocks.iter().map(|clock| clock.deadline_at).find(|deadline| *deadline > now);
    Ok(Watch {
        now,
        next_deadline,
        unfinished: store.facets(&TicketFilter { unfinished: true, ..TicketFilter::default() })?.total,
        lanes: fill_lanes(&clocks, &bounds, &below),
        figures: figures(store, now.plus_ms(-MEASURED_MS))?,
        horizon: horizon(store, rules, now)?,
    })
}

fn fill_lanes(clocks: &[OpenClock], bounds: &[UtcMs; 5], below: &[u64]) -> Vec<WatchLane> {
    let lanes = [Lane::Breached, Lane::Minutes, Lane::Hour, Lane::Today, Lane::Later];
    let mut lower = (UtcMs(i64::MIN), 0_u64);
    lanes
        .into_iter()
        .zip(bounds.iter().zip(below))
        .map(|(lane, (bound, below))| {
            let within = |clock: &&OpenClock| clock.deadline_at >= lower.0 && clock.deadline_at < *bound;
            let cards = clocks.iter().filter(within).take(LANE_CARDS_MAX).cloned().collect();
            let total = below.saturating_sub(lower.1);
            lower = (*bound, *below);
            WatchLane { lane, total, cards }
        })
        .collect()
}

fn horizon(store: &Store, rules: &Rules, now: UtcMs) -> Result<Horizon, StoreError> {
    let to = now.plus_ms(DAY_MS);
    let ahead = store.open_clocks(Some(to), LANE_CLOCKS_MAX)?;
    let ticks: Vec<Tick> = ahead
        .into_iter()
        .filter(|clock| clock.deadline_at >= now)
        .take(HORIZON_TICKS_MAX as usize)
        .map(|clock| Tick { at: clock.deadline_at, priority: clock.priority, ticket_id: clock.ticket_id, subject: clock.subject })
        .collect();
    let counts = store.clock_counts(now, &[now, to])?;
    let all = counts.last().copied().unwrap_or(0).saturating_sub(counts.first().copied().unwrap_or(0));
    let closed = rules.office_hours().map(|calendar| closed_between(calendar, now, to)).unwrap_or_default();
    Ok(Horizon { from: now, to, more: all.saturating_sub(ticks.len() as u64), ticks, closed })
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
    let lengths = |wanted: Metric| {
        let mut lengths: Vec<i64> =
            measured.iter().filter(|(metric, ..)| *metric == wanted).map(|(_, elapsed_ms, _)| *elapsed_ms).collect();
        lengths.sort_unstable();
        lengths
    };
    let (first_response, resolution) = (lengths(Metric::FirstResponse), lengths(Metric::Resolution));
    let met = measured.iter().filter(|(.., met)| *met).count();
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    let met_share = (!measured.is_empty()).then(|| met as f64 / measured.len() as f64);
    Ok(Figures {
        first_response_median_ms: percentile(&first_response, 50),
        first_response_n: first_response.len() as u64,
        resolution_median_ms: percentile(&resolution, 50),
        resolution_p90_ms: percentile(&resolution, 90),
        resolution_n: resolution.len() as u64,
        met_share,
        met_n: measured.len() as u64,
        since,
    })
}

/// Nearest rank: the smallest value with at least `percent` of the values at or below it.
fn percentile(sorted: &[i64], percent: usize) -> Option<i64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
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
mod tests {
    use super::*;

    #[test]
    fn percentiles_by_nearest_rank() {
        assert_eq!(percentile(&[], 50), None);
        assert_eq!(percentile(&[7], 50), Some(7));
        assert_eq!(percentile(&[1, 2, 3, 4], 50), Some(2));
        assert_eq!(percentile(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 90), Some(9));
    }
}
