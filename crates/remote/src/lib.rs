//! Support APIs behind one trait.
//!
//! The only crate that speaks HTTP as a client. Owns: how each provider is asked and how its answers
//! become observations and outcomes. Must not know: the store, the outbox, the UI. Invariants: an
//! answer to a send is exactly one [`Outcome`]; a secret never reaches a log or an error text.

pub mod connect;
pub mod http;
pub mod hub;
pub mod rt;

use async_trait::async_trait;
use deskbell_domain::directory::{PhoneLine, ServiceCentre};
use deskbell_domain::error::Code;
use deskbell_domain::observation::Observations;
use deskbell_domain::sync::op::{OutboundOperation, Outcome, ReadBack};
use serde::{Deserialize, Serialize};

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

/// What a provider can do; the engine asks instead of guessing by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Capabilities {
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
    /// Opaque to the engine; starts the next page, in this run or after a restart.
    pub next_cursor: String,
    pub progress: PullProgress,
    /// Nothing more to fetch now.
    pub caught_up: bool,
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

    /// Phone lines and service centres, where the provider carries them.
    async fn directory(&self) -> Result<(Vec<PhoneLine>, Vec<ServiceCentre>), RemoteError> {
        Ok((Vec::new(), Vec::new()))
    }
}
