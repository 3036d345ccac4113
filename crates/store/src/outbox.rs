//! Local edits on their way to a server: one queue a ticket, every attempt counted and on disk before it is made.
//!
//! States: queued → sending → sent | rejected | unknown; unknown is read back and becomes sent or queued. Only the oldest
//! waiting operation of a ticket is handed out; a rejected one does not hold up those behind it. An operation that is
//! being read back is leased in memory: if we die, the lease dies with us and the operation is read back again. So is one
//! that says `sending` without a lease: what became of its attempt was never written down.

mod read;

use deskbell_domain::sync::op::{OperationId, OperationKind, OperationState, OutboundOperation, Receipt};
use deskbell_domain::sync::plan::NextState;
use deskbell_domain::ticket::{AccountId, TicketId};
use deskbell_domain::{Code, UtcMs};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use crate::error::{Result, StoreError};
use crate::mirror::{insert_receipt_note, mark_stale, refresh_preview};
use crate::records::{ClaimedOperation, NewOperation, OperationRecord};
use crate::stored::{Text, code_text, known};
use crate::writer::{Durability, Touched};
use crate::{Store, draft, search};

/// Version of the payload's shape that this program writes; older ones are read for ever.
const PAYLOAD_VERSION: i64 = 1;
/// Longest reply in bytes.
pub const REPLY_BYTES_MAX: usize = 1024 * 1024;
/// When an operation whose read-back could not be asked is looked at again.
const RELEASE_WAIT_MS: i64 = 5_000;

impl Store {
    /// Queues an edit. A reply takes the ticket's draft with it. The same marker again is the first operation.
    ///
    /// # Errors
    /// `TicketUnknown`; `InputInvalid` for an empty marker or a reply above [`REPLY_BYTES_MAX`].
    pub fn enqueue(&self, new: &NewOperation, now: UtcMs) -> Result<OperationId> {
        self.enqueue_until(new, now, now)
    }

    /// Queues an edit that does not leave before `not_before`, so that it can be taken back.
    ///
    /// # Errors
    /// As [`Store::enqueue`].
    pub fn enqueue_until(&self, new: &NewOperation, now: UtcMs, not_before: UtcMs) -> Result<OperationId> {
        let too_long = matches!(&new.kind, OperationKind::Reply { body, .. } if body.len() > REPLY_BYTES_MAX);
        if new.marker.is_empty() || too_long {
            return Err(StoreError::new(Code::InputInvalid, "an operation needs a marker and at most 1 MiB of text"));
        }
        let new = new.clone();
        self.write(Durability::Full, move |transaction, touched| enqueue(transaction, touched, &new, now, not_before))
    }

    /// Turns what was on the wire when we died into `unknown`. Call once, before anything is claimed.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn recover_outbox(&self) -> Result<u32> {
        self.leases().clear();
        self.write(Durability::Full, |transaction, _| {
            let recovered = transaction.execute(
                "UPDATE operation SET state = 'unknown', not_before = last_attempt_at
                 WHERE state IN ('queued', 'sending', 'unknown') AND state = 'sending'",
                [],
            )?;
            Ok(u32::try_from(recovered).unwrap_or(u32::MAX))
        })
    }

    /// Hands out the oldest operation that is due, of the accounts that can be reached. See [`ClaimedOperation`].
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn claim_next(&self, now: UtcMs, accounts_online: &[AccountId]) -> Result<Option<ClaimedOperation>> {
        self.tell_time(now);
        // Held to the end: two callers must not lease one operation.
        let mut leases = self.leases();
        let (online, leased) = (accounts_online.to_vec(), leases.clone());
        let claimed = self.write(Durability::Full, move |transaction, _| {
            let Some(mut claimed) =
                next_due(transaction, now, |id, account| online.contains(&account) && !leased.contains_key(&id))?
            else {
                return Ok(None);
            };
            if claimed.state_before == OperationState::Queued {
                claimed.attempts += 1;
                claimed.last_attempt_at = Some(now);
                transaction
                    .prepare_cached("UPDATE operation SET state = 'sending', attempts = ?, last_attempt_at = ? WHERE id = ?")?
                    .execute(params![claimed.attempts, now.0, claimed.id.0])?;
            }
            Ok(Some(claimed))
        })?;
        if let Some(claimed) = &claimed {
            leases.insert(claimed.id, now);
        }
        Ok(claimed)
    }

    /// Writes what became of a claimed operation. A sent reply shows in the conversation at once.
    ///
    /// # Errors
    /// `OperationUnknown`.
    pub fn finish_attempt(&self, id: OperationId, next: &NextState, receipt: Option<&Receipt>, now: UtcMs) -> Result<()> {
        self.tell_time(now);
        let (next, receipt) = (next.clone(), receipt.cloned().unwrap_or_default());
        let finished =
            self.write(Durability::Full, move |transaction, touched| finish(transaction, touched, id, &next, &receipt, now));
        // When it could not be written the claim stands until it is released: nobody else may take it up in between.
        if finished.is_ok() {
            self.leases().remove(&id);
        }
        finished
    }

    /// Gives a claim back that could not be asked about: its fate stays unknown, and it is looked at again in 5 s.
    pub fn release_claim(&self, id: OperationId) {
        let claimed_at = self.leases().get(&id).copied().unwrap_or_default();
        let released = self.write(Durability::Full, move |transaction, _| {
            transaction.execute(
                "UPDATE operation SET state = 'unknown', not_before = max(not_before, ?) WHERE id = ? AND state IN ('sending', 'unknown')",
                params![claimed_at.plus_ms(RELEASE_WAIT_MS).0, id.0],
            )?;
            Ok(())
        });
        if let Err(error) = released {
            tracing::error!(operation = id.0, %error, "A claim could not be given back on disk; the next start reads it back.");
        }
        self.leases().remove(&id);
    }

    /// Lets go of a claim whose holder was ended: the operation is read back like one that we died over.
    pub fn abandon_claim(&self, id: OperationId) {
        self.leases().remove(&id);
    }

    /// Makes a waiting operation due now; a rejected one is queued again.
    ///
    /// # Errors
    /// `OperationUnknown` when there is none, or it is sent already.
    pub fn retry_operation(&self, id: OperationId, now: UtcMs) -> Result<()> {
        self.write(Durability::Full, move |transaction, touched| {
            let changed = transaction.execute(
                "UPDATE operation SET not_before = ?2, state = CASE state WHEN 'rejected' THEN 'queued' ELSE state END,
                        code = CASE state WHEN 'rejected' THEN '' ELSE code END
                 WHERE id = ?1 AND state IN ('queued', 'sending', 'unknown', 'rejected')",
                params![id.0, now.0],
            )?;
            if changed == 0 {
                return Err(unknown_operation(id));
            }
            touched.ticket(find(transaction, id)?.ticket_id);
            Ok(())
        })
    }

    /// Takes an operation back that never reached a server. A reply's text goes back to the draft if that is empty.
    ///
    /// # Errors
    /// `OperationUnknown`; `OperationNotDiscardable` when it is on the wire, of unknown fate, or sent.
    pub fn discard_operation(&self, id: OperationId) -> Result<OperationRecord> {
        self.write(Durability::Full, move |transaction, touched| {
            let record = find(transaction, id)?;
            if !matches!(record.state, OperationState::Queued | OperationState::Rejected) {
                return Err(StoreError::new(Code::OperationNotDiscardable, format!("it is {}", record.state.as_str())));
            }
            transaction.execute("DELETE FROM operation WHERE id = ?", [id.0])?;
            rebase_next(transaction, &record)?;
            if let OperationKind::Reply { body, visibility, .. } = &record.kind {
                draft::restore(transaction, &record, body, *visibility)?;
            }
            touched.ticket(record.ticket_id);
            Ok(record)
        })
    }
}

fn enqueue(
    transaction: &Transaction<'_>,
    touched: &mut Touched,
    new: &NewOperation,
    now: UtcMs,
    not_before: UtcMs,
) -> Result<OperationId> {
    let known = transaction
        .query_row("SELECT id FROM operation WHERE marker = ?", [&new.marker], |row| row.get(0).map(OperationId))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    let inserted = transaction.execute(
        "INSERT INTO operation (ticket_id, account_id, ticket_remote_id, marker, payload_version, payload, base_version,
                                created_at, not_before)
         SELECT id, account_id, remote_id, ?2, ?3, ?4, version, ?5, ?6 FROM ticket WHERE id = ?1",
        params![new.ticket_id.0, new.marker, PAYLOAD_VERSION, serde_json::to_string(&new.kind)?, now.0, not_before.0],
    )?;
    if inserted == 0 {
        return Err(StoreError::new(Code::TicketUnknown, format!("ticket {}", new.ticket_id.0)));
    }
    let id = OperationId(transaction.last_insert_rowid());
    if matches!(new.kind, OperationKind::Reply { .. }) {
        transaction.execute("DELETE FROM draft WHERE ticket_id = ?", [new.ticket_id.0])?;
    }
    touched.ticket(new.ticket_id);
    Ok(id)
}

/// The condition that makes an operation the head of its ticket's queue.
pub(crate) const IS_HEAD: &str = "state IN ('queued', 'sending', 'unknown') AND NOT EXISTS (
    SELECT 1 FROM operation AS earlier WHERE earlier.ticket_id = operation.ticket_id AND earlier.id < operation.id
        AND earlier.state IN ('queued', 'sending', 'unknown'))";

pub(crate) fn next_due_sql() -> String {
    format!(
        "SELECT id, account_id, ticket_id, state, attempts, last_attempt_at, marker, ticket_remote_id, payload, base_version,
                created_at
         FROM operation WHERE not_before <= ? AND {IS_HEAD} ORDER BY not_before, id"
    )
}

fn next_due(
    connection: &Connection,
    now: UtcMs,
    wanted: impl Fn(OperationId, AccountId) -> bool,
) -> Result<Option<ClaimedOperation>> {
    let mut statement = connection.prepare_cached(&next_due_sql())?;
    let mut rows = statement.query([now.0])?;
    while let Some(row) = rows.next()? {
        let (id, account_id) = (OperationId(row.get(0)?), AccountId(row.get(1)?));
        if !wanted(id, account_id) {
            continue;
        }
        let state: OperationState = row.get::<_, Text<_>>(3)?.0;
        return Ok(Some(ClaimedOperation {
            id,
            account_id,
            ticket_id: TicketId(row.get(2)?),
            state_before: if state == OperationState::Sending { OperationState::Unknown } else { state },
            attempts: row.get(4)?,
            last_attempt_at: known(row.get(5)?),
            outbound: OutboundOperation {
                marker: row.get(6)?,
                ticket_remote_id: row.get(7)?,
                kind: serde_json::from_str(&row.get::<_, String>(8)?)?,
                base_version: row.get(9)?,
                created_at: UtcMs(row.get(10)?),
                uploaded: std::collections::BTreeMap::new(),
            },
        }));
    }
    Ok(None)
}

fn finish(
    transaction: &Transaction<'_>,
    touched: &mut Touched,
    id: OperationId,
    next: &NextState,
    receipt: &Receipt,
    now: UtcMs,
) -> Result<()> {
    let record = find(transaction, id)?;
    let sent = next.state == OperationState::Sent;
    transaction.execute(
        "UPDATE operation SET state = ?2, not_before = ?3, code = ?4, detail = ?5, sent_at = ?6 WHERE id = ?1",
        params![id.0, next.state.as_str(), next.not_before.0, code_text(next.code), next.detail, if sent { now.0 } else { 0 }],
    )?;
    touched.ticket(record.ticket_id);
    if sent && record.state != OperationState::Sent {
        landed(transaction, &record, receipt, now)?;
    }
    Ok(())
}

/// Shows what landed before the next pull does.
fn landed(transaction: &Transaction<'_>, record: &OperationRecord, receipt: &Receipt, now: UtcMs) -> Result<()> {
    let ticket = record.ticket_id;
    match &record.kind {
        OperationKind::Reply { body, visibility, .. } => {
            let remote_id = receipt.note_remote_id.as_deref().unwrap_or_default();
            if insert_receipt_note(transaction, ticket, remote_id, &record.marker, body, *visibility, now)? {
                refresh_preview(transaction, ticket)?;
                search::index::mark(transaction, ticket)?;
            }
        }
        OperationKind::SetStatus { to, .. } => {
            transaction.execute("UPDATE ticket SET status = ? WHERE id = ?", params![to.as_str(), ticket.0])?;
            mark_stale(transaction, std::iter::once(ticket))?;
        }
        OperationKind::SetPriority { to, .. } => {
            transaction.execute("UPDATE ticket SET priority = ? WHERE id = ?", params![to.as_str(), ticket.0])?;
            mark_stale(transaction, std::iter::once(ticket))?;
        }
        _ => {}
    }
    Ok(())
}

/// The next edit of the field started from the value that is taken back; now it starts from the one before.
fn rebase_next(transaction: &Transaction<'_>, gone: &OperationRecord) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "SELECT id, payload FROM operation WHERE ticket_id = ? AND id > ? AND state IN ('queued', 'rejected') ORDER BY id",
    )?;
    let mut rows = statement.query(params![gone.ticket_id.0, gone.id.0])?;
    while let Some(row) = rows.next()? {
        let kind: OperationKind = serde_json::from_str(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?;
        let rebased = match (&gone.kind, kind) {
            (OperationKind::SetStatus { from, to }, OperationKind::SetStatus { from: seen, to: wanted }) if seen == *to => {
                OperationKind::SetStatus { from: *from, to: wanted }
            }
            (OperationKind::SetPriority { from, to }, OperationKind::SetPriority { from: seen, to: wanted }) if seen == *to => {
                OperationKind::SetPriority { from: *from, to: wanted }
            }
            _ => continue,
        };
        let id: i64 = row.get(0)?;
        transaction.execute("UPDATE operation SET payload = ? WHERE id = ?", params![serde_json::to_string(&rebased)?, id])?;
        break;
    }
    Ok(())
}

fn find(connection: &Connection, id: OperationId) -> Result<OperationRecord> {
    read::one(connection, id)?.ok_or_else(|| unknown_operation(id))
}

fn unknown_operation(id: OperationId) -> StoreError {
    StoreError::new(Code::OperationUnknown, format!("operation {}", id.0))
}
