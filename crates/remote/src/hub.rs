//! Deskbell's own open support API, version 1.
//!
//! Owns: how a cursor walks the full pull and then the change feed, how an operation becomes one
//! request with its marker as idempotency key, what each answer means. Must not know: the server's
//! code, only its `openapi.json`. Invariant: an operation is sent under one key for ever, so the
//! server applies it once however often it is sent.

mod cursor;
mod directory;
mod edit;
mod files;
mod send;
mod visits;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use deskbell_domain::directory::{PhoneLine, ServiceCentre};
use deskbell_domain::error::Code;
use deskbell_domain::observation::{Catalogue, Observations};
use deskbell_domain::sync::op::{FILE_BYTES_MAX, FileRef, OperationName, OutboundOperation, Outcome, ReadBack};
use deskbell_domain::ticket::Status;
use reqwest::{Method, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

use crate::http::HttpClient;
use crate::{
    Capabilities, FileSink, FileSource, Identity, NoFiles, PullPage, PullProgress, RemoteError, RemoteFile, SupportApi,
    UploadProgress, Uploads, VisitApi,
};
use cursor::Cursor;
pub use visits::VISIT_PAGE;

/// Tickets on a page of the full pull, each with its conversation and history.
pub const TICKET_PAGE: u32 = 100;
/// Changes on a page of the feed.
pub const CHANGE_PAGE: u32 = 200;
/// How often a field edit is tried again when notes arrive between reading and writing.
pub const EDIT_ATTEMPTS_MAX: usize = 3;

/// The client of one account.
#[derive(Clone)]
pub struct HubApi {
    http: HttpClient,
    user: String,
    secret: SecretString,
    files: Arc<dyn FileSource>,
    poll_s: Option<u32>,
}

impl HubApi {
    /// `secret` is the bearer token; `user` is shown where the server names nobody.
    #[must_use]
    pub fn new(http: HttpClient, user: String, secret: SecretString) -> Self {
        Self { http, user, secret, files: Arc::new(NoFiles), poll_s: None }
    }

    /// Where outgoing files are read.
    #[must_use]
    pub fn with_files(mut self, files: Arc<dyn FileSource>) -> Self {
        self.files = files;
        self
    }

    /// Seconds between looks at the feed; `None` leaves it to the engine.
    #[must_use]
    pub fn with_poll(mut self, poll_s: Option<u32>) -> Self {
        self.poll_s = poll_s;
        self
    }

    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, RemoteError> {
        Ok(self.http.request(method, &format!("api/v1/{path}"))?.bearer_auth(self.secret.expose_secret()))
    }

    async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, RemoteError> {
        self.http.read(self.request(Method::GET, path)?).await?.success()?.json()
    }

    async fn pull_full(&self, cursor: Option<Cursor>) -> Result<PullPage, RemoteError> {
        let (before, done, known_head) = match cursor {
            Some(Cursor::Full { before, done, feed_seq }) => (Some(before), done, Some(feed_seq)),
            _ => (None, 0, None),
        };
        let mut path = format!("tickets?limit={TICKET_PAGE}&include=notes,events");
        if let Some(before) = &before {
            path.push_str("&before=");
            path.push_str(&segment(before)?);
        }
        let page: wire::TicketPage = self.read(&path).await?;
        // The position of the first page: whatever changes while later pages come is in the feed behind it.
        let feed_seq = known_head.unwrap_or(page.feed_seq);
        let done = done + page.tickets.len() as u64;
        let mut observations = Observations::default();
        let mut visits = Vec::new();
        for mut ticket in page.tickets {
            visits.extend(ticket.take_visits());
            ticket.observe_into(&mut observations);
        }
        let next = match page.next_before {
            Some(before) => Cursor::Full { before, done, feed_seq },
            None => Cursor::Feed { after: feed_seq },
        };
        // Tickets that come while it runs can make `done` larger than the total of the first page.
        let progress = PullProgress { done, total: Some(page.total.max(done)), full: true };
        Ok(PullPage { observations, visits, next_cursor: next.to_text(), progress, caught_up: false })
    }

    async fn pull_feed(&self, after: i64) -> Result<PullPage, RemoteError> {
        let request = self.request(Method::GET, &format!("changes?after={after}&limit={CHANGE_PAGE}"))?;
        let answer = self.http.read(request).await?;
        if answer.status == StatusCode::GONE {
            tracing::warn!(after, "The hub's feed is behind our position: pulling everything again.");
            return self.pull_full(None).await;
        }
        let page: wire::ChangePage = answer.success()?.json()?;
        if page.more && page.next_after <= after {
            return Err(RemoteError::new(Code::AnswerUnexpected, format!("{}: the feed does not advance", self.http.host())));
        }
        let done = page.changes.len() as u64;
        let mut observations = Observations::default();
        let mut visits = Vec::new();
        for mut change in page.changes {
            visits.extend(change.ticket.take_visits());
            change.ticket.observe_into(&mut observations);
        }
        let left = u64::try_from(page.head.saturating_sub(page.next_after)).unwrap_or(0);
        Ok(PullPage {
            observations,
            visits,
            next_cursor: Cursor::Feed { after: page.next_after }.to_text(),
            progress: PullProgress { done, total: Some(done + left), full: false },
            caught_up: !page.more,
        })
    }
}

/// An id as part of a path. The server's ids and our markers are plain; anything else is refused, not escaped.
fn segment(id: &str) -> Result<String, RemoteError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:~".contains(&byte);
    if !id.is_empty() && id.bytes().all(plain) && id.bytes().any(|byte| byte != b'.') {
        Ok(id.to_owned())
    } else {
        Err(RemoteError::new(Code::NotFound, "an id that this server cannot have given"))
    }
}

#[async_trait]
impl SupportApi for HubApi {
    fn capabilities(&self) -> Capabilities {
        let connections_max = self.http.limits().connections_max;
        Capabilities {
            operations: OperationName::ALL,
            statuses: Status::ALL,
            conditional_writes: true,
            uploads: Uploads::Ahead { resumable: true },
            file_bytes_max: FILE_BYTES_MAX,
            poll_ms: self.poll_s.map(|seconds| u64::from(seconds.max(1)) * 1_000),
            change_feed: true,
            idempotent_sends: true,
            internal_notes: true,
            connections_max,
        }
    }

    async fn check(&self) -> Result<Identity, RemoteError> {
        let answer = self.http.read(self.request(Method::GET, "me")?).await?.success().map_err(|error| match error.code {
            Code::NotFound => RemoteError { code: Code::NotSupportedServer, ..error },
            _ => error,
        })?;
        let me: wire::Me = answer.json()?;
        if me.api_version != "1" {
            return Err(RemoteError::new(Code::NotSupportedServer, format!("{}: speaks another version", self.http.host())));
        }
        let user = if me.user.is_empty() { self.user.clone() } else { me.user };
        Ok(Identity { user, display_name: me.display_name, server: me.server })
    }

    async fn pull(&self, cursor: Option<&str>) -> Result<PullPage, RemoteError> {
        match cursor.map(Cursor::from_text) {
            None => self.pull_full(None).await,
            Some(Some(Cursor::Feed { after })) => self.pull_feed(after).await,
            Some(Some(full)) => self.pull_full(Some(full)).await,
            Some(None) => {
                tracing::warn!("A cursor of another form was kept: pulling everything again.");
                self.pull_full(None).await
            }
        }
    }

    async fn ticket(&self, remote_id: &str) -> Result<Observations, RemoteError> {
        let ticket: wire::Ticket = self.read(&format!("tickets/{}?include=notes,events", segment(remote_id)?)).await?;
        let mut observations = Observations::default();
        ticket.observe_into(&mut observations);
        Ok(observations)
    }

    async fn send(&self, operation: &OutboundOperation) -> Outcome {
        // Only what fails before a request exists comes as an error: it will fail again.
        let sent = self.send_operation(operation).await;
        sent.unwrap_or_else(|error| Outcome::Rejected { code: error.code, detail: error.detail })
    }

    async fn read_back(&self, operation: &OutboundOperation) -> Result<ReadBack, RemoteError> {
        self.find_operation(operation).await
    }

    async fn upload(&self, file: &FileRef, resume: Option<&str>, progress: &dyn UploadProgress) -> Result<String, RemoteError> {
        self.put_upload(file, resume, progress).await
    }

    async fn download(&self, file: &RemoteFile, sink: &dyn FileSink) -> Result<(), RemoteError> {
        let request = self.request(Method::GET, &format!("attachments/{}", segment(&file.attachment.remote_id)?))?;
        match self.http.fetch_file(request, sink).await? {
            None => Ok(()),
            Some(answer) if answer.status == StatusCode::NOT_FOUND => {
                Err(RemoteError { code: Code::FileMissing, ..send::refusal(&answer) })
            }
            Some(answer) => Err(send::refusal(&answer)),
        }
    }

    async fn catalogue(&self) -> Result<Catalogue, RemoteError> {
        Ok(self.read::<wire::Catalogue>("catalogue").await?.into())
    }

    async fn directory(&self) -> Result<(Vec<PhoneLine>, Vec<ServiceCentre>), RemoteError> {
        Ok(self.read::<directory::Directory>("directory").await?.read())
    }

    fn visit_api(&self) -> &dyn VisitApi {
        self
    }
}

#[cfg(test)]
mod tests;
