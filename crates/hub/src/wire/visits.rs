//! Shapes of directories, slots and visits. Those that a request carries are read strictly; what the domain defines goes over
//! the wire as it is, and the types of `visit_docs` are how the OpenAPI document tells it (a test holds both together).

use std::collections::BTreeMap;

use deskbell_domain::UtcMs;
use deskbell_domain::directory::{Contact, Engineer, SlotRules};
use deskbell_domain::scheduling::{CheckItem, NoSlot, Service, SignOff, Site, Slot, Visit, VisitAction, Window};
use deskbell_domain::sla::calendar::CalendarSpec;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::visit_docs::{
    CheckItemDoc, ContactDoc, EngineerDoc, NoSlotDoc, ServiceDoc, SignOffDoc, SiteDoc, SlotDoc, SlotRulesDoc, VisitDoc, WindowDoc,
};

/// A choice in a voice menu.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IvrStep {
    /// What to press; empty where only the choice is known.
    pub key: String,
    pub label_zh: String,
    pub label_en: String,
}

/// Something to have at hand before calling.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChecklistItem {
    pub text_zh: String,
    pub text_en: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PhoneLine {
    pub id: String,
    /// 1 standard, 2 technical experts, 3 enterprise.
    pub tier: u8,
    pub name_zh: String,
    pub name_en: String,
    pub number: String,
    pub purpose_zh: String,
    pub purpose_en: String,
    /// BCP 47.
    pub languages: Vec<String>,
    /// `7x24`, or weekly hours in words.
    pub hours: String,
    pub ivr_zh: String,
    pub ivr_en: String,
    pub source: String,
    /// ISO date.
    pub verified_on: String,
    #[serde(default)]
    pub vendor: String,
    /// Opening hours: time zone, weekly hours, holidays, shifts. Null: see `hours`.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub calendar: Option<CalendarSpec>,
    #[serde(default)]
    pub ivr_path: Vec<IvrStep>,
    #[serde(default)]
    pub checklist: Vec<ChecklistItem>,
    /// BCP 47: `yue`, `nan`.
    #[serde(default)]
    pub dialects: Vec<String>,
    /// `any` or `enterprise`.
    #[serde(default = "any")]
    pub contract: String,
    #[serde(default)]
    pub for_outage: bool,
}

fn any() -> String {
    "any".to_owned()
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ServiceCentre {
    pub id: String,
    pub city_zh: String,
    pub city_en: String,
    pub latitude: f64,
    pub longitude: f64,
    pub hours: String,
    /// hardware_inspection, network_stress_test, security_hardening.
    pub services: Vec<String>,
    pub source: String,
    /// ISO date.
    pub verified_on: String,
    /// Opening hours: time zone, weekly hours, holidays, shifts.
    #[schema(value_type = Option<Object>)]
    pub calendar: Option<CalendarSpec>,
    pub address: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    #[schema(value_type = Vec<ContactDoc>)]
    pub contacts: Vec<Contact>,
    #[schema(value_type = Vec<EngineerDoc>)]
    pub engineers: Vec<Engineer>,
    #[schema(value_type = SlotRulesDoc)]
    pub rules: SlotRules,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Directory {
    pub phone_lines: Vec<PhoneLine>,
    pub service_centres: Vec<ServiceCentre>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CentreList {
    pub centres: Vec<ServiceCentre>,
}

/// A visit as it is asked for: a hold, a start, or a window in which the server chooses.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewVisit {
    pub ticket_id: String,
    #[schema(value_type = ServiceDoc)]
    pub service: Service,
    #[schema(value_type = SiteDoc)]
    pub site: Site,
    #[schema(value_type = ContactDoc)]
    pub contact: Contact,
    #[serde(default)]
    pub asset: String,
    #[serde(default)]
    pub note: String,
    /// When it suits; at most 92 days.
    #[serde(default)]
    #[schema(value_type = Option<WindowDoc>)]
    pub window: Option<Window>,
    /// Absent: the nearest centre that has a slot.
    #[serde(default)]
    pub centre_id: Option<String>,
    /// A start of the centre's grid, UTC milliseconds; needs `centre_id`.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    pub start: Option<UtcMs>,
    #[serde(default)]
    pub hold_id: Option<String>,
    #[serde(default)]
    pub engineer_id: Option<String>,
    /// BCP 47; the engineer speaks one of them.
    #[serde(default)]
    pub languages: Vec<String>,
    /// Where nothing is free: wait for a slot instead of a refusal.
    #[serde(default)]
    pub waitlist: bool,
}

/// Something done to a visit; what is absent stays as it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitPatch {
    /// confirm, decline, reschedule, cancel, complete (or done), waitlist, edit; absent means edit.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub action: Option<VisitAction>,
    /// For confirm and reschedule: another centre.
    #[serde(default)]
    pub centre_id: Option<String>,
    /// For confirm and reschedule, UTC milliseconds.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    pub start: Option<UtcMs>,
    #[serde(default)]
    pub hold_id: Option<String>,
    #[serde(default)]
    pub engineer_id: Option<String>,
    /// Kept in the history.
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    #[schema(value_type = Option<ContactDoc>)]
    pub contact: Option<Contact>,
    #[serde(default)]
    pub asset: Option<String>,
    #[serde(default)]
    pub note: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<Vec<CheckItemDoc>>)]
    pub checklist: Option<Vec<CheckItem>>,
    #[serde(default)]
    pub findings: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<SignOffDoc>)]
    pub sign_off: Option<SignOff>,
}

/// Keeps a slot for five minutes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHold {
    pub centre_id: String,
    #[schema(value_type = ServiceDoc)]
    pub service: Service,
    /// UTC milliseconds.
    #[schema(value_type = i64)]
    pub start: UtcMs,
    #[serde(default)]
    pub engineer_id: Option<String>,
    #[serde(default)]
    pub languages: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Hold {
    pub id: String,
    #[schema(value_type = SlotDoc)]
    pub slot: Slot,
    /// UTC milliseconds.
    pub expires_at: i64,
}

/// Visits in the order in which they changed last.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VisitPage {
    #[schema(value_type = Vec<VisitDoc>)]
    pub visits: Vec<Visit>,
    /// Pass as `after` next time.
    pub next_after: i64,
    pub more: bool,
}

/// One thing wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldProblem {
    /// As `contact.phone`.
    pub field: String,
    pub code: String,
    pub args: BTreeMap<String, String>,
}

/// What a refusal of a slot or a visit carries beside its code.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct Refusal {
    /// For the text of the code; instants as RFC 3339.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, String>,
    /// Everything wrong with the request, by field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<FieldProblem>,
    /// Why there is no slot.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<NoSlotDoc>)]
    pub reasons: Vec<NoSlot>,
    /// With slot_taken, slot_unavailable and hold_unknown: free slots nearest to what was asked for; may be empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<SlotDoc>>)]
    pub alternatives: Option<Vec<Slot>>,
}
