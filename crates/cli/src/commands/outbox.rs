//! `deskctl outbox`.

use deskbell_domain::sync::op::{OperationId, OperationKind};
use deskbell_engine::EngineError;
use deskbell_engine::outbox::Keep;
use deskbell_engine::records::{OperationRecord, Store};

use crate::args::{Arguments, OutboxCommand};
use crate::output::Output;
use crate::session;

pub(crate) async fn run(arguments: &Arguments, command: &OutboxCommand, output: &Output) -> Result<(), EngineError> {
    let engine = session::open(arguments)?;
    match command {
        OutboxCommand::List => {
            let operations = engine.read(Store::outbox).await?;
            output.answer(&operations, || operations.iter().map(line).collect());
        }
        OutboxCommand::Retry { id } => {
            engine.retry_operation(OperationId(*id)).await?;
            output.answer(&serde_json::json!({ "operation": id, "state": "queued" }), || {
                vec![format!("Operation {id} goes with the next sync.")]
            });
        }
        OutboxCommand::Discard { id } => {
            let discarded = engine.discard_operation(OperationId(*id)).await?;
            output.answer(&discarded, || vec![format!("Operation {id} was taken back.")]);
        }
        OutboxCommand::Resolve { id, keep } => {
            let keep = if keep == "mine" { Keep::Mine } else { Keep::Theirs };
            engine.resolve_operation(OperationId(*id), keep).await?;
            output.answer(&serde_json::json!({ "operation": id, "keep": keep }), || match keep {
                Keep::Mine => vec![format!("Operation {id} goes with the next sync, over the server's value.")],
                Keep::Theirs => vec![format!("Operation {id} was dropped; the server's value stays.")],
            });
        }
    }
    Ok(())
}

fn line(operation: &OperationRecord) -> String {
    let what = match &operation.kind {
        OperationKind::CreateTicket { .. } => "create".to_owned(),
        OperationKind::SetStatus { to, .. } => format!("status {}", to.as_str()),
        OperationKind::SetPriority { to, .. } => format!("priority {}", to.as_str()),
        OperationKind::SetAssignee { to, .. } => format!("assignee {to}"),
        OperationKind::SetTags { to, .. } => format!("tags {}", to.join(", ")),
        OperationKind::SetCustomField { field, to, .. } => format!("{field} {to}"),
        OperationKind::Attach { file, .. } => format!("attach {}", file.name),
        other => other.name().as_str().to_owned(),
    };
    let code = operation.code.map(|code| format!("\t{code} {}", operation.detail)).unwrap_or_default();
    let conflict =
        operation.conflict.as_ref().map(|both| format!("\tmine: {} · theirs: {}", both.mine, both.theirs)).unwrap_or_default();
    let (id, state, attempts) = (operation.id.0, operation.state.as_str(), operation.attempts);
    let (ticket, subject) = (&operation.ticket_remote_id, &operation.ticket_subject);
    format!("{id}\t{state}\t{what}\t#{ticket} {subject}\t{attempts} attempts{code}{conflict}")
}
