//! What goes into the store and what comes out of it, by theme. Instants are UTC milliseconds.

mod clock;
mod list;
mod outbox;
mod ticket;

use std::path::PathBuf;

use deskbell_domain::ticket::{AccountId, AccountOptions, ProviderKind, TicketId};
use deskbell_domain::{Code, UtcMs};
use serde::Serialize;
use ts_rs::TS;

pub use deskbell_domain::observation::Evaluation;

pub use crate::attachment::{AttachmentId, AttachmentRecord, AttachmentState, FetchableAttachment, PreviewKind};
pub use crate::transfer::{UploadRecord, WaitingUpload};
pub use clock::{AlertRecord, ClockInput, ClockRow, OpenClock};
pub use list::{Facets, RowClock, SearchAnswer, SearchHit, SnippetPart, TicketPage, TicketRow};
pub use outbox::{ClaimedOperation, DraftRecord, Keep, NewOperation, OperationRecord, OutboxCounts, TicketDraft};
pub use ticket::{CustomerRecord, NoteRecord, TicketRecord};

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
