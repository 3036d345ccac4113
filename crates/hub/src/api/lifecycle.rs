//! Closing, reopening, evaluating: changes as in [`super::writes`], by name.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use deskbell_domain::UtcMs;
use rusqlite::Transaction;

use super::checks;
use super::reads::parse_id;
use super::writes::{Asked, IfMatch, answer, asked, full, stored};
use crate::clock;
use crate::problem::Problem;
use crate::server::Shared;
use crate::store::{Actor, Keyed, NoteDraft, Stored, lifecycle, write};
use crate::wire::{Closing, NewEvaluation, ProblemBody, Reopening, Role, Ticket, Visibility};

/// Carries out one change of a ticket under its key, and answers the ticket as it is then.
async fn change(
    shared: &Shared,
    keyed: Keyed,
    id: i64,
    expected: IfMatch,
    act: impl FnOnce(&Transaction<'_>, &Ticket, UtcMs) -> Result<Option<i64>, Problem> + Send + 'static,
) -> Result<Response, Problem> {
    let run = move |tx: &Transaction<'_>| -> Result<Stored, Problem> {
        if let Some(before) = write::replay(tx, &keyed)? {
            return Ok(before);
        }
        let ticket = full(tx, id)?;
        expected.check(&ticket)?;
        let now = clock::now();
        let note_id = act(tx, &ticket, now)?;
        let ticket = full(tx, id)?;
        let stored = stored(StatusCode::OK, &ticket, &ticket)?;
        write::remember(tx, &keyed, id, note_id, &stored, now)?;
        Ok(stored)
    };
    answer(shared.store.run(run).await?)
}

/// Closes a ticket. Closing what is closed changes nothing.
#[utoipa::path(post, path = "/tickets/{id}/close",
    params(("id" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = Option<String>, Header)),
    request_body = Closing,
    responses((status = 200, body = Ticket, headers(("ETag" = String))), (status = 404, body = ProblemBody),
    (status = 412, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn close(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let id = parse_id(&id)?;
    let Asked { keyed, body: Closing {} } = asked(&method, &format!("/tickets/{id}/close"), &headers, body)?;
    let actor = shared.display_name.clone();
    let act = move |tx: &Transaction<'_>, ticket: &Ticket, now| Ok(lifecycle::close(tx, id, ticket, &actor, now).map(|()| None)?);
    change(&shared, keyed, id, IfMatch::of(&headers), act).await
}

/// Opens a resolved or closed ticket again, with the reason as a public reply.
#[utoipa::path(post, path = "/tickets/{id}/reopen",
    params(("id" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = Option<String>, Header)),
    request_body = Reopening,
    responses((status = 200, body = Ticket, headers(("ETag" = String))), (status = 404, body = ProblemBody),
    (status = 409, body = ProblemBody, description = "ticket_not_finished"), (status = 412, body = ProblemBody),
    (status = 422, body = ProblemBody)))]
pub(super) async fn reopen(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let id = parse_id(&id)?;
    let Asked { keyed, body } = asked::<Reopening>(&method, &format!("/tickets/{id}/reopen"), &headers, body)?;
    let actor = Actor { name: shared.display_name.clone(), role: Role::Agent };
    let marker = Some(keyed.key.clone());
    let act = move |tx: &Transaction<'_>, ticket: &Ticket, now| {
        let reason = (!body.body.trim().is_empty()).then(|| NoteDraft {
            body: body.body,
            visibility: Visibility::Public,
            marker,
            uploads: Vec::new(),
        });
        lifecycle::reopen(tx, id, ticket, &actor, reason, now)
    };
    change(&shared, keyed, id, IfMatch::of(&headers), act).await
}

/// The customer's verdict on a resolved or closed ticket; there is one.
#[utoipa::path(post, path = "/tickets/{id}/evaluation",
    params(("id" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = Option<String>, Header)),
    request_body = NewEvaluation,
    responses((status = 200, body = Ticket, headers(("ETag" = String))), (status = 400, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 409, body = ProblemBody, description = "ticket_not_finished, already_evaluated"),
    (status = 412, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn evaluate(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let id = parse_id(&id)?;
    let Asked { keyed, body } = asked::<NewEvaluation>(&method, &format!("/tickets/{id}/evaluation"), &headers, body)?;
    if !(1..=5).contains(&body.score) {
        return Err(Problem::invalid("a score goes from 1 to 5"));
    }
    checks::comment(&body.comment)?;
    let act = move |tx: &Transaction<'_>, ticket: &Ticket, now| lifecycle::evaluate(tx, id, ticket, &body, now).map(|()| None);
    change(&shared, keyed, id, IfMatch::of(&headers), act).await
}
