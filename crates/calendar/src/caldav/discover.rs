//! From an address to the person's calendars (RFC 6764, RFC 4791 6.2).

use deskbell_domain::Code;
use deskbell_remote::RemoteError;
use deskbell_remote::http::Method;

use super::CaldavClient;
use super::xml::{self, Response};

/// Most calendars of one answer.
const CALENDARS_MAX: usize = 500;
const WELL_KNOWN: &str = "/.well-known/caldav";
const REDIRECTS_MAX: usize = 4;

/// A calendar that takes events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundCalendar {
    /// Path on the server.
    pub href: String,
    /// As the server names it; its path where it has none.
    pub name: String,
}

impl CaldavClient {
    /// Calendars of this person that take events: the one at the address itself, or all of the person's home.
    ///
    /// # Errors
    /// Codes of the connection; `credentials_wrong`; `not_supported_server` where nothing there speaks CalDAV.
    pub async fn calendars(&self) -> Result<Vec<FoundCalendar>, RemoteError> {
        let mut start = self.properties(&self.path, "0").await;
        // A server that wants no questions at its root says so in many ways; a wrong password says it in one.
        let is_answer = |found: &Result<Vec<Response>, RemoteError>| match found {
            Ok(found) => found.iter().any(|one| one.is_calendar || one.principal.is_some() || one.home.is_some()),
            Err(error) => error.code == Code::CredentialsWrong,
        };
        if !is_answer(&start) {
            let known = self.well_known().await?;
            start = self.properties(&known, "0").await;
        }
        let start = start.map_err(of_other_server)?;
        let calendars: Vec<FoundCalendar> = start.iter().filter_map(calendar).collect();
        if !calendars.is_empty() {
            return Ok(calendars);
        }
        let home = self.home(&start).await?;
        let found = self.properties(&home, "1").await?;
        Ok(found.iter().filter_map(calendar).take(CALENDARS_MAX).collect())
    }

    async fn home(&self, start: &[Response]) -> Result<String, RemoteError> {
        if let Some(home) = start.iter().find_map(|one| one.home.clone()) {
            return self.path_of(&home);
        }
        let principal = start.iter().find_map(|one| one.principal.clone()).ok_or_else(no_caldav)?;
        let principal = self.path_of(&principal)?;
        let found = self.properties(&principal, "0").await?;
        let home = found.iter().find_map(|one| one.home.clone()).ok_or_else(no_caldav)?;
        self.path_of(&home)
    }

    async fn properties(&self, href: &str, depth: &str) -> Result<Vec<Response>, RemoteError> {
        let answer = self.ask("PROPFIND", href, depth, xml::ASK_PRINCIPAL.to_owned()).await?;
        xml::responses(&answer.body)
    }

    /// Where the server says that CalDAV begins. Another host is not followed: the password is for the one that was named.
    async fn well_known(&self) -> Result<String, RemoteError> {
        let mut path = WELL_KNOWN.to_owned();
        for _ in 0..REDIRECTS_MAX {
            let answer = self.http.read(self.request(Method::GET, &path)?).await?;
            if !answer.status.is_redirection() {
                break;
            }
            let Some(to) = answer.header("Location") else { break };
            path = self.path_of(to)?;
        }
        Ok(path)
    }

    /// The path of an address of this server.
    fn path_of(&self, href: &str) -> Result<String, RemoteError> {
        if !href.contains("://") {
            return Ok(href.to_owned());
        }
        let (origin, path) = super::split(href);
        let own = self.http.url("")?;
        if format!("{}/", origin.to_lowercase()) == own.as_str() {
            return Ok(path.to_owned());
        }
        Err(RemoteError::new(Code::EndpointInvalid, format!("the server points to {origin}; give that address instead")))
    }
}

fn calendar(response: &Response) -> Option<FoundCalendar> {
    let name = if response.name.is_empty() { response.href.clone() } else { response.name.clone() };
    (response.is_calendar && response.takes_events).then(|| FoundCalendar { href: response.href.clone(), name })
}

fn no_caldav() -> RemoteError {
    RemoteError::new(Code::NotSupportedServer, "nothing there speaks CalDAV")
}

/// A page, a 404 or a 405 where CalDAV was due: it is something else.
fn of_other_server(error: RemoteError) -> RemoteError {
    match error.code {
        Code::AnswerUnexpected | Code::NotFound | Code::Refused => RemoteError { code: Code::NotSupportedServer, ..error },
        _ => error,
    }
}
