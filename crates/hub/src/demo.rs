//! The demo desk: about a year of tickets, the same for the same (now, seed).
//!
//! Owns: which tickets there are and when everything in them happened. Must not know: how the desk
//! shows them. Invariants: about 125 tickets are unfinished; the deadlines of [`plan`] hold at any
//! time of day; exactly one first-response or resolution clock, of a VIP customer, reaches a threshold in the first minute (next
//! responses fall as the conversations happened to go).

mod build;
mod chart;
mod extras;
mod ndjson;
mod people;
pub mod plan;
mod scenario;
mod slots;
mod timeline;
mod visits;

use std::path::Path;

use deskbell_domain::UtcMs;
use rusqlite::{Transaction, params};

use crate::catalogue::Known;
use crate::error::HubError;
use crate::store::{Actor, NoteDraft, Store, files, write};
use crate::wire::{EventKind, Role, Status, Visibility};
pub use ndjson::generate_ndjson;
use people::People;
use timeline::{DemoTicket, Happening};

/// The first demo ticket's id.
const TICKET_ID_FIRST: i64 = 100_001;

/// What was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DemoReport {
    pub tickets: usize,
    pub unfinished: usize,
    pub customers: usize,
    pub scenarios: usize,
    pub visits: usize,
}

/// Fills a new database with the demo desk as of `now`. Deadlines are near `now`, so a demo that is
/// started again another day is best made anew from an empty file.
///
/// # Errors
/// [`HubError::Database`], also when the database already holds tickets; [`HubError::DemoData`].
pub fn seed_demo(database: &Path, now: UtcMs, seed: u64) -> Result<DemoReport, HubError> {
    let people = People::read()?;
    let scenarios = scenario::read_all()?;
    let tickets = build::build(&people, &scenarios, now, seed)?;
    let known = Known::read("")?;
    let store = Store::open(database)?;
    let visits = store.run_blocking(|tx| {
        insert(tx, &people, &known, &tickets)?;
        visits::insert(tx, &people, &tickets, TICKET_ID_FIRST, now, seed)
    })?;
    let unfinished = tickets.iter().filter(|ticket| ticket.is_unfinished()).count();
    Ok(DemoReport { tickets: tickets.len(), unfinished, customers: people.customers.len(), scenarios: scenarios.len(), visits })
}

/// Who works on the demo's tickets.
pub(crate) fn agents() -> Result<Vec<String>, HubError> {
    Ok(People::read()?.agents)
}

fn insert(tx: &Transaction<'_>, people: &People, known: &Known, tickets: &[DemoTicket]) -> Result<(), HubError> {
    for customer in &people.customers {
        tx.execute(
            "INSERT INTO customers (id, name, vip, service_manager, deputy, city, languages) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                customer.id,
                customer.name,
                customer.vip,
                customer.manager,
                customer.deputy,
                customer.city,
                serde_json::to_string(&[customer.lang.tag()])?
            ],
        )?;
    }
    for (id, ticket) in (TICKET_ID_FIRST..).zip(tickets) {
        insert_ticket(tx, id, ticket, known)?;
    }
    Ok(())
}

fn insert_ticket(tx: &Transaction<'_>, id: i64, ticket: &DemoTicket, known: &Known) -> Result<(), HubError> {
    let updated_at = ticket.happenings.last().map_or(ticket.created_at, |happening| happening.at());
    let evaluation = extras::evaluation(id, ticket);
    tx.execute(
        "INSERT INTO tickets (id, subject, status, priority, product, customer_id, requester, assignee, tags, custom_fields, \
         created_at, updated_at, version, category, evaluation) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        params![
            id,
            ticket.subject,
            write::text_of(&ticket.status)?,
            ticket.priority.as_str(),
            ticket.product,
            ticket.customer_id,
            ticket.requester,
            ticket.assignee,
            serde_json::to_string(&ticket.tags)?,
            serde_json::to_string(&extras::custom_fields(id, ticket, known))?,
            ticket.created_at.0,
            updated_at.0,
            i64::try_from(ticket.happenings.len()).unwrap_or(i64::MAX),
            extras::category(id, ticket, known),
            evaluation.as_ref().map(serde_json::to_string).transpose()?
        ],
    )?;
    let seq = write::begin_change(tx, id, updated_at)?;
    write::insert_event(tx, id, seq, ticket.created_at, &EventKind::Created, &ticket.requester)?;
    let mut spoke_last = ticket.requester.as_str();
    for (position, happening) in ticket.happenings.iter().enumerate() {
        match happening {
            Happening::Note { at, author, role, visibility, body } => {
                let uploads = if position == 0 { insert_files(tx, id, ticket)? } else { Vec::new() };
                let draft = NoteDraft { body: body.clone(), visibility: *visibility, marker: None, uploads };
                write::insert_note(tx, id, seq, *at, &Actor { name: author.clone(), role: *role }, &draft)?;
                spoke_last = author;
                // The first message is the creation itself.
                let is_reply = position > 0 && *visibility == Visibility::Public && *role != Role::System;
                if is_reply {
                    write::insert_event(tx, id, seq, *at, &EventKind::Replied { by: *role }, author)?;
                }
            }
            Happening::Status { at, to } => {
                let actor = match to {
                    // Whoever's message it was opens a ticket, agent or customer.
                    Status::New | Status::Open => spoke_last,
                    Status::WaitingCustomer | Status::WaitingVendor | Status::Resolved => ticket.assignee.as_str(),
                    // By the customer, or by itself after some days.
                    Status::Closed => "",
                };
                write::insert_event(tx, id, seq, *at, &EventKind::StatusChanged { to: *to }, actor)?;
            }
        }
    }
    if let Some(evaluation) = evaluation {
        let event = EventKind::Evaluated { solved: evaluation.solved, score: evaluation.score };
        write::insert_event(tx, id, seq, UtcMs(evaluation.at), &event, &ticket.requester)?;
    }
    Ok(())
}

fn insert_files(tx: &Transaction<'_>, id: i64, ticket: &DemoTicket) -> Result<Vec<i64>, HubError> {
    extras::files(id, ticket)
        .iter()
        .map(|file| files::insert_whole(tx, &file.name, file.mime, &file.bytes, ticket.created_at))
        .collect()
}

#[cfg(test)]
mod tests;
