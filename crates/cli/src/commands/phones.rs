//! `deskctl phones`, and what it shares with `deskctl centres`.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use deskbell_domain::directory::{CallFacts, DirectoryKind, HOURS_ALWAYS, LineContract, OpenState, PhoneLine, Problem, Reason};
use deskbell_domain::sla::calendar::CalendarSpec;
use deskbell_domain::ticket::TicketId;
use deskbell_domain::{Code, UtcMs};
use deskbell_engine::catalogue::{Catalogue, TextArgs};
use deskbell_engine::directory::{EntryOrigin, FileFormat, ImportWhat, LineEntry, Recommended};
use deskbell_engine::{Engine, EngineError};

use crate::args::{AddLine, Arguments, ExportArgs, PhonesCommand};
use crate::output::{Output, language};
use crate::session;

pub(crate) async fn run(arguments: &Arguments, command: &PhonesCommand, output: &Output) -> Result<(), EngineError> {
    let engine = session::open(arguments)?;
    match command {
        PhonesCommand::List { all } => {
            let mut lines = engine.directory().await?.lines;
            lines.retain(|line| *all || !line.hidden);
            output.answer(&lines, || lines.iter().map(line_text).collect());
        }
        PhonesCommand::Recommend { ticket, language, outage, enterprise } => {
            let ticket = ticket.map(TicketId);
            let mut facts = match ticket {
                Some(_) => engine.recommend(ticket, None).await?.facts,
                None => CallFacts::default(),
            };
            facts.outage |= outage;
            if *enterprise {
                facts.contract = Some(LineContract::Enterprise);
            }
            if !language.is_empty() {
                facts.languages.clone_from(language);
            }
            let recommended = engine.recommend(ticket, Some(facts)).await?;
            output.answer(&recommended, || recommended_text(&recommended));
        }
        PhonesCommand::Add(new) => {
            let kept = engine.put_line(None, line_of(new, &engine)?).await?;
            output.answer(&kept, || vec![format!("Kept {} as {}.", kept.line.number, kept.key)]);
        }
        PhonesCommand::Import { file, apply } => import(&engine, DirectoryKind::Line, file, *apply, output).await?,
        PhonesCommand::Export(to) => export(&engine, DirectoryKind::Line, to, output).await?,
    }
    Ok(())
}

fn line_of(new: &AddLine, engine: &Arc<Engine>) -> Result<PhoneLine, EngineError> {
    let (hours, calendar) = if new.hours == HOURS_ALWAYS {
        (new.hours.clone(), None)
    } else {
        let invalid = |detail: String| EngineError::with_detail(Code::HoursInvalid, detail).arg("field", "hours");
        let text = std::fs::read_to_string(&new.hours).map_err(|error| invalid(error.to_string()))?;
        let spec: CalendarSpec = serde_json::from_str(&text).map_err(|error| invalid(error.to_string()))?;
        (String::new(), Some(spec))
    };
    Ok(PhoneLine {
        tier: new.tier,
        name_zh: new.name.clone(),
        name_en: new.name_en.clone(),
        number: new.number.trim().to_owned(),
        purpose_zh: new.purpose.clone(),
        languages: new.language.clone(),
        hours,
        source: new.source.clone(),
        verified_on: new.verified_on.clone().unwrap_or_else(|| day_text(engine.now())),
        vendor: new.vendor.clone(),
        calendar,
        dialects: new.dialect.clone(),
        contract: if new.enterprise { LineContract::Enterprise } else { LineContract::Any },
        for_outage: new.for_outage,
        ..PhoneLine::default()
    })
}

fn day_text(at: UtcMs) -> String {
    local_text(at, "%Y-%m-%d")
}

pub(crate) fn local_text(at: UtcMs, format: &str) -> String {
    at.to_datetime().map_or_else(String::new, |at| at.with_timezone(&chrono::Local).format(format).to_string())
}

fn line_text(line: &LineEntry) -> String {
    let name = if line.line.name_zh.is_empty() { &line.line.name_en } else { &line.line.name_zh };
    let marks = marks(line.origin, line.hidden, line.stale, line.provider_changed);
    format!(
        "{:<24} {} {:<18} {}  {}{marks}",
        line.key,
        line.line.tier,
        line.line.number,
        name,
        opening_text(line.opening, line.opens_at, line.closes_at)
    )
}

pub(crate) fn marks(origin: EntryOrigin, hidden: bool, stale: bool, provider_changed: bool) -> String {
    let words = [
        (origin == EntryOrigin::Own, "own"),
        (origin == EntryOrigin::Changed, "changed here"),
        (origin == EntryOrigin::Shipped, "shipped"),
        (hidden, "hidden"),
        (stale, "not verified for 90 days"),
        (provider_changed, "the provider changed it since"),
    ];
    let told: Vec<&str> = words.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
    if told.is_empty() { String::new() } else { format!("  [{}]", told.join("; ")) }
}

pub(crate) fn opening_text(state: OpenState, opens_at: Option<UtcMs>, closes_at: Option<UtcMs>) -> String {
    let when = |at: UtcMs| local_text(at, "%m-%d %H:%M");
    match (state, opens_at, closes_at) {
        (OpenState::Open, _, Some(at)) => format!("open until {}", when(at)),
        (OpenState::Open, _, None) => "open".to_owned(),
        (OpenState::Closed, Some(at), _) => format!("closed, opens {}", when(at)),
        (OpenState::Closed, None, _) => "closed".to_owned(),
        (OpenState::Unknown, ..) => "hours not known".to_owned(),
    }
}

fn recommended_text(recommended: &Recommended) -> Vec<String> {
    let mut lines = Vec::new();
    for (place, one) in (1..).zip(&recommended.recommendations) {
        lines.push(format!("{place}. {}", line_text(&one.entry)));
        lines.extend(one.reasons.iter().map(|reason| format!("   {}", reason_text(reason))));
    }
    let Some(sheet) = &recommended.sheet else { return lines };
    let catalogue = Catalogue::of(language());
    let ask = serde_json::to_value(sheet.ask_for).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default();
    lines.push(String::new());
    lines.push(format!("#{} {}", sheet.ticket_remote_id, sheet.subject));
    lines.push(format!("{}  {}", sheet.account_name, sheet.account_id));
    if !sheet.instance_ids.is_empty() {
        lines.push(sheet.instance_ids.join("  "));
    }
    lines.push(catalogue.text(&format!("call-ask-{ask}"), &TextArgs::new()));
    if let Some(first) = recommended.recommendations.first() {
        let steps = first.entry.line.ivr_path.iter().map(|step| format!("{} {}", step.key, step.label_zh).trim().to_owned());
        lines.extend(steps.map(|step| format!("> {step}")));
        lines.extend(first.entry.line.checklist.iter().map(|item| format!("[ ] {}", item.text_zh)));
    }
    lines
}

fn reason_text(reason: &Reason) -> String {
    let catalogue = Catalogue::of(language());
    let english = language() == deskbell_engine::state::Language::En;
    let mut args = TextArgs::new();
    for (name, value) in &reason.args {
        args = args.text(name, value);
    }
    let line = reason.args.get(if english { "line_en" } else { "line_zh" });
    let line = line.filter(|line| !line.is_empty()).or_else(|| reason.args.get("line_zh")).map_or("", String::as_str);
    catalogue.text(&format!("line-reason-{}", reason.code.as_str()), &args.text("line", line))
}

/// Says what a file would change; takes it where that was asked for and nothing is wrong with it.
pub(crate) async fn import(
    engine: &Arc<Engine>,
    kind: DirectoryKind,
    file: &Path,
    apply: bool,
    output: &Output,
) -> Result<(), EngineError> {
    let plan = engine.look_into_directory(kind, file.to_path_buf()).await?;
    if !apply || plan.refused > 0 {
        output.answer(&plan, || {
            let mut lines: Vec<String> = Vec::new();
            for row in plan.rows.iter().filter(|row| row.what != ImportWhat::Same) {
                lines.push(format!("line {}: {} {}", row.line_number, what_text(row.what), row.name));
                lines.extend(row.problems.iter().map(|problem| format!("    {}", problem_text(problem))));
            }
            lines.push(format!(
                "{} new, {} changed, {} as they are, {} refused",
                plan.added, plan.changed, plan.same, plan.refused
            ));
            lines
        });
        let first = plan.rows.iter().find(|row| row.what == ImportWhat::Refused);
        return first.map_or(Ok(()), |row| Err(EngineError::new(Code::ImportRefused).arg("line", row.line_number.to_string())));
    }
    let changed = engine.apply_directory(&plan.token).await?;
    output.answer(&serde_json::json!({ "changed": changed }), || vec![format!("{changed} entries are new or different.")]);
    Ok(())
}

fn what_text(what: ImportWhat) -> &'static str {
    match what {
        ImportWhat::Added => "new:",
        ImportWhat::Changed => "changed:",
        ImportWhat::Same => "as it is:",
        ImportWhat::Refused => "refused:",
    }
}

fn problem_text(problem: &Problem) -> String {
    let mut error = EngineError::new(problem.code);
    error.args.extend(problem.args.clone());
    let text = Catalogue::of(language()).error(&error);
    let told: Vec<String> = problem.args.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let told = if told.is_empty() { String::new() } else { format!(" ({})", told.join("; ")) };
    format!("{}: {}{told}", problem.field, text.what)
}

/// Writes a directory to a file, or to standard output as it is.
pub(crate) async fn export(
    engine: &Arc<Engine>,
    kind: DirectoryKind,
    to: &ExportArgs,
    output: &Output,
) -> Result<(), EngineError> {
    let format = if to.format == "csv" { FileFormat::Csv } else { FileFormat::Json };
    match &to.to {
        Some(path) => {
            engine.export_directory_to(kind, format, path.clone()).await?;
            let shown = path.display().to_string();
            output.answer(&serde_json::json!({ "path": shown }), || vec![format!("Written to {shown}.")]);
        }
        None => {
            let bytes = engine.export_directory(kind, format).await?;
            let _closed_pipe = std::io::stdout().write_all(&bytes);
        }
    }
    Ok(())
}
