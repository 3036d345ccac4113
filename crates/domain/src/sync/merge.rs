//! Three-way merge of one operation with what the server has: pure, so every row of the table is a test.
//!
//! Base is what the person saw (`from`), local what the person wants (`to`), remote the ticket as observed now. Edits of
//! different fields never meet here: an operation is one field. Tags merge by difference. Replies, files, verdicts and
//! reopenings are added to what is there and never conflict.

use std::collections::BTreeMap;

use crate::sync::op::{Conflict, OperationKind};
use crate::ticket::{Priority, Status};

/// Status after a ticket is closed, until the server's own is observed.
pub const CLOSED: Status = Status::Closed;
/// Status after a ticket is opened again.
pub const REOPENED: Status = Status::Open;

/// The fields of a ticket that operations edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldView {
    pub status: Status,
    pub priority: Priority,
    pub assignee: String,
    pub tags: Vec<String>,
    pub custom_fields: BTreeMap<String, String>,
}

/// What to do with an operation, given what the server has.
#[derive(Debug, Clone, PartialEq)]
pub enum Merge {
    /// Send this: the operation, started from the server's value where that changes nothing of its meaning.
    Send(OperationKind),
    /// The server has it already; nothing is to be sent.
    AlreadySo,
    /// Both sides changed the field: a person chooses.
    Conflict(Conflict),
}

/// Merges an operation with the fields as observed.
#[must_use]
pub fn plan_merge(kind: &OperationKind, remote: &FieldView) -> Merge {
    match kind {
        OperationKind::SetTags { from, to } => {
            let merged = with_difference(&remote.tags, from, to);
            if same_set(&merged, &remote.tags) {
                return Merge::AlreadySo;
            }
            Merge::Send(OperationKind::SetTags { from: remote.tags.clone(), to: merged })
        }
        OperationKind::Reopen { body, .. } if remote.status.is_unfinished() && body.trim().is_empty() => Merge::AlreadySo,
        // Whoever moved it on from open meanwhile did something else with it.
        OperationKind::Reopen { from, body } if !remote.status.is_unfinished() || [*from, REOPENED].contains(&remote.status) => {
            Merge::Send(OperationKind::Reopen { from: remote.status, body: body.clone() })
        }
        _ => match three_values(kind, remote) {
            None => Merge::Send(kind.clone()),
            Some(values) if values.theirs == values.mine => Merge::AlreadySo,
            Some(values) if values.theirs == values.base => Merge::Send(kind.clone()),
            Some(values) => Merge::Conflict(values),
        },
    }
}

/// The field that an operation edits with its three values; `None` for operations that only add something.
#[must_use]
pub fn three_values(kind: &OperationKind, remote: &FieldView) -> Option<Conflict> {
    let values = |field: &str, base: &str, mine: &str, theirs: &str| {
        Some(Conflict { field: field.to_owned(), base: base.to_owned(), mine: mine.to_owned(), theirs: theirs.to_owned() })
    };
    match kind {
        OperationKind::SetStatus { from, to } => values("status", from.as_str(), to.as_str(), remote.status.as_str()),
        OperationKind::Close { from } => values("status", from.as_str(), CLOSED.as_str(), remote.status.as_str()),
        OperationKind::Reopen { from, .. } => values("status", from.as_str(), REOPENED.as_str(), remote.status.as_str()),
        OperationKind::SetPriority { from, to } => values("priority", from.as_str(), to.as_str(), remote.priority.as_str()),
        OperationKind::SetAssignee { from, to } => values("assignee", from, to, &remote.assignee),
        OperationKind::SetTags { from, to } => values("tags", &from.join(", "), &to.join(", "), &remote.tags.join(", ")),
        OperationKind::SetCustomField { field, from, to } => values(field, from, to, remote.custom(field)),
        OperationKind::CreateTicket { .. }
        | OperationKind::Reply { .. }
        | OperationKind::Evaluate { .. }
        | OperationKind::Attach { .. }
        | OperationKind::RequestVisit { .. }
        | OperationKind::ChangeVisit { .. } => None,
    }
}

/// The same wish, started from what the server has: how "keep mine" goes out.
#[must_use]
pub fn started_from(kind: &OperationKind, remote: &FieldView) -> OperationKind {
    match kind.clone() {
        OperationKind::SetStatus { to, .. } => OperationKind::SetStatus { from: remote.status, to },
        OperationKind::Close { .. } => OperationKind::Close { from: remote.status },
        OperationKind::Reopen { body, .. } => OperationKind::Reopen { from: remote.status, body },
        OperationKind::SetPriority { to, .. } => OperationKind::SetPriority { from: remote.priority, to },
        OperationKind::SetAssignee { to, .. } => OperationKind::SetAssignee { from: remote.assignee.clone(), to },
        OperationKind::SetTags { from, to } => {
            OperationKind::SetTags { to: with_difference(&remote.tags, &from, &to), from: remote.tags.clone() }
        }
        OperationKind::SetCustomField { field, to, .. } => {
            OperationKind::SetCustomField { from: remote.custom(&field).to_owned(), field, to }
        }
        other => other,
    }
}

/// The next edit of a field that started from the value of `gone`, which is taken back: now it starts from the value before.
/// `None` when it did not start there.
#[must_use]
pub fn without_predecessor(gone: &OperationKind, next: &OperationKind) -> Option<OperationKind> {
    // A view in which every field has the value that `gone` started from, and one in which it has what `gone` made of it.
    let before = view_before(gone)?;
    let mut after = before.clone();
    after.lay(gone);
    let (gone_is, next_is) = (three_values(gone, &before)?, three_values(next, &after)?);
    let same_field = std::mem::discriminant(gone) == std::mem::discriminant(next) || gone_is.field == "status";
    let custom = |kind: &OperationKind| matches!(kind, OperationKind::SetCustomField { .. });
    let starts_there = gone_is.field == next_is.field && custom(gone) == custom(next) && next_is.base == next_is.theirs;
    (same_field && starts_there).then(|| started_from(next, &before))
}

/// The fields before an edit, as far as the edit tells.
fn view_before(kind: &OperationKind) -> Option<FieldView> {
    let mut view = FieldView {
        status: Status::New,
        priority: Priority::Routine,
        assignee: String::new(),
        tags: Vec::new(),
        custom_fields: BTreeMap::new(),
    };
    match kind {
        OperationKind::SetStatus { from, .. } | OperationKind::Close { from } | OperationKind::Reopen { from, .. } => {
            view.status = *from;
        }
        OperationKind::SetPriority { from, .. } => view.priority = *from,
        OperationKind::SetAssignee { from, .. } => view.assignee.clone_from(from),
        OperationKind::SetTags { from, .. } => view.tags.clone_from(from),
        OperationKind::SetCustomField { field, from, .. } => {
            view.custom_fields.insert(field.clone(), from.clone());
        }
        _ => return None,
    }
    Some(view)
}

impl FieldView {
    /// Empty for a field that the ticket has not got.
    #[must_use]
    pub fn custom(&self, field: &str) -> &str {
        self.custom_fields.get(field).map_or("", String::as_str)
    }

    /// Lays an operation over the fields, as if it had landed.
    pub fn lay(&mut self, kind: &OperationKind) {
        match kind {
            OperationKind::SetStatus { to, .. } => self.status = *to,
            OperationKind::Close { .. } => self.status = CLOSED,
            OperationKind::Reopen { .. } => self.status = REOPENED,
            OperationKind::SetPriority { to, .. } => self.priority = *to,
            OperationKind::SetAssignee { to, .. } => self.assignee.clone_from(to),
            OperationKind::SetTags { from, to } => self.tags = with_difference(&self.tags, from, to),
            OperationKind::SetCustomField { field, to, .. } if to.is_empty() => {
                self.custom_fields.remove(field);
            }
            OperationKind::SetCustomField { field, to, .. } => {
                self.custom_fields.insert(field.clone(), to.clone());
            }
            OperationKind::CreateTicket { .. }
            | OperationKind::Reply { .. }
            | OperationKind::Evaluate { .. }
            | OperationKind::Attach { .. }
            | OperationKind::RequestVisit { .. }
            | OperationKind::ChangeVisit { .. } => {}
        }
    }
}

/// What `to` has and `from` has not is added, what `from` has and `to` has not is removed; the order is kept, nothing is
/// doubled.
#[must_use]
pub fn with_difference(tags: &[String], from: &[String], to: &[String]) -> Vec<String> {
    let mut merged: Vec<String> = Vec::with_capacity(tags.len() + to.len());
    let kept = tags.iter().filter(|tag| !from.contains(tag) || to.contains(tag));
    for tag in kept.chain(to.iter().filter(|tag| !from.contains(tag))) {
        if !merged.contains(tag) {
            merged.push(tag.clone());
        }
    }
    merged
}

fn same_set(a: &[String], b: &[String]) -> bool {
    a.iter().all(|tag| b.contains(tag)) && b.iter().all(|tag| a.contains(tag))
}

#[cfg(test)]
mod tests;
