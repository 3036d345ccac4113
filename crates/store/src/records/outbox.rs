//! Edits on their way to a server, and what is being written.

use deskbell_domain::sync::merge::Merge;
use deskbell_domain::sync::op::{Conflict, FileRef, NewTicket, OperationId, OperationKind, OperationState, OutboundOperation};
use deskbell_domain::ticket::{AccountId, TicketId, Visibility};
use deskbell_domain::{Code, UtcMs};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

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
