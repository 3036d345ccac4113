//! Tickets that became part of another: what they lend to its clocks.

use deskbell_domain::UtcMs;
use deskbell_domain::sla::event::{TicketEvent, TicketEventKind};
use deskbell_domain::ticket::{AccountId, TicketId};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use crate::error::Result;
use crate::mirror::mark_stale;
use crate::stored::seq_range;

/// Tickets merged into one that its clocks look at.
const ABSORBED_MAX: u32 = 1_000;
/// Merges upon merges that are followed.
const CHAIN_MAX: usize = 20;

/// Directly or through another.
pub(crate) const ABSORBED: &str = "
    WITH RECURSIVE gone (id, account_id, remote_id, created_at, updated_at) AS (
        SELECT b.id, b.account_id, b.remote_id, b.created_at, b.updated_at
        FROM ticket a JOIN ticket b ON b.fate = 'merged' AND b.account_id = a.account_id AND b.merged_into = a.remote_id
        WHERE a.id = ?1
        UNION
        SELECT b.id, b.account_id, b.remote_id, b.created_at, b.updated_at
        FROM gone JOIN ticket b ON b.fate = 'merged' AND b.account_id = gone.account_id AND b.merged_into = gone.remote_id)
    SELECT id, created_at, updated_at FROM gone WHERE id <> ?1 LIMIT ?2";

/// An event for each ticket that became part of this one; at the merge where its log has it, else when the merged ticket
/// was changed last.
pub(crate) fn absorbed(connection: &Connection, ticket: TicketId) -> Result<Vec<TicketEvent>> {
    let mut statement = connection.prepare_cached(ABSORBED)?;
    let mut rows = statement.query(params![ticket.0, ABSORBED_MAX])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let (first, last) = seq_range(TicketId(row.get(0)?));
        let mut merged = connection.prepare_cached(
            "SELECT at FROM event WHERE id BETWEEN ? AND ? AND payload ->> 'event' = 'merged' ORDER BY at LIMIT 1",
        )?;
        let at: Option<i64> = merged.query_row([first, last], |row| row.get(0)).optional()?;
        let at = UtcMs(at.map_or_else(|| row.get(2), Ok)?);
        events.push(TicketEvent::new(at, TicketEventKind::Absorbed { created_at: UtcMs(row.get(1)?) }));
    }
    Ok(events)
}

/// The clocks of the tickets that a merged one became part of are to be computed anew.
pub(crate) fn mark_survivors(transaction: &Transaction<'_>, account: AccountId, merged_into: &str) -> Result<()> {
    let mut into = merged_into.to_owned();
    for _ in 0..CHAIN_MAX {
        let mut statement =
            transaction.prepare_cached("SELECT id, merged_into FROM ticket WHERE account_id = ? AND remote_id = ?")?;
        let survivor: Option<(i64, String)> =
            statement.query_row(params![account.0, into], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((id, further)) = survivor else { return Ok(()) };
        mark_stale(transaction, std::iter::once(TicketId(id)))?;
        if further.is_empty() {
            return Ok(());
        }
        into = further;
    }
    Ok(())
}
