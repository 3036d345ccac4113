//! Words of the call log, and the two kinds of directory entry.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ticket::text_enum;

/// Which of the two directories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DirectoryKind {
    Line,
    Centre,
}

text_enum!(DirectoryKind { Line = "line", Centre = "centre" });

/// How a call ended. Each has a text in the catalogue, `call-outcome-<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    Reached,
    NoAnswer,
    Busy,
    Voicemail,
    /// They will call back, or did.
    CalledBack,
    Other,
}

text_enum!(CallOutcome {
    Reached = "reached",
    NoAnswer = "no_answer",
    Busy = "busy",
    Voicemail = "voicemail",
    CalledBack = "called_back",
    Other = "other",
});
