//! Files on their way to RT, together with what they belong to.
//!
//! As `multipart/form-data`, whose bytes are read while they are sent: the JSON form would need four thirds of a file in
//! memory, and RT 5.0.3 answers it with 500 when a name is not ASCII.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use deskbell_domain::error::Code;
use deskbell_domain::sync::op::{FILE_BYTES_MAX, FILES_MAX, FileRef};
use futures::{StreamExt, TryStreamExt, stream};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Body, RequestBuilder};
use serde_json::Value;

use crate::http::{PIECE_BYTES, TOTAL_TIMEOUT_MS};
use crate::{FileSource, RemoteError};

/// Below this many bytes a second, an upload is given up: 50 MB have ten minutes and a minute for the answer.
const SLOWEST_BYTES_PER_SECOND: u64 = 90_000;
/// Types whose bytes RT reads as text and stores in UTF-8: what is not UTF-8 would come back changed.
const READ_BY_RT: [&str; 2] = ["text/plain", "text/html"];
const ANY_BYTES: &str = "application/octet-stream";

/// The files of one request, checked.
pub(super) struct Parcel {
    source: Arc<dyn FileSource>,
    parts: Vec<Part>,
    trouble: Arc<Mutex<Option<RemoteError>>>,
}

struct Part {
    file: FileRef,
    name: String,
    mime: String,
}

impl Parcel {
    /// # Errors
    /// `file_missing` or `file_unreadable` when the bytes are not all here, `file_too_large`, `input_invalid` for what RT
    /// takes from nobody: empty files.
    pub(super) async fn of(source: &Arc<dyn FileSource>, files: &[FileRef]) -> Result<Self, RemoteError> {
        if files.len() > FILES_MAX {
            return Err(RemoteError::new(
                Code::InputInvalid,
                format!("{} files on one note; {FILES_MAX} is the most", files.len()),
            ));
        }
        let mut parts = Vec::with_capacity(files.len());
        for file in files {
            let name = wire_name(&file.name);
            if file.size_bytes == 0 {
                return Err(RemoteError::new(Code::InputInvalid, format!("{name}: Request Tracker takes no empty file")));
            }
            if file.size_bytes > FILE_BYTES_MAX {
                return Err(RemoteError::new(Code::FileTooLarge, format!("{name}: {} bytes", file.size_bytes)));
            }
            parts.push(Part { file: file.clone(), name, mime: wire_mime(source, file).await? });
        }
        Ok(Self { source: Arc::clone(source), parts, trouble: Arc::default() })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The names as RT will know them.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|part| part.name.as_str())
    }

    /// Why a request broke off, where it was our own files.
    pub(super) fn trouble(&self) -> Option<RemoteError> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Completes a request with `content`, and with the files where there are any.
    pub(super) fn put_into(&self, request: RequestBuilder, content: &Value) -> RequestBuilder {
        if self.parts.is_empty() {
            return request.json(content);
        }
        let boundary = format!("deskbell-{}", self.parts.iter().map(|part| part.file.sha256.as_str()).collect::<String>());
        let boundary: String = boundary.chars().filter(|one| one.is_ascii_alphanumeric() || *one == '-').take(70).collect();
        let mut length = 0_u64;
        let mut pieces: Vec<Piece> = Vec::new();
        let mut text = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"JSON\"\r\n\r\n{content}\r\n");
        for part in &self.parts {
            text.push_str(&format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"Attachments\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
                part.name, part.mime
            ));
            length += text.len() as u64 + part.file.size_bytes;
            pieces.push(Piece::Text(std::mem::take(&mut text)));
            pieces.push(Piece::File(part.file.clone()));
            text.push_str("\r\n");
        }
        text.push_str(&format!("--{boundary}--\r\n"));
        length += text.len() as u64;
        pieces.push(Piece::Text(text));
        let seconds = length / SLOWEST_BYTES_PER_SECOND;
        request
            .header(CONTENT_TYPE, format!("multipart/form-data; boundary={boundary}"))
            .header(CONTENT_LENGTH, length)
            .timeout(Duration::from_millis(TOTAL_TIMEOUT_MS) + Duration::from_secs(seconds))
            .body(self.stream(pieces))
    }

    fn stream(&self, pieces: Vec<Piece>) -> Body {
        let (source, trouble) = (Arc::clone(&self.source), Arc::clone(&self.trouble));
        let chunks = stream::iter(pieces).flat_map(move |piece| match piece {
            Piece::Text(text) => stream::once(async move { Ok(text.into_bytes()) }).boxed(),
            Piece::File(file) => file_chunks(Arc::clone(&source), file).boxed(),
        });
        Body::wrap_stream(chunks.map_err(move |error: RemoteError| {
            let words = error.code.as_str();
            *trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            std::io::Error::other(words)
        }))
    }
}

enum Piece {
    Text(String),
    File(FileRef),
}

fn file_chunks(
    source: Arc<dyn FileSource>,
    file: FileRef,
) -> impl futures::Stream<Item = Result<Vec<u8>, RemoteError>> + Send + 'static {
    stream::try_unfold(0_u64, move |from| {
        let (source, file) = (Arc::clone(&source), file.clone());
        async move {
            if from >= file.size_bytes {
                return Ok(None);
            }
            let bytes = source.read(&file.sha256, from, PIECE_BYTES).await?;
            let after = from + bytes.len() as u64;
            if bytes.is_empty() || after > file.size_bytes {
                return Err(RemoteError::new(Code::FileUnreadable, "the file has another size than it had"));
            }
            Ok(Some((bytes, after)))
        }
    })
}

/// A name that survives a header and RT's own trimming of paths.
pub(super) fn wire_name(name: &str) -> String {
    let kept: String =
        name.chars().map(|one| if one.is_control() || matches!(one, '"' | '\\' | '/') { '_' } else { one }).collect();
    let kept = kept.trim();
    // RT's Perl takes "0" for no name at all.
    if kept.is_empty() || kept == "0" { "file".to_owned() } else { kept.to_owned() }
}

/// The type to send, after every byte was seen to be here.
async fn wire_mime(source: &Arc<dyn FileSource>, file: &FileRef) -> Result<String, RemoteError> {
    let mime = file.mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-+./_".contains(&byte);
    let is_plain = mime.split('/').count() == 2 && mime.split('/').all(|half| !half.is_empty()) && mime.bytes().all(is_token);
    let read_by_rt = READ_BY_RT.contains(&mime.as_str());
    let mut is_utf8 = true;
    let mut carried: Vec<u8> = Vec::new();
    let mut chunks = std::pin::pin!(file_chunks(Arc::clone(source), file.clone()));
    while let Some(chunk) = chunks.try_next().await? {
        if read_by_rt && is_utf8 {
            carried.extend_from_slice(&chunk);
            match std::str::from_utf8(&carried) {
                Ok(_) => carried.clear(),
                Err(error) if error.error_len().is_some() => is_utf8 = false,
                Err(error) => drop(carried.drain(..error.valid_up_to())),
            }
        }
    }
    let is_utf8 = is_utf8 && carried.is_empty();
    Ok(match (read_by_rt, is_utf8) {
        (true, true) => format!("{mime}; charset=utf-8"),
        (true, false) => ANY_BYTES.to_owned(),
        // These RT takes apart and stores as other parts.
        _ if !is_plain || mime.starts_with("multipart/") || mime.starts_with("message/") => ANY_BYTES.to_owned(),
        _ => mime,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Held(Vec<u8>);

    #[async_trait::async_trait]
    impl FileSource for Held {
        async fn read(&self, _sha256: &str, from: u64, bytes_max: usize) -> Result<Vec<u8>, RemoteError> {
            let from = usize::try_from(from).unwrap();
            Ok(self.0.iter().skip(from).take(bytes_max.min(5)).copied().collect())
        }
    }

    fn file(name: &str, mime: &str, size: usize) -> FileRef {
        FileRef { sha256: "ab".into(), name: name.into(), mime: mime.into(), size_bytes: size as u64 }
    }

    #[tokio::test]
    async fn files_are_checked_before_anything_leaves() {
        let text: Arc<dyn FileSource> = Arc::new(Held("宕机日志".into()));
        let parcel = Parcel::of(&text, &[file("日志 \"一\".txt", "text/plain", 12)]).await.unwrap();
        assert_eq!(
            (parcel.parts[0].name.as_str(), parcel.parts[0].mime.as_str()),
            ("日志 _一_.txt", "text/plain; charset=utf-8")
        );
        let bytes: Arc<dyn FileSource> = Arc::new(Held(vec![0xc8, 0xd5, 0xd6, 0xbe]));
        assert_eq!(Parcel::of(&bytes, &[file("gbk.txt", "text/plain", 4)]).await.unwrap().parts[0].mime, ANY_BYTES);
        for (size, code) in [(0, Code::InputInvalid), (5, Code::FileUnreadable), (3, Code::FileUnreadable)] {
            assert_eq!(Parcel::of(&bytes, &[file("x", "a/b", size)]).await.err().unwrap().code, code, "{size}");
        }
        assert_eq!(wire_name("a/b\\c\r\nd"), "a_b_c__d");
        assert_eq!(wire_name("0"), "file");
    }
}
