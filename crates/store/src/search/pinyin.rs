//! Readings of Han characters, and how typed letters can be cut into syllables.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use pinyin::ToPinyinMulti as _;

/// Readings kept of one character, the most frequent first.
const READINGS_MAX: usize = 4;
/// Ways to cut typed letters that are tried.
const CUTS_MAX: usize = 8;
/// Longest typed letters that are taken for pinyin.
pub(crate) const LETTERS_MAX: usize = 32;

/// Plain readings without tones, `ü` as `v`; empty for a character that has none.
pub(crate) fn readings(c: char) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for reading in c.to_pinyin_multi().into_iter().flatten() {
        let plain = plain_letters(reading.plain());
        if !plain.is_empty() && !found.contains(&plain) {
            found.push(plain);
        }
        if found.len() == READINGS_MAX {
            break;
        }
    }
    found
}

/// True when letters are the initials or the whole readings of a stretch of the text: `hdzf` and `huadong` for 华东支付. The
/// last syllable may be begun only.
#[must_use]
pub fn pinyin_matches(text: &str, letters: &str) -> bool {
    if letters.is_empty() || letters.len() > LETTERS_MAX || !letters.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return false;
    }
    let read: Vec<Vec<String>> = text.chars().map(readings).collect();
    (0..read.len()).any(|from| {
        let rest = read.get(from..).unwrap_or_default();
        reads(rest, letters) || initials(rest, letters)
    })
}

/// Syllables are gone through in every reading; at most four each, and the letters run out soon.
fn reads(read: &[Vec<String>], letters: &str) -> bool {
    let Some((first, rest)) = read.split_first() else { return false };
    first.iter().any(|reading| match letters.strip_prefix(reading.as_str()) {
        Some("") => true,
        Some(left) => reads(rest, left),
        None => reading.starts_with(letters),
    })
}

fn initials(read: &[Vec<String>], letters: &str) -> bool {
    letters.len() <= read.len()
        && read.iter().zip(letters.chars()).all(|(readings, letter)| readings.iter().any(|one| one.starts_with(letter)))
}

fn plain_letters(reading: &str) -> String {
    reading.chars().map(|c| if c == 'ü' { 'v' } else { c }).filter(char::is_ascii_lowercase).collect()
}

static SYLLABLES: LazyLock<BTreeSet<String>> = LazyLock::new(|| ('\u{4E00}'..='\u{9FFF}').flat_map(readings).collect());

/// A way to read letters as pinyin: whole syllables, then the beginning of another (perhaps nothing).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) syllables: Vec<String>,
    pub(crate) beginning: String,
}

/// All readings of typed letters as syllables, at most [`CUTS_MAX`], longest first syllable first.
pub(crate) fn cuts(letters: &str) -> Vec<Cut> {
    let mut found = Vec::new();
    if letters.len() <= LETTERS_MAX && letters.bytes().all(|byte| byte.is_ascii_lowercase()) {
        cut(letters, &mut Vec::new(), &mut found);
    }
    found
}

fn cut(rest: &str, so_far: &mut Vec<String>, found: &mut Vec<Cut>) {
    const SYLLABLE_BYTES_MAX: usize = 6;
    if found.len() >= CUTS_MAX {
        return;
    }
    if rest.is_empty() {
        found.push(Cut { syllables: so_far.clone(), beginning: String::new() });
        return;
    }
    for length in (1..=rest.len().min(SYLLABLE_BYTES_MAX)).rev() {
        let Some((syllable, after)) = rest.split_at_checked(length) else { continue };
        if SYLLABLES.contains(syllable) {
            so_far.push(syllable.to_owned());
            cut(after, so_far, found);
            so_far.pop();
        }
    }
    let begins = SYLLABLES.range(rest.to_owned()..).next().is_some_and(|next| next.starts_with(rest) && next != rest);
    if begins && !so_far.is_empty() && found.len() < CUTS_MAX {
        found.push(Cut { syllables: so_far.clone(), beginning: rest.to_owned() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_keeps_its_several_readings() {
        assert!(readings('行').contains(&"hang".to_owned()) && readings('行').contains(&"xing".to_owned()));
        assert!(readings('重').contains(&"chong".to_owned()) && readings('重').contains(&"zhong".to_owned()));
        assert_eq!(readings('绿').first().map(String::as_str), Some("lv"));
        assert!(readings('a').is_empty());
    }

    #[test]
    fn letters_find_a_name_by_its_readings() {
        for letters in ["hd", "hdzf", "huadong", "huad", "zhifu", "dongzh", "df", "zf"] {
            let expected = letters != "df";
            assert_eq!(pinyin_matches("华东支付", letters), expected, "{letters}");
        }
        assert!(
            pinyin_matches("重庆银行", "chongqing") && pinyin_matches("重庆银行", "yh") && pinyin_matches("重庆银行", "yinhang")
        );
        assert!(!pinyin_matches("Northwind", "north") && !pinyin_matches("华东", "") && !pinyin_matches("华东", "HD"));
    }

    #[test]
    fn letters_are_cut_in_every_way_that_reads() {
        let found = cuts("fuwuqi");
        assert!(found.iter().any(|cut| cut.syllables == ["fu", "wu", "qi"] && cut.beginning.is_empty()), "{found:?}");
        let found = cuts("xian");
        assert!(found.iter().any(|cut| cut.syllables == ["xian"]) && found.iter().any(|cut| cut.syllables == ["xi", "an"]));
        assert!(cuts("fuwuq").iter().any(|cut| cut.syllables == ["fu", "wu"] && cut.beginning == "q"));
        assert!(cuts("fwq").is_empty() && cuts("vvv").is_empty() && cuts("").len() == 1);
        assert!(cuts(&"a".repeat(32)).len() <= CUTS_MAX);
    }
}
