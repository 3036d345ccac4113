//! What people do to tickets: an operation in the outbox first, the server after.

use deskbell_domain::scheduling::{VisitBooking, VisitChange, VisitKey, VisitRequest, VisitSeen};
use deskbell_domain::sync::merge::FieldView;
use deskbell_domain::sync::op::{FILES_MAX, FileRef, NewTicket, OperationId, OperationKind, OperationName, OperationState};
use deskbell_domain::ticket::{AccountId, Priority, Status, TicketId, Visibility};
use deskbell_domain::time::SECOND_MS;
use deskbell_domain::{Code, UtcMs};
use deskbell_remote::{Capabilities, Uploads};
use deskbell_store::records::{NewOperation, OperationRecord, TicketRecord};
use uuid::{Builder, Uuid};

use crate::engine::Engine;
use crate::error::EngineError;

/// Longest reply, in bytes of UTF-8; what servers commonly take.
pub const REPLY_BYTES_MAX: usize = 1_000_000;
/// Longest single-line value (subject, assignee, tag, custom field), in bytes.
pub const LINE_BYTES_MAX: usize = 1_000;
/// Most tags of a ticket.
pub const TAGS_MAX: usize = 50;

/// What a person wants; what it starts from is looked up when it is queued.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    Reply { body: String, visibility: Visibility, files: Vec<FileRef>, seen_notes: Option<u32> },
    SetStatus(Status),
    SetPriority(Priority),
    SetAssignee(String),
    SetTags(Vec<String>),
    SetCustomField { field: String, to: String },
    Close,
    Reopen { body: String },
    Evaluate { solved: bool, score: u8, comment: String },
    Attach { file: FileRef, visibility: Visibility },
    RequestVisit { visit: VisitKey, request: Box<VisitRequest>, booking: VisitBooking },
    ChangeVisit { visit: VisitKey, change: Box<VisitChange>, seen: Option<VisitSeen> },
}

impl Edit {
    const fn name(&self) -> OperationName {
        match self {
            Self::Reply { .. } => OperationName::Reply,
            Self::SetStatus(_) => OperationName::SetStatus,
            Self::SetPriority(_) => OperationName::SetPriority,
            Self::SetAssignee(_) => OperationName::SetAssignee,
            Self::SetTags(_) => OperationName::SetTags,
            Self::SetCustomField { .. } => OperationName::SetCustomField,
            Self::Close => OperationName::Close,
            Self::Reopen { .. } => OperationName::Reopen,
            Self::Evaluate { .. } => OperationName::Evaluate,
            Self::Attach { .. } => OperationName::Attach,
            Self::RequestVisit { .. } => OperationName::RequestVisit,
            Self::ChangeVisit { .. } => OperationName::ChangeVisit,
        }
    }
}

/// Whether an operation stays a moment before it leaves, so that it can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    /// As the person set it; field edits go at once.
    AsSet,
    /// It may leave at once.
    Never,
}

impl Engine {
    /// Queues an edit. The same marker queues once.
    ///
    /// # Errors
    /// `input_invalid` for content that no server takes (what was typed stays), `file_too_large`, `ticket_unknown`,
    /// `operation_not_offered` when the provider has not got it.
    pub async fn edit(&self, id: TicketId, edit: Edit, marker: Option<&str>, undo: Undo) -> Result<OperationId, EngineError> {
        let new = self.planned(id, edit, marker).await?;
        self.enqueue(new, undo, false).await
    }

    /// As [`Engine::edit`], for what was not written in the ticket's reply box: what is half typed there stays.
    ///
    /// # Errors
    /// As [`Engine::edit`].
    pub async fn edit_beside(
        &self,
        id: TicketId,
        edit: Edit,
        marker: Option<&str>,
        undo: Undo,
    ) -> Result<OperationId, EngineError> {
        let new = self.planned(id, edit, marker).await?;
        let is_reply = matches!(new.kind, OperationKind::Reply { .. });
        self.enqueue(new, undo, is_reply).await
    }

    async fn planned(&self, id: TicketId, edit: Edit, marker: Option<&str>) -> Result<NewOperation, EngineError> {
        let ticket = self.known(id).await?;
        let account = self.account_record(ticket.account_id).await?;
        let offers = self.capabilities(&account);
        let edit = as_offered(edit, &offers);
        check_offered(&edit, &offers)?;
        let pending = self.read(move |store| store.pending_operations(id)).await?;
        let kind = plan_edit(edit, &shown(&ticket, &pending))?;
        Ok(NewOperation { ticket_id: id, kind, marker: self.marker(marker)? })
    }

    /// Whether an edit could be queued.
    ///
    /// # Errors
    /// As [`Engine::edit`].
    pub(crate) async fn check_edit(&self, id: TicketId, edit: &Edit) -> Result<(), EngineError> {
        let ticket = self.known(id).await?;
        let account = self.account_record(ticket.account_id).await?;
        check_offered(edit, &self.capabilities(&account))
    }

    /// Queues a reply or an internal note that leaves at once.
    ///
    /// # Errors
    /// As [`Engine::edit`].
    pub async fn reply(
        &self,
        ticket: TicketId,
        body: &str,
        visibility: Visibility,
        marker: Option<&str>,
    ) -> Result<OperationId, EngineError> {
        let edit = Edit::Reply { body: body.to_owned(), visibility, files: Vec::new(), seen_notes: None };
        self.edit(ticket, edit, marker, Undo::Never).await
    }

    /// # Errors
    /// As [`Engine::edit`].
    pub async fn set_status(&self, ticket: TicketId, to: Status, marker: Option<&str>) -> Result<OperationId, EngineError> {
        self.edit(ticket, Edit::SetStatus(to), marker, Undo::Never).await
    }

    /// # Errors
    /// As [`Engine::edit`].
    pub async fn set_priority(&self, ticket: TicketId, to: Priority, marker: Option<&str>) -> Result<OperationId, EngineError> {
        self.edit(ticket, Edit::SetPriority(to), marker, Undo::Never).await
    }

    /// Opens a ticket: it is there at once, and on the server when its operation has landed. The same marker opens one.
    ///
    /// # Errors
    /// `input_invalid`, `file_too_large`, `account_unknown`, `operation_not_offered`.
    pub async fn create_ticket(
        &self,
        account: AccountId,
        ticket: NewTicket,
        marker: Option<&str>,
        undo: Undo,
    ) -> Result<(TicketId, OperationId), EngineError> {
        let record = self.account_record(account).await?;
        let offers = self.capabilities(&record);
        check_operation(OperationName::CreateTicket, &offers)?;
        check_files(&ticket.files, &offers)?;
        let ticket = plan_ticket(ticket)?;
        let (marker, now) = (self.marker(marker)?, self.now());
        let not_before = self.leaves_at(OperationName::CreateTicket, undo);
        let (ticket, operation) = self.read(move |store| store.create_ticket(account, &ticket, &marker, now, not_before)).await?;
        tracing::info!(operation = operation.0, ticket = ticket.0, "A ticket was opened here.");
        self.sla_wake.notify_one();
        self.after_outbox_change(ticket).await;
        Ok((ticket, operation))
    }

    /// A note on a ticket that is not the reply being written: internal where the provider has that, else a reply.
    /// With the instant from which it may leave.
    pub(crate) async fn plan_note(
        &self,
        id: TicketId,
        body: String,
        marker: Option<&str>,
    ) -> Result<(NewOperation, UtcMs), EngineError> {
        let ticket = self.known(id).await?;
        let offers = self.capabilities(&self.account_record(ticket.account_id).await?);
        let visibility = if offers.internal_notes { Visibility::Internal } else { Visibility::Public };
        let edit = Edit::Reply { body, visibility, files: Vec::new(), seen_notes: None };
        check_offered(&edit, &offers)?;
        let kind = plan_edit(edit, &shown(&ticket, &[]))?;
        let not_before = self.leaves_at(kind.name(), Undo::AsSet);
        Ok((NewOperation { ticket_id: id, kind, marker: self.marker(marker)? }, not_before))
    }

    pub(crate) async fn known(&self, ticket: TicketId) -> Result<TicketRecord, EngineError> {
        let record = self.read(move |store| store.ticket(ticket)).await?;
        record.ok_or_else(|| EngineError::new(Code::TicketUnknown).arg("id", ticket.0.to_string()))
    }

    async fn enqueue(&self, new: NewOperation, undo: Undo, beside: bool) -> Result<OperationId, EngineError> {
        let (ticket_id, now, not_before) = (new.ticket_id, self.now(), self.leaves_at(new.kind.name(), undo));
        let queued = move |store: &deskbell_store::Store| match beside {
            true => store.enqueue_note(&new, now, not_before),
            false => store.enqueue_until(&new, now, not_before),
        };
        let id = self.read(queued).await?;
        tracing::info!(operation = id.0, ticket = ticket_id.0, "An operation was queued.");
        self.after_outbox_change(ticket_id).await;
        Ok(id)
    }

    /// UUIDv7 text: the caller's, or a new one.
    pub(crate) fn marker(&self, given: Option<&str>) -> Result<String, EngineError> {
        let marker = match given {
            Some(text) => Uuid::parse_str(text).map_err(|_| EngineError::new(Code::InputInvalid).arg("field", "marker"))?,
            None => {
                let millis = u64::try_from(self.now().0).unwrap_or_default();
                let bits = u128::from(self.ports.rng.bits()) << 64 | u128::from(self.ports.rng.bits());
                let mut random = [0; 10];
                random.iter_mut().zip(bits.to_le_bytes()).for_each(|(to, from)| *to = from);
                Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
            }
        };
        Ok(marker.to_string())
    }

    /// Field edits go at once; what others read cannot be taken back later, so it stays a moment.
    pub(crate) fn leaves_at(&self, name: OperationName, undo: Undo) -> UtcMs {
        let stays = matches!(
            name,
            OperationName::CreateTicket
                | OperationName::Reply
                | OperationName::Reopen
                | OperationName::Evaluate
                | OperationName::Attach
                | OperationName::RequestVisit
                | OperationName::ChangeVisit
        );
        let wait_s = if stays && undo == Undo::AsSet { i64::from(self.settings().undo_s) } else { 0 };
        self.now().plus_ms(wait_s * SECOND_MS)
    }
}

/// The fields as a person sees them: the mirror, and over it every edit that may still reach the server.
fn shown(ticket: &TicketRecord, pending: &[OperationRecord]) -> FieldView {
    let mut fields = ticket.fields();
    for operation in pending.iter().filter(|operation| is_unsettled(operation.state)) {
        fields.lay(&operation.kind);
    }
    fields
}

/// True while the operation may still reach the server.
#[must_use]
pub fn is_unsettled(state: OperationState) -> bool {
    matches!(state, OperationState::Queued | OperationState::Sending | OperationState::Unknown)
}

/// Where closing and reopening are no operations of their own, they are changes of status.
fn as_offered(edit: Edit, offers: &Capabilities) -> Edit {
    let has = |name: OperationName| offers.operations.contains(&name);
    match edit {
        Edit::Close if !has(OperationName::Close) && has(OperationName::SetStatus) => Edit::SetStatus(
            [Status::Closed, Status::Resolved].into_iter().find(|to| offers.statuses.contains(to)).unwrap_or(Status::Closed),
        ),
        Edit::Reopen { body } if body.is_empty() && !has(OperationName::Reopen) && has(OperationName::SetStatus) => {
            Edit::SetStatus(Status::Open)
        }
        other => other,
    }
}

fn check_operation(name: OperationName, offers: &Capabilities) -> Result<(), EngineError> {
    if offers.operations.contains(&name) {
        return Ok(());
    }
    Err(EngineError::new(Code::OperationNotOffered).arg("operation", name.as_str()))
}

fn check_offered(edit: &Edit, offers: &Capabilities) -> Result<(), EngineError> {
    check_operation(edit.name(), offers)?;
    match edit {
        Edit::SetStatus(to) if !offers.statuses.contains(to) => {
            Err(EngineError::new(Code::OperationNotOffered).arg("operation", to.as_str()))
        }
        Edit::Reply { visibility: Visibility::Internal, .. } | Edit::Attach { visibility: Visibility::Internal, .. }
            if !offers.internal_notes =>
        {
            Err(EngineError::new(Code::OperationNotOffered).arg("operation", "internal_note"))
        }
        Edit::Reply { files, .. } => check_files(files, offers),
        Edit::Attach { file, .. } => check_files(std::slice::from_ref(file), offers),
        _ => Ok(()),
    }
}

fn check_files(files: &[FileRef], offers: &Capabilities) -> Result<(), EngineError> {
    if files.is_empty() {
        return Ok(());
    }
    if offers.uploads == Uploads::None {
        return Err(EngineError::new(Code::OperationNotOffered).arg("operation", OperationName::Attach.as_str()));
    }
    if files.len() > FILES_MAX {
        return Err(EngineError::new(Code::InputInvalid).arg("field", "files").arg("limit", FILES_MAX.to_string()));
    }
    match files.iter().find(|file| file.size_bytes > offers.file_bytes_max) {
        Some(file) => Err(EngineError::new(Code::FileTooLarge)
            .arg("name", file.name.clone())
            .arg("size", file.size_bytes.to_string())
            .arg("limit", offers.file_bytes_max.to_string())),
        None => Ok(()),
    }
}

/// The operation with what it starts from: the ticket as the person saw it.
fn plan_edit(edit: Edit, shown: &FieldView) -> Result<OperationKind, EngineError> {
    Ok(match edit {
        Edit::Reply { body, visibility, files, seen_notes } => {
            if body.trim().is_empty() && files.is_empty() {
                return Err(EngineError::new(Code::InputInvalid).arg("field", "body"));
            }
            OperationKind::Reply { body: text("body", body)?, visibility, files, seen_notes }
        }
        Edit::SetStatus(to) => OperationKind::SetStatus { from: shown.status, to },
        Edit::SetPriority(to) => OperationKind::SetPriority { from: shown.priority, to },
        Edit::SetAssignee(to) => OperationKind::SetAssignee { from: shown.assignee.clone(), to: line("to", &to)? },
        Edit::SetTags(to) => OperationKind::SetTags { from: shown.tags.clone(), to: tags(&to)? },
        Edit::SetCustomField { field, to } => {
            let field = required("field", &field)?;
            let from = shown.custom_fields.get(&field).cloned().unwrap_or_default();
            OperationKind::SetCustomField { field, from, to: text("to", to)? }
        }
        Edit::Close => OperationKind::Close { from: shown.status },
        Edit::Reopen { body } => OperationKind::Reopen { from: shown.status, body: text("body", body)? },
        Edit::Evaluate { score, .. } if !(1..=5).contains(&score) => {
            return Err(EngineError::new(Code::InputInvalid).arg("field", "score"));
        }
        Edit::Evaluate { solved, score, comment } => {
            OperationKind::Evaluate { solved, score, comment: text("comment", comment)? }
        }
        Edit::Attach { file, visibility } => OperationKind::Attach { file, visibility },
        Edit::RequestVisit { visit, request, booking } => OperationKind::RequestVisit { visit, request, booking },
        Edit::ChangeVisit { visit, change, seen } => OperationKind::ChangeVisit { visit, change, seen },
    })
}

fn plan_ticket(ticket: NewTicket) -> Result<NewTicket, EngineError> {
    let mut custom_fields = std::collections::BTreeMap::new();
    for (name, value) in ticket.custom_fields {
        custom_fields.insert(required("custom_fields", &name)?, text("custom_fields", value)?);
    }
    Ok(NewTicket {
        subject: required("subject", &ticket.subject)?,
        body: text("body", ticket.body)?,
        priority: ticket.priority,
        product: line("product", &ticket.product)?,
        category: line("category", &ticket.category)?,
        customer: line("customer", &ticket.customer)?,
        requester: line("requester", &ticket.requester)?,
        tags: tags(&ticket.tags)?,
        custom_fields,
        files: ticket.files,
    })
}

fn text(field: &str, value: String) -> Result<String, EngineError> {
    if value.len() > REPLY_BYTES_MAX {
        return Err(EngineError::new(Code::InputInvalid).arg("field", field).arg("limit", REPLY_BYTES_MAX.to_string()));
    }
    Ok(value)
}

fn line(field: &str, value: &str) -> Result<String, EngineError> {
    let value = value.trim();
    if value.len() > LINE_BYTES_MAX || value.contains(['\n', '\r']) {
        return Err(EngineError::new(Code::InputInvalid).arg("field", field).arg("limit", LINE_BYTES_MAX.to_string()));
    }
    Ok(value.to_owned())
}

fn required(field: &str, value: &str) -> Result<String, EngineError> {
    let value = line(field, value)?;
    if value.is_empty() {
        return Err(EngineError::new(Code::InputInvalid).arg("field", field));
    }
    Ok(value)
}

/// Each once, in the order given.
fn tags(given: &[String]) -> Result<Vec<String>, EngineError> {
    let mut tags: Vec<String> = Vec::new();
    for tag in given {
        let tag = required("tags", tag)?;
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    if tags.len() > TAGS_MAX {
        return Err(EngineError::new(Code::InputInvalid).arg("field", "tags").arg("limit", TAGS_MAX.to_string()));
    }
    Ok(tags)
}
