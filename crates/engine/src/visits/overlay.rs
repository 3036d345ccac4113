//! What waits in the outbox, laid over a visit as if it had landed.

use deskbell_domain::UtcMs;
use deskbell_domain::directory::ServiceCentre;
use deskbell_domain::scheduling::{Slot, Visit, VisitAction, VisitChange, VisitState};
use deskbell_domain::time::MINUTE_MS;

/// Lays one change over; requests are the visit itself. `centre` is the one that the visit is at afterwards.
pub(super) fn lay(visit: &mut Visit, change: &VisitChange, centre: Option<&ServiceCentre>) {
    lay_action(visit, change, centre);
    lay_words(visit, change);
}

fn lay_action(visit: &mut Visit, change: &VisitChange, centre: Option<&ServiceCentre>) {
    match change.action {
        Some(VisitAction::Reschedule | VisitAction::Confirm) => {
            if let Some(centre) = &change.centre_id {
                visit.centre_id.clone_from(centre);
            }
            if let Some(start) = change.start {
                visit.slot = Some(moved(visit, change, start, centre));
                visit.engineer_id.clone_from(&change.engineer_id);
            }
            if visit.slot.is_some() {
                visit.state = VisitState::Confirmed;
            }
        }
        Some(VisitAction::Cancel) => visit.state = VisitState::Cancelled,
        Some(VisitAction::Decline) => visit.state = VisitState::Declined,
        Some(VisitAction::Complete) => visit.state = VisitState::Done,
        Some(VisitAction::Waitlist) => visit.state = VisitState::Waitlisted,
        Some(VisitAction::Edit) | None => {}
    }
}

/// As long as visits of the centre are, else as long as it was.
fn moved(visit: &Visit, change: &VisitChange, start: UtcMs, centre: Option<&ServiceCentre>) -> Slot {
    let was_ms = visit.slot.as_ref().map(|slot| slot.end.ms_since(slot.start));
    let rules = centre.map_or_else(deskbell_domain::directory::SlotRules::default, |centre| centre.rules);
    let length_ms = match (centre, was_ms) {
        (None, Some(was_ms)) => was_ms,
        _ => i64::from(rules.slot_minutes) * MINUTE_MS,
    };
    let engineer_ids = change.engineer_id.iter().cloned().collect();
    Slot { centre_id: visit.centre_id.clone(), start, end: start.plus_ms(length_ms), engineer_ids, free: 0 }
}

fn lay_words(visit: &mut Visit, change: &VisitChange) {
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
    if let Some(sign_off) = &change.sign_off {
        visit.sign_off = Some(sign_off.clone());
    }
}
