//! Scripts of conversations, from `data/scenarios`.

use deskbell_domain::ticket::Priority;
use serde::Deserialize;

use super::people::Lang;
use crate::error::HubError;

/// Fewest scripts that the demo makes do with.
pub(super) const SCENARIOS_MIN: usize = 45;

const FILES: &[&str] = &[
    include_str!("../../data/scenarios/zh_compute.json"),
    include_str!("../../data/scenarios/zh_data.json"),
    include_str!("../../data/scenarios/zh_network.json"),
    include_str!("../../data/scenarios/zh_account.json"),
    include_str!("../../data/scenarios/en_compute.json"),
    include_str!("../../data/scenarios/en_network.json"),
];

/// What a turn of the conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Turn {
    Customer,
    /// A public reply.
    Agent,
    /// A public reply after which the ticket waits for the customer.
    Ask,
    Internal,
    /// The public reply that resolves.
    Resolve,
}

/// One script.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scenario {
    pub(super) id: String,
    pub(super) lang: Lang,
    pub(super) product: String,
    pub(super) tags: Vec<String>,
    pub(super) priorities: Vec<Priority>,
    /// Alternatives, with slots.
    pub(super) subjects: Vec<String>,
    /// Who, minutes since the turn before, alternatives with slots.
    pub(super) turns: Vec<(Turn, u32, Vec<String>)>,
}

/// All scripts, checked.
pub(super) fn read_all() -> Result<Vec<Scenario>, HubError> {
    let mut scenarios = Vec::new();
    for file in FILES {
        let mut more: Vec<Scenario> = serde_json::from_str(file)?;
        scenarios.append(&mut more);
    }
    match scenarios.iter().find(|scenario| !scenario.is_sound()) {
        Some(wrong) => Err(HubError::DemoData(format!("scenario {}", wrong.id))),
        None if scenarios.len() < SCENARIOS_MIN => Err(HubError::DemoData("too few scenarios".to_owned())),
        None => Ok(scenarios),
    }
}

impl Scenario {
    /// Begins with the customer, is answered, ends resolved, and nothing is empty.
    fn is_sound(&self) -> bool {
        let begins = self.turns.first().is_some_and(|(turn, ..)| *turn == Turn::Customer);
        let resolved = self.turns.iter().filter(|(turn, ..)| *turn == Turn::Resolve).count() == 1;
        let said = self.turns.iter().all(|(.., texts)| !texts.is_empty() && texts.iter().all(|text| !text.is_empty()));
        // The alternatives of the opening belong to those of the subject, one by one.
        let paired = self.turns.first().is_some_and(|(.., texts)| texts.len() == self.subjects.len());
        begins && resolved && said && paired && !self.subjects.is_empty() && !self.priorities.is_empty()
    }
}
