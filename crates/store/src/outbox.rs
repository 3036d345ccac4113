//! Local edits on their way to a server: one queue a ticket, every attempt counted and on disk before it is made.
//!
//! States: queued → sending → sent | rejected | unknown; unknown is read back and becomes sent or queued. Only the oldest
//! waiting operation of a ticket is handed out; a rejected one does not hold up those behind it. An operation that is
//! being read back is leased in memory: if we die, the lease dies with us and the operation is read back again. So is one
//! that says `sending` without a lease: what became of its attempt was never written down.
//!
//! A ticket opened here has a row of its own from the start. What is done to it is handed out only once the server has it,
//! with the remote id of then.

pub(crate) mod anew;
pub(crate) mod claim;
pub(crate) mod create;
mod discard;
mod landed;
pub(crate) mod read;
pub(crate) mod settle;

use deskbell_domain::sync::op::{OperationId, OperationKind, OperationState, Receipt};
use deskbell_domain::sync::plan::NextState;
use deskbell_domain::ticket::AccountId;
use deskbell_domain::{Code, UtcMs};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

pub(crate) use claim::IS_HEAD;

use crate::error::{Result, StoreError};
use crate::mirror::adopt;
use crate::records::{ClaimedOperation, NewOperation, OperationRecord};
use crate::stored::code_text;
use crate::writer::{Durability, Touched};
use crate::{Store, transfer, visit};

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
    /// `TicketUnknown`; `InputInvalid` for an empty marker or a reply above [`REPLY_BYTES_MAX`]; `FileMissing`.
    pub fn enqueue(&self, new: &NewOperation, now: UtcMs) -> Result<OperationId> {
        self.enqueue_until(new, now, now)
    }

    /// Queues an edit that does not leave before `not_before`, so that it can be taken back.
    ///
    /// # Errors
    /// As [`Store::enqueue`].
    pub fn enqueue_until(&self, new: &NewOperation, now: UtcMs, not_before: UtcMs) -> Result<OperationId> {
        let too_long = matches!(&new.kind, OperationKind::Reply { body, .. } if body.len() > REPLY_BYTES_MAX);
        // A ticket is opened by `create_ticket`, which makes its row.
        let is_creation = matches!(&new.kind, OperationKind::CreateTicket { .. });
        if new.marker.is_empty() || too_long || is_creation {
            return Err(StoreError::new(Code::InputInvalid, "an operation needs a marker and at most 1 MiB of text"));
        }
        transfer::require_files(self, &new.kind)?;
        let new = new.clone();
        self.write(Durability::Full, move |transaction, touched| enqueue(transaction, touched, &new, now, not_before))
    }

    /// Queues a reply or a note that is not the one being written on the ticket: the draft there stays.
    ///
    /// # Errors
    /// As [`Store::enqueue`].
    pub fn enqueue_note(&self, new: &NewOperation, now: UtcMs, not_before: UtcMs) -> Result<OperationId> {
        check_note(new)?;
        transfer::require_files(self, &new.kind)?;
        let new = new.clone();
        self.write(Durability::Full, move |transaction, touched| enqueue_beside(transaction, touched, &new, now, not_before))
    }

    /// Turns what was on the wire when we died into `unknown`. Call once, before anything is claimed.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn recover_outbox(&self) -> Result<u32> {
        self.leases().clear();
        self.write(Durability::Full, |transaction, _| {
            let recovered = transaction.execute(
                "UPDATE operation SET state = 'unknown', not_before = last_attempt_at, wait = 'backoff', wait_from = last_attempt_at
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
            claim::claim(transaction, now, |id, account| online.contains(&account) && !leased.contains_key(&id))
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
                "UPDATE operation SET state = 'unknown', not_before = max(not_before, ?1), wait = 'backoff', wait_from = ?2
                 WHERE id = ?3 AND state IN ('sending', 'unknown')",
                params![claimed_at.plus_ms(RELEASE_WAIT_MS).0, claimed_at.0, id.0],
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

    /// Takes an operation back that never reached a server. Texts and files return to the draft, behind what is being written
    /// there; a ticket's creation goes with everything that was done to it and becomes a [`TicketDraft`].
    ///
    /// # Errors
    /// `OperationUnknown`; `OperationNotDiscardable` when it is on the wire, of unknown fate, or sent.
    ///
    /// [`TicketDraft`]: crate::TicketDraft
    pub fn discard_operation(&self, id: OperationId) -> Result<OperationRecord> {
        let now = self.now();
        self.write(Durability::Full, move |transaction, touched| discard::discard(transaction, touched, id, now))
    }
}

/// The operation that a marker stands for.
pub(crate) fn of_marker(transaction: &Transaction<'_>, marker: &str) -> Result<Option<OperationId>> {
    let mut statement = transaction.prepare_cached("SELECT id FROM operation WHERE marker = ?")?;
    Ok(statement.query_row([marker], |row| row.get(0).map(OperationId)).optional()?)
}

/// Whether it can be queued as a reply or a note.
pub(crate) fn check_note(note: &NewOperation) -> Result<()> {
    match &note.kind {
        OperationKind::Reply { body, .. } if !note.marker.is_empty() && body.len() <= REPLY_BYTES_MAX => Ok(()),
        _ => Err(StoreError::new(Code::InputInvalid, "a note needs a marker and at most 1 MiB of text")),
    }
}

pub(crate) fn enqueue(
    transaction: &Transaction<'_>,
    touched: &mut Touched,
    new: &NewOperation,
    now: UtcMs,
    not_before: UtcMs,
) -> Result<OperationId> {
    let id = enqueue_beside(transaction, touched, new, now, not_before)?;
    if matches!(new.kind, OperationKind::Reply { .. }) {
        let ticket = adopt::current_id(transaction, new.ticket_id)?;
        transaction.execute("DELETE FROM draft WHERE ticket_id = ?", [ticket.0])?;
    }
    Ok(id)
}

/// Queues an edit beside a reply that is being written: the ticket's draft stays.
pub(crate) fn enqueue_beside(
    transaction: &Transaction<'_>,
    touched: &mut Touched,
    new: &NewOperation,
    now: UtcMs,
    not_before: UtcMs,
) -> Result<OperationId> {
    if let Some(id) = of_marker(transaction, &new.marker)? {
        return Ok(id);
    }
    let ticket = adopt::current_id(transaction, new.ticket_id)?;
    let seen_notes = match &new.kind {
        OperationKind::Reply { seen_notes: Some(seen), .. } => i64::from(*seen),
        OperationKind::Reply { .. } => settle::notes_of_others(transaction, ticket)?,
        _ => -1,
    };
    let inserted = transaction.execute(
        "INSERT INTO operation (ticket_id, account_id, ticket_remote_id, marker, payload_version, payload, base_version,
                                created_at, not_before, kind, wait, wait_from, seen_notes)
         SELECT id, account_id, remote_id, ?2, ?3, ?4, version, ?5, ?6, ?7, ?8, ?5, ?9 FROM ticket WHERE id = ?1",
        params![
            ticket.0,
            new.marker,
            PAYLOAD_VERSION,
            serde_json::to_string(&new.kind)?,
            now.0,
            not_before.0,
            new.kind.name().as_str(),
            wait_of(now, not_before),
            seen_notes
        ],
    )?;
    if inserted == 0 {
        return Err(StoreError::new(Code::TicketUnknown, format!("ticket {}", new.ticket_id.0)));
    }
    let id = OperationId(transaction.last_insert_rowid());
    transfer::queue_files(transaction, id, &new.kind)?;
    let account = transaction.query_row("SELECT account_id FROM ticket WHERE id = ?", [ticket.0], |row| row.get(0))?;
    visit::enqueued(transaction, AccountId(account), ticket, &new.kind, now)?;
    touched.ticket(ticket);
    Ok(id)
}

/// Why a new operation waits.
fn wait_of(now: UtcMs, not_before: UtcMs) -> &'static str {
    if not_before > now { "undo" } else { "backoff" }
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
    touched.ticket(record.ticket_id);
    // A pull has brought it meanwhile: that is a fact, whatever became of the answer.
    if record.state == OperationState::Sent {
        return Ok(());
    }
    let is_creation = matches!(record.kind, OperationKind::CreateTicket { .. });
    let nameless = NextState {
        state: OperationState::Unknown,
        not_before: now.plus_ms(RELEASE_WAIT_MS),
        imposed: false,
        code: Some(Code::AnswerUnexpected),
        detail: "the answer does not name the ticket that was created".to_owned(),
    };
    // Without its name nothing can be done to it: the read-back has to tell.
    let is_nameless = is_creation && next.state == OperationState::Sent && receipt.ticket_remote_id.is_none();
    let next = if is_nameless { &nameless } else { next };
    let sent = next.state == OperationState::Sent;
    transaction.execute(
        "UPDATE operation SET state = ?2, not_before = ?3, code = ?4, detail = ?5, sent_at = ?6, wait = ?7, wait_from = ?8,
                last_attempt_at = min(last_attempt_at, ?8)
         WHERE id = ?1",
        params![
            id.0,
            next.state.as_str(),
            next.not_before.0,
            code_text(next.code),
            next.detail,
            if sent { now.0 } else { 0 },
            if next.imposed { "server" } else { "backoff" },
            now.0
        ],
    )?;
    if let (Some(key), Some(refusal)) = (record.kind.visit(), &receipt.refusal) {
        visit::refused(transaction, key, refusal, now)?;
    }
    if let (OperationKind::RequestVisit { visit, .. }, OperationState::Rejected) = (&record.kind, next.state) {
        visit::refused_request(transaction, record.ticket_id, visit, now)?;
    }
    if sent {
        landed::landed(transaction, touched, &record, receipt, now)?;
    }
    Ok(())
}

fn find(connection: &Connection, id: OperationId) -> Result<OperationRecord> {
    read::one(connection, id)?.ok_or_else(|| unknown_operation(id))
}

fn unknown_operation(id: OperationId) -> StoreError {
    StoreError::new(Code::OperationUnknown, format!("operation {}", id.0))
}
