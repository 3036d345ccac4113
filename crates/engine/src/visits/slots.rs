//! Slots to choose from: the server's, or an estimate from what is known here.

use deskbell_domain::directory::{ENGINEERS_MAX, Engineer, ServiceCentre, distance_km};
use deskbell_domain::scheduling::{
    Booking, Bookings, NoSlot, NoSlotCode, ReadyCentre, Service, Site, SlotAnswer, SlotQuestion, VisitState, WINDOW_DAYS_MAX,
    plan_slots_ready,
};
use deskbell_domain::ticket::{AccountId, TicketId};
use deskbell_domain::time::DAY_MS;
use deskbell_domain::{Code, UtcMs};
use serde::Serialize;
use ts_rs::TS;

use super::view::Maker;
use crate::attempt::is_passing;
use crate::directory::VisitCentre;
use crate::engine::Engine;
use crate::error::EngineError;

/// Centres asked for one answer, the nearest first.
pub const SLOT_CENTRES_MAX: usize = 6;
/// Visits longer than this are not looked for around a window.
const REACH_MS: i64 = 3 * DAY_MS;

/// Where an answer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SlotSource {
    Server,
    /// Planned here from the directory and the visits as last seen; the server has the last word.
    Estimate,
}

/// One centre's answer.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct CentreSlots {
    pub centre: ServiceCentre,
    /// From the site, as the crow flies; `None` while the site's coordinates are not known.
    pub km: Option<f64>,
    pub answer: SlotAnswer,
}

/// Slots by centre, the nearest first.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[ts(rename = "VisitSlots")]
pub struct SlotsFound {
    pub centres: Vec<CentreSlots>,
    pub source: SlotSource,
    /// Of an estimate when the account was synced last; `None` when never.
    pub as_of: Option<UtcMs>,
}

/// What is looked for.
#[derive(Debug, Clone)]
pub struct SlotWish {
    pub service: Service,
    pub from: UtcMs,
    pub to: UtcMs,
    pub site: Option<Site>,
    /// BCP 47.
    pub languages: Vec<String>,
    /// Only this one.
    pub centre: Option<String>,
}

impl Engine {
    /// Free slots for a visit on a ticket. Where the server cannot be asked, or has no slots, they are planned here.
    ///
    /// # Errors
    /// `ticket_unknown`, `window_reversed`, `window_past`, `window_too_long`, `centre_unknown`; what the server refuses.
    pub async fn visit_slots(&self, id: TicketId, wish: SlotWish) -> Result<SlotsFound, EngineError> {
        let now = self.now();
        check_window(&wish, now)?;
        let account = self.known(id).await?.account_id;
        let centres = self.visit_centres(account).await?;
        let server_plans = centres.server_plans();
        let chosen = candidates(centres.offered(), &wish)?;
        let question = SlotQuestion {
            service: wish.service,
            from: wish.from,
            to: wish.to,
            site: wish.site.clone(),
            now,
            languages: wish.languages.clone(),
        };
        match self.ask_server(account, &chosen, &question).await? {
            Some(found) => Ok(found),
            None => self.estimate(account, chosen, question, server_plans).await,
        }
    }

    /// `None`: it has no slots, or cannot be reached now.
    async fn ask_server(
        &self,
        account: AccountId,
        chosen: &[(VisitCentre, Option<f64>)],
        question: &SlotQuestion,
    ) -> Result<Option<SlotsFound>, EngineError> {
        if self.settings().work_offline || self.held(account).is_some() {
            return Ok(None);
        }
        let Ok(api) = self.api(account) else { return Ok(None) };
        if !api.visit_api().offers_visits() {
            return Ok(None);
        }
        let asked = chosen.iter().map(|(centre, _)| api.visit_api().slots(&centre.planned.remote_id, question));
        let mut centres = Vec::new();
        for ((centre, km), answer) in chosen.iter().zip(futures::future::join_all(asked).await) {
            let answer = match answer {
                Ok(answer) => answer,
                // The directory here is older than the server's: this one is gone.
                Err(error) if error.code == Code::CentreUnknown => continue,
                Err(error) if is_passing(error.code) => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            centres.push(CentreSlots { centre: centre.shown.clone(), km: *km, answer });
        }
        Ok(Some(SlotsFound { centres, source: SlotSource::Server, as_of: Some(self.now()) }))
    }

    async fn estimate(
        &self,
        account: AccountId,
        chosen: Vec<(VisitCentre, Option<f64>)>,
        question: SlotQuestion,
        server_plans: bool,
    ) -> Result<SlotsFound, EngineError> {
        let (rules, now, planning) = (self.rules(), self.now(), self.planning_accounts().await?);
        let as_of = self.account_record(account).await?.last_synced_at;
        self.read(move |store| {
            let mut maker = Maker::new(store, &rules, &planning, now)?;
            let mut taken = Vec::new();
            for record in store.visits_between(question.from.plus_ms(-REACH_MS), question.to.plus_ms(REACH_MS))? {
                if record.account_id == account {
                    taken.extend(booking(maker.laid_over(&record)?));
                }
            }
            let bookings = Bookings::new(taken);
            let plan = |(centre, km): (VisitCentre, Option<f64>)| {
                let answer = if server_plans || !centre.planned.engineers.is_empty() {
                    planned(&centre.planned, &bookings, &question)
                } else {
                    planned_unnamed(&centre.planned, &bookings, &question)
                };
                CentreSlots { centre: centre.shown, km, answer }
            };
            Ok(SlotsFound { centres: chosen.into_iter().map(plan).collect(), source: SlotSource::Estimate, as_of })
        })
        .await
    }
}

fn booking(visit: deskbell_domain::scheduling::Visit) -> Option<Booking> {
    let slot = visit.slot.filter(|_| matches!(visit.state, VisitState::Confirmed | VisitState::Done))?;
    Some(Booking { centre_id: visit.centre_id, start: slot.start, end: slot.end, engineer_id: visit.engineer_id })
}

fn planned(centre: &ServiceCentre, bookings: &Bookings, question: &SlotQuestion) -> SlotAnswer {
    match ReadyCentre::new(centre) {
        Ok(ready) => plan_slots_ready(&ready, bookings, question),
        Err(error) => unreadable(&error.to_string()),
    }
}

/// Nobody here knows who goes on visits of a centre whose server does not plan: as many as it can send at a time, whoever.
fn planned_unnamed(centre: &ServiceCentre, bookings: &Bookings, question: &SlotQuestion) -> SlotAnswer {
    let count = usize::try_from(centre.rules.capacity).unwrap_or(ENGINEERS_MAX).min(ENGINEERS_MAX);
    let unnamed = |number: usize| Engineer {
        id: format!("unnamed-{number}"),
        name: String::new(),
        skills: centre.services.clone(),
        languages: question.languages.clone(),
    };
    let staffed = ServiceCentre { engineers: (0..count).map(unnamed).collect(), ..centre.clone() };
    let mut answer = planned(&staffed, bookings, question);
    answer.slots.iter_mut().for_each(|slot| slot.engineer_ids.clear());
    answer
}

fn unreadable(detail: &str) -> SlotAnswer {
    let args = std::iter::once(("detail".to_owned(), detail.to_owned())).collect();
    SlotAnswer { why_none: vec![NoSlot { code: NoSlotCode::HoursInvalid, args }], ..SlotAnswer::default() }
}

fn check_window(wish: &SlotWish, now: UtcMs) -> Result<(), EngineError> {
    let refused = |code| Err(EngineError::new(code).arg("field", "window"));
    if wish.to <= wish.from {
        return refused(Code::WindowReversed);
    }
    if wish.to <= now {
        return refused(Code::WindowPast);
    }
    if wish.to.ms_since(wish.from) > WINDOW_DAYS_MAX * DAY_MS {
        return Err(EngineError::new(Code::WindowTooLong).arg("field", "window").arg("days", WINDOW_DAYS_MAX.to_string()));
    }
    Ok(())
}

fn candidates(centres: &[VisitCentre], wish: &SlotWish) -> Result<Vec<(VisitCentre, Option<f64>)>, EngineError> {
    let site = wish.site.clone().unwrap_or_default();
    let own = |(centre, km): (&VisitCentre, Option<f64>)| (centre.clone(), km);
    if let Some(id) = wish.centre.as_deref().filter(|id| !id.is_empty()) {
        let centre = centres.iter().find(|centre| centre.planned.remote_id == id);
        let centre = centre.ok_or_else(|| EngineError::new(Code::CentreUnknown).arg("centre", id).arg("field", "centre"))?;
        return Ok(vec![own((centre, km(&centre.shown, &site)))]);
    }
    Ok(nearest(centres, wish.service, &site).into_iter().take(SLOT_CENTRES_MAX).map(own).collect())
}

fn km(centre: &ServiceCentre, site: &Site) -> Option<f64> {
    site.place().map(|place| distance_km(centre.place(), place)).filter(|km| km.is_finite())
}

/// Centres that offer the service, the nearest first; of a site without coordinates those of its city before the others.
pub(super) fn nearest<'a>(centres: &'a [VisitCentre], service: Service, site: &Site) -> Vec<(&'a VisitCentre, Option<f64>)> {
    let offers = |centre: &&VisitCentre| centre.planned.services.iter().any(|offered| offered == service.as_str());
    let mut found: Vec<_> = centres.iter().filter(offers).map(|centre| (centre, km(&centre.shown, site))).collect();
    let city = site.city.trim().trim_end_matches('市').to_lowercase();
    let named =
        |centre: &VisitCentre| centre.shown.city_zh.trim_end_matches('市') == city || centre.shown.city_en.to_lowercase() == city;
    found.sort_by(|(a, a_km), (b, b_km)| match (a_km, b_km) {
        (Some(a_km), Some(b_km)) => a_km.total_cmp(b_km),
        _ => named(b).cmp(&named(a)),
    });
    found
}
