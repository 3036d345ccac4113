//! Before every operation: what a test ordered to fail, the throttle, and the signature.

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDateTime;
use deskbell_domain::UtcMs;
use deskbell_domain::time::MINUTE_MS;
use sha2::{Digest, Sha256};

use super::answer::Fault;
use super::canonical::{self, Authorization};
use super::{BODY_BYTES_MAX, Desk};
use crate::clock;
use crate::faults::{self, Fault as Ordered};
use crate::store::files::hex;

const VERSION: &str = "2021-06-10";
/// A request may be this much younger or older than it says.
const CLOCK_SKEW_MS_MAX: i64 = 15 * MINUTE_MS;
/// Signed whatever the operation; `content-type` and other `x-acs-` headers when they are there.
const SIGNED_ALWAYS: [&str; 6] =
    ["host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"];

/// What the operation is called and its body, once the signature held.
#[derive(Debug, Clone)]
pub(super) struct Signed {
    pub(super) action: String,
}

pub(super) async fn gate(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let action = header(request.headers(), "x-acs-action");
    let ordered = desk.shared.faults.take(request.method().as_str(), &format!("/{action}"));
    let words = |fault: &Ordered| match fault {
        Ordered::RateLimited { retry_after } => Fault::Throttled { after_ms: retry_after.clone() }.into_response(),
        Ordered::Unavailable { .. } => Fault::gateway(503, "ServiceUnavailable", "The service is unavailable.").into_response(),
        _ => Fault::gateway(500, "InternalError", "The request processing has failed due to some unknown error.").into_response(),
    };
    let inner = desk.clone();
    let run = move |request: Request| {
        let (desk, next) = (inner.clone(), next.clone());
        async move { checked(desk, request, next).await }
    };
    faults::carry_out(ordered, &desk.shared.answers, request, run, words).await
}

async fn checked(desk: Desk, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_BYTES_MAX).await else {
        return Fault::gateway(413, "RequestTooLarge", "The body is too large, or broke off.").into_response();
    };
    let query = parts.uri.query().unwrap_or_default();
    if let Err(fault) = desk.verify(parts.method.as_str(), query, &parts.headers, &body) {
        return fault.into_response();
    }
    if let Some(limit) = desk.config.rate_limit
        && let Err(wait) = desk.throttle.admit(limit)
    {
        return Fault::Throttled { after_ms: wait.as_millis().to_string() }.into_response();
    }
    let action = header(&parts.headers, "x-acs-action");
    let mut request = Request::from_parts(parts, Body::from(body));
    request.extensions_mut().insert(Signed { action });
    next.run(request).await
}

pub(super) fn header(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().trim().to_owned()
}

fn incomplete(message: impl Into<String>) -> Fault {
    Fault::gateway(400, "IncompleteSignature", message)
}

/// Every header that has to be signed is.
fn check_signed_headers(headers: &HeaderMap, authorization: &Authorization) -> Result<(), Fault> {
    let is_signed = |name: &str| authorization.signed_headers.iter().any(|signed| signed == name);
    for name in SIGNED_ALWAYS {
        if !headers.contains_key(name) || !is_signed(name) {
            return Err(incomplete(format!("{name} has to be there and signed.")));
        }
    }
    let matters = |name: &str| name == "content-type" || name.starts_with("x-acs-");
    if let Some(name) = headers.keys().map(axum::http::HeaderName::as_str).find(|name| matters(name) && !is_signed(name)) {
        return Err(incomplete(format!("{name} has to be signed.")));
    }
    let sorted = authorization.signed_headers.is_sorted();
    let lower = authorization.signed_headers.iter().all(|name| name.bytes().all(|byte| !byte.is_ascii_uppercase()));
    if sorted && lower { Ok(()) } else { Err(incomplete("SignedHeaders are lower-case names in their order.")) }
}

fn check_date(text: &str, now: UtcMs) -> Result<(), Fault> {
    let Ok(date) = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%SZ") else {
        return Err(Fault::gateway(400, "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted."));
    };
    if now.ms_since(UtcMs(date.and_utc().timestamp_millis())).abs() > CLOCK_SKEW_MS_MAX {
        return Err(Fault::gateway(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."));
    }
    Ok(())
}

impl Desk {
    fn verify(&self, method: &str, query: &str, headers: &HeaderMap, body: &Bytes) -> Result<(), Fault> {
        let authorization = Authorization::parse(&header(headers, "authorization"))
            .ok_or_else(|| incomplete("The Authorization header is missing or not of ACS3-HMAC-SHA256."))?;
        let now = clock::now();
        let secret = self.secret(&authorization.access_key_id, headers, now)?;
        check_signed_headers(headers, &authorization)?;
        if header(headers, "x-acs-version") != VERSION {
            return Err(Fault::gateway(404, "InvalidVersion", "Specified parameter Version is not valid."));
        }
        check_date(&header(headers, "x-acs-date"), now)?;
        let body_hash = hex(&Sha256::digest(body));
        let expected = canonical::signature(method, query, headers, &authorization.signed_headers, &body_hash, secret);
        // A body that is not the hashed one gives another signature, whatever the header says.
        let is_whole = header(headers, "x-acs-content-sha256") == body_hash;
        if !is_whole || !canonical::is_same(&expected, &authorization.signature) {
            let message = "Specified signature does not match our calculation.";
            return Err(Fault::gateway(400, "SignatureDoesNotMatch", message));
        }
        // Last, so that only the owner of the key can use nonces up.
        let nonce = header(headers, "x-acs-signature-nonce");
        if nonce.is_empty() || !self.nonces.take(&nonce, now) {
            return Err(Fault::gateway(400, "SignatureNonceUsed", "Specified signature nonce was used already."));
        }
        Ok(())
    }

    /// The secret of an access key, and that its token is the right one.
    fn secret(&self, access_key_id: &str, headers: &HeaderMap, now: UtcMs) -> Result<&str, Fault> {
        let token = headers.contains_key("x-acs-security-token").then(|| header(headers, "x-acs-security-token"));
        let unknown = || Fault::gateway(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.");
        if access_key_id == self.config.access_key_id {
            return match token {
                None => Ok(&self.config.access_key_secret),
                Some(_) => {
                    let message = "Specified SecurityToken mismatch with the AccessKey.";
                    Err(Fault::gateway(400, "InvalidSecurityToken.MismatchWithAccessKey", message))
                }
            };
        }
        let sts = self.config.sts.as_ref().filter(|sts| sts.access_key_id == access_key_id).ok_or_else(unknown)?;
        // Without its token a temporary key is no key.
        let token = token.ok_or_else(unknown)?;
        if !canonical::is_same(&token, &sts.security_token) {
            return Err(Fault::gateway(400, "InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed."));
        }
        if now.0 >= sts.expires_at_ms {
            return Err(Fault::gateway(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired."));
        }
        Ok(&sts.access_key_secret)
    }
}
