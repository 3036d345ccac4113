//! `deskctl sla replay`.

use std::path::Path;

use deskbell_domain::Code;
use deskbell_domain::sla::replay::{ReplayReport, Tally};
use deskbell_domain::sla::rules::{RuleBook, RuleSet};
use deskbell_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use deskbell_engine::EngineError;
use deskbell_engine::catalogue::{Catalogue, TextArgs};
use deskbell_engine::records::Store;
use deskbell_engine::replay::{DateOrder, HistoryOptions, ReplayAnswer, ReplayRules, ReplaySource, replay_file};
use deskbell_engine::rules::shipped_set;

use crate::args::{Arguments, ReplayArgs};
use crate::output::{Output, language};
use crate::session;

/// Largest file of rules, in bytes.
const RULES_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Late tickets and problems printed; JSON has all that the report lists.
const PRINTED_MAX: usize = 10;

pub(crate) async fn run(arguments: &Arguments, replay: &ReplayArgs, output: &Output) -> Result<(), EngineError> {
    let set = replay.rules.as_deref().map(read_rules).transpose()?;
    match &replay.file {
        None => {
            let answer = session::open(arguments)?.replay(ReplaySource::Store, set).await?;
            print(&answer, output);
        }
        Some(file) => {
            let rules = rules(arguments, set).await?;
            let dates = replay.dates.as_deref().map(|dates| if dates == "mdy" { DateOrder::Mdy } else { DateOrder::Dmy });
            let (file, options) = (file.clone(), HistoryOptions { tz: replay.tz.clone(), dates });
            let run = move || replay_file(&file, &options, &rules, &mut |_, _| Ok(()));
            print(&tokio::task::spawn_blocking(run).await??, output);
        }
    }
    Ok(())
}

/// Against the rules of the data directory; where there is no desk yet, against those that Deskbell ships.
async fn rules(arguments: &Arguments, set: Option<RuleSet>) -> Result<ReplayRules, EngineError> {
    if Store::exists(&session::data_dir(arguments)?) {
        return session::open(arguments)?.replay_rules(set).await;
    }
    ReplayRules::new(set, RuleBook { sets: vec![shipped_set()?] })
}

/// One set of rules, or a book of which the latest set counts.
fn read_rules(path: &Path) -> Result<RuleSet, EngineError> {
    let wrong = |detail: String| {
        EngineError::with_detail(Code::InputInvalid, format!("{}: {detail}", path.display())).arg("field", "rules")
    };
    let about = std::fs::metadata(path).map_err(|error| wrong(error.to_string()))?;
    if about.len() > RULES_BYTES_MAX {
        return Err(wrong("larger than 16 MiB".to_owned()));
    }
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let json: serde_json::Value = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    if json.get("sets").is_some() {
        let book: RuleBook = serde_json::from_value(json).map_err(|error| wrong(error.to_string()))?;
        return book.sets.into_iter().next_back().ok_or_else(|| wrong("it has no set of rules".to_owned()));
    }
    serde_json::from_value(json).map_err(|error| wrong(error.to_string()))
}

fn print(answer: &ReplayAnswer, output: &Output) {
    output.answer(answer, || lines(answer));
}

fn lines(answer: &ReplayAnswer) -> Vec<String> {
    let report = &answer.candidate;
    let mut lines = vec![
        headline(report),
        format!("{} tickets, {} events, until {}", report.tickets, report.events, report.until.to_rfc3339()),
    ];
    if report.without_policy > 0 {
        lines.push(format!("{} tickets that no policy applies to", report.without_policy));
    }
    lines.push(String::new());
    lines.push(format!("{:<17} {:<10} {}", "metric", "priority", COLUMNS));
    for row in &report.rows {
        lines.push(format!("{:<17} {:<10} {}", row.metric.as_str(), row.priority.as_str(), numbers(&row.tally)));
    }
    lines.push(String::new());
    lines.push(format!("{:<28} {}", "month of creation", COLUMNS));
    for row in &report.by_month {
        lines.push(format!("{:<28} {}", row.month, numbers(&row.tally)));
    }
    lines.push(String::new());
    lines.push(format!("{:<28} {}", "policy", COLUMNS));
    for row in &report.by_policy {
        lines.push(format!("{:<28} {}", row.policy_id, numbers(&row.tally)));
    }
    alerts(report, &mut lines);
    comparison(answer, &mut lines);
    worst(report, &mut lines);
    told(answer, &mut lines);
    lines
}

const COLUMNS: &str = "  clocks      met breached    %  still open cancelled   alerts  late p50      p90       max";

fn headline(report: &ReplayReport) -> String {
    let total = &report.total;
    format!("Would have breached {} of {} ({}).", total.breached, total.decided(), percent(total))
}

fn percent(tally: &Tally) -> String {
    match tally.decided() {
        0 => "–".to_owned(),
        decided => format!("{:.1} %", tally.breached as f64 * 100.0 / decided as f64),
    }
}

fn numbers(tally: &Tally) -> String {
    let late = |ms: Option<i64>| ms.map_or_else(|| "–".to_owned(), duration);
    format!(
        "{:>8} {:>8} {:>8} {:>7} {:>8} {:>9} {:>8} {:>9} {:>9} {:>9}",
        tally.clocks,
        tally.met,
        tally.breached,
        percent(tally),
        tally.still_open,
        tally.cancelled,
        tally.alerts,
        late(tally.late_p50_ms),
        late(tally.late_p90_ms),
        late(tally.late_max_ms)
    )
}

fn duration(ms: i64) -> String {
    match ms {
        DAY_MS.. => format!("{}d{:02}h", ms / DAY_MS, ms % DAY_MS / HOUR_MS),
        HOUR_MS.. => format!("{}h{:02}m", ms / HOUR_MS, ms % HOUR_MS / MINUTE_MS),
        _ => format!("{}m{:02}s", ms / MINUTE_MS, ms % MINUTE_MS / 1_000),
    }
}

fn alerts(report: &ReplayReport, lines: &mut Vec<String>) {
    lines.push(String::new());
    lines.push(format!("{} alerts would have rung:", report.alerts.rung));
    for row in &report.alerts.by_threshold {
        lines.push(format!("  {:<28} {:>8}", serde_json::json!(row.threshold).to_string(), row.alerts));
    }
    lines.push(
        "      0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23  (percent of the busiest hour)".to_owned(),
    );
    let busiest = report.alerts.by_hour.iter().flatten().copied().max().unwrap_or(0).max(1);
    for (weekday, hours) in ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().zip(&report.alerts.by_hour) {
        let cells: String = hours
            .iter()
            .map(|count| format!(" {:>2}", if *count == 0 { ".".to_owned() } else { (count * 99 / busiest).to_string() }))
            .collect();
        lines.push(format!("  {weekday}{cells}"));
    }
}

fn comparison(answer: &ReplayAnswer, lines: &mut Vec<String>) {
    let Some(in_force) = &answer.in_force else { return };
    lines.push(String::new());
    lines.push(format!("Under the rules in force: {}", headline(in_force)));
    for row in &answer.comparison {
        let (before, after) = (&row.in_force, &row.candidate);
        lines.push(format!(
            "{:<17} {:<10} breached {:>7} → {:>7}   ({} → {})   alerts {} → {}",
            row.metric.as_str(),
            row.priority.as_str(),
            before.breached,
            after.breached,
            percent(before),
            percent(after),
            before.alerts,
            after.alerts
        ));
    }
}

fn worst(report: &ReplayReport, lines: &mut Vec<String>) {
    if report.worst.is_empty() {
        return;
    }
    lines.push(String::new());
    lines.push("Latest:".to_owned());
    for late in report.worst.iter().take(PRINTED_MAX) {
        let stopped = late.stopped_at.map_or_else(|| "still open".to_owned(), |at| at.to_rfc3339());
        let deadline = late.deadline.map_or_else(String::new, |at| at.to_rfc3339());
        lines.push(format!(
            "  {:<14} {:<17} {:<10} due {deadline}, {stopped}, late {}",
            late.key,
            late.metric.as_str(),
            late.priority.as_str(),
            duration(late.late_ms)
        ));
    }
}

fn told(answer: &ReplayAnswer, lines: &mut Vec<String>) {
    let catalogue = Catalogue::of(language());
    lines.push(String::new());
    for note in &answer.assumptions {
        let key = format!("replay-note-{}", kebab(&note.kind));
        let args = note.args.iter().fold(TextArgs::new(), |args, (name, value)| args.text(name, value));
        lines.push(format!("- {}", catalogue.text(&key, &args)));
    }
    if answer.problems_total > 0 {
        lines.push(format!("{} rows were not used:", answer.problems_total));
    }
    for problem in answer.problems.iter().take(PRINTED_MAX) {
        lines.push(format!(
            "  {}: {} {}",
            problem.line,
            catalogue.text(&format!("replay-problem-{}", kebab(&problem.kind)), &TextArgs::new()),
            problem.text
        ));
    }
}

/// The name of a value in the catalogue.
fn kebab(value: &impl serde::Serialize) -> String {
    serde_json::json!(value).as_str().unwrap_or_default().replace('_', "-")
}
