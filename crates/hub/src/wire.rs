//! The shapes of the API. Instants are UTC milliseconds; ids are opaque texts.

mod catalogue;
mod files;
mod visit_docs;
mod visits;

use std::collections::BTreeMap;

use deskbell_domain::scheduling::Visit;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use catalogue::{Catalogue, CatalogueCustomer, CatalogueField, Category, Product};
pub use files::{Attachment, NewUpload, Upload};
pub use visit_docs::*;
pub use visits::{
    CentreList, ChecklistItem, Directory, FieldProblem, Hold, IvrStep, NewHold, NewVisit, PhoneLine, Refusal, ServiceCentre,
    VisitPage, VisitPatch,
};

/// Who the token belongs to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    pub user: String,
    pub display_name: String,
    /// Name of the server, for people.
    pub server: String,
    pub api_version: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Customer {
    pub id: String,
    pub name: String,
    pub vip: bool,
    pub service_manager: String,
    pub deputy: String,
    pub city: String,
    pub languages: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerList {
    pub customers: Vec<Customer>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    New,
    Open,
    WaitingCustomer,
    WaitingVendor,
    Resolved,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    Urgent,
    Important,
    Routine,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Customer,
    Agent,
    System,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    Public,
    Internal,
}

/// What happened to a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum EventKind {
    Created,
    StatusChanged {
        to: Status,
    },
    Replied {
        by: Role,
    },
    PriorityChanged {
        to: Priority,
    },
    /// `to` is empty when nobody is responsible any more.
    AssigneeChanged {
        to: String,
    },
    TagsChanged {
        added: Vec<String>,
        removed: Vec<String>,
    },
    /// `to` is empty when the field was cleared.
    FieldChanged {
        field: String,
        to: String,
    },
    SubjectChanged {
        to: String,
    },
    Evaluated {
        solved: bool,
        score: u8,
    },
    /// A visit on site was asked for; `visit` is its id.
    VisitRequested {
        visit: String,
    },
    VisitDone {
        visit: String,
    },
    /// Cancelled or declined.
    VisitCancelled {
        visit: String,
    },
}

/// The customer's verdict on a finished ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Evaluation {
    pub solved: bool,
    /// 1 (worst) to 5 (best).
    pub score: u8,
    pub comment: String,
    /// UTC milliseconds.
    pub at: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Ticket {
    pub id: String,
    pub subject: String,
    pub status: Status,
    pub priority: Priority,
    pub product: String,
    pub customer: Option<Customer>,
    pub requester: String,
    pub assignee: String,
    pub tags: Vec<String>,
    pub custom_fields: BTreeMap<String, String>,
    /// Id of a category of the catalogue, or empty.
    pub category: String,
    pub evaluation: Option<Evaluation>,
    /// UTC milliseconds.
    pub created_at: i64,
    /// UTC milliseconds.
    pub updated_at: i64,
    /// The ETag without its quotes.
    pub version: String,
    /// Only with `include=notes`, and in the feed, where they are the notes of that change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<Vec<Note>>,
    /// Only with `include=events`, and in the feed, where they are the events of that change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<Event>>,
    /// Along with `events`: all visits of the ticket; in the feed those of that change, as they are now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<VisitDoc>>)]
    pub visits: Option<Vec<Visit>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Note {
    pub id: String,
    pub ticket_id: String,
    pub author: String,
    pub role: Role,
    pub visibility: Visibility,
    /// Plain text.
    pub body: String,
    /// UTC milliseconds.
    pub created_at: i64,
    /// Idempotency key of the request that wrote it.
    pub marker: Option<String>,
    pub attachments: Vec<Attachment>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Event {
    pub id: String,
    pub ticket_id: String,
    /// UTC milliseconds.
    pub at: i64,
    /// Who did it; empty where the server does not know.
    pub actor: String,
    #[serde(flatten)]
    pub kind: EventKind,
}

/// A page of tickets, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketPage {
    pub tickets: Vec<Ticket>,
    /// Pass as `before` for the next page; null on the last one.
    pub next_before: Option<String>,
    /// Tickets on the server, all pages together.
    pub total: u64,
    /// Position of the change feed at the instant of this page.
    pub feed_seq: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct NoteList {
    pub notes: Vec<Note>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct EventList {
    pub events: Vec<Event>,
}

/// One committed change: the ticket as it is now, with the notes and events of this change.
#[derive(Debug, Serialize, ToSchema)]
pub struct Change {
    pub seq: i64,
    pub ticket: Ticket,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ChangePage {
    pub changes: Vec<Change>,
    /// Pass as `after` next time.
    pub next_after: i64,
    /// Position of the newest change.
    pub head: i64,
    /// True when more changes wait behind this page.
    pub more: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNote {
    /// May be empty when the note carries files.
    pub body: String,
    pub visibility: Visibility,
    /// Complete uploads, in the order in which they are shown; at most 20.
    #[serde(default)]
    pub upload_ids: Vec<String>,
}

/// Opens a finished ticket again.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reopening {
    /// The reason, written into the ticket as a public reply; empty writes none.
    #[serde(default)]
    pub body: String,
}

/// Closes a ticket. Has no fields yet; an empty object or no body at all.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Closing {}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEvaluation {
    pub solved: bool,
    /// 1 (worst) to 5 (best).
    pub score: u8,
    #[serde(default)]
    pub comment: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTicket {
    pub subject: String,
    /// The customer's first message.
    pub body: String,
    pub priority: Priority,
    #[serde(default)]
    pub product: String,
    #[serde(default)]
    pub customer_id: Option<String>,
    #[serde(default)]
    pub requester: String,
    #[serde(default)]
    pub tags: Vec<String>,
    /// Fields of the catalogue.
    #[serde(default)]
    pub custom_fields: BTreeMap<String, String>,
    /// Id of a category of the catalogue, or empty. It names the product when `product` is empty.
    #[serde(default)]
    pub category: String,
    /// Complete uploads that go along with the first message; at most 20.
    #[serde(default)]
    pub upload_ids: Vec<String>,
}

/// Fields that are absent stay as they are.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketPatch {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Only the fields that are named here; an empty text clears one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_fields: Option<BTreeMap<String, String>>,
}

/// A request that took effect, found by its idempotency key.
#[derive(Debug, Serialize, ToSchema)]
pub struct Operation {
    pub key: String,
    pub ticket_id: String,
    /// The note it wrote, if it wrote one.
    pub note_id: Option<String>,
    /// The visit that it made or changed, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visit_id: Option<String>,
    /// HTTP status of the answer that was given.
    pub status: u16,
    /// UTC milliseconds.
    pub at: i64,
}

/// RFC 9457, with a code that stays the same whatever the words.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    /// One of: unauthorized, not_found, operation_unknown, invalid_request, idempotency_key_missing,
    /// idempotency_key_reused, precondition_failed, body_too_large, feed_position_ahead, rate_limited,
    /// unavailable, internal, ticket_not_finished, already_evaluated, assignee_unknown, customer_unknown,
    /// category_unknown, custom_field_unknown, custom_field_value_unknown, upload_unknown, upload_offset,
    /// upload_too_long, upload_damaged, file_too_large, attachment_unknown, range_not_satisfiable;
    /// of visits: slot_taken, slot_unavailable, hold_unknown, centre_unknown, visit_finished, visit_action_invalid,
    /// visit_past_cutoff, visit_not_begun, and the names of what can be wrong with a field, as window_past.
    pub code: String,
    pub detail: String,
    /// Only with upload_offset: where the upload stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    #[serde(flatten)]
    pub refusal: Refusal,
}
