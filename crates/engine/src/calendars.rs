//! Calendars: what leaves this desk as iCalendar, the person's CalDAV calendar, and calendars that are read.

mod caldav;
pub mod export;
pub(crate) mod push;
pub(crate) mod subscriptions;

use deskbell_domain::{Code, UtcMs};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use push::PushReport;

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

/// One object of ours in the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CalendarContent {
    /// current, waiting, leaving.
    pub state: &'static str,
    pub uid: String,
    pub kind: String,
    pub href: String,
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
