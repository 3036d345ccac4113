//! Where the desk keeps its data when nobody says otherwise.

use std::path::PathBuf;

/// `DESKBELL_DATA_DIR`, else `deskbell` in the person's data directory (`XDG_DATA_HOME`, `Application
/// Support`, `AppData`); `None` where there is no home.
#[must_use]
pub fn data_dir() -> Option<PathBuf> {
    let told = std::env::var_os("DESKBELL_DATA_DIR").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    told.or_else(|| dirs::data_dir().map(|dir| dir.join("deskbell")))
}
