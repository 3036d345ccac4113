//! Nonces that were used.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use deskbell_domain::UtcMs;
use deskbell_domain::time::MINUTE_MS;

/// Nonces that are remembered at once.
const NONCES_MAX: usize = 100_000;
/// A request can be this much younger or older than it says, so a nonce matters for twice as long.
const KEPT_MS: i64 = 30 * MINUTE_MS;

#[derive(Debug, Default)]
struct Kept {
    known: BTreeSet<String>,
    by_age: VecDeque<(UtcMs, String)>,
}

#[derive(Debug, Default)]
pub(super) struct Nonces(Mutex<Kept>);

impl Nonces {
    /// Takes a nonce; false when it was taken before.
    pub(super) fn take(&self, nonce: &str, now: UtcMs) -> bool {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((at, _)) = kept.by_age.front() {
            if kept.by_age.len() < NONCES_MAX && now.ms_since(*at) < KEPT_MS {
                break;
            }
            if let Some((_, old)) = kept.by_age.pop_front() {
                kept.known.remove(&old);
            }
        }
        if !kept.known.insert(nonce.to_owned()) {
            return false;
        }
        kept.by_age.push_back((now, nonce.to_owned()));
        true
    }
}
