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

/// What a filter asks of one ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketFacts {
    pub account: AccountId,
    pub status: Status,
    pub priority: Priority,
    pub product: String,
    /// Name of the customer; empty for none.
    pub customer: String,
    pub vip: bool,
    pub breached: bool,
}

impl TicketFilter {
    /// True when a list with this filter would show the ticket.
    #[must_use]
    pub fn passes(&self, ticket: &TicketFacts) -> bool {
        fn one<T: PartialEq>(wanted: &[T], has: &T) -> bool {
            wanted.is_empty() || wanted.contains(has)
        }
        one(&self.accounts, &ticket.account)
            && one(&self.statuses, &ticket.status)
            && one(&self.priorities, &ticket.priority)
            && one(&self.products, &ticket.product)
            && one(&self.customers, &ticket.customer)
            && self.vip.is_none_or(|vip| vip == ticket.vip)
            && (!self.unfinished || ticket.status.is_unfinished())
            && (!self.breached || ticket.breached)
    }
}
