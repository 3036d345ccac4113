//! A visit and its life.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::request::{Site, Window};
use super::service::{CheckItem, Service};
use super::slot::Slot;
use crate::directory::Contact;
use crate::error::Code;
use crate::ticket::text_enum;
use crate::time::{MINUTE_MS, UtcMs};

/// Longest findings, in characters.
pub const FINDINGS_CHARS_MAX: usize = 20_000;
/// Items of a checklist.
pub const CHECK_ITEMS_MAX: usize = 100;
/// Longest drawing of a signature, in characters of its path.
pub const DRAWING_CHARS_MAX: usize = 100_000;

/// Where a visit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum VisitState {
    /// Asked for; nobody has said yes.
    Requested,
    /// Everything was taken; the next free slot of the window goes to it.
    Waitlisted,
    Confirmed,
    Declined,
    Cancelled,
    Done,
}

text_enum!(VisitState {
    Requested = "requested",
    Waitlisted = "waitlisted",
    Confirmed = "confirmed",
    Declined = "declined",
    Cancelled = "cancelled",
    Done = "done",
});

impl VisitState {
    /// True when nothing more comes.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Declined | Self::Cancelled | Self::Done)
    }
}

/// What is done to a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum VisitAction {
    /// The centre gives it a slot.
    Confirm,
    /// The centre says no.
    Decline,
    /// It gets another slot.
    Reschedule,
    Cancel,
    /// The engineer was there.
    #[serde(alias = "done")]
    Complete,
    /// Nothing is free; it waits.
    Waitlist,
    /// Words only: contact, asset, note, checklist, findings.
    Edit,
}

text_enum!(VisitAction {
    Confirm = "confirm",
    Decline = "decline",
    Reschedule = "reschedule",
    Cancel = "cancel",
    Complete = "complete",
    Waitlist = "waitlist",
    Edit = "edit",
});

/// What happened to a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum VisitEventKind {
    Requested,
    Waitlisted,
    Confirmed,
    Declined,
    /// A confirmed visit moved; its state stays.
    Rescheduled,
    Cancelled,
    Done,
    Edited,
}

text_enum!(VisitEventKind {
    Requested = "requested",
    Waitlisted = "waitlisted",
    Confirmed = "confirmed",
    Declined = "declined",
    Rescheduled = "rescheduled",
    Cancelled = "cancelled",
    Done = "done",
    Edited = "edited",
});

/// One line of a visit's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VisitEvent {
    pub at: UtcMs,
    pub kind: VisitEventKind,
    /// Who did it, as the server names them; may be empty.
    #[serde(default)]
    pub actor: String,
    /// The reason given, or empty.
    #[serde(default)]
    pub detail: String,
    /// When the visit was to begin, after a confirmation or a move.
    #[serde(default)]
    pub start: Option<UtcMs>,
}

/// The customer's word that the work is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SignOff {
    /// Who signed, typed.
    pub name: String,
    pub at: UtcMs,
    /// What was drawn, as the `d` of an SVG path; `None` where the name was typed only.
    #[serde(default)]
    pub drawing: Option<String>,
}

/// A visit on site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Visit {
    pub id: String,
    pub ticket_remote_id: String,
    pub service: Service,
    pub site: Site,
    pub contact: Contact,
    #[serde(default)]
    pub asset: String,
    #[serde(default)]
    pub note: String,
    /// When it suits the customer.
    #[serde(default)]
    pub window: Option<Window>,
    /// Empty while no centre was chosen.
    #[serde(default)]
    pub centre_id: String,
    /// `None` until it is confirmed. Its `engineer_ids` holds the one who comes, and `free` is 0.
    #[serde(default)]
    pub slot: Option<Slot>,
    #[serde(default)]
    pub engineer_id: Option<String>,
    pub state: VisitState,
    pub requested_at: UtcMs,
    #[serde(default)]
    pub history: Vec<VisitEvent>,
    #[serde(default)]
    pub checklist: Vec<CheckItem>,
    #[serde(default)]
    pub findings: String,
    #[serde(default)]
    pub sign_off: Option<SignOff>,
    /// Grows when it moves or is called off, as iCalendar's SEQUENCE (RFC 5546, 2.1.4).
    #[serde(default)]
    pub sequence: u32,
    /// Opaque; what a change says that it was made on. Empty for one that its server has not seen.
    #[serde(default)]
    pub version: String,
}

/// What the cut-off rules look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    pub now: UtcMs,
    /// When the visit begins; `None` without a slot.
    pub start: Option<UtcMs>,
    pub cancel_cutoff_min: u32,
}

/// Why something cannot be done to a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VisitProblem {
    #[error("the visit is {} and stays so", state.as_str())]
    Finished { state: VisitState },
    #[error("a visit that is {} cannot {}", state.as_str(), action.as_str())]
    NotFromHere { state: VisitState, action: VisitAction },
    #[error("too late: the last moment was {}", cutoff.to_rfc3339())]
    PastCutoff { cutoff: UtcMs, start: UtcMs },
    #[error("the visit begins at {}", start.to_rfc3339())]
    NotBegun { start: UtcMs },
}

impl VisitProblem {
    /// Its name for people.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Finished { .. } => Code::VisitFinished,
            Self::NotFromHere { .. } => Code::VisitActionInvalid,
            Self::PastCutoff { .. } => Code::VisitPastCutoff,
            Self::NotBegun { .. } => Code::VisitNotBegun,
        }
    }

    /// For the text of the code; instants as RFC 3339.
    #[must_use]
    pub fn args(&self) -> BTreeMap<String, String> {
        let pairs: Vec<(&str, String)> = match self {
            Self::Finished { state } => vec![("state", state.as_str().to_owned())],
            Self::NotFromHere { state, action } => {
                vec![("state", state.as_str().to_owned()), ("action", action.as_str().to_owned())]
            }
            Self::PastCutoff { cutoff, start } => vec![("cutoff", cutoff.to_rfc3339()), ("start", start.to_rfc3339())],
            Self::NotBegun { start } => vec![("start", start.to_rfc3339())],
        };
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// The state after an action, or why there is none.
///
/// A visit without a slot can be given one, refused, put on the list or called off at any time. A confirmed one is moved or
/// called off up to the centre's cut-off, that instant included; it is done once it has begun. The centre can decline it until
/// it begins.
///
/// # Errors
/// [`VisitProblem`].
pub fn plan_visit(state: VisitState, action: VisitAction, timing: &Timing) -> Result<VisitState, VisitProblem> {
    use VisitAction as A;
    use VisitState as S;
    match (state, action) {
        // Findings and the signature often come after the work.
        (S::Done, A::Edit) => Ok(S::Done),
        (S::Declined | S::Cancelled | S::Done, _) => Err(VisitProblem::Finished { state }),
        (_, A::Edit) => Ok(state),
        (S::Requested | S::Waitlisted, A::Confirm | A::Reschedule) => Ok(S::Confirmed),
        (S::Requested | S::Waitlisted, A::Decline) => Ok(S::Declined),
        (S::Requested | S::Waitlisted, A::Cancel) => Ok(S::Cancelled),
        (S::Requested, A::Waitlist) => Ok(S::Waitlisted),
        (S::Confirmed, A::Reschedule) => before_cutoff(timing).map(|()| S::Confirmed),
        (S::Confirmed, A::Cancel) => before_cutoff(timing).map(|()| S::Cancelled),
        (S::Confirmed, A::Decline) => match timing.start {
            Some(start) if timing.now >= start => Err(VisitProblem::PastCutoff { cutoff: start, start }),
            _ => Ok(S::Declined),
        },
        (S::Confirmed, A::Complete) => match timing.start {
            Some(start) if timing.now < start => Err(VisitProblem::NotBegun { start }),
            _ => Ok(S::Done),
        },
        (S::Requested | S::Waitlisted, A::Complete)
        | (S::Waitlisted | S::Confirmed, A::Waitlist)
        | (S::Confirmed, A::Confirm) => Err(VisitProblem::NotFromHere { state, action }),
    }
}

fn before_cutoff(timing: &Timing) -> Result<(), VisitProblem> {
    let Some(start) = timing.start else { return Ok(()) };
    let cutoff = start.plus_ms(-i64::from(timing.cancel_cutoff_min) * MINUTE_MS);
    if timing.now <= cutoff { Ok(()) } else { Err(VisitProblem::PastCutoff { cutoff, start }) }
}
