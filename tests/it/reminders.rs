//! Reminders of visits: once for each lead, whatever is killed and wherever the clock goes; quiet when it is to be quiet; ended
//! when the visit moves or is called off.

use std::path::Path;
use std::sync::Arc;

use deskbell_domain::UtcMs;
use deskbell_domain::reminder::Subject;
use deskbell_domain::scheduling::{Visit, VisitEventKind};
use deskbell_domain::ticket::AccountId;
use deskbell_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use deskbell_engine::Engine;
use deskbell_engine::bell::BellSettings;
use deskbell_engine::events::DeskEvent;
use deskbell_engine::ports::{Clock, NotificationAction};
use deskbell_engine::reminders::{catch_up, look, next_look};
use deskbell_testkit::{FakeClock, Machine};

/// A Wednesday noon in Shanghai.
const NOW: UtcMs = UtcMs(1_795_579_200_000);
const START: UtcMs = UtcMs(NOW.0 + 30 * HOUR_MS);

struct World {
    clock: Arc<FakeClock>,
    machine: Machine,
    dir: tempfile::TempDir,
}

fn world() -> World {
    let clock = FakeClock::at(NOW);
    let machine = Machine::new(clock.clone() as Arc<dyn Clock>);
    World { clock, machine, dir: tempfile::tempdir().unwrap() }
}

impl World {
    fn open(&self) -> Arc<Engine> {
        self.machine.open(self.path()).unwrap()
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn at(&self, at: UtcMs) {
        self.clock.advance_ms(at.ms_since(self.clock.now()));
    }

    fn shown(&self) -> usize {
        self.machine.notifier.shown_count()
    }
}

fn visit(start: UtcMs, state: &str) -> Visit {
    let mut visit: Visit =
        serde_json::from_value(serde_json::json!({ "id": "v-1", "ticket_remote_id": "7", "service": "hardware_inspection",
        "site": { "name": "一号机房", "address": "", "city": "杭州" }, "contact": { "name": "王" }, "centre_id": "c",
        "slot": { "centre_id": "c", "start": start, "end": start.plus_ms(2 * HOUR_MS), "engineer_ids": [], "free": 0 },
        "state": "requested", "requested_at": 0 }))
        .unwrap();
    visit.state = deskbell_domain::scheduling::VisitState::from_text(state).unwrap();
    visit
}

async fn put(engine: &Engine, visit: Visit) {
    let now = engine.now();
    engine.read(move |store| store.observe_visit(AccountId(1), &visit, now)).await.unwrap();
}

async fn open_leads(engine: &Engine) -> Vec<u32> {
    engine.reminders(true).await.unwrap().iter().map(|view| view.reminder.lead_min).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_rings_a_day_and_two_hours_before_and_never_again() {
    let world = world();
    let engine = world.open();
    put(&engine, visit(START, "confirmed")).await;
    assert_eq!(look(&engine).await.unwrap(), 0);
    assert_eq!(next_look(&engine).await.unwrap(), Some(START.plus_ms(-DAY_MS)), "one timer on the next moment");
    world.at(START.plus_ms(-DAY_MS));
    assert_eq!((look(&engine).await.unwrap(), look(&engine).await.unwrap(), world.shown()), (1, 0, 1));
    let shown = world.machine.notifier.shown().pop().unwrap();
    assert!(
        shown.body.contains("一号机房") && shown.visit.is_some() && shown.reminder_ids.len() == 1 && shown.alert_ids.is_empty(),
        "{shown:?}"
    );
    drop(engine);

    let engine = world.open();
    catch_up(&engine).await.unwrap();
    assert_eq!((look(&engine).await.unwrap(), world.shown()), (0, 1), "a restart rings nothing again");
    world.at(START.plus_ms(-2 * HOUR_MS));
    assert_eq!((look(&engine).await.unwrap(), world.shown()), (1, 2));
    assert_eq!(open_leads(&engine).await, [120], "the later speaks for the earlier");

    // The machine's clock is put back over both, and goes on.
    world.clock.advance_ms(-3 * DAY_MS);
    assert_eq!(look(&engine).await.unwrap(), 0);
    for hours in [0, 24, 46, 60, 71] {
        world.at(NOW.plus_ms(-2 * DAY_MS + hours * HOUR_MS));
        look(&engine).await.unwrap();
    }
    assert_eq!(world.shown(), 2, "no moment rings twice");
    world.at(START.plus_ms(2 * HOUR_MS));
    look(&engine).await.unwrap();
    assert!(open_leads(&engine).await.is_empty(), "it is over");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_sleep_over_both_moments_one_rings() {
    let world = world();
    let engine = world.open();
    put(&engine, visit(START, "confirmed")).await;
    world.at(START.plus_ms(-HOUR_MS));
    assert_eq!((look(&engine).await.unwrap(), world.shown()), (1, 1));
    assert_eq!(open_leads(&engine).await, [120]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_moves_or_is_called_off_ends_and_the_new_time_rings() {
    let world = world();
    let engine = world.open();
    put(&engine, visit(START, "confirmed")).await;
    world.at(START.plus_ms(-DAY_MS));
    look(&engine).await.unwrap();
    let moved = START.plus_ms(2 * DAY_MS);
    put(&engine, visit(moved, "confirmed")).await;
    assert_eq!((look(&engine).await.unwrap(), open_leads(&engine).await.len()), (0, 0));
    world.at(moved.plus_ms(-DAY_MS));
    assert_eq!((look(&engine).await.unwrap(), world.shown()), (1, 2));
    put(&engine, visit(moved, "cancelled")).await;
    look(&engine).await.unwrap();
    assert!(open_leads(&engine).await.is_empty());
    world.at(moved.plus_ms(-HOUR_MS));
    assert_eq!((look(&engine).await.unwrap(), world.shown()), (0, 2), "nobody is reminded of what is called off");
}

#[tokio::test(flavor = "multi_thread")]
async fn do_not_disturb_keeps_it_back_and_lets_it_ring_once_at_its_end() {
    let world = world();
    let engine = world.open();
    put(&engine, visit(START, "confirmed")).await;
    world.at(START.plus_ms(-DAY_MS));
    engine.do_not_disturb(Some(60)).await.unwrap();
    assert_eq!((look(&engine).await.unwrap(), world.shown()), (0, 0));
    let held = engine.reminders(true).await.unwrap();
    assert_eq!(held[0].reminder.held_until, Some(engine.now().plus_ms(HOUR_MS)), "it is in the list, marked");
    assert_eq!(next_look(&engine).await.unwrap(), held[0].reminder.held_until);
    world.clock.advance_ms(HOUR_MS);
    assert_eq!((look(&engine).await.unwrap(), look(&engine).await.unwrap(), world.shown()), (1, 0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn quiet_hours_hold_it_and_a_visit_called_off_meanwhile_never_rings() {
    let world = world();
    let engine = world.open();
    // Quiet all day, every day.
    let quiet = deskbell_domain::quiet::QuietHours { from_minute: 0, to_minute: 0, days: Vec::new() };
    engine.put_bell(BellSettings { quiet: Some(quiet), ..BellSettings::default() }).await.unwrap();
    put(&engine, visit(START, "confirmed")).await;
    world.at(START.plus_ms(-DAY_MS));
    assert_eq!((look(&engine).await.unwrap(), open_leads(&engine).await.len(), world.shown()), (0, 1, 0));
    put(&engine, visit(START, "cancelled")).await;
    look(&engine).await.unwrap();
    engine.put_bell(BellSettings::default()).await.unwrap();
    assert_eq!((look(&engine).await.unwrap(), world.shown()), (0, 0));
    assert!(engine.reminders(false).await.unwrap().is_empty(), "nobody saw it: it is as if it had never been");
}

/// Killed between the commit and the notification, and between the notification and its answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_anywhere_neither_loses_nor_doubles_it() {
    let world = world();
    let engine = world.open();
    put(&engine, visit(START, "confirmed")).await;
    world.at(START.plus_ms(-DAY_MS));
    let now = engine.now();
    let subjects = move |store: &deskbell_store::Store| -> Vec<Subject> {
        let visits = store.appointed_visits(now, START.plus_ms(1)).unwrap();
        visits
            .into_iter()
            .map(|visit| Subject {
                kind: deskbell_domain::reminder::ReminderKind::Visit,
                moments: Subject::moments_of(visit.start, &[1_440, 120]),
                key: visit.key,
                ticket: visit.ticket,
                start: visit.start,
                end: visit.end,
                about: visit.about,
            })
            .collect()
    };
    // Written down, and then the process dies.
    engine.read(move |store| store.raise_reminders(subjects(store), now, |_| None)).await.unwrap();
    drop(engine);
    let engine = world.open();
    catch_up(&engine).await.unwrap();
    assert_eq!((look(&engine).await.unwrap(), look(&engine).await.unwrap(), world.shown()), (1, 0, 1), "owed, and shown once");
    // Handed over, and then the process dies: nobody knows whether it was seen.
    let id = engine.reminders(true).await.unwrap()[0].reminder.id;
    engine.snooze_reminder(id, 5).await.unwrap();
    world.clock.advance_ms(5 * MINUTE_MS);
    let at = engine.now();
    engine
        .read(move |store| {
            let rung = store.release_reminders(at, |_| None)?;
            store.mark_reminders_shown(&rung.iter().map(|one| one.id).collect::<Vec<_>>(), true, at)
        })
        .await
        .unwrap();
    drop(engine);
    let engine = world.open();
    let mut events = engine.subscribe();
    catch_up(&engine).await.unwrap();
    look(&engine).await.unwrap();
    assert_eq!(world.shown(), 1, "not shown a second time");
    assert!(
        std::iter::from_fn(|| events.try_recv().ok()).any(|event| matches!(event, DeskEvent::ReminderRaised { .. })),
        "told in the app"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_notification_service_it_rings_in_the_app_and_is_shown_when_one_comes() {
    let world = world();
    let engine = world.open();
    put(&engine, visit(START, "confirmed")).await;
    world.machine.notifier.be_absent(true);
    world.at(START.plus_ms(-DAY_MS));
    let mut events = engine.subscribe();
    look(&engine).await.unwrap();
    assert!(std::iter::from_fn(|| events.try_recv().ok()).any(|event| matches!(event, DeskEvent::ReminderRaised { .. })));
    assert_eq!(world.shown(), 0);
    world.machine.notifier.be_absent(false);
    engine.notifier_changed().await;
    look(&engine).await.unwrap();
    look(&engine).await.unwrap();
    assert_eq!(world.shown(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn its_buttons_open_the_visit_snooze_and_acknowledge() {
    let world = world();
    let engine = world.open();
    engine.start().await.unwrap();
    put(&engine, visit(START, "confirmed")).await;
    world.at(START.plus_ms(-2 * HOUR_MS));
    look(&engine).await.unwrap();
    // The engine's own watch may have been first.
    let shown = async {
        while world.shown() == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), shown).await.unwrap();
    let mut events = engine.subscribe();
    assert!(world.machine.notifier.press(NotificationAction::Open).await);
    let opened = async {
        loop {
            if let Ok(DeskEvent::OpenVisit { key }) = events.recv().await {
                return key;
            }
        }
    };
    let key = tokio::time::timeout(std::time::Duration::from_secs(20), opened).await.unwrap();
    assert_eq!(key, "1:v-1");
    let id = engine.reminders(true).await.unwrap()[0].reminder.id;
    // Longer than there is time: it rings at the start.
    engine.snooze_reminder(id, 600).await.unwrap();
    assert_eq!(engine.reminders(true).await.unwrap()[0].reminder.snoozed_until, Some(START));
    engine.acknowledge_reminder(id).await.unwrap();
    assert!(engine.reminders(true).await.unwrap().is_empty());
    assert!(engine.acknowledge_reminder(id + 99).await.is_err() && engine.snooze_reminder(id, 0).await.is_err());
    engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_that_came_to_a_waiting_visit_is_news_once() {
    let world = world();
    let engine = world.open();
    let mut given = visit(NOW.plus_ms(4 * DAY_MS), "confirmed");
    let event = |at: UtcMs, kind: VisitEventKind, start| deskbell_domain::scheduling::VisitEvent {
        at,
        kind,
        actor: String::new(),
        detail: String::new(),
        start,
    };
    given.history = vec![
        event(NOW, VisitEventKind::Requested, None),
        event(NOW, VisitEventKind::Waitlisted, None),
        event(NOW.plus_ms(MINUTE_MS), VisitEventKind::Confirmed, Some(NOW.plus_ms(4 * DAY_MS))),
    ];
    world.clock.advance_ms(2 * MINUTE_MS);
    put(&engine, given).await;
    assert_eq!((look(&engine).await.unwrap(), look(&engine).await.unwrap()), (1, 0));
    assert_eq!(open_leads(&engine).await, [0]);
    // One that was confirmed at once tells nothing by itself.
    put(&engine, Visit { id: "v-2".to_owned(), ..visit(NOW.plus_ms(4 * DAY_MS), "confirmed") }).await;
    assert_eq!(look(&engine).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn its_times_are_settings_and_nonsense_is_refused() {
    let world = world();
    let engine = world.open();
    for wrong in [vec![0], vec![29 * 24 * 60], vec![1, 2, 3, 4, 5, 6]] {
        let refused = engine.put_bell(BellSettings { visit_reminders_min: wrong, ..BellSettings::default() }).await.unwrap_err();
        assert_eq!(refused.args["field"], "visit_reminders_min");
    }
    engine.put_bell(BellSettings { visit_reminders_min: vec![30], ..BellSettings::default() }).await.unwrap();
    put(&engine, visit(START, "confirmed")).await;
    world.at(START.plus_ms(-HOUR_MS));
    assert_eq!(look(&engine).await.unwrap(), 0);
    world.at(START.plus_ms(-30 * MINUTE_MS));
    assert_eq!(look(&engine).await.unwrap(), 1);
}
