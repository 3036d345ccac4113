//! The server that the desks of a world talk to: the truth, and how often every operation took effect.
//!
//! It stands for any provider: whether it applies a repeated marker once, keeps markers on notes, and writes only on
//! the version that was seen, is its [`Manner`]. Time is passed in.

use std::collections::BTreeMap;

use deskbell_domain::observation::ObservedEvent;
use deskbell_domain::sla::event::TicketEventKind;
use deskbell_domain::sync::op::{NewTicket, OperationKind, OutboundOperation, Receipt};
use deskbell_domain::ticket::{Priority, Role, Status, Visibility};
use deskbell_domain::{Code, UtcMs};

mod fields;
mod read_back;
mod show;
mod visits;

pub use visits::{CENTRE, ServerVisit, centre};

use fields::{field_of, fits, is_already};

/// A marker begins with what is the same for all markers of a desk.
const DESK_IN_MARKER: usize = 13;

/// What kind of provider it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// The same marker twice takes effect once.
    pub idempotent: bool,
    /// Notes and tickets carry the marker they were made with.
    pub markers: bool,
    /// Field edits are made on a version, or refused.
    pub conditional: bool,
}

#[derive(Debug, Clone)]
pub struct ServerNote {
    pub remote_id: String,
    pub author: String,
    pub visibility: Visibility,
    pub body: String,
    pub at: UtcMs,
    /// Known to the world always, shown to clients where the manner says so.
    pub marker: Option<String>,
    seq: u64,
}

#[derive(Debug, Clone)]
pub struct ServerTicket {
    pub remote_id: String,
    pub subject: String,
    pub status: Status,
    pub priority: Priority,
    pub assignee: String,
    pub tags: Vec<String>,
    pub custom_fields: BTreeMap<String, String>,
    pub created_at: UtcMs,
    pub updated_at: UtcMs,
    pub version: u64,
    pub notes: Vec<ServerNote>,
    pub events: Vec<ObservedEvent>,
    pub verdict: Option<(bool, u8, String)>,
    /// Deleted, or merged into another.
    pub gone: bool,
    pub merged_into: Option<String>,
    body: String,
    event_seqs: Vec<u64>,
    marker: Option<String>,
}

/// One line of the feed.
#[derive(Debug, Clone, Copy)]
struct Change {
    seq: u64,
    ticket: usize,
}

/// An operation whose answer was given up on, and that takes effect afterwards.
#[derive(Debug, Clone)]
struct Late {
    due: UtcMs,
    operation: OutboundOperation,
}

/// Truth.
#[derive(Debug)]
pub struct Server {
    pub manner: Manner,
    pub tickets: Vec<ServerTicket>,
    pub visits: Vec<ServerVisit>,
    /// How often the operation with a marker took effect.
    pub applied: BTreeMap<String, u32>,
    /// Edits that wrote over a value which their client had been shown.
    pub overwritten: Vec<String>,
    /// By marker: the version that its person had been shown, and the values of the field that they knew of.
    pub seen: BTreeMap<String, (u64, Vec<String>)>,
    /// Who set a field of a ticket last, and at which version; a marker, or empty for somebody at the server.
    setters: BTreeMap<(usize, String), (u64, String)>,
    receipts: BTreeMap<String, Receipt>,
    /// By marker of an operation: the visit that it made or changed.
    visit_markers: BTreeMap<String, String>,
    feed: Vec<Change>,
    late: Vec<Late>,
    ids: u64,
}

impl Server {
    #[must_use]
    pub fn new(manner: Manner) -> Self {
        Self {
            manner,
            tickets: Vec::new(),
            visits: Vec::new(),
            applied: BTreeMap::new(),
            overwritten: Vec::new(),
            seen: BTreeMap::new(),
            setters: BTreeMap::new(),
            receipts: BTreeMap::new(),
            visit_markers: BTreeMap::new(),
            feed: Vec::new(),
            late: Vec::new(),
            ids: 0,
        }
    }

    fn next_id(&mut self) -> u64 {
        self.ids += 1;
        self.ids
    }

    /// Somebody opens a ticket at the server itself, or a desk does.
    pub fn open_ticket(&mut self, new: &NewTicket, marker: Option<&str>, now: UtcMs) -> String {
        let remote_id = format!("T-{}", self.next_id());
        self.tickets.push(ServerTicket {
            remote_id: remote_id.clone(),
            subject: new.subject.clone(),
            status: Status::New,
            priority: new.priority.unwrap_or(Priority::Routine),
            assignee: String::new(),
            tags: sorted(new.tags.clone()),
            custom_fields: new.custom_fields.clone(),
            created_at: now,
            updated_at: now,
            version: 0,
            notes: Vec::new(),
            events: Vec::new(),
            verdict: None,
            gone: false,
            merged_into: None,
            body: new.body.clone(),
            event_seqs: Vec::new(),
            marker: marker.map(str::to_owned),
        });
        let place = self.tickets.len() - 1;
        let seq = self.changed(place, now);
        self.log(place, seq, TicketEventKind::Created, now);
        // The first message is the first note, as with every provider.
        let note = ServerNote {
            remote_id: format!("N-{}", self.next_id()),
            author: "customer".to_owned(),
            visibility: Visibility::Public,
            body: new.body.clone(),
            at: now,
            marker: marker.map(str::to_owned),
            seq,
        };
        self.tickets[place].notes.push(note);
        remote_id
    }

    /// The two tickets that the released database of version 1 knows, as it knows them.
    pub fn open_known_tickets(&mut self, now: UtcMs) {
        for (remote_id, body) in [("T1", "云服务器宕机，求助"), ("T2", "磁盘满了")] {
            self.open_ticket(
                &NewTicket { subject: format!("subject {remote_id}"), body: body.to_owned(), ..NewTicket::default() },
                None,
                now,
            );
            let Some(ticket) = self.tickets.last_mut() else { continue };
            ticket.remote_id = remote_id.to_owned();
            (ticket.status, ticket.priority) = (Status::Open, Priority::Important);
            for event in &mut ticket.events {
                event.remote_id = format!("created-{remote_id}");
                event.ticket_remote_id = remote_id.to_owned();
            }
            for note in &mut ticket.notes {
                note.remote_id = if remote_id == "T1" { "n1".to_owned() } else { "n2".to_owned() };
            }
        }
    }

    /// Somebody else changes a ticket at the server itself.
    pub fn edit_here(&mut self, place: usize, edit: &OperationKind, author: &str, now: UtcMs) {
        if place < self.tickets.len() && !self.tickets[place].gone {
            self.make(place, edit, author, None, now);
        }
    }

    /// A ticket disappears.
    pub fn delete(&mut self, place: usize, now: UtcMs) {
        if place < self.tickets.len() && !self.tickets[place].gone {
            let seq = self.changed(place, now);
            self.tickets[place].gone = true;
            self.log(place, seq, TicketEventKind::Deleted, now);
        }
    }

    /// A ticket becomes part of another one that stands; false when one of them does not.
    pub fn merge(&mut self, place: usize, into: usize, now: UtcMs) -> bool {
        let stands = |place: usize| self.tickets.get(place).is_some_and(|ticket| !ticket.gone);
        if place == into || !stands(place) || !stands(into) {
            return false;
        }
        let into_remote_id = self.tickets[into].remote_id.clone();
        let seq = self.changed(place, now);
        let ticket = &mut self.tickets[place];
        ticket.gone = true;
        ticket.merged_into = Some(into_remote_id.clone());
        self.log(place, seq, TicketEventKind::Merged { into_remote_id }, now);
        true
    }

    /// An operation arrives. What the client hears of it is decided elsewhere.
    ///
    /// # Errors
    /// The refusal, when nothing took effect.
    pub fn accept(&mut self, operation: &OutboundOperation, now: UtcMs) -> Result<Receipt, Code> {
        self.settle_late(now);
        if self.manner.idempotent && self.applied.contains_key(&operation.marker) {
            return Ok(self.receipts.get(&operation.marker).cloned().unwrap_or_default());
        }
        let receipt = match &operation.kind {
            OperationKind::CreateTicket { ticket } => {
                let remote_id = self.open_ticket(ticket, Some(&operation.marker), now);
                Receipt { ticket_remote_id: Some(remote_id), ..Receipt::default() }
            }
            kind => {
                let place = self.place(&operation.ticket_remote_id).ok_or(Code::NotFound)?;
                self.check(place, operation)?;
                self.note_overwritten(place, operation);
                let note = self.make(place, kind, "desk", Some(&operation.marker), now);
                Receipt { note_remote_id: note, ..Receipt::default() }
            }
        };
        *self.applied.entry(operation.marker.clone()).or_default() += 1;
        self.receipts.insert(operation.marker.clone(), receipt.clone());
        Ok(receipt)
    }

    /// It takes effect at `due`, long after its client stopped waiting.
    pub fn accept_later(&mut self, operation: &OutboundOperation, due: UtcMs) {
        self.late.push(Late { due, operation: operation.clone() });
    }

    /// Lets everything take effect whose time has come.
    pub fn settle_late(&mut self, now: UtcMs) {
        let (due, later): (Vec<Late>, Vec<Late>) = std::mem::take(&mut self.late).into_iter().partition(|late| late.due <= now);
        self.late = later;
        for late in due {
            // A refusal is heard by nobody.
            let _unheard = self.accept(&late.operation, late.due);
        }
    }

    #[must_use]
    pub fn has_late(&self) -> bool {
        !self.late.is_empty()
    }

    /// Refuses a field edit that was not made on what is there.
    fn check(&mut self, place: usize, operation: &OutboundOperation) -> Result<(), Code> {
        let ticket = &self.tickets[place];
        if ticket.gone {
            return Err(Code::NotFound);
        }
        let Some(fits) = fits(ticket, &operation.kind) else { return Ok(()) };
        if self.manner.conditional {
            if operation.base_version != ticket.version.to_string() {
                return Err(Code::ChangedMeanwhile);
            }
            if !fits {
                // The client names the newest version, so it was shown the value that it now writes over.
                self.overwritten.push(format!("{} {}", ticket.remote_id, operation.kind.name().as_str()));
            }
            return Ok(());
        }
        if fits { Ok(()) } else { Err(Code::ChangedMeanwhile) }
    }

    /// A change by somebody else that the person had not seen is gone without their having been asked.
    fn note_overwritten(&mut self, place: usize, operation: &OutboundOperation) {
        let Some((field, now)) = field_of(&self.tickets[place], &operation.kind) else { return };
        let Some((version, shown)) = self.seen.get(&operation.marker) else { return };
        let Some((set_at, by)) = self.setters.get(&(place, field.clone())) else { return };
        // Markers of the released database are short, and of one desk.
        let ours = by.get(..DESK_IN_MARKER) == operation.marker.get(..DESK_IN_MARKER) || (1..DESK_IN_MARKER).contains(&by.len());
        let ticket = &self.tickets[place];
        let reopens = matches!(operation.kind, OperationKind::Reopen { .. }) && !ticket.status.is_unfinished();
        // Our public reply opens a ticket on many servers, and nobody can tell that from somebody else's opening it.
        let replied = |note: &ServerNote| {
            let mark = note.marker.as_deref().and_then(|marker| marker.get(..DESK_IN_MARKER));
            mark.is_some() && mark == operation.marker.get(..DESK_IN_MARKER) && note.visibility == Visibility::Public
        };
        let opened = field == "status" && ticket.status == Status::Open && ticket.notes.iter().any(replied);
        if !ours && set_at > version && !shown.contains(&now) && !reopens && !opened && !is_already(ticket, &operation.kind) {
            self.overwritten.push(format!("{} {field}", ticket.remote_id));
        }
    }

    /// Changes a ticket; answers the id of the note it wrote.
    fn make(&mut self, place: usize, kind: &OperationKind, author: &str, marker: Option<&str>, now: UtcMs) -> Option<String> {
        let seq = self.changed(place, now);
        if let Some((field, _)) = field_of(&self.tickets[place], kind) {
            self.setters.insert((place, field), (seq, marker.unwrap_or_default().to_owned()));
        }
        let said = match kind {
            OperationKind::Reply { body, visibility, .. } => Some((body.clone(), *visibility)),
            OperationKind::Attach { file, visibility } => Some((file.name.clone(), *visibility)),
            OperationKind::Reopen { body, .. } if !body.is_empty() => Some((body.clone(), Visibility::Public)),
            _ => None,
        };
        let status = match kind {
            OperationKind::SetStatus { to, .. } => Some(*to),
            OperationKind::Close { .. } => Some(Status::Closed),
            OperationKind::Reopen { .. } => Some(Status::Open),
            _ => None,
        };
        let ticket = &mut self.tickets[place];
        match kind {
            OperationKind::SetPriority { to, .. } => ticket.priority = *to,
            OperationKind::SetAssignee { to, .. } => ticket.assignee.clone_from(to),
            OperationKind::SetTags { from, to } => {
                ticket.tags.retain(|tag| to.contains(tag) || !from.contains(tag));
                let added = to.iter().filter(|tag| !from.contains(tag) && !ticket.tags.contains(tag)).cloned();
                ticket.tags = sorted(ticket.tags.iter().cloned().chain(added.collect::<Vec<_>>()).collect());
            }
            OperationKind::SetCustomField { field, to, .. } => {
                ticket.custom_fields.insert(field.clone(), to.clone());
            }
            OperationKind::Evaluate { solved, score, comment } => ticket.verdict = Some((*solved, *score, comment.clone())),
            _ => {}
        }
        if let Some(status) = status.filter(|status| *status != self.tickets[place].status) {
            self.tickets[place].status = status;
            self.log(place, seq, TicketEventKind::StatusChanged { to: status }, now);
        }
        if let OperationKind::SetPriority { to, .. } = kind {
            self.log(place, seq, TicketEventKind::PriorityChanged { to: *to }, now);
        }
        let (body, visibility) = said?;
        let remote_id = format!("N-{}", self.next_id());
        let (author, marker) = (author.to_owned(), marker.map(str::to_owned));
        let role = if author == "customer" { Role::Customer } else { Role::Agent };
        let note = ServerNote { remote_id: remote_id.clone(), author, visibility, body, at: now, marker, seq };
        self.tickets[place].notes.push(note);
        if visibility == Visibility::Public {
            self.log(place, seq, TicketEventKind::Replied { by: role }, now);
        }
        Some(remote_id)
    }

    fn changed(&mut self, place: usize, now: UtcMs) -> u64 {
        let seq = self.next_id();
        self.feed.push(Change { seq, ticket: place });
        let ticket = &mut self.tickets[place];
        ticket.version = seq;
        ticket.updated_at = now;
        seq
    }

    fn log(&mut self, place: usize, seq: u64, kind: TicketEventKind, at: UtcMs) {
        let remote_id = format!("E-{}", self.next_id());
        let ticket = &mut self.tickets[place];
        ticket.events.push(ObservedEvent {
            ticket_remote_id: ticket.remote_id.clone(),
            remote_id,
            at,
            kind,
            uncertainty_ms: 0,
            actor: String::new(),
        });
        ticket.event_seqs.push(seq);
    }

    fn place(&self, remote_id: &str) -> Option<usize> {
        self.tickets.iter().position(|ticket| ticket.remote_id == remote_id)
    }
}

pub(super) fn sorted(mut tags: Vec<String>) -> Vec<String> {
    tags.sort();
    tags.dedup();
    tags
}
