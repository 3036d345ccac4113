//! Visits of a server without slots: each travels as a ticket in the account's on-site category, and its answers are read back.
//!
//! Owns: the words of such tickets, what is told on them, and when their answers are looked at. Must not know how an answer is
//! written (the domain's block). Invariants: nothing is queued without a category; the visit and its ticket are made together.

use chrono_tz::Tz;
use deskbell_domain::directory::{Problem, ServiceCentre};
use deskbell_domain::scheduling::block::{VisitAnswer, VisitAsk};
use deskbell_domain::scheduling::carried::{Awaiting, CarriedState, Unread, VISIT_MS_ASSUMED};
use deskbell_domain::scheduling::{
    Visit, VisitAction, VisitBooking, VisitChange, VisitKey, VisitRequest, VisitState, check_request,
};
use deskbell_domain::sync::op::{NewTicket, OperationId, OperationKind, OperationName, OperationState};
use deskbell_domain::ticket::{AccountId, TicketId, Visibility};
use deskbell_domain::{Code, UtcMs};
use deskbell_store::records::{AccountRecord, NewOperation, TicketRecord};
use deskbell_store::{CarriedRequest, Store};
use serde::Serialize;
use ts_rs::TS;

use super::view::KnownSite;
use crate::edits::Undo;
use crate::engine::Engine;
use crate::error::EngineError;

mod words;

/// What a visit that travels as a ticket waits for, and what was answered there.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Carried {
    /// The ticket that carries it.
    pub ticket: TicketId,
    pub remote_id: String,
    pub awaiting: Option<Awaiting>,
    /// An answer that a person has to read, and to settle by hand.
    pub unread: Option<Unread>,
    /// IANA zone of times that name none.
    pub zone: String,
}

/// Whether visits of the account travel as tickets.
pub(crate) fn is_carried(engine: &Engine, account: &AccountRecord) -> bool {
    let operations = engine.capabilities(account).operations;
    !operations.contains(&OperationName::RequestVisit) && operations.contains(&OperationName::CreateTicket)
}

/// What is wrong with a request that travels as a ticket: by itself, and for the centre that it names.
pub(crate) async fn problems(
    engine: &Engine,
    account: AccountId,
    request: &VisitRequest,
    booking: &VisitBooking,
) -> Result<Vec<Problem>, EngineError> {
    let now = engine.now();
    let mut found = match named(request) {
        Some(id) => super::request::at_centre(request, id, nameable(engine, account, id).await?.as_ref(), now),
        None => check_request(request, None, now),
    };
    if booking.start.is_some_and(|start| start <= now) {
        found.push(Problem::new("start", Code::WindowPast));
    }
    if engine.kept(account).options.visit_category.is_empty() {
        found.push(Problem::new("", Code::VisitCategoryMissing));
    }
    Ok(found)
}

fn named(request: &VisitRequest) -> Option<&str> {
    request.centre.as_deref().filter(|id| !id.is_empty())
}

/// The centre that a request may name, as the person has it.
async fn nameable(engine: &Engine, account: AccountId, id: &str) -> Result<Option<ServiceCentre>, EngineError> {
    let (centres, id, now) = (engine.visit_centres(account).await?, id.to_owned(), engine.now());
    Ok(engine.read(move |store| centres.nameable(store, &id, now)).await?.map(|centre| centre.checked()))
}

/// Opens the ticket that carries the visit; one marker opens one.
pub(crate) async fn request(
    engine: &Engine,
    ticket: &TicketRecord,
    request: VisitRequest,
    booking: VisitBooking,
    marker: Option<&str>,
) -> Result<VisitKey, EngineError> {
    let account = ticket.account_id;
    if let Some(problem) = problems(engine, account, &request, &booking).await?.into_iter().next() {
        return Err(super::request::refused(problem));
    }
    let key = engine.marker(marker)?;
    let centre = match named(&request) {
        Some(id) => nameable(engine, account, id).await?,
        None => None,
    };
    let zone = zone_of(centre.as_ref());
    let site = KnownSite { site: request.site.clone(), contact: request.contact.clone(), asset: request.asset.clone() };
    let site = serde_json::to_string(&site).map_err(|error| EngineError::with_detail(Code::Internal, error.to_string()))?;
    let words = words::Words::new(engine.settings().language, zone);
    let about = (!ticket.remote_id.starts_with("local:")).then_some(ticket.remote_id.as_str());
    let told = centre.as_ref().map(|centre| words.centre(centre)).unwrap_or_default();
    let ask =
        VisitAsk { centre: Some(told.clone()).filter(|told| !told.is_empty()), ..VisitAsk::request(&key, &request, &booking) };
    let body = format!("{}\n{}", words.request(&request, &booking, &told, about), ask.to_block());
    let carrier = NewTicket {
        subject: words.subject(&request, &ticket.subject),
        body,
        priority: Some(ticket.priority),
        category: engine.kept(account).options.visit_category,
        ..NewTicket::default()
    };
    let asked = CarriedRequest {
        account,
        ticket: ticket.id,
        key: key.clone(),
        request,
        booking,
        carrier,
        site,
        zone: zone.name().to_owned(),
    };
    let (now, not_before) = (engine.now(), engine.leaves_at(OperationName::RequestVisit, Undo::AsSet));
    let (carrier, operation) = engine.read(move |store| store.request_carried_visit(asked, now, not_before)).await?;
    tracing::info!(operation = operation.0, ticket = carrier.0, "A visit was asked for by a ticket.");
    engine.sla_wake.notify_one();
    engine.after_outbox_change(carrier).await;
    engine.emit_tickets(vec![ticket.id]);
    engine.emit_visits();
    Ok(key)
}

/// Tells a change on the carrier.
pub(crate) async fn change(
    engine: &Engine,
    key: &str,
    carrier: TicketId,
    visit: &Visit,
    change: VisitChange,
    marker: Option<&str>,
) -> Result<OperationId, EngineError> {
    let wanted = key.to_owned();
    let state = engine.read(move |store| store.carried(&wanted)).await?.unwrap_or_default();
    let words = words::Words::new(engine.settings().language, state.tz());
    let body = format!("{}\n{}", words.change(visit, &change), VisitAsk::change(key, &change).to_block());
    let kind = OperationKind::Reply { body, visibility: Visibility::Public, files: Vec::new(), seen_notes: None };
    let new = NewOperation { ticket_id: carrier, kind, marker: engine.marker(marker)? };
    let (now, not_before) = (engine.now(), engine.leaves_at(OperationName::ChangeVisit, Undo::AsSet));
    let wanted = key.to_owned();
    let id = engine.read(move |store| store.tell_carrier(&wanted, new, change, now, not_before)).await?;
    tracing::info!(operation = id.0, ticket = carrier.0, "A change of a visit was told on its ticket.");
    engine.after_outbox_change(carrier).await;
    engine.emit_visits();
    Ok(id)
}

/// Lays what was told and has not arrived over a visit; another time is only asked for, and the one that stands stays.
pub(crate) fn lay(visit: &mut Visit, state: &CarriedState, now: UtcMs) {
    for ask in &state.asks {
        *visit = deskbell_domain::scheduling::carried::told(visit, &ask.change, now, "").0;
    }
}

/// Takes in what arrived on these carriers, or on all; tells everybody when a visit changed.
pub(crate) async fn look(engine: &Engine, tickets: Option<Vec<TicketId>>) {
    let now = engine.now();
    match engine.read(move |store| store.settle_carried(tickets.as_deref(), now)).await {
        Ok(changed) if changed.is_empty() => {}
        Ok(_changed) => {
            engine.sla_wake.notify_one();
            engine.emit_visits();
        }
        // The notes stay: the next look takes them in.
        Err(error) => tracing::error!(code = error.code.as_str(), "Answers about visits could not be read."),
    }
}

/// The centre's own clock, else China's: there the visits are.
fn zone_of(centre: Option<&ServiceCentre>) -> Tz {
    centre.and_then(|centre| centre.calendar.as_ref()?.tz.parse().ok()).unwrap_or(Tz::Asia__Shanghai)
}

impl Engine {
    /// A change of a visit that travels as a ticket. Calling off what has not left takes it back.
    pub(super) async fn change_carried(
        &self,
        view: &super::view::VisitView,
        carrier: TicketId,
        change: VisitChange,
        marker: Option<&str>,
    ) -> Result<OperationId, EngineError> {
        if change.action == Some(VisitAction::Cancel) {
            let waiting = self.read(move |store| store.pending_operations(carrier)).await?;
            let creation = waiting.iter().find(|one| one.kind.name() == OperationName::CreateTicket);
            let is_here = |state| matches!(state, OperationState::Queued | OperationState::Rejected);
            if let Some(creation) = creation.filter(|one| is_here(one.state)) {
                self.discard_operation(creation.id).await?;
                self.emit_visits();
                return Ok(creation.id);
            }
        }
        self::change(self, &view.key, carrier, &view.visit, change, marker).await
    }

    /// What a visit that travels as a ticket waits for; `None` for every other.
    ///
    /// # Errors
    /// `visit_unknown`.
    pub async fn carried(&self, key: &str) -> Result<Option<Carried>, EngineError> {
        let wanted = key.to_owned();
        let found = self.read(move |store| carried(store, &wanted)).await?;
        found.ok_or_else(|| super::find::unknown(key))
    }

    /// Settles by hand what only people can read.
    ///
    /// # Errors
    /// `visit_unknown`; `operation_not_offered` for a visit of a server with slots; `value_missing` and `window_reversed` with
    /// the field; `visit_action_invalid` from where the visit stands.
    pub async fn settle_visit(&self, key: &str, answer: VisitAnswer) -> Result<(), EngineError> {
        if answer.state == VisitState::Confirmed {
            let start = answer.start.ok_or_else(|| EngineError::new(Code::ValueMissing).arg("field", "start"))?;
            let end = answer.end.unwrap_or_else(|| start.plus_ms(VISIT_MS_ASSUMED));
            if end <= start {
                return Err(EngineError::new(Code::WindowReversed).arg("field", "end"));
            }
        }
        let (wanted, now) = (key.to_owned(), self.now());
        self.read(move |store| store.settle_visit(&wanted, answer, now)).await?;
        self.sla_wake.notify_one();
        self.emit_visits();
        Ok(())
    }
}

/// `None`: no such visit; `Some(None)`: one that no ticket carries.
fn carried(store: &Store, key: &str) -> Result<Option<Option<Carried>>, deskbell_store::StoreError> {
    let Some(record) = store.visit(key)? else { return Ok(None) };
    let (Some(ticket), Some(state)) = (record.carrier, store.carried(key)?) else { return Ok(Some(None)) };
    let remote_id = store.ticket(ticket)?.map(|ticket| ticket.remote_id).filter(|id| !id.starts_with("local:"));
    let CarriedState { awaiting, unread, zone, .. } = state;
    Ok(Some(Some(Carried { ticket, remote_id: remote_id.unwrap_or_default(), awaiting, unread, zone })))
}
