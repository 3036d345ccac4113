//! The service's words and ours.

use deskbell_domain::ticket::{Priority, Role, Status};
use serde_json::Value;

use super::shape::{Labelled, Note};

/// Statuses of tickets that are not confirmed, as StatusList takes them.
pub(super) const UNFINISHED: &[&str] = &["assigned", "dealing", "wait_feedback", "feedback", "wait_confirm"];
/// Deepest card that is read.
const CARD_DEPTH_MAX: usize = 16;
/// Longest text made of a card, in bytes.
const CARD_BYTES_MAX: usize = 64 * 1024;

/// The service's own name of a status, whichever way it was said; unknown ones as they came.
pub(super) fn status_raw(said: &Labelled) -> String {
    let value = said.value.as_str().trim();
    match value.to_ascii_lowercase().replace('-', "_").as_str() {
        "1" | "assigned" => "assigned",
        "2" | "dealing" => "dealing",
        "3" | "wait_feedback" => "wait_feedback",
        "4" | "feedback" => "feedback",
        "5" | "wait_confirm" => "wait_confirm",
        "6" | "confirmed" => "confirmed",
        _ => value,
    }
    .to_owned()
}

/// Ours for the service's. What we do not know still wants work.
pub(super) fn status(raw: &str) -> Status {
    match raw {
        "assigned" => Status::New,
        "wait_feedback" => Status::WaitingCustomer,
        "wait_confirm" => Status::Resolved,
        "confirmed" => Status::Closed,
        _ => Status::Open,
    }
}

/// A ticket on which nothing happens any more unless it is reopened.
pub(super) fn is_confirmed(raw: &str) -> bool {
    raw == "confirmed"
}

pub(super) fn priority(severity: &Labelled) -> Priority {
    match severity.value.as_str().trim() {
        "2" => Priority::Urgent,
        _ => Priority::Routine,
    }
}

/// The service has two severities: 1 normal, 2 urgent. What is important but not urgent goes as normal: "urgent" there is a
/// claim that the business stands still, and a false one is the customer's to answer for.
pub(super) fn severity(priority: Option<Priority>) -> &'static str {
    match priority {
        Some(Priority::Urgent) => "2",
        Some(Priority::Important | Priority::Routine) | None => "1",
    }
}

pub(super) fn role(note: &Note) -> Role {
    match note.user.role.as_str().trim() {
        "2" => Role::Agent,
        "3" => Role::Customer,
        _ => Role::System,
    }
}

/// The words of a note: its text, else what its card says, else its tip. Type is not asked: samples contradict it.
pub(super) fn body(note: &Note) -> String {
    let content = note.dialog.content.as_str();
    if !content.trim().is_empty() {
        return content.to_owned();
    }
    let mut lines = Vec::new();
    card_lines(&note.dialog.schema.0, 0, &mut lines);
    let mut text = String::new();
    for line in lines {
        if text.len() + line.len() < CARD_BYTES_MAX {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(line);
        }
    }
    if text.is_empty() { note.tip.as_str().to_owned() } else { text }
}

/// The texts of a card in their order, without what only machines read.
fn card_lines<'a>(card: &'a Value, depth: usize, lines: &mut Vec<&'a str>) {
    if depth > CARD_DEPTH_MAX {
        return;
    }
    match card {
        Value::String(text) if !text.trim().is_empty() && text != "null" => lines.push(text.trim()),
        Value::Array(items) => items.iter().for_each(|item| card_lines(item, depth + 1, lines)),
        Value::Object(fields) => {
            let is_read = |name: &str| {
                let name = name.to_ascii_lowercase();
                !["type", "id", "key", "schema", "version", "url", "style", "action"].iter().any(|one| name.ends_with(one))
            };
            fields.iter().filter(|(name, _)| is_read(name)).for_each(|(_, value)| card_lines(value, depth + 1, lines));
        }
        _ => {}
    }
}

/// From the name, for previews; the service does not say.
pub(super) fn mime_of(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    match extension.as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "bmp" => "image/bmp",
        "txt" | "log" | "conf" | "ini" | "md" | "csv" | "yaml" | "yml" => "text/plain",
        "json" => "application/json",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        _ => "application/octet-stream",
    }
}

/// Texts that a server may have tidied: line ends, blanks, `<br>` and entities.
pub(super) fn is_same_text(one: &str, other: &str) -> bool {
    let plain = |text: &str| {
        let mut text = text.to_owned();
        for (from, to) in [
            ("<br>", "\n"),
            ("<br/>", "\n"),
            ("<br />", "\n"),
            ("<p>", "\n"),
            ("</p>", "\n"),
            ("&nbsp;", " "),
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&#39;", "'"),
            ("&amp;", "&"),
        ] {
            text = text.replace(from, to);
        }
        text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    plain(one) == plain(other)
}
