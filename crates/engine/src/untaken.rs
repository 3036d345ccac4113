//! Alerts that no notification service took: they rang in the app, and wait for a service to come.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use deskbell_store::records::AlertRecord;

use crate::alerts;
use crate::engine::Engine;

/// Alerts kept for the next service; the oldest go first.
const UNTAKEN_MAX: usize = 1_000;

/// Ids of alerts, kept while the program runs: after a restart what is unseen is in the bell's list.
#[derive(Default)]
pub(crate) struct Untaken(Mutex<BTreeSet<i64>>);

impl Untaken {
    pub(crate) fn keep(&self, ids: &[i64]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(ids);
        while kept.len() > UNTAKEN_MAX {
            kept.pop_first();
        }
    }

    /// A later notification of the same alerts was taken.
    pub(crate) fn forget(&self, ids: &[i64]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for id in ids {
            kept.remove(id);
        }
    }

    fn take(&self) -> BTreeSet<i64> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Engine {
    /// A notification service came or went. One that came gets what the one before it did not take, as far as nobody has
    /// dealt with it meanwhile; it rang in the app already, so the app hears nothing of it.
    pub async fn notifier_changed(self: &Arc<Self>) {
        if !self.ports.notifier.support().await.available {
            return;
        }
        let untaken = self.untaken.take();
        if untaken.is_empty() {
            return;
        }
        let listed = self.read(|store| store.alerts(u32::try_from(UNTAKEN_MAX).unwrap_or(u32::MAX))).await;
        match listed {
            Ok(listed) => alerts::notify(self, &still_open(listed, &untaken)).await,
            Err(error) => tracing::error!(code = error.code.as_str(), "Alerts for a new notification service could not be read."),
        }
    }
}

fn still_open(listed: Vec<AlertRecord>, untaken: &BTreeSet<i64>) -> Vec<AlertRecord> {
    let unanswered = |alert: &AlertRecord| alert.acknowledged_at.is_none() && alert.snoozed_until.is_none();
    listed.into_iter().filter(|alert| untaken.contains(&alert.id) && unanswered(alert)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_first_and_what_was_taken_after_all_is_not_kept() {
        let untaken = Untaken::default();
        untaken.keep(&(0..1_001).collect::<Vec<i64>>());
        untaken.forget(&[500]);
        let kept = untaken.take();
        assert_eq!(kept.len(), UNTAKEN_MAX - 1);
        assert!(!kept.contains(&0) && !kept.contains(&500) && kept.contains(&1_000));
        assert!(untaken.take().is_empty());
    }
}
