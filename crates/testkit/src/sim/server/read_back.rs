//! What a provider answers to one who asks whether an operation took effect.

use deskbell_domain::UtcMs;
use deskbell_domain::sync::op::{NewTicket, OperationKind, OutboundOperation, ReadBack, Receipt};
use deskbell_domain::ticket::Visibility;

use super::fields::is_already;
use super::{Server, ServerNote, ServerTicket};

/// How far back a read-back by content looks before the operation was made, beyond the difference of the clocks.
const SKEW_MS: i64 = 10 * 60 * 1_000;

impl Server {
    /// As the provider answers a read-back. `offset_ms` is the server's clock less the desk's.
    #[must_use]
    pub fn find(&self, operation: &OutboundOperation, offset_ms: i64) -> ReadBack {
        if operation.kind.visit().is_some() {
            return self.visit_receipt(&operation.marker).map_or(ReadBack::NotLanded, ReadBack::Landed);
        }
        let since = operation.created_at.plus_ms(offset_ms - SKEW_MS);
        if self.manner.idempotent {
            return self.receipts.get(&operation.marker).map_or(ReadBack::NotLanded, |receipt| ReadBack::Landed(receipt.clone()));
        }
        let Some(place) = self.place(&operation.ticket_remote_id) else {
            return match &operation.kind {
                OperationKind::CreateTicket { ticket } => self.find_created(ticket, operation, since),
                _ => ReadBack::NotLanded,
            };
        };
        let ticket = &self.tickets[place];
        let landed = |it_did: bool| if it_did { ReadBack::Landed(Receipt::default()) } else { ReadBack::NotLanded };
        match &operation.kind {
            OperationKind::Reply { body, visibility, .. } => self.find_note(ticket, body, *visibility, operation, since),
            OperationKind::Reopen { body, .. } if !body.is_empty() => {
                self.find_note(ticket, body, Visibility::Public, operation, since)
            }
            OperationKind::Evaluate { solved, score, comment } => {
                landed(ticket.verdict == Some((*solved, *score, comment.clone())))
            }
            OperationKind::Attach { file, visibility } => self.find_note(ticket, &file.name, *visibility, operation, since),
            kind => landed(is_already(ticket, kind)),
        }
    }

    fn find_created(&self, new: &NewTicket, operation: &OutboundOperation, since: UtcMs) -> ReadBack {
        let same = |ticket: &&ServerTicket| {
            if self.manner.markers {
                ticket.marker.as_deref() == Some(operation.marker.as_str())
            } else {
                ticket.subject == new.subject && ticket.body == new.body && ticket.created_at >= since
            }
        };
        self.tickets.iter().find(same).map_or(ReadBack::NotLanded, |ticket| {
            ReadBack::Landed(Receipt { ticket_remote_id: Some(ticket.remote_id.clone()), ..Receipt::default() })
        })
    }

    fn find_note(
        &self,
        ticket: &ServerTicket,
        body: &str,
        visibility: Visibility,
        operation: &OutboundOperation,
        since: UtcMs,
    ) -> ReadBack {
        let same = |note: &&ServerNote| {
            if self.manner.markers {
                note.marker.as_deref() == Some(operation.marker.as_str())
            } else {
                note.author == "desk" && note.body == body && note.visibility == visibility && note.at >= since
            }
        };
        // The newest: the engine takes it for granted that what is younger than what it knows is its own.
        ticket.notes.iter().rev().find(same).map_or(ReadBack::NotLanded, |note| {
            ReadBack::Landed(Receipt { note_remote_id: Some(note.remote_id.clone()), ..Receipt::default() })
        })
    }
}
