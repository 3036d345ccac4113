//! Visits of the demo: some thirty around now, in every state, at the centre of each customer's own city.
//!
//! Invariants: they lie in slots of the centres' own grids, no engineer in two places, never above the capacity; none that is
//! still to come was asked for so long ago that a clock of it reaches a threshold within hours of `now`.

use deskbell_domain::UtcMs;
use deskbell_domain::directory::Contact;
use deskbell_domain::scheduling::{
    Asked, Booking, Bookings, CheckItem, Language, ReadyCentre, Service, SignOff, Site, Slot, SlotQuestion, Visit, VisitEvent,
    VisitEventKind as Kind, VisitState, Window, checklist, plan_slots_ready, take_slot,
};
use deskbell_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use rand::{Rng, rngs::StdRng};
use rusqlite::Transaction;

use super::people::{Customer, Lang, People};
use super::slots::{pick, rng_for};
use super::timeline::DemoTicket;
use crate::centres::Centres;
use crate::error::HubError;
use crate::store::visits;

/// What is made: how it stands, how many, and around which days from now.
const PLAN: &[(VisitState, usize, i64, i64)] = &[
    (VisitState::Done, 9, -11, -1),
    (VisitState::Cancelled, 2, -6, -2),
    (VisitState::Cancelled, 1, 2, 4),
    (VisitState::Declined, 1, -4, -2),
    (VisitState::Confirmed, 9, 0, 3),
    (VisitState::Confirmed, 5, 3, 9),
    (VisitState::Waitlisted, 2, 1, 4),
    (VisitState::Requested, 2, 1, 6),
];
/// A visit that is to come was asked for at most this long ago: half of 48 hours is not over for hours to come.
const ASKED_AGO_MS_MAX: i64 = 18 * HOUR_MS;
/// A ticket has been open for so long before anybody asks for a visit.
const OPEN_BEFORE_MS: i64 = 30 * MINUTE_MS;
/// How far ahead of the wished day a slot is looked for, over weekends and holidays.
const REACH_MS: i64 = 12 * DAY_MS;
/// Slots of a day and the next among which one is drawn.
const AMONG: usize = 8;

/// Draws until something fits.
const TRIES: u32 = 20;

const ASSETS: &[&str] =
    &["机柜 A07 · 交换机 SN-DEMO-0117", "机柜 B12 · 服务器 SN-DEMO-0242", "核心路由器 SN-DEMO-0033", "存储阵列 SN-DEMO-0408"];
const NOTES: &[&str] = &["进机房需提前登记身份证。", "请带光模块备件。", "变更窗口在 18:00 前结束。", ""];
const FINDINGS: &[&str] = &[
    "已完成全部检查项，更换风扇 1 个，运行 2 小时无告警。",
    "压测峰值 9.4 Gbps，丢包 0，链路余量充足；建议两周后复测。",
    "关闭 3 个不必要的端口，补丁已打到最新，基线复核通过。",
];

struct Maker<'a> {
    people: &'a People,
    tickets: &'a [DemoTicket],
    centres: &'a Centres,
    now: UtcMs,
    taken: Vec<Booking>,
    used: Vec<usize>,
}

/// The visits with the positions of their tickets, the oldest request first.
pub(super) fn plan(people: &People, tickets: &[DemoTicket], centres: &Centres, now: UtcMs, seed: u64) -> Vec<(usize, Visit)> {
    let mut maker = Maker { people, tickets, centres, now, taken: Vec::new(), used: Vec::new() };
    let mut rng = rng_for(seed, "visits");
    let mut made = Vec::new();
    for (state, count, from_day, to_day) in PLAN {
        for _ in 0..*count {
            made.extend((0..TRIES).find_map(|_| maker.one(&mut rng, *state, *from_day, *to_day)));
        }
    }
    made.sort_by_key(|(_, visit)| visit.requested_at);
    made
}

/// Writes the visits behind the tickets; `first` is the id of the first of them.
pub(super) fn insert(
    tx: &Transaction<'_>,
    people: &People,
    tickets: &[DemoTicket],
    first: i64,
    now: UtcMs,
    seed: u64,
) -> Result<usize, HubError> {
    let made = plan(people, tickets, &Centres::read(None, now)?, now, seed);
    let count = made.len();
    for (position, visit) in made {
        let ticket = first.saturating_add(i64::try_from(position).unwrap_or(i64::MAX));
        let told_at = visit.history.last().map_or(visit.requested_at, |event| event.at);
        visits::insert(tx, ticket, &Visit { ticket_remote_id: ticket.to_string(), ..visit }, &[], told_at)?;
    }
    Ok(count)
}

impl Maker<'_> {
    /// A visit and the position of its ticket; `None` where nothing fits.
    fn one(&mut self, rng: &mut StdRng, state: VisitState, from_day: i64, to_day: i64) -> Option<(usize, Visit)> {
        let service = *pick(rng, Service::ALL)?;
        let from = self.now.plus_ms(from_day * DAY_MS + rng.random_range(0..(to_day - from_day).max(1) * DAY_MS));
        let is_to_come = to_day > 0;
        let from = if is_to_come { from.max(self.now.plus_ms(5 * HOUR_MS)) } else { from };
        let asked_at = if is_to_come {
            self.now.plus_ms(-rng.random_range(MINUTE_MS * 40..ASKED_AGO_MS_MAX))
        } else {
            from.plus_ms(-rng.random_range(6 * HOUR_MS..20 * HOUR_MS))
        };
        let (position, customer) = self.ticket(rng, asked_at, is_to_come)?;
        let centre = self.centres.all().find(|centre| centre.city_zh == customer.city)?.remote_id.clone();
        let slot = self.slot(rng, &centre, service, from)?;
        if !is_to_come && slot.end >= self.now {
            return None;
        }
        let ready = self.centres.find(&centre)?;
        let visit = self.visit(rng, state, &Drawn { service, customer, ready, slot: &slot, asked_at, position })?;
        if matches!(state, VisitState::Confirmed | VisitState::Done) {
            let engineer_id = slot.engineer_ids.first().cloned();
            self.taken.push(Booking { centre_id: centre, start: slot.start, end: slot.end, engineer_id });
        }
        self.used.push(position);
        Some((position, visit))
    }

    /// A ticket of a customer in a city with a centre that was open by then; unfinished for what is to come.
    fn ticket(&self, rng: &mut StdRng, asked_at: UtcMs, is_to_come: bool) -> Option<(usize, &Customer)> {
        let mut fitting = Vec::new();
        for (position, ticket) in self.tickets.iter().enumerate() {
            let is_open = ticket.created_at.plus_ms(OPEN_BEFORE_MS) <= asked_at && !self.used.contains(&position);
            let ended_at = ticket.happenings.last().map_or(ticket.created_at, super::timeline::Happening::at);
            let fits = if is_to_come { ticket.is_unfinished() } else { ticket.is_unfinished() || ended_at >= asked_at };
            let customer = self.people.customers.iter().find(|customer| customer.id == ticket.customer_id);
            if let (true, true, Some(customer)) = (is_open, fits, customer)
                && customer.lang == Lang::Zh
                && self.centres.all().any(|centre| centre.city_zh == customer.city)
            {
                fitting.push((position, customer));
            }
        }
        pick(rng, &fitting).copied()
    }

    fn slot(&self, rng: &mut StdRng, centre: &str, service: Service, from: UtcMs) -> Option<Slot> {
        let ready = self.centres.find(centre)?;
        let taken = Bookings::new(self.taken.iter().cloned());
        // As it was to be had then.
        let asked = from.plus_ms(-i64::from(ready.centre.rules.notice_min) * MINUTE_MS);
        let (site, languages) = (None, Vec::new());
        let question = SlotQuestion { service, from, to: from.plus_ms(REACH_MS), site, now: asked, languages };
        let answer = plan_slots_ready(&ready, &taken, &question);
        let among = answer.slots.get(..AMONG.min(answer.slots.len()))?;
        let start = pick(rng, among)?.start;
        take_slot(&ready, &taken, &question, Asked { start, engineer_id: None }).ok()
    }

    fn visit(&self, rng: &mut StdRng, state: VisitState, drawn: &Drawn<'_>) -> Option<Visit> {
        let ticket = self.tickets.get(drawn.position)?;
        let (slot, asked_at) = (drawn.slot, drawn.asked_at);
        let agent = if ticket.assignee.is_empty() { self.people.agents.first()? } else { &ticket.assignee };
        let centre = drawn.ready.centre;
        let contact = Contact {
            name: ticket.requester.clone(),
            role: "现场联系人".to_owned(),
            phone: String::new(),
            email: format!("onsite@{}", drawn.customer.domain),
        };
        let site = Site {
            name: format!("{}{}机房", drawn.customer.name, drawn.customer.city),
            address: format!("{}市示例路 {} 号 {} 层", drawn.customer.city, rng.random_range(1..200), rng.random_range(1..20)),
            city: drawn.customer.city.clone(),
            latitude: Some(round(centre.latitude + rng.random_range(-0.15..0.15))),
            longitude: Some(round(centre.longitude + rng.random_range(-0.15..0.15))),
            country: centre.country.clone(),
        };
        let has_slot = !matches!(state, VisitState::Requested | VisitState::Waitlisted | VisitState::Declined);
        let is_moved = state == VisitState::Confirmed && rng.random_ratio(1, 5);
        let mut visit = Visit {
            id: String::new(),
            ticket_remote_id: String::new(),
            service: drawn.service,
            site,
            contact,
            asset: (*pick(rng, ASSETS)?).to_owned(),
            note: (*pick(rng, NOTES)?).to_owned(),
            window: Some(Window { from: slot.start.plus_ms(-4 * HOUR_MS), to: slot.end.plus_ms(DAY_MS) }),
            centre_id: centre.remote_id.clone(),
            slot: has_slot.then(|| slot.clone()),
            engineer_id: slot.engineer_ids.first().filter(|_| has_slot).cloned(),
            state,
            requested_at: asked_at,
            history: history(state, is_moved, drawn, agent, &ticket.requester),
            checklist: checklist(drawn.service, Language::Zh),
            findings: String::new(),
            sign_off: None,
            sequence: u32::from(is_moved || state == VisitState::Cancelled),
            version: String::new(),
        };
        if state == VisitState::Done {
            visit.checklist.iter_mut().for_each(|item: &mut CheckItem| item.done = true);
            visit.findings = (*FINDINGS.get(drawn.service as usize)?).to_owned();
            visit.sign_off = Some(SignOff { name: ticket.requester.clone(), at: slot.end, drawing: None });
        }
        Some(visit)
    }
}

/// What was drawn for one visit.
struct Drawn<'a> {
    service: Service,
    customer: &'a Customer,
    ready: ReadyCentre<'a>,
    slot: &'a Slot,
    asked_at: UtcMs,
    position: usize,
}

fn history(state: VisitState, is_moved: bool, drawn: &Drawn<'_>, agent: &str, requester: &str) -> Vec<VisitEvent> {
    let (slot, asked_at) = (drawn.slot, drawn.asked_at);
    let event = |at: UtcMs, kind, actor: &str, detail: &str, start| VisitEvent {
        at,
        kind,
        actor: actor.to_owned(),
        detail: detail.to_owned(),
        start,
    };
    let desk = drawn.ready.centre.contacts.first().map_or("", |contact| contact.name.as_str());
    let mut lines = vec![event(asked_at, Kind::Requested, agent, "", None)];
    let soon = asked_at.plus_ms(7 * MINUTE_MS);
    match state {
        VisitState::Requested => {}
        VisitState::Waitlisted => lines.push(event(asked_at, Kind::Waitlisted, agent, "", None)),
        VisitState::Declined => lines.push(event(soon, Kind::Declined, desk, "设备型号不在服务范围内", None)),
        VisitState::Confirmed | VisitState::Cancelled | VisitState::Done => {
            let first = if is_moved { slot.start.plus_ms(-DAY_MS) } else { slot.start };
            lines.push(event(asked_at, Kind::Confirmed, agent, "", Some(first)));
        }
    }
    if is_moved {
        lines.push(event(soon, Kind::Rescheduled, agent, "客户机房当日有变更", Some(slot.start)));
    }
    match state {
        VisitState::Cancelled => lines.push(event(soon.plus_ms(HOUR_MS / 4), Kind::Cancelled, requester, "问题已远程解决", None)),
        VisitState::Done => lines.push(event(slot.end, Kind::Done, agent, "", None)),
        _ => {}
    }
    lines
}

fn round(degrees: f64) -> f64 {
    (degrees * 10_000.0).round() / 10_000.0
}
