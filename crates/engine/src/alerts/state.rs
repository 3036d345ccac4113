//! What the bell remembers while the program runs; what must outlive it is in the store.

use std::sync::Arc;

use deskbell_domain::UtcMs;
use deskbell_domain::time::{MINUTE_MS, SECOND_MS};
use deskbell_store::records::AlertRecord;
use tokio::task::AbortHandle;

use super::Step;
use super::pace::Pace;
use crate::bell::BellSettings;
use crate::ports::NotificationSupport;

/// A notification service that is there is asked for what it can do again after this.
const SUPPORT_MS_MAX: i64 = 5 * MINUTE_MS;
/// First wait after the notification service did not take an alert; doubled each time.
const RETRY_MS_MIN: i64 = 30 * SECOND_MS;
const RETRY_MS_MAX: i64 = 10 * MINUTE_MS;
/// Calls to the notification service that have not come back; further alerts wait.
pub(crate) const CALLS_MAX: usize = 8;

#[derive(Default)]
pub(crate) struct BellState {
    pub(crate) settings: Arc<BellSettings>,
    pub(crate) pace: Pace,
    /// Raised by the last run and not shown; for the first look.
    pub(crate) backlog: Vec<AlertRecord>,
    last_look: Option<UtcMs>,
    looks: u64,
    support: Option<NotificationSupport>,
    retry: Option<Retry>,
    calls: Vec<AbortHandle>,
}

#[derive(Clone, Copy)]
struct Retry {
    at: UtcMs,
    wait_ms: i64,
}

impl BellState {
    pub(crate) fn new(settings: BellSettings) -> Self {
        Self { settings: Arc::new(settings), ..Self::default() }
    }

    /// A look begins.
    pub(crate) fn arrive(&mut self, now: UtcMs) -> Step {
        let step = Step::since(self.last_look, now);
        self.last_look = Some(now);
        self.looks += 1;
        if let Step::Back { .. } = step {
            self.pace = Pace::default();
            self.retry = self.retry.map(|retry| Retry { at: now, ..retry });
        }
        step
    }

    pub(crate) const fn looks(&self) -> u64 {
        self.looks
    }

    /// When something that is not in the store is to be done.
    pub(crate) fn next_at(&self) -> Option<UtcMs> {
        self.retry.map(|retry| retry.at).into_iter().chain(self.pace.next_at()).min()
    }

    /// Whether notifications that nobody took are to be tried again.
    pub(crate) fn may_retry(&self, now: UtcMs) -> bool {
        self.retry.is_some_and(|retry| retry.at <= now)
    }

    /// Nothing is tried until then.
    pub(crate) fn is_waiting(&self, now: UtcMs) -> bool {
        self.retry.is_some_and(|retry| retry.at > now)
    }

    /// The notification service did not take an alert, or there is none.
    pub(crate) fn failed(&mut self, now: UtcMs) {
        self.support = None;
        if self.is_waiting(now) {
            return;
        }
        let wait_ms = self.retry.map_or(RETRY_MS_MIN, |retry| retry.wait_ms.saturating_mul(2).min(RETRY_MS_MAX));
        self.retry = Some(Retry { at: now.plus_ms(wait_ms), wait_ms });
    }

    /// Nothing is owed, or it was taken.
    pub(crate) fn settled(&mut self) {
        self.retry = None;
    }

    /// A notification service came, or may have come.
    pub(crate) fn retry_now(&mut self, now: UtcMs) {
        self.support = None;
        self.retry = Some(Retry { at: now, wait_ms: RETRY_MS_MIN / 2 });
    }

    pub(crate) fn known_support(&self, now: UtcMs) -> Option<NotificationSupport> {
        let fresh = |support: &&NotificationSupport| {
            support.available && now.ms_since(support.checked_at).saturating_abs() <= SUPPORT_MS_MAX
        };
        self.support.as_ref().filter(fresh).cloned()
    }

    pub(crate) fn remember_support(&mut self, support: NotificationSupport, now: UtcMs) {
        self.support = Some(NotificationSupport { checked_at: now, ..support });
    }

    /// Calls that have not come back.
    pub(crate) fn calls(&mut self) -> usize {
        self.calls.retain(|call| !call.is_finished());
        self.calls.len()
    }

    pub(crate) fn called(&mut self, call: AbortHandle) {
        self.calls.push(call);
    }

    /// The desk closes.
    pub(crate) fn hang_up(&mut self) {
        for call in self.calls.drain(..) {
            call.abort();
        }
    }
}
