//! Phone lines and service centres: data with a source and a date on which it was verified.
//!
//! Owns which line is recommended for a call, what is wrong with an entry as it is typed, how old it is, and how far
//! two places are apart. Must not know where entries come from.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::sla::calendar::{Calendar, CalendarError, CalendarSpec, WeeklyHours};
use crate::ticket::text_enum;

mod call;
mod check;
mod dial;
mod distance;
mod hours;
mod recommend;
mod shipped;

pub use call::{CallOutcome, DirectoryKind};
pub(crate) use check::check_contact;
pub use check::{
    CHECKLIST_MAX, ENGINEERS_MAX, IVR_STEPS_MAX, NAME_CHARS_MAX, PHONE_CHARS_MAX, Problem, SLOT_MINUTES_MIN, STALE_AFTER_DAYS,
    TEXT_CHARS_MAX, check_centre, check_line, check_person, is_language_tag, is_phone_number, is_stale,
};
pub use dial::{TelUri, dialled};
pub use distance::{Place, distance_km, is_place};
pub use hours::{OPEN_DAYS_MAX, OpenState, Opening, open_days, opening_at};
pub use recommend::{CallFacts, LINES_MAX, Reason, ReasonCode, Recommendation, recommend, speaks};
pub use shipped::{Cities, City, cities, shipped_lines};

/// What `hours` says of a line that is never closed.
pub const HOURS_ALWAYS: &str = "7x24";
/// Zone of hours that name none.
pub const TIME_ZONE_DEFAULT: &str = "Asia/Shanghai";

/// Whose customers a line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LineContract {
    #[default]
    Any,
    /// Only customers with an enterprise contract.
    Enterprise,
}

text_enum!(LineContract { Any = "any", Enterprise = "enterprise" });

/// One choice in a voice menu, in the order in which they are made.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct IvrStep {
    /// What to press; empty where the source names the choice and no key.
    pub key: String,
    pub label_zh: String,
    pub label_en: String,
}

/// Something to have at hand before calling.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct ChecklistItem {
    pub text_zh: String,
    pub text_en: String,
}

/// A telephone number of a vendor, with what it is for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct PhoneLine {
    pub remote_id: String,
    /// 1 standard, 2 technical experts, 3 enterprise.
    pub tier: u8,
    pub name_zh: String,
    pub name_en: String,
    pub number: String,
    pub purpose_zh: String,
    pub purpose_en: String,
    /// BCP 47: `zh-CN`, `en`.
    pub languages: Vec<String>,
    /// `7x24`, or weekly hours in words.
    pub hours: String,
    pub ivr_zh: String,
    pub ivr_en: String,
    pub source: String,
    /// ISO date.
    pub verified_on: String,
    /// Whose line it is; empty where it was never said.
    #[serde(default)]
    pub vendor: String,
    /// When somebody answers. `None`: always where `hours` says `7x24`, else unknown.
    #[serde(default)]
    pub calendar: Option<CalendarSpec>,
    #[serde(default)]
    pub ivr_path: Vec<IvrStep>,
    #[serde(default)]
    pub checklist: Vec<ChecklistItem>,
    /// BCP 47, as `languages`: `yue` Cantonese, `nan` Southern Min.
    #[serde(default)]
    pub dialects: Vec<String>,
    #[serde(default)]
    pub contract: LineContract,
    /// The line to call when a service is down.
    #[serde(default)]
    pub for_outage: bool,
}

impl PhoneLine {
    /// When somebody answers; `None` where it is not known.
    ///
    /// # Errors
    /// What is wrong with the calendar.
    pub fn opening(&self) -> Result<Option<Calendar>, CalendarError> {
        opening(self.calendar.as_ref(), &self.hours)
    }
}

/// A person to write to or to call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct Contact {
    pub name: String,
    #[serde(default)]
    pub role: String,
    #[serde(default)]
    pub phone: String,
    #[serde(default)]
    pub email: String,
}

/// Somebody who goes on visits.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct Engineer {
    pub id: String,
    pub name: String,
    /// Services, by their stable words.
    pub skills: Vec<String>,
    /// BCP 47.
    pub languages: Vec<String>,
}

/// How a centre's time is divided and given away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct SlotRules {
    /// Length of a visit.
    pub slot_minutes: u32,
    /// Most visits of the centre at one time.
    pub capacity: u32,
    /// The way there: the engineer is taken so long before.
    pub buffer_before_min: u32,
    /// The way back.
    pub buffer_after_min: u32,
    /// A visit begins no earlier than so long after it is asked for.
    pub notice_min: u32,
    /// A visit begins no later than so many times 24 hours after it is asked for.
    pub horizon_days: u32,
    /// Farthest site, as the crow flies.
    pub travel_radius_km: u32,
    /// A visit is moved or cancelled no later than so long before it begins.
    pub cancel_cutoff_min: u32,
}

impl Default for SlotRules {
    fn default() -> Self {
        Self {
            slot_minutes: 120,
            capacity: 1,
            buffer_before_min: 30,
            buffer_after_min: 30,
            notice_min: 240,
            horizon_days: 30,
            travel_radius_km: 100,
            cancel_cutoff_min: 240,
        }
    }
}

/// A place that sends engineers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, TS)]
pub struct ServiceCentre {
    pub remote_id: String,
    pub city_zh: String,
    pub city_en: String,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    pub hours: String,
    /// By their stable words; see [`crate::scheduling::Service`].
    pub services: Vec<String>,
    pub source: String,
    /// ISO date.
    pub verified_on: String,
    /// When engineers are out. `None`: always where `hours` says `7x24`, else unknown and nothing can be booked.
    #[serde(default)]
    pub calendar: Option<CalendarSpec>,
    #[serde(default)]
    pub address: String,
    /// ISO 3166-1 alpha-2; empty where it was never said.
    #[serde(default)]
    pub country: String,
    #[serde(default)]
    pub contacts: Vec<Contact>,
    #[serde(default)]
    pub engineers: Vec<Engineer>,
    #[serde(default)]
    pub rules: SlotRules,
}

impl ServiceCentre {
    /// When engineers are out; `None` where it is not known.
    ///
    /// # Errors
    /// What is wrong with the calendar.
    pub fn opening(&self) -> Result<Option<Calendar>, CalendarError> {
        opening(self.calendar.as_ref(), &self.hours)
    }

    /// Where it is.
    #[must_use]
    pub const fn place(&self) -> Place {
        Place { latitude: self.latitude, longitude: self.longitude }
    }
}

fn opening(calendar: Option<&CalendarSpec>, hours: &str) -> Result<Option<Calendar>, CalendarError> {
    match calendar {
        Some(spec) => Calendar::new(spec.clone()).map(Some),
        None if hours.trim() == HOURS_ALWAYS => {
            let all_day = ["00:00".to_owned(), "24:00".to_owned()];
            Calendar::new(CalendarSpec::weekly(TIME_ZONE_DEFAULT, WeeklyHours::every_day(&[all_day]))).map(Some)
        }
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests;
