//! Pulling from a service that tells no change: list, compare, look.
//!
//! First every page of tickets, newest first, each ticket with its notes. Then cycles: the tickets that are not confirmed
//! are listed and their status compared; those that changed, came or went are looked at, and of the others as many as
//! [`super::plan`] picks have their notes listed. Every [`SWEEP_CYCLES`]th cycle lists all tickets instead. A cycle in which
//! nothing changed asks one list page for each 100 listed tickets and one ListTicketNotes for each ticket picked.
//!
//! One call of `pull` looks at no more than [`LOOKS_A_PAGE`] tickets, so that a page is small and a kill loses little.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use deskbell_domain::observation::Observations;
use futures::{StreamExt, stream};

use super::AliyunApi;
use super::call::{Call, Listing};
use super::client::{Certainty, Failure, now};
use super::cursor::{Known, Phase};
use super::memory::{Found, Listed, Look, Memory, Why};
use super::observe::{Before, History, dialog_ids, digest, observe};
use super::plan::looks_max;
use super::shape::{Many, Note, One, Ticket, TicketPage, TicketRow};
use super::words::{UNFINISHED, is_confirmed, status_raw};
use crate::{PullPage, PullProgress, RemoteError};

/// Rows of a page of ListTickets, as many as it takes.
pub const LIST_PAGE: u32 = 100;
/// Tickets looked at in one page of a pull.
pub const LOOKS_A_PAGE: usize = 25;
/// Requests a minute that it takes to have one more look under way beside the first.
const SIDE_BY_SIDE_SHARE: usize = 60;
/// Cycles from one list of all tickets to the next.
pub const SWEEP_CYCLES: u64 = 30;
/// How often a list is read again when tickets came or went while it was read.
const WALKS_MAX: usize = 3;
/// Pages of one list.
const LIST_PAGES_MAX: u32 = 5_000;

impl AliyunApi {
    pub(super) async fn next_page(&self, memory: &mut Memory) -> Result<PullPage, RemoteError> {
        let is_full = matches!(memory.cursor.phase, Phase::Full { .. });
        self.know_categories(&memory.cursor.categories);
        if is_full && !memory.asked_for_names {
            memory.asked_for_names = true;
            self.learn_categories().await;
        }
        match memory.cursor.phase {
            Phase::Full { page } if !memory.listed => self.list_for_full(memory, page).await?,
            Phase::Cycle if !memory.in_cycle => self.begin_cycle(memory).await?,
            Phase::Full { .. } | Phase::Cycle => {}
        }
        let observations = self.look_at_some(memory).await?;
        self.keep_categories(&observations, &mut memory.cursor.categories);
        let mut caught_up = false;
        if memory.queue.is_empty() {
            match memory.cursor.phase {
                Phase::Full { page } => {
                    let is_last = u64::from(page) * u64::from(LIST_PAGE) >= memory.total.unwrap_or(0);
                    // What moved between pages is found by the first cycle, which lists all tickets.
                    memory.cursor.phase = if is_last { Phase::Cycle } else { Phase::Full { page: page + 1 } };
                    memory.listed = false;
                }
                Phase::Cycle => {
                    memory.in_cycle = false;
                    memory.cycle += 1;
                    memory.compared_at = memory.cycle_began;
                    caught_up = true;
                }
            }
        }
        let done = memory.cursor.tickets.len() as u64;
        let total = memory.total.map(|total| total.max(done));
        let progress = PullProgress { done, total: if is_full { total } else { None }, full: is_full };
        memory.text = memory.cursor.to_text();
        Ok(PullPage { observations, visits: Vec::new(), next_cursor: memory.text.clone(), progress, caught_up })
    }

    async fn list_for_full(&self, memory: &mut Memory, page: u32) -> Result<(), RemoteError> {
        let (rows, total) = self.list_page(page, &[]).await?;
        memory.total = Some(if rows.is_empty() { 0 } else { total });
        let known = &memory.cursor.tickets;
        let mut queue: VecDeque<Look> = VecDeque::new();
        for row in rows {
            // A row that slid down from the page before was looked at already.
            if !known.contains_key(&row.ticket_id) && queue.iter().all(|look| look.id != row.ticket_id) {
                queue.push_back(Look { id: row.ticket_id, why: Why::Changed });
            }
        }
        memory.queue = queue;
        memory.listed = true;
        Ok(())
    }

    async fn begin_cycle(&self, memory: &mut Memory) -> Result<(), RemoteError> {
        let is_sweep = memory.is_sweep();
        let began = now();
        let listed = match self.walk(if is_sweep { &[] } else { UNFINISHED }).await {
            Err(failure) if !is_sweep && failure.certainty == Certainty::Never => {
                tracing::warn!("The service refuses the list by status: all tickets are listed from now on.");
                memory.is_filter_broken = true;
                self.walk(&[]).await?
            }
            other => other?,
        };
        let is_sweep = memory.is_sweep();
        memory.compare(&listed, is_sweep);
        // A changed ticket costs two questions, a missing one up to three.
        let asked = listed.pages + 2 * memory.queue.len() as u64;
        memory.plan(began, looks_max(self.requests_per_minute(), self.poll_ms(), asked));
        memory.cycle_began = Some(began);
        memory.in_cycle = true;
        Ok(())
    }

    /// Reads a list to its end, and again while tickets come and go under it; rows of all readings are joined, so that one
    /// that slid over a page's edge is not taken for gone.
    async fn walk(&self, statuses: &[&str]) -> Result<Listed, Failure> {
        let (mut rows, mut is_stable, mut pages) = (BTreeMap::new(), false, 0);
        for _ in 0..WALKS_MAX {
            let (mut first_total, mut last_total, mut ids) = (None, 0, BTreeSet::new());
            for page in 1..=LIST_PAGES_MAX {
                let (found, total) = self.list_page(page, statuses).await?;
                pages += 1;
                first_total.get_or_insert(total);
                last_total = total;
                let is_end = found.is_empty() || u64::from(page) * u64::from(LIST_PAGE) >= total;
                for row in found {
                    ids.insert(row.ticket_id.clone());
                    rows.insert(row.ticket_id, status_raw(&row.status));
                }
                if is_end {
                    break;
                }
            }
            is_stable = first_total == Some(last_total) && ids.len() as u64 == last_total;
            if is_stable {
                break;
            }
        }
        Ok(Listed { rows, is_stable, pages })
    }

    async fn list_page(&self, page: u32, statuses: &[&str]) -> Result<(Vec<TicketRow>, u64), Failure> {
        let asked = Listing { page, page_size: LIST_PAGE, statuses, ..Listing::default() };
        let mut found: TicketPage = self.client.ask(&Call::list_tickets(&asked)).await?;
        found.data.retain(|row| !row.ticket_id.is_empty());
        let total = u64::try_from(found.total_count.ms()).unwrap_or(0);
        // A page that holds more than is said to be there is believed.
        Ok((found.data.clone(), total.max(found.data.len() as u64)))
    }

    /// Works off the queue's head. What a failure left undone stays in the queue; what was done before it is told.
    async fn look_at_some(&self, memory: &mut Memory) -> Result<Observations, RemoteError> {
        let (looks_max, side_by_side) = self.pace();
        // Taken off the queue only when they are done: a pull can be ended anywhere.
        let batch: Vec<Look> = memory.queue.iter().take(looks_max).cloned().collect();
        let taken = batch.len();
        let shared: &Memory = memory;
        let looks = batch.into_iter().map(|look| async move {
            let found = self.look(shared, &look).await;
            (look, found)
        });
        let results: Vec<(Look, Result<Found, Failure>)> = stream::iter(looks).buffered(side_by_side).collect().await;
        memory.queue.drain(..taken.min(memory.queue.len()));
        let at = now();
        let (mut observations, mut undone, mut first_error) = (Observations::default(), Vec::new(), None);
        let mut done = 0;
        for (look, found) in results {
            match found {
                Ok(found) => {
                    memory.take(&look, found, at, &mut observations);
                    done += 1;
                }
                Err(failure) => {
                    first_error.get_or_insert(failure);
                    undone.push(look);
                }
            }
        }
        undone.into_iter().rev().for_each(|look| memory.queue.push_front(look));
        match first_error {
            Some(failure) if done == 0 => Err(failure.into()),
            _ => Ok(observations),
        }
    }

    /// Looks in one page, and looks at once: with a small budget fewer, so that a page comes within a minute and no look waits
    /// for the budget longer than is waited out.
    fn pace(&self) -> (usize, usize) {
        let connections = self.client.http.limits().connections_max.max(1);
        let Some(per_minute) = self.requests_per_minute() else { return (LOOKS_A_PAGE, connections) };
        let per_minute = usize::try_from(per_minute).unwrap_or(usize::MAX);
        ((per_minute / 4).clamp(1, LOOKS_A_PAGE), (per_minute / SIDE_BY_SIDE_SHARE).clamp(1, connections))
    }

    async fn look(&self, memory: &Memory, look: &Look) -> Result<Found, Failure> {
        let id = look.id.as_str();
        let known = memory.cursor.tickets.get(id);
        let watched = memory.watched.get(id);
        if matches!(look.why, Why::Missing { .. }) && self.is_gone(id).await? {
            return Ok(Found::Gone);
        }
        let Some(notes) = self.unless_refused(self.notes_of(id).await)? else { return self.refused_look(id).await };
        let told = dialog_ids(&notes);
        if look.why == Why::Notes && known.is_some_and(|known| known.notes == digest(&notes)) {
            let active_at = notes.iter().map(|note| note.create_time.ms()).max();
            return Ok(Found::Same { told, active_at });
        }
        let Some(ticket) = self.unless_refused(self.ticket_of(id).await)? else { return self.refused_look(id).await };
        let before = Before {
            status_raw: known.map(|known| known.status_raw.as_str()),
            compared_at: memory.compared_at,
            told: watched.and_then(|watched| watched.told.as_ref()),
        };
        let seen = observe(id, &ticket, &notes, &History::Told(before), now(), &self.categories());
        let active_at = seen.tickets.first().map_or(0, |ticket| ticket.updated_at.0);
        let raw = status_raw(&ticket.status);
        let notes = if is_confirmed(&raw) { String::new() } else { digest(&notes) };
        Ok(Found::Ticket { seen: Box::new(seen), known: Known { status_raw: raw, notes }, told, active_at })
    }

    /// A ticket that is refused is gone when the list does not have it either.
    async fn refused_look(&self, id: &str) -> Result<Found, Failure> {
        Ok(if self.is_gone(id).await? { Found::Gone } else { Found::Refused })
    }

    fn unless_refused<T>(&self, asked: Result<T, Failure>) -> Result<Option<T>, Failure> {
        match asked {
            Err(failure) if failure.certainty == Certainty::Never => {
                tracing::debug!(code = failure.error.code.as_str(), "A listed ticket was refused.");
                Ok(None)
            }
            other => other.map(Some),
        }
    }

    /// Whether the list by id, which is answered, does not hold it.
    async fn is_gone(&self, id: &str) -> Result<bool, Failure> {
        let ids = [id.to_owned()];
        let asked = Listing { page: 1, page_size: 10, ids: &ids, ..Listing::default() };
        let found: TicketPage = self.client.ask(&Call::list_tickets(&asked)).await?;
        Ok(found.data.iter().all(|row| row.ticket_id != id))
    }

    pub(super) async fn ticket_of(&self, id: &str) -> Result<Ticket, Failure> {
        let found: One<Ticket> = self.client.ask(&Call::get_ticket(id)).await?;
        Ok(found.data)
    }

    /// Oldest first, whatever order they came in.
    pub(super) async fn notes_of(&self, id: &str) -> Result<Vec<Note>, Failure> {
        let found: Many<Note> = self.client.ask(&Call::list_ticket_notes(id)).await?;
        let mut notes = found.data;
        notes.retain(|note| !note.dialog_id.as_str().is_empty());
        notes.sort_by_key(|note| note.create_time.ms());
        Ok(notes)
    }
}
