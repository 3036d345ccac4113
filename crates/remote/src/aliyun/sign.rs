//! ACS3-HMAC-SHA256: a request's signature.
//!
//! Source: help.aliyun.com, document 2593177 (V3 request structure and signature), and the vectors in `fixtures/aliyun`.

use std::fmt::Write as _;

use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use deskbell_domain::error::Code;

use crate::RemoteError;

/// The algorithm's name, which also opens the Authorization header.
pub const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// An access key, and the token that makes a temporary one count.
#[derive(Clone)]
pub struct Credentials {
    pub access_key_id: String,
    secret: SecretString,
    token: Option<SecretString>,
}

impl Credentials {
    /// `secret` holds the key's secret on its first line and on the second the STS token, where there is one.
    #[must_use]
    pub fn new(access_key_id: &str, secret: &SecretString) -> Self {
        let mut lines = secret.expose_secret().lines().map(str::trim);
        let first = SecretString::from(lines.next().unwrap_or_default());
        let token = lines.find(|line| !line.is_empty()).map(SecretString::from);
        Self { access_key_id: access_key_id.trim().to_owned(), secret: first, token }
    }

    /// The STS token, for its header.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_ref().map(|token| token.expose_secret())
    }
}

/// What is signed. Header names are lower-case; every header given here is signed, in any order.
#[derive(Debug, Clone, Copy)]
pub struct Unsigned<'a> {
    pub method: &'a str,
    pub path: &'a str,
    /// Not yet encoded.
    pub query: &'a [(String, String)],
    pub headers: &'a [(String, String)],
    /// The body's hash, as in `x-acs-content-sha256`.
    pub content_sha256: &'a str,
}

impl Unsigned<'_> {
    fn signed_headers(&self) -> String {
        let mut names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.join(";")
    }

    /// What the hash is taken of.
    #[must_use]
    pub fn canonical_request(&self) -> String {
        let mut headers: Vec<(&str, &str)> = self.headers.iter().map(|(name, value)| (name.as_str(), value.trim())).collect();
        headers.sort_unstable();
        let mut text = format!("{}\n{}\n{}\n", self.method, self.path, canonical_query(self.query));
        for (name, value) in headers {
            text.push_str(name);
            text.push(':');
            text.push_str(value);
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.signed_headers());
        text.push('\n');
        text.push_str(self.content_sha256);
        text
    }

    /// The text under the signature.
    #[must_use]
    pub fn string_to_sign(&self) -> String {
        format!("{ALGORITHM}\n{}", sha256_hex(self.canonical_request().as_bytes()))
    }

    /// The Authorization header.
    ///
    /// # Errors
    /// `internal` when the key cannot be used at all, which HMAC never says.
    pub fn authorization(&self, credentials: &Credentials) -> Result<String, RemoteError> {
        let mut mac = Hmac::<Sha256>::new_from_slice(credentials.secret.expose_secret().as_bytes())
            .map_err(|_| RemoteError::new(Code::Internal, "the key cannot sign"))?;
        mac.update(self.string_to_sign().as_bytes());
        let signature = hex(&mac.finalize().into_bytes());
        let (id, signed) = (&credentials.access_key_id, self.signed_headers());
        Ok(format!("{ALGORITHM} Credential={id},SignedHeaders={signed},Signature={signature}"))
    }
}

/// Sorted and encoded: also what goes over the wire.
#[must_use]
pub fn canonical_query(pairs: &[(String, String)]) -> String {
    let mut encoded: Vec<(String, String)> = pairs.iter().map(|(name, value)| (encode(name), encode(value))).collect();
    encoded.sort_unstable();
    encoded.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// RFC 3986: unreserved characters stay, everything else is %XX.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _infallible = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}
