//! Changes. Each carries an Idempotency-Key; the answer is committed with its effect and given
//! again, word for word, to the same key. Only answers that took effect are kept.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_TYPE, ETAG, IF_MATCH};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use rusqlite::Transaction;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::checks;
use super::reads::parse_id;
use crate::clock;
use crate::problem::Problem;
use crate::server::Shared;
use crate::store::{Actor, Include, Keyed, NoteDraft, Stored, files, read, write};
use crate::wire::{NewNote, NewTicket, Note, ProblemBody, Role, Ticket, TicketPatch, Visibility};

/// Longest idempotency key.
pub const KEY_CHARS_MAX: usize = 200;
pub(super) struct Asked<T> {
    pub(super) keyed: Keyed,
    pub(super) body: T,
}

pub(super) fn asked<T: DeserializeOwned>(
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Asked<T>, Problem> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::BodyTooLarge,
        _ => Problem::invalid("the body broke off"),
    })?;
    let key = key(headers).ok_or(Problem::KeyMissing)?;
    // Nothing is as good as an empty object.
    let text: &[u8] = if body.is_empty() { b"{}" } else { &body };
    let parsed = serde_json::from_slice(text).map_err(|error| Problem::invalid(error.to_string()))?;
    Ok(Asked { keyed: Keyed { key, request_hash: request_hash(method, path, &body) }, body: parsed })
}

/// The idempotency key, when there is one that can be kept.
pub(super) fn key(headers: &HeaderMap) -> Option<String> {
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok()).unwrap_or_default();
    (!key.is_empty() && key.len() <= KEY_CHARS_MAX).then(|| key.to_owned())
}

pub(super) fn request_hash(method: &Method, path: &str, body: &[u8]) -> String {
    let mut hasher = Sha256::new();
    for part in [method.as_str().as_bytes(), &[0], path.as_bytes(), &[0], body] {
        hasher.update(part);
    }
    files::hex(&hasher.finalize())
}

pub(super) fn stored<T: Serialize>(status: StatusCode, ticket: &Ticket, body: &T) -> Result<Stored, Problem> {
    let etag = format!("\"{}\"", ticket.version);
    Ok(Stored { status: status.as_u16(), etag, body: serde_json::to_string(body)?, replayed: false })
}

pub(super) fn answer(stored: Stored) -> Result<Response, Problem> {
    let status = StatusCode::from_u16(stored.status).map_err(|_| Problem::Internal)?;
    let mut response = (status, [(ETAG, stored.etag)], stored.body).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if stored.replayed {
        response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    Ok(response)
}

pub(super) fn full(tx: &Transaction<'_>, id: i64) -> Result<Ticket, Problem> {
    read::ticket(tx, id, Include::default())?.ok_or(Problem::NotFound)
}

/// Writes a note. The same key again gives the same answer and writes nothing.
#[utoipa::path(post, path = "/tickets/{id}/notes",
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = NewNote,
    responses((status = 201, body = Note), (status = 404, body = ProblemBody), (status = 413, body = ProblemBody),
    (status = 422, body = ProblemBody, description = "The key belongs to another request")))]
pub(super) async fn add_note(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let id = parse_id(&id)?;
    let Asked { keyed, body } = asked::<NewNote>(&method, &format!("/tickets/{id}/notes"), &headers, body)?;
    if body.body.trim().is_empty() && body.upload_ids.is_empty() {
        return Err(Problem::invalid("a note needs a body or a file"));
    }
    checks::upload_ids(&body.upload_ids)?;
    let actor = Actor { name: shared.display_name.clone(), role: Role::Agent };
    let visibility = body.visibility;
    let act = move |tx: &Transaction<'_>| -> Result<Stored, Problem> {
        if let Some(before) = write::replay(tx, &keyed)? {
            return Ok(before);
        }
        let now = clock::now();
        let uploads = files::named(tx, &body.upload_ids)?;
        let draft = NoteDraft { body: body.body, visibility, marker: Some(keyed.key.clone()), uploads };
        let note_id = write::add_note(tx, id, &actor, &draft, now)?.ok_or(Problem::NotFound)?;
        let note = read::notes_of(tx, id)?.into_iter().find(|note| note.id == note_id.to_string()).ok_or(Problem::Internal)?;
        let stored = stored(StatusCode::CREATED, &full(tx, id)?, &note)?;
        write::remember(tx, &keyed, id, Some(note_id), &stored, now)?;
        Ok(stored)
    };
    let stored = shared.store.run(act).await?;
    if visibility == Visibility::Public && !stored.replayed {
        shared.life.agent_replied(id);
    }
    answer(stored)
}

/// Changes fields. With `If-Match` only if the ticket is still that version. A key that took effect is
/// answered before the version is looked at.
#[utoipa::path(patch, path = "/tickets/{id}",
    params(("id" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = Option<String>, Header)),
    request_body = TicketPatch,
    responses((status = 200, body = Ticket, headers(("ETag" = String))), (status = 404, body = ProblemBody),
    (status = 412, body = ProblemBody, description = "The ticket changed since it was read"), (status = 422, body = ProblemBody)))]
pub(super) async fn patch_ticket(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let id = parse_id(&id)?;
    let Asked { keyed, body } = asked::<TicketPatch>(&method, &format!("/tickets/{id}"), &headers, body)?;
    checks::subject(body.subject.as_deref())?;
    checks::tags(body.tags.as_deref().unwrap_or_default())?;
    let expected = IfMatch::of(&headers);
    let (catalogue, actor) = (shared.catalogue.clone(), shared.display_name.clone());
    let act = move |tx: &Transaction<'_>| -> Result<Stored, Problem> {
        if let Some(before) = write::replay(tx, &keyed)? {
            return Ok(before);
        }
        let ticket = full(tx, id)?;
        expected.check(&ticket)?;
        checks::assignee(tx, &catalogue, body.assignee.as_deref())?;
        checks::custom_fields(&catalogue, body.custom_fields.iter().flatten(), &ticket.custom_fields)?;
        let now = clock::now();
        write::patch_ticket(tx, id, &ticket, &body, &actor, now)?;
        let ticket = full(tx, id)?;
        let stored = stored(StatusCode::OK, &ticket, &ticket)?;
        write::remember(tx, &keyed, id, None, &stored, now)?;
        Ok(stored)
    };
    answer(shared.store.run(act).await?)
}

/// Opens a ticket with its first message.
#[utoipa::path(post, path = "/tickets", params(("Idempotency-Key" = String, Header)), request_body = NewTicket,
    responses((status = 201, body = Ticket, headers(("ETag" = String))), (status = 400, body = ProblemBody),
    (status = 422, body = ProblemBody)))]
pub(super) async fn create_ticket(
    State(shared): State<Shared>,
    method: Method,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let Asked { keyed, body } = asked::<NewTicket>(&method, "/tickets", &headers, body)?;
    let mut body = body;
    checks::subject(Some(&body.subject))?;
    checks::tags(&body.tags)?;
    checks::upload_ids(&body.upload_ids)?;
    let catalogue = shared.catalogue.clone();
    let act = move |tx: &Transaction<'_>| -> Result<Stored, Problem> {
        if let Some(before) = write::replay(tx, &keyed)? {
            return Ok(before);
        }
        checks::new_ticket(tx, &catalogue, &mut body)?;
        let uploads = files::named(tx, &body.upload_ids)?;
        let now = clock::now();
        let (id, note_id) = write::create_ticket(tx, &body, Some(keyed.key.clone()), uploads, now)?;
        let ticket = full(tx, id)?;
        let stored = stored(StatusCode::CREATED, &ticket, &ticket)?;
        write::remember(tx, &keyed, id, Some(note_id), &stored, now)?;
        Ok(stored)
    };
    answer(shared.store.run(act).await?)
}

/// The version that a change was made on; absent, any will do.
pub(super) struct IfMatch(Option<String>);

impl IfMatch {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        Self(headers.get(IF_MATCH).map(|value| value.to_str().unwrap_or_default().to_owned()))
    }

    pub(super) fn check(&self, ticket: &Ticket) -> Result<(), Problem> {
        self.check_version(&ticket.version)
    }

    pub(super) fn check_version(&self, version: &str) -> Result<(), Problem> {
        let stands = |expected: &String| expected == "*" || *expected == format!("\"{version}\"");
        if self.0.as_ref().is_none_or(stands) { Ok(()) } else { Err(Problem::PreconditionFailed) }
    }
}
