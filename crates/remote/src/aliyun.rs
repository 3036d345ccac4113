//! Alibaba Cloud Workorder 2021-06-10.
//!
//! Owns: signatures, how a service without change feed, versions and idempotency keys is asked, and how its answers become
//! ours. Must not know: the store, the outbox's planning. Invariants: success is what `Success` says; every attempt has its
//! own nonce, date and signature; what may have landed is read back by content and time before anything is sent again; no
//! open ticket waits for its notes longer than [`plan::cycles_max`] cycles.
//!
//! Sources: the official SDK's requests and the API reference as of 2021-06-10 (`fixtures/aliyun/README.md`). Whoever holds
//! the access key is the customer: replies sent here are the customer's. The service has two severities ("important" goes as
//! normal), no internal notes, no assignees, and no status that could be set; `Code` and `Message` beside `Success` are not
//! believed.

pub mod call;
mod catalogue;
mod client;
mod cursor;
mod files;
mod memory;
mod observe;
pub mod plan;
mod pull;
mod read_back;
mod send;
mod shape;
pub mod sign;
mod words;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex as StdMutex, PoisonError};

use async_trait::async_trait;
use deskbell_domain::observation::{Catalogue, Observations};
use deskbell_domain::sync::op::{FILE_BYTES_MAX, FileRef, OperationName, OutboundOperation, Outcome, ReadBack};
use secrecy::SecretString;
use tokio::sync::Mutex;

use crate::http::HttpClient;
use crate::{
    Capabilities, FileSink, FileSource, Identity, NoFiles, PullPage, RemoteError, RemoteFile, SupportApi, UploadProgress, Uploads,
};
use call::{Call, Listing};
use client::Client;
pub use client::{SignedRequest, sign as sign_call};
use memory::Memory;
use observe::History;
pub use pull::{LIST_PAGE, LOOKS_A_PAGE, SWEEP_CYCLES};
use shape::TicketPage;
use sign::Credentials;

/// The endpoint of every region without one of its own.
pub const ENDPOINT: &str = "https://workorder.aliyuncs.com/";
/// Regions with an endpoint of their own.
pub const REGIONS_APART: &[&str] = &["ap-southeast-1", "ap-northeast-1"];
/// Wait between cycles where the account sets none.
pub const POLL_MS: u64 = 60_000;

/// The address for what a person gave: an address, a bare host, a region's id, or nothing.
#[must_use]
pub fn endpoint_of(given: &str) -> String {
    let given = given.trim();
    if given.contains("://") {
        return given.to_owned();
    }
    let region = given.to_ascii_lowercase();
    let is_region = region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match region.as_str() {
        "" => ENDPOINT.to_owned(),
        region if REGIONS_APART.contains(&region) => format!("https://workorder.{region}.aliyuncs.com/"),
        region if is_region && region.contains('-') => ENDPOINT.to_owned(),
        host if host.ends_with(".aliyuncs.com") => format!("https://{host}/"),
        _ => given.to_owned(),
    }
}

/// The client of one account.
pub struct AliyunApi {
    client: Client,
    files: Arc<dyn FileSource>,
    poll_ms: u64,
    names: StdMutex<BTreeMap<String, String>>,
    memory: Mutex<Memory>,
}

impl AliyunApi {
    /// `user` is the access key's id, `secret` its secret and, on a second line, the STS token of a temporary key.
    #[must_use]
    pub fn new(http: HttpClient, user: &str, secret: &SecretString) -> Self {
        Self {
            client: Client::new(http, Credentials::new(user, secret)),
            files: Arc::new(NoFiles),
            poll_ms: POLL_MS,
            names: StdMutex::default(),
            memory: Mutex::new(Memory::of(None)),
        }
    }

    /// Where outgoing files are read.
    #[must_use]
    pub fn with_files(mut self, files: Arc<dyn FileSource>) -> Self {
        self.files = files;
        self
    }

    /// Seconds between cycles; `None` for [`POLL_MS`].
    #[must_use]
    pub fn with_poll(mut self, poll_s: Option<u32>) -> Self {
        self.poll_ms = poll_s.map_or(POLL_MS, |seconds| u64::from(seconds.max(1)) * 1_000);
        self
    }

    fn poll_ms(&self) -> u64 {
        self.poll_ms
    }

    fn requests_per_minute(&self) -> Option<u32> {
        self.client.http.requests_per_minute()
    }

    fn categories(&self) -> BTreeMap<String, String> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl SupportApi for AliyunApi {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            operations: &[
                OperationName::CreateTicket,
                OperationName::Reply,
                OperationName::Close,
                OperationName::Reopen,
                OperationName::Evaluate,
                OperationName::Attach,
            ],
            statuses: &[],
            conditional_writes: false,
            uploads: Uploads::Ahead { resumable: false },
            file_bytes_max: FILE_BYTES_MAX,
            poll_ms: Some(self.poll_ms),
            change_feed: false,
            idempotent_sends: false,
            internal_notes: false,
            connections_max: self.client.http.limits().connections_max,
        }
    }

    async fn check(&self) -> Result<Identity, RemoteError> {
        let asked = Listing { page: 1, page_size: 10, ..Listing::default() };
        let _page: TicketPage = self.client.ask(&Call::list_tickets(&asked)).await?;
        let user = self.client.access_key_id().to_owned();
        Ok(Identity { display_name: user.clone(), user, server: "Alibaba Cloud Workorder 2021-06-10".to_owned() })
    }

    async fn pull(&self, cursor: Option<&str>) -> Result<PullPage, RemoteError> {
        let mut memory = self.memory.lock().await;
        if !memory.stands_for(cursor) {
            *memory = Memory::of(cursor);
        }
        self.next_page(&mut memory).await
    }

    async fn ticket(&self, remote_id: &str) -> Result<Observations, RemoteError> {
        let ticket = self.ticket_of(remote_id).await?;
        let notes = self.notes_of(remote_id).await?;
        Ok(observe::observe(remote_id, &ticket, &notes, &History::Untold, client::now(), &self.categories()))
    }

    async fn send(&self, operation: &OutboundOperation) -> Outcome {
        self.send_operation(operation).await.map_or_else(client::Failure::outcome, Outcome::Sent)
    }

    async fn read_back(&self, operation: &OutboundOperation) -> Result<ReadBack, RemoteError> {
        Ok(self.find_operation(operation).await?)
    }

    async fn upload(&self, file: &FileRef, _resume: Option<&str>, progress: &dyn UploadProgress) -> Result<String, RemoteError> {
        self.put_file(file, progress).await
    }

    async fn download(&self, file: &RemoteFile, sink: &dyn FileSink) -> Result<(), RemoteError> {
        self.get_file(file, sink).await
    }

    async fn catalogue(&self) -> Result<Catalogue, RemoteError> {
        self.fetch_catalogue().await
    }
}

#[cfg(test)]
mod tests;
