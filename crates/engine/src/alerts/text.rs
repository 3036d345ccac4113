//! The words of notifications.

use std::sync::Arc;

use deskbell_domain::UtcMs;
use deskbell_domain::sla::policy::{Metric, Threshold};
use deskbell_domain::ticket::Priority;
use deskbell_domain::time::{HOUR_MS, MINUTE_MS, SECOND_MS};
use deskbell_store::records::AlertRecord;

use super::show::data_age;
use crate::catalogue::{Catalogue, TextArgs};
use crate::engine::Engine;
use crate::people::Named;
use crate::ports::{Notification, NotificationKind};

/// Everything that the words depend on.
pub(super) struct Texts {
    catalogue: &'static Catalogue,
    now: UtcMs,
    sound: bool,
    /// Whose desk it is; empty where nobody said.
    me: String,
}

impl Texts {
    pub(super) fn new(engine: &Engine, now: UtcMs) -> Self {
        let settings = engine.settings();
        Self { catalogue: Catalogue::of(settings.language), now, sound: settings.sound, me: settings.display_name.clone() }
    }

    pub(super) async fn single(&self, engine: &Engine, alert: &AlertRecord, as_of: Option<UtcMs>) -> Notification {
        let breached = alert.threshold == Threshold::Breach || alert.deadline_at <= self.now;
        let left = self.duration(alert.deadline_at.ms_since(self.now));
        let time = as_of.and_then(wall_time);
        let args = TextArgs::new()
            .text("subject", &alert.subject)
            .text("customer", &alert.customer)
            .text("remote_id", &alert.remote_id)
            .text("left", &left)
            .text("over", &left)
            .text("time", time.as_deref().unwrap_or_default());
        let body_key = match (breached, time.is_some()) {
            (true, true) => "notify-body-breached-as-of",
            (true, false) => "notify-body-breached",
            (false, true) => "notify-body-as-of",
            (false, false) => "notify-body",
        };
        Notification {
            // A countdown replaces its own notification.
            key: format!("{}:{}:{}", alert.ticket_id.0, alert.metric.as_str(), alert.instance),
            alert_ids: vec![alert.id],
            ticket_id: Some(alert.ticket_id),
            title: self.catalogue.text(title_key(alert.metric, breached), &args),
            body: self.catalogue.text(body_key, &args) + &self.who(engine, alert).await,
            as_of,
            urgent: breached || alert.priority == Priority::Urgent,
            sound: self.sound && alert.sound,
            ..self.labels()
        }
    }

    /// Many at once: one notification that says how many and names the worst.
    pub(super) async fn digest(
        &self,
        engine: &Arc<Engine>,
        alerts: &[AlertRecord],
        kind: NotificationKind,
        rings: bool,
    ) -> Notification {
        let worst = alerts.iter().min_by_key(|alert| alert.deadline_at);
        let as_of = match worst {
            Some(worst) => data_age(engine, worst, self.now).await,
            None => None,
        };
        if let ([alert], NotificationKind::Digest) = (alerts, kind) {
            return Notification { sound: self.sound && alert.sound && rings, ..self.single(engine, alert, as_of).await };
        }
        let deadline = worst.map_or(self.now, |alert| alert.deadline_at);
        let left = self.duration(deadline.ms_since(self.now));
        let time = as_of.and_then(wall_time);
        let args = TextArgs::new()
            .number("count", i64::try_from(alerts.len()).unwrap_or(i64::MAX))
            .text("subject", worst.map_or("", |alert| alert.subject.as_str()))
            .text("left", &left)
            .text("over", &left)
            .text("time", time.as_deref().unwrap_or_default());
        let body_key = if deadline <= self.now { "notify-digest-body-breached" } else { "notify-digest-body" };
        let mut body = self.catalogue.text(body_key, &args);
        if time.is_some() {
            body = format!("{body} · {}", self.catalogue.text("notify-as-of", &args));
        }
        if let Some(worst) = worst {
            body.push_str(&self.who(engine, worst).await);
        }
        let (key, title_key) = match kind {
            NotificationKind::Held => ("held", "notify-held-title"),
            NotificationKind::Single | NotificationKind::Digest => ("digest", "notify-digest-title"),
        };
        Notification {
            key: key.to_owned(),
            kind,
            alert_ids: alerts.iter().map(|alert| alert.id).collect(),
            ticket_id: worst.map(|alert| alert.ticket_id),
            title: self.catalogue.text(title_key, &args),
            body,
            as_of,
            urgent: alerts.iter().any(|alert| alert.priority == Priority::Urgent),
            sound: self.sound && rings && alerts.iter().any(|alert| alert.sound),
            ..self.labels()
        }
    }

    /// Behind the body: who answers for the customer, unless that is whoever reads it.
    async fn who(&self, engine: &Engine, alert: &AlertRecord) -> String {
        let named = Named::of(engine, vec![alert.ticket_id], self.now).await;
        let words = named.words(self.catalogue, alert.ticket_id, &self.me);
        if words.is_empty() { words } else { format!(" · {words}") }
    }

    /// How long, in the two largest units that matter, whichever way the sign; to the nearest minute above one.
    fn duration(&self, ms: i64) -> String {
        let ms = ms.saturating_abs();
        let ms = if ms < MINUTE_MS { ms } else { ms.saturating_add(MINUTE_MS / 2) };
        let (hours, minutes, seconds) = (ms / HOUR_MS, ms % HOUR_MS / MINUTE_MS, ms % MINUTE_MS / SECOND_MS);
        let args = TextArgs::new().number("hours", hours).number("minutes", minutes).number("seconds", seconds);
        let key = match (hours, minutes) {
            (0, 0) => "notify-left-seconds",
            (0, _) => "notify-left-minutes",
            _ => "notify-left-hours",
        };
        self.catalogue.text(key, &args)
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
            sound: false,
            label_open: self.catalogue.text("action-open", &none),
            label_acknowledge: self.catalogue.text("action-acknowledge", &none),
            label_snooze: self.catalogue.text("action-snooze", &none),
            without_actions: self.catalogue.text("notify-without-actions", &none),
        }
    }
}

const fn title_key(metric: Metric, breached: bool) -> &'static str {
    match (metric, breached) {
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
    }
}

fn wall_time(at: UtcMs) -> Option<String> {
    Some(at.to_datetime()?.with_timezone(&chrono::Local).format("%H:%M").to_string())
}
