//! Notes and events of a ticket.

use std::collections::{HashMap, HashSet};

use deskbell_domain::UtcMs;
use deskbell_domain::observation::{ObservedEvent, ObservedNote};
use deskbell_domain::sla::event::TicketEventKind;
use deskbell_domain::ticket::{BodyFormat, Role, TicketId, Visibility};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::Page;
use crate::absorbed::mark_survivors;
use crate::attachment;
use crate::error::Result;
use crate::search::text::plain_text;
use crate::stored::{SEQ_MAX, Text, seq_range, shortened};

/// Characters of the preview in a row.
const PREVIEW_CHARS_MAX: usize = 120;

/// `from_receipt` of the note that opened a ticket here.
const OPENING: i64 = 2;

/// What a ticket's conversation already holds, without its texts.
pub(super) struct Seen {
    by_remote_id: HashMap<String, i64>,
    receipts_by_marker: HashMap<String, i64>,
    /// What opened the ticket, as we sent it: the first note that comes from the server takes its place.
    opening: Option<i64>,
    next_note: i64,
    events: HashSet<String>,
    next_event: i64,
}

impl Seen {
    fn load(connection: &Connection, ticket: TicketId) -> Result<Self> {
        let (first, last) = seq_range(ticket);
        let mut seen = Self {
            by_remote_id: HashMap::new(),
            receipts_by_marker: HashMap::new(),
            opening: None,
            next_note: first,
            events: HashSet::new(),
            next_event: first,
        };
        let mut statement =
            connection.prepare_cached("SELECT id, remote_id, marker, from_receipt FROM note WHERE id BETWEEN ? AND ?")?;
        let mut rows = statement.query([first, last])?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            seen.next_note = seen.next_note.max(id + 1);
            let (remote_id, marker): (String, String) = (row.get(1)?, row.get(2)?);
            if !remote_id.is_empty() {
                seen.by_remote_id.insert(remote_id, id);
            }
            let from_receipt: i64 = row.get(3)?;
            if from_receipt == OPENING {
                seen.opening = Some(id);
            }
            if from_receipt != 0 && !marker.is_empty() {
                seen.receipts_by_marker.insert(marker, id);
            }
        }
        let mut statement = connection.prepare_cached("SELECT id, remote_id FROM event WHERE id BETWEEN ? AND ?")?;
        let mut rows = statement.query([first, last])?;
        while let Some(row) = rows.next()? {
            seen.next_event = seen.next_event.max(row.get::<_, i64>(0)? + 1);
            seen.events.insert(row.get(1)?);
        }
        Ok(seen)
    }

    /// Whether anything said has come from the server.
    fn has_words(&self, connection: &Connection, ticket: TicketId) -> Result<bool> {
        let (first, last) = seq_range(ticket);
        let mut statement =
            connection.prepare_cached("SELECT 1 FROM note WHERE id BETWEEN ? AND ? AND from_receipt = 0 AND role <> 'system'")?;
        Ok(!self.by_remote_id.is_empty() && statement.exists([first, last])?)
    }
}

/// An event as it is kept: what happened, and within what the time is known where it is not exact.
#[derive(serde::Serialize)]
struct Payload<'a> {
    #[serde(flatten)]
    kind: &'a TicketEventKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    uncertainty_ms: Option<u64>,
    #[serde(skip_serializing_if = "str::is_empty")]
    actor: &'a str,
}

impl Page<'_> {
    fn seen(&mut self, ticket: TicketId) -> Result<&mut Seen> {
        use std::collections::btree_map::Entry;
        Ok(match self.conversations.entry(ticket) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(Seen::load(self.transaction, ticket)?),
        })
    }

    pub(super) fn note(&mut self, observed: &ObservedNote) -> Result<()> {
        let Some(ticket) = self.ticket_id(&observed.ticket_remote_id)? else {
            self.notes_orphaned += 1;
            return Ok(());
        };
        let transaction = self.transaction;
        let seen = self.seen(ticket)?;
        let marker = observed.marker.as_deref().unwrap_or_default();
        let opening = seen.opening.filter(|_| observed.role != Role::System);
        let known = seen.by_remote_id.get(&observed.remote_id).or_else(|| seen.receipts_by_marker.get(marker)).copied();
        let known = known.or(opening);
        let (_, last) = seq_range(ticket);
        let id = match known {
            Some(id) if is_same_note(transaction, id, observed)? => {
                return attachment::refresh(transaction, id, &observed.attachments);
            }
            Some(id) => id,
            None if seen.next_note <= last => seen.next_note,
            None => oldest_note(transaction, ticket)?,
        };
        seen.next_note = seen.next_note.max(id + 1);
        seen.by_remote_id.insert(observed.remote_id.clone(), id);
        seen.receipts_by_marker.remove(marker);
        seen.opening = seen.opening.filter(|_| observed.role == Role::System);
        put_note(transaction, id, observed)?;
        attachment::observe(transaction, id, &observed.attachments)?;
        if !marker.is_empty() {
            self.landed += observed_landed(transaction, marker, self.now)?;
        }
        self.notes_new += u32::from(known.is_none());
        self.reworded.insert(ticket);
        Ok(())
    }

    pub(super) fn event(&mut self, observed: &ObservedEvent) -> Result<()> {
        let Some(ticket) = self.ticket_id(&observed.ticket_remote_id)? else {
            self.notes_orphaned += 1;
            return Ok(());
        };
        let transaction = self.transaction;
        let seen = self.seen(ticket)?;
        if !seen.events.insert(observed.remote_id.clone()) {
            return Ok(());
        }
        let (_, last) = seq_range(ticket);
        if seen.next_event > last {
            tracing::warn!(
                ticket = ticket.0,
                limit = SEQ_MAX + 1,
                "A ticket has more events than are kept; a new one is dropped."
            );
            return Ok(());
        }
        let id = seen.next_event;
        seen.next_event += 1;
        transaction.prepare_cached("INSERT INTO event (id, remote_id, at, payload) VALUES (?, ?, ?, ?)")?.execute(params![
            id,
            observed.remote_id,
            observed.at.0,
            serde_json::to_string(&Payload {
                kind: &observed.kind,
                uncertainty_ms: (observed.uncertainty_ms > 0).then_some(observed.uncertainty_ms),
                actor: &observed.actor,
            })?
        ])?;
        self.stale.insert(ticket);
        if let TicketEventKind::Merged { into_remote_id } = &observed.kind {
            mark_survivors(self.transaction, self.account, into_remote_id)?;
        }
        Ok(())
    }
}

/// The marker that a receipt told stays where the provider keeps none.
fn put_note(transaction: &Transaction<'_>, id: i64, note: &ObservedNote) -> Result<()> {
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO note (id, remote_id, author, role, visibility, body, format, created_at, marker,
                                          from_receipt, attachments)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,
                     coalesce(nullif(?9, ''),
                              (SELECT marker FROM note WHERE id = ?1 AND (remote_id = ?2 OR (from_receipt = 2 AND body = ?6))), ''),
                     0, ?10)",
        )?
        .execute(params![
            id,
            note.remote_id,
            note.author,
            note.role.as_str(),
            note.visibility.as_str(),
            note.body,
            note.format.as_str(),
            note.created_at.0,
            note.marker.as_deref().unwrap_or_default(),
            serde_json::to_string(&attachment::lasting(&note.attachments))?
        ])?;
    Ok(())
}

fn is_same_note(connection: &Connection, id: i64, observed: &ObservedNote) -> Result<bool> {
    let attachments = serde_json::to_string(&attachment::lasting(&observed.attachments))?;
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM note WHERE id = ? AND from_receipt = 0 AND remote_id = ? AND author = ? AND role = ? AND visibility = ?
             AND body = ? AND format = ? AND created_at = ? AND ? IN ('', marker) AND attachments = ?",
    )?;
    Ok(statement.exists(params![
        id,
        observed.remote_id,
        observed.author,
        observed.role.as_str(),
        observed.visibility.as_str(),
        observed.body,
        observed.format.as_str(),
        observed.created_at.0,
        observed.marker.as_deref().unwrap_or_default(),
        attachments
    ])?)
}

/// The place that a new note takes in a conversation of which no more is kept.
fn oldest_note(connection: &Connection, ticket: TicketId) -> Result<i64> {
    tracing::warn!(ticket = ticket.0, limit = SEQ_MAX + 1, "A ticket has more notes than are kept; the oldest makes room.");
    let (first, last) = seq_range(ticket);
    let mut statement =
        connection.prepare_cached("SELECT id FROM note WHERE id BETWEEN ? AND ? ORDER BY created_at, id LIMIT 1")?;
    Ok(statement.query_row([first, last], |row| row.get(0))?)
}

pub(crate) const OBSERVED_LANDED: &str = "
    UPDATE operation SET state = 'sent', sent_at = ?2, code = '', detail = ''
    WHERE marker = ?1 AND kind IN ('reply', 'attach', 'create_ticket') AND state <> 'sent'";

/// A note with the marker of an operation has come from the server: the operation has landed, whatever became of its answer.
fn observed_landed(transaction: &Transaction<'_>, marker: &str, now: UtcMs) -> Result<u32> {
    let landed = transaction.prepare_cached(OBSERVED_LANDED)?.execute(params![marker, now.0])?;
    Ok(u32::try_from(landed).unwrap_or(u32::MAX))
}

/// A note of ours that landed, before the server's copy of it comes.
pub(crate) struct ReceiptNote<'a> {
    /// Empty where the answer does not name it.
    pub(crate) remote_id: &'a str,
    pub(crate) marker: &'a str,
    pub(crate) body: &'a str,
    pub(crate) visibility: Visibility,
    pub(crate) at: UtcMs,
    /// It opened the ticket: the first note from the server takes its place.
    pub(crate) opens_ticket: bool,
}

/// Writes our own note as the receipt tells it, unless the server's copy is already here.
pub(crate) fn insert_receipt_note(transaction: &Transaction<'_>, ticket: TicketId, note: &ReceiptNote<'_>) -> Result<bool> {
    let (first, last) = seq_range(ticket);
    let seen = Seen::load(transaction, ticket)?;
    let observed = transaction
        .prepare_cached("SELECT 1 FROM note WHERE id BETWEEN ?1 AND ?2 AND marker = ?3")?
        .exists(params![first, last, note.marker])?;
    if observed || (note.opens_ticket && seen.has_words(transaction, ticket)?) {
        return Ok(false);
    }
    if let Some(id) = seen.by_remote_id.get(note.remote_id) {
        transaction.execute("UPDATE note SET marker = ?2 WHERE id = ?1 AND marker = ''", params![id, note.marker])?;
        return Ok(false);
    }
    let id = if seen.next_note <= last { seen.next_note } else { oldest_note(transaction, ticket)? };
    let author = own_name(transaction, ticket)?;
    transaction.execute(
        "INSERT OR REPLACE INTO note (id, remote_id, author, role, visibility, body, format, created_at, marker, from_receipt)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            id,
            note.remote_id,
            author,
            Role::Agent.as_str(),
            note.visibility.as_str(),
            note.body,
            BodyFormat::Text.as_str(),
            note.at.0,
            note.marker,
            if note.opens_ticket { OPENING } else { 1 }
        ],
    )?;
    Ok(true)
}

/// How we sign where the server has not told yet.
pub(crate) fn own_name(connection: &Connection, ticket: TicketId) -> Result<String> {
    let name = connection
        .query_row(
            "SELECT account.user FROM ticket JOIN account ON account.id = ticket.account_id WHERE ticket.id = ?",
            [ticket.0],
            |row| row.get(0),
        )
        .optional()?;
    Ok(name.unwrap_or_default())
}

/// Writes the newest note's beginning into the ticket row: `author：text`.
pub(crate) fn refresh_preview(transaction: &Transaction<'_>, ticket: TicketId) -> Result<()> {
    let (first, last) = seq_range(ticket);
    let mut statement = transaction.prepare_cached(
        "SELECT author, body, format FROM note WHERE id =
            (SELECT id FROM note WHERE id BETWEEN ? AND ? AND role <> 'system' ORDER BY created_at DESC, id DESC LIMIT 1)",
    )?;
    let preview = statement
        .query_row([first, last], |row| {
            let (author, body): (String, String) = (row.get(0)?, row.get(1)?);
            Ok(preview(&author, &plain_text(&body, row.get::<_, Text<BodyFormat>>(2)?.0, PREVIEW_CHARS_MAX * 4)))
        })
        .optional()?
        .unwrap_or_default();
    transaction
        .prepare_cached("UPDATE ticket SET last_note = ?2 WHERE id = ?1 AND last_note <> ?2")?
        .execute(params![ticket.0, preview])?;
    Ok(())
}

/// `author：text`, on one line, at most 120 characters.
pub(crate) fn preview(author: &str, text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    shortened(&format!("{author}：{}", words.join(" ")), PREVIEW_CHARS_MAX)
}
