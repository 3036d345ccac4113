//! Taking files in: looked at before they are read, read once, and kept encrypted from the first byte on.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use deskbell_domain::file_name::safe_file_name;
use deskbell_domain::sync::op::{FILE_BYTES_MAX, FILES_MAX, FileRef};
use deskbell_domain::ticket::TicketId;
use deskbell_domain::{Code, UtcMs};
use deskbell_store::Store;

use super::FileProblem;
use super::kind::{HEAD_BYTES, Kind};
use crate::engine::Engine;
use crate::error::EngineError;

/// Files taken in with one gesture.
pub const TAKEN_AT_ONCE_MAX: usize = 50;
/// Bytes read at a time.
const READ_BYTES: usize = 256 * 1024;

impl Engine {
    /// Takes files in that a person chose or dropped. Each that cannot be taken is named with its reason; the others stay.
    pub async fn take_files(&self, paths: Vec<PathBuf>) -> (Vec<FileRef>, Vec<FileProblem>) {
        let (mut files, mut problems): (Vec<FileRef>, Vec<FileProblem>) = (Vec::new(), Vec::new());
        for (number, path) in paths.into_iter().enumerate() {
            let name = name_of(&path);
            let taken = if number < TAKEN_AT_ONCE_MAX {
                self.add_file(&path).await
            } else {
                Err(EngineError::new(Code::InputInvalid).arg("field", "files").arg("limit", TAKEN_AT_ONCE_MAX.to_string()))
            };
            match taken {
                Ok(file) if files.iter().any(|known| known.sha256 == file.sha256) => {}
                Ok(file) => files.push(file),
                Err(error) => problems.push(FileProblem { name, error }),
            }
        }
        self.make_room().await;
        (files, problems)
    }

    /// Takes one file in.
    ///
    /// # Errors
    /// `file_too_large` above 50 MB (before anything is read), `file_unreadable` for what is gone, forbidden, or no file,
    /// and the store's.
    pub async fn add_file(&self, path: &Path) -> Result<FileRef, EngineError> {
        let (path, now) = (path.to_path_buf(), self.now());
        let store = self.store.clone();
        tokio::task::spawn_blocking(move || {
            let file = open(&path)?;
            keep(&store, file, &name_of(&path), now)
        })
        .await?
    }

    /// Keeps which files lie beside the reply being written.
    ///
    /// # Errors
    /// `ticket_unknown`, `input_invalid` for more than a note takes, and the store's.
    pub async fn put_draft_files(&self, ticket: TicketId, files: Vec<FileRef>) -> Result<(), EngineError> {
        if files.len() > FILES_MAX {
            return Err(EngineError::new(Code::InputInvalid).arg("field", "files").arg("limit", FILES_MAX.to_string()));
        }
        let now = self.now();
        self.read(move |store| store.put_draft_files(ticket, &files, now)).await
    }

    /// Takes in what was pasted. Without a name it is a screenshot, named with the time.
    ///
    /// # Errors
    /// `file_too_large`, `input_invalid` for what is no base64, and the store's.
    pub async fn take_pasted(&self, name: &str, base64: &str) -> Result<FileRef, EngineError> {
        use base64::Engine as _;
        if base64.len() as u64 / 4 * 3 > FILE_BYTES_MAX + 3 {
            return Err(too_large(FILE_BYTES_MAX + 1));
        }
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(base64)
            .map_err(|error| EngineError::with_detail(Code::InputInvalid, error.to_string()).arg("field", "base64"))?;
        let now = self.now();
        let name = if name.trim().is_empty() { screenshot_name(now, &bytes) } else { safe_file_name(name) };
        let store = self.store.clone();
        let kept = tokio::task::spawn_blocking(move || keep(&store, bytes.as_slice(), &name, now)).await?;
        self.make_room().await;
        kept
    }
}

fn name_of(path: &Path) -> String {
    safe_file_name(&path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default())
}

fn too_large(size_bytes: u64) -> EngineError {
    EngineError::new(Code::FileTooLarge).arg("limit", FILE_BYTES_MAX.to_string()).arg("size", size_bytes.to_string())
}

/// Looks before it opens: a pipe would wait for ever, a device has no end.
fn open(path: &Path) -> Result<File, EngineError> {
    let unreadable = |error: std::io::Error| EngineError::with_detail(Code::FileUnreadable, error.kind().to_string());
    let facts = std::fs::metadata(path).map_err(unreadable)?;
    if !facts.is_file() {
        let what = if facts.is_dir() { "a folder" } else { "not an ordinary file" };
        return Err(EngineError::with_detail(Code::FileUnreadable, what));
    }
    if facts.len() > FILE_BYTES_MAX {
        return Err(too_large(facts.len()));
    }
    let file = File::open(path).map_err(unreadable)?;
    // Another file may have come to the place meanwhile.
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err(EngineError::with_detail(Code::FileUnreadable, "not an ordinary file"));
    }
    Ok(file)
}

fn keep(store: &Store, mut source: impl Read, name: &str, now: UtcMs) -> Result<FileRef, EngineError> {
    let mut writer = store.create_file()?;
    let mut head = Vec::new();
    let mut piece = vec![0; READ_BYTES];
    loop {
        let read = match source.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(EngineError::with_detail(Code::FileUnreadable, error.kind().to_string())),
        };
        let bytes = piece.get(..read).unwrap_or_default();
        // It may grow while it is read.
        if writer.size_bytes() + read as u64 > FILE_BYTES_MAX {
            return Err(too_large(writer.size_bytes() + read as u64));
        }
        let room = HEAD_BYTES.saturating_sub(head.len());
        head.extend_from_slice(bytes.get(..room.min(read)).unwrap_or_default());
        writer.write(bytes)?;
    }
    let kind = Kind::of(&head, name);
    Ok(store.keep_file(writer, name.to_owned(), kind.mime, kind.preview, now)?)
}

/// By the person's clock, and in letters that every server keeps.
fn screenshot_name(now: UtcMs, bytes: &[u8]) -> String {
    let shown = |ending: &&str| matches!(*ending, "png" | "jpg" | "gif" | "webp");
    let ending = infer::get(bytes).map(|found| found.extension()).filter(shown).unwrap_or("png");
    let at = chrono::DateTime::from_timestamp_millis(now.0).unwrap_or_default().with_timezone(&chrono::Local);
    format!("screenshot-{}.{ending}", at.format("%Y%m%d-%H%M%S"))
}
