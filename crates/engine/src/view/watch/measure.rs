//! Figures, printed and not asserted: a desk of a million tickets on which 50,000 clocks run.
//! `TICKETS=1000000 cargo test --release -p deskbell-engine --lib -- --ignored --nocapture watch_measured`

use std::path::PathBuf;
use std::time::Instant;

use deskbell_domain::observation::{Observations, ObservedEvent, ObservedTicket};
use deskbell_domain::sla::event::TicketEventKind;
use deskbell_domain::ticket::{ProviderKind, Status, TicketId};
use deskbell_store::NewAccount;
use deskbell_store::records::ClockRow;

use super::*;

const BATCH: usize = 5_000;
const CALLS: usize = 200;

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).unwrap() % sides
    }
}

fn clock(metric: Metric, started_at: UtcMs, deadline_at: UtcMs, stopped_at: Option<UtcMs>) -> ClockRow {
    ClockRow {
        metric,
        instance: 1,
        started_at,
        deadline_at: Some(deadline_at),
        stopped_at,
        paused_since: None,
        provisional: false,
        cancelled: false,
        uncertainty_ms: 0,
        policy_id: String::new(),
        dues: Vec::new(),
    }
}

/// Two stopped clocks a ticket, spread over two years; of the newest tickets one runs.
fn clocks_of(at: i64, count: i64, now: UtcMs, dice: &mut Dice) -> Vec<ClockRow> {
    let is_open = at >= count - 50_000;
    let started = if is_open { now.plus_ms(-dice.roll(5 * DAY_MS)) } else { now.plus_ms(-DAY_MS - dice.roll(365 * DAY_MS)) };
    let answered = started.plus_ms(dice.roll(2 * HOUR_MS));
    let first = clock(Metric::FirstResponse, started, started.plus_ms(HOUR_MS), Some(answered));
    let deadline = if is_open { now.plus_ms(dice.roll(3 * DAY_MS) - 2 * HOUR_MS) } else { started.plus_ms(DAY_MS) };
    let resolved = (!is_open).then(|| answered.plus_ms(dice.roll(30 * HOUR_MS)));
    vec![first, clock(Metric::Resolution, started, deadline, resolved)]
}

fn fill(store: &Store, count: i64, now: UtcMs) {
    let account = NewAccount {
        kind: ProviderKind::Hub,
        name: "measured".into(),
        endpoint: "http://127.0.0.1:1".into(),
        user: "li".into(),
        demo: false,
    };
    let account = store.add_account(&account, now).unwrap();
    let mut dice = Dice(7);
    for first in (0..count).step_by(BATCH) {
        let mut page = Observations::default();
        for at in first..(first + i64::try_from(BATCH).unwrap()).min(count) {
            let remote = format!("T-{at}");
            let mut ticket = ObservedTicket { remote_id: remote.clone(), ..tests::ticket() };
            ticket.subject = format!("服务器 {at} 宕机，客户反馈间歇 502");
            ticket.status = if at >= count - 50_000 { Status::Open } else { Status::Closed };
            ticket.customer.remote_id = format!("c{}", dice.roll(2_000));
            page.tickets.push(ticket);
            page.events.push(ObservedEvent {
                ticket_remote_id: remote,
                remote_id: format!("created-{at}"),
                at: now,
                kind: TicketEventKind::Created,
                uncertainty_ms: 0,
                actor: String::new(),
            });
        }
        store.import_tickets(account, &page, now).unwrap();
        let ids: Vec<TicketId> = store.stale_clock_tickets(u32::try_from(BATCH).unwrap()).unwrap();
        store.clock_inputs(&ids).unwrap();
        let clocks: Vec<_> = ids.iter().map(|id| (*id, clocks_of(id.0, count, now, &mut dice))).collect();
        store.put_clocks(&clocks).unwrap();
    }
}

#[test]
#[ignore = "prints figures, takes minutes"]
fn watch_measured() {
    let count: i64 = std::env::var("TICKETS").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let kept = std::env::var("WATCH_STORE").ok().map(PathBuf::from);
    let dir = kept.unwrap_or_else(|| std::env::temp_dir().join(format!("deskbell-watch-{}", std::process::id())));
    std::fs::create_dir_all(&dir).unwrap();
    let now = UtcMs(1_800_000_000_000);
    let key = tests::key();
    let started = Instant::now();
    let store = Store::open(&dir, &key, now).unwrap();
    if store.stats().unwrap().tickets == 0 {
        fill(&store, count, now);
        println!("made {count} tickets in {:.0} s", started.elapsed().as_secs_f64());
    }
    drop(store);
    let store = Store::open(&dir, &key, now).unwrap();
    let started = Instant::now();
    store.warm_columns().unwrap();
    println!("columns and clocks into memory: {:.0} ms", started.elapsed().as_secs_f64() * 1_000.0);
    let rules = Rules::load(&store).unwrap();
    let midnight = now.plus_ms(5 * HOUR_MS);
    let steps: [(&str, &dyn Fn()); 5] = [
        ("watch", &|| drop(read_watch(&store, &rules, now, midnight).unwrap())),
        ("  totals", &|| assert!(store.clock_totals(now).unwrap().unfinished > 0)),
        ("  lanes", &|| drop(lanes(&store, now, midnight).unwrap())),
        ("  figures", &|| drop(figures(&store, now.plus_ms(-MEASURED_MS)).unwrap())),
        ("  horizon", &|| drop(horizon(&store, &rules, now).unwrap())),
    ];
    for (name, step) in steps {
        let mut took: Vec<f64> = Vec::with_capacity(CALLS);
        for _ in 0..CALLS {
            let started = Instant::now();
            step();
            took.push(started.elapsed().as_secs_f64() * 1_000.0);
        }
        let first = took[0];
        took.sort_by(f64::total_cmp);
        println!("{name}: p50 {:.2} ms, p99 {:.2} ms, first {first:.2} ms", took[CALLS / 2], took[CALLS * 99 / 100]);
    }
    let shown = read_watch(&store, &rules, now, midnight).unwrap();
    let lanes: Vec<u64> = shown.lanes.iter().map(|lane| lane.total).collect();
    println!(
        "lanes {lanes:?}, horizon {} in {} ticks, figures {:?}",
        shown.horizon.total,
        shown.horizon.ticks.len(),
        shown.figures
    );
    println!("answer: {} KB of JSON", serde_json::to_string(&shown).unwrap().len() / 1_024);
}
