//! What becomes of alerts when a ticket's clocks are computed anew.

use std::collections::BTreeSet;

use deskbell_domain::UtcMs;
use deskbell_domain::ticket::TicketId;
use rusqlite::{Transaction, params};

use crate::error::Result;

/// Moments that the clocks of a ticket have: metric, instance, threshold, due_at.
pub(crate) type Standing = BTreeSet<(String, u32, String, i64)>;

pub(crate) const OF_TICKET: &str = "
    SELECT id, metric, instance, threshold, due_at, ended_at IS NOT NULL FROM alert WHERE ticket_id = ? AND state = 'to_show'";

/// Alerts for a moment that no clock has any more have ended: those nobody saw are withdrawn, and may come again if the
/// moment does. One whose moment is back stands again, without ringing.
pub(crate) fn settle_moved(transaction: &Transaction<'_>, ticket: TicketId, standing: &Standing, now: UtcMs) -> Result<()> {
    let mut statement = transaction.prepare_cached(OF_TICKET)?;
    let mut rows = statement.query([ticket.0])?;
    while let Some(row) = rows.next()? {
        let (id, has_ended): (i64, bool) = (row.get(0)?, row.get(5)?);
        let stands = standing.contains(&(row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?));
        let sql = match (stands, has_ended) {
            (true, true) => "UPDATE alert SET ended_at = NULL WHERE id = ?1 AND ?2 IS NOT NULL",
            (false, false) => {
                "UPDATE alert SET snoozed_until = NULL, held_until = NULL, escalate_at = NULL, notice = 0, ended_at = ?2,
                        state = CASE WHEN shown_at IS NULL THEN 'withdrawn' ELSE state END
                 WHERE id = ?1"
            }
            _ => continue,
        };
        transaction.prepare_cached(sql)?.execute(params![id, now.0])?;
    }
    Ok(())
}
