//! Fetching files of notes: when asked for, and at once where the address expires.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use async_trait::async_trait;
use deskbell_domain::Code;
use deskbell_domain::sync::plan::backoff_ms;
use deskbell_domain::ticket::TicketId;
use deskbell_remote::{FileSink, RemoteError, RemoteFile};
use deskbell_store::BlobWriter;
use deskbell_store::records::{AttachmentId, FetchableAttachment};
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::kind::{HEAD_BYTES, Kind};
use super::{FETCH_BYTES_MAX, TOLD_EVERY};
use crate::engine::{Engine, guard};
use crate::error::EngineError;
use crate::puller::may_pass;

/// Files with an address that expires which are fetched unasked after one look; more come with the next.
const EXPIRING_AT_ONCE_MAX: u32 = 20;
/// Tries of one file, where each failure may pass.
const EXPIRING_TRIES_MAX: u32 = 4;
/// Largest file that is fetched unasked, in bytes.
const EXPIRING_BYTES_MAX: u64 = 50 * 1024 * 1024;

/// How a fetch ended.
type Ended = Result<(), EngineError>;

/// One file on its way here.
pub(crate) struct Fetch {
    pub(super) done: Arc<AtomicU64>,
    /// It has its turn; before, it waits.
    pub(super) has_begun: Arc<AtomicBool>,
    ended: watch::Receiver<Option<Ended>>,
    task: AbortHandle,
}

impl Fetch {
    pub(super) fn end(self) {
        self.task.abort();
    }
}

/// Starts what expires and is not here, within limits; answers which.
pub(super) async fn fetch_expiring(engine: &Arc<Engine>) -> Vec<AttachmentId> {
    if engine.settings().work_offline {
        return Vec::new();
    }
    let found = engine.read(|store| store.expiring_attachments(EXPIRING_AT_ONCE_MAX)).await.unwrap_or_default();
    let (usable, now) = (engine.usable_accounts(), engine.now());
    let tries = guard(&engine.transfers.tries).clone();
    let wanted = found.into_iter().filter(|file| {
        usable.contains_key(&file.account_id)
            && !file.observed.remote_id.is_empty()
            && file.observed.size_bytes <= EXPIRING_BYTES_MAX
            && tries.get(&file.id).is_none_or(|(_, again)| *again <= now)
    });
    let ids: Vec<AttachmentId> = wanted.map(|file| file.id).collect();
    for id in &ids {
        let _ended = engine.start_fetch(*id);
    }
    ids
}

impl Engine {
    /// Begins to fetch a file unless it is here or on its way.
    ///
    /// # Errors
    /// `file_missing` for an unknown id, `host_unreachable` while working offline.
    pub async fn fetch_attachment(self: &Arc<Self>, id: AttachmentId) -> Result<(), EngineError> {
        let file = self.read(move |store| store.attachment(id)).await?;
        if file.sha256.is_some() {
            return Ok(());
        }
        if self.settings().work_offline {
            return Err(EngineError::with_detail(Code::HostUnreachable, "working offline"));
        }
        let _ended = self.start_fetch(id);
        self.emit_tickets(vec![file.ticket_id]);
        Ok(())
    }

    /// Stops fetching a file. What came of it is dropped.
    ///
    /// # Errors
    /// The store's.
    pub async fn cancel_fetch(&self, id: AttachmentId) -> Result<(), EngineError> {
        let Some(fetch) = guard(&self.transfers.fetches).remove(&id) else { return Ok(()) };
        fetch.end();
        let file = self.read(move |store| store.attachment(id)).await?;
        self.tell_transfer(file.ticket_id, id, None, 0, 0);
        self.emit_tickets(vec![file.ticket_id]);
        Ok(())
    }

    /// Fetches a file where it is not here and waits for its end; answers its hash.
    ///
    /// # Errors
    /// Why it could not be fetched.
    pub(crate) async fn fetched(self: &Arc<Self>, id: AttachmentId) -> Result<String, EngineError> {
        let file = self.read(move |store| store.attachment(id)).await?;
        if let Some(sha256) = file.sha256 {
            return Ok(sha256);
        }
        if self.settings().work_offline {
            return Err(EngineError::with_detail(Code::HostUnreachable, "working offline"));
        }
        let mut ended = self.start_fetch(id);
        self.emit_tickets(vec![file.ticket_id]);
        match ended.wait_for(Option::is_some).await.map(|ended| ended.clone()) {
            Ok(Some(ended)) => ended?,
            Ok(None) | Err(_) => return Err(EngineError::with_detail(Code::FileMissing, "fetching was called off")),
        }
        let file = self.read(move |store| store.attachment(id)).await?;
        file.sha256.ok_or_else(|| EngineError::with_detail(Code::FileMissing, "the bytes are not here"))
    }

    fn start_fetch(self: &Arc<Self>, id: AttachmentId) -> watch::Receiver<Option<Ended>> {
        let mut fetches = guard(&self.transfers.fetches);
        if let Some(fetch) = fetches.get(&id) {
            return fetch.ended.clone();
        }
        let (done, has_begun) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (end, ended) = watch::channel(None);
        let engine = Arc::clone(self);
        let (counted, begun) = (Arc::clone(&done), Arc::clone(&has_begun));
        let task = tokio::spawn(async move {
            let outcome = engine.run_fetch(id, counted, &begun).await;
            guard(&engine.transfers.fetches).remove(&id);
            end.send_replace(Some(outcome.map(|ticket| engine.emit_tickets(vec![ticket]))));
        });
        fetches.insert(id, Fetch { done, has_begun, ended: ended.clone(), task: task.abort_handle() });
        ended
    }

    async fn run_fetch(
        self: &Arc<Self>,
        id: AttachmentId,
        done: Arc<AtomicU64>,
        begun: &AtomicBool,
    ) -> Result<TicketId, EngineError> {
        let _place = Arc::clone(&self.transfers.places)
            .acquire_owned()
            .await
            .map_err(|error| EngineError::with_detail(Code::Internal, error.to_string()))?;
        begun.store(true, Ordering::Relaxed);
        let file = self.read(move |store| store.attachment(id)).await?;
        let (ticket, expires) = (file.ticket_id, !file.observed.url.is_empty());
        let outcome = self.fetch_into_store(file, done).await;
        if let Err(error) = &outcome {
            tracing::warn!(attachment = id.0, code = error.code.as_str(), "A file could not be fetched.");
            let code = (!(expires && self.tries_again(id, error.code))).then_some(error.code);
            self.read(move |store| store.attachment_failed(id, code)).await?;
            guard(&self.transfers.fetches).remove(&id);
            self.tell_transfer(ticket, id, None, 0, 0);
            self.emit_tickets(vec![ticket]);
        }
        outcome.map(|()| ticket)
    }

    /// Whether a file that is fetched unasked gets another try by itself.
    fn tries_again(&self, id: AttachmentId, code: Code) -> bool {
        let mut tries = guard(&self.transfers.tries);
        let (failures, again) = tries.entry(id).or_insert((0, self.now()));
        *failures += 1;
        let wait_ms = backoff_ms(*failures, self.ports.rng.jitter());
        *again = self.now().plus_ms(i64::try_from(wait_ms).unwrap_or(i64::MAX));
        let has_tries = *failures < EXPIRING_TRIES_MAX && may_pass(code);
        if !has_tries {
            tries.remove(&id);
        }
        has_tries
    }

    async fn fetch_into_store(self: &Arc<Self>, file: FetchableAttachment, done: Arc<AtomicU64>) -> Result<(), EngineError> {
        let (id, ticket, now) = (file.id, file.ticket_id, self.now());
        if file.observed.remote_id.is_empty() {
            return Err(EngineError::with_detail(Code::FileMissing, "the server's copy of the note has not come yet"));
        }
        let api = self.api(file.account_id)?;
        let writer = self.read(deskbell_store::Store::create_file).await?;
        let sink = Sink {
            writer: Mutex::new(Incoming { writer, head: Vec::new(), told_at: Instant::now() }),
            engine: Arc::clone(self),
            done,
            ticket,
            id,
            total: file.observed.size_bytes,
        };
        let remote = RemoteFile {
            ticket_remote_id: file.ticket_remote_id,
            note_remote_id: file.note_remote_id,
            attachment: file.observed,
        };
        api.download(&remote, &sink).await?;
        let Incoming { writer, head, .. } = sink.writer.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let kind = Kind::of(&head, &remote.attachment.name);
        let name = remote.attachment.name;
        let kept = self
            .read(move |store| {
                let kept = store.keep_file(writer, name, kind.mime, kind.preview, now)?;
                store.attachment_fetched(id, &kept)?;
                Ok(kept)
            })
            .await?;
        self.tell_transfer(ticket, id, None, kept.size_bytes, kept.size_bytes);
        self.make_room().await;
        Ok(())
    }
}

struct Incoming {
    writer: BlobWriter,
    /// The first bytes, from which the kind is told.
    head: Vec<u8>,
    told_at: Instant,
}

/// Takes the bytes of one file, in order, into the store.
struct Sink {
    writer: Mutex<Incoming>,
    engine: Arc<Engine>,
    done: Arc<AtomicU64>,
    ticket: TicketId,
    id: AttachmentId,
    /// As the provider said; 0 where it did not.
    total: u64,
}

#[async_trait]
impl FileSink for Sink {
    async fn write(&self, bytes: &[u8]) -> Result<(), RemoteError> {
        let mut incoming = guard(&self.writer);
        let done = incoming.writer.size_bytes() + bytes.len() as u64;
        if done > FETCH_BYTES_MAX {
            return Err(RemoteError::new(Code::FileTooLarge, "larger than any file that is fetched"));
        }
        incoming.writer.write(bytes).map_err(|error| RemoteError::new(error.code, error.detail))?;
        let room = HEAD_BYTES.saturating_sub(incoming.head.len());
        incoming.head.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
        self.done.store(done, Ordering::Relaxed);
        if incoming.told_at.elapsed() >= TOLD_EVERY {
            incoming.told_at = Instant::now();
            self.engine.tell_transfer(self.ticket, self.id, None, done, self.total.max(done + 1));
        }
        Ok(())
    }
}
