//! Pulling: page by page, the next page on its way while this one is applied, the cursor committed
//! with the page. A kill anywhere loses at most the page that was not applied yet.

use std::sync::Arc;
use std::time::Duration;

use deskbell_domain::sync::op::OperationName;
use deskbell_domain::sync::plan::backoff_ms;
use deskbell_domain::ticket::{AccountId, TicketId};
use deskbell_domain::{Code, UtcMs};
use deskbell_remote::{PullPage, SupportApi};

use crate::engine::{Engine, guard};
use crate::error::EngineError;
use crate::events::{AccountActivity, Progress};

/// Wait between looks at a feed with no change.
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

/// One account's pulling, for as long as the engine runs.
pub(crate) async fn run(engine: Arc<Engine>, account: AccountId) {
    let Some((wake, demo)) = connection_facts(&engine, account).await else { return };
    let mut failures: u32 = 0;
    loop {
        let wait = if engine.settings().work_offline {
            set_activity(&engine, account, AccountActivity::Offline, None, None).await;
            None
        } else if engine.kept(account).paused {
            set_activity(&engine, account, AccountActivity::Paused, None, None).await;
            None
        } else {
            Some(pull_and_note(&engine, account, &mut failures, demo).await)
        };
        match wait {
            None => wake.notified().await,
            Some(wait) => {
                let _woken = tokio::time::timeout(wait, wake.notified()).await;
            }
        }
    }
}

async fn connection_facts(engine: &Arc<Engine>, account: AccountId) -> Option<(Arc<tokio::sync::Notify>, bool)> {
    let record = engine.account_record(account).await.ok()?;
    let wake = guard(&engine.connections).get(&account).map(|connection| Arc::clone(&connection.wake))?;
    Some((wake, record.demo))
}

/// One round, its result written to the account and the chip. Answers how long to wait.
async fn pull_and_note(engine: &Arc<Engine>, account: AccountId, failures: &mut u32, demo: bool) -> Duration {
    match pull_once(engine, account).await {
        Ok(_report) => {
            if *failures > 0 {
                *failures = 0;
                engine.hasten_outbox(Some(account)).await;
            }
            refresh_catalogue(engine, account).await;
            set_activity(engine, account, AccountActivity::Idle, None, None).await;
            Duration::from_millis(if demo { POLL_DEMO_MS } else { POLL_MS })
        }
        Err(error) => {
            *failures = failures.saturating_add(1);
            let wait_ms = retry_after_ms(&error).unwrap_or(0).max(backoff_ms(*failures, engine.ports.rng.jitter()));
            let passing = may_pass(error.code);
            tracing::warn!(account = account.0, code = error.code.as_str(), failures = *failures, "A pull failed.");
            let retry_at = engine.now().plus_ms(i64::try_from(wait_ms).unwrap_or(i64::MAX));
            let activity = if passing { AccountActivity::Waiting } else { AccountActivity::Failed };
            set_activity(engine, account, activity, Some(retry_at), Some(error)).await;
            Duration::from_millis(wait_ms)
        }
    }
}

/// Once a day; a failure waits for the next round.
async fn refresh_catalogue(engine: &Arc<Engine>, account: AccountId) {
    let opens_tickets = engine.api(account).is_ok_and(|api| api.capabilities().operations.contains(&OperationName::CreateTicket));
    if opens_tickets && engine.is_catalogue_old(account).await {
        if let Err(error) = engine.fetch_catalogue(account).await {
            tracing::warn!(account = account.0, code = error.code.as_str(), "The catalogue could not be fetched.");
        }
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
    let page = fetch(&api, cursor.clone()).await?;
    let mut report = PullReport::default();
    let moved = cursor.as_deref() != Some(page.next_cursor.as_str());
    if moved || !page.observations.is_empty() {
        let now = engine.now();
        apply(engine, account, &page, now, &mut report).await?;
    }
    if page.caught_up {
        let now = engine.now();
        engine.read(move |store| store.note_sync_result(account, now, None)).await?;
    }
    Ok(PullStep { report, caught_up: page.caught_up })
}

async fn pull_pages(engine: &Arc<Engine>, account: AccountId) -> Result<PullReport, EngineError> {
    let api = engine.api(account)?;
    let mut cursor = engine.account_record(account).await?.cursor;
    let first_ever = cursor.is_none();
    if first_ever {
        pull_directory(engine, account, &api).await?;
    }
    let started_at = engine.now();
    let mut report = PullReport::default();
    let mut page = fetch(&api, cursor.clone()).await?;
    let was_offline = engine.settings().work_offline;
    loop {
        // Switched to working offline or paused meanwhile: the next page waits behind its cursor.
        let stopped = engine.kept(account).paused || (!was_offline && engine.settings().work_offline);
        let goes_on = !page.caught_up && !stopped;
        let next = goes_on.then(|| tokio::spawn(fetch_owned(Arc::clone(&api), page.next_cursor.clone())));
        let moved = cursor.as_deref() != Some(page.next_cursor.as_str());
        if moved || !page.observations.is_empty() {
            cursor = Some(page.next_cursor.clone());
            apply(engine, account, &page, started_at, &mut report).await?;
        }
        match next {
            None => return Ok(report),
            Some(next) => page = next.await??,
        }
    }
}

impl Engine {
    /// Fetches one ticket whole, when its conversation has not come yet.
    ///
    /// # Errors
    /// Every way in which a server cannot be reached; the mirror stays as it was.
    pub async fn refresh_ticket(&self, ticket: TicketId) -> Result<(), EngineError> {
        let record = self.known(ticket).await?;
        let observations = self.api(record.account_id)?.ticket(&record.remote_id).await?;
        let (account, now) = (record.account_id, self.now());
        let applied = self.read(move |store| store.apply_ticket(account, &observations, now)).await?;
        self.sla_wake.notify_one();
        self.emit_tickets(applied.changed);
        Ok(())
    }
}

async fn fetch(api: &Arc<dyn SupportApi>, cursor: Option<String>) -> Result<PullPage, EngineError> {
    api.pull(cursor.as_deref()).await.map_err(with_retry_after)
}

async fn fetch_owned(api: Arc<dyn SupportApi>, cursor: String) -> Result<PullPage, EngineError> {
    fetch(&api, Some(cursor)).await
}

async fn apply(
    engine: &Arc<Engine>,
    account: AccountId,
    page: &PullPage,
    started_at: UtcMs,
    report: &mut PullReport,
) -> Result<(), EngineError> {
    let (observations, next_cursor, caught_up, now) =
        (page.observations.clone(), page.next_cursor.clone(), page.caught_up, engine.now());
    let applied = engine.read(move |store| store.apply_page(account, &observations, &next_cursor, caught_up, now)).await?;
    report.pages += 1;
    report.tickets_changed += applied.changed.len() as u64;
    report.notes_new += u64::from(applied.notes_new);
    if page.progress.full {
        set_progress(engine, account, page, started_at).await;
    }
    if !applied.changed.is_empty() {
        engine.sla_wake.notify_one();
    }
    engine.emit_tickets(applied.changed);
    Ok(())
}

async fn pull_directory(engine: &Arc<Engine>, account: AccountId, api: &Arc<dyn SupportApi>) -> Result<(), EngineError> {
    let (lines, centres) = api.directory().await.map_err(with_retry_after)?;
    if lines.is_empty() && centres.is_empty() {
        return Ok(());
    }
    engine.read(move |store| store.replace_directory(account, &lines, &centres)).await
}

async fn set_progress(engine: &Arc<Engine>, account: AccountId, page: &PullPage, started_at: UtcMs) {
    let elapsed_ms = engine.now().ms_since(started_at).max(1);
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let per_second = page.progress.done as f64 * 1_000.0 / elapsed_ms as f64;
    let (done, total) = (page.progress.done, page.progress.total);
    let progress =
        Progress { done, total, full: page.progress.full, per_second, seconds_left: seconds_left(done, total, per_second) };
    if let Some(connection) = guard(&engine.connections).get_mut(&account) {
        connection.activity = AccountActivity::Syncing;
        connection.progress = Some(progress);
    }
    engine.emit_sync().await;
}

/// Rounded up, so that it does not say 0 while there is something left.
fn seconds_left(done: u64, total: Option<u64>, per_second: f64) -> Option<u64> {
    let left = total?.saturating_sub(done);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a time for people, from a positive rate; the cast saturates"
    )]
    let seconds = (per_second > 0.0).then(|| (left as f64 / per_second).ceil() as u64);
    seconds
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

fn with_retry_after(error: deskbell_remote::RemoteError) -> EngineError {
    let retry_after_ms = error.retry_after_ms;
    let error = EngineError::from(error);
    match retry_after_ms {
        Some(ms) => error.arg(RETRY_AFTER, ms.to_string()),
        None => error,
    }
}

fn retry_after_ms(error: &EngineError) -> Option<u64> {
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
