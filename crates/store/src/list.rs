//! Lists, positions and counts of tickets, from the columns in memory.

use std::collections::BTreeMap;

use deskbell_domain::UtcMs;
use deskbell_domain::filter::{TicketFilter, TicketOrder};
use deskbell_domain::ticket::{AccountId, Priority, Status, TicketId};
use rusqlite::{Connection, OptionalExtension as _, Row};

use crate::Store;
use crate::columns::{Cell, Columns};
use crate::error::{Result, StoreError};
use crate::records::{Facets, RowClock, TicketPage, TicketRow};
use crate::stored::Text;

/// Most rows of one page.
pub const PAGE_ROWS_MAX: u32 = 500;
/// Products named in the facets.
const PRODUCTS_MAX: usize = 30;
/// How often the columns are loaded for one question while others keep dropping them.
const LOADS_MAX: usize = 8;

impl Store {
    /// Loads the columns; otherwise the first list, facet or search does.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn warm_columns(&self) -> Result<()> {
        self.with_columns(|_| ())
    }

    /// Rows `start..start + limit` of a list; any index costs the same. `limit` is cut to [`PAGE_ROWS_MAX`].
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn ticket_rows(&self, filter: &TicketFilter, order: TicketOrder, start: u64, limit: u32) -> Result<TicketPage> {
        let shared = &self.inner.shared;
        let (total, generation, cells) = self.with_columns(|columns| {
            let list = shared.list(columns, filter, order);
            let start = usize::try_from(start).unwrap_or(usize::MAX);
            let page = list.iter().skip(start).take(limit.min(PAGE_ROWS_MAX) as usize);
            let cells: Vec<Cell> = page.filter_map(|position| columns.at(*position)).copied().collect();
            (list.len() as u64, shared.generation(), cells)
        })?;
        let rows = self.read(|connection| {
            let mut rows = Vec::with_capacity(cells.len());
            for cell in &cells {
                rows.extend(ticket_row(connection, cell)?);
            }
            Ok(rows)
        })?;
        Ok(TicketPage { total, generation, rows })
    }

    /// Where a ticket stands in a list; `None` when it is not in it.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn position(&self, filter: &TicketFilter, order: TicketOrder, id: TicketId) -> Result<Option<u64>> {
        self.with_columns(|columns| {
            let position = u32::try_from(columns.position(id)?).ok()?;
            let list = self.inner.shared.list(columns, filter, order);
            list.iter().position(|found| *found == position).map(|at| at as u64)
        })
    }

    /// Counts within a filter.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn facets(&self, filter: &TicketFilter) -> Result<Facets> {
        let now = self.now();
        self.with_columns(|columns| facets(columns, filter, now))
    }

    /// Live tickets of each account that has any.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn ticket_counts(&self) -> Result<BTreeMap<AccountId, u64>> {
        self.with_columns(Columns::live_by_account)
    }

    pub(crate) fn with_columns<T>(&self, mut use_columns: impl FnMut(&Columns) -> T) -> Result<T> {
        for _ in 0..LOADS_MAX {
            if let Some(answer) = self.inner.shared.with_columns(&mut use_columns) {
                return Ok(answer);
            }
            let shared = std::sync::Arc::clone(&self.inner.shared);
            self.inner
                .writer
                .run(move |desk| shared.load_columns(desk.connection()))
                .inspect_err(|error| self.remember_damage(error))?;
        }
        Err(StoreError::internal("the columns are dropped faster than they load"))
    }
}

pub(crate) const TICKET_ROW: &str = "
    SELECT ticket.id, iif(local, '', ticket.remote_id), subject, coalesce(customer.name, ''), coalesce(customer.vip, 0), product, ticket.account_id,
           requester, assignee, updated_at, last_note,
           (SELECT count(*) FROM operation
            WHERE operation.ticket_id = ticket.id AND state IN ('queued', 'sending', 'unknown', 'rejected')),
           local
    FROM ticket LEFT JOIN customer ON customer.id = ticket.customer_id WHERE ticket.id = ?";
pub(crate) const ROW_CLOCK: &str = "
    SELECT metric, deadline_at, paused_since IS NOT NULL, provisional FROM clock
    WHERE ticket_id = ? AND stopped_at IS NULL
    ORDER BY paused_since IS NOT NULL, deadline_at IS NULL, deadline_at LIMIT 1";

fn ticket_row(connection: &Connection, cell: &Cell) -> Result<Option<TicketRow>> {
    let id = cell.ticket();
    let mut statement = connection.prepare_cached(ROW_CLOCK)?;
    let clock = statement.query_row([id.0], row_clock).optional()?;
    let mut statement = connection.prepare_cached(TICKET_ROW)?;
    let row = statement.query_row([id.0], |row| {
        Ok(TicketRow {
            id,
            remote_id: row.get(1)?,
            subject: row.get(2)?,
            status: cell.status,
            priority: cell.priority,
            customer: row.get(3)?,
            vip: row.get(4)?,
            product: row.get(5)?,
            account_id: AccountId(row.get(6)?),
            requester: row.get(7)?,
            assignee: row.get(8)?,
            updated_at: UtcMs(row.get(9)?),
            last_note: row.get(10)?,
            pending: row.get(11)?,
            local: row.get(12)?,
            clock,
        })
    });
    let Some(mut row) = row.optional()? else { return Ok(None) };
    if row.pending > 0 {
        let mut statement = connection.prepare_cached(PENDING_ASSIGNEE)?;
        if let Some(assignee) = statement.query_row([id.0], |row| row.get(0)).optional()? {
            row.assignee = assignee;
        }
    }
    Ok(Some(row))
}

/// Who the ticket goes to once everything that waits has arrived.
pub(crate) const PENDING_ASSIGNEE: &str = "
    SELECT payload ->> '$.to' FROM operation
    WHERE ticket_id = ? AND state IN ('queued', 'sending', 'unknown') AND kind = 'set_assignee' ORDER BY id DESC LIMIT 1";

fn row_clock(row: &Row<'_>) -> rusqlite::Result<RowClock> {
    Ok(RowClock {
        metric: row.get::<_, Text<_>>(0)?.0,
        deadline_at: row.get::<_, Option<i64>>(1)?.map(UtcMs),
        paused: row.get(2)?,
        provisional: row.get(3)?,
    })
}

fn facets(columns: &Columns, filter: &TicketFilter, now: UtcMs) -> Facets {
    let matcher = columns.matcher(filter, now);
    let mut facets = Facets::default();
    let mut by_status: BTreeMap<Status, u64> = BTreeMap::new();
    let mut by_priority: BTreeMap<Priority, u64> = BTreeMap::new();
    let mut by_product: Vec<u64> = Vec::new();
    let mut by_account: Vec<u64> = Vec::new();
    for cell in columns.cells().iter().filter(|cell| matcher.passes(cell)) {
        facets.total += 1;
        facets.unfinished += u64::from(cell.status.is_unfinished());
        facets.breached += u64::from(cell.is_breached(now));
        facets.vip += u64::from(cell.vip);
        *by_status.entry(cell.status).or_default() += 1;
        *by_priority.entry(cell.priority).or_default() += 1;
        bump(&mut by_product, cell.product as usize);
        bump(&mut by_account, usize::from(cell.account));
    }
    facets.by_status = by_status.into_iter().collect();
    facets.by_priority = by_priority.into_iter().collect();
    let counted = by_product.into_iter().enumerate().filter(|(_, count)| *count > 0);
    facets.by_product = counted.map(|(number, count)| (columns.products.text(number).to_owned(), count)).collect();
    facets.by_product.sort_by(|(name_a, a), (name_b, b)| b.cmp(a).then_with(|| name_a.cmp(name_b)));
    facets.by_product.truncate(PRODUCTS_MAX);
    let counted = by_account.into_iter().enumerate().filter(|(_, count)| *count > 0);
    facets.by_account = counted.filter_map(|(number, count)| Some((columns.account(number)?, count))).collect();
    facets.by_account.sort_unstable();
    facets
}

fn bump(counts: &mut Vec<u64>, number: usize) {
    if counts.len() <= number {
        counts.resize(number + 1, 0);
    }
    if let Some(count) = counts.get_mut(number) {
        *count += 1;
    }
}
