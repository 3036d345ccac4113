//! The hub's own database. One connection behind one lock: writes are ordered, and so is the feed.

pub(crate) mod files;
pub(crate) mod lifecycle;
pub(crate) mod read;
pub(crate) mod visits;
pub(crate) mod write;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::HubError;
pub use files::UPLOADS_WAITING_MAX;
pub(crate) use read::Include;
pub(crate) use write::{Actor, Keyed, NoteDraft, Stored};

/// Tickets on one page at most.
pub const TICKET_PAGE_MAX: u32 = 200;
/// Changes on one page of the feed at most.
pub const CHANGE_PAGE_MAX: u32 = 500;

/// Cheap to clone; clones share the connection.
#[derive(Clone)]
pub(crate) struct Store(Arc<Mutex<Connection>>);

impl Store {
    /// Opens or creates the database; `:memory:` lives as long as the server.
    pub(crate) fn open(path: &Path) -> Result<Self, HubError> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.execute_batch(include_str!("store/schema.sql"))?;
        add_columns(&connection)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Runs `act` in one transaction on a thread that may block; commits when it returns `Ok`.
    pub(crate) async fn run<T, E>(&self, act: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<HubError> + Send + 'static,
    {
        let store = self.clone();
        match tokio::task::spawn_blocking(move || store.run_blocking(act)).await {
            Ok(result) => result,
            Err(_) => Err(HubError::TaskEnded.into()),
        }
    }

    pub(crate) fn run_blocking<T, E: From<HubError>>(&self, act: impl FnOnce(&Transaction<'_>) -> Result<T, E>) -> Result<T, E> {
        // A panic while the lock was held rolled its transaction back; the connection itself is sound.
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(HubError::from)?;
        let result = act(&transaction)?;
        transaction.commit().map_err(HubError::from)?;
        Ok(result)
    }
}

/// Columns that databases of earlier versions have not got.
fn add_columns(connection: &Connection) -> Result<(), HubError> {
    for (table, column, declaration) in [
        ("tickets", "category", "TEXT NOT NULL DEFAULT ''"),
        ("tickets", "evaluation", "TEXT"),
        ("operations", "visit_id", "INTEGER REFERENCES visits(id)"),
        ("events", "actor", "TEXT NOT NULL DEFAULT ''"),
    ] {
        let known = connection.prepare("SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2")?.exists([table, column])?;
        if !known {
            connection.execute_batch(&format!("ALTER TABLE {table} ADD COLUMN {column} {declaration}"))?;
        }
    }
    Ok(())
}
