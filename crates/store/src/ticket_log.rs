//! What is told of a ticket beside its clocks: which thresholds have rung, and what a server did not keep of an edit.

use deskbell_domain::UtcMs;
use deskbell_domain::sla::policy::{Metric, Threshold};
use deskbell_domain::sync::op::{OperationId, OperationName};
use deskbell_domain::ticket::TicketId;

use crate::Store;
use crate::error::Result;
use crate::mirror::adopt;
use crate::stored::Text;

/// Alerts and edits of one ticket that are told, newest first.
const ROWS_MAX: u32 = 200;

/// A threshold of a clock that was reached and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RungThreshold {
    pub metric: Metric,
    pub instance: u32,
    pub threshold: Threshold,
    /// The moment it stood for: one that moved rings again.
    pub due_at: UtcMs,
    pub shown_at: UtcMs,
}

/// An edit of which the server kept a part only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    pub operation: OperationId,
    pub name: OperationName,
    pub sent_at: UtcMs,
    /// What did not stick, in the provider's words.
    pub detail: String,
}

pub(crate) const RUNG: &str = "
    SELECT metric, instance, threshold, due_at, shown_at FROM alert
    WHERE ticket_id = ? AND shown_at IS NOT NULL ORDER BY id DESC LIMIT ?";
pub(crate) const LEFT_OUT: &str = "
    SELECT id, kind, sent_at, detail FROM operation
    WHERE ticket_id = ? AND state = 'sent' AND detail <> '' ORDER BY id DESC LIMIT ?";

impl Store {
    /// # Errors
    /// Codes of the storage.
    pub fn rung_thresholds(&self, ticket: TicketId) -> Result<Vec<RungThreshold>> {
        self.read(|connection| {
            let ticket = adopt::current_id(connection, ticket)?;
            let mut statement = connection.prepare_cached(RUNG)?;
            let rows = statement.query_map((ticket.0, ROWS_MAX), |row| {
                Ok(RungThreshold {
                    metric: row.get::<_, Text<_>>(0)?.0,
                    instance: row.get(1)?,
                    threshold: row.get::<_, Text<_>>(2)?.0,
                    due_at: UtcMs(row.get(3)?),
                    shown_at: UtcMs(row.get(4)?),
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// # Errors
    /// Codes of the storage.
    pub fn left_out(&self, ticket: TicketId) -> Result<Vec<LeftOut>> {
        self.read(|connection| {
            let ticket = adopt::current_id(connection, ticket)?;
            let mut statement = connection.prepare_cached(LEFT_OUT)?;
            let rows = statement.query_map((ticket.0, ROWS_MAX), |row| {
                Ok(LeftOut {
                    operation: OperationId(row.get(0)?),
                    name: row.get::<_, Text<_>>(1)?.0,
                    sent_at: UtcMs(row.get(2)?),
                    detail: row.get(3)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}
