//! What people do to tickets: an operation in the outbox first, the server after.

use deskbell_domain::Code;
use deskbell_domain::sync::op::{OperationId, OperationKind, OperationState};
use deskbell_domain::ticket::{Priority, Status, TicketId, Visibility};
use deskbell_store::StoreError;
use deskbell_store::records::{NewOperation, OperationRecord};
use uuid::Uuid;

use crate::engine::Engine;
use crate::error::EngineError;

/// Longest reply, in bytes of UTF-8; what servers commonly take.
pub const REPLY_BYTES_MAX: usize = 1_000_000;

impl Engine {
    /// Queues a reply or an internal note. The same marker queues once.
    ///
    /// # Errors
    /// `input_invalid` for an empty or over-long body (the draft stays), `ticket_unknown`.
    pub async fn reply(
        &self,
        ticket: TicketId,
        body: &str,
        visibility: Visibility,
        marker: Option<&str>,
    ) -> Result<OperationId, EngineError> {
        if body.trim().is_empty() {
            return Err(EngineError::new(Code::InputInvalid).arg("field", "body"));
        }
        if body.len() > REPLY_BYTES_MAX {
            return Err(EngineError::new(Code::InputInvalid).arg("field", "body").arg("limit", REPLY_BYTES_MAX.to_string()));
        }
        self.enqueue(ticket, OperationKind::reply(body.to_owned(), visibility), marker).await
    }

    /// # Errors
    /// `ticket_unknown`, and the store's.
    pub async fn set_status(&self, ticket: TicketId, to: Status, marker: Option<&str>) -> Result<OperationId, EngineError> {
        let now = self.known(ticket).await?.status;
        let before = |kind: &OperationKind| if let OperationKind::SetStatus { to, .. } = kind { Some(*to) } else { None };
        let from = self.pending_value(ticket, before).await?.unwrap_or(now);
        self.enqueue(ticket, OperationKind::SetStatus { from, to }, marker).await
    }

    /// # Errors
    /// `ticket_unknown`, and the store's.
    pub async fn set_priority(&self, ticket: TicketId, to: Priority, marker: Option<&str>) -> Result<OperationId, EngineError> {
        let now = self.known(ticket).await?.priority;
        let before = |kind: &OperationKind| if let OperationKind::SetPriority { to, .. } = kind { Some(*to) } else { None };
        let from = self.pending_value(ticket, before).await?.unwrap_or(now);
        self.enqueue(ticket, OperationKind::SetPriority { from, to }, marker).await
    }

    /// What an edit that has not reached the server yet makes of a field: the next edit starts from there, as the
    /// person saw it.
    async fn pending_value<T>(
        &self,
        ticket: TicketId,
        value: impl Fn(&OperationKind) -> Option<T>,
    ) -> Result<Option<T>, EngineError> {
        let pending = self.read(move |store| store.pending_operations(ticket)).await?;
        Ok(pending.iter().rev().filter(|operation| is_unsettled(operation.state)).find_map(|operation| value(&operation.kind)))
    }

    async fn known(&self, ticket: TicketId) -> Result<deskbell_store::records::TicketRecord, EngineError> {
        let record = self.read(move |store| store.ticket(ticket)).await?;
        record.ok_or_else(|| EngineError::new(Code::TicketUnknown).arg("id", ticket.0.to_string()))
    }

    async fn enqueue(&self, ticket_id: TicketId, kind: OperationKind, marker: Option<&str>) -> Result<OperationId, EngineError> {
        self.known(ticket_id).await?;
        let marker = match marker {
            Some(text) => {
                let parsed = Uuid::parse_str(text).map_err(|_| EngineError::new(Code::InputInvalid).arg("field", "marker"))?;
                parsed.to_string()
            }
            None => Uuid::now_v7().to_string(),
        };
        let (new, now) = (NewOperation { ticket_id, kind, marker }, self.now());
        let id = self.read(move |store| store.enqueue(&new, now)).await?;
        tracing::info!(operation = id.0, ticket = ticket_id.0, "An operation was queued.");
        self.after_outbox_change(ticket_id).await;
        Ok(id)
    }

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

    /// Keeps what is being typed.
    ///
    /// # Errors
    /// The store's.
    pub async fn put_draft(&self, ticket: TicketId, body: String, visibility: Visibility) -> Result<(), EngineError> {
        let now = self.now();
        self.read(move |store| store.put_draft(ticket, &body, visibility, now)).await
    }

    /// Fetches one ticket whole, when its conversation has not come yet.
    ///
    /// # Errors
    /// Every way in which a server cannot be reached; the mirror stays as it was.
    pub async fn refresh_ticket(&self, ticket: TicketId) -> Result<(), EngineError> {
        let record = self.known(ticket).await?;
        let observations = self.api(record.account_id)?.ticket(&record.remote_id).await?;
        let (account, now) = (record.account_id, self.now());
        let applied = self
            .read(move |store: &deskbell_store::Store| -> Result<_, StoreError> {
                store.apply_ticket(account, &observations, now)
            })
            .await?;
        self.sla_wake.notify_one();
        self.emit_tickets(applied.changed);
        Ok(())
    }

    async fn after_outbox_change(&self, ticket: TicketId) {
        self.pusher_wake.notify_one();
        self.emit_tickets(vec![ticket]);
        self.emit_outbox().await;
    }
}

/// True while the operation may still reach the server.
#[must_use]
pub fn is_unsettled(state: OperationState) -> bool {
    matches!(state, OperationState::Queued | OperationState::Sending | OperationState::Unknown)
}
