//! Operations as calls. The service takes no idempotency key: each is sent once, and read back when its answer is lost.

use deskbell_domain::error::Code;
use deskbell_domain::sync::op::{FileRef, NewTicket, OperationKind, OutboundOperation, ReadBack, Receipt};
use deskbell_domain::ticket::Visibility;

use super::AliyunApi;
use super::call::{Call, Creation};
use super::client::{Certainty, Failure};
use super::shape::{Done, Id};
use super::words::{is_confirmed, severity, status_raw};
use crate::RemoteError;

/// The custom field of a new ticket that goes as Email.
pub(super) const EMAIL_FIELD: &str = "email";
/// What a ticket is reopened with when the person gave no reason: the service wants one.
const REOPEN_WORDS: &str = "重新打开工单。";

fn refused(code: Code, detail: impl Into<String>) -> Failure {
    Failure { error: RemoteError::new(code, detail), certainty: Certainty::Never }
}

impl AliyunApi {
    pub(super) async fn send_operation(&self, operation: &OutboundOperation) -> Result<Receipt, Failure> {
        let id = operation.ticket_remote_id.as_str();
        match &operation.kind {
            OperationKind::CreateTicket { ticket } => self.create(ticket, &object_keys(operation)?).await,
            OperationKind::Reply { visibility: Visibility::Internal, .. }
            | OperationKind::Attach { visibility: Visibility::Internal, .. } => {
                Err(refused(Code::OperationNotOffered, "Workorder has no internal notes"))
            }
            OperationKind::Reply { .. } | OperationKind::Attach { .. } => {
                let call = Call::reply_ticket(id, &content(&operation.kind), &object_keys(operation)?);
                let answer: Id = self.client.send(&call).await?;
                Ok(Receipt { note_remote_id: Some(told(answer)?), ..Receipt::default() })
            }
            OperationKind::Close { .. } => self.close(id).await,
            OperationKind::Reopen { .. } => {
                let _answer: Id = self.client.send(&Call::reopen_ticket(id, &content(&operation.kind))).await?;
                // The answer does not name the note with the reason. It has landed: what fails now is only read back again.
                match self.find_operation(operation).await {
                    Ok(ReadBack::Landed(receipt)) => Ok(receipt),
                    Ok(ReadBack::NotLanded) => Ok(Receipt::default()),
                    Err(failure) => Err(Failure { certainty: Certainty::Perhaps, ..failure }),
                }
            }
            OperationKind::Evaluate { solved, score, comment } => {
                let _answer: Done = self.client.send(&Call::evaluate_ticket(id, *solved, *score, comment)).await?;
                Ok(Receipt::default())
            }
            other => Err(refused(Code::OperationNotOffered, other.name().as_str())),
        }
    }

    async fn create(&self, ticket: &NewTicket, object_keys: &[String]) -> Result<Receipt, Failure> {
        if ticket.category.is_empty() {
            return Err(refused(Code::InputInvalid, "Workorder files every ticket under a category"));
        }
        let creation = Creation {
            category: &ticket.category,
            title: &ticket.subject,
            description: &ticket.body,
            severity: severity(ticket.priority),
            creator: &ticket.customer,
            email: ticket.custom_fields.get(EMAIL_FIELD).map_or("", String::as_str),
            object_keys,
        };
        let answer: Id = self.client.send(&Call::create_ticket(&creation)).await?;
        Ok(Receipt { ticket_remote_id: Some(told(answer)?), left_out: left_out(ticket), ..Receipt::default() })
    }

    /// Closing what is closed is refused by the service and done for us.
    async fn close(&self, id: &str) -> Result<Receipt, Failure> {
        match self.client.send::<Done>(&Call::close_ticket(id)).await {
            Err(failure) if failure.certainty == Certainty::Never => {
                let is_closed = self.ticket_of(id).await.is_ok_and(|ticket| is_confirmed(&status_raw(&ticket.status)));
                if is_closed { Ok(Receipt::default()) } else { Err(failure) }
            }
            other => other.map(|_| Receipt::default()),
        }
    }
}

/// What of a new ticket the service has no place for.
pub(super) fn left_out(ticket: &NewTicket) -> Vec<String> {
    let fields = ticket.custom_fields.iter().filter(|(name, value)| *name != EMAIL_FIELD && !value.is_empty());
    let mut lines: Vec<String> = fields.map(|(name, _)| format!("{name}: Workorder has no such field")).collect();
    if !ticket.tags.is_empty() {
        lines.push("tags: Workorder has none".to_owned());
    }
    lines
}

/// The id in an answer. Without one it landed, and the read-back tells as what.
fn told(answer: Id) -> Result<String, Failure> {
    if answer.data.as_str().is_empty() {
        let error = RemoteError::new(Code::AnswerUnexpected, "the answer names no id");
        return Err(Failure { error, certainty: Certainty::Perhaps });
    }
    Ok(answer.data.0)
}

/// What goes over the wire as text: never empty, because the service takes no empty one.
pub(super) fn content(kind: &OperationKind) -> String {
    match kind {
        OperationKind::Reply { body, files, .. } if body.trim().is_empty() => names(files),
        OperationKind::Reply { body, .. } => body.clone(),
        OperationKind::Attach { file, .. } => names(std::slice::from_ref(file)),
        OperationKind::Reopen { body, .. } if body.trim().is_empty() => REOPEN_WORDS.to_owned(),
        OperationKind::Reopen { body, .. } => body.clone(),
        _ => String::new(),
    }
}

fn names(files: &[FileRef]) -> String {
    files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// The keys of the operation's files, in their order.
fn object_keys(operation: &OutboundOperation) -> Result<Vec<String>, Failure> {
    let key_of = |file: &FileRef| {
        let missing = || refused(Code::FileMissing, format!("not uploaded: {}", file.name));
        operation.uploaded.get(&file.sha256).cloned().ok_or_else(missing)
    };
    operation.kind.files().iter().map(key_of).collect()
}
