//! Pages fetched ahead of those that are applied, and whether each still shows what we know to have landed.

use std::sync::Arc;

use deskbell_domain::Code;
use deskbell_domain::ticket::AccountId;
use deskbell_remote::{PullPage, SupportApi};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::with_retry_after;
use crate::engine::Engine;
use crate::error::EngineError;

/// How often one page is fetched while edits keep landing.
const FETCHES_MAX: u32 = 3;
/// Pages that wait for those before them to be applied, at most.
const PAGES_AHEAD_MAX: usize = 8;
/// Tickets, notes and events applied in one transaction, at most, where no page has more: what a person does waits so long.
const APPLIED_AT_ONCE_MAX: usize = 2_000;

/// A page, and how many of our edits had landed when it was asked for.
pub(super) struct Fetched {
    page: PullPage,
    landings: u64,
}

impl Fetched {
    fn size(&self) -> usize {
        let observed = &self.page.observations;
        observed.tickets.len() + observed.notes.len() + observed.events.len() + self.page.visits.len()
    }
}

/// Where an account's pages come from.
#[derive(Clone)]
pub(super) struct Source {
    pub(super) engine: Arc<Engine>,
    pub(super) account: AccountId,
    pub(super) api: Arc<dyn SupportApi>,
}

impl Source {
    async fn fetch(self, cursor: Option<String>) -> Result<Fetched, EngineError> {
        let landings = self.engine.landings(self.account);
        let page = self.api.pull(cursor.as_deref()).await.map_err(with_retry_after)?;
        Ok(Fetched { page, landings })
    }

    /// The page as it is after everything that we know to have landed: one that was on its way meanwhile may show a ticket
    /// as it was before.
    pub(super) async fn fresh(&self, cursor: Option<&str>) -> Result<PullPage, EngineError> {
        let mut fetched = self.clone().fetch(cursor.map(str::to_owned)).await?;
        for _ in 1..FETCHES_MAX {
            if self.is_fresh(&fetched) {
                break;
            }
            fetched = self.clone().fetch(cursor.map(str::to_owned)).await?;
        }
        Ok(fetched.page)
    }

    fn is_fresh(&self, fetched: &Fetched) -> bool {
        self.engine.landings(self.account) == fetched.landings
    }

    /// Fetches page after page from `cursor` on, in the background.
    pub(super) fn ahead(&self, cursor: Option<String>) -> Ahead {
        let (sender, pages) = mpsc::channel(PAGES_AHEAD_MAX);
        let source = self.clone();
        let mut cursor = cursor;
        let task = tokio::spawn(async move {
            loop {
                let fetched = source.clone().fetch(cursor).await;
                cursor = match &fetched {
                    Ok(fetched) if !fetched.page.caught_up => Some(fetched.page.next_cursor.clone()),
                    _ => None,
                };
                if sender.send(fetched).await.is_err() || cursor.is_none() {
                    return;
                }
            }
        });
        Ahead { source: self.clone(), pages, waiting: None, task }
    }
}

/// Pages on their way; dropping it stops the fetching.
pub(super) struct Ahead {
    source: Source,
    pages: mpsc::Receiver<Result<Fetched, EngineError>>,
    /// Received, and not to be applied with those before it.
    waiting: Option<Result<Fetched, EngineError>>,
    task: JoinHandle<()>,
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Ahead {
    /// Waits for the next page, and takes those along that are there already. True: what comes behind them, or the first page
    /// itself where none is given, was asked for before an edit of ours landed, and has to be asked for again.
    pub(super) async fn next_pages(&mut self) -> Result<(Vec<PullPage>, bool), EngineError> {
        let first = match self.waiting.take() {
            Some(waiting) => waiting,
            None => self.pages.recv().await.ok_or_else(|| EngineError::new(Code::Internal))?,
        };
        let (mut pages, mut size, mut next) = (Vec::new(), 0, Some(first));
        while let Some(fetched) = next.take() {
            match fetched {
                Ok(fetched) if !self.source.is_fresh(&fetched) => return Ok((pages, true)),
                Ok(fetched) if pages.is_empty() || size + fetched.size() <= APPLIED_AT_ONCE_MAX => {
                    size += fetched.size();
                    pages.push(fetched.page);
                }
                // What came before an error is kept.
                Err(error) if pages.is_empty() => return Err(error),
                later => {
                    self.waiting = Some(later);
                    break;
                }
            }
            next = self.pages.try_recv().ok();
        }
        Ok((pages, false))
    }
}
