//! Customers as they come with the tickets.

use deskbell_domain::observation::ObservedCustomer;
use deskbell_domain::ticket::TicketId;
use rusqlite::{OptionalExtension as _, params};

use super::Page;
use crate::error::Result;

struct Known {
    id: i64,
    name: String,
    vip: bool,
    rest: [String; 4],
}

impl Page<'_> {
    /// The row of the customer, 0 for none. The page's latest word on a customer holds.
    pub(super) fn customer(&mut self, observed: &ObservedCustomer) -> Result<i64> {
        if observed.remote_id.is_empty() {
            return Ok(0);
        }
        let languages = serde_json::to_string(&observed.languages)?;
        let rest = [observed.service_manager.clone(), observed.deputy.clone(), observed.city.clone(), languages];
        let known = self.known_customer(&observed.remote_id)?;
        let [service_manager, deputy, city, languages] = &rest;
        let Some(known) = known else {
            self.transaction
                .prepare_cached(
                    "INSERT INTO customer (account_id, remote_id, name, vip, service_manager, deputy, city, languages)
                     VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                )?
                .execute(params![
                    self.account.0,
                    observed.remote_id,
                    observed.name,
                    observed.vip,
                    service_manager,
                    deputy,
                    city,
                    languages
                ])?;
            return Ok(self.transaction.last_insert_rowid());
        };
        if (&known.name, known.vip, &known.rest) == (&observed.name, observed.vip, &rest) {
            return Ok(known.id);
        }
        self.transaction
            .prepare_cached(
                "UPDATE customer SET name = ?2, vip = ?3, service_manager = ?4, deputy = ?5, city = ?6, languages = ?7
                 WHERE id = ?1",
            )?
            .execute(params![known.id, observed.name, observed.vip, service_manager, deputy, city, languages])?;
        self.customer_changed(&known, observed)?;
        Ok(known.id)
    }

    fn known_customer(&self, remote_id: &str) -> Result<Option<Known>> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT id, name, vip, service_manager, deputy, city, languages FROM customer
             WHERE account_id = ? AND remote_id = ?",
        )?;
        let known = statement
            .query_row(params![self.account.0, remote_id], |row| {
                Ok(Known {
                    id: row.get(0)?,
                    name: row.get(1)?,
                    vip: row.get(2)?,
                    rest: [row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?],
                })
            })
            .optional()?;
        Ok(known)
    }

    /// Name and VIP show in every ticket of the customer.
    fn customer_changed(&mut self, known: &Known, observed: &ObservedCustomer) -> Result<()> {
        let mut statement = self.transaction.prepare_cached("SELECT id FROM ticket WHERE customer_id = ? AND customer_id > 0")?;
        let tickets = statement.query_map([known.id], |row| row.get(0).map(TicketId))?.collect::<rusqlite::Result<Vec<_>>>()?;
        for ticket in tickets {
            self.changed.insert(ticket);
            if known.vip != observed.vip {
                self.stale.insert(ticket);
            }
            if known.name != observed.name {
                self.reworded.insert(ticket);
            }
        }
        Ok(())
    }
}
