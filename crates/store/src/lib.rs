//! The encrypted local store: what was observed on the servers, what waits to be sent to them, and what follows from it.
//!
//! The only crate with SQL. Owns: the database file and its migrations, the mirror, the outbox, drafts, clocks, alerts,
//! search, settings. Must not know: providers, HTTP, the UI, the wall clock (instants are passed in). Invariants: what a
//! person typed is on disk when a method returns; an attempt to send is counted on disk before it is made; a page of a
//! pull and its cursor are one transaction; an alert is on disk before it is shown.
//!
//! All methods block. One thread writes; up to three connections read. A [`Store`] is cheap to clone.

mod absorbed;
mod account;
mod alert;
mod attachment;
mod backup;
mod blob;
mod calendar_item;
mod call;
mod care;
mod carrier;
mod clock;
mod columns;
mod connection;
mod diagnosis;
mod directory;
mod draft;
pub mod error;
pub mod failpoint;
mod history;
mod key;
mod list;
mod mirror;
mod mirror_read;
mod open;
mod outbox;
mod people;
pub mod records;
pub mod rekey;
mod reminder;
mod replace;
mod robot;
pub mod robot_records;
mod rule_set;
mod salvage;
mod search;
mod shared;
mod standing;
mod stored;
mod subscription;
#[cfg(test)]
mod tests;
mod ticket_log;
mod transfer;
pub mod vault;
mod visit;
mod watch;
mod writer;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deskbell_domain::sync::op::OperationId;
use deskbell_domain::ticket::TicketId;
use deskbell_domain::{Code, UtcMs};
use rusqlite::{Connection, Transaction};

#[cfg(feature = "failpoints")]
pub use alert::WrittenAlert;
pub use alert::answer::ANSWERED_MAX;
pub use alert::{DueAlert, Fate as AlertFate, Raised, Verdict};
pub use backup::BackupReport;
pub use blob::{BlobReader, BlobWriter};
pub use calendar_item::{CALENDAR_ITEMS_MAX, CalendarItem, ItemSettlement, WantedItem};
pub use call::{CALLS_LISTED_MAX, CallRecord, CallWords, NewCall};
pub use carrier::CarriedRequest;
use connection::Readers;
pub use diagnosis::DIAGNOSES_MAX;
pub use directory::{DIRECTORY_ENTRIES_MAX, EntryRecord, EntryWrite};
pub use error::{Result, StoreError};
pub use key::DatabaseKey;
pub use list::PAGE_ROWS_MAX;
pub use mirror::PulledPage;
use open::Layout;
pub use outbox::REPLY_BYTES_MAX;
pub use people::{CUSTOMER_TICKETS_MAX, CUSTOMERS_MAX, CustomerSums, KnownCustomer};
pub use records::*;
pub use reminder::{AppointedVisit, RaisedReminders, ReminderRecord};
pub use robot::ROBOTS_MAX;
pub use robot_records::*;
pub use rule_set::RULE_SETS_MAX;
pub use search::SEARCH_HITS_MAX;
pub use search::pinyin::pinyin_matches;
pub use search::text::plain_text;
use shared::Shared;
pub use standing::{MEASURED_MS_MAX, Measured};
pub use subscription::{SUBSCRIPTIONS_MAX, SubscriptionRecord};
pub use ticket_log::{LeftOut, RungThreshold};
pub use transfer::{FILE_CACHE_BYTES_MAX, FILE_UNNAMED_KEPT_MS, WITH_NOTE};
pub use visit::{VISITS_MAX, VisitRecord};
pub use watch::{ClockSpan, ClockTotals, DeadlineTick};
use writer::{Durability, Touched, Writer};

/// The open database. Clones share it; the file is closed with the last one.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    layout: Layout,
    key: DatabaseKey,
    report: OpenReport,
    shared: Arc<Shared>,
    /// Operations that a caller holds, with the instant of the claim.
    leases: Mutex<HashMap<OperationId, UtcMs>>,
    /// Stale marks that a computation of clocks started from.
    marks_seen: Mutex<HashMap<TicketId, i64>>,
    readers: Readers,
    writer: Writer,
    blobs: blob::Blobs,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("dir", &self.inner.layout.dir).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database in `dir`, or creates both. A damaged file is moved aside and everything that no server can give
    /// back is carried over; see [`Store::open_report`].
    ///
    /// # Errors
    /// `DataDirectoryReadOnly`, `DatabaseNewer`, `DatabaseKeyWrong`, `DiskFull`, `DatabaseBusy`, `Storage`.
    pub fn open(dir: &Path, key: &DatabaseKey, now: UtcMs) -> Result<Self> {
        let layout = Layout::new(dir);
        let (connection, report) = open::open(&layout, key, now)?;
        let shared = Arc::new(Shared::default());
        shared.tell_time(now);
        let readers = Readers::new(layout.database(), key.clone());
        let writer = Writer::start(connection, Arc::clone(&shared))?;
        let (leases, marks_seen) = (Mutex::default(), Mutex::default());
        let blobs = blob::Blobs::new(layout.files(), key);
        Ok(Self {
            inner: Arc::new(Inner { layout, key: key.clone(), report, shared, leases, marks_seen, readers, writer, blobs }),
        })
    }

    /// What opening found.
    #[must_use]
    pub fn open_report(&self) -> OpenReport {
        self.inner.report.clone()
    }

    /// Whether `dir` holds a database already.
    #[must_use]
    pub fn exists(dir: &Path) -> bool {
        let layout = Layout::new(dir);
        layout.database().exists() || layout.replacement().exists()
    }

    /// Tells the store what time it is; lists and facets measure "past its deadline" against the latest instant told by
    /// this or any other method.
    pub fn tell_time(&self, now: UtcMs) {
        self.inner.shared.tell_time(now);
    }

    fn now(&self) -> UtcMs {
        self.inner.shared.now()
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.inner.shared.failpoint.alive()?;
        self.inner.readers.read(read).inspect_err(|error| self.remember_damage(error))
    }

    fn write<T: Send + 'static>(
        &self,
        durability: Durability,
        write: impl FnOnce(&Transaction<'_>, &mut Touched) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.inner.writer.write(durability, write).inspect_err(|error| self.remember_damage(error))
    }

    /// The next opening looks closer and, if need be, salvages.
    fn remember_damage(&self, error: &StoreError) {
        if matches!(error.code, Code::DatabaseCorrupt | Code::DatabaseKeyWrong) {
            tracing::error!(%error, "The database is damaged; the next start will repair it.");
            if let Err(error) = open::write_private(&self.inner.layout.damaged(), b"") {
                tracing::error!(%error, "The damage could not be noted.");
            }
        }
    }

    fn leases(&self) -> MutexGuard<'_, HashMap<OperationId, UtcMs>> {
        self.inner.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn marks_seen(&self) -> MutexGuard<'_, HashMap<TicketId, i64>> {
        self.inner.marks_seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
