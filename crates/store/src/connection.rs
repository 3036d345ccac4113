//! One connection to the encrypted file, and the few that read.

use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use deskbell_domain::Code;
use rusqlite::{Connection, OpenFlags};
use zeroize::Zeroizing;

use crate::error::{Result, StoreError};
use crate::key::DatabaseKey;

/// Connections that only read.
const READERS_MAX: usize = 3;
/// How long SQLite waits for another process that writes.
const BUSY_WAIT: Duration = Duration::from_secs(5);
/// Page cache of a connection in KiB; filled only as far as used.
const CACHE_KIB: u32 = 8 * 1024;
/// Statements kept compiled on a connection.
const STATEMENTS_MAX: usize = 96;
/// What the write-ahead log is cut back to after a checkpoint, in bytes.
const WAL_KEPT_BYTES: u64 = 16 * 1024 * 1024;

/// Opens the file with the key; the key is proved only by the first read.
pub(crate) fn connect(path: &Path, key: &DatabaseKey) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    let pragma = Zeroizing::new(format!("PRAGMA key = \"x'{}'\"", key.to_hex().as_str()));
    // SQLCipher writes to standard error by itself otherwise; its failures reach us as results.
    connection.execute_batch("PRAGMA cipher_log_level = NONE")?;
    connection.execute_batch(&pragma)?;
    connection.busy_timeout(BUSY_WAIT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(connection)
}

/// Settings that a connection has for its life. Needs a proved key.
pub(crate) fn configure(connection: &Connection) -> Result<()> {
    connection.execute_batch(&format!(
        "PRAGMA cache_size = -{CACHE_KIB}; PRAGMA foreign_keys = OFF; PRAGMA journal_size_limit = {WAL_KEPT_BYTES};"
    ))?;
    Ok(())
}

/// The reading connections, opened when first needed.
pub(crate) struct Readers {
    path: PathBuf,
    key: DatabaseKey,
    pool: Mutex<Pool>,
    returned: Condvar,
}

#[derive(Default)]
struct Pool {
    idle: Vec<Connection>,
    opened: usize,
}

impl Readers {
    pub(crate) fn new(path: PathBuf, key: DatabaseKey) -> Self {
        Self { path, key, pool: Mutex::default(), returned: Condvar::new() }
    }

    /// Runs `read` on a consistent snapshot. Waits while all readers are busy.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let connection = self.take()?;
        let answer = (|| {
            let snapshot = connection.unchecked_transaction()?;
            let answer = read(&snapshot)?;
            snapshot.commit()?;
            Ok(answer)
        })();
        // After one bad page SQLCipher refuses the good ones too: such a connection is not used again.
        let is_usable = answer.as_ref().err().is_none_or(|error: &StoreError| error.code != Code::DatabaseCorrupt);
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        if is_usable {
            pool.idle.push(connection);
        } else {
            pool.opened -= 1;
        }
        drop(pool);
        self.returned.notify_one();
        answer
    }

    fn take(&self) -> Result<Connection> {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(connection) = pool.idle.pop() {
                return Ok(connection);
            }
            if pool.opened < READERS_MAX {
                pool.opened += 1;
                drop(pool);
                return self.open().inspect_err(|_| {
                    self.pool.lock().unwrap_or_else(PoisonError::into_inner).opened -= 1;
                    self.returned.notify_one();
                });
            }
            pool = self.returned.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn open(&self) -> Result<Connection> {
        let connection = connect(&self.path, &self.key)?;
        configure(&connection)?;
        connection.execute_batch("PRAGMA query_only = ON")?;
        Ok(connection)
    }
}

/// A statement given as text that the program, not a person, made.
pub(crate) fn one<T: rusqlite::types::FromSql>(connection: &Connection, sql: &str) -> Result<T> {
    connection.query_row(sql, [], |row| row.get(0)).map_err(StoreError::from)
}
