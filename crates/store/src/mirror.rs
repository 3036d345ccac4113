//! Writing observations: one page is one transaction together with its cursor.
//!
//! Invariants: a page applied twice changes nothing the second time; a note or event is kept once per remote id; our own
//! reply, written from a receipt, is replaced by the server's copy and never stands beside it; a ticket opened here and the
//! server's copy of it are one row, under the id it had here.

pub(crate) mod adopt;
pub(crate) mod conversation;
mod customer;
mod ticket;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::Ordering;

use deskbell_domain::UtcMs;
use deskbell_domain::observation::Observations;
use deskbell_domain::scheduling::Visit;
use deskbell_domain::ticket::{AccountId, TicketId};
use rusqlite::{OptionalExtension as _, Transaction, params};

use crate::Store;
use crate::account::{move_cursor, require_account};
use crate::error::Result;
use crate::records::Applied;
use crate::search;
use crate::visit;
use crate::writer::{Durability, Touched};
use conversation::Seen;

/// Tickets waiting for their search document while pages come without a pause. A ticket whose notes come on many pages is so
/// rebuilt once in a while and not once a page.
const SEARCH_DIRTY_MAX: i64 = 2_048;
/// Documents written with one page; the rest waits until the writer has nothing else to do.
const SEARCH_PAGE_DOCUMENTS: usize = 256;

/// Whether a page carries whole conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Completeness {
    AsItComes,
    Whole,
}

impl Store {
    /// Applies a page of a pull and moves the cursor, in one transaction.
    ///
    /// # Errors
    /// As [`Store::apply_pages`].
    pub fn apply_page(
        &self,
        account: AccountId,
        page: &Observations,
        visits: &[Visit],
        next_cursor: &str,
        caught_up: bool,
        now: UtcMs,
    ) -> Result<Applied> {
        let page =
            PulledPage { observations: page.clone(), visits: visits.to_vec(), next_cursor: next_cursor.to_owned(), caught_up };
        self.apply_pages(account, vec![page], now)
    }

    /// Applies pages that followed one another and moves the cursor behind the last, in one transaction: what several of them
    /// touch is written once.
    ///
    /// # Errors
    /// `AccountUnknown`; codes of the storage. Then nothing of the pages is kept.
    pub fn apply_pages(&self, account: AccountId, pages: Vec<PulledPage>, now: UtcMs) -> Result<Applied> {
        let Some(last) = pages.last() else { return Ok(Applied::default()) };
        let (next_cursor, caught_up) = (last.next_cursor.clone(), last.caught_up);
        self.tell_time(now);
        self.inner.shared.has_pulled.store(true, Ordering::Relaxed);
        let applied = self.write(Durability::Mirror, move |transaction, touched| {
            move_cursor(transaction, account, &next_cursor, caught_up)?;
            let mut applied = Applied::default();
            for page in &pages {
                applied.add(apply(transaction, touched, account, &page.observations, Completeness::AsItComes, now)?);
                // Behind the tickets, so that each finds its own.
                for visit in &page.visits {
                    visit::observed(transaction, account, visit, now)?;
                }
            }
            visit::find_tickets(transaction, account)?;
            if caught_up || search::index::dirty_count(transaction, SEARCH_DIRTY_MAX)? >= SEARCH_DIRTY_MAX {
                search::index::flush(transaction, SEARCH_PAGE_DOCUMENTS)?;
            }
            Ok(applied)
        })?;
        if caught_up {
            self.settle_search()?;
        }
        Ok(applied)
    }

    /// Writes every search document that waits, a few at a time: other callers are let in between.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn settle_search(&self) -> Result<()> {
        while self.read(|connection| search::index::dirty_count(connection, 1))? > 0 {
            self.inner
                .writer
                .run(|desk| desk.index_waiting(SEARCH_PAGE_DOCUMENTS))
                .inspect_err(|error| self.remember_damage(error))?;
        }
        Ok(())
    }

    /// Applies tickets that were asked for by themselves, with their whole conversations; the cursor stays.
    ///
    /// # Errors
    /// As [`Store::apply_page`].
    pub fn apply_ticket(&self, account: AccountId, page: &Observations, now: UtcMs) -> Result<Applied> {
        self.apply_whole(account, page, now)
    }

    /// Applies a big batch of whole tickets; the cursor stays. Several thousand tickets a call are fine.
    ///
    /// # Errors
    /// As [`Store::apply_page`].
    pub fn import_tickets(&self, account: AccountId, page: &Observations, now: UtcMs) -> Result<Applied> {
        self.apply_whole(account, page, now)
    }

    fn apply_whole(&self, account: AccountId, page: &Observations, now: UtcMs) -> Result<Applied> {
        self.tell_time(now);
        let page = page.clone();
        self.write(Durability::Mirror, move |transaction, touched| {
            require_account(transaction, account)?;
            let applied = apply(transaction, touched, account, &page, Completeness::Whole, now)?;
            search::index::flush(transaction, usize::MAX)?;
            Ok(applied)
        })
    }
}

/// A page as a pull brought it.
#[derive(Debug, Clone, Default)]
pub struct PulledPage {
    pub observations: Observations,
    pub visits: Vec<Visit>,
    /// Where the next page is.
    pub next_cursor: String,
    /// Nothing more to fetch now.
    pub caught_up: bool,
}

/// A page on its way into the tables.
struct Page<'a> {
    transaction: &'a Transaction<'a>,
    touched: &'a mut Touched,
    account: AccountId,
    now: UtcMs,
    /// Ids of the tickets met on this page, by remote id; `None` for unknown ones.
    tickets: HashMap<String, Option<TicketId>>,
    conversations: BTreeMap<TicketId, Seen>,
    changed: BTreeSet<TicketId>,
    /// Clocks have to be computed anew.
    stale: BTreeSet<TicketId>,
    /// Text changed: preview and search document.
    reworded: BTreeSet<TicketId>,
    notes_new: u32,
    notes_orphaned: u32,
    landed: u32,
}

fn apply(
    transaction: &Transaction<'_>,
    touched: &mut Touched,
    account: AccountId,
    observed: &Observations,
    completeness: Completeness,
    now: UtcMs,
) -> Result<Applied> {
    adopt_named(transaction, touched, account, observed)?;
    let mut page = Page {
        transaction,
        touched,
        account,
        now,
        tickets: HashMap::new(),
        conversations: BTreeMap::new(),
        changed: BTreeSet::new(),
        stale: BTreeSet::new(),
        reworded: BTreeSet::new(),
        notes_new: 0,
        notes_orphaned: 0,
        landed: 0,
    };
    for ticket in &observed.tickets {
        page.ticket(ticket, completeness)?;
    }
    for note in &observed.notes {
        page.note(note)?;
    }
    for event in &observed.events {
        page.event(event)?;
    }
    page.finish()
}

/// A note with the marker of a creation of ours names the ticket: it is the one opened here, before its row is made.
fn adopt_named(transaction: &Transaction<'_>, touched: &mut Touched, account: AccountId, observed: &Observations) -> Result<()> {
    if !adopt::any_local(transaction)? {
        return Ok(());
    }
    for note in &observed.notes {
        let marker = note.marker.as_deref().unwrap_or_default();
        if marker.is_empty() {
            continue;
        }
        if let Some(local) = adopt::local_of_marker(transaction, account, marker)? {
            adopt::adopt(transaction, touched, local, account, &note.ticket_remote_id)?;
        }
    }
    Ok(())
}

impl Page<'_> {
    fn ticket_id(&mut self, remote_id: &str) -> Result<Option<TicketId>> {
        if let Some(id) = self.tickets.get(remote_id) {
            return Ok(*id);
        }
        let id = find_ticket(self.transaction, self.account, remote_id)?;
        self.tickets.insert(remote_id.to_owned(), id);
        Ok(id)
    }

    fn finish(mut self) -> Result<Applied> {
        for ticket in std::mem::take(&mut self.reworded) {
            refresh_preview(self.transaction, ticket)?;
            search::index::mark(self.transaction, ticket)?;
            self.changed.insert(ticket);
        }
        mark_stale(self.transaction, self.stale.iter().copied())?;
        self.changed.extend(self.stale.iter().copied());
        self.touched.tickets.extend(self.changed.iter().copied());
        Ok(Applied {
            changed: self.changed.into_iter().collect(),
            notes_new: self.notes_new,
            notes_orphaned: self.notes_orphaned,
            landed: self.landed,
        })
    }
}

pub(crate) fn find_ticket(connection: &rusqlite::Connection, account: AccountId, remote_id: &str) -> Result<Option<TicketId>> {
    let mut statement = connection.prepare_cached("SELECT id FROM ticket WHERE account_id = ? AND remote_id = ?")?;
    Ok(statement.query_row(params![account.0, remote_id], |row| row.get(0)).optional()?.map(TicketId))
}

/// Marks the clocks of tickets as older than their events. A mark differs from every earlier one.
pub(crate) fn mark_stale(transaction: &Transaction<'_>, tickets: impl Iterator<Item = TicketId>) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "INSERT INTO clock_stale (ticket_id, mark) VALUES (?, random())
         ON CONFLICT (ticket_id) DO UPDATE SET mark = excluded.mark",
    )?;
    for ticket in tickets {
        statement.execute([ticket.0])?;
    }
    Ok(())
}

pub(crate) use conversation::{ReceiptNote, insert_receipt_note, own_name, preview, refresh_preview};
