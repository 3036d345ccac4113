//! `deskctl sla status` and `deskctl sla rules`.

use std::path::Path;

use deskbell_domain::sla::calendar::read_notice;
use deskbell_domain::sla::rules::{RuleProblem, RuleSetDraft};
use deskbell_domain::{Code, UtcMs};
use deskbell_engine::EngineError;
use deskbell_engine::rules::{ClockStanding, RulesView};
use deskbell_engine::sla_watch::recompute_stale;

use crate::args::{Arguments, RulesCommand};
use crate::output::Output;
use crate::session;

/// Largest file of rules, in bytes.
const RULES_BYTES_MAX: u64 = 16 * 1024 * 1024;

pub(crate) async fn status(arguments: &Arguments, limit: u32, output: &Output) -> Result<(), EngineError> {
    let engine = session::open(arguments)?;
    recompute_stale(&engine).await?;
    let clocks = engine.clock_standings(limit).await?;
    output.answer(&clocks, || {
        if clocks.is_empty() { vec!["No clock is running.".to_owned()] } else { clocks.iter().map(line).collect() }
    });
    Ok(())
}

fn line(standing: &ClockStanding) -> String {
    let clock = &standing.clock;
    let minutes = standing.left_ms.abs() / 60_000;
    let left = format!("{}{}:{:02}", if standing.left_ms < 0 { "-" } else { "" }, minutes / 60, minutes % 60);
    let vague = if clock.uncertainty_ms == 0 { String::new() } else { format!(" ±{} s", clock.uncertainty_ms.div_ceil(1_000)) };
    let provisional = if clock.provisional { " provisional" } else { "" };
    let state = serde_json::to_value(standing.state).ok().and_then(|state| state.as_str().map(str::to_owned)).unwrap_or_default();
    format!(
        "{left:>9}  {state:<9}  {}{vague}{provisional}  {} {}  {}  {}  {}  [{}]",
        clock.deadline_at.to_rfc3339(),
        clock.metric.as_str(),
        clock.instance,
        clock.priority.as_str(),
        clock.remote_id,
        clock.subject,
        clock.policy_id
    )
}

pub(crate) async fn run(arguments: &Arguments, command: &RulesCommand, output: &Output) -> Result<(), EngineError> {
    match command {
        RulesCommand::Show => {
            let view = session::open(arguments)?.rules_view().await?;
            output.answer(&view, || shown(&view));
        }
        RulesCommand::Check { file } => {
            let problems = read_rules(file)?.problems();
            output.answer(&problems, || {
                if problems.is_empty() { vec!["Nothing is wrong.".to_owned()] } else { problems.iter().map(told).collect() }
            });
            if !problems.is_empty() {
                return Err(refused(&problems));
            }
        }
        RulesCommand::Put { file, from, backwards, dry_run } => {
            let from = from.as_deref().map(instant).transpose()?;
            let draft = read_rules(file)?;
            let problems = draft.problems();
            if !problems.is_empty() {
                return Err(refused(&problems));
            }
            let engine = session::open(arguments)?;
            if *dry_run {
                let run = engine.dry_run(draft, from, *backwards).await?;
                output.answer(&run, || {
                    vec![format!(
                        "{} unfinished tickets: {} clocks change, {} newly breached, {} no longer; {} tickets without a policy.{}",
                        run.looked_at,
                        run.changed,
                        run.newly_breached,
                        run.no_longer_breached,
                        run.without_policy,
                        if run.truncated { " More tickets were not looked at." } else { "" }
                    )]
                });
                return Ok(());
            }
            let view = engine.put_rules(draft, from, *backwards).await?;
            recompute_stale(&engine).await?;
            output.answer(&view, || shown(&view));
        }
        RulesCommand::Holidays { file } => {
            let text = read(file)?;
            let found =
                read_notice(&text).map_err(|error| EngineError::with_detail(Code::HolidaysUnreadable, error.to_string()))?;
            output.answer(&found, || {
                let years = found.years.iter();
                years
                    .map(|year| format!("{}: {} days off, {} make-up workdays", year.year, year.off.len(), year.makeup.len()))
                    .collect()
            });
        }
    }
    Ok(())
}

fn shown(view: &RulesView) -> Vec<String> {
    let sets = view.sets.iter().enumerate();
    sets.flat_map(|(index, set)| {
        let from = set.from.map_or_else(|| "since ever".to_owned(), |from| format!("from {}", from.to_rfc3339()));
        let mark = if usize::try_from(view.current) == Ok(index) { ", in force" } else { "" };
        let policies = set.policies.iter().map(|policy| format!("  {}  {}  ({})", policy.id, policy.name_en, policy.calendar_id));
        std::iter::once(format!("{from}{mark}")).chain(policies).collect::<Vec<_>>()
    })
    .collect()
}

fn told(problem: &RuleProblem) -> String {
    let args: Vec<String> = problem.args.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{}: {} {}", problem.place, problem.code.as_str(), args.join(" ")).trim_end().to_owned()
}

fn refused(problems: &[RuleProblem]) -> EngineError {
    let first = problems.first();
    EngineError::with_detail(Code::RulesInvalid, problems.iter().map(told).collect::<Vec<_>>().join("; "))
        .arg("count", problems.len().to_string())
        .arg("place", first.map(|problem| problem.place.clone()).unwrap_or_default())
}

fn instant(text: &str) -> Result<UtcMs, EngineError> {
    UtcMs::parse_rfc3339(text)
        .map_err(|error| EngineError::with_detail(Code::InputInvalid, error.to_string()).arg("field", "from"))
}

fn read_rules(file: &Path) -> Result<RuleSetDraft, EngineError> {
    serde_json::from_str(&read(file)?)
        .map_err(|error| EngineError::with_detail(Code::InputInvalid, error.to_string()).arg("field", "file"))
}

fn read(file: &Path) -> Result<String, EngineError> {
    let unreadable = |error: std::io::Error| {
        EngineError::with_detail(Code::InputInvalid, format!("{}: {error}", file.display())).arg("field", "file")
    };
    let opened = std::fs::File::open(file).map_err(unreadable)?;
    std::io::read_to_string(std::io::Read::take(opened, RULES_BYTES_MAX)).map_err(unreadable)
}
