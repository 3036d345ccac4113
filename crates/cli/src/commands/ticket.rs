//! `deskctl ticket`.

use std::io::Read as _;
use std::sync::Arc;

use deskbell_domain::Code;
use deskbell_domain::filter::TicketOrder;
use deskbell_domain::sync::op::OperationId;
use deskbell_domain::ticket::{Priority, Status, TicketId, Visibility};
use deskbell_engine::edits::{Edit, Undo};
use deskbell_engine::view::ticket::TicketDetail;
use deskbell_engine::{Engine, EngineError};

use crate::args::{Arguments, TicketCommand};
use crate::commands::filter;
use crate::output::Output;
use crate::session;

pub(crate) async fn run(arguments: &Arguments, command: &TicketCommand, output: &Output) -> Result<(), EngineError> {
    let engine = session::open(arguments)?;
    match command {
        TicketCommand::List { filter, order, start, limit } => list(&engine, filter, order, *start, *limit, output).await,
        TicketCommand::Show { id } => show(&engine, TicketId(*id), output).await,
        TicketCommand::Reply { id, text, internal } => {
            let body = match text {
                Some(text) => text.clone(),
                None => read_body()?,
            };
            let visibility = if *internal { Visibility::Internal } else { Visibility::Public };
            queued(engine.reply(TicketId(*id), &body, visibility, None).await?, output);
            Ok(())
        }
        TicketCommand::Set { id, status, priority } => {
            set(&engine, TicketId(*id), status.as_deref(), priority.as_deref(), output).await
        }
        TicketCommand::Close { id } => {
            queued(engine.edit(TicketId(*id), Edit::Close, None, Undo::Never).await?, output);
            Ok(())
        }
        TicketCommand::Reopen { id } => {
            queued(engine.edit(TicketId(*id), Edit::Reopen { body: String::new() }, None, Undo::Never).await?, output);
            Ok(())
        }
    }
}

async fn list(
    engine: &Arc<Engine>,
    pairs: &[String],
    order: &str,
    start: u32,
    limit: u32,
    output: &Output,
) -> Result<(), EngineError> {
    let filter = filter::parse(engine, pairs).await?;
    let order = match order {
        "deadline" => TicketOrder::Deadline,
        "updated" => TicketOrder::Updated,
        "created" => TicketOrder::Created,
        "priority" => TicketOrder::Priority,
        _ => return Err(EngineError::new(Code::InputInvalid).arg("field", "order")),
    };
    deskbell_engine::sla_watch::recompute_stale(engine).await?;
    let page = engine.read(move |store| store.ticket_rows(&filter, order, u64::from(start), limit)).await?;
    output.answer(&page, || {
        let rows = page.rows.iter().map(|row| {
            let pending = if row.pending > 0 { format!("\t{} pending", row.pending) } else { String::new() };
            format!(
                "{}\t{}\t{}\t{}\t{}\t{}{pending}",
                row.id.0,
                row.remote_id,
                row.status.as_str(),
                row.priority.as_str(),
                row.customer,
                row.subject
            )
        });
        rows.chain([format!("{} of {}", page.rows.len(), page.total)]).collect()
    });
    Ok(())
}

async fn show(engine: &Arc<Engine>, id: TicketId, output: &Output) -> Result<(), EngineError> {
    let detail = engine.ticket_detail(id).await?;
    output.answer(&detail, || text_of(&detail));
    Ok(())
}

fn text_of(detail: &TicketDetail) -> Vec<String> {
    let pending = |has: bool| if has { " (pending)" } else { "" };
    let mut lines = vec![
        format!("#{} {}", detail.remote_id, detail.subject),
        format!(
            "{}{} · {}{} · {} · {}",
            detail.status.value.as_str(),
            pending(detail.status.operation.is_some()),
            detail.priority.value.as_str(),
            pending(detail.priority.operation.is_some()),
            detail.customer.name,
            detail.account_name
        ),
    ];
    for clock in &detail.clocks {
        let deadline = clock.deadline_at.map_or_else(|| "-".to_owned(), deskbell_domain::UtcMs::to_rfc3339);
        lines.push(format!("{}: {:?}, due {deadline}, {:.0} % used", clock.metric.as_str(), clock.state, clock.share * 100.0));
    }
    for note in &detail.notes {
        let state = note.operation.as_ref().map(|operation| format!(" [{}]", operation.state.as_str())).unwrap_or_default();
        lines.push(String::new());
        lines.push(format!("{} · {} · {}{state}", note.author, note.visibility.as_str(), note.created_at.to_rfc3339()));
        lines.push(note.body.clone());
    }
    lines
}

async fn set(
    engine: &Arc<Engine>,
    id: TicketId,
    status: Option<&str>,
    priority: Option<&str>,
    output: &Output,
) -> Result<(), EngineError> {
    if status.is_none() && priority.is_none() {
        return Err(EngineError::with_detail(Code::InputInvalid, "give --status or --priority").arg("field", "status"));
    }
    let status = parse(status, Status::from_text, "status")?;
    let priority = parse(priority, Priority::from_text, "priority")?;
    if let Some(to) = status {
        queued(engine.set_status(id, to, None).await?, output);
    }
    if let Some(to) = priority {
        queued(engine.set_priority(id, to, None).await?, output);
    }
    Ok(())
}

fn parse<T>(text: Option<&str>, read: impl Fn(&str) -> Option<T>, field: &str) -> Result<Option<T>, EngineError> {
    match text {
        None => Ok(None),
        Some(text) => read(text).map(Some).ok_or_else(|| EngineError::with_detail(Code::InputInvalid, text).arg("field", field)),
    }
}

fn queued(id: OperationId, output: &Output) {
    output.answer(&serde_json::json!({ "operation": id, "state": "queued" }), || {
        vec![format!("Queued as operation {}; `deskctl sync` sends it.", id.0)]
    });
}

fn read_body() -> Result<String, EngineError> {
    let mut body = String::new();
    let limit = deskbell_engine::edits::REPLY_BYTES_MAX as u64 + 1;
    std::io::stdin()
        .take(limit)
        .read_to_string(&mut body)
        .map_err(|error| EngineError::with_detail(Code::InputInvalid, error.to_string()).arg("field", "body"))?;
    Ok(body.trim_end_matches('\n').to_owned())
}
