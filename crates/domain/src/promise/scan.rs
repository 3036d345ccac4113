//! Reading words and numbers out of a sentence, character by character.

/// Largest number that is read; nothing promised is longer.
const NUMBER_MAX: u32 = 9_999;

/// A sentence in lower case, with half-width digits and signs.
pub(super) struct Scan {
    pub(super) chars: Vec<char>,
}

impl Scan {
    pub(super) fn new(sentence: &str) -> Self {
        Self { chars: sentence.chars().map(half_width).flat_map(char::to_lowercase).collect() }
    }

    pub(super) fn at(&self, at: usize) -> Option<char> {
        self.chars.get(at).copied()
    }

    /// Behind the word, when it stands here. Latin words stand alone: `today` is not in `todays`.
    pub(super) fn word(&self, at: usize, word: &str) -> Option<usize> {
        let mut end = at;
        for c in word.chars() {
            if self.at(end)? != c {
                return None;
            }
            end += 1;
        }
        let is_latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
        let begins_latin = is_latin(word.chars().next());
        let ends_latin = is_latin(word.chars().last());
        let glued_before = begins_latin && at > 0 && is_latin(self.at(at - 1));
        let glued_behind = ends_latin && is_latin(self.at(end));
        (!glued_before && !glued_behind).then_some(end)
    }

    /// The first of the words that stands here, and behind it.
    pub(super) fn one_of<T: Copy>(&self, at: usize, words: &[(&str, T)]) -> Option<(T, usize)> {
        words.iter().find_map(|(word, value)| Some((*value, self.word(at, word)?)))
    }

    pub(super) fn any(&self, at: usize, words: &[&str]) -> Option<usize> {
        words.iter().find_map(|word| self.word(at, word))
    }

    /// True when one of the words stands somewhere from `from` to before `to`.
    pub(super) fn has(&self, from: usize, to: usize, words: &[&str]) -> bool {
        (from..to).any(|at| self.any(at, words).is_some_and(|end| end <= to))
    }

    pub(super) fn spaces(&self, at: usize) -> usize {
        let mut at = at;
        while self.at(at).is_some_and(|c| c == ' ' || c == '\u{3000}' || c == '\u{a0}') {
            at += 1;
        }
        at
    }

    /// A number in digits.
    pub(super) fn digits(&self, at: usize, most: usize) -> Option<(u32, usize)> {
        if at > 0 && self.at(at - 1).is_some_and(|c| c.is_ascii_digit()) {
            return None;
        }
        let (mut value, mut end) = (0_u32, at);
        while let Some(digit) = self.at(end).and_then(|c| c.to_digit(10)) {
            value = value.saturating_mul(10).saturating_add(digit).min(NUMBER_MAX * 10);
            end += 1;
        }
        (end > at && end - at <= most && value <= NUMBER_MAX).then_some((value, end))
    }

    /// A number in digits, in Chinese (up to 99) or as an English word.
    pub(super) fn number(&self, at: usize) -> Option<(u32, usize)> {
        const WORDS: &[(&str, u32)] = &[
            ("one", 1),
            ("two", 2),
            ("three", 3),
            ("four", 4),
            ("five", 5),
            ("six", 6),
            ("seven", 7),
            ("eight", 8),
            ("nine", 9),
            ("ten", 10),
            ("twelve", 12),
            ("fifteen", 15),
            ("twenty", 20),
            ("thirty", 30),
            ("forty-five", 45),
            ("an", 1),
            ("a", 1),
        ];
        self.digits(at, 4).or_else(|| self.han_number(at)).or_else(|| self.one_of(at, WORDS))
    }

    pub(super) fn han_number(&self, at: usize) -> Option<(u32, usize)> {
        let first = self.at(at)?;
        if first == '十' {
            let ones = self.at(at + 1).and_then(han_digit);
            return Some((10 + ones.unwrap_or(0), at + 1 + usize::from(ones.is_some())));
        }
        let first = han_digit(first)?;
        if self.at(at + 1) != Some('十') {
            return Some((first, at + 1));
        }
        let ones = self.at(at + 2).and_then(han_digit);
        Some((first * 10 + ones.unwrap_or(0), at + 2 + usize::from(ones.is_some())))
    }
}

pub(super) fn han_digit(c: char) -> Option<u32> {
    "零一二三四五六七八九".chars().position(|one| one == c).and_then(|at| u32::try_from(at).ok()).or((c == '两').then_some(2))
}

fn half_width(c: char) -> char {
    match c {
        '０'..='９' | '：' | '／' | '－' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => {
            char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c)
        }
        '’' => '\'',
        '–' | '—' | '～' | '〜' => '-',
        other => other,
    }
}
