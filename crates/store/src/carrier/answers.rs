//! Answers on a ticket that carries a visit.

use deskbell_domain::scheduling::block::{READ_CHARS_MAX, Reading, VisitAnswer, html_lines, read_answer};
use deskbell_domain::scheduling::carried::{Answered, Awaiting, CarriedState, Unread, answered};
use deskbell_domain::scheduling::{Visit, VisitAction, VisitRefusal, VisitState};
use deskbell_domain::ticket::{BodyFormat, TicketId};
use deskbell_domain::{Code, UtcMs};
use rusqlite::{Connection, Row, Transaction, params};

use crate::error::Result;
use crate::search::text::plain_text;
use crate::stored::{Text, seq_range, shortened};
use crate::visit::VisitRecord;

/// Texts of our own that an answer is compared with.
const OURS_MAX: usize = 100;
/// Characters of an answer that stand beside the visit until somebody reads it.
const EXCERPT_CHARS_MAX: usize = 280;
/// A note of the other side.
struct Said {
    id: i64,
    author: String,
    body: String,
    format: BodyFormat,
    at: UtcMs,
}

/// The other side is whoever answers as an agent, is not this account, and whose note none of our operations wrote.
pub(crate) const SAID: &str = "
    SELECT id, author, body, format, created_at FROM note
    WHERE id BETWEEN ?1 AND ?2 AND role = 'agent'
        AND author <> coalesce((
            SELECT account.user FROM ticket JOIN account ON account.id = ticket.account_id WHERE ticket.id = ?3), '')
        AND NOT (marker <> '' AND EXISTS (SELECT 1 FROM operation WHERE operation.marker = note.marker))
    ORDER BY created_at, id";

pub(crate) const NEWEST_NOTE: &str = "SELECT max(id) FROM note WHERE id BETWEEN ? AND ?";

pub(super) fn take_answers(
    transaction: &Transaction<'_>,
    known: &mut VisitRecord,
    state: &mut CarriedState,
    carrier: TicketId,
) -> Result<()> {
    let (first, last) = seq_range(carrier);
    let newest: Option<i64> = transaction.prepare_cached(NEWEST_NOTE)?.query_row([first, last], |row| row.get(0))?;
    let from = first.max(state.read_note.saturating_add(1));
    let Some(newest) = newest.filter(|newest| *newest >= from) else { return Ok(()) };
    let said: Vec<Said> = {
        let mut statement = transaction.prepare_cached(SAID)?;
        let rows = statement.query_map([from, newest, carrier.0], read_said)?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    state.read_note = newest;
    if said.is_empty() {
        return Ok(());
    }
    let ours = ours(transaction, carrier)?;
    let ours: Vec<&str> = ours.iter().map(String::as_str).collect();
    let zone = state.tz();
    for note in said {
        let text = lines_of(&note);
        match read_answer(&text, &ours, &known.key, zone) {
            Reading::Nothing => {}
            Reading::Words => state.unread = Some(unread(&note, &text, None)),
            Reading::Answer(answer) => follow(known, state, &note, &text, answer),
        }
    }
    Ok(())
}

fn read_said(row: &Row<'_>) -> rusqlite::Result<Said> {
    Ok(Said {
        id: row.get(0)?,
        author: row.get(1)?,
        body: row.get(2)?,
        format: row.get::<_, Text<_>>(3)?.0,
        at: UtcMs(row.get(4)?),
    })
}

fn lines_of(note: &Said) -> String {
    match note.format {
        BodyFormat::Text => shortened(&note.body, READ_CHARS_MAX),
        BodyFormat::Html => {
            let lines = html_lines(&shortened(&note.body, READ_CHARS_MAX));
            plain_text(&lines, BodyFormat::Html, READ_CHARS_MAX).into_owned()
        }
    }
}

fn unread(note: &Said, text: &str, hint: Option<VisitAnswer>) -> Unread {
    let unquoted: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('>')).collect();
    tracing::info!(note = note.id, "An answer on a ticket that carries a visit is for a person to read.");
    Unread { at: note.at, author: note.author.clone(), excerpt: shortened(&unquoted.join(" "), EXCERPT_CHARS_MAX), hint }
}

fn follow(known: &mut VisitRecord, state: &mut CarriedState, note: &Said, text: &str, answer: VisitAnswer) {
    let is_move = state.awaiting.as_ref().is_some_and(|awaiting| awaiting.action == VisitAction::Reschedule);
    let moving = state.awaiting.as_ref().filter(|_| is_move || known.visit.state != VisitState::Confirmed);
    match answered(&known.visit, moving, &answer, note.at, &note.author) {
        Answered::Taken(next) => {
            known.visit = *next;
            known.refusal = None;
            (state.awaiting, state.unread) = (None, None);
            if known.visit.state == VisitState::Waitlisted {
                state.awaiting = moving_again(&known.visit, note.at);
            }
        }
        // The time that stands, again, is no word about the one that was asked for.
        Answered::Same if is_move => state.unread = Some(unread(note, text, Some(answer))),
        Answered::Same => {}
        Answered::MoveRefused => {
            known.refusal = Some(VisitRefusal {
                code: Code::Refused,
                detail: "answered on the ticket that carries it".to_owned(),
                args: [("reason".to_owned(), answer.reason)].into(),
                reasons: Vec::new(),
                alternatives: Vec::new(),
            });
            (state.awaiting, state.unread) = (None, None);
        }
        Answered::Unclear => state.unread = Some(unread(note, text, Some(answer))),
    }
}

/// A visit on the waiting list still waits for its yes.
fn moving_again(visit: &Visit, at: UtcMs) -> Option<Awaiting> {
    (visit.state == VisitState::Waitlisted).then_some(Awaiting { action: VisitAction::Confirm, start: None, since: at })
}

/// What the desk wrote on a ticket.
fn ours(connection: &Connection, carrier: TicketId) -> Result<Vec<String>> {
    let mut statement = connection.prepare_cached(OURS)?;
    let rows = statement.query_map(params![carrier.0, i64::try_from(OURS_MAX).unwrap_or(i64::MAX)], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(crate) const OURS: &str = "
    SELECT coalesce(payload ->> '$.body', payload ->> '$.ticket.body', '') FROM operation
    WHERE ticket_id = ?1 AND kind IN ('reply', 'create_ticket') ORDER BY id DESC LIMIT ?2";
