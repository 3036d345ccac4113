//! Sending what people did. Every attempt is counted and committed before its first byte leaves, so a
//! kill anywhere leaves a row that says "maybe": it is read back before anything is sent again.

use std::sync::Arc;
use std::time::Duration;

use deskbell_domain::UtcMs;
use deskbell_domain::sync::op::{OperationId, OperationState, Outcome, ReadBack, Receipt};
use deskbell_domain::sync::plan::{NextState, backoff_ms, plan_after_read_back, plan_after_send};
use deskbell_domain::ticket::AccountId;
use deskbell_remote::{RemoteError, SupportApi};
use deskbell_store::Store;
use deskbell_store::records::ClaimedOperation;
use tokio::task::JoinSet;

use crate::engine::{Engine, guard};
use crate::error::EngineError;

/// Operations of different tickets in flight at once.
pub const SENDS_IN_FLIGHT_MAX: usize = 4;
/// Wait after the store itself failed to answer.
const STORE_TROUBLE_WAIT_MS: u64 = 5_000;

/// What one round of sending did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct PushReport {
    pub sent: u64,
    pub rejected: u64,
    pub waiting: u64,
}

/// Sends for as long as the engine runs.
pub(crate) async fn run(engine: Arc<Engine>) {
    let mut flights: JoinSet<Option<OperationState>> = JoinSet::new();
    loop {
        let wait = fill(&engine, &mut flights).await;
        tokio::select! {
            () = engine.pusher_wake.notified() => {}
            Some(_landed) = flights.join_next(), if !flights.is_empty() => {}
            () = sleep_until_due(wait) => {}
        }
    }
}

/// Claims until nothing is claimable or enough is in flight; answers when to look again.
async fn fill(engine: &Arc<Engine>, flights: &mut JoinSet<Option<OperationState>>) -> Option<Duration> {
    while flights.len() < SENDS_IN_FLIGHT_MAX {
        match claim(engine).await {
            Ok(Some(claimed)) => {
                let engine = Arc::clone(engine);
                flights.spawn(async move { attempt(&engine, claimed).await });
            }
            Ok(None) => break,
            Err(error) => {
                tracing::error!(code = error.code.as_str(), "The outbox could not be read.");
                return Some(Duration::from_millis(STORE_TROUBLE_WAIT_MS));
            }
        }
    }
    if flights.len() >= SENDS_IN_FLIGHT_MAX || engine.usable_accounts().is_empty() {
        return None;
    }
    let due = engine.read(Store::next_outbox_due).await.ok().flatten()?;
    // A row that is due now but not claimable waits behind its ticket's head; its landing wakes us.
    let wait_ms = due.ms_since(engine.now());
    u64::try_from(wait_ms).ok().filter(|wait_ms| *wait_ms > 0).map(Duration::from_millis)
}

async fn sleep_until_due(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}

/// Sends everything that can be sent now and waits for its answers; for hosts that do not stay.
///
/// # Errors
/// The store's.
pub async fn push_once(engine: &Arc<Engine>, patience: Duration) -> Result<PushReport, EngineError> {
    let until = tokio::time::Instant::now() + patience;
    let mut report = PushReport::default();
    loop {
        match claim(engine).await? {
            Some(claimed) => match attempt(engine, claimed).await {
                Some(OperationState::Sent) => report.sent += 1,
                Some(OperationState::Rejected) => report.rejected += 1,
                _ => {}
            },
            None => {
                let due = engine.read(Store::next_outbox_due).await?;
                let Some(due) = due else { break };
                let wait = Duration::from_millis(u64::try_from(due.ms_since(engine.now())).unwrap_or(0).max(20));
                if tokio::time::Instant::now() + wait > until {
                    break;
                }
                tokio::time::sleep(wait).await;
            }
        }
    }
    report.waiting = engine.read(Store::outbox_counts).await?.waiting;
    Ok(report)
}

/// One step of sending, for hosts that keep the time themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushStep {
    /// One attempt or one read-back was made and its end is on disk; `None` where it could not be written down.
    Attempted { operation: OperationId, state: Option<OperationState> },
    /// Nothing is due now. `due` is when something is, of accounts reachable or not.
    Nothing { due: Option<UtcMs> },
}

/// Claims one operation that is due and makes one attempt, or reads one back.
///
/// # Errors
/// The store's.
pub async fn push_step(engine: &Arc<Engine>) -> Result<PushStep, EngineError> {
    let Some(held) = claim(engine).await? else {
        return Ok(PushStep::Nothing { due: engine.read(Store::next_outbox_due).await? });
    };
    let operation = held.claimed.id;
    Ok(PushStep::Attempted { operation, state: attempt(engine, held).await })
}

/// A claim. If its holder is aborted or panics, the operation is read back, not forgotten until the next start.
struct Held {
    claimed: ClaimedOperation,
    store: Store,
    is_settled: bool,
}

impl Drop for Held {
    fn drop(&mut self) {
        if !self.is_settled {
            self.store.abandon_claim(self.claimed.id);
        }
    }
}

async fn claim(engine: &Arc<Engine>) -> Result<Option<Held>, EngineError> {
    let accounts = engine.usable_accounts();
    if accounts.is_empty() {
        return Ok(None);
    }
    let now = engine.now();
    let hold = |store: &Store, claimed| Held { claimed, store: store.clone(), is_settled: false };
    engine.read(move |store| Ok(store.claim_next(now, &accounts)?.map(|claimed| hold(store, claimed)))).await
}

/// One attempt or one read-back, and what it led to.
async fn attempt(engine: &Arc<Engine>, mut held: Held) -> Option<OperationState> {
    let claimed = held.claimed.clone();
    let api = match engine.api(claimed.account_id) {
        Ok(api) => api,
        Err(_) => {
            held.is_settled = true;
            engine.store.release_claim(claimed.id);
            return None;
        }
    };
    engine.emit_outbox().await;
    let (next, receipt) = match claimed.state_before {
        OperationState::Unknown => read_back(engine, &api, &claimed).await,
        _ => send(engine, &api, &claimed).await,
    };
    let (id, now, state) = (claimed.id, engine.now(), next.state);
    tracing::info!(operation = id.0, state = state.as_str(), attempts = claimed.attempts, "An attempt ended.");
    // From here on the store lets go of it: it runs to its end even if we do not.
    held.is_settled = true;
    let kept = engine.read(move |store| store.finish_attempt(id, &next, receipt.as_ref(), now)).await;
    if let Err(error) = kept {
        // The row still says "sending": the next start reads it back. Nothing is lost or doubled.
        tracing::error!(operation = id.0, code = error.code.as_str(), "The end of an attempt could not be kept.");
        engine.store.release_claim(id);
    }
    engine.emit_tickets(vec![claimed.ticket_id]);
    engine.emit_outbox().await;
    if state == OperationState::Sent {
        wake_puller(engine, claimed.account_id);
    }
    Some(state)
}

async fn send(engine: &Arc<Engine>, api: &Arc<dyn SupportApi>, claimed: &ClaimedOperation) -> (NextState, Option<Receipt>) {
    let outcome = api.send(&claimed.outbound).await;
    let next = plan_after_send(&outcome, claimed.attempts, engine.now(), engine.ports.rng.jitter());
    let receipt = if let Outcome::Sent(receipt) = outcome { Some(receipt) } else { None };
    (next, receipt)
}

async fn read_back(engine: &Arc<Engine>, api: &Arc<dyn SupportApi>, claimed: &ClaimedOperation) -> (NextState, Option<Receipt>) {
    let found = match api.read_back(&claimed.outbound).await {
        Ok(found) => without_known(engine, claimed, found).await,
        Err(error) => Err(error),
    };
    let now = engine.now();
    match found {
        Ok(found) => {
            let last_attempt_at = claimed.last_attempt_at.unwrap_or(UtcMs(0));
            let next = plan_after_read_back(&found, last_attempt_at, api.capabilities().idempotent_sends, now);
            let receipt = if let ReadBack::Landed(receipt) = found { Some(receipt) } else { None };
            (next, receipt)
        }
        Err(error) => {
            let wait_ms = error.retry_after_ms.unwrap_or(0).max(backoff_ms(claimed.attempts, engine.ports.rng.jitter()));
            let not_before = now.plus_ms(i64::try_from(wait_ms).unwrap_or(i64::MAX));
            (NextState { state: OperationState::Unknown, not_before, code: Some(error.code), detail: error.detail }, None)
        }
    }
}

/// Where the provider keeps no markers, the newest note with the same words may be one that we sent before. The operations
/// of a ticket go one after the other, so ours would be newer: it did not land.
async fn without_known(engine: &Arc<Engine>, claimed: &ClaimedOperation, found: ReadBack) -> Result<ReadBack, RemoteError> {
    let ReadBack::Landed(Receipt { note_remote_id: Some(note), .. }) = &found else { return Ok(found) };
    let (ticket, note, marker) = (claimed.ticket_id, note.clone(), claimed.outbound.marker.clone());
    match engine.read(move |store| store.is_note_of_another(ticket, &note, &marker)).await {
        Ok(false) => Ok(found),
        Ok(true) => Ok(ReadBack::NotLanded),
        Err(error) => Err(RemoteError::new(error.code, "the note could not be compared with those known")),
    }
}

fn wake_puller(engine: &Engine, account: AccountId) {
    if let Some(connection) = guard(&engine.connections).get(&account) {
        connection.wake.notify_one();
    }
}

impl Engine {
    /// After a server is reachable again, what waited out a back-off goes at once.
    pub(crate) async fn hasten_outbox(&self, account: Option<AccountId>) {
        let now = self.now();
        let hastened = self
            .read(move |store| {
                let waiting = store.outbox()?.into_iter().filter(|operation| {
                    matches!(operation.state, OperationState::Queued | OperationState::Unknown)
                        && operation.not_before > now
                        && account.is_none_or(|account| account == operation.account_id)
                });
                waiting.map(|operation| store.retry_operation(operation.id, now)).collect::<Result<Vec<()>, _>>()
            })
            .await;
        if let Err(error) = hastened {
            tracing::warn!(code = error.code.as_str(), "The outbox could not be hastened.");
        }
        self.pusher_wake.notify_one();
    }
}
