//! The two directories as a person sees them: what providers carry, what ships, and over both what the person wrote.
//!
//! Owns: which entry stands for which, whether a provider moved on under a change, recommending a line for a ticket, the
//! call log, files in and out. Must not know SQL. Invariant: nothing that a provider carries is overwritten; what a person
//! wrote is a row of its own and survives the provider's changes, also when the provider drops the entry.

use chrono::NaiveDate;
use deskbell_domain::UtcMs;
use deskbell_domain::directory::{OpenState, PhoneLine, Problem, ServiceCentre};
use deskbell_domain::sla::calendar::PreviewDay;
use deskbell_domain::ticket::AccountId;
use serde::Serialize;
use ts_rs::TS;

mod calls;
mod draft;
mod entries;
mod laid;
mod places;
mod qr;
mod recommended;
mod sheet;
mod shipped;
mod sources;
mod transfer;
mod visited;

pub use calls::Call;
pub use places::{FoundPlace, find_places};
pub use qr::{QR_BYTES_MAX, qr_svg};
pub use recommended::{AskFor, CallSheet, Recommended, RecommendedLine};
pub use transfer::{FileFormat, IMPORT_BYTES_MAX, IMPORT_ROWS_MAX, ImportPlan, ImportRow, ImportWhat};

pub(crate) use transfer::Imports;
pub(crate) use visited::{VisitCentre, VisitCentres};

/// Days of opening hours shown of a centre.
const DAYS_SHOWN: usize = 14;

/// Whose words an entry has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EntryOrigin {
    /// As a provider carries it.
    Provider,
    /// A person's own.
    Own,
    /// A provider's or shipped one with a person's changes over it.
    Changed,
    /// As Deskbell ships it.
    Shipped,
}

/// A phone line as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct LineEntry {
    /// `own:ID`, `account:remote id`, `shipped:id`.
    pub key: String,
    pub origin: EntryOrigin,
    pub account: Option<AccountId>,
    pub line: PhoneLine,
    /// What the provider has now, where a change lies over it.
    pub provider: Option<PhoneLine>,
    pub hidden: bool,
    /// Nobody verified it in the last 90 days.
    pub stale: bool,
    /// The provider changed its entry since it was changed here.
    pub provider_changed: bool,
    /// The provider no longer carries it; the person's words are kept.
    pub provider_gone: bool,
    /// Fields that both changed, differently: the person's stand.
    pub conflicts: Vec<String>,
    pub opening: OpenState,
    pub opens_at: Option<UtcMs>,
    pub closes_at: Option<UtcMs>,
    pub problems: Vec<Problem>,
}

/// A service centre as shown.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct CentreEntry {
    /// `own:ID`, `account:remote id`, `shipped:id`.
    pub key: String,
    pub origin: EntryOrigin,
    pub account: Option<AccountId>,
    pub centre: ServiceCentre,
    /// What the provider has now, where a change lies over it.
    pub provider: Option<ServiceCentre>,
    pub hidden: bool,
    pub stale: bool,
    pub provider_changed: bool,
    pub provider_gone: bool,
    pub conflicts: Vec<String>,
    pub opening: OpenState,
    pub opens_at: Option<UtcMs>,
    pub closes_at: Option<UtcMs>,
    pub problems: Vec<Problem>,
    /// Of the city, without spaces: `chongqing`.
    pub pinyin: String,
    /// `cq`.
    pub initials: String,
    /// Today by the centre's clock and the 13 days after it; empty where the hours are not known.
    pub open_days: Vec<PreviewDay>,
}

/// Both directories.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Directory {
    pub lines: Vec<LineEntry>,
    pub centres: Vec<CentreEntry>,
    /// Entries that are shown and that nobody verified in the last 90 days.
    pub stale: u32,
    /// Where the cities come from, to be named beside a map.
    pub attribution: String,
}

/// The day by the machine's wall clock.
pub(crate) fn local_day(at: UtcMs) -> NaiveDate {
    at.to_datetime().map_or(NaiveDate::MIN, |at| at.with_timezone(&chrono::Local).date_naive())
}

#[cfg(test)]
mod tests;
