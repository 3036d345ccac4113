//! Request Tracker without the transaction custom field: what the marker would have told has to be told otherwise.

use std::path::Path;
use std::sync::Arc;

use deskbell_domain::Code;
use deskbell_domain::sync::op::OperationState;
use deskbell_domain::ticket::{AccountId, ProviderKind, Status, Visibility};
use deskbell_engine::Engine;
use deskbell_engine::accounts::AccountDetails;
use deskbell_engine::puller::pull_once;
use deskbell_engine::system::SystemClock;
use deskbell_testkit::Machine;
use secrecy::SecretString;

use crate::rt_double;
use crate::support::some_ticket;

async fn desk(dir: &Path, url: &str) -> (Arc<Engine>, AccountId) {
    let engine = Machine::new(Arc::new(SystemClock)).open(dir).unwrap();
    engine.acquire_lock().await.unwrap();
    let details = AccountDetails {
        kind: ProviderKind::Rt,
        name: "rt".to_owned(),
        endpoint: url.to_owned(),
        user: "alice".to_owned(),
        secret: SecretString::from("secret"),
        demo: false,
        options: deskbell_domain::ticket::AccountOptions::default(),
    };
    let account = engine.keep_account(details).await.unwrap().id;
    engine.connect_accounts().await.unwrap();
    pull_once(&engine, account).await.unwrap();
    (engine, account)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_words_said_twice_are_sent_twice_when_the_second_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let (url, server) = rt_double::start(1_000).await;
    let (engine, account) = desk(dir.path(), &url).await;
    let (ticket, _) = some_ticket(&engine).await.unwrap();
    engine.reply(ticket, "好的", Visibility::Public, None).await.unwrap();
    assert_eq!(engine.sync_account_once(account).await.unwrap().push.sent, 1);

    server.lock().unwrap().fails_before = true;
    engine.reply(ticket, "好的", Visibility::Public, None).await.unwrap();
    engine.sync_account_once(account).await.unwrap();
    let there = server.lock().unwrap().replies.iter().filter(|(_, body)| body == "好的").count();
    assert_eq!(there, 2);
    let shown = engine.ticket_detail(ticket).await.unwrap();
    assert_eq!(shown.notes.iter().filter(|note| note.body == "好的").count(), 2);
    assert!(shown.notes.iter().all(|note| note.operation.is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_somebody_else_changed_meanwhile_is_not_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let (url, server) = rt_double::start(1_000).await;
    let (engine, account) = desk(dir.path(), &url).await;
    let (ticket, _) = some_ticket(&engine).await.unwrap();
    engine.set_status(ticket, Status::WaitingCustomer, None).await.unwrap();
    server.lock().unwrap().status = "resolved".to_owned();
    let report = engine.sync_account_once(account).await.unwrap();
    assert_eq!(report.push.rejected, 1);
    assert_eq!(server.lock().unwrap().status, "resolved");
    let waiting = engine.read(move |store| store.pending_operations(ticket)).await.unwrap();
    assert_eq!((waiting[0].state, waiting[0].code), (OperationState::Rejected, Some(Code::ChangedMeanwhile)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_restored_from_an_old_copy_is_pulled_again() {
    let dir = tempfile::tempdir().unwrap();
    let (url, server) = rt_double::start(1_000).await;
    let (engine, account) = desk(dir.path(), &url).await;
    {
        let mut server = server.lock().unwrap();
        server.replies = vec![(7, "hello".to_owned()), (8, "after the restore".to_owned())];
        server.status = "stalled".to_owned();
    }
    pull_once(&engine, account).await.unwrap();
    let (ticket, _) = some_ticket(&engine).await.unwrap();
    let shown = engine.ticket_detail(ticket).await.unwrap();
    assert!(shown.notes.iter().any(|note| note.body == "after the restore"));
    let again = pull_once(&engine, account).await.unwrap();
    assert_eq!((again.tickets_changed, again.notes_new), (0, 0), "and then the feed goes on");
}
