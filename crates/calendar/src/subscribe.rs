//! Fetching a calendar by its address. No password goes along; the address is all there is.

use deskbell_domain::Code;
use deskbell_remote::RemoteError;
use deskbell_remote::http::{HttpClient, Limits, Method, SendFailure};

use crate::caldav::split;
use crate::read::Calendar;
use crate::{CALENDAR_BYTES_MAX, CalendarError};

const CONNECT_TIMEOUT_MS: u64 = 10_000;
const TOTAL_TIMEOUT_MS: u64 = 60_000;
const REDIRECTS_MAX: usize = 5;

/// Reads the calendar at an address; `webcal:` means https. Answers it with its text.
///
/// # Errors
/// `endpoint_invalid`, `plain_http_refused` (also where a redirect leads there), codes of the connection,
/// `calendar_too_large` before more than [`CALENDAR_BYTES_MAX`] are held, `calendar_unreadable`.
pub async fn fetch(url: &str) -> Result<(Calendar, String), RemoteError> {
    let mut url = with_scheme(url);
    for _ in 0..=REDIRECTS_MAX {
        let (origin, path) = split(&url);
        // A fragment is not sent.
        let path = path.split('#').next().unwrap_or("/").to_owned();
        let limits = Limits {
            connect_timeout_ms: CONNECT_TIMEOUT_MS,
            total_timeout_ms: TOTAL_TIMEOUT_MS,
            body_bytes_max: CALENDAR_BYTES_MAX,
            connections_max: 1,
        };
        let http = HttpClient::with_limits(origin, limits)?;
        let request = http.request(Method::GET, &path)?.header("Accept", "text/calendar");
        let answer = http.send(request).await.map_err(of_failure)?;
        if answer.status.is_redirection() {
            let to =
                answer.header("Location").ok_or_else(|| RemoteError::new(Code::AnswerUnexpected, "a redirect to nowhere"))?;
            url = joined(origin, to);
            continue;
        }
        let answer = answer.success()?;
        let calendar = Calendar::read(&answer.body)?;
        let text = String::from_utf8(answer.body).map_err(|_| CalendarError::unreadable("no UTF-8"))?;
        return Ok((calendar, text));
    }
    Err(RemoteError::new(Code::AnswerUnexpected, format!("more than {REDIRECTS_MAX} redirects")))
}

fn with_scheme(url: &str) -> String {
    let url = url.trim();
    match url.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("webcal") || scheme.eq_ignore_ascii_case("webcals") => {
            format!("https://{rest}")
        }
        _ => url.to_owned(),
    }
}

fn joined(origin: &str, to: &str) -> String {
    if to.contains("://") { to.to_owned() } else { format!("{origin}/{}", to.trim_start_matches('/')) }
}

/// The client stops reading at its limit, and says so in one way only.
fn of_failure(failure: SendFailure) -> RemoteError {
    match failure {
        SendFailure::MaybeSent(error) if error.code == Code::AnswerUnexpected => {
            RemoteError { code: Code::CalendarTooLarge, ..error }
        }
        other => other.into(),
    }
}
