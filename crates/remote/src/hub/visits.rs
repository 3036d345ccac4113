//! Centres, slots, holds and visits of the hub.

use std::collections::BTreeMap;

use async_trait::async_trait;
use deskbell_domain::directory::ServiceCentre;
use deskbell_domain::error::Code;
use deskbell_domain::scheduling::{
    NoSlot, Slot, SlotAnswer, SlotQuestion, Visit, VisitBooking, VisitChange, VisitRefusal, VisitRequest,
};
use deskbell_domain::sync::op::Outcome;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::directory::CentreList;
use super::{HubApi, segment};
use crate::RemoteError;
use crate::http::Answer;
use crate::visits::{Hold, HoldRequest, VisitApi, VisitOutcome, VisitPage, site_of};

/// Visits on a page.
pub const VISIT_PAGE: u32 = 200;

#[derive(Deserialize)]
struct Page {
    visits: Vec<Value>,
    next_after: i64,
    more: bool,
}

#[derive(Deserialize)]
struct Operation {
    visit_id: Option<String>,
}

/// What a refusal says; what this version does not know is left out.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Problem {
    code: String,
    args: BTreeMap<String, String>,
    reasons: Vec<Value>,
    alternatives: Option<Vec<Value>>,
}

/// Those that this version understands: a state it does not know must not stop the rest.
pub(super) fn known<T: DeserializeOwned>(values: Vec<Value>, what: &str) -> Vec<T> {
    let read = |value: Value| match serde_json::from_value(value) {
        Ok(read) => Some(read),
        Err(_) => {
            tracing::warn!(what, "The hub sent something that this version does not understand; it is left out.");
            None
        }
    };
    values.into_iter().filter_map(read).collect()
}

impl HubApi {
    async fn put<T: DeserializeOwned>(&self, request: Result<RequestBuilder, RemoteError>) -> VisitOutcome<T> {
        let request = match request {
            Ok(request) => request,
            Err(error) => return rejected(error.code, error.detail, Problem::default()),
        };
        let answer = match self.http.send(request).await {
            Ok(answer) => answer,
            Err(failure) => {
                return match failure.outcome() {
                    Outcome::Retry { after_ms, code } => VisitOutcome::Retry { after_ms, code },
                    _ => VisitOutcome::Unknown { code: failure.error().code },
                };
            }
        };
        match answer.refused_outcome() {
            // A 2xx that cannot be read landed all the same, but as what is asked of the read-back.
            None => answer.json().map_or_else(|error| VisitOutcome::Unknown { code: error.code }, VisitOutcome::Sent),
            Some(Outcome::Retry { after_ms, code }) => VisitOutcome::Retry { after_ms, code },
            Some(Outcome::Unknown { code }) => VisitOutcome::Unknown { code },
            Some(_) => refusal(&answer),
        }
    }

    fn keyed(&self, method: Method, path: &str, marker: &str, body: &Value) -> Result<RequestBuilder, RemoteError> {
        Ok(self.request(method, path)?.header("Idempotency-Key", marker).json(body))
    }
}

fn rejected<T>(code: Code, detail: String, problem: Problem) -> VisitOutcome<T> {
    let reasons: Vec<NoSlot> = known(problem.reasons, "reason");
    let alternatives: Vec<Slot> = known(problem.alternatives.unwrap_or_default(), "slot");
    VisitOutcome::Rejected(Box::new(VisitRefusal { code, detail, args: problem.args, reasons, alternatives }))
}

fn refusal<T>(answer: &Answer) -> VisitOutcome<T> {
    let error = answer.refusal();
    let problem: Problem = answer.json().unwrap_or_default();
    let code = match (Code::from_text(&problem.code), problem.code.as_str()) {
        (Some(code), _) => code,
        (None, "idempotency_key_reused") => Code::Refused,
        (None, _) => error.code,
    };
    let detail = format!("{}: {}", error.detail, problem.code);
    rejected(code, detail, problem)
}

fn new_visit(request: &VisitRequest, booking: &VisitBooking) -> Value {
    json!({
        "ticket_id": request.ticket_remote_id,
        "service": request.service,
        "site": request.site,
        "contact": request.contact,
        "asset": request.asset,
        "note": request.note,
        "window": request.window,
        "centre_id": request.centre,
        "start": booking.start,
        "hold_id": booking.hold_id,
        "engineer_id": booking.engineer_id,
        "languages": booking.languages,
        "waitlist": booking.waitlist,
    })
}

#[async_trait]
impl VisitApi for HubApi {
    fn offers_visits(&self) -> bool {
        true
    }

    async fn centres(&self) -> Result<Vec<ServiceCentre>, RemoteError> {
        Ok(self.read::<CentreList>("centres").await?.read())
    }

    async fn slots(&self, centre_id: &str, question: &SlotQuestion) -> Result<SlotAnswer, RemoteError> {
        let site = site_of(question);
        let mut query = vec![
            ("service", question.service.as_str().to_owned()),
            ("from", question.from.0.to_string()),
            ("to", question.to.0.to_string()),
        ];
        if let Some(place) = site.place() {
            query.extend([("lat", place.latitude.to_string()), ("lon", place.longitude.to_string())]);
        }
        if !site.country.is_empty() {
            query.push(("country", site.country));
        }
        if !question.languages.is_empty() {
            query.push(("language", question.languages.join(",")));
        }
        let path = format!("centres/{}/slots", segment(centre_id)?);
        let answer = self.http.read(self.request(Method::GET, &path)?.query(&query)).await?;
        if answer.status.is_success() {
            return answer.json();
        }
        match refusal::<()>(&answer) {
            VisitOutcome::Rejected(refusal) if answer.status.is_client_error() => {
                let code = if answer.status == StatusCode::TOO_MANY_REQUESTS { Code::RateLimited } else { refusal.code };
                Err(RemoteError { code, ..answer.refusal() })
            }
            _ => Err(answer.refusal()),
        }
    }

    async fn hold(&self, request: &HoldRequest, marker: &str) -> VisitOutcome<Hold> {
        let body = json!({ "centre_id": request.centre_id, "service": request.service, "start": request.start,
            "engineer_id": request.engineer_id, "languages": request.languages });
        self.put(self.keyed(Method::POST, "holds", marker, &body)).await
    }

    async fn release(&self, hold_id: &str) -> Result<(), RemoteError> {
        let request = self.request(Method::DELETE, &format!("holds/{}", segment(hold_id)?))?;
        let answer = self.http.read(request).await?;
        if answer.status == StatusCode::NOT_FOUND { Ok(()) } else { answer.success().map(|_| ()) }
    }

    async fn request_visit(&self, request: &VisitRequest, booking: &VisitBooking, marker: &str) -> VisitOutcome<Visit> {
        self.put(self.keyed(Method::POST, "visits", marker, &new_visit(request, booking))).await
    }

    async fn change_visit(&self, visit_id: &str, change: &VisitChange, version: &str, marker: &str) -> VisitOutcome<Visit> {
        let request = || {
            let path = format!("visits/{}", segment(visit_id)?);
            let body = serde_json::to_value(change).map_err(|error| RemoteError::new(Code::Internal, error.to_string()))?;
            let request = self.keyed(Method::PATCH, &path, marker, &body)?;
            if version.is_empty() {
                return Ok(request);
            }
            Ok(request.header("If-Match", format!("\"{}\"", segment(version)?)))
        };
        self.put(request()).await
    }

    async fn visit(&self, visit_id: &str) -> Result<Visit, RemoteError> {
        let found = self.read(&format!("visits/{}", segment(visit_id)?)).await;
        found.map_err(|error| match error.code {
            Code::NotFound => RemoteError { code: Code::VisitUnknown, ..error },
            _ => error,
        })
    }

    async fn visits(&self, after: i64) -> Result<VisitPage, RemoteError> {
        let page: Page = self.read(&format!("visits?after={after}&limit={VISIT_PAGE}")).await?;
        if page.more && page.next_after <= after {
            return Err(RemoteError::new(Code::AnswerUnexpected, format!("{}: the visits do not advance", self.http.host())));
        }
        Ok(VisitPage { visits: known(page.visits, "visit"), next_after: page.next_after, more: page.more })
    }

    async fn find_visit(&self, marker: &str) -> Result<Option<Visit>, RemoteError> {
        let request = self.request(Method::GET, &format!("operations/{}", segment(marker)?))?;
        let answer = self.http.read(request).await?;
        if answer.status == StatusCode::NOT_FOUND {
            let problem: Problem = answer.json()?;
            // A 404 of somebody else, a proxy or another server, says nothing about the operation.
            return match problem.code.as_str() {
                "operation_unknown" => Ok(None),
                _ => Err(RemoteError::new(Code::AnswerUnexpected, format!("{}: no such route", self.http.host()))),
            };
        }
        let found: Operation = answer.success()?.json()?;
        match found.visit_id {
            Some(id) => self.visit(&id).await.map(Some),
            None => {
                Err(RemoteError::new(Code::AnswerUnexpected, format!("{}: the operation was about no visit", self.http.host())))
            }
        }
    }
}
