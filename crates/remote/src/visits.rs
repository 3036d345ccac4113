//! Visits on site behind a second trait: what a provider with slots offers beside [`crate::SupportApi`].

use std::collections::BTreeMap;

use async_trait::async_trait;
use deskbell_domain::UtcMs;
use deskbell_domain::directory::ServiceCentre;
use deskbell_domain::error::Code;
use deskbell_domain::scheduling::{
    Service, Site, Slot, SlotAnswer, SlotQuestion, Visit, VisitBooking, VisitChange, VisitRefusal, VisitRequest,
};
use deskbell_domain::sync::op::{Outcome, Receipt};
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

impl From<VisitOutcome<Visit>> for Outcome {
    fn from(outcome: VisitOutcome<Visit>) -> Self {
        match outcome {
            VisitOutcome::Sent(visit) => Self::Sent(Receipt { visit: Some(Box::new(visit)), ..Receipt::default() }),
            VisitOutcome::Retry { after_ms, code } => Self::Retry { after_ms, code },
            VisitOutcome::Rejected(refusal) => Self::VisitRefused(refusal),
            VisitOutcome::Unknown { code } => Self::Unknown { code },
        }
    }
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
    async fn request_visit(&self, request: &VisitRequest, booking: &VisitBooking, marker: &str) -> VisitOutcome<Visit> {
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
