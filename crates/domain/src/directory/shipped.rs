//! What the product brings along: the telephone tiers of one article, and the cities. Data to be edited, not facts of the code.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{PhoneLine, Place};

const PHONE_LINES: &str = include_str!("../../data/phone_lines.json");
const CITIES: &str = include_str!("../../data/cn_cities_28.json");

/// A city with where it is (GeoNames, CC BY 4.0).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct City {
    pub geonameid: u32,
    pub name_zh: String,
    pub name_en: String,
    /// Syllables with spaces between them: `chong qing`.
    pub pinyin: String,
    /// Degrees north.
    #[serde(rename(deserialize = "lat"))]
    pub latitude: f64,
    /// Degrees east.
    #[serde(rename(deserialize = "lon"))]
    pub longitude: f64,
}

/// The cities, and whom to name as their source.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Cities {
    pub source: String,
    pub licence: String,
    /// ISO date.
    pub verified_on: String,
    pub cities: Vec<City>,
}

impl City {
    /// Where it is.
    #[must_use]
    pub const fn place(&self) -> Place {
        Place { latitude: self.latitude, longitude: self.longitude }
    }

    /// What a centre in this city is called in shipped data.
    #[must_use]
    pub fn centre_id(&self) -> String {
        format!("geonames-{}", self.geonameid)
    }

    /// `cq` for `chong qing`.
    #[must_use]
    pub fn initials(&self) -> String {
        self.pinyin.split(' ').filter_map(|syllable| syllable.chars().next()).collect()
    }
}

/// The three telephone tiers.
///
/// # Errors
/// When the shipped data cannot be read.
pub fn shipped_lines() -> Result<Vec<PhoneLine>, serde_json::Error> {
    serde_json::from_str(PHONE_LINES)
}

/// The 28 cities.
///
/// # Errors
/// When the shipped data cannot be read.
pub fn cities() -> Result<Cities, serde_json::Error> {
    serde_json::from_str(CITIES)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::directory::{check_line, is_place};

    #[test]
    fn shipped_data_can_be_used_as_it_is() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
        let lines = shipped_lines().unwrap();
        assert_eq!(lines.iter().map(|line| line.tier).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(
            lines.iter().map(|line| line.number.as_str()).collect::<Vec<_>>(),
            ["400-6455-566", "400-6455-577", "400-6455-588"]
        );
        assert!(lines.iter().all(|line| check_line(line, today).is_empty()));
        let cities = cities().unwrap();
        assert_eq!(cities.cities.len(), 28);
        assert!(cities.licence.contains("CC BY 4.0"));
        for city in &cities.cities {
            assert!(is_place(city.place()), "{city:?}");
            assert_eq!(city.pinyin.split(' ').count(), city.name_zh.chars().count(), "{city:?}");
        }
        let chongqing = cities.cities.iter().find(|city| city.name_zh == "重庆").unwrap();
        assert_eq!((chongqing.pinyin.as_str(), chongqing.initials().as_str()), ("chong qing", "cq"));
    }
}
