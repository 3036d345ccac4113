//! What changed: the feed of transactions, and the tickets it names.

use std::collections::BTreeSet;

use deskbell_domain::error::Code;
use deskbell_domain::observation::{Fate, Observations};

use super::conversation::{Desk, merged_into, ticket_of};
use super::cursor::{Cursor, FeedPosition};
use super::query::{Direction, Markers, TICKETS_ONLY, any_of};
use super::shape::{TicketRow, TransactionRow};
use super::{Inner, PAGE_ROWS};
use crate::{PullPage, PullProgress, RemoteError};

/// Records of mail that was sent: they follow a change and are none.
pub(super) const NO_MAIL_RECORDS: &str = "Type != 'EmailRecord' AND Type != 'CommentEmailRecord'";
/// Pages looked through for the next visible transaction when rights thin the feed out.
const THIN_PAGES_MAX: usize = 1_000;

impl Inner {
    /// One page of changes; without a change it costs one request. `None` when the server has none of what it showed
    /// before and its newest lies below: it was restored from an old copy, or what we saw may not be seen any more.
    pub(super) async fn feed_page(&self, position: FeedPosition) -> Result<Option<PullPage>, RemoteError> {
        let (rows, caught_up) = self.new_transactions(&position).await?;
        if rows.is_empty() && position.head > 0 {
            let sql = format!("{TICKETS_ONLY} AND {NO_MAIL_RECORDS}");
            let newest = self.transactions(&sql, Direction::Descending, Markers::Skip, 1).await?;
            if newest.iter().filter_map(|row| row.id.number()).max().is_some_and(|head| head <= position.floor()) {
                return Ok(None);
            }
        }
        let ids = rows.iter().filter_map(|row| row.id.number());
        let next = position.advanced(ids);
        let fresh: Vec<TransactionRow> =
            rows.into_iter().filter(|row| row.id.number().is_some_and(|id| !position.seen.contains(&id))).collect();
        let observations = if fresh.is_empty() { Observations::default() } else { self.observe(&fresh).await? };
        let done = u64::try_from(observations.tickets.len()).unwrap_or(0);
        let progress = PullProgress { done, total: None, full: false };
        Ok(Some(PullPage { observations, visits: Vec::new(), next_cursor: Cursor::Feed(next).to_text()?, progress, caught_up }))
    }

    /// Transactions above the position, and whether they are all. The newest are asked for first: the answer
    /// is complete when no more ids exist in the range than fit on a page; else the range up to the newest is
    /// walked from below. Rights are applied after paging, so a short page proves nothing.
    async fn new_transactions(&self, position: &FeedPosition) -> Result<(Vec<TransactionRow>, bool), RemoteError> {
        let floor = position.floor();
        let sql = format!("{TICKETS_ONLY} AND {NO_MAIL_RECORDS} AND id > {floor}");
        let mut newest = self.transactions(&sql, Direction::Descending, Markers::Read, 1).await?;
        let Some(head) = newest.iter().filter_map(|row| row.id.number()).max() else { return Ok((newest, true)) };
        if head.saturating_sub(floor) <= u64::try_from(PAGE_ROWS).unwrap_or(u64::MAX) || position.seen.contains(&head) {
            newest.reverse();
            return Ok((newest, true));
        }
        let sql = format!("{sql} AND id <= {head}");
        for page in 1..=THIN_PAGES_MAX {
            let rows = self.transactions(&sql, Direction::Ascending, Markers::Read, page).await?;
            let Some(last) = rows.iter().filter_map(|row| row.id.number()).max() else { continue };
            // A page of only known ones would make no headway.
            if last == head || rows.iter().any(|row| row.id.number().is_some_and(|id| id > position.head)) {
                return Ok((rows, last == head));
            }
        }
        Err(RemoteError::new(Code::AnswerUnexpected, "the change feed shows its newest entry but not the way to it"))
    }

    /// The tickets these transactions speak of, with the notes and events in them.
    async fn observe(&self, transactions: &[TransactionRow]) -> Result<Observations, RemoteError> {
        let named: BTreeSet<u64> = transactions.iter().filter_map(|row| row.object_id.number()).collect();
        let named: Vec<u64> = named.into_iter().collect();
        let mut desk = Desk::default();
        let mut whole = Observations::default();
        let mut live = BTreeSet::new();
        for part in named.chunks(PAGE_ROWS) {
            for row in self.tickets(&any_of("id", part), 1).await?.items {
                desk.add(&row);
                live.extend(row.id.number());
                whole.tickets.push(ticket_of(&row, None, Fate::Live));
            }
        }
        for &id in named.iter().filter(|id| !live.contains(id)) {
            self.observe_gone(id, &mut desk, &mut whole).await?;
        }
        let part = self.converse(transactions, &desk).await?;
        whole.notes.extend(part.notes);
        whole.events.extend(part.events);
        for id in transactions.iter().filter_map(needs_history).collect::<BTreeSet<u64>>() {
            if live.contains(&id) {
                let history = self.history_of(id, &desk).await?;
                let known: BTreeSet<String> = history.notes.iter().map(|note| note.remote_id.clone()).collect();
                whole.notes.retain(|note| !known.contains(&note.remote_id));
                let known: BTreeSet<String> = history.events.iter().map(|event| event.remote_id.clone()).collect();
                whole.events.retain(|event| !known.contains(&event.remote_id));
                whole.notes.extend(history.notes);
                whole.events.extend(history.events);
            }
        }
        Ok(whole)
    }

    /// A ticket that no search finds: deleted, merged, or changed again a moment ago.
    async fn observe_gone(&self, id: u64, desk: &mut Desk, whole: &mut Observations) -> Result<(), RemoteError> {
        match self.record(id).await {
            Ok((row, fate)) => {
                desk.add(&row);
                let product = self.queue_name(&row.queue.0.id.0).await?;
                whole.tickets.push(ticket_of(&row, Some(product), fate));
                Ok(())
            }
            Err(error) if matches!(error.code, Code::NotFound | Code::Forbidden) => {
                tracing::debug!(ticket = id, "A changed ticket may not be read.");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// The record under its own id, and what became of it.
    async fn record(&self, id: u64) -> Result<(TicketRow, Fate), RemoteError> {
        let mut row = self.ticket_record(id).await?;
        let fate = match row.id.number() {
            Some(found) if found != id => Fate::Merged { into_remote_id: found.to_string() },
            _ if row.status.0 == "deleted" => Fate::Deleted,
            _ => Fate::Live,
        };
        row.id.0 = id.to_string();
        Ok((row, fate))
    }

    /// One ticket with everything in it.
    pub(super) async fn whole_ticket(&self, id: u64) -> Result<Observations, RemoteError> {
        let mut desk = Desk::default();
        let mut whole = Observations::default();
        let found = self.tickets(&format!("id = {id}"), 1).await?.items;
        match found.first() {
            Some(row) => {
                desk.add(row);
                whole.tickets.push(ticket_of(row, None, Fate::Live));
            }
            None => {
                let (row, fate) = self.record(id).await?;
                desk.add(&row);
                let product = self.queue_name(&row.queue.0.id.0).await?;
                whole.tickets.push(ticket_of(&row, Some(product), fate.clone()));
                if fate != Fate::Live {
                    return Ok(whole);
                }
            }
        }
        let history = self.history_of(id, &desk).await?;
        whole.notes = history.notes;
        whole.events = history.events;
        Ok(whole)
    }
}

/// Tickets whose earlier history may be new to us: others were merged into them, or they came from a queue
/// that we may not see.
fn needs_history(row: &TransactionRow) -> Option<u64> {
    let moved = row.kind.0 == "Set" && row.field.0 == "Queue";
    let id = row.object_id.number()?;
    (moved || merged_into(row) == Some(id)).then_some(id)
}
