//! Where this program keeps its files.

use std::path::PathBuf;

/// Overrides the data directory, for tests and for a second desk.
const DATA_DIR_VARIABLE: &str = "DESKBELL_DATA_DIR";

/// `DESKBELL_DATA_DIR`, else `deskbell` in the platform's data directory, else in the current directory.
#[must_use]
pub(crate) fn data_dir() -> PathBuf {
    match std::env::var_os(DATA_DIR_VARIABLE) {
        Some(path) if !path.is_empty() => PathBuf::from(path),
        _ => dirs::data_dir().unwrap_or_default().join("deskbell"),
    }
}
