//! Calendars that are read: live Q&A, which ships, and what a person adds by file or address.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use deskbell_calendar::read::{Calendar, Session};
use deskbell_calendar::{CALENDAR_BYTES_MAX, LIVE_QA, subscribe};
use deskbell_domain::diagnosis::{REMINDER_MIN_MAX, REMINDERS_MAX, TITLE_CHARS_MAX};
use deskbell_domain::time::DAY_MS;
use deskbell_domain::{Code, UtcMs};
use deskbell_store::{Store, StoreError, SubscriptionRecord};

use super::{LiveSession, Subscription, SubscriptionDraft};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::events::DeskEvent;

/// What stands in place of an address for calendars of ours.
const SHIPPED: &str = "shipped:";
/// Reminders of the live Q&A until the person sets others.
const LIVE_REMINDERS_MIN: [u32; 2] = [60, 10];
/// Longest span of one question.
const SPAN_MS_MAX: i64 = 400 * DAY_MS;
/// How far the next session is looked for.
const NEXT_MS_MAX: i64 = 366 * DAY_MS;
/// Most sessions of one answer, over all calendars.
const LIVE_SESSIONS_MAX: usize = 5_000;

impl Engine {
    /// The one that ships first.
    ///
    /// # Errors
    /// The store's.
    pub async fn subscriptions(&self) -> Result<Vec<Subscription>, EngineError> {
        let now = self.now();
        self.read(move |store| {
            ship(store)?;
            Ok(store.subscriptions()?.into_iter().map(|record| view(record, now)).collect())
        })
        .await
    }

    /// Changes a calendar, or adds one by its address, which is read first.
    ///
    /// # Errors
    /// `value_missing` without an address, `text_too_long`, `too_many`, `number_out_of_range`; those of the address and of what
    /// is read there; `subscription_unknown`. Nothing is kept then.
    pub async fn put_subscription(&self, draft: SubscriptionDraft) -> Result<Subscription, EngineError> {
        check(&draft)?;
        let reminders = sorted(draft.reminders.clone());
        let url = draft.url.trim().to_owned();
        let before = match draft.id {
            Some(id) => Some(self.read(move |store| store.subscription(id)).await?),
            None => None,
        };
        let kept_url = before.as_ref().map(|before| shown_url(before).to_owned()).unwrap_or_default();
        let mut record = before.unwrap_or_else(|| empty(String::new()));
        if !url.is_empty() && url != kept_url {
            if record.url.starts_with(SHIPPED) {
                return Err(EngineError::new(Code::InputInvalid).arg("field", "url"));
            }
            let (calendar, text) = subscribe::fetch(&url).await?;
            let fetched_at = Some(self.now());
            let name = if record.name.is_empty() { named(&calendar, &url) } else { record.name };
            record = SubscriptionRecord { url, body: text, name, fetched_at, code: None, ..record };
        } else if record.id == 0 {
            return Err(EngineError::new(Code::ValueMissing).arg("field", "url"));
        }
        if !draft.name.trim().is_empty() {
            draft.name.trim().clone_into(&mut record.name);
        }
        let record = SubscriptionRecord { enabled: draft.enabled, reminders, ..record };
        self.keep_subscription(record).await
    }

    /// Adds a calendar from a file, switched on and without reminders.
    ///
    /// # Errors
    /// `file_unreadable`, `calendar_too_large` before more than the limit is held, `calendar_unreadable`, `too_many`.
    pub async fn subscribe_to_file(&self, path: PathBuf) -> Result<Subscription, EngineError> {
        let read = move || {
            let text = read_file(&path)?;
            let calendar = Calendar::read(&text).map_err(of_calendar)?;
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            let text = String::from_utf8(text).map_err(|_| EngineError::new(Code::CalendarUnreadable))?;
            Ok::<_, EngineError>(SubscriptionRecord { name: named(&calendar, &stem), body: text, ..empty(String::new()) })
        };
        let record = tokio::task::spawn_blocking(read).await??;
        self.keep_subscription(record).await
    }

    /// # Errors
    /// `subscription_unknown`.
    pub async fn remove_subscription(&self, id: i64) -> Result<(), EngineError> {
        self.read(move |store| store.remove_subscription(id)).await?;
        self.emit(DeskEvent::CalendarsChanged);
        Ok(())
    }

    /// Reads a calendar again from its address. What was read before stays where that fails, with the reason beside it.
    ///
    /// # Errors
    /// `subscription_unknown`; `value_missing` for one without an address; why it could not be read.
    pub async fn refresh_subscription(&self, id: i64) -> Result<Subscription, EngineError> {
        let record = self.read(move |store| store.subscription(id)).await?;
        if shown_url(&record).is_empty() {
            return Err(EngineError::new(Code::ValueMissing).arg("field", "url"));
        }
        match subscribe::fetch(&record.url).await {
            Ok((_, body)) => {
                let fetched_at = Some(self.now());
                self.keep_subscription(SubscriptionRecord { body, fetched_at, code: None, ..record }).await
            }
            Err(error) => {
                self.keep_subscription(SubscriptionRecord { code: Some(error.code), ..record }).await?;
                Err(error.into())
            }
        }
    }

    /// Sessions of the calendars that are switched on and overlap `[from, to)`, the earliest first. Spans above 400 days are cut.
    ///
    /// # Errors
    /// The store's.
    pub async fn live_sessions(&self, from: UtcMs, to: UtcMs) -> Result<Vec<LiveSession>, EngineError> {
        let to = to.min(from.plus_ms(SPAN_MS_MAX));
        self.read(move |store| {
            ship(store)?;
            live_sessions_in(store, from, to)
        })
        .await
    }

    async fn keep_subscription(&self, record: SubscriptionRecord) -> Result<Subscription, EngineError> {
        let now = self.now();
        let kept = self.read(move |store| store.put_subscription(record)).await?;
        self.emit(DeskEvent::CalendarsChanged);
        Ok(view(kept, now))
    }
}

/// As [`Engine::live_sessions`], for the bell, which holds the store already.
pub(crate) fn live_sessions_in(store: &Store, from: UtcMs, to: UtcMs) -> Result<Vec<LiveSession>, StoreError> {
    let mut found = Vec::new();
    for record in store.subscriptions()?.into_iter().filter(|record| record.enabled) {
        let sessions = sessions_of(&record, from, to);
        found.extend(sessions.into_iter().map(|session| live(&record, session)));
    }
    found.sort_by(|one, other| (one.start, &one.uid).cmp(&(other.start, &other.uid)));
    found.truncate(LIVE_SESSIONS_MAX);
    Ok(found)
}

fn live(record: &SubscriptionRecord, session: Session) -> LiveSession {
    LiveSession {
        subscription: record.id,
        subscription_name: record.name.clone(),
        uid: session.uid,
        title: session.title,
        start: session.start,
        end: session.end,
        url: session.url,
        place: session.place,
        reminders: record.reminders.clone(),
    }
}

/// A calendar that was kept could be read; one that cannot any more shows nothing.
fn sessions_of(record: &SubscriptionRecord, from: UtcMs, to: UtcMs) -> Vec<Session> {
    match Calendar::read(record.body.as_bytes()) {
        Ok(calendar) => calendar.sessions(from, to, Tz::Asia__Shanghai).list,
        Err(error) => {
            tracing::error!(subscription = record.id, code = error.code.as_str(), "A kept calendar cannot be read.");
            Vec::new()
        }
    }
}

fn ship(store: &Store) -> Result<(), StoreError> {
    let calendar = Calendar::read(LIVE_QA.as_bytes());
    let name = calendar.map(|calendar| calendar.name().to_owned()).unwrap_or_default();
    let reminders = LIVE_REMINDERS_MIN.to_vec();
    let record = SubscriptionRecord { name, body: LIVE_QA.to_owned(), reminders, enabled: false, ..empty(SHIPPED.to_owned()) };
    store.ship_subscription(record)
}

fn empty(url: String) -> SubscriptionRecord {
    SubscriptionRecord {
        id: 0,
        name: String::new(),
        url,
        body: String::new(),
        reminders: Vec::new(),
        enabled: true,
        fetched_at: None,
        code: None,
    }
}

fn shown_url(record: &SubscriptionRecord) -> &str {
    if record.url.starts_with(SHIPPED) { "" } else { &record.url }
}

fn view(record: SubscriptionRecord, now: UtcMs) -> Subscription {
    let sessions = sessions_of(&record, now, now.plus_ms(NEXT_MS_MAX));
    Subscription {
        id: record.id,
        url: shown_url(&record).to_owned(),
        shipped: record.url.starts_with(SHIPPED),
        next_at: sessions.iter().map(|session| session.start).find(|start| *start >= now),
        name: record.name,
        enabled: record.enabled,
        reminders: record.reminders,
        fetched_at: record.fetched_at,
        code: record.code,
    }
}

fn named(calendar: &Calendar, otherwise: &str) -> String {
    let name = if calendar.name().is_empty() { otherwise } else { calendar.name() };
    name.chars().take(TITLE_CHARS_MAX).collect()
}

fn check(draft: &SubscriptionDraft) -> Result<(), EngineError> {
    let wrong = |code: Code, field: &str, most: u64| EngineError::new(code).arg("field", field).arg("most", most.to_string());
    if draft.name.chars().count() > TITLE_CHARS_MAX {
        return Err(wrong(Code::TextTooLong, "name", TITLE_CHARS_MAX as u64));
    }
    if draft.reminders.len() > REMINDERS_MAX {
        return Err(wrong(Code::TooMany, "reminders", REMINDERS_MAX as u64));
    }
    match draft.reminders.iter().find(|minutes| **minutes > REMINDER_MIN_MAX) {
        Some(minutes) => {
            let error = wrong(Code::NumberOutOfRange, "reminders", REMINDER_MIN_MAX.into());
            Err(error.arg("value", minutes.to_string()).arg("least", "0"))
        }
        None => Ok(()),
    }
}

fn sorted(mut minutes: Vec<u32>) -> Vec<u32> {
    minutes.sort_unstable_by(|one, other| other.cmp(one));
    minutes.dedup();
    minutes
}

/// Never more of a file than a calendar may have, whatever its length says.
fn read_file(path: &Path) -> Result<Vec<u8>, EngineError> {
    let unreadable = |error: std::io::Error| EngineError::with_detail(Code::FileUnreadable, error.to_string());
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let most = CALENDAR_BYTES_MAX as u64;
    let length = file.metadata().map_err(unreadable)?.len();
    let too_large =
        |length: u64| EngineError::with_detail(Code::CalendarTooLarge, format!("{length} bytes; the limit is {most}"));
    if length > most {
        return Err(too_large(length));
    }
    let mut text = Vec::new();
    file.take(most + 1).read_to_end(&mut text).map_err(unreadable)?;
    if text.len() as u64 > most { Err(too_large(text.len() as u64)) } else { Ok(text) }
}

pub(super) fn of_calendar(error: deskbell_calendar::CalendarError) -> EngineError {
    EngineError::with_detail(error.code, error.detail)
}
