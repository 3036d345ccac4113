//! Diagnosis sessions (云医生): an expert looks into a system together with the customer, by appointment, on a ticket.
//!
//! Owns what a session is and what is wrong with one as typed. Invariants: a uid is given once and for ever; the sequence grows
//! with every change that a calendar has to learn (RFC 5546, 2.1.4); nobody finishes a session without recorded consent.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::directory::{Contact, Problem, TEXT_CHARS_MAX, check_person};
use crate::error::Code;
use crate::ticket::{TicketId, text_enum};
use crate::time::{DAY_MS, UtcMs};

/// Longest title, in characters.
pub const TITLE_CHARS_MAX: usize = 200;
/// Most people of one session.
pub const PARTICIPANTS_MAX: usize = 50;
/// Most reminders of one session.
pub const REMINDERS_MAX: usize = 10;
/// Earliest reminder, in minutes before the beginning: four weeks.
pub const REMINDER_MIN_MAX: u32 = 28 * 24 * 60;
/// Longest session.
pub const SESSION_MS_MAX: i64 = DAY_MS;
/// Longest findings, in characters.
pub const SESSION_FINDINGS_CHARS_MAX: usize = 20_000;
/// Longest address to join by, in characters.
const JOIN_URL_CHARS_MAX: usize = 2_000;
/// Reminders of a session that names none, in minutes before it.
pub const REMINDERS_DEFAULT: [u32; 2] = [60, 10];

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DiagnosisState {
    Planned,
    Done,
    Cancelled,
}

text_enum!(DiagnosisState { Planned = "planned", Done = "done", Cancelled = "cancelled" });

/// Somebody who takes part.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct Participant {
    pub name: String,
    /// May be empty; without it no invitation can name them.
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub role: String,
}

/// The customer's word that somebody may look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Consent {
    /// Who gave it.
    pub by: String,
    pub at: UtcMs,
    /// What they agreed to, in their words.
    pub words: String,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DiagnosisSession {
    #[ts(type = "number")]
    pub id: i64,
    /// What calendars know it by.
    pub uid: String,
    pub ticket: TicketId,
    pub ticket_remote_id: String,
    pub title: String,
    pub start: UtcMs,
    pub end: UtcMs,
    /// IANA name of the zone that it was agreed in.
    pub time_zone: String,
    pub join_url: String,
    pub participants: Vec<Participant>,
    pub consent: Option<Consent>,
    pub findings: String,
    pub state: DiagnosisState,
    /// Why it was called off; empty while it was not.
    #[serde(default)]
    pub cancel_reason: String,
    /// As iCalendar's SEQUENCE.
    pub sequence: u32,
    /// Minutes before the beginning at which the bell rings.
    pub reminders_min: Vec<u32>,
    pub updated_at: UtcMs,
}

/// A session as a person typed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DiagnosisDraft {
    /// `None` for a new one.
    #[ts(type = "number | null")]
    pub id: Option<i64>,
    pub ticket: TicketId,
    pub title: String,
    pub start: UtcMs,
    pub end: UtcMs,
    pub time_zone: String,
    pub join_url: String,
    pub participants: Vec<Participant>,
    pub consent: Option<Consent>,
    pub findings: String,
    pub reminders_min: Vec<u32>,
}

/// Everything wrong with a session as of `now`. One that exists already may lie in the past.
#[must_use]
pub fn check_diagnosis(draft: &DiagnosisDraft, now: UtcMs) -> Vec<Problem> {
    let mut found = Vec::new();
    texts(&mut found, draft);
    times(&mut found, draft, now);
    people(&mut found, draft);
    if draft.reminders_min.len() > REMINDERS_MAX {
        found.push(Problem::new("reminders_min", Code::TooMany).with("most", REMINDERS_MAX));
    }
    for (index, minutes) in draft.reminders_min.iter().enumerate().filter(|(_, minutes)| **minutes > REMINDER_MIN_MAX) {
        let problem = Problem::new(format!("reminders_min[{index}]"), Code::NumberOutOfRange);
        found.push(problem.with("value", minutes).with("least", 0).with("most", REMINDER_MIN_MAX));
    }
    found
}

fn texts(found: &mut Vec<Problem>, draft: &DiagnosisDraft) {
    if draft.title.trim().is_empty() {
        found.push(Problem::new("title", Code::ValueMissing));
    }
    for (field, text, most) in [
        ("title", &draft.title, TITLE_CHARS_MAX),
        ("join_url", &draft.join_url, JOIN_URL_CHARS_MAX),
        ("findings", &draft.findings, SESSION_FINDINGS_CHARS_MAX),
    ] {
        if text.chars().count() > most {
            found.push(Problem::new(field, Code::TextTooLong).with("most", most));
        }
    }
    if !draft.join_url.trim().is_empty() && !is_join_url(&draft.join_url) {
        found.push(Problem::new("join_url", Code::EndpointInvalid).with("detail", "https://…"));
    }
}

fn times(found: &mut Vec<Problem>, draft: &DiagnosisDraft, now: UtcMs) {
    if draft.time_zone.parse::<chrono_tz::Tz>().is_err() {
        found.push(Problem::new("time_zone", Code::ValueMissing).with("value", &draft.time_zone));
    }
    if draft.end <= draft.start {
        found.push(Problem::new("end", Code::WindowReversed));
    } else if draft.end.ms_since(draft.start) > SESSION_MS_MAX {
        found.push(Problem::new("end", Code::WindowTooLong).with("days", SESSION_MS_MAX / DAY_MS));
    }
    if draft.id.is_none() && draft.start < now {
        found.push(Problem::new("start", Code::WindowPast));
    }
}

fn people(found: &mut Vec<Problem>, draft: &DiagnosisDraft) {
    if draft.participants.len() > PARTICIPANTS_MAX {
        found.push(Problem::new("participants", Code::TooMany).with("most", PARTICIPANTS_MAX));
        return;
    }
    for (index, one) in draft.participants.iter().enumerate() {
        let person = Contact { name: one.name.clone(), role: one.role.clone(), phone: String::new(), email: one.email.clone() };
        found.extend(check_person(&format!("participants[{index}]"), &person));
    }
    if let Some(consent) = &draft.consent {
        if consent.by.trim().is_empty() {
            found.push(Problem::new("consent.by", Code::ValueMissing));
        }
        if consent.words.trim().is_empty() {
            found.push(Problem::new("consent.words", Code::ValueMissing));
        }
        if consent.words.chars().count() > TEXT_CHARS_MAX {
            found.push(Problem::new("consent.words", Code::TextTooLong).with("most", TEXT_CHARS_MAX));
        }
    }
}

/// https with a host and nothing that breaks a line or a property.
fn is_join_url(text: &str) -> bool {
    let text = text.trim();
    let host = text.strip_prefix("https://").unwrap_or_default().split(['/', '?', '#']).next().unwrap_or_default();
    !host.is_empty() && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>\"\\".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> DiagnosisDraft {
        DiagnosisDraft {
            id: None,
            ticket: TicketId(1),
            title: "网关 502 会诊".into(),
            start: UtcMs(10_000_000),
            end: UtcMs(13_600_000),
            time_zone: "Asia/Shanghai".into(),
            join_url: "https://meet.example.com/abc".into(),
            participants: vec![Participant { name: "周启明".into(), email: "zhou@example.com".into(), role: String::new() }],
            consent: None,
            findings: String::new(),
            reminders_min: vec![60, 10],
        }
    }

    #[test]
    fn what_is_wrong_is_named_by_field() {
        assert_eq!(check_diagnosis(&draft(), UtcMs(0)), []);
        type Spoil = fn(&mut DiagnosisDraft);
        let table: [(Spoil, &str, Code); 12] = [
            (|d| d.title = "  ".into(), "title", Code::ValueMissing),
            (|d| d.title = "长".repeat(201), "title", Code::TextTooLong),
            (|d| d.join_url = "http://meet.example.com/".into(), "join_url", Code::EndpointInvalid),
            (|d| d.join_url = "https://a\r\nATTENDEE:x".into(), "join_url", Code::EndpointInvalid),
            (|d| d.end = d.start, "end", Code::WindowReversed),
            (|d| d.end = d.start.plus_ms(DAY_MS + 1), "end", Code::WindowTooLong),
            (|d| d.start = UtcMs(-1), "start", Code::WindowPast),
            (|d| d.time_zone = "Mars/Base".into(), "time_zone", Code::ValueMissing),
            (|d| d.participants[0].email = "zhou".into(), "participants[0].email", Code::MailAddressInvalid),
            (|d| d.participants = vec![Participant::default(); 51], "participants", Code::TooMany),
            (|d| d.reminders_min = vec![REMINDER_MIN_MAX + 1], "reminders_min[0]", Code::NumberOutOfRange),
            (
                |d| d.consent = Some(Consent { by: "王".into(), at: UtcMs(0), words: " ".into() }),
                "consent.words",
                Code::ValueMissing,
            ),
        ];
        for (spoil, field, code) in table {
            let mut spoilt = draft();
            spoil(&mut spoilt);
            let found = check_diagnosis(&spoilt, UtcMs(0));
            assert_eq!(found.iter().map(|one| (one.field.as_str(), one.code)).collect::<Vec<_>>(), [(field, code)]);
        }
    }

    #[test]
    fn a_session_that_exists_may_lie_in_the_past() {
        let known = DiagnosisDraft { id: Some(3), ..draft() };
        assert_eq!(check_diagnosis(&known, UtcMs(99_000_000)), []);
    }
}
