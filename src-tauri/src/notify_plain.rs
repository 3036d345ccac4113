//! macOS and Windows: title and text.

use deskbell_domain::Code;
use deskbell_engine::ports::{Notification, NotificationResponse, NotificationSupport};
use tokio::sync::{mpsc, oneshot};

use super::APP_NAME;

pub(super) fn support() -> NotificationSupport {
    NotificationSupport { available: true, server: std::env::consts::OS.to_owned(), actions: false, reason: None }
}

#[derive(Default)]
pub(crate) struct Service;

impl Service {
    pub(super) fn show_and_wait(
        &self,
        notification: Notification,
        _responses: Option<&mpsc::Sender<NotificationResponse>>,
        taken: oneshot::Sender<Result<(), Code>>,
    ) {
        let shown = notify_rust::Notification::new()
            .appname(APP_NAME)
            .summary(&notification.title)
            .body(&notification.body)
            .show()
            .map(|_| ())
            .map_err(|_| Code::Refused);
        let _ = taken.send(shown);
    }
}
