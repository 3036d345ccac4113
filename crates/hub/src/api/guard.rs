//! Before every request: the token, the rate, and failures that a test ordered.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::faults::{self, Fault};
use crate::problem::Problem;
use crate::server::Shared;

/// At most this many requests in each window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    pub requests: u32,
    pub window: Duration,
}

/// The window that runs, of the one token there is.
#[derive(Debug, Default)]
pub(crate) struct RateWindow(Mutex<Option<(Instant, u32)>>);

impl RateWindow {
    /// Counts a request; the time to wait when there were too many.
    pub(crate) fn admit(&self, limit: RateLimit) -> Result<(), Duration> {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let (began, count) = match *window {
            Some((began, count)) if now.duration_since(began) < limit.window => (began, count),
            _ => (now, 0),
        };
        if count >= limit.requests {
            return Err(limit.window.saturating_sub(now.duration_since(began)));
        }
        *window = Some((began, count + 1));
        Ok(())
    }
}

pub(crate) async fn guard(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let bearer = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    // Hashes are compared, so the time it takes says nothing about the token.
    let known = bearer.is_some_and(|token| Sha256::digest(token.as_bytes()) == shared.token_hash.into());
    if !known {
        return Problem::Unauthorized.into_response();
    }
    if let Some(limit) = shared.rate_limit
        && let Err(wait) = shared.rate_window.admit(limit)
    {
        return Problem::RateLimited { retry_after: (wait.as_secs() + 1).to_string() }.into_response();
    }
    let ordered = shared.faults.take(request.method().as_str(), request.uri().path());
    let words = |fault: &Fault| match fault {
        Fault::RateLimited { retry_after } => Problem::RateLimited { retry_after: retry_after.clone() }.into_response(),
        Fault::Unavailable { retry_after } => Problem::Unavailable { retry_after: retry_after.clone() }.into_response(),
        _ => Problem::Internal.into_response(),
    };
    let run = move |request: Request| {
        let next = next.clone();
        async move { next.run(request).await }
    };
    faults::carry_out(ordered, &shared.answers, request, run, words).await
}
