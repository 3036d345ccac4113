//! The pull: everything once, then what changed, within the promised number of questions.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use deskbell_domain::observation::Fate;
use deskbell_domain::sla::event::TicketEventKind;
use deskbell_domain::ticket::Role;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::endpoint::{Bench, KEY};
use super::*;
use crate::aliyun::plan::{CALM_CYCLES, QUIET_CYCLES};

/// Pulls until there is nothing more, whole.
async fn pull_all(api: &AliyunApi, mut cursor: Option<String>) -> (Observations, String) {
    let mut all = Observations::default();
    for _ in 0..200 {
        let page = api.pull(cursor.as_deref()).await.unwrap();
        all.tickets.extend(page.observations.tickets);
        all.notes.extend(page.observations.notes);
        all.events.extend(page.observations.events);
        cursor = Some(page.next_cursor);
        if page.caught_up {
            return (all, cursor.unwrap());
        }
    }
    panic!("the pull does not end");
}

/// Counts connections' requests by operation on their way to the endpoint.
#[derive(Default)]
struct Counted {
    lists: AtomicU64,
    notes: AtomicU64,
    others: AtomicU64,
}

impl Counted {
    fn take(&self) -> (u64, u64, u64) {
        let take = |count: &AtomicU64| count.swap(0, Ordering::SeqCst);
        (take(&self.lists), take(&self.notes), take(&self.others))
    }
}

/// A proxy in front of the endpoint; the signed host is the proxy's, which the endpoint sees in the header.
async fn counting_proxy(to: String) -> (String, Arc<Counted>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let counted = Arc::new(Counted::default());
    let shared = counted.clone();
    let to = to.trim_start_matches("http://").trim_end_matches('/').to_owned();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&to).await.unwrap();
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_server, mut to_server) = server.into_split();
            tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
            let counted = shared.clone();
            tokio::spawn(async move {
                let mut buffer = vec![0_u8; 64 * 1024];
                while let Ok(count @ 1..) = from_client.read(&mut buffer).await {
                    let text = String::from_utf8_lossy(&buffer[..count]);
                    for action in text.match_indices("x-acs-action: ").map(|(at, word)| &text[at + word.len()..]) {
                        match action.split_once('\r').unwrap().0 {
                            "ListTickets" => &counted.lists,
                            "ListTicketNotes" => &counted.notes,
                            _ => &counted.others,
                        }
                        .fetch_add(1, Ordering::SeqCst);
                    }
                    if to_server.write_all(&buffer[..count]).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (url, counted)
}

#[tokio::test]
async fn full_pull_brings_every_ticket_once_newest_first_with_names_and_notes() {
    let bench = Bench::demo().await;
    let first = bench.api.pull(None).await.unwrap();
    assert_eq!(first.observations.tickets.len(), LOOKS_A_PAGE);
    assert_eq!((first.progress.full, first.progress.total, first.progress.done), (true, Some(400), LOOKS_A_PAGE as u64));
    let (rest, cursor) = pull_all(&bench.api, Some(first.next_cursor)).await;
    let tickets: Vec<_> = first.observations.tickets.iter().chain(&rest.tickets).collect();
    assert_eq!((tickets.len(), tickets.iter().map(|ticket| &ticket.remote_id).collect::<BTreeSet<_>>().len()), (400, 400));
    assert!(tickets.windows(2).all(|pair| pair[0].created_at >= pair[1].created_at || pair[0].remote_id > pair[1].remote_id));
    let named = tickets.iter().filter(|ticket| !ticket.product.is_empty() && ticket.product.parse::<u64>().is_err()).count();
    assert!(named > 300, "{named} have a category by name");
    for status in [Status::New, Status::Open, Status::WaitingCustomer, Status::Resolved, Status::Closed] {
        assert!(tickets.iter().any(|ticket| ticket.status == status), "{status:?}");
    }
    let notes: Vec<_> = first.observations.notes.iter().chain(&rest.notes).collect();
    assert!(tickets.iter().all(|ticket| notes.iter().any(|note| note.ticket_remote_id == ticket.remote_id)));
    assert!(notes.iter().all(|note| !note.remote_id.ends_with(":description")), "the first dialog is the description");
    assert!(notes.iter().any(|note| note.attachments.iter().any(|file| file.url.starts_with("http://127.0.0.1"))));
    // Nothing more to tell, and the cursor rests.
    let (idle, same) = pull_all(&bench.api, Some(cursor.clone())).await;
    assert!(idle.is_empty());
    assert_eq!(same, cursor);
    // After a restart too: what is known is in the cursor.
    let (idle, same) = pull_all(&bench.fresh(), Some(cursor.clone())).await;
    assert!(idle.is_empty(), "{} tickets {} notes", idle.tickets.len(), idle.notes.len());
    assert_eq!(same, cursor);
}

#[tokio::test]
async fn full_pull_goes_on_after_a_kill_and_asks_nothing_twice() {
    let bench = Bench::demo().await;
    let (url, counted) = counting_proxy(bench.url()).await;
    let api = client_of(&url, KEY.0, KEY.1);
    let mut page = api.pull(None).await.unwrap();
    for _ in 0..5 {
        page = api.pull(Some(&page.next_cursor)).await.unwrap();
    }
    assert_eq!(page.progress.done, 6 * LOOKS_A_PAGE as u64);
    // A page that was fetched and never applied is asked for again, the same.
    let lost = api.pull(Some(&page.next_cursor)).await.unwrap();
    let (_, notes_before, _) = counted.take();
    let fresh = client_of(&url, KEY.0, KEY.1);
    let again = fresh.pull(Some(&page.next_cursor)).await.unwrap();
    let ids = |page: &PullPage| page.observations.tickets.iter().map(|ticket| ticket.remote_id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&again), ids(&lost));
    let mut page = again;
    while page.progress.done < 400 {
        page = fresh.pull(Some(&page.next_cursor)).await.unwrap();
    }
    let (_, notes_after, _) = counted.take();
    // 400 tickets and the page that was lost.
    assert_eq!(notes_before + notes_after, 400 + LOOKS_A_PAGE as u64);
    // The first cycle looks again at those that the first life saw, as long as they are open: they may have changed since.
    let (changed, _) = pull_all(&fresh, Some(page.next_cursor)).await;
    let (_, looks, _) = counted.take();
    assert!(changed.is_empty() && (1..=7 * LOOKS_A_PAGE as u64).contains(&looks), "{looks}");
}

#[tokio::test]
async fn pull_that_is_ended_in_the_middle_leaves_nobody_out() {
    let bench = Bench::demo().await;
    let first = bench.api.pull(None).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_millis(15), bench.api.pull(Some(&first.next_cursor))).await;
    assert!(ended.is_err(), "25 tickets take longer than that");
    let (mut cursor, mut seen) = (first.next_cursor, first.observations.tickets.len());
    while seen < 400 {
        let page = bench.api.pull(Some(&cursor)).await.unwrap();
        assert!(page.progress.full, "the first cycle has nobody to make up for");
        (cursor, seen) = (page.next_cursor, seen + page.observations.tickets.len());
    }
}

#[tokio::test]
async fn cycle_without_change_costs_a_list_and_the_planned_looks() {
    let bench = Bench::empty().await;
    for number in 0..12 {
        bench.new_ticket(&format!("工单 {number}")).await;
    }
    let (url, counted) = counting_proxy(bench.url()).await;
    let api = client_of(&url, KEY.0, KEY.1);
    let (_, mut cursor) = pull_all(&api, None).await;
    counted.take();
    for _ in 0..3 {
        let (idle, next) = pull_all(&api, Some(cursor.clone())).await;
        assert!(idle.is_empty());
        // All 12 were active within the hour: one list page, twelve looks, nothing else.
        assert_eq!(counted.take(), (1, 12, 0));
        assert_eq!(next, cursor);
        cursor = next;
    }
    // Under a budget of 12 a minute, polled each minute: 9 for the poll, of which the list takes one.
    let options = AccountOptions { requests_per_minute: Some(12), ..AccountOptions::default() };
    let http = HttpClient::for_account(&url, &options, None).unwrap();
    assert_eq!(plan::looks_max(http.requests_per_minute(), POLL_MS, 1), 8);
    const { assert!(CALM_CYCLES < QUIET_CYCLES) };
}

#[tokio::test]
async fn changes_come_with_the_next_cycle_as_observed() {
    let bench = Bench::empty().await;
    let quiet = bench.new_ticket("安静").await;
    let busy = bench.new_ticket("忙").await;
    let (_, cursor) = pull_all(&bench.api, None).await;
    bench.sent(&reply(&busy, "还有一个问题")).await;
    bench.sent(&operation("c", &quiet, OperationKind::Close { from: Status::New })).await;
    let later = bench.new_ticket("新的").await;
    let (seen, cursor) = pull_all(&bench.api, Some(cursor)).await;
    let status = |id: &str| seen.tickets.iter().find(|ticket| ticket.remote_id == id).map(|ticket| ticket.status);
    assert_eq!((status(&quiet), status(&later)), (Some(Status::Closed), Some(Status::New)));
    // Of the conversation only what is new.
    let bodies = |id: &str| {
        seen.notes.iter().filter(|note| note.ticket_remote_id == id).map(|note| note.body.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(bodies(&busy), vec!["还有一个问题"]);
    assert_eq!(bodies(&later), vec!["新的，请协助。"]);
    let reply =
        seen.events.iter().find(|event| event.ticket_remote_id == busy && matches!(event.kind, TicketEventKind::Replied { .. }));
    assert_eq!(
        reply.map(|event| (&event.kind, event.uncertainty_ms)),
        Some((&TicketEventKind::Replied { by: Role::Customer }, 0))
    );
    let author = seen.notes.iter().find(|note| note.ticket_remote_id == busy).map(|note| note.author.as_str());
    assert_eq!(reply.map(|event| event.actor.as_str()), author);
    assert!(author.is_some_and(|author| !author.is_empty()), "{author:?}");
    let closed = seen
        .events
        .iter()
        .find(|event| event.ticket_remote_id == quiet && matches!(event.kind, TicketEventKind::StatusChanged { .. }))
        .unwrap();
    assert_eq!(closed.kind, TicketEventKind::StatusChanged { to: Status::Closed });
    assert!(closed.uncertainty_ms < 60_000, "it lies between two looks");
    // Reopened, it comes back.
    bench.sent(&operation("o", &quiet, OperationKind::Reopen { from: Status::Closed, body: "又出现".to_owned() })).await;
    let (seen, _) = pull_all(&bench.api, Some(cursor)).await;
    assert!(seen.tickets.iter().any(|ticket| ticket.remote_id == quiet && ticket.status == Status::Open), "{:?}", seen.tickets);
    assert!(seen.notes.iter().any(|note| note.body == "又出现"));
}

#[tokio::test]
async fn throttled_pull_keeps_what_it_has_and_says_when_to_come_back() {
    let bench = Bench::empty().await;
    for number in 0..3 {
        bench.new_ticket(&format!("工单 {number}")).await;
    }
    bench.faults.order("POST", "ListTickets", Fault::RateLimited { retry_after: "1500".to_owned() });
    let error = bench.api.pull(None).await.unwrap_err();
    assert_eq!((error.code, error.retry_after_ms), (Code::RateLimited, Some(1_500)));
    bench.faults.order("POST", "GetTicket", Fault::RateLimited { retry_after: "10".to_owned() });
    let page = bench.api.pull(None).await.unwrap();
    assert_eq!((page.observations.tickets.len(), page.caught_up), (2, false));
    let (rest, _) = pull_all(&bench.api, Some(page.next_cursor)).await;
    assert_eq!(rest.tickets.len(), 1);
}

#[tokio::test]
async fn account_with_a_small_budget_gets_on_and_keeps_to_it() {
    let (url, desk) = small_desk::serve().await;
    desk.lock().unwrap().tickets = (0..16).map(|n| (format!("T{n}"), 2)).collect();
    let options = AccountOptions { requests_per_minute: Some(120), ..AccountOptions::default() };
    let http = HttpClient::for_account(&url, &options, None).unwrap();
    let api = AliyunApi::new(http, "k", &SecretString::from("s"));
    let began = std::time::Instant::now();
    let (all, cursor) = pull_all(&api, None).await;
    assert_eq!(all.tickets.len(), 16);
    // One for the products, two lists, two for each ticket: 35, of which 30 go at once and the others each 667 ms.
    assert!(began.elapsed() >= Duration::from_millis(4 * 667), "{:?}", began.elapsed());
    // A person who comes in between has to wait a moment, and is not refused.
    assert!(api.check().await.is_ok());
    assert!(pull_all(&api, Some(cursor)).await.0.is_empty());
}

/// A desk in memory at the level of rows, for what the hub cannot do: losing tickets, ignoring filters, refusing them.
mod small_desk {
    use std::sync::Mutex;

    use axum::extract::State;
    use axum::http::{HeaderMap, Uri};
    use axum::{Json, Router, routing::post};

    use super::*;

    #[derive(Default)]
    pub(super) struct Rows {
        pub(super) tickets: Vec<(String, u8)>,
        pub(super) ignores_waiting: bool,
        pub(super) refuses_filter: bool,
    }

    pub(super) type Desk = Arc<Mutex<Rows>>;

    pub(super) async fn serve() -> (String, Desk) {
        let desk = Desk::default();
        let router = Router::new().route("/", post(answer)).with_state(desk.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (url, desk)
    }

    fn good(data: Value) -> Json<Value> {
        Json(json!({ "Success": true, "Code": 0, "RequestId": "r", "Data": data }))
    }

    async fn answer(State(desk): State<Desk>, headers: HeaderMap, uri: Uri, body: String) -> Json<Value> {
        let desk = desk.lock().unwrap();
        let action = headers["x-acs-action"].to_str().unwrap().to_owned();
        let told = format!("{}&{body}", uri.query().unwrap_or_default());
        let value = |name: &str| told.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")).map(str::to_owned));
        let id = value("TicketId").unwrap_or_default();
        let found = desk.tickets.iter().find(|(one, _)| *one == id);
        let status = |status: &u8| json!({ "Label": "", "Value": status.to_string() });
        match (action.as_str(), found) {
            ("ListTickets", _) => {
                let filtered = told.contains("StatusList.1");
                if filtered && desk.refuses_filter {
                    return Json(json!({ "Success": false, "Code": "param.illegal", "RequestId": "r" }));
                }
                let ids = value("TicketIdList");
                let rows: Vec<Value> = desk
                    .tickets
                    .iter()
                    .filter(|(id, status)| {
                        ids.as_ref().map_or(!filtered || *status != 6, |ids| ids == id)
                            && !(filtered && desk.ignores_waiting && *status == 3)
                    })
                    .map(|(id, one)| json!({ "TicketId": id, "Title": id, "Status": status(one) }))
                    .collect();
                let page: usize = value("PageNumber").unwrap().parse().unwrap();
                let size: usize = value("PageSize").unwrap().parse().unwrap();
                let total = rows.len();
                let rows: Vec<Value> = rows.into_iter().skip((page - 1) * size).take(size).collect();
                Json(json!({ "Success": true, "Code": 200, "TotalCount": total, "Data": rows }))
            }
            ("GetTicket", Some((id, one))) => {
                good(json!({ "TicketId": id, "Title": id, "Description": "d", "CreateTime": 1_000, "Status": status(one) }))
            }
            ("ListTicketNotes", Some(_)) => good(json!([])),
            ("ListProducts", _) => good(json!([])),
            _ => Json(json!({ "Success": false, "Code": "param.illegal", "RequestId": "r" })),
        }
    }
}

#[tokio::test]
async fn deleted_tickets_leave_a_tombstone_and_a_failing_list_leaves_none() {
    let (url, desk) = small_desk::serve().await;
    desk.lock().unwrap().tickets = (0..150).map(|n| (format!("T{n}"), if n % 2 == 0 { 2 } else { 6 })).collect();
    let api = client_of(&url, "k", "s");
    let (all, cursor) = pull_all(&api, None).await;
    assert_eq!(all.tickets.len(), 150);
    desk.lock().unwrap().tickets.retain(|(id, _)| id != "T4" && id != "T7");
    let (seen, cursor) = pull_all(&api, Some(cursor)).await;
    let gone = |seen: &Observations| {
        seen.tickets
            .iter()
            .filter(|ticket| ticket.fate == Fate::Deleted)
            .map(|ticket| ticket.remote_id.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(gone(&seen), vec!["T4"], "a confirmed one is missed when all are listed");
    assert!(seen.events.iter().any(|event| event.ticket_remote_id == "T4" && event.kind == TicketEventKind::Deleted));
    let (seen, _) = pull_all(&client_of(&url, "k", "s"), Some(cursor)).await;
    assert_eq!(gone(&seen), vec!["T7"], "as after a restart");
}

#[tokio::test]
async fn a_list_by_status_that_leaves_tickets_out_is_not_believed_again() {
    let (url, desk) = small_desk::serve().await;
    desk.lock().unwrap().tickets = vec![("A".to_owned(), 3), ("B".to_owned(), 2), ("C".to_owned(), 6)];
    let api = client_of(&url, "k", "s");
    let (_, cursor) = pull_all(&api, None).await;
    desk.lock().unwrap().ignores_waiting = true;
    let (seen, cursor) = pull_all(&api, Some(cursor)).await;
    assert!(seen.tickets.iter().all(|ticket| ticket.fate == Fate::Live));
    // From now on all are listed: the confirmed one that was deleted is missed at once.
    desk.lock().unwrap().tickets.retain(|(id, _)| id != "C");
    let (seen, cursor) = pull_all(&api, Some(cursor)).await;
    assert_eq!(seen.tickets.iter().map(|ticket| ticket.remote_id.as_str()).collect::<Vec<_>>(), vec!["C"]);
    desk.lock().unwrap().refuses_filter = true;
    let other = client_of(&url, "k", "s");
    let (_, cursor) = pull_all(&other, Some(cursor)).await;
    desk.lock().unwrap().tickets.push(("D".to_owned(), 1));
    let (seen, _) = pull_all(&other, Some(cursor)).await;
    assert_eq!(seen.tickets[0].remote_id, "D", "a filter that is refused is done without");
}

#[tokio::test]
async fn unknown_statuses_are_kept_as_they_came() {
    let (url, desk) = small_desk::serve().await;
    desk.lock().unwrap().tickets = vec![("A".to_owned(), 9)];
    let (all, _) = pull_all(&client_of(&url, "k", "s"), None).await;
    assert_eq!((all.tickets[0].status, all.tickets[0].status_raw.as_str()), (Status::Open, "9"));
    assert!(all.notes.iter().any(|note| note.body == "d" && note.remote_id == "A:description"));
}

#[tokio::test]
async fn unreadable_cursors_begin_again() {
    let (url, desk) = small_desk::serve().await;
    desk.lock().unwrap().tickets = vec![("A".to_owned(), 2)];
    for cursor in ["", "{}", "[]", "{\"form\":2}", "{\"form\":1,\"phase\":{\"is\":\"full\",\"page\":0},\"tickets\":{}}"] {
        let api = client_of(&url, "k", "s");
        let page = tokio::time::timeout(Duration::from_secs(5), api.pull(Some(cursor))).await.unwrap();
        assert!(page.is_ok_and(|page| page.progress.full), "{cursor}");
    }
}
