//! Showing: in the app at once, on the desktop as the notification service takes it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use deskbell_domain::time::MINUTE_MS;
use deskbell_domain::{Code, UtcMs};
use deskbell_store::Store;
use deskbell_store::records::AlertRecord;

use super::pace::Showing;
use super::state::CALLS_MAX;
use super::text::Texts;
use super::{SEPARATE_MAX, Step};
use crate::engine::{Engine, guard};
use crate::error::EngineError;
use crate::events::DeskEvent;
use crate::ports::{Notification, NotificationKind, NotificationSupport};
use crate::sabotage::Sabotage;

/// Longest wait for the notification service in one look: one that hangs must not hold up the bell in the app.
const NOTIFIER_WAIT: Duration = Duration::from_secs(4);
/// A notification says how old its data are when they are older than the time that its threshold leaves, within these.
const STALE_MS: std::ops::RangeInclusive<i64> = 2 * MINUTE_MS..=10 * MINUTE_MS;

/// What one look found.
pub(super) struct Round {
    pub(super) now: UtcMs,
    pub(super) step: Step,
    pub(super) rung: Vec<AlertRecord>,
    /// Kept back until now, and still true.
    pub(super) released: Vec<AlertRecord>,
}

/// Rings. Answers how many alerts.
pub(super) async fn ring(engine: &Arc<Engine>, round: Round) -> Result<usize, EngineError> {
    let Round { now, step, rung, released } = round;
    let count = rung.len() + released.len();
    let has_work = {
        let bell = guard(&engine.bell);
        count > 0 || step == Step::Gap || bell.may_retry(now) || bell.pace.next_at().is_some_and(|at| at <= now)
    };
    if !has_work {
        return Ok(0);
    }
    let notifications = plan(engine, now, step, &released).await?;
    let handed: BTreeSet<i64> = notifications.iter().flat_map(|notification| notification.alert_ids.iter().copied()).collect();
    let told: Vec<AlertRecord> = rung.into_iter().chain(released).collect();
    let in_app: Vec<i64> = told.iter().map(|alert| alert.id).filter(|id| !handed.contains(id)).collect();
    let is_mark_late = engine.saboteur.does(Sabotage::MarkAfterShowing);
    if !is_mark_late {
        hand_over(engine, handed.iter().copied().collect(), now).await?;
    }
    engine.read(move |store| store.mark_shown(&in_app, now)).await?;
    tell_app(engine, &told, now);
    call(engine, notifications).await;
    if is_mark_late {
        hand_over(engine, handed.into_iter().collect(), now).await?;
    }
    Ok(count)
}

async fn hand_over(engine: &Arc<Engine>, handed: Vec<i64>, now: UtcMs) -> Result<(), EngineError> {
    engine.read(move |store| store.hand_over_notices(&handed, now)).await
}

/// Rings in the app: few each for themselves, of many the worst; whoever counts asks for the list.
pub(super) fn tell_app(engine: &Arc<Engine>, alerts: &[AlertRecord], now: UtcMs) {
    let are_many = alerts.len() > SEPARATE_MAX;
    let worst = alerts.iter().min_by_key(|alert| alert.deadline_at).map(|alert| alert.id);
    for alert in alerts {
        if !are_many || Some(alert.id) == worst {
            let mut alert = alert.clone();
            alert.shown_at = alert.shown_at.or(Some(now));
            engine.emit(DeskEvent::AlertRaised { alert });
        }
    }
    if are_many {
        engine.emit(DeskEvent::AlertsChanged);
    }
}

/// The notifications of now. What is owed and not among them stays owed.
async fn plan(engine: &Arc<Engine>, now: UtcMs, step: Step, released: &[AlertRecord]) -> Result<Vec<Notification>, EngineError> {
    {
        let mut bell = guard(&engine.bell);
        let are_too_many = bell.calls() >= CALLS_MAX;
        if are_too_many {
            bell.failed(now);
        }
        if are_too_many || bell.is_waiting(now) {
            return Ok(Vec::new());
        }
    }
    let owed = engine.read(Store::owed_alerts).await?;
    if owed.is_empty() {
        guard(&engine.bell).settled();
        return Ok(Vec::new());
    }
    let support = support(engine, now).await;
    if !support.available {
        tracing::warn!("No notification service takes alerts; they ring in the app.");
        guard(&engine.bell).failed(now);
        return Ok(Vec::new());
    }
    let texts = Texts::new(engine, now);
    let is_gap = step == Step::Gap || guard(&engine.bell).may_retry(now);
    let mut notifications = Vec::new();
    let held: BTreeSet<i64> = if is_gap { BTreeSet::new() } else { released.iter().map(|alert| alert.id).collect() };
    let (held, owed): (Vec<AlertRecord>, Vec<AlertRecord>) = owed.into_iter().partition(|alert| held.contains(&alert.id));
    if !held.is_empty() {
        notifications.push(texts.digest(engine, &held, NotificationKind::Held, true).await);
    }
    let showing = guard(&engine.bell).pace.plan(&owed, now, is_gap);
    match showing {
        Showing::Nothing | Showing::Wait => {}
        Showing::Singles => {
            for alert in &owed {
                let as_of = data_age(engine, alert, now).await;
                notifications.push(texts.single(engine, alert, as_of).await);
            }
        }
        Showing::Digest { ids, rings } => {
            let mut alerts = engine.read(move |store| store.alerts_by_id(&ids)).await?;
            alerts.retain(|alert| alert.acknowledged_at.is_none() && alert.ended_at.is_none() && alert.snoozed_until.is_none());
            notifications.push(texts.digest(engine, &alerts, NotificationKind::Digest, rings).await);
        }
    }
    Ok(notifications)
}

/// What the notification service can do, asked at most every few minutes.
async fn support(engine: &Arc<Engine>, now: UtcMs) -> NotificationSupport {
    let known = guard(&engine.bell).known_support(now);
    match known {
        Some(support) => support,
        None => engine.notification_support().await,
    }
}

impl Engine {
    /// What the desktop's notification service can do, asked now. One that does not answer counts as none.
    pub async fn notification_support(&self) -> NotificationSupport {
        let now = self.now();
        let asked = tokio::time::timeout(NOTIFIER_WAIT, self.ports.notifier.support()).await;
        let support = asked.unwrap_or_else(|_| NotificationSupport::none(Code::TimedOut, now));
        guard(&self.bell).remember_support(support.clone(), now);
        support
    }

    /// A notification service came or went: what the one before it did not take is shown by a new one, once.
    pub async fn notifier_changed(&self) {
        let now = self.now();
        guard(&self.bell).retry_now(now);
        guard(&self.reminders).retry_now();
        self.sla_wake.notify_one();
    }
}

/// Hands notifications to the service, each on a task of its own, and waits for the answers as long as a look may take.
async fn call(engine: &Arc<Engine>, notifications: Vec<Notification>) {
    if notifications.is_empty() {
        return;
    }
    let mut answers = Vec::with_capacity(notifications.len());
    for notification in notifications {
        let owner = Arc::clone(engine);
        let call = tokio::spawn(async move {
            let outcome = owner.ports.notifier.show(&notification).await;
            settle(&owner, notification.alert_ids, outcome).await;
        });
        guard(&engine.bell).called(call.abort_handle());
        answers.push(call);
    }
    // A task that is not waited for any longer goes on, and still writes down its answer.
    let _late = tokio::time::timeout(NOTIFIER_WAIT, futures::future::join_all(answers)).await;
}

async fn settle(engine: &Arc<Engine>, ids: Vec<i64>, outcome: Result<(), Code>) {
    let is_taken = outcome.is_ok();
    {
        let mut bell = guard(&engine.bell);
        if let Err(code) = outcome {
            tracing::warn!(code = code.as_str(), "The notification service did not take an alert; it rings in the app.");
            bell.failed(engine.now());
        } else {
            bell.settled();
        }
    }
    if let Err(error) = engine.read(move |store| store.settle_notices(&ids, is_taken)).await {
        tracing::error!(code = error.code.as_str(), "What the notification service answered could not be kept.");
    }
}

/// When the ticket's own account was last in step with its server, if that is older than the threshold allows.
pub(super) async fn data_age(engine: &Arc<Engine>, alert: &AlertRecord, now: UtcMs) -> Option<UtcMs> {
    let ticket = alert.ticket_id;
    let synced = engine.read(move |store| match store.ticket(ticket)? {
        Some(ticket) => Ok(store.account(ticket.account_id)?.and_then(|account| account.last_synced_at)),
        None => Ok(None),
    });
    let last = synced.await.ok()??;
    let allowed_ms = alert.deadline_at.ms_since(alert.due_at).clamp(*STALE_MS.start(), *STALE_MS.end());
    (now.ms_since(last) > allowed_ms).then_some(last)
}
