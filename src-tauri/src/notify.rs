//! Native notifications: the `Notifier` port.
//!
//! XDG desktops get actions, urgency, sound and replacement by key, as far as their service can. macOS and Windows show
//! the text: their services, as `notify-rust` reaches them, report neither identity nor action back.

use async_trait::async_trait;
use deskbell_domain::Code;
use deskbell_engine::ports::{Notification, NotificationResponse, NotificationSupport, Notifier};
use std::sync::{Arc, OnceLock};
use tokio::sync::{Notify, mpsc, oneshot};

#[cfg(all(unix, not(target_os = "macos")))]
#[path = "notify_xdg.rs"]
mod service;
#[cfg(not(all(unix, not(target_os = "macos"))))]
#[path = "notify_plain.rs"]
mod service;

/// The name under which notifications appear.
const APP_NAME: &str = "Deskbell";

/// Shows notifications through the desktop's own service.
#[derive(Default)]
pub(crate) struct DesktopNotifier {
    service: Arc<service::Service>,
    responses: OnceLock<mpsc::Sender<NotificationResponse>>,
}

impl DesktopNotifier {
    /// Follows the service for as long as the program runs, and tells when one comes or goes.
    pub(crate) async fn watch(&self, changed: &Notify) {
        self.service.watch(changed).await;
    }
}

#[async_trait]
impl Notifier for DesktopNotifier {
    async fn support(&self) -> NotificationSupport {
        self.service.support().await
    }

    async fn show(&self, notification: &Notification) -> Result<(), Code> {
        let (taken, outcome) = oneshot::channel();
        let (service, notification, responses) = (Arc::clone(&self.service), notification.clone(), self.responses.get().cloned());
        // A task of its own: it waits for the person's answer, and takes no notice when the bell has stopped waiting for it.
        tokio::spawn(async move { service.show_and_wait(notification, responses.as_ref(), taken).await });
        outcome.await.unwrap_or(Err(Code::Internal))
    }

    fn respond_to(&self, responses: mpsc::Sender<NotificationResponse>) {
        if self.responses.set(responses).is_err() {
            tracing::warn!("Notification answers were already routed; the second route is ignored.");
        }
    }
}
