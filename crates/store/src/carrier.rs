//! Visits that travel as tickets: the ticket is opened with the visit's row, and what is written there moves the visit.
//!
//! Invariants: the visit and the operation that carries it are made in one transaction; each note of the carrier is read once,
//! in one transaction with what it does; what was told counts when its operation has landed, and not before.

use std::borrow::Cow;

use deskbell_domain::scheduling::block::{READ_CHARS_MAX, Reading, VisitAnswer, html_lines, read_answer};
use deskbell_domain::scheduling::carried::{Answered, Awaiting, CarriedAsk, CarriedState, Unread, answered, told};
use deskbell_domain::scheduling::{Visit, VisitAction, VisitBooking, VisitChange, VisitRefusal, VisitRequest, VisitState};
use deskbell_domain::sync::op::{NewTicket, OperationId, OperationKind};
use deskbell_domain::ticket::{AccountId, BodyFormat, TicketId};
use deskbell_domain::{Code, UtcMs};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use crate::error::{Result, StoreError};
use crate::mirror::{adopt, own_name};
use crate::outbox;
use crate::records::{NewOperation, OperationRecord};
use crate::search::text::plain_text;
use crate::stored::{Text, seq_range, shortened};
use crate::visit::VisitRecord;
use crate::writer::{Durability, Touched};
use crate::{Store, visit};

/// Characters of an answer that stand beside the visit until somebody reads it.
const EXCERPT_CHARS_MAX: usize = 280;
/// Texts of our own that an answer is compared with.
const OURS_MAX: usize = 100;
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
            // Queueing a reply takes the draft that lies on its ticket; what somebody is writing there is not this reply.
            let aside = "UPDATE draft SET ticket_id = -ticket_id WHERE ticket_id = ?";
            transaction.execute(aside, [new.ticket_id.0])?;
            let id = outbox::enqueue(transaction, touched, &new, now, not_before)?;
            transaction.execute(aside, [-new.ticket_id.0])?;
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
            known.ticket_id.into_iter().for_each(|ticket| touched.ticket(ticket));
            Ok(())
        })
    }
}

fn unknown(key: &str) -> StoreError {
    StoreError::new(Code::VisitUnknown, format!("visit {key}"))
}

/// What is kept, and the ticket that carries it.
fn state(connection: &Connection, key: &str) -> Result<Option<(CarriedState, TicketId)>> {
    let mut statement = connection
        .prepare_cached("SELECT carried, carrier_ticket_id FROM visit WHERE key = ? AND carrier_ticket_id IS NOT NULL")?;
    let found = statement.query_row([key], |row| Ok((row.get::<_, String>(0)?, row.get(1)?))).optional()?;
    let Some((text, carrier)) = found else { return Ok(None) };
    // One that cannot be read is read anew from the ticket.
    Ok(Some((serde_json::from_str(&text).unwrap_or_default(), TicketId(carrier))))
}

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
    WHERE carrier_ticket_id = ?1 AND (carried ->> '$.asks[0]' IS NOT NULL
        OR EXISTS (SELECT 1 FROM note WHERE note.id BETWEEN max(?2, coalesce(visit.carried ->> '$.read_note', 0) + 1) AND ?3))";

fn settle(transaction: &Transaction<'_>, touched: &mut Touched, key: &str, now: UtcMs) -> Result<bool> {
    let (Some(mut known), Some((mut state, carrier))) = (visit::find(transaction, key)?, state(transaction, key)?) else {
        return Ok(false);
    };
    let before = (known.clone(), state.clone());
    take_landed(transaction, &mut known, &mut state, carrier, now)?;
    take_answers(transaction, &mut known, &mut state, carrier)?;
    if (&known, &state) == (&before.0, &before.1) {
        return Ok(false);
    }
    put_visit(transaction, key, &known.visit, known.refusal.as_ref(), now)?;
    put_state(transaction, key, &state)?;
    known.ticket_id.into_iter().for_each(|ticket| touched.ticket(ticket));
    Ok((known, state.awaiting, state.unread, state.asks.len())
        != (before.0, before.1.awaiting, before.1.unread, before.1.asks.len()))
}

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
        let operation: Option<String> = transaction
            .prepare_cached("SELECT state FROM operation WHERE marker = ?")?
            .query_row([&ask.marker], |row| row.get(0))
            .optional()?;
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

/// A note of the other side.
struct Said {
    id: i64,
    author: String,
    body: String,
    format: BodyFormat,
    at: UtcMs,
}

/// The other side is whoever answers as an agent, is not this account, and whose note none of our operations wrote.
pub(crate) const SAID: &str = "
    SELECT id, author, body, format, created_at FROM note
    WHERE id BETWEEN ?1 AND ?2 AND role = 'agent'
        AND author <> coalesce((
            SELECT account.user FROM ticket JOIN account ON account.id = ticket.account_id WHERE ticket.id = ?3), '')
        AND NOT (marker <> '' AND EXISTS (SELECT 1 FROM operation WHERE operation.marker = note.marker))
    ORDER BY created_at, id";

fn take_answers(
    transaction: &Transaction<'_>,
    known: &mut VisitRecord,
    state: &mut CarriedState,
    carrier: TicketId,
) -> Result<()> {
    let (first, last) = seq_range(carrier);
    let newest: Option<i64> = transaction
        .prepare_cached("SELECT max(id) FROM note WHERE id BETWEEN ? AND ?")?
        .query_row([first, last], |row| row.get(0))?;
    let from = first.max(state.read_note.saturating_add(1));
    let Some(newest) = newest.filter(|newest| *newest >= from) else { return Ok(()) };
    let said: Vec<Said> = {
        let mut statement = transaction.prepare_cached(SAID)?;
        let rows = statement.query_map([from, newest, carrier.0], read_said)?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    state.read_note = newest;
    if said.is_empty() {
        return Ok(());
    }
    let ours = ours(transaction, carrier)?;
    let ours: Vec<&str> = ours.iter().map(String::as_str).collect();
    let zone = state.tz();
    for note in said {
        let text = lines_of(&note);
        match read_answer(&text, &ours, &known.key, zone) {
            Reading::Nothing => {}
            Reading::Words => state.unread = Some(unread(&note, &text, None)),
            Reading::Answer(answer) => follow(known, state, &note, &text, answer),
        }
    }
    Ok(())
}

fn read_said(row: &Row<'_>) -> rusqlite::Result<Said> {
    Ok(Said {
        id: row.get(0)?,
        author: row.get(1)?,
        body: row.get(2)?,
        format: row.get::<_, Text<_>>(3)?.0,
        at: UtcMs(row.get(4)?),
    })
}

fn lines_of(note: &Said) -> String {
    match note.format {
        BodyFormat::Text => shortened(&note.body, READ_CHARS_MAX),
        BodyFormat::Html => {
            let lines = html_lines(&shortened(&note.body, READ_CHARS_MAX));
            plain_text(&lines, BodyFormat::Html, READ_CHARS_MAX).into_owned()
        }
    }
}

fn unread(note: &Said, text: &str, hint: Option<VisitAnswer>) -> Unread {
    let unquoted: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('>')).collect();
    tracing::info!(note = note.id, "An answer on a ticket that carries a visit is for a person to read.");
    Unread { at: note.at, author: note.author.clone(), excerpt: shortened(&unquoted.join(" "), EXCERPT_CHARS_MAX), hint }
}

fn follow(known: &mut VisitRecord, state: &mut CarriedState, note: &Said, text: &str, answer: VisitAnswer) {
    let is_move = state.awaiting.as_ref().is_some_and(|awaiting| awaiting.action == VisitAction::Reschedule);
    let moving = state.awaiting.as_ref().filter(|_| is_move || known.visit.state != VisitState::Confirmed);
    match answered(&known.visit, moving, &answer, note.at, &note.author) {
        Answered::Taken(next) => {
            known.visit = *next;
            known.refusal = None;
            (state.awaiting, state.unread) = (None, None);
            if known.visit.state == VisitState::Waitlisted {
                state.awaiting = moving_again(&known.visit, note.at);
            }
        }
        // The time that stands, again, is no word about the one that was asked for.
        Answered::Same if is_move => state.unread = Some(unread(note, text, Some(answer))),
        Answered::Same => {}
        Answered::MoveRefused => {
            known.refusal = Some(VisitRefusal {
                code: Code::Refused,
                detail: "answered on the ticket that carries it".to_owned(),
                args: [("reason".to_owned(), answer.reason)].into(),
                reasons: Vec::new(),
                alternatives: Vec::new(),
            });
            (state.awaiting, state.unread) = (None, None);
        }
        Answered::Unclear => state.unread = Some(unread(note, text, Some(answer))),
    }
}

/// A visit on the waiting list still waits for its yes.
fn moving_again(visit: &Visit, at: UtcMs) -> Option<Awaiting> {
    (visit.state == VisitState::Waitlisted).then_some(Awaiting { action: VisitAction::Confirm, start: None, since: at })
}

/// What the desk wrote on a ticket.
fn ours(connection: &Connection, carrier: TicketId) -> Result<Vec<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT coalesce(payload ->> '$.body', payload ->> '$.ticket.body', '') FROM operation
         WHERE ticket_id = ?1 AND kind IN ('reply', 'create_ticket') ORDER BY id DESC LIMIT ?2",
    )?;
    let rows = statement.query_map(params![carrier.0, i64::try_from(OURS_MAX).unwrap_or(i64::MAX)], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

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
        window: visit.window.unwrap_or(deskbell_domain::scheduling::Window { from: now, to: now }),
        centre: Some(visit.centre_id).filter(|id| !id.is_empty()),
        note: visit.note,
    };
    let asked = OperationRecord { ticket_id: ticket, ..creation.clone() };
    visit::keep_request(transaction, &asked, &request, &state.booking, now)?;
    transaction.execute("DELETE FROM visit WHERE key = ?", [key])?;
    Ok(true)
}

/// What to give back of a reply that is taken back: of one that told a change of a visit the reason, else all of it.
pub(crate) fn words_of_reply<'a>(transaction: &Transaction<'_>, reply: &OperationRecord, body: &'a str) -> Result<Cow<'a, str>> {
    let keys: Vec<String> = {
        let mut statement = transaction.prepare_cached("SELECT key FROM visit WHERE carrier_ticket_id = ?")?;
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

/// What is not sent of a visit that travels as a ticket: the ticket itself, and what was told there.
pub(crate) fn operations(connection: &Connection, key: &str, carrier: TicketId) -> Result<Vec<OperationRecord>> {
    let Some((state, _)) = state(connection, key)? else { return Ok(Vec::new()) };
    let mut unsent = outbox::read::unsent(connection, carrier)?;
    unsent.retain(|one| one.marker == key || state.asks.iter().any(|ask| ask.marker == one.marker));
    Ok(unsent)
}
