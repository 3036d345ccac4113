//! Links that lead out of the desk, to a browser.

/// Longest link, in bytes.
pub const WEB_LINK_BYTES_MAX: usize = 2_000;

/// An https address that was validated; there is no other way to make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebLink(String);

impl WebLink {
    /// Takes `https://host…` as it is sent: printable ASCII (RFC 3986), without the name or password of a user, which would
    /// hide where it leads. `None` for anything else.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let rest = text.strip_prefix("https://")?;
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let in_host = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
        let in_link = |c: char| c.is_ascii_graphic() && !"<>\"\\^`{|}".contains(c);
        let named = host.starts_with('[') || host.starts_with(|c: char| c.is_ascii_alphanumeric());
        let sound = text.len() <= WEB_LINK_BYTES_MAX && named && host.chars().all(in_host) && text.chars().all(in_link);
        sound.then(|| Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_with_a_plain_host_is_a_link() {
        for good in [
            "https://meeting.example.com/j/88?pwd=a%20b#x",
            "https://localhost:8443",
            "https://[::1]:8443/x",
            " https://xn--fiq228c.example/ ",
            "https://a.example/@user",
        ] {
            assert_eq!(WebLink::new(good).as_ref().map(WebLink::as_str), Some(good.trim()), "{good}");
        }
        let long = format!("https://a.example/{}", "x".repeat(WEB_LINK_BYTES_MAX));
        for bad in [
            "",
            "https://",
            "https:///path",
            "http://a.example",
            "HTTPS://a.example",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https://user@a.example",
            "https://user:word@a.example",
            "https://a.example/ b",
            "https://a.example/\nx",
            "https://会议.example/",
            "https://a.example/\u{202e}gpj",
            "https://-a.example/",
            "https://a.example\\@b.example",
            &long,
        ] {
            assert_eq!(WebLink::new(bad), None, "{bad}");
        }
    }
}
