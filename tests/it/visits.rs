//! Visits between desks and the hub: asked for offline, raced for, called off, moved under each other, and never doubled.

use std::sync::Arc;

use deskbell_domain::directory::{Contact, Engineer, ServiceCentre, SlotRules};
use deskbell_domain::scheduling::{
    Service, SignOff, Site, VisitAction, VisitBooking, VisitChange, VisitRequest, VisitState, Window,
};
use deskbell_domain::sla::policy::Metric;
use deskbell_domain::sync::op::OperationState;
use deskbell_domain::ticket::{AccountId, TicketId};
use deskbell_domain::time::{DAY_MS, HOUR_MS};
use deskbell_domain::{Code, UtcMs};
use deskbell_engine::Engine;
use deskbell_engine::outbox::Keep;
use deskbell_engine::ports::Clock;

use deskbell_engine::system::SystemClock;
use deskbell_engine::visits::{SlotSource, SlotWish, VisitView};
use deskbell_hub::Fault;
use deskbell_store::failpoint::Moment;
use deskbell_testkit::Machine;

use crate::support::{Server, desk, some_ticket};

mod centres;

/// Never closed, one engineer, one visit at a time, moved or called off until six hours before.
fn centre() -> ServiceCentre {
    let all = |services: &[Service]| services.iter().map(|service| service.as_str().to_owned()).collect::<Vec<_>>();
    let engineer = |id: &str| Engineer {
        id: id.to_owned(),
        name: "陈师傅".to_owned(),
        skills: all(&[Service::HardwareInspection]),
        languages: vec!["zh-CN".to_owned()],
    };
    ServiceCentre {
        remote_id: "c-hz".to_owned(),
        city_zh: "杭州".to_owned(),
        city_en: "Hangzhou".to_owned(),
        latitude: 30.2936,
        longitude: 120.1614,
        hours: "7x24".to_owned(),
        services: all(&[Service::HardwareInspection]),
        country: "CN".to_owned(),
        engineers: vec![engineer("e1")],
        rules: SlotRules {
            slot_minutes: 120,
            capacity: 1,
            buffer_before_min: 0,
            buffer_after_min: 0,
            notice_min: 60,
            horizon_days: 30,
            travel_radius_km: 100,
            cancel_cutoff_min: 360,
        },
        ..ServiceCentre::default()
    }
}

struct World {
    server: Server,
    machine: Machine,
    dir: tempfile::TempDir,
}

async fn world() -> World {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let centres = serde_json::to_string(&[centre()]).unwrap();
    let server = Server::start_with(&clock, Some(centres)).await;
    World { server, machine: Machine::new(clock), dir: tempfile::tempdir().unwrap() }
}

/// A desk that has pulled once and sends at once.
async fn synced(world: &World, dir: &std::path::Path) -> (Arc<Engine>, AccountId, TicketId) {
    let (engine, account) = desk(&world.machine, dir, &world.server).await;
    let settings = deskbell_engine::state::Settings { undo_s: 0, ..engine.settings() };
    engine.put_settings(settings).await.unwrap();
    engine.sync_account_once(account).await.unwrap();
    let ticket = some_ticket(&engine).await.unwrap().0;
    (engine, account, ticket)
}

fn request(now: UtcMs) -> VisitRequest {
    VisitRequest {
        ticket_remote_id: String::new(),
        service: Service::HardwareInspection,
        site: Site { name: "一号机房".to_owned(), city: "杭州".to_owned(), country: "CN".to_owned(), ..Site::default() },
        contact: Contact { name: "王建国".to_owned(), email: "wang@example.com".to_owned(), ..Contact::default() },
        asset: "SN-1".to_owned(),
        window: Window { from: now, to: now.plus_ms(3 * DAY_MS) },
        centre: Some("c-hz".to_owned()),
        note: "带备件".to_owned(),
    }
}

fn at(start: UtcMs) -> VisitBooking {
    VisitBooking { start: Some(start), ..VisitBooking::default() }
}

fn wish(now: UtcMs) -> SlotWish {
    SlotWish {
        service: Service::HardwareInspection,
        from: now,
        to: now.plus_ms(3 * DAY_MS),
        site: Some(request(now).site),
        languages: Vec::new(),
        centre: None,
    }
}

async fn free(engine: &Engine, ticket: TicketId) -> (SlotSource, Vec<UtcMs>) {
    let found = engine.visit_slots(ticket, wish(engine.now())).await.unwrap();
    assert_eq!(found.centres.len(), 1);
    (found.source, found.centres[0].answer.slots.iter().map(|slot| slot.start).collect())
}

/// A slot that can still be moved and called off.
async fn slot(engine: &Engine, ticket: TicketId) -> UtcMs {
    let slots = free(engine, ticket).await.1;
    *slots.iter().find(|start| start.ms_since(engine.now()) > 8 * HOUR_MS).unwrap()
}

fn action(action: VisitAction) -> VisitChange {
    VisitChange { action: Some(action), ..VisitChange::default() }
}

fn moved(start: UtcMs) -> VisitChange {
    VisitChange { start: Some(start), ..action(VisitAction::Reschedule) }
}

fn start(view: &VisitView) -> Option<UtcMs> {
    view.visit.slot.as_ref().map(|slot| slot.start)
}

fn states(view: &VisitView) -> Vec<(OperationState, Option<Code>)> {
    view.pending.iter().map(|one| (one.state, one.code)).collect()
}

/// Visits of the ticket as its server has them.
async fn on_server(engine: &Arc<Engine>, account: AccountId, ticket: TicketId) -> Vec<VisitView> {
    engine.sync_account_once(account).await.unwrap();
    engine.visits_of_ticket(ticket).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_for_offline_it_is_requested_at_once_and_confirmed_when_the_server_is_back() {
    let mut world = world().await;
    let (engine, account, ticket) = synced(&world, world.dir.path()).await;
    let (source, _) = free(&engine, ticket).await;
    assert_eq!(source, SlotSource::Server);
    world.server.cut().await;
    let (source, slots) = free(&engine, ticket).await;
    assert_eq!(source, SlotSource::Estimate);
    let key = engine.request_visit(ticket, None, request(engine.now()), at(slots[5]), None).await.unwrap();
    let _unreachable = engine.sync_account_once(account).await.unwrap_err();
    let view = engine.visit(&key).await.unwrap();
    assert_eq!((view.visit.state, view.visit.id.as_str(), view.pending.len()), (VisitState::Requested, "", 1));
    let clock = view.clock.unwrap();
    assert_eq!((clock.metric, clock.deadline_at), (Metric::Visit, Some(clock.started_at.plus_ms(48 * HOUR_MS))));
    let listed = engine.visits(engine.now(), engine.now().plus_ms(DAY_MS)).await.unwrap();
    assert!(listed.visits.iter().any(|one| one.key == key), "a visit without a slot is in every list");
    world.server.reconnect().await;
    engine.sync_account_once(account).await.unwrap();
    let view = engine.visit(&key).await.unwrap();
    assert_eq!((view.visit.state, start(&view), view.pending.len()), (VisitState::Confirmed, Some(slots[5]), 0));
    assert_eq!(view.engineer_name, "陈师傅");
    assert_eq!(view.cutoff_at, Some(slots[5].plus_ms(-6 * HOUR_MS)));
    let sites = engine.visit_sites(ticket).await.unwrap();
    assert_eq!((sites[0].site.name.as_str(), sites[0].asset.as_str()), ("一号机房", "SN-1"));
    let asked = engine.ticket_detail(ticket).await.unwrap();
    assert!(asked.clocks.iter().any(|clock| clock.metric == Metric::Visit), "the ticket's clock runs too");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_desks_that_want_the_last_slot_one_gets_it_and_the_other_is_told_what_else_is_free() {
    let world = world().await;
    let other_dir = tempfile::tempdir().unwrap();
    let (first, first_account, ticket) = synced(&world, world.dir.path()).await;
    let (second, second_account, _) = synced(&world, other_dir.path()).await;
    let wanted = slot(&first, ticket).await;
    let one = first.request_visit(ticket, None, request(first.now()), at(wanted), None).await.unwrap();
    let two = second.request_visit(ticket, None, request(second.now()), at(wanted), None).await.unwrap();
    let (a, b) = tokio::join!(first.sync_account_once(first_account), second.sync_account_once(second_account));
    assert_eq!((a.unwrap().push.waiting, b.unwrap().push.waiting), (0, 0));
    let views = [first.visit(&one).await.unwrap(), second.visit(&two).await.unwrap()];
    let won = views.iter().filter(|view| view.visit.state == VisitState::Confirmed).count();
    assert_eq!(won, 1, "{views:?}");
    let (desk, account, lost) = if views[0].visit.state == VisitState::Confirmed {
        (&second, second_account, &views[1])
    } else {
        (&first, first_account, &views[0])
    };
    assert_eq!(states(lost), [(OperationState::Rejected, Some(Code::SlotTaken))]);
    let refusal = lost.refusal.clone().unwrap();
    let instead = refusal.alternatives.first().unwrap().start;
    assert_ne!(instead, wanted);
    let again = desk.request_visit(ticket, Some(lost.key.clone()), request(desk.now()), at(instead), None).await.unwrap();
    assert_eq!(again, lost.key);
    desk.sync_account_once(account).await.unwrap();
    let view = desk.visit(&again).await.unwrap();
    assert_eq!((view.visit.state, start(&view), view.refusal), (VisitState::Confirmed, Some(instead), None));
    assert!(view.pending.is_empty(), "the refused request is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_is_read_back_and_nothing_is_doubled() {
    let world = world().await;
    let (engine, account, ticket) = synced(&world, world.dir.path()).await;
    let before = on_server(&engine, account, ticket).await.len();
    for (count, fault) in
        [Fault::AnswerLost, Fault::FailsAfterCommit, Fault::FailsBefore, Fault::Truncated].into_iter().enumerate()
    {
        let wanted = slot(&engine, ticket).await;
        world.server.faults.order("POST", "/visits", fault.clone());
        let key = engine.request_visit(ticket, None, request(engine.now()), at(wanted), None).await.unwrap();
        let report = engine.sync_account_once(account).await.unwrap();
        assert_eq!(report.push.waiting, 0, "{fault:?}");
        let view = engine.visit(&key).await.unwrap();
        assert_eq!((view.visit.state, start(&view)), (VisitState::Confirmed, Some(wanted)), "{fault:?}");
        world.server.faults.order("PATCH", "/visits", fault.clone());
        engine
            .change_visit(&key, VisitChange { reason: "换日".to_owned(), ..moved(slot(&engine, ticket).await) }, None)
            .await
            .unwrap();
        engine.sync_account_once(account).await.unwrap();
        let view = engine.visit(&key).await.unwrap();
        assert_eq!((view.visit.sequence, view.pending.len()), (1, 0), "{fault:?}: moved once");
        assert_eq!(on_server(&engine, account, ticket).await.len(), before + count + 1, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_any_two_commits_neither_loses_nor_doubles_a_visit() {
    let world = world().await;
    let (engine, account, ticket) = synced(&world, world.dir.path()).await;
    let before = on_server(&engine, account, ticket).await.len();
    engine.shutdown().await;
    drop(engine);
    let mut asked = 0;
    for commit in 1..=8 {
        for moment in [Moment::BeforeCommit, Moment::AfterCommit] {
            let (engine, account) = desk(&world.machine, world.dir.path(), &world.server).await;
            let wanted = slot(&engine, ticket).await;
            let marker = format!("019a0000-0000-7000-8000-{:012}", asked + 1);
            engine.store().die_at_commit(commit, moment);
            let key = engine.request_visit(ticket, None, request(engine.now()), at(wanted), Some(&marker)).await;
            let _killed = engine.sync_account_once(account).await;
            engine.shutdown().await;
            drop(engine);
            let (engine, account) = desk(&world.machine, world.dir.path(), &world.server).await;
            if key.is_err() {
                // Nothing came back to the person, who presses again.
                engine.request_visit(ticket, None, request(engine.now()), at(wanted), Some(&marker)).await.unwrap();
            }
            asked += 1;
            let report = engine.sync_account_once(account).await.unwrap();
            let view = engine.visit(&marker).await.unwrap();
            assert_eq!(
                (report.push.waiting, view.visit.state, start(&view)),
                (0, VisitState::Confirmed, Some(wanted)),
                "{commit} {moment:?}"
            );
            engine.shutdown().await;
        }
    }
    let (engine, account) = desk(&world.machine, world.dir.path(), &world.server).await;
    assert_eq!(on_server(&engine, account, ticket).await.len(), before + asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_said_where_it_is_asked_and_nothing_is_queued() {
    let world = world().await;
    let (engine, _, ticket) = synced(&world, world.dir.path()).await;
    let now = engine.now();
    let ask = |change: fn(&mut VisitRequest, UtcMs)| {
        let mut asked = request(now);
        change(&mut asked, now);
        asked
    };
    let table = [
        ("window", Code::WindowPast, ask(|asked, now| asked.window = Window { from: now.plus_ms(-DAY_MS), to: now })),
        ("window", Code::WindowReversed, ask(|asked, now| asked.window = Window { from: now, to: now.plus_ms(-1) })),
        ("window", Code::WindowTooLong, ask(|asked, now| asked.window.to = now.plus_ms(93 * DAY_MS))),
        ("site.country", Code::SiteAbroad, ask(|asked, _| asked.site.country = "DE".to_owned())),
        ("site.country", Code::SiteAbroad, ask(|asked, _| (asked.site.country, asked.centre) = ("DE".to_owned(), None))),
        ("site", Code::SiteTooFar, ask(|asked, _| (asked.site.latitude, asked.site.longitude) = (Some(39.9), Some(116.4)))),
        ("contact.name", Code::ValueMissing, ask(|asked, _| asked.contact.name = " ".to_owned())),
        ("service", Code::ServiceNotOffered, ask(|asked, _| asked.service = Service::SecurityHardening)),
        ("service", Code::ServiceNotOffered, ask(|asked, _| (asked.service, asked.centre) = (Service::SecurityHardening, None))),
        ("centre", Code::CentreUnknown, ask(|asked, _| asked.centre = Some("nowhere".to_owned()))),
    ];
    for (field, code, asked) in table {
        let checked = engine.check_visit(ticket, asked.clone(), &VisitBooking::default()).await.unwrap();
        assert!(checked.problems.iter().any(|one| (one.field.as_str(), one.code) == (field, code)), "{:?}", checked.problems);
        let refused = engine.request_visit(ticket, None, asked, VisitBooking::default(), None).await.unwrap_err();
        assert_eq!((refused.code, refused.args["field"].as_str()), (code, field));
    }
    let past = engine.request_visit(ticket, None, request(now), at(now.plus_ms(-HOUR_MS)), None).await.unwrap_err();
    assert_eq!((past.code, past.args["field"].as_str()), (Code::WindowPast, "start"));
    assert!(engine.store().outbox().unwrap().is_empty());
    assert!(engine.visits_of_ticket(ticket).await.unwrap().iter().all(|view| !view.visit.id.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_the_cut_off_nothing_is_moved_or_called_off_and_nothing_is_done_before_it_begins() {
    let world = world().await;
    let (engine, account, ticket) = synced(&world, world.dir.path()).await;
    let slots = free(&engine, ticket).await.1;
    let soon = slots[0];
    assert!(soon.ms_since(engine.now()) < 6 * HOUR_MS);
    let key = engine.request_visit(ticket, None, request(engine.now()), at(soon), None).await.unwrap();
    engine.sync_account_once(account).await.unwrap();
    let view = engine.visit(&key).await.unwrap();
    assert_eq!((view.visit.state, view.can.as_slice()), (VisitState::Confirmed, [VisitAction::Edit].as_slice()));
    for (change, code) in [
        (action(VisitAction::Cancel), Code::VisitPastCutoff),
        (moved(slots[6]), Code::VisitPastCutoff),
        (action(VisitAction::Complete), Code::VisitNotBegun),
        (action(VisitAction::Waitlist), Code::VisitActionInvalid),
    ] {
        let refused = engine.change_visit(&key, change, None).await.unwrap_err();
        assert_eq!(refused.code, code);
    }
    assert!(engine.visit(&key).await.unwrap().pending.is_empty());
    let signed = VisitChange {
        findings: Some("更换风扇".to_owned()),
        sign_off: Some(SignOff { name: "王建国".to_owned(), at: engine.now(), drawing: None }),
        ..VisitChange::default()
    };
    engine.change_visit(&key, signed, None).await.unwrap();
    engine.sync_account_once(account).await.unwrap();
    let view = engine.visit(&key).await.unwrap();
    assert_eq!((view.visit.findings.as_str(), view.visit.sign_off.unwrap().name.as_str()), ("更换风扇", "王建国"));
}

#[tokio::test(flavor = "multi_thread")]
async fn words_go_out_on_a_visit_that_moved_and_an_action_is_put_to_the_person() {
    let world = world().await;
    let other_dir = tempfile::tempdir().unwrap();
    let (mine, account, ticket) = synced(&world, world.dir.path()).await;
    let slots = free(&mine, ticket).await.1;
    let key = mine.request_visit(ticket, None, request(mine.now()), at(slots[6]), None).await.unwrap();
    mine.sync_account_once(account).await.unwrap();
    let remote = mine.visit(&key).await.unwrap().visit.id;
    let (theirs, their_account, _) = synced(&world, other_dir.path()).await;
    let their_key = format!("{}:{remote}", their_account.0);
    theirs.change_visit(&their_key, moved(slots[9]), None).await.unwrap();
    theirs.sync_account_once(their_account).await.unwrap();
    // This desk has not heard of it.
    mine.change_visit(&key, VisitChange { note: Some("门禁找保安".to_owned()), ..VisitChange::default() }, None).await.unwrap();
    mine.change_visit(&key, action(VisitAction::Cancel), None).await.unwrap();
    assert_eq!(mine.visit(&key).await.unwrap().visit.state, VisitState::Cancelled, "as it will be");
    deskbell_engine::pusher::push_once(&mine, std::time::Duration::ZERO).await.unwrap();
    let view = mine.visit(&key).await.unwrap();
    assert_eq!((view.visit.note.as_str(), view.visit.state, start(&view)), ("门禁找保安", VisitState::Confirmed, Some(slots[9])));
    assert_eq!(states(&view), [(OperationState::Rejected, Some(Code::ChangedMeanwhile))]);
    let conflict = view.pending[0].conflict.clone().unwrap();
    assert!(conflict.mine.starts_with("cancelled") && conflict.base.contains(&slots[6].to_rfc3339()), "{conflict:?}");
    assert!(conflict.theirs.contains(&slots[9].to_rfc3339()), "{conflict:?}");
    mine.resolve_operation(view.pending[0].id, Keep::Mine).await.unwrap();
    mine.sync_account_once(account).await.unwrap();
    assert_eq!(mine.visit(&key).await.unwrap().visit.state, VisitState::Cancelled);
    theirs.sync_account_once(their_account).await.unwrap();
    let seen = theirs.visit(&their_key).await.unwrap();
    assert_eq!((seen.visit.state, seen.clock.unwrap().stopped_at.is_some()), (VisitState::Cancelled, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_not_left_is_changed_where_it_waits_and_taken_back_with_its_words() {
    let mut world = world().await;
    let (engine, account, ticket) = synced(&world, world.dir.path()).await;
    let slots = free(&engine, ticket).await.1;
    world.server.cut().await;
    let key = engine.request_visit(ticket, None, request(engine.now()), at(slots[5]), None).await.unwrap();
    engine.change_visit(&key, moved(slots[7]), None).await.unwrap();
    engine.change_visit(&key, VisitChange { asset: Some("SN-2".to_owned()), ..VisitChange::default() }, None).await.unwrap();
    let view = engine.visit(&key).await.unwrap();
    assert_eq!((view.pending.len(), view.visit.asset.as_str()), (1, "SN-2"), "it is one request still");
    let taken_back = engine.request_visit(ticket, None, request(engine.now()), at(slots[9]), None).await.unwrap();
    engine.change_visit(&taken_back, action(VisitAction::Cancel), None).await.unwrap();
    assert_eq!(engine.visit(&taken_back).await.unwrap_err().code, Code::VisitUnknown);
    let kept: serde_json::Value = serde_json::from_str(&engine.visit_draft(ticket).await.unwrap().unwrap()).unwrap();
    assert_eq!(kept["request"]["note"].as_str(), Some("带备件"));
    world.server.reconnect().await;
    engine.sync_account_once(account).await.unwrap();
    let view = engine.visit(&key).await.unwrap();
    assert_eq!((view.visit.state, start(&view), view.visit.asset.as_str()), (VisitState::Confirmed, Some(slots[7]), "SN-2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_gets_what_comes_free_and_hears_of_it_with_the_next_pull() {
    let world = world().await;
    let (engine, account, ticket) = synced(&world, world.dir.path()).await;
    let only = slot(&engine, ticket).await;
    let narrow = VisitRequest { window: Window { from: only, to: only.plus_ms(2 * HOUR_MS) }, ..request(engine.now()) };
    let first = engine.request_visit(ticket, None, narrow.clone(), at(only), None).await.unwrap();
    engine.sync_account_once(account).await.unwrap();
    let waits = VisitBooking { waitlist: true, ..VisitBooking::default() };
    let second = engine.request_visit(ticket, None, narrow, waits, None).await.unwrap();
    engine.sync_account_once(account).await.unwrap();
    assert_eq!(engine.visit(&second).await.unwrap().visit.state, VisitState::Waitlisted);
    engine.change_visit(&first, action(VisitAction::Cancel), None).await.unwrap();
    engine.sync_account_once(account).await.unwrap();
    engine.sync_account_once(account).await.unwrap();
    let served = engine.visit(&second).await.unwrap();
    assert_eq!((served.visit.state, start(&served)), (VisitState::Confirmed, Some(only)));
}
