//! Customers and agents of the demo.

use serde::Deserialize;

use crate::error::HubError;

/// The language a ticket is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Lang {
    Zh,
    En,
}

impl Lang {
    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Customer {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) lang: Lang,
    pub(super) vip: bool,
    pub(super) manager: String,
    pub(super) deputy: String,
    pub(super) city: String,
    pub(super) domain: String,
    /// Who writes for this customer.
    pub(super) people: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct People {
    pub(super) agents: Vec<String>,
    pub(super) customers: Vec<Customer>,
}

impl People {
    pub(super) fn read() -> Result<Self, HubError> {
        Ok(serde_json::from_str(include_str!("../../data/people.json"))?)
    }
}
