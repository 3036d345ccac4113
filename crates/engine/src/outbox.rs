//! What people do with their outbox: retry, take back, choose between two values; and drafts.

use deskbell_domain::sync::op::OperationId;
use deskbell_domain::ticket::{TicketId, Visibility};
use deskbell_store::records::OperationRecord;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::engine::Engine;
use crate::error::EngineError;

/// Which value of a conflict stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    Mine,
    Theirs,
}

impl Engine {
    /// Sends again what was rejected, or at once what waits. A reply that was held because of newer ones goes out anyway.
    ///
    /// # Errors
    /// `operation_unknown`, and the store's.
    pub async fn retry_operation(&self, id: OperationId) -> Result<(), EngineError> {
        let now = self.now();
        self.read(move |store| store.retry_operation(id, now)).await?;
        self.pusher_wake.notify_one();
        self.emit_outbox().await;
        Ok(())
    }

    /// Takes an operation back that has not left. A reply's text returns to the draft.
    ///
    /// # Errors
    /// `operation_not_discardable` once it may have reached the server.
    pub async fn discard_operation(&self, id: OperationId) -> Result<OperationRecord, EngineError> {
        let discarded = self.read(move |store| store.discard_operation(id)).await?;
        self.after_outbox_change(discarded.ticket_id).await;
        Ok(discarded)
    }

    /// Settles a conflict: mine goes out over the server's value, theirs stays.
    ///
    /// # Errors
    /// `operation_unknown`, and the store's.
    pub async fn resolve_operation(&self, id: OperationId, keep: Keep) -> Result<(), EngineError> {
        match keep {
            Keep::Mine => self.retry_operation(id).await,
            Keep::Theirs => self.discard_operation(id).await.map(|_discarded| ()),
        }
    }

    /// Keeps what is being typed.
    ///
    /// # Errors
    /// The store's.
    pub async fn put_draft(&self, ticket: TicketId, body: String, visibility: Visibility) -> Result<(), EngineError> {
        let now = self.now();
        self.read(move |store| store.put_draft(ticket, &body, visibility, now)).await
    }

    pub(crate) async fn after_outbox_change(&self, ticket: TicketId) {
        self.pusher_wake.notify_one();
        self.emit_tickets(vec![ticket]);
        self.emit_outbox().await;
    }
}
