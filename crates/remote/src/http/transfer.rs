//! Files: bytes that are streamed and never held whole.
//!
//! Invariants: at most [`PIECE_BYTES`] of a file are in memory; a transfer that stands still ends; a signed address is
//! called at its own origin only, https or loopback, without any header that knows us.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use deskbell_domain::error::Code;
use deskbell_domain::sync::op::FileRef;
use futures::stream::{self, TryStreamExt};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Body, Method, RequestBuilder, Url};
use tokio::sync::watch;

use super::{Answer, HttpClient, SendFailure, answer, failure};
use crate::{FileSink, FileSource, RemoteError, UploadProgress};

/// Bytes that are read from a file and sent at once.
pub const PIECE_BYTES: usize = 1024 * 1024;
/// Longest time for one file.
pub const TRANSFER_TIMEOUT_MS: u64 = 60 * 60 * 1_000;
/// A transfer in which nothing moves for this long has ended.
pub const TRANSFER_IDLE_MS_MAX: u64 = 60_000;

impl HttpClient {
    /// A client for the origin of a signed address, sharing this account's connections and budget, and the address itself.
    ///
    /// # Errors
    /// `answer_unexpected` for anything but https, or http on loopback.
    pub fn at_signed_address(&self, address: &str) -> Result<(Self, Url), RemoteError> {
        let refused =
            || RemoteError::new(Code::AnswerUnexpected, "the server named an address for a file that is not fit for one");
        let url = Url::parse(address.trim()).map_err(|_| refused())?;
        let origin = url.origin();
        if !origin.is_tuple() || !url.username().is_empty() || url.password().is_some() {
            return Err(refused());
        }
        let mut client = Self::with_limits(&origin.ascii_serialization(), self.limits()).map_err(|_| refused())?;
        client.permits = self.permits.clone();
        client.budget = self.budget.clone();
        Ok((client, url))
    }

    /// A request to an address of this client's origin.
    ///
    /// # Errors
    /// `internal` for another origin.
    pub fn request_at(&self, method: Method, url: Url) -> Result<RequestBuilder, RemoteError> {
        if url.origin() == self.base.origin() {
            Ok(self.client.request(method, url))
        } else {
            Err(RemoteError::new(Code::Internal, "an address of another origin"))
        }
    }

    /// Streams the body of a 2xx answer into `sink`; any other answer is given back whole, nothing written.
    ///
    /// # Errors
    /// What the connection or the sink met; part of the file may be in the sink then.
    pub async fn fetch_file(&self, request: RequestBuilder, sink: &dyn FileSink) -> Result<Option<Answer>, RemoteError> {
        let _permit = self.enter().await?;
        let request = request.timeout(Duration::from_millis(TRANSFER_TIMEOUT_MS));
        let idle = Duration::from_millis(TRANSFER_IDLE_MS_MAX);
        let stalled = || RemoteError::new(Code::TimedOut, format!("{}: the file stopped coming", self.host()));
        let sent = tokio::time::timeout(idle, request.send()).await.map_err(|_| stalled())?;
        let mut response = sent.map_err(|error| failure::classify_request(self.host(), &error))?;
        if !response.status().is_success() {
            return Ok(Some(answer::read(self.host(), response, self.limits().body_bytes_max).await?));
        }
        let announced = response.content_length();
        let mut received: u64 = 0;
        loop {
            let next = tokio::time::timeout(idle, response.chunk()).await.map_err(|_| stalled())?;
            let at = usize::try_from(received).unwrap_or(usize::MAX);
            let Some(chunk) = next.map_err(|error| failure::classify_body(self.host(), at, &error))? else { break };
            received = received.saturating_add(chunk.len() as u64);
            sink.write(&chunk).await?;
        }
        match announced {
            Some(bytes) if bytes != received => {
                Err(RemoteError::new(Code::AnswerTruncated, format!("{}: {received} of {bytes} bytes came", self.host())))
            }
            _ => Ok(None),
        }
    }

    /// Sends a file as the body of one request.
    ///
    /// # Errors
    /// As [`Self::send`]; what the source met is told as itself.
    pub async fn put_file(
        &self,
        request: RequestBuilder,
        files: &Arc<dyn FileSource>,
        file: &FileRef,
        progress: &dyn UploadProgress,
    ) -> Result<Answer, RemoteError> {
        let (moved, mut watched) = watch::channel(0_u64);
        let trouble = Arc::new(Mutex::new(None));
        let body = Body::wrap_stream(pieces(files.clone(), file.clone(), moved, trouble.clone()));
        let request = request
            .header(CONTENT_TYPE, "application/octet-stream")
            .header(CONTENT_LENGTH, file.size_bytes)
            .timeout(Duration::from_millis(TRANSFER_TIMEOUT_MS))
            .body(body);
        let mut sending = std::pin::pin!(self.send(request));
        let idle = Duration::from_millis(TRANSFER_IDLE_MS_MAX);
        let mut is_moving = true;
        let sent = loop {
            tokio::select! {
                sent = &mut sending => break sent,
                changed = watched.changed(), if is_moving => match changed {
                    Ok(()) => progress.sent(*watched.borrow_and_update(), ""),
                    Err(_) => is_moving = false,
                },
                () = tokio::time::sleep(idle) => {
                    return Err(RemoteError::new(Code::TimedOut, format!("{}: the file stopped going", self.host())));
                }
            }
        };
        let trouble = trouble.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (sent, trouble) {
            (_, Some(trouble)) => Err(trouble),
            (Ok(answer), None) => Ok(answer),
            (Err(SendFailure::NotSent(error) | SendFailure::MaybeSent(error)), None) => Err(error),
        }
    }
}

type Trouble = Arc<Mutex<Option<RemoteError>>>;

/// The file from its beginning, told as it is taken.
fn pieces(
    files: Arc<dyn FileSource>,
    file: FileRef,
    moved: watch::Sender<u64>,
    trouble: Trouble,
) -> impl futures::Stream<Item = Result<Vec<u8>, std::io::Error>> + Send + 'static {
    let read = move |from: u64| {
        let (files, file) = (files.clone(), file.clone());
        let told = moved.clone();
        async move {
            // What was asked for before this piece is on its way.
            told.send_replace(from);
            if from >= file.size_bytes {
                return Ok(None);
            }
            let bytes = files.read(&file.sha256, from, PIECE_BYTES).await?;
            let after = from.saturating_add(bytes.len() as u64);
            if bytes.is_empty() || after > file.size_bytes {
                return Err(RemoteError::new(Code::FileUnreadable, "the file has another size than it had"));
            }
            Ok(Some((bytes, after)))
        }
    };
    stream::try_unfold(0, read).map_err(move |error: RemoteError| {
        let words = error.code.as_str();
        *trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        std::io::Error::other(words)
    })
}
