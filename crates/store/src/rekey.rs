//! Another key for the database and its files.
//!
//! Everything is written anew beside what is there; then the new key is kept by whoever keeps keys; then `desk.rekey` with the
//! new key's fingerprint says that the new takes the place of the old. A kill before that leaves the desk under its old key, a
//! kill after it is finished by whoever opens next, with the new one. The mark goes when the new key is kept as the desk's.

use std::path::{Path, PathBuf};

use deskbell_domain::Code;
use rusqlite::Connection;
use serde::Serialize;

use crate::backup::read_whole;
use crate::blob::Blobs;
use crate::error::{Result, StoreError};
use crate::key::DatabaseKey;
use crate::open::{Layout, make_directory, remove_database, remove_if_there, write_private};
use crate::replace::{change_key, copy_into, hold_alone, sync, workshop};
use crate::{Store, transfer};

/// What a change of the key did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct RekeyReport {
    /// Kept files that were encrypted anew.
    pub files: u64,
    /// Kept files that could not be read, and are fetched again where a server has them.
    pub files_unreadable: u64,
}

fn mark(layout: &Layout) -> PathBuf {
    layout.dir.join("desk.rekey")
}

fn new_files(layout: &Layout) -> PathBuf {
    layout.dir.join("files.new")
}

fn old_files(layout: &Layout) -> PathBuf {
    layout.dir.join("files.old")
}

/// Whether a change of the key was begun in `dir` and is to be finished with the new key.
#[must_use]
pub fn is_under_way(dir: &Path) -> bool {
    mark(&Layout::new(dir)).exists()
}

/// The new key is kept as the desk's own: the change is over.
///
/// # Errors
/// `DataDirectoryReadOnly`, `Storage`.
pub fn finished(dir: &Path) -> Result<()> {
    remove_if_there(&mark(&Layout::new(dir)))
}

impl Store {
    /// Encrypts the database and the kept files under `new`. `keep` is called once everything is written and nothing is
    /// replaced yet; only when it succeeds the new takes the place of the old. The store is closed by it, and every clone has to
    /// be gone. Call [`finished`] when the new key is kept as the desk's.
    ///
    /// # Errors
    /// Nothing is changed with any of them: `DatabaseBusy` while another connection has the database open, `DiskFull`,
    /// whatever `keep` answers.
    pub fn rekey<E: From<StoreError>>(
        self,
        new: &DatabaseKey,
        keep: impl FnOnce() -> std::result::Result<(), E>,
    ) -> std::result::Result<RekeyReport, E> {
        let inner = self.into_alone()?;
        let (layout, old) = (inner.layout.clone(), inner.key.clone());
        drop(inner);
        let held = hold_alone(&layout, &old)?;
        let making = workshop(&layout)?;
        let made = write_anew(&held, &layout, &making, &old, new).map_err(E::from).and_then(|report| keep().map(|()| report));
        let report = made.inspect_err(|_: &E| {
            // What is left of it is removed by the next opening, too.
            let _ = (remove_database(&making), remove_folder(&new_files(&layout)));
        })?;
        place(&layout, &making, new)?;
        drop(held);
        Ok(report)
    }
}

/// The point of no return, and what follows from it.
fn place(layout: &Layout, making: &Path, new: &DatabaseKey) -> Result<()> {
    std::fs::rename(making, layout.replacement())?;
    write_private(&mark(layout), new.fingerprint().as_bytes())?;
    settle(layout, new)
}

fn write_anew(held: &Connection, layout: &Layout, making: &Path, old: &DatabaseKey, new: &DatabaseKey) -> Result<RekeyReport> {
    copy_into(held, making)?;
    change_key(making, old, new)?;
    sync(making)?;
    remove_folder(&new_files(layout))?;
    make_directory(&new_files(layout))?;
    let (from, to) = (Blobs::new(layout.files(), old), Blobs::new(new_files(layout), new));
    let named: Vec<String> = {
        let mut statement = held.prepare(transfer::NAMED)?;
        let rows = statement.query_map([], |row| row.get(0))?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    let mut report = RekeyReport::default();
    for sha256 in named.iter().filter(|sha256| from.path_of(sha256).exists()) {
        match read_whole(&from, sha256) {
            Ok(bytes) => {
                let mut writer = to.create()?;
                writer.write(&bytes)?;
                writer.finish(&to)?;
                report.files += 1;
            }
            Err(error) => {
                tracing::warn!(code = error.code.as_str(), "A kept file could not be encrypted anew.");
                report.files_unreadable += 1;
            }
        }
    }
    Ok(report)
}

/// Finishes a change of the key that is marked, or sweeps what one left that never came so far. To be called before anything else
/// is done with the directory.
pub(crate) fn settle(layout: &Layout, key: &DatabaseKey) -> Result<()> {
    let Ok(marked) = std::fs::read_to_string(mark(layout)) else { return remove_folder(&new_files(layout)) };
    if marked.trim() != key.fingerprint() {
        return Err(StoreError::new(Code::DatabaseKeyWrong, "the key of this database was changed; this is the one before"));
    }
    if layout.replacement().exists() {
        // Its log was emptied into it; what lies there otherwise is not of the new file.
        for suffix in ["-wal", "-shm", "-journal"] {
            remove_if_there(&crate::open::with_suffix(&layout.database(), suffix))?;
        }
        std::fs::rename(layout.replacement(), layout.database())?;
    }
    write_private(&layout.key_check(), key.fingerprint().as_bytes())?;
    let (files, new, old) = (layout.files(), new_files(layout), old_files(layout));
    if new.exists() {
        if files.exists() {
            remove_folder(&old)?;
            std::fs::rename(&files, &old)?;
        }
        std::fs::rename(&new, &files)?;
    }
    remove_folder(&old)
}

fn remove_folder(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
