//! One operation, sent once.

use deskbell_domain::error::Code;
use deskbell_domain::sync::op::{Outcome, Receipt};
use deskbell_domain::ticket::{Priority, Status, Visibility};
use reqwest::Method;
use reqwest::header::LOCATION;
use serde_json::{Value, json};

use super::{Inner, MARKER_FIELD, words};
use crate::http::Answer;

/// Longest text of RT's that is kept of a refusal.
const DETAIL_CHARS_MAX: usize = 400;

impl Inner {
    /// The marker goes along always: a server without the field says so in a line beside "added".
    pub(super) async fn send_reply(&self, ticket: u64, body: &str, visibility: Visibility, marker: &str) -> Outcome {
        let verb = if visibility == Visibility::Public { "correspond" } else { "comment" };
        let path = format!("REST/2.0/ticket/{ticket}/{verb}");
        let content = json!({ "Content": body, "ContentType": "text/plain", "TxnCustomFields": { MARKER_FIELD: marker } });
        let sent = self.session.write(|http| Ok(http.request(Method::POST, &path)?.json(&content))).await;
        let answer = match sent {
            Ok(answer) => answer,
            Err(failure) => return failure.outcome(),
        };
        if let Some(outcome) = refused(&answer) {
            return outcome;
        }
        let location = answer.headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let note = location.and_then(|text| text.rsplit('/').next()).filter(|id| id.parse::<u64>().is_ok());
        match note {
            Some(id) => Outcome::Sent(Receipt { note_remote_id: Some(id.to_owned()), ..Receipt::default() }),
            // 2xx without the transaction it made: something between us and RT answered.
            None => Outcome::Unknown { code: Code::AnswerUnexpected },
        }
    }

    pub(super) async fn set_status(&self, ticket: u64, from: Status, to: Status) -> Outcome {
        // A reply opens a ticket that is new or finished by itself; a status chosen on it still stands.
        let opens = matches!(from, Status::New | Status::Resolved | Status::Closed);
        let fits = |state: &State| state.status == from || state.status == to || (opens && state.status == Status::Open);
        match words::raw_status(to) {
            Some(raw) => self.put(ticket, &json!({ "Status": raw }), fits, |state| state.status == to).await,
            None => Outcome::Rejected {
                code: Code::InputInvalid,
                detail: format!("Request Tracker has no status for {}", to.as_str()),
            },
        }
    }

    pub(super) async fn set_priority(&self, ticket: u64, from: Priority, to: Priority) -> Outcome {
        let fits = |state: &State| state.priority == from || state.priority == to;
        self.put(ticket, &json!({ "Priority": words::priority_number(to) }), fits, |state| state.priority == to).await
    }

    /// Writes if the field still is what the person saw: RT takes no condition, so what changes between this reading and
    /// the writing is overwritten. RT answers 200 also when it changed nothing, so the value is read again.
    async fn put(
        &self,
        ticket: u64,
        change: &Value,
        fits: impl Fn(&State) -> bool + Send,
        stuck: impl Fn(&State) -> bool + Send,
    ) -> Outcome {
        match self.state(ticket).await {
            Ok(state) if fits(&state) => {}
            Ok(_) => {
                let detail = format!("{}: the field was changed by somebody else", self.session.http().host());
                return Outcome::Rejected { code: Code::ChangedMeanwhile, detail };
            }
            Err(error) if matches!(error.code, Code::Forbidden | Code::NotFound) => {
                return Outcome::Rejected { code: error.code, detail: error.detail };
            }
            // Nothing was asked to change yet.
            Err(error) => return Outcome::Retry { after_ms: error.retry_after_ms, code: error.code },
        }
        let path = format!("REST/2.0/ticket/{ticket}");
        let sent = self.session.write(|http| Ok(http.request(Method::PUT, &path)?.json(change))).await;
        let answer = match sent {
            Ok(answer) => answer,
            Err(failure) => return failure.outcome(),
        };
        if let Some(outcome) = refused(&answer) {
            return outcome;
        }
        match self.state(ticket).await {
            Ok(state) if stuck(&state) => Outcome::Sent(Receipt::default()),
            Ok(_) => Outcome::Rejected { code: refusal_code(&messages(&answer)), detail: messages(&answer) },
            Err(error) => Outcome::Unknown { code: error.code },
        }
    }

    /// What a ticket says of itself now.
    pub(super) async fn state(&self, ticket: u64) -> Result<State, crate::RemoteError> {
        let row = self.ticket_record(ticket).await?;
        Ok(State { status: words::status(&row.status.0), priority: words::priority(&row.priority.0) })
    }
}

/// The two values that an operation can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State {
    pub(super) status: Status,
    pub(super) priority: Priority,
}

/// An outcome for anything but 2xx, with RT's own words as the detail.
fn refused(answer: &Answer) -> Option<Outcome> {
    let outcome = answer.refused_outcome()?;
    let said = messages(answer);
    Some(match outcome {
        Outcome::Rejected { code, .. } if !said.is_empty() => {
            let code = if code == Code::Refused { refusal_code(&said) } else { code };
            Outcome::Rejected { code, detail: said }
        }
        other => other,
    })
}

/// RT says what it did as English lines in an array, and errors as `{"message": …}`.
fn messages(answer: &Answer) -> String {
    let text = match answer.json::<Value>() {
        Ok(Value::Array(lines)) => lines.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; "),
        Ok(Value::Object(fields)) => fields.get("message").and_then(Value::as_str).unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    text.trim().chars().take(DETAIL_CHARS_MAX).collect()
}

fn refusal_code(said: &str) -> Code {
    let said = said.to_ascii_lowercase();
    if said.contains("permission denied") || said.contains("no permission") { Code::Forbidden } else { Code::Refused }
}
