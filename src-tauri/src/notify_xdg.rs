//! The XDG notification service over D-Bus.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use deskbell_domain::Code;
use deskbell_engine::ports::{Notification, NotificationAction, NotificationResponse, NotificationSupport};
use notify_rust::{Hint, NotificationHandle, Timeout, Urgency};
use tokio::sync::{mpsc, oneshot};

use super::APP_NAME;

/// Notifications whose answer is awaited at once, a thread each; beyond it they are shown without actions.
const WAITING_MAX: usize = 64;
/// Keys whose notification can still be replaced.
const KEYS_MAX: usize = 256;

/// Identifiers on the wire. `default` is what a click on the notification itself sends.
const ACTIONS: [(&str, NotificationAction); 3] = [
    ("default", NotificationAction::Open),
    ("acknowledge", NotificationAction::Acknowledge),
    ("snooze", NotificationAction::Snooze),
];

/// What the service on the session bus says of itself.
pub(super) fn support() -> NotificationSupport {
    match (notify_rust::get_server_information(), notify_rust::get_capabilities()) {
        (Ok(server), Ok(capabilities)) => NotificationSupport {
            available: true,
            server: format!("{} {}", server.name, server.version),
            actions: capabilities.iter().any(|name| name == "actions"),
            reason: None,
        },
        _ => NotificationSupport { available: false, server: String::new(), actions: false, reason: Some(Code::NotFound) },
    }
}

/// Remembers which notification stands for which key, and how many are waited for.
#[derive(Default)]
pub(crate) struct Service {
    shown: Mutex<VecDeque<(String, u32)>>,
    waiting: AtomicUsize,
}

impl Service {
    /// Shows it, says through `taken` whether the service took it, then waits until it is answered or gone.
    pub(super) fn show_and_wait(
        &self,
        notification: Notification,
        responses: Option<&mpsc::Sender<NotificationResponse>>,
        taken: oneshot::Sender<Result<(), Code>>,
    ) {
        let waiting = self.waiting.fetch_add(1, Ordering::Relaxed);
        match self.show(&notification, waiting < WAITING_MAX) {
            Ok((handle, with_actions)) => {
                let _ = taken.send(Ok(()));
                if with_actions {
                    wait(handle, notification, responses);
                }
            }
            Err(code) => {
                let _ = taken.send(Err(code));
            }
        }
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }

    fn show(&self, notification: &Notification, may_wait: bool) -> Result<(NotificationHandle, bool), Code> {
        let capabilities = notify_rust::get_capabilities().map_err(|_| Code::NotFound)?;
        let can = |name: &str| capabilities.iter().any(|capability| capability == name);
        let with_actions = may_wait && can("actions");
        let mut wire = notify_rust::Notification::new();
        wire.appname(APP_NAME)
            .icon("deskbell")
            .summary(&notification.title)
            .body(&if can("body-markup") { escaped(&notification.body) } else { notification.body.clone() })
            .hint(Hint::DesktopEntry("Deskbell".to_owned()))
            .hint(Hint::Category("x-deskbell.deadline".to_owned()))
            .urgency(if notification.urgent { Urgency::Critical } else { Urgency::Normal })
            .timeout(if notification.urgent { Timeout::Never } else { Timeout::Default });
        if notification.sound {
            wire.hint(Hint::SoundName(
                if notification.urgent { "alarm-clock-elapsed" } else { "message-new-instant" }.to_owned(),
            ));
        } else {
            wire.hint(Hint::SuppressSound(true));
        }
        if with_actions {
            let labels = [&notification.label_open, &notification.label_acknowledge, &notification.label_snooze];
            for ((identifier, _), label) in ACTIONS.iter().zip(labels) {
                wire.action(identifier, label);
            }
        }
        if let Some(id) = self.shown_as(&notification.key) {
            wire.id(id);
        }
        let handle = wire.show().map_err(|error| {
            tracing::warn!(%error, "The notification service refused a notification.");
            Code::Refused
        })?;
        self.remember(&notification.key, handle.id());
        Ok((handle, with_actions))
    }

    fn shown_as(&self, key: &str) -> Option<u32> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.iter().find(|(known, _)| known == key).map(|(_, id)| *id)
    }

    fn remember(&self, key: &str, id: u32) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.retain(|(known, _)| known != key);
        if shown.len() >= KEYS_MAX {
            shown.pop_front();
        }
        shown.push_back((key.to_owned(), id));
    }
}

fn wait(handle: NotificationHandle, notification: Notification, responses: Option<&mpsc::Sender<NotificationResponse>>) {
    handle.wait_for_action(|identifier| {
        let Some((_, action)) = ACTIONS.iter().find(|(known, _)| *known == identifier) else {
            return;
        };
        let response = NotificationResponse { notification, action: *action };
        if responses.is_none_or(|sender| sender.blocking_send(response).is_err()) {
            tracing::warn!("A notification was answered after the desk had stopped listening.");
        }
    });
}

/// A body for services that read markup in it: ticket text is never markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticket_text_is_not_markup() {
        assert_eq!(escaped("<b>502</b> & \"more\""), "&lt;b&gt;502&lt;/b&gt; &amp; \"more\"");
    }

    #[test]
    fn a_key_keeps_its_latest_notification_and_the_oldest_key_goes_first() {
        let service = Service::default();
        service.remember("first", 1);
        service.remember("first", 2);
        assert_eq!(service.shown_as("first"), Some(2));
        for id in 0..KEYS_MAX {
            service.remember(&format!("key {id}"), 3);
        }
        assert_eq!(service.shown_as("first"), None);
        assert_eq!(service.shown.lock().unwrap().len(), KEYS_MAX);
    }
}
