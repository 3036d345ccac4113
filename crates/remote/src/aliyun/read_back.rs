//! Whether an operation landed whose answer was lost: by content and time, because the service keeps no marker.
//!
//! Of several notes with the same words the newest is told; whether it is that of another operation, the outbox knows. Of
//! several tickets it is the newest that no other operation is known to have opened. Verdicts cannot be read and change nothing when they are given twice, so they are sent again.

use deskbell_domain::sync::op::{NewTicket, OperationKind, OutboundOperation, ReadBack, Receipt};
use deskbell_domain::time::MINUTE_MS;

use super::AliyunApi;
use super::call::{Call, Listing};
use super::client::Failure;
use super::pull::LIST_PAGE;
use super::send::{content, left_out};
use super::shape::{Note, Ticket, TicketPage};
use super::words::{body, is_confirmed, is_same_text, severity, status_raw};

/// How far the server's clock may be behind ours.
const CLOCK_SKEW_MS_MAX: i64 = 15 * MINUTE_MS;
/// Pages of new tickets searched for one.
const PAGES_MAX: u32 = 20;

impl AliyunApi {
    pub(super) async fn find_operation(&self, operation: &OutboundOperation) -> Result<ReadBack, Failure> {
        let id = operation.ticket_remote_id.as_str();
        let since = self.client.http.since(operation.created_at, CLOCK_SKEW_MS_MAX).0;
        Ok(match &operation.kind {
            OperationKind::CreateTicket { ticket } => self.find_ticket(ticket, since, &operation.opened_by_others).await?,
            OperationKind::Reply { files, .. } => {
                let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
                self.find_note(id, &content(&operation.kind), &names, since).await?
            }
            OperationKind::Attach { file, .. } => {
                self.find_note(id, &content(&operation.kind), &[file.name.as_str()], since).await?
            }
            // Its reason is a note; named, so that what the pull brings is not shown beside our own copy.
            OperationKind::Reopen { .. } => self.find_note(id, &content(&operation.kind), &[], since).await?,
            OperationKind::Close { .. } => {
                let ticket = self.ticket_of(id).await?;
                landed_if(is_confirmed(&status_raw(&ticket.status)))
            }
            _ => ReadBack::NotLanded,
        })
    }

    async fn find_note(&self, id: &str, words: &str, files: &[&str], since: i64) -> Result<ReadBack, Failure> {
        let notes = self.notes_of(id).await?;
        let is_it = |note: &&Note| {
            note.create_time.ms() >= since
                && is_same_text(&body(note), words)
                && files.iter().all(|name| note.attachments.iter().any(|file| file.name.as_str() == *name))
        };
        Ok(match notes.iter().rev().find(is_it) {
            Some(note) => ReadBack::Landed(Receipt { note_remote_id: Some(note.dialog_id.0.clone()), ..Receipt::default() }),
            None => ReadBack::NotLanded,
        })
    }

    async fn find_ticket(&self, new: &NewTicket, since: i64, not_these: &[String]) -> Result<ReadBack, Failure> {
        let mut newest: Option<(i64, String)> = None;
        for page in 1..=PAGES_MAX {
            let asked = Listing { page, page_size: LIST_PAGE, created_from: Some(since), ..Listing::default() };
            let found: TicketPage = self.client.ask(&Call::list_tickets(&asked)).await?;
            let is_end = i64::from(page) * i64::from(LIST_PAGE) >= found.total_count.ms();
            for row in found.data {
                if not_these.contains(&row.ticket_id)
                    || (!new.subject.is_empty() && !is_same_text(row.title.as_str(), &new.subject))
                {
                    continue;
                }
                let ticket = self.ticket_of(&row.ticket_id).await?;
                let at = ticket.create_time.ms();
                if at >= since && is_that(&ticket, new) && newest.as_ref().is_none_or(|(best, _)| at > *best) {
                    newest = Some((at, row.ticket_id));
                }
            }
            if is_end {
                break;
            }
        }
        Ok(match newest {
            Some((_, id)) => {
                ReadBack::Landed(Receipt { ticket_remote_id: Some(id), left_out: left_out(new), ..Receipt::default() })
            }
            None => ReadBack::NotLanded,
        })
    }
}

fn is_that(ticket: &Ticket, new: &NewTicket) -> bool {
    is_same_text(ticket.description.as_str(), &new.body)
        && (ticket.category_id.as_str().is_empty() || ticket.category_id.as_str() == new.category)
        && (ticket.severity.value.as_str().is_empty() || ticket.severity.value.as_str() == severity(new.priority))
}

fn landed_if(it_did: bool) -> ReadBack {
    if it_did { ReadBack::Landed(Receipt::default()) } else { ReadBack::NotLanded }
}
