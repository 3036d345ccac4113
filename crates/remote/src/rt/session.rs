//! Who we are to RT: a login cookie, renewed when it expires.
//!
//! A password or token on each request costs RT a bcrypt each time; a cookie does not. RT answers an
//! expired cookie with a redirect to its login page, never with 401.

use deskbell_domain::error::Code;
use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;
use tokio::time::{Duration, Instant};

use crate::http::{Answer, HttpClient, SendFailure};
use crate::{FileSink, RemoteError};

/// How long nothing is asked after a refused password, doubled with each refusal. A new password makes a new client.
const REFUSED_WAIT_FIRST: Duration = Duration::from_secs(5 * 60);
const REFUSED_WAIT_MAX: Duration = Duration::from_secs(60 * 60);

pub(super) struct Session {
    http: HttpClient,
    user: String,
    secret: SecretString,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    /// Counts logins, so that of several requests that met an expired cookie only one logs in.
    logins: u64,
    cookie: Option<SecretString>,
    /// A request with this cookie was answered. RT gives a cookie to a wrong password too.
    proved: bool,
    /// The password was refused: nothing is asked before this, lest the server locks the account.
    refused: Option<Refused>,
}

#[derive(Clone, Copy)]
struct Refused {
    until: Instant,
    wait: Duration,
}

/// A cookie as used by one request.
struct Pass {
    login: u64,
    cookie: SecretString,
}

impl Session {
    pub(super) fn new(http: HttpClient, user: String, secret: SecretString) -> Self {
        Self { http, user, secret, held: Mutex::default() }
    }

    pub(super) fn http(&self) -> &HttpClient {
        &self.http
    }

    pub(super) fn user(&self) -> &str {
        &self.user
    }

    /// Asks as this user; the answer has whatever status RT gave, except that it is never a refused login.
    pub(super) async fn read<F>(&self, build: F) -> Result<Answer, RemoteError>
    where
        F: Fn(&HttpClient) -> Result<RequestBuilder, RemoteError> + Sync,
    {
        let mut pass = self.pass(None).await?;
        loop {
            let request = build(&self.http)?.header(COOKIE, pass.cookie.expose_secret());
            let answer = self.http.read(request).await?;
            if !is_refused(&answer) {
                self.prove(&pass).await;
                return Ok(answer);
            }
            pass = self.renew(&pass).await?;
        }
    }

    /// As [`Self::read`], for what changes the server. A refused login changes nothing, so it is sent again.
    pub(super) async fn write<F>(&self, build: F) -> Result<Answer, SendFailure>
    where
        F: Fn(&HttpClient) -> Result<RequestBuilder, RemoteError> + Sync,
    {
        let mut pass = self.pass(None).await.map_err(SendFailure::NotSent)?;
        loop {
            let request = build(&self.http).map_err(SendFailure::NotSent)?.header(COOKIE, pass.cookie.expose_secret());
            let answer = self.http.send(request).await?;
            if !is_refused(&answer) {
                self.prove(&pass).await;
                return Ok(answer);
            }
            pass = self.renew(&pass).await.map_err(SendFailure::NotSent)?;
        }
    }

    /// As [`Self::read`], with the body of the answer going into `sink`.
    pub(super) async fn fetch<F>(&self, build: F, sink: &dyn FileSink) -> Result<(), RemoteError>
    where
        F: Fn(&HttpClient) -> Result<RequestBuilder, RemoteError> + Sync,
    {
        let mut pass = self.pass(None).await?;
        loop {
            let request = build(&self.http)?.header(COOKIE, pass.cookie.expose_secret());
            match self.http.fetch_file(request, sink).await? {
                Some(answer) if is_refused(&answer) => pass = self.renew(&pass).await?,
                Some(answer) => {
                    self.prove(&pass).await;
                    return Err(answer.refusal());
                }
                None => {
                    self.prove(&pass).await;
                    return Ok(());
                }
            }
        }
    }

    async fn prove(&self, pass: &Pass) {
        let mut held = self.held.lock().await;
        if held.logins == pass.login {
            held.proved = true;
            held.refused = None;
        }
    }

    async fn renew(&self, refused: &Pass) -> Result<Pass, RemoteError> {
        {
            let mut held = self.held.lock().await;
            if held.logins == refused.login && !held.proved {
                held.cookie = None;
                let wait = held.refused.map_or(REFUSED_WAIT_FIRST, |before| (before.wait * 2).min(REFUSED_WAIT_MAX));
                held.refused = Some(Refused { until: Instant::now() + wait, wait });
            }
        }
        self.pass(Some(refused.login)).await
    }

    /// The held cookie, or a new one when there is none or when it is the one of login `stale`.
    async fn pass(&self, stale: Option<u64>) -> Result<Pass, RemoteError> {
        let mut held = self.held.lock().await;
        if let Some(cookie) = held.cookie.clone().filter(|_| stale != Some(held.logins)) {
            return Ok(Pass { login: held.logins, cookie });
        }
        if held.refused.is_some_and(|refused| Instant::now() < refused.until) {
            return Err(RemoteError::new(Code::CredentialsWrong, format!("{}: the login was refused", self.http.host())));
        }
        let cookie = self.log_in().await?;
        held.logins += 1;
        held.proved = false;
        held.cookie = Some(cookie.clone());
        Ok(Pass { login: held.logins, cookie })
    }

    /// RT says 200 to a wrong password too; the next request tells.
    async fn log_in(&self) -> Result<SecretString, RemoteError> {
        let form = [("user", self.user.as_str()), ("pass", self.secret.expose_secret())];
        let request = self.http.request(Method::POST, "NoAuth/Login.html")?.form(&form);
        let answer = self.http.send(request).await?;
        let status = answer.status;
        if !status.is_success() && !status.is_redirection() {
            let mut error = answer.refusal();
            if error.code == Code::NotFound {
                error.code = Code::NotSupportedServer;
            }
            return Err(error);
        }
        let pairs = answer.headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()?.split(';').next());
        let mut jar: Vec<(&str, &str)> = Vec::new();
        for (name, value) in pairs.filter_map(|pair| pair.trim().split_once('=')) {
            jar.retain(|(known, _)| *known != name);
            jar.push((name, value));
        }
        if jar.is_empty() {
            let detail = format!("{}: the login page of Request Tracker sets a cookie, this one does not", self.http.host());
            return Err(RemoteError::new(Code::NotSupportedServer, detail));
        }
        let cookie = jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        Ok(SecretString::from(cookie))
    }
}

fn is_refused(answer: &Answer) -> bool {
    answer.status.as_u16() == 401 || answer.status.is_redirection()
}
