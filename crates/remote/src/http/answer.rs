//! An answer read to its end, and what its status and body mean.

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, NaiveDateTime};
use deskbell_domain::error::Code;
use deskbell_domain::sync::op::Outcome;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::failure::classify_body;
use crate::RemoteError;

/// The longest wait a server can impose.
pub const RETRY_AFTER_MS_MAX: u64 = 60 * 60 * 1_000;
/// Alibaba Cloud's own wish, in milliseconds.
const ACS_RETRY_AFTER: &str = "x-acs-retry-after";
/// What is reserved on a server's word about the length of its answer.
const RESERVED_BYTES_MAX: usize = 1024 * 1024;

/// Status, headers and the whole body.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    host: String,
}

/// Reads the body, never more than `bytes_max`.
pub(super) async fn read(host: &str, mut response: Response, bytes_max: usize) -> Result<Answer, RemoteError> {
    let too_large = || {
        RemoteError::new(Code::AnswerUnexpected, format!("{host}: the answer is larger than {bytes_max} bytes and was not read"))
    };
    let announced = usize::try_from(response.content_length().unwrap_or(0)).unwrap_or(usize::MAX);
    if announced > bytes_max {
        return Err(too_large());
    }
    let mut body = Vec::with_capacity(announced.min(RESERVED_BYTES_MAX));
    while let Some(chunk) = response.chunk().await.map_err(|error| classify_body(host, body.len(), &error))? {
        if body.len().saturating_add(chunk.len()) > bytes_max {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status: response.status(), headers: std::mem::take(response.headers_mut()), body, host: host.to_owned() })
}

impl Answer {
    /// A header as text; `None` when absent or not text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// `answer_not_json` for a page or other text, `answer_truncated` for JSON that breaks off,
    /// `answer_unexpected` for JSON of another shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, RemoteError> {
        let host = &self.host;
        let mime = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let first = self.body.iter().copied().find(|byte| !byte.is_ascii_whitespace());
        if mime.starts_with("text/html") || first == Some(b'<') {
            return Err(RemoteError::new(Code::AnswerNotJson, format!("{host}: a page came where JSON was due")));
        }
        if first.is_none() {
            return Err(RemoteError::new(Code::AnswerNotJson, format!("{host}: an empty body came where JSON was due")));
        }
        serde_json::from_slice(&self.body).map_err(|error| {
            let code = match error.classify() {
                Category::Eof => Code::AnswerTruncated,
                Category::Data => Code::AnswerUnexpected,
                Category::Syntax | Category::Io => Code::AnswerNotJson,
            };
            // The parser's own text quotes the body, which is a customer's.
            RemoteError::new(code, format!("{host}: JSON fails at line {} column {}", error.line(), error.column()))
        })
    }

    /// The answer itself when its status is 2xx.
    ///
    /// # Errors
    /// By status: 401 `credentials_wrong`, 403 `forbidden`, 404 and 410 `not_found`, 408 and 504
    /// `timed_out`, 409 and 412 `changed_meanwhile`, 429 `rate_limited`, other 4xx `refused`, other
    /// 5xx `server_failed`, anything else `answer_unexpected`; with the server's Retry-After.
    pub fn success(self) -> Result<Self, RemoteError> {
        if self.status.is_success() { Ok(self) } else { Err(self.refusal()) }
    }

    /// The status as an error, also for a 2xx that turned out to be wrong.
    #[must_use]
    pub fn refusal(&self) -> RemoteError {
        let code = match self.status.as_u16() {
            401 => Code::CredentialsWrong,
            403 => Code::Forbidden,
            404 | 410 => Code::NotFound,
            408 | 504 => Code::TimedOut,
            409 | 412 => Code::ChangedMeanwhile,
            429 => Code::RateLimited,
            400..=499 => Code::Refused,
            500..=599 => Code::ServerFailed,
            _ => Code::AnswerUnexpected,
        };
        let mut error = RemoteError::new(code, format!("{}: HTTP {}", self.host, self.status.as_u16()));
        error.retry_after_ms = self.retry_after_ms();
        error
    }

    /// What a status other than 2xx means for an operation; `None` for 2xx. 401 waits for a better
    /// password; 429 and 503 are said before the server acts; other 5xx may come after it acted.
    #[must_use]
    pub fn refused_outcome(&self) -> Option<Outcome> {
        if self.status.is_success() {
            return None;
        }
        let error = self.refusal();
        Some(match self.status.as_u16() {
            401 | 429 | 503 => Outcome::Retry { after_ms: error.retry_after_ms, code: error.code },
            400..=499 if error.code != Code::TimedOut => Outcome::Rejected { code: error.code, detail: error.detail },
            _ => Outcome::Unknown { code: error.code },
        })
    }

    /// The server's wish as milliseconds from now, at most [`RETRY_AFTER_MS_MAX`]: `x-acs-retry-after` in milliseconds, else
    /// Retry-After in seconds or as a date (RFC 9110, 10.2.3).
    #[must_use]
    pub fn retry_after_ms(&self) -> Option<u64> {
        if let Some(wait_ms) = self.header(ACS_RETRY_AFTER).and_then(|text| text.trim().parse::<u64>().ok()) {
            return Some(wait_ms.min(RETRY_AFTER_MS_MAX));
        }
        let text = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = text.parse::<u64>() {
            return Some(seconds.saturating_mul(1_000).min(RETRY_AFTER_MS_MAX));
        }
        let due_ms = http_date_ms(text)?;
        // The server's own clock where it tells it: ours may be off.
        let now_ms = self.headers.get(DATE).and_then(|value| http_date_ms(value.to_str().ok()?)).unwrap_or_else(clock_ms);
        Some(u64::try_from(due_ms.saturating_sub(now_ms)).unwrap_or(0).min(RETRY_AFTER_MS_MAX))
    }
}

/// The three forms of RFC 9110, 5.6.7.
/// The server's clock less ours, to the second; `None` where it does not tell its time.
pub(super) fn offset_ms(headers: &HeaderMap) -> Option<i64> {
    Some(http_date_ms(headers.get(DATE)?.to_str().ok()?)? - clock_ms())
}

fn http_date_ms(text: &str) -> Option<i64> {
    let fixed = DateTime::parse_from_rfc2822(text).ok().map(|at| at.timestamp_millis());
    let obsolete = |form| NaiveDateTime::parse_from_str(text, form).ok().map(|at| at.and_utc().timestamp_millis());
    fixed.or_else(|| obsolete("%A, %d-%b-%y %H:%M:%S GMT")).or_else(|| obsolete("%a %b %e %H:%M:%S %Y"))
}

pub(super) fn clock_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
