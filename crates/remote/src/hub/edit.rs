//! One field of a ticket, from what the person saw to what they chose.

use std::collections::BTreeSet;

use deskbell_domain::sync::op::OperationKind;
use deskbell_domain::ticket::Status;
use serde_json::{Value, json};

use super::wire::Ticket;

pub(super) enum Edit {
    Status { from: Status, to: Status },
    Priority { from: &'static str, to: &'static str },
    Assignee { from: String, to: String },
    Tags { added: Vec<String>, removed: BTreeSet<String> },
    CustomField { field: String, from: String, to: String },
    Close { from: Status },
}

impl Edit {
    /// `None` for operations that are no edits of a field.
    pub(super) fn of(kind: &OperationKind) -> Option<Self> {
        Some(match kind {
            OperationKind::SetStatus { from, to } => Self::Status { from: *from, to: *to },
            OperationKind::SetPriority { from, to } => Self::Priority { from: from.as_str(), to: to.as_str() },
            OperationKind::SetAssignee { from, to } => Self::Assignee { from: from.clone(), to: to.clone() },
            OperationKind::SetTags { from, to } => Self::Tags {
                added: to.iter().filter(|tag| !from.contains(tag)).cloned().collect(),
                removed: from.iter().filter(|tag| !to.contains(tag)).cloned().collect(),
            },
            OperationKind::SetCustomField { field, from, to } => {
                Self::CustomField { field: field.clone(), from: from.clone(), to: to.clone() }
            }
            OperationKind::Close { from } => Self::Close { from: *from },
            _ => return None,
        })
    }

    /// True while the field is what the person saw, or already what they want. A reply of ours opens a new ticket and takes
    /// one that nobody has, by itself; what was chosen on the ticket as it was before still stands. Tags always do.
    pub(super) fn fits(&self, ticket: &Ticket, our_name: &str) -> bool {
        match self {
            Self::Status { from, to } => is_status(ticket, *from) || ticket.status == to.as_str(),
            Self::Close { from } => is_status(ticket, *from) || ticket.status == Status::Closed.as_str(),
            Self::Priority { from, to } => ticket.priority == *from || ticket.priority == *to,
            Self::Assignee { from, to } => {
                let taken = from.is_empty() && !our_name.is_empty() && ticket.assignee == our_name;
                ticket.assignee == *from || ticket.assignee == *to || taken
            }
            Self::Tags { .. } => true,
            Self::CustomField { field, from, to } => {
                let now = ticket.custom_fields.get(field).map_or("", String::as_str);
                now == from || now == to
            }
        }
    }

    /// Whether the request says the same whatever the ticket holds, so that it can go without a look at it.
    pub(super) fn is_absolute(&self) -> bool {
        !matches!(self, Self::Tags { .. })
    }

    /// True when what fits depends on who we are.
    pub(super) fn asks_who_we_are(&self) -> bool {
        matches!(self, Self::Assignee { from, .. } if from.is_empty())
    }

    /// What is asked; `ticket` is the one that it is asked against, where the edit needs to know it.
    pub(super) fn body(&self, ticket: Option<&Ticket>) -> Value {
        match self {
            Self::Status { to, .. } => json!({ "status": to.as_str() }),
            Self::Priority { to, .. } => json!({ "priority": to }),
            Self::Assignee { to, .. } => json!({ "assignee": to }),
            Self::Tags { added, removed } => {
                let stands = ticket.map_or(&[] as &[String], |ticket| ticket.tags.as_slice());
                let mut tags: Vec<&String> = stands.iter().filter(|tag| !removed.contains(*tag)).collect();
                tags.extend(added.iter().filter(|tag| !stands.contains(tag)));
                json!({ "tags": tags })
            }
            Self::CustomField { field, to, .. } => json!({ "custom_fields": { field.as_str(): to } }),
            Self::Close { .. } => json!({}),
        }
    }
}

fn is_status(ticket: &Ticket, seen: Status) -> bool {
    let opened = seen == Status::New && ticket.status == Status::Open.as_str();
    ticket.status == seen.as_str() || opened
}
