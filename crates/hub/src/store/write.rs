//! Changes to the database. Every one of them is a row of the feed, in the same transaction.

use std::collections::BTreeMap;

use deskbell_domain::UtcMs;
use rusqlite::{OptionalExtension, Transaction, params};
use serde::Serialize;

use super::files;
use super::read::{self, Include};
use crate::error::HubError;
use crate::problem::Problem;
use crate::wire::{EventKind, NewTicket, Role, Status, Ticket, TicketPatch, Visibility};

/// Who acts.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    pub(crate) name: String,
    pub(crate) role: Role,
}

#[derive(Debug, Clone)]
pub(crate) struct NoteDraft {
    pub(crate) body: String,
    pub(crate) visibility: Visibility,
    pub(crate) marker: Option<String>,
    /// Complete uploads.
    pub(crate) uploads: Vec<i64>,
}

/// The key of a request and what it stands for.
#[derive(Debug, Clone)]
pub(crate) struct Keyed {
    pub(crate) key: String,
    pub(crate) request_hash: String,
}

/// An answer as it is kept and given again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) status: u16,
    pub(crate) etag: String,
    pub(crate) body: String,
    pub(crate) replayed: bool,
}

/// The stored word of an API enum.
pub(crate) fn text_of<T: Serialize>(value: &T) -> Result<String, HubError> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(text) => Ok(text),
        other => Ok(other.to_string()),
    }
}

/// The answer that was given to this key before.
pub(crate) fn replay(tx: &Transaction<'_>, keyed: &Keyed) -> Result<Option<Stored>, Problem> {
    let found = tx
        .prepare_cached("SELECT request_hash, status, etag, body FROM operations WHERE key = ?1")?
        .query_row([&keyed.key], |row| {
            let stored = Stored { status: row.get(1)?, etag: row.get(2)?, body: row.get(3)?, replayed: true };
            Ok((row.get::<_, String>(0)?, stored))
        })
        .optional()?;
    match found {
        Some((hash, _)) if hash != keyed.request_hash => Err(Problem::KeyReused),
        found => Ok(found.map(|(_, stored)| stored)),
    }
}

pub(crate) fn remember(
    tx: &Transaction<'_>,
    keyed: &Keyed,
    ticket_id: i64,
    note_id: Option<i64>,
    stored: &Stored,
    now: UtcMs,
) -> Result<(), HubError> {
    tx.prepare_cached(
        "INSERT INTO operations (key, request_hash, ticket_id, note_id, status, etag, body, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![keyed.key, keyed.request_hash, ticket_id, note_id, stored.status, stored.etag, stored.body, now.0])?;
    Ok(())
}

/// Opens a row of the feed; what the change writes refers to its seq.
pub(crate) fn begin_change(tx: &Transaction<'_>, ticket_id: i64, now: UtcMs) -> Result<i64, HubError> {
    tx.prepare_cached("INSERT INTO changes (ticket_id, at) VALUES (?1, ?2)")?.execute(params![ticket_id, now.0])?;
    let seq = tx.last_insert_rowid();
    tx.prepare_cached("UPDATE tickets SET version = version + 1, updated_at = max(updated_at, ?2) WHERE id = ?1")?
        .execute(params![ticket_id, now.0])?;
    Ok(seq)
}

/// `actor` is a name as people see it; empty when nobody in particular did it.
pub(crate) fn insert_event(
    tx: &Transaction<'_>,
    ticket_id: i64,
    seq: i64,
    at: UtcMs,
    kind: &EventKind,
    actor: &str,
) -> Result<(), HubError> {
    tx.prepare_cached("INSERT INTO events (ticket_id, seq, at, event, actor) VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(params![
        ticket_id,
        seq,
        at.0,
        serde_json::to_string(kind)?,
        actor
    ])?;
    Ok(())
}

pub(crate) fn insert_note(
    tx: &Transaction<'_>,
    ticket_id: i64,
    seq: i64,
    at: UtcMs,
    actor: &Actor,
    draft: &NoteDraft,
) -> Result<i64, HubError> {
    tx.prepare_cached(
        "INSERT INTO notes (ticket_id, seq, author, role, visibility, body, created_at, marker) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        ticket_id,
        seq,
        actor.name,
        text_of(&actor.role)?,
        text_of(&draft.visibility)?,
        draft.body,
        at.0,
        draft.marker
    ])?;
    let note_id = tx.last_insert_rowid();
    files::attach(tx, ticket_id, note_id, &draft.uploads)?;
    Ok(note_id)
}

pub(super) fn set_status(
    tx: &Transaction<'_>,
    ticket_id: i64,
    seq: i64,
    to: Status,
    actor: &str,
    now: UtcMs,
) -> Result<(), HubError> {
    tx.prepare_cached("UPDATE tickets SET status = ?2 WHERE id = ?1")?.execute(params![ticket_id, text_of(&to)?])?;
    insert_event(tx, ticket_id, seq, now, &EventKind::StatusChanged { to }, actor)
}

/// Adds a note. A public reply of an agent opens a new ticket; a customer's reply opens one that
/// waited for it or was resolved. `None` when there is no such ticket.
pub(crate) fn add_note(
    tx: &Transaction<'_>,
    ticket_id: i64,
    actor: &Actor,
    draft: &NoteDraft,
    now: UtcMs,
) -> Result<Option<i64>, HubError> {
    let Some(ticket) = read::ticket(tx, ticket_id, Include::default())? else { return Ok(None) };
    let seq = begin_change(tx, ticket_id, now)?;
    let note_id = insert_note(tx, ticket_id, seq, now, actor, draft)?;
    if draft.visibility == Visibility::Public {
        insert_event(tx, ticket_id, seq, now, &EventKind::Replied { by: actor.role }, &actor.name)?;
        let opens = match actor.role {
            Role::Agent => ticket.status == Status::New,
            Role::Customer => matches!(ticket.status, Status::WaitingCustomer | Status::Resolved),
            Role::System => false,
        };
        if opens {
            set_status(tx, ticket_id, seq, Status::Open, &actor.name, now)?;
        }
        if actor.role == Role::Agent && ticket.assignee.is_empty() {
            tx.prepare_cached("UPDATE tickets SET assignee = ?2 WHERE id = ?1")?.execute(params![ticket_id, actor.name])?;
        }
    }
    Ok(Some(note_id))
}

/// Applies the fields that differ; a patch that changes nothing is no change in the feed.
pub(crate) fn patch_ticket(
    tx: &Transaction<'_>,
    ticket_id: i64,
    ticket: &Ticket,
    patch: &TicketPatch,
    actor: &str,
    now: UtcMs,
) -> Result<(), HubError> {
    let events = plan_patch(ticket, patch);
    if events.is_empty() {
        return Ok(());
    }
    let seq = begin_change(tx, ticket_id, now)?;
    let fields = patched_fields(ticket, patch);
    tx.prepare_cached(
        "UPDATE tickets SET subject = ?2, status = ?3, priority = ?4, assignee = ?5, tags = ?6, custom_fields = ?7 WHERE id = ?1",
    )?
    .execute(params![
        ticket_id,
        patch.subject.as_ref().unwrap_or(&ticket.subject),
        text_of(&patch.status.unwrap_or(ticket.status))?,
        text_of(&patch.priority.unwrap_or(ticket.priority))?,
        patch.assignee.as_ref().unwrap_or(&ticket.assignee),
        serde_json::to_string(patch.tags.as_ref().unwrap_or(&ticket.tags))?,
        serde_json::to_string(&fields)?,
    ])?;
    for event in &events {
        if matches!(event, EventKind::PriorityChanged { .. }) {
            tell_first_priority(tx, ticket, ticket_id, seq)?;
        }
        insert_event(tx, ticket_id, seq, now, event, actor)?;
    }
    Ok(())
}

/// With the first change of a priority the log tells what it was since the creation.
fn tell_first_priority(tx: &Transaction<'_>, ticket: &Ticket, ticket_id: i64, seq: i64) -> Result<(), HubError> {
    let sql = "SELECT 1 FROM events WHERE ticket_id = ?1 AND event ->> 'event' = 'priority_changed'";
    if tx.prepare_cached(sql)?.exists([ticket_id])? {
        return Ok(());
    }
    let first = EventKind::PriorityChanged { to: ticket.priority };
    insert_event(tx, ticket_id, seq, UtcMs(ticket.created_at), &first, "")
}

fn patched_fields(ticket: &Ticket, patch: &TicketPatch) -> BTreeMap<String, String> {
    let mut fields = ticket.custom_fields.clone();
    for (field, to) in patch.custom_fields.iter().flatten() {
        if to.is_empty() {
            fields.remove(field);
        } else {
            fields.insert(field.clone(), to.clone());
        }
    }
    fields
}

/// What the patch changes, as the history tells it.
fn plan_patch(ticket: &Ticket, patch: &TicketPatch) -> Vec<EventKind> {
    let mut events = Vec::new();
    if let Some(to) = patch.subject.as_ref().filter(|to| **to != ticket.subject) {
        events.push(EventKind::SubjectChanged { to: to.clone() });
    }
    if let Some(to) = patch.assignee.as_ref().filter(|to| **to != ticket.assignee) {
        events.push(EventKind::AssigneeChanged { to: to.clone() });
    }
    if let Some(to) = patch.tags.as_ref().filter(|to| **to != ticket.tags) {
        let without = |tags: &[String], others: &[String]| tags.iter().filter(|tag| !others.contains(tag)).cloned().collect();
        events.push(EventKind::TagsChanged { added: without(to, &ticket.tags), removed: without(&ticket.tags, to) });
    }
    for (field, to) in patch.custom_fields.iter().flatten() {
        if ticket.custom_fields.get(field).map_or("", String::as_str) != to {
            events.push(EventKind::FieldChanged { field: field.clone(), to: to.clone() });
        }
    }
    if let Some(to) = patch.priority.filter(|to| *to != ticket.priority) {
        events.push(EventKind::PriorityChanged { to });
    }
    if let Some(to) = patch.status.filter(|to| *to != ticket.status) {
        events.push(EventKind::StatusChanged { to });
    }
    events
}

/// Creates a ticket with its first message; returns both ids.
pub(crate) fn create_ticket(
    tx: &Transaction<'_>,
    new: &NewTicket,
    marker: Option<String>,
    uploads: Vec<i64>,
    now: UtcMs,
) -> Result<(i64, i64), Problem> {
    tx.prepare_cached(
        "INSERT INTO tickets (subject, status, priority, product, customer_id, requester, tags, created_at, updated_at, version, \
         custom_fields, category) VALUES (?1, 'new', ?2, ?3, ?4, ?5, ?6, ?7, ?7, 0, ?8, ?9)",
    )?
    .execute(params![
        new.subject,
        text_of(&new.priority)?,
        new.product,
        new.customer_id,
        new.requester,
        serde_json::to_string(&new.tags)?,
        now.0,
        serde_json::to_string(&new.custom_fields)?,
        new.category
    ])?;
    let ticket_id = tx.last_insert_rowid();
    let seq = begin_change(tx, ticket_id, now)?;
    insert_event(tx, ticket_id, seq, now, &EventKind::Created, &new.requester)?;
    let actor = Actor { name: new.requester.clone(), role: Role::Customer };
    let draft = NoteDraft { body: new.body.clone(), visibility: Visibility::Public, marker, uploads };
    let note_id = insert_note(tx, ticket_id, seq, now, &actor, &draft)?;
    Ok((ticket_id, note_id))
}
