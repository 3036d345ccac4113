//! Before every request: the token, the rate, and failures that a test ordered.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::faults::Fault;
use crate::problem::Problem;
use crate::server::Shared;

/// Longest body that an ordered fault handles, in bytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Between the last byte of a broken answer and the end of its connection.
const BREAK_WAIT: Duration = Duration::from_millis(30);

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
    /// Counts a request; the whole seconds to wait when there were too many.
    fn admit(&self, limit: RateLimit) -> Result<(), u64> {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let (began, count) = match *window {
            Some((began, count)) if now.duration_since(began) < limit.window => (began, count),
            _ => (now, 0),
        };
        if count >= limit.requests {
            let left = limit.window.saturating_sub(now.duration_since(began));
            return Err(left.as_secs() + 1);
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
        && let Err(seconds) = shared.rate_window.admit(limit)
    {
        return Problem::RateLimited { retry_after: seconds.to_string() }.into_response();
    }
    let fault = shared.faults.take(request.method().as_str(), request.uri().path());
    let response = match fault {
        None => next.run(request).await,
        Some(Fault::Overtaken(wait)) => {
            let mut answers = shared.answers.subscribe();
            let response = next.run(request).await;
            // An error means that nobody came by in time.
            let _ = tokio::time::timeout(wait, answers.recv()).await;
            response
        }
        Some(fault) => fail(fault, request, next).await,
    };
    // Nobody may be waiting.
    let _ = shared.answers.send(());
    response
}

async fn fail(fault: Fault, request: Request, next: Next) -> Response {
    match fault {
        Fault::FailsBefore => Problem::Internal.into_response(),
        Fault::RateLimited { retry_after } => Problem::RateLimited { retry_after }.into_response(),
        Fault::Unavailable { retry_after } => Problem::Unavailable { retry_after }.into_response(),
        Fault::FailsAfterCommit => {
            drop(next.run(request).await);
            Problem::Internal.into_response()
        }
        Fault::Delayed(wait) => {
            let response = next.run(request).await;
            tokio::time::sleep(wait).await;
            response
        }
        Fault::HeldBack(wait) => {
            tokio::time::sleep(wait).await;
            next.run(request).await
        }
        Fault::Overtaken(_) => next.run(request).await,
        Fault::AnswerLost => broken(next.run(request).await, 0).await,
        Fault::Truncated => broken(next.run(request).await, 2).await,
        Fault::Duplicated => twice(request, next).await,
    }
}

/// One part in `share` of the answer, and then a broken connection; 0 gives nothing of it.
async fn broken(response: Response, share: usize) -> Response {
    let (parts, body) = response.into_parts();
    let mut bytes = axum::body::to_bytes(body, ANSWER_BYTES_MAX).await.unwrap_or_default();
    bytes.truncate(bytes.len().checked_div(share).unwrap_or(0));
    let some = futures::stream::iter((!bytes.is_empty()).then_some(Ok(bytes)));
    let end = futures::stream::once(async {
        // What came before is to reach the other side.
        tokio::time::sleep(BREAK_WAIT).await;
        Err(std::io::Error::other("the answer is lost"))
    });
    Response::from_parts(parts, Body::from_stream(futures::StreamExt::chain(some, end)))
}

async fn twice(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, ANSWER_BYTES_MAX).await else { return Problem::Internal.into_response() };
    let first = Request::from_parts(parts.clone(), Body::from(bytes.clone()));
    let again = Request::from_parts(parts, Body::from(bytes));
    let _first_answer = axum::body::to_bytes(next.clone().run(first).await.into_body(), ANSWER_BYTES_MAX).await;
    next.run(again).await
}
