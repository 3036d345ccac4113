//! Visits of the sim's server: one centre that never closes, one engineer, one visit at a time. Whatever a provider's manner
//! otherwise is, visits have idempotency keys and versions, as the hub's have.

use std::collections::BTreeMap;

use deskbell_domain::directory::{Engineer, ServiceCentre, SlotRules};
use deskbell_domain::scheduling::{
    Asked, Booking, Bookings, ReadyCentre, Service, Slot, SlotQuestion, Timing, Visit, VisitAction, VisitBooking, VisitChange,
    VisitEvent, VisitEventKind, VisitRefusal, VisitRequest, VisitSeen, VisitState, alternatives, plan_visit, take_slot,
};
use deskbell_domain::sla::event::TicketEventKind;
use deskbell_domain::sync::op::{OperationKind, OutboundOperation, Receipt};
use deskbell_domain::time::DAY_MS;
use deskbell_domain::{Code, UtcMs};

use super::Server;

/// Slots offered instead of one that is taken.
const ALTERNATIVES: usize = 3;
/// The only centre.
pub const CENTRE: &str = "c1";

/// A visit with who asked for it.
#[derive(Debug, Clone)]
pub struct ServerVisit {
    pub visit: Visit,
    /// Of the request that made it.
    pub marker: String,
    place: usize,
    seq: u64,
}

/// The centre as every desk knows it.
#[must_use]
pub fn centre() -> ServiceCentre {
    let services = vec![Service::HardwareInspection.as_str().to_owned()];
    let engineer = Engineer { id: "e1".to_owned(), name: "陈".to_owned(), skills: services.clone(), languages: Vec::new() };
    let rules = SlotRules { notice_min: 0, buffer_before_min: 0, buffer_after_min: 0, horizon_days: 90, ..SlotRules::default() };
    ServiceCentre {
        remote_id: CENTRE.to_owned(),
        hours: "7x24".to_owned(),
        latitude: 30.0,
        longitude: 120.0,
        services,
        engineers: vec![engineer],
        rules,
        ..ServiceCentre::default()
    }
}

fn refusal(code: Code) -> Box<VisitRefusal> {
    let (args, reasons, alternatives) = (BTreeMap::new(), Vec::new(), Vec::new());
    Box::new(VisitRefusal { code, detail: "sim".to_owned(), args, reasons, alternatives })
}

impl Server {
    /// A visit's operation arrives.
    ///
    /// # Errors
    /// The refusal, when nothing took effect.
    pub fn accept_visit(&mut self, operation: &OutboundOperation, now: UtcMs) -> Result<Receipt, Box<VisitRefusal>> {
        self.settle_late(now);
        if self.applied.contains_key(&operation.marker) {
            return Ok(self.visit_receipt(&operation.marker).unwrap_or_default());
        }
        let id = match &operation.kind {
            OperationKind::RequestVisit { request, booking, .. } => self.book(operation, request, booking, now)?,
            OperationKind::ChangeVisit { change, seen, .. } => {
                let at = self.visits.iter().position(|one| one.visit.id == operation.visit_remote_id);
                let at = at.ok_or_else(|| refusal(Code::VisitUnknown))?;
                let there = &self.visits[at].visit;
                if operation.visit_version != there.version {
                    return Err(refusal(Code::ChangedMeanwhile));
                }
                let acts = change.action.is_some_and(|action| action != VisitAction::Edit);
                if acts && seen.as_ref().is_some_and(|seen| *seen != VisitSeen::of(there)) {
                    self.overwritten.push(format!("visit {}", there.id));
                }
                self.change_visit(at, change, "desk", now)?;
                operation.visit_remote_id.clone()
            }
            _ => return Err(refusal(Code::OperationNotOffered)),
        };
        *self.applied.entry(operation.marker.clone()).or_default() += 1;
        self.visit_markers.insert(operation.marker.clone(), id);
        Ok(self.visit_receipt(&operation.marker).unwrap_or_default())
    }

    /// What an operation on a visit made or changed, as the visit is now.
    #[must_use]
    pub fn visit_receipt(&self, marker: &str) -> Option<Receipt> {
        let id = self.visit_markers.get(marker)?;
        let visit = Box::new(self.visit(id)?.clone());
        Some(Receipt { visit: Some(visit), ..Receipt::default() })
    }

    #[must_use]
    pub fn visit(&self, id: &str) -> Option<&Visit> {
        self.visits.iter().map(|one| &one.visit).find(|visit| visit.id == id)
    }

    /// Visits of a ticket, or those of one change.
    #[must_use]
    pub fn visits_shown(&self, place: usize, only_seq: Option<u64>) -> Vec<Visit> {
        let wanted = |one: &&ServerVisit| one.place == place && only_seq.is_none_or(|seq| seq == one.seq);
        self.visits.iter().filter(wanted).map(|one| one.visit.clone()).collect()
    }

    /// Somebody at the server moves a visit or calls it off, as far as it can be.
    pub fn change_visit_here(&mut self, at: usize, change: &VisitChange, now: UtcMs) {
        if at < self.visits.len() {
            let _may_be_refused = self.change_visit(at, change, "centre", now);
        }
    }

    /// Visits that stand and lie in one another's time.
    #[must_use]
    pub fn clash(&self) -> Option<(String, String)> {
        let standing: Vec<&Visit> = self.visits.iter().map(|one| &one.visit).filter(|visit| stands(visit)).collect();
        for (index, visit) in standing.iter().enumerate() {
            let slot = visit.slot.as_ref()?;
            let over =
                |other: &&&Visit| other.slot.as_ref().is_some_and(|taken| taken.start < slot.end && slot.start < taken.end);
            if let Some(other) = standing[index + 1..].iter().find(over) {
                return Some((visit.id.clone(), other.id.clone()));
            }
        }
        None
    }

    fn book(
        &mut self,
        operation: &OutboundOperation,
        request: &VisitRequest,
        booking: &VisitBooking,
        now: UtcMs,
    ) -> Result<String, Box<VisitRefusal>> {
        let place = self.place(&operation.ticket_remote_id).filter(|place| !self.tickets[*place].gone);
        let place = place.ok_or_else(|| refusal(Code::NotFound))?;
        let start = booking.start.unwrap_or(request.window.from);
        let slot = self.take(start, None, now)?;
        let seq = self.changed(place, now);
        let id = format!("V-{}", self.next_id());
        let event = |kind, start| VisitEvent { at: now, kind, actor: "desk".to_owned(), detail: String::new(), start };
        let visit = Visit {
            id: id.clone(),
            ticket_remote_id: operation.ticket_remote_id.clone(),
            service: request.service,
            site: request.site.clone(),
            contact: request.contact.clone(),
            asset: request.asset.clone(),
            note: request.note.clone(),
            window: Some(request.window),
            centre_id: CENTRE.to_owned(),
            engineer_id: slot.engineer_ids.first().cloned(),
            state: VisitState::Confirmed,
            requested_at: now,
            history: vec![event(VisitEventKind::Requested, None), event(VisitEventKind::Confirmed, Some(slot.start))],
            slot: Some(slot),
            checklist: Vec::new(),
            findings: String::new(),
            sign_off: None,
            sequence: 0,
            version: seq.to_string(),
        };
        self.log(place, seq, TicketEventKind::VisitRequested { visit: id.clone() }, now);
        self.visits.push(ServerVisit { visit, marker: operation.marker.clone(), place, seq });
        Ok(id)
    }

    fn change_visit(&mut self, at: usize, change: &VisitChange, actor: &str, now: UtcMs) -> Result<(), Box<VisitRefusal>> {
        let action = change.action.unwrap_or(VisitAction::Edit);
        let was = self.visits[at].visit.clone();
        let start = was.slot.as_ref().map(|slot| slot.start);
        let timing = Timing { now, start, cancel_cutoff_min: centre().rules.cancel_cutoff_min };
        let state = plan_visit(was.state, action, &timing).map_err(|problem| refusal(problem.code()))?;
        let slot = match (action, change.start) {
            (VisitAction::Reschedule, Some(start)) => Some(self.take(start, Some(at), now)?),
            _ => was.slot.clone(),
        };
        let place = self.visits[at].place;
        let seq = self.changed(place, now);
        if state == VisitState::Cancelled && was.state != state {
            self.log(place, seq, TicketEventKind::VisitCancelled { visit: was.id.clone() }, now);
        }
        let one = &mut self.visits[at];
        one.seq = seq;
        let visit = &mut one.visit;
        (visit.state, visit.slot, visit.version) = (state, slot, seq.to_string());
        if let Some(note) = &change.note {
            visit.note.clone_from(note);
        }
        let kind = if action == VisitAction::Edit { VisitEventKind::Edited } else { VisitEventKind::Rescheduled };
        visit.history.push(VisitEvent { at: now, kind, actor: actor.to_owned(), detail: String::new(), start: None });
        Ok(())
    }

    fn take(&self, start: UtcMs, moving: Option<usize>, now: UtcMs) -> Result<Slot, Box<VisitRefusal>> {
        let centre = centre();
        let ready = ReadyCentre::new(&centre).map_err(|_| refusal(Code::HoursInvalid))?;
        let others = self.visits.iter().enumerate().filter(|(at, one)| Some(*at) != moving && stands(&one.visit));
        let taken = Bookings::new(others.filter_map(|(_, one)| {
            let slot = one.visit.slot.as_ref()?;
            let engineer_id = one.visit.engineer_id.clone();
            Some(Booking { centre_id: CENTRE.to_owned(), start: slot.start, end: slot.end, engineer_id })
        }));
        let (from, to) = (start.plus_ms(-DAY_MS).max(now), start.plus_ms(DAY_MS));
        let (service, languages) = (Service::HardwareInspection, Vec::new());
        let question = SlotQuestion { service, from, to, site: None, now, languages };
        take_slot(&ready, &taken, &question, Asked { start, engineer_id: None }).map_err(|reasons| {
            let instead = alternatives(std::slice::from_ref(&ready), &taken, &question, start, ALTERNATIVES);
            Box::new(VisitRefusal { reasons, alternatives: instead, ..*refusal(Code::SlotTaken) })
        })
    }
}

fn stands(visit: &Visit) -> bool {
    matches!(visit.state, VisitState::Confirmed | VisitState::Done)
}
