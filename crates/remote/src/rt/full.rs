//! The full pull: newest tickets first, each page with its conversations.

use std::sync::Arc;

use deskbell_domain::observation::{Fate, Observations};
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt, stream};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

use super::conversation::{Desk, merged_into, ticket_of};
use super::cursor::{Cursor, FeedPosition, FullPosition};
use super::feed::NO_MAIL_RECORDS;
use super::query::{CONVERSATION_TYPES, Direction, Markers, TICKETS_ONLY, any_of};
use super::shape::{TicketRow, TransactionRow};
use super::{Inner, PAGES_AHEAD};
use crate::{PullPage, PullProgress, RemoteError};
use deskbell_domain::error::Code;

/// Finished pages that wait to be taken.
const PAGES_WAITING_MAX: usize = 1;
/// Pages of transactions of one page of tickets whose bodies are fetched at once.
const BODIES_AHEAD: usize = 2;

/// Pages being fetched for the cursor that will be asked for next.
pub(super) struct Ahead {
    expects: FullPosition,
    pages: mpsc::Receiver<Result<PullPage, RemoteError>>,
    task: JoinHandle<()>,
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The page at `position`: the one already under way, or a new start from there.
pub(super) async fn next_page(
    inner: &Arc<Inner>,
    slot: &Mutex<Option<Ahead>>,
    position: FullPosition,
) -> Result<PullPage, RemoteError> {
    let mut held = slot.lock().await;
    let mut ahead = match held.take() {
        Some(ahead) if ahead.expects == position => ahead,
        _ => start_ahead(inner, position),
    };
    let page = ahead.pages.recv().await.ok_or_else(|| RemoteError::new(Code::Internal, "the pull stopped"))??;
    if let Cursor::Full(next) = Cursor::parse(&page.next_cursor)? {
        ahead.expects = next;
        *held = Some(ahead);
    }
    Ok(page)
}

fn start_ahead(inner: &Arc<Inner>, position: FullPosition) -> Ahead {
    let (sender, pages) = mpsc::channel(PAGES_WAITING_MAX);
    let worker = inner.clone();
    let from = position.clone();
    let task = tokio::spawn(async move {
        let mut results = all_pages(&worker, from);
        while let Some(page) = results.next().await {
            let is_last = page.is_err();
            if sender.send(page).await.is_err() || is_last {
                return;
            }
        }
    });
    Ahead { expects: position, pages, task }
}

/// Pages of tickets that may all be hidden from us before the pull counts as finished.
const EMPTY_PAGES_MAX: usize = 50;

/// One page of tickets, its conversations still to come.
struct Listed {
    rows: Vec<TicketRow>,
    next: Cursor,
    progress: PullProgress,
}

fn all_pages(inner: &Arc<Inner>, from: FullPosition) -> BoxStream<'_, Result<PullPage, RemoteError>> {
    let lists = stream::try_unfold(Some(from), move |position| async move {
        let Some(position) = position else { return Ok(None) };
        let listed = inner.list(&position).await?;
        let next = match &listed.next {
            Cursor::Full(next) => Some(next.clone()),
            Cursor::Feed(_) => None,
        };
        Ok::<_, RemoteError>(Some((listed, next)))
    });
    lists.map_ok(move |listed| inner.complete(listed)).try_buffered(PAGES_AHEAD).boxed()
}

impl Inner {
    /// Where a full pull begins: the feed's position before the first page is read.
    pub(super) async fn start(&self) -> Result<Cursor, RemoteError> {
        let sql = format!("{TICKETS_ONLY} AND {NO_MAIL_RECORDS}");
        let newest = self.transactions(&sql, Direction::Descending, Markers::Skip, 1).await?;
        let feed = FeedPosition::default().advanced(newest.iter().filter_map(|row| row.id.number()));
        Ok(Cursor::Full(FullPosition { below: None, done: 0, total: None, feed }))
    }

    async fn list(&self, position: &FullPosition) -> Result<Listed, RemoteError> {
        let sql = position.below.map_or_else(|| "id > 0".to_owned(), |below| format!("id < {below}"));
        let mut page = self.tickets(&sql, 1).await?;
        if page.total.is_none() {
            // RT counts only what it filters by rights in SQL. Where it does not, a page may be empty and not the last.
            for number in 2..=EMPTY_PAGES_MAX {
                if !page.items.is_empty() {
                    break;
                }
                page = self.tickets(&sql, number).await?;
            }
        }
        let done = position.done + u64::try_from(page.items.len()).unwrap_or(0);
        let total = position.total.or(page.total);
        let next = match page.items.iter().filter_map(|row| row.id.number()).min() {
            Some(below) => Cursor::Full(FullPosition { below: Some(below), done, total, feed: position.feed.clone() }),
            None => Cursor::Feed(position.feed.clone()),
        };
        Ok(Listed { rows: page.items, next, progress: PullProgress { done, total, full: true } })
    }

    async fn complete(&self, listed: Listed) -> Result<PullPage, RemoteError> {
        let mut observations = self.conversations(&listed.rows).await?;
        observations.tickets = listed.rows.iter().map(|row| ticket_of(row, None, Fate::Live)).collect();
        // After the last page the feed still has to tell what changed meanwhile.
        Ok(PullPage {
            observations,
            visits: Vec::new(),
            next_cursor: listed.next.to_text()?,
            progress: listed.progress,
            caught_up: false,
        })
    }

    /// Notes and events of these tickets.
    async fn conversations(&self, rows: &[TicketRow]) -> Result<Observations, RemoteError> {
        let desk = Desk::of(rows);
        let ids: Vec<u64> = rows.iter().filter_map(|row| row.id.number()).collect();
        let mut whole = Observations::default();
        if ids.is_empty() {
            return Ok(whole);
        }
        let base = format!("ObjectType = 'RT::Ticket' AND {} AND {CONVERSATION_TYPES}", any_of("ObjectId", &ids));
        let desk_ref = &desk;
        let mut parts = std::pin::pin!(
            self.transaction_pages(base)
                .map_ok(move |page| async move {
                    let survivors = survivors_of(&page);
                    Ok::<_, RemoteError>((self.converse(&page, desk_ref).await?, survivors))
                })
                .try_buffered(BODIES_AHEAD)
        );
        let mut survivors = Vec::new();
        while let Some((part, merged)) = parts.try_next().await? {
            whole.notes.extend(part.notes);
            whole.events.extend(part.events);
            survivors.extend(merged);
        }
        for survivor in survivors {
            let history = self.history_of(survivor, desk_ref).await?;
            whole.notes.retain(|note| note.ticket_remote_id != survivor.to_string());
            whole.events.retain(|event| event.ticket_remote_id != survivor.to_string());
            whole.notes.extend(history.notes);
            whole.events.extend(history.events);
        }
        Ok(whole)
    }

    /// Pages of transactions from the oldest on, each known by the last id of the one before.
    fn transaction_pages(&self, base: String) -> BoxStream<'_, Result<Vec<TransactionRow>, RemoteError>> {
        let pages = stream::try_unfold((base, 0_u64), move |(base, above)| async move {
            let sql = format!("{base} AND id > {above}");
            let page = self.transactions(&sql, Direction::Ascending, Markers::Skip, 1).await?;
            // A page may be thinned out by rights, so only an empty one is the end.
            let last = page.iter().filter_map(|row| row.id.number()).max();
            Ok::<_, RemoteError>(last.map(|last| (page, (base, last))))
        });
        pages.boxed()
    }

    /// A ticket's whole history with what was merged into it, all filed under it.
    pub(super) async fn history_of(&self, ticket: u64, desk: &Desk) -> Result<Observations, RemoteError> {
        let mut whole = Observations::default();
        for page_number in 1.. {
            let page = self.history(ticket, page_number).await?;
            if page.is_empty() {
                break;
            }
            let mut own = Desk::default();
            own.adopt(desk, ticket);
            for merged in page.iter().filter_map(|row| row.object_id.number()).filter(|id| *id != ticket) {
                own.file_under(merged, ticket);
            }
            let part = self.converse(&page, &own).await?;
            whole.notes.extend(part.notes);
            whole.events.extend(part.events);
        }
        Ok(whole)
    }
}

/// Tickets of this page into which others were merged: their history holds more than their own transactions.
pub(super) fn survivors_of(page: &[TransactionRow]) -> Vec<u64> {
    page.iter().filter_map(|row| merged_into(row).filter(|survivor| row.object_id.number() == Some(*survivor))).collect()
}
