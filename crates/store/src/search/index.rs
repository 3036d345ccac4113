//! Keeping the documents in step with the mirror, inside the transactions that change it.

use deskbell_domain::ticket::{BodyFormat, TicketId};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::terms::Terms;
use super::text::plain_text;
use crate::error::Result;
use crate::stored::{Text, seq_range};

/// Characters of one ticket's conversation that are searched, newest notes first.
pub(crate) const DOCUMENT_CHARS_MAX: usize = 256 * 1024;

/// Notes that the document needs a new writing of; done by [`flush`].
pub(crate) fn mark(transaction: &Transaction<'_>, ticket: TicketId) -> Result<()> {
    transaction.prepare_cached("INSERT OR IGNORE INTO search_dirty (ticket_id) VALUES (?)")?.execute([ticket.0])?;
    Ok(())
}

/// How many documents wait, counted up to `limit`.
pub(crate) fn dirty_count(connection: &Connection, limit: i64) -> Result<i64> {
    let mut statement = connection.prepare_cached("SELECT count(*) FROM (SELECT 1 FROM search_dirty LIMIT ?)")?;
    Ok(statement.query_row([limit], |row| row.get(0))?)
}

/// Writes waiting documents, at most `limit`, the longest known tickets first. Answers how many.
pub(crate) fn flush(transaction: &Transaction<'_>, limit: usize) -> Result<usize> {
    let tickets = {
        let mut statement = transaction.prepare_cached("SELECT ticket_id FROM search_dirty ORDER BY ticket_id LIMIT ?")?;
        let rows = statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| row.get(0).map(TicketId))?;
        rows.collect::<rusqlite::Result<Vec<_>>>()?
    };
    for ticket in &tickets {
        put_document(transaction, *ticket)?;
    }
    if let Some(last) = tickets.last() {
        transaction.prepare_cached("DELETE FROM search_dirty WHERE ticket_id <= ?")?.execute([last.0])?;
    }
    Ok(tickets.len())
}

/// Writes one ticket's document at once: for what a person did and looks for next.
pub(crate) fn write(transaction: &Transaction<'_>, ticket: TicketId) -> Result<()> {
    put_document(transaction, ticket)?;
    transaction.prepare_cached("DELETE FROM search_dirty WHERE ticket_id = ?")?.execute([ticket.0])?;
    Ok(())
}

fn put_document(transaction: &Transaction<'_>, ticket: TicketId) -> Result<()> {
    let Some(terms) = document(transaction, ticket)? else { return forget(transaction, ticket) };
    transaction
        .prepare_cached("INSERT OR REPLACE INTO search (rowid, terms) VALUES (?, ?)")?
        .execute(params![ticket.0, terms])?;
    Ok(())
}

/// Takes a ticket out of the search.
pub(crate) fn forget(transaction: &Transaction<'_>, ticket: TicketId) -> Result<()> {
    transaction.prepare_cached("DELETE FROM search WHERE rowid = ?")?.execute([ticket.0])?;
    Ok(())
}

/// The terms of a ticket; `None` for one that is not live.
fn document(connection: &Connection, ticket: TicketId) -> Result<Option<String>> {
    let Some(head) = Head::load(connection, ticket)? else { return Ok(None) };
    let mut terms = Terms::default();
    terms.add_head(&head.subject);
    terms.add_head(&head.customer);
    terms.add(&head.remote_id);
    each_body(connection, ticket, |body| {
        terms.add(body);
        true
    })?;
    Ok(Some(terms.finish()))
}

/// The searched parts of a ticket row.
pub(crate) struct Head {
    pub(crate) subject: String,
    pub(crate) remote_id: String,
    pub(crate) customer: String,
}

impl Head {
    /// `None` for a ticket that is not live.
    pub(crate) fn load(connection: &Connection, ticket: TicketId) -> Result<Option<Self>> {
        let mut statement = connection.prepare_cached(
            "SELECT subject, iif(local, '', ticket.remote_id), coalesce(customer.name, '') FROM ticket
             LEFT JOIN customer ON customer.id = ticket.customer_id WHERE ticket.id = ? AND fate = 'live'",
        )?;
        let head = statement
            .query_row([ticket.0], |row| Ok(Self { subject: row.get(0)?, remote_id: row.get(1)?, customer: row.get(2)? }));
        Ok(head.optional()?)
    }
}

/// Calls `each` with the searched words of every note, newest first, until it answers false.
pub(crate) fn each_body(connection: &Connection, ticket: TicketId, mut each: impl FnMut(&str) -> bool) -> Result<()> {
    let (first, last) = seq_range(ticket);
    let mut statement = connection.prepare_cached("SELECT body, format FROM note WHERE id BETWEEN ? AND ? ORDER BY id DESC")?;
    let mut rows = statement.query([first, last])?;
    let mut left = DOCUMENT_CHARS_MAX;
    let mut is_empty = true;
    while let Some(row) = rows.next()? {
        let body = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        let text = plain_text(body, row.get::<_, Text<BodyFormat>>(1)?.0, left);
        left = left.saturating_sub(body.chars().count());
        is_empty = false;
        if !each(&text) || left == 0 {
            break;
        }
    }
    if is_empty {
        each_unsent(connection, ticket, each)?;
    }
    Ok(())
}

/// The words of a ticket that is opened here and not on the server yet.
fn each_unsent(connection: &Connection, ticket: TicketId, mut each: impl FnMut(&str) -> bool) -> Result<()> {
    let mut statement = connection.prepare_cached(UNSENT_WORDS)?;
    let mut rows = statement.query([ticket.0])?;
    while let Some(row) = rows.next()? {
        let body = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        each(&plain_text(body, BodyFormat::Text, DOCUMENT_CHARS_MAX));
    }
    Ok(())
}

pub(crate) const UNSENT_WORDS: &str = "
    SELECT payload ->> '$.ticket.body' FROM operation
    WHERE ticket_id = ? AND state IN ('queued', 'sending', 'unknown', 'rejected') AND kind = 'create_ticket'";
