//! What people of a world do with visits, and what has to hold of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use deskbell_domain::UtcMs;
use deskbell_domain::directory::Contact;
use deskbell_domain::scheduling::{Service, Site, VisitAction, VisitBooking, VisitChange, VisitRequest, VisitState, Window};
use deskbell_domain::sync::op::{OperationKind, OperationName, OperationState};
use deskbell_domain::ticket::TicketId;
use deskbell_domain::time::{DAY_MS, HOUR_MS};
use deskbell_engine::Engine;
use deskbell_engine::records::OperationRecord;
use deskbell_engine::visits::VisitView;

use super::{BEGIN, Made, Violation, World, outbox, picked, states, ticket_at};
use crate::sim::server::CENTRE;
use crate::sim::step::VisitStep;

/// Far enough ahead that no world reaches a cut-off.
const FIRST_SLOT_DAYS: i64 = 40;

/// The centre's grid goes by even hours of the universal day.
fn slot(number: u8) -> UtcMs {
    let day = UtcMs(BEGIN.0 - BEGIN.0.rem_euclid(DAY_MS)).plus_ms(FIRST_SLOT_DAYS * DAY_MS);
    day.plus_ms(i64::from(number) * 2 * HOUR_MS)
}

fn request(text: String, now: UtcMs) -> VisitRequest {
    VisitRequest {
        ticket_remote_id: String::new(),
        service: Service::HardwareInspection,
        site: Site { name: "机房".to_owned(), ..Site::default() },
        contact: Contact { name: "王".to_owned(), phone: "1234567".to_owned(), ..Contact::default() },
        asset: String::new(),
        window: Window { from: now, to: now.plus_ms(80 * DAY_MS) },
        centre: Some(CENTRE.to_owned()),
        note: text,
    }
}

impl World {
    pub(super) async fn visit_step(&mut self, place: usize, engine: &Arc<Engine>, step: &VisitStep) {
        match step {
            VisitStep::Ask { ticket, slot: number } => {
                let Some(id) = ticket_at(engine, *ticket).await else { return };
                self.ask(place, engine, id, None, slot(*number)).await;
            }
            VisitStep::AskAgain { pick } => {
                let Some(operation) = picked(engine, *pick, &[OperationState::Rejected]).await else { return };
                let OperationKind::RequestVisit { visit, .. } = &operation.kind else { return };
                let Ok(view) = engine.visit(visit).await else { return };
                let instead = view.refusal.and_then(|refusal| Some(refusal.alternatives.first()?.start));
                self.ask(place, engine, operation.ticket_id, Some(visit.clone()), instead.unwrap_or_else(|| slot(0))).await;
            }
            VisitStep::Change { pick, action, slot: number } => {
                let visits = engine.visits(BEGIN, BEGIN.plus_ms(400 * DAY_MS)).await.map(|list| list.visits).unwrap_or_default();
                let open: Vec<&VisitView> = visits.iter().filter(|view| !view.visit.state.is_final()).collect();
                let Some(view) = (!open.is_empty()).then(|| open[pick % open.len()]) else { return };
                let Some(ticket) = view.ticket else { return };
                let moves = *action == VisitAction::Reschedule;
                let change = VisitChange {
                    action: Some(*action),
                    start: moves.then(|| slot(*number)),
                    note: (*action == VisitAction::Edit).then(|| format!("备注 {}", self.at_step)),
                    ..VisitChange::default()
                };
                let (marker, before) = (self.desks[place].next_marker(), outbox(engine).await);
                let _may_die = engine.change_visit(&view.key, change, Some(&marker)).await;
                self.note_visit(place, engine, &marker, OperationName::ChangeVisit, ticket, &before).await;
            }
        }
    }

    async fn ask(&mut self, place: usize, engine: &Arc<Engine>, id: TicketId, key: Option<String>, start: UtcMs) {
        let (marker, before) = (self.desks[place].next_marker(), outbox(engine).await);
        let request = request(format!("到场 {} 桌 {place}", self.at_step), engine.now());
        let booking = VisitBooking { start: Some(start), ..VisitBooking::default() };
        let _may_die = engine.request_visit(id, key, request, booking, Some(&marker)).await;
        self.note_visit(place, engine, &marker, OperationName::RequestVisit, id, &before).await;
    }

    /// What is there now that was not, and what is gone that was: a living desk says, a dying one may have done either.
    async fn note_visit(
        &mut self,
        place: usize,
        engine: &Arc<Engine>,
        marker: &str,
        name: OperationName,
        ticket: TicketId,
        before: &[OperationRecord],
    ) {
        let is_dead = engine.store().is_dead();
        let here: BTreeSet<String> = outbox(engine).await.into_iter().map(|one| one.marker).collect();
        let made = &mut self.desks[place].made;
        for gone in before.iter().filter(|one| one.kind.visit().is_some() && !here.contains(&one.marker)) {
            if let Some(made) = made.get_mut(&gone.marker) {
                (made.taken_back, made.uncertain) = (!is_dead, is_dead);
            }
        }
        // A change of a request that waits goes into a request of its own, under the marker of the change.
        if is_dead || here.contains(marker) {
            self.stats.operations += 1;
            made.insert(marker.to_owned(), Made { name, ticket, uncertain: is_dead, taken_back: false });
        }
        if is_dead {
            for one in made.values_mut().filter(|one| one.ticket == ticket) {
                one.uncertain |= matches!(one.name, OperationName::RequestVisit | OperationName::ChangeVisit);
            }
        }
    }

    pub(super) fn visit_at_server(&self, pick: usize, action: VisitAction, number: u8, now: UtcMs) {
        let mut server = self.wire.server();
        let count = server.visits.len();
        if count > 0 {
            let start = (action == VisitAction::Reschedule).then(|| slot(number));
            let change = VisitChange { action: Some(action), start, ..VisitChange::default() };
            server.change_visit_here(pick % count, &change, now);
        }
    }

    pub(in crate::sim) fn check_clashes(&self) -> Result<(), Violation> {
        let clash = self.wire.server().clash();
        clash.map_or(Ok(()), |(one, other)| Err(self.broken(format!("visits {one} and {other} have one engineer at one time"))))
    }

    /// At rest: every visit of the server is here once and as it is there; what the server has not got was refused with a
    /// reason; what was sent made one visit.
    pub(in crate::sim) async fn check_visits(&mut self, place: usize, engine: &Arc<Engine>) -> Result<(), Violation> {
        let unread = |world: &Self, error: String| world.broken(format!("visits cannot be read: {error}"));
        let here = engine.read(deskbell_engine::records::Store::visits).await.map_err(|error| unread(self, error.to_string()))?;
        let there = self.wire.server().visits.clone();
        for visit in &there {
            let same: Vec<_> = here.iter().filter(|record| record.remote_id == visit.visit.id).collect();
            let [record] = same.as_slice() else {
                return Err(self.broken(format!("desk {place}: visit {} is here {} times", visit.visit.id, same.len())));
            };
            if record.visit != visit.visit {
                return Err(self.broken(format!("desk {place}: visit {} differs from the server's", visit.visit.id)));
            }
        }
        let operations = states(engine).await.map_err(|error| unread(self, error.to_string()))?;
        for record in &here {
            let known = there.iter().any(|visit| visit.visit.id == record.remote_id);
            let of_it = |one: &&OperationRecord| one.kind.visit() == Some(record.key.as_str());
            let refused = operations.iter().filter(of_it).any(|one| one.state == OperationState::Rejected && one.code.is_some());
            let stands = record.remote_id.is_empty() && record.visit.state == VisitState::Requested && refused;
            if !known && !stands {
                return Err(self.broken(format!("desk {place}: visit {} stands for nothing on the server", record.key)));
            }
        }
        for (marker, _) in self.desks[place].made.iter().filter(|(_, made)| made.name == OperationName::RequestVisit) {
            let asked = there.iter().filter(|visit| visit.marker == *marker).count();
            let sent = operations.iter().any(|one| one.marker == *marker && one.state == OperationState::Sent);
            if asked != usize::from(sent) {
                return Err(self.broken(format!("desk {place}: a request for a visit made {asked} of them")));
            }
        }
        self.stats.visits = there.len() as u64;
        Ok(())
    }
}
