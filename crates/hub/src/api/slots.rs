//! Free slots, and holds on them.
#![expect(unused_qualifications, reason = "the OpenAPI macro qualifies the parameter types it is given")]

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use deskbell_domain::UtcMs;
use deskbell_domain::error::Code;
use deskbell_domain::scheduling::{Bookings, Service, Site, SlotAnswer, SlotQuestion, WINDOW_DAYS_MAX, plan_slots_ready};
use deskbell_domain::time::{DAY_MS, MINUTE_MS};
use rusqlite::Transaction;
use serde::Deserialize;
use utoipa::IntoParams;

use super::reads::{parse_id, query};
use super::writes::{Asked, asked};
use crate::booking::{Wish, refuse};
use crate::clock;
use crate::problem::Problem;
use crate::server::Shared;
use crate::store::visits;
use crate::wire::{Hold, NewHold, ProblemBody, Refusal, SlotAnswerDoc};

/// How long a hold keeps its slot, in milliseconds.
pub const HOLD_TTL_MS: i64 = 5 * MINUTE_MS;
/// Holds at one time on the whole server.
pub const HOLDS_MAX: u32 = 1_000;
/// How long a hold that ran out is remembered, so that its key still has its answer.
const HOLD_KEPT_MS: i64 = DAY_MS;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SlotsQuery {
    /// hardware_inspection, network_stress_test, security_hardening.
    service: String,
    /// UTC milliseconds.
    from: i64,
    /// UTC milliseconds; at most 92 days after `from`.
    to: i64,
    /// Of the site, degrees north; with it the travel radius counts.
    lat: Option<f64>,
    /// Of the site, degrees east.
    lon: Option<f64>,
    /// Of the site, ISO 3166-1 alpha-2.
    country: Option<String>,
    /// What the engineer has to speak one of, BCP 47, separated by commas.
    language: Option<String>,
}

impl SlotsQuery {
    fn question(&self, now: UtcMs) -> Result<SlotQuestion, Problem> {
        let bad = |code| refuse(StatusCode::BAD_REQUEST, code, Refusal::default());
        let service = Service::from_text(&self.service).ok_or_else(|| bad(Code::ServiceUnknown))?;
        let (from, to) = (UtcMs(self.from), UtcMs(self.to));
        if to <= from {
            return Err(bad(Code::WindowReversed));
        }
        if to.ms_since(from) > WINDOW_DAYS_MAX * DAY_MS {
            return Err(bad(Code::WindowTooLong));
        }
        let country = self.country.clone().unwrap_or_default();
        let site = Site { latitude: self.lat, longitude: self.lon, country, ..Site::default() };
        if (self.lat.is_some() || self.lon.is_some()) && site.place().is_none() {
            return Err(bad(Code::CoordinatesMissing));
        }
        let languages = self.language.iter().flat_map(|tags| tags.split(',')).map(str::trim).filter(|tag| !tag.is_empty());
        Ok(SlotQuestion { service, from, to, site: Some(site), now, languages: languages.map(str::to_owned).collect() })
    }
}

/// Free slots of a centre, or why there are none. Slots on hold are not free.
#[utoipa::path(get, path = "/centres/{id}/slots", params(("id" = String, Path), SlotsQuery),
    responses((status = 200, body = SlotAnswerDoc), (status = 400, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub(super) async fn slots(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    asked: Result<Query<SlotsQuery>, QueryRejection>,
) -> Result<Json<SlotAnswer>, Problem> {
    let now = clock::now();
    let question = query(asked)?.question(now)?;
    let unknown = || refuse(StatusCode::NOT_FOUND, Code::CentreUnknown, Refusal::default());
    let centre = shared.centres.find(&id).ok_or_else(unknown)?;
    let (from, to) = (question.from, question.to);
    let taken = shared.store.run(move |tx| Ok::<_, Problem>(visits::bookings(tx, &id, from, to, now, (None, None))?)).await?;
    Ok(Json(plan_slots_ready(&centre, &Bookings::new(taken), &question)))
}

/// Keeps a slot for five minutes, so that a form can be filled in without haste.
#[utoipa::path(post, path = "/holds", params(("Idempotency-Key" = String, Header)), request_body = NewHold,
    responses((status = 201, body = Hold), (status = 400, body = ProblemBody),
    (status = 409, body = ProblemBody, description = "slot_taken, slot_unavailable with alternatives; idempotency_key_reused")))]
pub(super) async fn hold(
    State(shared): State<Shared>,
    method: Method,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let Asked { keyed, body } = asked::<NewHold>(&method, "/holds", &headers, body)?;
    let centres = shared.centres.clone();
    let act = move |tx: &Transaction<'_>| -> Result<Hold, Problem> {
        if let Some(before) = visits::hold_of_key(tx, &keyed)? {
            return Ok(before);
        }
        let now = clock::now();
        if visits::tidy_holds(tx, now.plus_ms(-HOLD_KEPT_MS), now)? >= HOLDS_MAX {
            return Err(Problem::RateLimited { retry_after: "60".to_owned() });
        }
        let wish = Wish {
            service: body.service,
            site: None,
            languages: body.languages,
            centre_id: Some(body.centre_id),
            start: Some(body.start),
            engineer_id: body.engineer_id,
            window: None,
            moving: None,
            hold: None,
        };
        let slot = wish.take(tx, &centres, now)?;
        Ok(visits::insert_hold(tx, &keyed, &slot, now.plus_ms(HOLD_TTL_MS))?)
    };
    let hold = shared.store.run(act).await?;
    Ok((StatusCode::CREATED, Json(hold)).into_response())
}

/// Gives a slot back that was kept.
#[utoipa::path(delete, path = "/holds/{id}", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody)))]
pub(super) async fn release(State(shared): State<Shared>, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let id = parse_id(&id)?;
    let known = shared.store.run(move |tx| Ok::<_, Problem>(visits::delete_hold(tx, id)?)).await?;
    if known { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::NotFound) }
}
