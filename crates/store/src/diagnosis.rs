//! Diagnosis sessions. They live on this desk only: no support API knows them.

use deskbell_domain::diagnosis::{DiagnosisSession, DiagnosisState};
use deskbell_domain::ticket::TicketId;
use deskbell_domain::{Code, UtcMs};
use rusqlite::{Connection, Row, Transaction, params};

use crate::error::{Result, StoreError};
use crate::mirror::adopt;
use crate::records::NewOperation;
use crate::writer::Durability;
use crate::{Store, outbox};

/// Sessions of one list.
pub const DIAGNOSES_MAX: u32 = 2_000;

impl Store {
    /// Of one ticket or of all, the latest first; at most [`DIAGNOSES_MAX`].
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn diagnoses(&self, ticket: Option<TicketId>) -> Result<Vec<DiagnosisSession>> {
        self.read(|connection| match ticket {
            Some(ticket) => list(connection, OF_TICKET, [adopt::current_id(connection, ticket)?.0]),
            None => list(connection, LATEST_FIRST, []),
        })
    }

    /// Planned sessions that begin in `[from, to)`, the earliest first.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn planned_diagnoses(&self, from: UtcMs, to: UtcMs) -> Result<Vec<DiagnosisSession>> {
        self.read(|connection| list(connection, PLANNED, [from.0, to.0]))
    }

    /// # Errors
    /// `DiagnosisUnknown`.
    pub fn diagnosis(&self, id: i64) -> Result<DiagnosisSession> {
        self.read(|connection| find(connection, id))
    }

    /// Keeps a new session under the next id; the one in `session` is not looked at.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn add_diagnosis(&self, session: DiagnosisSession) -> Result<DiagnosisSession> {
        self.write(Durability::Full, move |transaction, _| {
            transaction.execute(
                "INSERT INTO diagnosis (ticket_id, uid, state, start_at, end_at, payload, updated_at) VALUES (?, ?, ?, ?, ?, '{}', ?)",
                params![
                    session.ticket.0,
                    session.uid,
                    session.state.as_str(),
                    session.start.0,
                    session.end.0,
                    session.updated_at.0
                ],
            )?;
            let kept = DiagnosisSession { id: transaction.last_insert_rowid(), ..session };
            write(transaction, &kept)?;
            Ok(kept)
        })
    }

    /// Changes a planned session in one step: `change` sees it as it is now.
    ///
    /// # Errors
    /// `DiagnosisUnknown`; `DiagnosisFinished` for one that is over; whatever `change` answers.
    pub fn change_diagnosis(
        &self,
        id: i64,
        change: impl FnOnce(DiagnosisSession) -> Result<DiagnosisSession> + Send + 'static,
    ) -> Result<DiagnosisSession> {
        self.write(Durability::Full, move |transaction, _| changed(transaction, id, change))
    }

    /// As [`Store::change_diagnosis`], and in the same transaction queues the note that takes its findings to the ticket, beside
    /// a reply that is being written there.
    ///
    /// # Errors
    /// As [`Store::change_diagnosis`] and [`Store::enqueue`]: neither happens then.
    pub fn change_diagnosis_with_note(
        &self,
        id: i64,
        note: NewOperation,
        now: UtcMs,
        not_before: UtcMs,
        change: impl FnOnce(DiagnosisSession) -> Result<DiagnosisSession> + Send + 'static,
    ) -> Result<DiagnosisSession> {
        outbox::check_note(&note)?;
        self.write(Durability::Full, move |transaction, touched| {
            let after = changed(transaction, id, change)?;
            outbox::enqueue_beside(transaction, touched, &note, now, not_before)?;
            Ok(after)
        })
    }
}

fn changed(
    transaction: &Transaction<'_>,
    id: i64,
    change: impl FnOnce(DiagnosisSession) -> Result<DiagnosisSession>,
) -> Result<DiagnosisSession> {
    let before = find(transaction, id)?;
    if before.state != DiagnosisState::Planned {
        return Err(StoreError::new(Code::DiagnosisFinished, format!("session {id} is {}", before.state.as_str())));
    }
    let after = change(before)?;
    write(transaction, &after)?;
    Ok(after)
}

pub(crate) const OF_TICKET: &str = "WHERE ticket_id = ? ORDER BY start_at DESC, id DESC";
pub(crate) const LATEST_FIRST: &str = "ORDER BY start_at DESC, id DESC";
pub(crate) const PLANNED: &str = "WHERE start_at >= ? AND start_at < ? AND state = 'planned' ORDER BY start_at, id";

pub(crate) fn list_sql(which: &str) -> String {
    format!("SELECT id, payload FROM diagnosis {which} LIMIT {DIAGNOSES_MAX}")
}

fn list<const N: usize>(connection: &Connection, which: &str, values: [i64; N]) -> Result<Vec<DiagnosisSession>> {
    let mut statement = connection.prepare_cached(&list_sql(which))?;
    let mut rows = statement.query(rusqlite::params_from_iter(values))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(session(row)?);
    }
    Ok(found)
}

fn find(connection: &Connection, id: i64) -> Result<DiagnosisSession> {
    let mut statement = connection.prepare_cached("SELECT id, payload FROM diagnosis WHERE id = ?")?;
    let mut rows = statement.query([id])?;
    let row = rows.next()?.ok_or_else(|| StoreError::new(Code::DiagnosisUnknown, format!("there is no session {id}")))?;
    session(row)
}

fn session(row: &Row<'_>) -> Result<DiagnosisSession> {
    let kept: DiagnosisSession = serde_json::from_str(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?;
    Ok(DiagnosisSession { id: row.get(0)?, ..kept })
}

fn write(transaction: &Transaction<'_>, session: &DiagnosisSession) -> Result<()> {
    transaction.execute(
        "UPDATE diagnosis SET ticket_id = ?2, state = ?3, start_at = ?4, end_at = ?5, payload = ?6, updated_at = ?7 WHERE id = ?1",
        params![
            session.id,
            session.ticket.0,
            session.state.as_str(),
            session.start.0,
            session.end.0,
            serde_json::to_string(session)?,
            session.updated_at.0
        ],
    )?;
    Ok(())
}
