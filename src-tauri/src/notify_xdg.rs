//! The XDG notification service over D-Bus.
//!
//! A shown notification is waited for by a task of its own, at most [`WAITING_MAX`] of them, and the task ends with the
//! notification: answered, closed, replaced by a later one, or gone with its service.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use deskbell_domain::Code;
use deskbell_engine::ports::{Notification, NotificationAction, NotificationResponse, NotificationSupport};
use notify_rust::{Hint, NotificationHandle, Timeout, Urgency};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::APP_NAME;

#[path = "notify_daemon.rs"]
mod daemon;
use daemon::Daemon;

/// Notifications whose answer is awaited at once; beyond it they are shown without buttons, and say so.
const WAITING_MAX: usize = 64;
/// Keys whose notification can still be replaced.
const KEYS_MAX: usize = 256;
/// Longest wait for a service to take a notification; the bell itself waits less.
const TAKE_MAX: Duration = Duration::from_secs(20);

/// Identifiers on the wire. `default` is what a click on the notification itself sends.
const ACTIONS: [(&str, NotificationAction); 3] = [
    ("default", NotificationAction::Open),
    ("acknowledge", NotificationAction::Acknowledge),
    ("snooze", NotificationAction::Snooze),
];

/// Remembers which notification stands for which key, and whom it was shown by.
pub(crate) struct Service {
    daemon: Daemon,
    shown: Mutex<VecDeque<Shown>>,
    waiting: Arc<Semaphore>,
}

/// A notification that can still be replaced.
struct Shown {
    key: String,
    owner: String,
    id: u32,
    /// Dropping it ends the wait for its answer.
    _waits: Option<oneshot::Sender<()>>,
}

impl Default for Service {
    fn default() -> Self {
        Self { daemon: Daemon::default(), shown: Mutex::default(), waiting: Arc::new(Semaphore::new(WAITING_MAX)) }
    }
}

impl Service {
    /// What the service of this moment can do.
    pub(super) async fn support(&self) -> NotificationSupport {
        self.daemon.seen().await.1
    }

    /// Follows the service for as long as the program runs, and tells when one comes or goes.
    pub(super) async fn watch(&self, changed: &Notify) {
        self.daemon.watch(changed).await;
    }

    /// Shows it, says through `taken` whether the service took it, then waits until it is answered or gone.
    pub(super) async fn show_and_wait(
        &self,
        notification: Notification,
        responses: Option<&mpsc::Sender<NotificationResponse>>,
        taken: oneshot::Sender<Result<(), Code>>,
    ) {
        let (owner, support) = self.daemon.seen().await;
        let (Some(owner), true) = (owner, support.available) else {
            let _ = taken.send(Err(support.reason.unwrap_or(Code::NotificationServiceMissing)));
            return;
        };
        let permit = Arc::clone(&self.waiting).try_acquire_owned().ok().filter(|_| support.actions);
        let wire = wire(&notification, &support, permit.is_some(), self.shown_as(&notification.key, &owner));
        let handle = match tokio::time::timeout(TAKE_MAX, wire.show_async()).await {
            Ok(Ok(handle)) => handle,
            Ok(Err(error)) => {
                tracing::warn!(%error, "The notification service refused a notification.");
                self.daemon.doubt();
                // It may have died over it; if it is there and well, it was the notification.
                let _ = taken.send(Err(self.daemon.seen().await.1.reason.unwrap_or(Code::Refused)));
                return;
            }
            Err(_) => {
                self.daemon.doubt();
                let _ = taken.send(Err(Code::NotificationServiceSilent));
                return;
            }
        };
        let (waits, replaced) = oneshot::channel();
        self.remember(&notification.key, &owner, handle.id(), permit.is_some().then_some(waits));
        let _ = taken.send(Ok(()));
        if let Some(permit) = permit {
            self.wait(handle, &owner, notification, responses, replaced, permit).await;
        }
    }

    async fn wait(
        &self,
        handle: NotificationHandle,
        owner: &str,
        notification: Notification,
        responses: Option<&mpsc::Sender<NotificationResponse>>,
        replaced: oneshot::Receiver<()>,
        _one_of_those_that_may_wait: OwnedSemaphorePermit,
    ) {
        tokio::select! {
            () = answers(&handle, &notification, responses) => self.forget(&notification.key, owner, handle.id()),
            () = self.daemon.gone(owner) => tracing::info!("A notification went with its service; it counts as shown."),
            // Whoever replaced it has its id now.
            _ = replaced => {}
        }
    }

    /// The id under which this very service shows what has this key. An id of a service before it may be another's by now.
    fn shown_as(&self, key: &str, owner: &str) -> Option<u32> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.iter().find(|known| known.key == key && known.owner == owner).map(|known| known.id)
    }

    fn remember(&self, key: &str, owner: &str, id: u32, waits: Option<oneshot::Sender<()>>) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.retain(|known| known.key != key && known.owner == owner);
        if shown.len() >= KEYS_MAX {
            shown.pop_front();
        }
        shown.push_back(Shown { key: key.to_owned(), owner: owner.to_owned(), id, _waits: waits });
    }

    fn forget(&self, key: &str, owner: &str, id: u32) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.retain(|known| !(known.key == key && known.owner == owner && known.id == id));
    }
}

/// The notification as this service can show it.
fn wire(
    notification: &Notification,
    support: &NotificationSupport,
    with_actions: bool,
    replaces: Option<u32>,
) -> notify_rust::Notification {
    let hint = if with_actions { "" } else { notification.without_actions.as_str() };
    let body = [notification.body.as_str(), hint].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n");
    let mut wire = notify_rust::Notification::new();
    wire.appname(APP_NAME)
        .icon("deskbell")
        .summary(&notification.title)
        .body(&if support.body_markup { escaped(&body) } else { body })
        .hint(Hint::DesktopEntry("Deskbell".to_owned()))
        .hint(Hint::Category("x-deskbell.deadline".to_owned()))
        .urgency(if notification.urgent { Urgency::Critical } else { Urgency::Normal })
        .timeout(if notification.urgent { Timeout::Never } else { Timeout::Default });
    if !notification.sound {
        wire.hint(Hint::SuppressSound(true));
    } else if support.sound {
        wire.hint(Hint::SoundName(if notification.urgent { "alarm-clock-elapsed" } else { "message-new-instant" }.to_owned()));
    }
    if support.persistence {
        // Opening is not acknowledging: what is urgent keeps its buttons. What stands for no alert leaves no trace.
        if stands_for_nothing(notification) {
            wire.hint(Hint::Transient(true));
        } else if notification.urgent {
            wire.hint(Hint::Resident(true));
        }
    }
    if with_actions {
        let labels = [&notification.label_open, &notification.label_acknowledge, &notification.label_snooze];
        // What stands for no alert can only be opened.
        let offered = if stands_for_nothing(notification) { 1 } else { ACTIONS.len() };
        for ((identifier, _), label) in ACTIONS.iter().zip(labels).take(offered) {
            wire.action(identifier, label);
        }
    }
    if let Some(id) = replaces {
        wire.id(id);
    }
    wire
}

/// Neither alerts nor reminders wait for an answer to it.
fn stands_for_nothing(notification: &Notification) -> bool {
    notification.alert_ids.is_empty() && notification.reminder_ids.is_empty()
}

/// Passes on what the person does, until that was the last word or the notification is closed.
async fn answers(
    handle: &NotificationHandle,
    notification: &Notification,
    responses: Option<&mpsc::Sender<NotificationResponse>>,
) {
    loop {
        let mut chosen = None;
        handle
            .wait_for_action_async(|response| {
                let identifier = match response {
                    notify_rust::NotificationResponse::Default => "default",
                    notify_rust::NotificationResponse::Action(identifier) => identifier.as_str(),
                    _ => return,
                };
                chosen = ACTIONS.iter().find(|(known, _)| *known == identifier).map(|(_, action)| *action);
            })
            .await;
        let Some(action) = chosen else { return };
        let response = NotificationResponse { notification: notification.clone(), action };
        let heard = match responses {
            Some(sender) => sender.send(response).await.is_ok(),
            None => false,
        };
        if !heard {
            tracing::warn!("A notification was answered after the desk had stopped listening.");
        }
        if action != NotificationAction::Open {
            handle.close_async().await;
            return;
        }
    }
}

/// A body for services that read markup in it: ticket text is never markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
#[path = "notify_xdg_tests.rs"]
mod tests;
