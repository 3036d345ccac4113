//! Taking operations back. Nothing that was typed is lost: it returns to the drafts.

use deskbell_domain::sync::merge::{FieldView, without_predecessor};
use deskbell_domain::sync::op::{FileRef, NewTicket, OperationId, OperationKind, OperationState};
use deskbell_domain::ticket::{Status, TicketId, Visibility};
use deskbell_domain::{Code, UtcMs};
use rusqlite::{Transaction, params};

use super::{find, read};
use crate::error::{Result, StoreError};
use crate::records::{OperationRecord, TicketDraft};
use crate::writer::Touched;
use crate::{carrier, draft, search, visit};

/// Takes one back that never reached a server; a ticket's creation goes with all that was done to the ticket.
pub(super) fn discard(
    transaction: &Transaction<'_>,
    touched: &mut Touched,
    id: OperationId,
    now: UtcMs,
) -> Result<OperationRecord> {
    let record = find(transaction, id)?;
    require_here(&record)?;
    touched.ticket(record.ticket_id);
    if let OperationKind::CreateTicket { ticket } = &record.kind {
        if carrier::creation_taken_back(transaction, &record, now)? {
            forget_local(transaction, record.ticket_id)?;
            return Ok(record);
        }
        discard_ticket(transaction, &record, ticket.clone(), now)?;
        return Ok(record);
    }
    transaction.execute("DELETE FROM operation WHERE id = ?", [id.0])?;
    rebase_next(transaction, &record)?;
    match &record.kind {
        OperationKind::Reply { body, visibility, files, .. } => {
            let words = carrier::words_of_reply(transaction, &record, body)?;
            draft::restore(transaction, &record, &words, *visibility, files)?;
        }
        OperationKind::Attach { file, visibility } => {
            draft::restore(transaction, &record, "", *visibility, std::slice::from_ref(file))?;
        }
        OperationKind::Reopen { body, .. } => draft::restore(transaction, &record, body, Visibility::Public, &[])?,
        OperationKind::Evaluate { comment, .. } => draft::restore(transaction, &record, comment, Visibility::Internal, &[])?,
        _ => {}
    }
    visit::gone(transaction, touched, &record, now)?;
    Ok(record)
}

fn require_here(record: &OperationRecord) -> Result<()> {
    if matches!(record.state, OperationState::Queued | OperationState::Rejected) {
        return Ok(());
    }
    Err(StoreError::new(Code::OperationNotDiscardable, format!("operation {} is {}", record.id.0, record.state.as_str())))
}

/// The ticket was never anywhere else: it goes whole, and becomes a draft with everything that was written on it.
fn discard_ticket(transaction: &Transaction<'_>, creation: &OperationRecord, new: NewTicket, now: UtcMs) -> Result<()> {
    let id = creation.ticket_id;
    let mut fields = FieldView {
        status: Status::New,
        priority: new.priority.unwrap_or(deskbell_domain::ticket::Priority::Routine),
        assignee: String::new(),
        tags: new.tags.clone(),
        custom_fields: new.custom_fields.clone(),
    };
    let mut kept = TicketDraft {
        marker: creation.marker.clone(),
        account_id: creation.account_id,
        ticket: new,
        notes: Vec::new(),
        updated_at: now,
    };
    for dependant in read::unsent(transaction, id)? {
        require_here(&dependant)?;
        if dependant.id != creation.id {
            fields.lay(&dependant.kind);
            keep_texts(&mut kept, &dependant.kind);
        }
    }
    for text in visit::texts_of_drafts(transaction, id)? {
        keep_note(&mut kept, &text, Visibility::Internal, &[]);
    }
    if let Some(draft) = draft::read(transaction, id)? {
        keep_note(&mut kept, &draft.body, draft.visibility, &draft.files);
    }
    kept.ticket.priority =
        kept.ticket.priority.map(|_| fields.priority).or((fields.priority != DEFAULT_PRIORITY).then_some(fields.priority));
    (kept.ticket.tags, kept.ticket.custom_fields) = (fields.tags, fields.custom_fields);
    transaction.execute(
        "INSERT OR REPLACE INTO ticket_draft (marker, account_id, payload, updated_at) VALUES (?, ?, ?, ?)",
        params![kept.marker, kept.account_id.0, serde_json::to_string(&kept)?, now.0],
    )?;
    forget_local(transaction, id)
}

const DEFAULT_PRIORITY: deskbell_domain::ticket::Priority = deskbell_domain::ticket::Priority::Routine;

fn keep_texts(kept: &mut TicketDraft, kind: &OperationKind) {
    match kind {
        OperationKind::Reply { body, visibility, files, .. } => keep_note(kept, body, *visibility, files),
        OperationKind::Attach { file, visibility } => keep_note(kept, "", *visibility, std::slice::from_ref(file)),
        OperationKind::Reopen { body, .. } => keep_note(kept, body, Visibility::Public, &[]),
        OperationKind::Evaluate { comment, .. } => keep_note(kept, comment, Visibility::Internal, &[]),
        OperationKind::RequestVisit { request, .. } => {
            keep_note(kept, &visit::text_of_request(request), Visibility::Internal, &[]);
        }
        _ => {}
    }
}

fn keep_note(kept: &mut TicketDraft, body: &str, visibility: Visibility, files: &[FileRef]) {
    if !body.trim().is_empty() {
        kept.notes.push((body.to_owned(), visibility));
    }
    for file in files {
        if !kept.ticket.files.contains(file) {
            kept.ticket.files.push(file.clone());
        }
    }
}

fn forget_local(transaction: &Transaction<'_>, id: TicketId) -> Result<()> {
    for sql in [
        "DELETE FROM operation WHERE ticket_id = ? AND state IN ('queued', 'sending', 'unknown', 'rejected')",
        "DELETE FROM draft WHERE ticket_id = ?",
        "DELETE FROM clock WHERE ticket_id = ?",
        "DELETE FROM clock_stale WHERE ticket_id = ?",
        "DELETE FROM search_dirty WHERE ticket_id = ?",
        "DELETE FROM visit WHERE ticket_id = ?",
        "DELETE FROM visit_draft WHERE ticket_id = ?",
        "DELETE FROM ticket WHERE id = ?",
    ] {
        transaction.execute(sql, [id.0])?;
    }
    search::index::forget(transaction, id)
}

/// The next edit of the field started from the value that is taken back; now it starts from the one before.
pub(super) fn rebase_next(transaction: &Transaction<'_>, gone: &OperationRecord) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "SELECT id, payload FROM operation
         WHERE ticket_id = ? AND id > ? AND state IN ('queued', 'sending', 'unknown', 'rejected') AND state IN ('queued', 'rejected')
         ORDER BY id",
    )?;
    let mut rows = statement.query(params![gone.ticket_id.0, gone.id.0])?;
    while let Some(row) = rows.next()? {
        let next: OperationKind = serde_json::from_str(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?;
        if let Some(rebased) = without_predecessor(&gone.kind, &next) {
            let id: i64 = row.get(0)?;
            transaction
                .execute("UPDATE operation SET payload = ? WHERE id = ?", params![serde_json::to_string(&rebased)?, id])?;
            break;
        }
    }
    Ok(())
}
