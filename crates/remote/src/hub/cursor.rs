//! Where a pull stands: opaque to the engine, JSON here.

use serde::{Deserialize, Serialize};

/// Position after a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "phase")]
pub(super) enum Cursor {
    Full {
        /// Tickets below this id are still to come.
        before: String,
        /// Tickets that came.
        done: u64,
        /// The feed's position at the first page.
        feed_seq: i64,
    },
    Feed {
        after: i64,
    },
}

impl Cursor {
    pub(super) fn to_text(&self) -> String {
        match self {
            Self::Full { before, done, feed_seq } => {
                serde_json::json!({ "phase": "full", "before": before, "done": done, "feed_seq": feed_seq }).to_string()
            }
            Self::Feed { after } => serde_json::json!({ "phase": "feed", "after": after }).to_string(),
        }
    }

    /// `None` for a text of another form.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}
