//! macOS and Windows: title and text.

use deskbell_domain::Code;
use deskbell_engine::ports::{Clock as _, Notification, NotificationResponse, NotificationSupport};
use deskbell_engine::system::SystemClock;
use tokio::sync::{Notify, mpsc, oneshot};

use super::APP_NAME;

#[derive(Default)]
pub(crate) struct Service;

impl Service {
    pub(super) async fn support(&self) -> NotificationSupport {
        NotificationSupport {
            available: true,
            server: std::env::consts::OS.to_owned(),
            reason: None,
            ..NotificationSupport::none(Code::NotificationServiceMissing, SystemClock.now())
        }
    }

    /// The system's own service neither comes nor goes.
    pub(super) async fn watch(&self, _changed: &Notify) {}

    pub(super) async fn show_and_wait(
        &self,
        notification: Notification,
        _responses: Option<&mpsc::Sender<NotificationResponse>>,
        taken: oneshot::Sender<Result<(), Code>>,
    ) {
        let shown = tokio::task::spawn_blocking(move || {
            let body = format!("{}\n{}", notification.body, notification.without_actions);
            notify_rust::Notification::new()
                .appname(APP_NAME)
                .summary(&notification.title)
                .body(body.trim_end())
                .show()
                .map(|_| ())
        });
        let _ = taken.send(shown.await.ok().and_then(Result::ok).ok_or(Code::Refused));
    }
}
