//! Cutting text into the terms of the index.

use super::pinyin::readings;
use super::text::{CharClass, class_of, folded_chars};

/// Longest word in characters; the rest of a longer one is not searched.
pub(crate) const WORD_CHARS_MAX: usize = 64;
/// Begins a term of two pinyin initials (`fw`). Private use: no text of ours contains it after cutting.
pub(crate) const INITIALS: char = '\u{E000}';
/// Begins a term of one pinyin syllable, or of two with [`JOINT`] between them.
pub(crate) const SYLLABLES: char = '\u{E001}';
/// Between two syllables. Not ASCII: the tokenizer would split there.
pub(crate) const JOINT: char = '\u{E002}';

/// A piece of text of one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Run {
    Han(Vec<char>),
    Word(String),
}

/// Cuts folded text into runs; whatever is neither letter, digit nor Han separates.
pub(crate) fn runs(folded: impl Iterator<Item = char>) -> Vec<Run> {
    let mut found: Vec<Run> = Vec::new();
    let mut last = CharClass::Separator;
    for c in folded {
        let class = class_of(c);
        match (class, found.last_mut()) {
            (CharClass::Separator, _) => {}
            (CharClass::Han, Some(Run::Han(run))) if last == CharClass::Han => run.push(c),
            (CharClass::Han, _) => found.push(Run::Han(vec![c])),
            (CharClass::Word, Some(Run::Word(word))) if last == CharClass::Word => word.push(c),
            (CharClass::Word, _) => found.push(Run::Word(c.to_string())),
        }
        last = class;
    }
    found
}

/// The first [`WORD_CHARS_MAX`] characters: the form in which a word stands in the index.
pub(crate) fn word_term(word: &str) -> &str {
    word.char_indices().nth(WORD_CHARS_MAX).and_then(|(end, _)| word.get(..end)).unwrap_or(word)
}

/// Collects the terms of a document, each once.
#[derive(Default)]
pub(crate) struct Terms {
    pairs: Vec<(char, Option<char>)>,
    words: Vec<String>,
}

impl Terms {
    /// Adds a text. The last character of a Han run is also a term by itself, so that each character begins one.
    pub(crate) fn add(&mut self, text: &str) {
        for run in runs(folded_chars(text)) {
            self.add_run(run);
        }
    }

    /// Adds a subject or a name: also findable by pinyin.
    pub(crate) fn add_head(&mut self, text: &str) {
        for run in runs(folded_chars(text)) {
            if let Run::Han(chars) = &run {
                self.add_pinyin(chars);
            }
            self.add_run(run);
        }
    }

    fn add_run(&mut self, run: Run) {
        match run {
            Run::Word(word) => self.words.push(word_term(&word).to_owned()),
            Run::Han(chars) => {
                let following = chars.iter().skip(1).map(|c| Some(*c)).chain(std::iter::once(None));
                self.pairs.extend(chars.iter().copied().zip(following));
            }
        }
    }

    fn add_pinyin(&mut self, chars: &[char]) {
        let mut before: Vec<String> = Vec::new();
        for c in chars {
            let here = readings(*c);
            for reading in &here {
                self.words.push(format!("{SYLLABLES}{reading}"));
                for earlier in &before {
                    self.words.push(format!("{SYLLABLES}{earlier}{JOINT}{reading}"));
                    let initials = earlier.chars().take(1).chain(reading.chars().take(1));
                    self.words.push(std::iter::once(INITIALS).chain(initials).collect());
                }
            }
            before = here;
        }
    }

    /// The terms separated by spaces, in a fixed order.
    pub(crate) fn finish(mut self) -> String {
        self.pairs.sort_unstable();
        self.pairs.dedup();
        self.words.sort_unstable();
        self.words.dedup();
        let mut document = String::with_capacity(self.pairs.len() * 7 + self.words.len() * 8);
        for (first, second) in self.pairs {
            document.push(first);
            document.extend(second);
            document.push(' ');
        }
        for word in self.words {
            document.push_str(&word);
            document.push(' ');
        }
        document
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn han_is_cut_into_pairs_and_words_stay_whole() {
        let mut terms = Terms::default();
        terms.add("ＥＣＳ服务器：502 Bad-Gateway 服务");
        assert_eq!(terms.finish(), "务 务器 器 服务 502 bad ecs gateway ");
    }

    #[test]
    fn a_subject_is_also_cut_by_its_readings() {
        let mut terms = Terms::default();
        terms.add_head("银行");
        let document = terms.finish();
        for term in ["\u{E000}yh", "\u{E000}yx", "\u{E001}yin\u{E002}hang", "\u{E001}hang"] {
            assert!(document.split(' ').any(|found| found == term), "{term} in {document}");
        }
    }
}
