//! Feishu: custom bots. Source: open.feishu.cn, "Custom bot usage guide" (messages, signature, error codes, limits).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use deskbell_domain::UtcMs;
use deskbell_domain::error::Code;
use deskbell_domain::robot::RobotKind;
use deskbell_domain::time::SECOND_MS;
use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value, json};
use sha2::Sha256;

use super::mention::sorted;
use super::{Meaning, RobotMessage, Verdict, one_line, penalty_ms};

/// Longest body, bytes; what the signature adds is kept free.
const BODY_BYTES_MAX: usize = 20 * 1024 - 128;
/// Longest line of text.
const LINE_CHARS_MAX: usize = 2_000;

/// HmacSHA256 over nothing, keyed with `timestamp\nsecret`, in Base64.
pub(super) fn signature(timestamp_s: i64, secret: &SecretString) -> String {
    let key = format!("{timestamp_s}\n{}", secret.expose_secret());
    // HMAC takes keys of any length; an error cannot be.
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return String::new() };
    STANDARD.encode(mac.finalize().into_bytes())
}

pub(super) fn sign(body: &mut Map<String, Value>, secret: &SecretString, now: UtcMs) {
    let timestamp_s = now.0.div_euclid(SECOND_MS);
    body.insert("timestamp".to_owned(), json!(timestamp_s.to_string()));
    body.insert("sign".to_owned(), json!(signature(timestamp_s, secret)));
}

/// A post: its texts are taken as they are, so a customer's words cannot become a tag.
pub(super) fn body(message: &RobotMessage) -> Map<String, Value> {
    let text = |text: &str| json!({ "tag": "text", "text": one_line(text, LINE_CHARS_MAX) });
    let mut content: Vec<Value> = message
        .lines
        .iter()
        .map(|line| json!([{ "tag": "a", "text": line.label, "href": line.link }, text(&format!(" {}", line.text))]))
        .collect();
    content.extend(message.closing.iter().map(|sentence| json!([text(sentence)])));
    let (everybody, _, users) = sorted(&message.mention);
    let named: Vec<Value> =
        everybody.then_some("all").into_iter().chain(users).map(|user| json!({ "tag": "at", "user_id": user })).collect();
    if !named.is_empty() {
        content.push(Value::Array(named));
    }
    let mut body = Map::new();
    body.insert("msg_type".to_owned(), json!("post"));
    body.insert("content".to_owned(), json!({ "post": { "zh_cn": { "title": message.title, "content": content } } }));
    body
}

pub(super) fn is_oversize(message: &RobotMessage) -> bool {
    Value::Object(body(message)).to_string().len() > BODY_BYTES_MAX
}

pub(super) fn meaning(verdict: &Verdict) -> Meaning {
    let said = verdict.said.to_ascii_lowercase();
    let too_often = Meaning::Later { after_ms: Some(penalty_ms(RobotKind::Feishu)), code: Code::RateLimited };
    match verdict.number {
        0 => Meaning::Sent,
        11_232 | 11_233 | 99_991_400 => too_often,
        // "Bad Request" for a wrong body, "too many request" for a fast caller.
        9_499 if said.contains("too many") => too_often,
        19_021 => Meaning::Refused(Code::RobotSignMismatch),
        19_022 => Meaning::Refused(Code::RobotIpRefused),
        19_024 => Meaning::Refused(Code::RobotKeywordMissing),
        // The token in the address is unknown; the bot was switched off.
        19_001 | 19_007 | 19_009 => Meaning::Refused(Code::RobotGone),
        _ => Meaning::Refused(Code::RobotMessageRefused),
    }
}
