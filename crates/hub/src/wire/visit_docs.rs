//! How the OpenAPI document tells the shapes that the domain defines. Nothing else uses them; a test reads each from what the
//! domain writes and writes the same again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What engineers do on site.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Service)]
pub enum ServiceDoc {
    HardwareInspection,
    NetworkStressTest,
    SecurityHardening,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Contact)]
pub struct ContactDoc {
    pub name: String,
    pub role: String,
    pub phone: String,
    pub email: String,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Engineer)]
pub struct EngineerDoc {
    pub id: String,
    pub name: String,
    /// Services.
    pub skills: Vec<String>,
    /// BCP 47.
    pub languages: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SlotRules)]
pub struct SlotRulesDoc {
    pub slot_minutes: u32,
    /// Visits at one time.
    pub capacity: u32,
    /// The way there.
    pub buffer_before_min: u32,
    /// The way back.
    pub buffer_after_min: u32,
    pub notice_min: u32,
    pub horizon_days: u32,
    pub travel_radius_km: u32,
    pub cancel_cutoff_min: u32,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Window)]
pub struct WindowDoc {
    /// UTC milliseconds.
    pub from: i64,
    /// UTC milliseconds, not included.
    pub to: i64,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Site)]
pub struct SiteDoc {
    pub name: String,
    pub address: String,
    pub city: String,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    /// ISO 3166-1 alpha-2, or empty.
    pub country: String,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CheckItem)]
pub struct CheckItemDoc {
    pub text: String,
    pub done: bool,
    pub finding: String,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SignOff)]
pub struct SignOffDoc {
    /// Who signed.
    pub name: String,
    /// UTC milliseconds.
    pub at: i64,
    /// The `d` of an SVG path.
    pub drawing: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Slot)]
pub struct SlotDoc {
    pub centre_id: String,
    /// UTC milliseconds.
    pub start: i64,
    /// UTC milliseconds.
    pub end: i64,
    /// Who could come; of a visit, who comes.
    pub engineer_ids: Vec<String>,
    /// How many visits fit in still.
    pub free: u32,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NoSlot)]
pub struct NoSlotDoc {
    /// window_reversed, window_past, service_not_offered, no_skill, no_language, abroad, too_far, hours_unknown,
    /// hours_invalid, rules_invalid, notice, horizon, closed, full.
    pub code: String,
    /// For the text of the code; instants as RFC 3339.
    pub args: BTreeMap<String, String>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SlotAnswer)]
pub struct SlotAnswerDoc {
    pub slots: Vec<SlotDoc>,
    /// Empty when there are slots.
    pub why_none: Vec<NoSlotDoc>,
    /// There are more than 2,000: ask from a later time on.
    pub truncated: bool,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VisitEvent)]
pub struct VisitEventDoc {
    /// UTC milliseconds.
    pub at: i64,
    /// requested, waitlisted, confirmed, declined, rescheduled, cancelled, done, edited.
    pub kind: String,
    pub actor: String,
    /// The reason given.
    pub detail: String,
    /// When the visit was to begin.
    pub start: Option<i64>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Visit)]
pub struct VisitDoc {
    pub id: String,
    /// Id of its ticket.
    pub ticket_remote_id: String,
    pub service: ServiceDoc,
    pub site: SiteDoc,
    pub contact: ContactDoc,
    pub asset: String,
    pub note: String,
    pub window: Option<WindowDoc>,
    pub centre_id: String,
    pub slot: Option<SlotDoc>,
    pub engineer_id: Option<String>,
    /// requested, waitlisted, confirmed, declined, cancelled, done.
    pub state: String,
    /// UTC milliseconds.
    pub requested_at: i64,
    pub history: Vec<VisitEventDoc>,
    pub checklist: Vec<CheckItemDoc>,
    pub findings: String,
    pub sign_off: Option<SignOffDoc>,
    /// Grows when it moves or is called off, as iCalendar's SEQUENCE.
    pub sequence: u32,
    /// The ETag without its quotes.
    pub version: String,
}
