//! An endpoint in the shape of Alibaba Cloud Workorder 2021-06-10, over the hub's own tickets.
//!
//! Owns: what a client of that API has to get right (signatures, shapes, limits, errors, signed addresses of files), as far
//! as it is documented. Must not know: anything of Deskbell's own API. Invariants: nothing is read or written for a request
//! whose signature does not hold; a nonce is taken once; internal notes never leave. Where the documentation is silent, the
//! choice is said at its place. Whoever holds the access key is the customer.

mod answer;
mod canonical;
mod gate;
mod list;
mod nonces;
mod objects;
mod operations;
mod parameters;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};

use crate::api::RateLimit;
use crate::server::Shared;
use nonces::Nonces;

/// Longest body of an operation, in bytes.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// What the endpoint needs.
#[derive(Debug, Clone)]
pub struct WorkorderConfig {
    /// Loopback; port 0 takes a free one.
    pub bind: SocketAddr,
    pub access_key_id: String,
    pub access_key_secret: String,
    /// A second key that counts only together with its token.
    pub sts: Option<StsKey>,
    /// The customer's account number: `CreatorId`, and the only `Uid` that is let through.
    pub uid: String,
    /// The name under which the customer writes.
    pub user_name: String,
    /// How long signed addresses of files hold.
    pub url_life: Duration,
    /// `None` throttles nothing.
    pub rate_limit: Option<RateLimit>,
}

/// A temporary key.
#[derive(Debug, Clone)]
pub struct StsKey {
    pub access_key_id: String,
    pub access_key_secret: String,
    pub security_token: String,
    /// Refused from then on; UTC milliseconds.
    pub expires_at_ms: i64,
}

impl WorkorderConfig {
    /// A free loopback port, no temporary key, no throttle, addresses that hold for an hour.
    #[must_use]
    pub fn new(access_key_id: impl Into<String>, access_key_secret: impl Into<String>) -> Self {
        Self {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            access_key_id: access_key_id.into(),
            access_key_secret: access_key_secret.into(),
            sts: None,
            uid: "1168025".to_owned(),
            user_name: "云上客户 Cloud customer".to_owned(),
            url_life: Duration::from_secs(3_600),
            rate_limit: None,
        }
    }
}

/// What all requests to the endpoint share.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) shared: Shared,
    config: Arc<WorkorderConfig>,
    nonces: Arc<Nonces>,
    throttle: Arc<crate::api::RateWindow>,
}

/// The operations at `/`, files at their signed addresses.
pub(crate) fn router(shared: Shared, config: WorkorderConfig) -> Router {
    let desk = Desk { shared, config: Arc::new(config), nonces: Arc::default(), throttle: Arc::default() };
    Router::new()
        .route("/", post(operations::dispatch))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(desk.clone(), gate::gate))
        .route("/objects/{key}", get(objects::get_object).put(objects::put_object).layer(DefaultBodyLimit::disable()))
        .route("/files/{id}/{name}", get(objects::get_file))
        .fallback(answer::no_such_place)
        .method_not_allowed_fallback(answer::method_unsupported)
        .with_state(desk)
}
