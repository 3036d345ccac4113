//! A ticket with its notes, as ours.

use std::collections::{BTreeMap, BTreeSet};

use deskbell_domain::UtcMs;
use deskbell_domain::observation::{
    Fate, Observations, ObservedAttachment, ObservedCustomer, ObservedEvent, ObservedNote, ObservedTicket,
};
use deskbell_domain::sla::event::TicketEventKind;
use deskbell_domain::ticket::{BodyFormat, Role, Status, Visibility};
use sha2::{Digest as _, Sha256};

use super::shape::{Note, Ticket};
use super::words;

/// How far a first note may be from the ticket's creation to count as its description.
const DESCRIPTION_SLACK_MS: i64 = 60_000;
/// Name of the custom field that carries the category's id.
pub(super) const CATEGORY_FIELD: &str = "category";

/// What was known of the ticket before.
pub(super) struct Before<'a> {
    /// `None` for a ticket that is seen for the first time.
    pub(super) status_raw: Option<&'a str>,
    /// When the status was last compared, by our clock.
    pub(super) compared_at: Option<UtcMs>,
    /// Notes that were told already.
    pub(super) told: Option<&'a BTreeSet<String>>,
}

/// How the ticket's status becomes history.
pub(super) enum History<'a> {
    /// Asked for by itself: the poll tells what changes.
    Untold,
    Told(Before<'a>),
}

/// Everything of one ticket. `seen_at` is our clock at the look.
pub(super) fn observe(
    id: &str,
    ticket: &Ticket,
    notes: &[Note],
    history: &History<'_>,
    seen_at: UtcMs,
    categories: &BTreeMap<String, String>,
) -> Observations {
    let raw = words::status_raw(&ticket.status);
    let created_at = UtcMs(ticket.create_time.ms());
    let mut seen = Observations::default();
    let told = if let History::Told(Before { told, .. }) = history { *told } else { None };
    let described = is_described(ticket, notes, created_at);
    if !described && !ticket.description.as_str().is_empty() {
        seen.notes.push(description_note(id, ticket, created_at));
    }
    for (place, note) in notes.iter().enumerate() {
        let role = words::role(note);
        let at = UtcMs(note.create_time.ms());
        let is_opening = described && place == 0;
        if role != Role::System && !is_opening {
            let replied = event(id, &format!("note:{}", note.dialog_id.as_str()), at, TicketEventKind::Replied { by: role });
            seen.events.push(ObservedEvent { actor: note.user.name.as_str().to_owned(), ..replied });
        }
        if told.is_none_or(|told| !told.contains(note.dialog_id.as_str())) {
            seen.notes.push(observe_note(id, note, role, at));
        }
    }
    seen.events.push(event(id, "created", created_at, TicketEventKind::Created));
    let last_at = notes.iter().map(|note| note.create_time.ms()).fold(created_at.0, i64::max);
    let mut updated_at = last_at;
    if let History::Told(before) = history
        && let Some(change) = status_event(id, &raw, before, UtcMs(last_at), seen_at)
    {
        updated_at = updated_at.max(change.at.0);
        seen.events.push(change);
    }
    seen.tickets.push(observe_ticket(id, ticket, &raw, UtcMs(updated_at), digest(notes), categories));
    seen
}

/// The change of a status was seen, not told: it lies between the two looks. Of a first look only the newest note is known
/// to lie before it.
fn status_event(id: &str, raw: &str, before: &Before<'_>, last_at: UtcMs, seen_at: UtcMs) -> Option<ObservedEvent> {
    let to = words::status(raw);
    let kind = TicketEventKind::StatusChanged { to };
    let (what, at, since) = match before.status_raw {
        Some(known) if words::status(known) == to => return None,
        Some(_) => (format!("status:{}", seen_at.0), seen_at, before.compared_at.unwrap_or(last_at)),
        None if to == Status::New => return None,
        None => (format!("first:{raw}"), last_at, seen_at),
    };
    let uncertainty_ms = u64::try_from(seen_at.ms_since(since.min(seen_at)).max(last_distance(at, since))).unwrap_or(0);
    Some(ObservedEvent { uncertainty_ms, ..event(id, &what, at, kind) })
}

fn last_distance(one: UtcMs, other: UtcMs) -> i64 {
    one.ms_since(other).abs()
}

fn event(id: &str, what: &str, at: UtcMs, kind: TicketEventKind) -> ObservedEvent {
    ObservedEvent {
        ticket_remote_id: id.to_owned(),
        remote_id: format!("{id}:{what}"),
        at,
        kind,
        uncertainty_ms: 0,
        actor: String::new(),
    }
}

/// Whether the conversation begins with the description itself.
fn is_described(ticket: &Ticket, notes: &[Note], created_at: UtcMs) -> bool {
    notes.first().is_some_and(|first| {
        let near = last_distance(UtcMs(first.create_time.ms()), created_at) <= DESCRIPTION_SLACK_MS;
        near && words::is_same_text(&words::body(first), ticket.description.as_str())
    })
}

fn description_note(id: &str, ticket: &Ticket, at: UtcMs) -> ObservedNote {
    ObservedNote {
        ticket_remote_id: id.to_owned(),
        remote_id: format!("{id}:description"),
        author: name_of(ticket),
        role: Role::Customer,
        visibility: Visibility::Public,
        body: ticket.description.as_str().to_owned(),
        format: BodyFormat::Text,
        created_at: at,
        marker: None,
        attachments: Vec::new(),
    }
}

fn observe_note(id: &str, note: &Note, role: Role, at: UtcMs) -> ObservedNote {
    let files = note.attachments.iter().enumerate().map(|(place, file)| ObservedAttachment {
        remote_id: attachment_id(note.dialog_id.as_str(), place, file.name.as_str()),
        name: file.name.as_str().to_owned(),
        mime: words::mime_of(file.name.as_str()).to_owned(),
        size_bytes: 0,
        url: file.url.as_str().to_owned(),
    });
    ObservedNote {
        ticket_remote_id: id.to_owned(),
        remote_id: note.dialog_id.as_str().to_owned(),
        author: note.user.name.as_str().to_owned(),
        role,
        visibility: Visibility::Public,
        body: words::body(note),
        format: BodyFormat::Text,
        created_at: at,
        marker: None,
        attachments: files.collect(),
    }
}

/// A file's own name in its ticket: its address changes every time.
pub(super) fn attachment_id(dialog: &str, place: usize, name: &str) -> String {
    format!("{dialog}/{place}/{name}")
}

fn name_of(ticket: &Ticket) -> String {
    let name = ticket.creator_name.as_str();
    if name.is_empty() { ticket.creator_id.as_str().to_owned() } else { name.to_owned() }
}

fn observe_ticket(
    id: &str,
    ticket: &Ticket,
    raw: &str,
    updated_at: UtcMs,
    digest: String,
    categories: &BTreeMap<String, String>,
) -> ObservedTicket {
    let category = ticket.category_id.as_str();
    let named = |label: &str, value: &str| if label.is_empty() { value.to_owned() } else { format!("{value} {label}") };
    let customer = ObservedCustomer {
        remote_id: ticket.creator_id.as_str().to_owned(),
        name: name_of(ticket),
        ..ObservedCustomer::default()
    };
    let custom_fields =
        if category.is_empty() { BTreeMap::new() } else { BTreeMap::from([(CATEGORY_FIELD.to_owned(), category.to_owned())]) };
    ObservedTicket {
        remote_id: id.to_owned(),
        subject: ticket.title.as_str().to_owned(),
        status: words::status(raw),
        status_raw: raw.to_owned(),
        priority: words::priority(&ticket.severity),
        priority_raw: named(ticket.severity.label.as_str(), ticket.severity.value.as_str()),
        product: categories.get(category).cloned().unwrap_or_else(|| category.to_owned()),
        customer,
        requester: name_of(ticket),
        assignee: String::new(),
        tags: Vec::new(),
        custom_fields,
        created_at: UtcMs(ticket.create_time.ms()),
        updated_at,
        version: format!("{raw}|{digest}"),
        fate: Fate::Live,
        evaluation: None,
    }
}

/// A ticket that is gone, of which only the id is told.
pub(super) fn gone(id: &str, seen_at: UtcMs) -> Observations {
    let deleted = event(id, "deleted", seen_at, TicketEventKind::Deleted);
    Observations { tickets: vec![ObservedTicket::gone(id, seen_at)], notes: Vec::new(), events: vec![deleted] }
}

pub(super) fn dialog_ids(notes: &[Note]) -> BTreeSet<String> {
    notes.iter().map(|note| note.dialog_id.as_str().to_owned()).collect()
}

/// How many notes there are and which: equal when nothing came and nothing went.
pub(super) fn digest(notes: &[Note]) -> String {
    let mut hasher = Sha256::new();
    let ids = dialog_ids(notes);
    for id in &ids {
        hasher.update(id.as_bytes());
        hasher.update([0]);
    }
    let hash: String = hasher.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{hash}", ids.len())
}
