//! The columns of the lists, in memory: filters, facets and orders come from here, not from GROUP BY or OFFSET.
//!
//! Values are effective: the mirror with the status and priority that still wait in the outbox. Loaded on first use, on
//! the writer's thread, and kept in step by it after every commit. About 48 bytes a ticket; the clocks lie beside them
//! ([`crate::standing`]).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use deskbell_domain::UtcMs;
use deskbell_domain::filter::{TicketFilter, TicketOrder};
use deskbell_domain::sync::merge::{CLOSED, REOPENED};
use deskbell_domain::sync::op::OperationKind;
use deskbell_domain::ticket::{AccountId, Priority, Status, TicketId};
use rusqlite::{Connection, OptionalExtension as _, Row};

use crate::error::{Result, StoreError};
use crate::people::CustomerSums;
use crate::standing::{FreshClocks, Standing};
use crate::stored::Text;

/// Stands for "no running clock".
const NO_DEADLINE: i64 = i64::MAX;

/// A ticket in the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) id: u32,
    pub(crate) status: Status,
    pub(crate) priority: Priority,
    pub(crate) vip: bool,
    pub(crate) live: bool,
    pub(crate) account: u16,
    pub(crate) product: u32,
    customer: u32,
    pub(crate) updated_at: i64,
    created_at: i64,
    /// Of the running clock with the least time left.
    deadline_at: i64,
}

impl Cell {
    pub(crate) fn ticket(&self) -> TicketId {
        TicketId(i64::from(self.id))
    }

    pub(crate) fn is_breached(&self, now: UtcMs) -> bool {
        self.deadline_at <= now.0
    }

    const fn is_unfinished(&self) -> bool {
        self.live && self.status.is_unfinished()
    }
}

impl CustomerSums {
    fn add(&mut self, cell: &Cell, now: UtcMs) {
        self.tickets += 1;
        if !cell.is_unfinished() {
            return;
        }
        self.open += 1;
        if cell.is_breached(now) {
            self.breached += 1;
        } else if cell.deadline_at != NO_DEADLINE {
            let next = self.next_deadline.map_or(cell.deadline_at, |next| next.0.min(cell.deadline_at));
            self.next_deadline = Some(UtcMs(next));
        }
    }
}

/// Texts numbered in the order of their coming.
#[derive(Debug, Default)]
pub(crate) struct Dictionary {
    texts: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

impl Dictionary {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        let text: Arc<str> = text.into();
        self.texts.push(Arc::clone(&text));
        self.numbers.insert(text, number);
        number
    }

    pub(crate) fn text(&self, number: usize) -> &str {
        self.texts.get(number).map_or("", |text| text)
    }

    fn find(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }
}

/// All tickets, by ascending id.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    cells: Vec<Cell>,
    accounts: Vec<AccountId>,
    pub(crate) products: Dictionary,
    customers: Dictionary,
    clocks: Standing,
    unfinished: u64,
}

const CELL: &str = "id, account_id, status, priority, product, customer_id, fate = 'live', updated_at, created_at";
/// Answered by the index alone; the rows come in its order.
pub(crate) const ALL_CELLS: &str = "
    SELECT id, account_id, status, priority, product, customer_id, fate = 'live', updated_at, created_at
    FROM ticket";

impl Columns {
    pub(crate) fn live_by_account(&self) -> BTreeMap<AccountId, u64> {
        let mut counts = vec![0_u64; self.accounts.len()];
        for cell in self.cells.iter().filter(|cell| cell.live) {
            if let Some(count) = counts.get_mut(usize::from(cell.account)) {
                *count += 1;
            }
        }
        self.accounts.iter().copied().zip(counts).collect()
    }

    /// What is open of each customer, by account and name.
    pub(crate) fn by_customer(&self, now: UtcMs) -> BTreeMap<(AccountId, String), CustomerSums> {
        let mut sums: HashMap<(u16, u32), CustomerSums> = HashMap::new();
        for cell in self.cells.iter().filter(|cell| cell.live) {
            sums.entry((cell.account, cell.customer)).or_default().add(cell, now);
        }
        let named = sums.into_iter().filter_map(|((account, customer), sums)| {
            let account = self.accounts.get(usize::from(account)).copied()?;
            Some(((account, self.customers.text(usize::try_from(customer).ok()?).to_owned()), sums))
        });
        named.collect()
    }

    /// The same of some tickets.
    pub(crate) fn summed(&self, tickets: &[TicketId], now: UtcMs) -> CustomerSums {
        let mut sums = CustomerSums::default();
        let cells = tickets.iter().filter_map(|ticket| self.cells.get(self.position(*ticket)?));
        cells.filter(|cell| cell.live).for_each(|cell| sums.add(cell, now));
        sums
    }

    pub(crate) fn load(connection: &Connection, now: UtcMs) -> Result<Self> {
        let mut columns = Self { clocks: Standing::load(connection, now)?, ..Self::default() };
        {
            let customers = columns.load_customers(connection)?;
            let mut statement = connection.prepare(ALL_CELLS)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let customer: i64 = row.get(5)?;
                let cell = columns.cell(row, customers.get(&customer).copied())?;
                columns.cells.push(cell);
            }
        }
        columns.cells.sort_unstable_by_key(|cell| cell.id);
        columns.cells.shrink_to_fit();
        for clock in columns.clocks.running() {
            if let Ok(at) = columns.cells.binary_search_by_key(&clock.ticket, |cell| cell.id)
                && let Some(cell) = columns.cells.get_mut(at)
            {
                cell.deadline_at = cell.deadline_at.min(clock.deadline_at);
            }
        }
        let mut statement = connection
            .prepare("SELECT ticket_id, payload FROM operation WHERE state IN ('queued', 'sending', 'unknown') ORDER BY id")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let kind = serde_json::from_str(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?;
            if let Some(cell) = columns.cell_mut(row.get(0)?) {
                overlay(cell, &kind);
            }
        }
        columns.unfinished = columns.cells.iter().filter(|cell| cell.is_unfinished()).count() as u64;
        Ok(columns)
    }

    /// Puts what was read anew. False: the columns have to be loaded anew.
    pub(crate) fn put(&mut self, fresh: Fresh, now: UtcMs) -> Result<bool> {
        let known = self.position(fresh.ticket);
        let was_unfinished = known.and_then(|at| self.cells.get(at)).is_some_and(Cell::is_unfinished);
        self.unfinished -= u64::from(was_unfinished);
        let Some(parts) = fresh.parts else {
            if let Some(at) = known {
                self.clocks.drop_ticket(self.cells.remove(at).id);
            }
            return Ok(true);
        };
        let mut cell = parts.cell;
        self.unfinished += u64::from(cell.is_unfinished());
        self.clocks.put(cell.id, fresh.clocks, now);
        cell.account = self.account_number(parts.account)?;
        cell.product = self.products.number(&parts.product);
        cell.customer = self.customers.number(&parts.customer);
        match self.cells.binary_search_by_key(&cell.id, |cell| cell.id) {
            Ok(at) => {
                if let Some(old) = self.cells.get_mut(at) {
                    *old = cell;
                }
                Ok(true)
            }
            Err(at) if at == self.cells.len() => {
                self.cells.push(cell);
                Ok(true)
            }
            Err(_) => Ok(false),
        }
    }

    /// Number of the name, and whether VIP, by the customer's row id.
    fn load_customers(&mut self, connection: &Connection) -> Result<HashMap<i64, (u32, bool)>> {
        let mut statement = connection.prepare("SELECT id, name, vip FROM customer")?;
        let mut rows = statement.query([])?;
        let mut customers = HashMap::new();
        while let Some(row) = rows.next()? {
            let name = self.customers.number(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?);
            customers.insert(row.get(0)?, (name, row.get(2)?));
        }
        Ok(customers)
    }

    fn cell(&mut self, row: &Row<'_>, customer: Option<(u32, bool)>) -> Result<Cell> {
        let (customer, vip) = customer.unwrap_or_else(|| (self.customers.number(""), false));
        Ok(Cell {
            account: self.account_number(AccountId(row.get(1)?))?,
            product: self.products.number(row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?),
            customer,
            vip,
            ..bare_cell(row)?
        })
    }

    fn account_number(&mut self, account: AccountId) -> Result<u16> {
        let known = self.accounts.iter().position(|known| *known == account);
        let at = known.unwrap_or_else(|| {
            self.accounts.push(account);
            self.accounts.len() - 1
        });
        u16::try_from(at).map_err(|_| StoreError::internal("more accounts than the columns can number"))
    }

    fn cell_mut(&mut self, id: i64) -> Option<&mut Cell> {
        let at = self.position(TicketId(id))?;
        self.cells.get_mut(at)
    }

    pub(crate) fn account(&self, number: usize) -> Option<AccountId> {
        self.accounts.get(number).copied()
    }

    pub(crate) fn position(&self, ticket: TicketId) -> Option<usize> {
        let id = u32::try_from(ticket.0).ok()?;
        self.cells.binary_search_by_key(&id, |cell| cell.id).ok()
    }

    pub(crate) fn at(&self, position: u32) -> Option<&Cell> {
        self.cells.get(usize::try_from(position).ok()?)
    }

    pub(crate) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    pub(crate) const fn clocks(&self) -> &Standing {
        &self.clocks
    }

    /// Live tickets on which work is owed.
    pub(crate) const fn unfinished(&self) -> u64 {
        self.unfinished
    }

    /// Of a ticket by its number; routine for one that is gone.
    pub(crate) fn priority(&self, ticket: u32) -> Priority {
        self.position(TicketId(i64::from(ticket)))
            .and_then(|at| self.cells.get(at))
            .map_or(Priority::Routine, |cell| cell.priority)
    }

    /// Compiles a filter against the dictionaries.
    pub(crate) fn matcher(&self, filter: &TicketFilter, now: UtcMs) -> Matcher {
        let numbers = |wanted: &[String], known: &Dictionary| {
            (!wanted.is_empty()).then(|| wanted.iter().filter_map(|text| known.find(text)).collect())
        };
        Matcher {
            accounts: (!filter.accounts.is_empty()).then(|| {
                let numbered = (0_u16..).zip(&self.accounts);
                numbered.filter(|(_, account)| filter.accounts.contains(account)).map(|(number, _)| number).collect()
            }),
            statuses: (!filter.statuses.is_empty()).then(|| filter.statuses.clone()),
            priorities: (!filter.priorities.is_empty()).then(|| filter.priorities.clone()),
            products: numbers(&filter.products, &self.products),
            customers: numbers(&filter.customers, &self.customers),
            vip: filter.vip,
            unfinished: filter.unfinished,
            breached: filter.breached.then_some(now),
        }
    }

    /// Positions of the tickets that pass, in order. Ties fall to the newest id.
    pub(crate) fn ordered(&self, filter: &TicketFilter, order: TicketOrder, now: UtcMs) -> Vec<u32> {
        let matcher = self.matcher(filter, now);
        let mut keyed: Vec<(i64, std::cmp::Reverse<u32>)> = (0_u32..)
            .zip(&self.cells)
            .filter(|(_, cell)| matcher.passes(cell))
            .map(|(position, cell)| {
                let key = match order {
                    TicketOrder::Deadline => cell.deadline_at,
                    TicketOrder::Updated => cell.updated_at.saturating_neg(),
                    TicketOrder::Created => cell.created_at.saturating_neg(),
                    TicketOrder::Priority => cell.priority as i64,
                };
                (key, std::cmp::Reverse(position))
            })
            .collect();
        keyed.sort_unstable();
        keyed.into_iter().map(|(_, std::cmp::Reverse(position))| position).collect()
    }
}

/// A ticket read anew; nothing is locked while it is read.
pub(crate) struct Fresh {
    ticket: TicketId,
    /// `None` when the ticket is gone.
    parts: Option<Parts>,
    clocks: FreshClocks,
}

/// A cell whose texts have no numbers yet.
struct Parts {
    cell: Cell,
    account: AccountId,
    product: String,
    customer: String,
}

impl Fresh {
    pub(crate) fn read(connection: &Connection, ticket: TicketId) -> Result<Self> {
        let mut statement = connection.prepare_cached(&format!("SELECT {CELL} FROM ticket WHERE id = ?"))?;
        let mut rows = statement.query([ticket.0])?;
        let Some(row) = rows.next()? else {
            return Ok(Self { ticket, parts: None, clocks: FreshClocks::default() });
        };
        let mut statement = connection.prepare_cached("SELECT name, vip FROM customer WHERE id = ?")?;
        let customer =
            statement.query_row([row.get::<_, i64>(5)?], |customer| Ok((customer.get(0)?, customer.get(1)?))).optional()?;
        let (customer, vip) = customer.unwrap_or_default();
        let mut cell = Cell { vip, ..bare_cell(row)? };
        let clocks = FreshClocks::read(connection, ticket)?;
        cell.deadline_at = clocks.soonest().unwrap_or(NO_DEADLINE);
        let mut statement = connection.prepare_cached(
            "SELECT payload FROM operation WHERE ticket_id = ? AND state IN ('queued', 'sending', 'unknown') ORDER BY id",
        )?;
        let mut rows = statement.query([ticket.0])?;
        while let Some(row) = rows.next()? {
            overlay(&mut cell, &serde_json::from_str(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?);
        }
        let parts = Parts { cell, account: AccountId(row.get(1)?), product: row.get(4)?, customer };
        Ok(Self { ticket, parts: Some(parts), clocks })
    }
}

/// The values of a row that need no number.
fn bare_cell(row: &Row<'_>) -> Result<Cell> {
    Ok(Cell {
        id: row.get(0)?,
        status: row.get::<_, Text<_>>(2)?.0,
        priority: row.get::<_, Text<_>>(3)?.0,
        live: row.get(6)?,
        updated_at: row.get(7)?,
        created_at: row.get(8)?,
        account: 0,
        product: 0,
        customer: 0,
        vip: false,
        deadline_at: NO_DEADLINE,
    })
}

/// What still waits in the outbox shows as if it had arrived.
fn overlay(cell: &mut Cell, kind: &OperationKind) {
    match kind {
        OperationKind::SetStatus { to, .. } => cell.status = *to,
        OperationKind::SetPriority { to, .. } => cell.priority = *to,
        OperationKind::Close { .. } => cell.status = CLOSED,
        OperationKind::Reopen { .. } => cell.status = REOPENED,
        _ => {}
    }
}

/// A filter in the columns' own numbers. `None` lets everything pass.
pub(crate) struct Matcher {
    accounts: Option<Vec<u16>>,
    statuses: Option<Vec<Status>>,
    priorities: Option<Vec<Priority>>,
    products: Option<Vec<u32>>,
    customers: Option<Vec<u32>>,
    vip: Option<bool>,
    unfinished: bool,
    breached: Option<UtcMs>,
}

impl Matcher {
    /// Only live tickets pass.
    pub(crate) fn passes(&self, cell: &Cell) -> bool {
        fn among<T: PartialEq>(wanted: Option<&Vec<T>>, value: &T) -> bool {
            wanted.is_none_or(|wanted| wanted.contains(value))
        }
        cell.live
            && among(self.accounts.as_ref(), &cell.account)
            && among(self.statuses.as_ref(), &cell.status)
            && among(self.priorities.as_ref(), &cell.priority)
            && among(self.products.as_ref(), &cell.product)
            && among(self.customers.as_ref(), &cell.customer)
            && self.vip.is_none_or(|vip| vip == cell.vip)
            && (!self.unfinished || cell.status.is_unfinished())
            && self.breached.is_none_or(|now| cell.is_breached(now))
    }
}
