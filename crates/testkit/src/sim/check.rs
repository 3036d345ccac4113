//! The promises: nothing lost, nothing twice, nothing said that is not so.

use std::collections::BTreeMap;
use std::sync::Arc;

use deskbell_domain::sla::event::{TicketEvent, TicketEventKind};
use deskbell_domain::sync::op::{OperationKind, OperationName, OperationState};
use deskbell_domain::ticket::TicketId;
use deskbell_engine::Engine;
use deskbell_engine::records::{OpenClock, OperationRecord, TicketRecord};
use deskbell_engine::rules::Rules;

use super::server::ServerTicket;
use super::world::{Violation, World, named, states};

/// Longest list of tickets in a world.
const TICKETS_MAX: u32 = 500;
/// More clocks than a world has.
const CLOCKS_MAX: u32 = 1_000;

/// What leaves a trace of its own: twice is twice.
const fn is_appended(name: OperationName) -> bool {
    matches!(name, OperationName::CreateTicket | OperationName::Reply | OperationName::Attach | OperationName::RequestVisit)
}

impl World {
    /// What has to hold at every moment at which a desk lives.
    pub(super) async fn check(&mut self) -> Result<(), Violation> {
        if let Some(overwritten) = self.wire.server().overwritten.first() {
            return Err(self.broken(format!("an edit wrote over a value that its desk had been shown: {overwritten}")));
        }
        self.check_clashes()?;
        for place in 0..self.desks.len() {
            let Some(engine) = self.desks[place].engine.clone() else { continue };
            let on_disk = states(&engine).await.map_err(|error| self.broken(format!("the outbox cannot be read: {error}")))?;
            let by_marker: BTreeMap<String, OperationRecord> =
                on_disk.into_iter().map(|record| (record.marker.clone(), record)).collect();
            self.settle_uncertain(place, &by_marker);
            self.check_operations(place, &by_marker)?;
            self.check_drafts(place, &engine).await?;
        }
        Ok(())
    }

    /// A person who saw an error looks again: it is there or it is not, and from then on that holds.
    fn settle_uncertain(&mut self, place: usize, on_disk: &BTreeMap<String, OperationRecord>) {
        let made = &mut self.desks[place].made;
        let mut never_made = Vec::new();
        let mut returned = Vec::new();
        for (marker, made) in made.iter_mut().filter(|(_, made)| made.uncertain) {
            made.uncertain = false;
            match on_disk.get(marker) {
                Some(record) => {
                    made.ticket = record.ticket_id;
                    // It was kept after all, and took its draft with it.
                    if made.name == OperationName::Reply {
                        returned.push(made.ticket);
                    }
                }
                None => {
                    never_made.push(marker.clone());
                    returned.push(made.ticket);
                }
            }
        }
        for marker in never_made {
            made.remove(&marker);
        }
        // Taken back or sent while dying: its draft is whatever the disk says.
        for ticket in returned {
            self.desks[place].drafts.remove(&ticket);
        }
    }

    fn check_operations(&mut self, place: usize, on_disk: &BTreeMap<String, OperationRecord>) -> Result<(), Violation> {
        let server = self.wire.server();
        let mut checks = 0;
        let mut found = Ok(());
        for (marker, made) in &self.desks[place].made {
            checks += 1;
            let times = server.applied.get(marker).copied().unwrap_or(0);
            let twice = times > 1 && (is_appended(made.name) || server.manner.idempotent);
            let Some(record) = on_disk.get(marker) else {
                if !made.taken_back {
                    found = Err(format!("desk {place}: a {} is in no state at all: lost", made.name.as_str()));
                } else if times > 0 {
                    found = Err(format!("desk {place}: a {} was taken back and took effect", made.name.as_str()));
                }
                if found.is_err() {
                    break;
                }
                continue;
            };
            let what = named(record.id, made);
            if twice {
                found = Err(format!("desk {place}: {what} took effect {times} times"));
            } else if record.state == OperationState::Sent && times == 0 && is_appended(made.name) {
                found = Err(format!("desk {place}: {what} says sent and never took effect"));
            } else if record.state == OperationState::Rejected && record.code.is_none() {
                found = Err(format!("desk {place}: {what} is rejected without a reason"));
            } else if record.state == OperationState::Rejected && times > 0 && is_appended(made.name) {
                found = Err(format!("desk {place}: {what} says rejected and took effect"));
            }
            if found.is_err() {
                break;
            }
        }
        drop(server);
        self.stats.checks += checks;
        found.map_err(|what| self.broken(what))
    }

    async fn check_drafts(&self, place: usize, engine: &Arc<Engine>) -> Result<(), Violation> {
        for (ticket, typed) in &self.desks[place].drafts {
            let ticket = *ticket;
            let kept = engine.read(move |store| store.draft(ticket)).await;
            let kept = kept.map_err(|error| self.broken(format!("a draft cannot be read: {error}")))?;
            let body = kept.map(|draft| draft.body).unwrap_or_default();
            if !typed.split("\n\n").all(|part| body.contains(part)) {
                return Err(self.broken(format!("desk {place}: what was typed into ticket {} is gone", ticket.0)));
            }
        }
        Ok(())
    }

    /// What has to hold when nothing waits any more.
    pub(super) async fn check_rest(&mut self) -> Result<(), Violation> {
        for place in 0..self.desks.len() {
            let Some(engine) = self.desks[place].engine.clone() else { continue };
            let on_disk = states(&engine).await.map_err(|error| self.broken(format!("the outbox cannot be read: {error}")))?;
            for record in &on_disk {
                match record.state {
                    OperationState::Sent => self.stats.sent += 1,
                    OperationState::Rejected => self.stats.rejected += 1,
                    state => {
                        let what = record.kind.name().as_str();
                        return Err(self.broken(format!(
                            "desk {place}: a {what} is {} for ever ({:?})",
                            state.as_str(),
                            record.code
                        )));
                    }
                }
            }
            self.check_visits(place, &engine).await?;
            self.stats.taken_back += self.desks[place].made.values().filter(|made| made.taken_back).count() as u64;
            self.check_mirror(place, &engine, &on_disk).await?;
        }
        Ok(())
    }

    async fn check_mirror(&self, place: usize, engine: &Arc<Engine>, outbox: &[OperationRecord]) -> Result<(), Violation> {
        let mirrored = mirror(engine).await.map_err(|error| self.broken(format!("the mirror cannot be read: {error}")))?;
        let truth = self.wire.server().tickets.clone();
        for ticket in truth.iter().filter(|ticket| !ticket.gone) {
            let same: Vec<&TicketRecord> = mirrored.iter().filter(|record| record.remote_id == ticket.remote_id).collect();
            let [record] = same.as_slice() else {
                return Err(self.broken(format!("desk {place}: {} is in the mirror {} times", ticket.remote_id, same.len())));
            };
            if let Some(field) = differing(record, ticket) {
                return Err(self.broken(format!("desk {place}: {} of {} differs from the server's", field, ticket.remote_id)));
            }
            self.check_notes(place, engine, record.id, ticket).await?;
            self.check_clocks(place, engine, record, &history(ticket, &truth)).await?;
        }
        self.check_gone(place, engine, &mirrored, &truth).await?;
        // A ticket that the server does not know may only be one that waits to be created.
        let waits =
            |id: TicketId| outbox.iter().any(|one| one.ticket_id == id && matches!(one.kind, OperationKind::CreateTicket { .. }));
        let known = |remote_id: &str| truth.iter().any(|ticket| ticket.remote_id == remote_id);
        match mirrored.iter().find(|record| !known(&record.remote_id) && !waits(record.id)) {
            Some(record) => Err(self.broken(format!("desk {place}: ticket {} stands for nothing on the server", record.id.0))),
            None => Ok(()),
        }
    }

    async fn check_notes(
        &self,
        place: usize,
        engine: &Arc<Engine>,
        id: TicketId,
        ticket: &ServerTicket,
    ) -> Result<(), Violation> {
        let notes = engine.read(move |store| store.notes(id)).await;
        let notes = notes.map_err(|error| self.broken(format!("notes cannot be read: {error}")))?;
        let mut here: Vec<(String, String)> = notes.into_iter().map(|note| (note.remote_id, note.body)).collect();
        let mut there: Vec<(String, String)> =
            ticket.notes.iter().map(|note| (note.remote_id.clone(), note.body.clone())).collect();
        here.sort();
        there.sort();
        if here != there {
            let (ours, theirs) = (here.len(), there.len());
            let what = format!("desk {place}: notes of {} differ: {ours} here, {theirs} there", ticket.remote_id);
            return Err(self.broken(what));
        }
        Ok(())
    }

    /// Deadlines as the rules give them from the server's own history.
    async fn check_clocks(
        &self,
        place: usize,
        engine: &Arc<Engine>,
        record: &TicketRecord,
        events: &[TicketEvent],
    ) -> Result<(), Violation> {
        let unread = |error: String| self.broken(format!("clocks cannot be read: {error}"));
        let rules = engine
            .read(|store| Ok(Rules::load(store)))
            .await
            .and_then(|rules| rules)
            .map_err(|error| unread(error.to_string()))?;
        if self.desks[place].rules.as_ref().is_some_and(|saved| *saved != rules.book.sets) {
            return Err(self.broken(format!("desk {place}: the rules are not those that were saved last")));
        }
        let mut expected: Vec<(String, i64)> = rules
            .clocks(&record.traits(), events)
            .into_iter()
            .map(|planned| planned.clock)
            .filter(|clock| clock.stopped_at.is_none() && clock.paused_since.is_none())
            .filter_map(|clock| Some((format!("{:?}", clock.metric), clock.deadline?.0)))
            .collect();
        let kept = engine.read(|store| store.open_clocks(None, CLOCKS_MAX)).await.map_err(|error| unread(error.to_string()))?;
        let mut kept: Vec<(String, i64)> = kept
            .into_iter()
            .filter(|clock| clock.ticket_id == record.id)
            .map(|clock| (format!("{:?}", clock.metric), clock.deadline_at.0))
            .collect();
        expected.sort();
        kept.sort();
        if expected == kept {
            return Ok(());
        }
        Err(self.broken(format!("desk {place}: deadlines of {} are {kept:?}, due are {expected:?}", record.remote_id)))
    }

    /// Nothing runs for what is gone from the server.
    async fn check_gone(
        &self,
        place: usize,
        engine: &Arc<Engine>,
        mirrored: &[TicketRecord],
        truth: &[ServerTicket],
    ) -> Result<(), Violation> {
        let kept = engine.read(|store| store.open_clocks(None, CLOCKS_MAX)).await;
        let kept = kept.map_err(|error| self.broken(format!("clocks cannot be read: {error}")))?;
        let is_gone = |record: &TicketRecord| truth.iter().any(|ticket| ticket.gone && ticket.remote_id == record.remote_id);
        let runs = |clock: &&OpenClock| mirrored.iter().find(|record| record.id == clock.ticket_id).is_none_or(is_gone);
        match kept.iter().find(runs) {
            Some(clock) => {
                Err(self.broken(format!("desk {place}: a clock runs for ticket {}, which is gone", clock.ticket_id.0)))
            }
            None => Ok(()),
        }
    }
}

/// What happened to a ticket as the server knows it, with what it took over from those that became part of it, oldest first.
fn history(ticket: &ServerTicket, truth: &[ServerTicket]) -> Vec<TicketEvent> {
    let mut events: Vec<TicketEvent> = ticket.events.iter().map(|event| TicketEvent::new(event.at, event.kind.clone())).collect();
    let mut survivors = vec![ticket.remote_id.as_str()];
    while let Some(survivor) = survivors.pop() {
        for part in truth.iter().filter(|part| part.merged_into.as_deref() == Some(survivor)) {
            let merged = part.events.iter().filter(|event| matches!(event.kind, TicketEventKind::Merged { .. }));
            events.extend(
                merged.map(|event| TicketEvent::new(event.at, TicketEventKind::Absorbed { created_at: part.created_at })),
            );
            survivors.push(&part.remote_id);
        }
    }
    events.sort_by_key(|event| event.at);
    events
}

fn differing(record: &TicketRecord, ticket: &ServerTicket) -> Option<&'static str> {
    let mut tags = record.tags.clone();
    tags.sort();
    let pairs = [
        ("the subject", record.subject == ticket.subject),
        ("the status", record.status == ticket.status),
        ("the priority", record.priority == ticket.priority),
        ("the assignee", record.assignee == ticket.assignee),
        ("the tags", tags == ticket.tags),
        ("the custom fields", record.custom_fields == ticket.custom_fields),
    ];
    pairs.into_iter().find(|(_, same)| !same).map(|(field, _)| field)
}

async fn mirror(engine: &Arc<Engine>) -> Result<Vec<TicketRecord>, deskbell_engine::EngineError> {
    let filter = deskbell_domain::filter::TicketFilter::default();
    engine
        .read(move |store| {
            let page = store.ticket_rows(&filter, deskbell_domain::filter::TicketOrder::Created, 0, TICKETS_MAX)?;
            let records = page.rows.iter().map(|row| store.ticket(row.id)).collect::<Result<Vec<_>, _>>()?;
            Ok(records.into_iter().flatten().collect())
        })
        .await
}
