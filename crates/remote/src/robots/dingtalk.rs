//! DingTalk: custom robots. Sources: open.dingtalk.com, "Custom robot access", "Security settings of custom robots",
//! "Error codes of custom robots".

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use deskbell_domain::UtcMs;
use deskbell_domain::error::Code;
use deskbell_domain::robot::RobotKind;
use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value, json};
use sha2::Sha256;

use super::mention::sorted;
use super::{Meaning, RobotMessage, Verdict, harmless, penalty_ms};

/// Longest message, bytes of the whole body.
const BODY_BYTES_MAX: usize = 20_000;

/// HmacSHA256 over `timestamp\nsecret`, keyed with the secret, in Base64; not yet URL-encoded.
pub(super) fn signature(timestamp_ms: i64, secret: &SecretString) -> String {
    let secret = secret.expose_secret();
    // HMAC takes keys of any length; an error cannot be.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(format!("{timestamp_ms}\n{secret}").as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

pub(super) fn signed(secret: &SecretString, now: UtcMs) -> [(&'static str, String); 2] {
    [("timestamp", now.0.to_string()), ("sign", signature(now.0, secret))]
}

/// Markdown; those who are named stand in the text too, or DingTalk names nobody.
pub(super) fn body(message: &RobotMessage) -> Map<String, Value> {
    let (everybody, mobiles, users) = sorted(&message.mention);
    let mut text = format!("### {}\n\n", harmless(&message.title));
    for line in &message.lines {
        text.push_str(&format!("- [{}]({}) {}\n", harmless(&line.label), line.link, harmless(&line.text)));
    }
    for sentence in &message.closing {
        text.push_str(&format!("\n{}\n", harmless(sentence)));
    }
    let named: Vec<String> = mobiles.iter().chain(&users).map(|name| format!("@{name}")).collect();
    if !named.is_empty() {
        text.push_str(&format!("\n{}\n", named.join(" ")));
    }
    let mut body = Map::new();
    body.insert("msgtype".to_owned(), json!("markdown"));
    body.insert("markdown".to_owned(), json!({ "title": message.title, "text": text }));
    body.insert("at".to_owned(), json!({ "atMobiles": mobiles, "atUserIds": users, "isAtAll": everybody }));
    body
}

pub(super) fn is_oversize(message: &RobotMessage) -> bool {
    Value::Object(body(message)).to_string().len() > BODY_BYTES_MAX
}

pub(super) fn meaning(verdict: &Verdict) -> Meaning {
    let said = verdict.said.to_ascii_lowercase();
    match verdict.number {
        0 => Meaning::Sent,
        -1 => Meaning::Later { after_ms: None, code: Code::ServerFailed },
        // More than 20 a minute: nothing more for ten minutes.
        130_101 | 410_100 | 302_033 | 90_018 | 90_030 => {
            Meaning::Later { after_ms: Some(penalty_ms(RobotKind::Dingtalk)), code: Code::RateLimited }
        }
        // One number for all security settings; only the words tell which.
        310_000 if said.contains("keyword") => Meaning::Refused(Code::RobotKeywordMissing),
        310_000 if said.contains("whitelist") || said.contains("ip ") => Meaning::Refused(Code::RobotIpRefused),
        310_000 => Meaning::Refused(Code::RobotSignMismatch),
        300_001 | 400_013 | 400_101 | 400_102 | 400_106 | 40_014 => Meaning::Refused(Code::RobotGone),
        _ => Meaning::Refused(Code::RobotMessageRefused),
    }
}
