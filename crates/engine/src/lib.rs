//! The engine: tokio tasks over the store and the support APIs.
//!
//! Owns: when to pull and push, the SLA timer, ringing, what a person sees (mirror + pending edits).
//! Must not know: windows, SQL, HTTP. Everything from the machine comes through [`ports`]. Invariants:
//! an attempt is committed before its first byte leaves; an alert is committed before it is shown; a
//! page and its cursor are committed together.

pub mod accounts;
pub mod alerts;
mod attempt;
pub mod backup;
pub mod bell;
pub mod calendars;
mod care_draft;
pub mod catalogue;
mod connection;
pub mod diagnosis;
pub mod directory;
pub mod edits;
pub mod engine;
pub mod error;
pub mod events;
pub mod handover;
pub mod import;
pub mod kept;
mod lock;
pub mod new_drafts;
pub mod opening;
pub mod outbox;
pub mod paper;
pub mod people;
pub mod ports;
pub mod puller;
pub mod pusher;
pub mod reminders;
pub mod replay;
pub mod robots;
pub mod rules;
pub mod sabotage;
pub mod sla_watch;
pub mod state;
pub mod sync_once;
pub mod system;
pub mod transfer;
mod vanished;
pub mod view;
pub mod visits;

pub use engine::{Engine, EnginePorts};
pub use error::EngineError;

/// The store's records, for hosts: they see the store through the engine only.
pub mod records {
    pub use deskbell_store::records::*;
    pub use deskbell_store::robot_records::{DeliveryRecord, RobotRecord};
    pub use deskbell_store::{CallWords, Store};
}
