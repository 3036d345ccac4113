//! One round of syncing for hosts that do not stay: send what waits, then fetch what changed.

use std::sync::Arc;
use std::time::Duration;

use deskbell_domain::ticket::AccountId;
use serde::Serialize;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::puller::{PullReport, pull_once};
use crate::pusher::{PushReport, push_once};
use crate::sla_watch::recompute_stale;

/// How long sending may wait out back-offs and settle lost answers before the rest is left queued.
pub const PUSH_PATIENCE: Duration = Duration::from_secs(20);

/// What one round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct SyncReport {
    pub push: PushReport,
    pub pull: PullReport,
}

impl Engine {
    /// Sends, pulls unless the person stopped that, and computes clocks for one connected account.
    ///
    /// # Errors
    /// Why the server could not be reached; what was sent or pulled before stays.
    pub async fn sync_account_once(self: &Arc<Self>, account: AccountId) -> Result<SyncReport, EngineError> {
        // A first question tells a dead server apart before every queued edit runs into it.
        let paused = self.kept(account).paused;
        let pull_first = if paused { PullReport::default() } else { pull_once(self, account).await? };
        self.hasten_outbox(Some(account)).await;
        let push = self.send_all_once().await?;
        let mut pull = pull_first;
        if push.sent > 0 && !paused {
            let again = pull_once(self, account).await?;
            pull.pages += again.pages;
            pull.tickets_changed += again.tickets_changed;
            pull.notes_new += again.notes_new;
        }
        // Also what a run before this one pulled and did not get to read.
        crate::visits::carrier::look(self, None).await;
        self.fetch_expiring_once().await;
        recompute_stale(self).await?;
        Ok(SyncReport { push, pull })
    }

    /// Files go ahead of the operation that names them, and only the first of a ticket's queue is looked at: what lands makes
    /// way for the files of the next.
    async fn send_all_once(self: &Arc<Self>) -> Result<PushReport, EngineError> {
        let until = tokio::time::Instant::now() + PUSH_PATIENCE;
        let mut all = PushReport::default();
        loop {
            self.upload_once().await?;
            let left = until.saturating_duration_since(tokio::time::Instant::now());
            let push = push_once(self, left).await?;
            all = PushReport { sent: all.sent + push.sent, rejected: all.rejected + push.rejected, waiting: push.waiting };
            if push.sent + push.rejected == 0 || push.waiting == 0 {
                return Ok(all);
            }
        }
    }
}
