//! Pulling: page by page, the next ones on their way while those before them are applied, the cursor committed with them. Pages
//! that are there already are applied together, so a fast server does not wait for one commit a page. A kill anywhere loses at
//! most the pages that were not applied yet.

mod ahead;
mod pull;

use std::sync::Arc;
use std::time::Duration;

use deskbell_domain::sync::op::OperationName;
use deskbell_domain::sync::plan::backoff_ms;
use deskbell_domain::ticket::{AccountId, TicketId};
use deskbell_domain::{Code, UtcMs};
use deskbell_remote::SupportApi;
use deskbell_store::records::Applied;
use tokio::sync::Notify;

use crate::engine::{Engine, guard};
use crate::error::EngineError;
use crate::events::{AccountActivity, DeskEvent};
use crate::vanished;

use ahead::Source;
use pull::Pull;

/// Wait between looks at a feed with no change, where neither the account nor its provider says otherwise.
pub const POLL_MS: u64 = 15_000;
/// The demo desk answers from this machine: a look costs nothing.
pub const POLL_DEMO_MS: u64 = 3_000;

/// What one pull brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct PullReport {
    pub pages: u64,
    pub tickets_changed: u64,
    pub notes_new: u64,
}

/// What the puller does next.
enum Next {
    /// Nothing, until somebody wakes it.
    Sleep,
    /// Look again after this, or when woken.
    Wait(Duration),
    /// Look again after this; no wake-up shortens it, because the server imposed it.
    Held(Duration),
}

/// One account's pulling, for as long as the engine runs.
pub(crate) async fn run(engine: Arc<Engine>, account: AccountId) {
    let Some((wake, demo)) = connection_facts(&engine, account).await else { return };
    let mut failures: u32 = 0;
    loop {
        match round(&engine, account, &mut failures, demo).await {
            Next::Sleep => wake.notified().await,
            Next::Wait(wait) => {
                let _woken = tokio::time::timeout(wait, wake.notified()).await;
            }
            Next::Held(wait) => tokio::time::sleep(wait).await,
        }
    }
}

async fn connection_facts(engine: &Arc<Engine>, account: AccountId) -> Option<(Arc<Notify>, bool)> {
    let record = engine.account_record(account).await.ok()?;
    let wake = guard(&engine.connections).get(&account).map(|connection| Arc::clone(&connection.wake))?;
    Some((wake, record.demo))
}

async fn round(engine: &Arc<Engine>, account: AccountId, failures: &mut u32, demo: bool) -> Next {
    if engine.settings().work_offline {
        set_activity(engine, account, AccountActivity::Offline, None, None).await;
        return Next::Sleep;
    }
    if engine.kept(account).paused {
        set_activity(engine, account, AccountActivity::Paused, None, None).await;
        // Nobody looks, so what people did does not wait for a look.
        engine.note_look(account, false);
        return Next::Sleep;
    }
    if let Some((until, code)) = engine.held(account) {
        set_activity(engine, account, AccountActivity::Waiting, Some(until), Some(EngineError::new(code))).await;
        return Next::Held(Duration::from_millis(u64::try_from(until.ms_since(engine.now())).unwrap_or(0)));
    }
    pull_and_note(engine, account, failures, demo).await
}

/// One round, its result written to the account and the chip.
async fn pull_and_note(engine: &Arc<Engine>, account: AccountId, failures: &mut u32, demo: bool) -> Next {
    let pulled = pull_once(engine, account).await;
    engine.note_look(account, pulled.is_ok());
    match pulled {
        Ok(_report) => {
            if *failures > 0 {
                *failures = 0;
                engine.hasten_outbox(Some(account)).await;
            }
            refresh_catalogue(engine, account).await;
            vanished::look(engine, account).await;
            set_activity(engine, account, AccountActivity::Idle, None, None).await;
            Next::Wait(poll_wait(engine, account, demo))
        }
        Err(error) => {
            *failures = failures.saturating_add(1);
            let imposed_ms = retry_after_ms(&error);
            let wait_ms = imposed_ms.unwrap_or(0).max(backoff_ms(*failures, engine.ports.rng.jitter()));
            let passing = may_pass(error.code);
            tracing::warn!(account = account.0, code = error.code.as_str(), failures = *failures, "A pull failed.");
            let retry_at = engine.now().plus_ms(i64::try_from(wait_ms).unwrap_or(i64::MAX));
            if imposed_ms.is_some() {
                engine.hold(account, retry_at, Some(error.code));
            }
            let activity = if passing { AccountActivity::Waiting } else { AccountActivity::Failed };
            set_activity(engine, account, activity, Some(retry_at), Some(error)).await;
            Next::Wait(Duration::from_millis(wait_ms))
        }
    }
}

/// As the person set it, else as the provider wants it.
fn poll_wait(engine: &Engine, account: AccountId, demo: bool) -> Duration {
    if let Some(poll_s) = engine.kept(account).options.poll_s {
        return Duration::from_secs(poll_s.into());
    }
    let of_provider = engine.api(account).ok().and_then(|api| api.capabilities().poll_ms);
    Duration::from_millis(if demo { POLL_DEMO_MS } else { of_provider.unwrap_or(POLL_MS) })
}

/// Once a day; a failure waits for the next round.
async fn refresh_catalogue(engine: &Arc<Engine>, account: AccountId) {
    let opens_tickets = engine.api(account).is_ok_and(|api| api.capabilities().operations.contains(&OperationName::CreateTicket));
    if !opens_tickets || !engine.is_catalogue_old(account).await {
        return;
    }
    if let Err(error) = engine.fetch_catalogue(account).await {
        tracing::warn!(account = account.0, code = error.code.as_str(), "The catalogue could not be fetched.");
    }
}

/// Pulls until the server has nothing more.
///
/// # Errors
/// The first question that could not be asked or page that could not be applied; pages before it are kept.
pub async fn pull_once(engine: &Arc<Engine>, account: AccountId) -> Result<PullReport, EngineError> {
    let result = pull_pages(engine, account).await;
    let (now, code) = (engine.now(), result.as_ref().err().map(|error| error.code));
    engine.read(move |store| store.note_sync_result(account, now, code)).await?;
    result
}

/// What one page brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PullStep {
    pub report: PullReport,
    /// The server had nothing more at the moment of this page.
    pub caught_up: bool,
}

/// Fetches one page and applies it with its cursor, for hosts that keep the time themselves.
///
/// # Errors
/// Why the page could not be fetched or applied; the cursor stays where it was.
pub async fn pull_step(engine: &Arc<Engine>, account: AccountId) -> Result<PullStep, EngineError> {
    let api = engine.api(account)?;
    let cursor = engine.account_record(account).await?.cursor;
    let source = Source { engine: Arc::clone(engine), account, api };
    let page = source.fresh(cursor.as_deref()).await?;
    let caught_up = page.caught_up;
    let mut pull = Pull::new(engine, account);
    if cursor.as_deref() != Some(page.next_cursor.as_str()) || !page.observations.is_empty() {
        pull.apply(vec![page]).await?;
    }
    if caught_up {
        let now = engine.now();
        engine.read(move |store| store.note_sync_result(account, now, None)).await?;
    }
    Ok(PullStep { report: pull.report, caught_up })
}

async fn pull_pages(engine: &Arc<Engine>, account: AccountId) -> Result<PullReport, EngineError> {
    let api = engine.api(account)?;
    let mut cursor = engine.account_record(account).await?.cursor;
    if cursor.is_none() {
        pull_directory(engine, account, &api).await?;
    }
    let source = Source { engine: Arc::clone(engine), account, api };
    let mut pull = Pull::new(engine, account);
    let was_offline = engine.settings().work_offline;
    let mut ahead = source.ahead(cursor.clone());
    loop {
        let (mut pages, is_stale) = ahead.next_pages().await?;
        engine.note_contact(account);
        if pages.is_empty() {
            // The very next page is older than an edit of ours that landed.
            pages.push(source.fresh(cursor.as_deref()).await?);
        }
        let Some(last) = pages.last() else { return Ok(pull.report) };
        // Switched to working offline or paused meanwhile: the next page waits behind its cursor.
        let stopped = engine.kept(account).paused || (!was_offline && engine.settings().work_offline);
        let goes_on = !last.caught_up && !stopped;
        let next_cursor = Some(last.next_cursor.clone());
        if goes_on && is_stale {
            ahead = source.ahead(next_cursor.clone());
        }
        if cursor != next_cursor || pages.iter().any(|page| !page.observations.is_empty()) {
            cursor = next_cursor;
            pull.apply(pages).await?;
        }
        if !goes_on {
            return Ok(pull.report);
        }
    }
}

async fn pull_directory(engine: &Arc<Engine>, account: AccountId, api: &Arc<dyn SupportApi>) -> Result<(), EngineError> {
    let (lines, centres) = api.directory().await.map_err(with_retry_after)?;
    if lines.is_empty() && centres.is_empty() {
        return Ok(());
    }
    if engine.read(move |store| store.replace_directory(account, &lines, &centres)).await? {
        engine.emit(DeskEvent::DirectoryChanged);
    }
    Ok(())
}

impl Engine {
    /// Fetches one ticket whole, when its conversation has not come yet or somebody else may have changed it.
    ///
    /// # Errors
    /// Every way in which a server cannot be reached; the mirror stays as it was.
    pub async fn refresh_ticket(&self, ticket: TicketId) -> Result<(), EngineError> {
        let record = self.known(ticket).await?;
        let observations = self.api(record.account_id)?.ticket(&record.remote_id).await.map_err(with_retry_after)?;
        let (account, now) = (record.account_id, self.now());
        let applied = self.read(move |store| store.apply_ticket(account, &observations, now)).await?;
        self.after_observing(account, applied).await;
        Ok(())
    }

    /// Tells everybody what an observation changed; it may have shown that an operation of ours had landed.
    pub(crate) async fn after_observing(&self, account: AccountId, applied: Applied) {
        if !applied.changed.is_empty() {
            self.sla_wake.notify_one();
        }
        crate::visits::carrier::look(self, Some(applied.changed.clone())).await;
        self.emit_tickets(applied.changed);
        if applied.landed > 0 {
            self.note_landing(account);
            self.pusher_wake.notify_one();
            self.emit_outbox().await;
        }
    }
}

/// Emits only when something a person can see has changed.
async fn set_activity(
    engine: &Arc<Engine>,
    account: AccountId,
    activity: AccountActivity,
    retry_at: Option<UtcMs>,
    error: Option<EngineError>,
) {
    if let Some(connection) = guard(&engine.connections).get_mut(&account) {
        connection.activity = activity;
        connection.progress = None;
        connection.retry_at = retry_at;
        connection.error = error;
    }
    engine.emit_sync().await;
}

const RETRY_AFTER: &str = "retry_after_ms";

pub(crate) fn with_retry_after(error: deskbell_remote::RemoteError) -> EngineError {
    let retry_after_ms = error.retry_after_ms;
    let error = EngineError::from(error);
    match retry_after_ms {
        Some(ms) => error.arg(RETRY_AFTER, ms.to_string()),
        None => error,
    }
}

pub(crate) fn retry_after_ms(error: &EngineError) -> Option<u64> {
    error.args.get(RETRY_AFTER)?.parse().ok()
}

/// Whether waiting may help; the others need a person.
pub(crate) fn may_pass(code: Code) -> bool {
    !matches!(
        code,
        Code::CredentialsWrong
            | Code::Forbidden
            | Code::CertificateInvalid
            | Code::PlainHttpRefused
            | Code::EndpointInvalid
            | Code::NotSupportedServer
            | Code::KeyringLocked
            | Code::KeyringMissing
    )
}
