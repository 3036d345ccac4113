//! What putting back a backup and changing the key have in common: nobody else at the file, a copy of it beside it, and the swap.

use std::path::Path;

use deskbell_domain::Code;
use rusqlite::Connection;
use zeroize::Zeroizing;

use crate::connection::{connect, one};
use crate::error::{Result, StoreError};
use crate::key::DatabaseKey;
use crate::open::{Layout, remove_database};

/// The database held so that no other connection of any process reads or writes it, until the answer is dropped. Its log is
/// emptied into it.
pub(crate) fn hold_alone(layout: &Layout, key: &DatabaseKey) -> Result<Connection> {
    let connection = connect(&layout.database(), key)?;
    let in_use = |error: StoreError| match error.code {
        Code::DatabaseBusy => StoreError::new(Code::DatabaseBusy, "another Deskbell or deskctl has this database open"),
        _ => error,
    };
    connection.execute_batch("PRAGMA locking_mode = EXCLUSIVE")?;
    let mode: String = one(&connection, "PRAGMA journal_mode = DELETE").map_err(in_use)?;
    if mode != "delete" {
        return Err(in_use(StoreError::new(Code::DatabaseBusy, "the log could not be emptied")));
    }
    connection.execute_batch("BEGIN EXCLUSIVE; COMMIT").map_err(|error| in_use(error.into()))?;
    Ok(connection)
}

/// Copies the whole database into a file that only its owner may read, as it is at this moment, under the same key.
pub(crate) fn copy_into(connection: &Connection, target: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(target)?);
    let path = target.to_str().ok_or_else(|| StoreError::new(Code::InputInvalid, "the path is not UTF-8"))?;
    connection.execute("VACUUM INTO ?", [path])?;
    Ok(())
}

/// Encrypts a copy anew.
pub(crate) fn change_key(copy: &Path, from: &DatabaseKey, to: &DatabaseKey) -> Result<()> {
    if from.bytes() != to.bytes() {
        let connection = connect(copy, from)?;
        one::<i64>(&connection, "SELECT count(*) FROM sqlite_schema")?;
        connection.execute_batch(&Zeroizing::new(format!("PRAGMA rekey = \"x'{}'\"", to.to_hex().as_str())))?;
    }
    one::<i64>(&connect(copy, to)?, "SELECT count(*) FROM sqlite_schema")?;
    Ok(())
}

/// A copy that is being made beside the database; nobody who opens the directory takes it for a replacement.
pub(crate) fn workshop(layout: &Layout) -> Result<std::path::PathBuf> {
    let path = layout.dir.join("desk.making.db");
    remove_database(&path)?;
    Ok(path)
}

/// Everything written to the file is on the disk.
pub(crate) fn sync(path: &Path) -> Result<()> {
    Ok(std::fs::File::open(path)?.sync_all()?)
}
