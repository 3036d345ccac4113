//! Rows of an incident log to tickets.

use std::path::Path;
use std::time::Instant;

use deskbell_domain::sla::event::{TicketEvent, TicketEventKind};
use deskbell_domain::sla::policy::Traits;
use deskbell_domain::sla::replay::ReplayTicket;
use deskbell_domain::ticket::{AccountId, Priority, Role, Status};
use deskbell_domain::{Code, UtcMs};

use super::dates::{DateOrder, OrderEvidence};
use super::file::{Encoding, Look, Opened, open};
use super::incident_rows::{self, Incident, Reading, Row, Rows};
use super::notes::{Notes, ReplayNoteKind};
use super::{HistoryOptions, ReplayAnswer, ReplayProgress, ReplayRules};
use crate::error::EngineError;

/// The first look: with dates that could be read in two ways the day comes first, only to count.
pub(super) fn look(opened: Opened, path: &Path) -> Result<Look, EngineError> {
    let go_on = &mut |_| Ok(());
    let (evidence, _) = incident_rows::order_of(opened.file, go_on)?;
    let mut notes = Notes::default();
    let dates = evidence.order().ok();
    let reading = Reading { order: dates.unwrap_or(DateOrder::Dmy), tz: chrono_tz::UTC, encoding: opened.encoding };
    let rows = incident_rows::read(open(path)?.file, &reading, &mut notes, go_on)?;
    Ok(Look {
        rows: rows.read,
        tickets: rows.incidents.len() as u64,
        until: end_of(&rows),
        needs_zone: evidence.without_zone,
        dates,
        dates_matter: evidence.matters(),
        notes,
    })
}

pub(super) fn replay(
    opened: Opened,
    path: &Path,
    options: &HistoryOptions,
    rules: &ReplayRules,
    progress: ReplayProgress<'_>,
) -> Result<ReplayAnswer, EngineError> {
    let began = Instant::now();
    let mut notes = Notes::default();
    let (evidence, _) = incident_rows::order_of(opened.file, &mut |_| progress(0, None))?;
    let order = order(&evidence, options)?;
    let tz = zone(options, rules)?;
    assume(&mut notes, &evidence, order, tz, opened.encoding);
    let reading = Reading { order, tz, encoding: opened.encoding };
    let rows = incident_rows::read(open(path)?.file, &reading, &mut notes, &mut |_| progress(0, None))?;
    let until = end_of(&rows).unwrap_or_default();
    notes.add(ReplayNoteKind::HistoryEnd, [("until", until.to_rfc3339())]);
    let mut course = rules.course(until, Some(rows.incidents.len() as u64), progress);
    for_each_incident(&rows, |incident, of_it| course.take(&ticket(&rows, incident, of_it, &mut notes)))?;
    course.answer(notes, began)
}

/// What the dates say, or what the person said.
fn order(evidence: &OrderEvidence, options: &HistoryOptions) -> Result<DateOrder, EngineError> {
    match (options.dates, evidence.order()) {
        (Some(order), _) => Ok(order),
        (None, Ok(order)) => Ok(order),
        (None, Err(sample)) => Err(EngineError::new(Code::HistoryDates).arg("sample", sample)),
    }
}

fn zone(options: &HistoryOptions, rules: &ReplayRules) -> Result<chrono_tz::Tz, EngineError> {
    let Some(name) = options.tz.as_deref().map(str::trim).filter(|name| !name.is_empty()) else { return Ok(rules.zone()) };
    name.parse()
        .map_err(|_| EngineError::with_detail(Code::InputInvalid, format!("{name} is no IANA time zone")).arg("field", "tz"))
}

fn assume(notes: &mut Notes, evidence: &OrderEvidence, order: DateOrder, tz: chrono_tz::Tz, encoding: Encoding) {
    if evidence.without_zone {
        notes.add(ReplayNoteKind::TimeZone, [("tz", tz.name().to_owned())]);
    }
    if evidence.matters() {
        let name = if order == DateOrder::Dmy { "dmy" } else { "mdy" };
        notes.add(ReplayNoteKind::DateOrder, [("order", name.to_owned())]);
    }
    if encoding == Encoding::Gbk {
        notes.add(ReplayNoteKind::Gbk, []);
    }
    for kind in [
        ReplayNoteKind::OpenedAt,
        ReplayNoteKind::FirstResponse,
        ReplayNoteKind::NoReplies,
        ReplayNoteKind::States,
        ReplayNoteKind::Priorities,
        ReplayNoteKind::Traits,
    ] {
        notes.add(kind, []);
    }
}

fn end_of(rows: &Rows) -> Option<UtcMs> {
    rows.rows.iter().map(|row| row.at).max()
}

fn for_each_incident(rows: &Rows, mut take: impl FnMut(&Incident, &[Row]) -> Result<(), EngineError>) -> Result<(), EngineError> {
    for of_it in rows.rows.chunk_by(|one, other| one.incident == other.incident) {
        let incident = of_it.first().and_then(|row| rows.incidents.get(row.incident as usize));
        if let Some(incident) = incident {
            take(incident, of_it)?;
        }
    }
    Ok(())
}

/// The log of one incident.
fn ticket(rows: &Rows, incident: &Incident, of_it: &[Row], notes: &mut Notes) -> ReplayTicket {
    let name = |index: u32| rows.names.get(index as usize).map_or_else(String::new, |name| name.to_string());
    let opened_at = incident.opened_at;
    let first_priority = of_it.iter().find_map(|row| row.priority).unwrap_or(Priority::Routine);
    let mut events = Vec::with_capacity(of_it.len() + 3);
    events.push(TicketEvent::new(opened_at, TicketEventKind::Created));
    events.push(TicketEvent::new(opened_at, TicketEventKind::PriorityChanged { to: first_priority }));
    let (mut status, mut priority, mut reopened, mut answered) = (Status::New, first_priority, 0, false);
    for row in of_it {
        let event = |kind| TicketEvent { actor: name(row.by), ..TicketEvent::new(row.at, kind) };
        let resolved_at = resolved_before_closing(incident, status, row, &events);
        match row.priority {
            Some(to) if to != priority => {
                priority = to;
                events.push(event(TicketEventKind::PriorityChanged { to }));
            }
            Some(_) => {}
            None => notes.count(ReplayNoteKind::PriorityKept),
        }
        if let Some(resolved_at) = resolved_at {
            notes.count(ReplayNoteKind::ResolvedColumn);
            let resolved = |kind| TicketEvent { actor: name(incident.resolved_by), ..TicketEvent::new(resolved_at, kind) };
            if !answered {
                answered = true;
                events.push(resolved(TicketEventKind::Replied { by: Role::Agent }));
            }
            events.push(resolved(TicketEventKind::StatusChanged { to: Status::Resolved }));
            status = Status::Resolved;
        }
        if row.status != Status::New && !answered {
            answered = true;
            events.push(event(TicketEventKind::Replied { by: Role::Agent }));
        }
        if row.reopen_count > reopened && !status.is_unfinished() && !row.status.is_unfinished() {
            notes.count(ReplayNoteKind::HiddenReopenings);
            events.push(event(TicketEventKind::StatusChanged { to: Status::Open }));
            status = Status::Open;
        }
        reopened = row.reopen_count.max(reopened);
        if row.status != status {
            status = row.status;
            events.push(event(TicketEventKind::StatusChanged { to: status }));
        }
    }
    let traits = Traits {
        account: AccountId(0),
        vip: false,
        priority,
        customer: name(incident.caller),
        product: name(incident.category),
        tags: Vec::new(),
    };
    ReplayTicket { key: incident.number.to_string(), id: None, traits, events }
}

/// A log that goes from work to closed at once: the resolved column tells when it was resolved, if that is between.
fn resolved_before_closing(incident: &Incident, status: Status, row: &Row, events: &[TicketEvent]) -> Option<UtcMs> {
    let last = events.last().map_or(incident.opened_at, |last| last.at);
    let is_closed_at_once = row.status == Status::Closed && status.is_unfinished();
    incident.resolved_at.filter(|at| is_closed_at_once && last <= *at && *at < row.at)
}
