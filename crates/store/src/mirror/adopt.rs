//! A ticket opened here meets its copy from the server: one row, under the id that it had here from the start.

use deskbell_domain::ticket::{AccountId, TicketId};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::{find_ticket, mark_stale, refresh_preview};
use crate::error::Result;
use crate::stored::seq_range;
use crate::writer::Touched;
use crate::{draft, outbox, search};

pub(crate) const CURRENT_ID: &str = "SELECT into_id FROM ticket_moved WHERE id = ?";
pub(crate) const ANY_LOCAL: &str = "SELECT 1 FROM ticket WHERE local = 1 LIMIT 1";
pub(crate) const LOCAL_OF_MARKER: &str = "
    SELECT ticket.id FROM operation JOIN ticket ON ticket.id = operation.ticket_id
    WHERE marker = ? AND kind = 'create_ticket' AND ticket.local = 1 AND ticket.account_id = ?";
pub(crate) const NAME_UNSENT: &str = "
    UPDATE operation SET ticket_remote_id = ?2
    WHERE ticket_id = ?1 AND state IN ('queued', 'sending', 'unknown', 'rejected')";

/// The id under which a ticket is now: its own, unless its rows went over to another.
pub(crate) fn current_id(connection: &Connection, id: TicketId) -> Result<TicketId> {
    let mut statement = connection.prepare_cached(CURRENT_ID)?;
    Ok(statement.query_row([id.0], |row| row.get(0)).optional()?.map_or(id, TicketId))
}

/// Whether any ticket waits for its copy.
pub(super) fn any_local(connection: &Connection) -> Result<bool> {
    Ok(connection.prepare_cached(ANY_LOCAL)?.exists([])?)
}

/// The local ticket whose creation has this marker.
pub(super) fn local_of_marker(connection: &Connection, account: AccountId, marker: &str) -> Result<Option<TicketId>> {
    let mut statement = connection.prepare_cached(LOCAL_OF_MARKER)?;
    Ok(statement.query_row(params![marker, account.0], |row| row.get(0)).optional()?.map(TicketId))
}

/// The local ticket is the one that the server calls `remote_id`. Where a pull has brought that one as a row of its own,
/// the row goes and everything that hangs on it comes over.
pub(crate) fn adopt(
    transaction: &Transaction<'_>,
    touched: &mut Touched,
    local: TicketId,
    account: AccountId,
    remote_id: &str,
) -> Result<()> {
    touched.ticket(local);
    match find_ticket(transaction, account, remote_id)? {
        Some(twin) if twin != local => {
            touched.ticket(twin);
            take_over(transaction, local, twin)?;
        }
        _ => {
            transaction.execute("UPDATE ticket SET remote_id = ?2, local = 0 WHERE id = ?1", params![local.0, remote_id])?;
        }
    }
    transaction.execute(NAME_UNSENT, params![local.0, remote_id])?;
    transaction.execute("UPDATE draft SET ticket_remote_id = ?2 WHERE ticket_id = ?1", params![local.0, remote_id])?;
    search::index::write(transaction, local)
}

fn take_over(transaction: &Transaction<'_>, local: TicketId, twin: TicketId) -> Result<()> {
    take_row(transaction, local, twin)?;
    outbox::anew::start_from_observed(transaction, local)?;
    take_conversation(transaction, local, twin)?;
    for sql in [
        "DELETE FROM clock WHERE ticket_id = ?1",
        "DELETE FROM due WHERE ticket_id = ?1",
        "UPDATE clock SET ticket_id = ?1 WHERE ticket_id = ?2",
        "UPDATE due SET ticket_id = ?1 WHERE ticket_id = ?2",
        "UPDATE OR IGNORE alert SET ticket_id = ?1 WHERE ticket_id = ?2",
        "UPDATE operation SET ticket_id = ?1 WHERE ticket_id = ?2",
        "UPDATE visit SET ticket_id = ?1 WHERE ticket_id = ?2",
        "UPDATE visit_draft SET ticket_id = ?1 WHERE ticket_id = ?2",
        "UPDATE call SET ticket_id = ?1 WHERE ticket_id = ?2",
        "UPDATE diagnosis SET ticket_id = ?1, payload = json_set(payload, '$.ticket', ?1) WHERE ticket_id = ?2",
        "UPDATE reminder SET ticket_id = ?1 WHERE ticket_id = ?2",
        "UPDATE ticket_moved SET into_id = ?1 WHERE into_id = ?2",
        "INSERT OR REPLACE INTO ticket_moved (id, into_id) VALUES (?2, ?1)",
    ] {
        // Not every statement names both.
        let both = [local.0, twin.0];
        let wanted = if sql.contains("?2") { both.as_slice() } else { both.get(..1).unwrap_or_default() };
        transaction.execute(sql, rusqlite::params_from_iter(wanted))?;
    }
    for sql in [
        "DELETE FROM alert WHERE ticket_id = ?",
        "DELETE FROM clock_stale WHERE ticket_id = ?",
        "DELETE FROM search_dirty WHERE ticket_id = ?",
    ] {
        transaction.execute(sql, [twin.0])?;
    }
    draft::move_to(transaction, twin, local)?;
    search::index::forget(transaction, twin)?;
    mark_stale(transaction, std::iter::once(local))?;
    refresh_preview(transaction, local)
}

/// The observed columns of the twin under the id of the local ticket.
fn take_row(transaction: &Transaction<'_>, local: TicketId, twin: TicketId) -> Result<()> {
    let both = [local.0, twin.0];
    transaction.execute("DELETE FROM ticket WHERE id = ?1 AND EXISTS (SELECT 1 FROM ticket WHERE id = ?2)", both)?;
    transaction.execute("UPDATE ticket SET id = ?1 WHERE id = ?2", both)?;
    Ok(())
}

fn take_conversation(transaction: &Transaction<'_>, local: TicketId, twin: TicketId) -> Result<()> {
    let (first, last) = seq_range(local);
    let (twin_first, twin_last) = seq_range(twin);
    for table in ["note", "event"] {
        // Nothing can have been written to a ticket that was not there: its own conversation is empty as a rule.
        let used: i64 = transaction.query_row(
            &format!("SELECT coalesce(max(id) + 1 - ?1, 0) FROM {table} WHERE id BETWEEN ?1 AND ?2"),
            [first, last],
            |row| row.get(0),
        )?;
        let shift = first + used - twin_first;
        transaction.execute(
            &format!("DELETE FROM {table} WHERE id BETWEEN ? AND ? AND id + ? > ?"),
            [twin_first, twin_last, shift, last],
        )?;
        transaction
            .execute(&format!("UPDATE {table} SET id = id + ? WHERE id BETWEEN ? AND ?"), [shift, twin_first, twin_last])?;
    }
    Ok(())
}
