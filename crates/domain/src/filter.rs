//! What a list of tickets shows and in which order.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ticket::{AccountId, Priority, Status};

/// Every field narrows; an empty list or `None` narrows nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct TicketFilter {
    pub accounts: Vec<AccountId>,
    pub statuses: Vec<Status>,
    pub priorities: Vec<Priority>,
    pub products: Vec<String>,
    pub customers: Vec<String>,
    pub vip: Option<bool>,
    /// Only tickets on which work is owed (status before resolved).
    pub unfinished: bool,
    /// Only tickets with a clock past its deadline.
    pub breached: bool,
}

/// The order of a list; ties fall to the newest id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TicketOrder {
    /// Least time left first, then those without a running clock.
    #[default]
    Deadline,
    Updated,
    Created,
    Priority,
}
