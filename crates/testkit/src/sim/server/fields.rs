//! The fields that edits set.

use deskbell_domain::sync::op::OperationKind;
use deskbell_domain::ticket::Status;

use super::ServerTicket;

/// Whether the field still is what the person saw, or is what they want; `None` for what is no field edit.
pub(super) fn fits(ticket: &ServerTicket, kind: &OperationKind) -> Option<bool> {
    Some(match kind {
        OperationKind::SetStatus { from, to } => [*from, *to].contains(&ticket.status),
        OperationKind::SetPriority { from, to } => [*from, *to].contains(&ticket.priority),
        OperationKind::SetAssignee { from, to } => [from, to].contains(&&ticket.assignee),
        OperationKind::SetCustomField { field, from, to } => {
            let value = ticket.custom_fields.get(field).cloned().unwrap_or_default();
            [from, to].contains(&&value)
        }
        OperationKind::Close { from } => [*from, Status::Closed].contains(&ticket.status),
        OperationKind::Reopen { from, .. } => [*from, Status::Open].contains(&ticket.status),
        OperationKind::SetTags { .. } => true,
        _ => return None,
    })
}

/// The field that an edit sets, and what stands in it.
pub(super) fn field_of(ticket: &ServerTicket, kind: &OperationKind) -> Option<(String, String)> {
    Some(match kind {
        OperationKind::SetStatus { .. } | OperationKind::Close { .. } | OperationKind::Reopen { .. } => {
            ("status".to_owned(), ticket.status.as_str().to_owned())
        }
        OperationKind::SetPriority { .. } => ("priority".to_owned(), ticket.priority.as_str().to_owned()),
        OperationKind::SetAssignee { .. } => ("assignee".to_owned(), ticket.assignee.clone()),
        OperationKind::SetCustomField { field, .. } => {
            (format!("field {field}"), ticket.custom_fields.get(field).cloned().unwrap_or_default())
        }
        _ => return None,
    })
}

pub(super) fn is_already(ticket: &ServerTicket, kind: &OperationKind) -> bool {
    match kind {
        OperationKind::SetStatus { to, .. } => ticket.status == *to,
        OperationKind::SetPriority { to, .. } => ticket.priority == *to,
        OperationKind::SetAssignee { to, .. } => ticket.assignee == *to,
        OperationKind::SetCustomField { field, to, .. } => ticket.custom_fields.get(field) == Some(to),
        OperationKind::SetTags { from, to } => {
            let added = to.iter().filter(|tag| !from.contains(tag)).all(|tag| ticket.tags.contains(tag));
            added && from.iter().filter(|tag| !to.contains(tag)).all(|tag| !ticket.tags.contains(tag))
        }
        OperationKind::Close { .. } => ticket.status == Status::Closed,
        OperationKind::Reopen { .. } => ticket.status == Status::Open,
        _ => false,
    }
}
