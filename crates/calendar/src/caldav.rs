//! A client of CalDAV servers (RFC 4791), for one person's own calendar.
//!
//! Invariants: an object is made only where nothing is (`If-None-Match: *`), changed and removed only in the version that was
//! read (`If-Match`); the password goes to the server that the person named and to no other.

mod discover;
#[cfg(test)]
mod tests;
mod xml;

use deskbell_domain::Code;
use deskbell_remote::RemoteError;
use deskbell_remote::http::{Answer, HttpClient, Limits, Method, SendFailure};
use secrecy::{ExposeSecret as _, SecretString};

use crate::object::hex;
use sha2::{Digest as _, Sha256};

pub use discover::FoundCalendar;

/// Time to an answer, in milliseconds.
pub const CALDAV_TIMEOUT_MS: u64 = 30_000;
const CONNECT_TIMEOUT_MS: u64 = 10_000;
/// Most bytes of one answer: an object, or the list of a person's calendars.
pub const CALDAV_ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;
const MIME: &str = "text/calendar; charset=utf-8";

/// One server, one person.
#[derive(Clone)]
pub struct CaldavClient {
    http: HttpClient,
    /// Path of the address that the person gave.
    path: String,
    user: String,
    password: SecretString,
}

/// An object as the server has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// Empty where the server tells none.
    pub etag: String,
    pub text: String,
}

/// What became of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// The etag is empty where the server told none.
    Done { etag: String },
    /// There is another version than the one that was named, or something where nothing was to be.
    Conflict,
    /// There is nothing of that name, or the calendar is gone.
    Missing,
    /// The server has an object with this uid under another name (RFC 4791, 5.3.2.1).
    UidElsewhere,
}

/// What has to be true for a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Only<'a> {
    /// Nothing is there.
    IfAbsent,
    /// This version is there; an empty etag: whatever is there.
    If(&'a str),
}

impl CaldavClient {
    /// Nothing is sent.
    ///
    /// # Errors
    /// `endpoint_invalid` for text that is no http(s) address, `plain_http_refused` for http beyond loopback.
    pub fn new(url: &str, user: &str, password: SecretString) -> Result<Self, RemoteError> {
        let (origin, path) = split(url);
        let limits = Limits {
            connect_timeout_ms: CONNECT_TIMEOUT_MS,
            total_timeout_ms: CALDAV_TIMEOUT_MS,
            body_bytes_max: CALDAV_ANSWER_BYTES_MAX,
            connections_max: 1,
        };
        // The whole address is judged, the origin is the base: a server names its objects by paths from there.
        HttpClient::with_limits(url, limits)?;
        Ok(Self { http: HttpClient::with_limits(origin, limits)?, path: path.to_owned(), user: user.to_owned(), password })
    }

    /// Where an object of this uid is put: a name of our own, which says nothing.
    #[must_use]
    pub fn href_of(calendar_href: &str, uid: &str) -> String {
        let name: String = hex(&Sha256::digest(uid)).chars().take(32).collect();
        format!("{}/deskbell-{name}.ics", calendar_href.trim_end_matches('/'))
    }

    /// An object, or `None` where there is none.
    ///
    /// # Errors
    /// Codes of the connection; `credentials_wrong`, `forbidden`, `calendar_unreadable`.
    pub async fn get(&self, href: &str) -> Result<Option<StoredObject>, RemoteError> {
        let request = self.request(Method::GET, href)?;
        let answer = self.http.read(request).await?;
        if matches!(answer.status.as_u16(), 404 | 410) {
            return Ok(None);
        }
        let answer = answer.success()?;
        let etag = etag_of(&answer);
        let text = String::from_utf8(answer.body).map_err(|_| RemoteError::new(Code::CalendarUnreadable, "no UTF-8"))?;
        Ok(Some(StoredObject { etag, text }))
    }

    /// Writes an object.
    ///
    /// # Errors
    /// As [`Self::get`], and what the server refuses. `MaybeSent`: nobody knows whether it was written.
    pub async fn put(&self, href: &str, body: &str, only: &Only<'_>) -> Result<Written, SendFailure> {
        let request = self.request(Method::PUT, href).map_err(SendFailure::NotSent)?;
        let request = self.http.send(conditional(request, only).header("Content-Type", MIME).body(body.to_owned()));
        let answer = request.await?;
        match answer.status.as_u16() {
            200..=299 => Ok(Written::Done { etag: etag_of(&answer) }),
            412 => Ok(Written::Conflict),
            403 | 409 if xml::is_uid_conflict(&answer.body) => Ok(Written::UidElsewhere),
            // 409: the collection that it was to be in is not there (RFC 4918, 9.7.1).
            404 | 409 | 410 => Ok(Written::Missing),
            _ => Err(refused(answer)),
        }
    }

    /// Removes an object.
    ///
    /// # Errors
    /// As [`Self::put`].
    pub async fn delete(&self, href: &str, etag: &str) -> Result<Written, SendFailure> {
        let request = self.request(Method::DELETE, href).map_err(SendFailure::NotSent)?;
        let answer = self.http.send(conditional(request, &Only::If(etag))).await?;
        match answer.status.as_u16() {
            200..=299 => Ok(Written::Done { etag: String::new() }),
            404 | 410 => Ok(Written::Missing),
            412 => Ok(Written::Conflict),
            _ => Err(refused(answer)),
        }
    }

    /// Where the calendar has an object of this uid.
    ///
    /// # Errors
    /// As [`Self::get`]; `answer_unexpected` for an answer of another shape.
    pub async fn find(&self, calendar_href: &str, uid: &str) -> Result<Option<String>, RemoteError> {
        let body = xml::uid_query(uid);
        let answer = self.report(calendar_href, body).await?;
        Ok(xml::responses(&answer.body)?.into_iter().map(|one| one.href).next())
    }

    async fn report(&self, href: &str, body: String) -> Result<Answer, RemoteError> {
        self.ask("REPORT", href, "1", body).await
    }

    async fn ask(&self, method: &str, href: &str, depth: &str, body: String) -> Result<Answer, RemoteError> {
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| RemoteError::new(Code::Internal, "method"))?;
        let request = self.request(method, href)?;
        let request = request.header("Depth", depth).header("Content-Type", "application/xml; charset=utf-8").body(body);
        self.http.read(request).await?.success()
    }

    fn request(&self, method: Method, href: &str) -> Result<Request, RemoteError> {
        let request = self.http.request(method, href)?;
        Ok(request.basic_auth(&self.user, Some(self.password.expose_secret())))
    }
}

/// reqwest's builder, which this crate has no name for.
type Request = deskbell_remote::http::RequestBuilder;

fn conditional(request: Request, only: &Only<'_>) -> Request {
    match only {
        Only::IfAbsent => request.header("If-None-Match", "*"),
        Only::If("") => request.header("If-Match", "*"),
        Only::If(etag) => request.header("If-Match", *etag),
    }
}

/// Weak etags cannot stand in If-Match (RFC 9110, 13.1.1): such a server compares nothing.
fn etag_of(answer: &Answer) -> String {
    answer.header("ETag").filter(|etag| !etag.starts_with("W/")).unwrap_or_default().to_owned()
}

fn refused(answer: Answer) -> SendFailure {
    match answer.success() {
        Err(error) => SendFailure::NotSent(error),
        Ok(_) => SendFailure::NotSent(RemoteError::new(Code::AnswerUnexpected, "a write was answered strangely")),
    }
}

/// Origin and path of an address.
pub(crate) fn split(url: &str) -> (&str, &str) {
    let url = url.trim();
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let path = url.get(after_scheme..).and_then(|rest| rest.find('/')).map(|at| after_scheme + at);
    match path {
        Some(at) => (url.get(..at).unwrap_or(url), url.get(at..).unwrap_or("/")),
        None => (url, "/"),
    }
}
