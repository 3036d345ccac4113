//! Moving a visit, calling it off, finishing it, wording it.

use deskbell_domain::directory::{NAME_CHARS_MAX, Problem, TEXT_CHARS_MAX, check_person};
use deskbell_domain::scheduling::{
    CHECK_ITEMS_MAX, DRAWING_CHARS_MAX, FINDINGS_CHARS_MAX, Timing, VisitAction, VisitChange, VisitSeen, plan_visit,
};
use deskbell_domain::sync::op::{OperationId, OperationKind, OperationName, OperationState};
use deskbell_domain::ticket::AccountId;
use deskbell_domain::{Code, UtcMs};
use deskbell_store::records::{NewOperation, OperationRecord};

use super::find::unknown;
use super::request::refused;
use super::view::VisitView;
use crate::edits::Undo;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::puller::with_retry_after;

impl Engine {
    /// Queues a change of a visit; one marker changes once. A request that has not left is changed where it waits: calling it
    /// off takes it back, and its words return to the wizard.
    ///
    /// # Errors
    /// `visit_unknown`; `visit_finished`, `visit_past_cutoff`, `visit_not_begun`, `visit_action_invalid` as the visit stands
    /// here; what is wrong with the words, with its `field`; `ticket_unknown` while its ticket is not here.
    pub async fn change_visit(&self, key: &str, change: VisitChange, marker: Option<&str>) -> Result<OperationId, EngineError> {
        let view = self.visit(key).await?;
        self.check_change(&view, &change)?;
        if let Some(carrier) = view.carrier {
            return self.change_carried(&view, carrier, change, marker).await;
        }
        let ticket = view.ticket.ok_or_else(|| EngineError::new(Code::TicketUnknown).arg("id", view.ticket_remote_id.clone()))?;
        if view.visit.id.is_empty()
            && let Some(request) = self.waiting_request(key).await?
        {
            return self.change_request(request, change, marker).await;
        }
        let account = self.account_record(view.account).await?;
        if !self.capabilities(&account).operations.contains(&OperationName::ChangeVisit) {
            return Err(EngineError::new(Code::OperationNotOffered).arg("operation", OperationName::ChangeVisit.as_str()));
        }
        let seen = Some(VisitSeen::of(&view.visit));
        let kind = OperationKind::ChangeVisit { visit: key.to_owned(), change: Box::new(change), seen };
        let new = NewOperation { ticket_id: ticket, kind, marker: self.marker(marker)? };
        let (now, not_before) = (self.now(), self.leaves_at(OperationName::ChangeVisit, Undo::AsSet));
        let id = self.read(move |store| store.enqueue_until(&new, now, not_before)).await?;
        tracing::info!(operation = id.0, ticket = ticket.0, "A change of a visit was queued.");
        self.after_outbox_change(ticket).await;
        self.emit_visits();
        Ok(id)
    }

    fn check_change(&self, view: &VisitView, change: &VisitChange) -> Result<(), EngineError> {
        let action = change.action.unwrap_or(VisitAction::Edit);
        let cancel_cutoff_min = view.centre.as_ref().map_or(0, |centre| centre.rules.cancel_cutoff_min);
        let start = view.visit.slot.as_ref().map(|slot| slot.start);
        let timing = Timing { now: self.now(), start, cancel_cutoff_min };
        plan_visit(view.visit.state, action, &timing)
            .map_err(|problem| EngineError { code: problem.code(), args: problem.args() })?;
        match problems(view, change, self.now()).into_iter().next() {
            Some(problem) => Err(refused(problem)),
            None => Ok(()),
        }
    }

    /// The request of a visit, while it is certain that no server has it.
    async fn waiting_request(&self, key: &str) -> Result<Option<OperationRecord>, EngineError> {
        let wanted = key.to_owned();
        let operations = self.read(move |store| store.visit_operations(&wanted)).await?;
        let request = operations.into_iter().find(|operation| operation.kind.name() == OperationName::RequestVisit);
        let request = request.ok_or_else(|| unknown(key))?;
        let is_here = matches!(request.state, OperationState::Queued | OperationState::Rejected);
        Ok(is_here.then_some(request))
    }

    async fn change_request(
        &self,
        waiting: OperationRecord,
        change: VisitChange,
        marker: Option<&str>,
    ) -> Result<OperationId, EngineError> {
        if change.action == Some(VisitAction::Cancel) {
            self.discard_operation(waiting.id).await?;
            return Ok(waiting.id);
        }
        let OperationKind::RequestVisit { visit, mut request, mut booking } = waiting.kind else {
            return Err(EngineError::new(Code::Internal));
        };
        if let Some(centre) = change.centre_id {
            request.centre = Some(centre);
        }
        if change.start.is_some() {
            booking.start = change.start;
            booking.engineer_id.clone_from(&change.engineer_id);
        }
        booking.hold_id = change.hold_id.or(booking.hold_id.filter(|_| change.start.is_none()));
        if let Some(contact) = change.contact {
            request.contact = contact;
        }
        request.asset = change.asset.unwrap_or(request.asset);
        request.note = change.note.unwrap_or(request.note);
        self.request_visit(waiting.ticket_id, Some(visit.clone()), *request, booking, marker).await?;
        let operations = self.read(move |store| store.visit_operations(&visit)).await?;
        let again = operations.into_iter().find(|operation| operation.kind.name() == OperationName::RequestVisit);
        Ok(again.map_or(waiting.id, |again| again.id))
    }

    /// Fetches one visit as its server has it now.
    pub(crate) async fn refresh_visit(&self, account: AccountId, remote_id: &str) -> Result<(), EngineError> {
        let visit = self.api(account)?.visit_api().visit(remote_id).await.map_err(with_retry_after)?;
        let now = self.now();
        self.read(move |store| store.observe_visit(account, &visit, now)).await?;
        self.emit_visits();
        Ok(())
    }

    /// Tells everybody that visits changed.
    pub(crate) fn emit_visits(&self) {
        self.emit(crate::events::DeskEvent::Visits);
    }
}

/// What is wrong with the words of a change, as the hub counts.
fn problems(view: &VisitView, change: &VisitChange, now: UtcMs) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut fits = |field: &str, text: &str, most: usize| {
        if text.chars().count() > most {
            found.push(Problem::new(field, Code::TextTooLong).with("most", most));
        }
    };
    fits("reason", &change.reason, TEXT_CHARS_MAX);
    fits("asset", change.asset.as_deref().unwrap_or_default(), TEXT_CHARS_MAX);
    fits("note", change.note.as_deref().unwrap_or_default(), TEXT_CHARS_MAX);
    fits("findings", change.findings.as_deref().unwrap_or_default(), FINDINGS_CHARS_MAX);
    for (index, item) in change.checklist.iter().flatten().enumerate() {
        fits(&format!("checklist[{index}]"), &item.text, TEXT_CHARS_MAX);
        fits(&format!("checklist[{index}].finding"), &item.finding, TEXT_CHARS_MAX);
    }
    if let Some(sign_off) = &change.sign_off {
        fits("sign_off.name", &sign_off.name, NAME_CHARS_MAX);
        fits("sign_off.drawing", sign_off.drawing.as_deref().unwrap_or_default(), DRAWING_CHARS_MAX);
        if sign_off.name.trim().is_empty() {
            found.push(Problem::new("sign_off.name", Code::ValueMissing));
        }
    }
    if change.checklist.as_ref().is_some_and(|items| items.len() > CHECK_ITEMS_MAX) {
        found.push(Problem::new("checklist", Code::TooMany).with("most", CHECK_ITEMS_MAX));
    }
    if let Some(contact) = &change.contact {
        found.extend(check_person("contact", contact));
    }
    if change.action == Some(VisitAction::Reschedule) {
        let has_centre = change.centre_id.as_deref().is_some_and(|id| !id.is_empty()) || !view.visit.centre_id.is_empty();
        if change.start.is_none() && change.hold_id.is_none() {
            found.push(Problem::new("start", Code::ValueMissing));
        } else if change.start.is_some_and(|start| start <= now) {
            found.push(Problem::new("start", Code::WindowPast));
        } else if !has_centre && change.hold_id.is_none() && view.carrier.is_none() {
            found.push(Problem::new("centre_id", Code::ValueMissing));
        }
    }
    found
}
