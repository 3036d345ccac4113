//! Our own tickets with their logs, page by page.

use std::time::Instant;

use deskbell_domain::UtcMs;
use deskbell_domain::sla::replay::ReplayTicket;
use deskbell_domain::ticket::TicketId;
use deskbell_store::Store;

use super::notes::{Notes, ReplayNoteKind};
use super::{ReplayAnswer, ReplayProgress, ReplayRules};
use crate::error::EngineError;

/// Tickets of one page.
const PAGE_TICKETS: u32 = 500;

pub(super) fn replay(
    store: &Store,
    now: UtcMs,
    rules: &ReplayRules,
    progress: ReplayProgress<'_>,
) -> Result<ReplayAnswer, EngineError> {
    let began = Instant::now();
    let mut notes = Notes::default();
    notes.add(ReplayNoteKind::HistoryEnd, [("until", now.to_rfc3339())]);
    notes.add(ReplayNoteKind::PresentTraits, []);
    let mut course = rules.course(now, Some(store.history_tickets()?), progress);
    let mut after = TicketId(i64::MIN);
    loop {
        let page = store.history_page(after, PAGE_TICKETS)?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for ticket in page {
            course.take(&ReplayTicket {
                key: ticket.remote_id,
                id: Some(ticket.id),
                traits: ticket.traits,
                events: ticket.events,
            })?;
        }
    }
    let mut answer = course.answer(notes, began)?;
    let in_force = answer.in_force.iter_mut().flat_map(|report| &mut report.worst);
    for late in answer.candidate.worst.iter_mut().chain(in_force) {
        if let Some(ticket) = late.id.map(|id| store.ticket(id)).transpose()?.flatten() {
            late.subject = ticket.subject;
        }
    }
    Ok(answer)
}
