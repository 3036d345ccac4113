//! What Deskbell ships for accounts that carry no directory: three telephone tiers and a centre in each of 28 cities.

use chrono::Datelike as _;
use deskbell_domain::directory::{PhoneLine, ServiceCentre, cities, shipped_lines};
use deskbell_domain::sla::calendar::{CalendarSpec, CnHolidays, SpanText, WeeklyHours};
use deskbell_domain::{Code, UtcMs};
use serde::Deserialize;

use crate::error::EngineError;

const CENTRES: &str = include_str!("../../data/service_centres.json");

/// What is said of every shipped centre.
#[derive(Deserialize)]
struct Said {
    source: String,
    verified_on: String,
    country: String,
    time_zone: String,
    hours_text: String,
    hours: Vec<SpanText>,
    makeup_hours: Vec<SpanText>,
    services: Vec<String>,
}

fn broken(error: impl std::fmt::Display) -> EngineError {
    EngineError::with_detail(Code::Internal, format!("shipped directory: {error}"))
}

pub(super) fn lines() -> Result<Vec<PhoneLine>, EngineError> {
    shipped_lines().map_err(broken)
}

/// Whom to name for the cities.
pub(super) fn attribution() -> Result<String, EngineError> {
    let cities = cities().map_err(broken)?;
    Ok(format!("{}, {}", cities.source, cities.licence))
}

pub(super) fn centres(now: UtcMs) -> Result<Vec<ServiceCentre>, EngineError> {
    let said: Said = serde_json::from_str(CENTRES).map_err(broken)?;
    let cities = cities().map_err(broken)?;
    let calendar = calendar(&said, now)?;
    let centre = |city: &deskbell_domain::directory::City| ServiceCentre {
        remote_id: city.centre_id(),
        city_zh: city.name_zh.clone(),
        city_en: city.name_en.clone(),
        latitude: city.latitude,
        longitude: city.longitude,
        hours: said.hours_text.clone(),
        services: said.services.clone(),
        source: format!("{} {}; {}", said.source, cities.source, cities.licence),
        verified_on: said.verified_on.clone(),
        calendar: Some(calendar.clone()),
        country: said.country.clone(),
        ..ServiceCentre::default()
    };
    Ok(cities.cities.iter().map(centre).collect())
}

/// Office hours with the State Council's holidays and make-up workdays, of last year and later.
fn calendar(said: &Said, now: UtcMs) -> Result<CalendarSpec, EngineError> {
    let table = CnHolidays::embedded().map_err(broken)?;
    let hours = WeeklyHours::weekdays(&said.hours);
    let mut spec = CalendarSpec::from(table.calendar(&said.time_zone, hours, &said.makeup_hours).map_err(broken)?);
    let since = now.to_datetime().map_or_else(String::new, |now| format!("{}-01-01", now.year() - 1));
    spec.holidays.retain(|date| *date >= since);
    spec.shifts.retain(|date, _| *date >= since);
    spec.names.retain(|date, _| *date >= since);
    Ok(spec)
}
