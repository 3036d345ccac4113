//! Handing out what is due.

use deskbell_domain::UtcMs;
use deskbell_domain::scheduling::merge_visit;
use deskbell_domain::sync::merge::{FieldView, Merge, plan_merge};
use deskbell_domain::sync::op::{OperationId, OperationKind, OperationState, OutboundOperation};
use deskbell_domain::ticket::{AccountId, TicketId};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use crate::error::Result;
use crate::records::ClaimedOperation;
use crate::stored::{Text, known};
use crate::transfer::{self, FILES_ARE_THERE};
use crate::visit;

/// The condition that makes an operation the head of its ticket's queue. On a ticket that the server has not got only its
/// creation is.
pub(crate) const IS_HEAD: &str = "state IN ('queued', 'sending', 'unknown') AND NOT EXISTS (
    SELECT 1 FROM operation AS earlier WHERE earlier.ticket_id = operation.ticket_id AND earlier.id < operation.id
        AND earlier.state IN ('queued', 'sending', 'unknown'))
    AND (operation.kind = 'create_ticket'
        OR NOT EXISTS (SELECT 1 FROM ticket WHERE ticket.id = operation.ticket_id AND ticket.local = 1))";

pub(crate) fn next_due_sql() -> String {
    format!(
        "SELECT id, account_id, ticket_id, state, attempts, last_attempt_at, marker, ticket_remote_id, payload, base_version,
                created_at
         FROM operation WHERE not_before <= ? AND {IS_HEAD} AND {FILES_ARE_THERE} ORDER BY not_before, id"
    )
}

/// Waits that were set at an instant which has not come yet: the clock was put back, and the rest of them starts now.
pub(crate) const RESTART_WAITS: &str = "
    UPDATE operation SET not_before = ?1 + max(not_before - wait_from, 0), wait_from = ?1,
           last_attempt_at = min(last_attempt_at, ?1)
    WHERE state IN ('queued', 'sending', 'unknown') AND wait_from > ?1";

/// Claims the first that is `wanted`, and counts its attempt where it is to be sent.
pub(super) fn claim(
    transaction: &Transaction<'_>,
    now: UtcMs,
    wanted: impl Fn(OperationId, AccountId) -> bool,
) -> Result<Option<ClaimedOperation>> {
    transaction.prepare_cached(RESTART_WAITS)?.execute([now.0])?;
    let Some(mut claimed) = next_due(transaction, now, wanted)? else { return Ok(None) };
    if claimed.state_before == OperationState::Queued && matches!(claimed.merge, Merge::Send(_)) {
        claimed.attempts += 1;
        claimed.last_attempt_at = Some(now);
        transaction
            .prepare_cached(
                "UPDATE operation SET state = 'sending', attempts = ?1, last_attempt_at = ?2, wait_from = ?2, base_version = ?3
                 WHERE id = ?4",
            )?
            .execute(params![claimed.attempts, now.0, claimed.outbound.base_version, claimed.id.0])?;
    }
    Ok(Some(claimed))
}

fn next_due(
    connection: &Connection,
    now: UtcMs,
    wanted: impl Fn(OperationId, AccountId) -> bool,
) -> Result<Option<ClaimedOperation>> {
    let mut statement = connection.prepare_cached(&next_due_sql())?;
    let mut rows = statement.query([now.0])?;
    while let Some(row) = rows.next()? {
        if wanted(OperationId(row.get(0)?), AccountId(row.get(1)?)) {
            return claimed(connection, row).map(Some);
        }
    }
    Ok(None)
}

fn claimed(connection: &Connection, row: &Row<'_>) -> Result<ClaimedOperation> {
    let (id, ticket_id) = (OperationId(row.get(0)?), TicketId(row.get(2)?));
    let state: OperationState = row.get::<_, Text<_>>(3)?.0;
    let kind: OperationKind = serde_json::from_str(row.get_ref(8)?.as_str().map_err(rusqlite::Error::from)?)?;
    let mut outbound = OutboundOperation {
        marker: row.get(6)?,
        ticket_remote_id: row.get(7)?,
        kind,
        base_version: row.get(9)?,
        created_at: UtcMs(row.get(10)?),
        uploaded: transfer::uploaded(connection, id)?,
        opened_by_others: Vec::new(),
        visit_remote_id: String::new(),
        visit_version: String::new(),
    };
    if let Some(key) = outbound.kind.visit() {
        (outbound.visit_remote_id, outbound.visit_version) = visit::named(connection, key)?;
    }
    if state != OperationState::Queued && matches!(outbound.kind, OperationKind::CreateTicket { .. }) {
        outbound.opened_by_others = opened_by_others(connection, AccountId(row.get(1)?), id)?;
    }
    let mut merge = Merge::Send(outbound.kind.clone());
    // What a read-back looks for is what was sent: it is not merged anew.
    let is_new = state == OperationState::Queued;
    if let Some(ticket) = mirrored(connection, ticket_id)? {
        outbound.ticket_remote_id = ticket.remote_id;
        // Values that no server showed judge no edit: the server does.
        if is_new && ticket.is_observed {
            outbound.base_version = ticket.version;
            merge = plan_merge(&outbound.kind, &ticket.fields);
        }
    }
    if is_new && let Some(visit) = visit::of_operation(connection, &outbound.kind)? {
        merge = merge_visit(&outbound.kind, &visit);
    }
    if let (Merge::Send(kind), true) = (&merge, is_new) {
        outbound.kind = kind.clone();
    }
    Ok(ClaimedOperation {
        id,
        account_id: AccountId(row.get(1)?),
        ticket_id,
        state_before: if is_new { OperationState::Queued } else { OperationState::Unknown },
        attempts: row.get(4)?,
        last_attempt_at: known(row.get(5)?),
        merge,
        outbound,
    })
}

/// Remote ids of the tickets that other operations of the account opened, newest first.
fn opened_by_others(connection: &Connection, account: AccountId, id: OperationId) -> Result<Vec<String>> {
    let mut statement = connection.prepare_cached(OPENED_BY_OTHERS)?;
    let rows = statement.query_map(params![account.0, id.0, OPENED_MAX], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Tickets of our own that a read-back leaves aside.
const OPENED_MAX: u32 = 500;
pub(crate) const OPENED_BY_OTHERS: &str = "
    SELECT ticket.remote_id FROM operation JOIN ticket ON ticket.id = operation.ticket_id
    WHERE operation.account_id = ?1 AND operation.id <> ?2 AND operation.kind = 'create_ticket' AND operation.state = 'sent'
        AND ticket.local = 0
    ORDER BY operation.sent_at DESC LIMIT ?3";

/// A ticket as far as an operation on it needs to know.
pub(super) struct Mirrored {
    /// Empty for a ticket that is not on the server yet.
    pub(super) remote_id: String,
    pub(super) version: String,
    /// The fields are as a server showed them.
    pub(super) is_observed: bool,
    pub(super) fields: FieldView,
}

/// The ticket as mirrored now; `None` where the mirror has lost it.
pub(super) fn mirrored(connection: &Connection, ticket: TicketId) -> Result<Option<Mirrored>> {
    let mut statement = connection.prepare_cached(
        "SELECT iif(local, '', remote_id), version, status, priority, assignee, tags, custom_fields, observed = 1
         FROM ticket WHERE id = ?",
    )?;
    let found = statement
        .query_row([ticket.0], |row| {
            let (tags, custom_fields): (String, String) = (row.get(5)?, row.get(6)?);
            let fields = FieldView {
                status: row.get::<_, Text<_>>(2)?.0,
                priority: row.get::<_, Text<_>>(3)?.0,
                assignee: row.get(4)?,
                tags: Vec::new(),
                custom_fields: std::collections::BTreeMap::new(),
            };
            Ok((Mirrored { remote_id: row.get(0)?, version: row.get(1)?, is_observed: row.get(7)?, fields }, tags, custom_fields))
        })
        .optional()?;
    let Some((mut ticket, tags, custom_fields)) = found else { return Ok(None) };
    ticket.fields.tags = serde_json::from_str(&tags)?;
    ticket.fields.custom_fields = serde_json::from_str(&custom_fields)?;
    Ok(Some(ticket))
}
