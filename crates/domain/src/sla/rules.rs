//! The rules of a desk: policies and calendars, in versions that apply from a date.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::calendar::Calendar;
use super::policy::Policy;
use crate::time::UtcMs;

/// A calendar and what people call it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NamedCalendar {
    pub name_zh: String,
    pub name_en: String,
    pub calendar: Calendar,
}

/// Policies in order, first match wins, and the calendars that they name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RuleSet {
    /// Clocks that start at or after this are counted by it, up to the next set's; `None` for since ever.
    pub from: Option<UtcMs>,
    pub policies: Vec<Policy>,
    pub calendars: BTreeMap<String, NamedCalendar>,
}

/// Every version of the rules, ascending; the first applies since ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RuleBook {
    pub sets: Vec<RuleSet>,
}
