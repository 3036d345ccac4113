//! Counting by month, metric, priority and policy at once; rows are sums of cells.

use std::collections::BTreeMap;

use super::report::{MetricRow, MonthRow, PolicyRow, PriorityRow, ReplayRow, Tally, month_name};
use crate::sla::policy::{Metric, Policy};
use crate::ticket::Priority;

/// Buckets to each doubling of a lateness: a percentile is off by less than 1 %.
const BUCKETS_PER_OCTAVE: u32 = 128;

/// What a cell counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CellKey {
    /// Months since year 0.
    pub(super) month: i32,
    pub(super) metric: Metric,
    pub(super) priority: Priority,
    /// Index among the policies met.
    pub(super) policy: usize,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Cell {
    pub(super) clocks: u64,
    pub(super) met: u64,
    pub(super) breached: u64,
    pub(super) breached_open: u64,
    pub(super) still_open: u64,
    pub(super) cancelled: u64,
    pub(super) alerts: u64,
    pub(super) late: Lateness,
}

impl Cell {
    fn merge(&mut self, other: &Self) {
        self.clocks += other.clocks;
        self.met += other.met;
        self.breached += other.breached;
        self.breached_open += other.breached_open;
        self.still_open += other.still_open;
        self.cancelled += other.cancelled;
        self.alerts += other.alerts;
        self.late.merge(&other.late);
    }

    fn tally(&self) -> Tally {
        Tally {
            clocks: self.clocks,
            met: self.met,
            breached: self.breached,
            breached_open: self.breached_open,
            still_open: self.still_open,
            cancelled: self.cancelled,
            alerts: self.alerts,
            late_p50_ms: self.late.at_percent(50),
            late_p90_ms: self.late.at_percent(90),
            late_max_ms: (self.late.count > 0).then_some(self.late.max_ms),
        }
    }
}

/// How late, as a histogram whose buckets grow with what they hold.
#[derive(Debug, Clone, Default)]
pub(super) struct Lateness {
    buckets: BTreeMap<u32, u64>,
    count: u64,
    max_ms: i64,
}

impl Lateness {
    pub(super) fn add(&mut self, late_ms: i64) {
        *self.buckets.entry(bucket_of(late_ms)).or_default() += 1;
        self.count += 1;
        self.max_ms = self.max_ms.max(late_ms);
    }

    fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.buckets {
            *self.buckets.entry(*bucket).or_default() += count;
        }
        self.count += other.count;
        self.max_ms = self.max_ms.max(other.max_ms);
    }

    /// The smallest lateness that `percent` of a hundred do not pass (nearest rank).
    fn at_percent(&self, percent: u64) -> Option<i64> {
        let rank = (self.count * percent).div_ceil(100).max(1);
        let mut seen = 0;
        for (bucket, count) in &self.buckets {
            seen += count;
            if seen >= rank {
                return Some(bucket_value(*bucket).min(self.max_ms));
            }
        }
        None
    }
}

/// Values below [`BUCKETS_PER_OCTAVE`] have a bucket each; above, each doubling is split into as many.
fn bucket_of(late_ms: i64) -> u32 {
    let value = late_ms.max(0).cast_unsigned();
    let Some(octave) = (value / u64::from(BUCKETS_PER_OCTAVE)).checked_ilog2() else {
        return u32::try_from(value).unwrap_or_default();
    };
    let within = (value >> octave) - u64::from(BUCKETS_PER_OCTAVE);
    (octave + 1) * BUCKETS_PER_OCTAVE + u32::try_from(within).unwrap_or_default()
}

/// The middle of a bucket.
fn bucket_value(bucket: u32) -> i64 {
    let Some(octave) = (bucket / BUCKETS_PER_OCTAVE).checked_sub(1) else { return i64::from(bucket) };
    let low = i64::from(BUCKETS_PER_OCTAVE + bucket % BUCKETS_PER_OCTAVE) << octave;
    low + ((1_i64 << octave) - 1) / 2
}

#[derive(Debug, Default)]
pub(super) struct Cells {
    cells: BTreeMap<CellKey, Cell>,
    policies: Vec<Named>,
}

#[derive(Debug)]
struct Named {
    id: String,
    name_zh: String,
    name_en: String,
}

impl Cells {
    pub(super) fn at(&mut self, key: CellKey) -> &mut Cell {
        self.cells.entry(key).or_default()
    }

    /// Index of a policy; versions of it in several sets of rules are one.
    pub(super) fn policy(&mut self, policy: &Policy) -> usize {
        if let Some(index) = self.policies.iter().position(|known| known.id == policy.id) {
            return index;
        }
        self.policies.push(Named { id: policy.id.clone(), name_zh: policy.name_zh.clone(), name_en: policy.name_en.clone() });
        self.policies.len() - 1
    }

    fn grouped<K: Ord>(&self, key_of: impl Fn(&CellKey) -> K) -> BTreeMap<K, Cell> {
        let mut groups: BTreeMap<K, Cell> = BTreeMap::new();
        for (key, cell) in &self.cells {
            groups.entry(key_of(key)).or_default().merge(cell);
        }
        groups
    }

    pub(super) fn total(&self) -> Tally {
        self.grouped(|_| ()).into_values().next().unwrap_or_default().tally()
    }

    pub(super) fn rows(&self) -> Vec<ReplayRow> {
        let groups = self.grouped(|key| (key.metric, key.priority));
        groups.into_iter().map(|((metric, priority), cell)| ReplayRow { metric, priority, tally: cell.tally() }).collect()
    }

    pub(super) fn by_metric(&self) -> Vec<MetricRow> {
        self.grouped(|key| key.metric).into_iter().map(|(metric, cell)| MetricRow { metric, tally: cell.tally() }).collect()
    }

    pub(super) fn by_priority(&self) -> Vec<PriorityRow> {
        let groups = self.grouped(|key| key.priority);
        groups.into_iter().map(|(priority, cell)| PriorityRow { priority, tally: cell.tally() }).collect()
    }

    pub(super) fn by_month(&self) -> Vec<MonthRow> {
        let metrics = self.grouped(|key| (key.month, key.metric));
        let priorities = self.grouped(|key| (key.month, key.priority));
        let row = |(month, cell): (i32, Cell)| MonthRow {
            month: month_name(month),
            tally: cell.tally(),
            metrics: metrics
                .iter()
                .filter(|((of, _), _)| *of == month)
                .map(|((_, metric), cell)| MetricRow { metric: *metric, tally: cell.tally() })
                .collect(),
            priorities: priorities
                .iter()
                .filter(|((of, _), _)| *of == month)
                .map(|((_, priority), cell)| PriorityRow { priority: *priority, tally: cell.tally() })
                .collect(),
        };
        self.grouped(|key| key.month).into_iter().map(row).collect()
    }

    pub(super) fn by_policy(&self) -> Vec<PolicyRow> {
        let groups = self.grouped(|key| key.policy);
        let row = |(index, cell): (usize, Cell)| {
            let named = self.policies.get(index)?;
            Some(PolicyRow {
                policy_id: named.id.clone(),
                name_zh: named.name_zh.clone(),
                name_en: named.name_en.clone(),
                tally: cell.tally(),
            })
        };
        groups.into_iter().filter_map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_within_one_percent() {
        let mut late = Lateness::default();
        let values: Vec<i64> = (0..2_000).map(|n| n * n * 37 + n % 13).collect();
        values.iter().for_each(|value| late.add(*value));
        for percent in [1, 50, 90, 99] {
            let rank = (values.len() * percent).div_ceil(100) - 1;
            let (exact, told) = (values[rank], late.at_percent(percent as u64).unwrap());
            assert!((exact - told).abs() as f64 <= exact as f64 * 0.01, "{percent}: {exact} {told}");
        }
        assert_eq!(late.at_percent(100), Some(*values.last().unwrap()).map(|last| bucket_value(bucket_of(last)).min(last)));
    }

    #[test]
    fn buckets_ascend_without_gaps() {
        let mut last = bucket_of(0);
        for value in 1..200_000_i64 {
            let bucket = bucket_of(value);
            assert!(bucket == last || bucket == last + 1, "{value}");
            last = bucket;
        }
        assert!(bucket_of(i64::MAX) > last);
    }
}
