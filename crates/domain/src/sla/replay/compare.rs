//! Two sets of rules over the same history, row by row.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::report::{ReplayReport, Tally};
use crate::sla::policy::Metric;
use crate::ticket::Priority;

/// A metric of a priority under the rules in force and under the candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ComparedRow {
    pub metric: Metric,
    pub priority: Priority,
    pub in_force: Tally,
    pub candidate: Tally,
}

/// Every row that either report has; what one lacks is zero there.
#[must_use]
pub fn compare(in_force: &ReplayReport, candidate: &ReplayReport) -> Vec<ComparedRow> {
    let mut rows: BTreeMap<(Metric, Priority), (Tally, Tally)> = BTreeMap::new();
    for row in &in_force.rows {
        rows.entry((row.metric, row.priority)).or_default().0 = row.tally;
    }
    for row in &candidate.rows {
        rows.entry((row.metric, row.priority)).or_default().1 = row.tally;
    }
    rows.into_iter()
        .map(|((metric, priority), (in_force, candidate))| ComparedRow { metric, priority, in_force, candidate })
        .collect()
}
