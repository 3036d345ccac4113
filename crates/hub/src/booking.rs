//! Giving slots away, inside the transaction that writes them down.

use axum::http::StatusCode;
use deskbell_domain::UtcMs;
use deskbell_domain::directory::Problem as FieldTrouble;
use deskbell_domain::error::Code;
use deskbell_domain::scheduling::{
    Asked, Bookings, NoSlot, NoSlotCode, ReadyCentre, Service, Site, Slot, SlotQuestion, VisitEvent, VisitEventKind,
    VisitProblem, VisitState, Window, alternatives, plan_slots_ready, take_slot,
};
use deskbell_domain::time::DAY_MS;
use rusqlite::Transaction;

use crate::centres::Centres;
use crate::error::HubError;
use crate::problem::Problem;
use crate::store::visits::{self, VisitRow};
use crate::wire::{FieldProblem, Refusal};

/// Slots offered instead of one that is taken.
pub const ALTERNATIVES_MAX: usize = 5;
/// How far around what was asked for alternatives are looked for.
const ALTERNATIVES_MS: i64 = 14 * DAY_MS;
/// Centres in which alternatives are looked for.
const ALTERNATIVE_CENTRES_MAX: usize = 3;

/// What is to be booked.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) service: Service,
    pub(crate) site: Option<Site>,
    pub(crate) languages: Vec<String>,
    pub(crate) centre_id: Option<String>,
    pub(crate) start: Option<UtcMs>,
    pub(crate) engineer_id: Option<String>,
    pub(crate) window: Option<Window>,
    /// A visit that gives its own slot back.
    pub(crate) moving: Option<i64>,
    /// A hold that is used up.
    pub(crate) hold: Option<i64>,
}

pub(crate) fn refuse(status: StatusCode, code: Code, refusal: Refusal) -> Problem {
    Problem::Visit { status, code, refusal: Box::new(refusal) }
}

/// Everything wrong with a request, under the name of the first.
pub(crate) fn refuse_fields(problems: &[FieldTrouble]) -> Result<(), Problem> {
    let Some(first) = problems.first() else { return Ok(()) };
    let told = |one: &FieldTrouble| FieldProblem {
        field: one.field.clone(),
        code: one.code.as_str().to_owned(),
        args: one.args.clone(),
    };
    let refusal = Refusal { args: first.args.clone(), problems: problems.iter().map(told).collect(), ..Refusal::default() };
    Err(refuse(StatusCode::BAD_REQUEST, first.code, refusal))
}

pub(crate) fn refuse_action(problem: VisitProblem) -> Problem {
    refuse(StatusCode::CONFLICT, problem.code(), Refusal { args: problem.args(), ..Refusal::default() })
}

impl Wish {
    fn question(&self, from: UtcMs, to: UtcMs, now: UtcMs) -> SlotQuestion {
        SlotQuestion { service: self.service, from, to, site: self.site.clone(), now, languages: self.languages.clone() }
    }

    fn bookings(&self, tx: &Transaction<'_>, centre: &str, from: UtcMs, to: UtcMs, now: UtcMs) -> Result<Bookings, HubError> {
        Ok(Bookings::new(visits::bookings(tx, centre, from, to, now, (self.moving, self.hold))?))
    }

    /// The slot for this wish: the one that is named, or the first of the window at the nearest centre that has one.
    ///
    /// # Errors
    /// `slot_taken`, `slot_unavailable` with alternatives; `centre_unknown`.
    pub(crate) fn take(&self, tx: &Transaction<'_>, centres: &Centres, now: UtcMs) -> Result<Slot, Problem> {
        let candidates = self.candidates(centres)?;
        let mut reasons: Vec<NoSlot> = Vec::new();
        for centre in &candidates {
            match self.take_at(tx, centre, now)? {
                Ok(slot) => return Ok(slot),
                Err(why) => reasons.extend(why),
            }
        }
        let taken = reasons.iter().any(|reason| reason.code == NoSlotCode::Full);
        let code = if taken { Code::SlotTaken } else { Code::SlotUnavailable };
        let instead = self.instead(tx, centres, candidates, now)?;
        reasons.dedup();
        let refusal = Refusal { reasons, alternatives: Some(instead), ..Refusal::default() };
        Err(refuse(StatusCode::CONFLICT, code, refusal))
    }

    fn candidates<'a>(&self, centres: &'a Centres) -> Result<Vec<ReadyCentre<'a>>, Problem> {
        let unknown = || refuse(StatusCode::BAD_REQUEST, Code::CentreUnknown, Refusal::default());
        match &self.centre_id {
            Some(id) => Ok(vec![centres.find(id).ok_or_else(unknown)?]),
            None => Ok(centres.near(&self.site.clone().unwrap_or_default(), self.service)),
        }
    }

    fn take_at(&self, tx: &Transaction<'_>, centre: &ReadyCentre<'_>, now: UtcMs) -> Result<Result<Slot, Vec<NoSlot>>, Problem> {
        let id = &centre.centre.remote_id;
        if let Some(start) = self.start {
            let taken = self.bookings(tx, id, start, start, now)?;
            let asked = Asked { start, engineer_id: self.engineer_id.as_deref() };
            return Ok(take_slot(centre, &taken, &self.question(start, start, now), asked));
        }
        let Some(window) = self.window else { return Ok(Err(Vec::new())) };
        let taken = self.bookings(tx, id, window.from, window.to, now)?;
        let question = self.question(window.from, window.to, now);
        let answer = plan_slots_ready(centre, &taken, &question);
        for slot in &answer.slots {
            let asked = Asked { start: slot.start, engineer_id: self.engineer_id.as_deref() };
            if let Ok(slot) = take_slot(centre, &taken, &question, asked) {
                return Ok(Ok(slot));
            }
        }
        Ok(Err(answer.why_none))
    }

    /// Free slots near in time: of the centres that were asked, then of others that could go there.
    fn instead(
        &self,
        tx: &Transaction<'_>,
        centres: &Centres,
        mut candidates: Vec<ReadyCentre<'_>>,
        now: UtcMs,
    ) -> Result<Vec<Slot>, Problem> {
        let around = self.start.or(self.window.map(|window| window.from)).unwrap_or(now).max(now);
        let (from, to) = (around.plus_ms(-ALTERNATIVES_MS).max(now), around.plus_ms(ALTERNATIVES_MS));
        if let Some(site) = self.site.as_ref().filter(|site| site.place().is_some()) {
            let asked: Vec<String> = candidates.iter().map(|ready| ready.centre.remote_id.clone()).collect();
            let others = centres.near(site, self.service).into_iter();
            let others: Vec<String> =
                others.map(|ready| ready.centre.remote_id.clone()).filter(|id| !asked.contains(id)).collect();
            let mut found: Vec<Slot> = Vec::new();
            candidates.truncate(ALTERNATIVE_CENTRES_MAX);
            for id in asked.iter().chain(&others).take(ALTERNATIVE_CENTRES_MAX) {
                found.extend(self.free_at(tx, centres, id, (from, to), around, now)?);
            }
            found.sort_by_key(|slot| slot.start.ms_since(around).unsigned_abs());
            found.truncate(ALTERNATIVES_MAX);
            return Ok(found);
        }
        match candidates.first() {
            Some(first) => self.free_at(tx, centres, &first.centre.remote_id, (from, to), around, now),
            None => Ok(Vec::new()),
        }
    }

    fn free_at(
        &self,
        tx: &Transaction<'_>,
        centres: &Centres,
        id: &str,
        (from, to): (UtcMs, UtcMs),
        around: UtcMs,
        now: UtcMs,
    ) -> Result<Vec<Slot>, Problem> {
        let Some(centre) = centres.find(id) else { return Ok(Vec::new()) };
        let taken = self.bookings(tx, id, from, to, now)?;
        Ok(alternatives(&[centre], &taken, &self.question(from, to, now), around, ALTERNATIVES_MAX))
    }
}

/// Gives what came free at a centre to those who wait there, the oldest first.
pub(crate) fn serve_waiting(tx: &Transaction<'_>, centres: &Centres, centre_id: &str, now: UtcMs) -> Result<(), Problem> {
    let Some(centre) = centres.find(centre_id) else { return Ok(()) };
    for mut row in visits::waiting(tx, centre_id)? {
        let wish = Wish {
            service: row.visit.service,
            site: Some(row.visit.site.clone()),
            languages: row.languages.clone(),
            centre_id: Some(centre_id.to_owned()),
            start: None,
            engineer_id: None,
            window: row.visit.window,
            moving: None,
            hold: None,
        };
        if let Ok(slot) = wish.take_at(tx, &centre, now)? {
            let event = VisitEvent {
                at: now,
                kind: VisitEventKind::Confirmed,
                actor: String::new(),
                detail: String::new(),
                start: Some(slot.start),
            };
            give(&mut row, slot, event);
            visits::update(tx, &row, VisitState::Waitlisted, now)?;
        }
    }
    Ok(())
}

/// Makes a visit a confirmed one in a slot.
pub(crate) fn give(row: &mut VisitRow, slot: Slot, event: VisitEvent) {
    let visit = &mut row.visit;
    visit.state = VisitState::Confirmed;
    visit.centre_id.clone_from(&slot.centre_id);
    visit.engineer_id = slot.engineer_ids.first().cloned();
    visit.slot = Some(slot);
    visit.history.push(event);
}
