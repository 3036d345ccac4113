//! What the desk asks of a server about a visit, and the server's no.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::service::CheckItem;
use super::slot::{NoSlot, Slot};
use super::visit::{SignOff, Visit, VisitAction, VisitState};
use crate::directory::Contact;
use crate::error::Code;
use crate::time::UtcMs;

/// The desk's own name of a visit: the marker of its first request, or `account:remote id` of one made elsewhere. It never changes.
pub type VisitKey = String;

/// How a visit is asked for, beyond what the person typed. Without hold and start the server chooses in the window.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct VisitBooking {
    pub hold_id: Option<String>,
    /// Needs a centre in the request.
    pub start: Option<UtcMs>,
    pub engineer_id: Option<String>,
    /// BCP 47.
    pub languages: Vec<String>,
    /// Where nothing is free: wait for a slot instead of a refusal.
    pub waitlist: bool,
}

/// Something done to a visit; what is `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct VisitChange {
    /// `None` changes words only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<VisitAction>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub centre_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<UtcMs>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engineer_id: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checklist: Option<Vec<CheckItem>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub findings: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_off: Option<SignOff>,
}

/// What an action on a visit starts from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VisitSeen {
    pub state: VisitState,
    /// When its slot begins; `None` without one.
    #[serde(default)]
    pub start: Option<UtcMs>,
    #[serde(default)]
    pub centre_id: String,
}

impl VisitSeen {
    /// What there is to see of a visit.
    #[must_use]
    pub fn of(visit: &Visit) -> Self {
        let start = visit.slot.as_ref().map(|slot| slot.start);
        Self { state: visit.state, start, centre_id: visit.centre_id.clone() }
    }
}

impl std::fmt::Display for VisitSeen {
    /// The state's stable word, and behind a blank the slot's start as RFC 3339 where there is one.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.state.as_str())?;
        self.start.map_or(Ok(()), |start| write!(f, " {}", start.to_rfc3339()))
    }
}

/// Why a server said no to a hold, a visit or a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VisitRefusal {
    /// `slot_taken`, `visit_past_cutoff`, `window_past`…; the server's own word where this version has none is `refused`.
    pub code: Code,
    /// For logs: host, HTTP status and the server's word.
    pub detail: String,
    /// For the text of the code; instants as RFC 3339.
    pub args: BTreeMap<String, String>,
    /// Why there is no slot.
    pub reasons: Vec<NoSlot>,
    /// Free slots nearest to what was asked for.
    pub alternatives: Vec<Slot>,
}
