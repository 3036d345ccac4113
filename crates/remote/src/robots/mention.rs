//! Whom a message names: everybody, a mobile number, or a user id of the platform.

use deskbell_domain::error::Code;
use deskbell_domain::robot::{EVERYBODY, RobotKind};

use crate::RemoteError;

/// Longest mobile number or user id.
const MENTION_CHARS_MAX: usize = 64;
/// Digits of a mobile number, country code included.
const MOBILE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// One mention, read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mention<'a> {
    Everybody,
    Mobile(&'a str),
    User(&'a str),
}

impl<'a> Mention<'a> {
    pub(super) fn read(text: &'a str) -> Self {
        let digits = text.strip_prefix('+').unwrap_or(text);
        let is_mobile = MOBILE_DIGITS.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        match text {
            EVERYBODY => Self::Everybody,
            _ if is_mobile => Self::Mobile(text),
            _ => Self::User(text),
        }
    }
}

/// The mentions of a message: is everybody named, mobile numbers, user ids.
pub(super) fn sorted(mention: &[String]) -> (bool, Vec<&str>, Vec<&str>) {
    let (mut everybody, mut mobiles, mut users) = (false, Vec::new(), Vec::new());
    for text in mention {
        match Mention::read(text) {
            Mention::Everybody => everybody = true,
            Mention::Mobile(mobile) => mobiles.push(mobile),
            Mention::User(user) => users.push(user),
        }
    }
    (everybody, mobiles, users)
}

/// Whether a platform can name somebody so.
///
/// # Errors
/// `input_invalid` for text that is neither a mobile number nor a user id, and for a mobile number on Feishu, whose robots
/// name people by user id only.
pub fn check_mention(kind: RobotKind, text: &str) -> Result<(), RemoteError> {
    let invalid = |why: &str| Err(RemoteError::new(Code::InputInvalid, why));
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "+-_.@:$=/".contains(letter);
    if text.is_empty() || text.chars().count() > MENTION_CHARS_MAX || !text.chars().all(plain) {
        return invalid("neither a mobile number nor a user id");
    }
    match (kind, Mention::read(text)) {
        (RobotKind::Feishu, Mention::Mobile(_)) => invalid("Feishu names people by user id, not by mobile number"),
        _ => Ok(()),
    }
}
