//! A holiday notice from a file: our own table, or a year as NateScarlet/holiday-cn publishes it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::CalendarError;
use super::cn::CnHolidays;
use super::spec::read_date;

/// A longer text is no notice.
pub const NOTICE_BYTES_MAX: usize = 1 << 20;

/// A year's days off and make-up workdays, each `YYYY-MM-DD` with its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ImportedYear {
    pub year: i32,
    pub off: Vec<(String, String)>,
    pub makeup: Vec<(String, String)>,
}

/// What a file says of holidays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ImportedHolidays {
    /// Ascending; at least one.
    pub years: Vec<ImportedYear>,
    /// Where the file says that it has them from; empty where it does not say.
    pub source: String,
}

#[derive(Deserialize)]
struct Notice {
    year: i32,
    #[serde(default)]
    papers: Vec<String>,
    days: Vec<Day>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Day {
    name: String,
    date: String,
    is_off_day: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Published {
    One(Notice),
    Some(Vec<Notice>),
}

#[derive(Deserialize)]
struct Sourced {
    #[serde(default)]
    source: String,
}

/// Reads `{"years":{"2027":{"off":[["2027-01-01","元旦"],…],"makeup_work":[…]}}}` or
/// `{"year":2027,"days":[{"name","date","isOffDay"},…]}`, or a list of the latter.
///
/// # Errors
/// [`CalendarError::HolidayTableInvalid`] for another shape or a file without any day off, `DateInvalid` for a text
/// that is no date.
pub fn read_notice(text: &str) -> Result<ImportedHolidays, CalendarError> {
    let invalid = |why: &str| CalendarError::HolidayTableInvalid(why.to_owned());
    if text.len() > NOTICE_BYTES_MAX {
        return Err(invalid("it is longer than 1 MiB"));
    }
    let text = text.trim_start_matches('\u{feff}');
    let json: serde_json::Value = serde_json::from_str(text).map_err(|error| invalid(&error.to_string()))?;
    if json.get("years").is_some() {
        let years = CnHolidays::from_json(text)?.into_years();
        let source = Sourced::deserialize(&json).map(|file| file.source).unwrap_or_default();
        return Ok(ImportedHolidays { years, source });
    }
    let notices = match Published::deserialize(&json) {
        Ok(Published::One(notice)) => vec![notice],
        Ok(Published::Some(notices)) => notices,
        Err(_) => return Err(invalid("it has neither \"years\" nor \"year\" with \"days\"")),
    };
    let source = notices.iter().flat_map(|notice| &notice.papers).cloned().collect::<Vec<_>>().join(" ");
    let mut years = Vec::new();
    for notice in notices {
        let mut year = ImportedYear { year: notice.year, off: Vec::new(), makeup: Vec::new() };
        for day in notice.days {
            read_date("days", &day.date)?;
            (if day.is_off_day { &mut year.off } else { &mut year.makeup }).push((day.date, day.name));
        }
        if year.off.is_empty() {
            return Err(invalid(&format!("{} has no days off yet: its notice is not published", year.year)));
        }
        years.push(year);
    }
    years.sort_by_key(|year| year.year);
    if years.is_empty() {
        return Err(invalid("it has no year"));
    }
    if years.iter().zip(years.iter().skip(1)).any(|(one, next)| one.year == next.year) {
        return Err(invalid("a year is in it twice"));
    }
    Ok(ImportedHolidays { years, source })
}
