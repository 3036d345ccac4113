//! One field of a ticket: compared with what the person saw, written, and read again.
//!
//! RT answers a PUT with 200 whatever became of it, so only what is read afterwards counts. The write names the entity tag
//! of the reading before it (`If-Match`); RT checks that tag and then acts, so of two writers within the same few
//! milliseconds the later one still wins.

use std::collections::BTreeMap;

use deskbell_domain::UtcMs;
use deskbell_domain::error::Code;
use deskbell_domain::sync::op::{Outcome, Receipt};
use deskbell_domain::ticket::{Priority, Status};
use reqwest::Method;
use reqwest::header::IF_MATCH;
use serde_json::{Value, json};

use super::conversation::{NOBODY, VALUES_JOINT, tag_field};
use super::fields::{self, Definition};
use super::send::{messages, refusal_code, refused};
use super::shape::{CustomFieldRow, TicketRow};
use super::{Inner, words};
use crate::RemoteError;

/// How often a ticket is read anew because it changed between reading and writing.
const WRITES_MAX: usize = 3;
/// RT reads a date and time by the user's own clock: how often the difference is put right.
const CLOCK_FIXES_MAX: usize = 2;
/// No clock on earth is further from UTC.
const CLOCK_OFFSET_MS_MAX: i64 = 26 * 60 * 60 * 1_000;

/// What is to become of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    Status {
        from: Status,
        to: Status,
    },
    /// To be finished, in whichever way; RT's own word for it is resolved.
    Finish {
        from: Status,
    },
    /// Not to be finished any more.
    Unfinish,
    Priority {
        from: Priority,
        to: Priority,
    },
    Owner {
        from: String,
        to: String,
    },
    Tags {
        from: Vec<String>,
        to: Vec<String>,
    },
    Field {
        name: String,
        from: String,
        to: String,
    },
}

/// What a change means for a ticket as it stands.
enum Against {
    /// It is so already.
    There,
    Write(Value, Goal),
    No {
        code: Code,
        detail: String,
    },
}

/// What has to be read afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Goal {
    Status(Status),
    Unfinished,
    Priority(Priority),
    Owner(String),
    /// Exactly these values of the field, in any order.
    Values {
        field: u64,
        values: Vec<String>,
    },
    /// One moment, whatever RT's way of writing it.
    Moment {
        field: u64,
        at: UtcMs,
    },
}

impl Inner {
    /// Writes if the field still is what the person saw.
    pub(super) async fn change(&self, ticket: u64, change: &Change) -> Outcome {
        for _ in 0..WRITES_MAX {
            let (row, tag) = match self.ticket_record_tagged(ticket).await {
                Ok(seen) => seen,
                Err(error) => return not_read(error),
            };
            if row.status.0 == "deleted" {
                return deleted();
            }
            let against = match self.compare(&row, change).await {
                Ok(against) => against,
                Err(error) => return not_read(error),
            };
            let (body, goal) = match against {
                Against::There => return Outcome::Sent(Receipt::default()),
                Against::No { code, detail } => return Outcome::Rejected { code, detail },
                Against::Write(body, goal) => (body, goal),
            };
            match self.write_and_read(ticket, &body, tag.as_deref(), &goal, change.label()).await {
                Outcome::Rejected { code: Code::ChangedMeanwhile, .. } => {}
                outcome => return outcome,
            }
        }
        Outcome::Retry { after_ms: None, code: Code::ChangedMeanwhile }
    }

    /// Whether the ticket is as the change wants it.
    pub(super) async fn is_changed(&self, ticket: u64, change: &Change) -> Result<bool, RemoteError> {
        let row = self.ticket_record(ticket).await?;
        Ok(matches!(self.compare(&row, change).await?, Against::There))
    }

    async fn compare(&self, row: &TicketRow, change: &Change) -> Result<Against, RemoteError> {
        let definition = match (change, change.field_of(row)) {
            (Change::Tags { .. } | Change::Field { .. }, Some(field)) => self.definition(field).await?,
            _ => None,
        };
        Ok(change.against(row, definition.as_ref()))
    }

    async fn write_and_read(&self, ticket: u64, body: &Value, tag: Option<&str>, goal: &Goal, label: &str) -> Outcome {
        let answer = match self.put(ticket, body, tag).await {
            Ok(answer) => answer,
            Err(outcome) => return outcome,
        };
        let mut said = messages(&answer);
        let mut row = match self.ticket_record(ticket).await {
            Ok(row) => row,
            Err(error) => return Outcome::Unknown { code: error.code },
        };
        let mut shift_ms = 0;
        for _ in 0..CLOCK_FIXES_MAX {
            let Some((again, shift)) = goal.by_the_clock_of_rt(&row, shift_ms) else { break };
            shift_ms = shift;
            match self.put(ticket, &again, None).await {
                Ok(answer) => said = messages(&answer),
                Err(outcome) => return outcome,
            }
            row = match self.ticket_record(ticket).await {
                Ok(row) => row,
                Err(error) => return Outcome::Unknown { code: error.code },
            };
        }
        if goal.is_met(&row) {
            return Outcome::Sent(Receipt::default());
        }
        let said = if said.is_empty() { "Request Tracker said nothing, and the value is not there".to_owned() } else { said };
        let kept = goal.kept(&row).map(|kept| format!(" ({kept})")).unwrap_or_default();
        Outcome::Rejected { code: refusal_code(&said), detail: format!("{label}: {said}{kept}") }
    }

    async fn put(&self, ticket: u64, body: &Value, tag: Option<&str>) -> Result<crate::http::Answer, Outcome> {
        let path = format!("REST/2.0/ticket/{ticket}");
        let ask = |http: &crate::http::HttpClient| {
            let request = http.request(Method::PUT, &path)?.json(body);
            Ok(match tag {
                Some(tag) => request.header(IF_MATCH, tag),
                None => request,
            })
        };
        let answer = self.session.write(ask).await.map_err(|failure| failure.outcome())?;
        match refused(&answer) {
            Some(outcome) => Err(outcome),
            None => Ok(answer),
        }
    }
}

/// Nothing was asked to change yet.
pub(super) fn not_read(error: RemoteError) -> Outcome {
    match error.code {
        Code::Forbidden | Code::NotFound => Outcome::Rejected { code: error.code, detail: error.detail },
        _ => Outcome::Retry { after_ms: error.retry_after_ms, code: error.code },
    }
}

/// RT would take a reply to a deleted ticket, where nobody reads it.
pub(super) fn deleted() -> Outcome {
    Outcome::Rejected { code: Code::NotFound, detail: "the ticket was deleted on the server".to_owned() }
}

impl Change {
    /// What a refusal names the field by.
    fn label(&self) -> &str {
        match self {
            Self::Status { .. } | Self::Finish { .. } | Self::Unfinish => "status",
            Self::Priority { .. } => "priority",
            Self::Owner { .. } => "assignee",
            Self::Tags { .. } => "tags",
            Self::Field { name, .. } => name,
        }
    }

    fn field_of<'a>(&self, row: &'a TicketRow) -> Option<&'a CustomFieldRow> {
        match self {
            Self::Tags { .. } => tag_field(row),
            Self::Field { name, .. } => row.custom_fields.0.iter().find(|field| field.name.0 == *name),
            _ => None,
        }
    }

    fn against(&self, row: &TicketRow, definition: Option<&Definition>) -> Against {
        let status = words::status(&row.status.0);
        match self {
            Self::Status { from, to } => self.status_against(status, *from, *to),
            Self::Finish { .. } if !status.is_unfinished() => Against::There,
            Self::Finish { from } => self.status_against(status, *from, Status::Resolved),
            Self::Unfinish if status.is_unfinished() => Against::There,
            Self::Unfinish => Against::Write(json!({ "Status": "open" }), Goal::Unfinished),
            Self::Priority { from, to } => match words::priority(&row.priority.0) {
                now if now == *to => Against::There,
                now if now == *from => Against::Write(json!({ "Priority": words::priority_number(*to) }), Goal::Priority(*to)),
                _ => self.overtaken(&row.priority.0),
            },
            Self::Owner { from, to } => {
                let now = if row.owner.0.key() == NOBODY { "" } else { row.owner.0.key() };
                if same_user(now, to) {
                    Against::There
                } else if same_user(now, from) {
                    let name = if to.is_empty() { NOBODY } else { to };
                    Against::Write(json!({ "Owner": name }), Goal::Owner(to.clone()))
                } else {
                    self.overtaken(now)
                }
            }
            Self::Tags { from, to } => self.tags_against(row, from, to),
            Self::Field { name, from, to } => match self.field_of(row) {
                Some(field) => self.field_against(field, definition, from, to),
                None => no(Code::InputInvalid, format!("{name}: this ticket has no such custom field in Request Tracker")),
            },
        }
    }

    fn status_against(&self, now: Status, from: Status, to: Status) -> Against {
        // A reply opens a ticket that is new or finished by itself; a status chosen on it still stands.
        let opens = matches!(from, Status::New | Status::Resolved | Status::Closed) && now == Status::Open;
        match words::raw_status(to) {
            _ if now == to => Against::There,
            Some(raw) if now == from || opens => Against::Write(json!({ "Status": raw }), Goal::Status(to)),
            Some(_) => self.overtaken(now.as_str()),
            None => no(Code::InputInvalid, format!("Request Tracker has no status for {}", to.as_str())),
        }
    }

    /// As a difference, so that nothing overtakes it.
    fn tags_against(&self, row: &TicketRow, from: &[String], to: &[String]) -> Against {
        let Some(field) = tag_field(row) else {
            return no(Code::OperationNotOffered, "tags: this ticket's queue has no custom field for them".to_owned());
        };
        let now: Vec<String> = field.set_values().into_iter().map(str::to_owned).collect();
        let mut wanted: Vec<String> = now.iter().filter(|tag| to.contains(tag) || !from.contains(tag)).cloned().collect();
        for tag in to.iter().filter(|tag| !from.contains(tag)) {
            if !wanted.contains(tag) {
                wanted.push(tag.clone());
            }
        }
        if wanted == now { Against::There } else { write_values(field, wanted) }
    }

    fn field_against(&self, field: &CustomFieldRow, definition: Option<&Definition>, from: &str, to: &str) -> Against {
        let now = field.set_values();
        let shown = now.join(VALUES_JOINT);
        let moment = fields::moment(field, definition, to);
        let is_single = definition.map_or(now.len() < 2 && !to.is_empty(), Definition::is_single);
        let known: Vec<&str> = definition.map(Definition::choices).unwrap_or_default().into_iter().chain(now.clone()).collect();
        // The order of several values says nothing.
        let is_now = |text: &str| match moment {
            Some(at) if text == to => UtcMs::parse_rfc3339(&shown).ok() == Some(at),
            _ if is_single || moment.is_some() => shown == text,
            _ => shown == text || is_same_set(&fields::split_values(text, &known), &now),
        };
        if is_now(to) {
            return Against::There;
        }
        if !is_now(from) {
            return self.overtaken(&shown);
        }
        let Some(id) = field.id.number() else {
            return no(Code::AnswerUnexpected, format!("{}: the server named no id for the field", field.name.0));
        };
        if let Some(at) = moment {
            let body = one_field(id, &json!(fields::naive(at)));
            return Against::Write(body, Goal::Moment { field: id, at });
        }
        if is_single {
            let value = if to.is_empty() { Value::Null } else { json!(to) };
            let values = if to.is_empty() { Vec::new() } else { vec![to.to_owned()] };
            return Against::Write(one_field(id, &value), Goal::Values { field: id, values });
        }
        write_values(field, fields::split_values(to, &known))
    }

    fn overtaken(&self, now: &str) -> Against {
        no(Code::ChangedMeanwhile, format!("{}: somebody else made it {now:?}", self.label()))
    }
}

fn no(code: Code, detail: String) -> Against {
    Against::No { code, detail }
}

fn same_user(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

fn is_same_set(some: &[String], others: &[&str]) -> bool {
    let mut some: Vec<&str> = some.iter().map(String::as_str).collect();
    let mut others = others.to_vec();
    some.sort_unstable();
    others.sort_unstable();
    some == others
}

fn write_values(field: &CustomFieldRow, values: Vec<String>) -> Against {
    match field.id.number() {
        Some(id) => Against::Write(one_field(id, &json!(values)), Goal::Values { field: id, values }),
        None => no(Code::AnswerUnexpected, format!("{}: the server named no id for the field", field.name.0)),
    }
}

fn one_field(id: u64, value: &Value) -> Value {
    json!({ "CustomFields": BTreeMap::from([(id.to_string(), value)]) })
}

impl Goal {
    fn is_met(&self, row: &TicketRow) -> bool {
        match self {
            Self::Status(to) => words::status(&row.status.0) == *to,
            Self::Unfinished => words::status(&row.status.0).is_unfinished(),
            Self::Priority(to) => words::priority(&row.priority.0) == *to,
            Self::Owner(to) => {
                let now = row.owner.0.key();
                same_user(if now == NOBODY { "" } else { now }, to)
            }
            Self::Values { field, values } => is_same_set(values, &values_of(row, *field)),
            Self::Moment { field, at } => moment_of(row, *field) == Some(*at),
        }
    }

    /// What of several values did land.
    fn kept(&self, row: &TicketRow) -> Option<String> {
        let Self::Values { field, values } = self else { return None };
        let now = values_of(row, *field);
        let (there, missing): (Vec<&str>, Vec<&str>) = values.iter().map(String::as_str).partition(|value| now.contains(value));
        (values.len() > 1).then(|| format!("there: {}; not there: {}", there.join(VALUES_JOINT), missing.join(VALUES_JOINT)))
    }

    /// RT reads a time of day by the clock of the user's own place and shows it in UTC: the difference between both tells the
    /// place, and the same write shifted by it lands on the moment that was meant. `None` when there is nothing to put right.
    fn by_the_clock_of_rt(&self, row: &TicketRow, shifted_ms: i64) -> Option<(Value, i64)> {
        let Self::Moment { field, at } = self else { return None };
        let off_ms = at.ms_since(moment_of(row, *field)?);
        let shift_ms = shifted_ms + off_ms;
        let is_a_clock = off_ms != 0 && shift_ms.abs() <= CLOCK_OFFSET_MS_MAX;
        is_a_clock.then(|| (one_field(*field, &json!(fields::naive(at.plus_ms(shift_ms)))), shift_ms))
    }
}

fn values_of(row: &TicketRow, field: u64) -> Vec<&str> {
    let found = row.custom_fields.0.iter().find(|one| one.id.number() == Some(field));
    found.map(CustomFieldRow::set_values).unwrap_or_default()
}

fn moment_of(row: &TicketRow, field: u64) -> Option<UtcMs> {
    UtcMs::parse_rfc3339(values_of(row, field).first()?).ok()
}
