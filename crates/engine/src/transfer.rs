//! Files: taking them in, sending them ahead of their notes, fetching them, and giving them out again.
//!
//! Owns: which transfer runs when, how far it is, and what may be opened without a question. Bytes lie in the store,
//! encrypted, under their hash. Invariants: a note is sent only after its files are on the server (the store does not hand
//! it out before); an upload that broke off keeps what it needs to go on; nothing that waits to be sent is ever let go of.

pub(crate) mod fetch;
pub mod give;
pub mod kind;
pub mod take;
pub(crate) mod upload;
pub(crate) mod view;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use deskbell_domain::UtcMs;
use deskbell_domain::sync::op::OperationId;
use deskbell_domain::ticket::TicketId;
use deskbell_remote::{FileSource, RemoteError};
use deskbell_store::records::AttachmentId;
use deskbell_store::{FILE_CACHE_BYTES_MAX, Store};
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;
use ts_rs::TS;

use crate::engine::{Engine, guard};
use crate::error::EngineError;
use crate::events::DeskEvent;

/// Files on their way to servers at once.
pub const UPLOADS_IN_FLIGHT_MAX: usize = 2;
/// Files on their way from servers at once.
pub const FETCHES_IN_FLIGHT_MAX: usize = 3;
/// Largest file that is fetched, in bytes. Servers may hold more than we send.
pub const FETCH_BYTES_MAX: u64 = 200 * 1024 * 1024;
/// How often the progress of one transfer is told at most.
const TOLD_EVERY: Duration = Duration::from_millis(200);
/// Longest wait before another look at what could be transferred.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// A file that could not be taken in, by the name a person knows it by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct FileProblem {
    pub name: String,
    pub error: EngineError,
}

/// What is under way in this process.
pub(crate) struct Transfers {
    /// Files being fetched or waiting for it.
    fetches: Mutex<BTreeMap<AttachmentId, fetch::Fetch>>,
    /// Files being sent, with the bytes that have left.
    uploads: Mutex<BTreeMap<(OperationId, String), u64>>,
    /// Failures of files that are fetched unasked, and when each is tried again.
    tries: Mutex<BTreeMap<AttachmentId, (u32, UtcMs)>>,
    places: Arc<Semaphore>,
    wake: Notify,
}

impl Default for Transfers {
    fn default() -> Self {
        Self {
            fetches: Mutex::default(),
            uploads: Mutex::default(),
            tries: Mutex::default(),
            places: Arc::new(Semaphore::new(FETCHES_IN_FLIGHT_MAX)),
            wake: Notify::new(),
        }
    }
}

/// Outgoing files, read from the store.
pub(crate) struct StoreFiles(pub(crate) Store);

#[async_trait]
impl FileSource for StoreFiles {
    async fn read(&self, sha256: &str, from: u64, bytes_max: usize) -> Result<Vec<u8>, RemoteError> {
        let (store, sha256) = (self.0.clone(), sha256.to_owned());
        let read = tokio::task::spawn_blocking(move || store.open_file(&sha256)?.read_at(from, bytes_max)).await;
        match read {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(error)) => Err(RemoteError::new(error.code, error.detail)),
            Err(error) => Err(RemoteError::new(deskbell_domain::Code::Internal, error.to_string())),
        }
    }
}

/// Transfers for as long as the engine runs.
pub(crate) async fn run(engine: Arc<Engine>) {
    tidy(&engine).await;
    let mut events = engine.subscribe();
    let mut flights: JoinSet<()> = JoinSet::new();
    loop {
        let wait = upload::fill(&engine, &mut flights).await.unwrap_or(LOOK_EVERY).min(LOOK_EVERY);
        fetch::fetch_expiring(&engine).await;
        tokio::select! {
            () = engine.transfers.wake.notified() => {}
            Some(_ended) = flights.join_next(), if !flights.is_empty() => {}
            () = tokio::time::sleep(wait) => {}
            () = something_changed(&mut events) => {}
        }
    }
}

/// An edit was queued, a page was applied, a connection came back.
async fn something_changed(events: &mut tokio::sync::broadcast::Receiver<DeskEvent>) {
    loop {
        match events.recv().await {
            Ok(DeskEvent::TicketsChanged { .. } | DeskEvent::SyncChanged { .. } | DeskEvent::OutboxChanged { .. })
            | Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}

/// What earlier runs left: half-written files, files opened with other programs, more than the cache may hold.
async fn tidy(engine: &Arc<Engine>) {
    give::forget_opened(engine.data_dir());
    let now = engine.now();
    let swept = engine.read(move |store| Ok((store.sweep_files(now)?, store.evict_files(FILE_CACHE_BYTES_MAX, now)?))).await;
    match swept {
        Ok((swept, evicted)) if swept + evicted > 0 => tracing::info!(swept, evicted, "Files were tidied."),
        Ok(_) => {}
        Err(error) => tracing::warn!(code = error.code.as_str(), "Files could not be tidied."),
    }
}

impl Engine {
    /// Sends the files of what can be sent now, for hosts that do not stay.
    ///
    /// # Errors
    /// The store's.
    pub async fn upload_once(self: &Arc<Self>) -> Result<(), EngineError> {
        let mut flights = JoinSet::new();
        loop {
            upload::fill(self, &mut flights).await;
            if flights.join_next().await.is_none() {
                return Ok(());
            }
        }
    }

    /// Fetches files whose addresses expire, for hosts that do not stay.
    pub async fn fetch_expiring_once(self: &Arc<Self>) {
        for id in fetch::fetch_expiring(self).await {
            // Why it failed is written beside the file.
            let _noted = self.fetched(id).await;
        }
    }

    pub(crate) fn tell_transfer(
        &self,
        ticket: TicketId,
        attachment: AttachmentId,
        operation: Option<OperationId>,
        done_bytes: u64,
        total_bytes: u64,
    ) {
        self.emit(DeskEvent::TransferChanged { ticket, attachment: Some(attachment), operation, done_bytes, total_bytes });
    }

    /// Files that are being sent now.
    #[must_use]
    pub fn uploads_under_way(&self) -> usize {
        guard(&self.transfers.uploads).len()
    }

    pub(crate) async fn make_room(&self) {
        let now = self.now();
        if let Err(error) = self.read(move |store| store.evict_files(FILE_CACHE_BYTES_MAX, now)).await {
            tracing::warn!(code = error.code.as_str(), "The cache of files could not be made smaller.");
        }
    }

    /// Ends what is being fetched; it is fetched again when asked for.
    pub(crate) fn end_transfers(&self) {
        for fetch in std::mem::take(&mut *guard(&self.transfers.fetches)).into_values() {
            fetch.end();
        }
        give::forget_opened(self.data_dir());
    }
}
