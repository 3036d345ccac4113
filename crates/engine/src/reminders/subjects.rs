//! Which appointments there are. Each kind feeds the list here, from its own table.

use std::sync::Arc;

use deskbell_domain::UtcMs;
use deskbell_domain::reminder::{About, LEAD_MIN_MAX, Moment, ReminderKind, Subject};
use deskbell_domain::time::{DAY_MS, MINUTE_MS};
use deskbell_store::{AppointedVisit, Store};

use crate::calendars::LiveSession;
use crate::calendars::subscriptions::live_sessions_in;
use crate::engine::{Engine, guard};
use crate::error::EngineError;

/// A live session that began longer ago is over.
const LIVE_MS_MAX: i64 = DAY_MS;

/// Everything that stands, is not over, and could be due: so far ahead as the longest lead and the latest open reminder.
pub(super) async fn subjects(engine: &Arc<Engine>, now: UtcMs) -> Result<Vec<Subject>, EngineError> {
    let last_open = engine.read(Store::last_open_reminder).await?;
    let until = now.plus_ms(i64::from(LEAD_MIN_MAX) * MINUTE_MS).max(last_open.unwrap_or(now)).plus_ms(1);
    let mut found = on_this_desk(engine, now, until).await?;
    found.extend(live_kept(engine, now, until).await?);
    Ok(found)
}

/// As [`subjects`], so far ahead as somebody asks.
pub(super) async fn between(engine: &Arc<Engine>, now: UtcMs, until: UtcMs) -> Result<Vec<Subject>, EngineError> {
    let mut found = on_this_desk(engine, now, until).await?;
    found.extend(live(engine, now, until).await?);
    Ok(found)
}

/// Visits and diagnosis sessions.
async fn on_this_desk(engine: &Arc<Engine>, now: UtcMs, until: UtcMs) -> Result<Vec<Subject>, EngineError> {
    let leads = engine.bell_settings().visit_reminders_min.clone();
    let visits = engine.read(move |store| store.appointed_visits(now, until)).await?;
    let mut found: Vec<Subject> = visits.into_iter().map(|visit| of_visit(visit, &leads)).collect();
    found.extend(diagnoses(engine, now, until).await?);
    Ok(found)
}

/// Reading the calendars means unrolling their rules, so what was read stands for a while.
async fn live_kept(engine: &Arc<Engine>, now: UtcMs, until: UtcMs) -> Result<Vec<Subject>, EngineError> {
    if let Some(known) = guard(&engine.reminders).live(now) {
        return Ok(known);
    }
    let found = live(engine, now, until).await?;
    guard(&engine.reminders).keep_live(found.clone(), now);
    Ok(found)
}

/// Sessions of subscribed calendars.
async fn live(engine: &Arc<Engine>, now: UtcMs, until: UtcMs) -> Result<Vec<Subject>, EngineError> {
    let from = now.plus_ms(-LIVE_MS_MAX);
    let sessions = engine.read(move |store| live_sessions_in(store, from, until)).await?;
    let subject = |session: LiveSession| Subject {
        kind: ReminderKind::Live,
        moments: Subject::moments_of(session.start, &session.reminders),
        key: format!("{}:{}", session.subscription, session.uid),
        ticket: None,
        start: session.start,
        end: session.end,
        about: About { title: session.title, place: session.place, url: session.url, ..About::default() },
    };
    Ok(sessions.into_iter().filter(|session| !session.reminders.is_empty()).map(subject).collect())
}

fn of_visit(visit: AppointedVisit, leads: &[u32]) -> Subject {
    let mut moments = Subject::moments_of(visit.start, leads);
    // It waited for a slot and got one: that is news whenever it comes.
    moments.extend(visit.given_at.map(|due| Moment { due, lead_min: 0 }));
    Subject {
        kind: ReminderKind::Visit,
        key: visit.key,
        ticket: visit.ticket,
        start: visit.start,
        end: visit.end,
        moments,
        about: visit.about,
    }
}

async fn diagnoses(engine: &Arc<Engine>, now: UtcMs, until: UtcMs) -> Result<Vec<Subject>, EngineError> {
    // A session that is under way began at most its longest length ago.
    let from = now.plus_ms(-deskbell_domain::diagnosis::SESSION_MS_MAX);
    let sessions = engine.read(move |store| store.planned_diagnoses(from, until)).await?;
    let subject = |session: deskbell_domain::diagnosis::DiagnosisSession| Subject {
        kind: ReminderKind::Diagnosis,
        moments: Subject::moments_of(session.start, &session.reminders_min),
        key: session.uid,
        ticket: Some(session.ticket),
        start: session.start,
        end: session.end,
        about: About {
            title: session.title,
            ticket: session.ticket_remote_id,
            who: session.participants.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", "),
            url: session.join_url,
            ..About::default()
        },
    };
    Ok(sessions.into_iter().filter(|session| session.end > now).map(subject).collect())
}
