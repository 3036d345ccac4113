//! Closing, reopening and the customer's verdict.

use deskbell_domain::UtcMs;
use rusqlite::{Transaction, params};

use super::write::{self, Actor, NoteDraft};
use crate::error::HubError;
use crate::problem::Problem;
use crate::wire::{Evaluation, EventKind, NewEvaluation, Role, Status, Ticket, Visibility};

fn is_finished(ticket: &Ticket) -> bool {
    matches!(ticket.status, Status::Resolved | Status::Closed)
}

/// Closes a ticket; one that is closed stays so, and nothing is written.
pub(crate) fn close(tx: &Transaction<'_>, id: i64, ticket: &Ticket, actor: &str, now: UtcMs) -> Result<(), HubError> {
    if ticket.status == Status::Closed {
        return Ok(());
    }
    let seq = write::begin_change(tx, id, now)?;
    write::set_status(tx, id, seq, Status::Closed, actor, now)
}

/// Opens a finished ticket again; returns the note with the reason, if there is one.
pub(crate) fn reopen(
    tx: &Transaction<'_>,
    id: i64,
    ticket: &Ticket,
    actor: &Actor,
    reason: Option<NoteDraft>,
    now: UtcMs,
) -> Result<Option<i64>, Problem> {
    if !is_finished(ticket) {
        return Err(Problem::TicketNotFinished);
    }
    let seq = write::begin_change(tx, id, now)?;
    write::set_status(tx, id, seq, Status::Open, &actor.name, now)?;
    let Some(draft) = reason else { return Ok(None) };
    let note_id = write::insert_note(tx, id, seq, now, actor, &draft)?;
    if draft.visibility == Visibility::Public && actor.role != Role::System {
        write::insert_event(tx, id, seq, now, &EventKind::Replied { by: actor.role }, &actor.name)?;
    }
    Ok(Some(note_id))
}

/// Keeps the verdict on a finished ticket. There is one for each time it was finished.
pub(crate) fn evaluate(
    tx: &Transaction<'_>,
    id: i64,
    ticket: &Ticket,
    verdict: &NewEvaluation,
    now: UtcMs,
) -> Result<(), Problem> {
    if !is_finished(ticket) {
        return Err(Problem::TicketNotFinished);
    }
    if ticket.evaluation.is_some() {
        return Err(Problem::AlreadyEvaluated);
    }
    let seq = write::begin_change(tx, id, now)?;
    let kept = Evaluation { solved: verdict.solved, score: verdict.score, comment: verdict.comment.clone(), at: now.0 };
    tx.prepare_cached("UPDATE tickets SET evaluation = ?2 WHERE id = ?1")?.execute(params![id, serde_json::to_string(&kept)?])?;
    let event = EventKind::Evaluated { solved: verdict.solved, score: verdict.score };
    Ok(write::insert_event(tx, id, seq, now, &event, "")?)
}
