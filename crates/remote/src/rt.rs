//! Request Tracker 5 over REST 2.0.
//!
//! Owns: what RT is asked, and how its tickets, transactions and refusals become ours. Must not
//! know: the store, the outbox's planning. Invariants: a pull never skips a change that the account
//! may see (pages may repeat); a change of status or priority counts as sent only after it was read
//! back; a reply carries its marker when the server has the transaction custom field for it.
//!
//! Source of the rules: RT 5.0 `RT::REST2` (docs.bestpractical.com/rt/5.0/RT/REST2.html) and trials
//! against RT 5.0.3.

mod conversation;
mod cursor;
mod feed;
mod full;
mod query;
mod read_back;
mod send;
mod session;
mod shape;
mod words;

use std::sync::Arc;

use async_trait::async_trait;
use deskbell_domain::error::Code;
use deskbell_domain::observation::Observations;
use deskbell_domain::sync::op::{OperationKind, OperationName, OutboundOperation, Outcome, ReadBack};
use deskbell_domain::ticket::Status;
use secrecy::SecretString;
use tokio::sync::Mutex;

use crate::http::HttpClient;
use crate::{Capabilities, Identity, PullPage, RemoteError, SupportApi};
use cursor::Cursor;
use session::Session;

/// REST 2.0 is part of RT from here on.
const MAJOR_VERSION_MIN: u32 = 5;
/// RT caps `per_page` here without saying so.
pub const PAGE_ROWS: usize = 100;
/// Pages of tickets whose conversations are fetched ahead of the one being handed out.
pub const PAGES_AHEAD: usize = 4;
/// The transaction custom field that carries a reply's marker.
pub const MARKER_FIELD: &str = "Txn Mutation Id";
/// How far back the feed looks again: a transaction with a lower id may be committed later.
pub const FEED_OVERLAP_IDS: u64 = 50;

/// One account on one RT server.
pub struct RtApi {
    inner: Arc<Inner>,
    ahead: Mutex<Option<full::Ahead>>,
}

/// What the tasks of a pull share.
struct Inner {
    session: Session,
    queue_names: query::QueueNames,
}

impl RtApi {
    #[must_use]
    pub fn new(http: HttpClient, user: String, secret: SecretString) -> Self {
        let session = Session::new(http, user, secret);
        Self { inner: Arc::new(Inner { session, queue_names: query::QueueNames::default() }), ahead: Mutex::new(None) }
    }
}

#[async_trait]
impl SupportApi for RtApi {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            operations: &[OperationName::Reply, OperationName::SetStatus, OperationName::SetPriority],
            statuses: &[Status::New, Status::Open, Status::WaitingCustomer, Status::Resolved, Status::Closed],
            change_feed: true,
            idempotent_sends: false,
            internal_notes: true,
            connections_max: self.inner.session.http().limits().connections_max,
            ..Capabilities::default()
        }
    }

    async fn check(&self) -> Result<Identity, RemoteError> {
        let version = self.inner.version().await?;
        let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
        if major.is_none_or(|major| major < MAJOR_VERSION_MIN) {
            return Err(RemoteError::new(Code::NotSupportedServer, format!("Request Tracker {version}: REST 2.0 comes with 5")));
        }
        let user = self.inner.session.user().to_owned();
        let display_name = self.inner.real_name(&user).await?.unwrap_or_else(|| user.clone());
        Ok(Identity { user, display_name, server: format!("Request Tracker {version}") })
    }

    async fn pull(&self, cursor: Option<&str>) -> Result<PullPage, RemoteError> {
        let cursor = match cursor {
            Some(text) => match Cursor::parse(text) {
                Ok(cursor) => cursor,
                Err(_) => {
                    tracing::warn!("A cursor of another form was kept: pulling everything again.");
                    self.inner.start().await?
                }
            },
            None => self.inner.start().await?,
        };
        match cursor {
            Cursor::Full(start) => full::next_page(&self.inner, &self.ahead, start).await,
            Cursor::Feed(position) => {
                *self.ahead.lock().await = None;
                if let Some(page) = self.inner.feed_page(position).await? {
                    return Ok(page);
                }
                tracing::warn!("The server's feed is behind our position: pulling everything again.");
                match self.inner.start().await? {
                    Cursor::Full(start) => full::next_page(&self.inner, &self.ahead, start).await,
                    Cursor::Feed(_) => Err(RemoteError::new(Code::Internal, "a full pull begins with tickets")),
                }
            }
        }
    }

    async fn ticket(&self, remote_id: &str) -> Result<Observations, RemoteError> {
        self.inner.whole_ticket(query::ticket_id(remote_id)?).await
    }

    async fn send(&self, operation: &OutboundOperation) -> Outcome {
        let id = match query::ticket_id(&operation.ticket_remote_id) {
            Ok(id) => id,
            Err(error) => return Outcome::Rejected { code: error.code, detail: error.detail },
        };
        match &operation.kind {
            OperationKind::Reply { body, visibility, .. } => {
                self.inner.send_reply(id, body, *visibility, &operation.marker).await
            }
            OperationKind::SetStatus { from, to } => self.inner.set_status(id, *from, *to).await,
            OperationKind::SetPriority { from, to } => self.inner.set_priority(id, *from, *to).await,
            other => Outcome::Rejected { code: Code::OperationNotOffered, detail: other.name().as_str().to_owned() },
        }
    }

    async fn read_back(&self, operation: &OutboundOperation) -> Result<ReadBack, RemoteError> {
        self.inner.find_operation(operation).await
    }
}
