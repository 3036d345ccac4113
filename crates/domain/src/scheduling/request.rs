//! What is asked for, and what is wrong with it as it is typed.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::service::Service;
use crate::directory::{
    Contact, NAME_CHARS_MAX, Place, Problem, ServiceCentre, TEXT_CHARS_MAX, check_contact, distance_km, is_place,
};
use crate::error::Code;
use crate::time::{DAY_MS, UtcMs};

/// Longest window that is looked through for a slot.
pub const WINDOW_DAYS_MAX: i64 = 92;

/// From when to when; half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Window {
    pub from: UtcMs,
    pub to: UtcMs,
}

/// Where the visit goes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, TS)]
pub struct Site {
    pub name: String,
    pub address: String,
    pub city: String,
    /// Degrees north; `None` where nobody knows, and then no distance is checked.
    #[serde(default)]
    pub latitude: Option<f64>,
    /// Degrees east.
    #[serde(default)]
    pub longitude: Option<f64>,
    /// ISO 3166-1 alpha-2; empty where it was never said.
    #[serde(default)]
    pub country: String,
}

impl Site {
    /// Where it is, as far as that is known.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        let place = Place { latitude: self.latitude?, longitude: self.longitude? };
        is_place(place).then_some(place)
    }
}

/// A visit as a person asks for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct VisitRequest {
    pub ticket_remote_id: String,
    pub service: Service,
    pub site: Site,
    pub contact: Contact,
    /// What is to be looked at: asset tags, serial numbers.
    #[serde(default)]
    pub asset: String,
    /// When it suits.
    pub window: Window,
    /// Which centre; `None` leaves it to the server.
    #[serde(default)]
    pub centre: Option<String>,
    #[serde(default)]
    pub note: String,
}

/// Everything wrong with a request as of `now`; `centre` is the one that it names, where it names one.
#[must_use]
pub fn check_request(request: &VisitRequest, centre: Option<&ServiceCentre>, now: UtcMs) -> Vec<Problem> {
    let mut found = Vec::new();
    window(&mut found, request.window, now);
    site(&mut found, &request.site, centre);
    if request.contact.name.trim().is_empty() {
        found.push(Problem::new("contact.name", Code::ValueMissing));
    } else if request.contact.phone.trim().is_empty() && request.contact.email.trim().is_empty() {
        found.push(Problem::new("contact.phone", Code::ValueMissing));
    }
    check_contact(&mut found, "contact", &request.contact);
    for (field, text) in [("asset", &request.asset), ("note", &request.note)] {
        if text.chars().count() > TEXT_CHARS_MAX {
            found.push(Problem::new(field, Code::TextTooLong).with("most", TEXT_CHARS_MAX));
        }
    }
    if let Some(centre) = centre
        && !centre.services.iter().any(|service| service == request.service.as_str())
    {
        found.push(Problem::new("service", Code::ServiceNotOffered).with("service", request.service.as_str()));
    }
    found
}

fn window(found: &mut Vec<Problem>, window: Window, now: UtcMs) {
    if window.to <= window.from {
        found.push(Problem::new("window", Code::WindowReversed));
    } else if window.to <= now {
        found.push(Problem::new("window", Code::WindowPast));
    } else if window.to.ms_since(window.from) > WINDOW_DAYS_MAX * DAY_MS {
        found.push(Problem::new("window", Code::WindowTooLong).with("days", WINDOW_DAYS_MAX));
    }
}

fn site(found: &mut Vec<Problem>, site: &Site, centre: Option<&ServiceCentre>) {
    if site.name.trim().is_empty() && site.address.trim().is_empty() {
        found.push(Problem::new("site.address", Code::ValueMissing));
    }
    for (field, text, most) in [
        ("site.name", &site.name, NAME_CHARS_MAX),
        ("site.city", &site.city, NAME_CHARS_MAX),
        ("site.address", &site.address, TEXT_CHARS_MAX),
    ] {
        if text.chars().count() > most {
            found.push(Problem::new(field, Code::TextTooLong).with("most", most));
        }
    }
    if (site.latitude.is_some() || site.longitude.is_some()) && site.place().is_none() {
        found.push(Problem::new("site.latitude", Code::CoordinatesMissing));
    }
    let Some(centre) = centre else { return };
    if is_abroad(&site.country, &centre.country) {
        found.push(Problem::new("site.country", Code::SiteAbroad).with("country", &site.country).with("centre", &centre.country));
    } else if let Some(place) = site.place() {
        let km = distance_km(centre.place(), place);
        let most = centre.rules.travel_radius_km;
        if km > f64::from(most) {
            found.push(Problem::new("site", Code::SiteTooFar).with("km", format!("{km:.0}")).with("most", most));
        }
    }
}

/// True when both countries are known and differ.
pub(super) fn is_abroad(site: &str, centre: &str) -> bool {
    !site.is_empty() && !centre.is_empty() && !site.eq_ignore_ascii_case(centre)
}
