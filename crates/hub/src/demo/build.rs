//! From people, scripts and the plan to tickets.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{TimeZone, Timelike};
use chrono_tz::Asia::Shanghai;
use deskbell_domain::UtcMs;
use deskbell_domain::ticket::Priority;
use deskbell_domain::time::{DAY_MS, HOUR_MS};
use rand::{Rng, rngs::StdRng};

use super::people::{Customer, Lang, People};
use super::plan::{self, Calendars, Shape, TICKETS, Wish};
use super::scenario::Scenario;
use super::slots::{Slots, pick, rng_for};
use super::timeline::{DemoTicket, Timing, happenings};
use crate::error::HubError;

/// Chinese tickets among a hundred.
const CHINESE_PERCENT: usize = 60;
/// The oldest ticket.
const AGE_DAYS_MAX: f64 = 364.0;
/// Finished tickets are at least this old, so that they had the time.
const FINISHED_AGE_DAYS_MIN: f64 = 2.0;

struct Builder<'a> {
    people: &'a People,
    scenarios: &'a [Scenario],
    calendars: Calendars,
    now: UtcMs,
    /// How often each script was played, so that none is played much more than another.
    played: Vec<u32>,
}

/// All tickets, oldest first.
pub(super) fn build(people: &People, scenarios: &[Scenario], now: UtcMs, seed: u64) -> Result<Vec<DemoTicket>, HubError> {
    let calendars = Calendars::new();
    let mut rng = rng_for(seed, "plan");
    let wishes = plan::plan_unfinished(&calendars, now, &mut rng);
    let mut builder = Builder { people, scenarios, calendars, now, played: vec![0; scenarios.len()] };
    let mut tickets = Vec::with_capacity(TICKETS);
    let mut openings = BTreeSet::new();
    for number in 0..TICKETS {
        // Spread evenly whatever the order of the wishes.
        let lang = if number * 37 % 100 < CHINESE_PERCENT { Lang::Zh } else { Lang::En };
        let mut ticket = builder.one(rng.random(), lang, wishes.get(number))?;
        // Short openings of one script may meet in all their slots.
        while !openings.insert(ticket.opening().to_owned()) {
            ticket = builder.one(rng.random(), lang, wishes.get(number))?;
        }
        tickets.push(ticket);
    }
    tickets.sort_by_key(|ticket| ticket.created_at);
    Ok(tickets)
}

impl<'a> Builder<'a> {
    fn one(&mut self, seed: u64, lang: Lang, wish: Option<&Wish>) -> Result<DemoTicket, HubError> {
        match wish {
            Some(wish) => self.unfinished(seed, lang, *wish),
            None => self.finished(seed, lang),
        }
    }

    fn unfinished(&mut self, seed: u64, lang: Lang, wish: Wish) -> Result<DemoTicket, HubError> {
        let mut rng = rng_for(seed, "ticket");
        let scenario = self.scenario(&mut rng, lang, wish.priority)?;
        self.ticket(seed, &mut rng, scenario, wish, Some(wish.shape))
    }

    fn finished(&mut self, seed: u64, lang: Lang) -> Result<DemoTicket, HubError> {
        let mut rng = rng_for(seed, "ticket");
        let priority = match rng.random_range(0..100) {
            0..14 => Priority::Urgent,
            14..46 => Priority::Important,
            _ => Priority::Routine,
        };
        let vip = rng.random_bool(0.28);
        let scenario = self.scenario(&mut rng, lang, priority)?;
        let mut created_at = self.past(&mut rng, priority);
        loop {
            let wish = Wish { vip, priority, shape: Shape::Answered, created_at };
            let ticket = self.ticket(seed, &mut rng_for(seed, "play"), scenario, wish, None)?;
            let ended_at = ticket.happenings.last().map_or(created_at, |happening| happening.at());
            if ended_at < self.now.plus_ms(-HOUR_MS) {
                return Ok(ticket);
            }
            created_at = created_at.plus_ms(-2 * DAY_MS);
        }
    }

    /// An instant of the last year: recent ones are more, most fall into a working day.
    fn past(&self, rng: &mut StdRng, priority: Priority) -> UtcMs {
        let days = FINISHED_AGE_DAYS_MIN + (AGE_DAYS_MAX - FINISHED_AGE_DAYS_MIN) * rng.random::<f64>().powf(1.3);
        #[expect(clippy::cast_possible_truncation, reason = "at most a year in milliseconds")]
        let at = self.now.plus_ms(-((days * DAY_MS as f64) as i64));
        if priority == Priority::Urgent || rng.random_bool(0.15) {
            return at;
        }
        // The clock time becomes one of business hours, before or after lunch.
        let minute =
            if rng.random_bool(0.45) { rng.random_range(9 * 60..12 * 60) } else { rng.random_range(13 * 60 + 30..18 * 60) };
        let midday = at.to_datetime().and_then(|at| {
            let local = at.with_timezone(&Shanghai);
            Shanghai.from_local_datetime(&local.date_naive().and_hms_opt(minute / 60, minute % 60, local.second())?).single()
        });
        midday.map_or(at, |local| UtcMs(local.timestamp_millis()))
    }

    /// Of the scripts that fit, one that was played least.
    fn scenario(&mut self, rng: &mut StdRng, lang: Lang, priority: Priority) -> Result<&'a Scenario, HubError> {
        let fits = |scenario: &Scenario| scenario.lang == lang && scenario.priorities.contains(&priority);
        let played = |position: usize| self.played.get(position).copied().unwrap_or(0);
        let fitting: Vec<usize> =
            self.scenarios.iter().enumerate().filter(|(_, scenario)| fits(scenario)).map(|(position, _)| position).collect();
        let least = fitting.iter().map(|position| played(*position)).min().unwrap_or(0);
        let candidates: Vec<usize> = fitting.into_iter().filter(|position| played(*position) == least).collect();
        let chosen = pick(rng, &candidates).copied();
        let found = chosen.and_then(|position| self.scenarios.get(position).map(|scenario| (position, scenario)));
        let (position, scenario) = found.ok_or_else(|| HubError::DemoData("no scenario fits".to_owned()))?;
        if let Some(count) = self.played.get_mut(position) {
            *count += 1;
        }
        Ok(scenario)
    }

    fn ticket(
        &self,
        seed: u64,
        rng: &mut StdRng,
        scenario: &Scenario,
        wish: Wish,
        shape: Option<Shape>,
    ) -> Result<DemoTicket, HubError> {
        let missing = || HubError::DemoData("no customer fits".to_owned());
        let fitting: Vec<&Customer> =
            self.people.customers.iter().filter(|customer| customer.vip == wish.vip && customer.lang == scenario.lang).collect();
        let customer = *pick(rng, &fitting).ok_or_else(missing)?;
        let requester = pick(rng, &customer.people).ok_or_else(missing)?;
        let agent = pick(rng, &self.people.agents).ok_or_else(missing)?;
        let slots = Slots { seed, created_at: wish.created_at, lang: scenario.lang, customer, requester, agent };
        let targets = plan::targets(wish.vip, wish.priority);
        let timing = Timing { calendar: self.calendars.of(targets), targets, created_at: wish.created_at, now: self.now };
        let timed = match shape {
            Some(shape) => timing.unfinished(rng, scenario, shape),
            None => timing.finished(rng, scenario),
        };
        let (happenings, status) = happenings(rng, &slots, &timed, shape, self.now)?;
        let subject = slots.variant(&scenario.subjects).ok_or_else(missing)?;
        let is_taken = shape != Some(Shape::Unanswered) || rng.random_bool(0.3);
        let custom_fields =
            BTreeMap::from([("account_uid".to_owned(), slots.fill("{uid}")?), ("region".to_owned(), slots.fill("{region_id}")?)]);
        Ok(DemoTicket {
            subject: slots.fill(subject)?,
            status,
            priority: wish.priority,
            product: scenario.product.clone(),
            customer_id: customer.id.clone(),
            requester: requester.clone(),
            assignee: if is_taken { agent.clone() } else { String::new() },
            tags: scenario.tags.clone(),
            custom_fields,
            created_at: wish.created_at,
            happenings,
        })
    }
}
