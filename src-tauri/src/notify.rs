//! Native notifications: the `Notifier` port.
//!
//! XDG desktops get actions, urgency, sound and replacement by key. macOS and Windows show the text: their
//! services, as `notify-rust` reaches them, report neither identity nor action back.

use async_trait::async_trait;
use deskbell_domain::Code;
use deskbell_engine::ports::{Notification, NotificationResponse, NotificationSupport, Notifier};
use std::sync::{Arc, OnceLock};
use tokio::sync::{mpsc, oneshot};

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

#[async_trait]
impl Notifier for DesktopNotifier {
    async fn support(&self) -> NotificationSupport {
        let unavailable =
            NotificationSupport { available: false, server: String::new(), actions: false, reason: Some(Code::NotFound) };
        tokio::task::spawn_blocking(service::support).await.unwrap_or(unavailable)
    }

    async fn show(&self, notification: &Notification) -> Result<(), Code> {
        let (taken, outcome) = oneshot::channel();
        let (service, notification, responses) = (Arc::clone(&self.service), notification.clone(), self.responses.get().cloned());
        // Its own thread: waiting for the person's answer blocks until the notification is gone.
        std::thread::Builder::new()
            .name("notification".to_owned())
            .spawn(move || service.show_and_wait(notification, responses.as_ref(), taken))
            .map_err(|_| Code::Internal)?;
        outcome.await.unwrap_or(Err(Code::Internal))
    }

    fn respond_to(&self, responses: mpsc::Sender<NotificationResponse>) {
        if self.responses.set(responses).is_err() {
            tracing::warn!("Notification answers were already routed; the second route is ignored.");
        }
    }
}
