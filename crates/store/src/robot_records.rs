//! Robots and their messages as callers see them.

use deskbell_domain::robot::{DeliveryKind, DeliveryState, RobotId, RobotKind, RobotRule};
use deskbell_domain::sla::policy::{Metric, Threshold};
use deskbell_domain::ticket::{Priority, TicketId};
use deskbell_domain::{Code, UtcMs};
use serde::Serialize;
use ts_rs::TS;

/// A robot in a group chat. Its address and secret are kept elsewhere and never shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "Robot")]
pub struct RobotRecord {
    pub id: RobotId,
    pub kind: RobotKind,
    pub name: String,
    /// Host and the last characters of the address.
    pub address_hint: String,
    /// A signing secret is kept.
    pub signed: bool,
    pub enabled: bool,
    pub rules: Vec<RobotRule>,
    pub created_at: UtcMs,
    /// Messages that wait.
    pub waiting: u32,
    /// Nothing goes out before, because of `code`.
    pub held_until: Option<UtcMs>,
    /// What keeps the robot from speaking; `None` when nothing does.
    pub code: Option<Code>,
}

/// What is kept of a robot when it is added or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RobotChange {
    pub kind: RobotKind,
    pub name: String,
    /// `None` leaves hint and signature as they are.
    pub address: Option<RobotAddress>,
    pub enabled: bool,
    pub rules: Vec<RobotRule>,
}

/// What may be shown of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RobotAddress {
    pub hint: String,
    pub signed: bool,
}

/// A message to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    pub robot: RobotId,
    pub kind: DeliveryKind,
    pub alert_ids: Vec<i64>,
    pub mention: Vec<String>,
    pub title: String,
    pub body: String,
    pub not_before: UtcMs,
}

/// One line of the delivery log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "RobotDelivery")]
pub struct DeliveryRecord {
    #[ts(type = "number")]
    pub id: i64,
    pub robot_id: RobotId,
    pub kind: DeliveryKind,
    #[ts(type = "number[]")]
    pub alert_ids: Vec<i64>,
    pub mention: Vec<String>,
    pub title: String,
    pub body: String,
    pub created_at: UtcMs,
    pub state: DeliveryState,
    pub attempts: u32,
    /// Attempts of which nobody knows whether they arrived: one that was sent with a doubt before it may be there twice.
    pub doubts: u32,
    /// The next try, while it waits.
    pub not_before: UtcMs,
    pub code: Option<Code>,
    /// The platform's own answer.
    pub detail: String,
    /// The message that took its content along.
    #[ts(type = "number | null")]
    pub merged_into: Option<i64>,
    pub sent_at: Option<UtcMs>,
}

/// What is to be sent as one message, as the caller worked it out from the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryClaim {
    pub leader: i64,
    /// Their content goes along.
    pub merged: Vec<i64>,
    pub alert_ids: Vec<i64>,
    pub mention: Vec<String>,
    pub title: String,
    pub body: String,
}

/// Whether a message may go now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryTurn {
    /// The attempt is counted: send it.
    Claimed,
    /// The platform's limit, or something that holds the robot.
    Wait(UtcMs),
    /// The queue is no longer what the caller saw.
    Changed,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliverySettlement {
    pub state: DeliveryState,
    /// The next try, for `Queued`.
    pub not_before: UtcMs,
    pub code: Option<Code>,
    pub detail: String,
    /// Nobody knows whether it arrived.
    pub doubt: bool,
    /// Holds the whole robot.
    pub hold: Option<(UtcMs, Code)>,
}

/// An alert as a robot tells it, as things stand now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldAlert {
    pub id: i64,
    pub ticket_id: TicketId,
    pub remote_id: String,
    pub customer: String,
    pub priority: Priority,
    pub metric: Metric,
    pub instance: u32,
    pub threshold: Threshold,
    pub deadline_at: UtcMs,
    pub acknowledged: bool,
    /// The clock has stopped, waits, or has another deadline by now; or the ticket is finished or gone.
    pub over: bool,
}
