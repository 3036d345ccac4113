//! Ringing: each alert is in the store before it is shown, and is shown once.
//!
//! One look takes everything that is due: thresholds, snoozes that end, alerts that were kept back, escalations. What rings
//! is told in the app at once; its notification is owed until the notification service has taken it ([`show`]).

use std::sync::Arc;

use deskbell_domain::UtcMs;
use deskbell_domain::time::{MINUTE_MS, SECOND_MS};
use deskbell_store::records::AlertRecord;
use deskbell_store::{AlertFate, DueAlert, Store, Verdict};

use crate::bell::{BellSettings, Ring};
use crate::engine::{Engine, guard};
use crate::error::EngineError;
use crate::events::DeskEvent;

mod pace;
mod respond;
mod set;
mod show;
pub(crate) mod state;
mod text;

pub(crate) use respond::{listen, respond};
pub use set::BellView;

/// Snooze of the notification's button.
pub const SNOOZE_MS: i64 = 10 * MINUTE_MS;
/// More alerts than this at one moment become one digest.
pub const SEPARATE_MAX: usize = 3;
/// Clocks taken from the store in one transaction.
pub const RAISE_BATCH_MAX: u32 = 500;
/// A look that comes so much after the one before it follows a sleep, a stop or a clock put forward.
const GAP_MS: i64 = 90 * SECOND_MS;
/// A clock put back by less than this is the ordinary correction.
const BACK_MS_MIN: i64 = SECOND_MS;

/// What the wall clock did since the last look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Steady,
    /// The first look of this run, after a sleep, or the clock was put forward.
    Gap,
    Back {
        by_ms: i64,
    },
}

impl Step {
    fn since(last: Option<UtcMs>, now: UtcMs) -> Self {
        match last {
            None => Self::Gap,
            Some(last) if now.ms_since(last) > GAP_MS => Self::Gap,
            Some(last) if last.ms_since(now) > BACK_MS_MIN => Self::Back { by_ms: last.ms_since(now) },
            Some(_) => Self::Steady,
        }
    }
}

/// Takes what is due from the store and shows it. Answers how many alerts rang.
///
/// # Errors
/// The store's.
pub async fn raise_due(engine: &Arc<Engine>) -> Result<usize, EngineError> {
    let now = engine.now();
    let step = guard(&engine.bell).arrive(now);
    if let Step::Back { by_ms } = step {
        put_back(engine, by_ms, now).await?;
    }
    let mut rung = Vec::new();
    let mut listed = 0;
    let backlog = std::mem::take(&mut guard(&engine.bell).backlog);
    loop {
        let settings = engine.bell_settings();
        let raised =
            engine.read(move |store| store.raise_due_alerts(now, RAISE_BATCH_MAX, move |due| judge(&settings, due, now))).await?;
        tell_robots(engine, &raised.alerts).await;
        for alert in raised.alerts {
            if alert.silent || alert.held_until.is_some() {
                listed += 1;
            } else {
                rung.push(alert);
            }
        }
        if !raised.more {
            break;
        }
    }
    // A later threshold of its clock speaks for one that the last run did not get to show.
    let is_passed = |old: &AlertRecord| rung.iter().any(|new| same_clock(old, new));
    let backlog: Vec<AlertRecord> = backlog.into_iter().filter(|old| !is_passed(old)).collect();
    rung.extend(backlog);
    let settings = engine.bell_settings();
    let released =
        engine.read(move |store| store.release_held_alerts(now, move |alert| settings.held_until(alert.priority, now))).await?;
    escalate(engine, now).await?;
    end_do_not_disturb(engine, now).await?;
    if listed > 0 {
        engine.emit(DeskEvent::AlertsChanged);
    }
    show::ring(engine, show::Round { now, step, rung, released }).await
}

/// What the last run left. Alerts that were raised and not shown ring with the first look, as one digest with what became due
/// meanwhile; those of which nobody knows whether they were seen ring in the app only.
///
/// # Errors
/// The store's.
pub async fn show_unshown(engine: &Arc<Engine>) -> Result<(), EngineError> {
    let now = engine.now();
    if let Some(ahead_ms) =
        engine.read(Store::last_raised_at).await?.map(|last| last.ms_since(now)).filter(|ms| *ms > BACK_MS_MIN)
    {
        put_back(engine, ahead_ms, now).await?;
    }
    let doubtful = engine.read(Store::take_doubtful_notices).await?;
    let mut unshown = engine.read(Store::unshown_alerts).await?;
    tell_robots(engine, &unshown).await;
    unshown.retain(|alert| alert.held_until.is_none());
    show::tell_app(engine, &doubtful, now);
    guard(&engine.bell).backlog = unshown;
    Ok(())
}

fn same_clock(one: &AlertRecord, other: &AlertRecord) -> bool {
    (one.ticket_id, one.metric, one.instance) == (other.ticket_id, other.metric, other.instance)
}

/// When there is something to be done next; `None` when nothing is due at all.
///
/// # Errors
/// The store's.
pub async fn next_look(engine: &Arc<Engine>) -> Result<Option<UtcMs>, EngineError> {
    let due = engine.read(Store::next_alert_due).await?;
    // One after the other: in one statement the first lock would still be held.
    let waiting = guard(&engine.bell).next_at();
    let settings = engine.bell_settings();
    Ok([due, waiting, settings.dnd_until].into_iter().flatten().min())
}

fn judge(settings: &BellSettings, due: &DueAlert, now: UtcMs) -> Verdict {
    let manner = settings.manner(&due.ticket, due.threshold);
    let fate = match manner.ring {
        Ring::Ring => AlertFate::Ring { sound: manner.sound, held_until: settings.held_until(due.ticket.priority, now) },
        Ring::List => AlertFate::List,
        Ring::Off => AlertFate::Mute,
    };
    Verdict { fate, escalate_at: settings.escalate_at(due.ticket.priority, now) }
}

/// The machine's clock was put back: what waits relative to it waits no longer than it was to.
async fn put_back(engine: &Arc<Engine>, by_ms: i64, now: UtcMs) -> Result<(), EngineError> {
    tracing::info!(by_ms, "The machine's clock was put back; waits of alerts follow it.");
    engine
        .read(move |store| {
            store.shift_alert_waits(by_ms, now)?;
            store.rejudge_held_alerts(now)
        })
        .await
}

/// Robots keep a queue of their own and remember what they were told: telling twice is harmless.
async fn tell_robots(engine: &Arc<Engine>, alerts: &[AlertRecord]) {
    if !alerts.is_empty() {
        crate::robots::on_raised(engine, alerts).await;
    }
}

async fn escalate(engine: &Arc<Engine>, now: UtcMs) -> Result<(), EngineError> {
    let Some(due) = engine.read(move |store| store.escalations_due(now)).await? else { return Ok(()) };
    if !due.is_empty() {
        crate::robots::on_escalated(engine, &due).await;
    }
    let ids: Vec<i64> = due.iter().map(|alert| alert.id).collect();
    engine.read(move |store| store.mark_escalated(&ids, now)).await
}

async fn end_do_not_disturb(engine: &Arc<Engine>, now: UtcMs) -> Result<(), EngineError> {
    let settings = engine.bell_settings();
    if settings.dnd_until.is_some_and(|end| end <= now) {
        engine.keep_bell(BellSettings { dnd_until: None, ..BellSettings::clone(&settings) }).await?;
        engine.emit(DeskEvent::AlertsChanged);
    }
    Ok(())
}
