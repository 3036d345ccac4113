//! Support APIs behind one trait.
//!
//! The only crate that speaks HTTP as a client. Owns: how each provider is asked and how its answers
//! become observations and outcomes. Must not know: the store, the outbox, the UI. Invariants: an
//! answer to a send is exactly one [`Outcome`]; a secret never reaches a log or an error text.

pub mod aliyun;
pub mod connect;
pub mod http;
pub mod hub;
pub mod robots;
pub mod rt;
pub mod visits;

use async_trait::async_trait;
use deskbell_domain::directory::{PhoneLine, ServiceCentre};
use deskbell_domain::error::Code;
use deskbell_domain::observation::{Catalogue, Observations, ObservedAttachment};
use deskbell_domain::scheduling::Visit;
use deskbell_domain::sync::op::{FileRef, OperationName, OutboundOperation, Outcome, ReadBack};
use deskbell_domain::ticket::Status;
use serde::{Deserialize, Serialize};

pub use visits::VisitApi;

/// Why a question to a server has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct RemoteError {
    pub code: Code,
    /// For people who read logs: host, HTTP status, position in the body. No secret, no customer text.
    pub detail: String,
    /// The server's own wish, from Retry-After.
    pub retry_after_ms: Option<u64>,
}

impl RemoteError {
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), retry_after_ms: None }
    }
}

/// How files reach a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Uploads {
    /// The provider takes no files.
    #[default]
    None,
    /// The bytes go along with the note, in one request.
    WithNote,
    /// The bytes go first, by [`SupportApi::upload`]; the note names them.
    Ahead {
        /// An upload that broke off goes on where it was.
        resumable: bool,
    },
}

/// What a provider can do; the engine asks instead of guessing by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Capabilities {
    /// Operations that the provider has; others are refused before they are queued.
    pub operations: &'static [OperationName],
    /// Statuses that can be chosen.
    pub statuses: &'static [Status],
    /// A field edit lands only on the version that it was made on; a stale one is answered `changed_meanwhile`.
    pub conditional_writes: bool,
    pub uploads: Uploads,
    /// Largest file, in bytes.
    pub file_bytes_max: u64,
    /// Wait between looks for changes, in milliseconds; `None` for the engine's own.
    pub poll_ms: Option<u64>,
    /// Incremental pulls follow a feed; a no-change cycle costs one request.
    pub change_feed: bool,
    /// A repeated send with one marker is applied once by the server itself.
    pub idempotent_sends: bool,
    pub internal_notes: bool,
    /// Most requests in flight at once.
    pub connections_max: usize,
}

/// Who we are on the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub user: String,
    pub display_name: String,
    pub server: String,
}

/// How far a pull is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PullProgress {
    /// Tickets (or changes) seen in this pull.
    pub done: u64,
    /// `None` where the server does not say.
    pub total: Option<u64>,
    /// True while the first full pull runs.
    pub full: bool,
}

/// One page and where to go on. Everything in it is applied in one transaction with `next_cursor`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PullPage {
    pub observations: Observations,
    /// Visits that changed, as they are now; of a ticket that is pulled whole all of its.
    pub visits: Vec<Visit>,
    /// Opaque to the engine; starts the next page, in this run or after a restart.
    pub next_cursor: String,
    pub progress: PullProgress,
    /// Nothing more to fetch now.
    pub caught_up: bool,
}

/// Where providers read the bytes of outgoing files.
#[async_trait]
pub trait FileSource: Send + Sync {
    /// At most `bytes_max` bytes from position `from`; empty at the end.
    ///
    /// # Errors
    /// `file_missing`, `file_unreadable`.
    async fn read(&self, sha256: &str, from: u64, bytes_max: usize) -> Result<Vec<u8>, RemoteError>;
}

/// Where providers put the bytes of a file that is fetched, in order.
#[async_trait]
pub trait FileSink: Send + Sync {
    /// # Errors
    /// `file_too_large`, `disk_full`; the transfer ends.
    async fn write(&self, bytes: &[u8]) -> Result<(), RemoteError>;
}

/// Told while a file goes out.
pub trait UploadProgress: Send + Sync {
    /// `resume` lets a later [`SupportApi::upload`] go on from here; empty where the server cannot.
    fn sent(&self, bytes: u64, resume: &str);
}

/// A source without files, for callers that send none.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFiles;

#[async_trait]
impl FileSource for NoFiles {
    async fn read(&self, _sha256: &str, _from: u64, _bytes_max: usize) -> Result<Vec<u8>, RemoteError> {
        Err(RemoteError::new(Code::FileMissing, "there are no files here"))
    }
}

/// A file on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteFile {
    pub ticket_remote_id: String,
    pub note_remote_id: String,
    pub attachment: ObservedAttachment,
}

/// One connection to a support API.
#[async_trait]
pub trait SupportApi: Send + Sync {
    fn capabilities(&self) -> Capabilities;

    /// Proves endpoint and credentials.
    async fn check(&self) -> Result<Identity, RemoteError>;

    /// The page at `cursor`; `None` starts the full pull, newest tickets first. Asking twice with one
    /// cursor is harmless. Feed pages may repeat what was seen before, never skip.
    async fn pull(&self, cursor: Option<&str>) -> Result<PullPage, RemoteError>;

    /// One ticket with its whole conversation and history, for a ticket opened before its notes came.
    async fn ticket(&self, remote_id: &str) -> Result<Observations, RemoteError>;

    /// Sends once. Never retries by itself.
    async fn send(&self, operation: &OutboundOperation) -> Outcome;

    /// Whether an operation whose answer was lost has landed.
    async fn read_back(&self, operation: &OutboundOperation) -> Result<ReadBack, RemoteError>;

    /// Puts a file on the server ahead of the note that carries it, and answers what the note names it by.
    /// `resume` is what an earlier call told its progress.
    async fn upload(&self, file: &FileRef, resume: Option<&str>, progress: &dyn UploadProgress) -> Result<String, RemoteError> {
        let _unused = (file, resume, progress);
        Err(RemoteError::new(Code::OperationNotOffered, "this provider takes no files ahead of a note"))
    }

    /// Fetches a file of a note.
    async fn download(&self, file: &RemoteFile, sink: &dyn FileSink) -> Result<(), RemoteError> {
        let _unused = (file, sink);
        Err(RemoteError::new(Code::OperationNotOffered, "this provider has no files"))
    }

    /// What a new ticket can be filed under.
    async fn catalogue(&self) -> Result<Catalogue, RemoteError> {
        Ok(Catalogue::default())
    }

    /// Those of these tickets that no search finds any more: gone, or out of this account's sight. For providers whose feed
    /// does not tell of a ticket that may no longer be seen; others answer none. Ask about live tickets only, now and then:
    /// one request for every hundred ids.
    async fn vanished(&self, remote_ids: &[String]) -> Result<Vec<String>, RemoteError> {
        let _unused = remote_ids;
        Ok(Vec::new())
    }

    /// Phone lines and service centres, where the provider carries them.
    async fn directory(&self) -> Result<(Vec<PhoneLine>, Vec<ServiceCentre>), RemoteError> {
        Ok((Vec::new(), Vec::new()))
    }

    /// Slots and visits, where the provider has them; else what answers `operation_not_offered`.
    fn visit_api(&self) -> &dyn VisitApi {
        &visits::NO_VISITS
    }
}
