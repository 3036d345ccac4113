//! Robots in group chats, against the fake of their platforms: rules, merging, limits, quiet hours, escalation, restarts,
//! doubts, refusals and the delivery log.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use deskbell_domain::filter::TicketFilter;
use deskbell_domain::quiet::QuietHours;
use deskbell_domain::robot::{DeliveryKind, DeliveryState, RobotId, RobotKind, RobotRule};
use deskbell_domain::sla::policy::Threshold;
use deskbell_domain::ticket::Priority;
use deskbell_domain::time::{HOUR_MS, MINUTE_MS, SECOND_MS};
use deskbell_domain::{Code, UtcMs};
use deskbell_engine::Engine;
use deskbell_engine::ports::Clock;
use deskbell_engine::records::{AlertRecord, DeliveryRecord, Store};
use deskbell_engine::robots::{RobotDraft, RobotStep, on_escalated, on_raised, robot_step};
use deskbell_engine::sla_watch::recompute_stale;
use deskbell_testkit::robots::{FakeRobots, RobotFault};
use deskbell_testkit::{FakeClock, Machine};
use secrecy::SecretString;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Server, desk};

mod acting;

/// A Wednesday afternoon in Shanghai.
const NOW: UtcMs = UtcMs(1_795_586_400_000);
const SECRET: &str = "SEC0123456789";
/// Attempts after which a test gives up waiting.
const STEPS_MAX: usize = 2_000;

/// A desk with alerts of the demo's tickets, and a fake of the platforms.
struct Scene {
    clock: Arc<FakeClock>,
    machine: Machine,
    dir: TempDir,
    fake: FakeRobots,
    engine: Arc<Engine>,
    alerts: Vec<AlertRecord>,
    _server: Server,
}

impl Scene {
    async fn new(secret: Option<&str>) -> Self {
        let clock = FakeClock::at(NOW);
        let shared: Arc<dyn Clock> = clock.clone();
        let server = Server::start(&shared).await;
        let machine = Machine::new(Arc::clone(&shared));
        let dir = tempfile::tempdir().unwrap();
        let (engine, account) = desk(&machine, dir.path(), &server).await;
        engine.sync_account_once(account).await.unwrap();
        recompute_stale(&engine).await.unwrap();
        let fake = FakeRobots::start(shared, secret).await.unwrap();
        let alerts = raise(&engine).await;
        assert!(alerts.len() >= 8, "the demo has enough that is due: {}", alerts.len());
        Self { clock, machine, dir, fake, engine, alerts, _server: server }
    }

    async fn robot(&self, kind: RobotKind, rules: Vec<RobotRule>) -> RobotId {
        self.engine.put_robot(draft(kind, &self.fake.address(kind), rules)).await.unwrap().id
    }

    async fn log(&self) -> Vec<DeliveryRecord> {
        self.engine.robot_deliveries(None, 500).await.unwrap()
    }

    /// Steps a robot until nothing is due, moving the clock to where the robot asks to be looked at again, at most `to_ms` on.
    async fn run(&self, robot: RobotId, to_ms: i64) -> Vec<DeliveryState> {
        let end = self.clock.now().plus_ms(to_ms);
        let mut states = Vec::new();
        for _ in 0..STEPS_MAX {
            match robot_step(&self.engine, robot).await.unwrap() {
                RobotStep::Attempted { state, .. } => states.push(state),
                RobotStep::Nothing { due: Some(due) } if due <= end => {
                    self.clock.advance_ms(due.ms_since(self.clock.now()).max(1));
                }
                RobotStep::Nothing { .. } => {
                    self.clock.advance_ms(end.ms_since(self.clock.now()));
                    return states;
                }
            }
        }
        panic!("never at rest: {states:?}");
    }

    fn reopened(&self, dir: &Path) -> Arc<Engine> {
        self.machine.open(dir).unwrap()
    }
}

fn draft(kind: RobotKind, address: &str, rules: Vec<RobotRule>) -> RobotDraft {
    let secret = (kind != RobotKind::Wecom).then(|| SecretString::from(SECRET));
    RobotDraft {
        id: None,
        kind,
        name: "值班群".to_owned(),
        address: Some(SecretString::from(address)),
        secret,
        enabled: true,
        rules,
    }
}

fn rule() -> RobotRule {
    RobotRule {
        id: "1".to_owned(),
        name: String::new(),
        filter: TicketFilter::default(),
        alerts: true,
        thresholds: Vec::new(),
        escalations: true,
        mention: Vec::new(),
        quiet: None,
        quiet_urgent: true,
    }
}

/// Alerts whose clocks still run.
async fn raise(engine: &Arc<Engine>) -> Vec<AlertRecord> {
    deskbell_engine::alerts::raise_due(engine).await.unwrap();
    let all = engine.read(|store| store.alerts(500)).await.unwrap();
    let ids: Vec<i64> = all.iter().map(|alert| alert.id).collect();
    let true_still = engine.read(move |store| store.told_alerts(&ids)).await.unwrap();
    let standing: BTreeSet<i64> = true_still.iter().filter(|alert| !alert.over).map(|alert| alert.id).collect();
    all.into_iter().filter(|alert| standing.contains(&alert.id)).collect()
}

fn text(arrived: &Value) -> String {
    arrived.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_choose_tickets_thresholds_and_people_and_an_alert_is_told_once() {
    let scene = Scene::new(Some(SECRET)).await;
    let urgent = RobotRule {
        filter: TicketFilter { priorities: vec![Priority::Urgent], ..TicketFilter::default() },
        mention: vec!["13912345678".to_owned(), "all".to_owned()],
        ..rule()
    };
    let breaches = RobotRule { thresholds: vec![Threshold::Breach], ..rule() };
    let first = scene.robot(RobotKind::Dingtalk, vec![urgent]).await;
    let second = scene.robot(RobotKind::Feishu, vec![breaches]).await;
    on_raised(&scene.engine, &scene.alerts).await;
    on_raised(&scene.engine, &scene.alerts).await;
    let expected = |wanted: fn(&AlertRecord) -> bool| -> BTreeSet<i64> {
        scene.alerts.iter().filter(|alert| wanted(alert)).map(|alert| alert.id).collect()
    };
    let queued = scene.log().await;
    let told = |robot: RobotId| -> Vec<i64> {
        queued.iter().filter(|row| row.robot_id == robot).flat_map(|row| row.alert_ids.clone()).collect()
    };
    let urgent_ids = expected(|alert| alert.priority == Priority::Urgent);
    assert!(!urgent_ids.is_empty() && urgent_ids.len() < scene.alerts.len());
    assert_eq!(told(first).into_iter().collect::<BTreeSet<_>>(), urgent_ids);
    assert_eq!(told(first).len(), urgent_ids.len(), "told twice");
    assert_eq!(told(second).into_iter().collect::<BTreeSet<_>>(), expected(|alert| alert.threshold == Threshold::Breach));

    assert_eq!(scene.run(first, MINUTE_MS).await, [DeliveryState::Sent]);
    let message = scene.fake.arrived().remove(0).body;
    assert_eq!(message["at"]["atMobiles"], serde_json::json!(["13912345678"]));
    assert_eq!(message["at"]["isAtAll"], true);
    let body = message["markdown"]["text"].as_str().unwrap();
    let worst =
        scene.alerts.iter().filter(|alert| alert.priority == Priority::Urgent).min_by_key(|alert| alert.deadline_at).unwrap();
    assert!(body.contains(&format!("[#{}](deskbell://ticket/{})", worst.remote_id, worst.ticket_id.0)), "{body}");
    assert!(body.contains("Deskbell") && !body.contains(&worst.subject), "a customer's words stay here: {body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_under_the_limit_is_merged_and_the_limit_is_never_passed() {
    let scene = Scene::new(Some(SECRET)).await;
    for kind in [RobotKind::Dingtalk, RobotKind::Wecom, RobotKind::Feishu] {
        let fake = FakeRobots::start(scene.clock.clone(), Some(SECRET)).await.unwrap();
        let robot = scene.engine.put_robot(draft(kind, &fake.address(kind), vec![rule()])).await.unwrap().id;
        // An alert every 400 ms, above every limit, while the robot is worked on as soon as it may be.
        for alert in scene.alerts.iter().cycle().take(130) {
            let id = alert.id;
            scene.engine.read(move |store| store.forget_told(robot, id)).await.unwrap();
            on_raised(&scene.engine, std::slice::from_ref(alert)).await;
            while let RobotStep::Attempted { .. } = robot_step(&scene.engine, robot).await.unwrap() {}
            scene.clock.advance_ms(400);
        }
        scene.run(robot, 10 * MINUTE_MS).await;
        let (asked, too_fast) = fake.asked();
        assert_eq!(too_fast, 0, "{kind:?}: never above the limit, of {asked}");
        let log = scene.engine.robot_deliveries(Some(robot), 500).await.unwrap();
        let sent: Vec<_> = log.iter().filter(|row| row.state == DeliveryState::Sent).collect();
        assert_eq!(sent.len(), fake.arrived().len());
        let merged: Vec<_> = log.iter().filter(|row| row.state == DeliveryState::Merged).collect();
        assert!(!merged.is_empty() && merged.len() + sent.len() == log.len(), "{kind:?}: {} of {}", merged.len(), log.len());
        for row in merged {
            let into = sent.iter().find(|sent| Some(sent.id) == row.merged_into).unwrap();
            assert!(row.alert_ids.iter().all(|id| into.alert_ids.contains(id)));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_one_message_that_fits_and_counts_the_rest() {
    let scene = Scene::new(None).await;
    let robot = scene.robot(RobotKind::Wecom, vec![RobotRule { mention: vec!["all".to_owned()], ..rule() }]).await;
    on_raised(&scene.engine, &scene.alerts).await;
    assert_eq!(scene.run(robot, MINUTE_MS).await, [DeliveryState::Sent]);
    let message = scene.fake.arrived().remove(0).body;
    let content = message["text"]["content"].as_str().unwrap();
    assert!(content.len() <= 2_048, "{}", content.len());
    let clocks: BTreeSet<_> = scene.alerts.iter().map(|alert| (alert.ticket_id, alert.metric)).collect();
    let named = content.matches("deskbell://ticket/").count();
    assert!(
        named >= 5 && content.contains(&format!("另有 {} 个", clocks.len() - named)),
        "{named} of {}: {content}",
        clocks.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn quiet_hours_hold_all_but_urgent_until_they_end_and_what_was_seen_meanwhile_is_not_told() {
    let scene = Scene::new(Some(SECRET)).await;
    let local = NOW.to_datetime().unwrap().with_timezone(&chrono::Local);
    let minute = u16::try_from(chrono::Timelike::hour(&local) * 60 + chrono::Timelike::minute(&local)).unwrap();
    let quiet = QuietHours { from_minute: (minute + 1_430) % 1_440, to_minute: (minute + 30) % 1_440, days: Vec::new() };
    let robot = scene.robot(RobotKind::Dingtalk, vec![RobotRule { quiet: Some(quiet), ..rule() }]).await;
    on_raised(&scene.engine, &scene.alerts).await;
    assert_eq!(scene.run(robot, SECOND_MS).await, [DeliveryState::Sent], "urgent ones go at once");
    let log = scene.log().await;
    let held = log.iter().find(|row| row.state == DeliveryState::Queued).unwrap().clone();
    assert!(held.not_before.ms_since(NOW) > 29 * MINUTE_MS && held.not_before.ms_since(NOW) <= 30 * MINUTE_MS);
    let seen = held.alert_ids[0];
    scene.engine.read(move |store| store.acknowledge_alert(seen, NOW)).await.unwrap();
    // The network's return does not end quiet hours.
    scene.engine.read(move |store| store.hasten_robots(NOW)).await.unwrap();
    assert_eq!(scene.run(robot, 29 * MINUTE_MS).await, []);
    assert_eq!(scene.run(robot, 2 * MINUTE_MS).await, [DeliveryState::Sent]);
    let told = scene.log().await.into_iter().find(|row| row.id == held.id).unwrap();
    assert!(!told.alert_ids.contains(&seen) && told.alert_ids.len() + 1 == held.alert_ids.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn escalations_go_to_rules_that_ask_for_them_and_not_once_somebody_has_acknowledged() {
    let scene = Scene::new(Some(SECRET)).await;
    let only = RobotRule { alerts: false, ..rule() };
    let robot = scene.robot(RobotKind::Feishu, vec![only]).await;
    let deaf = scene.robot(RobotKind::Wecom, vec![RobotRule { escalations: false, ..rule() }]).await;
    on_raised(&scene.engine, &scene.alerts[..2]).await;
    on_escalated(&scene.engine, &scene.alerts[..2]).await;
    let (gone, id) = (scene.alerts[0].id, scene.alerts[1].id);
    scene.engine.acknowledge_alert(gone).await.unwrap();
    assert_eq!(scene.run(robot, MINUTE_MS).await, [DeliveryState::Sent]);
    let log = scene.log().await;
    let of = |robot: RobotId| log.iter().filter(|row| row.robot_id == robot).collect::<Vec<_>>();
    assert_eq!((of(robot).len(), of(robot)[0].kind, of(robot)[0].alert_ids.clone()), (1, DeliveryKind::Escalation, vec![id]));
    assert!(of(deaf).iter().all(|row| row.kind == DeliveryKind::Alert));
    assert!(text(&scene.fake.arrived()[0].body).contains("无人确认"));
    // All of it acknowledged: nothing goes.
    on_escalated(&scene.engine, &scene.alerts[2..3]).await;
    scene.engine.acknowledge_alert(scene.alerts[2].id).await.unwrap();
    assert_eq!(scene.run(robot, MINUTE_MS).await, []);
    assert_eq!((scene.log().await[0].state, scene.fake.arrived().len()), (DeliveryState::Withdrawn, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_the_attempt_and_its_answer_is_a_doubt_that_is_sent_once_more_and_says_so() {
    let mut scene = Scene::new(Some(SECRET)).await;
    let robot = scene.robot(RobotKind::Dingtalk, vec![rule()]).await;
    on_raised(&scene.engine, &scene.alerts[..1]).await;
    scene.fake.fail_next([RobotFault::SilentAfterAccept]);
    let engine = Arc::clone(&scene.engine);
    let flight = tokio::spawn(async move { robot_step(&engine, robot).await });
    while scene.fake.arrived().is_empty() {
        tokio::task::yield_now().await;
    }
    flight.abort();
    let _killed = flight.await;
    assert_eq!(scene.log().await[0].state, DeliveryState::Sending);
    scene.engine.shutdown().await;
    let dir = scene.dir.path().to_path_buf();
    let again = scene.reopened(&dir);
    let gone = std::mem::replace(&mut scene.engine, again);
    drop(gone);
    let now = scene.clock.now();
    assert_eq!(scene.engine.read(move |store| store.recover_robot_deliveries(now)).await.unwrap(), 1);
    assert_eq!(scene.run(robot, HOUR_MS).await, [DeliveryState::Sent]);
    let row = scene.log().await.remove(0);
    assert_eq!((row.state, row.doubts, row.attempts, scene.fake.arrived().len()), (DeliveryState::Sent, 1, 2, 2));
    assert!(text(&scene.fake.arrived()[1].body).contains("上一次可能已送达"), "the group is told too");
    assert_eq!(scene.run(robot, HOUR_MS).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_doubt_is_left_to_a_person() {
    let scene = Scene::new(Some(SECRET)).await;
    let robot = scene.robot(RobotKind::Feishu, vec![rule()]).await;
    on_raised(&scene.engine, &scene.alerts[..1]).await;
    scene.fake.fail_next([RobotFault::BadJson, RobotFault::Status(502)]);
    assert_eq!(scene.run(robot, HOUR_MS).await, [DeliveryState::Queued, DeliveryState::Unknown]);
    let row = scene.log().await.remove(0);
    assert_eq!((row.doubts, row.code), (2, Some(Code::ServerFailed)));
    assert_eq!(scene.run(robot, 48 * HOUR_MS).await, [], "never a third time by itself");
    scene.engine.retry_robot_delivery(row.id).await.unwrap();
    assert_eq!(scene.run(robot, HOUR_MS).await, [DeliveryState::Sent]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rate_limited_holds_the_whole_robot_and_busy_servers_are_tried_again() {
    let scene = Scene::new(Some(SECRET)).await;
    let robot = scene.robot(RobotKind::Dingtalk, vec![rule()]).await;
    on_raised(&scene.engine, &scene.alerts[..1]).await;
    scene.fake.fail_next([RobotFault::Status(503), RobotFault::RateLimited]);
    let begun = scene.clock.now();
    assert_eq!(scene.run(robot, MINUTE_MS).await, [DeliveryState::Queued, DeliveryState::Queued]);
    let record = scene.engine.robots().await.unwrap().remove(0);
    assert_eq!((record.code, record.waiting), (Some(Code::RateLimited), 1));
    assert!(record.held_until.unwrap().ms_since(begun) >= 10 * MINUTE_MS);
    // Neither a new alert nor the network's return nor another name ends the platform's penalty.
    on_raised(&scene.engine, &scene.alerts[1..2]).await;
    scene.engine.read(move |store| store.hasten_robots(begun)).await.unwrap();
    assert_eq!(scene.run(robot, 8 * MINUTE_MS).await, []);
    assert_eq!(scene.run(robot, 3 * MINUTE_MS).await, [DeliveryState::Sent]);
    assert_eq!(scene.fake.arrived().len(), 1, "both went as one");
    assert_eq!(scene.engine.robots().await.unwrap().remove(0).code, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_in_the_log_with_its_reason_and_goes_when_a_person_says_so() {
    let scene = Scene::new(Some("another secret")).await;
    let robot = scene.robot(RobotKind::Dingtalk, vec![rule()]).await;
    on_raised(&scene.engine, &scene.alerts[..1]).await;
    assert_eq!(scene.run(robot, HOUR_MS).await, [DeliveryState::Failed]);
    let row = scene.log().await.remove(0);
    assert_eq!(row.code, Some(Code::RobotSignMismatch));
    assert_eq!(row.detail, "310000: sign not match");
    let mut correction = draft(RobotKind::Dingtalk, "", vec![rule()]);
    (correction.id, correction.address, correction.secret) = (Some(robot), None, Some(SecretString::from("another secret")));
    scene.engine.put_robot(correction).await.unwrap();
    assert_eq!(scene.run(robot, HOUR_MS).await, [], "not by itself");
    scene.engine.retry_robot_delivery(row.id).await.unwrap();
    assert_eq!(scene.run(robot, HOUR_MS).await, [DeliveryState::Sent]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_message_answers_with_the_platforms_words_and_is_never_repeated() {
    let scene = Scene::new(Some(SECRET)).await;
    let robot = scene.robot(RobotKind::Feishu, Vec::new()).await;
    assert_eq!(scene.engine.test_robot(robot).await.unwrap().state, DeliveryState::Sent);
    scene.clock.advance_ms(2_000);
    scene.fake.fail_next([RobotFault::Refused(19_024, "Key Words Not Found".to_owned())]);
    let refused = scene.engine.test_robot(robot).await.unwrap();
    assert_eq!(
        (refused.state, refused.code, refused.detail.as_str()),
        (DeliveryState::Failed, Some(Code::RobotKeywordMissing), "19024: Key Words Not Found")
    );
    scene.fake.fail_next([RobotFault::BadJson]);
    scene.clock.advance_ms(2_000);
    assert_eq!(scene.engine.test_robot(robot).await.unwrap().state, DeliveryState::Unknown);
    assert_eq!(scene.run(robot, HOUR_MS).await, []);
    assert_eq!(scene.fake.arrived().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_in_the_keyring_only_and_go_with_the_robot() {
    let scene = Scene::new(Some(SECRET)).await;
    let robot = scene.robot(RobotKind::Dingtalk, vec![rule()]).await;
    let shown = serde_json::to_string(&scene.engine.robots().await.unwrap()).unwrap();
    assert!(!shown.contains("t0ken-of") && !shown.contains(SECRET), "{shown}");
    on_raised(&scene.engine, &scene.alerts[..1]).await;
    scene.run(robot, MINUTE_MS).await;
    let log = format!("{:?}", scene.log().await);
    assert!(!log.contains("t0ken-of") && !log.contains(SECRET), "{log}");
    let name = scene.machine.secrets.names().into_iter().find(|name| name.contains("robot-")).unwrap();
    // The keyring forgot it (another machine, a cleaned keyring): nothing is lost, and the robot says what is missing.
    scene.machine.secrets.forget(&name);
    on_raised(&scene.engine, &scene.alerts[1..2]).await;
    assert_eq!(scene.run(robot, SECOND_MS).await, []);
    assert_eq!(scene.engine.robots().await.unwrap()[0].code, Some(Code::RobotSecretMissing));
    let mut repaired = draft(RobotKind::Dingtalk, &scene.fake.address(RobotKind::Dingtalk), vec![rule()]);
    repaired.id = Some(robot);
    scene.engine.put_robot(repaired).await.unwrap();
    assert_eq!(scene.run(robot, MINUTE_MS).await, [DeliveryState::Sent]);
    scene.engine.remove_robot(robot).await.unwrap();
    assert!(scene.machine.secrets.names().iter().all(|name| !name.contains("robot-")));
    assert!(scene.log().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_named_and_nothing_is_kept() {
    let scene = Scene::new(None).await;
    let good = scene.fake.address(RobotKind::Dingtalk);
    let field = |draft: RobotDraft| {
        let engine = Arc::clone(&scene.engine);
        async move {
            let error = engine.put_robot(draft).await.unwrap_err();
            (error.code, error.args.get("field").cloned().unwrap_or_default())
        }
    };
    let mut nameless = draft(RobotKind::Dingtalk, &good, vec![rule()]);
    nameless.name = "  ".to_owned();
    assert_eq!(field(nameless).await, (Code::InputInvalid, "name".to_owned()));
    let elsewhere = draft(RobotKind::Dingtalk, "https://example.com/robot/send?access_token=x", vec![rule()]);
    assert_eq!(field(elsewhere).await.0, Code::RobotAddressInvalid);
    let mobile = draft(
        RobotKind::Feishu,
        &scene.fake.address(RobotKind::Feishu),
        vec![RobotRule { mention: vec!["13912345678".to_owned()], ..rule() }],
    );
    assert_eq!(field(mobile).await, (Code::InputInvalid, "mention".to_owned()));
    let silent = draft(RobotKind::Dingtalk, &good, vec![RobotRule { alerts: false, escalations: false, ..rule() }]);
    assert_eq!(field(silent).await, (Code::InputInvalid, "rule".to_owned()));
    assert!(scene.engine.read(Store::robots).await.unwrap().is_empty());
    assert_eq!(scene.engine.remove_robot(RobotId(9)).await.unwrap_err().code, Code::RobotUnknown);
}
