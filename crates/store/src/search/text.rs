//! Text as it is compared: NFKC, lower case, without markup.

use std::borrow::Cow;

use deskbell_domain::ticket::BodyFormat;
use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfkc_quick};

/// A note's words without markup, at most `chars_max` characters of the body looked at.
#[must_use]
pub fn plain_text(body: &str, format: BodyFormat, chars_max: usize) -> Cow<'_, str> {
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

/// Text as it was written beside the form it is compared in (NFKC, lower case), position by position.
pub(crate) struct Folded {
    pub(crate) shown: Vec<char>,
    pub(crate) lower: Vec<char>,
    /// For each character of `lower` the one of `shown` it comes from; of several that become one, the first.
    pub(crate) origin: Vec<usize>,
}

impl Folded {
    pub(crate) fn new(text: &str) -> Self {
        let shown: Vec<char> = text.chars().collect();
        let mut folded = Self { lower: Vec::with_capacity(shown.len()), origin: Vec::with_capacity(shown.len()), shown };
        let mut from = 0;
        while from < folded.shown.len() {
            let following = folded.shown.iter().skip(from + 1).take_while(|c| joins_backward(**c)).count();
            folded.fold(from, from + 1 + following);
            from += 1 + following;
        }
        folded
    }

    /// Where in `shown` the character at `at` of `lower` begins and ends.
    pub(crate) fn place(&self, at: usize) -> (usize, usize) {
        let Some(&from) = self.origin.get(at) else { return (self.shown.len(), self.shown.len()) };
        let next = self.origin.iter().skip(at + 1).find(|origin| **origin > from);
        (from, next.copied().unwrap_or(self.shown.len()))
    }

    /// `from..to` are characters that composition may make one, and that nothing outside is composed with.
    fn fold(&mut self, from: usize, to: usize) {
        let written = self.shown.get(from..to).unwrap_or_default();
        if let [c] = written
            && is_plain(*c)
        {
            self.lower.push(c.to_ascii_lowercase());
            self.origin.push(from);
            return;
        }
        let composed = written.iter().copied().nfkc().flat_map(char::to_lowercase);
        let before = self.lower.len();
        self.lower.extend(composed);
        self.origin.resize(self.origin.len() + self.lower.len() - before, from);
    }
}

/// Characters that are most of every text and that composition and case leave alone, but for ASCII's own case.
fn is_plain(c: char) -> bool {
    c.is_ascii() || matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}')
}

/// Whether a character may become one with the one before it (Unicode Standard Annex 15): a mark, a trailing jamo.
fn joins_backward(c: char) -> bool {
    if is_plain(c) {
        return false;
    }
    let first = std::iter::once(c).nfkd().next().unwrap_or(c);
    canonical_combining_class(first) != 0 || is_nfkc_quick(std::iter::once(first)) == IsNormalized::Maybe
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
        assert_eq!(folded.shown.iter().collect::<String>(), "ＥＣＳ İx");
        assert_eq!(folded.lower.iter().collect::<String>(), "ecs i\u{307}x");
        assert_eq!(folded.origin, [0, 1, 2, 3, 4, 4, 5]);
        assert_eq!(folded.place(4), (4, 5));
    }

    #[test]
    fn a_text_folds_piece_by_piece_as_it_does_whole() {
        for text in [
            "①㎡ﬁ",
            "cafe\u{301}s",
            "ﾊﾞｯｸｱｯﾌﾟ",
            "\u{1112}\u{1161}\u{11ab}글",
            "a\u{323}\u{307}b",
            "…㍿x",
            "\u{301}lead",
            "가\u{11a8}",
        ] {
            let folded = Folded::new(text);
            assert_eq!(folded.lower, folded_chars(text).collect::<Vec<_>>(), "{text}");
            assert_eq!(folded.lower.len(), folded.origin.len(), "{text}");
            assert_eq!(folded.shown.iter().collect::<String>(), text);
        }
        let folded = Folded::new("cafe\u{301}s");
        assert_eq!(folded.place(3), (3, 5), "the letter with its accent");
    }
}
