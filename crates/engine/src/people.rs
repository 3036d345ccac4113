//! Customers with who acts for them, and the cards of those who do.

use deskbell_domain::UtcMs;
use deskbell_domain::directory::Problem;
use deskbell_domain::people::{Acting, ActingWhy, Care, Person, acting, check_care, check_person};
use deskbell_domain::ticket::{AccountId, TicketId};
use deskbell_store::{KnownCustomer, Store};
use serde::Serialize;
use ts_rs::TS;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::events::DeskEvent;

mod found;
mod named;

pub(crate) use found::by_urgency;
pub(crate) use named::Named;

/// Most cards of one list.
pub const CARDS_MAX: usize = 200;

/// A customer as a service manager looks at them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CustomerCard {
    pub account: AccountId,
    pub account_name: String,
    pub remote_id: String,
    pub name: String,
    pub vip: bool,
    pub city: String,
    /// BCP 47.
    pub languages: Vec<String>,
    /// By name; empty where there is none.
    pub manager: String,
    pub deputy: String,
    /// What the provider says of the two; differs where a person said otherwise.
    pub provider_manager: String,
    pub provider_deputy: String,
    /// A person said who answers for this customer.
    pub overridden: bool,
    /// Who answers for them now: the manager, or the deputy while the manager is away.
    pub acting: String,
    pub acting_why: ActingWhy,
    /// When the manager is back, while they are away.
    pub acting_until: Option<UtcMs>,
    /// Contact card of whoever acts, where there is one.
    pub acting_person: Option<Person>,
    #[ts(type = "number")]
    pub tickets: u64,
    #[ts(type = "number")]
    pub open_tickets: u64,
    /// Open tickets with a clock past its deadline.
    #[ts(type = "number")]
    pub breached: u64,
    /// Nearest deadline that is yet to come.
    pub next_deadline: Option<UtcMs>,
}

impl CustomerCard {
    pub(crate) fn of(customer: KnownCustomer, people: &[Person], now: UtcMs) -> Self {
        let care = customer.care.clone().unwrap_or_else(|| customer.provider.clone());
        let Acting { name, why, until } = acting(&care, people, now);
        let acting_person = people.iter().find(|person| deskbell_domain::people::same_name(&person.name, &name)).cloned();
        Self {
            account: customer.account_id,
            account_name: customer.account_name,
            remote_id: customer.remote_id,
            name: customer.name,
            vip: customer.vip,
            city: customer.city,
            languages: customer.languages,
            manager: care.manager.trim().to_owned(),
            deputy: care.deputy.trim().to_owned(),
            provider_manager: customer.provider.manager,
            provider_deputy: customer.provider.deputy,
            overridden: customer.care.is_some(),
            acting: name,
            acting_why: why,
            acting_until: until,
            acting_person,
            tickets: customer.sums.tickets,
            open_tickets: customer.sums.open,
            breached: customer.sums.breached,
            next_deadline: customer.sums.next_deadline,
        }
    }
}

impl Engine {
    /// Contact cards, by name.
    ///
    /// # Errors
    /// The store's.
    pub async fn people(&self) -> Result<Vec<Person>, EngineError> {
        self.read(Store::people).await
    }

    /// Everything wrong with a card as typed.
    ///
    /// # Errors
    /// The store's.
    pub async fn check_person(&self, person: Person) -> Result<Vec<Problem>, EngineError> {
        Ok(check_person(&person, &self.people().await?))
    }

    /// Adds a card (id 0) or changes one.
    ///
    /// # Errors
    /// What is wrong with it first, with its `field`; `person_unknown`; the store's. Nothing is changed then.
    pub async fn put_person(&self, person: Person) -> Result<Person, EngineError> {
        let mut person = person;
        person.absences.sort_by_key(|absence| (absence.from, absence.to));
        first_problem(check_person(&person, &self.people().await?))?;
        let now = self.now();
        let kept = self.read(move |store| store.put_person(&person, now)).await?;
        self.emit(DeskEvent::CustomersChanged);
        Ok(kept)
    }

    /// Forgets a card.
    ///
    /// # Errors
    /// `person_unknown`, and the store's.
    pub async fn remove_person(&self, id: i64) -> Result<(), EngineError> {
        self.read(move |store| store.remove_person(id)).await?;
        self.emit(DeskEvent::CustomersChanged);
        Ok(())
    }

    /// Customers whose name, city, manager, deputy or acting person has `query` in it (names also by pinyin); those that are late come
    /// first, then by their nearest deadline. At most [`CARDS_MAX`].
    ///
    /// # Errors
    /// The store's.
    pub async fn customers(&self, query: String) -> Result<Vec<CustomerCard>, EngineError> {
        let now = self.now();
        self.read(move |store| {
            let people = store.people()?;
            let cards = store.customers(now)?.into_iter().map(|customer| CustomerCard::of(customer, &people, now));
            let mut cards: Vec<CustomerCard> = cards.filter(|card| found::is_found(card, &query)).collect();
            cards.sort_by_cached_key(by_urgency);
            cards.truncate(CARDS_MAX);
            Ok(cards)
        })
        .await
    }

    /// One customer's card.
    ///
    /// # Errors
    /// `customer_unknown`, and the store's.
    pub async fn customer_card(&self, account: AccountId, remote_id: String) -> Result<CustomerCard, EngineError> {
        let now = self.now();
        self.read(move |store| {
            let people = store.people()?;
            Ok(CustomerCard::of(store.customer(account, &remote_id, now)?, &people, now))
        })
        .await
    }

    /// The card of the customer whose ticket it is; `None` where it is nobody's.
    ///
    /// # Errors
    /// The store's.
    pub async fn customer_of_ticket(&self, id: TicketId) -> Result<Option<CustomerCard>, EngineError> {
        match self.read(move |store| store.customer_of_ticket(id)).await? {
            Some((account, remote_id)) => self.customer_card(account, remote_id).await.map(Some),
            None => Ok(None),
        }
    }

    /// Keeps who answers for a customer; what equals the provider's word follows the provider again.
    ///
    /// # Errors
    /// What is wrong with it, with its `field`; `customer_unknown`; the store's. Nothing is changed then.
    pub async fn put_care(&self, account: AccountId, remote_id: String, care: Care) -> Result<CustomerCard, EngineError> {
        let care = Care { manager: care.manager.trim().to_owned(), deputy: care.deputy.trim().to_owned() };
        first_problem(check_care(&care))?;
        let now = self.now();
        let id = remote_id.clone();
        self.read(move |store| {
            let customer = store.customer(account, &id, now)?;
            let same = customer.provider == care;
            store.put_care(account, &id, (!same).then_some(&care), now)
        })
        .await?;
        self.emit(DeskEvent::CustomersChanged);
        self.customer_card(account, remote_id).await
    }
}

/// A problem as the error that keeps something from being kept.
pub(crate) fn first_problem(problems: Vec<Problem>) -> Result<(), EngineError> {
    let Some(problem) = problems.into_iter().next() else { return Ok(()) };
    let mut error = EngineError::new(problem.code).arg("field", problem.field);
    error.args.extend(problem.args);
    Err(error)
}
