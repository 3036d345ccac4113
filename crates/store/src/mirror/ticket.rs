//! The ticket row.

use deskbell_domain::Code;
use deskbell_domain::observation::{Fate, ObservedTicket};
use deskbell_domain::ticket::TicketId;
use rusqlite::{OptionalExtension as _, params};

use super::{Completeness, Page};
use crate::absorbed::mark_survivors;
use crate::error::{Result, StoreError};
use crate::outbox;
use crate::stored::TICKET_ID_MAX;

/// Values of `observed`: as a server showed it; opened here and never seen on the server.
const OBSERVED: i64 = 1;
const OPENED_HERE: i64 = 2;

/// A ticket row as far as observations decide it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    subject: String,
    status: String,
    status_raw: String,
    priority: String,
    priority_raw: String,
    product: String,
    customer_id: i64,
    requester: String,
    assignee: String,
    tags: String,
    evaluation: String,
    custom_fields: String,
    created_at: i64,
    updated_at: i64,
    version: String,
    fate: String,
    merged_into: String,
    notes_complete: bool,
}

/// Fate of a ticket that became part of another.
const MERGED: &str = "merged";

impl Row {
    fn of(observed: &ObservedTicket, customer_id: i64, notes_complete: bool) -> Result<Self> {
        let (fate, merged_into) = match &observed.fate {
            Fate::Live => ("live", String::new()),
            Fate::Deleted => ("deleted", String::new()),
            Fate::Merged { into_remote_id } => (MERGED, into_remote_id.clone()),
        };
        Ok(Self {
            subject: observed.subject.clone(),
            status: observed.status.as_str().to_owned(),
            status_raw: observed.status_raw.clone(),
            priority: observed.priority.as_str().to_owned(),
            priority_raw: observed.priority_raw.clone(),
            product: observed.product.clone(),
            customer_id,
            requester: observed.requester.clone(),
            assignee: observed.assignee.clone(),
            tags: serde_json::to_string(&observed.tags)?,
            evaluation: observed.evaluation.as_ref().map(serde_json::to_string).transpose()?.unwrap_or_default(),
            custom_fields: serde_json::to_string(&observed.custom_fields)?,
            created_at: observed.created_at.0,
            updated_at: observed.updated_at.0,
            version: observed.version.clone(),
            fate: fate.to_owned(),
            merged_into,
            notes_complete,
        })
    }

    /// The ticket as it was last seen, gone by now.
    fn gone(&self, updated_at: i64) -> Self {
        Self { fate: "deleted".to_owned(), updated_at: updated_at.max(self.updated_at), ..self.clone() }
    }

    /// Anything that the clocks start from, or that their policy is matched with.
    fn clocks_differ(&self, other: &Self) -> bool {
        let facts = |row: &Self| (row.status.clone(), row.priority.clone(), row.customer_id, row.created_at, row.fate.clone());
        facts(self) != facts(other) || (&self.product, &self.tags) != (&other.product, &other.tags)
    }

    fn words_differ(&self, other: &Self) -> bool {
        (&self.subject, self.customer_id, &self.fate) != (&other.subject, other.customer_id, &other.fate)
    }
}

/// A provider that only notices that a ticket is gone has nothing else to tell of it.
fn is_bare_tombstone(observed: &ObservedTicket) -> bool {
    observed.fate == Fate::Deleted && observed.subject.is_empty() && observed.status_raw.is_empty()
}

impl Page<'_> {
    pub(super) fn ticket(&mut self, observed: &ObservedTicket, completeness: Completeness) -> Result<()> {
        let customer_id = self.customer(&observed.customer)?;
        let known = self.known_row(&observed.remote_id)?;
        let was_complete = known.as_ref().is_some_and(|(_, row, _)| row.notes_complete);
        let row = Row::of(observed, customer_id, was_complete || completeness == Completeness::Whole)?;
        let row = match &known {
            Some((_, old, _)) if is_bare_tombstone(observed) => old.gone(observed.updated_at.0),
            None if is_bare_tombstone(observed) => return Ok(()),
            // What was sent from here stays where the provider does not show it.
            Some((_, old, _)) if row.evaluation.is_empty() => Row { evaluation: old.evaluation.clone(), ..row },
            _ => row,
        };
        let id = known.as_ref().map(|(id, ..)| *id);
        let id = match &known {
            Some((id, old, OBSERVED)) if *old == row => {
                self.tickets.insert(observed.remote_id.clone(), Some(*id));
                return Ok(());
            }
            _ => self.put_row(id, &observed.remote_id, &row)?,
        };
        self.tickets.insert(observed.remote_id.clone(), Some(id));
        self.changed.insert(id);
        if known.as_ref().is_some_and(|(.., observed)| *observed == OPENED_HERE) {
            outbox::anew::start_from_observed(self.transaction, id)?;
        }
        if known.as_ref().is_none_or(|(_, old, _)| row.clocks_differ(old)) {
            self.stale.insert(id);
        }
        let merges = [Some(&row), known.as_ref().map(|(_, old, _)| old)].into_iter().flatten().filter(|row| row.fate == MERGED);
        for merged in merges {
            mark_survivors(self.transaction, self.account, &merged.merged_into)?;
        }
        if known.as_ref().is_none_or(|(_, old, _)| row.words_differ(old)) {
            self.reworded.insert(id);
        }
        Ok(())
    }

    fn known_row(&self, remote_id: &str) -> Result<Option<(TicketId, Row, i64)>> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT id, subject, status, status_raw, priority, priority_raw, product, customer_id, requester, assignee, tags,
                    custom_fields, created_at, updated_at, version, fate, merged_into, notes_complete, observed, evaluation
             FROM ticket WHERE account_id = ? AND remote_id = ?",
        )?;
        let known = statement
            .query_row(params![self.account.0, remote_id], |row| {
                let old = Row {
                    subject: row.get(1)?,
                    status: row.get(2)?,
                    status_raw: row.get(3)?,
                    priority: row.get(4)?,
                    priority_raw: row.get(5)?,
                    product: row.get(6)?,
                    customer_id: row.get(7)?,
                    requester: row.get(8)?,
                    assignee: row.get(9)?,
                    tags: row.get(10)?,
                    custom_fields: row.get(11)?,
                    created_at: row.get(12)?,
                    updated_at: row.get(13)?,
                    version: row.get(14)?,
                    fate: row.get(15)?,
                    merged_into: row.get(16)?,
                    notes_complete: row.get(17)?,
                    evaluation: row.get(19)?,
                };
                Ok((TicketId(row.get(0)?), old, row.get(18)?))
            })
            .optional()?;
        Ok(known)
    }

    fn put_row(&self, id: Option<TicketId>, remote_id: &str, row: &Row) -> Result<TicketId> {
        let sql = if id.is_some() {
            "UPDATE ticket SET subject = ?3, status = ?4, status_raw = ?5, priority = ?6, priority_raw = ?7, product = ?8,
                    customer_id = ?9, requester = ?10, assignee = ?11, tags = ?12, custom_fields = ?13, created_at = ?14,
                    updated_at = ?15, version = ?16, fate = ?17, merged_into = ?18, notes_complete = ?19, evaluation = ?20,
                    observed = 1
             WHERE account_id = ?1 AND remote_id = ?2"
        } else {
            "INSERT INTO ticket (account_id, remote_id, subject, status, status_raw, priority, priority_raw, product,
                                 customer_id, requester, assignee, tags, custom_fields, created_at, updated_at, version,
                                 fate, merged_into, notes_complete, evaluation)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)"
        };
        self.transaction.prepare_cached(sql)?.execute(params![
            self.account.0,
            remote_id,
            row.subject,
            row.status,
            row.status_raw,
            row.priority,
            row.priority_raw,
            row.product,
            row.customer_id,
            row.requester,
            row.assignee,
            row.tags,
            row.custom_fields,
            row.created_at,
            row.updated_at,
            row.version,
            row.fate,
            row.merged_into,
            row.notes_complete,
            row.evaluation
        ])?;
        let id = id.unwrap_or_else(|| TicketId(self.transaction.last_insert_rowid()));
        if id.0 > TICKET_ID_MAX {
            return Err(StoreError::new(Code::Storage, "no ticket ids are left"));
        }
        Ok(id)
    }
}
