//! The per-ticket event log from which clocks are computed.

use serde::{Deserialize, Serialize};

use crate::ticket::{Priority, Role, Status};
use crate::time::UtcMs;

/// What happened to a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum TicketEventKind {
    Created,
    StatusChanged {
        to: Status,
    },
    /// A public reply; internal notes are not events.
    Replied {
        by: Role,
    },
    PriorityChanged {
        to: Priority,
    },
    Merged {
        into_remote_id: String,
    },
    /// The ticket is gone from its server.
    Deleted,
}

/// One entry of the log, oldest first wherever a list of them is passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketEvent {
    pub at: UtcMs,
    pub kind: TicketEventKind,
}
