//! Phone lines and service centres.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use deskbell_domain::directory::{self, PhoneLine as Line, ServiceCentre as Centre, shipped_lines};

use crate::centres::Centres;
use crate::problem::Problem;
use crate::server::Shared;
use crate::wire::{CentreList, ChecklistItem, Directory, IvrStep, PhoneLine, ServiceCentre};

pub(crate) fn read(centres: &Centres) -> Result<Directory, serde_json::Error> {
    let phone_lines = shipped_lines()?.into_iter().map(PhoneLine::from).collect();
    Ok(Directory { phone_lines, service_centres: centres.all().map(ServiceCentre::from).collect() })
}

impl From<directory::IvrStep> for IvrStep {
    fn from(step: directory::IvrStep) -> Self {
        Self { key: step.key, label_zh: step.label_zh, label_en: step.label_en }
    }
}

impl From<directory::ChecklistItem> for ChecklistItem {
    fn from(item: directory::ChecklistItem) -> Self {
        Self { text_zh: item.text_zh, text_en: item.text_en }
    }
}

impl From<Line> for PhoneLine {
    fn from(line: Line) -> Self {
        Self {
            id: line.remote_id,
            tier: line.tier,
            name_zh: line.name_zh,
            name_en: line.name_en,
            number: line.number,
            purpose_zh: line.purpose_zh,
            purpose_en: line.purpose_en,
            languages: line.languages,
            hours: line.hours,
            ivr_zh: line.ivr_zh,
            ivr_en: line.ivr_en,
            source: line.source,
            verified_on: line.verified_on,
            vendor: line.vendor,
            calendar: line.calendar,
            ivr_path: line.ivr_path.into_iter().map(IvrStep::from).collect(),
            checklist: line.checklist.into_iter().map(ChecklistItem::from).collect(),
            dialects: line.dialects,
            contract: line.contract.as_str().to_owned(),
            for_outage: line.for_outage,
        }
    }
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
