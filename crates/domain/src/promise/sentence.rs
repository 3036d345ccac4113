//! Cutting a reply into sentences. What is quoted from others, and what machines wrote, is left out.

use super::SENTENCE_CHARS_MAX;

/// Behind these everything is an earlier message.
const QUOTED_FROM: &[&str] =
    &["-----Original Message-----", "-----原始邮件-----", "------------------ 原始邮件", "________________________________"];
/// A line that ends like this opens an earlier message.
const QUOTED_LINE_ENDS: &[&str] = &["wrote:", "写道：", "写道:"];
const MACHINE_BLOCK: (&str, &str) = ("-----BEGIN ", "-----END ");
const FENCE: &str = "```";

/// Sentences as they were written, with their full stops; longer ones than [`SENTENCE_CHARS_MAX`] are none.
pub(super) fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut in_code, mut in_block) = (false, false);
    for line in text.lines() {
        let line = line.trim();
        if QUOTED_FROM.iter().any(|mark| line.starts_with(mark)) || QUOTED_LINE_ENDS.iter().any(|mark| line.ends_with(mark)) {
            break;
        }
        if line.starts_with(MACHINE_BLOCK.0) || line.starts_with(MACHINE_BLOCK.1) {
            in_block = line.starts_with(MACHINE_BLOCK.0);
        } else if line.starts_with(FENCE) {
            in_code = !in_code;
        } else if !in_code && !in_block && !line.starts_with('>') && !is_log(line) {
            cut(line, &mut found);
        }
    }
    found
}

/// A line that begins with an instant down to the second was written by a machine.
fn is_log(line: &str) -> bool {
    let head: String = line.trim_start_matches('[').chars().take(19).collect();
    let shape: String = head.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    matches!(shape.replace('/', "-").replace('T', " ").as_str(), "0000-00-00 00:00:00")
}

fn cut<'a>(line: &'a str, found: &mut Vec<&'a str>) {
    let mut rest = line;
    while !rest.is_empty() {
        let end = end_of_sentence(rest);
        let (sentence, after) = rest.split_at(end);
        let sentence = sentence.trim();
        let chars = sentence.chars().count();
        if chars > 1 && chars <= SENTENCE_CHARS_MAX {
            found.push(sentence);
        }
        rest = after;
    }
}

/// Behind the first full stop. A dot ends a sentence only before a space: `12.5` and `a.b` do not.
fn end_of_sentence(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let ends = match c {
            '。' | '！' | '？' | '；' | '!' | '?' | ';' => true,
            '.' => next.is_none_or(char::is_whitespace) && !is_short_word(text.get(..at).unwrap_or_default()),
            _ => false,
        };
        if ends && !next.is_some_and(|next| "。！？!?".contains(next)) {
            return at + c.len_utf8();
        }
    }
    text.len()
}

/// `Dec.`, `a.m.`, `No.` and the like go on.
fn is_short_word(before: &str) -> bool {
    const SHORT: &[&str] = &[
        "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "mon", "tue", "wed", "thu", "fri",
        "sat", "sun", "mr", "ms", "dr", "no", "approx", "e.g", "i.e", "a.m", "p.m", "hrs", "min",
    ];
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default().to_lowercase();
    SHORT.contains(&word.as_str())
}
