//! Edits made without a network, with a bad one, and across kills: each lands exactly once.

use std::sync::Arc;
use std::time::Duration;

use deskbell_domain::Code;
use deskbell_domain::sync::op::OperationState;
use deskbell_domain::ticket::{Status, Visibility};
use deskbell_engine::ports::Clock;
use deskbell_engine::system::SystemClock;
use deskbell_hub::Fault;
use deskbell_testkit::Machine;

use crate::support::{Server, desk, some_ticket};

async fn world() -> (Server, Machine, tempfile::TempDir) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let server = Server::start(&clock).await;
    (server, Machine::new(clock), tempfile::tempdir().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn first_pull_brings_every_ticket_with_its_conversation() {
    let (server, machine, dir) = world().await;
    let (engine, account) = desk(&machine, dir.path(), &server).await;
    engine.sync_account_once(account).await.unwrap();
    let stats = engine.read(deskbell_engine::records::Store::stats).await.unwrap();
    assert!(stats.tickets >= 390, "{stats:?}");
    let (ticket, remote_id) = some_ticket(&engine).await.unwrap();
    let shown = engine.ticket_detail(ticket).await.unwrap();
    let observed = server.observed(&remote_id).await;
    let bodies = |notes: Vec<String>| notes;
    assert_eq!(
        bodies(shown.notes.iter().map(|note| note.body.clone()).collect()),
        bodies(observed.notes.iter().map(|note| note.body.clone()).collect())
    );
    let again = engine.sync_account_once(account).await.unwrap();
    assert_eq!((again.pull.tickets_changed, again.pull.notes_new), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn reply_written_offline_is_pending_and_goes_out_once() {
    let (mut server, machine, dir) = world().await;
    let (engine, account) = desk(&machine, dir.path(), &server).await;
    engine.sync_account_once(account).await.unwrap();
    let (ticket, remote_id) = some_ticket(&engine).await.unwrap();

    server.cut().await;
    engine.reply(ticket, "离线回复 offline", Visibility::Public, None).await.unwrap();
    engine.set_status(ticket, Status::WaitingCustomer, None).await.unwrap();
    let failure = engine.sync_account_once(account).await.unwrap_err();
    assert_eq!(failure.code, Code::HostUnreachable);
    let shown = engine.ticket_detail(ticket).await.unwrap();
    let pending = shown.notes.last().and_then(|note| note.operation.clone()).unwrap();
    assert_eq!(pending.state, OperationState::Queued);
    assert_eq!(shown.status.value, Status::WaitingCustomer);
    assert!(shown.status.operation.is_some());

    server.reconnect().await;
    let report = engine.sync_account_once(account).await.unwrap();
    assert_eq!((report.push.sent, report.push.waiting), (2, 0));
    assert_eq!(server.count_notes(&remote_id, "离线回复 offline").await, 1);
    let shown = engine.ticket_detail(ticket).await.unwrap();
    let copies = shown.notes.iter().filter(|note| note.body == "离线回复 offline").count();
    assert_eq!(copies, 1);
    assert!(shown.notes.iter().all(|note| note.operation.is_none()));
    assert_eq!(shown.status.mirror, Status::WaitingCustomer);
}

#[tokio::test(flavor = "multi_thread")]
async fn answer_lost_after_commit_is_read_back_not_sent_again() {
    let (server, machine, dir) = world().await;
    let (engine, account) = desk(&machine, dir.path(), &server).await;
    engine.sync_account_once(account).await.unwrap();
    let (ticket, remote_id) = some_ticket(&engine).await.unwrap();
    for fault in
        [Fault::AnswerLost, Fault::FailsAfterCommit, Fault::FailsBefore, Fault::RateLimited { retry_after: "1".to_owned() }]
    {
        let body = format!("after {fault:?}");
        server.faults.order("POST", "/notes", fault);
        engine.reply(ticket, &body, Visibility::Internal, None).await.unwrap();
        let report = engine.sync_account_once(account).await.unwrap();
        assert_eq!(report.push.waiting, 0, "{body}");
        assert_eq!(server.count_notes(&remote_id, &body).await, 1, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_survive_twenty_kills_at_any_moment() {
    let (server, machine, dir) = world().await;
    let (engine, account) = desk(&machine, dir.path(), &server).await;
    engine.sync_account_once(account).await.unwrap();
    let (ticket, remote_id) = some_ticket(&engine).await.unwrap();
    engine.shutdown().await;
    drop(engine);
    for round in 0..20_u64 {
        server.faults.order("POST", "/notes", Fault::Delayed(Duration::from_millis(30)));
        let (engine, _) = desk(&machine, dir.path(), &server).await;
        engine.reply(ticket, &format!("round {round}"), Visibility::Public, None).await.unwrap();
        let running = tokio::spawn({
            let engine = Arc::clone(&engine);
            async move { engine.sync_account_once(account).await }
        });
        tokio::time::sleep(Duration::from_millis(round * 4)).await;
        running.abort();
        let _killed = running.await;
        engine.shutdown().await;
    }
    let (engine, _) = desk(&machine, dir.path(), &server).await;
    let report = engine.sync_account_once(account).await.unwrap();
    assert_eq!(report.push.waiting, 0);
    for round in 0..20 {
        assert_eq!(server.count_notes(&remote_id, &format!("round {round}")).await, 1, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_double_press_queues_once() {
    let (server, machine, dir) = world().await;
    let (engine, account) = desk(&machine, dir.path(), &server).await;
    engine.sync_account_once(account).await.unwrap();
    let (ticket, _) = some_ticket(&engine).await.unwrap();
    let marker = "019a0000-0000-7000-8000-000000000001";
    let first = engine.reply(ticket, "once", Visibility::Public, Some(marker)).await.unwrap();
    let second = engine.reply(ticket, "once", Visibility::Public, Some(marker)).await.unwrap();
    assert_eq!(first, second);
    let empty = engine.reply(ticket, " \n", Visibility::Public, None).await.unwrap_err();
    assert_eq!(empty.code, Code::InputInvalid);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_may_read_and_queue_but_not_send() {
    let (server, machine, dir) = world().await;
    let (_first, _) = desk(&machine, dir.path(), &server).await;
    let second = machine.open(dir.path()).unwrap();
    let refused = second.acquire_lock().await.unwrap_err();
    assert_eq!(refused.code, Code::DatabaseBusy);
    assert_eq!(second.accounts().await.unwrap().len(), 1);
}
