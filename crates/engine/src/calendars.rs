//! Calendars: what leaves this desk as iCalendar, the person's CalDAV calendar, and calendars that are read.

use deskbell_domain::{Code, UtcMs};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The person's calendar on a CalDAV server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CaldavView {
    pub url: String,
    pub user: String,
    pub calendar_href: String,
    pub calendar_name: String,
    pub enabled: bool,
    pub state: CaldavState,
    pub last_pushed_at: Option<UtcMs>,
    /// Objects that still have to go there, or to go from there.
    pub waiting: u32,
    /// The next try, while they wait.
    pub retry_at: Option<UtcMs>,
    /// Why the last try failed.
    pub code: Option<Code>,
}

/// How the person's calendar stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CaldavState {
    /// Switched off: nothing is sent, and what was sent stays.
    Off,
    /// The server has everything.
    Current,
    /// Something is to be sent.
    Waiting,
    /// It will not work before something is changed: password, address, calendar.
    Failed,
}

/// A calendar on a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct FoundCalendar {
    /// Path on the server.
    pub href: String,
    pub name: String,
}

/// What a server offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CheckedCalendars {
    pub calendars: Vec<FoundCalendar>,
}

/// A calendar that is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Subscription {
    #[ts(type = "number")]
    pub id: i64,
    pub name: String,
    /// Where it is read; empty for one from a file, and for ours.
    pub url: String,
    /// It came with Deskbell.
    pub shipped: bool,
    pub enabled: bool,
    /// Minutes before a session at which the bell rings.
    pub reminders: Vec<u32>,
    pub fetched_at: Option<UtcMs>,
    /// Why the last try to read it failed; what was read before stays.
    pub code: Option<Code>,
    /// When its next session begins, within a year.
    pub next_at: Option<UtcMs>,
}

/// A subscription as a person typed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SubscriptionDraft {
    /// `None` for a new one, which needs an address; one from a file comes by `subscription_pick`.
    #[ts(type = "number | null")]
    pub id: Option<i64>,
    /// Empty: as the calendar calls itself.
    pub name: String,
    pub url: String,
    pub enabled: bool,
    pub reminders: Vec<u32>,
}

/// One session of a subscription that is switched on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct LiveSession {
    #[ts(type = "number")]
    pub subscription: i64,
    pub subscription_name: String,
    /// With its start it names the session.
    pub uid: String,
    pub title: String,
    pub start: UtcMs,
    pub end: UtcMs,
    pub url: String,
    pub place: String,
    /// Minutes before it at which the bell rings.
    pub reminders: Vec<u32>,
}

/// The CalDAV calendar as a person typed it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct CaldavDraft {
    pub url: String,
    pub user: String,
    /// `None` keeps the one that is kept.
    pub password: Option<String>,
    pub calendar_href: String,
    pub calendar_name: String,
    pub enabled: bool,
}

use std::path::PathBuf;

use crate::engine::Engine;
use crate::error::EngineError;
use export::CalendarFile;

pub mod export;

fn later<T>() -> Result<T, EngineError> {
    Err(EngineError::new(Code::OperationNotOffered))
}

impl Engine {
    pub async fn visit_calendar(&self, _key: &str) -> Result<CalendarFile, EngineError> { later() }
    pub async fn diagnosis_calendar(&self, _id: i64) -> Result<CalendarFile, EngineError> { later() }
    pub async fn write_calendar(&self, _path: PathBuf, _file: CalendarFile) -> Result<(), EngineError> { later() }
    pub async fn caldav(&self) -> Result<Option<CaldavView>, EngineError> { Ok(None) }
    pub async fn check_caldav(&self, _url: &str, _user: &str, _password: Option<String>) -> Result<CheckedCalendars, EngineError> { later() }
    pub async fn put_caldav(&self, _draft: CaldavDraft) -> Result<CaldavView, EngineError> { later() }
    pub async fn remove_caldav(&self) -> Result<(), EngineError> { later() }
    pub async fn push_calendar_now(&self) -> Result<(), EngineError> { later() }
    pub async fn subscriptions(&self) -> Result<Vec<Subscription>, EngineError> { Ok(Vec::new()) }
    pub async fn put_subscription(&self, _draft: SubscriptionDraft) -> Result<Subscription, EngineError> { later() }
    pub async fn subscribe_to_file(&self, _path: PathBuf) -> Result<Subscription, EngineError> { later() }
    pub async fn remove_subscription(&self, _id: i64) -> Result<(), EngineError> { later() }
    pub async fn refresh_subscription(&self, _id: i64) -> Result<Subscription, EngineError> { later() }
    pub async fn live_sessions(&self, _from: UtcMs, _to: UtcMs) -> Result<Vec<LiveSession>, EngineError> { Ok(Vec::new()) }
}
