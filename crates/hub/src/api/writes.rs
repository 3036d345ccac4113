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

use super::reads::parse_id;
use crate::clock;
use crate::problem::Problem;
use crate::server::Shared;
use crate::store::{Actor, Include, Keyed, NoteDraft, Stored, read, write};
use crate::wire::{NewNote, NewTicket, Note, ProblemBody, Role, Ticket, TicketPatch, Visibility};

/// Longest idempotency key.
pub const KEY_CHARS_MAX: usize = 200;
/// Longest subject.
pub const SUBJECT_CHARS_MAX: usize = 500;
/// Most tags on a ticket.
pub const TAGS_MAX: usize = 50;

struct Asked<T> {
    keyed: Keyed,
    body: T,
}

fn asked<T: DeserializeOwned>(
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Asked<T>, Problem> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::BodyTooLarge,
        _ => Problem::invalid("the body broke off"),
    })?;
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if key.is_empty() || key.len() > KEY_CHARS_MAX {
        return Err(Problem::KeyMissing);
    }
    let parsed = serde_json::from_slice(&body).map_err(|error| Problem::invalid(error.to_string()))?;
    let mut hasher = Sha256::new();
    hasher.update(method.as_str());
    hasher.update([0]);
    hasher.update(path);
    hasher.update([0]);
    hasher.update(&body);
    let request_hash = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Asked { keyed: Keyed { key: key.to_owned(), request_hash }, body: parsed })
}

fn stored<T: Serialize>(status: StatusCode, ticket: &Ticket, body: &T) -> Result<Stored, Problem> {
    let etag = format!("\"{}\"", ticket.version);
    Ok(Stored { status: status.as_u16(), etag, body: serde_json::to_string(body)?, replayed: false })
}

fn answer(stored: Stored) -> Result<Response, Problem> {
    let status = StatusCode::from_u16(stored.status).map_err(|_| Problem::Internal)?;
    let mut response = (status, [(ETAG, stored.etag)], stored.body).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if stored.replayed {
        response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    Ok(response)
}

fn full(tx: &Transaction<'_>, id: i64) -> Result<Ticket, Problem> {
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
    if body.body.trim().is_empty() {
        return Err(Problem::invalid("a note needs a body"));
    }
    let actor = Actor { name: shared.display_name.clone(), role: Role::Agent };
    let visibility = body.visibility;
    let act = move |tx: &Transaction<'_>| -> Result<Stored, Problem> {
        if let Some(before) = write::replay(tx, &keyed)? {
            return Ok(before);
        }
        let now = clock::now();
        let draft = NoteDraft { body: body.body, visibility, marker: Some(keyed.key.clone()) };
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
    check_subject(body.subject.as_deref())?;
    check_tags(body.tags.as_deref().unwrap_or_default())?;
    let expected = headers.get(IF_MATCH).map(|value| value.to_str().unwrap_or_default().to_owned());
    let act = move |tx: &Transaction<'_>| -> Result<Stored, Problem> {
        if let Some(before) = write::replay(tx, &keyed)? {
            return Ok(before);
        }
        let ticket = full(tx, id)?;
        let stands = |expected: &String| expected == "*" || *expected == format!("\"{}\"", ticket.version);
        if !expected.as_ref().is_none_or(stands) {
            return Err(Problem::PreconditionFailed);
        }
        let now = clock::now();
        write::patch_ticket(tx, id, &ticket, &body, now)?;
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
    check_subject(Some(&body.subject))?;
    check_tags(&body.tags)?;
    let act = move |tx: &Transaction<'_>| -> Result<Stored, Problem> {
        if let Some(before) = write::replay(tx, &keyed)? {
            return Ok(before);
        }
        let now = clock::now();
        let (id, note_id) = write::create_ticket(tx, &body, Some(keyed.key.clone()), now)?;
        let ticket = full(tx, id)?;
        let stored = stored(StatusCode::CREATED, &ticket, &ticket)?;
        write::remember(tx, &keyed, id, Some(note_id), &stored, now)?;
        Ok(stored)
    };
    answer(shared.store.run(act).await?)
}

fn check_subject(subject: Option<&str>) -> Result<(), Problem> {
    match subject {
        Some(subject) if subject.trim().is_empty() || subject.chars().count() > SUBJECT_CHARS_MAX => {
            Err(Problem::invalid(format!("a subject has 1 to {SUBJECT_CHARS_MAX} characters")))
        }
        _ => Ok(()),
    }
}

fn check_tags(tags: &[String]) -> Result<(), Problem> {
    if tags.len() > TAGS_MAX { Err(Problem::invalid(format!("at most {TAGS_MAX} tags"))) } else { Ok(()) }
}
