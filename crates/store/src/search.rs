//! Search of the mirror: subjects, customers, remote ids and conversations. Replies that still wait in the outbox are not
//! searched.
//!
//! One document a ticket in FTS5 (contentless, detail=none). The terms are cut here, not by FTS5: Han text into
//! overlapping pairs of characters, other words whole, subjects and customers also into pinyin. FTS5 sees them separated
//! by spaces and its own `ascii` tokenizer splits them again, so no foreign-function code is needed. detail=none knows
//! which terms a document has and not where: candidates are checked against the text before they are shown.

pub(crate) mod hit;
pub(crate) mod index;
pub(crate) mod pinyin;
pub(crate) mod query;
pub(crate) mod terms;
pub(crate) mod text;

use std::sync::atomic::Ordering;

use deskbell_domain::UtcMs;
use deskbell_domain::filter::TicketFilter;
use deskbell_domain::ticket::TicketId;
use rusqlite::Connection;

use crate::Store;
use crate::columns::{Cell, Columns};
use crate::error::Result;
use crate::records::{SearchAnswer, SearchHit};
use hit::Hit;
use query::Query;

/// Most hits of one search.
pub const SEARCH_HITS_MAX: u32 = 500;
/// Tickets of which the text is read to check a search, beyond those shown.
const CHECKED_MAX: usize = 500;

/// A ticket that the index names.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    cell: Cell,
    /// The index alone can tell that it matches.
    certain: bool,
}

impl Store {
    /// Live tickets that hold every piece of `query` (pieces are separated by blanks), newest updated first. Any text is a
    /// query; one without a letter, digit or Han character finds nothing. `limit` is cut to [`SEARCH_HITS_MAX`].
    ///
    /// # Errors
    /// Codes of the storage, none for any query text.
    pub fn search(&self, query: &str, filter: &TicketFilter, limit: u32) -> Result<SearchAnswer> {
        let query = Query::parse(query);
        // What an earlier process left is caught up with once; while pages come, they are searched as they are indexed.
        let has_pulled = self.inner.shared.has_pulled.load(Ordering::Relaxed);
        if !has_pulled {
            self.settle_search()?;
        }
        let limit = usize::try_from(limit.min(SEARCH_HITS_MAX)).unwrap_or(usize::MAX);
        let now = self.now();
        let found = self.read(|connection| {
            let Some(expression) = query.expression() else { return Ok(None) };
            let named = rows(connection, &expression.candidates)?;
            let certain = expression.certain.as_deref().map(|certain| rows(connection, certain)).transpose()?;
            Ok(Some((named, certain.unwrap_or_default())))
        })?;
        let Some((named, certain)) = found else {
            return Ok(SearchAnswer { exact: true, ..SearchAnswer::default() });
        };
        let candidates = self.with_columns(|columns| candidates(columns, &named, &certain, filter, now, limit))?;
        self.read(|connection| check(connection, &query, &candidates, limit))
    }
}

/// Ticket ids of an index expression, ascending.
fn rows(connection: &Connection, expression: &str) -> Result<Vec<u32>> {
    let mut statement = connection.prepare_cached("SELECT rowid FROM search WHERE search MATCH ?")?;
    let rows = statement.query_map([expression], |row| row.get(0))?;
    let mut ids = rows.collect::<rusqlite::Result<Vec<u32>>>()?;
    // FTS5 answers in this order already.
    ids.sort_unstable();
    Ok(ids)
}

/// Candidates that pass the filter: as many as can be shown or checked newest updated first, the rest behind them in any
/// order.
fn candidates(
    columns: &Columns,
    named: &[u32],
    certain: &[u32],
    filter: &TicketFilter,
    now: UtcMs,
    limit: usize,
) -> Vec<Candidate> {
    let matcher = columns.matcher(filter, now);
    let mut certain = certain.iter().copied().peekable();
    let mut cells = columns.cells().iter().peekable();
    let mut found = Vec::new();
    for id in named {
        while cells.next_if(|cell| cell.id < *id).is_some() {}
        while certain.next_if(|other| other < id).is_some() {}
        if let Some(cell) = cells.next_if(|cell| cell.id == *id)
            && matcher.passes(cell)
        {
            found.push(Candidate { cell: *cell, certain: certain.peek() == Some(id) });
        }
    }
    let newest = |candidate: &Candidate| std::cmp::Reverse((candidate.cell.updated_at, candidate.cell.id));
    let ordered = limit.saturating_add(CHECKED_MAX);
    if found.len() > ordered {
        found.select_nth_unstable_by_key(ordered, newest);
    }
    let ordered = ordered.min(found.len());
    let (front, _) = found.split_at_mut(ordered);
    front.sort_unstable_by_key(newest);
    found
}

fn check(connection: &Connection, query: &Query, candidates: &[Candidate], limit: usize) -> Result<SearchAnswer> {
    let mut answer = SearchAnswer { total: 0, exact: true, tickets: Vec::new() };
    let mut checked = 0;
    for candidate in candidates {
        let is_shown = answer.tickets.len() < limit;
        if !is_shown && (candidate.certain || checked >= CHECKED_MAX) {
            answer.total += 1;
            answer.exact &= candidate.certain;
            continue;
        }
        // Uncertain ones are read even when the page is far from full, but not without end.
        if !candidate.certain {
            checked += 1;
            if checked > CHECKED_MAX {
                answer.total += 1;
                answer.exact = false;
                continue;
            }
        }
        if let Some(hit) = hit::check(connection, candidate.cell.ticket(), query)? {
            answer.total += 1;
            if is_shown {
                answer.tickets.push(search_hit(&candidate.cell, hit));
            }
        }
    }
    Ok(answer)
}

fn search_hit(cell: &Cell, hit: Hit) -> SearchHit {
    SearchHit {
        id: TicketId(i64::from(cell.id)),
        remote_id: hit.head.remote_id,
        subject: hit.head.subject,
        status: cell.status,
        priority: cell.priority,
        customer: hit.head.customer,
        updated_at: UtcMs(cell.updated_at),
        snippet: hit.snippet,
        subject_parts: hit.subject_parts,
    }
}
