//! What a drawn edit is on a ticket as a person sees it.

use deskbell_domain::sync::op::OperationKind;
use deskbell_domain::ticket::{Priority, Status, Visibility};
use deskbell_engine::edits::Edit;
use deskbell_engine::records::{OperationRecord, TicketRecord};

use crate::sim::server::sorted;
use crate::sim::step::Drawn;

pub(super) struct Shown {
    pub(super) status: Status,
    pub(super) priority: Priority,
    pub(super) assignee: String,
    pub(super) tags: Vec<String>,
}

/// What the field of an edit says on the desk, and what the person wanted it to say before.
pub(super) fn shown_values(record: &TicketRecord, mine: &[OperationRecord], kind: &OperationKind) -> Vec<String> {
    let mirrored = match kind {
        OperationKind::SetPriority { .. } => record.priority.as_str().to_owned(),
        OperationKind::SetAssignee { .. } => record.assignee.clone(),
        OperationKind::SetCustomField { field, .. } => record.custom_fields.get(field).cloned().unwrap_or_default(),
        _ => record.status.as_str().to_owned(),
    };
    let wanted = mine.iter().filter_map(|operation| match (&operation.kind, kind) {
        (OperationKind::SetPriority { to, .. }, OperationKind::SetPriority { .. }) => Some(to.as_str().to_owned()),
        (OperationKind::SetAssignee { to, .. }, OperationKind::SetAssignee { .. }) => Some(to.clone()),
        (OperationKind::SetCustomField { field, to, .. }, OperationKind::SetCustomField { field: same, .. }) => {
            (field == same).then(|| to.clone())
        }
        (OperationKind::SetStatus { to, .. }, _) => Some(to.as_str().to_owned()),
        (OperationKind::Close { .. }, _) => Some(Status::Closed.as_str().to_owned()),
        (OperationKind::Reopen { .. }, _) => Some(Status::Open.as_str().to_owned()),
        _ => None,
    });
    std::iter::once(mirrored).chain(wanted).collect()
}

/// The operation that a drawn edit is on a ticket as shown; `None` when it would change nothing.
pub(super) fn kind_of(edit: Drawn, shown: &Shown, text: &str) -> Option<OperationKind> {
    let from = shown.status;
    Some(match edit {
        Drawn::Reply(visibility) => OperationKind::reply(text, visibility),
        Drawn::SameWords => OperationKind::reply(text, Visibility::Public),
        Drawn::Status(to) if to != from => OperationKind::SetStatus { from, to },
        Drawn::Priority(to) if to != shown.priority => OperationKind::SetPriority { from: shown.priority, to },
        Drawn::Assignee(number) => OperationKind::SetAssignee { from: shown.assignee.clone(), to: format!("agent-{number}") },
        Drawn::AddTag(number) => {
            let added = sorted(shown.tags.iter().cloned().chain([format!("tag-{number}")]).collect());
            (added != shown.tags).then(|| OperationKind::SetTags { from: shown.tags.clone(), to: added })?
        }
        Drawn::DropTag(number) => {
            let gone = format!("tag-{number}");
            let left: Vec<String> = shown.tags.iter().filter(|tag| **tag != gone).cloned().collect();
            (left != shown.tags).then(|| OperationKind::SetTags { from: shown.tags.clone(), to: left })?
        }
        Drawn::CustomField(number) => {
            OperationKind::SetCustomField { field: format!("field-{number}"), from: String::new(), to: text.to_owned() }
        }
        Drawn::Close if from != Status::Closed => OperationKind::Close { from },
        Drawn::Reopen if !from.is_unfinished() => OperationKind::Reopen { from, body: text.to_owned() },
        Drawn::Evaluate(score) => OperationKind::Evaluate { solved: score > 2, score, comment: text.to_owned() },
        _ => return None,
    })
}

/// What a person asks for, without what it starts from.
pub(super) fn wanted(kind: OperationKind) -> Edit {
    match kind {
        OperationKind::Reply { body, visibility, files, seen_notes } => Edit::Reply { body, visibility, files, seen_notes },
        OperationKind::SetStatus { to, .. } => Edit::SetStatus(to),
        OperationKind::SetPriority { to, .. } => Edit::SetPriority(to),
        OperationKind::SetAssignee { to, .. } => Edit::SetAssignee(to),
        OperationKind::SetTags { to, .. } => Edit::SetTags(to),
        OperationKind::SetCustomField { field, to, .. } => Edit::SetCustomField { field, to },
        OperationKind::Close { .. } => Edit::Close,
        OperationKind::Reopen { body, .. } => Edit::Reopen { body },
        OperationKind::Evaluate { solved, score, comment } => Edit::Evaluate { solved, score, comment },
        OperationKind::Attach { file, visibility } => Edit::Attach { file, visibility },
        OperationKind::RequestVisit { visit, request, booking } => Edit::RequestVisit { visit, request, booking },
        OperationKind::ChangeVisit { visit, change, seen } => Edit::ChangeVisit { visit, change, seen },
        OperationKind::CreateTicket { .. } => Edit::Close,
    }
}
