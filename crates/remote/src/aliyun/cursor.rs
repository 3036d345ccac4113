//! What is known of the account's tickets: the cursor of a pull, JSON to us and opaque to the engine.
//!
//! It holds every ticket with its status, and of those not confirmed which notes they have. What only makes a cycle cheap
//! (when a ticket was last looked at, how active it is) is in memory: after a restart every open ticket is looked at anew.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Form of the text; another one begins a full pull.
const FORM: u32 = 1;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    form: u32,
    pub(super) phase: Phase,
    pub(super) tickets: BTreeMap<String, Known>,
    /// Names of categories that tickets carry, by id.
    #[serde(default)]
    pub(super) categories: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub(super) enum Phase {
    /// The first pull; `page` of the list is next or under way.
    Full {
        page: u32,
    },
    Cycle,
}

/// One ticket: `status` or `status notes`, to keep the text short.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub(super) struct Known {
    pub(super) status_raw: String,
    /// Digest of its notes; empty for a confirmed ticket.
    pub(super) notes: String,
}

impl From<String> for Known {
    fn from(text: String) -> Self {
        // An unknown status may hold blanks, a digest never does.
        match text.rsplit_once('|') {
            Some((status, notes)) => Self { status_raw: status.to_owned(), notes: notes.to_owned() },
            None => Self { status_raw: text, notes: String::new() },
        }
    }
}

impl From<Known> for String {
    fn from(known: Known) -> Self {
        format!("{}|{}", known.status_raw, known.notes)
    }
}

impl Cursor {
    pub(super) fn start() -> Self {
        Self { form: FORM, phase: Phase::Full { page: 1 }, tickets: BTreeMap::new(), categories: BTreeMap::new() }
    }

    /// `None` for a text of another form.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        serde_json::from_str(text)
            .ok()
            .filter(|cursor: &Self| cursor.form == FORM && !matches!(cursor.phase, Phase::Full { page: 0 }))
    }

    pub(super) fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
