//! Deep links: `deskbell://ticket/42`. They come from outside and are parsed as hostile input.

/// Longest link that is read at all, bytes.
const LINK_LENGTH_MAX: usize = 64;

/// The local ticket id of the first valid link among a command line's arguments.
#[must_use]
pub(crate) fn ticket_in(arguments: &[String]) -> Option<i64> {
    arguments.iter().find_map(|argument| ticket_of(argument))
}

fn ticket_of(link: &str) -> Option<i64> {
    if link.len() > LINK_LENGTH_MAX {
        return None;
    }
    let digits = link.strip_prefix("deskbell://ticket/")?.trim_end_matches('/');
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|id| *id > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_positive_ticket_number_is_followed() {
        let cases = [
            ("deskbell://ticket/42", Some(42)),
            ("deskbell://ticket/42/", Some(42)),
            ("deskbell://ticket/", None),
            ("deskbell://ticket/-1", None),
            ("deskbell://ticket/+1", None),
            ("deskbell://ticket/0", None),
            ("deskbell://ticket/99999999999999999999", None),
            ("deskbell://ticket/1?x=../..", None),
            ("deskbell://ticket/１", None),
            ("https://ticket/42", None),
            ("--safe-graphics", None),
        ];
        for (link, expect) in cases {
            assert_eq!(ticket_of(link), expect, "{link}");
        }
        assert_eq!(ticket_of(&format!("deskbell://ticket/{}", "1".repeat(100))), None);
    }
}
