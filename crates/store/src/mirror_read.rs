//! Reading one ticket with its conversation.

use deskbell_domain::UtcMs;
use deskbell_domain::sla::event::TicketEvent;
use deskbell_domain::ticket::{AccountId, TicketId};
use rusqlite::{Connection, OptionalExtension as _, Row};

use crate::error::Result;
use crate::mirror::{adopt, find_ticket};
use crate::records::{CustomerRecord, Evaluation, NoteRecord, TicketRecord};
use crate::stored::{Text, count, optional_text, seq_range};
use crate::{Store, attachment, clock};

impl Store {
    /// The ticket that the provider calls `remote_id`.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn ticket_id(&self, account: AccountId, remote_id: &str) -> Result<Option<TicketId>> {
        self.read(|connection| find_ticket(connection, account, remote_id))
    }

    /// A ticket as last observed; pending edits are not in it (see [`Store::pending_operations`]). One that was pulled before
    /// we knew it as the one opened here is found under both ids; the record has the one that stays.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn ticket(&self, id: TicketId) -> Result<Option<TicketRecord>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT ticket.id, ticket.account_id, account.name, account.kind, iif(local, '', ticket.remote_id), subject, status, status_raw,
                        priority, priority_raw, product, customer_id, requester, assignee, tags, custom_fields, ticket.created_at,
                        updated_at, version, fate, merged_into, notes_complete OR pulled_full,
                        local, evaluation
                 FROM ticket JOIN account ON account.id = ticket.account_id WHERE ticket.id = ?",
            )?;
            let current = adopt::current_id(connection, id)?;
            let found = statement.query_row([current.0], |row| Ok((row.get::<_, i64>(11)?, record(row)))).optional()?;
            let Some((customer_id, record)) = found else { return Ok(None) };
            Ok(Some(TicketRecord { customer: customer(connection, customer_id)?, ..record? }))
        })
    }

    /// The conversation, oldest first. Bodies are as observed, not sanitised.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn notes(&self, id: TicketId) -> Result<Vec<NoteRecord>> {
        self.read(|connection| {
            let (first, last) = seq_range(adopt::current_id(connection, id)?);
            let mut statement = connection.prepare_cached(NOTES)?;
            let mut rows = statement.query([first, last])?;
            let mut notes: Vec<NoteRecord> = Vec::new();
            while let Some(row) = rows.next()? {
                notes.push(note(row)?);
            }
            for (note_id, file) in attachment::of_ticket(connection, id)? {
                if let Some(note) = notes.iter_mut().find(|note| note.id == note_id) {
                    note.attachments.push(file);
                }
            }
            Ok(notes)
        })
    }

    /// The event log, oldest first.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn events(&self, id: TicketId) -> Result<Vec<TicketEvent>> {
        self.read(|connection| clock::events(connection, adopt::current_id(connection, id)?))
    }
}

pub(crate) const NOTES: &str = "
    SELECT id, remote_id, author, role, visibility, body, format, created_at, marker FROM note
    WHERE id BETWEEN ? AND ? ORDER BY created_at, id";

fn record(row: &Row<'_>) -> Result<TicketRecord> {
    Ok(TicketRecord {
        id: TicketId(row.get(0)?),
        account_id: AccountId(row.get(1)?),
        account_name: row.get(2)?,
        provider: row.get::<_, Text<_>>(3)?.0,
        remote_id: row.get(4)?,
        subject: row.get(5)?,
        status: row.get::<_, Text<_>>(6)?.0,
        status_raw: row.get(7)?,
        priority: row.get::<_, Text<_>>(8)?.0,
        priority_raw: row.get(9)?,
        product: row.get(10)?,
        customer: CustomerRecord::default(),
        requester: row.get(12)?,
        assignee: row.get(13)?,
        tags: serde_json::from_str(&row.get::<_, String>(14)?)?,
        custom_fields: serde_json::from_str(&row.get::<_, String>(15)?)?,
        created_at: UtcMs(row.get(16)?),
        updated_at: UtcMs(row.get(17)?),
        version: row.get(18)?,
        fate: row.get(19)?,
        merged_into: optional_text(row.get(20)?),
        notes_complete: row.get(21)?,
        local: row.get(22)?,
        evaluated: evaluation(row.get_ref(23)?.as_str().map_err(rusqlite::Error::from)?)?,
    })
}

fn evaluation(text: &str) -> Result<Option<Evaluation>> {
    if text.is_empty() { Ok(None) } else { Ok(Some(serde_json::from_str(text)?)) }
}

fn customer(connection: &Connection, id: i64) -> Result<CustomerRecord> {
    if id == 0 {
        return Ok(CustomerRecord::default());
    }
    let mut statement = connection.prepare_cached(
        "SELECT name, vip, service_manager, deputy, city, languages,
                (SELECT count(*) FROM ticket WHERE customer_id = customer.id AND customer_id > 0 AND fate = 'live'),
                (SELECT count(*) FROM ticket WHERE customer_id = customer.id AND customer_id > 0 AND fate = 'live'
                    AND status NOT IN ('resolved', 'closed'))
         FROM customer WHERE id = ?",
    )?;
    let found = statement
        .query_row([id], |row| {
            let languages: String = row.get(5)?;
            let customer = CustomerRecord {
                name: row.get(0)?,
                vip: row.get(1)?,
                service_manager: row.get(2)?,
                deputy: row.get(3)?,
                city: row.get(4)?,
                languages: Vec::new(),
                ticket_count: count(row.get(6)?),
                open_count: count(row.get(7)?),
            };
            Ok((customer, languages))
        })
        .optional()?;
    let Some((customer, languages)) = found else { return Ok(CustomerRecord::default()) };
    Ok(CustomerRecord { languages: serde_json::from_str(&languages)?, ..customer })
}

fn note(row: &Row<'_>) -> Result<NoteRecord> {
    Ok(NoteRecord {
        id: row.get(0)?,
        remote_id: row.get(1)?,
        author: row.get(2)?,
        role: row.get::<_, Text<_>>(3)?.0,
        visibility: row.get::<_, Text<_>>(4)?.0,
        body: row.get(5)?,
        format: row.get::<_, Text<_>>(6)?.0,
        created_at: UtcMs(row.get(7)?),
        marker: optional_text(row.get(8)?),
        attachments: Vec::new(),
    })
}
