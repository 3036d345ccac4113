//! The bell: once a threshold, never again after a restart, later when snoozed.

use std::sync::Arc;
use std::time::Duration;

use deskbell_domain::time::{MINUTE_MS, SECOND_MS};
use deskbell_domain::{Code, UtcMs};
use deskbell_engine::alerts::{raise_due, show_unshown};
use deskbell_engine::events::DeskEvent;
use deskbell_engine::opening::{self, Opening};
use deskbell_engine::ports::{Clock, Notification, NotificationResponse, NotificationSupport, Notifier, Secrets};
use deskbell_engine::sla_watch::recompute_stale;
use deskbell_engine::view::watch::Lane;
use deskbell_engine::{Engine, EnginePorts};
use deskbell_testkit::{FakeClock, Machine, StillRng};

use crate::support::{Server, desk};

/// A Wednesday afternoon in Shanghai.
const NOW: UtcMs = UtcMs(1_795_586_400_000);

#[tokio::test(flavor = "multi_thread")]
async fn rings_once_and_again_only_when_snoozed() {
    let fake = FakeClock::at(NOW);
    let clock: Arc<dyn Clock> = fake.clone();
    let server = Server::start(&clock).await;
    let machine = Machine::new(clock);
    let dir = tempfile::tempdir().unwrap();
    let (engine, account) = desk(&machine, dir.path(), &server).await;
    engine.sync_account_once(account).await.unwrap();
    recompute_stale(&engine).await.unwrap();

    raise_due(&engine).await.unwrap();
    let at_start = machine.notifier.shown().len();
    assert!(at_start <= 1, "what was due before the first sync is one digest, not a storm: {at_start}");
    raise_due(&engine).await.unwrap();
    assert_eq!(machine.notifier.shown().len(), at_start, "the same moment never rings twice");

    fake.advance_ms(MINUTE_MS);
    raise_due(&engine).await.unwrap();
    let shown = machine.notifier.shown();
    let minute = shown.get(at_start..).unwrap_or_default();
    let raised = engine.read(|store| store.alerts(100)).await.unwrap();
    let mut raised: Vec<i64> = raised.iter().filter(|alert| alert.raised_at > NOW).map(|alert| alert.id).collect();
    raised.sort_unstable();
    let mut told: Vec<i64> = minute.iter().flat_map(|notification| notification.alert_ids.clone()).collect();
    told.sort_unstable();
    assert_eq!(told, raised, "what came near in the minute after the digest rang by itself, each once");
    assert_eq!(minute.len(), raised.len());
    let first: Vec<&Notification> = minute.iter().filter(|one| one.urgent && one.key.contains(":first_response:")).collect();
    let [rung] = first.as_slice() else {
        panic!("the demo has one first response that comes near breach within the first minute: {first:?}")
    };
    let rung = (*rung).clone();
    assert!(rung.ticket_id.is_some() && !rung.title.is_empty());
    let so_far = shown.len();

    engine.shutdown().await;
    drop(engine);
    let (engine, _) = desk(&machine, dir.path(), &server).await;
    show_unshown(&engine).await.unwrap();
    raise_due(&engine).await.unwrap();
    assert_eq!(machine.notifier.shown().len(), so_far, "a restart rings nothing again");

    let alert = rung.alert_ids.first().copied().unwrap();
    // Shorter than the way to the clock's next threshold, which would ring in its place.
    engine.snooze_alert(alert, 40 * SECOND_MS).await.unwrap();
    fake.advance_ms(40 * SECOND_MS);
    raise_due(&engine).await.unwrap();
    assert!(machine.notifier.shown().iter().skip(so_far).any(|again| again.alert_ids.contains(&alert)), "snoozed rings again");
    engine.acknowledge_alert(alert).await.unwrap();
    let acknowledged = engine.read(|store| store.alerts(100)).await.unwrap();
    assert!(acknowledged.iter().any(|record| record.id == alert && record.acknowledged_at.is_some()));
}

/// A digest covers many alerts: whoever counts them is told to ask, not sent each one.
#[tokio::test(flavor = "multi_thread")]
async fn a_digest_rings_once_and_leaves_the_whole_list_to_be_asked_for() {
    let fake = FakeClock::at(NOW);
    let clock: Arc<dyn Clock> = fake.clone();
    let server = Server::start(&clock).await;
    let machine = Machine::new(clock);
    let dir = tempfile::tempdir().unwrap();
    let (engine, account) = desk(&machine, dir.path(), &server).await;
    engine.sync_account_once(account).await.unwrap();
    recompute_stale(&engine).await.unwrap();
    let mut events = engine.subscribe();
    raise_due(&engine).await.unwrap();
    let digest = machine.notifier.shown().pop().unwrap();
    assert!(digest.alert_ids.len() > 3, "{}", digest.alert_ids.len());
    let mut told = (0, 0);
    while let Ok(event) = events.try_recv() {
        match event {
            DeskEvent::AlertRaised { alert } => told.0 += usize::from(digest.alert_ids.contains(&alert.id)),
            DeskEvent::AlertsChanged => told.1 += 1,
            _ => {}
        }
    }
    assert_eq!(told, (1, 1));
    let listed = engine.read(|store| store.alerts(500)).await.unwrap();
    assert!(digest.alert_ids.iter().all(|id| listed.iter().any(|alert| alert.id == *id && alert.shown_at.is_some())));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_dated_by_its_own_account_not_by_the_freshest() {
    let fake = FakeClock::at(NOW);
    let clock: Arc<dyn Clock> = fake.clone();
    let server = Server::start(&clock).await;
    let machine = Machine::new(clock);
    let dir = tempfile::tempdir().unwrap();
    let (engine, stale) = desk(&machine, dir.path(), &server).await;
    engine.sync_account_once(stale).await.unwrap();
    fake.advance_ms(20 * MINUTE_MS);
    let details = deskbell_engine::accounts::AccountDetails {
        kind: deskbell_domain::ticket::ProviderKind::Hub,
        name: "fresh".to_owned(),
        endpoint: server.url(),
        user: "another".to_owned(),
        secret: secrecy::SecretString::from(crate::support::TOKEN),
        demo: false,
        options: deskbell_domain::ticket::AccountOptions::default(),
    };
    let fresh = engine.keep_account(details).await.unwrap().id;
    engine.connect_accounts().await.unwrap();
    engine.sync_account_once(fresh).await.unwrap();
    recompute_stale(&engine).await.unwrap();
    raise_due(&engine).await.unwrap();
    let now = engine.now();
    let listed = engine.read(|store| store.alerts(500)).await.unwrap();
    let mut rung = Vec::new();
    for account in [stale, fresh] {
        for alert in &listed {
            let ticket = alert.ticket_id;
            let known = engine.read(move |store| store.ticket(ticket)).await.unwrap().unwrap();
            if known.account_id == account && alert.deadline_at.ms_since(now) > 10 * MINUTE_MS {
                rung.push(alert.id);
                break;
            }
        }
    }
    let before = machine.notifier.shown().len();
    for id in &rung {
        engine.snooze_alert(*id, SECOND_MS).await.unwrap();
    }
    fake.advance_ms(SECOND_MS);
    raise_due(&engine).await.unwrap();
    let as_of = NOW.to_datetime().unwrap().with_timezone(&chrono::Local).format("%H:%M").to_string();
    let shown = machine.notifier.shown();
    let dated = |id: i64| {
        let again = shown.iter().skip(before).find(|notification| notification.alert_ids == [id]).unwrap();
        again.body.contains(&as_of)
    };
    assert_eq!(rung.len(), 2, "both accounts have a clock that runs");
    assert_eq!((dated(rung[0]), dated(rung[1])), (true, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_shows_every_running_clock_in_one_lane() {
    let clock: Arc<dyn Clock> = FakeClock::at(NOW);
    let server = Server::start(&clock).await;
    let machine = Machine::new(clock);
    let dir = tempfile::tempdir().unwrap();
    let (engine, account) = desk(&machine, dir.path(), &server).await;
    engine.sync_account_once(account).await.unwrap();
    let watch = engine.watch().await.unwrap();
    let total: u64 = watch.lanes.iter().map(|lane| lane.total).sum();
    let running = engine.read(|store| store.open_clocks(None, 5_000)).await.unwrap().len() as u64;
    assert_eq!(total, running);
    for lane in &watch.lanes {
        let near = |card: &deskbell_engine::records::OpenClock| card.deadline_at.ms_since(NOW);
        match lane.lane {
            Lane::Breached => assert!((1..=60).contains(&lane.total) && lane.cards.iter().all(|card| near(card) < 0), "{lane:?}"),
            Lane::Minutes => {
                assert!(lane.total >= 1 && lane.cards.iter().all(|card| (0..15 * MINUTE_MS).contains(&near(card))), "{lane:?}")
            }
            Lane::Hour | Lane::Today | Lane::Later => assert!(lane.cards.iter().all(|card| near(card) >= 15 * MINUTE_MS)),
        }
    }
    assert!(watch.next_deadline.is_some_and(|next| next > NOW));
    assert!(watch.unfinished > 100 && !watch.horizon.ticks.is_empty() && !watch.horizon.closed.is_empty());
    assert!(watch.figures.met_n > 0 && !watch.figures.measured.is_empty());
}

/// A notification service that takes the call and never answers.
struct HungNotifier;

#[async_trait::async_trait]
impl Notifier for HungNotifier {
    async fn support(&self) -> NotificationSupport {
        NotificationSupport {
            available: true,
            server: "hung".to_owned(),
            reason: None,
            ..NotificationSupport::none(Code::NotFound, NOW)
        }
    }

    async fn show(&self, _notification: &Notification) -> Result<(), Code> {
        std::future::pending().await
    }

    fn respond_to(&self, _responses: tokio::sync::mpsc::Sender<NotificationResponse>) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_service_that_hangs_does_not_silence_the_bell_in_the_app() {
    let fake = FakeClock::at(NOW);
    let clock: Arc<dyn Clock> = fake.clone();
    let server = Server::start(&clock).await;
    let machine = Machine::new(clock.clone());
    let dir = tempfile::tempdir().unwrap();
    let (engine, account) = desk(&machine, dir.path(), &server).await;
    engine.sync_account_once(account).await.unwrap();
    recompute_stale(&engine).await.unwrap();
    raise_due(&engine).await.unwrap();
    engine.shutdown().await;
    drop(engine);

    let secrets: Arc<dyn Secrets> = Arc::new(machine.secrets.clone());
    let Opening::Open { store, keeper } = opening::open(dir.path(), &secrets, clock.now()).unwrap() else { panic!("locked") };
    let ports = EnginePorts {
        clock,
        rng: Arc::new(StillRng),
        notifier: Arc::new(HungNotifier),
        connector: Arc::new(deskbell_engine::system::SystemConnector),
    };
    let engine = Engine::new(store, keeper, ports, dir.path()).unwrap();
    let mut events = engine.subscribe();
    fake.advance_ms(MINUTE_MS);
    let rung = tokio::time::timeout(Duration::from_secs(20), raise_due(&engine)).await;
    assert!(rung.is_ok_and(|rung| rung.is_ok()), "the watch is stuck");
    assert!(std::iter::from_fn(|| events.try_recv().ok()).any(|event| matches!(event, DeskEvent::AlertRaised { .. })));
}
