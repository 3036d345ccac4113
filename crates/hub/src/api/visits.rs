//! Visits: asked for, moved, called off, done. Capacity is looked at and taken in one transaction, so of two desks that want the
//! last slot one gets it and the other is told what else is free.
#![expect(unused_qualifications, reason = "the OpenAPI macro qualifies the parameter types it is given")]

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::header::ETAG;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use deskbell_domain::UtcMs;
use deskbell_domain::directory::{Problem as FieldTrouble, TEXT_CHARS_MAX};
use deskbell_domain::error::Code;
use deskbell_domain::scheduling::{
    CHECK_ITEMS_MAX, DRAWING_CHARS_MAX, FINDINGS_CHARS_MAX, Language, Timing, Visit, VisitAction, VisitEvent, VisitEventKind,
    VisitRequest, VisitState, Window, check_request, checklist, plan_visit,
};
use rusqlite::Transaction;
use serde::Deserialize;
use utoipa::IntoParams;

use super::reads::{parse_id, parse_limit, query};
use super::writes::{Asked, IfMatch, answer, asked};
use crate::booking::{Wish, give, refuse, refuse_action, refuse_fields, serve_waiting};
use crate::centres::Centres;
use crate::clock;
use crate::problem::Problem;
use crate::server::Shared;
use crate::store::visits::{self, VisitRow};
use crate::store::{Keyed, Stored, read, write};
use crate::wire::{NewVisit, ProblemBody, Refusal, VisitDoc, VisitPage, VisitPatch};

/// Visits on a page at most.
pub const VISIT_PAGE_MAX: u32 = 500;
/// Visits on a page when nothing is asked for.
const VISIT_PAGE_DEFAULT: u32 = 200;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct VisitsQuery {
    /// Only visits that changed behind this position; 0 is the beginning.
    after: Option<i64>,
    /// 1 to 500; 200 when absent.
    limit: Option<u32>,
}

fn replay(tx: &Transaction<'_>, keyed: &Keyed) -> Result<Option<Stored>, Problem> {
    write::replay(tx, keyed).map_err(|problem| match problem {
        Problem::KeyReused => Problem::VisitKeyReused,
        other => other,
    })
}

/// The answer with a visit, kept under its key.
fn remember(tx: &Transaction<'_>, keyed: &Keyed, status: StatusCode, id: i64, now: UtcMs) -> Result<Stored, Problem> {
    let row = visits::find(tx, id)?.ok_or(Problem::Internal)?;
    let etag = format!("\"{}\"", row.visit.version);
    let stored = Stored { status: status.as_u16(), etag, body: serde_json::to_string(&row.visit)?, replayed: false };
    write::remember(tx, keyed, row.ticket_id, None, &stored, now)?;
    visits::remember_visit(tx, keyed, id)?;
    Ok(stored)
}

/// Visits in the order in which they changed last; a reader at `next_after` has seen everything before it.
#[utoipa::path(get, path = "/visits", params(VisitsQuery),
    responses((status = 200, body = VisitPage), (status = 400, body = ProblemBody)))]
pub(super) async fn visits_page(
    State(shared): State<Shared>,
    asked: Result<Query<VisitsQuery>, QueryRejection>,
) -> Result<Json<VisitPage>, Problem> {
    let asked = query(asked)?;
    let limit = parse_limit(asked.limit, VISIT_PAGE_DEFAULT, VISIT_PAGE_MAX)?;
    let after = asked.after.unwrap_or(0);
    let (visits, next_after, more) = shared.store.run(move |tx| Ok::<_, Problem>(visits::page(tx, after, limit)?)).await?;
    Ok(Json(VisitPage { visits, next_after, more }))
}

/// One visit; its ETag goes into `If-Match` of a change.
#[utoipa::path(get, path = "/visits/{id}", params(("id" = String, Path)),
    responses((status = 200, body = VisitDoc, headers(("ETag" = String))), (status = 404, body = ProblemBody)))]
pub(super) async fn visit(State(shared): State<Shared>, Path(id): Path<String>) -> Result<Response, Problem> {
    let id = parse_id(&id)?;
    let found = shared.store.run(move |tx| Ok::<_, Problem>(visits::find(tx, id)?)).await?;
    let visit = found.ok_or(Problem::NotFound)?.visit;
    Ok((StatusCode::OK, [(ETAG, format!("\"{}\"", visit.version))], Json(visit)).into_response())
}

/// Asks for a visit: with a hold, a start, or a window in which the server chooses. The same key again gives the same answer.
#[utoipa::path(post, path = "/visits", params(("Idempotency-Key" = String, Header)), request_body = NewVisit,
    responses((status = 201, body = VisitDoc, headers(("ETag" = String))),
    (status = 400, body = ProblemBody, description = "Everything that is wrong stands in `problems`"), (status = 404, body = ProblemBody),
    (status = 409, body = ProblemBody, description = "slot_taken, slot_unavailable, hold_unknown with alternatives; \
    idempotency_key_reused")))]
pub(super) async fn create_visit(
    State(shared): State<Shared>,
    method: Method,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let Asked { keyed, body } = asked::<NewVisit>(&method, "/visits", &headers, body)?;
    let ticket_id = parse_id(&body.ticket_id)?;
    let (centres, actor) = (shared.centres.clone(), shared.display_name.clone());
    let act = move |tx: &Transaction<'_>| -> Result<Stored, Problem> {
        if let Some(before) = replay(tx, &keyed)? {
            return Ok(before);
        }
        if !read::exists(tx, ticket_id)? {
            return Err(Problem::NotFound);
        }
        let now = clock::now();
        check_new(&body, &centres, now)?;
        let (visit, languages) = book(tx, &centres, body, &actor, now)?;
        let id = visits::insert(tx, ticket_id, &visit, &languages, now)?;
        remember(tx, &keyed, StatusCode::CREATED, id, now)
    };
    answer(shared.store.run(act).await?)
}

fn check_new(new: &NewVisit, centres: &Centres, now: UtcMs) -> Result<(), Problem> {
    if new.window.is_none() && new.start.is_none() && new.hold_id.is_none() {
        return refuse_fields(&[FieldTrouble::new("window", Code::ValueMissing)]);
    }
    if new.start.is_some() && new.centre_id.is_none() {
        return refuse_fields(&[FieldTrouble::new("centre_id", Code::ValueMissing)]);
    }
    if new.waitlist && new.window.is_none() {
        return refuse_fields(&[FieldTrouble::new("window", Code::ValueMissing)]);
    }
    let centre = match &new.centre_id {
        Some(id) => match centres.find(id) {
            Some(ready) => Some(ready),
            None => return refuse_fields(&[FieldTrouble::new("centre_id", Code::CentreUnknown)]),
        },
        None => None,
    };
    let start = new.start.unwrap_or(now);
    let request = VisitRequest {
        ticket_remote_id: new.ticket_id.clone(),
        service: new.service,
        site: new.site.clone(),
        contact: new.contact.clone(),
        asset: new.asset.clone(),
        window: new.window.unwrap_or(Window { from: start, to: start.plus_ms(1).max(now.plus_ms(1)) }),
        centre: new.centre_id.clone(),
        note: new.note.clone(),
    };
    let mut problems = check_request(&request, centre.as_ref().map(|ready| ready.centre), now);
    if new.start.is_some_and(|start| start < now) {
        problems.push(FieldTrouble::new("start", Code::WindowPast));
    }
    refuse_fields(&problems)
}

/// A visit in the slot that it gets, or on the list where the request allows it.
fn book(
    tx: &Transaction<'_>,
    centres: &Centres,
    new: NewVisit,
    actor: &str,
    now: UtcMs,
) -> Result<(Visit, Vec<String>), Problem> {
    let mut wish = Wish {
        service: new.service,
        site: Some(new.site.clone()),
        languages: new.languages.clone(),
        centre_id: new.centre_id.clone(),
        start: new.start,
        engineer_id: new.engineer_id.clone(),
        window: new.window,
        moving: None,
        hold: None,
    };
    use_hold(tx, &mut wish, new.hold_id.as_deref(), centres, now)?;
    let event = |kind, start| VisitEvent { at: now, kind, actor: actor.to_owned(), detail: String::new(), start };
    let language = if new.site.country.is_empty() || new.site.country == "CN" { Language::Zh } else { Language::En };
    let visit = Visit {
        id: String::new(),
        ticket_remote_id: new.ticket_id,
        service: new.service,
        site: new.site,
        contact: new.contact,
        asset: new.asset,
        note: new.note,
        window: new.window,
        centre_id: String::new(),
        slot: None,
        engineer_id: None,
        state: VisitState::Requested,
        requested_at: now,
        history: vec![event(VisitEventKind::Requested, None)],
        checklist: checklist(new.service, language),
        findings: String::new(),
        sign_off: None,
        sequence: 0,
        version: String::new(),
    };
    let mut row = VisitRow { id: 0, ticket_id: 0, languages: new.languages, visit };
    match wish.take(tx, centres, now) {
        Ok(slot) => {
            let start = Some(slot.start);
            give(&mut row, slot, event(VisitEventKind::Confirmed, start));
        }
        Err(Problem::Visit { code: Code::SlotTaken, .. }) if new.waitlist => {
            let nearest = || centres.near(&row.visit.site, row.visit.service).first().map(|ready| ready.centre.remote_id.clone());
            row.visit.centre_id = wish.centre_id.clone().or_else(nearest).unwrap_or_default();
            row.visit.state = VisitState::Waitlisted;
            row.visit.history.push(event(VisitEventKind::Waitlisted, None));
        }
        Err(problem) => return Err(problem),
    }
    if let Some(hold) = wish.hold {
        visits::delete_hold(tx, hold)?;
    }
    Ok((row.visit, row.languages))
}

/// Turns a hold into the start, centre and engineer that it kept. One that ran out is as good as its slot being free still.
fn use_hold(tx: &Transaction<'_>, wish: &mut Wish, hold: Option<&str>, centres: &Centres, now: UtcMs) -> Result<(), Problem> {
    let Some(text) = hold else { return Ok(()) };
    let found = match text.parse::<i64>() {
        Ok(id) => visits::find_hold(tx, id)?.map(|hold| (id, hold)),
        Err(_) => None,
    };
    let Some((id, hold)) = found else {
        // Whatever else is free is told along, where there is something to go by.
        let instead = wish.take(tx, centres, now).ok().into_iter().collect();
        let refusal = Refusal { alternatives: Some(instead), ..Refusal::default() };
        return Err(refuse(StatusCode::CONFLICT, Code::HoldUnknown, refusal));
    };
    wish.hold = Some(id);
    wish.centre_id = Some(hold.slot.centre_id);
    wish.start = Some(hold.slot.start);
    if now.0 < hold.expires_at {
        wish.engineer_id = hold.slot.engineer_ids.into_iter().next();
    }
    Ok(())
}

/// Moves a visit, calls it off, finishes it, or changes its words. With `If-Match` only if it is still that version. Moving and
/// calling off end at the centre's cut-off; what comes free goes to the waiting list.
#[utoipa::path(patch, path = "/visits/{id}",
    params(("id" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = Option<String>, Header)),
    request_body = VisitPatch,
    responses((status = 200, body = VisitDoc, headers(("ETag" = String))), (status = 400, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 409, body = ProblemBody, description = "slot_taken and slot_unavailable with \
    alternatives; visit_finished, visit_action_invalid, visit_past_cutoff, visit_not_begun; idempotency_key_reused"),
    (status = 412, body = ProblemBody, description = "The visit changed since it was read")))]
pub(super) async fn patch_visit(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let id = parse_id(&id)?;
    let Asked { keyed, body } = asked::<VisitPatch>(&method, &format!("/visits/{id}"), &headers, body)?;
    check_patch(&body)?;
    let expected = IfMatch::of(&headers);
    let (centres, actor) = (shared.centres.clone(), shared.display_name.clone());
    let act = move |tx: &Transaction<'_>| -> Result<Stored, Problem> {
        if let Some(before) = replay(tx, &keyed)? {
            return Ok(before);
        }
        let row = visits::find(tx, id)?.ok_or(Problem::NotFound)?;
        expected.check_version(&row.visit.version)?;
        let now = clock::now();
        change(tx, &centres, row, body, actor, now)?;
        remember(tx, &keyed, StatusCode::OK, id, now)
    };
    answer(shared.store.run(act).await?)
}

fn check_patch(patch: &VisitPatch) -> Result<(), Problem> {
    let mut problems = Vec::new();
    let mut fits = |field: &str, text: &str, most: usize| {
        if text.chars().count() > most {
            problems.push(FieldTrouble::new(field, Code::TextTooLong).with("most", most));
        }
    };
    fits("reason", &patch.reason, TEXT_CHARS_MAX);
    fits("asset", patch.asset.as_deref().unwrap_or_default(), TEXT_CHARS_MAX);
    fits("note", patch.note.as_deref().unwrap_or_default(), TEXT_CHARS_MAX);
    fits("findings", patch.findings.as_deref().unwrap_or_default(), FINDINGS_CHARS_MAX);
    for (index, item) in patch.checklist.iter().flatten().enumerate() {
        fits(&format!("checklist[{index}]"), &item.text, TEXT_CHARS_MAX);
        fits(&format!("checklist[{index}].finding"), &item.finding, TEXT_CHARS_MAX);
    }
    if let Some(sign_off) = &patch.sign_off {
        fits("sign_off.name", &sign_off.name, deskbell_domain::directory::NAME_CHARS_MAX);
        fits("sign_off.drawing", sign_off.drawing.as_deref().unwrap_or_default(), DRAWING_CHARS_MAX);
        if sign_off.name.trim().is_empty() {
            problems.push(FieldTrouble::new("sign_off.name", Code::ValueMissing));
        }
    }
    if patch.checklist.as_ref().is_some_and(|items| items.len() > CHECK_ITEMS_MAX) {
        problems.push(FieldTrouble::new("checklist", Code::TooMany).with("most", CHECK_ITEMS_MAX));
    }
    if let Some(contact) = &patch.contact {
        problems.extend(deskbell_domain::directory::check_person("contact", contact));
    }
    refuse_fields(&problems)
}

fn change(
    tx: &Transaction<'_>,
    centres: &Arc<Centres>,
    mut row: VisitRow,
    patch: VisitPatch,
    actor: String,
    now: UtcMs,
) -> Result<(), Problem> {
    let action = patch.action.unwrap_or(VisitAction::Edit);
    let (was, left) = (row.visit.state, row.visit.centre_id.clone());
    let cancel_cutoff_min = centres.find(&left).map_or(0, |ready| ready.centre.rules.cancel_cutoff_min);
    let timing = Timing { now, start: row.visit.slot.as_ref().map(|slot| slot.start), cancel_cutoff_min };
    let state = plan_visit(was, action, &timing).map_err(refuse_action)?;
    let mut event = VisitEvent { at: now, kind: kind_of(was, action), actor, detail: patch.reason.clone(), start: None };
    match action {
        VisitAction::Confirm | VisitAction::Reschedule => {
            let slot = slot_for(tx, centres, &row, &patch, now)?;
            event.start = Some(slot.start);
            // A new time for something that stands in calendars already.
            row.visit.sequence += u32::from(was == VisitState::Confirmed);
            give(&mut row, slot, event);
        }
        VisitAction::Cancel | VisitAction::Decline => {
            row.visit.sequence += u32::from(was == VisitState::Confirmed);
            row.visit.history.push(event);
        }
        VisitAction::Complete | VisitAction::Waitlist | VisitAction::Edit => row.visit.history.push(event),
    }
    row.visit.state = state;
    put_words(&mut row.visit, patch);
    visits::update(tx, &row, was, now)?;
    let frees = matches!(action, VisitAction::Cancel | VisitAction::Decline | VisitAction::Reschedule);
    if frees && was == VisitState::Confirmed { serve_waiting(tx, centres, &left, now) } else { Ok(()) }
}

fn kind_of(was: VisitState, action: VisitAction) -> VisitEventKind {
    match action {
        VisitAction::Reschedule if was == VisitState::Confirmed => VisitEventKind::Rescheduled,
        VisitAction::Confirm | VisitAction::Reschedule => VisitEventKind::Confirmed,
        VisitAction::Decline => VisitEventKind::Declined,
        VisitAction::Cancel => VisitEventKind::Cancelled,
        VisitAction::Complete => VisitEventKind::Done,
        VisitAction::Waitlist => VisitEventKind::Waitlisted,
        VisitAction::Edit => VisitEventKind::Edited,
    }
}

fn slot_for(
    tx: &Transaction<'_>,
    centres: &Centres,
    row: &VisitRow,
    patch: &VisitPatch,
    now: UtcMs,
) -> Result<deskbell_domain::scheduling::Slot, Problem> {
    let visit = &row.visit;
    let here = (!visit.centre_id.is_empty()).then(|| visit.centre_id.clone());
    let mut wish = Wish {
        service: visit.service,
        site: Some(visit.site.clone()),
        languages: row.languages.clone(),
        centre_id: patch.centre_id.clone().or(here),
        start: patch.start,
        engineer_id: patch.engineer_id.clone(),
        window: visit.window,
        moving: Some(row.id),
        hold: None,
    };
    if visit.state == VisitState::Confirmed && patch.start.is_none() && patch.hold_id.is_none() {
        return refuse_fields(&[FieldTrouble::new("start", Code::ValueMissing)]).and(Err(Problem::Internal));
    }
    use_hold(tx, &mut wish, patch.hold_id.as_deref(), centres, now)?;
    let slot = wish.take(tx, centres, now)?;
    if let Some(hold) = wish.hold {
        visits::delete_hold(tx, hold)?;
    }
    Ok(slot)
}

fn put_words(visit: &mut Visit, patch: VisitPatch) {
    let VisitPatch { contact, asset, note, checklist, findings, sign_off, .. } = patch;
    visit.contact = contact.unwrap_or_else(|| visit.contact.clone());
    visit.asset = asset.unwrap_or_else(|| std::mem::take(&mut visit.asset));
    visit.note = note.unwrap_or_else(|| std::mem::take(&mut visit.note));
    visit.checklist = checklist.unwrap_or_else(|| std::mem::take(&mut visit.checklist));
    visit.findings = findings.unwrap_or_else(|| std::mem::take(&mut visit.findings));
    visit.sign_off = sign_off.or_else(|| visit.sign_off.take());
}
