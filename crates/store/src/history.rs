//! Every ticket with its log, page by page, for a replay.

use deskbell_domain::sla::event::TicketEvent;
use deskbell_domain::sla::policy::Traits;
use deskbell_domain::ticket::TicketId;
use rusqlite::params;

use crate::Store;
use crate::clock::clock_input;
use crate::connection::one;
use crate::error::Result;
use crate::stored::count;

/// Longest page.
const PAGE_MAX: u32 = 2_000;

/// A ticket, standing or not, and everything that is known to have happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryTicket {
    pub id: TicketId,
    pub remote_id: String,
    pub traits: Traits,
    /// Oldest first.
    pub events: Vec<TicketEvent>,
}

pub(crate) const PAGE: &str = "SELECT id, remote_id FROM ticket WHERE id > ? ORDER BY id LIMIT ?";

impl Store {
    /// The next tickets by id, behind `after`.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn history_page(&self, after: TicketId, limit: u32) -> Result<Vec<HistoryTicket>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(PAGE)?;
            let rows =
                statement.query_map(params![after.0, limit.min(PAGE_MAX)], |row| Ok((TicketId(row.get(0)?), row.get(1)?)))?;
            let mut page = Vec::new();
            for row in rows {
                let (id, remote_id): (TicketId, Option<String>) = row?;
                if let Some(input) = clock_input(connection, id)? {
                    page.push(HistoryTicket {
                        id,
                        remote_id: remote_id.unwrap_or_default(),
                        traits: input.traits,
                        events: input.events,
                    });
                }
            }
            Ok(page)
        })
    }

    /// How many tickets all pages have together.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn history_tickets(&self) -> Result<u64> {
        self.read(|connection| Ok(count(one(connection, "SELECT count(*) FROM ticket")?)))
    }
}
