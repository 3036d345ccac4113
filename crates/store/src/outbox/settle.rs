//! What a person decides about an operation that waits or was refused, and what the network's return does.

use deskbell_domain::scheduling::{merge_visit, visit_conflict, visit_started_from};
use deskbell_domain::sync::merge::{plan_merge, started_from, three_values};
use deskbell_domain::sync::op::{OperationId, OperationState};
use deskbell_domain::ticket::{AccountId, TicketId};
use deskbell_domain::{Code, UtcMs};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::claim::mirrored;
use super::{discard, find, unknown_operation};
use crate::error::{Result, StoreError};
use crate::records::{Keep, OperationRecord};
use crate::stored::{code_text, seq_range};
use crate::writer::Durability;
use crate::{Store, visit};

use deskbell_domain::sync::merge::Merge;

impl Store {
    /// Makes a waiting operation due now; a rejected one is queued again. A reply that was held because of newer replies has
    /// now been sent knowingly.
    ///
    /// # Errors
    /// `OperationUnknown` when there is none, or it is sent already.
    pub fn retry_operation(&self, id: OperationId, now: UtcMs) -> Result<()> {
        self.write(Durability::Full, move |transaction, touched| {
            let record = find(transaction, id)?;
            if record.code == Some(Code::RepliesSince) {
                let seen = notes_of_others(transaction, record.ticket_id)?;
                transaction.execute("UPDATE operation SET seen_notes = ? WHERE id = ?", [seen, id.0])?;
            }
            let changed = transaction.execute(
                "UPDATE operation SET not_before = ?2, wait = 'backoff', wait_from = ?2,
                        detail = CASE state WHEN 'rejected' THEN '' ELSE detail END,
                        code = CASE state WHEN 'rejected' THEN '' ELSE code END,
                        state = CASE state WHEN 'rejected' THEN 'queued' ELSE state END
                 WHERE id = ?1 AND state IN ('queued', 'sending', 'unknown', 'rejected')",
                params![id.0, now.0],
            )?;
            if changed == 0 {
                return Err(unknown_operation(id));
            }
            touched.ticket(record.ticket_id);
            Ok(())
        })
    }

    /// Ends the waits that are our own back-offs, of one account or of all. What the server asked for (Retry-After) and what
    /// a person may still take back keeps waiting. Answers how many were waiting.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn hasten(&self, account: Option<AccountId>, now: UtcMs) -> Result<u64> {
        self.tell_time(now);
        self.write(Durability::Full, move |transaction, _| {
            let hastened = transaction.execute(HASTEN, params![now.0, account.map(|account| account.0)])?;
            Ok(u64::try_from(hastened).unwrap_or(u64::MAX))
        })
    }

    /// Keeps an operation from being sent until a person says what becomes of it: `changed_meanwhile`, `replies_since`. A
    /// claim of it ends.
    ///
    /// # Errors
    /// `OperationUnknown` when there is none, or it is sent already.
    pub fn hold(&self, id: OperationId, code: Code, now: UtcMs) -> Result<()> {
        let held = self.write(Durability::Full, move |transaction, touched| {
            let record = find(transaction, id)?;
            let changed = transaction.execute(
                "UPDATE operation SET state = 'rejected', code = ?2, detail = '', not_before = ?3, wait = 'backoff', wait_from = ?3
                 WHERE id = ?1 AND state IN ('queued', 'sending', 'unknown', 'rejected')",
                params![id.0, code_text(Some(code)), now.0],
            )?;
            if changed == 0 {
                return Err(unknown_operation(id));
            }
            touched.ticket(record.ticket_id);
            Ok(())
        });
        if held.is_ok() {
            self.leases().remove(&id);
        }
        held
    }

    /// Settles a conflict. `Mine`: the edit starts from what the mirror has now and is queued. `Theirs`: it is dropped.
    ///
    /// # Errors
    /// `OperationUnknown`; `InputInvalid` for one that is not rejected as `changed_meanwhile`.
    pub fn resolve(&self, id: OperationId, keep: Keep, now: UtcMs) -> Result<OperationRecord> {
        self.write(Durability::Full, move |transaction, touched| {
            let record = find(transaction, id)?;
            if record.state != OperationState::Rejected || record.code != Some(Code::ChangedMeanwhile) {
                return Err(StoreError::new(Code::InputInvalid, format!("operation {} has no conflict", id.0)));
            }
            touched.ticket(record.ticket_id);
            if keep == Keep::Theirs {
                return discard::discard(transaction, touched, id, now);
            }
            let (mut kind, mut version) = (record.kind.clone(), String::new());
            if let Some(ticket) = mirrored(transaction, record.ticket_id)? {
                (kind, version) = (started_from(&kind, &ticket.fields), ticket.version);
            }
            if let Some(visit) = visit::of_operation(transaction, &kind)? {
                kind = visit_started_from(&kind, &visit);
            }
            transaction.execute(
                "UPDATE operation SET state = 'queued', payload = ?2, base_version = ?3, code = '', detail = '', not_before = ?4,
                        wait = 'backoff', wait_from = ?4
                 WHERE id = ?1",
                params![id.0, serde_json::to_string(&kind)?, version, now.0],
            )?;
            find(transaction, id)
        })
    }

    /// How an operation goes together with its ticket as mirrored now: after a fresh look at the ticket.
    ///
    /// # Errors
    /// `OperationUnknown`.
    pub fn merge_now(&self, id: OperationId) -> Result<Merge> {
        self.read(|connection| {
            let record = find(connection, id)?;
            if let Some(visit) = visit::of_operation(connection, &record.kind)? {
                return Ok(merge_visit(&record.kind, &visit));
            }
            let ticket = mirrored(connection, record.ticket_id)?;
            Ok(ticket.map_or_else(|| Merge::Send(record.kind.clone()), |ticket| plan_merge(&record.kind, &ticket.fields)))
        })
    }

    /// Public notes of others that came after those seen when a reply was written. 0 for everything that is not a reply.
    ///
    /// # Errors
    /// `OperationUnknown`.
    pub fn new_notes_since(&self, id: OperationId) -> Result<u32> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT ticket_id, seen_notes FROM operation WHERE id = ?")?;
            let found = statement.query_row([id.0], |row| Ok((TicketId(row.get(0)?), row.get::<_, i64>(1)?))).optional()?;
            let Some((ticket, seen)) = found else { return Err(unknown_operation(id)) };
            if seen < 0 {
                return Ok(0);
            }
            Ok(u32::try_from(notes_of_others(connection, ticket)?.saturating_sub(seen)).unwrap_or(0))
        })
    }

    /// Public notes of a ticket that this desk did not write: what `seen_notes` of a reply counts.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn public_notes_of_others(&self, ticket: TicketId) -> Result<u32> {
        self.read(|connection| Ok(u32::try_from(notes_of_others(connection, ticket)?).unwrap_or(u32::MAX)))
    }
}

pub(crate) const HASTEN: &str = "
    UPDATE operation SET not_before = ?1, wait_from = ?1
    WHERE state IN ('queued', 'sending', 'unknown') AND state <> 'sending' AND not_before > ?1 AND wait = 'backoff'
        AND (?2 IS NULL OR account_id = ?2)";

pub(crate) const NOTES_OF_OTHERS: &str = "
    SELECT count(*) FROM note
    WHERE id BETWEEN ?1 AND ?2 AND visibility = 'public' AND role <> 'system'
        AND author <> coalesce((
            SELECT account.user FROM ticket JOIN account ON account.id = ticket.account_id WHERE ticket.id = ?3), '')
        AND NOT (marker <> '' AND EXISTS (SELECT 1 FROM operation WHERE operation.marker = note.marker))";

pub(super) fn notes_of_others(connection: &Connection, ticket: TicketId) -> Result<i64> {
    let (first, last) = seq_range(ticket);
    let mut statement = connection.prepare_cached(NOTES_OF_OTHERS)?;
    Ok(statement.query_row([first, last, ticket.0], |row| row.get(0))?)
}

/// The three values of an edit that was refused because the field was changed on the server too.
pub(super) fn conflict(connection: &Connection, record: &OperationRecord) -> Result<Option<deskbell_domain::sync::op::Conflict>> {
    if record.state != OperationState::Rejected || record.code != Some(Code::ChangedMeanwhile) {
        return Ok(None);
    }
    if let Some(visit) = visit::of_operation(connection, &record.kind)? {
        return Ok(visit_conflict(&record.kind, &visit));
    }
    Ok(mirrored(connection, record.ticket_id)?.and_then(|ticket| three_values(&record.kind, &ticket.fields)))
}
