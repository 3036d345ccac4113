//! Sending what people did: which operation goes when, and how many at once.
//!
//! Sends in flight are limited for each account by its own connections, so an account that hangs or fails never delays
//! another. A wait that a server imposed holds its whole account, and nothing here shortens it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use deskbell_domain::UtcMs;
use deskbell_domain::sync::op::{OperationId, OperationState};
use deskbell_domain::ticket::AccountId;
use deskbell_store::Store;
use tokio::task::{Id, JoinSet};

use crate::attempt::{attempt, claim};
use crate::engine::Engine;
use crate::error::EngineError;

/// Operations in flight at once, all accounts together.
pub const SENDS_IN_FLIGHT_MAX: usize = 64;
/// Operations of one account in flight at once, where it allows more connections.
pub const SENDS_OF_ACCOUNT_MAX: usize = 4;
/// Wait after the store itself failed to answer.
const STORE_TROUBLE_WAIT_MS: u64 = 5_000;
/// Shortest wait between two looks of [`push_once`] at what is not due yet.
const LOOK_WAIT: Duration = Duration::from_millis(20);

/// What one round of sending did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct PushReport {
    pub sent: u64,
    pub rejected: u64,
    pub waiting: u64,
}

/// Attempts under way, and whose they are.
#[derive(Default)]
struct Flights {
    tasks: JoinSet<()>,
    accounts: HashMap<Id, AccountId>,
}

impl Flights {
    fn count(&self, account: AccountId) -> usize {
        self.accounts.values().filter(|flying| **flying == account).count()
    }

    /// Accounts that can take one more.
    fn with_room(&self, engine: &Engine) -> Vec<AccountId> {
        let usable = engine.usable_accounts();
        usable.into_iter().filter(|(id, most)| self.count(*id) < *most).map(|(id, _)| id).collect()
    }

    /// Waits for one to end; never when there is none.
    async fn landed(&mut self) {
        let id = match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => id,
            Some(Err(error)) => error.id(),
            None => return std::future::pending().await,
        };
        self.accounts.remove(&id);
    }
}

/// Sends for as long as the engine runs.
pub(crate) async fn run(engine: Arc<Engine>) {
    let mut flights = Flights::default();
    loop {
        let wait = fill(&engine, &mut flights).await;
        tokio::select! {
            () = engine.pusher_wake.notified() => {}
            () = flights.landed() => {}
            () = sleep_for(wait) => {}
        }
    }
}

/// Claims until nothing is claimable or enough is in flight; answers when to look again.
async fn fill(engine: &Arc<Engine>, flights: &mut Flights) -> Option<Duration> {
    let mut now = engine.now();
    while flights.tasks.len() < SENDS_IN_FLIGHT_MAX {
        now = engine.now();
        match claim(engine, flights.with_room(engine), now).await {
            Ok(Some(held)) => {
                let (engine, account) = (Arc::clone(engine), held.claimed.account_id);
                let task = flights.tasks.spawn(async move {
                    let _settled = attempt(&engine, held).await;
                });
                flights.accounts.insert(task.id(), account);
            }
            Ok(None) => break,
            Err(error) => {
                tracing::error!(code = error.code.as_str(), "The outbox could not be read.");
                return Some(Duration::from_millis(STORE_TROUBLE_WAIT_MS));
            }
        }
    }
    let next = next_look(engine, flights.with_room(engine), now).await.ok().flatten()?;
    Some(until(engine, next))
}

async fn sleep_for(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}

/// When something of these accounts that was not due at `now` is due, or a wait that a server imposed ends; `None` when only
/// a person or a server can change anything. What was due and could not be claimed waits for something else.
async fn next_look(engine: &Arc<Engine>, accounts: Vec<AccountId>, now: UtcMs) -> Result<Option<UtcMs>, EngineError> {
    let due = engine.read(move |store| store.next_outbox_due_of(&accounts, now)).await?;
    Ok([due, engine.next_release()].into_iter().flatten().min())
}

fn until(engine: &Engine, at: UtcMs) -> Duration {
    Duration::from_millis(u64::try_from(at.ms_since(engine.now())).unwrap_or(0))
}

/// Sends everything that can be sent now and waits for its answers; for hosts that do not stay. Accounts take turns.
///
/// # Errors
/// The store's.
pub async fn push_once(engine: &Arc<Engine>, patience: Duration) -> Result<PushReport, EngineError> {
    let end = tokio::time::Instant::now() + patience;
    let mut report = PushReport::default();
    loop {
        let accounts: Vec<AccountId> = engine.usable_accounts().into_keys().collect();
        let now = engine.now();
        match claim(engine, accounts.clone(), now).await? {
            Some(held) => match attempt(engine, held).await {
                Some(OperationState::Sent) => report.sent += 1,
                Some(OperationState::Rejected) => report.rejected += 1,
                _ => {}
            },
            None => {
                let Some(next) = next_look(engine, accounts, now).await? else { break };
                let wait = until(engine, next).max(LOOK_WAIT);
                if tokio::time::Instant::now() + wait > end {
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
    /// Nothing can be done now. `due` is when to look again; `None` when nothing waits for the time to pass.
    Nothing { due: Option<UtcMs> },
}

/// Claims one operation that is due and makes one attempt, or reads one back.
///
/// # Errors
/// The store's.
pub async fn push_step(engine: &Arc<Engine>) -> Result<PushStep, EngineError> {
    let accounts: Vec<AccountId> = engine.usable_accounts().into_keys().collect();
    let now = engine.now();
    let Some(held) = claim(engine, accounts.clone(), now).await? else {
        return Ok(PushStep::Nothing { due: next_look(engine, accounts, now).await? });
    };
    let operation = held.claimed.id;
    Ok(PushStep::Attempted { operation, state: attempt(engine, held).await })
}

impl Engine {
    /// Accounts whose connection can be used now, with the sends that each can have in flight.
    pub(crate) fn usable_accounts(&self) -> BTreeMap<AccountId, usize> {
        if self.settings().work_offline {
            return BTreeMap::new();
        }
        let now = self.now();
        let connections = crate::engine::guard(&self.connections);
        let usable = connections.iter().filter(|(_, connection)| connection.can_send(now));
        usable.filter_map(|(id, connection)| Some((*id, sends_max(connection.api.as_ref().ok()?.as_ref())))).collect()
    }
}

fn sends_max(api: &dyn deskbell_remote::SupportApi) -> usize {
    api.capabilities().connections_max.clamp(1, SENDS_OF_ACCOUNT_MAX)
}
