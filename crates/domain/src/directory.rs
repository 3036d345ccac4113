//! Phone lines and service centres: data with a source and a date on which it was verified.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A telephone number of a vendor, with what it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PhoneLine {
    pub remote_id: String,
    /// 1 standard, 2 technical experts, 3 enterprise.
    pub tier: u8,
    pub name_zh: String,
    pub name_en: String,
    pub number: String,
    pub purpose_zh: String,
    pub purpose_en: String,
    pub languages: Vec<String>,
    /// `7x24`, or weekly hours in words.
    pub hours: String,
    pub ivr_zh: String,
    pub ivr_en: String,
    pub source: String,
    /// ISO date.
    pub verified_on: String,
}

/// A place that sends engineers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ServiceCentre {
    pub remote_id: String,
    pub city_zh: String,
    pub city_en: String,
    pub latitude: f64,
    pub longitude: f64,
    pub hours: String,
    pub services: Vec<String>,
    pub source: String,
    pub verified_on: String,
}
