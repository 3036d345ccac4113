//! What of a text can be printed.

/// Longest text of one place, in characters; the rest is left out with a mark.
pub(crate) const TEXT_CHARS_MAX: usize = 30_000;

/// Without control characters other than line breaks, and without marks that turn the direction of what follows.
pub(crate) fn printable(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let unix = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "    ");
    let kept = unix.chars().filter(|c| *c == '\n' || !(c.is_control() || turns(*c)));
    let mut shown: String = kept.clone().take(TEXT_CHARS_MAX).collect();
    if kept.count() > TEXT_CHARS_MAX {
        shown.push('…');
    }
    shown
}

/// The same for every text of a JSON value; names of fields are ours.
pub(crate) fn printable_all(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::String(text) => Value::String(printable(&text)),
        Value::Array(items) => Value::Array(items.into_iter().map(printable_all).collect()),
        Value::Object(fields) => Value::Object(fields.into_iter().map(|(name, value)| (name, printable_all(value))).collect()),
        other => other,
    }
}
