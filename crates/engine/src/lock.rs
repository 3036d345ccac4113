//! One process a data directory may talk to servers: two pushers would send one operation twice.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use deskbell_domain::Code;

use crate::error::EngineError;

const LOCK_FILE: &str = "desk.lock";

/// Released when dropped, and by the operating system when the process dies.
pub(crate) struct ProcessLock {
    _file: File,
}

impl ProcessLock {
    pub(crate) fn acquire(data_dir: &Path) -> Result<Self, EngineError> {
        let path = data_dir.join(LOCK_FILE);
        let file = OpenOptions::new().create(true).write(true).truncate(false).open(&path).map_err(|error| {
            EngineError::with_detail(Code::DataDirectoryReadOnly, error.to_string()).arg("path", data_dir.display().to_string())
        })?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => {
                Err(EngineError::with_detail(Code::DatabaseBusy, "another Deskbell process of this directory is syncing"))
            }
            Err(TryLockError::Error(error)) => Err(EngineError::with_detail(Code::Storage, error.to_string())),
        }
    }
}
