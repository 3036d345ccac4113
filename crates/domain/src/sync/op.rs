//! One local edit: its content, its state in the outbox, and the answers a server can give.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::Code;
use crate::ticket::{Priority, Status, Visibility, text_enum};

/// A row of the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct OperationId(pub i64);

/// What the person did. Stored as JSON in the outbox: variants and fields are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum OperationKind {
    Reply { body: String, visibility: Visibility },
    SetStatus { from: Status, to: Status },
    SetPriority { from: Priority, to: Priority },
}

/// Where an operation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OperationState {
    Queued,
    /// An attempt was counted and may be on the wire; after a restart it is treated as `Unknown`.
    Sending,
    Sent,
    Rejected,
    /// Bytes left and no answer came: it is read back before anything is sent again.
    Unknown,
}

text_enum!(OperationState {
    Queued = "queued",
    Sending = "sending",
    Sent = "sent",
    Rejected = "rejected",
    Unknown = "unknown",
});

/// An operation as handed to a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboundOperation {
    /// Unique for ever and unguessable (UUIDv7 text): what a read-back looks for.
    pub marker: String,
    pub ticket_remote_id: String,
    pub kind: OperationKind,
    /// Version of the ticket that the person saw.
    pub base_version: String,
    /// When the person did it, for providers whose read-back goes by content and time.
    pub created_at: crate::UtcMs,
}

/// What the server gave back for an operation that landed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Receipt {
    /// Set for replies, where the provider names the note it made.
    pub note_remote_id: Option<String>,
}

/// The remote's answer is exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Sent(Receipt),
    /// Nothing landed, and trying later may help.
    Retry {
        after_ms: Option<u64>,
        code: Code,
    },
    /// Nothing landed, and nothing will: the server said no.
    Rejected {
        code: Code,
        detail: String,
    },
    /// The bytes left; whether they landed has to be read back.
    Unknown {
        code: Code,
    },
}

/// What a read-back found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadBack {
    Landed(Receipt),
    NotLanded,
}
