//! The bell by section 6 of the design, situation by situation: real store, real looks, a clock that is moved.

use std::sync::Arc;

use deskbell_domain::UtcMs;
use deskbell_domain::filter::TicketFilter;
use deskbell_domain::observation::{Fate, Observations, ObservedTicket};
use deskbell_domain::quiet::QuietHours;
use deskbell_domain::sla::policy::{Metric, Threshold};
use deskbell_domain::ticket::{AccountId, Priority, ProviderKind, Status};
use deskbell_domain::time::{HOUR_MS, MINUTE_MS, SECOND_MS};
use deskbell_engine::Engine;
use deskbell_engine::alerts::{next_look, raise_due, show_unshown};
use deskbell_engine::bell::{BellSettings, Ring, ViewRule};
use deskbell_engine::ports::{Notification, NotificationKind};
use deskbell_store::NewAccount;
use deskbell_store::failpoint::Moment;
use deskbell_store::records::ClockRow;
use deskbell_testkit::{FakeClock, Machine};
use tempfile::TempDir;

/// A Wednesday afternoon in Shanghai.
const NOW: UtcMs = UtcMs(1_795_586_400_000);

struct Bell {
    clock: Arc<FakeClock>,
    machine: Machine,
    dir: TempDir,
    engine: Arc<Engine>,
    account: AccountId,
}

impl Bell {
    async fn new() -> Self {
        let clock = FakeClock::at(NOW);
        let machine = Machine::new(clock.clone());
        let dir = tempfile::tempdir().unwrap();
        let engine = machine.open(dir.path()).unwrap();
        let new = NewAccount {
            kind: ProviderKind::Hub,
            name: "hub".to_owned(),
            endpoint: "http://127.0.0.1:1/".to_owned(),
            user: "demo".to_owned(),
            demo: false,
        };
        let account = engine.store().add_account(&new, NOW).unwrap();
        // The first look of a run is one after a stop.
        raise_due(&engine).await.unwrap();
        Self { clock, machine, dir, engine, account }
    }

    /// A ticket whose first response is due in so many minutes, ringing five minutes before and at the breach.
    fn ticket(&self, number: usize, priority: Priority, due_ms: i64) {
        let remote_id = format!("T{number}");
        let ticket = ObservedTicket {
            subject: format!("subject {number}"),
            status: Status::Open,
            priority,
            created_at: NOW,
            updated_at: NOW,
            version: "1".to_owned(),
            fate: Fate::Live,
            ..ObservedTicket::gone(&remote_id, NOW)
        };
        let page = Observations { tickets: vec![ticket], ..Observations::default() };
        let store = self.engine.store();
        store.apply_page(self.account, &page, &[], "next", true, self.engine.now()).unwrap();
        let id = store.ticket_id(self.account, &remote_id).unwrap().unwrap();
        let deadline = NOW.plus_ms(due_ms);
        let dues = vec![(Threshold::TimeLeft { seconds: 300 }, deadline.plus_ms(-5 * MINUTE_MS)), (Threshold::Breach, deadline)];
        let clock = ClockRow {
            metric: Metric::FirstResponse,
            instance: 1,
            started_at: NOW.plus_ms(-HOUR_MS),
            deadline_at: Some(deadline),
            stopped_at: None,
            paused_since: None,
            provisional: false,
            cancelled: false,
            uncertainty_ms: 0,
            dues,
            policy_id: "test".to_owned(),
        };
        store.clock_inputs(&[id]).unwrap();
        store.put_clocks(&[(id, vec![clock])]).unwrap();
    }

    /// The time so long after the begin, and a look of the bell.
    async fn look_at(&self, ms: i64) -> Vec<Notification> {
        use deskbell_engine::ports::Clock as _;
        let before = self.machine.notifier.shown_count();
        self.clock.advance_ms(NOW.plus_ms(ms).ms_since(self.clock.now()));
        raise_due(&self.engine).await.unwrap();
        self.machine.notifier.shown().split_off(before)
    }

    async fn restarted(self) -> Self {
        let Self { clock, machine, dir, engine, account } = self;
        drop(engine);
        let engine = machine.open(dir.path()).unwrap();
        show_unshown(&engine).await.unwrap();
        Self { clock, machine, dir, engine, account }
    }
}

/// Quiet hours round this moment, whatever zone the machine is in.
fn quiet_for(minutes: i64) -> QuietHours {
    use chrono::Timelike as _;
    let local = NOW.to_datetime().unwrap().with_timezone(&chrono::Local);
    let minute = i64::from(local.hour() * 60 + local.minute());
    let wrap = |minute: i64| u16::try_from(minute.rem_euclid(1_440)).unwrap();
    QuietHours { from_minute: wrap(minute - 60), to_minute: wrap(minute + minutes), days: Vec::new() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_countdown_replaces_its_own_notification() {
    let bell = Bell::new().await;
    bell.ticket(1, Priority::Important, 6 * MINUTE_MS);
    let first = bell.look_at(MINUTE_MS).await;
    let second = bell.look_at(6 * MINUTE_MS).await;
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_eq!(first[0].key, second[0].key);
    assert!(!first[0].urgent && second[0].urgent, "a breach is urgent");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_eight_hours_of_sleep_one_digest() {
    let bell = Bell::new().await;
    for number in 0..3 {
        bell.ticket(number, Priority::Important, (60 + number as i64) * MINUTE_MS);
    }
    bell.engine.store().note_sync_result(bell.account, NOW, None).unwrap();
    let woken = bell.look_at(8 * HOUR_MS).await;
    assert_eq!(woken.len(), 1, "{woken:?}");
    assert_eq!((woken[0].kind, woken[0].alert_ids.len()), (NotificationKind::Digest, 3));
    assert!(woken[0].as_of.is_some(), "the data are as old as the sleep");
    assert!(bell.look_at(8 * HOUR_MS + 1).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_clocks_due_in_one_minute_are_one_notification_and_a_whole_list() {
    let bell = Bell::new().await;
    for number in 0..5_000 {
        bell.ticket(number, Priority::Important, 10 * MINUTE_MS + (number as i64) * 12);
    }
    let mut shown = Vec::new();
    // Every 200 ms, as the timer would.
    for tick in 0..=300 {
        shown.extend(bell.look_at(5 * MINUTE_MS + tick * 200).await);
    }
    shown.extend(bell.look_at(6 * MINUTE_MS + 10 * SECOND_MS).await);
    let keys: std::collections::BTreeSet<&str> = shown.iter().map(|notification| notification.key.as_str()).collect();
    assert!(keys.len() <= 4 && shown.len() <= 40, "{} notifications, {} on the screen", shown.len(), keys.len());
    assert!(shown.iter().filter(|notification| notification.sound).count() <= 4);
    // The very first came alone.
    assert!(shown.last().unwrap().alert_ids.len() >= 4_997, "{}", shown.last().unwrap().alert_ids.len());
    let listed = bell.engine.read(|store| store.open_alerts(10_000)).await.unwrap();
    assert_eq!(listed.len(), 5_000);
    assert!(bell.engine.acknowledge_alerts(shown.pop().unwrap().alert_ids).await.unwrap() >= 4_997);
}

#[tokio::test(flavor = "multi_thread")]
async fn quiet_hours_hold_all_but_the_urgent_and_ring_what_is_true_at_their_end() {
    let bell = Bell::new().await;
    let settings = BellSettings { quiet: Some(quiet_for(30)), ..BellSettings::default() };
    assert!(bell.engine.put_bell(settings).await.unwrap().quiet_now);
    bell.ticket(1, Priority::Urgent, 6 * MINUTE_MS);
    bell.ticket(2, Priority::Important, 16 * MINUTE_MS);
    bell.ticket(3, Priority::Important, 17 * MINUTE_MS);
    bell.ticket(4, Priority::Important, 18 * MINUTE_MS);
    let urgent = bell.look_at(MINUTE_MS).await;
    assert_eq!((urgent.len(), urgent[0].title.contains("subject 1")), (1, true));
    assert_eq!(bell.look_at(6 * MINUTE_MS).await.len(), 1, "its breach rings, too");
    for minute in [12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29] {
        let quiet = bell.look_at(minute * MINUTE_MS).await;
        assert!(quiet.is_empty(), "minute {minute}: {quiet:?}");
    }
    assert_eq!(bell.engine.bell().await.unwrap().held, 3);
    let listed = bell.engine.read(|store| store.open_alerts(10)).await.unwrap();
    let seen = listed.iter().find(|alert| alert.subject == "subject 4").unwrap().id;
    bell.engine.acknowledge_alert(seen).await.unwrap();
    let ended = bell.look_at(30 * MINUTE_MS + SECOND_MS).await;
    assert_eq!(ended.len(), 1, "{ended:?}");
    assert_eq!((ended[0].kind, ended[0].alert_ids.len()), (NotificationKind::Held, 2));
    assert!(bell.look_at(31 * MINUTE_MS).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn do_not_disturb_ends_by_itself_and_at_once_when_it_is_called_off() {
    let bell = Bell::new().await;
    bell.engine.do_not_disturb(Some(10)).await.unwrap();
    bell.ticket(1, Priority::Urgent, 6 * MINUTE_MS);
    assert!(bell.look_at(MINUTE_MS).await.is_empty(), "urgent ones too, unless it is set otherwise");
    assert_eq!(next_look(&bell.engine).await.unwrap(), Some(NOW.plus_ms(6 * MINUTE_MS)));
    let view = bell.engine.do_not_disturb(None).await.unwrap();
    assert_eq!((view.quiet_now, view.settings.dnd_until), (false, None));
    assert_eq!(bell.look_at(MINUTE_MS + SECOND_MS).await.len(), 1);
    bell.engine.do_not_disturb(Some(10)).await.unwrap();
    bell.look_at(12 * MINUTE_MS).await;
    assert_eq!(bell.engine.bell().await.unwrap().settings.dnd_until, None);
    assert!(bell.engine.do_not_disturb(Some(0)).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_view_that_fits_decides_ring_list_or_off() {
    let bell = Bell::new().await;
    let view = |id: &str, priority, ring, thresholds| ViewRule {
        id: id.to_owned(),
        name: id.to_owned(),
        filter: TicketFilter { priorities: vec![priority], ..TicketFilter::default() },
        ring,
        sound: false,
        thresholds,
    };
    let views = vec![
        view("a", Priority::Routine, Ring::Off, Vec::new()),
        view("b", Priority::Important, Ring::List, Vec::new()),
        view("c", Priority::Urgent, Ring::Ring, vec![Threshold::Breach]),
    ];
    bell.engine.put_bell(BellSettings { views: views.clone(), ..BellSettings::default() }).await.unwrap();
    for (number, priority) in [Priority::Routine, Priority::Important, Priority::Urgent].into_iter().enumerate() {
        bell.ticket(number, priority, 6 * MINUTE_MS);
    }
    assert!(bell.look_at(MINUTE_MS).await.is_empty(), "routine is off, important is listed, urgent rings at the breach only");
    let listed = bell.engine.read(|store| store.open_alerts(10)).await.unwrap();
    assert_eq!(listed.iter().map(|alert| (alert.subject.as_str(), alert.silent)).collect::<Vec<_>>(), [("subject 1", true)]);
    let rung = bell.look_at(6 * MINUTE_MS).await;
    assert_eq!(rung.len(), 1);
    assert!(rung[0].title.contains("subject 2") && !rung[0].sound);
    let twice = BellSettings { views: vec![views[0].clone(), views[0].clone()], ..BellSettings::default() };
    assert!(bell.engine.put_bell(twice).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_notification_service_it_rings_in_the_app_and_a_service_that_comes_gets_it_once() {
    let bell = Bell::new().await;
    bell.machine.notifier.be_absent(true);
    bell.ticket(1, Priority::Important, 6 * MINUTE_MS);
    bell.ticket(2, Priority::Important, 6 * MINUTE_MS);
    let mut events = bell.engine.subscribe();
    assert!(bell.look_at(MINUTE_MS).await.is_empty());
    let rang = std::iter::from_fn(|| events.try_recv().ok())
        .filter(|event| matches!(event, deskbell_engine::events::DeskEvent::AlertRaised { .. }))
        .count();
    assert_eq!(rang, 2, "in the app");
    assert!(bell.engine.bell().await.unwrap().support.reason.is_some());
    let bell = bell.restarted().await;
    assert!(bell.look_at(2 * MINUTE_MS).await.is_empty());
    bell.machine.notifier.be_absent(false);
    bell.engine.notifier_changed().await;
    let back = bell.look_at(3 * MINUTE_MS).await;
    assert_eq!((back.len(), back[0].alert_ids.len()), (1, 2), "{back:?}");
    bell.engine.notifier_changed().await;
    assert!(bell.look_at(3 * MINUTE_MS + SECOND_MS).await.is_empty(), "never twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_commit_and_showing_or_after_it_rings_once() {
    // Raised, handed over, answered: three commits.
    for (commit, moment) in [
        (1, Moment::BeforeCommit),
        (1, Moment::AfterCommit),
        (2, Moment::BeforeCommit),
        (2, Moment::AfterCommit),
        (3, Moment::BeforeCommit),
    ] {
        let bell = Bell::new().await;
        bell.ticket(1, Priority::Important, 6 * MINUTE_MS);
        bell.clock.advance_ms(MINUTE_MS);
        bell.engine.store().die_at_commit(commit, moment);
        let _killed = raise_due(&bell.engine).await;
        assert!(bell.engine.store().is_dead(), "{commit} {moment:?}");
        let bell = bell.restarted().await;
        raise_due(&bell.engine).await.unwrap();
        let shown = bell.machine.notifier.shown_count();
        assert!(shown <= 1, "{commit} {moment:?}: {shown}");
        // Killed with the hand-over on disk, nobody knows whether it was seen: it is not shown again.
        assert!(shown == 1 || (commit, moment) == (2, Moment::AfterCommit), "{commit} {moment:?}");
        let listed = bell.engine.read(|store| store.open_alerts(10)).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert!(listed[0].shown_at.is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_put_back_rings_nothing_again_and_a_snooze_does_not_grow() {
    let bell = Bell::new().await;
    bell.ticket(1, Priority::Important, 5 * HOUR_MS);
    let rung = bell.look_at(5 * HOUR_MS - 5 * MINUTE_MS).await;
    assert_eq!(rung.len(), 1);
    bell.engine.snooze_alert(rung[0].alert_ids[0], 2 * MINUTE_MS).await.unwrap();
    // Three hours back.
    assert!(bell.look_at(2 * HOUR_MS).await.is_empty());
    let again = bell.look_at(2 * HOUR_MS + 3 * MINUTE_MS).await;
    assert_eq!(again.len(), 1, "two minutes, not three hours");
    assert!(bell.look_at(5 * HOUR_MS - 4 * MINUTE_MS).await.is_empty());
    assert_eq!(bell.look_at(5 * HOUR_MS).await.len(), 1, "the breach");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_urgent_alert_that_nobody_acknowledges_escalates_when_its_time_is_up() {
    let bell = Bell::new().await;
    bell.engine.put_bell(BellSettings { escalate_after_min: Some(3), ..BellSettings::default() }).await.unwrap();
    bell.ticket(1, Priority::Urgent, 6 * MINUTE_MS);
    bell.ticket(2, Priority::Important, 6 * MINUTE_MS);
    bell.look_at(MINUTE_MS).await;
    let waiting = bell.engine.read(|store| store.open_alerts(10)).await.unwrap();
    let waits: Vec<_> = waiting.iter().map(|alert| (alert.priority, alert.escalate_at)).collect();
    assert!(
        waits.contains(&(Priority::Urgent, Some(NOW.plus_ms(4 * MINUTE_MS)))) && waits.contains(&(Priority::Important, None))
    );
    assert_eq!(next_look(&bell.engine).await.unwrap(), Some(NOW.plus_ms(4 * MINUTE_MS)));
    bell.look_at(4 * MINUTE_MS).await;
    let gone = bell.engine.read(|store| store.open_alerts(10)).await.unwrap();
    assert!(gone.iter().all(|alert| alert.escalate_at.is_none()));
}
