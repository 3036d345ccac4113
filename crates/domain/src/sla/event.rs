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
    /// Another ticket became part of this one; its clocks started when that one was created.
    Absorbed {
        created_at: UtcMs,
    },
    /// A visit on site was asked for. `visit` is unique on the ticket.
    VisitRequested {
        visit: String,
    },
    /// The visit took place.
    VisitDone {
        visit: String,
    },
    VisitCancelled {
        visit: String,
    },
}

/// One entry of the log, oldest first wherever a list of them is passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketEvent {
    pub at: UtcMs,
    pub kind: TicketEventKind,
    /// Who did it, as the provider names them; empty where it does not say.
    #[serde(default)]
    pub actor: String,
    /// Zero where the provider told the instant; otherwise it happened within this much of `at`, in milliseconds.
    #[serde(default)]
    pub uncertainty_ms: u64,
}

impl TicketEvent {
    /// An event of which the instant is known and the author is not.
    #[must_use]
    pub const fn new(at: UtcMs, kind: TicketEventKind) -> Self {
        Self { at, kind, actor: String::new(), uncertainty_ms: 0 }
    }
}
