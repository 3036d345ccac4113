//! Failures on order, for tests of clients: each is used up by the request it hits.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use futures::StreamExt as _;
use tokio::sync::broadcast;

/// Faults that can wait at once.
pub const FAULTS_MAX: usize = 1_000;

/// Longest body that a fault handles, in bytes.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Between the last byte of a broken answer and the end of its connection.
const BREAK_WAIT: Duration = Duration::from_millis(30);

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

    /// Faults that no request has met yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub(crate) fn take(&self, method: &str, path: &str) -> Option<Fault> {
        let mut orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = orders.iter().position(|order| order.method == method && path.contains(&order.path_part))?;
        orders.remove(place).map(|order| order.fault)
    }
}

/// Runs a request as ordered; `words` gives the answer of a fault that comes before or instead of the request's own.
pub(crate) async fn carry_out<F: Future<Output = Response>>(
    ordered: Option<Fault>,
    answers: &broadcast::Sender<()>,
    request: Request,
    run: impl Fn(Request) -> F,
    words: impl Fn(&Fault) -> Response,
) -> Response {
    let response = match ordered {
        None => run(request).await,
        Some(fault @ (Fault::FailsBefore | Fault::RateLimited { .. } | Fault::Unavailable { .. })) => words(&fault),
        Some(fault @ Fault::FailsAfterCommit) => {
            drop(run(request).await);
            words(&fault)
        }
        Some(Fault::Delayed(wait)) => {
            let response = run(request).await;
            tokio::time::sleep(wait).await;
            response
        }
        Some(Fault::HeldBack(wait)) => {
            tokio::time::sleep(wait).await;
            run(request).await
        }
        Some(Fault::Overtaken(wait)) => {
            let mut others = answers.subscribe();
            let response = run(request).await;
            // An error means that nobody came by in time.
            let _ = tokio::time::timeout(wait, others.recv()).await;
            response
        }
        Some(Fault::AnswerLost) => broken(run(request).await, 0).await,
        Some(Fault::Truncated) => broken(run(request).await, 2).await,
        Some(Fault::Duplicated) => twice(request, run, words).await,
    };
    // Nobody may be waiting.
    let _ = answers.send(());
    response
}

/// One part in `share` of the answer, and then a broken connection; 0 gives nothing of it.
async fn broken(response: Response, share: usize) -> Response {
    let (parts, body) = response.into_parts();
    let mut bytes = to_bytes(body, BODY_BYTES_MAX).await.unwrap_or_default();
    bytes.truncate(bytes.len().checked_div(share).unwrap_or(0));
    let is_all = bytes.is_empty();
    let some = futures::stream::iter((!is_all).then_some(Ok(bytes)));
    let end = futures::stream::once(async move {
        if !is_all {
            // What came before is to reach the other side.
            tokio::time::sleep(BREAK_WAIT).await;
        }
        Err(std::io::Error::other("the answer is lost"))
    });
    Response::from_parts(parts, Body::from_stream(some.chain(end)))
}

async fn twice<F: Future<Output = Response>>(
    request: Request,
    run: impl Fn(Request) -> F,
    words: impl Fn(&Fault) -> Response,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, BODY_BYTES_MAX).await else { return words(&Fault::Duplicated) };
    let first = Request::from_parts(parts.clone(), Body::from(bytes.clone()));
    let again = Request::from_parts(parts, Body::from(bytes));
    let _first_answer = to_bytes(run(first).await.into_body(), BODY_BYTES_MAX).await;
    run(again).await
}
