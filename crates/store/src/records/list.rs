//! Lists of tickets, their facets, and what a search found.

use deskbell_domain::UtcMs;
use deskbell_domain::sla::policy::Metric;
use deskbell_domain::ticket::{AccountId, Priority, Status, TicketId};
use serde::Serialize;
use ts_rs::TS;

/// A slice of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TicketPage {
    /// Length of the whole list.
    #[ts(type = "number")]
    pub total: u64,
    /// Changes whenever any list may have changed.
    #[ts(type = "number")]
    pub generation: u64,
    pub rows: Vec<TicketRow>,
}

/// A line of the grid. Status, priority and assignee include what is still waiting in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TicketRow {
    pub id: TicketId,
    pub remote_id: String,
    pub subject: String,
    pub status: Status,
    pub priority: Priority,
    pub customer: String,
    pub vip: bool,
    pub product: String,
    pub account_id: AccountId,
    pub requester: String,
    pub assignee: String,
    pub updated_at: UtcMs,
    /// `author：text`, at most 120 characters.
    pub last_note: String,
    /// Operations queued, on the wire, of unknown fate, or rejected.
    pub pending: u32,
    /// Opened here, and not on the server yet.
    pub local: bool,
    /// The running clock with the least time left, else a paused one.
    pub clock: Option<RowClock>,
}

/// The clock a row shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct RowClock {
    pub metric: Metric,
    pub deadline_at: Option<UtcMs>,
    pub paused: bool,
    pub provisional: bool,
}

/// Counts within a filter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, TS)]
pub struct Facets {
    #[ts(type = "number")]
    pub total: u64,
    #[ts(type = "number")]
    pub unfinished: u64,
    #[ts(type = "number")]
    pub breached: u64,
    #[ts(type = "number")]
    pub vip: u64,
    #[ts(as = "Vec<(Status, u32)>")]
    pub by_status: Vec<(Status, u64)>,
    #[ts(as = "Vec<(Priority, u32)>")]
    pub by_priority: Vec<(Priority, u64)>,
    /// The 30 most frequent, most frequent first.
    #[ts(as = "Vec<(String, u32)>")]
    pub by_product: Vec<(String, u64)>,
    #[ts(as = "Vec<(AccountId, u32)>")]
    pub by_account: Vec<(AccountId, u64)>,
}

/// What a search found, newest updated first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, TS)]
pub struct SearchAnswer {
    #[ts(type = "number")]
    pub total: u64,
    /// False: `total` counts candidates of which not all were checked against their text.
    pub exact: bool,
    pub tickets: Vec<SearchHit>,
}

/// A ticket that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SearchHit {
    pub id: TicketId,
    pub remote_id: String,
    pub subject: String,
    pub status: Status,
    pub priority: Priority,
    pub customer: String,
    pub updated_at: UtcMs,
    /// A piece of the conversation around the first hit; empty when only the head matches.
    pub snippet: Vec<SnippetPart>,
    pub subject_parts: Vec<SnippetPart>,
}

/// A run of text, highlighted or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SnippetPart {
    pub text: String,
    pub hit: bool,
}
