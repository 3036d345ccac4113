//! One server over HTTP: limits, failures by name, nothing secret in any text.
//!
//! Owns: which endpoints are acceptable, how long and how much is waited for and read, and what a
//! failure is called. Must not know: any provider's paths or shapes. Invariants: no error text holds
//! a header, a query, a body or a secret; a failure says whether bytes may have left the machine.

mod answer;
mod budget;
mod failure;
mod transfer;

use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Once};
use std::time::Duration;

use deskbell_domain::UtcMs;
use deskbell_domain::error::Code;
use deskbell_domain::ticket::AccountOptions;
use reqwest::{Client, Url, redirect};
pub use reqwest::{Method, RequestBuilder};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::RemoteError;
pub use answer::{Answer, RETRY_AFTER_MS_MAX};
pub use budget::{BUDGET_WAIT_MS_MAX, Budget};
pub use failure::SendFailure;
pub use transfer::{PIECE_BYTES, TRANSFER_IDLE_MS_MAX, TRANSFER_TIMEOUT_MS};

/// Time to a connection, name resolution and TLS included.
pub const CONNECT_TIMEOUT_MS: u64 = 10_000;
/// Time from the first byte sent to the last byte read.
pub const TOTAL_TIMEOUT_MS: u64 = 60_000;
/// Most bytes of one answer, after decompression.
pub const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Most requests in flight to one server.
pub const CONNECTIONS_MAX: usize = 4;
/// Idle connections are dropped after this, before most servers drop them under a request.
pub const IDLE_MS_MAX: u64 = 1_500;
/// How long a connection is counted after its answer was read.
pub const SETTLE_MS: u64 = 4;
/// How often a read is repeated at once when a kept connection turns out to be dead.
pub const READ_REPEATS_MAX: usize = 1;
/// Longest endpoint text.
pub const ENDPOINT_CHARS_MAX: usize = 2_048;

/// How far a client goes; [`Limits::default`] holds the constants of this module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub connect_timeout_ms: u64,
    pub total_timeout_ms: u64,
    pub body_bytes_max: usize,
    pub connections_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect_timeout_ms: CONNECT_TIMEOUT_MS,
            total_timeout_ms: TOTAL_TIMEOUT_MS,
            body_bytes_max: BODY_BYTES_MAX,
            connections_max: CONNECTIONS_MAX,
        }
    }
}

/// A client of one server. Cheap to clone; clones share connections and the limit on them.
#[derive(Clone)]
pub struct HttpClient {
    client: Client,
    base: Url,
    host: Arc<str>,
    limits: Limits,
    permits: Arc<Semaphore>,
    budget: Option<Arc<Budget>>,
    /// The server's clock less ours, from its last Date header.
    offset_ms: Arc<AtomicI64>,
}

impl HttpClient {
    /// A client with the default limits. Nothing is sent.
    ///
    /// # Errors
    /// `endpoint_invalid`, `plain_http_refused`; `certificate_invalid` when this machine has no
    /// certificate authorities to check https with.
    pub fn new(endpoint: &str) -> Result<Self, RemoteError> {
        Self::with_limits(endpoint, Limits::default())
    }

    /// As [`Self::new`], with other limits.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_limits(endpoint: &str, limits: Limits) -> Result<Self, RemoteError> {
        let base = parse_endpoint(endpoint)?;
        let host: Arc<str> = match (base.host_str().unwrap_or_default(), base.port()) {
            (name, Some(port)) => format!("{name}:{port}").into(),
            (name, None) => name.into(),
        };
        install_tls_provider();
        let mut builder = Client::builder()
            .user_agent(concat!("Deskbell/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(Duration::from_millis(limits.connect_timeout_ms))
            .timeout(Duration::from_millis(limits.total_timeout_ms))
            .pool_max_idle_per_host(limits.connections_max)
            .pool_idle_timeout(Duration::from_millis(IDLE_MS_MAX))
            .tcp_nodelay(true);
        if is_loopback(&base) {
            builder = builder.no_proxy();
        }
        if base.scheme() == "http" {
            // Plain http needs no authorities, and a machine without any must still reach its loopback.
            builder = builder.tls_certs_only([]);
        }
        let client = builder
            .build()
            .map_err(|_| RemoteError::new(Code::CertificateInvalid, "this machine offers no certificate authorities"))?;
        let permits = Arc::new(Semaphore::new(limits.connections_max.max(1)));
        Ok(Self { client, base, host, limits, permits, budget: None, offset_ms: Arc::default() })
    }

    /// A client for an account: its own limits, or `requests_per_minute` and the defaults where it sets none.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn for_account(endpoint: &str, options: &AccountOptions, requests_per_minute: Option<u32>) -> Result<Self, RemoteError> {
        let connections_max = options.connections_max.map_or(CONNECTIONS_MAX, |most| most.max(1) as usize);
        let mut client = Self::with_limits(endpoint, Limits { connections_max, ..Limits::default() })?;
        client.budget = options.requests_per_minute.or(requests_per_minute).map(|most| Arc::new(Budget::new(most)));
        Ok(client)
    }

    /// Most requests a minute; `None` where nothing counts them.
    #[must_use]
    pub fn requests_per_minute(&self) -> Option<u32> {
        self.budget.as_ref().map(|budget| budget.requests_per_minute())
    }

    /// Waits for the account's turn: first its budget, then a connection.
    async fn enter(&self) -> Result<Place, RemoteError> {
        if let Some(budget) = &self.budget {
            budget.take().await?;
        }
        let permit = self.permits.clone().acquire_owned().await;
        permit.map(|permit| Place(Some(permit))).map_err(|_| RemoteError::new(Code::Internal, "the client is closed"))
    }

    /// Host and, where it is not the scheme's own, port: what logs and details name the server by.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The address of `path` below the base; a leading slash is the base, not the root of the host.
    ///
    /// # Errors
    /// `internal` when the path does not join.
    pub fn url(&self, path: &str) -> Result<Url, RemoteError> {
        let url = self.base.join(&format!("./{}", path.trim_start_matches('/')));
        match url {
            Ok(url) if url.origin() == self.base.origin() => Ok(url),
            _ => Err(RemoteError::new(Code::Internal, "a path did not join the endpoint")),
        }
    }

    /// A request below the base, to be completed and passed to [`Self::send`] or [`Self::read`].
    ///
    /// # Errors
    /// As [`Self::url`].
    pub fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, RemoteError> {
        Ok(self.client.request(method, self.url(path)?))
    }

    /// Sends once and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// [`SendFailure::NotSent`] when nothing reached the server (`rate_limited` when the account's budget is used up for
    /// longer than is waited out), [`SendFailure::MaybeSent`] otherwise.
    pub async fn send(&self, request: RequestBuilder) -> Result<Answer, SendFailure> {
        let _permit = self.enter().await.map_err(SendFailure::NotSent)?;
        let response = request.send().await.map_err(|error| failure::classify_request(&self.host, &error))?;
        if let Some(offset_ms) = answer::offset_ms(response.headers()) {
            self.offset_ms.store(offset_ms, Ordering::Relaxed);
        }
        answer::read(&self.host, response, self.limits.body_bytes_max).await.map_err(SendFailure::MaybeSent)
    }

    /// From when on the server may hold what was made here at `created_at`, by the server's clock: ours may have been set
    /// since, or be hours off. `skew_ms` is taken off for what Date headers do not tell.
    #[must_use]
    pub fn since(&self, created_at: UtcMs, skew_ms: i64) -> UtcMs {
        let made_at = created_at.0.min(answer::clock_ms());
        UtcMs(made_at).plus_ms(self.offset_ms.load(Ordering::Relaxed) - skew_ms)
    }

    /// Sends a request that changes nothing on the server; a kept connection that died under it is
    /// replaced and the request repeated, at most [`READ_REPEATS_MAX`] times.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn read(&self, request: RequestBuilder) -> Result<Answer, RemoteError> {
        let mut current = request;
        for _ in 0..READ_REPEATS_MAX {
            let Some(spare) = current.try_clone() else { break };
            match self.send(current).await {
                Err(SendFailure::MaybeSent(error)) if error.code == Code::ConnectionLost => current = spare,
                other => return Ok(other?),
            }
        }
        Ok(self.send(current).await?)
    }
}

/// One of the account's connections while a request has it.
struct Place(Option<OwnedSemaphorePermit>);

impl Drop for Place {
    /// A connection is idle again, or closed, a moment after its answer was read: a request that came within that moment would
    /// open one more beside it.
    fn drop(&mut self) {
        let Some(permit) = self.0.take() else { return };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            drop(runtime.spawn(async move {
                tokio::time::sleep(Duration::from_millis(SETTLE_MS)).await;
                drop(permit);
            }));
        }
    }
}

/// Reads an endpoint and applies the rule on plain http.
fn parse_endpoint(endpoint: &str) -> Result<Url, RemoteError> {
    let invalid = |why: &str| RemoteError::new(Code::EndpointInvalid, why);
    let text = endpoint.trim();
    if text.len() > ENDPOINT_CHARS_MAX {
        return Err(invalid("longer than any address"));
    }
    let mut url = Url::parse(text).map_err(|error| invalid(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid("neither https nor http"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(invalid("no host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("user and password do not belong into the address"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid("an address of a server has no query and no fragment"));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(RemoteError::new(Code::PlainHttpRefused, "plain http is for this machine only"));
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    // RFC 6761, 6.3: names under localhost are loopback.
    let named = host == "localhost" || host.ends_with(".localhost");
    named || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn install_tls_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if rustls::crypto::ring::default_provider().install_default().is_err() {
            tracing::debug!("A TLS provider was installed before.");
        }
    });
}

#[cfg(test)]
mod tests;
