//! The server's shapes, as far as they are read. Unknown fields are skipped; words that this version
//! does not know are kept as raw text beside the nearest canonical one.

use std::collections::BTreeMap;

use deskbell_domain::UtcMs;
use deskbell_domain::observation::{
    self, CatalogueCustomer, CustomField, Evaluation, Fate, Observations, ObservedAttachment, ObservedCustomer, ObservedEvent,
    ObservedNote, ObservedTicket,
};
use deskbell_domain::scheduling::Visit;
use deskbell_domain::sla::event::TicketEventKind;
use deskbell_domain::ticket::{BodyFormat, Priority, Role, Status, Visibility};
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Me {
    pub(super) user: String,
    pub(super) display_name: String,
    pub(super) server: String,
    pub(super) api_version: String,
}

#[derive(Deserialize)]
struct Customer {
    id: String,
    name: String,
    vip: bool,
    service_manager: String,
    deputy: String,
    city: String,
    languages: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Ticket {
    pub(super) id: String,
    subject: String,
    pub(super) status: String,
    pub(super) priority: String,
    product: String,
    customer: Option<Customer>,
    requester: String,
    pub(super) assignee: String,
    pub(super) tags: Vec<String>,
    pub(super) custom_fields: BTreeMap<String, String>,
    created_at: i64,
    updated_at: i64,
    pub(super) version: String,
    #[serde(default)]
    evaluation: Option<Evaluation>,
    #[serde(default)]
    notes: Vec<Note>,
    #[serde(default)]
    events: Vec<Event>,
    /// Those that changed, as they are now.
    #[serde(default)]
    visits: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Note {
    id: String,
    ticket_id: String,
    author: String,
    role: String,
    visibility: String,
    body: String,
    created_at: i64,
    marker: Option<String>,
    #[serde(default)]
    attachments: Vec<Attachment>,
}

#[derive(Deserialize)]
struct Attachment {
    id: String,
    name: String,
    mime: String,
    size_bytes: u64,
}

#[derive(Deserialize)]
struct Event {
    id: String,
    ticket_id: String,
    at: i64,
    /// Servers before this field do not tell.
    #[serde(default)]
    actor: String,
    event: String,
    to: Option<String>,
    by: Option<String>,
    visit: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct TicketPage {
    pub(super) tickets: Vec<Ticket>,
    pub(super) next_before: Option<String>,
    pub(super) total: u64,
    pub(super) feed_seq: i64,
}

#[derive(Deserialize)]
pub(super) struct Change {
    pub(super) ticket: Ticket,
}

#[derive(Deserialize)]
pub(super) struct ChangePage {
    pub(super) changes: Vec<Change>,
    pub(super) next_after: i64,
    pub(super) head: i64,
    pub(super) more: bool,
}

#[derive(Deserialize)]
pub(super) struct NoteId {
    pub(super) id: String,
}

#[derive(Deserialize)]
pub(super) struct Operation {
    pub(super) ticket_id: String,
    pub(super) note_id: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Problem {
    pub(super) code: String,
}

impl Ticket {
    /// Takes the visits out; those that this version does not understand are left behind.
    pub(super) fn take_visits(&mut self) -> Vec<Visit> {
        super::visits::known(std::mem::take(&mut self.visits), "visit")
    }

    /// Adds the ticket with the notes and events it carries.
    pub(super) fn observe_into(self, observations: &mut Observations) {
        observations.notes.extend(self.notes.into_iter().map(ObservedNote::from));
        observations.events.extend(self.events.into_iter().filter_map(Event::observe));
        let customer = self.customer.map(|customer| ObservedCustomer {
            remote_id: customer.id,
            name: customer.name,
            vip: customer.vip,
            service_manager: customer.service_manager,
            deputy: customer.deputy,
            city: customer.city,
            languages: customer.languages,
        });
        observations.tickets.push(ObservedTicket {
            remote_id: self.id,
            subject: self.subject,
            status: Status::from_text(&self.status).unwrap_or(Status::Open),
            status_raw: self.status,
            priority: Priority::from_text(&self.priority).unwrap_or(Priority::Routine),
            priority_raw: self.priority,
            product: self.product,
            customer: customer.unwrap_or_default(),
            requester: self.requester,
            assignee: self.assignee,
            tags: self.tags,
            custom_fields: self.custom_fields,
            created_at: UtcMs(self.created_at),
            updated_at: UtcMs(self.updated_at),
            version: self.version,
            fate: Fate::Live,
            evaluation: self.evaluation,
        });
    }
}

impl From<Note> for ObservedNote {
    fn from(note: Note) -> Self {
        Self {
            ticket_remote_id: note.ticket_id,
            remote_id: note.id,
            author: note.author,
            role: Role::from_text(&note.role).unwrap_or(Role::System),
            // What we do not understand is not shown as said in public.
            visibility: Visibility::from_text(&note.visibility).unwrap_or(Visibility::Internal),
            body: note.body,
            format: BodyFormat::Text,
            created_at: UtcMs(note.created_at),
            marker: note.marker,
            attachments: note.attachments.into_iter().map(ObservedAttachment::from).collect(),
        }
    }
}

impl From<Attachment> for ObservedAttachment {
    fn from(file: Attachment) -> Self {
        Self { remote_id: file.id, name: file.name, mime: file.mime, size_bytes: file.size_bytes, url: String::new() }
    }
}

impl Event {
    /// `None` for kinds of events that no clock knows.
    fn observe(self) -> Option<ObservedEvent> {
        let to = self.to.as_deref();
        let kind = match self.event.as_str() {
            "created" => TicketEventKind::Created,
            "status_changed" => TicketEventKind::StatusChanged { to: Status::from_text(to?)? },
            "priority_changed" => TicketEventKind::PriorityChanged { to: Priority::from_text(to?)? },
            "replied" => TicketEventKind::Replied { by: Role::from_text(self.by.as_deref()?)? },
            "visit_requested" => TicketEventKind::VisitRequested { visit: self.visit? },
            "visit_done" => TicketEventKind::VisitDone { visit: self.visit? },
            "visit_cancelled" => TicketEventKind::VisitCancelled { visit: self.visit? },
            _ => return None,
        };
        Some(ObservedEvent {
            ticket_remote_id: self.ticket_id,
            remote_id: self.id,
            at: UtcMs(self.at),
            kind,
            uncertainty_ms: 0,
            actor: self.actor,
        })
    }
}

/// How far an upload has come.
#[derive(Deserialize)]
pub(super) struct Upload {
    pub(super) id: String,
    pub(super) offset: u64,
    pub(super) complete: bool,
}

#[derive(Deserialize)]
pub(super) struct Catalogue {
    products: Vec<Product>,
    custom_fields: Vec<CatalogueField>,
    assignees: Vec<String>,
    customers: Vec<CatalogueCustomer>,
}

#[derive(Deserialize)]
struct Product {
    name: String,
    categories: Vec<Category>,
}

#[derive(Deserialize)]
struct Category {
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct CatalogueField {
    name: String,
    values: Vec<String>,
}

impl From<Catalogue> for observation::Catalogue {
    fn from(catalogue: Catalogue) -> Self {
        let mut categories = Vec::new();
        for product in catalogue.products {
            let filed = |one: Category| observation::Category { id: one.id, name: one.name, product: product.name.clone() };
            categories.extend(product.categories.into_iter().map(filed));
        }
        let fields = catalogue.custom_fields.into_iter();
        Self {
            categories,
            custom_fields: fields.map(|field| CustomField { name: field.name, values: field.values }).collect(),
            assignees: catalogue.assignees,
            customers: catalogue.customers,
        }
    }
}
