//! `deskctl centres`.

use deskbell_domain::Code;
use deskbell_domain::directory::{DirectoryKind, Place, distance_km};
use deskbell_domain::scheduling::Service;
use deskbell_engine::EngineError;
use deskbell_engine::directory::{CentreEntry, find_places};
use serde_json::json;

use super::phones::{export, import, marks, opening_text};
use crate::args::{Arguments, CentresCommand};
use crate::output::Output;
use crate::session;

pub(crate) async fn run(arguments: &Arguments, command: &CentresCommand, output: &Output) -> Result<(), EngineError> {
    let engine = session::open(arguments)?;
    match command {
        CentresCommand::List { near, service, all } => {
            if let Some(service) = service.as_deref().filter(|service| Service::from_text(service).is_none()) {
                return Err(EngineError::new(Code::ServiceUnknown).arg("service", service));
            }
            let from = near.as_deref().map(place).transpose()?;
            let mut found: Vec<(Option<f64>, CentreEntry)> = Vec::new();
            for entry in engine.directory().await?.centres {
                let offers = service.as_ref().is_none_or(|service| entry.centre.services.contains(service));
                if offers && (*all || !entry.hidden) {
                    found.push((from.map(|from| distance_km(from, entry.centre.place())), entry));
                }
            }
            found.sort_by(|(a, _), (b, _)| a.unwrap_or_default().total_cmp(&b.unwrap_or_default()));
            let shown: Vec<_> = found.iter().map(|(km, entry)| json!({ "km": km, "entry": entry })).collect();
            output.answer(&shown, || found.iter().map(|(km, entry)| centre_text(*km, entry)).collect());
        }
        CentresCommand::Show { centre } => {
            let entry = find(engine.directory().await?.centres, centre)?;
            output.answer(&entry, || centre_lines(&entry));
        }
        CentresCommand::Import { file, apply } => import(&engine, DirectoryKind::Centre, file, *apply, output).await?,
        CentresCommand::Export(to) => export(&engine, DirectoryKind::Centre, to, output).await?,
    }
    Ok(())
}

/// The city that a text names.
fn place(text: &str) -> Result<Place, EngineError> {
    let found = find_places(text).into_iter().next();
    let found = found.ok_or_else(|| EngineError::new(Code::CoordinatesMissing).arg("field", "near").arg("city", text))?;
    Ok(Place { latitude: found.latitude, longitude: found.longitude })
}

fn find(centres: Vec<CentreEntry>, wanted: &str) -> Result<CentreEntry, EngineError> {
    let city = find_places(wanted).into_iter().next().map(|place| place.name_zh);
    let named = |entry: &CentreEntry| {
        entry.centre.city_zh == wanted
            || entry.centre.city_en.eq_ignore_ascii_case(wanted)
            || Some(entry.centre.city_zh.as_str()) == city.as_deref()
    };
    let by_key = centres.iter().position(|entry| entry.key == wanted || entry.centre.remote_id == wanted);
    let place = by_key.or_else(|| centres.iter().position(|entry| named(entry) && !entry.hidden));
    let found = place.and_then(|place| centres.into_iter().nth(place));
    found.ok_or_else(|| EngineError::new(Code::EntryUnknown).arg("key", wanted))
}

fn centre_text(km: Option<f64>, entry: &CentreEntry) -> String {
    let far = km.map_or_else(String::new, |km| format!("{km:>7.0} km  "));
    let opening = opening_text(entry.opening, entry.opens_at, entry.closes_at);
    let marks = marks(entry.origin, entry.hidden, entry.stale, entry.provider_changed);
    format!("{far}{:<28} {} {}  {opening}{marks}", entry.key, entry.centre.city_zh, entry.centre.city_en)
}

fn centre_lines(entry: &CentreEntry) -> Vec<String> {
    let centre = &entry.centre;
    let mut lines = vec![
        centre_text(None, entry),
        format!("{:.5}, {:.5}  {} {}", centre.latitude, centre.longitude, centre.country, centre.address).trim_end().to_owned(),
        format!("Services: {}", centre.services.join(", ")),
    ];
    for contact in &centre.contacts {
        lines.push(format!("{} {} {} {}", contact.name, contact.role, contact.phone, contact.email).trim_end().to_owned());
    }
    for day in &entry.open_days {
        let spans: Vec<String> = day.spans.iter().map(|[from, to]| format!("{from}-{to}")).collect();
        let hours = if spans.is_empty() { "closed".to_owned() } else { spans.join(" ") };
        lines.push(format!("{}  {hours}  {}", day.date, day.name).trim_end().to_owned());
    }
    lines.push(format!("Source: {} ({})", centre.source, centre.verified_on));
    lines
}
