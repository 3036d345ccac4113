//! Visits on a server without slots, through the whole desk: asked for by a ticket in the category, read back from an agent's
//! replies, moved, called off, and settled by hand where only people can read the answer.

use std::sync::Arc;

use deskbell_domain::directory::Contact;
use deskbell_domain::scheduling::block::VisitAnswer;
use deskbell_domain::scheduling::{Service, Site, VisitAction, VisitBooking, VisitChange, VisitRequest, VisitState, Window};
use deskbell_domain::sla::policy::Metric;
use deskbell_domain::sync::op::{NewTicket, OperationKind, OutboundOperation, Outcome};
use deskbell_domain::ticket::{AccountId, AccountOptions, ProviderKind, TicketId, Visibility};
use deskbell_domain::time::{DAY_MS, HOUR_MS};
use deskbell_domain::{Code, UtcMs};
use deskbell_engine::Engine;
use deskbell_engine::accounts::AccountDetails;
use deskbell_engine::edits::Undo;
use deskbell_engine::ports::Clock;
use deskbell_engine::sla_watch::recompute_stale;
use deskbell_engine::state::Language;
use deskbell_engine::system::SystemClock;
use deskbell_engine::visits::VisitView;
use deskbell_hub::{HubConfig, HubServer, RunningHub, WorkorderConfig};
use deskbell_remote::SupportApi;
use deskbell_remote::connect::{ConnectOptions, connect};
use deskbell_testkit::Machine;
use secrecy::SecretString;

use crate::support::TOKEN;

mod centres;
mod kills;

const KEY: (&str, &str) = ("LTAI-test", "very-secret");

struct World {
    hub: RunningHub,
    machine: Machine,
    dir: tempfile::TempDir,
}

async fn world() -> World {
    let dir = tempfile::tempdir().unwrap();
    let mut config = HubConfig::new(dir.path().join("hub.db"), TOKEN);
    config.workorder = Some(WorkorderConfig::new(KEY.0, KEY.1));
    let hub = HubServer::start(config).await.unwrap();
    World { hub, machine: Machine::new(Arc::new(SystemClock)), dir }
}

impl World {
    /// The desk of the customer, who speaks Workorder.
    async fn desk(&self) -> (Arc<Engine>, AccountId) {
        let engine = self.machine.open(&self.dir.path().join("desk")).unwrap();
        engine.acquire_lock().await.unwrap();
        let settings = deskbell_engine::state::Settings { undo_s: 0, language: Language::ZhCn, ..engine.settings() };
        engine.put_settings(settings).await.unwrap();
        let known = engine.accounts().await.unwrap().first().map(|account| account.id);
        let account = match known {
            Some(account) => account,
            None => {
                let details = AccountDetails {
                    kind: ProviderKind::Aliyun,
                    name: "workorder".to_owned(),
                    endpoint: self.hub.workorder_url().unwrap(),
                    user: KEY.0.to_owned(),
                    secret: SecretString::from(KEY.1),
                    demo: false,
                    options: options(""),
                };
                engine.keep_account(details).await.unwrap().id
            }
        };
        engine.connect_accounts().await.unwrap();
        (engine, account)
    }

    /// An agent on the other side, who speaks the hub's own API about the same tickets.
    fn agent(&self) -> Arc<dyn SupportApi> {
        connect(&ConnectOptions::new(ProviderKind::Hub, self.hub.url(), "王工", SecretString::from(TOKEN))).unwrap()
    }

    async fn agent_replies(&self, carrier: &str, marker: u32, body: &str) {
        let operation = OutboundOperation {
            marker: format!("0193a5b0-0000-7000-8000-{marker:012}"),
            ticket_remote_id: i64::from_str_radix(carrier, 36).unwrap().to_string(),
            kind: OperationKind::reply(body, Visibility::Public),
            base_version: String::new(),
            created_at: SystemClock.now(),
            uploaded: std::collections::BTreeMap::new(),
            opened_by_others: Vec::new(),
            visit_remote_id: String::new(),
            visit_version: String::new(),
        };
        assert!(matches!(self.agent().send(&operation).await, Outcome::Sent(_)));
    }
}

/// As fast as the server answers.
fn options(visit_category: &str) -> AccountOptions {
    AccountOptions { visit_category: visit_category.to_owned(), requests_per_minute: Some(60_000), ..AccountOptions::default() }
}

/// A ticket that the server has.
async fn opened(engine: &Arc<Engine>, account: AccountId) -> TicketId {
    let category = engine.account_catalogue(account).await.unwrap().categories[0].id.clone();
    let ticket =
        NewTicket { subject: "机房掉电".to_owned(), body: "请安排上门".to_owned(), category, ..NewTicket::default() };
    let (ticket, _) = engine.create_ticket(account, ticket, None, Undo::Never).await.unwrap();
    engine.sync_account_once(account).await.unwrap();
    ticket
}

fn request(now: UtcMs) -> VisitRequest {
    VisitRequest {
        ticket_remote_id: String::new(),
        service: Service::HardwareInspection,
        site: Site { name: "一号机房".to_owned(), city: "杭州".to_owned(), country: "CN".to_owned(), ..Site::default() },
        contact: Contact { name: "王建国".to_owned(), phone: "13800000000".to_owned(), ..Contact::default() },
        asset: "SN-1".to_owned(),
        window: Window { from: now, to: now.plus_ms(6 * DAY_MS) },
        centre: None,
        note: "带备件\n状态: 已确认".to_owned(),
    }
}

/// A time as an agent in Shanghai writes it, at a whole minute.
fn written(start: UtcMs, hours: i64) -> (UtcMs, String) {
    let start = UtcMs(start.0 / HOUR_MS * HOUR_MS);
    let show = |at: UtcMs, form: &str| {
        at.to_datetime().unwrap().with_timezone(&chrono::FixedOffset::east_opt(8 * 3_600).unwrap()).format(form).to_string()
    };
    (start, format!("{}-{} Asia/Shanghai", show(start, "%Y-%m-%d %H:%M"), show(start.plus_ms(hours * HOUR_MS), "%H:%M")))
}

async fn visit(engine: &Engine, key: &str) -> VisitView {
    engine.visit(key).await.unwrap()
}

/// The text that the ticket was opened with, as the other side sees it.
async fn opening(world: &World, carrier: &str) -> String {
    let number = i64::from_str_radix(carrier, 36).unwrap().to_string();
    world.agent().ticket(&number).await.unwrap().notes.first().unwrap().body.clone()
}

/// A desk whose visits have a category to travel in, and a ticket that the server has.
async fn ready(world: &World) -> (Arc<Engine>, AccountId, TicketId) {
    let (engine, account) = world.desk().await;
    engine.sync_account_once(account).await.unwrap();
    let ticket = opened(&engine, account).await;
    let category = engine.account_catalogue(account).await.unwrap().categories[0].id.clone();
    engine.put_account_options(account, options(&category)).await.unwrap();
    (engine, account, ticket)
}

async fn asked(world: &World) -> (Arc<Engine>, AccountId, String, TicketId, String) {
    let (engine, account, ticket) = ready(world).await;
    let key = engine.request_visit(ticket, None, request(engine.now()), VisitBooking::default(), None).await.unwrap();
    let view = visit(&engine, &key).await;
    assert_eq!((view.visit.state, view.pending.len(), view.ticket), (VisitState::Requested, 1, Some(ticket)));
    recompute_stale(&engine).await.unwrap();
    let clocks = engine.ticket_detail(ticket).await.unwrap().clocks;
    assert!(clocks.iter().any(|clock| clock.metric == Metric::Visit), "its 48 hours run as any other clock");
    let carrier = view.carrier.unwrap();
    engine.sync_account_once(account).await.unwrap();
    let remote_id = engine.read(move |store| store.ticket(carrier)).await.unwrap().unwrap().remote_id;
    assert!(!remote_id.starts_with("local:"), "the ticket has left");
    (engine, account, key, carrier, remote_id)
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_category_a_visit_is_refused_before_anything_is_queued() {
    let world = world().await;
    let (engine, account) = world.desk().await;
    engine.sync_account_once(account).await.unwrap();
    let ticket = opened(&engine, account).await;
    let refused = engine.request_visit(ticket, None, request(engine.now()), VisitBooking::default(), None).await.unwrap_err();
    assert_eq!(refused.code, Code::VisitCategoryMissing);
    assert_eq!(engine.read(|store| store.outbox_counts()).await.unwrap().waiting, 0);
    assert!(engine.visits_of_ticket(ticket).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_is_confirmed_moved_and_called_off_through_its_ticket() {
    let world = world().await;
    let (engine, account, key, carrier, remote_id) = asked(&world).await;
    let ours = opening(&world, &remote_id).await;
    assert!(ours.contains("服务: ") && ours.contains("带备件 / 状态: 已确认"), "people can read it: {ours}");
    assert!(ours.contains("-----BEGIN DESKBELL VISIT-----\n{") && ours.contains(&key), "machines, too: {ours}");

    // Quoting ours back is no answer.
    let quoted: String = ours.lines().map(|line| format!("> {line}\n")).collect();
    world.agent_replies(&remote_id, 1, &format!("{quoted}\n{ours}")).await;
    engine.sync_account_once(account).await.unwrap();
    assert_eq!(visit(&engine, &key).await.visit.state, VisitState::Requested);
    assert_eq!(engine.carried(&key).await.unwrap().unwrap().unread, None);

    let (start, time) = written(engine.now().plus_ms(2 * DAY_MS), 2);
    world.agent_replies(&remote_id, 2, &format!("您好，\n状态: 已确认\n时间: {time}\n工程师: 陈师傅\n\n{quoted}")).await;
    engine.sync_account_once(account).await.unwrap();
    let confirmed = visit(&engine, &key).await;
    let slot = confirmed.visit.slot.clone().unwrap();
    assert_eq!((confirmed.visit.state, slot.start, slot.end), (VisitState::Confirmed, start, start.plus_ms(2 * HOUR_MS)));
    assert_eq!(confirmed.engineer_name, "陈师傅");

    // Another time is asked for: the one that stands stays until they say yes.
    let later = start.plus_ms(DAY_MS);
    let change = VisitChange {
        action: Some(VisitAction::Reschedule),
        start: Some(later),
        reason: "客户外出".to_owned(),
        ..VisitChange::default()
    };
    engine.change_visit(&key, change, None).await.unwrap();
    assert_eq!(visit(&engine, &key).await.pending.len(), 1);
    engine.sync_account_once(account).await.unwrap();
    let waiting = visit(&engine, &key).await;
    assert_eq!(
        (waiting.visit.state, waiting.visit.slot.unwrap().start, waiting.pending.len()),
        (VisitState::Confirmed, start, 0)
    );
    assert_eq!(engine.carried(&key).await.unwrap().unwrap().awaiting.unwrap().start, Some(later));
    let block = format!(
        "-----BEGIN DESKBELL VISIT-----\n{{\"v\":1,\"visit\":\"{key}\",\"state\":\"confirmed\"}}\n-----END DESKBELL VISIT-----"
    );
    world.agent_replies(&remote_id, 3, &block).await;
    engine.sync_account_once(account).await.unwrap();
    let moved = visit(&engine, &key).await.visit;
    assert_eq!((moved.state, moved.slot.unwrap().start, moved.sequence), (VisitState::Confirmed, later, 1));

    engine
        .change_visit(
            &key,
            VisitChange { action: Some(VisitAction::Cancel), reason: "修好了".to_owned(), ..VisitChange::default() },
            None,
        )
        .await
        .unwrap();
    let laid = visit(&engine, &key).await;
    assert_eq!((laid.visit.state, laid.pending.len()), (VisitState::Cancelled, 1), "shown at once, and marked as on its way");
    engine.sync_account_once(account).await.unwrap();
    assert_eq!(visit(&engine, &key).await.visit.state, VisitState::Cancelled);
    let number = i64::from_str_radix(&remote_id, 36).unwrap().to_string();
    let notes = world.agent().ticket(&number).await.unwrap().notes;
    assert!(notes.iter().any(|note| note.body.contains("修好了") && note.body.contains("\"ask\":\"cancel\"")), "they were told");

    // All of it is on disk.
    drop(engine);
    let (engine, _) = world.desk().await;
    let kept = visit(&engine, &key).await;
    assert_eq!((kept.visit.state, kept.visit.sequence, kept.carrier), (VisitState::Cancelled, 2, Some(carrier)));
}

#[tokio::test(flavor = "multi_thread")]
async fn words_only_people_can_read_are_settled_by_hand() {
    let world = world().await;
    let (engine, account, key, _, remote_id) = asked(&world).await;
    world.agent_replies(&remote_id, 1, "周四下午可以，陈师傅过去。").await;
    engine.sync_account_once(account).await.unwrap();
    assert_eq!(visit(&engine, &key).await.visit.state, VisitState::Requested);
    let unread = engine.carried(&key).await.unwrap().unwrap().unread.unwrap();
    assert_eq!((unread.excerpt.as_str(), unread.hint), ("周四下午可以，陈师傅过去。", None));

    let answer = |state, start, end| VisitAnswer { state, start, end, engineer: "陈师傅".to_owned(), reason: String::new() };
    let start = UtcMs(engine.now().plus_ms(DAY_MS).0 / HOUR_MS * HOUR_MS);
    let wrong = engine.settle_visit(&key, answer(VisitState::Confirmed, None, None)).await.unwrap_err();
    assert_eq!((wrong.code, wrong.args["field"].as_str()), (Code::ValueMissing, "start"));
    let wrong = engine.settle_visit(&key, answer(VisitState::Confirmed, Some(start), Some(start))).await.unwrap_err();
    assert_eq!((wrong.code, wrong.args["field"].as_str()), (Code::WindowReversed, "end"));
    engine.settle_visit(&key, answer(VisitState::Confirmed, Some(start), None)).await.unwrap();
    let settled = visit(&engine, &key).await.visit;
    assert_eq!((settled.state, settled.slot.unwrap().start), (VisitState::Confirmed, start));
    assert_eq!(engine.carried(&key).await.unwrap().unwrap().unread, None);

    // A refusal of another time leaves the visit where it is.
    let change =
        VisitChange { action: Some(VisitAction::Reschedule), start: Some(start.plus_ms(DAY_MS)), ..VisitChange::default() };
    engine.change_visit(&key, change, None).await.unwrap();
    engine.sync_account_once(account).await.unwrap();
    world.agent_replies(&remote_id, 2, "状态：已拒绝\n原因：当天没有工程师").await;
    engine.sync_account_once(account).await.unwrap();
    let view = visit(&engine, &key).await;
    assert_eq!((view.visit.state, view.visit.slot.unwrap().start), (VisitState::Confirmed, start));
    assert_eq!(view.refusal.unwrap().args["reason"], "当天没有工程师");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_has_not_left_is_taken_back_whole_and_a_draft_beside_a_change_stays() {
    let world = world().await;
    let (engine, account) = world.desk().await;
    engine.sync_account_once(account).await.unwrap();
    let ticket = opened(&engine, account).await;
    let category = engine.account_catalogue(account).await.unwrap().categories[0].id.clone();
    engine.put_account_options(account, options(&category)).await.unwrap();
    let marker = "0193a5b0-0000-7000-8000-00000000aaaa";
    let ask = || engine.request_visit(ticket, None, request(engine.now()), VisitBooking::default(), Some(marker));
    let key = ask().await.unwrap();
    assert_eq!(ask().await.unwrap(), key, "one marker asks once");
    assert_eq!(engine.visits_of_ticket(ticket).await.unwrap().len(), 1);
    engine.change_visit(&key, VisitChange { action: Some(VisitAction::Cancel), ..VisitChange::default() }, None).await.unwrap();
    assert!(
        engine.visits_of_ticket(ticket).await.unwrap().is_empty()
            && engine.read(|store| store.outbox_counts()).await.unwrap().waiting == 0
    );
    let draft = engine.visit_draft(ticket).await.unwrap().unwrap();
    assert!(draft.contains("一号机房") && draft.contains("带备件"), "{draft}");

    let key = engine.request_visit(ticket, None, request(engine.now()), VisitBooking::default(), None).await.unwrap();
    engine.sync_account_once(account).await.unwrap();
    let carrier = visit(&engine, &key).await.carrier.unwrap();
    engine.put_draft(carrier, "写到一半".to_owned(), Visibility::Public).await.unwrap();
    let cancel = VisitChange { action: Some(VisitAction::Cancel), reason: "不用来了".to_owned(), ..VisitChange::default() };
    let operation = engine.change_visit(&key, cancel, None).await.unwrap();
    let typed = engine.read(move |store| store.draft(carrier)).await.unwrap().unwrap();
    assert_eq!(typed.body, "写到一半");
    engine.discard_operation(operation).await.unwrap();
    assert_eq!(visit(&engine, &key).await.visit.state, VisitState::Requested);
    let kept = engine.read(move |store| store.draft(carrier)).await.unwrap().unwrap();
    assert!(kept.body.contains("写到一半") && kept.body.contains("不用来了") && !kept.body.contains("DESKBELL"), "{}", kept.body);
}
