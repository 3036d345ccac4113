//! Visits on site behind a second trait: what a provider with slots offers beside [`crate::SupportApi`].

use std::collections::BTreeMap;

use async_trait::async_trait;
use deskbell_domain::UtcMs;
use deskbell_domain::directory::{Contact, ServiceCentre};
use deskbell_domain::error::Code;
use deskbell_domain::scheduling::{
    CheckItem, NoSlot, Service, SignOff, Site, Slot, SlotAnswer, SlotQuestion, Visit, VisitAction, VisitRequest,
};
use serde::{Deserialize, Serialize};

use crate::RemoteError;

/// A slot that is to be kept for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldRequest {
    pub centre_id: String,
    pub service: Service,
    /// A start of the centre's grid.
    pub start: UtcMs,
    pub engineer_id: Option<String>,
    /// BCP 47.
    pub languages: Vec<String>,
}

/// A slot that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub id: String,
    pub slot: Slot,
    pub expires_at: UtcMs,
}

/// How a visit is asked for, beyond what the person typed. Without hold and start the server chooses in the window.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Booking {
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
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
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

/// Why a server said no to a hold, a visit or a change.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// The remote's answer is exactly one of these, as with [`deskbell_domain::sync::op::Outcome`].
#[derive(Debug, Clone, PartialEq)]
pub enum VisitOutcome<T> {
    Sent(T),
    /// Nothing landed, and trying later may help.
    Retry {
        after_ms: Option<u64>,
        code: Code,
    },
    /// Nothing landed, and nothing will.
    Rejected(Box<VisitRefusal>),
    /// The bytes left; [`VisitApi::find_visit`] with the same marker says whether they landed.
    Unknown {
        code: Code,
    },
}

impl<T> VisitOutcome<T> {
    fn not_offered() -> Self {
        let detail = "this provider has no slots".to_owned();
        let (args, reasons, alternatives) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self::Rejected(Box::new(VisitRefusal { code: Code::OperationNotOffered, detail, args, reasons, alternatives }))
    }
}

/// Visits in the order in which they changed last.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VisitPage {
    pub visits: Vec<Visit>,
    /// Pass as `after` next time.
    pub next_after: i64,
    pub more: bool,
}

fn none<T>() -> Result<T, RemoteError> {
    Err(RemoteError::new(Code::OperationNotOffered, "this provider has no slots"))
}

/// Centres, slots and visits of one account. By default a provider has none of it.
#[async_trait]
pub trait VisitApi: Send + Sync {
    /// False: every call answers `operation_not_offered`, and a visit travels as a ticket.
    fn offers_visits(&self) -> bool {
        false
    }

    /// The centres with engineers, hours and rules.
    async fn centres(&self) -> Result<Vec<ServiceCentre>, RemoteError> {
        none()
    }

    /// Free slots of a centre; the question's `now` is the server's affair.
    async fn slots(&self, centre_id: &str, question: &SlotQuestion) -> Result<SlotAnswer, RemoteError> {
        let _unused = (centre_id, question);
        none()
    }

    /// Keeps a slot. The same marker again gives the same hold.
    async fn hold(&self, request: &HoldRequest, marker: &str) -> VisitOutcome<Hold> {
        let _unused = (request, marker);
        VisitOutcome::not_offered()
    }

    /// Gives a slot back; one that nobody keeps any more is as good.
    async fn release(&self, hold_id: &str) -> Result<(), RemoteError> {
        let _unused = hold_id;
        none()
    }

    /// Asks once. `marker` is unique for ever: the server applies it once however often it is sent.
    async fn request_visit(&self, request: &VisitRequest, booking: &Booking, marker: &str) -> VisitOutcome<Visit> {
        let _unused = (request, booking, marker);
        VisitOutcome::not_offered()
    }

    /// Changes once, only on the version that it was made on; an empty one is any.
    async fn change_visit(&self, visit_id: &str, change: &VisitChange, version: &str, marker: &str) -> VisitOutcome<Visit> {
        let _unused = (visit_id, change, version, marker);
        VisitOutcome::not_offered()
    }

    /// One visit as it is now.
    async fn visit(&self, visit_id: &str) -> Result<Visit, RemoteError> {
        let _unused = visit_id;
        none()
    }

    /// Visits that changed behind a position; 0 is the beginning.
    async fn visits(&self, after: i64) -> Result<VisitPage, RemoteError> {
        let _unused = after;
        none()
    }

    /// The visit that a request or change with this marker made or changed; `None` when it did not land.
    async fn find_visit(&self, marker: &str) -> Result<Option<Visit>, RemoteError> {
        let _unused = marker;
        none()
    }
}

/// A provider without slots.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoVisits;

impl VisitApi for NoVisits {}

/// The one [`NoVisits`] there needs to be.
pub static NO_VISITS: NoVisits = NoVisits;

/// What is known of a site goes along with a question for slots.
pub(crate) fn site_of(question: &SlotQuestion) -> Site {
    question.site.clone().unwrap_or_default()
}
