//! What was promised by a time: sentences of a reply, quoted.
//!
//! Invariants: nothing is made up. A sentence is quoted as it was written. It counts only when it names a time that was yet to
//! come when it was written, and says that something happens by then: questions, what is asked of others, what has happened
//! and what cannot be done are no promises. Where the end of that time cannot be told for sure it is left open; of two
//! readings the earlier one holds, because whoever takes over had better be early.

use chrono_tz::Tz;

use crate::time::UtcMs;

mod clause;
mod day;
mod scan;
mod sentence;
mod span;
mod when;

/// Most promises found in one text.
pub const PROMISES_MAX: usize = 20;
/// Longest sentence that is quoted, in characters; a longer one is no sentence.
pub const SENTENCE_CHARS_MAX: usize = 400;

/// A sentence that promises something by a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promised {
    /// As it was written.
    pub text: String,
    /// The end of the time that was named; `None` where it cannot be told.
    pub due: Option<UtcMs>,
}

/// The promises of a text that was written at `at`; its days and hours are those of `tz`. At most [`PROMISES_MAX`].
#[must_use]
pub fn promises(text: &str, at: UtcMs, tz: Tz) -> Vec<Promised> {
    let mut found = Vec::new();
    for sentence in sentence::sentences(text) {
        if let Some(due) = clause::promised(sentence, at, tz) {
            found.push(Promised { text: sentence.to_owned(), due });
        }
        if found.len() == PROMISES_MAX {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests;
