//! A visit that travels as a ticket: what the desk asked for there, and what becomes of the visit by the answers.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::block::VisitAnswer;
use super::slot::Slot;
use super::visit::{Visit, VisitAction, VisitEvent, VisitEventKind, VisitState};
use super::wish::{VisitBooking, VisitChange};
use crate::time::{HOUR_MS, UtcMs};

/// How long a visit is taken to last where the answer names no end.
pub const VISIT_MS_ASSUMED: i64 = 2 * HOUR_MS;

/// Something told on the ticket that carries the visit, and not yet known to have arrived there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CarriedAsk {
    /// Of its operation.
    pub marker: String,
    pub change: VisitChange,
}

/// What the other side has to say yes or no to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Awaiting {
    /// Confirm: the request itself. Reschedule: another time.
    pub action: VisitAction,
    /// The moment that was asked for, where one was.
    pub start: Option<UtcMs>,
    pub since: UtcMs,
}

/// An answer that a person has to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Unread {
    pub at: UtcMs,
    pub author: String,
    /// Its beginning.
    pub excerpt: String,
    /// What was understood of it, where something was and it could not be taken over as it is.
    pub hint: Option<VisitAnswer>,
}

/// What is kept of a visit that travels as a ticket, beside the visit.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CarriedState {
    /// Last note of the ticket that was read.
    pub read_note: i64,
    pub asks: Vec<CarriedAsk>,
    pub awaiting: Option<Awaiting>,
    pub unread: Option<Unread>,
    /// IANA zone of times that name none.
    pub zone: String,
    /// How it was asked for, beside the request.
    pub booking: VisitBooking,
}

impl CarriedState {
    /// Where a time without a zone is one of.
    #[must_use]
    pub fn tz(&self) -> Tz {
        self.zone.parse().unwrap_or(Tz::Asia__Shanghai)
    }
}

/// What an answer did.
#[derive(Debug, Clone, PartialEq)]
pub enum Answered {
    /// The visit follows it.
    Taken(Box<Visit>),
    /// It stands so already.
    Same,
    /// The other time is refused; the visit stays as it was.
    MoveRefused,
    /// A person has to read it: it does not fit where the visit stands, or names no time.
    Unclear,
}

fn event(kind: VisitEventKind, at: UtcMs, actor: &str, detail: &str, start: Option<UtcMs>) -> VisitEvent {
    VisitEvent { at, kind, actor: actor.to_owned(), detail: detail.to_owned(), start }
}

/// Something that the desk told has arrived: calling off and finishing are told, another time is asked for.
#[must_use]
pub fn told(visit: &Visit, change: &VisitChange, at: UtcMs, actor: &str) -> (Visit, Option<Awaiting>) {
    let mut visit = visit.clone();
    if let Some(contact) = &change.contact {
        visit.contact.clone_from(contact);
    }
    for (to, from) in
        [(&mut visit.asset, &change.asset), (&mut visit.note, &change.note), (&mut visit.findings, &change.findings)]
    {
        if let Some(text) = from {
            to.clone_from(text);
        }
    }
    if let Some(checklist) = &change.checklist {
        visit.checklist.clone_from(checklist);
    }
    if change.sign_off.is_some() {
        visit.sign_off.clone_from(&change.sign_off);
    }
    let start = visit.slot.as_ref().map(|slot| slot.start);
    let mut awaiting = None;
    let happened = match change.action {
        Some(VisitAction::Cancel) => {
            visit.state = VisitState::Cancelled;
            visit.sequence += 1;
            event(VisitEventKind::Cancelled, at, actor, &change.reason, start)
        }
        Some(VisitAction::Complete) => {
            visit.state = VisitState::Done;
            event(VisitEventKind::Done, at, actor, &change.reason, start)
        }
        Some(VisitAction::Reschedule | VisitAction::Confirm) => {
            awaiting = Some(Awaiting { action: VisitAction::Reschedule, start: change.start, since: at });
            event(VisitEventKind::Requested, at, actor, &change.reason, change.start)
        }
        _ => event(VisitEventKind::Edited, at, actor, &change.reason, None),
    };
    visit.history.push(happened);
    (visit, awaiting)
}

/// What the other side answered, by their words or by a person who read them.
#[must_use]
pub fn answered(visit: &Visit, awaiting: Option<&Awaiting>, answer: &VisitAnswer, at: UtcMs, actor: &str) -> Answered {
    let after = |state: VisitState, kind: VisitEventKind| {
        let mut next = visit.clone();
        next.state = state;
        next.sequence += u32::from(visit.slot.is_some() && state.is_final() && state != VisitState::Done);
        let start = next.slot.as_ref().map(|slot| slot.start);
        next.history.push(event(kind, at, actor, &answer.reason, start));
        Answered::Taken(Box::new(next))
    };
    match (visit.state, answer.state) {
        (VisitState::Requested | VisitState::Waitlisted | VisitState::Confirmed, VisitState::Confirmed) => {
            confirmed(visit, awaiting, answer, at, actor)
        }
        (now, said) if now == said => Answered::Same,
        (VisitState::Confirmed, VisitState::Declined) if awaiting.is_some() => Answered::MoveRefused,
        (VisitState::Requested | VisitState::Waitlisted | VisitState::Confirmed, VisitState::Declined) => {
            after(VisitState::Declined, VisitEventKind::Declined)
        }
        (VisitState::Requested | VisitState::Waitlisted | VisitState::Confirmed, VisitState::Cancelled) => {
            after(VisitState::Cancelled, VisitEventKind::Cancelled)
        }
        (VisitState::Confirmed, VisitState::Done) => after(VisitState::Done, VisitEventKind::Done),
        (VisitState::Requested, VisitState::Waitlisted) => after(VisitState::Waitlisted, VisitEventKind::Waitlisted),
        _ => Answered::Unclear,
    }
}

fn confirmed(visit: &Visit, awaiting: Option<&Awaiting>, answer: &VisitAnswer, at: UtcMs, actor: &str) -> Answered {
    let known = visit.slot.as_ref();
    // A bare yes is one to the time that was asked for, or to the one that stands.
    let asked = awaiting.and_then(|awaiting| awaiting.start);
    let Some(start) = answer.start.or(asked).or(known.map(|slot| slot.start)) else { return Answered::Unclear };
    let length_ms = known.map_or(VISIT_MS_ASSUMED, |slot| slot.end.ms_since(slot.start));
    let end = answer.end.unwrap_or_else(|| start.plus_ms(length_ms));
    let engineer = if answer.engineer.is_empty() { visit.engineer_id.clone() } else { Some(answer.engineer.clone()) };
    let stands = visit.state == VisitState::Confirmed && known.is_some_and(|slot| (slot.start, slot.end) == (start, end));
    if stands && engineer == visit.engineer_id {
        return Answered::Same;
    }
    let has_moved = visit.state == VisitState::Confirmed && !stands;
    let kind = match (visit.state, stands) {
        (VisitState::Confirmed, true) => VisitEventKind::Edited,
        (VisitState::Confirmed, false) => VisitEventKind::Rescheduled,
        _ => VisitEventKind::Confirmed,
    };
    let mut next = visit.clone();
    let engineer_ids = engineer.iter().cloned().collect();
    next.slot = Some(Slot { centre_id: visit.centre_id.clone(), start, end, engineer_ids, free: 0 });
    next.engineer_id = engineer;
    next.state = VisitState::Confirmed;
    next.sequence += u32::from(has_moved);
    next.history.push(event(kind, at, actor, &answer.reason, Some(start)));
    Answered::Taken(Box::new(next))
}
