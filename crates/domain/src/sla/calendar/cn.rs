//! Holidays and make-up workdays (调休) of mainland China, as the State Council publishes them each autumn.
//!
//! Data: NateScarlet/holiday-cn (MIT), see `data/README.md`.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;

use super::spec::read_date;
use super::{Calendar, CalendarError, CalendarSpec, SpanText, WeeklyHours};

const EMBEDDED: &str = include_str!("../../../data/cn_holidays_2018_2026.json");

/// Holidays and make-up workdays by year of their notice. A notice may name dates of the year before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CnHolidays {
    years: BTreeMap<i32, CnYear>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct CnYear {
    off: Vec<(String, String)>,
    makeup_work: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct CnFile {
    years: BTreeMap<String, CnYear>,
}

impl CnHolidays {
    /// The table this version was built with: 2018–2026.
    ///
    /// # Errors
    /// None in practice; a test reads the table.
    pub fn embedded() -> Result<Self, CalendarError> {
        Self::from_json(EMBEDDED)
    }

    /// Reads `{"years":{"2027":{"off":[["2027-01-01","元旦"],…],"makeup_work":[…]}}}`; other keys are ignored.
    ///
    /// # Errors
    /// [`CalendarError::HolidayTableInvalid`] for another shape, `DateInvalid` for a text that is no date.
    pub fn from_json(text: &str) -> Result<Self, CalendarError> {
        let invalid = |why: String| CalendarError::HolidayTableInvalid(why);
        let file: CnFile = serde_json::from_str(text).map_err(|error| invalid(error.to_string()))?;
        let mut years = BTreeMap::new();
        for (name, year) in file.years {
            let number = name.parse::<i32>().map_err(|_| invalid(format!("{name:?} is no year")))?;
            for (date, _) in year.off.iter().chain(&year.makeup_work) {
                read_date("years", date)?;
            }
            // A year announced without dates (an empty file before the notice) is not known.
            if !year.off.is_empty() {
                years.insert(number, year);
            }
        }
        if years.is_empty() {
            return Err(invalid("it has no year with holidays".to_owned()));
        }
        Ok(Self { years })
    }

    /// Adds the years of another table; a year in both is replaced by the other's.
    pub fn import(&mut self, other: Self) {
        self.years.extend(other.years);
    }

    /// Its years, ascending.
    pub(super) fn into_years(self) -> Vec<super::notice::ImportedYear> {
        let years = self.years.into_iter();
        years.map(|(year, days)| super::notice::ImportedYear { year, off: days.off, makeup: days.makeup_work }).collect()
    }

    /// Last date covered: the end of the last year before a gap.
    #[must_use]
    pub fn known_until(&self) -> Option<NaiveDate> {
        let mut last = *self.years.keys().next()?;
        while self.years.contains_key(&(last + 1)) {
            last += 1;
        }
        NaiveDate::from_ymd_opt(last, 12, 31)
    }

    /// A calendar with these holidays in the given zone; make-up workdays have the hours `makeup`.
    ///
    /// # Errors
    /// What [`Calendar::new`] finds in the zone or the hours.
    pub fn calendar(&self, tz: &str, hours: WeeklyHours, makeup: &[SpanText]) -> Result<Calendar, CalendarError> {
        let mut spec = CalendarSpec::weekly(tz, hours);
        for year in self.years.values() {
            for (date, name) in &year.off {
                spec.holidays.push(date.clone());
                spec.names.insert(date.clone(), name.clone());
            }
            for (date, name) in &year.makeup_work {
                spec.shifts.insert(date.clone(), makeup.to_vec());
                spec.names.insert(date.clone(), name.clone());
            }
        }
        spec.holidays.sort();
        spec.known_until = self.known_until().map(|date| date.to_string());
        Calendar::new(spec)
    }
}

pub(super) fn business_cn() -> Calendar {
    let span = |from: &str, to: &str| [from.to_owned(), to.to_owned()];
    let day = [span("09:00", "12:00"), span("13:30", "18:00")];
    let calendar = CnHolidays::embedded().and_then(|table| table.calendar("Asia/Shanghai", WeeklyHours::weekdays(&day), &day));
    #[expect(clippy::expect_used, reason = "a constant of the build, read by a test")]
    calendar.expect("the embedded holiday table is a calendar")
}
