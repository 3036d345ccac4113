//! What the engine tells its host, without being asked.

use deskbell_domain::UtcMs;
use deskbell_domain::sync::op::{FileRef, OperationId};
use deskbell_domain::ticket::{AccountId, AccountOptions, TicketId};
use deskbell_store::records::{AlertRecord, AttachmentId};
use serde::Serialize;
use ts_rs::TS;

use crate::error::EngineError;
use crate::kept::AccountCapabilities;
use crate::reminders::ReminderView;
use crate::state::AppState;
use crate::transfer::FileProblem;

/// Most ticket ids named in one event; above it the event says `many`.
pub const EVENT_IDS_MAX: usize = 200;
/// Events kept for a slow listener before it is told that it lagged.
pub const EVENT_QUEUE_MAX: usize = 1_024;

/// One connection as shown in the UI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Account {
    pub id: AccountId,
    pub kind: deskbell_domain::ticket::ProviderKind,
    pub name: String,
    pub endpoint: String,
    pub user: String,
    pub demo: bool,
    #[ts(type = "number")]
    pub ticket_count: u64,
    pub last_synced_at: Option<UtcMs>,
    pub options: AccountOptions,
    pub capabilities: AccountCapabilities,
}

/// What an account's puller is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AccountActivity {
    Idle,
    Syncing,
    /// The person chose to work offline.
    Offline,
    /// The person stopped fetching from this account.
    Paused,
    /// A try failed in a way that may pass; the next one is at `retry_at`.
    Waiting,
    /// It will not work before something is changed (password, endpoint).
    Failed,
}

/// How far a pull is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, TS)]
pub struct Progress {
    #[ts(type = "number")]
    pub done: u64,
    #[ts(type = "number | null")]
    pub total: Option<u64>,
    pub full: bool,
    /// Tickets a second since this pull began.
    pub per_second: f64,
    /// Until the end at this rate; unknown where the server does not say how much there is.
    #[ts(type = "number | null")]
    pub seconds_left: Option<u64>,
}

/// One account's state, with the reason.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct AccountState {
    pub account: Account,
    pub state: AccountActivity,
    /// Fetching is stopped by the person; edits still go out.
    pub paused: bool,
    pub progress: Option<Progress>,
    pub retry_at: Option<UtcMs>,
    pub error: Option<EngineError>,
}

/// The connectivity chip.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct SyncStatus {
    pub online: bool,
    pub work_offline: bool,
    pub accounts: Vec<AccountState>,
    #[ts(type = "number")]
    pub waiting: u64,
    #[ts(type = "number")]
    pub rejected: u64,
    pub last_synced_at: Option<UtcMs>,
}

/// Emitted on one channel.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum DeskEvent {
    TicketsChanged {
        ids: Vec<TicketId>,
        many: bool,
    },
    SyncChanged {
        status: SyncStatus,
    },
    OutboxChanged {
        #[ts(type = "number")]
        waiting: u64,
        #[ts(type = "number")]
        rejected: u64,
    },
    AlertRaised {
        alert: AlertRecord,
    },
    AlertsChanged,
    /// Phone lines or service centres.
    DirectoryChanged,
    /// A robot, or a message on its way to one.
    RobotsChanged,
    /// Contact cards, absences, or who answers for a customer.
    CustomersChanged,
    /// A notification service came, went, or was replaced by another.
    NotifierChanged,
    /// Diagnosis sessions of a ticket.
    DiagnosesChanged {
        ticket: TicketId,
    },
    /// The person's calendar, or one that is read.
    CalendarsChanged,
    OpenTicket {
        id: TicketId,
    },
    /// A visit is to be brought to the front.
    OpenVisit {
        key: String,
    },
    /// A reminder of an appointment rings.
    ReminderRaised {
        reminder: ReminderView,
    },
    RemindersChanged,
    /// How far a file is; `done_bytes` of 0 out of 0 when it was called off or failed.
    TransferChanged {
        ticket: TicketId,
        attachment: Option<AttachmentId>,
        operation: Option<OperationId>,
        #[ts(type = "number")]
        done_bytes: u64,
        #[ts(type = "number")]
        total_bytes: u64,
    },
    /// Files hang over the window, or no longer.
    FilesHover {
        over: bool,
    },
    /// Files were dropped on the window, and are kept.
    FilesDropped {
        files: Vec<FileRef>,
        problems: Vec<FileProblem>,
    },
    /// How far a replay is; `total` is unknown while a file is read.
    ReplayChanged {
        #[ts(type = "number")]
        done: u64,
        #[ts(type = "number | null")]
        total: Option<u64>,
    },
    /// A visit changed: asked for, moved, answered, or worded anew.
    Visits,
    StateChanged {
        state: AppState,
    },
}

impl DeskEvent {
    /// Names the tickets, or says that there are too many to name.
    #[must_use]
    pub fn tickets_changed(ids: Vec<TicketId>) -> Self {
        let many = ids.len() > EVENT_IDS_MAX;
        Self::TicketsChanged { ids: if many { Vec::new() } else { ids }, many }
    }
}
