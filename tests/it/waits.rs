//! What waits, for whom, and what ends the wait. The clock is moved by hand.

use std::sync::Arc;
use std::time::Duration;

use deskbell_domain::Code;
use deskbell_domain::sync::op::{NewTicket, OperationState};
use deskbell_domain::ticket::{AccountId, AccountOptions, ProviderKind, Status, Visibility};
use deskbell_domain::time::SECOND_MS;
use deskbell_engine::Engine;
use deskbell_engine::accounts::AccountDetails;
use deskbell_engine::edits::{Edit, Undo};
use deskbell_engine::events::AccountActivity;
use deskbell_engine::ports::Clock;
use deskbell_engine::puller::{pull_once, pull_step};
use deskbell_engine::pusher::{PushStep, push_step};
use deskbell_engine::records::Store;
use deskbell_engine::state::Settings;
use deskbell_engine::system::SystemClock;
use deskbell_hub::Fault;
use deskbell_testkit::{FakeClock, Machine};
use secrecy::SecretString;

use crate::doubles::{HANGING, HANGING_TICKETS, Log, Watched};
use crate::support::{Server, desk, some_ticket};

struct World {
    server: Server,
    clock: Arc<FakeClock>,
    machine: Machine,
    log: Arc<Log>,
    dir: tempfile::TempDir,
}

async fn world() -> World {
    let clock = FakeClock::at(SystemClock.now());
    let shared: Arc<dyn Clock> = clock.clone();
    let log = Arc::new(Log::default());
    let machine = Machine::new(Arc::clone(&shared)).with_connector(Arc::new(Watched(Arc::clone(&log))));
    World { server: Server::start(&shared).await, clock, machine, log, dir: tempfile::tempdir().unwrap() }
}

impl World {
    async fn desk(&self) -> (Arc<Engine>, AccountId) {
        desk(&self.machine, self.dir.path(), &self.server).await
    }

    /// A desk that has everything.
    async fn full_desk(&self) -> (Arc<Engine>, AccountId) {
        let (engine, account) = self.desk().await;
        pull_once(&engine, account).await.unwrap();
        (engine, account)
    }

    /// Milliseconds until something is to be looked at again.
    async fn due_in_ms(&self, engine: &Arc<Engine>) -> Option<i64> {
        match push_step(engine).await.unwrap() {
            PushStep::Nothing { due } => due.map(|due| due.ms_since(self.clock.now())),
            PushStep::Attempted { .. } => Some(0),
        }
    }
}

fn attempted(step: PushStep) -> Option<OperationState> {
    match step {
        PushStep::Attempted { state, .. } => state,
        PushStep::Nothing { .. } => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_the_server_asked_for_in_seconds_is_kept_whatever_wakes_the_desk() {
    let world = world().await;
    let (engine, account) = world.full_desk().await;
    let (ticket, remote_id) = some_ticket(&engine).await.unwrap();
    world.server.faults.order("POST", "/notes", Fault::RateLimited { retry_after: "30".to_owned() });
    engine.reply(ticket, "patience", Visibility::Public, None).await.unwrap();
    assert_eq!(attempted(push_step(&engine).await.unwrap()), Some(OperationState::Queued));
    engine.resumed().await;
    engine.sync_now(Some(account)).await.unwrap();
    assert_eq!(world.due_in_ms(&engine).await, Some(30 * SECOND_MS));
    assert_eq!(world.server.count_notes(&remote_id, "patience").await, 0);
    world.clock.advance_ms(30 * SECOND_MS);
    assert_eq!(attempted(push_step(&engine).await.unwrap()), Some(OperationState::Sent));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_the_server_asked_for_as_a_date_is_kept_over_a_restart() {
    let world = world().await;
    let (engine, _) = world.full_desk().await;
    let (ticket, _) = some_ticket(&engine).await.unwrap();
    let date = SystemClock.now().plus_ms(90 * SECOND_MS).to_datetime().unwrap();
    let retry_after = date.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    world.server.faults.order("POST", "/notes", Fault::Unavailable { retry_after });
    engine.reply(ticket, "patience", Visibility::Public, None).await.unwrap();
    assert_eq!(attempted(push_step(&engine).await.unwrap()), Some(OperationState::Queued));
    let before = world.due_in_ms(&engine).await.unwrap();
    assert!((85 * SECOND_MS..=91 * SECOND_MS).contains(&before), "{before}");
    engine.shutdown().await;
    drop(engine);
    let (engine, _) = world.desk().await;
    engine.resumed().await;
    assert_eq!(world.due_in_ms(&engine).await, Some(before));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_the_server_asked_for_holds_the_whole_account() {
    let world = world().await;
    let (engine, _) = world.full_desk().await;
    let filter = deskbell_domain::filter::TicketFilter { unfinished: true, ..Default::default() };
    let order = deskbell_domain::filter::TicketOrder::Updated;
    let rows = engine.read(move |store| store.ticket_rows(&filter, order, 0, 2)).await.unwrap().rows;
    world.server.faults.order("POST", "/notes", Fault::RateLimited { retry_after: "30".to_owned() });
    for row in &rows {
        engine.reply(row.id, "patience", Visibility::Internal, None).await.unwrap();
    }
    assert_eq!(attempted(push_step(&engine).await.unwrap()), Some(OperationState::Queued));
    assert_eq!(world.due_in_ms(&engine).await, Some(30 * SECOND_MS), "the other ticket's reply leaves the server alone too");
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_back_off_ends_when_the_network_returns() {
    let mut world = world().await;
    let (engine, _) = world.full_desk().await;
    let (ticket, _) = some_ticket(&engine).await.unwrap();
    engine.reply(ticket, "again", Visibility::Public, None).await.unwrap();
    world.server.cut().await;
    for _ in 0..6 {
        let step = push_step(&engine).await.unwrap();
        assert_eq!(attempted(step), Some(OperationState::Queued), "{step:?}");
        let wait_ms = world.due_in_ms(&engine).await.unwrap();
        world.clock.advance_ms(wait_ms);
    }
    assert_eq!(attempted(push_step(&engine).await.unwrap()), Some(OperationState::Queued));
    assert!(world.due_in_ms(&engine).await.unwrap() > 10 * SECOND_MS, "the waits have grown");
    world.server.reconnect().await;
    engine.resumed().await;
    assert_eq!(attempted(push_step(&engine).await.unwrap()), Some(OperationState::Sent));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_can_be_taken_back_before_it_left_and_its_words_join_the_newer_draft() {
    let world = world().await;
    let (engine, _) = world.full_desk().await;
    let (ticket, remote_id) = some_ticket(&engine).await.unwrap();
    let reply =
        |body: &str| Edit::Reply { body: body.to_owned(), visibility: Visibility::Public, files: Vec::new(), seen_notes: None };
    let first = engine.edit(ticket, reply("taken back"), None, Undo::AsSet).await.unwrap();
    engine.resumed().await;
    assert_eq!(world.due_in_ms(&engine).await, Some(5 * SECOND_MS), "the network's return does not hurry it");
    engine.put_draft(ticket, "newer words".to_owned(), Visibility::Public).await.unwrap();
    engine.discard_operation(first).await.unwrap();
    let draft = engine.ticket_detail(ticket).await.unwrap().draft.unwrap();
    assert_eq!(draft.body, "newer words\n\ntaken back");
    world.clock.advance_ms(60 * SECOND_MS);
    assert_eq!(world.due_in_ms(&engine).await, None);
    assert_eq!(world.server.count_notes(&remote_id, "taken back").await, 0);

    let second = engine.edit(ticket, reply("left"), None, Undo::AsSet).await.unwrap();
    world.clock.advance_ms(5 * SECOND_MS);
    assert_eq!(attempted(push_step(&engine).await.unwrap()), Some(OperationState::Sent));
    let late = engine.discard_operation(second).await.unwrap_err();
    assert_eq!(late.code, Code::OperationNotDiscardable);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_goes_at_once_and_undo_can_be_switched_off() {
    let world = world().await;
    let (engine, _) = world.full_desk().await;
    let (ticket, _) = some_ticket(&engine).await.unwrap();
    engine.edit(ticket, Edit::SetStatus(Status::WaitingVendor), None, Undo::AsSet).await.unwrap();
    assert_eq!(attempted(push_step(&engine).await.unwrap()), Some(OperationState::Sent));
    let kept = engine.put_settings(Settings { undo_s: 900, ..engine.settings() }).await.unwrap();
    assert_eq!(kept.undo_s, 30, "never longer than the limit");
    engine.put_settings(Settings { undo_s: 0, ..engine.settings() }).await.unwrap();
    let reply = Edit::Reply { body: "at once".to_owned(), visibility: Visibility::Public, files: Vec::new(), seen_notes: None };
    engine.edit(ticket, reply, None, Undo::AsSet).await.unwrap();
    assert_eq!(attempted(push_step(&engine).await.unwrap()), Some(OperationState::Sent));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_opened_offline_keeps_its_id_and_lands_once_with_its_reply_after_a_kill() {
    let mut world = world().await;
    let (engine, account) = world.full_desk().await;
    world.server.cut().await;
    let new = NewTicket { subject: "Opened offline".to_owned(), body: "opening words".to_owned(), ..NewTicket::default() };
    let (ticket, _) = engine.create_ticket(account, new, None, Undo::Never).await.unwrap();
    engine.reply(ticket, "and more", Visibility::Public, None).await.unwrap();
    assert_eq!(attempted(push_step(&engine).await.unwrap()), Some(OperationState::Queued));
    let shown = engine.ticket_detail(ticket).await.unwrap();
    assert!(shown.local && shown.remote_id.is_empty());
    assert_eq!(shown.notes.iter().map(|note| note.body.as_str()).collect::<Vec<_>>(), ["opening words", "and more"]);
    engine.shutdown().await;
    drop(engine);

    world.server.reconnect().await;
    // The answer to the creation is lost: it landed, and is read back.
    world.server.faults.order("POST", "/tickets", Fault::AnswerLost);
    let (engine, account) = world.desk().await;
    for _ in 0..12 {
        let _page = pull_step(&engine, account).await.unwrap();
        if matches!(push_step(&engine).await.unwrap(), PushStep::Nothing { due: None }) {
            break;
        }
        world.clock.advance_ms(10 * SECOND_MS);
    }
    let shown = engine.ticket_detail(ticket).await.unwrap();
    assert!(!shown.local && !shown.remote_id.is_empty(), "the same id stays: {shown:?}");
    assert!(shown.notes.iter().all(|note| note.operation.is_none()));
    let filter = deskbell_domain::filter::TicketFilter::default();
    let order = deskbell_domain::filter::TicketOrder::Created;
    pull_once(&engine, account).await.unwrap();
    let rows = engine.read(move |store| store.ticket_rows(&filter, order, 0, 500)).await.unwrap().rows;
    assert_eq!(rows.iter().filter(|row| row.subject == "Opened offline").count(), 1);
    for body in ["opening words", "and more"] {
        assert_eq!(world.server.count_notes(&shown.remote_id, body).await, 1, "{body}");
        assert_eq!(shown.notes.iter().filter(|note| note.body == body).count(), 1, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_survives_a_restart_and_edits_still_go_out() {
    let world = world().await;
    let (engine, account) = world.full_desk().await;
    let (ticket, remote_id) = some_ticket(&engine).await.unwrap();
    engine.pause_pull(account, true).await.unwrap();
    engine.shutdown().await;
    drop(engine);
    let pulls = world.log.pulls.lock().unwrap().len();

    let (engine, _) = world.desk().await;
    engine.start().await.unwrap();
    engine.reply(ticket, "while paused", Visibility::Public, None).await.unwrap();
    within(Duration::from_secs(10), || async { world.server.count_notes(&remote_id, "while paused").await == 1 }).await;
    assert!(engine.sync_status().await.unwrap().accounts.remove(0).paused);
    // While the answer is on its way something is going on.
    let is_paused = || async { engine.sync_status().await.unwrap().accounts.remove(0).state == AccountActivity::Paused };
    within(Duration::from_secs(10), is_paused).await;
    assert_eq!(world.log.pulls.lock().unwrap().len(), pulls, "nothing is fetched");
    engine.pause_pull(account, false).await.unwrap();
    within(Duration::from_secs(10), || async { world.log.pulls.lock().unwrap().len() > pulls }).await;
    engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_pull_goes_on_after_a_kill_without_fetching_what_it_has() {
    let world = world().await;
    let (engine, account) = world.desk().await;
    for _ in 0..2 {
        assert!(!pull_step(&engine, account).await.unwrap().caught_up);
    }
    let had = engine.read(Store::stats).await.unwrap().tickets;
    drop(engine);
    let before = std::mem::take(&mut *world.log.pulls.lock().unwrap());
    let (engine, account) = world.desk().await;
    pull_once(&engine, account).await.unwrap();
    let after = world.log.pulls.lock().unwrap().clone();
    assert!(after.iter().all(|cursor| cursor.is_some() && !before.contains(cursor)), "{before:?} {after:?}");
    let all = engine.read(Store::stats).await.unwrap().tickets;
    assert!(had >= 200 && all > had, "{had} {all}");
    let fetched: std::collections::BTreeSet<_> = after.iter().collect();
    assert_eq!(fetched.len(), after.len(), "no page twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_server_hangs_delays_no_other_and_is_not_called_online() {
    let world = world().await;
    let (engine, _) = world.full_desk().await;
    let (ticket, remote_id) = some_ticket(&engine).await.unwrap();
    let details = AccountDetails {
        kind: ProviderKind::Hub,
        name: "slow".to_owned(),
        endpoint: HANGING.to_owned(),
        user: "demo".to_owned(),
        secret: SecretString::from("none"),
        demo: false,
        options: AccountOptions::default(),
    };
    let slow = engine.keep_account(details).await.unwrap().id;
    drop(engine);
    let (engine, _) = world.desk().await;
    assert!(!engine.sync_status().await.unwrap().online, "nobody has answered in this run");
    pull_step(&engine, slow).await.unwrap();
    let filter = deskbell_domain::filter::TicketFilter { accounts: vec![slow], ..Default::default() };
    let order = deskbell_domain::filter::TicketOrder::Created;
    let rows = engine.read(move |store| store.ticket_rows(&filter, order, 0, 50)).await.unwrap().rows;
    assert_eq!(rows.len(), HANGING_TICKETS as usize);
    for row in &rows {
        engine.reply(row.id, "into the void", Visibility::Public, None).await.unwrap();
    }
    // Paused, so that its edits leave without a look that never ends.
    engine.pause_pull(slow, true).await.unwrap();
    engine.start().await.unwrap();
    within(Duration::from_secs(10), || async {
        let sending = engine.read(Store::outbox).await.unwrap();
        sending.iter().filter(|operation| operation.state == OperationState::Sending).count() == 4
    })
    .await;
    engine.reply(ticket, "on its way", Visibility::Public, None).await.unwrap();
    within(Duration::from_secs(5), || async { world.server.count_notes(&remote_id, "on its way").await == 1 }).await;
    assert!(engine.sync_status().await.unwrap().online, "the other account has answered");
    engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_its_server_hides_without_a_word_becomes_a_tombstone_that_keeps_what_was_known() {
    let world = world().await;
    let (engine, _) = world.full_desk().await;
    let (ticket, remote_id) = some_ticket(&engine).await.unwrap();
    let before = engine.ticket_detail(ticket).await.unwrap();
    world.log.hidden.lock().unwrap().push(remote_id);
    engine.start().await.unwrap();
    within(Duration::from_secs(20), || async { engine.ticket_detail(ticket).await.unwrap().fate == "deleted" }).await;
    let after = engine.ticket_detail(ticket).await.unwrap();
    assert_eq!((&after.subject, after.notes.len()), (&before.subject, before.notes.len()));
    assert!(!before.subject.is_empty());
    engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalogue_is_there_offline_once_it_was_fetched() {
    let mut world = world().await;
    let (engine, account) = world.full_desk().await;
    let there = engine.account_catalogue(account).await.unwrap();
    assert!(!there.categories.is_empty());
    world.server.cut().await;
    world.clock.advance_ms(3 * 24 * 3_600 * SECOND_MS);
    assert_eq!(engine.account_catalogue(account).await.unwrap(), there);
}

#[tokio::test(flavor = "multi_thread")]
async fn options_out_of_range_are_refused_and_those_kept_survive_a_restart() {
    let world = world().await;
    let (engine, account) = world.desk().await;
    let wrong = AccountOptions { poll_s: Some(1), ..AccountOptions::default() };
    assert_eq!(engine.put_account_options(account, wrong).await.unwrap_err().args["field"], "poll_s");
    let options = AccountOptions {
        poll_s: Some(60),
        connections_max: Some(1),
        requests_per_minute: Some(120),
        visit_category: "OnSite".to_owned(),
    };
    assert_eq!(engine.put_account_options(account, options.clone()).await.unwrap().options, options);
    drop(engine);
    let (engine, _) = world.desk().await;
    assert_eq!(engine.sync_status().await.unwrap().accounts[0].account.options, options);
}

async fn within<F: Future<Output = bool>>(patience: Duration, holds: impl Fn() -> F) {
    let waited = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(tokio::time::timeout(patience, waited).await.is_ok(), "it did not happen within {patience:?}");
}
