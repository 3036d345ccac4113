//! Giving files out again: shown, saved, or opened with another program.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use deskbell_domain::Code;
use deskbell_domain::file_name::safe_file_name;
use deskbell_store::records::AttachmentId;
use deskbell_store::{BlobReader, Store};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use ts_rs::TS;

use super::kind::{HEAD_BYTES, IMAGE_BYTES_MAX, image_of, is_program, text_of};
use super::view::pending_place;
use crate::engine::Engine;
use crate::error::EngineError;

/// Bytes read at a time.
const PIECE_BYTES: usize = 1024 * 1024;

/// What a window shows of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Preview {
    Image {
        mime: String,
        base64: String,
    },
    Text {
        text: String,
        /// There is more than is shown.
        truncated: bool,
    },
    None,
}

/// Why a file is asked about before it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OpenWarning {
    Executable,
}

/// A file whose bytes are here.
struct HereFile {
    sha256: String,
    name: String,
}

impl Engine {
    /// What can be shown of a file without another program; fetches it first where it is not here.
    ///
    /// # Errors
    /// Why it could not be fetched or read.
    pub async fn preview(self: &Arc<Self>, id: AttachmentId) -> Result<Preview, EngineError> {
        let file = self.here(id).await?;
        self.read_kept(file, |reader, _name| {
            let head = reader.read_at(0, HEAD_BYTES)?;
            let is_cut = reader.size_bytes() > head.len() as u64;
            if infer::is_image(&head) {
                if reader.size_bytes() > IMAGE_BYTES_MAX {
                    return Ok(Preview::None);
                }
                let bytes = reader.read_at(0, usize::try_from(IMAGE_BYTES_MAX).unwrap_or(usize::MAX))?;
                return Ok(image_of(&bytes)
                    .map_or(Preview::None, |mime| Preview::Image { mime: mime.to_owned(), base64: base64(&bytes) }));
            }
            Ok(text_of(&head, is_cut).map_or(Preview::None, |text| Preview::Text { text, truncated: is_cut }))
        })
        .await
    }

    /// Whether a file should be asked about before it is opened.
    ///
    /// # Errors
    /// As [`Engine::preview`].
    pub async fn open_warning(self: &Arc<Self>, id: AttachmentId) -> Result<Option<OpenWarning>, EngineError> {
        let file = self.here(id).await?;
        self.read_kept(file, |reader, name| {
            Ok(is_program(name, &reader.read_at(0, HEAD_BYTES)?).then_some(OpenWarning::Executable))
        })
        .await
    }

    /// Writes a file, under its name, where another program of this person can read it: in a private folder, without the
    /// right to be run. It goes when the desk ends or starts.
    ///
    /// # Errors
    /// As [`Engine::preview`], and what the disk says.
    pub async fn lay_out(self: &Arc<Self>, id: AttachmentId) -> Result<PathBuf, EngineError> {
        let file = self.here(id).await?;
        let folder = opened_dir(self.data_dir());
        self.read_kept(file, move |reader, name| {
            private_dir(&folder)?;
            let place = folder.join(uuid::Uuid::now_v7().simple().to_string());
            private_dir(&place)?;
            let path = place.join(safe_file_name(name));
            copy(reader, &path)?;
            Ok(path)
        })
        .await
    }

    /// Name that is offered when a file is saved.
    ///
    /// # Errors
    /// As [`Engine::preview`].
    pub async fn name_to_save(self: &Arc<Self>, id: AttachmentId) -> Result<String, EngineError> {
        Ok(safe_file_name(&self.here(id).await?.name))
    }

    /// Writes a file where the person wants it, whole or not at all.
    ///
    /// # Errors
    /// As [`Engine::preview`], and what the disk says.
    pub async fn save_to(self: &Arc<Self>, id: AttachmentId, path: PathBuf) -> Result<(), EngineError> {
        let file = self.here(id).await?;
        self.read_kept(file, move |reader, _name| {
            let mut draft = path.as_os_str().to_owned();
            draft.push(format!(".{}.part", uuid::Uuid::now_v7().simple()));
            let draft = PathBuf::from(draft);
            let written = copy(reader, &draft).and_then(|()| std::fs::rename(&draft, &path).map_err(unwritable));
            if written.is_err() {
                // Nothing half stays where the person looks.
                let _ = std::fs::remove_file(&draft);
            }
            written
        })
        .await
    }

    async fn here(self: &Arc<Self>, id: AttachmentId) -> Result<HereFile, EngineError> {
        let Some((operation, position)) = pending_place(id) else {
            let sha256 = self.fetched(id).await?;
            let name = self.read(move |store| store.attachment(id)).await?.observed.name;
            return Ok(HereFile { sha256, name });
        };
        let operations = self.read(Store::outbox).await?;
        let file = operations.iter().find(|known| known.id == operation).and_then(|known| known.kind.files().get(position));
        let file = file.ok_or_else(|| EngineError::with_detail(Code::FileMissing, "the operation is gone"))?;
        Ok(HereFile { sha256: file.sha256.clone(), name: file.name.clone() })
    }

    /// A copy that turns out damaged is forgotten, so that the next try fetches it anew.
    async fn read_kept<T: Send + 'static>(
        &self,
        file: HereFile,
        read: impl FnOnce(&mut BlobReader, &str) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let (store, now) = (self.store.clone(), self.now());
        tokio::task::spawn_blocking(move || {
            let mut reader = store.open_file(&file.sha256)?;
            store.file_used(&file.sha256, now)?;
            match read(&mut reader, &file.name) {
                Err(error) if error.code == Code::FileUnreadable => {
                    store.forget_damaged(&file.sha256)?;
                    Err(EngineError { code: Code::FileMissing, ..error })
                }
                answer => answer,
            }
        })
        .await?
    }
}

fn unwritable(error: std::io::Error) -> EngineError {
    let code = if error.kind() == std::io::ErrorKind::StorageFull { Code::DiskFull } else { Code::FileUnwritable };
    EngineError::with_detail(code, error.kind().to_string())
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Only its owner may read it, and nobody may run it.
fn copy(reader: &mut BlobReader, path: &Path) -> Result<(), EngineError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(unwritable)?;
    let mut at = 0;
    loop {
        let piece = reader.read_at(at, PIECE_BYTES)?;
        if piece.is_empty() {
            break;
        }
        file.write_all(&piece).map_err(unwritable)?;
        at += piece.len() as u64;
    }
    file.sync_all().map_err(unwritable)
}

/// Where files lie that another program shows. In memory where the system has such a place for the person, and another
/// one for every data directory.
fn opened_dir(data_dir: &Path) -> PathBuf {
    let whole = std::fs::canonicalize(data_dir).unwrap_or_else(|_| data_dir.to_path_buf());
    let digest = Sha256::digest(whole.as_os_str().as_encoded_bytes());
    let name: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    match std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|dir| dir.is_absolute() && is_private(dir)) {
        Some(runtime) => runtime.join(format!("deskbell-{name}")),
        None => data_dir.join("opened"),
    }
}

/// A folder that nobody else can look into or write to.
#[cfg(unix)]
fn is_private(dir: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    dir.metadata().is_ok_and(|facts| facts.is_dir() && facts.permissions().mode() & 0o077 == 0)
}

#[cfg(not(unix))]
fn is_private(dir: &Path) -> bool {
    dir.is_dir()
}

fn private_dir(dir: &Path) -> Result<(), EngineError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(unwritable)
}

/// Removes what was laid out for other programs.
pub(crate) fn forget_opened(data_dir: &Path) {
    match std::fs::remove_dir_all(opened_dir(data_dir)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(%error, "Files that were opened with other programs could not be removed.");
        }
        _ => {}
    }
}
