//! Which CalDAV calendar is the person's. The password lives with the other secrets.

use deskbell_calendar::caldav::CaldavClient;
use deskbell_domain::{Code, UtcMs};
use deskbell_store::{Store, StoreError};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::{CaldavDraft, CaldavState, CaldavView, CalendarContent, CheckedCalendars, FoundCalendar};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::events::DeskEvent;

const SETTING: &str = "caldav";
const SECRET: &str = "caldav-password";
/// Longest address or path, in characters.
const HREF_CHARS_MAX: usize = 2_000;

/// What is kept of the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) url: String,
    pub(super) user: String,
    pub(super) calendar_href: String,
    #[serde(default)]
    pub(super) calendar_name: String,
    pub(super) enabled: bool,
    #[serde(default)]
    pub(super) last_pushed_at: Option<UtcMs>,
    /// What keeps it from working before a person does something.
    #[serde(default)]
    pub(super) failed: Option<Code>,
}

pub(super) fn load(store: &Store) -> Result<Option<Kept>, StoreError> {
    let text = store.setting(SETTING)?.unwrap_or_default();
    if text.is_empty() {
        return Ok(None);
    }
    Ok(serde_json::from_str(&text)?)
}

pub(super) fn save(store: &Store, kept: Option<&Kept>) -> Result<(), StoreError> {
    let text = kept.map(serde_json::to_string).transpose()?.unwrap_or_default();
    store.put_setting(SETTING, &text)
}

impl Engine {
    /// The person's calendar, once one is set.
    ///
    /// # Errors
    /// The store's.
    pub async fn caldav(&self) -> Result<Option<CaldavView>, EngineError> {
        self.read(|store| {
            let Some(kept) = load(store)? else { return Ok(None) };
            let (waiting, retry_at, code) = store.calendar_waiting()?;
            let state = match (kept.enabled, kept.failed, waiting) {
                (false, _, _) => CaldavState::Off,
                (true, Some(_), _) => CaldavState::Failed,
                (true, None, 0) => CaldavState::Current,
                (true, None, _) => CaldavState::Waiting,
            };
            Ok(Some(CaldavView {
                url: kept.url,
                user: kept.user,
                calendar_href: kept.calendar_href,
                calendar_name: kept.calendar_name,
                enabled: kept.enabled,
                state,
                last_pushed_at: kept.last_pushed_at,
                waiting,
                retry_at: retry_at.filter(|at| at.0 > 0 && waiting > 0),
                code: kept.failed.or(code),
            }))
        })
        .await
    }

    /// Asks a server for its calendars, keeping nothing. Without a password the kept one is tried, at the kept address only.
    ///
    /// # Errors
    /// `endpoint_invalid`, `plain_http_refused`, `credentials_wrong`, `not_supported_server` where nothing speaks CalDAV,
    /// `calendar_missing` for a server without a calendar that takes events, codes of the connection.
    pub async fn check_caldav(&self, url: &str, user: &str, password: Option<String>) -> Result<CheckedCalendars, EngineError> {
        let password = self.caldav_password(url, user, password).await?;
        let client = CaldavClient::new(url, user, password)?;
        let found = client.calendars().await?;
        if found.is_empty() {
            return Err(EngineError::with_detail(Code::CalendarMissing, "the server has no calendar that takes events"));
        }
        let calendars = found.into_iter().map(|one| FoundCalendar { href: one.href, name: one.name }).collect();
        Ok(CheckedCalendars { calendars })
    }

    /// Keeps the calendar and begins to fill it. What was put into another one before is taken out of it as far as its server
    /// answers.
    ///
    /// # Errors
    /// `endpoint_invalid`, `plain_http_refused`, `value_missing` with the field, keyring and storage failures; nothing is
    /// changed then.
    pub async fn put_caldav(&self, draft: CaldavDraft) -> Result<CaldavView, EngineError> {
        for (field, text) in [("user", &draft.user), ("calendar_href", &draft.calendar_href)] {
            if text.trim().is_empty() {
                return Err(EngineError::new(Code::ValueMissing).arg("field", field));
            }
            if text.chars().count() > HREF_CHARS_MAX {
                return Err(EngineError::new(Code::TextTooLong).arg("field", field).arg("most", HREF_CHARS_MAX.to_string()));
            }
        }
        let password = self.caldav_password(&draft.url, &draft.user, draft.password.clone()).await?;
        // Judges the address before anything is kept.
        CaldavClient::new(&draft.url, &draft.user, password.clone())?;
        let before = self.read(load).await?;
        let is_other = |kept: &Kept| kept.url != draft.url.trim() || kept.calendar_href != draft.calendar_href.trim();
        let moved = before.as_ref().is_some_and(is_other);
        let _turn = self.calendar_turn.lock().await;
        if moved {
            self.empty_calendar().await?;
        }
        let keeper = self.keeper.clone();
        tokio::task::spawn_blocking(move || keeper.set(SECRET, &password)).await??;
        let kept = Kept {
            url: draft.url.trim().to_owned(),
            user: draft.user.trim().to_owned(),
            calendar_href: draft.calendar_href.trim().to_owned(),
            calendar_name: draft.calendar_name.trim().to_owned(),
            enabled: draft.enabled,
            last_pushed_at: before.filter(|_| !moved).and_then(|kept| kept.last_pushed_at),
            failed: None,
        };
        self.read(move |store| save(store, Some(&kept))).await?;
        self.read(Store::hasten_calendar).await?;
        self.calendar_changed();
        self.caldav().await?.ok_or_else(|| EngineError::new(Code::CalendarMissing))
    }

    /// Takes ours out of the calendar as far as its server answers, and forgets it and its password.
    ///
    /// # Errors
    /// Keyring and storage failures.
    pub async fn remove_caldav(&self) -> Result<(), EngineError> {
        let _turn = self.calendar_turn.lock().await;
        self.empty_calendar().await?;
        self.read(|store| save(store, None)).await?;
        let keeper = self.keeper.clone();
        tokio::task::spawn_blocking(move || keeper.delete(SECRET)).await??;
        self.emit(DeskEvent::CalendarsChanged);
        Ok(())
    }

    /// What is in the calendar of ours, and what waits, by uid.
    ///
    /// # Errors
    /// The store's.
    pub async fn calendar_contents(&self) -> Result<Vec<CalendarContent>, EngineError> {
        self.read(|store| {
            let items = store.calendar_items()?.into_iter();
            Ok(items
                .map(|item| CalendarContent {
                    state: if item.wanted.is_empty() {
                        "leaving"
                    } else if item.pushed == item.wanted {
                        "current"
                    } else {
                        "waiting"
                    },
                    uid: item.uid,
                    kind: item.kind,
                    href: item.href,
                    code: item.code,
                })
                .collect())
        })
        .await
    }

    pub(super) async fn caldav_client(&self, kept: &Kept) -> Result<CaldavClient, EngineError> {
        let password = self.caldav_password(&kept.url, &kept.user, None).await?;
        Ok(CaldavClient::new(&kept.url, &kept.user, password)?)
    }

    /// The one that was typed, or the kept one for the server and user that it was kept for: it goes nowhere else.
    async fn caldav_password(&self, url: &str, user: &str, typed: Option<String>) -> Result<SecretString, EngineError> {
        if let Some(typed) = typed {
            return Ok(SecretString::from(typed));
        }
        let missing = || EngineError::new(Code::ValueMissing).arg("field", "password");
        let kept = self.read(load).await?.ok_or_else(missing)?;
        if kept.url != url.trim() || kept.user != user.trim() {
            return Err(missing());
        }
        let keeper = self.keeper.clone();
        tokio::task::spawn_blocking(move || keeper.get(SECRET)).await??.ok_or_else(missing)
    }
}
