//! A new ticket with everything that was filled in.
//!
//! RT makes a ticket also when it takes none of its fields, and says nothing about it. What can be known beforehand is
//! therefore refused beforehand, by name; the rest is read afterwards and set once more.

use deskbell_domain::UtcMs;
use deskbell_domain::error::Code;
use deskbell_domain::sync::op::{NewTicket, OutboundOperation, Outcome, ReadBack, Receipt};
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::conversation::{VALUES_JOINT, body_of};
use super::edit::Change;
use super::fields::{self, Definition};
use super::query::Direction;
use super::query::Markers;
use super::read_back::{CLOCK_SKEW_MS_MAX, PAGES_MAX, has_files, is_plain, is_same_text, is_since};
use super::send::{messages, refused};
use super::shape::{CustomFieldRow, QueueRow, Text, TransactionRow};
use super::upload::Parcel;
use super::{Inner, TAG_FIELDS, TICKET_MARKER_FIELD, words};
use crate::RemoteError;

/// A field to be set on the new ticket.
struct Wanted<'a> {
    name: &'a str,
    shown: String,
}

impl Inner {
    pub(super) async fn create(&self, ticket: &NewTicket, marker: &str) -> Outcome {
        let queue = match self.queue_for(ticket).await {
            Ok(queue) => queue,
            Err(outcome) => return outcome,
        };
        let (fields, wanted) = match self.filled_in(ticket, &queue, marker).await {
            Ok(filled) => filled,
            Err(outcome) => return outcome,
        };
        let parcel = match Parcel::of(&self.files, &ticket.files).await {
            Ok(parcel) => parcel,
            Err(error) => return Outcome::Rejected { code: error.code, detail: error.detail },
        };
        let content = content_of(ticket, &queue, fields);
        let ask = |http: &crate::http::HttpClient| Ok(parcel.put_into(http.request(Method::POST, "REST/2.0/ticket")?, &content));
        let answer = match (self.session.write(ask).await, parcel.trouble()) {
            (Err(_), Some(trouble)) => return Outcome::Unknown { code: trouble.code },
            (Err(failure), None) => return failure.outcome(),
            (Ok(answer), _) => answer,
        };
        if let Some(outcome) = refused(&answer) {
            return outcome;
        }
        #[derive(serde::Deserialize)]
        struct Made {
            id: Text,
        }
        let Some(id) = answer.json::<Made>().ok().and_then(|made| made.id.number()) else {
            tracing::warn!(said = messages(&answer).len(), "A ticket was created and not named.");
            return Outcome::Unknown { code: Code::AnswerUnexpected };
        };
        let left_out = self.put_right(id, ticket, &wanted, &parcel).await;
        if !left_out.is_empty() {
            tracing::warn!(ticket = id, fields = left_out.len(), "A new ticket lacks something that was filled in.");
        }
        Outcome::Sent(Receipt { ticket_remote_id: Some(id.to_string()), left_out, ..Receipt::default() })
    }

    async fn queue_for(&self, ticket: &NewTicket) -> Result<QueueRow, Outcome> {
        if ticket.category.trim().is_empty() {
            let detail = "queue: a ticket of Request Tracker is opened in a queue".to_owned();
            return Err(Outcome::Rejected { code: Code::InputInvalid, detail });
        }
        let refuse = |code, why: &str| Outcome::Rejected { code, detail: format!("queue {}: {why}", ticket.category) };
        match self.queue(ticket.category.trim()).await {
            Ok(queue) if queue.disabled.0 == "1" => Err(refuse(Code::Forbidden, "it is disabled")),
            Ok(queue) if !queue.may_create() => Err(refuse(Code::Forbidden, "no right to open tickets there")),
            Ok(queue) => Ok(queue),
            Err(error) if matches!(error.code, Code::Forbidden | Code::NotFound) => Err(refuse(error.code, "it cannot be seen")),
            Err(error) => Err(Outcome::Retry { after_ms: error.retry_after_ms, code: error.code }),
        }
    }

    /// The values by the ids of their fields, or which field cannot be filled in and why.
    async fn filled_in<'a>(
        &self,
        ticket: &'a NewTicket,
        queue: &'a QueueRow,
        marker: &str,
    ) -> Result<(Map<String, Value>, Vec<Wanted<'a>>), Outcome> {
        let refuse = |code, detail: String| Outcome::Rejected { code, detail };
        let find = |name: &str| queue.ticket_custom_fields.0.iter().find(|field| field.name.0 == name);
        let (mut values, mut wanted) = (Map::new(), Vec::new());
        for (name, text) in ticket.custom_fields.iter().filter(|(_, text)| !text.trim().is_empty()) {
            let field =
                find(name).ok_or_else(|| refuse(Code::InputInvalid, format!("{name}: this queue has no such custom field")))?;
            let definition = match self.definition(field).await {
                Ok(definition) => definition,
                Err(error) => return Err(Outcome::Retry { after_ms: error.retry_after_ms, code: error.code }),
            };
            let value = value_of(field, definition.as_ref(), text).map_err(|detail| refuse(Code::InputInvalid, detail))?;
            values.insert(field.id.0.clone(), value);
            wanted.push(Wanted { name, shown: text.clone() });
        }
        if !ticket.tags.is_empty() {
            let field = TAG_FIELDS.iter().find_map(|name| find(name));
            let field = field
                .ok_or_else(|| refuse(Code::OperationNotOffered, "tags: this queue has no custom field for them".to_owned()))?;
            values.insert(field.id.0.clone(), json!(ticket.tags));
        }
        if let Some(field) = find(TICKET_MARKER_FIELD) {
            values.insert(field.id.0.clone(), json!(marker));
        }
        Ok((values, wanted))
    }

    /// Reads the new ticket and sets again what is not as it was filled in; answers what still is not.
    async fn put_right(&self, id: u64, ticket: &NewTicket, wanted: &[Wanted<'_>], parcel: &Parcel) -> Vec<String> {
        let mut left_out = Vec::new();
        let row = match self.ticket_record(id).await {
            Ok(row) => row,
            Err(error) if matches!(error.code, Code::Forbidden | Code::NotFound) => return left_out,
            Err(error) => return vec![format!("ticket {id} could not be read again: {}", error.code.as_str())],
        };
        let mut changes = Vec::new();
        if let Some(to) = ticket.priority {
            changes.push(Change::Priority { from: words::priority(&row.priority.0), to });
        }
        if !ticket.tags.is_empty() {
            changes.push(Change::Tags { from: Vec::new(), to: ticket.tags.clone() });
        }
        for one in wanted {
            let now = row.custom_fields.0.iter().find(|field| field.name.0 == one.name).map(CustomFieldRow::set_values);
            let from = now.unwrap_or_default().join(VALUES_JOINT);
            changes.push(Change::Field { name: one.name.to_owned(), from, to: one.shown.clone() });
        }
        for change in &changes {
            // One that is there already costs a reading and no write.
            match self.change(id, change).await {
                Outcome::Sent(_) => {}
                Outcome::Rejected { detail, .. } => left_out.push(detail),
                Outcome::VisitRefused(refusal) => left_out.push(refusal.detail),
                Outcome::Retry { code, .. } | Outcome::Unknown { code } => {
                    left_out.push(format!("not proved: {}", code.as_str()))
                }
            }
        }
        if !parcel.is_empty() {
            match self.first_note(id).await {
                Ok(Some(note)) => match self.dropped_files(id, note, parcel).await {
                    Ok(lost) => left_out.extend(lost),
                    Err(error) => left_out.push(format!("files not proved: {}", error.code.as_str())),
                },
                Ok(None) => {}
                Err(error) => left_out.push(format!("files not proved: {}", error.code.as_str())),
            }
        }
        left_out
    }

    async fn first_note(&self, ticket: u64) -> Result<Option<u64>, RemoteError> {
        let sql = format!("ObjectType = 'RT::Ticket' AND ObjectId = {ticket} AND Type = 'Create'");
        let rows = self.transactions(&sql, Direction::Ascending, Markers::Skip, 1).await?;
        Ok(rows.first().and_then(|row| row.id.number()))
    }

    /// By the marker in its custom field; where that tells nothing, by who opened what and when. The transactions are
    /// searched for the latter: they name also tickets that were renamed, merged or deleted since.
    pub(super) async fn find_created(&self, ticket: &NewTicket, operation: &OutboundOperation) -> Result<ReadBack, RemoteError> {
        if is_plain(&operation.marker) {
            let sql = format!("CF.{{{TICKET_MARKER_FIELD}}} = '{}'", operation.marker);
            // A server without the field refuses the question.
            let marked = match self.tickets(&sql, 1).await {
                Ok(page) => page.items,
                Err(error) if error.code == Code::Refused => Vec::new(),
                Err(error) => return Err(error),
            };
            if let Some(row) = marked.iter().find(|row| ticket_marker(&row.custom_fields.0) == Some(operation.marker.as_str())) {
                return Ok(created(&row.id.0));
            }
        }
        let since = self.session.http().since(operation.created_at, CLOCK_SKEW_MS_MAX);
        let floor = UtcMs(since.0.max(0)).to_rfc3339();
        let sql = format!("ObjectType = 'RT::Ticket' AND Type = 'Create' AND Created >= '{floor}'");
        for page in 1..=PAGES_MAX {
            let rows = self.transactions(&sql, Direction::Descending, Markers::Skip, page).await?;
            if rows.is_empty() {
                break;
            }
            let ours: Vec<&TransactionRow> = rows.iter().filter(|row| self.is_ours(row) && is_since(row, since)).collect();
            for row in self.same_content(&ours, ticket).await? {
                if !operation.opened_by_others.contains(&row.object_id.0)
                    && self.may_be(&row.object_id, &operation.marker).await?
                {
                    return Ok(created(&row.object_id.0));
                }
            }
        }
        Ok(ReadBack::NotLanded)
    }

    async fn same_content<'a>(
        &self,
        rows: &[&'a TransactionRow],
        ticket: &NewTicket,
    ) -> Result<Vec<&'a TransactionRow>, RemoteError> {
        let ids: Vec<u64> = rows.iter().filter_map(|row| row.id.number()).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let subjects = self.headed_bodies(&ids).await?;
        let bodies = self.all_bodies(&ids).await?;
        let files = self.all_files(&ids).await?;
        let same = |row: &&&TransactionRow| {
            let Some(id) = row.id.number() else { return false };
            let mut parts = subjects.iter().filter(|part| part.transaction_id.number() == Some(id));
            let titled = parts.any(|part| part.subject.0.trim() == ticket.subject.trim());
            let attached = files.get(&id).map(Vec::as_slice).unwrap_or_default();
            titled && is_same_text(&body_of(&bodies, id).0, &ticket.body) && has_files(attached, &ticket.files)
        };
        Ok(rows.iter().filter(same).copied().collect())
    }

    /// A ticket that carries the marker of another operation is not this one's.
    async fn may_be(&self, id: &Text, marker: &str) -> Result<bool, RemoteError> {
        let Some(id) = id.number() else { return Ok(false) };
        match self.ticket_record(id).await {
            Ok(row) if row.id.number() == Some(id) => Ok(ticket_marker(&row.custom_fields.0).is_none_or(|other| other == marker)),
            Ok(_) => Ok(true),
            Err(error) if matches!(error.code, Code::Forbidden | Code::NotFound) => Ok(true),
            Err(error) => Err(error),
        }
    }
}

fn created(id: &str) -> ReadBack {
    ReadBack::Landed(Receipt { ticket_remote_id: Some(id.to_owned()), ..Receipt::default() })
}

fn ticket_marker(fields: &[CustomFieldRow]) -> Option<&str> {
    let field = fields.iter().find(|field| field.name.0 == TICKET_MARKER_FIELD)?;
    field.set_values().first().copied()
}

fn value_of(field: &CustomFieldRow, definition: Option<&Definition>, text: &str) -> Result<Value, String> {
    if let Some(at) = fields::moment(field, definition, text) {
        return Ok(json!(fields::naive(at)));
    }
    let Some(definition) = definition.filter(|definition| !definition.is_single()) else {
        let text = text.trim();
        return match definition {
            Some(definition) if !definition.takes(text) => Err(no_choice(field, definition, text)),
            _ => Ok(json!(text)),
        };
    };
    let values = fields::split_values(text, &definition.choices());
    match values.iter().find(|value| !definition.takes(value)) {
        Some(value) => Err(no_choice(field, definition, value)),
        None => Ok(json!(values)),
    }
}

fn no_choice(field: &CustomFieldRow, definition: &Definition, value: &str) -> String {
    format!("{}: {value:?} is none of {}", field.name.0, definition.choices().join(VALUES_JOINT))
}

fn content_of(ticket: &NewTicket, queue: &QueueRow, fields: Map<String, Value>) -> Value {
    let mut content = Map::new();
    content.insert("Queue".to_owned(), json!(queue.id.0));
    content.insert("Subject".to_owned(), json!(ticket.subject));
    content.insert("ContentType".to_owned(), json!("text/plain"));
    if !ticket.body.is_empty() {
        content.insert("Content".to_owned(), json!(ticket.body));
    }
    let requestor = [&ticket.requester, &ticket.customer].into_iter().map(|name| name.trim()).find(|name| !name.is_empty());
    if let Some(requestor) = requestor {
        content.insert("Requestor".to_owned(), json!(requestor));
    }
    if let Some(priority) = ticket.priority {
        content.insert("Priority".to_owned(), json!(words::priority_number(priority)));
    }
    if !fields.is_empty() {
        content.insert("CustomFields".to_owned(), Value::Object(fields));
    }
    Value::Object(content)
}
