//! The test notification.

use deskbell_domain::Code;
use deskbell_engine::catalogue::{Catalogue, TextArgs};
use deskbell_engine::ports::{Notification, NotificationKind};

use super::Answer;
use crate::commands as list;
use crate::desk::Desk;
use deskbell_engine::EngineError;
use std::time::Duration;

/// Longest wait for the service to take it; the bell waits as long.
const TAKEN_WAIT: Duration = Duration::from_secs(4);

pub(crate) async fn notification_test(desk: &Desk, _args: list::notification_test::Args) -> Answer<()> {
    let settings = desk.engine()?.settings();
    let text = |key: &str| Catalogue::of(settings.language).text(key, &TextArgs::new());
    let notification = Notification {
        key: "test".to_owned(),
        kind: NotificationKind::Single,
        alert_ids: Vec::new(),
        reminder_ids: Vec::new(),
        ticket_id: None,
        visit: None,
        title: text("notify-test-title"),
        body: text("notify-test-body"),
        as_of: None,
        urgent: false,
        sound: settings.sound,
        label_open: text("action-open"),
        label_acknowledge: text("action-acknowledge"),
        label_snooze: text("action-snooze"),
        without_actions: String::new(),
    };
    let taken = tokio::time::timeout(TAKEN_WAIT, desk.notifier().show(&notification)).await;
    taken.unwrap_or(Err(Code::NotificationServiceSilent)).map_err(EngineError::new)
}
