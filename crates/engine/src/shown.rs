//! A ticket's fields as a person sees them: the mirror, and over it every edit that may still reach the server.

use std::collections::BTreeMap;

use deskbell_domain::sync::op::OperationKind;
use deskbell_domain::ticket::{Priority, Status};
use deskbell_store::records::{OperationRecord, TicketRecord};

use crate::edits::is_unsettled;

/// Status after a ticket is closed, as shown until the server's own is observed.
pub(crate) const CLOSED: Status = Status::Closed;
/// Status after a ticket is opened again.
pub(crate) const REOPENED: Status = Status::Open;

/// Where the next edit of a field starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) status: Status,
    pub(crate) priority: Priority,
    pub(crate) assignee: String,
    pub(crate) tags: Vec<String>,
    pub(crate) custom_fields: BTreeMap<String, String>,
}

impl Shown {
    pub(crate) fn of(ticket: &TicketRecord, pending: &[OperationRecord]) -> Self {
        let mut shown = Self {
            status: ticket.status,
            priority: ticket.priority,
            assignee: ticket.assignee.clone(),
            tags: ticket.tags.clone(),
            custom_fields: ticket.custom_fields.clone(),
        };
        for operation in pending.iter().filter(|operation| is_unsettled(operation.state)) {
            shown.lay(&operation.kind);
        }
        shown
    }

    fn lay(&mut self, kind: &OperationKind) {
        match kind {
            OperationKind::SetStatus { to, .. } => self.status = *to,
            OperationKind::SetPriority { to, .. } => self.priority = *to,
            OperationKind::SetAssignee { to, .. } => self.assignee.clone_from(to),
            OperationKind::SetTags { from, to } => self.tags = with_difference(&self.tags, from, to),
            OperationKind::SetCustomField { field, to, .. } => {
                self.custom_fields.insert(field.clone(), to.clone());
            }
            OperationKind::Close { .. } => self.status = CLOSED,
            OperationKind::Reopen { .. } => self.status = REOPENED,
            OperationKind::CreateTicket { .. }
            | OperationKind::Reply { .. }
            | OperationKind::Evaluate { .. }
            | OperationKind::Attach { .. } => {}
        }
    }
}

/// What `to` has and `from` has not is added, what `from` has and `to` has not is removed; the order is kept.
pub(crate) fn with_difference(shown: &[String], from: &[String], to: &[String]) -> Vec<String> {
    let kept = shown.iter().filter(|tag| !from.contains(tag) || to.contains(tag));
    let added = to.iter().filter(|tag| !from.contains(tag) && !shown.contains(tag));
    kept.chain(added).cloned().collect()
}
