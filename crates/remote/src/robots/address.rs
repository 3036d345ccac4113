//! Addresses of robots: the platform's host, its path, and the token in it.

use deskbell_domain::error::Code;
use deskbell_domain::robot::RobotKind;
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};

use crate::RemoteError;
use crate::http::is_loopback;

/// Longest address that is read.
const ADDRESS_CHARS_MAX: usize = 1_024;
/// Longest token.
const TOKEN_CHARS_MAX: usize = 256;
/// Characters of the token that are shown.
const HINT_CHARS: usize = 4;

struct Shape {
    hosts: &'static [&'static str],
    /// Without the token.
    path: &'static str,
    /// Name of the token in the query; `None` where it ends the path.
    parameter: Option<&'static str>,
}

const fn shape(kind: RobotKind) -> Shape {
    match kind {
        RobotKind::Dingtalk => {
            Shape { hosts: &["oapi.dingtalk.com", "oapi.dingtalk.io"], path: "/robot/send", parameter: Some("access_token") }
        }
        RobotKind::Wecom => Shape { hosts: &["qyapi.weixin.qq.com"], path: "/cgi-bin/webhook/send", parameter: Some("key") },
        RobotKind::Feishu => {
            Shape { hosts: &["open.feishu.cn", "open.larksuite.com"], path: "/open-apis/bot/v2/hook/", parameter: None }
        }
    }
}

/// What an address of the platform begins with, for people.
#[must_use]
pub fn expected_address(kind: RobotKind) -> String {
    let shape = shape(kind);
    let host = shape.hosts.first().copied().unwrap_or_default();
    let rest = shape.parameter.map_or_else(String::new, |name| format!("?{name}="));
    format!("https://{host}{}{rest}", shape.path)
}

/// Host and the last characters of the token: enough to tell two robots apart.
///
/// # Errors
/// `robot_address_invalid`.
pub fn address_hint(kind: RobotKind, address: &SecretString) -> Result<String, RemoteError> {
    let address = Address::parse(kind, address)?;
    let token = address.token.expose_secret();
    let skipped = token.chars().count().saturating_sub(HINT_CHARS.min(token.chars().count() / 3));
    let host = address.base.trim_end_matches('/').rsplit("://").next().unwrap_or_default().to_owned();
    Ok(format!("{host} …{}", token.chars().skip(skipped).collect::<String>()))
}

/// An address taken apart.
pub(super) struct Address {
    /// Scheme, host and port.
    pub(super) base: String,
    shape: Shape,
    token: SecretString,
}

impl Address {
    pub(super) fn parse(kind: RobotKind, address: &SecretString) -> Result<Self, RemoteError> {
        // No text of an error may hold any of it: it is a secret, wherever it points.
        let invalid = |why: &str| RemoteError::new(Code::RobotAddressInvalid, why);
        let text = address.expose_secret().trim();
        if text.len() > ADDRESS_CHARS_MAX {
            return Err(invalid("longer than any address"));
        }
        let url = Url::parse(text).map_err(|_| invalid("not an address"))?;
        let (shape, loopback) = (shape(kind), is_loopback(&url));
        if url.scheme() != "https" && !(loopback && url.scheme() == "http") {
            return Err(invalid("not https"));
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(invalid("user, password and fragment do not belong into it"));
        }
        let host = url.host_str().unwrap_or_default();
        if !loopback && (!shape.hosts.contains(&host) || url.port().is_some()) {
            return Err(invalid("not the host of this platform"));
        }
        let token = match shape.parameter {
            Some(name) if url.path() == shape.path => {
                url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
            }
            Some(_) => None,
            None => url.path().strip_prefix(shape.path).map(ToOwned::to_owned),
        };
        let is_token = |token: &String| {
            (1..=TOKEN_CHARS_MAX).contains(&token.len())
                && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        let token = token.filter(is_token).ok_or_else(|| invalid("no token where this platform has it"))?;
        Ok(Self { base: url.origin().ascii_serialization() + "/", shape, token: SecretString::from(token) })
    }

    pub(super) fn path(&self) -> String {
        match self.shape.parameter {
            Some(_) => self.shape.path.to_owned(),
            None => format!("{}{}", self.shape.path, self.token.expose_secret()),
        }
    }

    pub(super) fn query(&self) -> Vec<(&'static str, String)> {
        self.shape.parameter.map(|name| (name, self.token.expose_secret().to_owned())).into_iter().collect()
    }
}
