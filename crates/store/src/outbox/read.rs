//! The outbox as people see it.

use deskbell_domain::sync::op::OperationId;
use deskbell_domain::ticket::{AccountId, TicketId};
use deskbell_domain::time::DAY_MS;
use deskbell_domain::{Code, UtcMs};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{IS_HEAD, settle};
use crate::Store;
use crate::error::Result;
use crate::mirror::adopt;
use crate::records::{OperationRecord, OutboxCounts};
use crate::stored::{Text, count, known, optional_code, seq_range};

/// How long a sent operation stays in the outbox view.
const SENT_SHOWN_MS: i64 = 7 * DAY_MS;
/// Longest outbox view.
const OUTBOX_ROWS_MAX: i64 = 1_000;

const COLUMNS: &str = "operation.id, operation.ticket_id, coalesce(ticket.subject, ''), \
    iif(coalesce(ticket.local, instr(operation.ticket_remote_id, 'local:') = 1), '', coalesce(ticket.remote_id, operation.ticket_remote_id)), \
    operation.account_id, payload, state, attempts, operation.created_at, not_before, last_attempt_at, code, detail, marker, \
    coalesce(ticket.local, 0) AND operation.kind <> 'create_ticket' AND EXISTS (SELECT 1 FROM operation AS creation \
        WHERE creation.ticket_id = operation.ticket_id AND creation.state IN ('queued', 'sending', 'unknown', 'rejected') \
            AND creation.kind = 'create_ticket' AND creation.state = 'rejected')";
const FROM: &str = "operation LEFT JOIN ticket ON ticket.id = operation.ticket_id";

impl Store {
    /// Waiting and rejected operations, and those sent within 7 days before the latest instant the store was told; newest first.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn outbox(&self) -> Result<Vec<OperationRecord>> {
        let sent_after = self.now().plus_ms(-SENT_SHOWN_MS);
        self.read(|connection| {
            records(
                connection,
                &format!(
                    "SELECT {COLUMNS} FROM {FROM} WHERE operation.id IN (
                        SELECT id FROM operation WHERE state IN ('queued', 'sending', 'unknown', 'rejected')
                        UNION SELECT id FROM operation WHERE state = 'sent' AND sent_at > ?)
                     ORDER BY operation.id DESC LIMIT {OUTBOX_ROWS_MAX}"
                ),
                sent_after.0,
            )
        })
    }

    /// What is not sent of a ticket, oldest first.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn pending_operations(&self, ticket: TicketId) -> Result<Vec<OperationRecord>> {
        self.read(|connection| unsent(connection, adopt::current_id(connection, ticket)?))
    }

    /// How much waits, and how much was refused.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn outbox_counts(&self) -> Result<OutboxCounts> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT count(*), coalesce(sum(state = 'rejected'), 0) FROM operation
                 WHERE state IN ('queued', 'sending', 'unknown', 'rejected')",
            )?;
            Ok(statement.query_row([], |row| {
                let (unsent, rejected): (i64, i64) = (row.get(0)?, row.get(1)?);
                Ok(OutboxCounts { waiting: count(unsent - rejected), rejected: count(rejected) })
            })?)
        })
    }

    /// Whether a note is known to have been written by an operation with another marker: a read-back by content may meet
    /// the same words said before.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn is_note_of_another(&self, ticket: TicketId, note_remote_id: &str, marker: &str) -> Result<bool> {
        let (first, last) = seq_range(ticket);
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT 1 FROM note WHERE id BETWEEN ? AND ? AND remote_id = ? AND marker NOT IN ('', ?)")?;
            Ok(statement.exists(params![first, last, note_remote_id, marker])?)
        })
    }

    /// When the first operation of these accounts that is not due at `now` will be; `None` when there is none.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn next_outbox_due_of(&self, accounts: &[AccountId], now: UtcMs) -> Result<Option<UtcMs>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT account_id, not_before FROM operation WHERE not_before > ? AND {IS_HEAD} ORDER BY not_before, id"
            ))?;
            let mut rows = statement.query([now.0])?;
            while let Some(row) = rows.next()? {
                if accounts.contains(&AccountId(row.get(0)?)) {
                    return Ok(Some(UtcMs(row.get(1)?)));
                }
            }
            Ok(None)
        })
    }

    /// When the next operation is due, whether or not its account can be reached; `None` when nothing waits for us.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn next_outbox_due(&self) -> Result<Option<UtcMs>> {
        let leases = self.leases().clone();
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached(&format!("SELECT id, not_before FROM operation WHERE {IS_HEAD} ORDER BY not_before, id"))?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                if !leases.contains_key(&OperationId(row.get(0)?)) {
                    return Ok(Some(UtcMs(row.get(1)?)));
                }
            }
            Ok(None)
        })
    }
}

pub(super) fn one(connection: &Connection, id: OperationId) -> Result<Option<OperationRecord>> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM {FROM} WHERE operation.id = ?"))?;
    let Some(record) = statement.query_row([id.0], |row| Ok(record(row))).optional()?.transpose()? else { return Ok(None) };
    Ok(Some(OperationRecord { conflict: settle::conflict(connection, &record)?, ..record }))
}

/// What is not sent of a ticket, oldest first.
pub(crate) fn unsent(connection: &Connection, ticket: TicketId) -> Result<Vec<OperationRecord>> {
    records(connection, &unsent_sql(), ticket.0)
}

pub(crate) fn unsent_sql() -> String {
    format!(
        "SELECT {COLUMNS} FROM {FROM} WHERE operation.ticket_id = ?
            AND state IN ('queued', 'sending', 'unknown', 'rejected') ORDER BY operation.id"
    )
}

fn records(connection: &Connection, sql: &str, parameter: i64) -> Result<Vec<OperationRecord>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([parameter])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let record = record(row)?;
        found.push(OperationRecord { conflict: settle::conflict(connection, &record)?, ..record });
    }
    Ok(found)
}

fn record(row: &Row<'_>) -> Result<OperationRecord> {
    let is_held: bool = row.get(14)?;
    Ok(OperationRecord {
        id: OperationId(row.get(0)?),
        ticket_id: TicketId(row.get(1)?),
        ticket_subject: row.get(2)?,
        ticket_remote_id: row.get(3)?,
        account_id: AccountId(row.get(4)?),
        kind: serde_json::from_str(&row.get::<_, String>(5)?)?,
        state: row.get::<_, Text<_>>(6)?.0,
        attempts: row.get(7)?,
        created_at: UtcMs(row.get(8)?),
        not_before: UtcMs(row.get(9)?),
        last_attempt_at: known(row.get(10)?),
        code: if is_held { Some(Code::DependsOnRejected) } else { optional_code(&row.get::<_, String>(11)?) },
        detail: row.get(12)?,
        marker: row.get(13)?,
        conflict: None,
    })
}
