//! Questions to the database.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::de::DeserializeOwned;

use crate::error::HubError;
use crate::wire::{Change, ChangePage, Customer, Event, Note, Operation, Ticket, TicketPage};

/// What a ticket carries along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Include {
    pub(crate) notes: bool,
    pub(crate) events: bool,
}

const TICKET_COLUMNS: &str = "t.id, t.subject, t.status, t.priority, t.product, t.requester, t.assignee, t.tags, \
     t.custom_fields, t.created_at, t.updated_at, t.version, \
     c.id, c.name, c.vip, c.service_manager, c.deputy, c.city, c.languages, t.category, t.evaluation";

/// Reads a stored word of the API back into its type.
pub(super) fn word<T: DeserializeOwned>(text: &str) -> Result<T, HubError> {
    Ok(serde_json::from_value(serde_json::Value::String(text.to_owned()))?)
}

struct TicketRow {
    ticket: Ticket,
    status: String,
    priority: String,
    tags: String,
    custom_fields: String,
    languages: Option<String>,
    evaluation: Option<String>,
}

fn ticket_row(row: &Row<'_>) -> rusqlite::Result<TicketRow> {
    let customer = match row.get::<_, Option<String>>(12)? {
        Some(id) => Some(Customer {
            id,
            name: row.get(13)?,
            vip: row.get(14)?,
            service_manager: row.get(15)?,
            deputy: row.get(16)?,
            city: row.get(17)?,
            languages: Vec::new(),
        }),
        None => None,
    };
    Ok(TicketRow {
        ticket: Ticket {
            id: row.get::<_, i64>(0)?.to_string(),
            subject: row.get(1)?,
            status: crate::wire::Status::New,
            priority: crate::wire::Priority::Routine,
            product: row.get(4)?,
            customer,
            requester: row.get(5)?,
            assignee: row.get(6)?,
            tags: Vec::new(),
            custom_fields: std::collections::BTreeMap::new(),
            category: row.get(19)?,
            evaluation: None,
            created_at: row.get(9)?,
            updated_at: row.get(10)?,
            version: row.get::<_, i64>(11)?.to_string(),
            notes: None,
            events: None,
            visits: None,
        },
        status: row.get(2)?,
        priority: row.get(3)?,
        tags: row.get(7)?,
        custom_fields: row.get(8)?,
        languages: row.get(18)?,
        evaluation: row.get(20)?,
    })
}

impl TicketRow {
    fn finish(self) -> Result<Ticket, HubError> {
        let mut ticket = self.ticket;
        ticket.status = word(&self.status)?;
        ticket.priority = word(&self.priority)?;
        ticket.tags = serde_json::from_str(&self.tags)?;
        ticket.custom_fields = serde_json::from_str(&self.custom_fields)?;
        ticket.evaluation = self.evaluation.as_deref().map(serde_json::from_str).transpose()?;
        if let (Some(customer), Some(languages)) = (&mut ticket.customer, &self.languages) {
            customer.languages = serde_json::from_str(languages)?;
        }
        Ok(ticket)
    }
}

fn included(connection: &Connection, mut ticket: Ticket, id: i64, include: Include) -> Result<Ticket, HubError> {
    if include.notes {
        ticket.notes = Some(notes_of(connection, id)?);
    }
    if include.events {
        ticket.events = Some(events_of(connection, id)?);
        ticket.visits = Some(super::visits::of_ticket(connection, id)?);
    }
    Ok(ticket)
}

pub(crate) fn ticket(connection: &Connection, id: i64, include: Include) -> Result<Option<Ticket>, HubError> {
    let sql = format!("SELECT {TICKET_COLUMNS} FROM tickets t LEFT JOIN customers c ON c.id = t.customer_id WHERE t.id = ?1");
    let found = connection.prepare_cached(&sql)?.query_row([id], ticket_row).optional()?;
    found.map(|row| included(connection, row.finish()?, id, include)).transpose()
}

/// Tickets with an id below `before`, newest first, at most `limit`.
pub(crate) fn ticket_page(
    connection: &Connection,
    before: Option<i64>,
    limit: u32,
    include: Include,
) -> Result<TicketPage, HubError> {
    let sql = format!(
        "SELECT {TICKET_COLUMNS} FROM tickets t LEFT JOIN customers c ON c.id = t.customer_id \
         WHERE t.id < ?1 ORDER BY t.id DESC LIMIT ?2"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params![before.unwrap_or(i64::MAX), i64::from(limit) + 1], |row| {
        Ok((row.get::<_, i64>(0)?, ticket_row(row)?))
    })?;
    let mut found = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next_before = if more { found.last().map(|(id, _)| id.to_string()) } else { None };
    let tickets =
        found.into_iter().map(|(id, row)| included(connection, row.finish()?, id, include)).collect::<Result<_, HubError>>()?;
    let total = connection.query_row("SELECT count(*) FROM tickets", [], |row| row.get::<_, u32>(0))?;
    Ok(TicketPage { tickets, next_before, total: total.into(), feed_seq: feed_head(connection)? })
}

pub(crate) fn exists(connection: &Connection, id: i64) -> Result<bool, HubError> {
    Ok(connection.prepare_cached("SELECT 1 FROM tickets WHERE id = ?1")?.exists([id])?)
}

pub(crate) fn notes_of(connection: &Connection, ticket_id: i64) -> Result<Vec<Note>, HubError> {
    notes_where(connection, "ticket_id = ?1", ticket_id)
}

pub(crate) fn events_of(connection: &Connection, ticket_id: i64) -> Result<Vec<Event>, HubError> {
    events_where(connection, "ticket_id = ?1", ticket_id)
}

fn notes_where(connection: &Connection, condition: &str, value: i64) -> Result<Vec<Note>, HubError> {
    let sql = format!(
        "SELECT id, ticket_id, author, role, visibility, body, created_at, marker FROM notes WHERE {condition} ORDER BY id"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([value], |row| {
        Ok((
            Note {
                id: row.get::<_, i64>(0)?.to_string(),
                ticket_id: row.get::<_, i64>(1)?.to_string(),
                author: row.get(2)?,
                role: crate::wire::Role::System,
                visibility: crate::wire::Visibility::Internal,
                body: row.get(5)?,
                created_at: row.get(6)?,
                marker: row.get(7)?,
                attachments: Vec::new(),
            },
            row.get::<_, String>(3)?,
            row.get::<_, String>(4)?,
        ))
    })?;
    let finish = |row: rusqlite::Result<(Note, String, String)>| {
        let (note, role, visibility) = row?;
        let attachments = super::files::of_note(connection, &note.id)?;
        Ok(Note { role: word(&role)?, visibility: word(&visibility)?, attachments, ..note })
    };
    rows.map(finish).collect()
}

fn events_where(connection: &Connection, condition: &str, value: i64) -> Result<Vec<Event>, HubError> {
    let sql = format!("SELECT id, ticket_id, at, event, actor FROM events WHERE {condition} ORDER BY id");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([value], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get(2)?, row.get::<_, String>(3)?, row.get(4)?))
    })?;
    let finish = |row: rusqlite::Result<(i64, i64, i64, String, String)>| {
        let (id, ticket_id, at, event, actor) = row?;
        Ok(Event { id: id.to_string(), ticket_id: ticket_id.to_string(), at, actor, kind: serde_json::from_str(&event)? })
    };
    rows.map(finish).collect()
}

pub(crate) fn feed_head(connection: &Connection) -> Result<i64, HubError> {
    Ok(connection.query_row("SELECT coalesce(max(seq), 0) FROM changes", [], |row| row.get(0))?)
}

/// Changes after `after`, oldest first, at most `limit`.
pub(crate) fn change_page(connection: &Connection, after: i64, limit: u32) -> Result<ChangePage, HubError> {
    let head = feed_head(connection)?;
    let mut statement = connection.prepare_cached("SELECT seq, ticket_id FROM changes WHERE seq > ?1 ORDER BY seq LIMIT ?2")?;
    let rows = statement.query_map(params![after, limit], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
    let mut changes = Vec::new();
    for row in rows {
        let (seq, ticket_id) = row?;
        let Some(mut ticket) = ticket(connection, ticket_id, Include::default())? else { continue };
        ticket.notes = Some(notes_where(connection, "seq = ?1", seq)?);
        ticket.events = Some(events_where(connection, "seq = ?1", seq)?);
        ticket.visits = Some(super::visits::of_change(connection, seq)?);
        changes.push(Change { seq, ticket });
    }
    let next_after = changes.last().map_or(after, |change| change.seq);
    Ok(ChangePage { changes, next_after, head, more: next_after < head })
}

pub(crate) fn customers(connection: &Connection) -> Result<Vec<Customer>, HubError> {
    let mut statement =
        connection.prepare_cached("SELECT id, name, vip, service_manager, deputy, city, languages FROM customers ORDER BY id")?;
    let rows = statement.query_map([], |row| {
        let customer = Customer {
            id: row.get(0)?,
            name: row.get(1)?,
            vip: row.get(2)?,
            service_manager: row.get(3)?,
            deputy: row.get(4)?,
            city: row.get(5)?,
            languages: Vec::new(),
        };
        Ok((customer, row.get::<_, String>(6)?))
    })?;
    let finish = |row: rusqlite::Result<(Customer, String)>| {
        let (customer, languages) = row?;
        Ok(Customer { languages: serde_json::from_str(&languages)?, ..customer })
    };
    rows.map(finish).collect()
}

pub(crate) fn operation(connection: &Connection, key: &str) -> Result<Option<Operation>, HubError> {
    let found = connection
        .prepare_cached("SELECT ticket_id, note_id, status, created_at, visit_id FROM operations WHERE key = ?1")?
        .query_row([key], |row| {
            Ok(Operation {
                key: key.to_owned(),
                ticket_id: row.get::<_, i64>(0)?.to_string(),
                note_id: row.get::<_, Option<i64>>(1)?.map(|id| id.to_string()),
                status: row.get(2)?,
                at: row.get(3)?,
                visit_id: row.get::<_, Option<i64>>(4)?.map(|id| id.to_string()),
            })
        })
        .optional()?;
    Ok(found)
}
