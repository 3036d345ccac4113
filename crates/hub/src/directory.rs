//! Phone lines and service centres.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use deskbell_domain::directory::ServiceCentre as Centre;

use crate::centres::Centres;
use crate::problem::Problem;
use crate::server::Shared;
use crate::wire::{CentreList, Directory, PhoneLine, ServiceCentre};

const PHONE_LINES: &str = include_str!("../data/phone_lines.json");

pub(crate) fn read(centres: &Centres) -> Result<Directory, serde_json::Error> {
    let phone_lines: Vec<PhoneLine> = serde_json::from_str(PHONE_LINES)?;
    Ok(Directory { phone_lines, service_centres: centres.all().map(ServiceCentre::from).collect() })
}

impl From<&Centre> for ServiceCentre {
    fn from(centre: &Centre) -> Self {
        let centre = centre.clone();
        Self {
            id: centre.remote_id,
            city_zh: centre.city_zh,
            city_en: centre.city_en,
            latitude: centre.latitude,
            longitude: centre.longitude,
            hours: centre.hours,
            services: centre.services,
            source: centre.source,
            verified_on: centre.verified_on,
            calendar: centre.calendar,
            address: centre.address,
            country: centre.country,
            contacts: centre.contacts,
            engineers: centre.engineers,
            rules: centre.rules,
        }
    }
}

/// Phone lines and service centres.
#[utoipa::path(get, path = "/directory", responses((status = 200, body = Directory)))]
pub(crate) async fn directory(State(shared): State<Shared>) -> Result<Json<Directory>, Problem> {
    let centres: Arc<Centres> = shared.centres;
    Ok(Json(read(&centres)?))
}

/// The service centres with their engineers, hours and rules.
#[utoipa::path(get, path = "/centres", responses((status = 200, body = CentreList)))]
pub(crate) async fn centres(State(shared): State<Shared>) -> Json<CentreList> {
    Json(CentreList { centres: shared.centres.all().map(ServiceCentre::from).collect() })
}
