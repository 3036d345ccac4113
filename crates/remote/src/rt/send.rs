//! One operation, sent once.

use deskbell_domain::error::Code;
use deskbell_domain::sync::op::{FileRef, OperationKind, OutboundOperation, Outcome, Receipt};
use deskbell_domain::ticket::Visibility;
use reqwest::Method;
use reqwest::header::LOCATION;
use serde_json::{Value, json};

use super::edit::{Change, deleted, not_read};
use super::query::ticket_id;
use super::upload::Parcel;
use super::{Inner, MARKER_FIELD};
use crate::RemoteError;
use crate::http::Answer;

/// Longest text of RT's that is kept of a refusal.
const DETAIL_CHARS_MAX: usize = 400;

/// Something written on a ticket.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message<'a> {
    pub(super) body: &'a str,
    pub(super) visibility: Visibility,
    pub(super) files: &'a [FileRef],
    /// The ticket is to stand open afterwards.
    pub(super) reopens: bool,
}

impl<'a> Message<'a> {
    /// What an operation writes; `None` for one that writes nothing.
    pub(super) fn of(kind: &'a OperationKind) -> Option<Self> {
        match kind {
            OperationKind::Reply { body, visibility, files, .. } => {
                Some(Self { body, visibility: *visibility, files, reopens: false })
            }
            OperationKind::Reopen { body, .. } if !body.trim().is_empty() => {
                Some(Self { body, visibility: Visibility::Public, files: &[], reopens: true })
            }
            OperationKind::Attach { file, visibility } => {
                Some(Self { body: "", visibility: *visibility, files: std::slice::from_ref(file), reopens: false })
            }
            _ => None,
        }
    }

    pub(super) const fn transaction_kind(&self) -> &'static str {
        match self.visibility {
            Visibility::Public => "Correspond",
            Visibility::Internal => "Comment",
        }
    }

    const fn verb(&self) -> &'static str {
        match self.visibility {
            Visibility::Public => "correspond",
            Visibility::Internal => "comment",
        }
    }

    /// The marker goes along always: a server without the field says so in a line beside "added".
    fn json(&self, marker: &str) -> Value {
        let mut content = json!({ "ContentType": "text/plain", "TxnCustomFields": { MARKER_FIELD: marker } });
        if let Some(fields) = content.as_object_mut() {
            if !self.body.is_empty() {
                fields.insert("Content".to_owned(), json!(truthy(self.body)));
            }
            if self.reopens {
                fields.insert("Status".to_owned(), json!("open"));
            }
        }
        content
    }
}

/// RT's Perl takes "0" for no text at all.
fn truthy(body: &str) -> String {
    if body == "0" { "0\n".to_owned() } else { body.to_owned() }
}

impl Inner {
    pub(super) async fn dispatch(&self, operation: &OutboundOperation) -> Outcome {
        if let OperationKind::CreateTicket { ticket } = &operation.kind {
            return self.create(ticket, &operation.marker).await;
        }
        let id = match ticket_id(&operation.ticket_remote_id) {
            Ok(id) => id,
            Err(error) => return Outcome::Rejected { code: error.code, detail: error.detail },
        };
        if let Some(message) = Message::of(&operation.kind) {
            return self.post(id, message, &operation.marker).await;
        }
        match change_of(&operation.kind) {
            Some(change) => self.change(id, &change).await,
            None => Outcome::Rejected { code: Code::OperationNotOffered, detail: operation.kind.name().as_str().to_owned() },
        }
    }

    async fn post(&self, ticket: u64, message: Message<'_>, marker: &str) -> Outcome {
        // RT files what is written on a merged ticket under the survivor, and takes it on a deleted one without a word.
        let survivor = match self.ticket_record(ticket).await {
            Ok(row) if row.status.0 == "deleted" => return deleted(),
            Ok(row) => row.id.number().unwrap_or(ticket),
            Err(error) => return not_read(error),
        };
        let parcel = match Parcel::of(&self.files, message.files).await {
            Ok(parcel) => parcel,
            Err(error) => return Outcome::Rejected { code: error.code, detail: error.detail },
        };
        let in_parts = !message.files.is_empty() || message.reopens;
        let landed = if in_parts { self.find_marked(marker).await } else { Ok(None) };
        let note = match landed {
            // It was sent before, and a part of it did not stick.
            Ok(Some(note)) => note,
            Ok(None) => match self.write_message(ticket, &message, marker, &parcel).await {
                Ok(note) => note,
                Err(outcome) => return outcome,
            },
            Err(error) => return not_read(error),
        };
        if let Some(refused) = self.what_was_dropped(survivor, note, &parcel).await {
            return refused;
        }
        if message.reopens {
            match self.change(survivor, &Change::Unfinish).await {
                Outcome::Sent(_) => {}
                Outcome::Rejected { code, detail } => {
                    return Outcome::Rejected { code, detail: format!("the reason is on the ticket; {detail}") };
                }
                _ => return Outcome::Unknown { code: Code::AnswerUnexpected },
            }
        }
        Outcome::Sent(Receipt { note_remote_id: Some(note.to_string()), ..Receipt::default() })
    }

    async fn write_message(&self, ticket: u64, message: &Message<'_>, marker: &str, parcel: &Parcel) -> Result<u64, Outcome> {
        let path = format!("REST/2.0/ticket/{ticket}/{}", message.verb());
        let content = message.json(marker);
        let sent = self.session.write(|http| Ok(parcel.put_into(http.request(Method::POST, &path)?, &content))).await;
        let answer = match (sent, parcel.trouble()) {
            (Err(_), Some(trouble)) => return Err(Outcome::Unknown { code: trouble.code }),
            (Err(failure), None) => return Err(failure.outcome()),
            (Ok(answer), _) => answer,
        };
        if let Some(outcome) = refused(&answer) {
            return Err(outcome);
        }
        let location = answer.headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let note = location.and_then(|text| text.rsplit('/').next()).and_then(|id| id.parse::<u64>().ok());
        // 2xx without the transaction it made: something between us and RT answered.
        note.ok_or(Outcome::Unknown { code: Code::AnswerUnexpected })
    }

    /// RT drops or cuts files above its `MaxAttachmentSize` and answers 201 nevertheless.
    pub(super) async fn what_was_dropped(&self, ticket: u64, note: u64, parcel: &Parcel) -> Option<Outcome> {
        if parcel.is_empty() {
            return None;
        }
        match self.dropped_files(ticket, note, parcel).await {
            Ok(lost) if lost.is_empty() => None,
            Ok(lost) => Some(Outcome::Rejected {
                code: Code::FileTooLarge,
                detail: format!("the note is on the ticket, but not as it was sent: {}", lost.join("; ")),
            }),
            // It landed; whether with all its files is read back.
            Err(error) => Some(Outcome::Unknown { code: error.code }),
        }
    }

    pub(super) async fn dropped_files(&self, ticket: u64, note: u64, parcel: &Parcel) -> Result<Vec<String>, RemoteError> {
        let there = self.all_files(&[note]).await?.remove(&note).unwrap_or_default();
        let mut lost = Vec::new();
        for row in self.file_losses(ticket, note).await? {
            let name = row.data.0.as_str();
            if parcel.names().any(|one| one == name) {
                let what = if row.kind.0 == "AttachmentTruncate" { "cut" } else { "dropped" };
                let (size, limit) = (&row.old_value.0, &row.new_value.0);
                lost.push(format!("{name}: Request Tracker {what} it ({size} bytes, its limit is {limit})"));
            }
        }
        for name in parcel.names() {
            let is_known = lost.iter().any(|line: &String| line.starts_with(&format!("{name}: ")));
            if !is_known && !there.iter().any(|row| row.filename.0 == name) {
                lost.push(format!("{name}: Request Tracker did not keep it"));
            }
        }
        Ok(lost)
    }
}

/// The one field that an operation sets; `None` for an operation of another sort.
pub(super) fn change_of(kind: &OperationKind) -> Option<Change> {
    Some(match kind {
        OperationKind::SetStatus { from, to } => Change::Status { from: *from, to: *to },
        OperationKind::SetPriority { from, to } => Change::Priority { from: *from, to: *to },
        OperationKind::SetAssignee { from, to } => Change::Owner { from: from.clone(), to: to.clone() },
        OperationKind::SetTags { from, to } => Change::Tags { from: from.clone(), to: to.clone() },
        OperationKind::SetCustomField { field, from, to } => {
            Change::Field { name: field.clone(), from: from.clone(), to: to.clone() }
        }
        OperationKind::Close { from } => Change::Finish { from: *from },
        OperationKind::Reopen { .. } => Change::Unfinish,
        _ => return None,
    })
}

/// An outcome for anything but 2xx, with RT's own words as the detail.
pub(super) fn refused(answer: &Answer) -> Option<Outcome> {
    let outcome = answer.refused_outcome()?;
    let said = messages(answer);
    Some(match outcome {
        Outcome::Rejected { code, .. } if !said.is_empty() => {
            let code = if code == Code::Refused { refusal_code(&said) } else { code };
            Outcome::Rejected { code, detail: said }
        }
        other => other,
    })
}

/// RT says what it did as English lines in an array, and errors as `{"message": …}`.
pub(super) fn messages(answer: &Answer) -> String {
    let text = match answer.json::<Value>() {
        Ok(Value::Array(lines)) => lines.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; "),
        Ok(Value::Object(fields)) => fields.get("message").and_then(Value::as_str).unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    text.trim().chars().take(DETAIL_CHARS_MAX).collect()
}

pub(super) fn refusal_code(said: &str) -> Code {
    let said = said.to_ascii_lowercase();
    if said.contains("permission denied") || said.contains("no permission") { Code::Forbidden } else { Code::Refused }
}
