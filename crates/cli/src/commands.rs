//! One file a noun.

pub(crate) mod account;
pub(crate) mod alerts;
pub(crate) mod calendar;
pub(crate) mod centres;
pub(crate) mod db;
pub(crate) mod demo;
pub(crate) mod diagnosis;
pub(crate) mod filter;
pub(crate) mod handover;
pub(crate) mod import;
pub(crate) mod outbox;
pub(crate) mod phones;
pub(crate) mod reminders;
pub(crate) mod replay;
pub(crate) mod robots;
pub(crate) mod rules;
pub(crate) mod search;
pub(crate) mod sla;
pub(crate) mod sync;
pub(crate) mod ticket;
pub(crate) mod ticket_edit;
pub(crate) mod visit;
