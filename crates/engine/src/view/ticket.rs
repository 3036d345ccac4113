//! One ticket as shown: what is read for it, and how it crosses to the window.

use deskbell_domain::directory::PhoneLine;
use deskbell_domain::sync::op::{Conflict, FileRef, OperationId, OperationName, OperationState};
use deskbell_domain::ticket::{AccountId, BodyFormat, Priority, ProviderKind, Role, Status, TicketId, Visibility};
use deskbell_domain::{Code, UtcMs};
use deskbell_store::records::{AccountRecord, AttachmentRecord, CustomerRecord, DraftRecord, Evaluation, OperationRecord};
use deskbell_store::{LeftOut, Store, StoreError};
use serde::Serialize;
use ts_rs::TS;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::kept::AccountCapabilities;
use crate::rules::Rules;
use crate::view::clock::{Beside, ClockView, show_clock};
use crate::view::history::{History, history};
use crate::view::overlay::Overlay;

/// A pending edit beside the value it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct OperationView {
    pub id: OperationId,
    pub state: OperationState,
    pub attempts: u32,
    pub code: Option<Code>,
    pub detail: String,
    /// Earliest next attempt; until then it can be taken back.
    pub not_before: UtcMs,
    pub conflict: Option<Conflict>,
}

impl From<&OperationRecord> for OperationView {
    fn from(record: &OperationRecord) -> Self {
        Self {
            id: record.id,
            state: record.state,
            attempts: record.attempts,
            code: record.code,
            detail: record.detail.clone(),
            not_before: record.not_before,
            conflict: record.conflict.clone(),
        }
    }
}

/// A value as shown, as the server has it, and the edit between the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Field<T> {
    pub value: T,
    pub mirror: T,
    pub operation: Option<OperationView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Note {
    /// Stable across pending → sent, so that the list does not jump.
    pub key: String,
    pub author: String,
    pub role: Role,
    pub visibility: Visibility,
    pub body: String,
    pub format: BodyFormat,
    pub created_at: UtcMs,
    pub attachments: Vec<AttachmentRecord>,
    /// Set while the server does not have it.
    pub operation: Option<OperationView>,
    /// While it is pending: public notes of others that came since it was written.
    pub replies_since: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Draft {
    pub body: String,
    pub visibility: Visibility,
    /// Files that go out with it.
    pub files: Vec<FileRef>,
    pub updated_at: UtcMs,
}

impl From<DraftRecord> for Draft {
    fn from(record: DraftRecord) -> Self {
        Self { body: record.body, visibility: record.visibility, files: record.files, updated_at: record.updated_at }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct TicketDetail {
    pub id: TicketId,
    /// Empty while the server does not have it.
    pub remote_id: String,
    /// Opened here, and not on the server yet.
    pub local: bool,
    pub account_id: AccountId,
    pub account_name: String,
    pub provider: ProviderKind,
    pub subject: String,
    pub status: Field<Status>,
    pub status_raw: String,
    pub priority: Field<Priority>,
    pub product: String,
    pub customer: CustomerRecord,
    pub requester: String,
    pub assignee: Field<String>,
    pub tags: Field<Vec<String>>,
    pub custom_fields: Vec<(String, Field<String>)>,
    /// The server's own deadline, where it has one; ours are in `clocks`.
    pub due_at: Option<UtcMs>,
    /// What the server calls its own service level; empty where it has none.
    pub sla_name: String,
    pub created_at: UtcMs,
    pub updated_at: UtcMs,
    /// `live`, `deleted` or `merged`.
    pub fate: String,
    pub merged_into: Option<String>,
    pub notes: Vec<Note>,
    /// Public notes of others: what a reply says that it has seen.
    pub public_notes: u32,
    pub notes_complete: bool,
    pub clocks: Vec<ClockView>,
    pub history: History,
    /// Edits that were sent and of which the server kept a part only, newest first.
    pub left_out: Vec<LeftOutView>,
    pub draft: Option<Draft>,
    pub line: Option<PhoneLine>,
    /// What can be done to this ticket now.
    pub can: Vec<OperationName>,
    /// Statuses that can be chosen.
    pub statuses: Vec<Status>,
    pub internal_notes: bool,
    pub evaluated: Option<Evaluation>,
}

/// An edit of which the server kept a part only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "LeftOut")]
pub struct LeftOutView {
    pub operation: OperationId,
    pub name: OperationName,
    pub sent_at: UtcMs,
    /// What did not stick, in the provider's words.
    pub detail: String,
}

impl From<LeftOut> for LeftOutView {
    fn from(one: LeftOut) -> Self {
        Self { operation: one.operation, name: one.name, sent_at: one.sent_at, detail: one.detail }
    }
}

/// What a detail is made from beside the store.
struct Question {
    id: TicketId,
    now: UtcMs,
    me: String,
}

impl Engine {
    /// # Errors
    /// `ticket_unknown`, and the store's.
    pub async fn ticket_detail(&self, id: TicketId) -> Result<TicketDetail, EngineError> {
        let record = self.known(id).await?;
        let account = self.account_record(record.account_id).await?;
        let offers = AccountCapabilities::from(self.capabilities(&account));
        let question = Question { id, now: self.now(), me: self.settings().display_name };
        let rules = self.rules();
        let detail = self.read(move |store| read_detail(store, &rules, &question, &account, offers)).await?;
        let mut detail = detail.ok_or_else(|| EngineError::new(Code::TicketUnknown).arg("id", id.0.to_string()))?;
        self.lay_transfers(&mut detail).await?;
        detail.line = self.line_to_call(&record).await?;
        Ok(detail)
    }
}

fn read_detail(
    store: &Store,
    rules: &Rules,
    question: &Question,
    account: &AccountRecord,
    offers: AccountCapabilities,
) -> Result<Option<TicketDetail>, StoreError> {
    let Some(ticket) = store.ticket(question.id)? else { return Ok(None) };
    let traits = ticket.traits();
    let events = store.events(question.id)?;
    let rung = store.rung_thresholds(question.id)?;
    let beside = Beside { now: question.now, traits: &traits, account_name: &account.name, rung: &rung };
    let clocks = rules.clocks(&traits, &events).iter().map(|planned| show_clock(planned, &beside)).collect();
    let notes = store.notes(question.id)?;
    let public_notes = store.public_notes_of_others(question.id)?;
    let author = if question.me.is_empty() { account.user.as_str() } else { question.me.as_str() };
    let mut overlay = Overlay::new(ticket, notes, author, public_notes);
    for operation in store.pending_operations(question.id)? {
        let since = store.new_notes_since(operation.id)?;
        overlay.lay(&operation, since);
    }
    let mut detail = overlay.finish(offers);
    detail.clocks = clocks;
    detail.history = history(&events);
    detail.left_out = store.left_out(question.id)?.into_iter().map(LeftOutView::from).collect();
    detail.draft = store.draft(question.id)?.map(Draft::from);
    Ok(Some(detail))
}
