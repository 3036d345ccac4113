//! Bringing the files of a queued operation to its server, before the operation itself is handed out.

use std::sync::Arc;
use std::time::Duration;

use deskbell_domain::Code;
use deskbell_domain::sync::op::{OperationId, Outcome};
use deskbell_domain::sync::plan::backoff_ms;
use deskbell_domain::ticket::AccountId;
use deskbell_remote::{RemoteError, SupportApi, UploadProgress, Uploads};
use deskbell_store::WITH_NOTE;
use deskbell_store::records::{ClaimedOperation, WaitingUpload};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::view::pending_id;
use super::{TOLD_EVERY, UPLOADS_IN_FLIGHT_MAX};
use crate::engine::{Engine, guard};
use crate::error::EngineError;

/// Attempts after which files that the server does not know are no longer brought anew.
const ANEW_MAX: u32 = 4;
/// How often a silent upload looks whether it is still wanted.
const WANTED_EVERY: Duration = Duration::from_millis(500);

/// Starts uploads until nothing is due or enough is under way; answers when to look again.
pub(super) async fn fill(engine: &Arc<Engine>, flights: &mut JoinSet<()>) -> Option<Duration> {
    while flights.len() < UPLOADS_IN_FLIGHT_MAX {
        match next(engine).await {
            Ok(Some(waiting)) => {
                guard(&engine.transfers.uploads).insert((waiting.operation_id, waiting.file.sha256.clone()), waiting.done_bytes);
                let engine = Arc::clone(engine);
                flights.spawn(async move { bring(&engine, waiting).await });
            }
            Ok(None) => break,
            Err(error) => {
                tracing::error!(code = error.code.as_str(), "Waiting files could not be read.");
                break;
            }
        }
    }
    let now = engine.now();
    let due = engine.read(move |store| store.next_upload_due(now)).await.ok().flatten()?;
    u64::try_from(due.ms_since(now)).ok().map(|ms| Duration::from_millis(ms.max(1)))
}

async fn next(engine: &Arc<Engine>) -> Result<Option<WaitingUpload>, EngineError> {
    let accounts: Vec<AccountId> = engine.usable_accounts().into_keys().collect();
    if accounts.is_empty() {
        return Ok(None);
    }
    // One file of an operation at a time.
    let busy: Vec<OperationId> = guard(&engine.transfers.uploads).keys().map(|(operation, _)| *operation).collect();
    let now = engine.now();
    engine.read(move |store| store.next_upload(now, &accounts, &busy)).await
}

/// Takes itself off the list however it ends.
struct Listed<'a> {
    engine: &'a Engine,
    key: (OperationId, String),
}

impl Drop for Listed<'_> {
    fn drop(&mut self) {
        guard(&self.engine.transfers.uploads).remove(&self.key);
    }
}

async fn bring(engine: &Arc<Engine>, waiting: WaitingUpload) {
    let (id, ticket) = (waiting.operation_id, waiting.ticket_id);
    let listed = Listed { engine, key: (id, waiting.file.sha256.clone()) };
    let outcome = match engine.api(waiting.account_id) {
        Ok(api) => upload(engine, &api, &waiting).await,
        Err(error) => Ending::Failed(RemoteError::new(error.code, "there is no connection")),
    };
    let kept = match outcome {
        Ending::Arrived(remote) => {
            tracing::info!(operation = id.0, bytes = waiting.file.size_bytes, "A file has arrived on the server.");
            engine.read(move |store| store.upload_arrived(id, &waiting.file, &remote)).await
        }
        Ending::CalledOff => Ok(()),
        Ending::Failed(error) => failed(engine, &waiting, &error).await,
    };
    drop(listed);
    if let Err(error) = kept {
        tracing::error!(operation = id.0, code = error.code.as_str(), "The end of an upload could not be kept.");
    }
    engine.pusher_wake.notify_one();
    engine.transfers.wake.notify_one();
    engine.emit_tickets(vec![ticket]);
    engine.emit_outbox().await;
}

enum Ending {
    /// What the server calls the file.
    Arrived(String),
    /// The operation was taken back, or the desk works offline now.
    CalledOff,
    Failed(RemoteError),
}

/// What the provider tells, for a task that may wait for the disk.
struct Told(watch::Sender<(u64, String)>);

impl UploadProgress for Told {
    fn sent(&self, bytes: u64, resume: &str) {
        self.0.send_replace((bytes, resume.to_owned()));
    }
}

async fn upload(engine: &Arc<Engine>, api: &Arc<dyn SupportApi>, waiting: &WaitingUpload) -> Ending {
    let capabilities = api.capabilities();
    if waiting.file.size_bytes > capabilities.file_bytes_max && capabilities.file_bytes_max > 0 {
        return Ending::Failed(RemoteError::new(Code::FileTooLarge, "the server takes no file of this size"));
    }
    if !engine.store.has_file(&waiting.file.sha256) {
        return Ending::Failed(RemoteError::new(Code::FileMissing, "the bytes are no longer on this computer"));
    }
    match capabilities.uploads {
        Uploads::None => Ending::Failed(RemoteError::new(Code::OperationNotOffered, "the server takes no files")),
        Uploads::WithNote => Ending::Arrived(WITH_NOTE.to_owned()),
        Uploads::Ahead { .. } => ahead(engine, api, waiting).await,
    }
}

async fn ahead(engine: &Arc<Engine>, api: &Arc<dyn SupportApi>, waiting: &WaitingUpload) -> Ending {
    let (sender, told) = watch::channel((waiting.done_bytes, waiting.resume.clone().unwrap_or_default()));
    let progress = Told(sender);
    let answer = tokio::select! {
        answer = api.upload(&waiting.file, waiting.resume.as_deref(), &progress) => answer,
        () = follow(engine, waiting, told.clone()) => return Ending::CalledOff,
    };
    match answer {
        Ok(remote) => Ending::Arrived(remote),
        Err(error) => {
            // The last word may have come after the last look.
            let (done, resume) = told.borrow().clone();
            // A server that forgot the upload in its middle gets it from the start.
            let (done, resume) = if error.code == Code::FileMissing { (0, String::new()) } else { (done, resume) };
            let (id, sha256) = (waiting.operation_id, waiting.file.sha256.clone());
            if let Err(error) = engine.read(move |store| store.note_upload(id, &sha256, done, &resume)).await {
                tracing::warn!(code = error.code.as_str(), "How far an upload came could not be kept.");
            }
            Ending::Failed(error)
        }
    }
}

/// Keeps on disk and tells how far an upload is. Ends when it is no longer wanted.
async fn follow(engine: &Arc<Engine>, waiting: &WaitingUpload, mut told: watch::Receiver<(u64, String)>) {
    let (id, sha256) = (waiting.operation_id, waiting.file.sha256.clone());
    loop {
        let (done, resume) = told.borrow_and_update().clone();
        guard(&engine.transfers.uploads).insert((id, sha256.clone()), done);
        let hash = sha256.clone();
        let wanted = engine.read(move |store| store.note_upload(id, &hash, done, &resume)).await;
        if engine.settings().work_offline || matches!(wanted, Ok(false)) {
            return;
        }
        engine.tell_transfer(
            waiting.ticket_id,
            pending_id(id, waiting.position as usize),
            Some(id),
            done,
            waiting.file.size_bytes,
        );
        tokio::time::sleep(TOLD_EVERY).await;
        let _changed = tokio::time::timeout(WANTED_EVERY, told.changed()).await;
    }
}

async fn failed(engine: &Arc<Engine>, waiting: &WaitingUpload, error: &RemoteError) -> Result<(), EngineError> {
    let (id, sha256, code, detail) = (waiting.operation_id, waiting.file.sha256.clone(), error.code, error.detail.clone());
    let wait_ms = error.retry_after_ms.unwrap_or(0).max(backoff_ms(waiting.failures + 1, engine.ports.rng.jitter()));
    let again = engine.now().plus_ms(i64::try_from(wait_ms).unwrap_or(i64::MAX));
    let is_forgotten_there = code == Code::FileMissing && engine.store.has_file(&sha256);
    let not_before = (is_forgotten_there || !is_final(code)).then_some(again);
    tracing::warn!(operation = id.0, code = code.as_str(), again = not_before.is_some(), "An upload failed.");
    engine.read(move |store| store.upload_failed(id, &sha256, code, &detail, not_before)).await
}

impl Engine {
    /// A server that forgot the files of a note before the note came gets them anew.
    pub(crate) async fn with_files_anew(&self, claimed: &ClaimedOperation, outcome: Outcome) -> Outcome {
        let has_forgotten = matches!(outcome, Outcome::Rejected { code: Code::FileMissing, .. });
        if !has_forgotten || claimed.outbound.uploaded.is_empty() || claimed.attempts > ANEW_MAX {
            return outcome;
        }
        let id = claimed.id;
        match self.read(move |store| store.forget_uploads(id)).await {
            Ok(()) => Outcome::Retry { after_ms: None, code: Code::FileMissing },
            Err(_) => outcome,
        }
    }
}

/// Whether only a person can change anything about it.
const fn is_final(code: Code) -> bool {
    matches!(
        code,
        Code::FileTooLarge
            | Code::FileMissing
            | Code::FileUnreadable
            | Code::OperationNotOffered
            | Code::Forbidden
            | Code::NotFound
            | Code::Refused
            | Code::NotSupportedServer
            | Code::InputInvalid
    )
}
