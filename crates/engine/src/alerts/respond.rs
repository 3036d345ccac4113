//! What people do with alerts, on the notification and in the app.

use std::sync::Arc;

use deskbell_domain::Code;
use tokio::sync::mpsc::Receiver;

use super::SNOOZE_MS;
use crate::engine::{Engine, guard};
use crate::error::EngineError;
use crate::events::DeskEvent;
use crate::ports::{NotificationAction, NotificationResponse};

/// Responses of the notification service waiting to be acted on.
const RESPONSE_QUEUE_MAX: usize = 64;

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

/// An alert that is gone (its account was removed) does not keep the others ringing.
async fn act(engine: &Arc<Engine>, response: &NotificationResponse) -> Result<(), EngineError> {
    if !response.notification.reminder_ids.is_empty() {
        return crate::reminders::act(engine, response).await;
    }
    let ids = response.notification.alert_ids.clone();
    match response.action {
        NotificationAction::Open => {
            if let Some(ticket) = response.notification.ticket_id {
                engine.open_ticket(ticket);
            }
            Ok(())
        }
        NotificationAction::Acknowledge => engine.acknowledge_alerts(ids).await.map(|_| ()),
        NotificationAction::Snooze => engine.snooze_alerts(ids, SNOOZE_MS).await.map(|_| ()),
    }
}

impl Engine {
    /// # Errors
    /// `input_invalid` when there is no such alert.
    pub async fn acknowledge_alert(&self, id: i64) -> Result<(), EngineError> {
        known(self.acknowledge_alerts(vec![id]).await?, id)
    }

    /// Marks many as seen; answers how many there are.
    ///
    /// # Errors
    /// The store's.
    pub async fn acknowledge_alerts(&self, ids: Vec<i64>) -> Result<u64, EngineError> {
        let now = self.now();
        let known = self.read(move |store| store.acknowledge_alerts(&ids, now)).await?;
        self.answered();
        Ok(known)
    }

    /// Rings again after `wait_ms`, and never later than the deadline.
    ///
    /// # Errors
    /// `input_invalid` when there is no such alert.
    pub async fn snooze_alert(&self, id: i64, wait_ms: i64) -> Result<(), EngineError> {
        known(self.snooze_alerts(vec![id], wait_ms).await?, id)
    }

    /// As [`Engine::snooze_alert`], many at once; answers how many there are.
    ///
    /// # Errors
    /// The store's.
    pub async fn snooze_alerts(&self, ids: Vec<i64>, wait_ms: i64) -> Result<u64, EngineError> {
        let now = self.now();
        let known = self.read(move |store| store.snooze_alerts(&ids, now.plus_ms(wait_ms), now)).await?;
        self.sla_wake.notify_one();
        self.answered();
        Ok(known)
    }

    fn answered(&self) {
        guard(&self.bell).pace.answered();
        self.emit(DeskEvent::AlertsChanged);
    }
}

fn known(count: u64, id: i64) -> Result<(), EngineError> {
    if count == 0 {
        return Err(EngineError::with_detail(Code::InputInvalid, format!("there is no alert {id}")).arg("field", "id"));
    }
    Ok(())
}
