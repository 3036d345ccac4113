//! What the home screen says of a desk, from real database files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use deskbell_domain::observation::{Fate, Observations, ObservedCustomer, ObservedTicket};
use deskbell_domain::ticket::{AccountId, ProviderKind, Status, TicketId};
use deskbell_store::records::ClockRow;
use deskbell_store::{DatabaseKey, NewAccount};

use super::*;

const NOW: UtcMs = UtcMs(1_800_000_000_000);

pub(super) fn ticket() -> ObservedTicket {
    ObservedTicket {
        remote_id: "T-1".into(),
        subject: "网关 502".into(),
        status: Status::Open,
        status_raw: "open".into(),
        priority: Priority::Important,
        priority_raw: "50".into(),
        product: "ECS".into(),
        customer: ObservedCustomer { remote_id: "c1".into(), name: "华东支付".into(), ..ObservedCustomer::default() },
        requester: "li".into(),
        assignee: "wang".into(),
        tags: Vec::new(),
        custom_fields: BTreeMap::new(),
        created_at: NOW,
        updated_at: NOW,
        version: "v1".into(),
        fate: Fate::Live,
        evaluation: None,
    }
}

pub(super) fn key() -> DatabaseKey {
    DatabaseKey::from_hex(&"07".repeat(32)).unwrap()
}

struct Desk {
    dir: PathBuf,
    store: Option<Store>,
    account: AccountId,
}

impl Desk {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("deskbell-watch-test-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        let store = Store::open(&dir, &key(), NOW).unwrap();
        let account = NewAccount {
            kind: ProviderKind::Hub,
            name: "desk".into(),
            endpoint: "http://127.0.0.1:1".into(),
            user: "li".into(),
            demo: false,
        };
        let account = store.add_account(&account, NOW).unwrap();
        Self { dir, store: Some(store), account }
    }

    fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    /// Closes and opens the database, as a restart does.
    fn restart(&mut self) {
        self.store = None;
        self.store = Some(Store::open(&self.dir, &key(), NOW).unwrap());
    }

    /// A ticket of a priority with clocks of its own making.
    fn with(&self, remote: &str, priority: Priority, clocks: Vec<ClockRow>) -> TicketId {
        let seen = ObservedTicket { remote_id: remote.into(), priority, ..ticket() };
        let page = Observations { tickets: vec![seen], ..Observations::default() };
        self.store().apply_page(self.account, &page, &[], "next", true, NOW).unwrap();
        let id = self.store().ticket_id(self.account, remote).unwrap().unwrap();
        self.store().put_clocks(&[(id, clocks)]).unwrap();
        id
    }

    fn watch(&self, now: UtcMs) -> Watch {
        let rules = Rules::load(self.store()).unwrap();
        read_watch(self.store(), &rules, now, NOW.plus_ms(6 * HOUR_MS)).unwrap()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.store = None;
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

fn running(minutes: i64) -> ClockRow {
    ClockRow {
        metric: Metric::Resolution,
        instance: 1,
        started_at: NOW.plus_ms(-HOUR_MS),
        deadline_at: Some(NOW.plus_ms(minutes * MINUTE_MS)),
        stopped_at: None,
        paused_since: None,
        provisional: false,
        cancelled: false,
        uncertainty_ms: 0,
        policy_id: String::new(),
        dues: Vec::new(),
    }
}

fn stopped(minutes: i64, took_minutes: i64, metric: Metric) -> ClockRow {
    let stopped_at = NOW.plus_ms(minutes * MINUTE_MS);
    let started_at = stopped_at.plus_ms(-took_minutes * MINUTE_MS);
    let deadline_at = Some(started_at.plus_ms(30 * MINUTE_MS));
    ClockRow { metric, started_at, deadline_at, stopped_at: Some(stopped_at), ..running(0) }
}

#[test]
fn percentiles_by_nearest_rank() {
    assert_eq!(percentile(&mut [], 50), None);
    assert_eq!(percentile(&mut [7], 50), Some(7));
    assert_eq!(percentile(&mut [4, 1, 3, 2], 50), Some(2));
    assert_eq!(percentile(&mut [10, 2, 9, 4, 5, 6, 7, 8, 3, 1], 90), Some(9));
}

#[test]
fn clocks_stand_in_lanes_by_time_left_and_follow_every_change() {
    let desk = Desk::new("lanes");
    let late = desk.with("late", Priority::Urgent, vec![running(-5)]);
    desk.with("now", Priority::Routine, vec![running(0)]);
    desk.with("hour", Priority::Important, vec![running(15)]);
    desk.with("today", Priority::Routine, vec![running(60), ClockRow { instance: 2, provisional: true, ..running(359) }]);
    desk.with("later", Priority::Routine, vec![running(360)]);
    let totals = |watch: &Watch| watch.lanes.iter().map(|lane| lane.total).collect::<Vec<_>>();
    let watch = desk.watch(NOW);
    assert_eq!(totals(&watch), [1, 1, 1, 2, 1], "a bound belongs to the lane that begins with it");
    assert_eq!((watch.unfinished, watch.paused), (5, 0));
    assert_eq!(watch.next_deadline, Some(NOW));
    assert_eq!(watch.lanes[0].cards[0].ticket_id, late);
    assert!(watch.lanes[3].cards[1].provisional);

    assert_eq!(totals(&desk.watch(NOW.plus_ms(MINUTE_MS))), [2, 1, 1, 1, 1], "a minute later");
    desk.with("late", Priority::Urgent, vec![ClockRow { paused_since: Some(NOW), deadline_at: None, ..running(0) }]);
    let watch = desk.watch(NOW);
    assert_eq!((totals(&watch), watch.paused), (vec![0, 1, 1, 2, 1], 1), "a paused clock waits in no lane");
    desk.with("late", Priority::Urgent, Vec::new());
    assert_eq!(desk.watch(NOW).paused, 0);
}

#[test]
fn the_horizon_draws_few_deadlines_one_by_one_and_many_together() {
    let desk = Desk::new("horizon");
    let clocks = |count: i64| (0..count).map(|n| ClockRow { instance: u32::try_from(n).unwrap(), ..running(1 + n) }).collect();
    desk.with("few", Priority::Urgent, clocks(3));
    desk.with("beyond", Priority::Urgent, vec![running(24 * 60), running(-1)]);
    let horizon = desk.watch(NOW).horizon;
    assert_eq!((horizon.ticks.len(), horizon.total), (3, 3), "neither what is over nor what comes after");
    assert_eq!(horizon.ticks[0].by_priority, [(Priority::Urgent, 1)]);
    assert_eq!(horizon.ticks[0].at, horizon.ticks[0].to);

    desk.with("many", Priority::Routine, clocks(1_000));
    let horizon = desk.watch(NOW).horizon;
    assert_eq!(horizon.total, 1_003);
    let first = &horizon.ticks[0];
    // Minutes 1 to 5 lie in the first slice of six.
    assert_eq!(first.by_priority, [(Priority::Urgent, 3), (Priority::Routine, 5)]);
    assert_eq!((first.at, first.to, first.clocks.len()), (NOW.plus_ms(MINUTE_MS), NOW.plus_ms(5 * MINUTE_MS), TICK_NAMES_MAX));
    assert!(horizon.calendar.is_some_and(|calendar| !calendar.zh.is_empty() && !calendar.en.is_empty()));
}

#[test]
fn figures_count_what_was_met_or_missed_within_thirty_days() {
    let desk = Desk::new("figures");
    let month = 30 * 24 * 60;
    let rows = vec![
        stopped(-10, 10, Metric::FirstResponse),
        ClockRow { instance: 2, ..stopped(-20, 20, Metric::FirstResponse) },
        ClockRow { instance: 3, ..stopped(-30, 90, Metric::FirstResponse) },
        ClockRow { instance: 4, cancelled: true, ..stopped(-40, 1, Metric::FirstResponse) },
        ClockRow { instance: 5, ..stopped(-month - 1, 1, Metric::FirstResponse) },
        ClockRow { instance: 6, deadline_at: None, ..stopped(-month, 500, Metric::Resolution) },
    ];
    desk.with("done", Priority::Routine, rows);
    let figures = desk.watch(NOW).figures;
    let minutes = |minutes: i64| minutes * MINUTE_MS;
    let first = Figure { metric: Metric::FirstResponse, n: 3, median_ms: minutes(20), p90_ms: minutes(90), met: 2 };
    let resolution = Figure { metric: Metric::Resolution, n: 1, median_ms: minutes(500), p90_ms: minutes(500), met: 1 };
    assert_eq!(figures.measured, [first, resolution]);
    assert_eq!((figures.met_share, figures.met_n), (Some(0.75), 4));
}

#[test]
fn the_clocks_in_memory_are_those_of_the_file_after_a_restart() {
    let mut desk = Desk::new("restart");
    desk.with("a", Priority::Urgent, vec![running(5), ClockRow { instance: 2, ..running(90) }]);
    desk.with("b", Priority::Routine, vec![ClockRow { paused_since: Some(NOW), deadline_at: None, ..running(0) }]);
    desk.with("c", Priority::Routine, vec![stopped(-10, 10, Metric::FirstResponse)]);
    let before = desk.watch(NOW);
    assert_eq!((before.lanes[1].total, before.lanes[4].total, before.paused, before.figures.met_n), (1, 0, 1, 1));
    desk.restart();
    assert_eq!(desk.watch(NOW), before);
}
