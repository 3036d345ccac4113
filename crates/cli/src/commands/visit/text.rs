//! Visits and slots as lines.

use deskbell_domain::UtcMs;
use deskbell_domain::scheduling::NoSlot;
use deskbell_engine::visits::{SlotSource, SlotsFound, VisitView};

/// Slots printed of one centre.
const SLOTS_SHOWN_MAX: usize = 40;

fn time(at: UtcMs) -> String {
    let text = at.to_rfc3339();
    text.get(..16).map_or(text.clone(), |minute| format!("{minute}Z"))
}

pub(super) fn slots(found: &SlotsFound) -> Vec<String> {
    let mut lines = Vec::new();
    if found.source == SlotSource::Estimate {
        let as_of = found.as_of.map_or_else(|| "never synced".to_owned(), |at| format!("as of {}", time(at)));
        lines.push(format!("Planned here from what is known ({as_of}); the server has the last word."));
    }
    for one in &found.centres {
        let km = one.km.map(|km| format!("  {km:.0} km")).unwrap_or_default();
        lines.push(format!("{} {} [{}]{km}", one.centre.city_zh, one.centre.city_en, one.centre.remote_id));
        for slot in one.answer.slots.iter().take(SLOTS_SHOWN_MAX) {
            lines.push(format!("  {}  {} free  {}", time(slot.start), slot.free, slot.engineer_ids.join(" ")));
        }
        if one.answer.slots.len() > SLOTS_SHOWN_MAX || one.answer.truncated {
            lines.push("  … more: ask from a later time".to_owned());
        }
        lines.extend(one.answer.why_none.iter().map(|why| format!("  none: {}", reason(why))));
    }
    lines
}

fn reason(why: &NoSlot) -> String {
    let args: Vec<String> = why.args.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{} {}", why.code.as_str(), args.join(" ")).trim_end().to_owned()
}

pub(super) fn list(visits: &[VisitView]) -> Vec<String> {
    visits.iter().map(line).collect()
}

fn line(view: &VisitView) -> String {
    let visit = &view.visit;
    let when = visit.slot.as_ref().map_or_else(|| "-".to_owned(), |slot| time(slot.start));
    let centre = view.centre.as_ref().map_or(visit.centre_id.as_str(), |centre| centre.city_zh.as_str());
    let waits = if view.pending.is_empty() { "" } else { " *" };
    let state = visit.state.as_str();
    format!(
        "{when:<17} {state:<10}{waits} {}  {centre}  {}  {}  {}",
        view.key, view.engineer_name, view.customer, visit.site.name
    )
}

pub(super) fn visit(view: &VisitView) -> Vec<String> {
    let visit = &view.visit;
    let mut lines = vec![line(view)];
    lines.push(format!("ticket {} {}", view.ticket_remote_id, view.ticket_subject));
    lines.push(format!("site {} {} {}", visit.site.name, visit.site.city, visit.site.address));
    lines.push(format!("contact {} {} {}", visit.contact.name, visit.contact.phone, visit.contact.email));
    if let Some(clock) = &view.clock {
        let deadline = clock.deadline_at.map_or_else(|| "-".to_owned(), time);
        lines.push(format!("to take place by {deadline}, counted in {} ({})", clock.why.calendar_en, clock.why.calendar_zh));
    }
    lines.extend(view.cutoff_at.map(|at| format!("moved or called off until {}", time(at))));
    lines.extend(visit.history.iter().map(|event| {
        format!("{}  {}  {} {}", time(event.at), event.kind.as_str(), event.actor, event.detail).trim_end().to_owned()
    }));
    for waiting in &view.pending {
        let code = waiting.code.map(|code| format!(" [{code}]")).unwrap_or_default();
        lines.push(format!("operation {} {}{code}", waiting.id.0, waiting.state.as_str()));
    }
    if let Some(refusal) = &view.refusal {
        lines.extend(refusal.reasons.iter().map(|why| format!("refused: {}", reason(why))));
        lines.extend(refusal.alternatives.iter().map(|slot| format!("instead: {}  [{}]", time(slot.start), slot.centre_id)));
    }
    lines.extend(
        visit.checklist.iter().map(|item| format!("[{}] {} {}", if item.done { 'x' } else { ' ' }, item.text, item.finding)),
    );
    if !visit.findings.is_empty() {
        lines.push(format!("findings {}", visit.findings));
    }
    lines.extend(visit.sign_off.iter().map(|sign_off| format!("signed by {} {}", sign_off.name, time(sign_off.at))));
    lines
}
