//! How many requests an account may make: a token bucket, first come first served.
//!
//! Invariants: in no 60 seconds do more requests begin than the account allows; whoever asks first goes
//! first; a wait beyond the patience is refused at once and costs nothing.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use deskbell_domain::error::Code;
use tokio::time::Instant;

use crate::RemoteError;

/// Longest wait for the budget that is simply waited out, unless one request alone takes longer to come up.
pub const BUDGET_WAIT_MS_MAX: u64 = 5_000;
/// The part of a minute's requests that may go at once.
const BURST_SHARE: u32 = 4;
const MINUTE_MS: u64 = 60_000;

/// The requests of one account, whatever they are for.
#[derive(Debug)]
pub struct Budget {
    requests_per_minute: u32,
    burst: u32,
    interval: Duration,
    patience: Duration,
    /// When the bucket will be full again, as a schedule: everything granted so far is spaced out up to here.
    full_at: Mutex<Option<Instant>>,
}

impl Budget {
    /// At most `requests_per_minute` in any minute, a quarter of them at once. Zero counts as one.
    #[must_use]
    pub fn new(requests_per_minute: u32) -> Self {
        let requests_per_minute = requests_per_minute.max(1);
        let burst = (requests_per_minute / BURST_SHARE).max(1);
        let refill = u64::from((requests_per_minute - burst).max(1));
        let interval_ms = MINUTE_MS.div_ceil(refill);
        let patience = Duration::from_millis(BUDGET_WAIT_MS_MAX.max(2 * interval_ms));
        Self { requests_per_minute, burst, interval: Duration::from_millis(interval_ms), patience, full_at: Mutex::default() }
    }

    #[must_use]
    pub fn requests_per_minute(&self) -> u32 {
        self.requests_per_minute
    }

    /// Waits until the next request may begin. A place that was granted and is not used is lost.
    ///
    /// # Errors
    /// `rate_limited`, with the wait, when it would be longer than the patience.
    pub async fn take(&self) -> Result<(), RemoteError> {
        let wait = self.reserve(Instant::now())?;
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }

    fn reserve(&self, now: Instant) -> Result<Duration, RemoteError> {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let spaced_to = full_at.map_or(now, |at| at.max(now));
        let wait = spaced_to.saturating_duration_since(now).saturating_sub(self.interval * (self.burst - 1));
        if wait > self.patience {
            let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            let detail = format!("the account's budget of {} requests a minute is used up", self.requests_per_minute);
            return Err(RemoteError { retry_after_ms: Some(wait_ms), ..RemoteError::new(Code::RateLimited, detail) });
        }
        *full_at = Some(spaced_to + self.interval);
        Ok(wait)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_minute_holds_more_requests_than_allowed() {
        for per_minute in [1_u32, 2, 3, 10, 60, 61, 300, 1_000] {
            let budget = Budget::new(per_minute);
            let mut at = Vec::new();
            let start = Instant::now();
            while start.elapsed() < Duration::from_secs(200) {
                budget.take().await.unwrap();
                at.push(start.elapsed().as_millis());
            }
            let fullest = at.iter().map(|from| at.iter().filter(|one| (*from..from + 60_000).contains(one)).count()).max();
            assert!(fullest <= Some(per_minute as usize), "{per_minute}: {fullest:?}");
            assert!(at.len() >= (per_minute * 3 / 4) as usize * 3, "{per_minute}: the budget is used, {}", at.len());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn first_come_first_served_and_a_long_wait_is_told_instead() {
        let budget = Arc::new(Budget::new(60));
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for number in 0..40_u32 {
            let (budget, order) = (budget.clone(), order.clone());
            tasks.push(tokio::spawn(async move {
                let taken = budget.take().await;
                order.lock().unwrap().push(number);
                taken
            }));
            tokio::task::yield_now().await;
        }
        let mut refused = Vec::new();
        for (number, task) in tasks.into_iter().enumerate() {
            if let Err(error) = task.await.unwrap() {
                refused.push((number, error));
            }
        }
        // 15 at once, then one each 1,334 ms: three more within five seconds.
        let (first, error) = &refused[0];
        assert_eq!((*first, refused.len(), error.code), (18, 22, Code::RateLimited));
        assert!(error.retry_after_ms > Some(BUDGET_WAIT_MS_MAX) && error.retry_after_ms < Some(BUDGET_WAIT_MS_MAX + 1_400));
        let granted: Vec<u32> = order.lock().unwrap().iter().copied().filter(|number| *number < 18).collect();
        assert_eq!(granted, (0..18).collect::<Vec<_>>());
        // Those who were refused took nothing: the told wait is enough.
        tokio::time::sleep(Duration::from_millis(error.retry_after_ms.unwrap())).await;
        budget.take().await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn slow_budgets_are_waited_for_not_refused_for_ever() {
        let budget = Budget::new(4);
        for _ in 0..10 {
            budget.take().await.unwrap();
        }
    }
}
