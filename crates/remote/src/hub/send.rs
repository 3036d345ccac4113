//! Operations as requests, each under its marker as idempotency key.

use deskbell_domain::error::Code;
use deskbell_domain::scheduling::VisitRequest;
use deskbell_domain::sync::op::{FileRef, NewTicket, OperationKind, OutboundOperation, Outcome, ReadBack, Receipt};
use deskbell_domain::ticket::Priority;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::edit::Edit;
use super::{EDIT_ATTEMPTS_MAX, HubApi, segment, wire};
use crate::RemoteError;
use crate::http::Answer;
use crate::visits::VisitApi as _;

impl HubApi {
    /// # Errors
    /// What fails before a request exists.
    pub(super) async fn send_operation(&self, operation: &OutboundOperation) -> Result<Outcome, RemoteError> {
        if let Some(edit) = Edit::of(&operation.kind) {
            return self.send_edit(operation, &edit).await;
        }
        let uploads = match upload_ids(operation) {
            Ok(uploads) => uploads,
            Err(name) => return Ok(Outcome::Rejected { code: Code::FileMissing, detail: format!("not uploaded: {name}") }),
        };
        if let OperationKind::CreateTicket { ticket } = &operation.kind {
            return self.post(operation, "tickets", &new_ticket(ticket, &uploads), created).await;
        }
        if let Some(outcome) = self.send_visit(operation).await {
            return Ok(outcome);
        }
        let ticket = format!("tickets/{}", segment(&operation.ticket_remote_id)?);
        match &operation.kind {
            OperationKind::Reply { body, visibility, .. } => {
                let note = json!({ "body": body, "visibility": visibility.as_str(), "upload_ids": uploads });
                self.post(operation, &format!("{ticket}/notes"), &note, noted).await
            }
            OperationKind::Attach { visibility, .. } => {
                let note = json!({ "body": "", "visibility": visibility.as_str(), "upload_ids": uploads });
                self.post(operation, &format!("{ticket}/notes"), &note, noted).await
            }
            OperationKind::Reopen { body, .. } => {
                self.post(operation, &format!("{ticket}/reopen"), &json!({ "body": body }), changed).await
            }
            OperationKind::Evaluate { solved, score, comment } => {
                let verdict = json!({ "solved": solved, "score": score, "comment": comment });
                self.post(operation, &format!("{ticket}/evaluation"), &verdict, changed).await
            }
            other => Ok(Outcome::Rejected { code: Code::OperationNotOffered, detail: other.name().as_str().to_owned() }),
        }
    }

    /// `None`: it is about no visit.
    async fn send_visit(&self, operation: &OutboundOperation) -> Option<Outcome> {
        match &operation.kind {
            OperationKind::RequestVisit { request, booking, .. } => {
                // The ticket may have got its name after the visit was asked for.
                let request = VisitRequest { ticket_remote_id: operation.ticket_remote_id.clone(), ..(**request).clone() };
                Some(self.request_visit(&request, booking, &operation.marker).await.into())
            }
            OperationKind::ChangeVisit { change, .. } => {
                let (id, version) = (&operation.visit_remote_id, &operation.visit_version);
                Some(self.change_visit(id, change, version, &operation.marker).await.into())
            }
            _ => None,
        }
    }

    async fn post(
        &self,
        operation: &OutboundOperation,
        path: &str,
        body: &Value,
        receipt: fn(&Answer) -> Result<Receipt, RemoteError>,
    ) -> Result<Outcome, RemoteError> {
        let request = self.request(Method::POST, path)?.header("Idempotency-Key", &operation.marker).json(body);
        Ok(match self.http.send(request).await {
            Err(failure) => failure.outcome(),
            Ok(answer) => landed(&answer, receipt),
        })
    }

    /// Edits one field if it still is what the person saw: first against the version that they saw, then, when the ticket
    /// moved on, by reading, comparing, and writing against the version read. Notes move the version too and are no conflict.
    async fn send_edit(&self, operation: &OutboundOperation, edit: &Edit) -> Result<Outcome, RemoteError> {
        let path = format!("tickets/{}", segment(&operation.ticket_remote_id)?);
        if edit.is_absolute() && is_version(&operation.base_version) {
            let first = self.write_edit(operation, edit, None, &operation.base_version).await?;
            if let Some(outcome) = first {
                return Ok(outcome);
            }
        }
        for _ in 0..EDIT_ATTEMPTS_MAX {
            let answer = match self.http.read(self.request(Method::GET, &path)?).await {
                Ok(answer) => answer,
                // Nothing was asked to change yet.
                Err(error) => return Ok(Outcome::Retry { after_ms: error.retry_after_ms, code: error.code }),
            };
            if let Some(outcome) = refused(&answer) {
                return Ok(match outcome {
                    Outcome::Unknown { code } => Outcome::Retry { after_ms: answer.retry_after_ms(), code },
                    other => other,
                });
            }
            let ticket: wire::Ticket = match answer.json() {
                Ok(ticket) => ticket,
                Err(error) => return Ok(Outcome::Retry { after_ms: None, code: error.code }),
            };
            let our_name = match self.name_for(edit, &ticket).await {
                Ok(name) => name,
                Err(error) => return Ok(Outcome::Retry { after_ms: error.retry_after_ms, code: error.code }),
            };
            if !edit.fits(&ticket, &our_name) {
                // Perhaps it was our own edit, answered into the void, and somebody went on from there.
                return Ok(self.landed_or(operation, Code::ChangedMeanwhile, "the field was changed by somebody else").await);
            }
            if let Some(outcome) = self.write_edit(operation, edit, Some(&ticket), &ticket.version).await? {
                return Ok(outcome);
            }
        }
        Ok(Outcome::Retry { after_ms: None, code: Code::ChangedMeanwhile })
    }

    /// One write against a version; `None` when the ticket has another by now.
    async fn write_edit(
        &self,
        operation: &OutboundOperation,
        edit: &Edit,
        ticket: Option<&wire::Ticket>,
        version: &str,
    ) -> Result<Option<Outcome>, RemoteError> {
        let id = segment(&operation.ticket_remote_id)?;
        let request = match edit {
            Edit::Close { .. } => self.request(Method::POST, &format!("tickets/{id}/close"))?,
            _ => self.request(Method::PATCH, &format!("tickets/{id}"))?,
        };
        let request = request
            .header("Idempotency-Key", &operation.marker)
            .header("If-Match", format!("\"{version}\""))
            .json(&edit.body(ticket));
        let answer = match self.http.send(request).await {
            Err(failure) => return Ok(Some(failure.outcome())),
            Ok(answer) => answer,
        };
        if answer.status == StatusCode::PRECONDITION_FAILED {
            return Ok(None);
        }
        if problem(&answer).is_some_and(|problem| problem.code == "idempotency_key_reused") {
            // The whole list of tags differs from that of an earlier attempt, and the earlier one took effect.
            return Ok(Some(self.landed_or(operation, Code::Refused, "the key of this edit belongs to another request").await));
        }
        Ok(Some(landed(&answer, changed)))
    }

    async fn landed_or(&self, operation: &OutboundOperation, code: Code, why: &str) -> Outcome {
        match self.find_operation(operation).await {
            Ok(ReadBack::Landed(receipt)) => Outcome::Sent(receipt),
            Ok(ReadBack::NotLanded) => Outcome::Rejected { code, detail: format!("{}: {why}", self.http.host()) },
            Err(error) => Outcome::Retry { after_ms: error.retry_after_ms, code: error.code },
        }
    }

    /// Under which name we take tickets, asked only when it decides.
    async fn name_for(&self, edit: &Edit, ticket: &wire::Ticket) -> Result<String, RemoteError> {
        if !edit.asks_who_we_are() || edit.fits(ticket, "") {
            return Ok(String::new());
        }
        Ok(self.read::<wire::Me>("me").await?.display_name)
    }

    pub(super) async fn find_operation(&self, operation: &OutboundOperation) -> Result<ReadBack, RemoteError> {
        if operation.kind.visit().is_some() {
            let landed = |visit| ReadBack::Landed(Receipt { visit: Some(Box::new(visit)), ..Receipt::default() });
            return Ok(self.find_visit(&operation.marker).await?.map_or(ReadBack::NotLanded, landed));
        }
        let request = self.request(Method::GET, &format!("operations/{}", segment(&operation.marker)?))?;
        let answer = self.http.read(request).await?;
        if answer.status == StatusCode::NOT_FOUND {
            let problem: wire::Problem = answer.json()?;
            // A 404 of somebody else, a proxy or another server, says nothing about the operation.
            return match problem.code.as_str() {
                "operation_unknown" => Ok(ReadBack::NotLanded),
                _ => Err(RemoteError::new(Code::AnswerUnexpected, format!("{}: no such route", self.http.host()))),
            };
        }
        let found: wire::Operation = answer.success()?.json()?;
        let is_new = matches!(operation.kind, OperationKind::CreateTicket { .. });
        let ticket_remote_id = is_new.then_some(found.ticket_id);
        Ok(ReadBack::Landed(Receipt { ticket_remote_id, note_remote_id: found.note_id, ..Receipt::default() }))
    }
}

/// The uploads that the operation names, in the order of its files.
///
/// # Errors
/// The name of a file that is not on the server.
fn upload_ids(operation: &OutboundOperation) -> Result<Vec<&String>, &str> {
    let id_of = |file: &'_ FileRef| operation.uploaded.get(&file.sha256);
    operation.kind.files().iter().map(|file| id_of(file).ok_or(file.name.as_str())).collect()
}

fn new_ticket(ticket: &NewTicket, uploads: &[&String]) -> Value {
    json!({
        "subject": ticket.subject,
        "body": ticket.body,
        "priority": ticket.priority.unwrap_or(Priority::Routine).as_str(),
        "product": ticket.product,
        "category": ticket.category,
        "customer_id": (!ticket.customer.is_empty()).then_some(&ticket.customer),
        "requester": ticket.requester,
        "tags": ticket.tags,
        "custom_fields": ticket.custom_fields,
        "upload_ids": uploads,
    })
}

fn created(answer: &Answer) -> Result<Receipt, RemoteError> {
    let ticket: wire::Ticket = answer.json()?;
    Ok(Receipt { ticket_remote_id: Some(ticket.id), ..Receipt::default() })
}

fn noted(answer: &Answer) -> Result<Receipt, RemoteError> {
    let note: wire::NoteId = answer.json()?;
    Ok(Receipt { note_remote_id: Some(note.id), ..Receipt::default() })
}

#[expect(clippy::unnecessary_wraps, reason = "one of several readers of receipts")]
fn changed(_answer: &Answer) -> Result<Receipt, RemoteError> {
    Ok(Receipt::default())
}

/// The outcome of an answer. A 2xx that cannot be read landed all the same, but as what is asked of the read-back.
fn landed(answer: &Answer, receipt: impl FnOnce(&Answer) -> Result<Receipt, RemoteError>) -> Outcome {
    refused(answer).unwrap_or_else(|| match receipt(answer) {
        Ok(receipt) => Outcome::Sent(receipt),
        Err(error) => Outcome::Unknown { code: error.code },
    })
}

fn problem(answer: &Answer) -> Option<wire::Problem> {
    if answer.status.is_success() { None } else { answer.json().ok() }
}

/// The error of an answer, with the hub's own word for it.
pub(super) fn refusal(answer: &Answer) -> RemoteError {
    let error = answer.refusal();
    let Some(problem) = problem(answer) else { return error };
    let code = match problem.code.as_str() {
        "upload_unknown" | "upload_unfinished" => Code::FileMissing,
        "file_too_large" | "body_too_large" => Code::FileTooLarge,
        "already_evaluated" => Code::Refused,
        "upload_hash_wrong" | "upload_damaged" => Code::FileUnreadable,
        _ => error.code,
    };
    RemoteError { code, detail: format!("{}: {}", error.detail, problem.code), ..error }
}

/// As [`Answer::refused_outcome`], with the hub's own words.
fn refused(answer: &Answer) -> Option<Outcome> {
    answer.refused_outcome().map(|outcome| match outcome {
        Outcome::Rejected { .. } => {
            let error = refusal(answer);
            Outcome::Rejected { code: error.code, detail: error.detail }
        }
        other => other,
    })
}

/// A version of this server, which stands in a header.
fn is_version(text: &str) -> bool {
    segment(text).is_ok()
}
