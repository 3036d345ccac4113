//! Tickets opened here: visible at once, under an id that stays when the server has them.

use deskbell_domain::sync::op::{NewTicket, OperationId, OperationKind, OperationName};
use deskbell_domain::ticket::{AccountId, Priority, Status, TicketId};
use deskbell_domain::{Code, UtcMs};
use rusqlite::{OptionalExtension as _, Transaction, params};

use super::{PAYLOAD_VERSION, REPLY_BYTES_MAX, wait_of};
use crate::account::require_account;
use crate::error::{Result, StoreError};
use crate::mirror::{own_name, preview};

use crate::records::TicketDraft;
use crate::search;
use crate::stored::TICKET_ID_MAX;
use crate::writer::{Durability, Touched};
use crate::{Store, transfer};

/// Begins the remote id of a ticket that the server has not got; its operation's marker follows.
pub(crate) const LOCAL: &str = "local:";
/// Longest list of tickets taken back.
const TICKET_DRAFTS_MAX: i64 = 100;

impl Store {
    /// Opens a ticket: its row is there at once, and its operation leaves not before `not_before`. The same marker again is
    /// the first ticket.
    ///
    /// # Errors
    /// `AccountUnknown`; `InputInvalid` for an empty marker, an empty subject or a text above [`REPLY_BYTES_MAX`].
    pub fn create_ticket(
        &self,
        account: AccountId,
        ticket: &NewTicket,
        marker: &str,
        now: UtcMs,
        not_before: UtcMs,
    ) -> Result<(TicketId, OperationId)> {
        if marker.is_empty() || ticket.subject.trim().is_empty() || ticket.body.len() > REPLY_BYTES_MAX {
            return Err(StoreError::new(Code::InputInvalid, "a ticket needs a marker, a subject and at most 1 MiB of text"));
        }
        self.tell_time(now);
        let (ticket, marker) = (ticket.clone(), marker.to_owned());
        transfer::require_files(self, &OperationKind::CreateTicket { ticket: ticket.clone() })?;
        self.write(Durability::Full, move |transaction, touched| {
            create(transaction, touched, account, &ticket, &marker, now, not_before)
        })
    }

    /// Tickets that were to be opened and were taken back, newest first.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn ticket_drafts(&self) -> Result<Vec<TicketDraft>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT payload FROM ticket_draft ORDER BY updated_at DESC, marker DESC LIMIT {TICKET_DRAFTS_MAX}"
            ))?;
            let mut rows = statement.query([])?;
            let mut drafts = Vec::new();
            while let Some(row) = rows.next()? {
                drafts.push(serde_json::from_str(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?);
            }
            Ok(drafts)
        })
    }

    /// Forgets such a ticket: a person opened it after all, or threw it away. Answers whether there was one.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn forget_ticket_draft(&self, marker: &str) -> Result<bool> {
        let marker = marker.to_owned();
        self.write(Durability::Full, move |transaction, _| {
            Ok(transaction.execute("DELETE FROM ticket_draft WHERE marker = ?", [marker])? > 0)
        })
    }
}

pub(crate) fn create(
    transaction: &Transaction<'_>,
    touched: &mut Touched,
    account: AccountId,
    new: &NewTicket,
    marker: &str,
    now: UtcMs,
    not_before: UtcMs,
) -> Result<(TicketId, OperationId)> {
    let known = transaction
        .query_row("SELECT ticket_id, id FROM operation WHERE marker = ?", [marker], |row| {
            Ok((TicketId(row.get(0)?), OperationId(row.get(1)?)))
        })
        .optional()?;
    if let Some(known) = known {
        return Ok(known);
    }
    require_account(transaction, account)?;
    let ticket = insert_local(transaction, account, new, marker, now)?;
    let kind = OperationKind::CreateTicket { ticket: new.clone() };
    transaction.execute(
        "INSERT INTO operation (ticket_id, account_id, ticket_remote_id, marker, payload_version, payload, kind, created_at,
                                not_before, wait, wait_from)
         SELECT id, account_id, remote_id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?6 FROM ticket WHERE id = ?1",
        params![
            ticket.0,
            marker,
            PAYLOAD_VERSION,
            serde_json::to_string(&kind)?,
            OperationName::CreateTicket.as_str(),
            now.0,
            not_before.0,
            wait_of(now, not_before)
        ],
    )?;
    let operation = OperationId(transaction.last_insert_rowid());
    transfer::queue_files(transaction, operation, &kind)?;
    search::index::write(transaction, ticket)?;
    touched.ticket(ticket);
    Ok((ticket, operation))
}

fn insert_local(
    transaction: &Transaction<'_>,
    account: AccountId,
    new: &NewTicket,
    marker: &str,
    now: UtcMs,
) -> Result<TicketId> {
    transaction.execute(
        "INSERT INTO ticket (account_id, remote_id, local, observed, subject, status, priority, product, customer_id, requester, tags,
                             custom_fields, created_at, updated_at, notes_complete)
         VALUES (?1, ?2, 1, 2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, 1)",
        params![
            account.0,
            format!("{LOCAL}{marker}"),
            new.subject,
            Status::New.as_str(),
            new.priority.unwrap_or(Priority::Routine).as_str(),
            new.product,
            customer_of(transaction, account, &new.customer)?,
            new.requester,
            serde_json::to_string(&new.tags)?,
            serde_json::to_string(&new.custom_fields)?,
            now.0
        ],
    )?;
    let ticket = TicketId(transaction.last_insert_rowid());
    if ticket.0 > TICKET_ID_MAX {
        return Err(StoreError::new(Code::Storage, "no ticket ids are left"));
    }
    if !new.body.trim().is_empty() {
        let shown = preview(&own_name(transaction, ticket)?, &new.body);
        transaction.execute("UPDATE ticket SET last_note = ? WHERE id = ?", params![shown, ticket.0])?;
    }
    Ok(ticket)
}

/// The customer's row, made from the catalogue where no ticket of theirs has come yet; 0 for none.
fn customer_of(transaction: &Transaction<'_>, account: AccountId, remote_id: &str) -> Result<i64> {
    if remote_id.is_empty() {
        return Ok(0);
    }
    let known = transaction
        .query_row("SELECT id FROM customer WHERE account_id = ? AND remote_id = ?", params![account.0, remote_id], |row| {
            row.get(0)
        })
        .optional()?;
    if let Some(known) = known {
        return Ok(known);
    }
    transaction.execute(
        "INSERT INTO customer (account_id, remote_id, name)
         SELECT ?1, ?2, coalesce((
            SELECT entry.value ->> 'name' FROM catalogue, json_each(catalogue.payload, '$.customers') AS entry
            WHERE catalogue.account_id = ?1 AND entry.value ->> 'id' = ?2 LIMIT 1), ?2)",
        params![account.0, remote_id],
    )?;
    Ok(transaction.last_insert_rowid())
}
