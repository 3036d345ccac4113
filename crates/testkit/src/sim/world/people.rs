//! What people do at a desk.

use std::sync::Arc;

use deskbell_domain::sla::policy::ReopenRule;
use deskbell_domain::sync::op::{OperationKind, OperationName, OperationState};
use deskbell_domain::ticket::TicketId;
use deskbell_engine::edits::Undo;
use deskbell_engine::outbox::Keep;
use deskbell_engine::records::OperationRecord;
use deskbell_engine::rules::shipped_set;
use deskbell_engine::{Engine, EngineError};

use super::drawn::{Shown, kind_of, shown_values, wanted};
use super::{World, picked, picked_conflict, ticket_at, ticket_text};
use crate::sim::desk::Made;
use crate::sim::step::Drawn;

impl World {
    pub(super) async fn edit_at_desk(&mut self, place: usize, engine: &Arc<Engine>, ticket: usize, drawn: Drawn) {
        let text = match drawn {
            Drawn::SameWords => format!("收到，正在处理 {place}"),
            _ => format!("回复 {} 桌 {place}", self.at_step),
        };
        let marker = self.desks[place].next_marker();
        if drawn == Drawn::Create {
            let new = ticket_text(&format!("桌 {place} 新建 {}", self.at_step));
            let account = self.desks[place].account;
            let made = engine.create_ticket(account, new, Some(&marker), self.moment()).await;
            let ticket = made.as_ref().map_or(TicketId(0), |(ticket, _)| *ticket);
            self.note_made(place, engine, marker, OperationName::CreateTicket, ticket, made.map(|_| ()));
            return;
        }
        let Some(id) = ticket_at(engine, ticket).await else { return };
        let Ok(Some(record)) = engine.read(move |store| store.ticket(id)).await else { return };
        let version = record.version.parse().unwrap_or(0);
        let record_fields = record.clone();
        let shown = Shown { status: record.status, priority: record.priority, assignee: record.assignee, tags: record.tags };
        let Some(kind) = kind_of(drawn, &shown, &text) else { return };
        let name = kind.name();
        let mine = engine.read(move |store| store.pending_operations(id)).await.unwrap_or_default();
        let shown = shown_values(&record_fields, &mine, &kind);
        self.wire.server().seen.insert(marker.clone(), (version, shown));
        let kept = engine.edit(id, wanted(kind), Some(&marker), self.moment()).await;
        if kept.is_ok() && name == OperationName::Reply {
            self.desks[place].drafts.remove(&id);
        }
        self.note_made(place, engine, marker, name, id, kept.map(|_| ()));
    }

    /// Some edits stay a moment, as those made in the window do.
    const fn moment(&self) -> Undo {
        if self.at_step.is_multiple_of(3) { Undo::AsSet } else { Undo::Never }
    }

    fn note_made(
        &mut self,
        place: usize,
        engine: &Arc<Engine>,
        marker: String,
        name: OperationName,
        ticket: TicketId,
        kept: Result<(), EngineError>,
    ) {
        // A living desk that says no has kept nothing; a dying one may have.
        if kept.is_err() && !engine.store().is_dead() {
            return;
        }
        let uncertain = kept.is_err();
        self.stats.operations += 1;
        self.desks[place].made.insert(marker, Made { name, ticket, uncertain, taken_back: false });
    }

    pub(super) async fn undo(&mut self, place: usize, engine: &Arc<Engine>, pick: usize) {
        let Some(operation) = picked(engine, pick, &[OperationState::Queued, OperationState::Rejected]).await else { return };
        // With a ticket that never was, what waits for it goes too.
        let with_it: Vec<String> = if matches!(operation.kind, OperationKind::CreateTicket { .. }) {
            let ticket = operation.ticket_id;
            self.desks[place].made.iter().filter(|(_, made)| made.ticket == ticket).map(|(marker, _)| marker.clone()).collect()
        } else if let (OperationKind::RequestVisit { .. }, Some(visit)) = (&operation.kind, operation.kind.visit()) {
            let of_it = |one: &OperationRecord| one.kind.visit() == Some(visit) && one.state != OperationState::Sent;
            super::outbox(engine).await.into_iter().filter(of_it).map(|one| one.marker).collect()
        } else {
            vec![operation.marker.clone()]
        };
        let gone = engine.discard_operation(operation.id).await;
        let is_dead = engine.store().is_dead();
        if gone.is_err() && !is_dead {
            return;
        }
        for marker in with_it {
            if let Some(made) = self.desks[place].made.get_mut(&marker) {
                made.taken_back = gone.is_ok();
                made.uncertain = gone.is_err();
            }
        }
        if gone.is_ok() {
            self.returned_to_draft(place, &operation);
        }
    }

    /// A reply that is taken back is a draft again, behind what was typed since.
    fn returned_to_draft(&mut self, place: usize, operation: &OperationRecord) {
        if let OperationKind::Reply { body, .. } = &operation.kind {
            let drafts = &mut self.desks[place].drafts;
            let text = drafts.get(&operation.ticket_id).map_or_else(|| body.clone(), |typed| format!("{typed}\n\n{body}"));
            drafts.insert(operation.ticket_id, text);
        } else if matches!(operation.kind, OperationKind::CreateTicket { .. }) {
            self.desks[place].drafts.remove(&operation.ticket_id);
        }
    }

    pub(super) async fn resolve(&mut self, place: usize, engine: &Arc<Engine>, pick: usize, mine: bool) {
        let Some(operation) = picked_conflict(engine, pick).await else { return };
        let resolved = engine.resolve_operation(operation.id, if mine { Keep::Mine } else { Keep::Theirs }).await;
        if mine {
            // From now on the person has seen both.
            self.wire.server().seen.remove(&operation.marker);
            return;
        }
        if let Some(made) = self.desks[place].made.get_mut(&operation.marker) {
            made.taken_back |= resolved.is_ok();
            made.uncertain |= resolved.is_err() && engine.store().is_dead();
        }
    }

    /// Saves rules of other targets, calendars and reopening, in force from now on or since ever.
    pub(super) async fn save_rules(
        &mut self,
        place: usize,
        engine: &Arc<Engine>,
        pick: usize,
        backwards: bool,
    ) -> Result<(), EngineError> {
        let mut set = shipped_set()?;
        for policy in &mut set.policies {
            let targets = policy.targets.iter_mut().flat_map(|one| [&mut one.first_response, &mut one.resolution]);
            targets.flatten().for_each(|target| target.value += u32::try_from(pick).unwrap_or(0));
            if pick.is_multiple_of(2) {
                "always".clone_into(&mut policy.calendar_id);
                policy.reopen = ReopenRule::Reset;
            }
        }
        match engine.put_rules(set.into(), None, backwards).await {
            Ok(kept) => {
                self.desks[place].rules = Some(kept.sets);
                self.stats.rules += 1;
            }
            // What a dying desk kept is whatever the disk says.
            Err(_) if engine.store().is_dead() => self.desks[place].rules = None,
            Err(error) => return Err(error),
        }
        Ok(())
    }
}
