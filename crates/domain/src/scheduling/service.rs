//! What engineers do on site, and what they tick off there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ticket::text_enum;

const CHECKLISTS: &str = include_str!("../../data/visit_checklists.json");

/// A service of the centres.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    HardwareInspection,
    NetworkStressTest,
    SecurityHardening,
}

text_enum!(Service {
    HardwareInspection = "hardware_inspection",
    NetworkStressTest = "network_stress_test",
    SecurityHardening = "security_hardening",
});

/// In which language a checklist is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    Zh,
    En,
}

/// One line of a visit's checklist.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct CheckItem {
    pub text: String,
    pub done: bool,
    #[serde(default)]
    pub finding: String,
}

#[derive(Deserialize)]
struct Templates {
    services: BTreeMap<Service, Vec<Texts>>,
}

#[derive(Deserialize)]
struct Texts {
    zh: String,
    en: String,
}

/// What a visit for the service begins with: the shipped template (`data/visit_checklists.json`), nothing done yet.
#[must_use]
pub fn checklist(service: Service, language: Language) -> Vec<CheckItem> {
    // A constant of the build, read by a test.
    let Ok(mut templates) = serde_json::from_str::<Templates>(CHECKLISTS) else { return Vec::new() };
    let item = |texts: Texts| CheckItem {
        text: match language {
            Language::Zh => texts.zh,
            Language::En => texts.en,
        },
        ..CheckItem::default()
    };
    templates.services.remove(&service).unwrap_or_default().into_iter().map(item).collect()
}
