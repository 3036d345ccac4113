//! What happened to a ticket, for people: the log from which its clocks are computed.

use deskbell_domain::UtcMs;
use deskbell_domain::sla::event::{TicketEvent, TicketEventKind};
use deskbell_domain::ticket::{Priority, Role, Status};
use serde::Serialize;
use ts_rs::TS;

/// Entries sent to a window; the oldest beyond it are counted.
const HISTORY_MAX: usize = 300;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Happening {
    Created,
    Status {
        from: Option<Status>,
        to: Status,
    },
    /// From resolved or closed back to work.
    Reopened {
        to: Status,
    },
    Replied {
        by: Role,
    },
    Priority {
        from: Option<Priority>,
        to: Priority,
    },
    Merged {
        into: String,
    },
    /// Another ticket became part of this one.
    Absorbed {
        created_at: UtcMs,
    },
    Deleted,
    VisitRequested {
        visit: String,
    },
    VisitDone {
        visit: String,
    },
    VisitCancelled {
        visit: String,
    },
}

/// One line of a ticket's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HistoryEntry {
    pub at: UtcMs,
    /// It happened within this many milliseconds of `at`; zero where the provider told the instant.
    #[ts(type = "number")]
    pub uncertainty_ms: u64,
    /// As the provider names them; empty where it does not say.
    pub actor: String,
    pub happening: Happening,
}

/// A ticket's history, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, TS)]
pub struct History {
    pub entries: Vec<HistoryEntry>,
    /// Older ones that are not listed.
    #[ts(type = "number")]
    pub more: u64,
}

/// `events` oldest first.
pub(super) fn history(events: &[TicketEvent]) -> History {
    let mut status: Option<Status> = None;
    let mut priority: Option<Priority> = None;
    let mut opened_at: Option<UtcMs> = None;
    let mut entries: Vec<HistoryEntry> = Vec::with_capacity(events.len());
    for event in events {
        let happening = match &event.kind {
            TicketEventKind::Created => {
                opened_at = Some(event.at);
                Happening::Created
            }
            TicketEventKind::StatusChanged { to } => {
                let from = status.replace(*to);
                let was_finished = from.is_some_and(|from| !from.is_unfinished());
                if was_finished && to.is_unfinished() {
                    Happening::Reopened { to: *to }
                } else {
                    Happening::Status { from, to: *to }
                }
            }
            TicketEventKind::Replied { by } => Happening::Replied { by: *by },
            TicketEventKind::PriorityChanged { to } => {
                let from = priority.replace(*to);
                if from.is_none() && opened_at == Some(event.at) {
                    continue; // what it was opened with is no change
                }
                Happening::Priority { from, to: *to }
            }
            TicketEventKind::Merged { into_remote_id } => Happening::Merged { into: into_remote_id.clone() },
            TicketEventKind::Absorbed { created_at } => Happening::Absorbed { created_at: *created_at },
            TicketEventKind::Deleted => Happening::Deleted,
            TicketEventKind::VisitRequested { visit } => Happening::VisitRequested { visit: visit.clone() },
            TicketEventKind::VisitDone { visit } => Happening::VisitDone { visit: visit.clone() },
            TicketEventKind::VisitCancelled { visit } => Happening::VisitCancelled { visit: visit.clone() },
        };
        entries.push(HistoryEntry { at: event.at, uncertainty_ms: event.uncertainty_ms, actor: event.actor.clone(), happening });
    }
    entries.reverse();
    let more = entries.len().saturating_sub(HISTORY_MAX) as u64;
    entries.truncate(HISTORY_MAX);
    History { entries, more }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_reads_as_what_happened_newest_first() {
        let at =
            |minute: i64, kind| TicketEvent { uncertainty_ms: 0, actor: String::new(), ..TicketEvent::new(UtcMs(minute), kind) };
        let status = |to| TicketEventKind::StatusChanged { to };
        let told = history(&[
            at(0, TicketEventKind::Created),
            at(1, TicketEventKind::PriorityChanged { to: Priority::Important }),
            TicketEvent {
                actor: "林夏".into(),
                uncertainty_ms: 60_000,
                ..TicketEvent::new(UtcMs(2), TicketEventKind::Replied { by: Role::Agent })
            },
            at(3, status(Status::Resolved)),
            at(4, status(Status::Closed)),
            at(5, status(Status::Open)),
            at(6, TicketEventKind::PriorityChanged { to: Priority::Urgent }),
            at(7, TicketEventKind::Merged { into_remote_id: "T-9".into() }),
        ]);
        let happenings: Vec<&Happening> = told.entries.iter().rev().map(|entry| &entry.happening).collect();
        assert_eq!(
            happenings,
            [
                &Happening::Created,
                &Happening::Priority { from: None, to: Priority::Important },
                &Happening::Replied { by: Role::Agent },
                &Happening::Status { from: None, to: Status::Resolved },
                &Happening::Status { from: Some(Status::Resolved), to: Status::Closed },
                &Happening::Reopened { to: Status::Open },
                &Happening::Priority { from: Some(Priority::Important), to: Priority::Urgent },
                &Happening::Merged { into: "T-9".into() },
            ]
        );
        let reply = &told.entries[5];
        assert_eq!((reply.actor.as_str(), reply.uncertainty_ms, told.more), ("林夏", 60_000, 0));
    }

    #[test]
    fn the_priority_of_the_opening_is_no_change_and_the_next_says_from_what() {
        let at = |minute: i64, kind| TicketEvent::new(UtcMs(minute), kind);
        let priority = |to| TicketEventKind::PriorityChanged { to };
        let told =
            history(&[at(0, TicketEventKind::Created), at(0, priority(Priority::Routine)), at(5, priority(Priority::Urgent))]);
        let happenings: Vec<&Happening> = told.entries.iter().rev().map(|entry| &entry.happening).collect();
        let raised = Happening::Priority { from: Some(Priority::Routine), to: Priority::Urgent };
        assert_eq!(happenings, [&Happening::Created, &raised]);
    }

    #[test]
    fn a_long_log_is_cut_at_its_old_end_and_says_so() {
        let events: Vec<_> =
            (0..350).map(|n| TicketEvent::new(UtcMs(n), TicketEventKind::Replied { by: Role::Customer })).collect();
        let told = history(&events);
        assert_eq!((told.entries.len(), told.more, told.entries[0].at), (HISTORY_MAX, 50, UtcMs(349)));
    }
}
