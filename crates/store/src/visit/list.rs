//! Lists of visits.

use deskbell_domain::UtcMs;
use deskbell_domain::scheduling::Visit;
use deskbell_domain::ticket::{AccountId, TicketId};
use deskbell_domain::time::DAY_MS;
use rusqlite::{Connection, Params, params};

use super::{COLUMNS, VisitRecord, find, record};
use crate::error::Result;
use crate::mirror::adopt;
use crate::outbox::read;
use crate::records::OperationRecord;
use crate::writer::Durability;
use crate::{Store, carrier};

/// Visits in one list; the latest beyond it are left out.
pub const VISITS_MAX: u32 = 5_000;
/// A visit that begins longer before a stretch of time does not reach into it.
pub(crate) const VISIT_MS_MAX: i64 = 2 * DAY_MS;

/// Not the row that a pull made of a request of ours whose answer has not come: the request's own row stands for it.
const IS_OWN: &str = "(visit.key <> visit.account_id || ':' || visit.remote_id OR NOT EXISTS (
    SELECT 1 FROM visit AS asked JOIN operation ON operation.ticket_id = asked.ticket_id
    WHERE asked.account_id = visit.account_id AND asked.ticket_id = visit.ticket_id AND asked.remote_id = ''
        AND operation.state IN ('queued', 'sending', 'unknown', 'rejected') AND operation.state IN ('sending', 'unknown')
        AND operation.kind = 'request_visit' AND operation.payload ->> 'visit' = asked.key
        AND asked.payload ->> 'service' = visit.payload ->> 'service'
        AND asked.payload -> 'site' = visit.payload -> 'site' AND asked.payload -> 'contact' = visit.payload -> 'contact'
        AND asked.payload ->> 'asset' = visit.payload ->> 'asset' AND asked.payload ->> 'note' = visit.payload ->> 'note'))";

pub(crate) fn between_sql() -> String {
    format!(
        "SELECT {COLUMNS} FROM visit WHERE {IS_OWN} AND id IN (
            SELECT id FROM visit WHERE start_at > ?1 AND start_at < ?2 AND end_at > ?3
            UNION SELECT id FROM visit WHERE start_at IS NULL AND state IN ('requested', 'waitlisted', 'confirmed')
            UNION SELECT visit.id FROM operation JOIN visit ON visit.key = operation.payload ->> 'visit'
                WHERE operation.state IN ('queued', 'sending', 'unknown', 'rejected')
                    AND operation.kind IN ('request_visit', 'change_visit'))
         ORDER BY coalesce(start_at, updated_at), id LIMIT {VISITS_MAX}"
    )
}

pub(crate) fn of_ticket_sql() -> String {
    format!("SELECT {COLUMNS} FROM visit WHERE ticket_id = ? AND {IS_OWN} ORDER BY id DESC LIMIT {VISITS_MAX}")
}

impl Store {
    /// Every visit, by start; those without a slot by when they were last heard of.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn visits(&self) -> Result<Vec<VisitRecord>> {
        let sql = format!("SELECT {COLUMNS} FROM visit WHERE {IS_OWN} ORDER BY coalesce(start_at, updated_at), id");
        self.read(|connection| list(connection, &sql, []))
    }

    /// Visits that overlap `[from, to)`, those without a slot that are not at their end, and those that something in the outbox
    /// may bring there; at most [`VISITS_MAX`].
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn visits_between(&self, from: UtcMs, to: UtcMs) -> Result<Vec<VisitRecord>> {
        self.read(|connection| list(connection, &between_sql(), params![from.plus_ms(-VISIT_MS_MAX).0, to.0, from.0]))
    }

    /// Visits of a ticket, the newest first.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn visits_of_ticket(&self, ticket: TicketId) -> Result<Vec<VisitRecord>> {
        self.read(|connection| list(connection, &of_ticket_sql(), [adopt::current_id(connection, ticket)?.0]))
    }

    /// Keeps a visit as its server has it now.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn observe_visit(&self, account: AccountId, visit: &Visit, now: UtcMs) -> Result<()> {
        let visit = visit.clone();
        self.write(Durability::Mirror, move |transaction, _| super::observed(transaction, account, &visit, now))
    }

    /// # Errors
    /// Codes of the storage.
    pub fn visit(&self, key: &str) -> Result<Option<VisitRecord>> {
        self.read(|connection| find(connection, key))
    }

    /// What is not sent of a visit, oldest first.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn visit_operations(&self, key: &str) -> Result<Vec<OperationRecord>> {
        self.read(|connection| operations(connection, key))
    }
}

/// What is not sent of a visit, oldest first.
pub(super) fn operations(connection: &Connection, key: &str) -> Result<Vec<OperationRecord>> {
    let Some(known) = find(connection, key)? else { return Ok(Vec::new()) };
    if let Some(carrier) = known.carrier {
        return carrier::operations(connection, key, carrier);
    }
    let Some(ticket) = known.ticket_id else { return Ok(Vec::new()) };
    let mut unsent = read::unsent(connection, ticket)?;
    unsent.retain(|operation| operation.kind.visit() == Some(key));
    Ok(unsent)
}

fn list(connection: &Connection, sql: &str, values: impl Params) -> Result<Vec<VisitRecord>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(record(row)?);
    }
    Ok(found)
}
