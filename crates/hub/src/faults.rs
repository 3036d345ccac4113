//! Failures on order, for tests of clients: each is used up by the request it hits.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Faults that can wait at once.
pub const FAULTS_MAX: usize = 1_000;

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The request takes effect, and the connection breaks before the answer.
    AnswerLost,
    /// The request takes effect, and the answer is a 500.
    FailsAfterCommit,
    /// A 500 before anything happened.
    FailsBefore,
    /// A 429 with this Retry-After.
    RateLimited { retry_after: String },
    /// A 503 with this Retry-After.
    Unavailable { retry_after: String },
    /// The request takes effect, and the answer comes this much later.
    Delayed(Duration),
    /// The request takes effect this much later than it came, so that later ones overtake it.
    HeldBack(Duration),
    /// The request takes effect, and its answer waits until another request was answered, at most this long.
    Overtaken(Duration),
    /// The request takes effect, and half of the answer arrives before the connection breaks.
    Truncated,
    /// The request arrives twice, as from a proxy that tries again; the second answer is given.
    Duplicated,
}

/// Hits the next request with this method whose path contains `path_part`.
#[derive(Debug, Clone)]
struct Order {
    method: String,
    path_part: String,
    fault: Fault,
}

/// Shared between a test and the server it started. Empty by default.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<VecDeque<Order>>>);

impl Faults {
    /// Orders a fault for one request; beyond [`FAULTS_MAX`] the oldest is forgotten.
    pub fn order(&self, method: &str, path_part: &str, fault: Fault) {
        let mut orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if orders.len() >= FAULTS_MAX {
            orders.pop_front();
        }
        orders.push_back(Order { method: method.to_owned(), path_part: path_part.to_owned(), fault });
    }

    pub(crate) fn take(&self, method: &str, path: &str) -> Option<Fault> {
        let mut orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = orders.iter().position(|order| order.method == method && path.contains(&order.path_part))?;
        orders.remove(place).map(|order| order.fault)
    }
}
