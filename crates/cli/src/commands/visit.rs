//! `deskctl visit slots|request|list|show|reschedule|cancel|complete`. Nothing waits to be taken back; `sync` sends.

mod text;

use std::sync::Arc;

use deskbell_domain::directory::Contact;
use deskbell_domain::scheduling::block::VisitAnswer;
use deskbell_domain::scheduling::{
    Service, SignOff, Site, VisitAction, VisitBooking, VisitChange, VisitRequest, VisitState, WallTime, Window, wall_time_of,
};
use deskbell_domain::ticket::TicketId;
use deskbell_domain::time::DAY_MS;
use deskbell_domain::{Code, UtcMs};
use deskbell_engine::visits::{SlotWish, VisitView};
use deskbell_engine::{Engine, EngineError};

use crate::args::{Arguments, RequestArgs, SiteArgs, SlotArgs, VisitCommand};
use crate::output::Output;
use crate::session;

/// How far a list looks ahead, and slots.
const LIST_MS: i64 = 14 * DAY_MS;
const SLOTS_MS: i64 = 7 * DAY_MS;

pub(crate) async fn run(arguments: &Arguments, command: &VisitCommand, output: &Output) -> Result<(), EngineError> {
    match command {
        VisitCommand::Slots(wanted) => {
            let (engine, _demo) = session::open_to_ask(arguments).await?;
            let wish = wish(wanted, engine.now())?;
            let found = engine.visit_slots(TicketId(wanted.ticket), wish).await?;
            output.answer(&found, || text::slots(&found));
        }
        VisitCommand::Request(wanted) => request(&session::open(arguments)?, wanted, output).await?,
        VisitCommand::List { from, to, ticket, zone } => {
            let engine = session::open(arguments)?;
            let span = span(from.as_deref(), to.as_deref(), zone, engine.now(), LIST_MS)?;
            list(&engine, span, *ticket, output).await?;
        }
        VisitCommand::Show { key } => {
            let view = session::open(arguments)?.visit(key).await?;
            output.answer(&view, || text::visit(&view));
        }
        VisitCommand::Reschedule { key, start, centre, engineer, reason, zone } => {
            let change = VisitChange {
                action: Some(VisitAction::Reschedule),
                start: Some(time("start", start, zone)?),
                centre_id: centre.clone(),
                engineer_id: engineer.clone(),
                reason: reason.clone(),
                ..VisitChange::default()
            };
            changed(&session::open(arguments)?, key, change, output).await?;
        }
        VisitCommand::Cancel { key, reason } => {
            let action = Some(VisitAction::Cancel);
            let change = VisitChange { action, reason: reason.clone(), ..VisitChange::default() };
            changed(&session::open(arguments)?, key, change, output).await?;
        }
        VisitCommand::Complete { key, findings, sign_off, check_all } => {
            let engine = session::open(arguments)?;
            let mut checklist = if *check_all { Some(engine.visit(key).await?.visit.checklist) } else { None };
            checklist.iter_mut().flatten().for_each(|item| item.done = true);
            let change = VisitChange {
                action: Some(VisitAction::Complete),
                findings: findings.clone(),
                sign_off: sign_off.clone().map(|name| SignOff { name, at: engine.now(), drawing: None }),
                checklist,
                ..VisitChange::default()
            };
            changed(&engine, key, change, output).await?;
        }
        VisitCommand::Settle { key, state, start, end, engineer, zone } => {
            let engine = session::open(arguments)?;
            let invalid = || EngineError::new(Code::InputInvalid).arg("field", "state");
            let read = |field: &str, text: &Option<String>| text.as_deref().map(|text| time(field, text, zone)).transpose();
            let answer = VisitAnswer {
                state: VisitState::from_text(state).ok_or_else(invalid)?,
                start: read("start", start)?,
                end: read("end", end)?,
                engineer: engineer.clone(),
                reason: String::new(),
            };
            engine.settle_visit(key, answer).await?;
            let view = engine.visit(key).await?;
            output.answer(&view, || vec![format!("Visit {key} is {}.", view.visit.state.as_str())]);
        }
        VisitCommand::Export { key, file } => {
            let engine = session::open(arguments)?;
            let made = engine.visit_calendar(key).await?;
            super::calendar::save(&engine, made, file, output).await?;
        }
    }
    Ok(())
}

async fn list(engine: &Engine, span: Window, ticket: Option<i64>, output: &Output) -> Result<(), EngineError> {
    let visits = match ticket {
        Some(id) => engine.visits_of_ticket(TicketId(id)).await?,
        None => engine.visits(span.from, span.to).await?.visits,
    };
    output.answer(&serde_json::json!({ "visits": visits }), || text::list(&visits));
    Ok(())
}

async fn request(engine: &Arc<Engine>, wanted: &RequestArgs, output: &Output) -> Result<(), EngineError> {
    let slots = &wanted.slots;
    let wish = wish(slots, engine.now())?;
    let contact =
        Contact { name: wanted.contact.clone(), role: String::new(), phone: wanted.phone.clone(), email: wanted.email.clone() };
    let request = VisitRequest {
        ticket_remote_id: String::new(),
        service: wish.service,
        site: wish.site.unwrap_or_default(),
        contact,
        asset: wanted.asset.clone(),
        window: Window { from: wish.from, to: wish.to },
        centre: slots.centre.clone(),
        note: wanted.note.clone(),
    };
    let booking = VisitBooking {
        hold_id: None,
        start: wanted.start.as_deref().map(|text| time("start", text, &slots.zone)).transpose()?,
        engineer_id: wanted.engineer.clone(),
        languages: slots.language.clone(),
        waitlist: wanted.waitlist,
    };
    let key = engine.request_visit(TicketId(slots.ticket), wanted.again.clone(), request, booking, None).await?;
    let view = leaves_now(engine, &key).await?;
    output.answer(&serde_json::json!({ "visit": key, "state": view.visit.state }), || {
        vec![format!("Asked for visit {key}; `deskctl sync` sends it.")]
    });
    Ok(())
}

async fn changed(engine: &Arc<Engine>, key: &str, change: VisitChange, output: &Output) -> Result<(), EngineError> {
    let operation = engine.change_visit(key, change, None).await?;
    let is_gone = matches!(leaves_now(engine, key).await, Err(error) if error.code == Code::VisitUnknown);
    let state = if is_gone { "taken_back" } else { "queued" };
    output.answer(&serde_json::json!({ "visit": key, "operation": operation, "state": state }), || {
        let told = if is_gone { "had not left, and was taken back" } else { "is queued; `deskctl sync` sends it" };
        vec![format!("Visit {key}: operation {} {told}.", operation.0)]
    });
    Ok(())
}

/// What was just queued does not wait to be taken back.
async fn leaves_now(engine: &Arc<Engine>, key: &str) -> Result<VisitView, EngineError> {
    let view = engine.visit(key).await?;
    let now = engine.now();
    for waiting in view.pending.iter().filter(|one| one.not_before > now && one.attempts == 0) {
        engine.retry_operation(waiting.id).await?;
    }
    Ok(view)
}

fn wish(wanted: &SlotArgs, now: UtcMs) -> Result<SlotWish, EngineError> {
    let service = Service::from_text(&wanted.service)
        .ok_or_else(|| EngineError::new(Code::ServiceUnknown).arg("service", wanted.service.clone()).arg("field", "service"))?;
    let window = span(wanted.from.as_deref(), wanted.to.as_deref(), &wanted.zone, now, SLOTS_MS)?;
    Ok(SlotWish {
        service,
        from: window.from,
        to: window.to,
        site: Some(site(&wanted.site)),
        languages: wanted.language.clone(),
        centre: wanted.centre.clone(),
    })
}

fn site(wanted: &SiteArgs) -> Site {
    Site {
        name: wanted.site.clone(),
        address: wanted.address.clone(),
        city: wanted.city.clone(),
        latitude: wanted.lat,
        longitude: wanted.lon,
        country: wanted.country.to_uppercase(),
    }
}

fn span(from: Option<&str>, to: Option<&str>, zone: &str, now: UtcMs, length_ms: i64) -> Result<Window, EngineError> {
    let from = from.map_or(Ok(now), |text| time("from", text, zone))?;
    let to = to.map_or(Ok(from.plus_ms(length_ms)), |text| time("to", text, zone))?;
    Ok(Window { from, to })
}

/// RFC 3339, or a date and perhaps a time where clocks show the zone. Of a time that comes twice the first.
pub(super) fn time(field: &str, text: &str, zone: &str) -> Result<UtcMs, EngineError> {
    if let Ok(at) = UtcMs::parse_rfc3339(text) {
        return Ok(at);
    }
    let invalid = |detail: &str| EngineError::with_detail(Code::InputInvalid, detail).arg("field", field);
    let (date, clock) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
    let minute = clock.split_once(':').and_then(|(hours, minutes)| {
        let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
        (hours <= 24 && minutes < 60).then_some(hours * 60 + minutes)
    });
    let minute = minute.ok_or_else(|| invalid(text))?;
    match wall_time_of(zone, date, minute).map_err(|wrong| invalid(&format!("{wrong}: {text} {zone}")))? {
        WallTime::Once { at } => Ok(at),
        WallTime::Twice { first, .. } => Ok(first),
        WallTime::Skipped { next } => {
            Err(EngineError::with_detail(Code::TimeSkipped, format!("{text} {zone}; the next moment is {}", next.to_rfc3339()))
                .arg("time", text)
                .arg("zone", zone)
                .arg("next", next.to_rfc3339())
                .arg("field", field))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_where_clocks_show_it_and_one_that_they_skip_is_told() {
        let at = |text: &str, zone: &str| time("start", text, zone);
        assert_eq!(at("2026-11-26T14:00", "Asia/Shanghai"), at("2026-11-26T14:00:00+08:00", "UTC"));
        assert_eq!(at("2026-11-26", "Asia/Shanghai"), at("2026-11-25T16:00:00Z", "UTC"));
        let skipped = at("2027-03-28 02:30", "Europe/Berlin").unwrap_err();
        assert_eq!((skipped.code, skipped.args["next"].as_str()), (Code::TimeSkipped, "2027-03-28T01:00:00Z"));
        for wrong in ["tomorrow", "2026-11-26T25:00", "2026-13-01", "2026-11-26T14:60"] {
            assert_eq!(at(wrong, "Asia/Shanghai").unwrap_err().code, Code::InputInvalid, "{wrong}");
        }
        assert_eq!(at("2026-11-26", "Mars/Base").unwrap_err().code, Code::InputInvalid);
    }
}
