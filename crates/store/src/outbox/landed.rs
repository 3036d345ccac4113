//! What landed shows before the next pull brings it.

use deskbell_domain::UtcMs;
use deskbell_domain::sync::merge::FieldView;
use deskbell_domain::sync::op::{OperationKind, Receipt};
use deskbell_domain::ticket::{TicketId, Visibility};
use rusqlite::{Transaction, params};

use super::claim::mirrored;
use crate::attachment;
use crate::error::Result;
use crate::mirror::{ReceiptNote, adopt, insert_receipt_note, mark_stale, refresh_preview};
use crate::records::{Evaluation, OperationRecord};
use crate::search;
use crate::visit;
use crate::writer::Touched;

/// Writes into the mirror what the receipt of an operation tells.
pub(super) fn landed(
    transaction: &Transaction<'_>,
    touched: &mut Touched,
    record: &OperationRecord,
    receipt: &Receipt,
    now: UtcMs,
) -> Result<()> {
    let ticket = record.ticket_id;
    let written = |body: &str, visibility: Visibility| {
        let remote_id = receipt.note_remote_id.as_deref().unwrap_or_default();
        let note = ReceiptNote { remote_id, marker: &record.marker, body, visibility, at: now, opens_ticket: false };
        write_note(transaction, ticket, &note)
    };
    match &record.kind {
        OperationKind::Reply { body, visibility, .. } => written(body, *visibility)?,
        OperationKind::Attach { visibility, .. } => written("", *visibility)?,
        OperationKind::Reopen { body, .. } => {
            lay_fields(transaction, ticket, &record.kind)?;
            if !body.trim().is_empty() {
                written(body, Visibility::Public)?;
            }
        }
        OperationKind::Evaluate { solved, score, comment } => {
            let evaluation = Evaluation { solved: *solved, score: *score, comment: comment.clone() };
            transaction.execute(
                "UPDATE ticket SET evaluation = ? WHERE id = ?",
                params![serde_json::to_string(&evaluation)?, ticket.0],
            )?;
        }
        OperationKind::CreateTicket { ticket: new } => {
            if let Some(remote_id) = &receipt.ticket_remote_id {
                adopt::adopt(transaction, touched, ticket, record.account_id, remote_id)?;
            }
            if !new.body.trim().is_empty() {
                let remote_id = receipt.note_remote_id.as_deref().unwrap_or_default();
                let (marker, body) = (record.marker.as_str(), new.body.as_str());
                let note = ReceiptNote { remote_id, marker, body, visibility: Visibility::Public, at: now, opens_ticket: true };
                write_note(transaction, ticket, &note)?;
            }
        }
        OperationKind::RequestVisit { visit, .. } | OperationKind::ChangeVisit { visit, .. } => {
            if let Some(landed) = &receipt.visit {
                visit::landed(transaction, visit, &record.kind, landed, now)?;
            }
        }
        OperationKind::SetStatus { .. }
        | OperationKind::SetPriority { .. }
        | OperationKind::SetAssignee { .. }
        | OperationKind::SetTags { .. }
        | OperationKind::SetCustomField { .. }
        | OperationKind::Close { .. } => lay_fields(transaction, ticket, &record.kind)?,
    }
    attachment::landed(transaction, ticket, &record.marker, record.kind.files())
}

fn write_note(transaction: &Transaction<'_>, ticket: TicketId, note: &ReceiptNote<'_>) -> Result<()> {
    if insert_receipt_note(transaction, ticket, note)? {
        refresh_preview(transaction, ticket)?;
        search::index::write(transaction, ticket)?;
    }
    Ok(())
}

fn lay_fields(transaction: &Transaction<'_>, ticket: TicketId, kind: &OperationKind) -> Result<()> {
    let Some(known) = mirrored(transaction, ticket)? else { return Ok(()) };
    let mut fields = known.fields.clone();
    fields.lay(kind);
    transaction
        .prepare_cached(
            "UPDATE ticket SET status = ?2, priority = ?3, assignee = ?4, tags = ?5, custom_fields = ?6 WHERE id = ?1",
        )?
        .execute(params![
            ticket.0,
            fields.status.as_str(),
            fields.priority.as_str(),
            fields.assignee,
            serde_json::to_string(&fields.tags)?,
            serde_json::to_string(&fields.custom_fields)?
        ])?;
    let counts = |fields: &FieldView| (fields.status, fields.priority, fields.tags.clone());
    if counts(&fields) != counts(&known.fields) {
        mark_stale(transaction, std::iter::once(ticket))?;
    }
    Ok(())
}
