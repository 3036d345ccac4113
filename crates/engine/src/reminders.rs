//! Reminders of appointments: visits, diagnosis sessions, live sessions.
//!
//! Owns: which appointments there are (each kind feeds [`subjects`]), when they ring, and what people do about it. Rings as
//! alerts do: on disk before it is shown, handed to the notification service once, quiet hours and do-not-disturb kept.
//! Invariant: one ring for each appointment, start and lead, whatever is killed and wherever the clock goes.

use std::sync::Arc;

use deskbell_domain::reminder::{Subject, next_due};
use deskbell_domain::ticket::Priority;
use deskbell_domain::time::{MINUTE_MS, SECOND_MS};
use deskbell_domain::{Code, UtcMs};
use deskbell_store::{ReminderRecord, Store};
use serde::Serialize;
use ts_rs::TS;

use crate::engine::{Engine, guard};
use crate::error::EngineError;
use crate::events::DeskEvent;
use crate::ports::{NotificationAction, NotificationResponse};

mod coming;
mod show;
mod subjects;

pub use coming::ComingReminder;

/// Snooze of the notification's button.
pub const SNOOZE_MIN: u32 = 10;
/// A clock put back by less than this is the ordinary correction.
const BACK_MS_MIN: i64 = SECOND_MS;
/// First wait after the notification service did not take a reminder; doubled each time.
const RETRY_MS_MIN: i64 = 30 * SECOND_MS;
const RETRY_MS_MAX: i64 = 10 * MINUTE_MS;
/// How long live sessions stand as they were read.
const LIVE_KEPT_MS: i64 = 5 * MINUTE_MS;

/// What the reminders remember while the program runs.
#[derive(Debug, Default)]
pub(crate) struct ReminderState {
    last_look: Option<UtcMs>,
    retry: Option<(UtcMs, i64)>,
    /// Live sessions as last read, and when.
    live: Option<(UtcMs, Vec<Subject>)>,
}

impl ReminderState {
    /// By how much the clock was put back since the last look, if it was.
    fn arrive(&mut self, now: UtcMs) -> Option<i64> {
        let back_ms = self.last_look.map(|last| last.ms_since(now)).filter(|ms| *ms > BACK_MS_MIN);
        self.last_look = Some(now);
        if back_ms.is_some() {
            self.retry = None;
        }
        back_ms
    }

    fn failed(&mut self, now: UtcMs) {
        let wait_ms = self.retry.map_or(RETRY_MS_MIN, |(_, wait_ms)| wait_ms.saturating_mul(2).min(RETRY_MS_MAX));
        self.retry = Some((now.plus_ms(wait_ms), wait_ms));
    }

    fn is_waiting(&self, now: UtcMs) -> bool {
        self.retry.is_some_and(|(at, _)| at > now)
    }

    /// What was read lately; nothing after the clock was put back.
    fn live(&self, now: UtcMs) -> Option<Vec<Subject>> {
        let (read_at, found) = self.live.as_ref()?;
        (0..LIVE_KEPT_MS).contains(&now.ms_since(*read_at)).then(|| found.clone())
    }

    fn keep_live(&mut self, found: Vec<Subject>, now: UtcMs) {
        self.live = Some((now, found));
    }

    /// A calendar that is read was changed.
    pub(crate) fn forget_live(&mut self) {
        self.live = None;
    }

    /// A notification service came.
    pub(crate) fn retry_now(&mut self) {
        self.retry = None;
    }
}

/// A reminder as shown, with whether what it reminds of can be opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ReminderView {
    #[serde(flatten)]
    #[ts(flatten)]
    pub reminder: ReminderRecord,
    /// Nobody has dealt with it, and it is not over.
    pub open: bool,
}

impl ReminderView {
    pub(crate) fn new(reminder: ReminderRecord) -> Self {
        let open = reminder.acknowledged_at.is_none() && reminder.ended_at.is_none();
        Self { reminder, open }
    }
}

/// Takes what is due and shows it. Answers how many rang.
///
/// # Errors
/// The store's.
pub async fn look(engine: &Arc<Engine>) -> Result<usize, EngineError> {
    let now = engine.now();
    let back_ms = guard(&engine.reminders).arrive(now);
    if let Some(by_ms) = back_ms {
        engine.read(move |store| store.shift_reminder_waits(by_ms, now)).await?;
    }
    let subjects = subjects::subjects(engine, now).await?;
    let settings = engine.bell_settings();
    let judge = Arc::clone(&settings);
    let held = move |_: &Subject| judge.held_until(Priority::Routine, now);
    let raised = engine.read(move |store| store.raise_reminders(subjects, now, held)).await?;
    let released =
        engine.read(move |store| store.release_reminders(now, move |_| settings.held_until(Priority::Routine, now))).await?;
    if raised.is_changed || !raised.raised.is_empty() {
        engine.emit(DeskEvent::RemindersChanged);
    }
    let mut rung: Vec<ReminderRecord> = raised.raised.into_iter().filter(|reminder| reminder.held_until.is_none()).collect();
    rung.extend(released);
    show::ring(engine, rung, now).await
}

/// What the last run left: reminders of which nobody knows whether they were seen ring in the app only; those that it wrote
/// down and did not show are owed, and ring with the first look.
///
/// # Errors
/// The store's.
pub async fn catch_up(engine: &Arc<Engine>) -> Result<(), EngineError> {
    let doubtful = engine.read(Store::take_doubtful_reminders).await?;
    show::tell_app(engine, &doubtful, engine.now());
    Ok(())
}

/// When there is something to be done next.
///
/// # Errors
/// The store's.
pub async fn next_look(engine: &Arc<Engine>) -> Result<Option<UtcMs>, EngineError> {
    let now = engine.now();
    let subjects = subjects::subjects(engine, now).await?;
    let waiting = engine.read(Store::next_reminder_wait).await?;
    let retry = guard(&engine.reminders).retry.map(|(at, _)| at);
    Ok([next_due(&subjects, now), waiting, retry].into_iter().flatten().min())
}

/// What a person pressed on a notification. One that is over meanwhile does not keep the others.
pub(crate) async fn act(engine: &Arc<Engine>, response: &NotificationResponse) -> Result<(), EngineError> {
    let notification = &response.notification;
    if response.action == NotificationAction::Open {
        match (&notification.visit, notification.ticket_id) {
            (Some(key), _) => engine.emit(DeskEvent::OpenVisit { key: key.clone() }),
            (None, Some(ticket)) => engine.open_ticket(ticket),
            (None, None) => {}
        }
        return Ok(());
    }
    for id in &notification.reminder_ids {
        let done = match response.action {
            NotificationAction::Snooze => engine.snooze_reminder(*id, SNOOZE_MIN).await,
            _ => engine.acknowledge_reminder(*id).await,
        };
        if let Err(error) = done
            && error.code != Code::InputInvalid
        {
            return Err(error);
        }
    }
    Ok(())
}

impl Engine {
    /// Reminders: those that stand, soonest first; or all that were told, newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn reminders(&self, open_only: bool) -> Result<Vec<ReminderView>, EngineError> {
        let found = self.read(move |store| store.reminders(open_only)).await?;
        Ok(found.into_iter().map(ReminderView::new).collect())
    }

    /// One reminder, whatever became of it.
    ///
    /// # Errors
    /// The store's.
    pub async fn reminder(&self, id: i64) -> Result<Option<ReminderView>, EngineError> {
        Ok(self.read(move |store| store.reminder(id)).await?.map(ReminderView::new))
    }

    /// # Errors
    /// `input_invalid` when there is no such reminder.
    pub async fn acknowledge_reminder(&self, id: i64) -> Result<(), EngineError> {
        let now = self.now();
        self.read(move |store| store.acknowledge_reminder(id, now)).await?;
        self.emit(DeskEvent::RemindersChanged);
        Ok(())
    }

    /// Rings again in so many minutes, at the start at the latest.
    ///
    /// # Errors
    /// `input_invalid` for no minutes, or no such reminder.
    pub async fn snooze_reminder(&self, id: i64, minutes: u32) -> Result<(), EngineError> {
        if minutes == 0 {
            return Err(EngineError::new(Code::InputInvalid).arg("field", "minutes"));
        }
        let now = self.now();
        let until = now.plus_ms(i64::from(minutes) * MINUTE_MS);
        self.read(move |store| store.snooze_reminder(id, until, now)).await?;
        self.sla_wake.notify_one();
        self.emit(DeskEvent::RemindersChanged);
        Ok(())
    }
}
