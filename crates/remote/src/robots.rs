//! Robots in group chats: messages to the webhooks of DingTalk, WeCom and Feishu.
//!
//! Owns: what an address of each platform looks like, how a message is written and signed, and what an answer means. Must
//! not know: queues, rules, the store. Invariants: exactly one [`Outcome`] a message; the token in an address and the signing
//! secret never reach a log or a text; a customer's words can name nobody in the group.

mod address;
mod dingtalk;
mod feishu;
mod mention;
mod wecom;

#[cfg(test)]
mod tests;

use deskbell_domain::UtcMs;
use deskbell_domain::error::Code;
use deskbell_domain::robot::RobotKind;
use deskbell_domain::sync::op::{Outcome, Receipt};
use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Map, Value};

use crate::RemoteError;
use crate::http::{Answer, HttpClient, Limits};
use address::Address;
pub use address::{address_hint, expected_address};
pub use mention::check_mention;

/// Time to an answer; platforms take well under a second.
pub const ROBOT_TIMEOUT_MS: u64 = 15_000;
const CONNECT_TIMEOUT_MS: u64 = 8_000;
/// An answer is a line of JSON.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Of the platform's own words, characters kept.
const SAID_CHARS_MAX: usize = 300;

/// One ticket in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RobotLine {
    /// What the link is shown as: the ticket's number.
    pub label: String,
    pub link: String,
    pub text: String,
}

/// A message, before any platform's own way of writing it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RobotMessage {
    pub title: String,
    pub lines: Vec<RobotLine>,
    /// Sentences after the lines.
    pub closing: Vec<String>,
    /// Mobile numbers, user ids, or `all`.
    pub mention: Vec<String>,
}

/// What came of a message, with the platform's own words.
#[derive(Debug, Clone, PartialEq)]
pub struct RobotAnswer {
    pub outcome: Outcome,
    pub said: String,
}

/// One robot's webhook.
pub struct RobotClient {
    kind: RobotKind,
    http: HttpClient,
    address: Address,
    secret: Option<SecretString>,
}

impl RobotClient {
    /// Nothing is sent.
    ///
    /// # Errors
    /// `robot_address_invalid` when the address is not one of this platform (https and its host; plain http and any port on
    /// loopback); `certificate_invalid` when this machine has no certificate authorities.
    pub fn new(kind: RobotKind, address: &SecretString, secret: Option<SecretString>) -> Result<Self, RemoteError> {
        let address = Address::parse(kind, address)?;
        let limits = Limits {
            connect_timeout_ms: CONNECT_TIMEOUT_MS,
            total_timeout_ms: ROBOT_TIMEOUT_MS,
            body_bytes_max: ANSWER_BYTES_MAX,
            connections_max: 1,
        };
        let http = HttpClient::with_limits(&address.base, limits)?;
        Ok(Self { kind, http, address, secret })
    }

    /// Sends once.
    pub async fn send(&self, message: &RobotMessage, now: UtcMs) -> RobotAnswer {
        let (mut query, mut body) = (self.address.query(), write(self.kind, message));
        if let Some(secret) = &self.secret {
            match self.kind {
                RobotKind::Dingtalk => query.extend(dingtalk::signed(secret, now)),
                RobotKind::Feishu => feishu::sign(&mut body, secret, now),
                RobotKind::Wecom => {}
            }
        }
        let request = match self.http.request(Method::POST, &self.address.path()) {
            Ok(request) => request.query(&query).json(&body),
            Err(error) => {
                return RobotAnswer {
                    outcome: Outcome::Rejected { code: error.code, detail: error.detail },
                    said: String::new(),
                };
            }
        };
        match self.http.send(request).await {
            Ok(answer) => judge(self.kind, &answer),
            Err(failure) => RobotAnswer { outcome: failure.outcome(), said: failure.error().detail.clone() },
        }
    }
}

/// True when the platform would not take the message for its length.
#[must_use]
pub fn is_oversize(kind: RobotKind, message: &RobotMessage) -> bool {
    match kind {
        RobotKind::Dingtalk => dingtalk::is_oversize(message),
        RobotKind::Wecom => wecom::is_oversize(message),
        RobotKind::Feishu => feishu::is_oversize(message),
    }
}

fn write(kind: RobotKind, message: &RobotMessage) -> Map<String, Value> {
    match kind {
        RobotKind::Dingtalk => dingtalk::body(message),
        RobotKind::Wecom => wecom::body(message),
        RobotKind::Feishu => feishu::body(message),
    }
}

/// A platform's own number for what happened.
struct Verdict {
    number: i64,
    said: String,
}

/// What a platform's number means.
enum Meaning {
    Sent,
    /// Nothing was said; later it may be. `after_ms`: not before.
    Later {
        after_ms: Option<u64>,
        code: Code,
    },
    Refused(Code),
}

/// A number where there is one, whatever the HTTP status; the status where there is none.
fn judge(kind: RobotKind, answer: &Answer) -> RobotAnswer {
    let value: Result<Value, RemoteError> = answer.json();
    let verdict = value.as_ref().ok().and_then(|value| match kind {
        RobotKind::Dingtalk | RobotKind::Wecom => verdict(value, &["errcode"], &["errmsg"]),
        RobotKind::Feishu => verdict(value, &["code", "StatusCode"], &["msg", "StatusMessage"]),
    });
    let Some(verdict) = verdict else {
        let said = format!("HTTP {}", answer.status.as_u16());
        let outcome = match (answer.refused_outcome(), value) {
            (Some(Outcome::Rejected { code: Code::NotFound, detail }), _) => Outcome::Rejected { code: Code::RobotGone, detail },
            (Some(Outcome::Retry { after_ms, code: Code::RateLimited }), _) => {
                Outcome::Retry { after_ms: Some(after_ms.unwrap_or(penalty_ms(kind))), code: Code::RateLimited }
            }
            (Some(outcome), _) => outcome,
            // It said yes in HTTP and something unreadable beside it: it may well have arrived.
            (None, Err(error)) => Outcome::Unknown { code: error.code },
            (None, Ok(_)) => Outcome::Unknown { code: Code::AnswerUnexpected },
        };
        return RobotAnswer { outcome, said };
    };
    let said = format!("{}: {}", verdict.number, verdict.said);
    let meaning = match kind {
        RobotKind::Dingtalk => dingtalk::meaning(&verdict),
        RobotKind::Wecom => wecom::meaning(&verdict),
        RobotKind::Feishu => feishu::meaning(&verdict),
    };
    let outcome = match meaning {
        Meaning::Sent if answer.status.is_success() => Outcome::Sent(Receipt::default()),
        Meaning::Sent => answer.refused_outcome().unwrap_or(Outcome::Unknown { code: Code::AnswerUnexpected }),
        Meaning::Later { after_ms, code } => {
            let after_ms = after_ms.into_iter().chain(answer.retry_after_ms()).max();
            Outcome::Retry { after_ms, code }
        }
        Meaning::Refused(code) => Outcome::Rejected { code, detail: said.clone() },
    };
    RobotAnswer { outcome, said }
}

fn verdict(value: &Value, numbers: &[&str], words: &[&str]) -> Option<Verdict> {
    let number = numbers.iter().find_map(|name| value.get(name)?.as_i64())?;
    let said = words.iter().find_map(|name| value.get(name)?.as_str()).unwrap_or_default();
    // The platforms repeat no token and no message; a line and a length keep the log readable.
    Some(Verdict { number, said: one_line(said, SAID_CHARS_MAX) })
}

const fn penalty_ms(kind: RobotKind) -> u64 {
    kind.penalty_ms().unsigned_abs()
}

fn one_line(text: &str, chars_max: usize) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(chars_max).collect()
}

/// Customer's words in a place that reads Markdown or tags: what could become a mention, a link or a format looks the same
/// and means nothing.
fn harmless(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '<' => '‹',
            '>' => '›',
            '[' => '［',
            ']' => '］',
            '(' => '（',
            ')' => '）',
            '*' => '＊',
            '`' => '｀',
            '@' => '＠',
            '\\' => '＼',
            '~' => '～',
            _ if letter.is_control() => ' ',
            _ => letter,
        })
        .collect()
}
