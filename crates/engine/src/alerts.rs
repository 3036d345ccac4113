//! Ringing: each alert is in the store before it is shown, and is shown once.

use std::sync::Arc;
use std::time::Duration;

use deskbell_domain::sla::policy::{Metric, Threshold};
use deskbell_domain::ticket::{Priority, TicketId};
use deskbell_domain::time::{HOUR_MS, MINUTE_MS, SECOND_MS};
use deskbell_domain::{Code, UtcMs};
use deskbell_store::Store;
use deskbell_store::records::AlertRecord;
use tokio::sync::mpsc::Receiver;

use crate::catalogue::{Catalogue, TextArgs};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::events::DeskEvent;
use crate::ports::{Notification, NotificationAction, NotificationKind, NotificationResponse};

/// Snooze of the notification's button.
pub const SNOOZE_MS: i64 = 10 * MINUTE_MS;
/// More alerts than this at one moment become one digest.
pub const SEPARATE_MAX: usize = 3;
/// Alerts taken from the store in one round.
pub const RAISE_BATCH_MAX: u32 = 500;
/// Responses of the notification service waiting to be acted on.
const RESPONSE_QUEUE_MAX: usize = 64;
/// Longest wait for the notification service to take an alert: one that hangs must not silence the bell in the app.
const NOTIFIER_WAIT: Duration = Duration::from_secs(4);
/// Data older than this is dated in the notification.
const STALE_DATA_MS: i64 = 10 * MINUTE_MS;

/// Takes what is due from the store and shows it. Answers how many alerts that were.
///
/// # Errors
/// The store's.
pub async fn raise_due(engine: &Arc<Engine>) -> Result<usize, EngineError> {
    let now = engine.now();
    let raised = engine.read(move |store| store.raise_due_alerts(now, RAISE_BATCH_MAX)).await?;
    let count = raised.len();
    show(engine, raised).await?;
    Ok(count)
}

/// Alerts that were raised before a restart and not shown.
///
/// # Errors
/// The store's.
pub async fn show_unshown(engine: &Arc<Engine>) -> Result<(), EngineError> {
    let unshown = engine.read(Store::unshown_alerts).await?;
    show(engine, unshown).await
}

async fn show(engine: &Arc<Engine>, alerts: Vec<AlertRecord>) -> Result<(), EngineError> {
    if alerts.is_empty() {
        return Ok(());
    }
    notify(engine, &alerts).await;
    let (ids, now): (Vec<i64>, UtcMs) = (alerts.iter().map(|alert| alert.id).collect(), engine.now());
    engine.read(move |store| store.mark_shown(&ids, now)).await?;
    let are_many = alerts.len() > SEPARATE_MAX;
    let worst = alerts.iter().min_by_key(|alert| alert.deadline_at).map(|alert| alert.id);
    for mut alert in alerts {
        if !are_many || Some(alert.id) == worst {
            alert.shown_at = Some(now);
            engine.emit(DeskEvent::AlertRaised { alert });
        }
    }
    if are_many {
        // A digest rings once; whoever counts asks for the list.
        engine.emit(DeskEvent::AlertsChanged);
    }
    Ok(())
}

/// Hands alerts to the notification service; what it does not take is kept for the next one.
pub(crate) async fn notify(engine: &Arc<Engine>, alerts: &[AlertRecord]) {
    let catalogue = Catalogue::of(engine.settings().language);
    let sound = engine.settings().sound;
    let notifications: Vec<Notification> = if alerts.len() > SEPARATE_MAX {
        vec![digest(catalogue, alerts, engine.now(), sound)]
    } else {
        let mut notifications = Vec::with_capacity(alerts.len());
        for alert in alerts {
            let as_of = data_age(engine, alert.ticket_id).await;
            notifications.push(single(catalogue, alert, engine.now(), as_of, sound));
        }
        notifications
    };
    for notification in &notifications {
        let taken = tokio::time::timeout(NOTIFIER_WAIT, engine.ports.notifier.show(notification)).await;
        match taken.unwrap_or(Err(Code::TimedOut)) {
            Ok(()) => engine.untaken.forget(&notification.alert_ids),
            Err(code) => {
                tracing::warn!(code = code.as_str(), "The notification service did not take an alert; it rings in the app.");
                engine.untaken.keep(&notification.alert_ids);
            }
        }
    }
}

/// When the ticket's own account was last in step with its server, if that is long ago.
async fn data_age(engine: &Arc<Engine>, ticket: TicketId) -> Option<UtcMs> {
    let synced = engine.read(move |store| match store.ticket(ticket)? {
        Some(ticket) => Ok(store.account(ticket.account_id)?.and_then(|account| account.last_synced_at)),
        None => Ok(None),
    });
    let last = synced.await.ok()??;
    (engine.now().ms_since(last) > STALE_DATA_MS).then_some(last)
}

fn single(catalogue: &Catalogue, alert: &AlertRecord, now: UtcMs, as_of: Option<UtcMs>, sound: bool) -> Notification {
    let breached = alert.threshold == Threshold::Breach || alert.deadline_at <= now;
    let title_key = match (alert.metric, breached) {
        (Metric::FirstResponse, false) => "notify-title-first-response",
        (Metric::FirstResponse, true) => "notify-title-first-response-breached",
        (Metric::NextResponse, false) => "notify-title-next-response",
        (Metric::NextResponse, true) => "notify-title-next-response-breached",
        (Metric::FirstResolution, false) => "notify-title-first-resolution",
        (Metric::FirstResolution, true) => "notify-title-first-resolution-breached",
        (Metric::Visit, false) => "notify-title-visit",
        (Metric::Visit, true) => "notify-title-visit-breached",
        (Metric::Resolution, false) => "notify-title-resolution",
        (Metric::Resolution, true) => "notify-title-resolution-breached",
    };
    let left = duration_text(catalogue, alert.deadline_at.ms_since(now));
    let time = as_of.and_then(UtcMs::to_datetime).map(|at| at.with_timezone(&chrono::Local).format("%H:%M").to_string());
    let args = TextArgs::new()
        .text("subject", &alert.subject)
        .text("customer", &alert.customer)
        .text("remote_id", &alert.remote_id)
        .text("left", &left)
        .text("over", &left)
        .text("time", time.as_deref().unwrap_or_default());
    let body_key = match (breached, time.is_some()) {
        (true, _) => "notify-body-breached",
        (false, true) => "notify-body-as-of",
        (false, false) => "notify-body",
    };
    let body = catalogue.text(body_key, &args);
    Notification {
        key: format!("{}:{}", alert.ticket_id.0, alert.metric.as_str()),
        alert_ids: vec![alert.id],
        ticket_id: Some(alert.ticket_id),
        title: catalogue.text(title_key, &args),
        body,
        as_of,
        urgent: breached || alert.priority == Priority::Urgent,
        sound,
        ..labels(catalogue)
    }
}

/// Many at once: one notification that says how many and names the worst.
fn digest(catalogue: &Catalogue, alerts: &[AlertRecord], now: UtcMs, sound: bool) -> Notification {
    let worst = alerts.iter().min_by_key(|alert| alert.deadline_at);
    let deadline = worst.map_or(now, |alert| alert.deadline_at);
    let left = duration_text(catalogue, deadline.ms_since(now));
    let args = TextArgs::new()
        .number("count", i64::try_from(alerts.len()).unwrap_or(i64::MAX))
        .text("subject", worst.map_or("", |alert| alert.subject.as_str()))
        .text("left", &left)
        .text("over", &left);
    let body_key = if deadline <= now { "notify-digest-body-breached" } else { "notify-digest-body" };
    Notification {
        key: "digest".to_owned(),
        kind: NotificationKind::Digest,
        alert_ids: alerts.iter().map(|alert| alert.id).collect(),
        ticket_id: worst.map(|alert| alert.ticket_id),
        title: catalogue.text("notify-digest-title", &args),
        body: catalogue.text(body_key, &args),
        urgent: alerts.iter().any(|alert| alert.priority == Priority::Urgent),
        sound,
        ..labels(catalogue)
    }
}

/// How long, in the two largest units that matter, whichever way the sign; to the nearest minute above one.
fn duration_text(catalogue: &Catalogue, ms: i64) -> String {
    let ms = ms.saturating_abs();
    let ms = if ms < MINUTE_MS { ms } else { ms.saturating_add(MINUTE_MS / 2) };
    let (hours, minutes, seconds) = (ms / HOUR_MS, ms % HOUR_MS / MINUTE_MS, ms % MINUTE_MS / SECOND_MS);
    let args = TextArgs::new().number("hours", hours).number("minutes", minutes).number("seconds", seconds);
    let key = match (hours, minutes) {
        (0, 0) => "notify-left-seconds",
        (0, _) => "notify-left-minutes",
        _ => "notify-left-hours",
    };
    catalogue.text(key, &args)
}

fn labels(catalogue: &Catalogue) -> Notification {
    let none = TextArgs::new();
    Notification {
        key: String::new(),
        kind: NotificationKind::Single,
        alert_ids: Vec::new(),
        ticket_id: None,
        title: String::new(),
        body: String::new(),
        as_of: None,
        urgent: false,
        sound: false,
        label_open: catalogue.text("action-open", &none),
        label_acknowledge: catalogue.text("action-acknowledge", &none),
        label_snooze: catalogue.text("action-snooze", &none),
        without_actions: catalogue.text("notify-without-actions", &none),
    }
}

/// Where the notification's buttons arrive. To be called before anything is shown: a notification shown earlier has none.
pub(crate) fn listen(engine: &Engine) -> Receiver<NotificationResponse> {
    let (sender, responses) = tokio::sync::mpsc::channel(RESPONSE_QUEUE_MAX);
    engine.ports.notifier.respond_to(sender);
    responses
}

/// Acts on the notification's buttons for as long as the engine runs.
pub(crate) async fn respond(engine: Arc<Engine>, mut responses: Receiver<NotificationResponse>) {
    while let Some(response) = responses.recv().await {
        if let Err(error) = act(&engine, &response).await {
            tracing::error!(code = error.code.as_str(), "A notification's action could not be kept.");
        }
    }
}

async fn act(engine: &Arc<Engine>, response: &NotificationResponse) -> Result<(), EngineError> {
    match response.action {
        NotificationAction::Open => {
            if let Some(ticket) = response.notification.ticket_id {
                engine.open_ticket(ticket);
            }
            Ok(())
        }
        NotificationAction::Acknowledge | NotificationAction::Snooze => {
            // One alert that is gone (its account was removed) must not keep the others ringing.
            let mut failure = None;
            for id in &response.notification.alert_ids {
                let kept = match response.action {
                    NotificationAction::Snooze => engine.snooze_alert(*id, SNOOZE_MS).await,
                    _ => engine.acknowledge_alert(*id).await,
                };
                if let Err(error) = kept {
                    failure.get_or_insert(error);
                }
            }
            failure.map_or(Ok(()), Err)
        }
    }
}

impl Engine {
    /// # Errors
    /// The store's.
    pub async fn acknowledge_alert(&self, id: i64) -> Result<(), EngineError> {
        let now = self.now();
        self.read(move |store| store.acknowledge_alert(id, now)).await?;
        self.emit(DeskEvent::AlertsChanged);
        Ok(())
    }

    /// Rings again after `wait_ms`, and never later than the deadline.
    ///
    /// # Errors
    /// The store's.
    pub async fn snooze_alert(&self, id: i64, wait_ms: i64) -> Result<(), EngineError> {
        let until = self.now().plus_ms(wait_ms);
        self.read(move |store| store.snooze_alert(id, until)).await?;
        self.sla_wake.notify_one();
        self.emit(DeskEvent::AlertsChanged);
        Ok(())
    }
}
