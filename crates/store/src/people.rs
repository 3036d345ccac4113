//! Contact cards of service managers, who answers for a customer, and customers with what is open of them.

use std::collections::{BTreeMap, BTreeSet};

use deskbell_domain::people::{Care, PEOPLE_MAX, Person};
use deskbell_domain::ticket::{AccountId, TicketId};
use deskbell_domain::{Code, UtcMs};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use crate::Store;
use crate::error::{Result, StoreError};
use crate::writer::Durability;

/// Most customers read at once.
pub const CUSTOMERS_MAX: u32 = 50_000;
/// Most open tickets of one customer that are named.
pub const CUSTOMER_TICKETS_MAX: u32 = 500;

/// A customer as its provider has it, and what a person said about who answers for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCustomer {
    id: i64,
    pub account_id: AccountId,
    pub account_name: String,
    pub remote_id: String,
    pub name: String,
    pub vip: bool,
    pub city: String,
    pub languages: Vec<String>,
    /// The provider's words.
    pub provider: Care,
    /// A person's, where there are any.
    pub care: Option<Care>,
    pub sums: CustomerSums,
}

/// What is owed to a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CustomerSums {
    /// Live tickets.
    pub tickets: u64,
    /// Live tickets on which work is owed.
    pub open: u64,
    /// Those of them with a clock past its deadline.
    pub breached: u64,
    /// Nearest deadline of them that is yet to come.
    pub next_deadline: Option<UtcMs>,
}

pub(crate) const CUSTOMERS: &str = "
    SELECT customer.account_id, account.name, customer.remote_id, customer.name, vip, city, languages, service_manager, deputy,
           coalesce(customer_care.payload, ''), customer.id
    FROM customer JOIN account ON account.id = customer.account_id
    LEFT JOIN customer_care
        ON customer_care.account_id = customer.account_id AND customer_care.customer_remote_id = customer.remote_id";
pub(crate) const OPEN_TICKETS: &str = "
    SELECT id FROM ticket WHERE customer_id = ? AND customer_id > 0 AND fate = 'live' AND status NOT IN ('resolved', 'closed')
    ORDER BY id LIMIT ?";
pub(crate) const CUSTOMER_OF_TICKET: &str = "
    SELECT customer.account_id, customer.remote_id FROM ticket JOIN customer ON customer.id = ticket.customer_id
    WHERE ticket.id = ?";

pub(crate) const CARE_OF_TICKET: &str = "
    SELECT service_manager, deputy, coalesce(customer_care.payload, '')
    FROM ticket JOIN customer ON customer.id = ticket.customer_id
    LEFT JOIN customer_care
        ON customer_care.account_id = customer.account_id AND customer_care.customer_remote_id = customer.remote_id
    WHERE ticket.id = ?";
pub(crate) const ALL_TICKETS: &str = "SELECT id FROM ticket WHERE customer_id = ? AND customer_id > 0";
pub(crate) const NAMES_TWICE: &str = "SELECT account_id, name FROM customer GROUP BY account_id, name HAVING count(*) > 1";
pub(crate) const IS_KNOWN: &str = "SELECT EXISTS (SELECT 1 FROM customer WHERE account_id = ? AND remote_id = ?)";

pub(crate) fn customers_sql() -> String {
    format!("{CUSTOMERS} ORDER BY customer.name, customer.id LIMIT {CUSTOMERS_MAX}")
}

pub(crate) fn customer_sql() -> String {
    format!("{CUSTOMERS} WHERE customer.account_id = ? AND customer.remote_id = ?")
}

impl Store {
    /// Every contact card, by name.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn people(&self) -> Result<Vec<Person>> {
        self.read(people)
    }

    /// Adds a card, or changes the one whose id it carries. Its name must be nobody else's.
    ///
    /// # Errors
    /// `PersonUnknown`, `ValueTwice` for a name that is taken, `TooMany` above [`PEOPLE_MAX`].
    pub fn put_person(&self, person: &Person, now: UtcMs) -> Result<Person> {
        let mut person = person.clone();
        person.name = person.name.trim().to_owned();
        self.write(Durability::Full, move |transaction, _| {
            person.id = put_person(transaction, &person, now)?;
            Ok(person)
        })
    }

    /// Forgets a card; customers keep the name that they are answered for by.
    ///
    /// # Errors
    /// `PersonUnknown`.
    pub fn remove_person(&self, id: i64) -> Result<()> {
        self.write(Durability::Full, move |transaction, _| {
            let gone = transaction.execute("DELETE FROM person WHERE id = ?", [id])?;
            if gone == 0 { Err(unknown_person(id)) } else { Ok(()) }
        })
    }

    /// Keeps who answers for a customer; `None` leaves it to the provider again.
    ///
    /// # Errors
    /// `CustomerUnknown`.
    pub fn put_care(&self, account: AccountId, remote_id: &str, care: Option<&Care>, now: UtcMs) -> Result<()> {
        let remote_id = remote_id.to_owned();
        let payload = care.map(serde_json::to_string).transpose()?;
        self.write(Durability::Full, move |transaction, _| {
            let known: bool = transaction.query_row(IS_KNOWN, params![account.0, remote_id], |row| row.get(0))?;
            if !known {
                return Err(StoreError::new(Code::CustomerUnknown, format!("account {} has no customer {remote_id}", account.0)));
            }
            match payload {
                Some(payload) => transaction.execute(
                    "INSERT OR REPLACE INTO customer_care (account_id, customer_remote_id, payload, updated_at) VALUES (?, ?, ?, ?)",
                    params![account.0, remote_id, payload, now.0],
                )?,
                None => transaction.execute(
                    "DELETE FROM customer_care WHERE account_id = ? AND customer_remote_id = ?",
                    params![account.0, remote_id],
                )?,
            };
            Ok(())
        })
    }

    /// Every customer with what is open of them, by name; at most [`CUSTOMERS_MAX`].
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn customers(&self, now: UtcMs) -> Result<Vec<KnownCustomer>> {
        let mut found = self.read(|connection| {
            let mut statement = connection.prepare_cached(&customers_sql())?;
            let mut rows = statement.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(known(row)?);
            }
            Ok(found)
        })?;
        self.sum_up(&mut found, now)?;
        Ok(found)
    }

    /// One customer.
    ///
    /// # Errors
    /// `CustomerUnknown`.
    pub fn customer(&self, account: AccountId, remote_id: &str, now: UtcMs) -> Result<KnownCustomer> {
        let found = self.read(|connection| {
            let mut statement = connection.prepare_cached(&customer_sql())?;
            let mut rows = statement.query(params![account.0, remote_id])?;
            rows.next()?.map(known).transpose()
        })?;
        let found = found.ok_or_else(|| {
            StoreError::new(Code::CustomerUnknown, format!("account {} has no customer {remote_id}", account.0))
        })?;
        let mut found = [found];
        self.sum_up(&mut found, now)?;
        let [found] = found;
        Ok(found)
    }

    /// Whose ticket it is, as account and the provider's id; `None` where it is nobody's.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn customer_of_ticket(&self, ticket: TicketId) -> Result<Option<(AccountId, String)>> {
        self.read(|connection| {
            let ticket = crate::mirror::adopt::current_id(connection, ticket)?;
            let mut statement = connection.prepare_cached(CUSTOMER_OF_TICKET)?;
            Ok(statement.query_row([ticket.0], |row| Ok((AccountId(row.get(0)?), row.get(1)?))).optional()?)
        })
    }

    /// Who answers for the customers of these tickets; tickets of nobody are left out.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn care_of_tickets(&self, tickets: &[TicketId]) -> Result<BTreeMap<TicketId, Care>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(CARE_OF_TICKET)?;
            let mut found = BTreeMap::new();
            for ticket in tickets {
                let provider = |row: &Row<'_>| Ok((Care { manager: row.get(0)?, deputy: row.get(1)? }, row.get::<_, String>(2)?));
                if let Some((provider, own)) = statement.query_row([ticket.0], provider).optional()? {
                    let care = if own.is_empty() { provider } else { serde_json::from_str(&own)? };
                    found.insert(*ticket, care);
                }
            }
            Ok(found)
        })
    }

    /// Tickets of a customer on which work is owed, as the server has them, oldest first; at most [`CUSTOMER_TICKETS_MAX`].
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn open_tickets_of(&self, account: AccountId, remote_id: &str) -> Result<Vec<TicketId>> {
        self.read(|connection| {
            let customer: Option<i64> = connection
                .query_row(
                    "SELECT id FROM customer WHERE account_id = ? AND remote_id = ?",
                    params![account.0, remote_id],
                    |row| row.get(0),
                )
                .optional()?;
            let Some(customer) = customer else { return Ok(Vec::new()) };
            let mut statement = connection.prepare_cached(OPEN_TICKETS)?;
            let rows = statement.query_map(params![customer, CUSTOMER_TICKETS_MAX], |row| row.get(0).map(TicketId))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Counted in memory, by name; customers of one account that share a name are counted ticket by ticket.
    fn sum_up(&self, customers: &mut [KnownCustomer], now: UtcMs) -> Result<()> {
        let sums = self.with_columns(|columns| columns.by_customer(now))?;
        for customer in customers.iter_mut() {
            let key = (customer.account_id, customer.name.clone());
            customer.sums = sums.get(&key).copied().unwrap_or_default();
        }
        let twice = self.names_twice()?;
        for customer in customers.iter_mut() {
            if twice.contains(&(customer.account_id, customer.name.clone())) {
                let tickets = self.tickets_of(customer.id)?;
                customer.sums = self.with_columns(|columns| columns.summed(&tickets, now))?;
            }
        }
        Ok(())
    }

    /// Names that several customers of one account have.
    fn names_twice(&self) -> Result<BTreeSet<(AccountId, String)>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(NAMES_TWICE)?;
            let rows = statement.query_map([], |row| Ok((AccountId(row.get(0)?), row.get(1)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    fn tickets_of(&self, customer: i64) -> Result<Vec<TicketId>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(ALL_TICKETS)?;
            let rows = statement.query_map([customer], |row| row.get(0).map(TicketId))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}

pub(crate) fn people(connection: &Connection) -> Result<Vec<Person>> {
    let mut statement = connection.prepare_cached("SELECT id, payload FROM person ORDER BY name, id LIMIT ?")?;
    let mut rows = statement.query([i64::try_from(PEOPLE_MAX).unwrap_or(i64::MAX)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let person: Person = serde_json::from_str(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?;
        found.push(Person { id: row.get(0)?, ..person });
    }
    Ok(found)
}

fn put_person(transaction: &Transaction<'_>, person: &Person, now: UtcMs) -> Result<i64> {
    let taken: bool = transaction.query_row(
        "SELECT EXISTS (SELECT 1 FROM person WHERE name = ? AND id <> ?)",
        params![person.name, person.id],
        |row| row.get(0),
    )?;
    if taken {
        return Err(StoreError::new(Code::ValueTwice, "another card has this name"));
    }
    let payload = serde_json::to_string(person)?;
    if person.id != 0 {
        let changed = transaction.execute(
            "UPDATE person SET name = ?2, payload = ?3, updated_at = ?4 WHERE id = ?1",
            params![person.id, person.name, payload, now.0],
        )?;
        return if changed == 0 { Err(unknown_person(person.id)) } else { Ok(person.id) };
    }
    let cards: i64 = transaction.query_row("SELECT count(*) FROM person", [], |row| row.get(0))?;
    if usize::try_from(cards).unwrap_or(usize::MAX) >= PEOPLE_MAX {
        return Err(StoreError::new(Code::TooMany, format!("at most {PEOPLE_MAX} cards")));
    }
    transaction
        .execute("INSERT INTO person (name, payload, updated_at) VALUES (?, ?, ?)", params![person.name, payload, now.0])?;
    Ok(transaction.last_insert_rowid())
}

fn unknown_person(id: i64) -> StoreError {
    StoreError::new(Code::PersonUnknown, format!("no card {id}"))
}

/// A row of [`CUSTOMERS`].
fn known(row: &Row<'_>) -> Result<KnownCustomer> {
    let care: String = row.get(9)?;
    Ok(KnownCustomer {
        id: row.get(10)?,
        account_id: AccountId(row.get(0)?),
        account_name: row.get(1)?,
        remote_id: row.get(2)?,
        name: row.get(3)?,
        vip: row.get(4)?,
        city: row.get(5)?,
        languages: serde_json::from_str(&row.get::<_, String>(6)?)?,
        provider: Care { manager: row.get(7)?, deputy: row.get(8)? },
        care: if care.is_empty() { None } else { Some(serde_json::from_str(&care)?) },
        sums: CustomerSums::default(),
    })
}
