//! The bytes of a file.
//!
//! By the address that RT's own pages link to: it sends them as they are and in pieces, where REST 2.0 sends one JSON string
//! of the whole file. A text is sent in the encoding that it came with.

use std::sync::Mutex;
use std::sync::PoisonError;

use async_trait::async_trait;
use deskbell_domain::error::Code;
use reqwest::Method;

use super::Inner;
use crate::{FileSink, RemoteError, RemoteFile};

/// What RT keeps instead of a file above its limit, where it is set to drop those.
const DROPPED_WORDS: &[u8] = b"Large attachment dropped";

impl Inner {
    pub(super) async fn fetch_file(&self, file: &RemoteFile, sink: &dyn FileSink) -> Result<(), RemoteError> {
        let missing = |why: &str| RemoteError::new(Code::FileMissing, format!("attachment {}: {why}", file.attachment.remote_id));
        let id = |text: &str| text.parse::<u64>().map_err(|_| missing("an id of Request Tracker is a number"));
        let (note, attachment) = (id(&file.note_remote_id)?, id(&file.attachment.remote_id)?);
        let path = format!("Ticket/Attachment/{note}/{attachment}/file");
        let counting = Counting { sink, seen: Mutex::default() };
        let fetched = self.session.fetch(|http| http.request(Method::GET, &path), &counting).await;
        fetched.map_err(|error| match error.code {
            Code::NotFound | Code::Forbidden => missing("gone on the server, or not for us to see"),
            _ => error,
        })?;
        let seen = counting.seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        let expected = file.attachment.size_bytes;
        if expected == 0 || seen.bytes == expected {
            return Ok(());
        }
        if seen.head == DROPPED_WORDS {
            return Err(missing(&format!("Request Tracker dropped its {expected} bytes when they came")));
        }
        // A text may be longer or shorter in its own encoding than in the one that RT stores.
        let is_text = file.attachment.mime.starts_with("text/") || file.attachment.mime.starts_with("message/");
        if is_text || seen.bytes > expected {
            return Ok(());
        }
        let detail = format!("attachment {attachment}: Request Tracker kept {} of {expected} bytes", seen.bytes);
        Err(RemoteError::new(Code::AnswerTruncated, detail))
    }
}

/// Counts what passes, and remembers its beginning.
struct Counting<'a> {
    sink: &'a dyn FileSink,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    bytes: u64,
    /// At most one byte more than the words that it is compared with.
    head: Vec<u8>,
}

#[async_trait]
impl FileSink for Counting<'_> {
    async fn write(&self, bytes: &[u8]) -> Result<(), RemoteError> {
        {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.bytes += bytes.len() as u64;
            let room = (DROPPED_WORDS.len() + 1).saturating_sub(seen.head.len());
            seen.head.extend(bytes.iter().take(room));
        }
        self.sink.write(bytes).await
    }
}
