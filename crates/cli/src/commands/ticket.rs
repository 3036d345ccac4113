//! `deskctl ticket list` and `show`.

use std::sync::Arc;

use deskbell_domain::Code;
use deskbell_domain::filter::TicketOrder;
use deskbell_domain::ticket::TicketId;
use deskbell_engine::view::ticket::TicketDetail;
use deskbell_engine::{Engine, EngineError};

use crate::args::{Arguments, TicketCommand};
use crate::commands::{filter, ticket_edit};
use crate::output::Output;
use crate::session;

pub(crate) async fn run(arguments: &Arguments, command: &TicketCommand, output: &Output) -> Result<(), EngineError> {
    let engine = session::open(arguments)?;
    match command {
        TicketCommand::List { filter, order, start, limit } => list(&engine, filter, order, *start, *limit, output).await,
        TicketCommand::Show { id } => show(&engine, TicketId(*id), output).await,
        edit => ticket_edit::run(&engine, edit, output).await,
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
            "{}{} · {}{} · {} · {}{}",
            detail.status.value.as_str(),
            pending(detail.status.operation.is_some()),
            detail.priority.value.as_str(),
            pending(detail.priority.operation.is_some()),
            detail.customer.name,
            detail.account_name,
            if detail.local { " · not on the server yet" } else { "" }
        ),
        format!("assignee: {}{}", detail.assignee.value, pending(detail.assignee.operation.is_some())),
        format!("tags: {}{}", detail.tags.value.join(", "), pending(detail.tags.operation.is_some())),
    ];
    for (name, field) in &detail.custom_fields {
        lines.push(format!("{name}: {}{}", field.value, pending(field.operation.is_some())));
    }
    for clock in &detail.clocks {
        let deadline = clock.deadline_at.map_or_else(|| "-".to_owned(), deskbell_domain::UtcMs::to_rfc3339);
        lines.push(format!("{}: {:?}, due {deadline}, {:.0} % used", clock.metric.as_str(), clock.state, clock.share * 100.0));
    }
    for note in &detail.notes {
        let state = note.operation.as_ref().map(|operation| format!(" [{}]", operation.state.as_str())).unwrap_or_default();
        let since =
            if note.replies_since > 0 { format!(" [{} new since it was written]", note.replies_since) } else { String::new() };
        lines.push(String::new());
        lines.push(format!("{} · {} · {}{state}", note.author, note.visibility.as_str(), note.created_at.to_rfc3339()) + &since);
        lines.push(note.body.clone());
        lines.extend(
            note.attachments.iter().map(|file| format!("  [file {}] {} · {} bytes", file.id.0, file.name, file.size_bytes)),
        );
    }
    lines
}
