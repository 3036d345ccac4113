//! Cities, by name, pinyin or the initials of it.

use std::sync::OnceLock;

use deskbell_domain::directory::{City, cities};
use pinyin::{ToPinyin as _, ToPinyinMulti as _};
use serde::Serialize;
use ts_rs::TS;

/// Longest list of places.
const PLACES_MAX: usize = 20;
/// Longest name whose readings are tried.
const SPELLED_CHARS_MAX: usize = 8;
/// Longest text that is looked for, in characters.
const QUERY_CHARS_MAX: usize = 60;

/// A city that was looked for.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct FoundPlace {
    pub name_zh: String,
    pub name_en: String,
    /// Without spaces: `chongqing`.
    pub pinyin: String,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

fn known() -> &'static [City] {
    static CITIES: OnceLock<Vec<City>> = OnceLock::new();
    CITIES.get_or_init(|| cities().map(|cities| cities.cities).unwrap_or_default())
}

/// Cities whose name, pinyin or initials begin with the text, those that are called exactly so first.
#[must_use]
pub fn find_places(text: &str) -> Vec<FoundPlace> {
    let wanted = folded(&text.chars().take(QUERY_CHARS_MAX).collect::<String>());
    let wanted = wanted.trim_end_matches('市');
    if wanted.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<(usize, &City)> = known().iter().filter_map(|city| Some((rank(city, wanted)?, city))).collect();
    found.sort_by_key(|(rank, _)| *rank);
    let place = |city: &City| FoundPlace {
        name_zh: city.name_zh.clone(),
        name_en: city.name_en.clone(),
        pinyin: folded(&city.pinyin),
        latitude: city.latitude,
        longitude: city.longitude,
    };
    found.into_iter().take(PLACES_MAX).map(|(_, city)| place(city)).collect()
}

/// 0 the best; `None` for another city.
fn rank(city: &City, wanted: &str) -> Option<usize> {
    let names = [folded(&city.name_zh), folded(&city.pinyin), folded(&city.name_en), city.initials()];
    if names.iter().any(|name| name == wanted) {
        return Some(0);
    }
    let starts = names.iter().position(|name| name.starts_with(wanted)).map(|place| place + 1);
    starts.or_else(|| folded(&city.name_zh).contains(wanted).then_some(names.len() + 1))
}

/// Small letters without marks, apostrophes and spaces: `Ürümqi` and `xi'an` are found as they are typed.
fn folded(text: &str) -> String {
    let plain = |c: char| match c {
        'ü' | 'ú' | 'ù' | 'ū' | 'ǔ' => 'u',
        'ö' | 'ó' | 'ò' | 'ō' => 'o',
        'é' | 'è' | 'ê' | 'ē' | 'ě' => 'e',
        'í' | 'ì' | 'ī' | 'ǐ' => 'i',
        'ä' | 'á' | 'à' | 'ā' => 'a',
        other => other,
    };
    let kept = |c: &char| !c.is_whitespace() && !matches!(c, '\'' | '’' | '-');
    text.to_lowercase().chars().filter(kept).map(plain).collect()
}

fn city(name_zh: &str) -> Option<&'static City> {
    let name = name_zh.trim().trim_end_matches('市');
    known().iter().find(|city| city.name_zh == name)
}

/// Syllables of a city's name; of one that is not known as the characters are mostly read.
fn syllables(name_zh: &str, name_en: &str) -> Vec<String> {
    if let Some(city) = city(name_zh) {
        return city.pinyin.split(' ').map(str::to_owned).collect();
    }
    let name = name_zh.trim().trim_end_matches('市');
    // The romanised name tells which of several readings it is: 佛山 is Foshan.
    if let Some(read) = spelled(name, &folded(name_en)) {
        return read;
    }
    let read: Vec<String> = name.to_pinyin().flatten().map(|one| one.plain().to_owned()).collect();
    if read.is_empty() { name_en.split_whitespace().map(folded).collect() } else { read }
}

/// The readings of the characters that together spell the letters.
fn spelled(name: &str, letters: &str) -> Option<Vec<String>> {
    let mut characters = name.chars();
    let Some(first) = characters.next().filter(|_| name.chars().count() <= SPELLED_CHARS_MAX) else {
        return (name.is_empty() && letters.is_empty()).then(Vec::new);
    };
    first.to_pinyin_multi()?.into_iter().find_map(|reading| {
        let mut rest = spelled(characters.as_str(), letters.strip_prefix(reading.plain())?)?;
        rest.insert(0, reading.plain().to_owned());
        Some(rest)
    })
}

pub(super) fn pinyin_of(name_zh: &str, name_en: &str) -> String {
    syllables(name_zh, name_en).concat()
}

pub(super) fn initials_of(name_zh: &str, name_en: &str) -> String {
    syllables(name_zh, name_en).iter().filter_map(|syllable| syllable.chars().next()).collect()
}
