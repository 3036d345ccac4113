//! Tickets, their customers and conversations, as observed.

use std::collections::BTreeMap;

use deskbell_domain::UtcMs;
use deskbell_domain::observation::Evaluation;
use deskbell_domain::sla::policy::Traits;
use deskbell_domain::sync::merge::FieldView;
use deskbell_domain::ticket::{AccountId, BodyFormat, Priority, ProviderKind, Role, Status, TicketId, Visibility};
use serde::Serialize;
use ts_rs::TS;

use crate::attachment::AttachmentRecord;

/// A customer with what the desk knows of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, TS)]
#[ts(rename = "Customer")]
pub struct CustomerRecord {
    pub name: String,
    pub vip: bool,
    pub service_manager: String,
    pub deputy: String,
    pub city: String,
    pub languages: Vec<String>,
    #[ts(type = "number")]
    pub ticket_count: u64,
    #[ts(type = "number")]
    pub open_count: u64,
}

/// A ticket as last observed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TicketRecord {
    pub id: TicketId,
    pub account_id: AccountId,
    pub account_name: String,
    pub provider: ProviderKind,
    /// Empty while `local`.
    pub remote_id: String,
    /// Opened here, and not on the server yet.
    pub local: bool,
    pub subject: String,
    pub status: Status,
    pub status_raw: String,
    pub priority: Priority,
    pub priority_raw: String,
    pub product: String,
    pub customer: CustomerRecord,
    pub requester: String,
    pub assignee: String,
    pub tags: Vec<String>,
    pub custom_fields: BTreeMap<String, String>,
    pub created_at: UtcMs,
    pub updated_at: UtcMs,
    pub version: String,
    /// `live`, `deleted` or `merged`.
    pub fate: String,
    /// The survivor's remote id.
    pub merged_into: Option<String>,
    /// The whole conversation is here; otherwise the provider should be asked for the ticket.
    pub notes_complete: bool,
    /// The customer's verdict, where the provider shows it or it was sent from here.
    pub evaluated: Option<Evaluation>,
}

impl TicketRecord {
    /// The fields that operations edit, as observed.
    #[must_use]
    pub fn fields(&self) -> FieldView {
        FieldView {
            status: self.status,
            priority: self.priority,
            assignee: self.assignee.clone(),
            tags: self.tags.clone(),
            custom_fields: self.custom_fields.clone(),
        }
    }
}

impl TicketRecord {
    /// What its policy is matched with, as observed.
    #[must_use]
    pub fn traits(&self) -> Traits {
        Traits {
            account: self.account_id,
            vip: self.customer.vip,
            priority: self.priority,
            customer: self.customer.name.clone(),
            product: self.product.clone(),
            tags: self.tags.clone(),
        }
    }
}

/// One entry of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoteRecord {
    pub id: i64,
    /// Empty for our own reply until the server's copy is observed.
    pub remote_id: String,
    pub author: String,
    pub role: Role,
    pub visibility: Visibility,
    /// As observed, not sanitised.
    pub body: String,
    pub format: BodyFormat,
    pub created_at: UtcMs,
    pub marker: Option<String>,
    pub attachments: Vec<AttachmentRecord>,
}
