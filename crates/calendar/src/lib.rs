//! Calendars: iCalendar objects (RFC 5545, RFC 5546) written and read, and a client of CalDAV servers (RFC 4791).
//!
//! Owns: how an appointment becomes text and text becomes sessions, what is refused as hostile, how a server is asked and
//! answered. Must not know: the store, visits, when anything is sent. Invariants: the same appointment gives the same text,
//! but for its stamp; whatever is read is bounded in bytes, components and occurrences; an object of a server is changed and
//! removed only in the version that we wrote.

pub mod caldav;
pub mod merge;
pub mod object;
pub mod read;
pub mod subscribe;

use deskbell_domain::Code;
use deskbell_remote::RemoteError;

pub use object::{Appointment, Method, Person, Standing, fingerprint, write_object};
pub use read::{Calendar, Session, Sessions};

/// The live Q&A that ships: Wednesday and Friday at 20:00 in Shanghai.
pub const LIVE_QA: &str = include_str!("../data/live-qa.ics");

/// Largest calendar that is read, in bytes.
pub const CALENDAR_BYTES_MAX: usize = 5 * 1024 * 1024;

/// Why a calendar cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct CalendarError {
    pub code: Code,
    /// For people who look for the fault: which limit, which byte, which component. Nothing of the content.
    pub detail: String,
}

impl CalendarError {
    fn unreadable(detail: impl Into<String>) -> Self {
        Self { code: Code::CalendarUnreadable, detail: detail.into() }
    }

    fn too_large(detail: impl Into<String>) -> Self {
        Self { code: Code::CalendarTooLarge, detail: detail.into() }
    }
}

impl From<CalendarError> for RemoteError {
    fn from(error: CalendarError) -> Self {
        Self::new(error.code, error.detail)
    }
}
