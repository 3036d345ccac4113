//! Deskbell's own open support API, version 1.
//!
//! Owns: how a cursor walks the full pull and then the change feed, how an operation becomes one
//! request with its marker as idempotency key, what each answer means. Must not know: the server's
//! code, only its `openapi.json`. Invariant: an operation is sent under one key for ever, so the
//! server applies it once however often it is sent.

mod cursor;
mod wire;

use async_trait::async_trait;
use deskbell_domain::directory::{PhoneLine, ServiceCentre};
use deskbell_domain::error::Code;
use deskbell_domain::observation::Observations;
use deskbell_domain::sync::op::{OperationKind, OperationName, OutboundOperation, Outcome, ReadBack, Receipt};
use deskbell_domain::ticket::Status;
use reqwest::{Method, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::http::{Answer, HttpClient};
use crate::{Capabilities, Identity, PullPage, PullProgress, RemoteError, SupportApi};
use cursor::Cursor;

/// Tickets on a page of the full pull, each with its conversation and history.
pub const TICKET_PAGE: u32 = 100;
/// Changes on a page of the feed.
pub const CHANGE_PAGE: u32 = 200;
/// How often a field edit is tried again when notes arrive between reading and writing.
pub const EDIT_ATTEMPTS_MAX: usize = 3;

/// The client of one account.
#[derive(Clone)]
pub struct HubApi {
    http: HttpClient,
    user: String,
    secret: SecretString,
}

impl HubApi {
    /// `secret` is the bearer token; `user` is shown where the server names nobody.
    #[must_use]
    pub fn new(http: HttpClient, user: String, secret: SecretString) -> Self {
        Self { http, user, secret }
    }

    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, RemoteError> {
        Ok(self.http.request(method, &format!("api/v1/{path}"))?.bearer_auth(self.secret.expose_secret()))
    }

    async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, RemoteError> {
        self.http.read(self.request(Method::GET, path)?).await?.success()?.json()
    }

    async fn pull_full(&self, cursor: Option<Cursor>) -> Result<PullPage, RemoteError> {
        let (before, done, known_head) = match cursor {
            Some(Cursor::Full { before, done, feed_seq }) => (Some(before), done, Some(feed_seq)),
            _ => (None, 0, None),
        };
        let mut path = format!("tickets?limit={TICKET_PAGE}&include=notes,events");
        if let Some(before) = &before {
            path.push_str("&before=");
            path.push_str(&segment(before)?);
        }
        let page: wire::TicketPage = self.read(&path).await?;
        // The position of the first page: whatever changes while later pages come is in the feed behind it.
        let feed_seq = known_head.unwrap_or(page.feed_seq);
        let done = done + page.tickets.len() as u64;
        let mut observations = Observations::default();
        page.tickets.into_iter().for_each(|ticket| ticket.observe_into(&mut observations));
        let next = match page.next_before {
            Some(before) => Cursor::Full { before, done, feed_seq },
            None => Cursor::Feed { after: feed_seq },
        };
        // Tickets that come while it runs can make `done` larger than the total of the first page.
        let progress = PullProgress { done, total: Some(page.total.max(done)), full: true };
        Ok(PullPage { observations, next_cursor: next.to_text(), progress, caught_up: false })
    }

    async fn pull_feed(&self, after: i64) -> Result<PullPage, RemoteError> {
        let request = self.request(Method::GET, &format!("changes?after={after}&limit={CHANGE_PAGE}"))?;
        let answer = self.http.read(request).await?;
        if answer.status == StatusCode::GONE {
            tracing::warn!(after, "The hub's feed is behind our position: pulling everything again.");
            return self.pull_full(None).await;
        }
        let page: wire::ChangePage = answer.success()?.json()?;
        if page.more && page.next_after <= after {
            return Err(RemoteError::new(Code::AnswerUnexpected, format!("{}: the feed does not advance", self.http.host())));
        }
        let done = page.changes.len() as u64;
        let mut observations = Observations::default();
        page.changes.into_iter().for_each(|change| change.ticket.observe_into(&mut observations));
        let left = u64::try_from(page.head.saturating_sub(page.next_after)).unwrap_or(0);
        Ok(PullPage {
            observations,
            next_cursor: Cursor::Feed { after: page.next_after }.to_text(),
            progress: PullProgress { done, total: Some(done + left), full: false },
            caught_up: !page.more,
        })
    }

    async fn send_note(&self, operation: &OutboundOperation, body: &serde_json::Value) -> Result<Outcome, RemoteError> {
        let path = format!("tickets/{}/notes", segment(&operation.ticket_remote_id)?);
        let request = self.request(Method::POST, &path)?.header("Idempotency-Key", &operation.marker).json(body);
        Ok(match self.http.send(request).await {
            Err(failure) => failure.outcome(),
            Ok(answer) => landed(&answer, |answer| {
                let note: wire::NoteId = answer.json()?;
                Ok(Receipt { note_remote_id: Some(note.id), ..Receipt::default() })
            }),
        })
    }

    /// Edits one field if it still is what the person saw: read, compare, write against the version read.
    async fn send_edit(&self, operation: &OutboundOperation, edit: &Edit) -> Result<Outcome, RemoteError> {
        let path = format!("tickets/{}", segment(&operation.ticket_remote_id)?);
        for _ in 0..EDIT_ATTEMPTS_MAX {
            let answer = match self.http.read(self.request(Method::GET, &path)?).await {
                Ok(answer) => answer,
                // Nothing was asked to change yet.
                Err(error) => return Ok(Outcome::Retry { after_ms: error.retry_after_ms, code: error.code }),
            };
            if let Some(outcome) = answer.refused_outcome() {
                return Ok(match outcome {
                    Outcome::Unknown { code } => Outcome::Retry { after_ms: answer.retry_after_ms(), code },
                    other => other,
                });
            }
            let ticket: wire::Ticket = match answer.json() {
                Ok(ticket) => ticket,
                Err(error) => return Ok(Outcome::Retry { after_ms: None, code: error.code }),
            };
            if !edit.fits(&ticket) {
                // Perhaps it was our own edit, answered into the void, and somebody went on from there.
                return Ok(match self.read_back(operation).await {
                    Ok(ReadBack::Landed(receipt)) => Outcome::Sent(receipt),
                    Ok(ReadBack::NotLanded) => Outcome::Rejected {
                        code: Code::ChangedMeanwhile,
                        detail: format!("{}: the field was changed by somebody else", self.http.host()),
                    },
                    Err(error) => Outcome::Retry { after_ms: error.retry_after_ms, code: error.code },
                });
            }
            let request = self
                .request(Method::PATCH, &path)?
                .header("Idempotency-Key", &operation.marker)
                .header("If-Match", format!("\"{}\"", ticket.version))
                .json(&edit.body());
            match self.http.send(request).await {
                Err(failure) => return Ok(failure.outcome()),
                Ok(answer) if answer.status == StatusCode::PRECONDITION_FAILED => {}
                Ok(answer) => return Ok(landed(&answer, |_| Ok(Receipt::default()))),
            }
        }
        Ok(Outcome::Retry { after_ms: None, code: Code::ChangedMeanwhile })
    }
}

/// One field, from what the person saw to what they chose.
enum Edit {
    Status { from: Status, to: Status },
    Priority { from: &'static str, to: &'static str },
}

impl Edit {
    /// True while the field is what the person saw, or already what they want. A reply of ours opens a
    /// new ticket by itself; a status change made on the new one still stands.
    fn fits(&self, ticket: &wire::Ticket) -> bool {
        match self {
            Self::Status { from, to } => {
                let opened = *from == Status::New && ticket.status == Status::Open.as_str();
                ticket.status == from.as_str() || ticket.status == to.as_str() || opened
            }
            Self::Priority { from, to } => ticket.priority == *from || ticket.priority == *to,
        }
    }

    fn body(&self) -> serde_json::Value {
        match self {
            Self::Status { to, .. } => json!({ "status": to.as_str() }),
            Self::Priority { to, .. } => json!({ "priority": to }),
        }
    }
}

/// The outcome of an answer. A 2xx that cannot be read landed all the same, but as what is asked of the read-back.
fn landed(answer: &Answer, receipt: impl FnOnce(&Answer) -> Result<Receipt, RemoteError>) -> Outcome {
    answer.refused_outcome().unwrap_or_else(|| match receipt(answer) {
        Ok(receipt) => Outcome::Sent(receipt),
        Err(error) => Outcome::Unknown { code: error.code },
    })
}

/// An id as part of a path. The server's ids and our markers are plain; anything else is refused, not escaped.
fn segment(id: &str) -> Result<String, RemoteError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:~".contains(&byte);
    if !id.is_empty() && id.bytes().all(plain) && id.bytes().any(|byte| byte != b'.') {
        Ok(id.to_owned())
    } else {
        Err(RemoteError::new(Code::NotFound, "an id that this server cannot have given"))
    }
}

#[async_trait]
impl SupportApi for HubApi {
    fn capabilities(&self) -> Capabilities {
        let connections_max = self.http.limits().connections_max;
        Capabilities {
            operations: &[OperationName::Reply, OperationName::SetStatus, OperationName::SetPriority],
            statuses: Status::ALL,
            conditional_writes: true,
            change_feed: true,
            idempotent_sends: true,
            internal_notes: true,
            connections_max,
            ..Capabilities::default()
        }
    }

    async fn check(&self) -> Result<Identity, RemoteError> {
        let answer = self.http.read(self.request(Method::GET, "me")?).await?.success().map_err(|error| match error.code {
            Code::NotFound => RemoteError { code: Code::NotSupportedServer, ..error },
            _ => error,
        })?;
        let me: wire::Me = answer.json()?;
        if me.api_version != "1" {
            return Err(RemoteError::new(Code::NotSupportedServer, format!("{}: speaks another version", self.http.host())));
        }
        let user = if me.user.is_empty() { self.user.clone() } else { me.user };
        Ok(Identity { user, display_name: me.display_name, server: me.server })
    }

    async fn pull(&self, cursor: Option<&str>) -> Result<PullPage, RemoteError> {
        match cursor.map(Cursor::from_text) {
            None => self.pull_full(None).await,
            Some(Some(Cursor::Feed { after })) => self.pull_feed(after).await,
            Some(Some(full)) => self.pull_full(Some(full)).await,
            Some(None) => {
                tracing::warn!("A cursor of another form was kept: pulling everything again.");
                self.pull_full(None).await
            }
        }
    }

    async fn ticket(&self, remote_id: &str) -> Result<Observations, RemoteError> {
        let ticket: wire::Ticket = self.read(&format!("tickets/{}?include=notes,events", segment(remote_id)?)).await?;
        let mut observations = Observations::default();
        ticket.observe_into(&mut observations);
        Ok(observations)
    }

    async fn send(&self, operation: &OutboundOperation) -> Outcome {
        let sent = match &operation.kind {
            OperationKind::Reply { body, visibility, .. } => {
                self.send_note(operation, &json!({ "body": body, "visibility": visibility.as_str() })).await
            }
            OperationKind::SetStatus { from, to } => self.send_edit(operation, &Edit::Status { from: *from, to: *to }).await,
            OperationKind::SetPriority { from, to } => {
                self.send_edit(operation, &Edit::Priority { from: from.as_str(), to: to.as_str() }).await
            }
            other => Ok(Outcome::Rejected { code: Code::OperationNotOffered, detail: other.name().as_str().to_owned() }),
        };
        // Only what fails before a request exists comes as an error: it will fail again.
        sent.unwrap_or_else(|error| Outcome::Rejected { code: error.code, detail: error.detail })
    }

    async fn read_back(&self, operation: &OutboundOperation) -> Result<ReadBack, RemoteError> {
        let request = self.request(Method::GET, &format!("operations/{}", segment(&operation.marker)?))?;
        let answer = self.http.read(request).await?;
        if answer.status == StatusCode::NOT_FOUND {
            let problem: wire::Problem = answer.json()?;
            // A 404 of somebody else, a proxy or another server, says nothing about the operation.
            return match problem.code.as_str() {
                "operation_unknown" => Ok(ReadBack::NotLanded),
                _ => Err(RemoteError::new(Code::AnswerUnexpected, format!("{}: no such route", self.http.host()))),
            };
        }
        let found: wire::Operation = answer.success()?.json()?;
        Ok(ReadBack::Landed(Receipt { note_remote_id: found.note_id, ..Receipt::default() }))
    }

    async fn directory(&self) -> Result<(Vec<PhoneLine>, Vec<ServiceCentre>), RemoteError> {
        let directory: wire::Directory = self.read("directory").await?;
        Ok((
            directory.phone_lines.into_iter().map(PhoneLine::from).collect(),
            directory.service_centres.into_iter().map(ServiceCentre::from).collect(),
        ))
    }
}

#[cfg(test)]
mod tests;
