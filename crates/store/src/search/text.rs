//! Text as it is compared: NFKC, lower case, without markup.

use std::borrow::Cow;

use deskbell_domain::ticket::BodyFormat;
use unicode_normalization::UnicodeNormalization as _;

/// A note's words without markup, at most `chars_max` characters of the body looked at.
pub(crate) fn plain_text(body: &str, format: BodyFormat, chars_max: usize) -> Cow<'_, str> {
    let body = body.char_indices().nth(chars_max).map_or(body, |(end, _)| body.get(..end).unwrap_or(body));
    match format {
        BodyFormat::Text => Cow::Borrowed(body),
        BodyFormat::Html => Cow::Owned(without_markup(body)),
    }
}

/// Good enough to find and to preview words; never used to show HTML.
fn without_markup(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        rest = if from.starts_with('<') { skip_tag(from, &mut text) } else { decode_entity(from, &mut text) };
    }
    text.push_str(rest);
    text
}

/// Elements that stand within a word; every other tag separates words.
const INLINE: &[&str] = &["a", "b", "i", "u", "em", "strong", "span", "font", "code", "mark", "small", "sub", "sup"];

fn skip_tag<'a>(from: &'a str, text: &mut String) -> &'a str {
    let Some(end) = from.find('>') else { return "" };
    let (tag, after) = from.split_at(end + 1);
    let name: String = tag.chars().skip(1).skip_while(|c| *c == '/').take_while(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    if !INLINE.contains(&name.as_str()) {
        text.push(' ');
    }
    if (name == "script" || name == "style") && !tag.starts_with("</") {
        let close = format!("</{name}");
        return after.to_ascii_lowercase().find(&close).and_then(|at| after.get(at..)).unwrap_or("");
    }
    after
}

fn decode_entity<'a>(from: &'a str, text: &mut String) -> &'a str {
    const LENGTH_MAX: usize = 10;
    let end = from.bytes().take(LENGTH_MAX).position(|byte| byte == b';');
    let name = end.and_then(|end| from.get(1..end)).unwrap_or("");
    let decoded = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => name.strip_prefix('#').and_then(numeric_entity),
    };
    match (decoded, end) {
        (Some(decoded), Some(end)) => {
            text.push(decoded);
            from.get(end + 1..).unwrap_or("")
        }
        _ => {
            text.push('&');
            from.get(1..).unwrap_or("")
        }
    }
}

fn numeric_entity(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code)
}

/// How a character takes part in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CharClass {
    /// Written without spaces between words: cut into pairs.
    Han,
    Word,
    Separator,
}

pub(crate) fn class_of(c: char) -> CharClass {
    if c.is_ascii() {
        return if c.is_ascii_alphanumeric() { CharClass::Word } else { CharClass::Separator };
    }
    let han = matches!(c,
        '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}'
        | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FC}' | '\u{AC00}'..='\u{D7A3}');
    if han {
        CharClass::Han
    } else if c.is_alphanumeric() {
        CharClass::Word
    } else {
        CharClass::Separator
    }
}

/// Text as shown (NFKC) beside the form it is compared in (lower case), position by position.
pub(crate) struct Folded {
    pub(crate) shown: Vec<char>,
    pub(crate) lower: Vec<char>,
    /// For each character of `lower` the one of `shown` it comes from.
    pub(crate) origin: Vec<usize>,
}

impl Folded {
    pub(crate) fn new(text: &str) -> Self {
        let shown: Vec<char> = if text.is_ascii() { text.chars().collect() } else { text.nfkc().collect() };
        let mut lower = Vec::with_capacity(shown.len());
        let mut origin = Vec::with_capacity(shown.len());
        for (at, c) in shown.iter().enumerate() {
            for folded in c.to_lowercase() {
                lower.push(folded);
                origin.push(at);
            }
        }
        Self { shown, lower, origin }
    }
}

/// The compared form alone.
pub(crate) fn folded_chars(text: &str) -> impl Iterator<Item = char> + '_ {
    text.nfkc().flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_dropped_and_words_stay_whole_or_apart_as_a_reader_sees_them() {
        let table = [
            ("<p>服务<b>器</b>宕机</p><p>ok</p>", " 服务器宕机  ok "),
            ("a<br>b", "a b"),
            ("x &lt; y &amp;&#20113;&#x4E91; &unknown; &", "x < y &云云 &unknown; &"),
            ("<style>p{color:red}</style>see<script>1<2</script>", "  see  "),
            ("cut <b", "cut "),
            ("<SCRIPT>never closed", " "),
        ];
        for (html, words) in table {
            assert_eq!(plain_text(html, BodyFormat::Html, 10_000), words, "{html}");
        }
        assert_eq!(plain_text("云服务器", BodyFormat::Text, 2), "云服");
    }

    #[test]
    fn full_width_and_case_fold_and_keep_their_place() {
        let folded = Folded::new("ＥＣＳ İx");
        assert_eq!(folded.shown.iter().collect::<String>(), "ECS İx");
        assert_eq!(folded.lower.iter().collect::<String>(), "ecs i\u{307}x");
        assert_eq!(folded.origin, [0, 1, 2, 3, 4, 4, 5]);
    }
}
