//! A change of a visit that moved under it. Words go out on whatever the visit is now; an action that started from another
//! state or slot is put to the person.

use super::visit::{Visit, VisitAction, VisitState};
use super::wish::{VisitChange, VisitSeen};
use crate::sync::merge::Merge;
use crate::sync::op::{Conflict, OperationKind};

/// The field that a visit's conflict is about. Its three values are [`VisitSeen`]s as text.
const FIELD: &str = "visit";

/// Merges an operation with the visit as observed. What is about no visit's change is sent as it is.
#[must_use]
pub fn merge_visit(kind: &OperationKind, remote: &Visit) -> Merge {
    let OperationKind::ChangeVisit { visit, change, seen: Some(seen) } = kind else { return Merge::Send(kind.clone()) };
    if !acts(change) || *seen == VisitSeen::of(remote) {
        return Merge::Send(kind.clone());
    }
    let wanted = wanted(change, seen);
    if is_so(&wanted, change, remote) {
        if !has_words(change) {
            return Merge::AlreadySo;
        }
        let words =
            VisitChange { action: None, centre_id: None, start: None, hold_id: None, engineer_id: None, ..(**change).clone() };
        let seen = Some(VisitSeen::of(remote));
        return Merge::Send(OperationKind::ChangeVisit { visit: visit.clone(), change: Box::new(words), seen });
    }
    Merge::Conflict(three(change, seen, remote))
}

/// Both sides of an action on a visit that moved; `None` for everything else.
#[must_use]
pub fn visit_conflict(kind: &OperationKind, remote: &Visit) -> Option<Conflict> {
    match kind {
        OperationKind::ChangeVisit { change, seen: Some(seen), .. } if acts(change) => Some(three(change, seen, remote)),
        _ => None,
    }
}

/// The same wish, made on the visit as it is now.
#[must_use]
pub fn visit_started_from(kind: &OperationKind, remote: &Visit) -> OperationKind {
    match kind.clone() {
        OperationKind::ChangeVisit { visit, change, .. } => {
            OperationKind::ChangeVisit { visit, change, seen: Some(VisitSeen::of(remote)) }
        }
        other => other,
    }
}

/// Whether the visit is what an operation of ours made of it: what waits behind it was made knowing of that. Words change nothing
/// that an action starts from, and what somebody else did since is theirs.
#[must_use]
pub fn is_our_doing(kind: &OperationKind, landed: &Visit) -> bool {
    let after = VisitSeen::of(landed);
    match kind {
        OperationKind::RequestVisit { booking, .. } => booking.start.is_none() || booking.start == after.start,
        OperationKind::ChangeVisit { change, seen: Some(seen), .. } if acts(change) => {
            let wanted = wanted(change, seen);
            let chosen_there = change.start.is_none() && change.hold_id.is_some();
            wanted.state == after.state && (chosen_there || wanted.start == after.start)
        }
        _ => false,
    }
}

fn acts(change: &VisitChange) -> bool {
    change.action.is_some_and(|action| action != VisitAction::Edit)
}

fn has_words(change: &VisitChange) -> bool {
    let texts = [&change.asset, &change.note, &change.findings];
    texts.iter().any(|text| text.is_some()) || change.contact.is_some() || change.checklist.is_some() || change.sign_off.is_some()
}

/// What the visit would be.
fn wanted(change: &VisitChange, seen: &VisitSeen) -> VisitSeen {
    let at = |state| VisitSeen { state, ..seen.clone() };
    match change.action {
        Some(VisitAction::Confirm | VisitAction::Reschedule) => VisitSeen {
            state: VisitState::Confirmed,
            start: change.start.or(seen.start),
            centre_id: change.centre_id.clone().unwrap_or_else(|| seen.centre_id.clone()),
        },
        Some(VisitAction::Decline) => at(VisitState::Declined),
        Some(VisitAction::Cancel) => at(VisitState::Cancelled),
        Some(VisitAction::Complete) => at(VisitState::Done),
        Some(VisitAction::Waitlist) => at(VisitState::Waitlisted),
        Some(VisitAction::Edit) | None => seen.clone(),
    }
}

/// Somebody else did the same.
fn is_so(wanted: &VisitSeen, change: &VisitChange, remote: &Visit) -> bool {
    match change.action {
        Some(VisitAction::Confirm | VisitAction::Reschedule) => {
            let same_engineer = change.engineer_id.is_none() || change.engineer_id == remote.engineer_id;
            change.start.is_some() && same_engineer && *wanted == VisitSeen::of(remote)
        }
        _ => wanted.state == remote.state,
    }
}

fn three(change: &VisitChange, seen: &VisitSeen, remote: &Visit) -> Conflict {
    Conflict {
        field: FIELD.to_owned(),
        base: seen.to_string(),
        mine: wanted(change, seen).to_string(),
        theirs: VisitSeen::of(remote).to_string(),
    }
}
