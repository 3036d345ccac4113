//! `deskctl handover`: the brief as text, as JSON, or as a PDF.

use std::path::Path;

use deskbell_domain::time::DAY_MS;
use deskbell_domain::{Code, UtcMs};
use deskbell_engine::catalogue::{Catalogue, TextArgs};
use deskbell_engine::handover::{Handover, HandoverCustomer, HandoverQuestion, HandoverTicket};
use deskbell_engine::{Engine, EngineError};
use serde_json::json;

use crate::args::{Arguments, HandoverArgs};
use crate::output::{Output, language};
use crate::session;

pub(crate) async fn run(arguments: &Arguments, wanted: &HandoverArgs, output: &Output) -> Result<(), EngineError> {
    let engine = session::open(arguments)?;
    let from = match wanted.from.as_deref() {
        Some(text) => UtcMs::parse_rfc3339(text)
            .map_err(|error| EngineError::with_detail(Code::InputInvalid, error.to_string()).arg("field", "from"))?,
        None => engine.now(),
    };
    let account = match wanted.account.as_deref() {
        Some(name) => Some(session::find_account(&engine, name).await?.id),
        None => None,
    };
    let to = from.plus_ms(i64::from(wanted.days) * DAY_MS);
    let question = HandoverQuestion { manager: wanted.manager.clone(), account, customer: wanted.customer.clone(), from, to };
    if let Some(file) = &wanted.pdf {
        write_pdf(&engine, question, file).await?;
        output.answer(&json!({ "file": file }), || vec![format!("{}", file.display())]);
        return Ok(());
    }
    let brief = engine.handover(question).await?;
    output.answer(&brief, || text(&brief));
    Ok(())
}

async fn write_pdf(engine: &Engine, question: HandoverQuestion, file: &Path) -> Result<(), EngineError> {
    let document = engine.handover_paper(question).await?.document;
    let bytes = tokio::task::spawn_blocking(move || deskbell_paper::set(&document)).await?;
    let bytes = bytes.map_err(|error| EngineError::with_detail(error.code(), error.to_string()))?;
    std::fs::write(file, bytes).map_err(|error| EngineError::with_detail(Code::FileUnwritable, error.to_string()))
}

fn text(brief: &Handover) -> Vec<String> {
    let catalogue = Catalogue::of(language());
    let word = |key: &str| catalogue.text(key, &TextArgs::new());
    let mut lines = vec![format!("{}  {} – {}", brief.title, brief.from.to_rfc3339(), brief.to.to_rfc3339())];
    if brief.customers.is_empty() {
        lines.push(word("brief-nothing"));
    }
    for customer in &brief.customers {
        lines.push(String::new());
        lines.extend(customer_text(customer, &word));
    }
    lines
}

fn customer_text(customer: &HandoverCustomer, word: &dyn Fn(&str) -> String) -> Vec<String> {
    let card = &customer.card;
    let acting = if card.acting.is_empty() { word("brief-nobody") } else { card.acting.clone() };
    let why = word(&format!("acting-{}", card.acting_why.as_str()));
    let mut lines = vec![format!("{}  {}: {acting} ({why})", card.name, word("brief-acting"))];
    lines.extend(customer.tickets.iter().flat_map(|ticket| ticket_text(ticket, word)));
    for visit in &customer.visits {
        let start = visit.start.map_or_else(|| word("brief-no-slot"), UtcMs::to_rfc3339);
        lines.push(format!(
            "  {}  {}  {start}  {}",
            visit.key,
            word(&format!("visit-state-{}", visit.state.as_str())),
            visit.site
        ));
    }
    for call in &customer.calls {
        lines.push(format!("  {}  {} {}  {}", call.started_at.to_rfc3339(), call.line_name, call.number, call.note));
    }
    lines
}

fn ticket_text(ticket: &HandoverTicket, word: &dyn Fn(&str) -> String) -> Vec<String> {
    let status = word(&format!("status-{}", ticket.status.as_str().replace('_', "-")));
    let mut lines = vec![format!("  #{}  [{status}]  {}", ticket.remote_id, ticket.subject)];
    for clock in &ticket.clocks {
        let metric = word(&format!("metric-{}", clock.metric.as_str().replace('_', "-")));
        let due = match (clock.paused_since, clock.deadline_at) {
            (Some(_), _) => word("brief-paused"),
            (None, Some(at)) => at.to_rfc3339(),
            (None, None) => word("brief-no-deadline"),
        };
        lines.push(format!("    {metric}: {due}"));
    }
    for promise in &ticket.promises {
        let due = promise.due.map_or_else(|| word("brief-due-open"), UtcMs::to_rfc3339);
        lines.push(format!("    “{}” — {}, {due}", promise.text, promise.author));
    }
    lines
}
