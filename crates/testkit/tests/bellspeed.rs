//! How late the bell rings and how often it wakes, by the real clock: printed, not asserted.
//!
//! `cargo test --release -p deskbell-testkit --test bellspeed -- --ignored --nocapture --test-threads 1`

#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "tests")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use deskbell_domain::observation::{Fate, Observations, ObservedTicket};
use deskbell_domain::sla::policy::{Metric, Threshold};
use deskbell_domain::ticket::{AccountId, Priority, ProviderKind, Status};
use deskbell_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use deskbell_domain::{Code, UtcMs};
use deskbell_engine::opening::{self, Opening};
use deskbell_engine::ports::{Clock, Notification, NotificationResponse, NotificationSupport, Notifier, Secrets};
use deskbell_engine::system::{SystemClock, SystemConnector, SystemRng};
use deskbell_engine::{Engine, EnginePorts};
use deskbell_store::NewAccount;
use deskbell_store::records::ClockRow;
use deskbell_testkit::MemorySecrets;

const OPEN_TICKETS: i64 = 50_000;
const PAGE: i64 = 500;
/// Alerts that come due in the ordinary run, and over how long.
const DUE: i64 = 60;
const OVER_MS: i64 = 90 * SECOND_MS;
const IDLE: Duration = Duration::from_secs(60);
const FLOOD: i64 = 5_000;
/// Until the tickets are there.
const FILLING_MS: i64 = 75 * SECOND_MS;

/// Takes everything at once and writes down when.
#[derive(Default)]
struct Timed(Mutex<Vec<(UtcMs, Vec<i64>)>>);

#[async_trait::async_trait]
impl Notifier for Timed {
    async fn support(&self) -> NotificationSupport {
        let none = NotificationSupport::none(Code::NotFound, SystemClock.now());
        NotificationSupport { available: true, actions: true, reason: None, ..none }
    }

    async fn show(&self, notification: &Notification) -> Result<(), Code> {
        self.0.lock().unwrap().push((SystemClock.now(), notification.alert_ids.clone()));
        Ok(())
    }

    fn respond_to(&self, _responses: tokio::sync::mpsc::Sender<NotificationResponse>) {}
}

/// Fifty thousand unfinished tickets with a clock each; `due` says when the n-th rings.
fn fill(engine: &Engine, account: AccountId, due: impl Fn(i64) -> UtcMs) {
    let store = engine.store();
    let now = SystemClock.now();
    for page in 0..OPEN_TICKETS / PAGE {
        let numbers = page * PAGE..(page + 1) * PAGE;
        let tickets = numbers.clone().map(|number| ObservedTicket {
            subject: format!("ticket {number}"),
            status: Status::Open,
            priority: Priority::Important,
            created_at: now,
            updated_at: now,
            version: "1".to_owned(),
            fate: Fate::Live,
            ..ObservedTicket::gone(&format!("S{number}"), now)
        });
        let observed = Observations { tickets: tickets.collect(), ..Observations::default() };
        store.apply_page(account, &observed, &[], "next", true, now).unwrap();
        let ids: Vec<_> =
            numbers.clone().map(|number| store.ticket_id(account, &format!("S{number}")).unwrap().unwrap()).collect();
        store.clock_inputs(&ids).unwrap();
        let clocks = numbers.zip(&ids).map(|(number, id)| {
            let first = due(number);
            let deadline = first.plus_ms(DAY_MS);
            let clock = ClockRow {
                metric: Metric::Resolution,
                instance: 1,
                started_at: now,
                deadline_at: Some(deadline),
                stopped_at: None,
                paused_since: None,
                provisional: false,
                cancelled: false,
                uncertainty_ms: 0,
                dues: vec![(Threshold::Share { percent: 50 }, first), (Threshold::Breach, deadline)],
                policy_id: String::new(),
            };
            (*id, vec![clock])
        });
        store.put_clocks(&clocks.collect::<Vec<_>>()).unwrap();
    }
}

struct Run {
    engine: Arc<Engine>,
    notifier: Arc<Timed>,
    account: AccountId,
    _dir: tempfile::TempDir,
}

fn desk() -> Run {
    let dir = tempfile::tempdir().unwrap();
    let secrets: Arc<dyn Secrets> = Arc::new(MemorySecrets::default());
    let Opening::Open { store, keeper } = opening::open(dir.path(), &secrets, SystemClock.now()).unwrap() else {
        panic!("locked")
    };
    let notifier = Arc::new(Timed::default());
    let ports = EnginePorts {
        clock: Arc::new(SystemClock),
        rng: Arc::new(SystemRng),
        notifier: Arc::<Timed>::clone(&notifier),
        connector: Arc::new(SystemConnector),
    };
    let engine = Engine::new(store, keeper, ports, dir.path()).unwrap();
    let account = engine
        .store()
        .add_account(
            &NewAccount {
                kind: ProviderKind::Hub,
                name: "speed".to_owned(),
                endpoint: "http://127.0.0.1:1/".to_owned(),
                user: "speed".to_owned(),
                demo: false,
            },
            SystemClock.now(),
        )
        .unwrap();
    Run { engine, notifier, account, _dir: dir }
}

/// Milliseconds from due to the first notification that names the alert, and to the ring in the app; ascending.
fn lateness(run: &Run, count: usize) -> (Vec<i64>, Vec<i64>) {
    let alerts = run.engine.store().alerts(10_000).unwrap();
    let mut first: BTreeMap<i64, UtcMs> = BTreeMap::new();
    for (at, ids) in run.notifier.0.lock().unwrap().iter() {
        for id in ids {
            first.entry(*id).or_insert(*at);
        }
    }
    assert_eq!(alerts.len(), count);
    let mut shown: Vec<i64> = alerts.iter().filter_map(|alert| Some(first.get(&alert.id)?.ms_since(alert.due_at))).collect();
    let mut app: Vec<i64> = alerts.iter().filter_map(|alert| Some(alert.shown_at?.ms_since(alert.due_at))).collect();
    shown.sort_unstable();
    app.sort_unstable();
    (shown, app)
}

fn print(what: &str, sorted: &[i64]) {
    let at = |share: usize| sorted.get((sorted.len() * share / 1_000).min(sorted.len().saturating_sub(1))).copied().unwrap_or(-1);
    println!(
        "| {what} | {} | {} | {} | {} | {} |",
        sorted.len(),
        at(500),
        at(950),
        at(990),
        sorted.last().copied().unwrap_or(-1)
    );
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "minutes, by the real clock"]
async fn measured_lateness_with_50_000_open_tickets_and_wakes_with_nothing_due() {
    let run = desk();
    let begin = SystemClock.now().plus_ms(FILLING_MS);
    fill(&run.engine, run.account, |number| {
        if number < DUE {
            begin.plus_ms(number * OVER_MS / DUE + number * 37 % 400)
        } else {
            begin.plus_ms(HOUR_MS + number * 1_000)
        }
    });
    assert!(SystemClock.now() < begin, "filling took longer than thought");
    run.engine.start().await.unwrap();
    let until = begin.plus_ms(OVER_MS + 5 * SECOND_MS).ms_since(SystemClock.now());
    tokio::time::sleep(Duration::from_millis(until.unsigned_abs())).await;
    let (shown, app) = lateness(&run, usize::try_from(DUE).unwrap());
    println!(
        "| milliseconds after due, {OPEN_TICKETS} open tickets | alerts | p50 | p95 | p99 | max |\n|---|---|---|---|---|---|"
    );
    print("notification", &shown);
    print("in the app", &app);
    let before = run.engine.bell_looks();
    tokio::time::sleep(IDLE).await;
    let looks = run.engine.bell_looks() - before;
    println!("wake-ups of the bell with nothing due: {looks} in {} s", IDLE.as_secs());
    run.engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "minutes, by the real clock"]
async fn measured_flood_of_5_000_alerts_in_one_minute() {
    let run = desk();
    let begin = SystemClock.now().plus_ms(FILLING_MS);
    fill(&run.engine, run.account, |number| {
        if number < FLOOD { begin.plus_ms(number * MINUTE_MS / FLOOD) } else { begin.plus_ms(HOUR_MS + number * 1_000) }
    });
    assert!(SystemClock.now() < begin, "filling took longer than thought");
    run.engine.start().await.unwrap();
    let until = begin.plus_ms(MINUTE_MS + 12 * SECOND_MS).ms_since(SystemClock.now());
    tokio::time::sleep(Duration::from_millis(until.unsigned_abs())).await;
    let (shown, app) = lateness(&run, usize::try_from(FLOOD).unwrap());
    println!(
        "| milliseconds after due, {FLOOD} alerts in one minute | alerts | p50 | p95 | p99 | max |\n|---|---|---|---|---|---|"
    );
    print("notification", &shown);
    print("in the app", &app);
    println!("notifications: {}", run.notifier.0.lock().unwrap().len());
    run.engine.shutdown().await;
}
