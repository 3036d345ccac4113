//! Asking for a visit, and asking again after a no.

use deskbell_domain::directory::{Problem, ServiceCentre};
use deskbell_domain::scheduling::{VisitBooking, VisitKey, VisitRequest, check_request};
use deskbell_domain::sync::op::{OperationKind, OperationName};
use deskbell_domain::ticket::TicketId;
use deskbell_domain::{Code, UtcMs};
use deskbell_store::records::{NewOperation, TicketRecord};

use super::slots::nearest;
use super::view::KnownSite;
use crate::directory::VisitCentre;
use crate::edits::Undo;
use crate::engine::Engine;
use crate::error::EngineError;

/// A request with what it is checked against.
#[derive(Debug, Clone)]
pub struct VisitCheck {
    pub ticket: TicketRecord,
    pub request: VisitRequest,
    pub problems: Vec<Problem>,
}

impl Engine {
    /// Everything wrong with a request as typed.
    ///
    /// # Errors
    /// `ticket_unknown`; the store's.
    pub async fn check_visit(
        &self,
        id: TicketId,
        mut request: VisitRequest,
        booking: &VisitBooking,
    ) -> Result<VisitCheck, EngineError> {
        let ticket = self.known(id).await?;
        request.ticket_remote_id.clone_from(&ticket.remote_id);
        let account = ticket.account_id;
        if super::carrier::is_carried(self, &self.account_record(account).await?) {
            let problems = super::carrier::problems(self, account, &request, booking).await?;
            return Ok(VisitCheck { ticket, request, problems });
        }
        let centres = self.visit_centres(account).await?;
        let problems = problems(&request, booking, centres.offered(), self.now());
        Ok(VisitCheck { ticket, request, problems })
    }

    /// Queues a request for a visit, which is there as "requested" at once; one marker asks once. With a key it asks again in
    /// place of what was refused or still waits here.
    ///
    /// # Errors
    /// The first of [`Engine::check_visit`]'s problems with its `field`; `visit_unknown`, and `visit_action_invalid` for one
    /// that the server has or may have; `operation_not_offered`.
    pub async fn request_visit(
        &self,
        id: TicketId,
        key: Option<VisitKey>,
        request: VisitRequest,
        booking: VisitBooking,
        marker: Option<&str>,
    ) -> Result<VisitKey, EngineError> {
        let checked = self.check_visit(id, request, &booking).await?;
        if let Some(problem) = checked.problems.into_iter().next() {
            return Err(refused(problem));
        }
        let (ticket, request) = (checked.ticket, checked.request);
        let account = self.account_record(ticket.account_id).await?;
        if super::carrier::is_carried(self, &account) {
            return super::carrier::request(self, &ticket, request, booking, marker).await;
        }
        if !self.capabilities(&account).operations.contains(&OperationName::RequestVisit) {
            return Err(EngineError::new(Code::OperationNotOffered).arg("operation", OperationName::RequestVisit.as_str()));
        }
        let marker = self.marker(marker)?;
        let visit = key.clone().unwrap_or_else(|| marker.clone());
        let site = KnownSite { site: request.site.clone(), contact: request.contact.clone(), asset: request.asset.clone() };
        let site = serde_json::to_string(&site).map_err(|error| EngineError::with_detail(Code::Internal, error.to_string()))?;
        let kind = OperationKind::RequestVisit { visit: visit.clone(), request: Box::new(request), booking };
        let new = NewOperation { ticket_id: ticket.id, kind, marker };
        let (now, not_before, again) = (self.now(), self.leaves_at(OperationName::RequestVisit, Undo::AsSet), key.is_some());
        let operation = self.read(move |store| store.request_visit(&new, &site, again, now, not_before)).await?;
        tracing::info!(operation = operation.0, ticket = ticket.id.0, "A visit was asked for.");
        self.after_outbox_change(ticket.id).await;
        self.emit_visits();
        Ok(visit)
    }
}

/// A problem as a failure: what is wrong where.
pub(super) fn refused(problem: Problem) -> EngineError {
    let error = EngineError { code: problem.code, args: problem.args };
    error.arg("field", problem.field)
}

/// What is wrong, against the centre that is named, or against the one of all that fits best.
fn problems(request: &VisitRequest, booking: &VisitBooking, centres: &[VisitCentre], now: UtcMs) -> Vec<Problem> {
    let named = request.centre.as_deref().filter(|id| !id.is_empty());
    let mut found = match named {
        Some(id) => {
            let centre = centres.iter().find(|centre| centre.planned.remote_id == id).map(VisitCentre::checked);
            at_centre(request, id, centre.as_ref(), now)
        }
        None => anywhere(request, centres, now),
    };
    if let Some(start) = booking.start {
        if named.is_none() {
            found.push(Problem::new("centre", Code::ValueMissing));
        }
        if start <= now {
            found.push(Problem::new("start", Code::WindowPast));
        }
    }
    found
}

/// What is wrong with a request to one centre; `None` where it cannot be chosen.
pub(super) fn at_centre(request: &VisitRequest, id: &str, centre: Option<&ServiceCentre>, now: UtcMs) -> Vec<Problem> {
    let mut found = check_request(request, centre, now);
    if centre.is_none() {
        found.push(Problem::new("centre", Code::CentreUnknown).with("centre", id));
    }
    found
}

/// No centre was chosen: it is enough that one could go.
fn anywhere(request: &VisitRequest, centres: &[VisitCentre], now: UtcMs) -> Vec<Problem> {
    let candidates: Vec<ServiceCentre> =
        nearest(centres, request.service, &request.site).into_iter().map(|(centre, _)| centre.checked()).collect();
    let mut best = check_request(request, candidates.first(), now);
    for centre in candidates.iter().skip(1) {
        let found = check_request(request, Some(centre), now);
        if found.len() < best.len() {
            best = found;
        }
    }
    if candidates.is_empty() && !centres.is_empty() {
        best.push(Problem::new("service", Code::ServiceNotOffered).with("service", request.service.as_str()));
    }
    best
}
