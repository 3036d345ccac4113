//! What the writer and the callers see together, in memory: the time, the columns, the lists cut from them.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use deskbell_domain::UtcMs;
use deskbell_domain::filter::{TicketFilter, TicketOrder};
use rusqlite::Connection;

use crate::columns::{Columns, Fresh};
use crate::error::Result;
use crate::failpoint::Failpoint;
use crate::writer::Touched;

/// Ordered lists kept; four bytes a ticket each.
const LISTS_MAX: usize = 4;

/// Held by the store and by its writer.
#[derive(Default)]
pub(crate) struct Shared {
    /// Pages were applied: search documents that wait are the writer's work, and no search waits for them.
    pub(crate) has_pulled: AtomicBool,
    pub(crate) failpoint: Failpoint,
    /// The instant that a caller told last: what "past its deadline" is measured against. It follows a clock that is put back.
    now: AtomicI64,
    /// Moves with every change of the columns.
    generation: AtomicU64,
    columns: RwLock<Option<Columns>>,
    lists: Mutex<Vec<(ListKey, Arc<Vec<u32>>)>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct ListKey {
    filter: TicketFilter,
    order: TicketOrder,
    generation: u64,
    /// Only where the filter looks at the time.
    now: Option<UtcMs>,
}

impl Shared {
    pub(crate) fn tell_time(&self, now: UtcMs) {
        self.now.store(now.0, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> UtcMs {
        UtcMs(self.now.load(Ordering::Relaxed))
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Runs `use_columns`; `None` when they are not loaded.
    pub(crate) fn with_columns<T>(&self, use_columns: impl FnOnce(&Columns) -> T) -> Option<T> {
        self.columns.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(use_columns)
    }

    /// On the writer's thread, so that no commit falls between the reading and the first refresh.
    pub(crate) fn load_columns(&self, connection: &Connection) -> Result<()> {
        let mut columns = self.columns.write().unwrap_or_else(PoisonError::into_inner);
        if columns.is_none() {
            *columns = Some(Columns::load(connection, self.now())?);
            self.generation.fetch_add(1, Ordering::Release);
        }
        Ok(())
    }

    /// On the writer's thread, after a commit. What changed is read before anybody has to wait: the lock is held only to put
    /// it in its place.
    pub(crate) fn refresh_columns(&self, connection: &Connection, touched: &Touched) {
        let are_loaded = self.with_columns(|_| ()).is_some();
        let fresh: Result<Vec<Fresh>> = if are_loaded && !touched.all {
            touched.tickets.iter().map(|ticket| Fresh::read(connection, *ticket)).collect()
        } else {
            Ok(Vec::new())
        };
        let mut held = self.columns.write().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::Release);
        let Some(columns) = held.as_mut() else { return };
        let refreshed = match fresh {
            Ok(_) if touched.all => Ok(false),
            Ok(fresh) => fresh.into_iter().try_fold(true, |whole, fresh| Ok(whole && columns.put(fresh, self.now())?)),
            Err(error) => Err(error),
        };
        match refreshed {
            Ok(true) => {}
            Ok(false) => *held = None,
            Err::<_, crate::StoreError>(error) => {
                tracing::error!(%error, "The columns could not follow a commit and are loaded anew.");
                *held = None;
            }
        }
    }

    /// The positions of a list, from the cache where nothing changed. Call within [`Self::with_columns`].
    pub(crate) fn list(&self, columns: &Columns, filter: &TicketFilter, order: TicketOrder) -> Arc<Vec<u32>> {
        let now = self.now();
        let key = ListKey { filter: filter.clone(), order, generation: self.generation(), now: filter.breached.then_some(now) };
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = lists.iter().position(|(known, _)| *known == key) {
            let found = lists.remove(at);
            let list = Arc::clone(&found.1);
            lists.push(found);
            return list;
        }
        let list = Arc::new(columns.ordered(filter, order, now));
        lists.retain(|(known, _)| known.generation == key.generation);
        if lists.len() >= LISTS_MAX {
            lists.remove(0);
        }
        lists.push((key, Arc::clone(&list)));
        list
    }
}
