//! Failures of the store, each with the code a person's message hangs on.

use deskbell_domain::Code;

/// Why the store could not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct StoreError {
    pub code: Code,
    /// For logs: file, SQLite's own message. Never a key, a secret or a customer's text.
    pub detail: String,
}

/// What every method of the store gives back.
pub type Result<T> = std::result::Result<T, StoreError>;

impl StoreError {
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    pub(crate) fn internal(detail: impl Into<String>) -> Self {
        Self::new(Code::Internal, detail)
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Sqlite;
        let code = match error.sqlite_error_code() {
            Some(Sqlite::DatabaseCorrupt) => Code::DatabaseCorrupt,
            Some(Sqlite::NotADatabase) => Code::DatabaseKeyWrong,
            Some(Sqlite::DatabaseBusy | Sqlite::DatabaseLocked) => Code::DatabaseBusy,
            Some(Sqlite::ReadOnly | Sqlite::CannotOpen | Sqlite::PermissionDenied) => Code::DataDirectoryReadOnly,
            Some(Sqlite::DiskFull) => Code::DiskFull,
            _ => Code::Storage,
        };
        Self::new(code, error.to_string())
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::new(Code::Storage, format!("stored JSON: {error}"))
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        let code = match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Code::DataDirectoryReadOnly,
            ErrorKind::StorageFull => Code::DiskFull,
            _ => Code::Storage,
        };
        Self::new(code, error.to_string())
    }
}
