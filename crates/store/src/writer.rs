//! The one thread that writes: each job is one transaction.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use deskbell_domain::ticket::TicketId;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::connection::one;
use crate::error::{Result, StoreError};
use crate::search;
use crate::shared::Shared;

/// Jobs waiting for the writer; further callers wait.
const WRITER_QUEUE_MAX: usize = 64;

/// Without a job for this long, the writer sees to the search documents that wait.
const SEARCH_UPKEEP_AFTER: Duration = Duration::from_millis(50);
/// Documents written between two looks at the queue: a person's edit waits for no more.
const SEARCH_UPKEEP_DOCUMENTS: usize = 32;

/// What must have reached the disk when a job returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// The order of commits; the last ones may be lost with the power. For what can be pulled again.
    Mirror,
    /// The commit itself. For what a person typed.
    Full,
}

/// Tickets whose row in the lists may have changed, told by a job to the columns.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    pub(crate) tickets: BTreeSet<TicketId>,
    /// Too many to name: the columns are loaded anew.
    pub(crate) all: bool,
}

impl Touched {
    pub(crate) fn ticket(&mut self, id: TicketId) {
        self.tickets.insert(id);
    }

    fn is_empty(&self) -> bool {
        !self.all && self.tickets.is_empty()
    }
}

type Job = Box<dyn FnOnce(&mut Desk) + Send>;

/// The writing connection with what its thread remembers.
pub(crate) struct Desk {
    connection: Connection,
    durability: Option<Durability>,
    data_version: Option<i64>,
    shared: Arc<Shared>,
    /// Search documents may wait: looked after when nothing else is to be done.
    is_search_behind: bool,
}

/// Hands jobs to the thread; dropping it waits for the last one and closes the file.
pub(crate) struct Writer {
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(connection: Connection, shared: Arc<Shared>) -> Result<Self> {
        let (jobs, queue) = sync_channel::<Job>(WRITER_QUEUE_MAX);
        let desk = Desk { connection, durability: None, data_version: None, shared, is_search_behind: true };
        let thread = std::thread::Builder::new().name("deskbell-store-writer".to_owned()).spawn(move || work(desk, &queue))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Runs `write` in one immediate transaction and waits for its commit.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        durability: Durability,
        write: impl FnOnce(&Transaction<'_>, &mut Touched) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.run(move |desk| desk.transact(durability, write))
    }

    /// Runs `work` on the writing connection, between transactions.
    pub(crate) fn run<T: Send + 'static>(&self, work: impl FnOnce(&mut Desk) -> Result<T> + Send + 'static) -> Result<T> {
        let (answer, answered) = sync_channel(1);
        let job: Job = Box::new(move |desk| {
            // A caller that is gone does not want the answer.
            let _ = answer.send(desk.shared.failpoint.alive().and_then(|()| work(desk)));
        });
        let jobs = self.jobs.as_ref().ok_or_else(|| StoreError::internal("the store is closing"))?;
        jobs.send(job).map_err(|_| StoreError::internal("the writer has ended"))?;
        answered.recv().map_err(|_| StoreError::internal("the writer has ended"))?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("The writer of the store ended in a panic.");
        }
    }
}

fn work(mut desk: Desk, queue: &Receiver<Job>) {
    loop {
        let job = if desk.is_search_behind {
            queue.recv_timeout(SEARCH_UPKEEP_AFTER)
        } else {
            queue.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        match job {
            Ok(job) => job(&mut desk),
            Err(RecvTimeoutError::Timeout) => desk.keep_search_up(),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

impl Desk {
    pub(crate) const fn connection(&self) -> &Connection {
        &self.connection
    }

    fn transact<T>(
        &mut self,
        durability: Durability,
        write: impl FnOnce(&Transaction<'_>, &mut Touched) -> Result<T>,
    ) -> Result<T> {
        self.set_durability(durability)?;
        let transaction = Transaction::new(&mut self.connection, TransactionBehavior::Immediate)?;
        // Differs after a commit of another process (deskctl beside the window): the columns missed it.
        let data_version = one::<i64>(&transaction, "PRAGMA data_version")?;
        let mut touched = Touched { all: self.data_version.is_some_and(|seen| seen != data_version), ..Touched::default() };
        self.data_version = Some(data_version);
        let answer = write(&transaction, &mut touched)?;
        self.shared.failpoint.before_commit()?;
        transaction.commit()?;
        self.shared.failpoint.after_commit()?;
        self.is_search_behind |= durability == Durability::Mirror;
        if !touched.is_empty() {
            self.shared.refresh_columns(&self.connection, &touched);
        }
        Ok(answer)
    }

    /// Writes search documents that wait, at most `limit`; answers how many. Not counted as a commit of a caller: what is
    /// written follows from the tables at any time.
    pub(crate) fn index_waiting(&mut self, limit: usize) -> Result<usize> {
        self.set_durability(Durability::Mirror)?;
        self.shared.failpoint.alive()?;
        let transaction = Transaction::new(&mut self.connection, TransactionBehavior::Immediate)?;
        let written = search::index::flush(&transaction, limit)?;
        transaction.commit()?;
        Ok(written)
    }

    /// Between jobs. What fails is tried after the next commit.
    fn keep_search_up(&mut self) {
        self.is_search_behind = self.index_waiting(SEARCH_UPKEEP_DOCUMENTS).map_or_else(
            |error| {
                tracing::warn!(%error, "The search documents that wait could not be written.");
                false
            },
            |written| written == SEARCH_UPKEEP_DOCUMENTS,
        );
    }

    fn set_durability(&mut self, durability: Durability) -> Result<()> {
        if self.durability != Some(durability) {
            self.connection.execute_batch(match durability {
                Durability::Mirror => "PRAGMA synchronous = NORMAL",
                Durability::Full => "PRAGMA synchronous = FULL",
            })?;
            self.durability = Some(durability);
        }
        Ok(())
    }
}
