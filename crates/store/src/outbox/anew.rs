//! Making an edit on what the server has now, where the difference is of our own making.

use deskbell_domain::UtcMs;
use deskbell_domain::sync::merge::started_from;
use deskbell_domain::sync::op::OperationId;
use deskbell_domain::ticket::TicketId;
use rusqlite::params;

use super::claim::mirrored;
use super::find;
use crate::Store;
use crate::error::Result;
use crate::writer::Durability;

impl Store {
    /// Starts an edit from what the mirror has now. It keeps its state, its attempts and its claim.
    ///
    /// # Errors
    /// `OperationUnknown`.
    pub fn start_from_mirror(&self, id: OperationId) -> Result<()> {
        self.write(Durability::Full, move |transaction, touched| {
            let record = find(transaction, id)?;
            let Some(ticket) = mirrored(transaction, record.ticket_id)? else { return Ok(()) };
            let payload = serde_json::to_string(&started_from(&record.kind, &ticket.fields))?;
            transaction.execute("UPDATE operation SET payload = ? WHERE id = ? AND state <> 'sent'", params![payload, id.0])?;
            touched.ticket(record.ticket_id);
            Ok(())
        })
    }

    /// Whether a public reply of this desk reached the server since then.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn replied_since(&self, ticket: TicketId, since: UtcMs) -> Result<bool> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(REPLIED_SINCE)?;
            Ok(statement.exists(params![ticket.0, since.0])?)
        })
    }
}

pub(crate) const REPLIED_SINCE: &str = "
    SELECT 1 FROM operation
    WHERE state = 'sent' AND sent_at >= ?2 AND ticket_id = ?1 AND kind = 'reply' AND payload ->> 'visibility' = 'public'";
