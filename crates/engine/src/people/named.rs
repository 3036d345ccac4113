//! Whom an alert names: the service manager of its ticket's customer, or whoever acts for them now.

use std::collections::BTreeMap;

use deskbell_domain::UtcMs;
use deskbell_domain::people::{ActingWhy, Care, Person, acting, mainland_mobile, same_name};
use deskbell_domain::ticket::TicketId;

use crate::catalogue::{Catalogue, TextArgs};
use crate::engine::Engine;

/// Who answers for the customers of some tickets at one moment.
#[derive(Debug, Default)]
pub(crate) struct Named {
    people: Vec<Person>,
    care: BTreeMap<TicketId, Care>,
    now: UtcMs,
}

impl Named {
    /// Nobody is named where it cannot be read: an alert without a name is better than none.
    pub(crate) async fn of(engine: &Engine, tickets: Vec<TicketId>, now: UtcMs) -> Self {
        match engine.read(move |store| Ok((store.people()?, store.care_of_tickets(&tickets)?))).await {
            Ok((people, care)) => Self { people, care, now },
            Err(error) => {
                tracing::error!(code = error.code.as_str(), "Who answers for customers could not be read.");
                Self::default()
            }
        }
    }

    /// In words; empty where nobody is known, and for `me`.
    pub(crate) fn words(&self, catalogue: &Catalogue, ticket: TicketId, me: &str) -> String {
        let Some((manager, name, why)) = self.acting(ticket).filter(|(_, name, _)| !same_name(name, me)) else {
            return String::new();
        };
        let key = match why {
            ActingWhy::Manager => "alert-manager",
            ActingWhy::NobodyThere => "alert-manager-away",
            ActingWhy::AbsenceDeputy | ActingWhy::CustomerDeputy | ActingWhy::FurtherDeputy if !manager.is_empty() => {
                "alert-acting-for"
            }
            _ => "alert-deputy",
        };
        catalogue.text(key, &TextArgs::new().text("name", &name).text("manager", manager))
    }

    /// The mobile number by which a group chat can name them; of somebody who is away none.
    pub(crate) fn mobile(&self, ticket: TicketId) -> Option<String> {
        let (_, name, _) = self.acting(ticket).filter(|(_, _, why)| *why != ActingWhy::NobodyThere)?;
        let card = self.people.iter().find(|person| same_name(&person.name, &name))?;
        mainland_mobile(&card.phone)
    }

    /// The manager, who acts, and why; `None` where nobody is known.
    fn acting(&self, ticket: TicketId) -> Option<(&str, String, ActingWhy)> {
        let care = self.care.get(&ticket)?;
        let found = acting(care, &self.people, self.now);
        (!found.name.is_empty()).then(|| (care.manager.trim(), found.name, found.why))
    }
}
