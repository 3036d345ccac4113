//! Making an edit on what the server has now, where the difference is of our own making.

use deskbell_domain::UtcMs;
use deskbell_domain::sync::merge::started_from;
use deskbell_domain::sync::op::{OperationId, OperationState};
use deskbell_domain::ticket::TicketId;
use rusqlite::{Transaction, params};

use super::claim::mirrored;
use super::{find, read};
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

/// A ticket that was opened here is seen on the server for the first time: what was done to it meanwhile started from what we
/// took for its values, and now starts from what they are.
pub(crate) fn start_from_observed(transaction: &Transaction<'_>, ticket: TicketId) -> Result<()> {
    let Some(mut fields) = mirrored(transaction, ticket)?.map(|ticket| ticket.fields) else { return Ok(()) };
    for record in read::unsent(transaction, ticket)? {
        let anew = started_from(&record.kind, &fields);
        fields.lay(&record.kind);
        if anew != record.kind && matches!(record.state, OperationState::Queued | OperationState::Rejected) {
            let payload = serde_json::to_string(&anew)?;
            transaction.execute("UPDATE operation SET payload = ? WHERE id = ?", params![payload, record.id.0])?;
        }
    }
    Ok(())
}
