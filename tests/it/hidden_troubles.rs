//! Troubles that nothing announces: a desk that looks well and is not.

use std::sync::Arc;
use std::time::Duration;

use deskbell_domain::Code;
use deskbell_domain::sync::op::OperationState;
use deskbell_domain::ticket::{ProviderKind, Status, Visibility};
use deskbell_engine::accounts::AccountDetails;
use deskbell_engine::import::IMPORT_ENDPOINT;
use deskbell_engine::ports::Clock;
use deskbell_engine::puller::pull_once;
use deskbell_engine::system::SystemClock;
use deskbell_hub::Fault;
use deskbell_testkit::Machine;
use secrecy::SecretString;

use crate::support::{Server, desk, some_ticket};

async fn world() -> (Server, Machine, tempfile::TempDir) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let server = Server::start(&clock).await;
    (server, Machine::new(clock), tempfile::tempdir().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_may_not_be_removed_goes_on_syncing() {
    let (server, machine, dir) = world().await;
    let (engine, account) = desk(&machine, dir.path(), &server).await;
    engine.sync_account_once(account).await.unwrap();
    let (ticket, _) = some_ticket(&engine).await.unwrap();
    let offline = deskbell_engine::state::Settings { work_offline: true, ..engine.settings() };
    engine.put_settings(offline.clone()).await.unwrap();
    engine.reply(ticket, "not sent yet", Visibility::Public, None).await.unwrap();
    engine.start().await.unwrap();
    let refused = engine.remove_account(account, false).await.unwrap_err();
    assert_eq!(refused.code, Code::OperationNotDiscardable);

    let last_synced = async || engine.sync_status().await.unwrap().accounts[0].account.last_synced_at;
    let before = last_synced().await;
    engine.put_settings(deskbell_engine::state::Settings { work_offline: false, ..offline }).await.unwrap();
    let pulled = async {
        while last_synced().await <= before {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(5), pulled).await.is_ok(), "its puller is gone");
    engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reply_pulled_before_its_answer_is_shown_once() {
    let (server, machine, dir) = world().await;
    let (engine, account) = desk(&machine, dir.path(), &server).await;
    engine.sync_account_once(account).await.unwrap();
    let (ticket, _) = some_ticket(&engine).await.unwrap();
    server.faults.order("POST", "/notes", Fault::Delayed(Duration::from_secs(5)));
    engine.reply(ticket, "landed already", Visibility::Public, None).await.unwrap();
    let sending = tokio::spawn({
        let engine = Arc::clone(&engine);
        async move { engine.sync_account_once(account).await }
    });
    let shown = loop {
        pull_once(&engine, account).await.unwrap();
        let shown = engine.ticket_detail(ticket).await.unwrap();
        let observed = shown.notes.iter().any(|note| note.body == "landed already" && note.operation.is_none());
        if observed {
            break shown;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let waiting = engine.read(move |store| store.pending_operations(ticket)).await.unwrap();
    assert_eq!(waiting.len(), 0, "the server's own copy settles it, though its answer is still to come");
    assert_eq!(shown.notes.iter().filter(|note| note.body == "landed already").count(), 1);
    sending.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_status_changes_made_offline_both_land() {
    let (server, machine, dir) = world().await;
    let (engine, account) = desk(&machine, dir.path(), &server).await;
    engine.sync_account_once(account).await.unwrap();
    let (ticket, _) = some_ticket(&engine).await.unwrap();
    for to in [Status::WaitingVendor, Status::WaitingCustomer, Status::Resolved] {
        engine.set_status(ticket, to, None).await.unwrap();
    }
    let report = engine.sync_account_once(account).await.unwrap();
    assert_eq!((report.push.sent, report.push.rejected), (3, 0));
    assert_eq!(engine.ticket_detail(ticket).await.unwrap().status.mirror, Status::Resolved);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_change_stands_after_the_one_before_it_was_taken_back() {
    let (server, machine, dir) = world().await;
    let (engine, account) = desk(&machine, dir.path(), &server).await;
    engine.sync_account_once(account).await.unwrap();
    let (ticket, _) = some_ticket(&engine).await.unwrap();
    let first = engine.set_status(ticket, Status::WaitingVendor, None).await.unwrap();
    engine.set_status(ticket, Status::Resolved, None).await.unwrap();
    engine.discard_operation(first).await.unwrap();
    let report = engine.sync_account_once(account).await.unwrap();
    assert_eq!((report.push.sent, report.push.rejected), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_account_does_not_make_the_desk_online() {
    let (mut server, machine, dir) = world().await;
    let (engine, account) = desk(&machine, dir.path(), &server).await;
    let details = AccountDetails {
        kind: ProviderKind::Hub,
        name: "file".to_owned(),
        endpoint: IMPORT_ENDPOINT.to_owned(),
        user: "import".to_owned(),
        secret: SecretString::from("none"),
        demo: false,
        options: deskbell_domain::ticket::AccountOptions::default(),
    };
    engine.keep_account(details).await.unwrap();
    engine.sync_account_once(account).await.unwrap();
    server.cut().await;
    engine.start().await.unwrap();
    let told = async {
        while engine.sync_status().await.unwrap().accounts.iter().all(|state| state.error.is_none()) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), told).await.unwrap();
    assert!(!engine.sync_status().await.unwrap().online, "the only server is out of reach");
    engine.shutdown().await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_key_is_found_again_below_a_link_to_a_directory_made_by_us() {
    let (_server, machine, dir) = world().await;
    let real = dir.path().join("real");
    std::fs::create_dir(&real).unwrap();
    let link = dir.path().join("home");
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let data = link.join("share").join("deskbell");
    drop(machine.open(&data).unwrap());
    let again = machine.open(&data);
    assert!(again.is_ok(), "{:?}", again.err());
    let other_name = machine.open(&real.join("share").join("deskbell"));
    assert!(other_name.is_ok(), "{:?}", other_name.err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_whose_sending_ended_in_the_dark_is_settled_without_a_restart() {
    let (server, machine, dir) = world().await;
    let (engine, account) = desk(&machine, dir.path(), &server).await;
    engine.sync_account_once(account).await.unwrap();
    let (ticket, remote_id) = some_ticket(&engine).await.unwrap();
    server.faults.order("POST", "/notes", Fault::Delayed(Duration::from_secs(5)));
    engine.reply(ticket, "in the dark", Visibility::Public, None).await.unwrap();
    let sending = tokio::spawn({
        let engine = Arc::clone(&engine);
        async move { engine.sync_account_once(account).await }
    });
    while engine.read(move |store| store.pending_operations(ticket)).await.unwrap()[0].state != OperationState::Sending {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    sending.abort();
    let _aborted = sending.await;
    let report = engine.sync_account_once(account).await.unwrap();
    assert_eq!(report.push.waiting, 0);
    assert_eq!(server.count_notes(&remote_id, "in the dark").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn working_offline_ends_a_pull_that_is_under_way_and_keeps_its_place() {
    let (server, machine, dir) = world().await;
    let (engine, account) = desk(&machine, dir.path(), &server).await;
    for _page in 0..4 {
        server.faults.order("GET", "/tickets", Fault::Delayed(Duration::from_millis(300)));
    }
    let pulling = tokio::spawn({
        let engine = Arc::clone(&engine);
        async move { pull_once(&engine, account).await }
    });
    while engine.sync_status().await.unwrap().accounts[0].progress.is_none() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let online = engine.settings();
    engine.put_settings(deskbell_engine::state::Settings { work_offline: true, ..online.clone() }).await.unwrap();
    let report = pulling.await.unwrap().unwrap();
    assert!((1..=3).contains(&report.pages), "{report:?}");
    engine.put_settings(online).await.unwrap();
    pull_once(&engine, account).await.unwrap();
    assert!(engine.read(deskbell_engine::records::Store::stats).await.unwrap().tickets >= 390);
}
