//! Clocks and what rang.

use deskbell_domain::UtcMs;
use deskbell_domain::sla::event::TicketEvent;
use deskbell_domain::sla::policy::{Metric, Threshold, Traits};
use deskbell_domain::ticket::{Priority, TicketId};
use serde::Serialize;
use ts_rs::TS;

/// What a ticket's clocks are computed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClockInput {
    pub ticket_id: TicketId,
    /// What its policy is matched with, as observed.
    pub traits: Traits,
    /// Neither deleted nor merged.
    pub live: bool,
    /// Oldest first.
    pub events: Vec<TicketEvent>,
}

/// A computed clock with the moments at which it rings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClockRow {
    pub metric: Metric,
    pub instance: u32,
    pub started_at: UtcMs,
    pub deadline_at: Option<UtcMs>,
    pub stopped_at: Option<UtcMs>,
    pub paused_since: Option<UtcMs>,
    pub provisional: bool,
    /// Stopped without being met or missed.
    pub cancelled: bool,
    /// The instants behind it are known to within this much, in milliseconds.
    pub uncertainty_ms: u64,
    /// Past and future thresholds of a running clock; empty for a stopped or paused one.
    pub dues: Vec<(Threshold, UtcMs)>,
    /// Of the policy that counts it.
    pub policy_id: String,
}

/// A threshold that was reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "Alert")]
pub struct AlertRecord {
    #[ts(type = "number")]
    pub id: i64,
    pub ticket_id: TicketId,
    pub remote_id: String,
    pub subject: String,
    pub customer: String,
    pub priority: Priority,
    pub metric: Metric,
    pub instance: u32,
    pub threshold: Threshold,
    pub due_at: UtcMs,
    pub deadline_at: UtcMs,
    pub raised_at: UtcMs,
    pub shown_at: Option<UtcMs>,
    pub acknowledged_at: Option<UtcMs>,
    pub snoozed_until: Option<UtcMs>,
    /// Quiet hours or do-not-disturb keep it back until then.
    pub held_until: Option<UtcMs>,
    /// A rule keeps it from ringing: it stands in the list only.
    pub silent: bool,
    /// It rings with sound, as far as its view's rule has a say.
    pub sound: bool,
    /// When it goes to the robots unless somebody acknowledges it.
    pub escalate_at: Option<UtcMs>,
    /// When what it says stopped being so: answered, finished, or the deadline moved.
    pub ended_at: Option<UtcMs>,
}

/// A running clock with a deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "WatchCard")]
pub struct OpenClock {
    pub ticket_id: TicketId,
    pub remote_id: String,
    pub subject: String,
    pub customer: String,
    pub vip: bool,
    pub priority: Priority,
    pub metric: Metric,
    pub instance: u32,
    pub started_at: UtcMs,
    pub deadline_at: UtcMs,
    pub provisional: bool,
    /// The deadline is known to within this much, in milliseconds.
    #[ts(type = "number")]
    pub uncertainty_ms: u64,
    /// Of the policy that counts it.
    pub policy_id: String,
}
