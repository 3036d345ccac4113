//! Laying what waits in the outbox over what was last observed. Pure over store records.

use std::collections::BTreeSet;

use deskbell_domain::UtcMs;
use deskbell_domain::sync::merge::{CLOSED, REOPENED, with_difference};
use deskbell_domain::sync::op::{OperationKind, OperationName, OperationState};
use deskbell_domain::ticket::{BodyFormat, Role, Status, Visibility};
use deskbell_remote::rt;
use deskbell_store::records::{Evaluation, NoteRecord, OperationRecord, TicketRecord};

use crate::kept::AccountCapabilities;
use crate::transfer::view::pending_files;
use crate::view::history::History;
use crate::view::ticket::{Field, Note, OperationView, TicketDetail};

/// A ticket while its pending operations are laid over it, oldest first. The last edit of a field is the one shown.
pub(super) struct Overlay {
    detail: TicketDetail,
    author: String,
    /// Markers of notes that a pull brought: the server has them, so they are not pending.
    observed: BTreeSet<String>,
}

impl Overlay {
    pub(super) fn new(ticket: TicketRecord, notes: Vec<NoteRecord>, author: &str, public_notes: u32) -> Self {
        let notes: Vec<Note> = notes.into_iter().map(show_note).collect();
        let observed = notes.iter().map(|note| note.key.clone()).collect();
        let mut fields = ticket.custom_fields;
        // Shown in places of their own.
        let due_at = fields.remove(rt::DUE_KEY).as_deref().and_then(|text| UtcMs::parse_rfc3339(text).ok());
        let sla_name = fields.remove(rt::SLA_KEY).unwrap_or_default();
        fields.retain(|name, _| !matches!(name.as_str(), rt::QUEUE_KEY | rt::OWNER_KEY));
        let custom_fields = fields.into_iter().map(|(name, value)| (name, still(value))).collect();
        let detail = TicketDetail {
            id: ticket.id,
            local: ticket.local,
            remote_id: ticket.remote_id,
            account_id: ticket.account_id,
            account_name: ticket.account_name,
            provider: ticket.provider,
            subject: ticket.subject,
            status: still(ticket.status),
            status_raw: ticket.status_raw,
            priority: still(ticket.priority),
            product: ticket.product,
            customer: ticket.customer,
            requester: ticket.requester,
            assignee: still(ticket.assignee),
            tags: still(ticket.tags),
            custom_fields,
            due_at,
            sla_name,
            created_at: ticket.created_at,
            updated_at: ticket.updated_at,
            fate: ticket.fate,
            merged_into: ticket.merged_into,
            notes,
            public_notes,
            notes_complete: ticket.notes_complete,
            clocks: Vec::new(),
            history: History::default(),
            left_out: Vec::new(),
            draft: None,
            line: None,
            can: Vec::new(),
            statuses: Vec::new(),
            internal_notes: false,
            evaluated: ticket.evaluated,
        };
        Self { detail, author: author.to_owned(), observed }
    }

    /// A rejected edit is shown beside the server's value, not in its place.
    pub(super) fn lay(&mut self, operation: &OperationRecord, replies_since: u32) {
        let view = OperationView::from(operation);
        let counts = operation.state != OperationState::Rejected;
        let detail = &mut self.detail;
        match &operation.kind {
            OperationKind::CreateTicket { ticket } => {
                self.lay_note(operation, &ticket.body, Visibility::Public, 0);
            }
            OperationKind::Reply { body, visibility, .. } => self.lay_note(operation, body, *visibility, replies_since),
            OperationKind::Attach { visibility, .. } => self.lay_note(operation, "", *visibility, 0),
            OperationKind::SetStatus { to, .. } => lay_field(&mut detail.status, *to, counts, view),
            OperationKind::SetPriority { to, .. } => lay_field(&mut detail.priority, *to, counts, view),
            OperationKind::SetAssignee { to, .. } => lay_field(&mut detail.assignee, to.clone(), counts, view),
            OperationKind::SetTags { from, to } => {
                let shown = with_difference(&detail.tags.value, from, to);
                lay_field(&mut detail.tags, shown, counts, view);
            }
            OperationKind::SetCustomField { field, to, .. } => lay_custom_field(detail, field, to, counts, view),
            OperationKind::Close { .. } => lay_field(&mut detail.status, CLOSED, counts, view),
            OperationKind::Reopen { body, .. } => {
                lay_field(&mut detail.status, REOPENED, counts, view);
                if !body.is_empty() {
                    self.lay_note(operation, body, Visibility::Public, 0);
                }
            }
            OperationKind::Evaluate { solved, score, comment } if counts => {
                detail.evaluated = Some(Evaluation { solved: *solved, score: *score, comment: comment.clone() });
            }
            // Visits are shown by themselves.
            OperationKind::Evaluate { .. } | OperationKind::RequestVisit { .. } | OperationKind::ChangeVisit { .. } => {}
        }
    }

    /// A pull may bring our own reply before its answer or its read-back does.
    fn lay_note(&mut self, operation: &OperationRecord, body: &str, visibility: Visibility, replies_since: u32) {
        if self.observed.contains(&operation.marker) {
            return;
        }
        self.detail.notes.push(Note {
            key: operation.marker.clone(),
            author: self.author.clone(),
            role: Role::Agent,
            visibility,
            body: body.to_owned(),
            format: BodyFormat::Text,
            created_at: operation.created_at,
            attachments: pending_files(operation),
            operation: Some(OperationView::from(operation)),
            replies_since,
        });
    }

    pub(super) fn finish(mut self, offers: AccountCapabilities) -> TicketDetail {
        self.detail.can = can_now(&self.detail, &offers.operations);
        self.detail.statuses = offers.statuses;
        self.detail.internal_notes = offers.internal_notes;
        self.detail
    }
}

/// What the provider offers and the ticket's state allows.
fn can_now(detail: &TicketDetail, offered: &[OperationName]) -> Vec<OperationName> {
    if detail.fate != "live" {
        return Vec::new();
    }
    let unfinished = detail.status.value.is_unfinished();
    let fits = |name: &OperationName| match name {
        OperationName::CreateTicket => false,
        OperationName::Close => detail.status.value != Status::Closed,
        OperationName::Reopen => !unfinished,
        OperationName::Evaluate => !unfinished && detail.evaluated.is_none(),
        _ => true,
    };
    offered.iter().copied().filter(fits).collect()
}

fn lay_custom_field(detail: &mut TicketDetail, name: &str, to: &str, counts: bool, view: OperationView) {
    let known = detail.custom_fields.iter_mut().find(|(known, _)| known == name);
    if let Some((_, field)) = known {
        return lay_field(field, to.to_owned(), counts, view);
    }
    let mut field = still(String::new());
    lay_field(&mut field, to.to_owned(), counts, view);
    detail.custom_fields.push((name.to_owned(), field));
}

fn still<T: Clone>(value: T) -> Field<T> {
    Field { mirror: value.clone(), value, operation: None }
}

fn lay_field<T>(field: &mut Field<T>, to: T, counts: bool, view: OperationView) {
    if counts {
        field.value = to;
    }
    field.operation = Some(view);
}

fn show_note(note: NoteRecord) -> Note {
    Note {
        key: note.marker.filter(|marker| !marker.is_empty()).unwrap_or_else(|| format!("note-{}", note.id)),
        author: note.author,
        role: note.role,
        visibility: note.visibility,
        body: note.body,
        format: note.format,
        created_at: note.created_at,
        attachments: note.attachments,
        operation: None,
        replies_since: 0,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use deskbell_domain::Code;
    use deskbell_domain::sync::op::OperationId;
    use deskbell_domain::ticket::{AccountId, Priority, ProviderKind, TicketId};
    use deskbell_store::records::CustomerRecord;

    use super::*;

    fn ticket() -> TicketRecord {
        TicketRecord {
            id: TicketId(1),
            account_id: AccountId(1),
            account_name: "rt".to_owned(),
            provider: ProviderKind::Rt,
            remote_id: "7".to_owned(),
            local: false,
            subject: "宕机".to_owned(),
            status: Status::Open,
            status_raw: "open".to_owned(),
            priority: Priority::Routine,
            priority_raw: String::new(),
            product: "General".to_owned(),
            customer: CustomerRecord::default(),
            requester: String::new(),
            assignee: String::new(),
            tags: vec!["a".to_owned()],
            custom_fields: BTreeMap::from([
                ("region".to_owned(), "hz".to_owned()),
                (rt::DUE_KEY.to_owned(), "2026-11-21T14:02:00Z".to_owned()),
                (rt::SLA_KEY.to_owned(), "gold".to_owned()),
                (rt::QUEUE_KEY.to_owned(), "General".to_owned()),
            ]),
            created_at: UtcMs(0),
            updated_at: UtcMs(0),
            version: "1".to_owned(),
            fate: "live".to_owned(),
            merged_into: None,
            notes_complete: true,
            evaluated: None,
        }
    }

    fn operation(kind: OperationKind, state: OperationState) -> OperationRecord {
        OperationRecord {
            id: OperationId(1),
            ticket_id: TicketId(1),
            ticket_subject: String::new(),
            ticket_remote_id: "7".to_owned(),
            account_id: AccountId(1),
            kind,
            state,
            attempts: 0,
            created_at: UtcMs(0),
            not_before: UtcMs(0),
            last_attempt_at: None,
            code: (state == OperationState::Rejected).then_some(Code::Forbidden),
            detail: String::new(),
            marker: "m".to_owned(),
            conflict: None,
        }
    }

    fn shown(operations: &[OperationRecord]) -> TicketDetail {
        let mut overlay = Overlay::new(ticket(), Vec::new(), "me", 0);
        operations.iter().for_each(|operation| overlay.lay(operation, 0));
        let operations = OperationName::ALL.to_vec();
        overlay.finish(AccountCapabilities { operations, ..AccountCapabilities::default() })
    }

    #[test]
    fn the_server_s_own_deadline_has_a_place_of_its_own() {
        let detail = shown(&[]);
        assert_eq!((detail.due_at, detail.sla_name.as_str()), (Some(UtcMs(1_795_269_720_000)), "gold"));
        assert_eq!(detail.custom_fields.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["region"]);
    }

    #[test]
    fn a_waiting_edit_is_shown_in_its_place_and_a_refused_one_beside_it() {
        let wish = || OperationKind::SetAssignee { from: String::new(), to: "wang".to_owned() };
        let waiting = shown(&[operation(wish(), OperationState::Queued)]).assignee;
        assert_eq!((waiting.value.as_str(), waiting.mirror.as_str(), waiting.operation.is_some()), ("wang", "", true));
        let refused = shown(&[operation(wish(), OperationState::Rejected)]).assignee;
        assert_eq!((refused.value.as_str(), refused.operation.is_some()), ("", true));
    }

    #[test]
    fn what_can_be_done_follows_the_status_as_shown() {
        let open = shown(&[]).can;
        assert!(open.contains(&OperationName::Close) && !open.contains(&OperationName::Reopen));
        assert!(!open.contains(&OperationName::CreateTicket) && !open.contains(&OperationName::Evaluate));
        let closed = shown(&[operation(OperationKind::Close { from: Status::Open }, OperationState::Queued)]).can;
        assert!(closed.contains(&OperationName::Reopen) && closed.contains(&OperationName::Evaluate));
        assert!(!closed.contains(&OperationName::Close));
    }

    #[test]
    fn a_new_custom_field_and_a_removed_tag_are_laid_over() {
        let field = OperationKind::SetCustomField { field: "rack".to_owned(), from: String::new(), to: "A7".to_owned() };
        let tags = OperationKind::SetTags { from: vec!["a".to_owned()], to: vec!["b".to_owned()] };
        let detail = shown(&[operation(field, OperationState::Queued), operation(tags, OperationState::Queued)]);
        assert_eq!(detail.tags.value, ["b"]);
        assert!(detail.custom_fields.iter().any(|(name, field)| name == "rack" && field.value == "A7"));
    }
}
