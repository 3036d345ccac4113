//! WeCom: robots of groups. Sources: developer.work.weixin.qq.com, documents 91770 (group robots) and 90313 (error codes).

use deskbell_domain::error::Code;
use deskbell_domain::robot::RobotKind;
use serde_json::{Map, Value, json};

use super::mention::sorted;
use super::{Meaning, RobotMessage, Verdict, harmless, penalty_ms};

/// Longest content, bytes of UTF-8.
const MARKDOWN_BYTES_MAX: usize = 4_096;
const TEXT_BYTES_MAX: usize = 2_048;

/// Markdown can name user ids only; everybody and mobile numbers are named by plain text.
fn is_plain(message: &RobotMessage) -> bool {
    let (everybody, mobiles, _) = sorted(&message.mention);
    everybody || !mobiles.is_empty()
}

pub(super) fn body(message: &RobotMessage) -> Map<String, Value> {
    let mut body = Map::new();
    let (everybody, mut mobiles, mut users) = sorted(&message.mention);
    if is_plain(message) {
        if everybody {
            users.push("@all");
            mobiles.push("@all");
        }
        let text = json!({ "content": plain(message), "mentioned_list": users, "mentioned_mobile_list": mobiles });
        body.insert("msgtype".to_owned(), json!("text"));
        body.insert("text".to_owned(), text);
    } else {
        body.insert("msgtype".to_owned(), json!("markdown"));
        body.insert("markdown".to_owned(), json!({ "content": markdown(message) }));
    }
    body
}

fn markdown(message: &RobotMessage) -> String {
    let mut text = format!("### {}\n", harmless(&message.title));
    for line in &message.lines {
        text.push_str(&format!("> [{}]({}) {}\n", harmless(&line.label), line.link, harmless(&line.text)));
    }
    for sentence in &message.closing {
        text.push_str(&format!("{}\n", harmless(sentence)));
    }
    let (_, _, users) = sorted(&message.mention);
    for user in users {
        text.push_str(&format!("<@{user}>"));
    }
    text
}

fn plain(message: &RobotMessage) -> String {
    let mut text = format!("{}\n", harmless(&message.title));
    for line in &message.lines {
        text.push_str(&format!("{} {}\n{}\n", harmless(&line.label), harmless(&line.text), line.link));
    }
    for sentence in &message.closing {
        text.push_str(&format!("{}\n", harmless(sentence)));
    }
    text
}

pub(super) fn is_oversize(message: &RobotMessage) -> bool {
    if is_plain(message) { plain(message).len() > TEXT_BYTES_MAX } else { markdown(message).len() > MARKDOWN_BYTES_MAX }
}

pub(super) fn meaning(verdict: &Verdict) -> Meaning {
    match verdict.number {
        0 => Meaning::Sent,
        -1 | 6000 => Meaning::Later { after_ms: None, code: Code::ServerFailed },
        45_009 | 45_033 | 45_035 => Meaning::Later { after_ms: Some(penalty_ms(RobotKind::Wecom)), code: Code::RateLimited },
        93_000 | 93_004 | 93_008 | 40_014 | 41_001 => Meaning::Refused(Code::RobotGone),
        60_020 => Meaning::Refused(Code::RobotIpRefused),
        _ => Meaning::Refused(Code::RobotMessageRefused),
    }
}
