//! Setting the bell, and how it stands.

use std::sync::Arc;

use deskbell_domain::time::MINUTE_MS;
use deskbell_domain::{Code, UtcMs};
use deskbell_store::Store;
use serde::Serialize;
use ts_rs::TS;

use crate::bell::{BELL, BellSettings, DND_MS_MAX};
use crate::engine::{Engine, guard};
use crate::error::EngineError;
use crate::events::DeskEvent;
use crate::ports::NotificationSupport;

/// How the bell is set and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct BellView {
    pub settings: BellSettings,
    pub support: NotificationSupport,
    /// Quiet hours or do-not-disturb keep it still now.
    pub quiet_now: bool,
    /// Alerts kept back until they end.
    pub held: u32,
    /// When something is due next.
    pub next_due: Option<UtcMs>,
}

impl Engine {
    pub(crate) fn bell_settings(&self) -> Arc<BellSettings> {
        Arc::clone(&guard(&self.bell).settings)
    }

    /// Looks of the bell since the start: for whoever counts its wake-ups.
    #[must_use]
    pub fn bell_looks(&self) -> u64 {
        guard(&self.bell).looks()
    }

    /// How the bell stands.
    ///
    /// # Errors
    /// The store's.
    pub async fn bell(&self) -> Result<BellView, EngineError> {
        let support = self.notification_support().await;
        let (held, next_due) = self.read(|store| Ok((store.held_count()?, Store::next_alert_due(store)?))).await?;
        let settings = BellSettings::clone(&self.bell_settings());
        let quiet_now = settings.is_quiet(self.now());
        Ok(BellView { settings, support, quiet_now, held, next_due })
    }

    /// Sets the bell; alerts that are kept back are judged anew by it.
    ///
    /// # Errors
    /// `input_invalid` with the field; nothing is changed then.
    pub async fn put_bell(&self, settings: BellSettings) -> Result<BellView, EngineError> {
        settings.check()?;
        let now = self.now();
        let dnd_until = settings.dnd_until.filter(|end| *end > now).map(|end| end.min(now.plus_ms(DND_MS_MAX)));
        self.keep_bell(BellSettings { dnd_until, ..settings }).await?;
        self.read(move |store| {
            store.rejudge_held_alerts(now)?;
            store.rejudge_held_reminders(now)
        })
        .await?;
        self.sla_wake.notify_one();
        self.emit(DeskEvent::AlertsChanged);
        self.bell().await
    }

    /// Do not disturb for so many minutes from now; `None` ends it.
    ///
    /// # Errors
    /// `input_invalid` for no minutes or more than a week.
    pub async fn do_not_disturb(&self, minutes: Option<u32>) -> Result<BellView, EngineError> {
        let wait_ms = minutes.map(|minutes| i64::from(minutes) * MINUTE_MS);
        if wait_ms.is_some_and(|ms| ms == 0 || ms > DND_MS_MAX) {
            return Err(EngineError::with_detail(Code::InputInvalid, "1 minute to 7 days").arg("field", "minutes"));
        }
        let settings = BellSettings::clone(&self.bell_settings());
        self.put_bell(BellSettings { dnd_until: wait_ms.map(|ms| self.now().plus_ms(ms)), ..settings }).await
    }

    pub(super) async fn keep_bell(&self, settings: BellSettings) -> Result<(), EngineError> {
        let text =
            serde_json::to_string(&settings).map_err(|error| EngineError::with_detail(Code::Internal, error.to_string()))?;
        self.read(move |store| store.put_setting(BELL, &text)).await?;
        guard(&self.bell).settings = Arc::new(settings);
        Ok(())
    }
}
