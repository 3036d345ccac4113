//! When an engineer of a centre is free.
//!
//! The grid of a centre: from each opening (after the way there) one slot after the other, while visit and way back end within
//! open hours. Days that touch at midnight are one stretch. Instants, not wall times, are stepped through, so a day with a gap
//! has fewer slots and none inside the gap.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::booking::{Booking, Bookings};
use super::request::{Site, is_abroad};
use super::service::Service;
use super::taken::Taken;
use crate::directory::{SLOT_MINUTES_MIN, ServiceCentre, SlotRules, distance_km, speaks};
use crate::sla::calendar::{Calendar, CalendarError, Interval};
use crate::ticket::text_enum;
use crate::time::{DAY_MS, MINUTE_MS, UtcMs};

/// Slots in one answer; later ones are left out, and the answer says so.
pub const SLOTS_MAX: usize = 2_000;
/// Longest slot or buffer that is counted with.
const MINUTES_MAX: u32 = 24 * 60;
/// How far before a window its first day can begin: a day, a buffer and a slot.
const LOOK_BACK_MS: i64 = 3 * DAY_MS;

/// A stretch of time in which somebody can come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Slot {
    pub centre_id: String,
    pub start: UtcMs,
    pub end: UtcMs,
    /// Who could come, in the centre's order.
    pub engineer_ids: Vec<String>,
    /// How many visits fit in still.
    pub free: u32,
}

/// What is asked of a centre.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SlotQuestion {
    pub service: Service,
    /// Slots lie wholly in `[from, to)`.
    pub from: UtcMs,
    pub to: UtcMs,
    /// Checked against the travel radius and the centre's country, as far as it is known.
    pub site: Option<Site>,
    pub now: UtcMs,
    /// BCP 47; an engineer who speaks one of them can come. Empty where it does not matter.
    pub languages: Vec<String>,
}

/// Why there is no slot. Each has a text in the catalogue, `no-slot-<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NoSlotCode {
    WindowReversed,
    WindowPast,
    /// The centre has no such service.
    ServiceNotOffered,
    /// No engineer of the centre has learned it.
    NoSkill,
    /// None of those speaks what was asked for: `languages`.
    NoLanguage,
    /// The site lies in another country: `country`, `centre`.
    Abroad,
    /// The site is too far away: `km`, `most`.
    TooFar,
    HoursUnknown,
    /// The centre's hours cannot be read: `detail`.
    HoursInvalid,
    RulesInvalid,
    /// The window ends before anybody can set out: `earliest`, `minutes`.
    Notice,
    /// The window begins later than is planned: `latest`, `days`.
    Horizon,
    /// The centre is closed then, or the window is shorter than a visit: `opens_at` when it opens next.
    Closed,
    /// Everything is taken: `slots` of the grid.
    Full,
}

text_enum!(NoSlotCode {
    WindowReversed = "window_reversed",
    WindowPast = "window_past",
    ServiceNotOffered = "service_not_offered",
    NoSkill = "no_skill",
    NoLanguage = "no_language",
    Abroad = "abroad",
    TooFar = "too_far",
    HoursUnknown = "hours_unknown",
    HoursInvalid = "hours_invalid",
    RulesInvalid = "rules_invalid",
    Notice = "notice",
    Horizon = "horizon",
    Closed = "closed",
    Full = "full",
});

/// One reason with what its text needs; instants as RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NoSlot {
    pub code: NoSlotCode,
    pub args: BTreeMap<String, String>,
}

impl NoSlot {
    fn new(code: NoSlotCode) -> Self {
        Self { code, args: BTreeMap::new() }
    }

    fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.args.insert(name.to_owned(), value.to_string());
        self
    }
}

/// The free slots by time, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct SlotAnswer {
    pub slots: Vec<Slot>,
    /// Empty when there are slots.
    pub why_none: Vec<NoSlot>,
    /// More than [`SLOTS_MAX`]: ask from a later time on.
    pub truncated: bool,
}

impl SlotAnswer {
    fn none(why: NoSlot) -> Self {
        Self { why_none: vec![why], ..Self::default() }
    }
}

/// A centre whose hours were read.
#[derive(Debug, Clone)]
pub struct ReadyCentre<'a> {
    pub centre: &'a ServiceCentre,
    /// `None` where nobody wrote them down.
    pub calendar: Option<Calendar>,
}

impl<'a> ReadyCentre<'a> {
    /// Reads the hours.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn new(centre: &'a ServiceCentre) -> Result<Self, CalendarError> {
        Ok(Self { centre, calendar: centre.opening()? })
    }
}

/// Free slots of a centre. Whoever asks often reads the centre once and calls [`plan_slots_ready`].
#[must_use]
pub fn plan_slots(centre: &ServiceCentre, bookings: &[Booking], question: &SlotQuestion) -> SlotAnswer {
    match ReadyCentre::new(centre) {
        Err(error) => SlotAnswer::none(NoSlot::new(NoSlotCode::HoursInvalid).with("detail", error)),
        Ok(ready) => {
            let of_centre = bookings.iter().filter(|booking| booking.centre_id == centre.remote_id);
            plan_slots_ready(&ready, &Bookings::new(of_centre.cloned()), question)
        }
    }
}

/// As [`plan_slots`], with what was read before.
#[must_use]
pub fn plan_slots_ready(ready: &ReadyCentre<'_>, bookings: &Bookings, question: &SlotQuestion) -> SlotAnswer {
    let (calendar, eligible) = match possible(ready, question) {
        Ok(possible) => possible,
        Err(why) => return SlotAnswer::none(why),
    };
    let span = match Span::of(&ready.centre.rules, question) {
        Ok(span) => span,
        Err(why) => return SlotAnswer { why_none: why, ..SlotAnswer::default() },
    };
    let mut taken = Taken::new(ready.centre, bookings.of(&ready.centre.remote_id));
    let mut answer = SlotAnswer::default();
    let mut looked_at = 0_usize;
    for start in span.grid(calendar) {
        looked_at += 1;
        let Some(free) = taken.free(&eligible, start, start.plus_ms(span.slot_ms)) else { continue };
        if answer.slots.len() == SLOTS_MAX {
            answer.truncated = true;
            break;
        }
        answer.slots.push(Slot {
            centre_id: ready.centre.remote_id.clone(),
            start,
            end: start.plus_ms(span.slot_ms),
            engineer_ids: taken.who(ready.centre, &eligible),
            free,
        });
    }
    if answer.slots.is_empty() {
        answer.why_none = span.why_none(calendar, looked_at);
    }
    answer
}

/// What does not depend on the time: service, skills, languages, the way; the indices of the engineers who could come.
fn possible<'a>(ready: &'a ReadyCentre<'_>, question: &SlotQuestion) -> Result<(&'a Calendar, Vec<usize>), NoSlot> {
    let centre = ready.centre;
    let service = question.service.as_str();
    if !centre.services.iter().any(|offered| offered == service) {
        return Err(NoSlot::new(NoSlotCode::ServiceNotOffered).with("service", service));
    }
    if let Some(site) = &question.site {
        if is_abroad(&site.country, &centre.country) {
            return Err(NoSlot::new(NoSlotCode::Abroad).with("country", &site.country).with("centre", &centre.country));
        }
        if let Some(place) = site.place() {
            let km = distance_km(centre.place(), place);
            let most = centre.rules.travel_radius_km;
            if km > f64::from(most) {
                return Err(NoSlot::new(NoSlotCode::TooFar).with("km", format!("{km:.0}")).with("most", most));
            }
        }
    }
    let skilled = |index: &usize| centre.engineers.get(*index).is_some_and(|one| one.skills.iter().any(|skill| skill == service));
    let skilled: Vec<usize> = (0..centre.engineers.len()).filter(skilled).collect();
    if skilled.is_empty() {
        return Err(NoSlot::new(NoSlotCode::NoSkill).with("service", service));
    }
    let understood = |index: &usize| {
        let spoken = centre.engineers.get(*index).map_or(&[] as &[String], |one| one.languages.as_slice());
        question.languages.is_empty() || question.languages.iter().any(|asked| speaks(spoken, asked))
    };
    let eligible: Vec<usize> = skilled.into_iter().filter(understood).collect();
    if eligible.is_empty() {
        return Err(NoSlot::new(NoSlotCode::NoLanguage).with("languages", question.languages.join(", ")));
    }
    let calendar = ready.calendar.as_ref().ok_or_else(|| NoSlot::new(NoSlotCode::HoursUnknown))?;
    Ok((calendar, eligible))
}

/// The times that the rules leave of a window.
struct Span<'a> {
    rules: &'a SlotRules,
    question: &'a SlotQuestion,
    /// First and last start, both allowed.
    earliest: UtcMs,
    latest: UtcMs,
    slot_ms: i64,
    before_ms: i64,
    after_ms: i64,
}

impl<'a> Span<'a> {
    fn of(rules: &'a SlotRules, question: &'a SlotQuestion) -> Result<Self, Vec<NoSlot>> {
        let minutes = |minutes: u32| i64::from(minutes) * MINUTE_MS;
        let sane = (SLOT_MINUTES_MIN..=MINUTES_MAX).contains(&rules.slot_minutes)
            && rules.buffer_before_min <= MINUTES_MAX
            && rules.buffer_after_min <= MINUTES_MAX
            && rules.capacity > 0;
        let why = if !sane {
            NoSlotCode::RulesInvalid
        } else if question.to <= question.from {
            NoSlotCode::WindowReversed
        } else if question.to <= question.now {
            NoSlotCode::WindowPast
        } else {
            let slot_ms = minutes(rules.slot_minutes);
            let soonest = question.now.plus_ms(minutes(rules.notice_min));
            let farthest = question.now.plus_ms(i64::from(rules.horizon_days) * DAY_MS);
            let span = Self {
                rules,
                question,
                earliest: question.from.max(soonest),
                latest: question.to.plus_ms(-slot_ms).min(farthest),
                slot_ms,
                before_ms: minutes(rules.buffer_before_min),
                after_ms: minutes(rules.buffer_after_min),
            };
            return if span.earliest > span.latest { Err(span.outside(soonest, farthest)) } else { Ok(span) };
        };
        Err(vec![NoSlot::new(why)])
    }

    /// Why no start is allowed at all.
    fn outside(&self, soonest: UtcMs, farthest: UtcMs) -> Vec<NoSlot> {
        let last_start = self.question.to.plus_ms(-self.slot_ms);
        if self.question.from > farthest {
            let why = NoSlot::new(NoSlotCode::Horizon).with("latest", farthest.to_rfc3339());
            return vec![why.with("days", self.rules.horizon_days)];
        }
        if last_start < soonest && last_start >= self.question.from {
            let why = NoSlot::new(NoSlotCode::Notice).with("earliest", soonest.to_rfc3339());
            return vec![why.with("minutes", self.rules.notice_min)];
        }
        vec![NoSlot::new(NoSlotCode::Closed).with("minutes", self.rules.slot_minutes)]
    }

    /// Why none of the grid is free.
    fn why_none(&self, calendar: &Calendar, looked_at: usize) -> Vec<NoSlot> {
        let mut why = Vec::new();
        if looked_at > 0 {
            why.push(NoSlot::new(NoSlotCode::Full).with("slots", looked_at));
        } else {
            let next = calendar.intervals_from(self.earliest).next();
            let closed = NoSlot::new(NoSlotCode::Closed).with("minutes", self.rules.slot_minutes);
            why.push(match next {
                Some(next) => closed.with("opens_at", next.from.to_rfc3339()),
                None => closed,
            });
        }
        if self.earliest > self.question.from.max(self.question.now) {
            let notice = NoSlot::new(NoSlotCode::Notice).with("earliest", self.earliest.to_rfc3339());
            why.push(notice.with("minutes", self.rules.notice_min));
        }
        if self.latest < self.question.to.plus_ms(-self.slot_ms) {
            let horizon = NoSlot::new(NoSlotCode::Horizon).with("latest", self.latest.to_rfc3339());
            why.push(horizon.with("days", self.rules.horizon_days));
        }
        why
    }

    /// Every start of the centre's grid that the rules allow, ascending.
    fn grid(&self, calendar: &Calendar) -> Vec<UtcMs> {
        let until = self.latest.plus_ms(self.slot_ms + self.after_ms).plus_ms(DAY_MS);
        let days: Vec<Interval> =
            calendar.intervals_from(self.earliest.plus_ms(-LOOK_BACK_MS)).take_while(|day| day.from <= until).collect();
        let mut starts = Vec::new();
        let mut begun = UtcMs(i64::MIN);
        let mut ended = UtcMs(i64::MIN);
        for (index, day) in days.iter().enumerate() {
            let continues = day.from == ended;
            if !continues {
                begun = day.from;
            }
            ended = day.to;
            // To the end of the stretch, over as many midnights as touch.
            let mut closes = day.to;
            for next in days.iter().skip(index + 1) {
                if next.from != closes || closes >= day.to.plus_ms(self.slot_ms + self.after_ms) {
                    break;
                }
                closes = next.to;
            }
            let first = if continues { day.from } else { day.from.plus_ms(self.before_ms) };
            let mut start = self.step_to_earliest(first);
            while start < day.to && start <= self.latest {
                let fits = start.plus_ms(-self.before_ms) >= begun && start.plus_ms(self.slot_ms + self.after_ms) <= closes;
                if fits && start >= self.earliest {
                    starts.push(start);
                }
                start = start.plus_ms(self.slot_ms);
            }
        }
        starts
    }

    /// The first start of a day's grid that is not long gone.
    fn step_to_earliest(&self, first: UtcMs) -> UtcMs {
        let behind = self.earliest.ms_since(first);
        if behind <= 0 { first } else { first.plus_ms(behind / self.slot_ms * self.slot_ms) }
    }
}

/// A slot that is to be taken, as an engineer takes it.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub start: UtcMs,
    /// Nobody else will do.
    pub engineer_id: Option<&'a str>,
}

/// The slot that begins at an instant, with the one engineer who takes it: of those who are free the one with the fewest visits
/// on that day and the days beside it. `question.from` and `question.to` are not looked at.
///
/// # Errors
/// Why it cannot be had: [`NoSlotCode::Full`] when somebody else has it.
pub fn take_slot(
    ready: &ReadyCentre<'_>,
    bookings: &Bookings,
    question: &SlotQuestion,
    asked: Asked<'_>,
) -> Result<Slot, Vec<NoSlot>> {
    let end = asked.start.plus_ms(i64::from(ready.centre.rules.slot_minutes) * MINUTE_MS);
    let exactly = SlotQuestion { from: asked.start, to: end, ..question.clone() };
    let answer = plan_slots_ready(ready, bookings, &exactly);
    let Some(slot) = answer.slots.into_iter().find(|slot| slot.start == asked.start) else { return Err(answer.why_none) };
    let near = |booking: &&Booking| (booking.start.ms_since(asked.start)).abs() <= DAY_MS;
    let visits =
        |id: &str| bookings.of(&slot.centre_id).iter().filter(near).filter(|one| one.engineer_id.as_deref() == Some(id)).count();
    let wanted = |id: &&String| asked.engineer_id.is_none_or(|wanted| wanted == id.as_str());
    let chosen = slot.engineer_ids.iter().filter(wanted).min_by_key(|id| visits(id)).cloned();
    match chosen {
        Some(engineer) => Ok(Slot { engineer_ids: vec![engineer], free: 0, ..slot }),
        None => Err(vec![NoSlot::new(NoSlotCode::Full).with("slots", 1)]),
    }
}

/// Free slots of several centres nearest in time to `around`, at most `most`; of equal ones the earlier centre's first.
#[must_use]
pub fn alternatives(
    centres: &[ReadyCentre<'_>],
    bookings: &Bookings,
    question: &SlotQuestion,
    around: UtcMs,
    most: usize,
) -> Vec<Slot> {
    let mut found: Vec<(u64, usize, Slot)> = Vec::new();
    for (order, centre) in centres.iter().enumerate() {
        let answer = plan_slots_ready(centre, bookings, question);
        found.extend(answer.slots.into_iter().map(|slot| (slot.start.ms_since(around).unsigned_abs(), order, slot)));
    }
    found.sort_by_key(|(apart, order, slot)| (*apart, *order, slot.start));
    found.truncate(most);
    found.into_iter().map(|(_, _, slot)| slot).collect()
}
