//! The service centres of this server: embedded data, or what its configuration says.

use chrono::Datelike;
use deskbell_domain::UtcMs;
use deskbell_domain::directory::{Contact, Engineer, ServiceCentre, SlotRules, cities, distance_km};
use deskbell_domain::scheduling::{ReadyCentre, Service, Site};
use deskbell_domain::sla::calendar::{Calendar, CalendarSpec, CnHolidays, SpanText, WeeklyHours};
use serde::Deserialize;

use crate::error::HubError;

const CENTRES: &str = include_str!("../data/service_centres.json");
const HOURS: &str = "Mon-Fri 09:00-18:00, make-up workdays too";

#[derive(Deserialize)]
struct Shipped {
    source: String,
    verified_on: String,
    country: String,
    time_zone: String,
    hours: Vec<SpanText>,
    makeup_hours: Vec<SpanText>,
    services: Vec<String>,
    centres: Vec<ShippedCentre>,
}

#[derive(Deserialize)]
struct ShippedCentre {
    geonameid: u32,
    engineers: Vec<Engineer>,
    contacts: Vec<Contact>,
    rules: SlotRules,
}

/// The centres with their hours read, in the order of the data.
#[derive(Debug, Default)]
pub(crate) struct Centres {
    centres: Vec<(ServiceCentre, Option<Calendar>)>,
}

impl Centres {
    /// Those of a JSON list in the shape of [`ServiceCentre`], or the shipped ones with the holidays of `now`'s year, the one
    /// before and those after it.
    pub(crate) fn read(json: Option<&str>, now: UtcMs) -> Result<Self, HubError> {
        let centres = match json {
            Some(json) => serde_json::from_str(json)?,
            None => shipped(now)?,
        };
        let ready = |centre: ServiceCentre| match centre.opening() {
            Ok(calendar) => Ok((centre, calendar)),
            Err(error) => Err(HubError::DemoData(format!("centre {}: {error}", centre.remote_id))),
        };
        Ok(Self { centres: centres.into_iter().map(ready).collect::<Result<_, _>>()? })
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &ServiceCentre> {
        self.centres.iter().map(|(centre, _)| centre)
    }

    pub(crate) fn find(&self, id: &str) -> Option<ReadyCentre<'_>> {
        self.ready().find(|ready| ready.centre.remote_id == id)
    }

    fn ready(&self) -> impl Iterator<Item = ReadyCentre<'_>> {
        self.centres.iter().map(|(centre, calendar)| ReadyCentre { centre, calendar: calendar.clone() })
    }

    /// Centres that could go to the site, the nearest first. Of a site without coordinates those of its city, else all.
    pub(crate) fn near(&self, site: &Site, service: Service) -> Vec<ReadyCentre<'_>> {
        let offers = |ready: &ReadyCentre<'_>| ready.centre.services.iter().any(|offered| offered == service.as_str());
        let mut found: Vec<ReadyCentre<'_>> = self.ready().filter(offers).collect();
        let Some(place) = site.place() else {
            let city = site.city.trim().trim_end_matches('市');
            let named = |centre: &ServiceCentre| centre.city_zh == city || centre.city_en.eq_ignore_ascii_case(city);
            if found.iter().any(|ready| named(ready.centre)) {
                found.retain(|ready| named(ready.centre));
            }
            return found;
        };
        found.retain(|ready| distance_km(ready.centre.place(), place) <= f64::from(ready.centre.rules.travel_radius_km));
        found.sort_by(|a, b| distance_km(a.centre.place(), place).total_cmp(&distance_km(b.centre.place(), place)));
        found
    }
}

fn shipped(now: UtcMs) -> Result<Vec<ServiceCentre>, HubError> {
    let cities = cities()?;
    let shipped: Shipped = serde_json::from_str(CENTRES)?;
    let calendar = calendar(&shipped, now)?;
    let mut centres = Vec::new();
    for one in shipped.centres {
        let Some(city) = cities.cities.iter().find(|city| city.geonameid == one.geonameid) else {
            return Err(HubError::DemoData(format!("a centre in no city: {}", one.geonameid)));
        };
        centres.push(ServiceCentre {
            remote_id: city.centre_id(),
            city_zh: city.name_zh.clone(),
            city_en: city.name_en.clone(),
            latitude: city.latitude,
            longitude: city.longitude,
            hours: HOURS.to_owned(),
            services: shipped.services.clone(),
            source: format!("{}; {}. {}", cities.source, cities.licence, shipped.source),
            verified_on: shipped.verified_on.clone(),
            calendar: Some(calendar.clone()),
            address: String::new(),
            country: shipped.country.clone(),
            contacts: one.contacts,
            engineers: one.engineers,
            rules: one.rules,
        });
    }
    Ok(centres)
}

/// The State Council's holidays and make-up workdays, without years long gone: every centre carries them over the wire.
fn calendar(shipped: &Shipped, now: UtcMs) -> Result<CalendarSpec, HubError> {
    let wrong = |error| HubError::DemoData(format!("the centres' hours: {error}"));
    let table = CnHolidays::embedded().map_err(wrong)?;
    let hours = WeeklyHours::weekdays(&shipped.hours);
    let mut spec = CalendarSpec::from(table.calendar(&shipped.time_zone, hours, &shipped.makeup_hours).map_err(wrong)?);
    let since = now.to_datetime().map_or_else(String::new, |now| format!("{}-01-01", now.year() - 1));
    spec.holidays.retain(|date| *date >= since);
    spec.shifts.retain(|date, _| *date >= since);
    spec.names.retain(|date, _| *date >= since);
    Ok(spec)
}
