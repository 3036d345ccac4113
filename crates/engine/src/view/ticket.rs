//! One ticket as shown: mirror + pending operations, clocks with their reasons, the line to call.

use std::collections::BTreeSet;

use deskbell_domain::directory::PhoneLine;
use deskbell_domain::sla::calendar::Interval;
use deskbell_domain::sla::clock::{Clock as SlaClock, ClockState, clock_state, explain, share_consumed};
use deskbell_domain::sla::policy::{Metric, Policy, Target, TargetUnit, Threshold};
use deskbell_domain::sync::op::{OperationId, OperationKind, OperationState};
use deskbell_domain::ticket::{AccountId, BodyFormat, Priority, ProviderKind, Role, Status, TicketId, Visibility};
use deskbell_domain::{Code, UtcMs};
use deskbell_store::Store;
use deskbell_store::records::{AttachmentRecord, CustomerRecord, DraftRecord, NoteRecord, OperationRecord, TicketRecord};
use serde::Serialize;
use ts_rs::TS;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::sla_watch::Rules;

/// Open intervals listed in an explanation; the rest are counted.
const EXPLAINED_INTERVALS_MAX: usize = 12;

/// A pending edit beside the value it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct OperationView {
    pub id: OperationId,
    pub state: OperationState,
    pub attempts: u32,
    pub code: Option<Code>,
    pub detail: String,
    pub not_before: UtcMs,
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
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Draft {
    pub body: String,
    pub visibility: Visibility,
    pub updated_at: UtcMs,
}

impl From<DraftRecord> for Draft {
    fn from(record: DraftRecord) -> Self {
        Self { body: record.body, visibility: record.visibility, updated_at: record.updated_at }
    }
}

/// Why a deadline is when it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Explanation {
    pub policy_zh: String,
    pub policy_en: String,
    pub calendar: String,
    pub started_at: UtcMs,
    pub target_minutes: u32,
    pub open: Vec<Interval>,
    #[ts(type = "number")]
    pub open_more: u64,
    pub pauses: Vec<Interval>,
    pub deadline_at: Option<UtcMs>,
    pub provisional: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ClockView {
    pub metric: Metric,
    pub instance: u32,
    pub state: ClockState,
    pub started_at: UtcMs,
    pub deadline_at: Option<UtcMs>,
    pub stopped_at: Option<UtcMs>,
    pub paused_since: Option<UtcMs>,
    /// Zero for a target in business days.
    pub target_minutes: u32,
    pub target_text_days: Option<u32>,
    /// Of the target, in business time; above 1 when late.
    pub share: f64,
    pub provisional: bool,
    pub pauses: Vec<Interval>,
    /// Shares at which the bell rings.
    pub thresholds: Vec<f64>,
    pub why: Option<Explanation>,
}

#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct TicketDetail {
    pub id: TicketId,
    pub remote_id: String,
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
    pub assignee: String,
    pub tags: Vec<String>,
    pub custom_fields: Vec<(String, String)>,
    pub created_at: UtcMs,
    pub updated_at: UtcMs,
    /// `live`, `deleted` or `merged`.
    pub fate: String,
    pub merged_into: Option<String>,
    pub notes: Vec<Note>,
    pub notes_complete: bool,
    pub clocks: Vec<ClockView>,
    pub draft: Option<Draft>,
    pub line: Option<PhoneLine>,
    pub internal_notes: bool,
}

impl Engine {
    /// # Errors
    /// `ticket_unknown`, and the store's.
    pub async fn ticket_detail(&self, id: TicketId) -> Result<TicketDetail, EngineError> {
        let (rules, now, me) = (self.rules(), self.now(), self.settings().display_name);
        let detail = self.read(move |store| read_detail(store, &rules, id, now, &me)).await?;
        let mut detail = detail.ok_or_else(|| EngineError::new(Code::TicketUnknown).arg("id", id.0.to_string()))?;
        if let Ok(api) = self.api(detail.account_id) {
            detail.internal_notes = api.capabilities().internal_notes;
        }
        Ok(detail)
    }
}

fn read_detail(
    store: &Store,
    rules: &Rules,
    id: TicketId,
    now: UtcMs,
    me: &str,
) -> Result<Option<TicketDetail>, deskbell_store::StoreError> {
    let Some(ticket) = store.ticket(id)? else { return Ok(None) };
    let pending = store.pending_operations(id)?;
    let notes = store.notes(id)?;
    let events = store.events(id)?;
    let lines = store.phone_lines()?;
    let draft = store.draft(id)?.map(Draft::from);
    let author = if me.is_empty() { author_of(store, ticket.account_id)? } else { me.to_owned() };
    let clocks = rules.clocks(ticket.customer.vip, ticket.priority, &events);
    let shown_clocks = match rules.for_ticket(ticket.customer.vip, ticket.priority) {
        Some((policy, calendar)) => clocks.iter().map(|clock| show_clock(clock, policy, calendar, now)).collect(),
        None => Vec::new(),
    };
    Ok(Some(overlay(ticket, notes, &pending, &author, shown_clocks, draft, pick_line(lines))))
}

fn author_of(store: &Store, account: AccountId) -> Result<String, deskbell_store::StoreError> {
    Ok(store.accounts()?.into_iter().find(|record| record.id == account).map(|record| record.user).unwrap_or_default())
}

/// Lays pending operations over the mirror. The last edit of a field is the one shown.
fn overlay(
    ticket: TicketRecord,
    notes: Vec<NoteRecord>,
    pending: &[OperationRecord],
    author: &str,
    clocks: Vec<ClockView>,
    draft: Option<Draft>,
    line: Option<(PhoneLine, PhoneLine)>,
) -> TicketDetail {
    let mut status = Field { value: ticket.status, mirror: ticket.status, operation: None };
    let mut priority = Field { value: ticket.priority, mirror: ticket.priority, operation: None };
    let mut shown: Vec<Note> = notes.into_iter().map(show_note).collect();
    // A pull may bring our own reply before its answer or its read-back does: the server has it, so it is not pending.
    let observed: BTreeSet<String> = shown.iter().map(|note| note.key.clone()).collect();
    for operation in pending {
        let view = OperationView::from(operation);
        let counts = operation.state != OperationState::Rejected;
        match &operation.kind {
            OperationKind::Reply { .. } if observed.contains(&operation.marker) => {}
            OperationKind::Reply { body, visibility, .. } => shown.push(pending_note(operation, body, *visibility, author, view)),
            OperationKind::SetStatus { to, .. } => lay_field(&mut status, *to, counts, view),
            OperationKind::SetPriority { to, .. } => lay_field(&mut priority, *to, counts, view),
            _ => {}
        }
    }
    let vip = ticket.customer.vip;
    TicketDetail {
        id: ticket.id,
        remote_id: ticket.remote_id,
        account_id: ticket.account_id,
        account_name: ticket.account_name,
        provider: ticket.provider,
        subject: ticket.subject,
        line: line.map(|(standard, expert)| if vip || priority.value == Priority::Urgent { expert } else { standard }),
        status,
        status_raw: ticket.status_raw,
        priority,
        product: ticket.product,
        customer: ticket.customer,
        requester: ticket.requester,
        assignee: ticket.assignee,
        tags: ticket.tags,
        custom_fields: ticket.custom_fields.into_iter().collect(),
        created_at: ticket.created_at,
        updated_at: ticket.updated_at,
        fate: ticket.fate,
        merged_into: ticket.merged_into,
        notes: shown,
        notes_complete: ticket.notes_complete,
        clocks,
        draft,
        internal_notes: true,
    }
}

/// A rejected edit is shown beside the server's value, not in its place.
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
    }
}

fn pending_note(operation: &OperationRecord, body: &str, visibility: Visibility, author: &str, view: OperationView) -> Note {
    Note {
        key: operation.marker.clone(),
        author: author.to_owned(),
        role: Role::Agent,
        visibility,
        body: body.to_owned(),
        format: BodyFormat::Text,
        created_at: operation.created_at,
        attachments: Vec::new(),
        operation: Some(view),
    }
}

/// Lowest tier for everyday questions, and the technical experts' for what cannot wait.
fn pick_line(mut lines: Vec<PhoneLine>) -> Option<(PhoneLine, PhoneLine)> {
    lines.sort_by_key(|line| line.tier);
    let standard = lines.first()?.clone();
    let expert = lines.iter().find(|line| line.tier == 2).unwrap_or(&standard).clone();
    Some((standard, expert))
}

fn show_clock(clock: &SlaClock, policy: &Policy, calendar: &deskbell_domain::sla::calendar::Calendar, now: UtcMs) -> ClockView {
    let why = explain(clock, policy, calendar, now);
    let target_minutes = target_minutes(clock.target);
    let listed = why.counted.len().min(EXPLAINED_INTERVALS_MAX) as u64;
    ClockView {
        metric: clock.metric,
        instance: clock.instance,
        state: clock_state(clock, now),
        started_at: clock.started_at,
        deadline_at: clock.deadline,
        stopped_at: clock.stopped_at,
        paused_since: clock.paused_since,
        target_minutes,
        target_text_days: (clock.target.unit == TargetUnit::BusinessDay).then_some(clock.target.value),
        share: share_consumed(clock, calendar, clock.stopped_at.unwrap_or(now)),
        provisional: clock.provisional,
        pauses: clock.paused.clone(),
        thresholds: threshold_marks(policy, target_minutes),
        why: Some(Explanation {
            policy_zh: policy.name_zh.clone(),
            policy_en: policy.name_en.clone(),
            calendar: policy.calendar_id.clone(),
            started_at: clock.started_at,
            target_minutes,
            open: why.counted.into_iter().take(EXPLAINED_INTERVALS_MAX).collect(),
            open_more: why.counted_total.saturating_sub(listed),
            pauses: clock.paused.clone(),
            deadline_at: clock.deadline,
            provisional: clock.provisional,
        }),
    }
}

/// Where the bar has marks, ascending; half of a 30-minute target and its last 15 minutes are one mark.
fn threshold_marks(policy: &Policy, target_minutes: u32) -> Vec<f64> {
    let mut marks: Vec<f64> =
        policy.thresholds.iter().filter_map(|threshold| threshold_share(*threshold, target_minutes)).collect();
    marks.sort_by(f64::total_cmp);
    marks.dedup();
    marks
}

/// Zero for business days, which have no fixed length.
fn target_minutes(target: Target) -> u32 {
    match target.unit {
        TargetUnit::Second => target.value / 60,
        TargetUnit::Minute => target.value,
        TargetUnit::Hour => target.value.saturating_mul(60),
        TargetUnit::BusinessDay => 0,
    }
}

fn threshold_share(threshold: Threshold, target_minutes: u32) -> Option<f64> {
    match threshold {
        Threshold::Share { percent } => Some(f64::from(percent) / 100.0),
        Threshold::TimeLeft { seconds } if target_minutes > 0 => {
            let share = 1.0 - f64::from(seconds) / 60.0 / f64::from(target_minutes);
            (share > 0.0).then_some(share)
        }
        Threshold::TimeLeft { .. } => None,
        Threshold::Breach => Some(1.0),
    }
}
