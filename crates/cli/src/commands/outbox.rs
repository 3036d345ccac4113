//! `deskctl outbox`.

use deskbell_domain::sync::op::{OperationId, OperationKind};
use deskbell_engine::EngineError;
use deskbell_engine::records::Store;

use crate::args::{Arguments, OutboxCommand};
use crate::output::Output;
use crate::session;

pub(crate) async fn run(arguments: &Arguments, command: &OutboxCommand, output: &Output) -> Result<(), EngineError> {
    let engine = session::open(arguments)?;
    match command {
        OutboxCommand::List => {
            let operations = engine.read(Store::outbox).await?;
            output.answer(&operations, || {
                operations
                    .iter()
                    .map(|operation| {
                        let what = match &operation.kind {
                            OperationKind::Reply { .. } => "reply".to_owned(),
                            OperationKind::SetStatus { to, .. } => format!("status {}", to.as_str()),
                            OperationKind::SetPriority { to, .. } => format!("priority {}", to.as_str()),
                            other => other.name().as_str().to_owned(),
                        };
                        let code = operation.code.map(|code| format!("\t{code} {}", operation.detail)).unwrap_or_default();
                        let (id, state, attempts) = (operation.id.0, operation.state.as_str(), operation.attempts);
                        format!(
                            "{id}\t{state}\t{what}\t#{} {}\t{attempts} attempts{code}",
                            operation.ticket_remote_id, operation.ticket_subject
                        )
                    })
                    .collect()
            });
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
    }
    Ok(())
}
