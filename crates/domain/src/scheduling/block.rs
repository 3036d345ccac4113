//! Visits that travel as tickets: what the desk writes for machines, and how an answer is read.
//!
//! What comes back is a stranger's text: quoted, cut, wrapped, hostile. Invariants: reading never fails and takes time linear in
//! at most [`READ_CHARS_MAX`] characters; what the desk wrote itself, quoted back in any way, is no answer; where two answers
//! contradict each other there is none.

use std::collections::HashSet;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::request::{Site, VisitRequest};
use super::service::Service;
use super::visit::{VisitAction, VisitState};
use super::wish::{VisitBooking, VisitChange, VisitKey};
use crate::directory::Contact;
use crate::time::{DAY_MS, UtcMs};

mod when;

#[cfg(test)]
mod tests;

pub use when::read_when;

/// Stands alone on the line before the machine's part.
pub const BLOCK_BEGIN: &str = "-----BEGIN DESKBELL VISIT-----";
/// Stands alone on the line behind it.
pub const BLOCK_END: &str = "-----END DESKBELL VISIT-----";
/// Version of the machine's part.
pub const BLOCK_VERSION: u32 = 1;
/// Characters of a reply that are looked at.
pub const READ_CHARS_MAX: usize = 200_000;
/// Longest machine's part, in characters.
pub const BLOCK_CHARS_MAX: usize = 64 * 1024;
/// Longest name of an engineer or reason that is taken over, in characters.
const WORD_CHARS_MAX: usize = 500;
/// Longest visit that is believed.
const VISIT_MS_MAX: i64 = 7 * DAY_MS;
/// Moments that are believed: the years 2000 to 2099.
const BELIEVED: std::ops::Range<i64> = 946_684_800_000..4_102_444_800_000;

/// What the desk asks for on a ticket that carries a visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VisitAsk {
    pub v: u32,
    pub visit: VisitKey,
    /// `request`, or the action asked for.
    pub ask: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// The centre that was chosen, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub centre: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<Site>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset: Option<String>,
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The moment that was chosen, where one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Remote id of the ticket that it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
}

impl VisitAsk {
    /// A visit that is asked for.
    #[must_use]
    pub fn request(visit: &str, request: &VisitRequest, booking: &VisitBooking) -> Self {
        let ticket = Some(request.ticket_remote_id.clone()).filter(|id| !id.is_empty());
        Self {
            v: BLOCK_VERSION,
            visit: visit.to_owned(),
            ask: "request".to_owned(),
            service: Some(request.service),
            centre: None,
            site: Some(request.site.clone()),
            contact: Some(request.contact.clone()),
            asset: Some(request.asset.clone()),
            from: Some(request.window.from.to_rfc3339()),
            to: Some(request.window.to.to_rfc3339()),
            start: booking.start.map(UtcMs::to_rfc3339),
            reason: None,
            ticket,
        }
    }

    /// A change that is asked for or told.
    #[must_use]
    pub fn change(visit: &str, change: &VisitChange) -> Self {
        Self {
            v: BLOCK_VERSION,
            visit: visit.to_owned(),
            ask: change.action.unwrap_or(VisitAction::Edit).as_str().to_owned(),
            service: None,
            centre: None,
            site: None,
            contact: change.contact.clone(),
            asset: change.asset.clone(),
            from: None,
            to: None,
            start: change.start.map(UtcMs::to_rfc3339),
            reason: Some(change.reason.clone()).filter(|reason| !reason.is_empty()),
            ticket: None,
        }
    }

    /// The machine's part, three lines.
    #[must_use]
    pub fn to_block(&self) -> String {
        // Plain structs of text and numbers: there is nothing that JSON cannot say.
        let json = serde_json::to_string(self).unwrap_or_default();
        format!("{BLOCK_BEGIN}\n{json}\n{BLOCK_END}\n")
    }
}

/// Elements that begin a line of their own.
const BREAKING: &[&str] =
    &["br", "p", "/p", "div", "/div", "li", "/li", "tr", "/tr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "/pre", "hr"];

/// The lines of a reply in HTML, tags and entities still in it; what is quoted goes.
#[must_use]
pub fn html_lines(html: &str) -> String {
    let mut lines = String::with_capacity(html.len().min(READ_CHARS_MAX));
    let mut quotes: u32 = 0;
    for (place, piece) in html.split('<').enumerate() {
        let tag: String = piece
            .chars()
            .take(12)
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '/')
            .collect::<String>()
            .to_ascii_lowercase();
        let tag = if place == 0 { "" } else { tag.trim_end_matches('/') };
        quotes = match tag {
            "blockquote" => quotes.saturating_add(1),
            "/blockquote" => quotes.saturating_sub(1),
            _ => quotes,
        };
        if quotes > 0 || tag == "/blockquote" {
            if tag == "/blockquote" && quotes == 0 {
                lines.push('\n');
                lines.push_str(piece.split_once('>').map_or("", |(_, behind)| behind));
            }
            continue;
        }
        if BREAKING.contains(&tag) {
            lines.push('\n');
        }
        if place > 0 {
            lines.push('<');
        }
        lines.push_str(piece);
    }
    lines
}

/// What a person typed, as one line of the readable part: it can neither begin a line nor end the block.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.split(|character: char| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}'))
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" / ")
}

/// What the other side says of a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VisitAnswer {
    /// Confirmed, declined, cancelled, done or waitlisted.
    pub state: VisitState,
    pub start: Option<UtcMs>,
    pub end: Option<UtcMs>,
    /// Name of whoever comes; may be empty.
    pub engineer: String,
    pub reason: String,
}

/// What a reply holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    Answer(VisitAnswer),
    /// Words that only people can read.
    Words,
    /// Nothing but what the desk wrote itself.
    Nothing,
}

/// Reads a reply on the ticket that carries `visit`. `ours` are the texts that the desk wrote there; a time without a zone is
/// one of `tz`.
#[must_use]
pub fn read_answer(text: &str, ours: &[&str], visit: &str, tz: Tz) -> Reading {
    let text: String = text.chars().take(READ_CHARS_MAX).collect();
    let own: HashSet<&str> = ours.iter().flat_map(|body| body.lines()).map(str::trim).filter(|line| !line.is_empty()).collect();
    let parted = part(&text);
    let told = parted.blocks.iter().rev().find_map(|block| read_block(block, visit));
    if let Some(told) = told {
        return Reading::Answer(told);
    }
    let is_torn = parted.is_torn;
    let lines: Vec<&str> = parted.lines.into_iter().filter(|line| !own.contains(line)).collect();
    match read_lines(&lines, tz) {
        Some(answer) => Reading::Answer(answer),
        None if lines.is_empty() && !is_torn => Reading::Nothing,
        None => Reading::Words,
    }
}

/// A reply taken apart.
struct Parted<'a> {
    /// What stands between the marks.
    blocks: Vec<String>,
    /// What stands outside and is not quoted, trimmed, without empty lines.
    lines: Vec<&'a str>,
    /// A block begins and does not end.
    is_torn: bool,
}

fn part(text: &str) -> Parted<'_> {
    let mut parted = Parted { blocks: Vec::new(), lines: Vec::new(), is_torn: false };
    let mut open: Option<String> = None;
    for line in text.lines() {
        let line = line.trim();
        let is_quoted = line.starts_with(['>', '|', '＞']);
        if line == BLOCK_BEGIN {
            open = Some(String::new());
        } else if line == BLOCK_END {
            parted.blocks.extend(open.take());
        } else if let Some(block) = open.as_mut() {
            if block.len() + line.len() <= BLOCK_CHARS_MAX {
                block.push_str(line);
            }
        } else if !line.is_empty() && !is_quoted && !is_quoting(line) {
            parted.lines.push(line);
        }
    }
    parted.is_torn = open.is_some();
    parted
}

/// The line by which mail programs begin a quotation.
fn is_quoting(line: &str) -> bool {
    (line.starts_with("On ") && line.ends_with("wrote:")) || line.ends_with("写道：") || line.ends_with("写道:")
}

/// As a machine answers. `deny_unknown_fields` is not asked for: later versions may say more.
#[derive(Deserialize)]
struct MachineAnswer {
    #[serde(default)]
    v: u32,
    #[serde(default)]
    visit: String,
    state: String,
    #[serde(default)]
    start: Option<Instant>,
    #[serde(default)]
    end: Option<Instant>,
    #[serde(default)]
    engineer: String,
    #[serde(default)]
    reason: String,
}

/// RFC 3339, or milliseconds since 1970.
#[derive(Deserialize)]
#[serde(untagged)]
enum Instant {
    Millis(i64),
    Text(String),
}

impl Instant {
    fn read(&self) -> Option<UtcMs> {
        match self {
            Self::Millis(ms) => Some(UtcMs(*ms)),
            Self::Text(text) => chrono::DateTime::parse_from_rfc3339(text).ok().map(|at| UtcMs(at.timestamp_millis())),
        }
    }
}

/// What the desk asks has `ask` and no `state`: it is no answer, whoever sends it back.
fn read_block(block: &str, visit: &str) -> Option<VisitAnswer> {
    let told: MachineAnswer = serde_json::from_str(block).ok()?;
    if told.v > BLOCK_VERSION || !(told.visit.is_empty() || told.visit == visit) {
        return None;
    }
    let read = |instant: &Option<Instant>| match instant {
        None => Some(None),
        Some(instant) => instant.read().map(Some),
    };
    let (start, end) = (read(&told.start)?, read(&told.end)?);
    believed(VisitAnswer { state: read_state(&told.state)?, start, end, engineer: told.engineer, reason: told.reason })
}

/// Times that make sense, and words of a length.
fn believed(answer: VisitAnswer) -> Option<VisitAnswer> {
    let is_near = |at: &UtcMs| BELIEVED.contains(&at.0);
    let times: Vec<UtcMs> = answer.start.into_iter().chain(answer.end).collect();
    if !times.iter().all(is_near) || (answer.start.is_none() && answer.end.is_some()) {
        return None;
    }
    if let (Some(start), Some(end)) = (answer.start, answer.end)
        && !(1..=VISIT_MS_MAX).contains(&end.ms_since(start))
    {
        return None;
    }
    let short = |text: &str| one_line(text).chars().take(WORD_CHARS_MAX).collect::<String>();
    Some(VisitAnswer { engineer: short(&answer.engineer), reason: short(&answer.reason), ..answer })
}

fn read_state(text: &str) -> Option<VisitState> {
    let word = text.trim().trim_end_matches(['。', '.', '!', '！', ';', '；']).trim().to_lowercase();
    Some(match word.as_str() {
        "confirmed" | "confirm" | "accepted" | "rescheduled" | "已确认" | "确认" | "已接受" | "已改期" => {
            VisitState::Confirmed
        }
        "declined" | "rejected" | "refused" | "已拒绝" | "拒绝" | "无法安排" => VisitState::Declined,
        "cancelled" | "canceled" | "已取消" => VisitState::Cancelled,
        "done" | "completed" | "已完成" => VisitState::Done,
        "waitlisted" | "waiting list" | "候补" | "已候补" => VisitState::Waitlisted,
        _ => return None,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Label {
    State,
    Time,
    Engineer,
    Reason,
}

fn read_label(text: &str) -> Option<Label> {
    Some(match text.trim().to_lowercase().as_str() {
        "状态" | "status" | "state" => Label::State,
        "时间" | "上门时间" | "time" | "when" => Label::Time,
        "工程师" | "engineer" => Label::Engineer,
        "原因" | "reason" => Label::Reason,
        _ => return None,
    })
}

/// Lines that a person writes: `状态: 已确认`, `Time: 2026-11-26 14:00-16:00 Asia/Shanghai`.
fn read_lines(lines: &[&str], tz: Tz) -> Option<VisitAnswer> {
    let (mut state, mut span) = (None, None);
    let mut answer =
        VisitAnswer { state: VisitState::Requested, start: None, end: None, engineer: String::new(), reason: String::new() };
    for line in lines {
        let line = line.trim_start_matches(['-', '*', '•', '·', ' ', '\t']).trim_matches('*');
        let Some((label, value)) = line.split_once([':', '：']) else { continue };
        let Some(label) = read_label(label.trim_matches('*')) else { continue };
        let value = value.trim().trim_matches('*').trim();
        match label {
            Label::State => {
                let Some(read) = read_state(value) else { continue };
                if state.replace(read).is_some_and(|before| before != read) {
                    return None;
                }
            }
            Label::Time => {
                // A time that cannot be read makes the whole answer one for people.
                let read = read_when(value, tz)?;
                if span.replace(read).is_some_and(|before| before != read) {
                    return None;
                }
            }
            // As our own example has it.
            Label::Engineer if value.starts_with(['(', '（']) => {}
            Label::Engineer => answer.engineer = value.to_owned(),
            Label::Reason => answer.reason = value.to_owned(),
        }
    }
    answer.state = state?;
    if let Some((start, end)) = span {
        (answer.start, answer.end) = (Some(start), end);
    }
    believed(answer)
}
