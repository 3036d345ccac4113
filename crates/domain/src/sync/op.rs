//! One local edit: its content, its state in the outbox, and the answers a server can give.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::Code;
use crate::scheduling::{Visit, VisitBooking, VisitChange, VisitRefusal, VisitRequest, VisitSeen};
use crate::ticket::{Priority, Status, Visibility, text_enum};

/// A row of the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct OperationId(pub i64);

/// Largest file that goes to a server, in bytes: 50 MB.
pub const FILE_BYTES_MAX: u64 = 50 * 1024 * 1024;
/// Most files on one note.
pub const FILES_MAX: usize = 20;

/// A file that goes out with a note. Its bytes lie in the store under their hash.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
pub struct FileRef {
    /// SHA-256 of the bytes, lower-case hexadecimal.
    pub sha256: String,
    /// Name without any path.
    pub name: String,
    pub mime: String,
    /// At most [`FILE_BYTES_MAX`].
    #[ts(type = "number")]
    pub size_bytes: u64,
}

/// A ticket as a person opens it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct NewTicket {
    pub subject: String,
    /// The first message, plain text.
    pub body: String,
    pub priority: Option<Priority>,
    pub product: String,
    /// The provider's id of a category (Workorder) or queue (Request Tracker); empty where it has none.
    pub category: String,
    /// The provider's id of the customer, or empty.
    pub customer: String,
    pub requester: String,
    pub tags: Vec<String>,
    pub custom_fields: std::collections::BTreeMap<String, String>,
    pub files: Vec<FileRef>,
}

/// What the person did. Stored as JSON in the outbox: variants and fields are only ever added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum OperationKind {
    CreateTicket {
        ticket: NewTicket,
    },
    Reply {
        body: String,
        visibility: Visibility,
        #[serde(default)]
        files: Vec<FileRef>,
        /// Public notes of others that the person had seen when writing; `None` where it was not counted.
        #[serde(default)]
        seen_notes: Option<u32>,
    },
    SetStatus {
        from: Status,
        to: Status,
    },
    SetPriority {
        from: Priority,
        to: Priority,
    },
    SetAssignee {
        from: String,
        to: String,
    },
    /// Applied as a difference: what is in `to` only is added, what is in `from` only is removed.
    SetTags {
        from: Vec<String>,
        to: Vec<String>,
    },
    SetCustomField {
        field: String,
        from: String,
        to: String,
    },
    Close {
        from: Status,
    },
    /// Opens a finished ticket again, with the reason as a public reply; the reason may be empty.
    Reopen {
        from: Status,
        body: String,
    },
    /// The customer's verdict. `score` is 1 (worst) to 5 (best).
    Evaluate {
        solved: bool,
        score: u8,
        comment: String,
    },
    /// A file by itself: a note that holds nothing else.
    Attach {
        file: FileRef,
        visibility: Visibility,
    },
    /// Asks for an engineer on site. `visit` is the desk's own name of it ([`crate::scheduling::VisitKey`]).
    RequestVisit {
        visit: String,
        request: Box<VisitRequest>,
        booking: VisitBooking,
    },
    /// Moves, calls off, finishes or words a visit.
    ChangeVisit {
        visit: String,
        change: Box<VisitChange>,
        /// The visit as the person saw it; `None`: the server's version alone decides.
        #[serde(default)]
        seen: Option<VisitSeen>,
    },
}

impl OperationKind {
    /// A reply without files.
    #[must_use]
    pub fn reply(body: impl Into<String>, visibility: Visibility) -> Self {
        Self::Reply { body: body.into(), visibility, files: Vec::new(), seen_notes: None }
    }

    /// Which operation it is, without its content.
    #[must_use]
    pub const fn name(&self) -> OperationName {
        match self {
            Self::CreateTicket { .. } => OperationName::CreateTicket,
            Self::Reply { .. } => OperationName::Reply,
            Self::SetStatus { .. } => OperationName::SetStatus,
            Self::SetPriority { .. } => OperationName::SetPriority,
            Self::SetAssignee { .. } => OperationName::SetAssignee,
            Self::SetTags { .. } => OperationName::SetTags,
            Self::SetCustomField { .. } => OperationName::SetCustomField,
            Self::Close { .. } => OperationName::Close,
            Self::Reopen { .. } => OperationName::Reopen,
            Self::Evaluate { .. } => OperationName::Evaluate,
            Self::Attach { .. } => OperationName::Attach,
            Self::RequestVisit { .. } => OperationName::RequestVisit,
            Self::ChangeVisit { .. } => OperationName::ChangeVisit,
        }
    }

    /// The desk's own name of the visit that it is about.
    #[must_use]
    pub fn visit(&self) -> Option<&str> {
        match self {
            Self::RequestVisit { visit, .. } | Self::ChangeVisit { visit, .. } => Some(visit),
            _ => None,
        }
    }

    /// Files that have to be on the server before, or go along with, the operation.
    #[must_use]
    pub fn files(&self) -> &[FileRef] {
        match self {
            Self::CreateTicket { ticket } => &ticket.files,
            Self::Reply { files, .. } => files,
            Self::Attach { file, .. } => std::slice::from_ref(file),
            _ => &[],
        }
    }
}

/// The operations by name: what a provider says that it can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OperationName {
    CreateTicket,
    Reply,
    SetStatus,
    SetPriority,
    SetAssignee,
    SetTags,
    SetCustomField,
    Close,
    Reopen,
    Evaluate,
    Attach,
    RequestVisit,
    ChangeVisit,
}

text_enum!(OperationName {
    CreateTicket = "create_ticket",
    Reply = "reply",
    SetStatus = "set_status",
    SetPriority = "set_priority",
    SetAssignee = "set_assignee",
    SetTags = "set_tags",
    SetCustomField = "set_custom_field",
    Close = "close",
    Reopen = "reopen",
    Evaluate = "evaluate",
    Attach = "attach",
    RequestVisit = "request_visit",
    ChangeVisit = "change_visit",
});

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
#[derive(Debug, Clone, PartialEq)]
pub struct OutboundOperation {
    /// Unique for ever and unguessable (UUIDv7 text): what a read-back looks for.
    pub marker: String,
    /// Empty for a ticket that is yet to be created.
    pub ticket_remote_id: String,
    pub kind: OperationKind,
    /// Version of the ticket that the person saw.
    pub base_version: String,
    /// When the person did it, for providers whose read-back goes by content and time.
    pub created_at: crate::UtcMs,
    /// Where a file of the operation is on the server already, by its hash: what `upload` answered.
    pub uploaded: std::collections::BTreeMap<String, String>,
    /// Of a ticket to be read back: remote ids of tickets that other operations of ours are known to have opened, so that
    /// of two with the same words each finds its own.
    pub opened_by_others: Vec<String>,
    /// Of a visit's change: the server's id of the visit, and the version that the change was made on; else empty.
    pub visit_remote_id: String,
    pub visit_version: String,
}

/// A field that both sides changed: nothing was sent, and a person chooses. Statuses and priorities by their stable words,
/// tags joined by `", "`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct Conflict {
    /// `status`, `priority`, `assignee`, `tags`, or the name of a custom field.
    pub field: String,
    /// What both sides started from.
    pub base: String,
    pub mine: String,
    pub theirs: String,
}

/// What the server gave back for an operation that landed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Receipt {
    /// Set for a ticket that was created.
    #[serde(default)]
    pub ticket_remote_id: Option<String>,
    /// Set for replies, where the provider names the note it made.
    pub note_remote_id: Option<String>,
    /// What the server left out of something that it took otherwise, one line each: field or file, and the server's words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// The visit that was made or changed, as the server has it now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<Box<Visit>>,
    /// Of a visit's operation that was refused: why, and what is free instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Box<VisitRefusal>>,
}

/// The remote's answer is exactly one of these.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    Sent(Receipt),
    /// A visit's operation that the server said no to; nothing landed. What is free instead goes along.
    VisitRefused(Box<VisitRefusal>),
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
#[derive(Debug, Clone, PartialEq)]
pub enum ReadBack {
    Landed(Receipt),
    NotLanded,
}
