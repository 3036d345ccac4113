//! Phone lines and service centres: embedded data with its sources.

use axum::Json;
use serde::Deserialize;

use crate::problem::Problem;
use crate::wire::{Directory, PhoneLine, ServiceCentre};

const PHONE_LINES: &str = include_str!("../data/phone_lines.json");
const CITIES: &str = include_str!("../data/cn_cities_28.json");

/// What every centre offers, by the article that names them.
const SERVICES: [&str; 3] = ["hardware_inspection", "network_stress_test", "security_hardening"];
const CENTRE_HOURS: &str = "Mon-Fri 09:00-18:00 Asia/Shanghai";

#[derive(Deserialize)]
struct Cities {
    source: String,
    licence: String,
    verified_on: String,
    cities: Vec<City>,
}

#[derive(Deserialize)]
struct City {
    geonameid: u64,
    name_en: String,
    name_zh: String,
    lat: f64,
    lon: f64,
}

pub(crate) fn read() -> Result<Directory, serde_json::Error> {
    let phone_lines: Vec<PhoneLine> = serde_json::from_str(PHONE_LINES)?;
    let cities: Cities = serde_json::from_str(CITIES)?;
    let centre = |city: City| ServiceCentre {
        id: format!("geonames-{}", city.geonameid),
        city_zh: city.name_zh,
        city_en: city.name_en,
        latitude: city.lat,
        longitude: city.lon,
        hours: CENTRE_HOURS.to_owned(),
        services: SERVICES.map(str::to_owned).to_vec(),
        source: format!("{}; {}", cities.source, cities.licence),
        verified_on: cities.verified_on.clone(),
    };
    Ok(Directory { phone_lines, service_centres: cities.cities.into_iter().map(centre).collect() })
}

/// Phone lines and service centres.
#[utoipa::path(get, path = "/directory", responses((status = 200, body = Directory)))]
pub(crate) async fn directory() -> Result<Json<Directory>, Problem> {
    Ok(Json(read()?))
}
