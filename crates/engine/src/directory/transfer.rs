//! Directories into and out of files. Nothing is taken before a person saw what it would change, and then all or nothing.

use std::path::{Path, PathBuf};

use deskbell_domain::Code;
use deskbell_domain::directory::{DirectoryKind, PhoneLine, Problem, ServiceCentre};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::sources::Item;
use crate::engine::{Engine, guard};
use crate::error::EngineError;

mod cell;
mod columns;
mod csv_file;
mod json_file;
mod plan;

use columns::Table;
use plan::Planned;

/// Largest file that is read.
pub const IMPORT_BYTES_MAX: u64 = 5 * 1024 * 1024;
/// Most entries of a file.
pub const IMPORT_ROWS_MAX: usize = 2_000;
/// Files that were looked into and can still be applied; the oldest makes room.
const LOOKED_INTO_MAX: usize = 4;

/// How a directory lies in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    Json,
    Csv,
}

impl FileFormat {
    /// Ending of such a file's name.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }
}

/// What a row would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ImportWhat {
    Added,
    Changed,
    Same,
    /// There is a problem: nothing of the file is taken.
    Refused,
}

/// A row of a file, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ImportRow {
    /// Line of a CSV file on which the row begins, the column names being line 1; place in the list of a JSON file.
    pub line_number: u32,
    pub name: String,
    pub what: ImportWhat,
    /// `field` is the column.
    pub problems: Vec<Problem>,
}

/// What a file would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ImportPlan {
    pub token: String,
    pub kind: DirectoryKind,
    pub file_name: String,
    pub added: u32,
    pub changed: u32,
    pub same: u32,
    /// Above 0 nothing can be taken.
    pub refused: u32,
    pub rows: Vec<ImportRow>,
}

/// A file that was looked into.
#[derive(Clone)]
struct LookedInto {
    token: String,
    kind: DirectoryKind,
    file_name: String,
    bytes: Vec<u8>,
}

/// Files that were looked into.
#[derive(Default)]
pub(crate) struct Imports {
    last: std::sync::atomic::AtomicU64,
    known: std::sync::Mutex<Vec<LookedInto>>,
}

impl Engine {
    /// A directory as a file's bytes, hidden entries left out.
    ///
    /// # Errors
    /// The store's.
    pub async fn export_directory(&self, kind: DirectoryKind, format: FileFormat) -> Result<Vec<u8>, EngineError> {
        match kind {
            DirectoryKind::Line => self.export::<PhoneLine>(format).await,
            DirectoryKind::Centre => self.export::<ServiceCentre>(format).await,
        }
    }

    /// Writes a directory to a file: whole, or not at all.
    ///
    /// # Errors
    /// `file_unwritable`, and the store's.
    pub async fn export_directory_to(&self, kind: DirectoryKind, format: FileFormat, path: PathBuf) -> Result<(), EngineError> {
        let bytes = self.export_directory(kind, format).await?;
        let write = tokio::task::spawn_blocking(move || write_whole(&path, &bytes));
        write.await?.map_err(|error| EngineError::with_detail(Code::FileUnwritable, error.to_string()))
    }

    /// Looks into a file and says what it would change.
    ///
    /// # Errors
    /// `file_unreadable`, `import_too_large`, `import_encoding`, `import_unreadable`, `import_columns`.
    pub async fn look_into_directory(&self, kind: DirectoryKind, path: PathBuf) -> Result<ImportPlan, EngineError> {
        let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let bytes = tokio::task::spawn_blocking(move || read_limited(&path)).await??;
        self.look_into_bytes(kind, file_name, bytes).await
    }

    /// As [`Engine::look_into_directory`], of what was read already.
    ///
    /// # Errors
    /// As there.
    pub async fn look_into_bytes(
        &self,
        kind: DirectoryKind,
        file_name: String,
        bytes: Vec<u8>,
    ) -> Result<ImportPlan, EngineError> {
        let number = self.imports.last.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        let looked = LookedInto { token: format!("import-{number}"), kind, file_name, bytes };
        let plan = match kind {
            DirectoryKind::Line => self.plan::<PhoneLine>(&looked).await?.shown(&looked),
            DirectoryKind::Centre => self.plan::<ServiceCentre>(&looked).await?.shown(&looked),
        };
        let mut known = guard(&self.imports.known);
        if known.len() >= LOOKED_INTO_MAX {
            known.remove(0);
        }
        known.push(looked);
        Ok(plan)
    }

    /// Takes a file that was looked into: every row of it, or none. Answers how many entries are new or different.
    ///
    /// # Errors
    /// `import_gone`; `import_refused` when a row has a problem, perhaps one that it did not have when looked into.
    pub async fn apply_directory(&self, token: &str) -> Result<u32, EngineError> {
        let looked = guard(&self.imports.known).iter().find(|one| one.token == token).cloned();
        let looked = looked.ok_or_else(|| EngineError::new(Code::ImportGone))?;
        let changed = match looked.kind {
            DirectoryKind::Line => self.take::<PhoneLine>(&looked).await?,
            DirectoryKind::Centre => self.take::<ServiceCentre>(&looked).await?,
        };
        guard(&self.imports.known).retain(|one| one.token != looked.token);
        if changed > 0 {
            self.entries_changed(looked.kind);
        }
        Ok(changed)
    }

    async fn export<T: Item + Table>(&self, format: FileFormat) -> Result<Vec<u8>, EngineError> {
        let mut standing = self.standing::<T>(None).await?;
        standing.retain(|one| !one.hidden);
        let entries: Vec<(String, T)> = standing.into_iter().map(|one| (one.key, one.entry)).collect();
        match format {
            FileFormat::Json => json_file::write(&entries),
            FileFormat::Csv => csv_file::write(&entries),
        }
    }

    async fn plan<T: Item + Table>(&self, looked: &LookedInto) -> Result<Planned<T>, EngineError> {
        let rows = read_rows::<T>(&looked.bytes)?;
        let standing = self.standing::<T>(None).await?;
        Ok(plan::plan(rows, &standing, super::local_day(self.now())))
    }

    async fn take<T: Item + Table>(&self, looked: &LookedInto) -> Result<u32, EngineError> {
        let planned = self.plan::<T>(looked).await?;
        if let Some(first) = planned.first_refused() {
            return Err(EngineError::new(Code::ImportRefused).arg("line", first.to_string()));
        }
        let writes = planned.writes(|| self.own_id())?;
        let changed = u32::try_from(writes.len()).unwrap_or(u32::MAX);
        self.write_entries::<T>(writes).await?;
        Ok(changed)
    }
}

/// One row of a file: fields by name, as JSON, and what could not be read.
#[derive(Debug, Clone, Default, PartialEq)]
struct Row {
    line_number: u32,
    /// Key in the desk that it was exported from, or empty.
    key: String,
    fields: serde_json::Map<String, serde_json::Value>,
    problems: Vec<Problem>,
}

fn read_rows<T: Table>(bytes: &[u8]) -> Result<Vec<Row>, EngineError> {
    if bytes.len() as u64 > IMPORT_BYTES_MAX {
        return Err(EngineError::new(Code::ImportTooLarge));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(EngineError::with_detail(Code::ImportEncoding, "UTF-16"));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes.iter().take(error.valid_up_to()).filter(|byte| **byte == b'\n').count();
        EngineError::with_detail(Code::ImportEncoding, format!("line {line} is not UTF-8")).arg("line", line.to_string())
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains('\0') {
        return Err(EngineError::with_detail(Code::ImportUnreadable, "the file has bytes of zero in it"));
    }
    let rows = if text.trim_start().starts_with(['{', '[']) { json_file::read::<T>(text)? } else { csv_file::read::<T>(text)? };
    if rows.is_empty() {
        return Err(EngineError::with_detail(Code::ImportUnreadable, "the file has no entry"));
    }
    if rows.len() > IMPORT_ROWS_MAX {
        return Err(EngineError::new(Code::ImportTooLarge).arg("rows", rows.len().to_string()));
    }
    Ok(rows)
}

fn read_limited(path: &Path) -> Result<Vec<u8>, EngineError> {
    use std::io::Read as _;
    let unreadable = |error: std::io::Error| EngineError::with_detail(Code::FileUnreadable, error.to_string());
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(IMPORT_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > IMPORT_BYTES_MAX {
        return Err(EngineError::new(Code::ImportTooLarge));
    }
    Ok(bytes)
}

/// Beside the place and then moved there: a full disk does not cost the file that was there.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let name = path.file_name().ok_or(std::io::ErrorKind::InvalidInput)?;
    let mut beside = name.to_os_string();
    beside.push(".part");
    let beside = path.with_file_name(beside);
    let written = std::fs::write(&beside, bytes).and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        let _gone = std::fs::remove_file(&beside);
    }
    written
}

#[cfg(test)]
mod tests;
