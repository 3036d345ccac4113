//! The call log. A call under way is a row without an end: it survives a restart.

use deskbell_domain::directory::CallOutcome;
use deskbell_domain::sync::op::OperationId;
use deskbell_domain::ticket::TicketId;
use deskbell_domain::{Code, UtcMs};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use crate::Store;
use crate::error::{Result, StoreError};
use crate::mirror::adopt;
use crate::outbox::{check_note, enqueue_beside};
use crate::records::NewOperation;
use crate::stored::Text;
use crate::writer::Durability;

/// Longest list of calls.
pub const CALLS_LISTED_MAX: u32 = 500;
/// Longest note on a call, in bytes.
const NOTE_BYTES_MAX: usize = 64 * 1024;
/// Longest name, case number or line on a list, in bytes.
const WORD_BYTES_MAX: usize = 1_000;
/// Most lines that are ticked.
const TICKED_MAX: usize = 100;

const COLUMNS: &str = "id, ticket_id, line_key, line_name, number, started_at, ended_at, outcome, agent, case_number, note, \
    ticked, operation_id";

/// A call to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCall {
    pub ticket: Option<TicketId>,
    pub line_key: String,
    pub line_name: String,
    pub number: String,
    pub ticked: Vec<String>,
}

/// What a person writes down of a call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CallWords {
    pub agent: String,
    pub case_number: String,
    pub note: String,
    pub ticked: Vec<String>,
}

/// A call of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    pub id: i64,
    pub ticket: Option<TicketId>,
    pub line_key: String,
    pub line_name: String,
    pub number: String,
    pub started_at: UtcMs,
    /// `None`: it is under way.
    pub ended_at: Option<UtcMs>,
    pub outcome: Option<CallOutcome>,
    pub words: CallWords,
    /// The operation that took it to the ticket's timeline.
    pub operation: Option<OperationId>,
}

impl Store {
    /// Begins a call.
    ///
    /// # Errors
    /// `CallUnderWay` while another one is; `TicketUnknown`; `TextTooLong`.
    pub fn start_call(&self, new: &NewCall, now: UtcMs) -> Result<CallRecord> {
        let new = new.clone();
        self.write(Durability::Full, move |transaction, _| {
            if let Some(name) = running(transaction)? {
                return Err(StoreError::new(Code::CallUnderWay, name));
            }
            let words = CallWords { ticked: new.ticked.clone(), ..CallWords::default() };
            check(&words)?;
            let ticket = new.ticket.map(|ticket| known_ticket(transaction, ticket)).transpose()?;
            transaction.execute(
                "INSERT INTO call (ticket_id, line_key, line_name, number, started_at, ticked) VALUES (?, ?, ?, ?, ?, ?)",
                params![
                    ticket.map(|ticket| ticket.0),
                    new.line_key,
                    new.line_name,
                    new.number,
                    now.0,
                    serde_json::to_string(&new.ticked)?
                ],
            )?;
            find(transaction, transaction.last_insert_rowid())
        })
    }

    /// Keeps what was written down, during the call or after it.
    ///
    /// # Errors
    /// `CallUnknown`, `TextTooLong`.
    pub fn put_call(&self, id: i64, words: &CallWords) -> Result<CallRecord> {
        let words = words.clone();
        self.write(Durability::Full, move |transaction, _| {
            check(&words)?;
            let changed = transaction.execute(
                "UPDATE call SET agent = ?, case_number = ?, note = ?, ticked = ? WHERE id = ?",
                params![words.agent, words.case_number, words.note, serde_json::to_string(&words.ticked)?, id],
            )?;
            if changed == 0 {
                return Err(unknown(id));
            }
            find(transaction, id)
        })
    }

    /// Ends a call, and in the same transaction queues the note that takes it to the ticket. Ending it again with the same
    /// outcome answers the call as it is.
    ///
    /// # Errors
    /// `CallUnknown`; `CallFinished` when it ended otherwise; those of [`Store::enqueue`].
    pub fn end_call(
        &self,
        id: i64,
        outcome: CallOutcome,
        note: Option<&NewOperation>,
        now: UtcMs,
        not_before: UtcMs,
    ) -> Result<CallRecord> {
        note.map(check_note).transpose()?;
        let note = note.cloned();
        self.write(Durability::Full, move |transaction, touched| {
            let call = find(transaction, id)?;
            if call.ended_at.is_some() {
                let again = call.outcome == Some(outcome) && (note.is_none() || call.operation.is_some());
                return if again { Ok(call) } else { Err(StoreError::new(Code::CallFinished, format!("call {id}"))) };
            }
            let operation = match &note {
                Some(note) => Some(enqueue_beside(transaction, touched, note, now, not_before)?),
                None => None,
            };
            let ended = now.max(call.started_at);
            transaction.execute(
                "UPDATE call SET ended_at = ?, outcome = ?, operation_id = ? WHERE id = ?",
                params![ended.0, outcome.as_str(), operation.map(|operation| operation.0), id],
            )?;
            find(transaction, id)
        })
    }

    /// One call.
    ///
    /// # Errors
    /// `CallUnknown`.
    pub fn call(&self, id: i64) -> Result<CallRecord> {
        self.read(|connection| find(connection, id))
    }

    /// Calls of a ticket, or all, the newest first; at most [`CALLS_LISTED_MAX`].
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn calls(&self, ticket: Option<TicketId>, limit: u32) -> Result<Vec<CallRecord>> {
        let limit = limit.min(CALLS_LISTED_MAX);
        self.read(|connection| {
            let of = ticket.map(|ticket| adopt::current_id(connection, ticket)).transpose()?;
            let (sql, ticket) = (list_sql(of.is_some()), of.map_or(0, |ticket| ticket.0));
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params![ticket, limit])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(record(row)?);
            }
            Ok(found)
        })
    }
}

fn unknown(id: i64) -> StoreError {
    StoreError::new(Code::CallUnknown, format!("call {id}"))
}

/// Calls, the newest first: of a ticket, or all.
pub(crate) fn list_sql(of_ticket: bool) -> String {
    let condition = if of_ticket { "ticket_id = ?1" } else { "?1 = ?1" };
    format!("SELECT {COLUMNS} FROM call WHERE {condition} ORDER BY started_at DESC, id DESC LIMIT ?2")
}

pub(crate) const UNDER_WAY: &str = "SELECT line_name FROM call WHERE ended_at IS NULL LIMIT 1";

/// Name of the line of the call that is under way.
fn running(connection: &Connection) -> Result<Option<String>> {
    let mut statement = connection.prepare_cached(UNDER_WAY)?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?)
}

fn known_ticket(transaction: &Transaction<'_>, ticket: TicketId) -> Result<TicketId> {
    let current = adopt::current_id(transaction, ticket)?;
    let known = transaction.query_row("SELECT 1 FROM ticket WHERE id = ?", [current.0], |_| Ok(())).optional()?;
    known.map(|()| current).ok_or_else(|| StoreError::new(Code::TicketUnknown, format!("ticket {}", ticket.0)))
}

fn check(words: &CallWords) -> Result<()> {
    let too_long = [&words.agent, &words.case_number].iter().any(|word| word.len() > WORD_BYTES_MAX)
        || words.note.len() > NOTE_BYTES_MAX
        || words.ticked.len() > TICKED_MAX
        || words.ticked.iter().any(|line| line.len() > WORD_BYTES_MAX);
    if too_long { Err(StoreError::new(Code::TextTooLong, format!("{NOTE_BYTES_MAX} bytes of note"))) } else { Ok(()) }
}

fn find(connection: &Connection, id: i64) -> Result<CallRecord> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM call WHERE id = ?"))?;
    let mut rows = statement.query([id])?;
    let row = rows.next()?.ok_or_else(|| unknown(id))?;
    record(row)
}

fn record(row: &Row<'_>) -> Result<CallRecord> {
    let outcome: String = row.get(7)?;
    Ok(CallRecord {
        id: row.get(0)?,
        ticket: row.get::<_, Option<i64>>(1)?.map(TicketId),
        line_key: row.get(2)?,
        line_name: row.get(3)?,
        number: row.get(4)?,
        started_at: UtcMs(row.get(5)?),
        ended_at: row.get::<_, Option<i64>>(6)?.map(UtcMs),
        outcome: if outcome.is_empty() { None } else { Some(row.get::<_, Text<CallOutcome>>(7)?.0) },
        words: CallWords {
            agent: row.get(8)?,
            case_number: row.get(9)?,
            note: row.get(10)?,
            ticked: serde_json::from_str(row.get_ref(11)?.as_str().map_err(rusqlite::Error::from)?)?,
        },
        operation: row.get::<_, Option<i64>>(12)?.map(OperationId),
    })
}
