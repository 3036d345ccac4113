//! Visits and holds.

use deskbell_domain::UtcMs;
use deskbell_domain::scheduling::{Booking, Slot, Visit, VisitState};
use deskbell_domain::time::DAY_MS;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::write::{self, Keyed};
use crate::error::HubError;
use crate::problem::Problem;
use crate::wire::{EventKind, Hold};

/// A booking that begins so long before a window can still reach into it: the longest visit and its ways.
const REACH_MS: i64 = 4 * DAY_MS;
/// Waiting visits of a centre that are looked at when a slot comes free.
pub(crate) const WAITING_TRIES_MAX: u32 = 50;

/// A visit with what its payload does not tell.
#[derive(Debug, Clone)]
pub(crate) struct VisitRow {
    pub(crate) id: i64,
    pub(crate) ticket_id: i64,
    pub(crate) languages: Vec<String>,
    pub(crate) visit: Visit,
}

const COLUMNS: &str = "id, ticket_id, version, languages, payload";

type Raw = (i64, i64, i64, String, String);

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
}

fn finish((id, ticket_id, version, languages, payload): Raw) -> Result<VisitRow, HubError> {
    let visit = Visit { id: id.to_string(), version: version.to_string(), ..serde_json::from_str(&payload)? };
    Ok(VisitRow { id, ticket_id, languages: serde_json::from_str(&languages)?, visit })
}

fn list(connection: &Connection, rest: &str, values: impl rusqlite::Params) -> Result<Vec<VisitRow>, HubError> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM visits WHERE {rest}"))?;
    let rows = statement.query_map(values, raw)?;
    rows.map(|row| finish(row?)).collect()
}

pub(crate) fn find(connection: &Connection, id: i64) -> Result<Option<VisitRow>, HubError> {
    Ok(list(connection, "id = ?1", [id])?.pop())
}

pub(crate) fn of_ticket(connection: &Connection, ticket_id: i64) -> Result<Vec<Visit>, HubError> {
    Ok(list(connection, "ticket_id = ?1 ORDER BY id", [ticket_id])?.into_iter().map(|row| row.visit).collect())
}

/// The visits whose last change this was.
pub(crate) fn of_change(connection: &Connection, seq: i64) -> Result<Vec<Visit>, HubError> {
    Ok(list(connection, "seq = ?1 ORDER BY id", [seq])?.into_iter().map(|row| row.visit).collect())
}

/// Visits that changed behind a position of the feed, at most `limit`, with the position of the last, and whether more wait.
pub(crate) fn page(connection: &Connection, after: i64, limit: u32) -> Result<(Vec<Visit>, i64, bool), HubError> {
    let sql = format!("SELECT seq, {COLUMNS} FROM visits WHERE seq > ?1 ORDER BY seq, id LIMIT ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params![after, i64::from(limit) + 1], |row| {
        let rest = (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?);
        Ok((row.get::<_, i64>(0)?, rest))
    })?;
    let mut found = rows.collect::<rusqlite::Result<Vec<(i64, Raw)>>>()?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next_after = found.last().map_or(after, |(seq, _)| *seq);
    let visits = found.into_iter().map(|(_, row)| Ok(finish(row)?.visit)).collect::<Result<_, HubError>>()?;
    Ok((visits, next_after, more))
}

/// The visits of a centre that wait for a slot, the oldest first.
pub(crate) fn waiting(connection: &Connection, centre_id: &str) -> Result<Vec<VisitRow>, HubError> {
    list(connection, "centre_id = ?1 AND state = 'waitlisted' ORDER BY id LIMIT ?2", params![centre_id, WAITING_TRIES_MAX])
}

/// What is taken at a centre around a stretch of time: visits that stand, and holds that have not run out, but not `without_visit`
/// nor `without_hold`.
pub(crate) fn bookings(
    connection: &Connection,
    centre_id: &str,
    from: UtcMs,
    to: UtcMs,
    now: UtcMs,
    (without_visit, without_hold): (Option<i64>, Option<i64>),
) -> Result<Vec<Booking>, HubError> {
    let mut statement = connection.prepare_cached(
        "SELECT start_at, end_at, engineer_id FROM visits WHERE centre_id = ?1 AND start_at > ?2 AND start_at < ?3 \
         AND state IN ('confirmed', 'done') AND id IS NOT ?5 \
         UNION ALL SELECT start_at, end_at, engineer_id FROM holds WHERE centre_id = ?1 AND start_at > ?2 AND start_at < ?3 \
         AND expires_at > ?4 AND id IS NOT ?6",
    )?;
    let (from, to) = (from.plus_ms(-REACH_MS), to.plus_ms(REACH_MS));
    let rows = statement.query_map(params![centre_id, from.0, to.0, now.0, without_visit, without_hold], |row| {
        Ok(Booking {
            centre_id: centre_id.to_owned(),
            start: UtcMs(row.get(0)?),
            end: UtcMs(row.get(1)?),
            engineer_id: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What the clocks are told.
fn event_of(state: VisitState, id: i64) -> Option<EventKind> {
    let visit = id.to_string();
    match state {
        VisitState::Done => Some(EventKind::VisitDone { visit }),
        VisitState::Cancelled | VisitState::Declined => Some(EventKind::VisitCancelled { visit }),
        VisitState::Requested | VisitState::Waitlisted | VisitState::Confirmed => None,
    }
}

/// Writes a new visit with its line in the feed; returns its id.
pub(crate) fn insert(
    tx: &Transaction<'_>,
    ticket_id: i64,
    visit: &Visit,
    languages: &[String],
    now: UtcMs,
) -> Result<i64, HubError> {
    let seq = write::begin_change(tx, ticket_id, now)?;
    let (start, end) = slot_columns(visit);
    tx.prepare_cached(
        "INSERT INTO visits (ticket_id, seq, centre_id, state, start_at, end_at, engineer_id, languages, payload) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        ticket_id,
        seq,
        visit.centre_id,
        visit.state.as_str(),
        start,
        end,
        visit.engineer_id,
        serde_json::to_string(languages)?,
        serde_json::to_string(visit)?
    ])?;
    let id = tx.last_insert_rowid();
    let requested = EventKind::VisitRequested { visit: id.to_string() };
    let actor = last_actor(visit);
    write::insert_event(tx, ticket_id, seq, visit.requested_at, &requested, actor)?;
    if let Some(event) = event_of(visit.state, id) {
        write::insert_event(tx, ticket_id, seq, now, &event, actor)?;
    }
    Ok(id)
}

/// Writes a changed visit with its line in the feed. `was` is the state before.
pub(crate) fn update(tx: &Transaction<'_>, row: &VisitRow, was: VisitState, now: UtcMs) -> Result<(), HubError> {
    let seq = write::begin_change(tx, row.ticket_id, now)?;
    let visit = &row.visit;
    let (start, end) = slot_columns(visit);
    tx.prepare_cached(
        "UPDATE visits SET seq = ?2, version = version + 1, centre_id = ?3, state = ?4, start_at = ?5, end_at = ?6, \
         engineer_id = ?7, payload = ?8 WHERE id = ?1",
    )?
    .execute(params![
        row.id,
        seq,
        visit.centre_id,
        visit.state.as_str(),
        start,
        end,
        visit.engineer_id,
        serde_json::to_string(visit)?
    ])?;
    if visit.state != was
        && let Some(event) = event_of(visit.state, row.id)
    {
        write::insert_event(tx, row.ticket_id, seq, now, &event, last_actor(visit))?;
    }
    Ok(())
}

/// Who wrote its last line.
fn last_actor(visit: &Visit) -> &str {
    visit.history.last().map_or("", |event| event.actor.as_str())
}

fn slot_columns(visit: &Visit) -> (Option<i64>, Option<i64>) {
    (visit.slot.as_ref().map(|slot| slot.start.0), visit.slot.as_ref().map(|slot| slot.end.0))
}

/// Says that an operation was about a visit, so that a lost answer finds it.
pub(crate) fn remember_visit(tx: &Transaction<'_>, keyed: &Keyed, visit_id: i64) -> Result<(), HubError> {
    tx.prepare_cached("UPDATE operations SET visit_id = ?2 WHERE key = ?1")?.execute(params![keyed.key, visit_id])?;
    Ok(())
}

/// The hold that was made with this key before.
pub(crate) fn hold_of_key(tx: &Transaction<'_>, keyed: &Keyed) -> Result<Option<Hold>, Problem> {
    let found = tx
        .prepare_cached("SELECT request_hash, payload FROM holds WHERE key = ?1")?
        .query_row([&keyed.key], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
        .optional()?;
    match found {
        None => Ok(None),
        Some((hash, _)) if hash != keyed.request_hash => Err(Problem::VisitKeyReused),
        Some((_, payload)) => Ok(Some(serde_json::from_str(&payload)?)),
    }
}

/// Keeps a slot until `expires_at`.
pub(crate) fn insert_hold(tx: &Transaction<'_>, keyed: &Keyed, slot: &Slot, expires_at: UtcMs) -> Result<Hold, HubError> {
    let engineer = slot.engineer_ids.first().map_or("", String::as_str);
    tx.prepare_cached(
        "INSERT INTO holds (key, request_hash, centre_id, start_at, end_at, engineer_id, expires_at, payload) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, '')",
    )?
    .execute(params![keyed.key, keyed.request_hash, slot.centre_id, slot.start.0, slot.end.0, engineer, expires_at.0])?;
    let id = tx.last_insert_rowid();
    let hold = Hold { id: id.to_string(), slot: slot.clone(), expires_at: expires_at.0 };
    tx.prepare_cached("UPDATE holds SET payload = ?2 WHERE id = ?1")?.execute(params![id, serde_json::to_string(&hold)?])?;
    Ok(hold)
}

pub(crate) fn find_hold(connection: &Connection, id: i64) -> Result<Option<Hold>, HubError> {
    let payload: Option<String> =
        connection.prepare_cached("SELECT payload FROM holds WHERE id = ?1")?.query_row([id], |row| row.get(0)).optional()?;
    Ok(payload.as_deref().map(serde_json::from_str).transpose()?)
}

/// True when there was such a hold.
pub(crate) fn delete_hold(tx: &Transaction<'_>, id: i64) -> Result<bool, HubError> {
    Ok(tx.prepare_cached("DELETE FROM holds WHERE id = ?1")?.execute([id])? > 0)
}

/// Forgets holds that ran out before `before`; returns how many stand at `now`.
pub(crate) fn tidy_holds(tx: &Transaction<'_>, before: UtcMs, now: UtcMs) -> Result<u32, HubError> {
    tx.prepare_cached("DELETE FROM holds WHERE expires_at < ?1")?.execute([before.0])?;
    Ok(tx.prepare_cached("SELECT count(*) FROM holds WHERE expires_at > ?1")?.query_row([now.0], |row| row.get(0))?)
}
