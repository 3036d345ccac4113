//! An answer as one table for spreadsheets: a row for each sum, each threshold, each hour and each listed ticket.

use deskbell_domain::UtcMs;
use deskbell_domain::sla::policy::Threshold;
use deskbell_domain::sla::replay::{ReplayReport, Tally};
use deskbell_domain::time::SECOND_MS;

use super::ReplayAnswer;

const HEADER: [&str; 21] = [
    "rules",
    "section",
    "key",
    "metric",
    "priority",
    "clocks",
    "met",
    "breached",
    "breached_open",
    "still_open",
    "cancelled",
    "breached_percent",
    "alerts",
    "late_p50_seconds",
    "late_p90_seconds",
    "late_max_seconds",
    "started_at",
    "deadline",
    "stopped_at",
    "late_seconds",
    "subject",
];
/// Spreadsheets read it as UTF-8 with this.
const MARK: &str = "\u{FEFF}";
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// UTF-8 with a byte order mark, commas, quotes where needed. Times are RFC 3339.
pub(super) fn table(answer: &ReplayAnswer) -> String {
    let mut lines = vec![HEADER.map(str::to_owned).to_vec()];
    report("candidate", &answer.candidate, &mut lines);
    if let Some(in_force) = &answer.in_force {
        report("in_force", in_force, &mut lines);
    }
    let body = lines.iter().map(|line| line.iter().map(|field| quoted(field)).collect::<Vec<_>>().join(",") + "\r\n");
    MARK.to_owned() + &body.collect::<String>()
}

fn report(rules: &str, report: &ReplayReport, lines: &mut Vec<Vec<String>>) {
    let mut sum = |section: &str, key: &str, metric: &str, priority: &str, tally: &Tally| {
        let mut line = vec![rules.to_owned(), section.to_owned(), key.to_owned(), metric.to_owned(), priority.to_owned()];
        line.extend(numbers(tally));
        lines.push(filled(line));
    };
    sum("total", "", "", "", &report.total);
    for row in &report.rows {
        sum("metric_priority", "", row.metric.as_str(), row.priority.as_str(), &row.tally);
    }
    for month in &report.by_month {
        sum("month", &month.month, "", "", &month.tally);
        for row in &month.metrics {
            sum("month_metric", &month.month, row.metric.as_str(), "", &row.tally);
        }
        for row in &month.priorities {
            sum("month_priority", &month.month, "", row.priority.as_str(), &row.tally);
        }
    }
    for policy in &report.by_policy {
        sum("policy", &policy.policy_id, "", "", &policy.tally);
    }
    let mut alerts = |section: &str, key: String, count: u64| {
        let mut line = vec![rules.to_owned(), section.to_owned(), key];
        line.resize(12, String::new());
        line.push(count.to_string());
        lines.push(filled(line));
    };
    for row in &report.alerts.by_threshold {
        alerts("alerts_threshold", threshold(row.threshold), row.alerts);
    }
    for row in &report.alerts.by_month {
        alerts("alerts_month", row.month.clone(), row.alerts);
    }
    for (weekday, hours) in WEEKDAYS.iter().zip(&report.alerts.by_hour) {
        for (hour, count) in hours.iter().enumerate() {
            alerts("alerts_hour", format!("{weekday} {hour:02}:00"), *count);
        }
    }
    for late in &report.worst {
        let at = |at: Option<UtcMs>| at.map_or_else(String::new, UtcMs::to_rfc3339);
        let mut line = vec![rules.to_owned(), "worst".to_owned(), late.key.clone()];
        line.extend([late.metric.as_str().to_owned(), late.priority.as_str().to_owned()]);
        line.resize(16, String::new());
        line.extend([
            at(Some(late.started_at)),
            at(late.deadline),
            at(late.stopped_at),
            seconds(late.late_ms),
            late.subject.clone(),
        ]);
        lines.push(line);
    }
}

fn numbers(tally: &Tally) -> [String; 11] {
    let late = |ms: Option<i64>| ms.map_or_else(String::new, seconds);
    let percent = match tally.decided() {
        0 => String::new(),
        decided => format!("{:.2}", tally.breached as f64 * 100.0 / decided as f64),
    };
    [
        tally.clocks.to_string(),
        tally.met.to_string(),
        tally.breached.to_string(),
        tally.breached_open.to_string(),
        tally.still_open.to_string(),
        tally.cancelled.to_string(),
        percent,
        tally.alerts.to_string(),
        late(tally.late_p50_ms),
        late(tally.late_p90_ms),
        late(tally.late_max_ms),
    ]
}

fn seconds(ms: i64) -> String {
    (ms / SECOND_MS).to_string()
}

fn threshold(threshold: Threshold) -> String {
    match threshold {
        Threshold::Share { percent } => format!("{percent} %"),
        Threshold::TimeLeft { seconds } => format!("{seconds} s left"),
        Threshold::Breach => "breach".to_owned(),
    }
}

fn filled(mut line: Vec<String>) -> Vec<String> {
    line.resize(HEADER.len(), String::new());
    line
}

/// A field that a spreadsheet takes for text: one that begins like a formula is led by an apostrophe.
fn quoted(field: &str) -> String {
    let field = if field.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{field}") } else { field.to_owned() };
    if field.contains([',', '"', '\n', '\r']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
}
