//! Looking after the file.

use rusqlite::Connection;

use crate::Store;
use crate::connection::one;
use crate::error::Result;
use crate::records::{CheckReport, StoreStats};
use crate::stored::count;

/// Lines of a report.
const PROBLEMS_MAX: usize = 100;

impl Store {
    /// Checks every page's seal and SQLite's own structures. Reads the whole file.
    ///
    /// # Errors
    /// Codes of the storage, when the check itself cannot run.
    pub fn check(&self) -> Result<CheckReport> {
        let problems = self.read(problems)?;
        Ok(CheckReport { ok: problems.is_empty(), problems })
    }

    /// How much the store holds. Operations count unsent and sent ones.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn stats(&self) -> Result<StoreStats> {
        self.read(|connection| {
            Ok(StoreStats {
                tickets: count(one(connection, "SELECT count(*) FROM ticket")?),
                notes: count(one(connection, "SELECT count(*) FROM note")?),
                operations: count(one(connection, "SELECT count(*) FROM operation")?),
                bytes: count(one(connection, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")?),
            })
        })
    }
}

/// What is wrong with the file; nothing where it is sound.
pub(crate) fn problems(connection: &Connection) -> Result<Vec<String>> {
    let mut problems = lines(connection, "PRAGMA cipher_integrity_check")?;
    problems.extend(lines(connection, &format!("PRAGMA integrity_check({PROBLEMS_MAX})"))?);
    problems.retain(|line| line != "ok");
    problems.truncate(PROBLEMS_MAX);
    Ok(problems)
}

fn lines(connection: &Connection, pragma: &str) -> Result<Vec<String>> {
    let mut statement = connection.prepare(pragma)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
