//! Tickets in our own NDJSON, the form of `deskctl import tickets`: streamed, twice (the first pass finds the end).

use std::io::{BufRead, Read};
use std::path::Path;
use std::time::Instant;

use deskbell_domain::observation::Observations;
use deskbell_domain::sla::event::TicketEvent;
use deskbell_domain::sla::policy::Traits;
use deskbell_domain::sla::replay::ReplayTicket;
use deskbell_domain::ticket::AccountId;
use deskbell_domain::{Code, UtcMs};

use super::file::{Look, Opened, open};
use super::notes::{Notes, ProblemKind, ReplayNoteKind};
use super::{ReplayAnswer, ReplayProgress, ReplayRules};
use crate::error::EngineError;
use crate::import::{self, IMPORT_LINE_BYTES_MAX, ImportedTicket};

/// Lines between two looks at whether to stop.
const LOOK_EVERY: u64 = 2_000;

pub(super) fn look(opened: Opened) -> Result<Look, EngineError> {
    let mut look = Look::default();
    let (mut tickets, mut until) = (0, None);
    look.rows = for_each(opened.file, &mut look.notes, &mut |ticket| {
        tickets += 1;
        until = until.max(ticket.events.iter().map(|event| event.at).max());
        Ok(())
    })?;
    (look.tickets, look.until) = (tickets, until);
    Ok(look)
}

pub(super) fn replay(
    opened: Opened,
    path: &Path,
    rules: &ReplayRules,
    progress: ReplayProgress<'_>,
) -> Result<ReplayAnswer, EngineError> {
    let began = Instant::now();
    let (mut tickets, mut until) = (0_u64, UtcMs(i64::MIN));
    for_each(opened.file, &mut Notes::default(), &mut |ticket| {
        tickets += 1;
        until = ticket.events.iter().map(|event| event.at).max().unwrap_or(until).max(until);
        if tickets.is_multiple_of(LOOK_EVERY) { progress(0, None) } else { Ok(()) }
    })?;
    let mut notes = Notes::default();
    if tickets > 0 {
        notes.add(ReplayNoteKind::HistoryEnd, [("until", until.to_rfc3339())]);
        notes.add(ReplayNoteKind::LastStatusOnly, []);
    }
    let mut course = rules.course(until, Some(tickets), progress);
    for_each(open(path)?.file, &mut notes, &mut |ticket| course.take(&ticket))?;
    course.answer(notes, began)
}

/// Hands over every ticket; answers how many lines there were.
fn for_each(
    mut source: impl BufRead,
    notes: &mut Notes,
    take: &mut dyn FnMut(ReplayTicket) -> Result<(), EngineError>,
) -> Result<u64, EngineError> {
    let broken = |error: std::io::Error| EngineError::with_detail(Code::FileUnreadable, error.to_string());
    let (mut number, mut rows, mut line) = (0, 0, Vec::new());
    loop {
        line.clear();
        let read = source.by_ref().take(IMPORT_LINE_BYTES_MAX as u64 + 1).read_until(b'\n', &mut line).map_err(broken)?;
        if read == 0 {
            return Ok(rows);
        }
        number += 1;
        if line.len() > IMPORT_LINE_BYTES_MAX {
            notes.problem(number, ProblemKind::LineTooLong, "8 MiB");
            rows += 1;
            // The rest of it, not kept.
            while !line.ends_with(b"\n") {
                line.clear();
                if source.by_ref().take(IMPORT_LINE_BYTES_MAX as u64).read_until(b'\n', &mut line).map_err(broken)? == 0 {
                    return Ok(rows);
                }
            }
            continue;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        rows += 1;
        match ticket_of(&line) {
            Ok(ticket) => take(ticket)?,
            Err(detail) => notes.problem(number, ProblemKind::NotATicket, &detail),
        }
    }
}

fn ticket_of(line: &[u8]) -> Result<ReplayTicket, String> {
    let imported: ImportedTicket = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let mut one = Observations::default();
    import::add(&mut one, imported).map_err(|error| error.to_string())?;
    let ticket = one.tickets.pop().ok_or_else(String::new)?;
    let events = one.events.into_iter().map(|event| TicketEvent {
        at: event.at,
        kind: event.kind,
        actor: event.actor,
        uncertainty_ms: event.uncertainty_ms,
    });
    Ok(ReplayTicket {
        key: ticket.remote_id,
        id: None,
        traits: Traits {
            account: AccountId(0),
            vip: ticket.customer.vip,
            priority: ticket.priority,
            customer: ticket.customer.name,
            product: ticket.product,
            tags: ticket.tags,
        },
        events: events.collect(),
    })
}
