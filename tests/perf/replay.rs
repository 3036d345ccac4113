//! How many tickets a second a replay takes on one core, with generated histories in memory.
//! `cargo run --release -p deskbell-domain --example replay_speed [TICKETS]` prints one line a set of rules.
#![expect(clippy::print_stdout, clippy::unwrap_used, clippy::indexing_slicing, reason = "a program that measures")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::OnceLock;
use std::time::Instant;

use deskbell_domain::UtcMs;
use deskbell_domain::sla::calendar::Calendar;
use deskbell_domain::sla::event::{TicketEvent, TicketEventKind as Kind};
use deskbell_domain::sla::policy::{Policy, Traits};
use deskbell_domain::sla::replay::{ReplayTicket, Replayer};
use deskbell_domain::sla::rules::{NamedCalendar, RuleBook, RuleSet};
use deskbell_domain::ticket::{AccountId, Priority, Role, Status};
use deskbell_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use serde_json::json;

const TICKETS: usize = 300_000;
const RUNS: usize = 7;
/// 2024-01-01, Asia/Shanghai.
const START: i64 = 1_704_038_400_000;

/// Seconds that this thread has had a processor: other programs do not count. The wall clock where the system does not tell.
fn busy_seconds() -> f64 {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let ns = told.as_deref().and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    ns.map_or_else(|| BEGAN.get_or_init(Instant::now).elapsed().as_secs_f64(), |ns| ns / 1e9)
}

/// xorshift64*
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: i64) -> i64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as i64 % below
    }

    /// Many short, few long.
    fn gap(&mut self, longest_ms: i64) -> i64 {
        let part = self.roll(1_000) + 1;
        MINUTE_MS + longest_ms * part * part / 1_000_000 * part / 1_000
    }
}

fn history(dice: &mut Dice, index: usize, tickets: usize) -> ReplayTicket {
    let mut at =
        UtcMs(START + i64::try_from(index).unwrap() * (2 * 365 * DAY_MS) / i64::try_from(tickets).unwrap() + dice.roll(HOUR_MS));
    let priority = [Priority::Urgent, Priority::Important, Priority::Routine, Priority::Routine][dice.roll(4) as usize];
    let mut events = vec![TicketEvent::new(at, Kind::Created)];
    let mut then = |dice: &mut Dice, longest_ms: i64, kind: Kind| {
        at = at.plus_ms(dice.gap(longest_ms));
        events.push(TicketEvent { actor: "周敏".to_owned(), ..TicketEvent::new(at, kind) });
    };
    let status = |to: Status| Kind::StatusChanged { to };
    then(dice, 6 * HOUR_MS, Kind::Replied { by: Role::Agent });
    if dice.roll(100) < 60 {
        then(dice, 2 * DAY_MS, status(Status::WaitingCustomer));
        then(dice, 3 * DAY_MS, Kind::Replied { by: Role::Customer });
        then(dice, MINUTE_MS, status(Status::Open));
        then(dice, DAY_MS, Kind::Replied { by: Role::Agent });
    }
    // One ticket in twenty has its priority changed: those are planned anew after each event.
    if dice.roll(100) < 5 {
        then(dice, DAY_MS, Kind::PriorityChanged { to: priority });
        events.insert(1, TicketEvent::new(events[0].at, Kind::PriorityChanged { to: Priority::Important }));
        at = events[events.len() - 1].at;
    }
    let mut then = |dice: &mut Dice, longest_ms: i64, kind: Kind| {
        at = at.plus_ms(dice.gap(longest_ms));
        events.push(TicketEvent { actor: "周敏".to_owned(), ..TicketEvent::new(at, kind) });
    };
    if dice.roll(100) < 40 {
        then(dice, DAY_MS, Kind::Replied { by: Role::Customer });
        then(dice, DAY_MS, Kind::Replied { by: Role::Agent });
    }
    if dice.roll(100) < 97 {
        then(dice, 5 * DAY_MS, status(Status::Resolved));
    }
    if dice.roll(100) < 6 {
        then(dice, 2 * DAY_MS, status(Status::Open));
        then(dice, DAY_MS, status(Status::Resolved));
    }
    if dice.roll(100) < 50 {
        then(dice, 5 * DAY_MS, status(Status::Closed));
    }
    let traits = Traits {
        account: AccountId(1),
        vip: dice.roll(10) == 0,
        priority,
        customer: format!("客户 {}", dice.roll(500)),
        product: "ECS".to_owned(),
        tags: Vec::new(),
    };
    ReplayTicket { key: format!("T-{index}"), id: None, traits, events }
}

fn business_cn(policies: Vec<Policy>) -> RuleBook {
    let named = |calendar| NamedCalendar { name_zh: String::new(), name_en: String::new(), calendar };
    let calendars = BTreeMap::from([
        ("business_cn".to_owned(), named(Calendar::business_cn())),
        ("always".to_owned(), named(Calendar::always(chrono_tz::Asia::Shanghai))),
    ]);
    RuleBook { sets: vec![RuleSet { from: None, policies, calendars }] }
}

fn policy(with_all_metrics: bool) -> Policy {
    let hour = |value: u32| json!({ "value": value, "unit": "hour" });
    let targets = |priority: &str, first: u32, resolution: u32| {
        let (next, first_resolution) =
            if with_all_metrics { (hour(first), hour(resolution / 2)) } else { (json!(null), json!(null)) };
        json!({ "priority": priority, "first_response": hour(first), "next_response": next, "first_resolution": first_resolution, "resolution": hour(resolution) })
    };
    serde_json::from_value(json!({
        "id": "standard", "name_zh": "标准", "name_en": "Standard", "vip": null, "calendar_id": "business_cn",
        "targets": [targets("urgent", 1, 8), targets("important", 4, 16), targets("routine", 8, 40)],
        "pause_statuses": ["waiting_customer"], "reopen": "continue",
        "thresholds": [
            { "kind": "share", "percent": 50 }, { "kind": "share", "percent": 75 }, { "kind": "share", "percent": 90 },
            { "kind": "time_left", "seconds": 900 }, { "kind": "time_left", "seconds": 300 }, { "kind": "breach" },
        ],
    }))
    .unwrap()
}

fn measure(name: &str, tickets: &[ReplayTicket], book: &RuleBook) {
    let until = UtcMs(START + 3 * 365 * DAY_MS);
    let mut rates: Vec<f64> = (0..RUNS)
        .map(|_| {
            let began = busy_seconds();
            let mut replayer = Replayer::new(book, until);
            tickets.iter().for_each(|ticket| replayer.add(black_box(ticket)));
            black_box(replayer.finish());
            tickets.len() as f64 / (busy_seconds() - began)
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    let mut replayer = Replayer::new(book, until);
    tickets.iter().for_each(|ticket| replayer.add(ticket));
    let report = replayer.finish();
    println!(
        "{name}: median {:.0} tickets/s (least {:.0}, most {:.0}; {RUNS} runs), {} clocks, {} alerts, {} superseded",
        rates[RUNS / 2],
        rates[0],
        rates[RUNS - 1],
        report.total.clocks,
        report.alerts.rung,
        report.alerts.superseded
    );
}

fn main() {
    let count = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(TICKETS);
    let mut dice = Dice(20_261_121);
    let tickets: Vec<ReplayTicket> = (0..count).map(|index| history(&mut dice, index, count)).collect();
    let events: usize = tickets.iter().map(|ticket| ticket.events.len()).sum();
    println!("{count} tickets, {:.2} events each", events as f64 / count as f64);
    measure("two metrics, business_cn", &tickets, &business_cn(vec![policy(false)]));
    measure("four metrics, business_cn", &tickets, &business_cn(vec![policy(true)]));
}
