//! Numbers on their way to a telephone.

use super::is_phone_number;

/// A `tel:` address (RFC 3966) of a number that was validated; there is no other way to make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TelUri(String);

impl TelUri {
    /// Digits as they are dialled: brackets and separators go, so does the national zero in `+86 (0)10`; what stands behind a
    /// comma or `#` is an extension. `None` for what is no telephone number.
    #[must_use]
    pub fn new(number: &str) -> Option<Self> {
        if !is_phone_number(number) {
            return None;
        }
        let trimmed = number.trim();
        let abroad = trimmed.strip_prefix('+');
        let body = abroad.map_or_else(|| trimmed.to_owned(), |rest| rest.replace("(0)", ""));
        let (main, extension) = body.split_once([',', '#']).unwrap_or((body.as_str(), ""));
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let (main, extension) = (digits(main), digits(extension));
        if main.is_empty() {
            return None;
        }
        let plus = if abroad.is_some() { "+" } else { "" };
        let behind = if extension.is_empty() { String::new() } else { format!(";ext={extension}") };
        Some(Self(format!("tel:{plus}{main}{behind}")))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The number without how it is written: two ways to write one number are one line.
#[must_use]
pub fn dialled(number: &str) -> String {
    number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_validated_number_becomes_an_address_and_nothing_but_digits_is_in_it() {
        for (number, uri) in [
            ("400-6455-577", "tel:4006455577"),
            (" +86 (0)10 8888 8888 ", "tel:+861088888888"),
            ("+1.415.555.2671,,123#", "tel:+14155552671;ext=123"),
            ("010-88888888#42", "tel:01088888888;ext=42"),
            ("110", "tel:110"),
        ] {
            assert_eq!(TelUri::new(number).unwrap().as_str(), uri, "{number}");
        }
        for refused in [
            "",
            "+",
            "12",
            "400-CALL-ME",
            "tel:4006455577",
            "https://example.com/123",
            "4006455577;rm -rf",
            "４００６４５５",
            ",123456",
        ] {
            assert_eq!(TelUri::new(refused), None, "{refused}");
        }
    }
}
