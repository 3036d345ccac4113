//! What an operation is told: in the query, in the form, each where it is documented.

use super::answer::Fault;
use super::canonical::pairs;

/// Ticket ids are nine characters; ours say a number in base 36.
const TICKET_ID_CHARS: usize = 9;
const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

pub(super) struct Parameters {
    query: Vec<(String, String)>,
    body: Vec<(String, String)>,
}

fn find<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
}

impl Parameters {
    pub(super) fn read(query: &str, body: &[u8]) -> Self {
        Self { query: pairs(query), body: pairs(&String::from_utf8_lossy(body)) }
    }

    pub(super) fn in_query(&self, name: &str) -> Option<&str> {
        find(&self.query, name)
    }

    pub(super) fn in_body(&self, name: &str) -> Option<&str> {
        find(&self.body, name)
    }

    pub(super) fn needed_in_query(&self, name: &str) -> Result<&str, Fault> {
        self.in_query(name).ok_or_else(|| Fault::missing(name))
    }

    pub(super) fn needed_in_body(&self, name: &str) -> Result<&str, Fault> {
        self.in_body(name).ok_or_else(|| Fault::missing(name))
    }

    /// `Name.1`, `Name.2`, … of the form, in their order and without a gap.
    pub(super) fn list_in_body(&self, name: &str) -> Vec<&str> {
        (1..).map_while(|number| self.in_body(&format!("{name}.{number}"))).collect()
    }
}

/// Values joined by commas.
pub(super) fn joined(text: Option<&str>) -> Vec<&str> {
    text.unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty()).collect()
}

pub(super) fn boolean(text: &str) -> Result<bool, Fault> {
    // The Python SDK says True, others true.
    match text {
        "true" | "True" => Ok(true),
        "false" | "False" => Ok(false),
        _ => Err(Fault::illegal("a boolean is true or false")),
    }
}

pub(super) fn integer(text: &str, name: &str) -> Result<i64, Fault> {
    text.parse().map_err(|_| Fault::illegal(format!("{name} is not a number")))
}

pub(super) fn ticket_id(id: i64) -> String {
    let mut rest = id.unsigned_abs();
    let mut text = Vec::new();
    while rest > 0 || text.len() < TICKET_ID_CHARS {
        let digit = usize::try_from(rest % 36).unwrap_or(0);
        text.push(DIGITS.get(digit).copied().map_or('0', char::from));
        rest /= 36;
    }
    text.iter().rev().collect()
}

/// `None` for a text that was never given out.
pub(super) fn ticket_number(text: &str) -> Option<i64> {
    if text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let id = i64::from_str_radix(text, 36).ok()?;
    (ticket_id(id) == text).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticket_ids_are_opaque_and_come_back() {
        assert_eq!(ticket_id(100_001), "00000255T");
        for id in [1, 35, 36, 100_001, i64::MAX] {
            assert_eq!(ticket_number(&ticket_id(id)), Some(id));
        }
        for text in ["", "00000255t", "255T", "0005PYGCW!", "+0000255T"] {
            assert_eq!(ticket_number(text), None, "{text}");
        }
    }

    #[test]
    fn a_list_ends_at_its_gap() {
        let parameters = Parameters::read("A=1&B=x+y%2C", b"S.1=a&S.2=b&S.4=d&Empty=");
        assert_eq!(parameters.list_in_body("S"), ["a", "b"]);
        assert_eq!(parameters.in_query("B"), Some("x y,"));
        assert!(parameters.needed_in_body("A").is_err() && parameters.needed_in_body("Empty").is_err());
    }
}
