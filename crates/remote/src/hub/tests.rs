//! Against the real server, in this process.

use std::collections::BTreeSet;
use std::time::Duration;

use deskbell_domain::UtcMs;
use deskbell_domain::error::Code;
use deskbell_domain::observation::Observations;
use deskbell_domain::sla::event::TicketEventKind;
use deskbell_domain::sync::op::{OperationKind, OutboundOperation, Outcome, ReadBack, Receipt};
use deskbell_domain::ticket::{Priority, Role, Status, Visibility};
use deskbell_hub::{Fault, Faults, HubConfig, HubServer, RunningHub, seed_demo};

use super::*;
use crate::http::Limits;

mod files;
mod operations;
mod visits;

struct Bench {
    hub: RunningHub,
    api: HubApi,
    faults: Faults,
    directory: tempfile::TempDir,
}

impl Bench {
    /// A demo desk and a client of it.
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("hub.db");
        seed_demo(&database, UtcMs::parse_rfc3339("2026-11-21T10:00:00Z").unwrap(), 5).unwrap();
        let faults = Faults::default();
        let mut config = HubConfig::new(database, "token-1");
        config.faults = faults.clone();
        let hub = HubServer::start(config).await.unwrap();
        Self { api: client(&hub.url(), "token-1", 10_000), hub, faults, directory }
    }

    async fn pull_all(&self, mut cursor: Option<String>) -> (Observations, String) {
        let mut all = Observations::default();
        for _ in 0..50 {
            let page = self.api.pull(cursor.as_deref()).await.unwrap();
            all.tickets.extend(page.observations.tickets);
            all.notes.extend(page.observations.notes);
            all.events.extend(page.observations.events);
            if page.caught_up {
                return (all, page.next_cursor);
            }
            assert_ne!(cursor.as_ref(), Some(&page.next_cursor), "every page leads on");
            cursor = Some(page.next_cursor);
        }
        panic!("the pull does not end");
    }

    async fn ticket_with(&self, status: Status) -> (String, String) {
        let page = self.api.pull(None).await.unwrap();
        let found = page.observations.tickets.into_iter().find(|ticket| ticket.status == status).unwrap();
        (found.remote_id, found.version)
    }

    async fn notes_with(&self, operation: &OutboundOperation) -> usize {
        let seen = self.api.ticket(&operation.ticket_remote_id).await.unwrap();
        seen.notes.iter().filter(|note| note.marker.as_deref() == Some(operation.marker.as_str())).count()
    }
}

fn client(url: &str, token: &str, total_timeout_ms: u64) -> HubApi {
    let limits = Limits { total_timeout_ms, ..Limits::default() };
    HubApi::new(HttpClient::with_limits(url, limits).unwrap(), "someone".to_owned(), SecretString::from(token))
}

fn operation(marker: &str, ticket: &str, kind: OperationKind) -> OutboundOperation {
    OutboundOperation {
        marker: marker.to_owned(),
        ticket_remote_id: ticket.to_owned(),
        kind,
        base_version: String::new(),
        created_at: UtcMs(0),
        uploaded: std::collections::BTreeMap::new(),
        opened_by_others: Vec::new(),
        visit_remote_id: String::new(),
        visit_version: String::new(),
    }
}

fn reply(marker: &str, ticket: &str) -> OutboundOperation {
    let kind = OperationKind::reply("您好，已收到，正在排查。".to_owned(), Visibility::Public);
    operation(marker, ticket, kind)
}

fn set_status(marker: &str, ticket: &str, from: Status, to: Status) -> OutboundOperation {
    operation(marker, ticket, OperationKind::SetStatus { from, to })
}

#[tokio::test]
async fn full_pull_brings_everything_once_and_newest_first_then_follows_the_feed() {
    let bench = Bench::start().await;
    let first = bench.api.pull(None).await.unwrap();
    assert_eq!(first.progress, PullProgress { done: u64::from(TICKET_PAGE), total: Some(400), full: true });
    assert!(!first.caught_up);
    // Changes between the pages: one in what was read, one in what is to come, by a fresh client after a restart.
    let newest = first.observations.tickets[0].remote_id.clone();
    bench.hub.customer_replies(&newest, "客户", "第一页之后").await.unwrap().unwrap();
    let (rest, cursor) = bench.pull_all(Some(first.next_cursor)).await;
    let ids: Vec<u64> =
        first.observations.tickets.iter().chain(&rest.tickets).map(|ticket| ticket.remote_id.parse().unwrap()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 400);
    assert!(ids[..400].windows(2).all(|pair| pair[0] > pair[1]), "newest first");
    assert!(rest.notes.iter().any(|note| note.body == "第一页之后"), "the feed begins at the first page");
    let idle = bench.api.pull(Some(&cursor)).await.unwrap();
    assert!(idle.caught_up && idle.observations.is_empty(), "{idle:?}");
    assert_eq!(idle.next_cursor, cursor);
    bench.hub.customer_replies(&newest, "客户", "之后").await.unwrap().unwrap();
    let page = bench.api.pull(Some(&cursor)).await.unwrap();
    let bodies: Vec<&str> = page.observations.notes.iter().map(|note| note.body.as_str()).collect();
    assert_eq!((bodies, page.observations.tickets.len()), (vec!["之后"], 1));
    assert_eq!(page.observations.notes[0].role, Role::Customer);
    let replied = page.observations.events.iter().find(|event| matches!(event.kind, TicketEventKind::Replied { .. }));
    assert_eq!(replied.map(|event| event.actor.as_str()), Some("客户"));
}

#[tokio::test]
async fn pages_hold_tickets_notes_history_and_customers() {
    let bench = Bench::start().await;
    let page = bench.api.pull(None).await.unwrap().observations;
    for ticket in &page.tickets {
        assert!(page.notes.iter().any(|note| note.ticket_remote_id == ticket.remote_id));
        assert!(page.events.iter().any(|event| event.ticket_remote_id == ticket.remote_id));
        assert!(!ticket.customer.name.is_empty() && !ticket.customer.service_manager.is_empty());
    }
    // Whoever reads of a reply reads whose it was.
    let replies: Vec<_> = page.events.iter().filter(|event| event.kind == TicketEventKind::Replied { by: Role::Agent }).collect();
    assert!(replies.len() > 10, "{}", replies.len());
    for reply in replies {
        let is_its_own = |note: &&deskbell_domain::observation::ObservedNote| {
            (&note.ticket_remote_id, note.created_at, note.role, note.visibility)
                == (&reply.ticket_remote_id, reply.at, Role::Agent, Visibility::Public)
        };
        let author = page.notes.iter().find(is_its_own).map(|note| note.author.as_str());
        assert_eq!((author, reply.actor.is_empty()), (Some(reply.actor.as_str()), false), "{reply:?}");
    }
    let whole = bench.api.ticket(&page.tickets[0].remote_id).await.unwrap();
    let of_first = |note: &&deskbell_domain::observation::ObservedNote| note.ticket_remote_id == page.tickets[0].remote_id;
    assert_eq!(whole.notes, page.notes.iter().filter(of_first).cloned().collect::<Vec<_>>());
    let (lines, centres) = bench.api.directory().await.unwrap();
    assert_eq!((lines.len(), centres.len()), (3, 28));
    assert_eq!(lines[0].number, "400-6455-566");
}

#[tokio::test]
async fn unreadable_cursor_and_a_feed_that_went_back_begin_again() {
    let bench = Bench::start().await;
    for cursor in ["", "{\"phase\":\"other\"}", "{\"phase\":\"feed\",\"after\":987654321}"] {
        let page = bench.api.pull(Some(cursor)).await.unwrap();
        assert_eq!((page.progress.done, page.progress.full), (u64::from(TICKET_PAGE), true), "{cursor}");
    }
}

#[tokio::test]
async fn reply_sent_twice_is_there_once() {
    let bench = Bench::start().await;
    let (ticket, _) = bench.ticket_with(Status::New).await;
    let operation = reply("0199-a", &ticket);
    assert_eq!(bench.api.read_back(&operation).await.unwrap(), ReadBack::NotLanded);
    let first = bench.api.send(&operation).await;
    assert!(matches!(&first, Outcome::Sent(receipt) if receipt.note_remote_id.is_some()), "{first:?}");
    assert_eq!(bench.api.send(&operation).await, first);
    assert_eq!(bench.notes_with(&operation).await, 1);
    let Outcome::Sent(receipt) = first else { unreachable!() };
    assert_eq!(bench.api.read_back(&operation).await.unwrap(), ReadBack::Landed(receipt));
}

#[tokio::test]
async fn every_fault_of_a_send_has_its_outcome() {
    let bench = Bench::start().await;
    let (ticket, _) = bench.ticket_with(Status::Open).await;
    let dated = "Sat, 21 Nov 2099 10:00:00 GMT".to_owned();
    let table = [
        ("answer lost", Fault::AnswerLost, "unknown", None, 1),
        ("500 after commit", Fault::FailsAfterCommit, "unknown", None, 1),
        ("500 before", Fault::FailsBefore, "unknown", None, 0),
        ("429 in seconds", Fault::RateLimited { retry_after: "7".to_owned() }, "retry", Some(7_000), 0),
        ("503 with a date", Fault::Unavailable { retry_after: dated }, "retry", Some(crate::http::RETRY_AFTER_MS_MAX), 0),
    ];
    for (number, (why, fault, expected, wait_ms, landed)) in table.into_iter().enumerate() {
        let operation = reply(&format!("fault-{number}"), &ticket);
        bench.faults.order("POST", "/notes", fault);
        let outcome = bench.api.send(&operation).await;
        let found = match &outcome {
            Outcome::Unknown { .. } => ("unknown", None),
            Outcome::Retry { after_ms, .. } => ("retry", *after_ms),
            other => panic!("{why}: {other:?}"),
        };
        assert_eq!(found, (expected, wait_ms), "{why}");
        assert_eq!(bench.notes_with(&operation).await, landed, "{why}");
        let read_back = bench.api.read_back(&operation).await.unwrap();
        assert_eq!(matches!(read_back, ReadBack::Landed(_)), landed == 1, "{why}");
        assert!(matches!(bench.api.send(&operation).await, Outcome::Sent(_)), "{why}");
        assert_eq!(bench.notes_with(&operation).await, 1, "{why}");
    }
}

#[tokio::test]
async fn answer_slower_than_the_limit_is_unknown_and_landed() {
    let bench = Bench::start().await;
    let (ticket, _) = bench.ticket_with(Status::Open).await;
    let operation = reply("slow", &ticket);
    bench.faults.order("POST", "/notes", Fault::Delayed(Duration::from_secs(30)));
    let hasty = client(&bench.hub.url(), "token-1", 1_500);
    assert_eq!(hasty.send(&operation).await, Outcome::Unknown { code: Code::TimedOut });
    assert!(matches!(bench.api.read_back(&operation).await.unwrap(), ReadBack::Landed(_)));
}

#[tokio::test]
async fn refusals_are_named() {
    let bench = Bench::start().await;
    let (ticket, _) = bench.ticket_with(Status::Open).await;
    let missing = bench.api.send(&reply("m", "424242")).await;
    assert!(matches!(&missing, Outcome::Rejected { code: Code::NotFound, .. }), "{missing:?}");
    let crooked = bench.api.send(&reply("c", "../me")).await;
    assert!(matches!(&crooked, Outcome::Rejected { code: Code::NotFound, .. }), "{crooked:?}");
    assert!(matches!(bench.api.send(&reply("reused", &ticket)).await, Outcome::Sent(_)));
    let mut other = reply("reused", &ticket);
    other.kind = OperationKind::reply("别的话".to_owned(), Visibility::Public);
    let reused = bench.api.send(&other).await;
    assert!(matches!(&reused, Outcome::Rejected { code: Code::Refused, .. }), "{reused:?}");
    let stranger = client(&bench.hub.url(), "wrong", 5_000);
    assert_eq!(stranger.check().await.unwrap_err().code, Code::CredentialsWrong);
    assert_eq!(bench.api.check().await.unwrap().user, "demo");
}

#[tokio::test]
async fn server_that_is_gone_is_retried() {
    let bench = Bench::start().await;
    let (ticket, _) = bench.ticket_with(Status::Open).await;
    let Bench { hub, api, directory, .. } = bench;
    hub.shutdown().await;
    let outcome = api.send(&reply("late", &ticket)).await;
    assert!(matches!(outcome, Outcome::Retry { code: Code::HostUnreachable, .. }), "{outcome:?}");
    drop(directory);
}

#[tokio::test]
async fn status_changed_by_somebody_else_is_a_conflict_and_notes_are_none() {
    let bench = Bench::start().await;
    let (ticket, _) = bench.ticket_with(Status::Open).await;
    bench.hub.customer_replies(&ticket, "客户", "补充").await.unwrap().unwrap();
    let resolve = set_status("s1", &ticket, Status::Open, Status::Resolved);
    assert!(matches!(bench.api.send(&resolve).await, Outcome::Sent(_)), "a note is no conflict");
    let stale = set_status("s2", &ticket, Status::Open, Status::WaitingCustomer);
    let outcome = bench.api.send(&stale).await;
    assert!(matches!(&outcome, Outcome::Rejected { code: Code::ChangedMeanwhile, .. }), "{outcome:?}");
    // Lost answer, then somebody else goes on: ours landed all the same.
    let close = set_status("s3", &ticket, Status::Resolved, Status::Closed);
    bench.faults.order("PATCH", "/tickets", Fault::AnswerLost);
    assert!(matches!(bench.api.send(&close).await, Outcome::Unknown { .. }));
    assert!(matches!(bench.api.send(&set_status("s4", &ticket, Status::Closed, Status::Open)).await, Outcome::Sent(_)));
    assert!(matches!(bench.api.send(&close).await, Outcome::Sent(_)));
    let now = bench.api.ticket(&ticket).await.unwrap().tickets[0].status;
    assert_eq!(now, Status::Open, "what came later stands");
    let priority = bench.api.ticket(&ticket).await.unwrap().tickets[0].priority;
    let to = if priority == Priority::Urgent { Priority::Routine } else { Priority::Urgent };
    let raise = operation("p1", &ticket, OperationKind::SetPriority { from: priority, to });
    assert!(matches!(bench.api.send(&raise).await, Outcome::Sent(_)));
    assert_eq!(bench.api.ticket(&ticket).await.unwrap().tickets[0].priority, to);
}

#[tokio::test]
async fn reply_to_a_new_ticket_opens_it_and_a_status_set_before_still_stands() {
    let bench = Bench::start().await;
    let (ticket, _) = bench.ticket_with(Status::New).await;
    assert!(matches!(bench.api.send(&reply("r1", &ticket)).await, Outcome::Sent(_)));
    let wait = set_status("r2", &ticket, Status::New, Status::WaitingCustomer);
    assert!(matches!(bench.api.send(&wait).await, Outcome::Sent(_)));
    assert_eq!(bench.api.ticket(&ticket).await.unwrap().tickets[0].status, Status::WaitingCustomer);
}
