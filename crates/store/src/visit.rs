//! Visits: as their servers have them, or as they were asked for here. What waits in the outbox is laid over them by the engine.
//!
//! Invariants: a visit that was asked for here has one row from the moment it is queued, under the marker of its first request,
//! and keeps it when the server names it; at most one request of a visit is unsent.

mod list;
mod queue;
mod words;

use deskbell_domain::UtcMs;
use deskbell_domain::scheduling::{
    Visit, VisitBooking, VisitEvent, VisitEventKind, VisitRefusal, VisitRequest, VisitState, is_our_doing,
};
use deskbell_domain::sync::op::{FileRef, OperationKind};
use deskbell_domain::ticket::{AccountId, TicketId};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use crate::error::Result;

pub(crate) use list::VISIT_MS_MAX;
pub use list::VISITS_MAX;
pub(crate) use queue::{gone, refused_request};
pub(crate) use words::{keep_request, remember_site, text_of, text_of_request, texts_of_drafts};
#[cfg(test)]
pub(crate) use {
    list::{between_sql, of_ticket_sql},
    queue::{REFUSE_CHANGES, TWIN, WITH_PHOTOS},
    words::{DROP_OLDER, FORGET_SITES, KNOWN_SITES, NEWEST, TEXTS_OF_DRAFTS},
};

const COLUMNS: &str = "key, account_id, remote_id, ticket_id, payload, refusal, carrier_ticket_id, photos, updated_at";

/// A visit of the mirror.
#[derive(Debug, Clone, PartialEq)]
pub struct VisitRecord {
    pub key: String,
    pub account_id: AccountId,
    /// Empty while the server has not seen it.
    pub remote_id: String,
    /// `None` while its ticket is not here.
    pub ticket_id: Option<TicketId>,
    pub visit: Visit,
    /// The server's last no.
    pub refusal: Option<VisitRefusal>,
    /// The ticket that carries it, where the server has no visits.
    pub carrier: Option<TicketId>,
    pub photos: Vec<FileRef>,
    pub updated_at: UtcMs,
}

fn record(row: &Row<'_>) -> Result<VisitRecord> {
    let refusal: String = row.get(5)?;
    Ok(VisitRecord {
        key: row.get(0)?,
        account_id: AccountId(row.get(1)?),
        remote_id: row.get(2)?,
        ticket_id: row.get::<_, Option<i64>>(3)?.map(TicketId),
        visit: serde_json::from_str(row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?)?,
        refusal: if refusal.is_empty() { None } else { Some(serde_json::from_str(&refusal)?) },
        carrier: row.get::<_, Option<i64>>(6)?.map(TicketId),
        photos: serde_json::from_str(row.get_ref(7)?.as_str().map_err(rusqlite::Error::from)?)?,
        updated_at: UtcMs(row.get(8)?),
    })
}

pub(crate) fn find(connection: &Connection, key: &str) -> Result<Option<VisitRecord>> {
    let mut statement = connection.prepare_cached(&find_sql())?;
    let mut rows = statement.query([key])?;
    rows.next()?.map(record).transpose()
}

pub(crate) fn find_sql() -> String {
    format!("SELECT {COLUMNS} FROM visit WHERE key = ?")
}

/// The server's id of a visit and the version that the mirror has; empty where it has none.
pub(crate) fn named(connection: &Connection, key: &str) -> Result<(String, String)> {
    let found = connection
        .query_row("SELECT remote_id, coalesce(payload ->> 'version', '') FROM visit WHERE key = ?", [key], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// The visit that a change is about, as mirrored; `None` for everything else.
pub(crate) fn of_operation(connection: &Connection, kind: &OperationKind) -> Result<Option<Visit>> {
    match kind {
        OperationKind::ChangeVisit { visit, .. } => Ok(find(connection, visit)?.map(|known| known.visit)),
        _ => Ok(None),
    }
}

/// Makes the row of a visit that is asked for here; asking again after a refusal keeps the row.
pub(crate) fn enqueued(
    transaction: &Transaction<'_>,
    account: AccountId,
    ticket: TicketId,
    kind: &OperationKind,
    now: UtcMs,
) -> Result<()> {
    let OperationKind::RequestVisit { visit: key, request, booking } = kind else { return Ok(()) };
    let visit = asked(request, booking, now);
    write(transaction, &Written { key, account, remote_id: "", ticket: Some(ticket), visit: &visit, now })?;
    transaction.execute("UPDATE visit SET refusal = '' WHERE key = ?", [key])?;
    Ok(())
}

fn asked(request: &VisitRequest, booking: &VisitBooking, now: UtcMs) -> Visit {
    Visit {
        id: String::new(),
        ticket_remote_id: request.ticket_remote_id.clone(),
        service: request.service,
        site: request.site.clone(),
        contact: request.contact.clone(),
        asset: request.asset.clone(),
        note: request.note.clone(),
        window: Some(request.window),
        centre_id: request.centre.clone().unwrap_or_default(),
        slot: None,
        engineer_id: booking.engineer_id.clone(),
        state: VisitState::Requested,
        requested_at: now,
        history: vec![VisitEvent {
            at: now,
            kind: VisitEventKind::Requested,
            actor: String::new(),
            detail: String::new(),
            start: booking.start,
        }],
        checklist: Vec::new(),
        findings: String::new(),
        sign_off: None,
        sequence: 0,
        version: String::new(),
    }
}

/// What an operation on the visit gave back.
pub(crate) fn landed(transaction: &Transaction<'_>, key: &str, kind: &OperationKind, visit: &Visit, now: UtcMs) -> Result<()> {
    let Some(known) = find(transaction, key)? else { return Ok(()) };
    queue::take_twin(transaction, &known, &visit.id)?;
    let (account, ticket) = (known.account_id, known.ticket_id);
    write(transaction, &Written { key, account, remote_id: &visit.id, ticket, visit, now })?;
    transaction.execute("UPDATE visit SET refusal = '' WHERE key = ?", [key])?;
    if is_our_doing(kind, visit) { queue::start_anew(transaction, key, visit) } else { Ok(()) }
}

/// The server said no: the visit stays as it was, with the answer beside it.
pub(crate) fn refused(transaction: &Transaction<'_>, key: &str, refusal: &VisitRefusal, now: UtcMs) -> Result<()> {
    transaction.execute(
        "UPDATE visit SET refusal = ?2, updated_at = ?3 WHERE key = ?1",
        params![key, serde_json::to_string(refusal)?, now.0],
    )?;
    Ok(())
}

/// A visit as a pull brought it.
pub(crate) fn observed(transaction: &Transaction<'_>, account: AccountId, visit: &Visit, now: UtcMs) -> Result<()> {
    let known: Option<String> = transaction.query_row(OBSERVED, params![account.0, visit.id], |row| row.get(0)).optional()?;
    let key = known.unwrap_or_else(|| format!("{}:{}", account.0, visit.id));
    let ticket: Option<i64> = transaction
        .query_row(
            "SELECT id FROM ticket WHERE account_id = ? AND remote_id = ?",
            params![account.0, visit.ticket_remote_id],
            |row| row.get(0),
        )
        .optional()?;
    write(transaction, &Written { key: &key, account, remote_id: &visit.id, ticket: ticket.map(TicketId), visit, now })
}

pub(crate) const OBSERVED: &str = "SELECT key FROM visit WHERE account_id = ? AND remote_id <> '' AND remote_id = ?";

/// A visit may come before its ticket does.
pub(crate) fn find_tickets(transaction: &Transaction<'_>, account: AccountId) -> Result<()> {
    transaction.prepare_cached(FIND_TICKETS)?.execute([account.0])?;
    Ok(())
}

pub(crate) const FIND_TICKETS: &str = "
    UPDATE visit SET ticket_id = (
        SELECT id FROM ticket WHERE ticket.account_id = visit.account_id AND ticket.remote_id = visit.ticket_remote_id)
    WHERE visit.ticket_id IS NULL AND visit.account_id = ?";

struct Written<'a> {
    key: &'a str,
    account: AccountId,
    remote_id: &'a str,
    ticket: Option<TicketId>,
    visit: &'a Visit,
    now: UtcMs,
}

fn write(transaction: &Transaction<'_>, row: &Written<'_>) -> Result<()> {
    let visit = row.visit;
    transaction
        .prepare_cached(
            "INSERT INTO visit (key, account_id, remote_id, ticket_id, ticket_remote_id, payload, state, centre_id, engineer_id,
                                start_at, end_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
             ON CONFLICT (key) DO UPDATE SET remote_id = ?3, ticket_id = coalesce(?4, ticket_id), ticket_remote_id = ?5,
                 payload = ?6, state = ?7, centre_id = ?8, engineer_id = ?9, start_at = ?10, end_at = ?11, updated_at = ?12",
        )?
        .execute(params![
            row.key,
            row.account.0,
            row.remote_id,
            row.ticket.map(|ticket| ticket.0),
            visit.ticket_remote_id,
            serde_json::to_string(visit)?,
            visit.state.as_str(),
            visit.centre_id,
            visit.engineer_id.as_deref().unwrap_or_default(),
            visit.slot.as_ref().map(|slot| slot.start.0),
            visit.slot.as_ref().map(|slot| slot.end.0),
            row.now.0,
        ])?;
    Ok(())
}
