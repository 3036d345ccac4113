//! Visits that travel as tickets: the ticket is opened with the visit's row, and what is written there moves the visit.
//!
//! Invariants: the visit and the operation that carries it are made in one transaction; each note of the carrier is read once,
//! in one transaction with what it does; what was told counts when its operation has landed, and not before.

use deskbell_domain::scheduling::block::VisitAnswer;
use deskbell_domain::scheduling::carried::{Answered, Awaiting, CarriedAsk, CarriedState, answered, told};
use deskbell_domain::scheduling::{Visit, VisitAction, VisitBooking, VisitChange, VisitRefusal, VisitRequest, VisitState};
use deskbell_domain::sla::event::TicketEventKind;
use deskbell_domain::sync::op::{NewTicket, OperationId, OperationKind};
use deskbell_domain::ticket::{AccountId, TicketId};
use deskbell_domain::{Code, UtcMs};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use crate::error::{Result, StoreError};
use crate::mirror::{adopt, mark_stale, own_name};
use crate::outbox;
use crate::records::{NewOperation, OperationRecord};
use crate::stored::seq_range;
use crate::visit::VisitRecord;
use crate::writer::{Durability, Touched};
use crate::{Store, visit};

mod answers;
mod back;

#[cfg(test)]
pub(crate) use answers::{NEWEST_NOTE, OURS, SAID};
#[cfg(test)]
pub(crate) use back::{FORGET_EVENTS, OF_CARRIER};
pub(crate) use back::{creation_taken_back, words_of_reply};

/// Things told on one carrier that have not arrived yet.
const ASKS_MAX: usize = 50;

/// A visit that is asked for by opening a ticket.
#[derive(Debug, Clone)]
pub struct CarriedRequest {
    pub account: AccountId,
    /// Ticket that it is for.
    pub ticket: TicketId,
    /// Marker of the operation, and key of the visit.
    pub key: String,
    pub request: VisitRequest,
    pub booking: VisitBooking,
    /// The ticket that carries it.
    pub carrier: NewTicket,
    /// KnownSite as JSON.
    pub site: String,
    /// IANA zone of times that name none.
    pub zone: String,
}

impl Store {
    /// Opens the ticket and makes the visit's row, in one transaction. The same key again is the first one.
    ///
    /// # Errors
    /// As [`Store::create_ticket`].
    pub fn request_carried_visit(&self, asked: CarriedRequest, now: UtcMs, not_before: UtcMs) -> Result<(TicketId, OperationId)> {
        self.write(Durability::Full, move |transaction, touched| {
            let (account, key) = (asked.account, asked.key.as_str());
            let opened = outbox::create::create(transaction, touched, account, &asked.carrier, key, now, not_before)?;
            if visit::find(transaction, key)?.is_some() {
                return Ok(opened);
            }
            let ticket = adopt::current_id(transaction, asked.ticket)?;
            let awaiting = Awaiting { action: VisitAction::Confirm, start: asked.booking.start, since: now };
            let kind = OperationKind::RequestVisit {
                visit: key.to_owned(),
                request: Box::new(asked.request),
                booking: asked.booking.clone(),
            };
            visit::enqueued(transaction, account, ticket, &kind, now)?;
            visit::remember_site(transaction, ticket, &asked.site, now)?;
            let state =
                CarriedState { awaiting: Some(awaiting), zone: asked.zone, booking: asked.booking, ..CarriedState::default() };
            transaction.execute(
                "UPDATE visit SET carrier_ticket_id = ?2, carried = ?3 WHERE key = ?1",
                params![key, opened.0.0, serde_json::to_string(&state)?],
            )?;
            tell_clock(transaction, ticket, key, VisitState::Requested, now)?;
            touched.ticket(ticket);
            Ok(opened)
        })
    }

    /// What is kept of a visit that travels as a ticket; `None` for every other.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn carried(&self, key: &str) -> Result<Option<CarriedState>> {
        self.read(|connection| Ok(state(connection, key)?.map(|(state, _)| state)))
    }

    /// Queues a reply on the carrier that tells a change of the visit. The same marker again is the first one.
    ///
    /// # Errors
    /// As [`Store::enqueue`]; `VisitUnknown` for a visit that no ticket carries; `TooMany` while too much waits.
    pub fn tell_carrier(
        &self,
        key: &str,
        new: NewOperation,
        change: VisitChange,
        now: UtcMs,
        not_before: UtcMs,
    ) -> Result<OperationId> {
        let key = key.to_owned();
        self.write(Durability::Full, move |transaction, touched| {
            if let Some(known) = outbox::of_marker(transaction, &new.marker)? {
                return Ok(known);
            }
            let (mut state, _) = state(transaction, &key)?.ok_or_else(|| unknown(&key))?;
            if state.asks.len() >= ASKS_MAX {
                return Err(StoreError::new(Code::TooMany, format!("{ASKS_MAX} changes of visit {key} wait")));
            }
            // What somebody is writing on that ticket is not this reply.
            let id = outbox::enqueue_beside(transaction, touched, &new, now, not_before)?;
            state.asks.push(CarriedAsk { marker: new.marker, change });
            put_state(transaction, &key, &state)?;
            Ok(id)
        })
    }

    /// Takes in what arrived on carriers: ours that landed, and answers. `tickets` limits it to those; `None` looks at all.
    /// Answers the keys of the visits that changed.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn settle_carried(&self, tickets: Option<&[TicketId]>, now: UtcMs) -> Result<Vec<String>> {
        let wanted: Option<Vec<TicketId>> = tickets.map(<[TicketId]>::to_vec);
        let keys = self.read(|connection| waiting(connection, wanted.as_deref()))?;
        if keys.is_empty() {
            return Ok(keys);
        }
        self.write(Durability::Full, move |transaction, touched| {
            let mut changed = Vec::new();
            for key in keys {
                if settle(transaction, touched, &key, now)? {
                    changed.push(key);
                }
            }
            Ok(changed)
        })
    }

    /// A person read the answer: the visit follows what they say.
    ///
    /// # Errors
    /// `VisitUnknown`; `OperationNotOffered` for a visit of a server with slots; `VisitActionInvalid`.
    pub fn settle_visit(&self, key: &str, answer: VisitAnswer, now: UtcMs) -> Result<()> {
        let key = key.to_owned();
        self.write(Durability::Full, move |transaction, touched| {
            let known = visit::find(transaction, &key)?.ok_or_else(|| unknown(&key))?;
            let not_offered = || StoreError::new(Code::OperationNotOffered, "the server settles its visits by itself");
            let (mut state, carrier) = state(transaction, &key)?.ok_or_else(not_offered)?;
            let actor = own_name(transaction, carrier)?;
            let mut from = known.visit.clone();
            if from.state == VisitState::Declined && answer.state == VisitState::Confirmed {
                // They thought better of it.
                from.state = VisitState::Requested;
            }
            let next = match answered(&from, state.awaiting.as_ref(), &answer, now, &actor) {
                Answered::Taken(next) => *next,
                Answered::Same | Answered::MoveRefused => from,
                Answered::Unclear => {
                    return Err(StoreError::new(
                        Code::VisitActionInvalid,
                        format!("{} from {}", answer.state.as_str(), from.state.as_str()),
                    ));
                }
            };
            (state.awaiting, state.unread) = (None, None);
            put_visit(transaction, &key, &next, None, now)?;
            put_state(transaction, &key, &state)?;
            if let Some(ticket) = known.ticket_id {
                tell_clock(transaction, ticket, &key, next.state, now)?;
                touched.ticket(ticket);
            }
            Ok(())
        })
    }
}

fn unknown(key: &str) -> StoreError {
    StoreError::new(Code::VisitUnknown, format!("visit {key}"))
}

/// What is kept, and the ticket that carries it.
fn state(connection: &Connection, key: &str) -> Result<Option<(CarriedState, TicketId)>> {
    let mut statement = connection.prepare_cached(STATE)?;
    let found = statement.query_row([key], |row| Ok((row.get::<_, String>(0)?, row.get(1)?))).optional()?;
    let Some((text, carrier)) = found else { return Ok(None) };
    // One that cannot be read is read anew from the ticket.
    Ok(Some((serde_json::from_str(&text).unwrap_or_default(), TicketId(carrier))))
}

pub(crate) const STATE: &str = "SELECT carried, carrier_ticket_id FROM visit WHERE key = ? AND carrier_ticket_id IS NOT NULL";

fn put_state(transaction: &Transaction<'_>, key: &str, state: &CarriedState) -> Result<()> {
    transaction.execute("UPDATE visit SET carried = ?2 WHERE key = ?1", params![key, serde_json::to_string(state)?])?;
    Ok(())
}

fn put_visit(transaction: &Transaction<'_>, key: &str, visit: &Visit, refusal: Option<&VisitRefusal>, now: UtcMs) -> Result<()> {
    let refusal = refusal.map(serde_json::to_string).transpose()?.unwrap_or_default();
    transaction
        .prepare_cached(
            "UPDATE visit SET payload = ?2, state = ?3, engineer_id = ?4, start_at = ?5, end_at = ?6, refusal = ?7, updated_at = ?8
             WHERE key = ?1",
        )?
        .execute(params![
            key,
            serde_json::to_string(visit)?,
            visit.state.as_str(),
            visit.engineer_id.as_deref().unwrap_or_default(),
            visit.slot.as_ref().map(|slot| slot.start.0),
            visit.slot.as_ref().map(|slot| slot.end.0),
            refusal,
            now.0
        ])?;
    Ok(())
}

/// Visits on these carriers on which something may have arrived: something told is sent or gone, or there are notes behind the
/// last that was read.
fn waiting(connection: &Connection, tickets: Option<&[TicketId]>) -> Result<Vec<String>> {
    let carriers: Vec<i64> = {
        let mut statement = connection.prepare_cached(CARRIERS)?;
        let rows = statement.query_map([], |row| row.get(0))?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    let wanted = |carrier: &i64| tickets.is_none_or(|tickets| tickets.iter().any(|ticket| ticket.0 == *carrier));
    let mut found = Vec::new();
    let mut statement = connection.prepare_cached(WAITING)?;
    for carrier in carriers.into_iter().filter(wanted) {
        let (first, last) = seq_range(TicketId(carrier));
        let rows = statement.query_map([carrier, first, last], |row| row.get(0))?;
        for row in rows {
            found.push(row?);
        }
    }
    Ok(found)
}

pub(crate) const CARRIERS: &str = "SELECT carrier_ticket_id FROM visit WHERE carrier_ticket_id IS NOT NULL";
pub(crate) const WAITING: &str = "
    SELECT key FROM visit
    WHERE carrier_ticket_id = ?1 AND (nullif(carried, '') ->> '$.asks[0]' IS NOT NULL
        OR EXISTS (SELECT 1 FROM note WHERE note.id BETWEEN max(?2, coalesce(nullif(visit.carried, '') ->> '$.read_note', 0) + 1) AND ?3))";

fn settle(transaction: &Transaction<'_>, touched: &mut Touched, key: &str, now: UtcMs) -> Result<bool> {
    let (Some(mut known), Some((mut state, carrier))) = (visit::find(transaction, key)?, state(transaction, key)?) else {
        return Ok(false);
    };
    let before = (known.clone(), state.clone());
    take_landed(transaction, &mut known, &mut state, carrier, now)?;
    answers::take_answers(transaction, &mut known, &mut state, carrier)?;
    if (&known, &state) == (&before.0, &before.1) {
        return Ok(false);
    }
    put_visit(transaction, key, &known.visit, known.refusal.as_ref(), now)?;
    put_state(transaction, key, &state)?;
    if let Some(ticket) = known.ticket_id {
        let at = known.visit.history.last().map_or(now, |event| event.at);
        tell_clock(transaction, ticket, key, known.visit.state, at)?;
        touched.ticket(ticket);
    }
    Ok((known, state.awaiting, state.unread, state.asks.len())
        != (before.0, before.1.awaiting, before.1.unread, before.1.asks.len()))
}

pub(crate) const ASKED: &str = "SELECT state FROM operation WHERE marker = ?";

/// What was told and has landed is so.
fn take_landed(
    transaction: &Transaction<'_>,
    known: &mut VisitRecord,
    state: &mut CarriedState,
    carrier: TicketId,
    now: UtcMs,
) -> Result<()> {
    let mut waits = Vec::new();
    for ask in std::mem::take(&mut state.asks) {
        let operation: Option<String> =
            transaction.prepare_cached(ASKED)?.query_row([&ask.marker], |row| row.get(0)).optional()?;
        match operation.as_deref() {
            // Taken back.
            None => {}
            Some("sent") => {
                let (next, awaiting) = told(&known.visit, &ask.change, now, &own_name(transaction, carrier)?);
                known.visit = next;
                if awaiting.is_some() || known.visit.state.is_final() {
                    state.awaiting = awaiting;
                }
                known.refusal = None;
            }
            Some(_) => waits.push(ask),
        }
    }
    state.asks = waits;
    Ok(())
}

/// The visit's own clock starts and stops with it: no server tells of it, so the desk does.
fn tell_clock(transaction: &Transaction<'_>, ticket: TicketId, key: &str, state: VisitState, at: UtcMs) -> Result<()> {
    let visit = key.to_owned();
    let (what, kind) = match state {
        VisitState::Requested => ("requested", TicketEventKind::VisitRequested { visit }),
        VisitState::Done => ("done", TicketEventKind::VisitDone { visit }),
        VisitState::Declined | VisitState::Cancelled => ("over", TicketEventKind::VisitCancelled { visit }),
        VisitState::Waitlisted | VisitState::Confirmed => return Ok(()),
    };
    let (first, last) = seq_range(ticket);
    let told = transaction.prepare_cached(TELL_CLOCK)?.execute(params![
        first,
        last,
        format!("visit:{key}:{what}"),
        at.0,
        serde_json::to_string(&kind)?
    ])?;
    if told > 0 {
        mark_stale(transaction, std::iter::once(ticket))?;
    }
    Ok(())
}

pub(crate) const TELL_CLOCK: &str = "
    INSERT INTO event (id, remote_id, at, payload)
    SELECT coalesce((SELECT max(id) FROM event WHERE id BETWEEN ?1 AND ?2), ?1 - 1) + 1, ?3, ?4, ?5
    WHERE NOT EXISTS (SELECT 1 FROM event WHERE id BETWEEN ?1 AND ?2 AND (remote_id = ?3 OR id = ?2))";

/// What is not sent of a visit that travels as a ticket: the ticket itself, and what was told there.
pub(crate) fn operations(connection: &Connection, key: &str, carrier: TicketId) -> Result<Vec<OperationRecord>> {
    let Some((state, _)) = state(connection, key)? else { return Ok(Vec::new()) };
    let mut unsent = outbox::read::unsent(connection, carrier)?;
    unsent.retain(|one| one.marker == key || state.asks.iter().any(|ask| ask.marker == one.marker));
    Ok(unsent)
}
