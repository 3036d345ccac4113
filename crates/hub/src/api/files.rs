//! Files: uploads that go on where they broke off, and the bytes of attachments.

use std::sync::atomic::Ordering;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::header::{ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, RANGE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use deskbell_domain::sync::op::FILE_BYTES_MAX;
use futures::StreamExt as _;

use super::reads::parse_id;
use super::writes::{key, request_hash};
use crate::clock;
use crate::problem::{Problem, UPLOAD_OFFSET};
use crate::server::Shared;
use crate::store::files::{self, PIECE_BYTES};
use crate::wire::{NewUpload, ProblemBody, Upload};

/// Longest name of a file.
pub const FILE_NAME_CHARS_MAX: usize = 255;

fn check(new: &NewUpload) -> Result<(), Problem> {
    if new.size_bytes > FILE_BYTES_MAX {
        return Err(Problem::FileTooLarge);
    }
    let is_hash = new.sha256.len() == 64 && new.sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !is_hash {
        return Err(Problem::invalid("sha256 has 64 lower-case hexadecimal digits"));
    }
    let is_name = !new.name.trim().is_empty()
        && new.name.chars().count() <= FILE_NAME_CHARS_MAX
        && !new.name.chars().any(|character| matches!(character, '/' | '\\') || character.is_control());
    if !is_name {
        return Err(Problem::invalid("name is the name of a file, without a path"));
    }
    if new.mime.len() > FILE_NAME_CHARS_MAX || !new.mime.is_ascii() {
        return Err(Problem::invalid("mime is a media type"));
    }
    Ok(())
}

fn standing(status: StatusCode, upload: Upload) -> Response {
    (status, [(UPLOAD_OFFSET, upload.offset.to_string())], Json(upload)).into_response()
}

/// Announces a file of at most 50 MB; larger ones are refused here, before any byte. The same
/// Idempotency-Key finds the upload that it began.
#[utoipa::path(post, path = "/uploads", params(("Idempotency-Key" = Option<String>, Header)), request_body = NewUpload,
    responses((status = 201, body = Upload), (status = 200, body = Upload, description = "Begun before, with the same key"),
    (status = 400, body = ProblemBody), (status = 413, body = ProblemBody, description = "file_too_large"),
    (status = 422, body = ProblemBody)))]
pub(super) async fn begin_upload(
    State(shared): State<Shared>,
    method: Method,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let body = body.map_err(|_| Problem::invalid("the body broke off or is too long"))?;
    let new: NewUpload = serde_json::from_slice(&body).map_err(|error| Problem::invalid(error.to_string()))?;
    check(&new)?;
    let (key, hash) = (key(&headers), request_hash(&method, "/uploads", &body));
    let act = move |tx: &rusqlite::Transaction<'_>| files::begin(tx, key.as_deref(), &hash, &new, clock::now());
    let (upload, found) = shared.store.run(act).await?;
    Ok(standing(if found { StatusCode::OK } else { StatusCode::CREATED }, upload))
}

/// Where an upload stands.
#[utoipa::path(get, path = "/uploads/{id}", params(("id" = String, Path)),
    responses((status = 200, body = Upload, headers(("Upload-Offset" = u64))), (status = 404, body = ProblemBody)))]
pub(super) async fn upload(State(shared): State<Shared>, Path(id): Path<String>) -> Result<Response, Problem> {
    let id = parse_id(&id).map_err(|_| Problem::UploadUnknown)?;
    let found = shared.store.run(move |tx| Ok::<_, Problem>(files::upload(tx, id)?)).await?;
    Ok(standing(StatusCode::OK, found.ok_or(Problem::UploadUnknown)?))
}

/// Goes on with an upload. `Upload-Offset` is where these bytes begin, which has to be where the upload stands. What came
/// before a connection broke is kept. With the last byte the hash is compared.
#[utoipa::path(patch, path = "/uploads/{id}", params(("id" = String, Path), ("Upload-Offset" = u64, Header)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = Upload, headers(("Upload-Offset" = u64))), (status = 413, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 409, body = ProblemBody, description = "upload_offset; `offset` and \
    the header Upload-Offset say where it stands"), (status = 422, body = ProblemBody, description = "upload_damaged")))]
pub(super) async fn continue_upload(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let id = parse_id(&id).map_err(|_| Problem::UploadUnknown)?;
    let offset = headers.get(UPLOAD_OFFSET).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let mut offset = offset.ok_or_else(|| Problem::invalid("Upload-Offset says where the bytes begin"))?;
    // Asked first, so that a wrong position is answered before the bytes come.
    let before = shared.store.run(move |tx| files::append(tx, id, offset, &[], clock::now())).await?;
    let promised: u64 = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(0);
    if promised > before.size_bytes - before.offset {
        return Err(Problem::UploadTooLong);
    }
    let mut incoming = body.into_data_stream();
    let mut piece = Vec::with_capacity(PIECE_BYTES);
    let mut stands = before;
    loop {
        let next = incoming.next().await;
        let ended = !matches!(next, Some(Ok(_)));
        let broke_off = matches!(next, Some(Err(_)));
        if let Some(Ok(bytes)) = next {
            shared.upload_bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            piece.extend_from_slice(&bytes);
        }
        if piece.len() >= PIECE_BYTES || (ended && !piece.is_empty()) {
            let bytes = std::mem::replace(&mut piece, Vec::with_capacity(PIECE_BYTES));
            let after = offset + bytes.len() as u64;
            stands = shared.store.run(move |tx| files::append(tx, id, offset, &bytes, clock::now())).await?;
            if after == stands.size_bytes && !stands.complete {
                return Err(Problem::UploadHashWrong);
            }
            offset = after;
        }
        if broke_off {
            return Err(Problem::invalid("the body broke off"));
        }
        if ended {
            return Ok(standing(StatusCode::OK, stands));
        }
    }
}

/// `bytes=from-to` of a file, or the whole; `None` when the file has no such bytes.
fn range(headers: &HeaderMap, size: u64) -> Option<(u64, u64, bool)> {
    let asked = headers.get(RANGE).and_then(|value| value.to_str().ok()?.strip_prefix("bytes="));
    // Several ranges are answered by the whole file, as RFC 9110 allows.
    let Some((from, to)) = asked.filter(|asked| !asked.contains(',')).and_then(|asked| asked.split_once('-')) else {
        return Some((0, size, false));
    };
    let (from, to) = match (from.trim().parse::<u64>().ok(), to.trim().parse::<u64>().ok()) {
        (Some(from), Some(to)) if from <= to => (from, to.saturating_add(1).min(size)),
        (Some(from), None) => (from, size),
        (None, Some(last)) if last > 0 => (size.saturating_sub(last), size),
        _ => return None,
    };
    (from < size).then_some((from, to, true))
}

/// The bytes of a file.
#[utoipa::path(get, path = "/attachments/{id}", params(("id" = String, Path), ("Range" = Option<String>, Header)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
    (status = 206, body = Vec<u8>, content_type = "application/octet-stream"), (status = 404, body = ProblemBody),
    (status = 416, body = ProblemBody)))]
pub(super) async fn attachment(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = parse_id(&id).map_err(|_| Problem::AttachmentUnknown)?;
    let found = shared.store.run(move |tx| Ok::<_, Problem>(files::attachment(tx, id)?)).await?;
    let (attachment, upload) = found.ok_or(Problem::AttachmentUnknown)?;
    let size = attachment.size_bytes;
    let (from, to, partial) = range(&headers, size).ok_or(Problem::RangeNotSatisfiable { size_bytes: size })?;
    let mime = if attachment.mime.is_empty() { "application/octet-stream".to_owned() } else { attachment.mime };
    let disposition = format!("attachment; filename*=UTF-8''{}", encoded(&attachment.name));
    let mut response = Response::builder()
        .status(if partial { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK })
        .header(CONTENT_TYPE, mime)
        .header(CONTENT_DISPOSITION, disposition)
        .header(CONTENT_LENGTH, to - from)
        .header(ACCEPT_RANGES, "bytes")
        .header(ETAG, format!("\"{}\"", attachment.sha256));
    if partial {
        response = response.header(CONTENT_RANGE, format!("bytes {from}-{}/{size}", to.saturating_sub(1)));
    }
    response.body(file_body(&shared, upload, from, to)).map_err(|_| Problem::Internal)
}

/// Bytes of an upload, read piece by piece while they go out.
pub(crate) fn file_body(shared: &Shared, upload: i64, from: u64, to: u64) -> Body {
    let store = shared.store.clone();
    Body::from_stream(futures::stream::try_unfold(from, move |from| {
        let store = store.clone();
        async move {
            if from >= to {
                return Ok(None);
            }
            let until = to.min(from + PIECE_BYTES as u64);
            let read = move |tx: &rusqlite::Transaction<'_>| files::bytes(tx, upload, from, until);
            let bytes = store.run(read).await.map_err(std::io::Error::other)?;
            if bytes.is_empty() {
                return Err(std::io::Error::other("the file has fewer bytes than it should"));
            }
            Ok::<_, std::io::Error>(Some((Bytes::from(bytes), until)))
        }
    }))
}

/// A name for a header (RFC 8187).
fn encoded(name: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'~');
    let one = |byte: u8| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    name.bytes().map(one).collect()
}
