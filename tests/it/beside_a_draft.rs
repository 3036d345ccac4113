//! Whatever is put on a ticket on a person's behalf goes beside the reply that is half typed there.

use std::sync::Arc;

use deskbell_domain::diagnosis::{Consent, DiagnosisDraft, DiagnosisState};
use deskbell_domain::directory::CallOutcome;
use deskbell_domain::sync::op::OperationKind;
use deskbell_domain::ticket::{TicketId, Visibility};
use deskbell_domain::time::HOUR_MS;
use deskbell_engine::Engine;
use deskbell_engine::edits::{Edit, Undo};
use deskbell_engine::ports::Clock;
use deskbell_engine::state::Settings;
use deskbell_engine::system::SystemClock;
use deskbell_testkit::Machine;

use crate::support::{Server, desk, some_ticket};

const TYPED: &str = "我们正在看，先别重启 —— 写到一半";

async fn drafted(engine: &Engine, ticket: TicketId) -> (String, Visibility) {
    let draft = engine.read(move |store| store.draft(ticket)).await.unwrap().unwrap();
    (draft.body, draft.visibility)
}

/// A session with consent, ready to be finished.
async fn session(engine: &Engine, ticket: TicketId) -> i64 {
    let now = engine.now();
    let consent = Consent { by: "王建国".to_owned(), at: now, words: "同意远程查看".to_owned() };
    let draft = DiagnosisDraft {
        id: None,
        ticket,
        title: "云医生会诊".to_owned(),
        start: now.plus_ms(HOUR_MS),
        end: now.plus_ms(2 * HOUR_MS),
        time_zone: "Asia/Shanghai".to_owned(),
        join_url: String::new(),
        participants: Vec::new(),
        consent: Some(consent),
        findings: String::new(),
        reminders_min: Vec::new(),
    };
    engine.put_diagnosis(draft).await.unwrap().id
}

#[tokio::test(flavor = "multi_thread")]
async fn findings_calls_and_replies_from_the_command_line_leave_a_half_typed_draft_as_it_is() {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let server = Server::start(&clock).await;
    let (machine, dir) = (Machine::new(clock), tempfile::tempdir().unwrap());
    let (engine, account) = desk(&machine, dir.path(), &server).await;
    engine.put_settings(Settings { undo_s: 0, ..engine.settings() }).await.unwrap();
    engine.sync_account_once(account).await.unwrap();
    let (ticket, remote_id) = some_ticket(&engine).await.unwrap();
    engine.put_draft(ticket, TYPED.to_owned(), Visibility::Public).await.unwrap();
    let as_typed = (TYPED.to_owned(), Visibility::Public);

    let id = session(&engine, ticket).await;
    let done = engine.finish_diagnosis(id, "交换机端口松动".to_owned(), true, None).await.unwrap();
    assert_eq!(done.state, DiagnosisState::Done);
    assert_eq!(drafted(&engine, ticket).await, as_typed, "findings");
    let line = format!("{}:line-enterprise", account.0);
    let call = engine.start_call(Some(ticket), line, Vec::new()).await.unwrap();
    engine.end_call(call.id, CallOutcome::Reached, true, None).await.unwrap();
    assert_eq!(drafted(&engine, ticket).await, as_typed, "a call");
    let reply =
        |body: &str| Edit::Reply { body: body.to_owned(), visibility: Visibility::Public, files: Vec::new(), seen_notes: None };
    engine.edit_beside(ticket, reply("另一台终端发的"), None, Undo::Never).await.unwrap();
    assert_eq!(drafted(&engine, ticket).await, as_typed, "a reply from elsewhere");

    let queued = engine.read(move |store| store.pending_operations(ticket)).await.unwrap();
    let notes: Vec<Visibility> = queued
        .iter()
        .filter_map(|one| match &one.kind {
            OperationKind::Reply { visibility, .. } => Some(*visibility),
            _ => None,
        })
        .collect();
    assert_eq!(notes, [Visibility::Internal, Visibility::Internal, Visibility::Public], "notes are for colleagues");
    engine.sync_account_once(account).await.unwrap();
    assert_eq!(server.count_notes(&remote_id, "云医生会诊\n\n交换机端口松动").await, 1);
    assert_eq!(server.count_notes(&remote_id, TYPED).await, 0, "nothing half typed left the desk");
    assert_eq!(drafted(&engine, ticket).await, as_typed, "also when they have landed, and after a restart");
    engine.shutdown().await;
    drop(engine);
    let (engine, _) = desk(&machine, dir.path(), &server).await;
    assert_eq!(drafted(&engine, ticket).await, as_typed);

    // Sent from the reply box it is the draft itself, and takes it along.
    engine.edit(ticket, reply(TYPED), None, Undo::Never).await.unwrap();
    assert!(engine.read(move |store| store.draft(ticket)).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn findings_that_cannot_go_to_the_ticket_leave_the_session_open_and_those_taken_back_join_the_draft() {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let server = Server::start(&clock).await;
    let (machine, dir) = (Machine::new(clock), tempfile::tempdir().unwrap());
    let (engine, account) = desk(&machine, dir.path(), &server).await;
    engine.sync_account_once(account).await.unwrap();
    let (ticket, _) = some_ticket(&engine).await.unwrap();
    let id = session(&engine, ticket).await;
    engine.finish_diagnosis(id, "发现".to_owned(), true, Some("no marker")).await.unwrap_err();
    assert_eq!(engine.diagnosis(id).await.unwrap().state, DiagnosisState::Planned);
    assert!(engine.store().outbox().unwrap().is_empty(), "neither half of it happened");

    engine.put_draft(ticket, TYPED.to_owned(), Visibility::Internal).await.unwrap();
    engine.finish_diagnosis(id, "发现".to_owned(), true, None).await.unwrap();
    let queued = engine.read(move |store| store.pending_operations(ticket)).await.unwrap();
    engine.discard_operation(queued[0].id).await.unwrap();
    let kept = drafted(&engine, ticket).await.0;
    assert!(kept.contains(TYPED) && kept.contains("发现"), "{kept}");
}
