//! Questions.
#![expect(unused_qualifications, reason = "the OpenAPI macro qualifies the parameter types it is given")]

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::problem::Problem;
use crate::server::Shared;
use crate::store::{CHANGE_PAGE_MAX, Include, TICKET_PAGE_MAX, read};
use crate::wire::{ChangePage, CustomerList, EventList, Me, NoteList, Operation, ProblemBody, Ticket, TicketPage};

/// Tickets on a page when nothing is asked for.
pub const TICKET_PAGE_DEFAULT: u32 = 50;
/// Changes on a page when nothing is asked for.
pub const CHANGE_PAGE_DEFAULT: u32 = 200;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TicketsQuery {
    /// Only tickets with a smaller id: `next_before` of the page before.
    before: Option<String>,
    /// 1 to 200; 50 when absent.
    limit: Option<u32>,
    /// `notes`, `events` or both, separated by a comma.
    include: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TicketQuery {
    /// `notes`, `events` or both, separated by a comma.
    include: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ChangesQuery {
    /// Only changes behind this position; 0 is the beginning.
    after: Option<i64>,
    /// 1 to 500; 200 when absent.
    limit: Option<u32>,
}

/// An id as the database knows it; a text that cannot be one names nothing.
pub(super) fn parse_id(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| Problem::NotFound)
}

fn parse_include(text: Option<&str>) -> Result<Include, Problem> {
    let mut include = Include::default();
    for part in text.unwrap_or_default().split(',').filter(|part| !part.is_empty()) {
        match part {
            "notes" => include.notes = true,
            "events" => include.events = true,
            _ => return Err(Problem::invalid("include takes notes and events")),
        }
    }
    Ok(include)
}

pub(super) fn parse_limit(limit: Option<u32>, default: u32, max: u32) -> Result<u32, Problem> {
    match limit.unwrap_or(default) {
        limit if (1..=max).contains(&limit) => Ok(limit),
        _ => Err(Problem::invalid(format!("limit goes from 1 to {max}"))),
    }
}

pub(super) fn query<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Problem> {
    query.map(|Query(query)| query).map_err(|rejection| Problem::invalid(rejection.body_text()))
}

/// Who the token belongs to.
#[utoipa::path(get, path = "/me", responses((status = 200, body = Me), (status = 401, body = ProblemBody)))]
pub(super) async fn me(State(shared): State<Shared>) -> Json<Me> {
    Json(Me {
        user: shared.user.clone(),
        display_name: shared.display_name.clone(),
        server: "Deskbell hub".to_owned(),
        api_version: "1".to_owned(),
    })
}

/// A page of tickets, newest first, with the feed's position at the same instant.
#[utoipa::path(get, path = "/tickets", params(TicketsQuery),
    responses((status = 200, body = TicketPage), (status = 400, body = ProblemBody)))]
pub(super) async fn tickets(
    State(shared): State<Shared>,
    asked: Result<Query<TicketsQuery>, QueryRejection>,
) -> Result<Json<TicketPage>, Problem> {
    let asked = query(asked)?;
    let before = match &asked.before {
        Some(text) => Some(text.parse().map_err(|_| Problem::invalid("before is no ticket id"))?),
        None => None,
    };
    let limit = parse_limit(asked.limit, TICKET_PAGE_DEFAULT, TICKET_PAGE_MAX)?;
    let include = parse_include(asked.include.as_deref())?;
    let page = shared.store.run(move |tx| Ok::<_, Problem>(read::ticket_page(tx, before, limit, include)?)).await?;
    Ok(Json(page))
}

/// One ticket; its ETag goes into `If-Match` of a change.
#[utoipa::path(get, path = "/tickets/{id}", params(("id" = String, Path), TicketQuery),
    responses((status = 200, body = Ticket, headers(("ETag" = String))), (status = 404, body = ProblemBody)))]
pub(super) async fn ticket(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    asked: Result<Query<TicketQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let id = parse_id(&id)?;
    let include = parse_include(query(asked)?.include.as_deref())?;
    let found = shared.store.run(move |tx| Ok::<_, Problem>(read::ticket(tx, id, include)?)).await?;
    let ticket = found.ok_or(Problem::NotFound)?;
    Ok((StatusCode::OK, [(ETAG, format!("\"{}\"", ticket.version))], Json(ticket)).into_response())
}

/// The conversation of a ticket, oldest first.
#[utoipa::path(get, path = "/tickets/{id}/notes", params(("id" = String, Path)),
    responses((status = 200, body = NoteList), (status = 404, body = ProblemBody)))]
pub(super) async fn notes(State(shared): State<Shared>, Path(id): Path<String>) -> Result<Json<NoteList>, Problem> {
    let id = parse_id(&id)?;
    let read = move |tx: &rusqlite::Transaction<'_>| {
        if read::exists(tx, id)? { Ok(read::notes_of(tx, id)?) } else { Err(Problem::NotFound) }
    };
    Ok(Json(NoteList { notes: shared.store.run(read).await? }))
}

/// The history of a ticket, oldest first.
#[utoipa::path(get, path = "/tickets/{id}/events", params(("id" = String, Path)),
    responses((status = 200, body = EventList), (status = 404, body = ProblemBody)))]
pub(super) async fn events(State(shared): State<Shared>, Path(id): Path<String>) -> Result<Json<EventList>, Problem> {
    let id = parse_id(&id)?;
    let read = move |tx: &rusqlite::Transaction<'_>| {
        if read::exists(tx, id)? { Ok(read::events_of(tx, id)?) } else { Err(Problem::NotFound) }
    };
    Ok(Json(EventList { events: shared.store.run(read).await? }))
}

/// Committed changes in their order, without gaps: a reader at `next_after` has seen everything before it.
#[utoipa::path(get, path = "/changes", params(ChangesQuery),
    responses((status = 200, body = ChangePage), (status = 410, body = ProblemBody, description = "`after` lies ahead of the feed: \
    the database is another one, read everything again")))]
pub(super) async fn changes(
    State(shared): State<Shared>,
    asked: Result<Query<ChangesQuery>, QueryRejection>,
) -> Result<Json<ChangePage>, Problem> {
    let asked = query(asked)?;
    let after = asked.after.unwrap_or(0);
    let limit = parse_limit(asked.limit, CHANGE_PAGE_DEFAULT, CHANGE_PAGE_MAX)?;
    let page = shared.store.run(move |tx| Ok::<_, Problem>(read::change_page(tx, after, limit)?)).await?;
    if after > page.head { Err(Problem::FeedPositionAhead) } else { Ok(Json(page)) }
}

/// Whether the request with this idempotency key took effect.
#[utoipa::path(get, path = "/operations/{key}", params(("key" = String, Path)),
    responses((status = 200, body = Operation), (status = 404, body = ProblemBody, description = "It did not")))]
pub(super) async fn operation(State(shared): State<Shared>, Path(key): Path<String>) -> Result<Json<Operation>, Problem> {
    let found = shared.store.run(move |tx| Ok::<_, Problem>(read::operation(tx, &key)?)).await?;
    found.map(Json).ok_or(Problem::OperationUnknown)
}

/// All customers.
#[utoipa::path(get, path = "/customers", responses((status = 200, body = CustomerList)))]
pub(super) async fn customers(State(shared): State<Shared>) -> Result<Json<CustomerList>, Problem> {
    let customers = shared.store.run(|tx| Ok::<_, Problem>(read::customers(tx)?)).await?;
    Ok(Json(CustomerList { customers }))
}
