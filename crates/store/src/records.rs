//! What goes into the store and what comes out of it. Instants are UTC milliseconds.

use std::collections::BTreeMap;
use std::path::PathBuf;

use deskbell_domain::sla::event::TicketEvent;
use deskbell_domain::sla::policy::{Metric, Threshold, Traits};
use deskbell_domain::sync::merge::{FieldView, Merge};
use deskbell_domain::sync::op::{Conflict, FileRef, NewTicket, OperationId, OperationKind, OperationState, OutboundOperation};
use deskbell_domain::ticket::{
    AccountId, AccountOptions, BodyFormat, Priority, ProviderKind, Role, Status, TicketId, Visibility,
};
use deskbell_domain::{Code, UtcMs};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use deskbell_domain::observation::Evaluation;

pub use crate::attachment::{AttachmentId, AttachmentRecord, AttachmentState, FetchableAttachment, PreviewKind};
pub use crate::transfer::{UploadRecord, WaitingUpload};

/// What opening found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct OpenReport {
    /// There was no database before.
    pub created: bool,
    /// The damaged file, kept, when one was moved aside.
    pub salvaged_from: Option<PathBuf>,
    /// Unsent operations carried over from it.
    pub salvaged_operations: u32,
    /// Drafts carried over from it.
    pub salvaged_drafts: u32,
}

/// A connection to add. `kind`, `endpoint` and `user` together are unique.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewAccount {
    pub kind: ProviderKind,
    pub name: String,
    pub endpoint: String,
    pub user: String,
    pub demo: bool,
}

/// A connection to a support API and how far its pull is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct AccountRecord {
    pub id: AccountId,
    pub kind: ProviderKind,
    pub name: String,
    pub endpoint: String,
    pub user: String,
    pub demo: bool,
    pub created_at: UtcMs,
    pub cursor: Option<String>,
    /// The pull has caught up once: every ticket and note of the server is here.
    pub pulled_full: bool,
    pub last_synced_at: Option<UtcMs>,
    pub last_error: Option<Code>,
    pub options: AccountOptions,
    /// A person stopped the pull; edits still go out.
    pub pull_paused: bool,
}

/// What a page changed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Applied {
    /// Tickets of which anything is different now, each once, ascending.
    pub changed: Vec<TicketId>,
    pub notes_new: u32,
    /// Notes and events of tickets that the store does not know; they were not kept.
    pub notes_orphaned: u32,
    /// Operations of ours that were not known to have landed, and have.
    pub landed: u32,
}

impl Applied {
    /// Takes in what the next page changed.
    pub(crate) fn add(&mut self, next: Self) {
        self.changed.extend(next.changed);
        self.changed.sort_unstable();
        self.changed.dedup();
        self.notes_new += next.notes_new;
        self.notes_orphaned += next.notes_orphaned;
        self.landed += next.landed;
    }
}

/// A customer with what the desk knows of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, TS)]
#[ts(rename = "Customer")]
pub struct CustomerRecord {
    pub name: String,
    pub vip: bool,
    pub service_manager: String,
    pub deputy: String,
    pub city: String,
    pub languages: Vec<String>,
    #[ts(type = "number")]
    pub ticket_count: u64,
    #[ts(type = "number")]
    pub open_count: u64,
}

/// A ticket as last observed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TicketRecord {
    pub id: TicketId,
    pub account_id: AccountId,
    pub account_name: String,
    pub provider: ProviderKind,
    /// Empty while `local`.
    pub remote_id: String,
    /// Opened here, and not on the server yet.
    pub local: bool,
    pub subject: String,
    pub status: Status,
    pub status_raw: String,
    pub priority: Priority,
    pub priority_raw: String,
    pub product: String,
    pub customer: CustomerRecord,
    pub requester: String,
    pub assignee: String,
    pub tags: Vec<String>,
    pub custom_fields: BTreeMap<String, String>,
    pub created_at: UtcMs,
    pub updated_at: UtcMs,
    pub version: String,
    /// `live`, `deleted` or `merged`.
    pub fate: String,
    /// The survivor's remote id.
    pub merged_into: Option<String>,
    /// The whole conversation is here; otherwise the provider should be asked for the ticket.
    pub notes_complete: bool,
    /// The customer's verdict, where the provider shows it or it was sent from here.
    pub evaluated: Option<Evaluation>,
}

impl TicketRecord {
    /// The fields that operations edit, as observed.
    #[must_use]
    pub fn fields(&self) -> FieldView {
        FieldView {
            status: self.status,
            priority: self.priority,
            assignee: self.assignee.clone(),
            tags: self.tags.clone(),
            custom_fields: self.custom_fields.clone(),
        }
    }
}

impl TicketRecord {
    /// What its policy is matched with, as observed.
    #[must_use]
    pub fn traits(&self) -> Traits {
        Traits {
            account: self.account_id,
            vip: self.customer.vip,
            priority: self.priority,
            customer: self.customer.name.clone(),
            product: self.product.clone(),
            tags: self.tags.clone(),
        }
    }
}

/// One entry of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoteRecord {
    pub id: i64,
    /// Empty for our own reply until the server's copy is observed.
    pub remote_id: String,
    pub author: String,
    pub role: Role,
    pub visibility: Visibility,
    /// As observed, not sanitised.
    pub body: String,
    pub format: BodyFormat,
    pub created_at: UtcMs,
    pub marker: Option<String>,
    pub attachments: Vec<AttachmentRecord>,
}

/// A slice of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TicketPage {
    /// Length of the whole list.
    #[ts(type = "number")]
    pub total: u64,
    /// Changes whenever any list may have changed.
    #[ts(type = "number")]
    pub generation: u64,
    pub rows: Vec<TicketRow>,
}

/// A line of the grid. Status, priority and assignee include what is still waiting in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TicketRow {
    pub id: TicketId,
    pub remote_id: String,
    pub subject: String,
    pub status: Status,
    pub priority: Priority,
    pub customer: String,
    pub vip: bool,
    pub product: String,
    pub account_id: AccountId,
    pub requester: String,
    pub assignee: String,
    pub updated_at: UtcMs,
    /// `author：text`, at most 120 characters.
    pub last_note: String,
    /// Operations queued, on the wire, of unknown fate, or rejected.
    pub pending: u32,
    /// Opened here, and not on the server yet.
    pub local: bool,
    /// The running clock with the least time left, else a paused one.
    pub clock: Option<RowClock>,
}

/// The clock a row shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct RowClock {
    pub metric: Metric,
    pub deadline_at: Option<UtcMs>,
    pub paused: bool,
    pub provisional: bool,
}

/// Counts within a filter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, TS)]
pub struct Facets {
    #[ts(type = "number")]
    pub total: u64,
    #[ts(type = "number")]
    pub unfinished: u64,
    #[ts(type = "number")]
    pub breached: u64,
    #[ts(type = "number")]
    pub vip: u64,
    #[ts(as = "Vec<(Status, u32)>")]
    pub by_status: Vec<(Status, u64)>,
    #[ts(as = "Vec<(Priority, u32)>")]
    pub by_priority: Vec<(Priority, u64)>,
    /// The 30 most frequent, most frequent first.
    #[ts(as = "Vec<(String, u32)>")]
    pub by_product: Vec<(String, u64)>,
    #[ts(as = "Vec<(AccountId, u32)>")]
    pub by_account: Vec<(AccountId, u64)>,
}

/// An edit to queue. `marker` is unique for ever: the same one twice is one operation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NewOperation {
    pub ticket_id: TicketId,
    pub kind: OperationKind,
    pub marker: String,
}

/// An operation to send or to read back, held by the caller until it says how that went.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedOperation {
    pub id: OperationId,
    pub account_id: AccountId,
    pub ticket_id: TicketId,
    /// `Queued`: send it (the attempt is already counted). `Unknown`: read it back.
    pub state_before: OperationState,
    pub attempts: u32,
    /// For `Queued`: this attempt. For `Unknown`: the attempt whose answer was lost.
    pub last_attempt_at: Option<UtcMs>,
    /// For `Queued`: how the edit goes together with the ticket as mirrored now. Only [`Merge::Send`] may be sent, its
    /// content and the mirrored version are in `outbound`; of the others nothing was counted and nothing may leave: say
    /// what becomes of them by `finish_attempt` or `hold`.
    pub merge: Merge,
    pub outbound: OutboundOperation,
}

/// A line of the outbox.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct OperationRecord {
    pub id: OperationId,
    pub ticket_id: TicketId,
    pub ticket_subject: String,
    pub ticket_remote_id: String,
    pub account_id: AccountId,
    pub kind: OperationKind,
    pub state: OperationState,
    pub attempts: u32,
    pub created_at: UtcMs,
    pub not_before: UtcMs,
    pub last_attempt_at: Option<UtcMs>,
    pub code: Option<Code>,
    pub detail: String,
    /// What a read-back looks for, and what a note made by it carries.
    pub marker: String,
    /// Set while it is rejected because the same field was changed on the server too; `theirs` is what the mirror has now.
    pub conflict: Option<Conflict>,
}

/// How much waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, TS)]
pub struct OutboxCounts {
    /// Queued, on the wire, or of unknown fate.
    #[ts(type = "number")]
    pub waiting: u64,
    #[ts(type = "number")]
    pub rejected: u64,
}

/// A reply being written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct DraftRecord {
    pub ticket_id: TicketId,
    pub body: String,
    pub visibility: Visibility,
    /// Files of replies that were taken back.
    pub files: Vec<FileRef>,
    pub updated_at: UtcMs,
}

/// A ticket that was to be opened and was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TicketDraft {
    /// Of the operation that was taken back.
    pub marker: String,
    pub account_id: AccountId,
    pub ticket: NewTicket,
    /// What else was written on it: replies, notes and the draft, in order.
    pub notes: Vec<(String, Visibility)>,
    pub updated_at: UtcMs,
}

/// Which value of a conflict stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    Mine,
    Theirs,
}

/// What a ticket's clocks are computed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClockInput {
    pub ticket_id: TicketId,
    /// What its policy is matched with, as observed.
    pub traits: Traits,
    /// Neither deleted nor merged.
    pub live: bool,
    /// Oldest first.
    pub events: Vec<TicketEvent>,
}

/// A computed clock with the moments at which it rings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClockRow {
    pub metric: Metric,
    pub instance: u32,
    pub started_at: UtcMs,
    pub deadline_at: Option<UtcMs>,
    pub stopped_at: Option<UtcMs>,
    pub paused_since: Option<UtcMs>,
    pub provisional: bool,
    /// Stopped without being met or missed.
    pub cancelled: bool,
    /// The instants behind it are known to within this much, in milliseconds.
    pub uncertainty_ms: u64,
    /// Past and future thresholds of a running clock; empty for a stopped or paused one.
    pub dues: Vec<(Threshold, UtcMs)>,
    /// Of the policy that counts it.
    pub policy_id: String,
}

/// A threshold that was reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "Alert")]
pub struct AlertRecord {
    #[ts(type = "number")]
    pub id: i64,
    pub ticket_id: TicketId,
    pub remote_id: String,
    pub subject: String,
    pub customer: String,
    pub priority: Priority,
    pub metric: Metric,
    pub instance: u32,
    pub threshold: Threshold,
    pub due_at: UtcMs,
    pub deadline_at: UtcMs,
    pub raised_at: UtcMs,
    pub shown_at: Option<UtcMs>,
    pub acknowledged_at: Option<UtcMs>,
    pub snoozed_until: Option<UtcMs>,
    /// Quiet hours or do-not-disturb keep it back until then.
    pub held_until: Option<UtcMs>,
    /// A rule keeps it from ringing: it stands in the list only.
    pub silent: bool,
    /// It rings with sound, as far as its view's rule has a say.
    pub sound: bool,
    /// When it goes to the robots unless somebody acknowledges it.
    pub escalate_at: Option<UtcMs>,
    /// When what it says stopped being so: answered, finished, or the deadline moved.
    pub ended_at: Option<UtcMs>,
}

/// A running clock with a deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "WatchCard")]
pub struct OpenClock {
    pub ticket_id: TicketId,
    pub remote_id: String,
    pub subject: String,
    pub customer: String,
    pub vip: bool,
    pub priority: Priority,
    pub metric: Metric,
    pub instance: u32,
    pub started_at: UtcMs,
    pub deadline_at: UtcMs,
    pub provisional: bool,
    /// The deadline is known to within this much, in milliseconds.
    #[ts(type = "number")]
    pub uncertainty_ms: u64,
    /// Of the policy that counts it.
    pub policy_id: String,
}

/// What a search found, newest updated first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, TS)]
pub struct SearchAnswer {
    #[ts(type = "number")]
    pub total: u64,
    /// False: `total` counts candidates of which not all were checked against their text.
    pub exact: bool,
    pub tickets: Vec<SearchHit>,
}

/// A ticket that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SearchHit {
    pub id: TicketId,
    pub remote_id: String,
    pub subject: String,
    pub status: Status,
    pub priority: Priority,
    pub customer: String,
    pub updated_at: UtcMs,
    /// A piece of the conversation around the first hit; empty when only the head matches.
    pub snippet: Vec<SnippetPart>,
    pub subject_parts: Vec<SnippetPart>,
}

/// A run of text, highlighted or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SnippetPart {
    pub text: String,
    pub hit: bool,
}

/// What the care of the database found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct CheckReport {
    pub ok: bool,
    /// At most 100 lines of SQLite's and SQLCipher's integrity checks.
    pub problems: Vec<String>,
}

/// How much the store holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, TS)]
pub struct StoreStats {
    #[ts(type = "number")]
    pub tickets: u64,
    #[ts(type = "number")]
    pub notes: u64,
    #[ts(type = "number")]
    pub operations: u64,
    /// Size of the database file.
    #[ts(type = "number")]
    pub bytes: u64,
}
