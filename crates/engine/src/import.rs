//! Tickets from a file: one JSON object a line, the form that `demo generate` writes.

use std::collections::BTreeMap;
use std::io::BufRead;

use deskbell_domain::observation::{Fate, Observations, ObservedCustomer, ObservedEvent, ObservedNote, ObservedTicket};
use deskbell_domain::sla::event::TicketEventKind;
use deskbell_domain::ticket::{BodyFormat, Priority, Role, Status, Visibility};
use deskbell_domain::{Code, UtcMs};
use serde::{Deserialize, Serialize};

use crate::error::EngineError;

/// Endpoint recorded for tickets that come from files: nothing is ever pulled or sent.
pub const IMPORT_ENDPOINT: &str = "import:";
/// Tickets written in one transaction.
pub const IMPORT_BATCH_MAX: usize = 2_000;
/// Longest line, in bytes.
pub const IMPORT_LINE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// A line of the file. Fields beyond these are kept as custom fields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportedTicket {
    pub id: String,
    pub subject: String,
    pub status: Status,
    pub priority: Priority,
    #[serde(default)]
    pub product: String,
    #[serde(default)]
    pub customer: String,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub requester: String,
    #[serde(default)]
    pub assignee: String,
    pub created_at: String,
    pub updated_at: String,
    #[serde(default)]
    pub notes: Vec<ImportedNote>,
    #[serde(flatten)]
    pub further: BTreeMap<String, serde_json::Value>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedNote {
    pub at: String,
    #[serde(default)]
    pub author: String,
    pub role: ImportedRole,
    pub body: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportedRole {
    Customer,
    Agent,
    Internal,
}

/// Reads lines and hands them over in batches.
///
/// # Errors
/// `input_invalid` with the line's number; batches before it are kept.
pub fn read_batches(
    source: impl BufRead,
    mut keep: impl FnMut(Observations) -> Result<(), EngineError>,
) -> Result<u64, EngineError> {
    let mut batch = Observations::default();
    let mut tickets: u64 = 0;
    for (index, line) in source.lines().enumerate() {
        let number = index + 1;
        let line = line.map_err(|error| at_line(number, &error.to_string()))?;
        if line.len() > IMPORT_LINE_BYTES_MAX {
            return Err(at_line(number, "the line is longer than 8 MiB"));
        }
        if line.trim().is_empty() {
            continue;
        }
        let ticket: ImportedTicket = serde_json::from_str(&line).map_err(|error| at_line(number, &error.to_string()))?;
        add(&mut batch, ticket).map_err(|error| at_line(number, &error.to_string()))?;
        tickets += 1;
        if batch.tickets.len() >= IMPORT_BATCH_MAX {
            keep(std::mem::take(&mut batch))?;
        }
    }
    if !batch.is_empty() {
        keep(batch)?;
    }
    Ok(tickets)
}

fn at_line(number: usize, detail: &str) -> EngineError {
    EngineError::with_detail(Code::InputInvalid, format!("line {number}: {detail}"))
        .arg("field", "file")
        .arg("line", number.to_string())
}

pub(crate) fn add(batch: &mut Observations, ticket: ImportedTicket) -> Result<(), Box<dyn std::error::Error>> {
    let created_at = UtcMs::parse_rfc3339(&ticket.created_at)?;
    let updated_at = UtcMs::parse_rfc3339(&ticket.updated_at)?;
    batch.events.push(event(&ticket.id, "created", created_at, TicketEventKind::Created));
    for (index, note) in ticket.notes.into_iter().enumerate() {
        let at = UtcMs::parse_rfc3339(&note.at)?;
        let (role, visibility) = match note.role {
            ImportedRole::Customer => (Role::Customer, Visibility::Public),
            ImportedRole::Agent => (Role::Agent, Visibility::Public),
            ImportedRole::Internal => (Role::Agent, Visibility::Internal),
        };
        if visibility == Visibility::Public && index > 0 {
            batch.events.push(event(&ticket.id, &format!("reply-{index}"), at, TicketEventKind::Replied { by: role }));
        }
        batch.notes.push(ObservedNote {
            ticket_remote_id: ticket.id.clone(),
            remote_id: format!("{}/{index}", ticket.id),
            author: note.author,
            role,
            visibility,
            body: note.body,
            format: BodyFormat::Text,
            created_at: at,
            marker: None,
            attachments: Vec::new(),
        });
    }
    if ticket.status != Status::New {
        batch.events.push(event(&ticket.id, "status", updated_at, TicketEventKind::StatusChanged { to: ticket.status }));
    }
    batch.tickets.push(ObservedTicket {
        subject: ticket.subject,
        status: ticket.status,
        status_raw: ticket.status.as_str().to_owned(),
        priority: ticket.priority,
        priority_raw: ticket.priority.as_str().to_owned(),
        product: ticket.product,
        customer: ObservedCustomer { remote_id: ticket.customer.clone(), name: ticket.customer, ..ObservedCustomer::default() },
        requester: ticket.requester,
        assignee: ticket.assignee,
        tags: ticket.tags,
        custom_fields: ticket.further.into_iter().map(|(name, value)| (name, plain(value))).collect(),
        created_at,
        updated_at,
        version: ticket.updated_at,
        fate: Fate::Live,
        evaluation: None,
        remote_id: ticket.id,
    });
    Ok(())
}

fn event(ticket: &str, what: &str, at: UtcMs, kind: TicketEventKind) -> ObservedEvent {
    ObservedEvent {
        ticket_remote_id: ticket.to_owned(),
        remote_id: format!("{ticket}/{what}"),
        at,
        kind,
        uncertainty_ms: 0,
        actor: String::new(),
    }
}

fn plain(value: serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_fields_are_kept_and_a_bad_line_is_named() {
        let good = r#"{"id":"T-1","subject":"续费失败","status":"open","priority":"urgent","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-02T00:00:00Z","region":"cn-hangzhou","notes":[{"at":"2026-01-01T00:00:00Z","author":"周","role":"customer","body":"你好"}]}"#;
        let mut kept = Vec::new();
        let error = read_batches(format!("{good}\n\n{{\"id\":1}}\n").as_bytes(), |batch| {
            kept.push(batch);
            Ok(())
        })
        .unwrap_err();
        assert_eq!(error.args.get("line").map(String::as_str), Some("3"));
        let count = read_batches(good.as_bytes(), |batch| {
            kept.push(batch);
            Ok(())
        });
        assert_eq!(count.unwrap(), 1);
        let ticket = kept.last().and_then(|batch| batch.tickets.first()).unwrap();
        assert_eq!(ticket.custom_fields.get("region").map(String::as_str), Some("cn-hangzhou"));
    }
}
