//! A signed call and what its answer means.
//!
//! Invariant: every attempt has its own nonce, date and signature.

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::DateTime;
use deskbell_domain::UtcMs;
use deskbell_domain::error::Code;
use deskbell_domain::sync::op::Outcome;
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;

use super::call::Call;
use super::shape::{Envelope, Refusal};
use super::sign::{Credentials, Unsigned, canonical_query, sha256_hex};
use crate::RemoteError;
use crate::http::{Answer, HttpClient, SendFailure};

const VERSION: &str = "2021-06-10";
const FORM: &str = "application/x-www-form-urlencoded";
/// How often a question is asked anew, signed anew, when its connection died or its nonce was taken.
const REPEATS_MAX: usize = 2;

/// Why a call has no result, and whether it may have taken effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) error: RemoteError,
    pub(super) certainty: Certainty,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Certainty {
    /// Nothing happened, and trying later may help.
    NotYet,
    /// Nothing happened, and nothing will.
    Never,
    /// It may have taken effect.
    Perhaps,
}

impl Failure {
    fn new(certainty: Certainty, error: RemoteError) -> Self {
        Self { error, certainty }
    }

    pub(super) fn outcome(self) -> Outcome {
        let RemoteError { code, detail, retry_after_ms } = self.error;
        match self.certainty {
            Certainty::NotYet => Outcome::Retry { after_ms: retry_after_ms, code },
            Certainty::Never => Outcome::Rejected { code, detail },
            Certainty::Perhaps => Outcome::Unknown { code },
        }
    }
}

impl From<Failure> for RemoteError {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

/// A request as it goes out, for those who send it and those who check it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SignedRequest {
    pub method: &'static str,
    pub path: String,
    pub query: String,
    /// Without the Authorization header's own; names in lower case.
    pub headers: Vec<(String, String)>,
    pub authorization: String,
    pub body: String,
}

/// Signs a call for a host.
///
/// # Errors
/// `internal` when the key cannot sign.
pub fn sign(
    call: &Call,
    host: &str,
    path: &str,
    credentials: &Credentials,
    at: UtcMs,
    nonce: &str,
) -> Result<SignedRequest, RemoteError> {
    let body = call.form.as_deref().map(canonical_query).unwrap_or_default();
    let content_sha256 = sha256_hex(body.as_bytes());
    let date = DateTime::from_timestamp_millis(at.0).unwrap_or_default().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut headers = vec![("host", host), ("x-acs-action", call.action), ("x-acs-version", VERSION)];
    headers.extend([("x-acs-date", date.as_str()), ("x-acs-signature-nonce", nonce)]);
    headers.push(("x-acs-content-sha256", content_sha256.as_str()));
    if call.form.is_some() {
        headers.push(("content-type", FORM));
    }
    if let Some(token) = credentials.token() {
        headers.extend([("x-acs-accesskey-id", credentials.access_key_id.as_str()), ("x-acs-security-token", token)]);
    }
    let headers: Vec<(String, String)> = headers.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let unsigned = Unsigned { method: "POST", path, query: &call.query, headers: &headers, content_sha256: &content_sha256 };
    let authorization = unsigned.authorization(credentials)?;
    Ok(SignedRequest { method: "POST", path: path.to_owned(), query: canonical_query(&call.query), headers, authorization, body })
}

/// One account at one endpoint.
pub(super) struct Client {
    pub(super) http: HttpClient,
    credentials: Credentials,
}

impl Client {
    pub(super) fn new(http: HttpClient, credentials: Credentials) -> Self {
        Self { http, credentials }
    }

    pub(super) fn access_key_id(&self) -> &str {
        &self.credentials.access_key_id
    }

    fn request(&self, call: &Call) -> Result<RequestBuilder, RemoteError> {
        let mut url = self.http.url("")?;
        let signed = sign(call, self.http.host(), url.path(), &self.credentials, now(), &nonce()?)?;
        url.set_query((!signed.query.is_empty()).then_some(signed.query.as_str()));
        let mut request = self.http.request_at(Method::POST, url)?.header("accept", "application/json");
        // The client writes the same host itself.
        for (name, value) in signed.headers.iter().filter(|(name, _)| name != "host") {
            request = request.header(name, value);
        }
        Ok(request.header("authorization", &signed.authorization).body(signed.body))
    }

    /// Sends once.
    pub(super) async fn send<T: DeserializeOwned>(&self, call: &Call) -> Result<T, Failure> {
        let request = self.request(call).map_err(|error| Failure::new(Certainty::Never, error))?;
        let answer = self.http.send(request).await.map_err(|failure| match failure {
            SendFailure::NotSent(error) => Failure::new(Certainty::NotYet, error),
            SendFailure::MaybeSent(error) => Failure::new(Certainty::Perhaps, error),
        })?;
        judge(&answer, self.http.host())
    }

    /// Asks what changes nothing: again, signed anew, when the connection died under it or the nonce was taken.
    pub(super) async fn ask<T: DeserializeOwned>(&self, call: &Call) -> Result<T, Failure> {
        let mut repeats = 0;
        loop {
            match self.send(call).await {
                Err(failure) if repeats < REPEATS_MAX && is_worth_repeating(&failure) => repeats += 1,
                other => return other,
            }
        }
    }
}

fn is_worth_repeating(failure: &Failure) -> bool {
    failure.certainty == Certainty::Perhaps
        && (failure.error.code == Code::ConnectionLost || failure.error.detail.ends_with(NONCE_USED))
}

/// What an answer means. Success is what `Success` says: not the HTTP status, not `Code`, not `Message`.
pub(super) fn judge<T: DeserializeOwned>(answer: &Answer, host: &str) -> Result<T, Failure> {
    if !answer.status.is_success() {
        return Err(refused(answer, host));
    }
    let envelope: Envelope = answer.json().map_err(|error| Failure::new(Certainty::Perhaps, error))?;
    match envelope.success {
        Some(true) => serde_json::from_value(envelope.data).map_err(|_| {
            let error = RemoteError::new(Code::AnswerUnexpected, format!("{host}: Data has another shape"));
            Failure::new(Certainty::Perhaps, error)
        }),
        Some(false) => Err(by_code(answer, host, &Refusal { code: envelope.code, request_id: envelope.request_id })),
        None => {
            let error = RemoteError::new(Code::AnswerUnexpected, format!("{host}: the answer does not say Success"));
            Err(Failure::new(Certainty::Perhaps, error))
        }
    }
}

fn refused(answer: &Answer, host: &str) -> Failure {
    match answer.json::<Refusal>() {
        Ok(refusal) if !refusal.code.is_empty() => by_code(answer, host, &refusal),
        // A proxy's page, or nothing at all: the status is what there is.
        _ => {
            let certainty = match answer.refused_outcome() {
                Some(Outcome::Retry { .. }) => Certainty::NotYet,
                Some(Outcome::Rejected { .. }) => Certainty::Never,
                _ => Certainty::Perhaps,
            };
            Failure::new(certainty, answer.refusal())
        }
    }
}

const NONCE_USED: &str = "SignatureNonceUsed";

/// The service's and the gateway's own words. Message is not passed on: it may quote what was sent.
fn by_code(answer: &Answer, host: &str, refusal: &Refusal) -> Failure {
    let code = refusal.code.as_str();
    let begins = |words: &[&str]| words.iter().any(|word| code.starts_with(word));
    let status = answer.status.as_u16();
    let (name, certainty, hint) = if begins(&["Throttling"]) || code == "429" || status == 429 {
        (Code::RateLimited, Certainty::NotYet, "")
    } else if begins(&["InvalidTimeStamp"]) {
        let hint = ", this machine's clock is more than 15 minutes from the server's";
        (Code::ClockWrong, Certainty::NotYet, hint)
    } else if code == NONCE_USED {
        // The copy of this request that came first may have taken effect.
        return Failure::new(Certainty::Perhaps, RemoteError::new(Code::Refused, format!("{host}: {NONCE_USED}")));
    } else if begins(&["InvalidAccessKeyId", "SignatureDoesNotMatch", "IncompleteSignature"]) || code.contains("SecurityToken") {
        (Code::CredentialsWrong, Certainty::NotYet, "")
    } else if begins(&["illegal.auth", "NoPermission", "Forbidden", "Unauthorized"]) || matches!(code, "401" | "403") {
        (Code::Forbidden, Certainty::Never, "")
    } else if begins(&["param.illegal", "illegal.param", "Missing", "Invalid"]) {
        let name = if code.starts_with("InvalidAction") || code.starts_with("InvalidVersion") {
            Code::NotSupportedServer
        } else {
            Code::Refused
        };
        (name, Certainty::Never, "")
    } else if begins(&["ServiceUnavailable"]) {
        (Code::ServerFailed, Certainty::NotYet, "")
    } else if begins(&["System.error", "InternalError"]) || status >= 500 {
        (Code::ServerFailed, Certainty::Perhaps, "")
    } else if code.contains("NotFound") || code.contains("NotExist") || matches!(code, "404") {
        (Code::NotFound, Certainty::Never, "")
    } else {
        (Code::Refused, Certainty::Never, "")
    };
    let plain = |text: &str| text.chars().filter(|one| one.is_ascii_graphic()).take(64).collect::<String>();
    let detail = format!("{host}: HTTP {status}, {}, request {}{hint}", plain(code), plain(&refusal.request_id));
    Failure::new(certainty, RemoteError { code: name, detail, retry_after_ms: answer.retry_after_ms() })
}

/// The machine's clock: what requests are dated with, and when a change was seen.
pub(super) fn now() -> UtcMs {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UtcMs(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn nonce() -> Result<String, RemoteError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|_| RemoteError::new(Code::Internal, "this machine gives no random bytes"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
