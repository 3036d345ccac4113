//! The handover brief: what whoever takes over has to know of the customers, and nothing that nobody said.

use deskbell_domain::UtcMs;
use deskbell_domain::directory::CallOutcome;
use deskbell_domain::people::Person;
use deskbell_domain::scheduling::{Service, VisitState};
use deskbell_domain::sla::clock::ClockState;
use deskbell_domain::sla::policy::Metric;
use deskbell_domain::ticket::{AccountId, Priority, Role, Status, TicketId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::people::CustomerCard;

mod gather;

/// Most customers of one brief.
pub const CUSTOMERS_MAX: usize = 100;
/// Most open tickets of one customer in a brief.
pub const TICKETS_MAX: usize = 100;
/// Most calls of one customer in a brief.
pub const CALLS_MAX: usize = 50;

/// Whose customers, and for which time.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct HandoverQuestion {
    /// Customers of whom this person is the manager, the deputy, or acting; by name.
    pub manager: Option<String>,
    pub account: Option<AccountId>,
    /// The provider's id of one customer.
    pub customer: Option<String>,
    pub from: UtcMs,
    pub to: UtcMs,
}

/// A clock as the brief tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HandoverClock {
    pub metric: Metric,
    pub instance: u32,
    pub state: ClockState,
    pub deadline_at: Option<UtcMs>,
    pub paused_since: Option<UtcMs>,
    pub provisional: bool,
}

/// The newest entry of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HandoverNote {
    pub author: String,
    pub role: Role,
    pub at: UtcMs,
    /// Shortened.
    pub text: String,
}

/// A sentence of a public reply of ours that names a time by which something happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HandoverPromise {
    /// As it was written.
    pub text: String,
    /// When it was written.
    pub at: UtcMs,
    pub author: String,
    /// `key` of the note that it is quoted from.
    pub note: String,
    /// The end of the time that was named; null where it cannot be told.
    pub due: Option<UtcMs>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HandoverTicket {
    pub id: TicketId,
    pub remote_id: String,
    pub subject: String,
    pub status: Status,
    pub priority: Priority,
    pub product: String,
    pub assignee: String,
    pub created_at: UtcMs,
    /// Those that run or stand still.
    pub clocks: Vec<HandoverClock>,
    pub last_note: Option<HandoverNote>,
    /// By the time that was named, those without one last.
    pub promises: Vec<HandoverPromise>,
    /// Edits of this desk that have not arrived at the server.
    pub pending: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HandoverVisit {
    pub key: String,
    pub ticket: Option<TicketId>,
    pub ticket_remote_id: String,
    pub service: Service,
    pub state: VisitState,
    /// Of its slot; null without one.
    pub start: Option<UtcMs>,
    pub end: Option<UtcMs>,
    /// IANA zone of the centre, or of the desk where it is not known.
    pub tz: String,
    pub site: String,
    pub centre_zh: String,
    pub centre_en: String,
    pub engineer: String,
    pub contact: String,
    pub contact_phone: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HandoverCall {
    #[ts(type = "number")]
    pub id: i64,
    pub ticket_remote_id: String,
    pub line_name: String,
    pub number: String,
    pub started_at: UtcMs,
    pub ended_at: Option<UtcMs>,
    /// `None` while it is under way.
    pub outcome: Option<CallOutcome>,
    pub agent: String,
    pub case_number: String,
    pub note: String,
}

/// A customer with everything open of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HandoverCustomer {
    pub card: CustomerCard,
    /// Work is owed on them; nearest deadline first.
    pub tickets: Vec<HandoverTicket>,
    /// Open tickets beyond those listed.
    #[ts(type = "number")]
    pub tickets_more: u64,
    /// In the time of the brief, and those that nobody has answered yet.
    pub visits: Vec<HandoverVisit>,
    /// Of the two weeks before the brief was made, newest first.
    pub calls: Vec<HandoverCall>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Handover {
    /// In the desk's language.
    pub title: String,
    pub made_at: UtcMs,
    pub from: UtcMs,
    pub to: UtcMs,
    /// IANA zone of the times when printed.
    pub tz: String,
    /// Cards of those who are named in it.
    pub people: Vec<Person>,
    /// Those with something open, the most urgent first.
    pub customers: Vec<HandoverCustomer>,
    /// Customers of the question with nothing open.
    #[ts(type = "number")]
    pub quiet: u64,
    /// Customers with something open beyond those listed.
    #[ts(type = "number")]
    pub more: u64,
}

/// A customer with everything that is open of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CustomerDetail {
    pub card: CustomerCard,
    /// The card of the manager, where there is one.
    pub manager: Option<Person>,
    pub deputy: Option<Person>,
    /// Work is owed on them; nearest deadline first.
    pub tickets: Vec<HandoverTicket>,
    /// Open tickets beyond those listed.
    #[ts(type = "number")]
    pub tickets_more: u64,
    /// Of the coming 92 days, and those that nobody has answered yet.
    pub visits: Vec<HandoverVisit>,
    pub calls: Vec<HandoverCall>,
}
