//! What a provider showed us: the shapes that flow from remote to store, never edited by a person.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::sla::event::TicketEventKind;
use crate::ticket::{BodyFormat, Priority, Role, Status, Visibility};
use crate::time::UtcMs;

/// Whether the ticket still stands on the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "fate")]
pub enum Fate {
    Live,
    Deleted,
    Merged { into_remote_id: String },
}

/// A customer as the provider names it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ObservedCustomer {
    /// The provider's id, or the name where it has none; empty when the ticket has no customer.
    pub remote_id: String,
    pub name: String,
    pub vip: bool,
    pub service_manager: String,
    pub deputy: String,
    pub city: String,
    pub languages: Vec<String>,
}

/// A ticket as last seen on the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedTicket {
    pub remote_id: String,
    pub subject: String,
    pub status: Status,
    pub status_raw: String,
    pub priority: Priority,
    pub priority_raw: String,
    /// Product or queue, as the provider names it.
    pub product: String,
    pub customer: ObservedCustomer,
    pub requester: String,
    pub assignee: String,
    pub tags: Vec<String>,
    pub custom_fields: BTreeMap<String, String>,
    pub created_at: UtcMs,
    pub updated_at: UtcMs,
    /// Opaque to us: ETag, sequence number; compared for equality only.
    pub version: String,
    pub fate: Fate,
    /// The customer's verdict; `None` where there is none, or the provider does not show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation: Option<Evaluation>,
}

/// A customer's verdict. `score` is 1 (worst) to 5 (best).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Evaluation {
    pub solved: bool,
    pub score: u8,
    pub comment: String,
}

impl ObservedTicket {
    /// A ticket that is gone, of which only the id is told; what was known of it stays known.
    #[must_use]
    pub fn gone(remote_id: &str, seen_at: UtcMs) -> Self {
        Self {
            remote_id: remote_id.to_owned(),
            subject: String::new(),
            status: Status::Open,
            status_raw: String::new(),
            priority: Priority::Routine,
            priority_raw: String::new(),
            product: String::new(),
            customer: ObservedCustomer::default(),
            requester: String::new(),
            assignee: String::new(),
            tags: Vec::new(),
            custom_fields: BTreeMap::new(),
            created_at: seen_at,
            updated_at: seen_at,
            version: String::new(),
            fate: Fate::Deleted,
            evaluation: None,
        }
    }
}

/// A file on a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedAttachment {
    pub remote_id: String,
    pub name: String,
    pub mime: String,
    /// Zero where the provider does not say.
    pub size_bytes: u64,
    /// Where the bytes are for now, where the provider gives an address that expires; never an identity.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
}

/// What a new ticket can be filed under, and who can take it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ts_rs::TS)]
#[serde(default)]
pub struct Catalogue {
    pub categories: Vec<Category>,
    pub custom_fields: Vec<CustomField>,
    /// Names as the provider takes them for an assignee.
    pub assignees: Vec<String>,
    pub customers: Vec<CatalogueCustomer>,
}

/// A category (Workorder) or a queue (Request Tracker).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ts_rs::TS)]
pub struct Category {
    pub id: String,
    pub name: String,
    /// What it belongs to: product, directory; may be empty.
    pub product: String,
}

/// A custom field that tickets can carry.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ts_rs::TS)]
pub struct CustomField {
    pub name: String,
    /// The values to choose from; empty for free text.
    pub values: Vec<String>,
}

/// A customer whom a new ticket can be opened for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ts_rs::TS)]
pub struct CatalogueCustomer {
    pub id: String,
    pub name: String,
}

/// One entry of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedNote {
    pub ticket_remote_id: String,
    pub remote_id: String,
    pub author: String,
    pub role: Role,
    pub visibility: Visibility,
    pub body: String,
    pub format: BodyFormat,
    pub created_at: UtcMs,
    /// The marker of the operation that wrote it, where the provider keeps one.
    pub marker: Option<String>,
    pub attachments: Vec<ObservedAttachment>,
}

/// One line of a ticket's history, for the SLA clocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedEvent {
    pub ticket_remote_id: String,
    /// Unique within the account: a second sighting of the same event is dropped.
    pub remote_id: String,
    pub at: UtcMs,
    pub kind: TicketEventKind,
    /// Zero where the provider told the instant. Where it was only seen to have happened, it happened within this much of `at`.
    #[serde(default, skip_serializing_if = "is_exact")]
    pub uncertainty_ms: u64,
    /// Who did it, as the provider names them; empty where it does not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub actor: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
fn is_exact(uncertainty_ms: &u64) -> bool {
    *uncertainty_ms == 0
}

/// One page of a pull: applied whole, in one transaction, together with the cursor that follows it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Observations {
    pub tickets: Vec<ObservedTicket>,
    pub notes: Vec<ObservedNote>,
    pub events: Vec<ObservedEvent>,
}

impl Observations {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tickets.is_empty() && self.notes.is_empty() && self.events.is_empty()
    }
}
