//! What a person typed, as an index expression and as a rule that a text passes or fails.

use super::pinyin::{LETTERS_MAX, cuts, readings};
use super::terms::{INITIALS, JOINT, Run, SYLLABLES, WORD_CHARS_MAX, runs, word_term};
use super::text::{CharClass, class_of, folded_chars};

/// Characters of a query that count; more are ignored.
const QUERY_CHARS_MAX: usize = 256;
/// Pieces of a query that count.
const CHUNKS_MAX: usize = 16;
/// Shortest letters taken for one whole syllable.
const SYLLABLE_LETTERS_MIN: usize = 3;

/// Pieces between blanks; each must be found somewhere in a ticket.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Query {
    pub(crate) chunks: Vec<Chunk>,
}

/// A piece of a query: its characters stand side by side in the text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Chunk {
    chars: Vec<char>,
    runs: Vec<Run>,
    /// Readings as pinyin, for letters only.
    pinyin: Vec<Pinyin>,
}

#[derive(Debug, PartialEq, Eq)]
enum Pinyin {
    Initials(Vec<char>),
    Syllables(super::pinyin::Cut),
}

/// The index expression of a query. `None` for a query without a single letter.
pub(crate) struct Expression {
    /// Every ticket that can match.
    pub(crate) candidates: String,
    /// Tickets that match for certain, where the index alone can tell.
    pub(crate) certain: Option<String>,
}

impl Query {
    pub(crate) fn parse(text: &str) -> Self {
        let folded: String = folded_chars(text).take(QUERY_CHARS_MAX).collect();
        let chunks = folded.split_whitespace().filter_map(Chunk::parse).take(CHUNKS_MAX).collect();
        Self { chunks }
    }

    pub(crate) fn expression(&self) -> Option<Expression> {
        let mut candidates = Vec::new();
        let mut certain = Vec::new();
        let mut index_tells_all = true;
        for chunk in &self.chunks {
            let words = chunk.words_expression();
            index_tells_all &= !chunk.needs_text();
            let pinyin = chunk.pinyin.iter().map(Pinyin::expression);
            candidates.push(format!("({})", std::iter::once(words.clone()).chain(pinyin).collect::<Vec<_>>().join(" OR ")));
            certain.push(words);
        }
        (!candidates.is_empty())
            .then(|| Expression { candidates: candidates.join(" AND "), certain: index_tells_all.then(|| certain.join(" AND ")) })
    }
}

impl Chunk {
    /// `None` for a piece without letters, digits or Han. Punctuation at its ends does not count.
    fn parse(piece: &str) -> Option<Self> {
        let trimmed = piece.trim_matches(|c| class_of(c) == CharClass::Separator);
        let runs = runs(trimmed.chars());
        let pinyin = match runs.as_slice() {
            [] => return None,
            [Run::Word(word)] if word.len() == trimmed.len() => Pinyin::readings_of(word),
            _ => Vec::new(),
        };
        Some(Self { chars: trimmed.chars().collect(), runs, pinyin })
    }

    /// All terms of the piece; its last word may be the beginning of one.
    fn words_expression(&self) -> String {
        let mut parts = Vec::new();
        let last = self.runs.len().saturating_sub(1);
        for (at, run) in self.runs.iter().enumerate() {
            match run {
                Run::Word(word) if at == last => parts.push(prefix_expression(word)),
                Run::Word(word) => parts.push(quoted(word_term(word))),
                Run::Han(chars) => match chars.as_slice() {
                    [only] => parts.push(format!("{} *", quoted(&only.to_string()))),
                    _ => parts.extend(chars.windows(2).map(|pair| quoted(&pair.iter().collect::<String>()))),
                },
            }
        }
        format!("({})", parts.join(" AND "))
    }

    /// The index knows which terms a text has, not where they stand.
    fn needs_text(&self) -> bool {
        match self.runs.as_slice() {
            [Run::Word(word)] => word.chars().count() > WORD_CHARS_MAX || self.chars.len() != word.chars().count(),
            [Run::Han(chars)] => chars.len() > 2,
            _ => true,
        }
    }

    /// Where the piece stands in a folded text: from, to.
    pub(crate) fn find_in(&self, lower: &[char]) -> Vec<(usize, usize)> {
        let is_word = |c: Option<&char>| c.is_some_and(|c| class_of(*c) == CharClass::Word);
        let starts_in_word = is_word(self.chars.first());
        // One letter alone is not the beginning of every word.
        let ends_closed = matches!(self.runs.last(), Some(Run::Word(word)) if word.chars().count() == 1);
        let width = self.chars.len();
        let Some(first) = self.chars.first() else { return Vec::new() };
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(skip) = lower.get(at..).and_then(|rest| rest.iter().position(|c| c == first)) {
            let start = at + skip;
            at = start + 1;
            if lower.get(start..start + width) != Some(self.chars.as_slice()) {
                continue;
            }
            let before = start.checked_sub(1).and_then(|before| lower.get(before));
            if (starts_in_word && is_word(before)) || (ends_closed && is_word(lower.get(start + width))) {
                continue;
            }
            found.push((start, start + width));
            at = start + width;
        }
        found
    }

    /// Where a subject or name reads like the piece in pinyin: from, to.
    pub(crate) fn find_read_in(&self, lower: &[char]) -> Vec<(usize, usize)> {
        if self.pinyin.is_empty() {
            return Vec::new();
        }
        let read: Vec<Vec<String>> = lower.iter().map(|c| readings(*c)).collect();
        for pinyin in &self.pinyin {
            let width = pinyin.width();
            let found = read.windows(width).position(|window| pinyin.reads(window));
            if let Some(start) = found {
                return vec![(start, start + width)];
            }
        }
        Vec::new()
    }
}

impl Pinyin {
    fn readings_of(word: &str) -> Vec<Self> {
        if !(2..=LETTERS_MAX).contains(&word.len()) || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Vec::new();
        }
        let whole = |cut: &super::pinyin::Cut| cut.syllables.len() > 1 || !cut.beginning.is_empty();
        let cuts = cuts(word).into_iter().filter(|cut| whole(cut) || word.len() >= SYLLABLE_LETTERS_MIN);
        std::iter::once(Self::Initials(word.chars().collect())).chain(cuts.map(Self::Syllables)).collect()
    }

    fn expression(&self) -> String {
        let joint = |first: &str, second: &str| quoted(&format!("{SYLLABLES}{first}{JOINT}{second}"));
        let parts: Vec<String> = match self {
            Self::Initials(letters) => {
                letters.windows(2).map(|pair| quoted(&std::iter::once(&INITIALS).chain(pair).collect::<String>())).collect()
            }
            Self::Syllables(cut) => {
                let mut parts: Vec<String> = match cut.syllables.as_slice() {
                    [only] if cut.beginning.is_empty() => vec![quoted(&format!("{SYLLABLES}{only}"))],
                    syllables => syllables
                        .windows(2)
                        .filter_map(|pair| if let [first, second] = pair { Some(joint(first, second)) } else { None })
                        .collect(),
                };
                if let Some(last) = cut.syllables.last().filter(|_| !cut.beginning.is_empty()) {
                    parts.push(format!("{} *", joint(last, &cut.beginning)));
                }
                parts
            }
        };
        format!("({})", parts.join(" AND "))
    }

    /// Characters that it reads.
    fn width(&self) -> usize {
        match self {
            Self::Initials(letters) => letters.len(),
            Self::Syllables(cut) => cut.syllables.len() + usize::from(!cut.beginning.is_empty()),
        }
    }

    fn reads(&self, window: &[Vec<String>]) -> bool {
        window.iter().enumerate().all(|(at, readings)| match self {
            Self::Initials(letters) => {
                letters.get(at).is_some_and(|letter| readings.iter().any(|reading| reading.starts_with(*letter)))
            }
            Self::Syllables(cut) => match cut.syllables.get(at) {
                Some(syllable) => readings.contains(syllable),
                None => readings.iter().any(|reading| reading.starts_with(&cut.beginning)),
            },
        })
    }
}

/// A term as an FTS5 string. Terms hold no quotes: those separate.
fn quoted(term: &str) -> String {
    format!("\"{term}\"")
}

/// Words that begin so; one letter stands for itself only. FTS5 merges the words of a beginning in one pass: measured
/// at 100,000 tickets that takes a fraction of what an OR over the same words looked up one by one takes.
fn prefix_expression(word: &str) -> String {
    let term = quoted(word_term(word));
    if word.chars().count() == 1 { term } else { format!("{term} *") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lower(text: &str) -> Vec<char> {
        folded_chars(text).collect()
    }

    #[test]
    fn pieces_stand_in_a_text_as_a_reader_would_say() {
        let table = [
            ("服务器", "云服务器宕机", true),
            ("服务器", "服务 务器", false),
            ("502", "HTTP/502 bad", true),
            ("502", "a1502", false),
            ("err", "ERROR 7", true),
            ("i-bp67", "实例 i-bp67f0x", true),
            ("i-bp67", "i bp67", false),
            ("e", "e 1", true),
            ("e", "error", false),
            ("\"ecs\"", "ECS.g6", true),
            ("ecs服务", "新ECS服务器", true),
            ("ecs服务", "vecs服务器", false),
        ];
        for (query, text, expected) in table {
            let query = Query::parse(query);
            let found = query.chunks.iter().all(|chunk| !chunk.find_in(&lower(text)).is_empty());
            assert_eq!(found, expected, "{query:?} in {text}");
        }
    }

    #[test]
    fn letters_read_han_by_initials_and_by_syllables() {
        for (query, text, expected) in [
            ("fwq", "云服务器宕机", Some((1, 4))),
            ("fuwuqi", "云服务器", Some((1, 4))),
            ("fuwuq", "云服务器", Some((1, 4))),
            ("yinhang", "银行", Some((0, 2))),
            ("yh", "银行", Some((0, 2))),
            ("fwx", "云服务器", None),
            ("fuwuba", "服务器", None),
        ] {
            let query = Query::parse(query);
            assert_eq!(query.chunks[0].find_read_in(&lower(text)).first().copied(), expected, "{query:?}");
        }
    }

    #[test]
    fn nothing_typed_means_nothing() {
        for text in ["", " ", "\"", "*", "%_", "😀", "--"] {
            assert!(Query::parse(text).chunks.is_empty(), "{text}");
        }
        assert_eq!(Query::parse("AND NOT \"or\"").chunks.len(), 3);
    }
}
