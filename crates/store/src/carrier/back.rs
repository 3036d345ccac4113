//! Taking back what has not left: the request returns to the wizard, the words of a change to the reply being written.

use std::borrow::Cow;

use deskbell_domain::UtcMs;
use deskbell_domain::scheduling::{VisitRequest, Window};
use rusqlite::{Transaction, params};

use super::{put_state, state};
use crate::error::Result;
use crate::mirror::mark_stale;
use crate::records::OperationRecord;
use crate::stored::seq_range;
use crate::visit;

/// The creation of a ticket that carries a visit is taken back: the request returns to the wizard, and the visit goes. False
/// for every other ticket.
pub(crate) fn creation_taken_back(transaction: &Transaction<'_>, creation: &OperationRecord, now: UtcMs) -> Result<bool> {
    let key = creation.marker.as_str();
    let (Some(known), Some((state, carrier))) = (visit::find(transaction, key)?, state(transaction, key)?) else {
        return Ok(false);
    };
    let Some(ticket) = known.ticket_id.filter(|_| carrier == creation.ticket_id) else { return Ok(false) };
    let visit = known.visit;
    let request = VisitRequest {
        ticket_remote_id: visit.ticket_remote_id.clone(),
        service: visit.service,
        site: visit.site,
        contact: visit.contact,
        asset: visit.asset,
        window: visit.window.unwrap_or(Window { from: now, to: now }),
        centre: Some(visit.centre_id).filter(|id| !id.is_empty()),
        note: visit.note,
    };
    let asked = OperationRecord { ticket_id: ticket, ..creation.clone() };
    visit::keep_request(transaction, &asked, &request, &state.booking, now)?;
    transaction.execute("DELETE FROM visit WHERE key = ?", [key])?;
    let (first, last) = seq_range(ticket);
    transaction.execute(FORGET_EVENTS, params![first, last, key])?;
    mark_stale(transaction, std::iter::once(ticket))?;
    Ok(true)
}

pub(crate) const FORGET_EVENTS: &str = "DELETE FROM event WHERE id BETWEEN ?1 AND ?2 AND remote_id LIKE 'visit:' || ?3 || ':%'";

/// What to give back of a reply that is taken back: of one that told a change of a visit the reason, else all of it.
pub(crate) fn words_of_reply<'a>(transaction: &Transaction<'_>, reply: &OperationRecord, body: &'a str) -> Result<Cow<'a, str>> {
    let keys: Vec<String> = {
        let mut statement = transaction.prepare_cached(OF_CARRIER)?;
        let rows = statement.query_map([reply.ticket_id.0], |row| row.get(0))?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    for key in keys {
        let Some((mut state, _)) = state(transaction, &key)? else { continue };
        if let Some(at) = state.asks.iter().position(|ask| ask.marker == reply.marker) {
            let ask = state.asks.remove(at);
            put_state(transaction, &key, &state)?;
            return Ok(Cow::Owned(visit::text_of(&ask.change)));
        }
    }
    Ok(Cow::Borrowed(body))
}

pub(crate) const OF_CARRIER: &str = "SELECT key FROM visit WHERE carrier_ticket_id = ?";
