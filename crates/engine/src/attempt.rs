//! One attempt. It is counted and committed before its first byte leaves, so a kill anywhere leaves a row that says
//! "maybe": it is read back before anything is sent again.

use std::sync::Arc;

use deskbell_domain::sync::merge::Merge;
use deskbell_domain::sync::op::{OperationId, OperationKind, OperationState, Outcome, ReadBack, Receipt};
use deskbell_domain::sync::plan::{NextState, backoff_ms, plan_after_read_back, plan_after_send};
use deskbell_domain::ticket::{AccountId, Status, Visibility};
use deskbell_domain::time::MINUTE_MS;
use deskbell_domain::{Code, UtcMs};
use deskbell_remote::{RemoteError, SupportApi};
use deskbell_store::Store;
use deskbell_store::records::ClaimedOperation;

use crate::engine::{Engine, guard};
use crate::error::EngineError;
use crate::puller::{retry_after_ms, with_retry_after};
use crate::sabotage::Sabotage;

/// How often one edit is planned anew because somebody else changes the ticket between our look and our write.
const REPLANS_MAX: u32 = 5;
/// A reply of ours may have opened a ticket this long before the person, who could not see it yet, chose a status.
const OPENING_SEEN_MS_MAX: i64 = 15 * MINUTE_MS;

/// A claim. If its holder is aborted or panics, the operation is read back, not forgotten until the next start.
pub(crate) struct Held {
    pub(crate) claimed: ClaimedOperation,
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

/// The oldest operation of these accounts that is due, if there is one.
pub(crate) async fn claim(engine: &Arc<Engine>, accounts: Vec<AccountId>, now: UtcMs) -> Result<Option<Held>, EngineError> {
    if accounts.is_empty() {
        return Ok(None);
    }
    let hold = |store: &Store, claimed| Held { claimed, store: store.clone(), is_settled: false };
    engine.read(move |store| Ok(store.claim_next(now, &accounts)?.map(|claimed| hold(store, claimed)))).await
}

/// What becomes of a claimed operation.
enum End {
    /// Written as the plan says.
    Next(NextState, Option<Receipt>),
    /// Nothing leaves before a person has decided.
    Ask(Code),
}

impl End {
    /// The server has it, or has no need of it.
    fn settled(now: UtcMs, receipt: Option<Receipt>) -> Self {
        let state = OperationState::Sent;
        Self::Next(NextState { state, not_before: now, imposed: false, code: None, detail: String::new() }, receipt)
    }
}

/// One attempt or one read-back, and what it led to.
pub(crate) async fn attempt(engine: &Arc<Engine>, mut held: Held) -> Option<OperationState> {
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
    let end = match claimed.state_before {
        OperationState::Unknown => read_back(engine, &api, &claimed).await,
        _ => match &claimed.merge {
            Merge::Send(_) => send(engine, &api, &claimed).await,
            // What the mirror has may be older than what we sent before: the server is asked before a person is.
            Merge::Conflict(_) => look_again(engine, &claimed).await,
            Merge::AlreadySo => End::settled(engine.now(), None),
        },
    };
    // From here on the store lets go of it: it runs to its end even if we do not.
    held.is_settled = true;
    let state = write_down(engine, &claimed, end).await;
    crate::visits::carrier::look(engine, Some(vec![claimed.ticket_id])).await;
    engine.emit_tickets(vec![claimed.ticket_id]);
    if claimed.outbound.kind.visit().is_some() {
        engine.emit_visits();
    }
    engine.emit_outbox().await;
    if state == Some(OperationState::Sent) {
        engine.wake_account(claimed.account_id);
    }
    state
}

async fn write_down(engine: &Arc<Engine>, claimed: &ClaimedOperation, end: End) -> Option<OperationState> {
    let (id, now) = (claimed.id, engine.now());
    let (state, kept) = match end {
        End::Next(next, receipt) => {
            if next.imposed {
                engine.hold(claimed.account_id, next.not_before, next.code);
            }
            let state = next.state;
            (state, engine.read(move |store| store.finish_attempt(id, &next, receipt.as_ref(), now)).await)
        }
        End::Ask(code) => (OperationState::Rejected, engine.read(move |store| store.hold(id, code, now)).await),
    };
    tracing::info!(operation = id.0, state = state.as_str(), attempts = claimed.attempts, "An attempt ended.");
    if state == OperationState::Sent || state == OperationState::Rejected {
        guard(&engine.replans).remove(&id);
    }
    match kept {
        Ok(()) => {
            if state == OperationState::Sent {
                engine.note_landing(claimed.account_id);
            }
            Some(state)
        }
        Err(error) => {
            // The row still says "sending": the next start reads it back. Nothing is lost or doubled.
            tracing::error!(operation = id.0, code = error.code.as_str(), "The end of an attempt could not be kept.");
            engine.store.release_claim(id);
            None
        }
    }
}

async fn send(engine: &Arc<Engine>, api: &Arc<dyn SupportApi>, claimed: &ClaimedOperation) -> End {
    match is_stale(engine, claimed).await {
        Ok(false) => {}
        Ok(true) => return End::Ask(Code::RepliesSince),
        Err(error) => return End::Next(later(engine, claimed, OperationState::Queued, &error), None),
    }
    if engine.saboteur.does(Sabotage::AcknowledgeBeforeCommit) {
        let (id, now) = (claimed.id, engine.now());
        if let End::Next(next, _) = End::settled(now, None) {
            let _acknowledged = engine.read(move |store| store.finish_attempt(id, &next, None, now)).await;
        }
        let _unheard = api.send(&claimed.outbound).await;
        return End::settled(now, None);
    }
    let outcome = engine.with_files_anew(claimed, api.send(&claimed.outbound).await).await;
    match outcome {
        Outcome::Rejected { code: Code::ChangedMeanwhile, .. } => look_again(engine, claimed).await,
        Outcome::VisitRefused(refusal) if refusal.code == Code::ChangedMeanwhile => look_again(engine, claimed).await,
        outcome => {
            if !matches!(outcome, Outcome::Retry { .. } | Outcome::Unknown { .. }) {
                engine.note_contact(claimed.account_id);
            }
            let next = plan_after_send(&outcome, claimed.attempts, engine.now(), engine.ports.rng.jitter());
            let receipt = match outcome {
                Outcome::Sent(receipt) => Some(receipt),
                Outcome::VisitRefused(refusal) => Some(Receipt { refusal: Some(refusal), ..Receipt::default() }),
                _ => None,
            };
            End::Next(next, receipt)
        }
    }
}

/// Whether a reply would go out over newer ones of others, and the person wants to be asked then.
async fn is_stale(engine: &Arc<Engine>, claimed: &ClaimedOperation) -> Result<bool, EngineError> {
    let is_reply = matches!(&claimed.outbound.kind, OperationKind::Reply { visibility: Visibility::Public, .. });
    if !is_reply || !engine.settings().hold_stale_replies {
        return Ok(false);
    }
    let id = claimed.id;
    Ok(engine.read(move |store| store.new_notes_since(id)).await? > 0)
}

/// Somebody else may have changed what this edits: the ticket is fetched, and the edit planned against it as it is now.
/// Nothing of it has landed.
async fn look_again(engine: &Arc<Engine>, claimed: &ClaimedOperation) -> End {
    let looked = match claimed.outbound.kind.visit() {
        Some(_) => engine.refresh_visit(claimed.account_id, &claimed.outbound.visit_remote_id).await,
        None => engine.refresh_ticket(claimed.ticket_id).await,
    };
    match looked {
        Ok(()) => {}
        Err(error) if is_passing(error.code) => {
            return End::Next(later(engine, claimed, OperationState::Queued, &error), None);
        }
        // What the ticket is now cannot be had: a person decides with what is known.
        Err(_) => return End::Ask(Code::ChangedMeanwhile),
    }
    let id = claimed.id;
    let merge = match engine.read(move |store| store.merge_now(id)).await {
        Ok(merge) => merge,
        Err(error) => return End::Next(later(engine, claimed, OperationState::Queued, &error), None),
    };
    let queued = || NextState {
        state: OperationState::Queued,
        not_before: engine.now(),
        imposed: false,
        code: Some(Code::ChangedMeanwhile),
        detail: String::new(),
    };
    match merge {
        Merge::AlreadySo => End::settled(engine.now(), None),
        Merge::Send(_) if count_replan(engine, id) <= REPLANS_MAX => End::Next(queued(), None),
        Merge::Conflict(_) if engine.saboteur.does(Sabotage::ForgetBase) || opened_by_us(engine, claimed).await => {
            match start_anew(engine, id).await {
                Ok(()) => End::Next(queued(), None),
                Err(_) => End::Ask(Code::ChangedMeanwhile),
            }
        }
        Merge::Send(_) | Merge::Conflict(_) => End::Ask(Code::ChangedMeanwhile),
    }
}

/// Whether the same question may be answered a moment later.
pub(crate) fn is_passing(code: Code) -> bool {
    matches!(
        code,
        Code::HostUnreachable
            | Code::NameNotResolved
            | Code::TimedOut
            | Code::ConnectionLost
            | Code::AnswerTruncated
            | Code::RateLimited
            | Code::ServerFailed
            | Code::CredentialsWrong
            | Code::Storage
            | Code::DatabaseBusy
    )
}

/// How often an operation was planned anew in this run, this time included.
fn count_replan(engine: &Engine, id: OperationId) -> u32 {
    let mut replans = guard(&engine.replans);
    let count = replans.entry(id).or_default();
    *count += 1;
    *count
}

/// A public reply of ours opens a new or finished ticket on some servers; a status that the same person chose on the ticket
/// still stands then.
async fn opened_by_us(engine: &Arc<Engine>, claimed: &ClaimedOperation) -> bool {
    let from = match &claimed.outbound.kind {
        OperationKind::SetStatus { from, .. } | OperationKind::Close { from } => *from,
        _ => return false,
    };
    let (ticket, since) = (claimed.ticket_id, claimed.outbound.created_at.plus_ms(-OPENING_SEEN_MS_MAX));
    let opens = matches!(from, Status::New | Status::Resolved | Status::Closed);
    let asked = engine.read(move |store| {
        let is_open = store.ticket(ticket)?.is_some_and(|ticket| ticket.status == Status::Open);
        Ok(is_open && store.replied_since(ticket, since)?)
    });
    opens && asked.await.unwrap_or(false)
}

/// The edit as made on what the server has now.
async fn start_anew(engine: &Arc<Engine>, id: OperationId) -> Result<(), EngineError> {
    engine.read(move |store| store.start_from_mirror(id)).await
}

/// Tried again after our own back-off, or when the server wants to be asked.
fn later(engine: &Engine, claimed: &ClaimedOperation, state: OperationState, error: &EngineError) -> NextState {
    let imposed_ms = retry_after_ms(error);
    let wait_ms = imposed_ms.unwrap_or(0).max(backoff_ms(claimed.attempts.max(1), engine.ports.rng.jitter()));
    let not_before = engine.now().plus_ms(i64::try_from(wait_ms).unwrap_or(i64::MAX));
    let detail = error.args.get("detail").cloned().unwrap_or_default();
    NextState { state, not_before, imposed: imposed_ms.is_some(), code: Some(error.code), detail }
}

async fn read_back(engine: &Arc<Engine>, api: &Arc<dyn SupportApi>, claimed: &ClaimedOperation) -> End {
    if engine.saboteur.does(Sabotage::ResendOnUnknown) {
        let (state, not_before) = (OperationState::Queued, engine.now());
        return End::Next(NextState { state, not_before, imposed: false, code: None, detail: String::new() }, None);
    }
    let found = match api.read_back(&claimed.outbound).await {
        Ok(found) => without_known(engine, claimed, found).await,
        Err(error) => Err(error),
    };
    match found {
        Ok(found) => {
            engine.note_contact(claimed.account_id);
            let last_attempt_at = claimed.last_attempt_at.unwrap_or(UtcMs(0));
            let next = plan_after_read_back(&found, last_attempt_at, api.capabilities().idempotent_sends, engine.now());
            let receipt = if let ReadBack::Landed(receipt) = found { Some(receipt) } else { None };
            End::Next(next, receipt)
        }
        Err(error) => End::Next(later(engine, claimed, OperationState::Unknown, &with_retry_after(error)), None),
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
