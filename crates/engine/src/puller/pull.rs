//! One pull: pages applied, counted, and told to whoever watches.

use std::sync::Arc;

use deskbell_domain::UtcMs;
use deskbell_domain::ticket::AccountId;
use deskbell_remote::{PullPage, PullProgress};
use deskbell_store::PulledPage;

use super::PullReport;
use crate::engine::{Engine, guard};
use crate::error::EngineError;
use crate::events::{AccountActivity, Progress};

/// One pull under way.
pub(super) struct Pull<'a> {
    engine: &'a Arc<Engine>,
    account: AccountId,
    started_at: UtcMs,
    /// How far an earlier run of the same pull had come: the rate is that of this one.
    done_before: Option<u64>,
    pub(super) report: PullReport,
}

impl<'a> Pull<'a> {
    pub(super) fn new(engine: &'a Arc<Engine>, account: AccountId) -> Self {
        Self { engine, account, started_at: engine.now(), done_before: None, report: PullReport::default() }
    }

    pub(super) async fn apply(&mut self, pages: Vec<PullPage>) -> Result<(), EngineError> {
        let (engine, account, now) = (self.engine, self.account, self.engine.now());
        let on_pages: usize = pages.iter().map(|page| page.observations.tickets.len()).sum();
        let progress = pages.last().map(|page| page.progress);
        let brings_visits = pages.iter().any(|page| !page.visits.is_empty());
        self.report.pages += pages.len() as u64;
        let pages = pages.into_iter().map(|page| PulledPage {
            observations: page.observations,
            visits: page.visits,
            next_cursor: page.next_cursor,
            caught_up: page.caught_up,
        });
        let pages: Vec<PulledPage> = pages.collect();
        let applied = engine.read(move |store| store.apply_pages(account, pages, now)).await?;
        self.report.tickets_changed += applied.changed.len() as u64;
        self.report.notes_new += u64::from(applied.notes_new);
        if let Some(progress) = progress.filter(|progress| progress.full) {
            self.set_progress(progress, on_pages as u64).await;
        }
        if brings_visits {
            self.engine.emit_visits();
        }
        self.engine.after_observing(account, applied).await;
        Ok(())
    }

    async fn set_progress(&mut self, progress: PullProgress, on_page: u64) {
        let (done, total, full) = (progress.done, progress.total, progress.full);
        let done_before = *self.done_before.get_or_insert(done.saturating_sub(on_page));
        let elapsed_ms = self.engine.now().ms_since(self.started_at).max(1);
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let per_second = done.saturating_sub(done_before) as f64 * 1_000.0 / elapsed_ms as f64;
        let seconds_left = seconds_left(done, total, per_second);
        if let Some(connection) = guard(&self.engine.connections).get_mut(&self.account) {
            connection.activity = AccountActivity::Syncing;
            connection.progress = Some(Progress { done, total, full, per_second, seconds_left });
        }
        self.engine.emit_sync().await;
    }
}

/// Rounded up, so that it does not say 0 while there is something left.
fn seconds_left(done: u64, total: Option<u64>, per_second: f64) -> Option<u64> {
    let left = total?.saturating_sub(done);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a time for people, from a positive rate; the cast saturates"
    )]
    let seconds = (per_second > 0.0).then(|| (left as f64 / per_second).ceil() as u64);
    seconds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_rounded_up_and_silent_where_nothing_is_known() {
        assert_eq!(seconds_left(0, None, 100.0), None);
        assert_eq!(seconds_left(0, Some(50), 0.0), None);
        assert_eq!(seconds_left(99, Some(100), 100.0), Some(1));
        assert_eq!(seconds_left(100, Some(100), 100.0), Some(0));
    }
}
