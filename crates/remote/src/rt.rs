//! Request Tracker 5 over REST 2.0.
//!
//! Owns: what RT is asked, and how its tickets, transactions and refusals become ours. Must not
//! know: the store, the outbox's planning. Invariants: a pull never skips a change that the account
//! may see (pages may repeat); a change of a field counts as sent only after it was read back; a reply
//! carries its marker when the server has the transaction custom field for it, a new ticket when its
//! queue has the ticket custom field.
//!
//! How RT's things become ours, beyond the obvious:
//! - `custom_fields` holds RT's own agreement, due time, queue and owner under [`DUE_KEY`], [`SLA_KEY`],
//!   [`QUEUE_KEY`] and [`OWNER_KEY`]; several values of one field are joined by `", "`. Tags are the ticket
//!   custom field named as in [`TAG_FIELDS`].
//! - Closing makes a ticket *resolved*, RT's word for finished work; choosing the status closed makes it *rejected*.
//! - A deleted or merged ticket is a tombstone. A reply that was queued for a merged one goes to the survivor, as RT itself
//!   does it; one for a deleted ticket is refused, though RT would take it where nobody reads it.
//! - A ticket that moved where we may not see it leaves no trace in the feed: [`RtApi::vanished`] tells, and everything sent
//!   to it is refused as `forbidden`.
//! - Two writers of one field within the same few milliseconds: the later one wins, for RT checks `If-Match` and then acts.
//!
//! Source of the rules: RT 5.0 `RT::REST2` (docs.bestpractical.com/rt/5.0/RT/REST2.html) and trials
//! against RT 5.0.3.

mod catalogue;
mod conversation;
mod create;
mod cursor;
mod download;
mod edit;
mod feed;
mod fields;
mod full;
mod query;
mod read_back;
mod send;
mod session;
mod shape;
mod upload;
mod words;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use deskbell_domain::error::Code;
use deskbell_domain::observation::{Catalogue, Observations};
use deskbell_domain::sync::op::{FILE_BYTES_MAX, OperationName, OutboundOperation, Outcome, ReadBack};
use deskbell_domain::ticket::Status;
use secrecy::SecretString;
use tokio::sync::Mutex;

use crate::http::HttpClient;
use crate::{Capabilities, FileSink, FileSource, Identity, NoFiles, PullPage, RemoteError, RemoteFile, SupportApi, Uploads};
pub use conversation::{DUE_KEY, OWNER_KEY, QUEUE_KEY, SLA_KEY};
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
/// The ticket custom field that carries the marker of a ticket's creation.
pub const TICKET_MARKER_FIELD: &str = "Client Mutation Id";
/// Ticket custom fields (several values, any text) that hold tags; the first that a queue has.
pub const TAG_FIELDS: [&str; 2] = ["Tags", "标签"];
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
    files: Arc<dyn FileSource>,
    queue_names: query::QueueNames,
    definitions: fields::Definitions,
    /// No queue has a field for tags; unknown is no.
    lacks_tags: AtomicBool,
}

const OPERATIONS: &[OperationName] = &[
    OperationName::CreateTicket,
    OperationName::Reply,
    OperationName::SetStatus,
    OperationName::SetPriority,
    OperationName::SetAssignee,
    OperationName::SetCustomField,
    OperationName::Close,
    OperationName::Reopen,
    OperationName::Attach,
];
const OPERATIONS_WITH_TAGS: &[OperationName] = &[
    OperationName::CreateTicket,
    OperationName::Reply,
    OperationName::SetStatus,
    OperationName::SetPriority,
    OperationName::SetAssignee,
    OperationName::SetTags,
    OperationName::SetCustomField,
    OperationName::Close,
    OperationName::Reopen,
    OperationName::Attach,
];

impl RtApi {
    #[must_use]
    pub fn new(http: HttpClient, user: String, secret: SecretString) -> Self {
        Self::with_files(http, user, secret, Arc::new(NoFiles))
    }

    /// With a source for the files that go out.
    #[must_use]
    pub fn with_files(http: HttpClient, user: String, secret: SecretString, files: Arc<dyn FileSource>) -> Self {
        let session = Session::new(http, user, secret);
        let inner = Inner {
            session,
            files,
            queue_names: query::QueueNames::default(),
            definitions: fields::Definitions::default(),
            lacks_tags: AtomicBool::new(false),
        };
        Self { inner: Arc::new(inner), ahead: Mutex::new(None) }
    }
}

#[async_trait]
impl SupportApi for RtApi {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            operations: if self.inner.lacks_tags.load(Ordering::Relaxed) { OPERATIONS } else { OPERATIONS_WITH_TAGS },
            statuses: &[Status::New, Status::Open, Status::WaitingCustomer, Status::Resolved, Status::Closed],
            uploads: Uploads::WithNote,
            file_bytes_max: FILE_BYTES_MAX,
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
        self.inner.dispatch(operation).await
    }

    async fn read_back(&self, operation: &OutboundOperation) -> Result<ReadBack, RemoteError> {
        self.inner.find_operation(operation).await
    }

    async fn download(&self, file: &RemoteFile, sink: &dyn FileSink) -> Result<(), RemoteError> {
        self.inner.fetch_file(file, sink).await
    }

    async fn catalogue(&self) -> Result<Catalogue, RemoteError> {
        self.inner.catalogue().await
    }

    async fn vanished(&self, remote_ids: &[String]) -> Result<Vec<String>, RemoteError> {
        let mut gone = Vec::new();
        let ids: Vec<u64> = remote_ids.iter().map(|id| query::ticket_id(id)).collect::<Result<_, _>>()?;
        for part in ids.chunks(PAGE_ROWS) {
            gone.extend(self.inner.unlisted(part).await?.into_iter().map(|id| id.to_string()));
        }
        Ok(gone)
    }
}
