//! What people do with their outbox: retry, take back, choose between two values; and drafts.

use deskbell_domain::sync::op::OperationId;
use deskbell_domain::ticket::{AccountId, TicketId, Visibility};
use deskbell_store::records::OperationRecord;

use crate::engine::Engine;
use crate::error::EngineError;

pub use deskbell_store::records::Keep;

impl Engine {
    /// Sends again what was rejected, or at once what waits. A reply that was held because of newer ones goes out anyway.
    ///
    /// # Errors
    /// `operation_unknown`, and the store's.
    pub async fn retry_operation(&self, id: OperationId) -> Result<(), EngineError> {
        let now = self.now();
        self.read(move |store| store.retry_operation(id, now)).await?;
        self.pusher_wake.notify_one();
        self.emit_visits();
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
        self.emit_visits();
        Ok(discarded)
    }

    /// Settles a conflict: mine goes out over the server's value, theirs stays.
    ///
    /// # Errors
    /// `operation_unknown`, `input_invalid` for an operation without a conflict, and the store's.
    pub async fn resolve_operation(&self, id: OperationId, keep: Keep) -> Result<(), EngineError> {
        let now = self.now();
        let resolved = self.read(move |store| store.resolve(id, keep, now)).await?;
        self.after_outbox_change(resolved.ticket_id).await;
        self.emit_visits();
        Ok(())
    }

    /// Ends the waits that are our own back-offs. What a server imposed and what can still be taken back waits on.
    pub(crate) async fn hasten_outbox(&self, account: Option<AccountId>) {
        let now = self.now();
        if let Err(error) = self.read(move |store| store.hasten(account, now)).await {
            tracing::warn!(code = error.code.as_str(), "The outbox could not be hastened.");
        }
        self.pusher_wake.notify_one();
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
