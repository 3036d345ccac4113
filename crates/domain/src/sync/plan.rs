//! What to do next with an operation: pure, so every row of the table is a test.

use crate::error::Code;
use crate::sync::op::{OperationState, Outcome, ReadBack};
use crate::time::UtcMs;

/// First wait after a failure that may pass.
pub const BACKOFF_FIRST_MS: u64 = 1_000;
/// Longest wait between attempts.
pub const BACKOFF_CEILING_MS: u64 = 5 * 60 * 1_000;
/// How long after an attempt a "not landed" is believed: a slow server may still be committing.
pub const READ_BACK_SETTLE_MS: i64 = 5_000;

/// What the engine writes after hearing from the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextState {
    pub state: OperationState,
    /// Earliest next attempt or read-back.
    pub not_before: UtcMs,
    /// The wait is the server's wish (Retry-After): a network that comes back does not shorten it.
    pub imposed: bool,
    pub code: Option<Code>,
    pub detail: String,
}

/// Decides the state after an answer. `jitter` is in 0.0..1.0 and comes from the caller.
#[must_use]
pub fn plan_after_send(outcome: &Outcome, attempts: u32, now: UtcMs, jitter: f64) -> NextState {
    match outcome {
        Outcome::Sent(receipt) => NextState {
            state: OperationState::Sent,
            not_before: now,
            imposed: false,
            code: None,
            // What the server left out of it.
            detail: receipt.left_out.join("; "),
        },
        Outcome::Retry { after_ms, code } => {
            let wait_ms = after_ms.unwrap_or(0).max(backoff_ms(attempts, jitter));
            NextState {
                state: OperationState::Queued,
                not_before: later(now, wait_ms),
                imposed: after_ms.is_some(),
                code: Some(*code),
                detail: String::new(),
            }
        }
        Outcome::Rejected { code, detail } => NextState {
            state: OperationState::Rejected,
            not_before: now,
            imposed: false,
            code: Some(*code),
            detail: detail.clone(),
        },
        Outcome::VisitRefused(refusal) => NextState {
            state: OperationState::Rejected,
            not_before: now,
            imposed: false,
            code: Some(refusal.code),
            detail: refusal.detail.clone(),
        },
        Outcome::Unknown { code } => NextState {
            state: OperationState::Unknown,
            not_before: later(now, backoff_ms(attempts, jitter)),
            imposed: false,
            code: Some(*code),
            detail: String::new(),
        },
    }
}

/// Decides the state after a read-back. A "not landed" too close to the attempt is asked again.
#[must_use]
pub fn plan_after_read_back(found: &ReadBack, last_attempt_at: UtcMs, idempotent: bool, now: UtcMs) -> NextState {
    let settled_at = last_attempt_at.plus_ms(READ_BACK_SETTLE_MS);
    let (state, not_before) = match found {
        ReadBack::Landed(_) => (OperationState::Sent, now),
        ReadBack::NotLanded if idempotent || now >= settled_at => (OperationState::Queued, now),
        ReadBack::NotLanded => (OperationState::Unknown, settled_at),
    };
    NextState { state, not_before, imposed: false, code: None, detail: String::new() }
}

/// Exponential with full jitter on the upper half: between half and the whole of the doubled wait.
#[must_use]
pub fn backoff_ms(attempts: u32, jitter: f64) -> u64 {
    let doubled = BACKOFF_FIRST_MS.saturating_mul(1_u64.checked_shl(attempts.saturating_sub(1).min(20)).unwrap_or(u64::MAX));
    let ceiling = doubled.min(BACKOFF_CEILING_MS);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bounded by BACKOFF_CEILING_MS"
    )]
    let spread = (ceiling as f64 / 2.0 * jitter.clamp(0.0, 1.0)) as u64;
    ceiling / 2 + spread
}

fn later(now: UtcMs, wait_ms: u64) -> UtcMs {
    now.plus_ms(i64::try_from(wait_ms).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::op::Receipt;

    const NOW: UtcMs = UtcMs(1_000_000);

    #[test]
    fn every_answer_leads_to_one_state() {
        let table = [
            ("landed", Outcome::Sent(Receipt::default()), OperationState::Sent, 0),
            ("busy, says when", Outcome::Retry { after_ms: Some(9_000), code: Code::RateLimited }, OperationState::Queued, 9_000),
            ("busy, silent", Outcome::Retry { after_ms: None, code: Code::ServerFailed }, OperationState::Queued, 500),
            ("no", Outcome::Rejected { code: Code::Forbidden, detail: "no right".into() }, OperationState::Rejected, 0),
            ("no answer", Outcome::Unknown { code: Code::TimedOut }, OperationState::Unknown, 500),
        ];
        for (why, outcome, state, wait_ms) in table {
            let next = plan_after_send(&outcome, 1, NOW, 0.0);
            assert_eq!((next.state, next.not_before), (state, NOW.plus_ms(wait_ms)), "{why}");
        }
    }

    #[test]
    fn not_landed_is_believed_only_after_the_server_had_time_to_commit() {
        let just_now = plan_after_read_back(&ReadBack::NotLanded, NOW, false, NOW.plus_ms(10));
        assert_eq!((just_now.state, just_now.not_before), (OperationState::Unknown, NOW.plus_ms(READ_BACK_SETTLE_MS)));
        let settled = plan_after_read_back(&ReadBack::NotLanded, NOW, false, NOW.plus_ms(READ_BACK_SETTLE_MS));
        assert_eq!(settled.state, OperationState::Queued);
        let with_key = plan_after_read_back(&ReadBack::NotLanded, NOW, true, NOW.plus_ms(10));
        assert_eq!(with_key.state, OperationState::Queued);
    }

    #[test]
    fn waits_grow_and_stop_growing() {
        assert_eq!(backoff_ms(1, 0.0), 500);
        assert_eq!(backoff_ms(2, 1.0), 2_000);
        assert_eq!(backoff_ms(60, 1.0), BACKOFF_CEILING_MS);
    }
}
