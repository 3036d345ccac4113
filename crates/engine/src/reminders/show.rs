//! Showing reminders: in the app at once, on the desktop as the notification service takes them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use deskbell_domain::UtcMs;
use deskbell_domain::reminder::ReminderKind;
use deskbell_domain::time::{HOUR_MS, MINUTE_MS};
use deskbell_store::{ReminderRecord, Store};

use super::ReminderView;
use crate::catalogue::{Catalogue, TextArgs};
use crate::engine::{Engine, guard};
use crate::error::EngineError;
use crate::events::DeskEvent;
use crate::ports::{Notification, NotificationKind};

/// More at one moment become one notification.
const SEPARATE_MAX: usize = 3;
/// Longest wait for the notification service in one look.
const NOTIFIER_WAIT: Duration = Duration::from_secs(4);

/// Rings what came now, and shows what is owed. Answers how many rang.
pub(super) async fn ring(engine: &Arc<Engine>, rung: Vec<ReminderRecord>, now: UtcMs) -> Result<usize, EngineError> {
    let owed = engine.read(Store::owed_reminders).await?;
    if owed.is_empty() && rung.is_empty() {
        return Ok(0);
    }
    // Written down by the last run and never shown: it rings in the app now.
    let news: BTreeSet<i64> = rung.iter().map(|one| one.id).collect();
    let mut told = rung;
    told.extend(owed.iter().filter(|one| one.shown_at.is_none() && !news.contains(&one.id)).cloned());
    let can_show = !owed.is_empty() && !guard(&engine.reminders).is_waiting(now) && is_served(engine, now).await;
    let ids = |list: &[ReminderRecord]| list.iter().map(|one| one.id).collect::<Vec<i64>>();
    let (handed, in_app) = if can_show { (ids(&owed), Vec::new()) } else { (Vec::new(), ids(&told)) };
    engine
        .read(move |store| {
            store.mark_reminders_shown(&handed, true, now)?;
            store.mark_reminders_shown(&in_app, false, now)
        })
        .await?;
    tell_app(engine, &told, now);
    if can_show {
        for notification in notifications(engine, &owed, now) {
            show(engine, notification, now).await;
        }
    }
    Ok(told.len())
}

/// Rings in the app: few each for themselves, of many the soonest.
pub(super) fn tell_app(engine: &Engine, reminders: &[ReminderRecord], now: UtcMs) {
    let shown = if reminders.len() > SEPARATE_MAX { 1 } else { reminders.len() };
    for reminder in reminders.iter().take(shown) {
        let reminder = ReminderRecord { shown_at: reminder.shown_at.or(Some(now)), ..reminder.clone() };
        engine.emit(DeskEvent::ReminderRaised { reminder: ReminderView::new(reminder) });
    }
    if !reminders.is_empty() {
        engine.emit(DeskEvent::RemindersChanged);
    }
}

async fn is_served(engine: &Arc<Engine>, now: UtcMs) -> bool {
    let support = engine.notification_support().await;
    if !support.available {
        guard(&engine.reminders).failed(now);
    }
    support.available
}

/// On a task of its own: one that does not answer in time still settles when it does.
async fn show(engine: &Arc<Engine>, notification: Notification, now: UtcMs) {
    let owner = Arc::clone(engine);
    let call = tokio::spawn(async move {
        let taken = owner.ports.notifier.show(&notification).await;
        match taken {
            Ok(()) => guard(&owner.reminders).retry_now(),
            Err(code) => {
                tracing::warn!(code = code.as_str(), "The notification service did not take a reminder; it rings in the app.");
                guard(&owner.reminders).failed(now);
            }
        }
        let (ids, is_taken) = (notification.reminder_ids, taken.is_ok());
        if let Err(error) = owner.read(move |store| store.settle_reminder_notices(&ids, is_taken)).await {
            tracing::error!(code = error.code.as_str(), "What the notification service answered could not be kept.");
        }
    });
    guard(&engine.bell).called(call.abort_handle());
    let _late = tokio::time::timeout(NOTIFIER_WAIT, call).await;
}

fn notifications(engine: &Engine, owed: &[ReminderRecord], now: UtcMs) -> Vec<Notification> {
    let settings = engine.settings();
    let texts = Texts { catalogue: Catalogue::of(settings.language), sound: settings.sound, now };
    if owed.len() > SEPARATE_MAX {
        return owed.first().map(|soonest| texts.digest(owed, soonest)).into_iter().collect();
    }
    owed.iter().map(|reminder| texts.single(reminder)).collect()
}

/// The words of notifications.
struct Texts {
    catalogue: &'static Catalogue,
    sound: bool,
    now: UtcMs,
}

impl Texts {
    fn single(&self, reminder: &ReminderRecord) -> Notification {
        let about = &reminder.about;
        let parts = [about.title.as_str(), about.customer.as_str(), about.place.as_str(), about.who.as_str(), about.url.as_str()];
        let body: Vec<&str> = parts.into_iter().filter(|part| !part.trim().is_empty()).collect();
        let (left, time) = self.when(reminder);
        let args = TextArgs::new().text("left", &left).text("time", &time);
        Notification {
            key: format!("reminder:{}:{}", reminder.kind.as_str(), reminder.subject),
            reminder_ids: vec![reminder.id],
            ticket_id: reminder.ticket_id,
            visit: (reminder.kind == ReminderKind::Visit).then(|| reminder.subject.clone()),
            title: self.catalogue.text(self.title_key(reminder), &args),
            body: body.join(" · "),
            ..self.labels()
        }
    }

    fn digest(&self, owed: &[ReminderRecord], soonest: &ReminderRecord) -> Notification {
        let (left, time) = self.when(soonest);
        let count = i64::try_from(owed.len()).unwrap_or(i64::MAX);
        let args = TextArgs::new().text("left", &left).text("time", &time).number("count", count);
        Notification {
            key: "reminders".to_owned(),
            kind: NotificationKind::Digest,
            reminder_ids: owed.iter().map(|one| one.id).collect(),
            ticket_id: soonest.ticket_id,
            title: self.catalogue.text("remind-notify-many", &args),
            body: format!("{} · {}", self.catalogue.text(self.title_key(soonest), &args), soonest.about.title),
            ..self.labels()
        }
    }

    fn title_key(&self, reminder: &ReminderRecord) -> &'static str {
        let has_begun = reminder.start_at <= self.now;
        match (reminder.kind, reminder.lead_min, has_begun) {
            (ReminderKind::Visit, 0, false) => "remind-notify-visit-given",
            (ReminderKind::Visit, _, false) => "remind-notify-visit",
            (ReminderKind::Visit, _, true) => "remind-notify-visit-begun",
            (ReminderKind::Diagnosis, _, false) => "remind-notify-diagnosis",
            (ReminderKind::Diagnosis, _, true) => "remind-notify-diagnosis-begun",
            (ReminderKind::Live, _, false) => "remind-notify-live",
            (ReminderKind::Live, _, true) => "remind-notify-live-begun",
        }
    }

    /// How long until the start, and when that is.
    fn when(&self, reminder: &ReminderRecord) -> (String, String) {
        let ms = reminder.start_at.ms_since(self.now).max(0).saturating_add(MINUTE_MS / 2);
        let (hours, minutes) = (ms / HOUR_MS, ms % HOUR_MS / MINUTE_MS);
        let left = TextArgs::new().number("hours", hours).number("minutes", minutes).number("seconds", 0);
        let left = self.catalogue.text(if hours == 0 { "notify-left-minutes" } else { "notify-left-hours" }, &left);
        (left, wall_time(reminder.start_at))
    }

    fn labels(&self) -> Notification {
        let none = TextArgs::new();
        Notification {
            key: String::new(),
            kind: NotificationKind::Single,
            alert_ids: Vec::new(),
            reminder_ids: Vec::new(),
            ticket_id: None,
            visit: None,
            title: String::new(),
            body: String::new(),
            as_of: None,
            urgent: false,
            sound: self.sound,
            label_open: self.catalogue.text("action-open", &none),
            label_acknowledge: self.catalogue.text("action-acknowledge", &none),
            label_snooze: self.catalogue.text("action-snooze", &none),
            without_actions: self.catalogue.text("remind-notify-without-actions", &none),
        }
    }
}

/// Month, day and time of this machine's clock.
fn wall_time(at: UtcMs) -> String {
    at.to_datetime().map(|at| at.with_timezone(&chrono::Local).format("%m-%d %H:%M").to_string()).unwrap_or_default()
}
