//! Reading, writing, following, limits.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use deskbell_domain::UtcMs;
use deskbell_hub::{BODY_BYTES_MAX, DemoLife, Fault, Faults, HubConfig, HubError, RateLimit, openapi, seed_demo};
use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, problem};

const WRITERS: usize = 8;
const NOTES_EACH: usize = 12;

#[test]
fn checked_in_document_is_the_servers_own() {
    let document = openapi().to_pretty_json().unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    if std::env::var_os("DESKBELL_UPDATE_OPENAPI").is_some() {
        std::fs::write(&path, &document).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(kept == document, "openapi.json drifted: run this test with DESKBELL_UPDATE_OPENAPI=1");
    assert!(document.contains("\"openapi\": \"3.1.0\""));
}

#[tokio::test]
async fn document_is_served_without_a_token_and_nothing_else_is() {
    let desk = Desk::start(|_| {}).await;
    let served: Value = desk.client.get(format!("{}openapi.json", desk.hub.url())).send().await.unwrap().json().await.unwrap();
    assert_eq!(served, serde_json::to_value(openapi()).unwrap());
    for token in [None, Some("wrong")] {
        let mut request = desk.client.get(format!("{}api/v1/tickets", desk.hub.url()));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        assert_eq!(problem(request.send().await.unwrap()).await, (401, "unauthorized".to_owned()));
    }
    assert_eq!(desk.get("me").await["user"], "demo");
}

#[tokio::test]
async fn fifty_identical_posts_at_once_are_one_note() {
    let desk = Desk::start(|_| {}).await;
    let ticket = desk.new_ticket("t").await;
    let id = ticket["id"].as_str().unwrap();
    let answers = futures::future::join_all((0..50).map(|_| desk.note(id, "same-key", "您好，正在处理"))).await;
    let mut bodies = BTreeSet::new();
    let mut first = 0;
    for answer in answers {
        assert_eq!(answer.status(), 201);
        first += usize::from(!answer.headers().contains_key("idempotency-replayed"));
        bodies.insert(answer.text().await.unwrap());
    }
    assert_eq!((bodies.len(), first), (1, 1));
    let notes = desk.get(&format!("tickets/{id}/notes")).await;
    let markers: Vec<&Value> = notes["notes"].as_array().unwrap().iter().map(|note| &note["marker"]).collect();
    assert_eq!(markers, ["t", "same-key"]);
    let found = desk.get("operations/same-key").await;
    assert_eq!((&found["ticket_id"], &found["note_id"]), (&ticket["id"], &notes["notes"][1]["id"]));
    let other = desk.note(id, "same-key", "另一句话").await;
    assert_eq!(problem(other).await, (422, "idempotency_key_reused".to_owned()));
    let unknown = desk.ask(Method::GET, "operations/never").send().await.unwrap();
    assert_eq!(problem(unknown).await, (404, "operation_unknown".to_owned()));
}

#[tokio::test]
async fn patch_holds_to_the_version_that_was_read() {
    let desk = Desk::start(|_| {}).await;
    let ticket = desk.new_ticket("t").await;
    let path = format!("tickets/{}", ticket["id"].as_str().unwrap());
    let read = desk.ask(Method::GET, &path).send().await.unwrap();
    let etag = read.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(etag, format!("\"{}\"", ticket["version"].as_str().unwrap()));
    let patch = |key: &'static str, etag: &str, body: Value| {
        desk.ask(Method::PATCH, &path).header("Idempotency-Key", key).header("If-Match", etag).json(&body).send()
    };
    let done = patch("p1", &etag, json!({ "status": "resolved", "tags": ["a"] })).await.unwrap();
    assert_eq!(done.status(), 200);
    let newer = done.headers()["etag"].to_str().unwrap().to_owned();
    assert_ne!(newer, etag);
    let stale = patch("p2", &etag, json!({ "priority": "routine" })).await.unwrap();
    assert_eq!(problem(stale).await, (412, "precondition_failed".to_owned()));
    // The key that took effect is answered again, whatever the version is now.
    let again = patch("p1", &etag, json!({ "status": "resolved", "tags": ["a"] })).await.unwrap();
    assert_eq!((again.status().as_u16(), again.headers()["etag"].to_str().unwrap()), (200, newer.as_str()));
    let later = patch("p2", &newer, json!({ "priority": "routine" })).await.unwrap();
    let ticket: Value = later.json().await.unwrap();
    assert_eq!((&ticket["status"], &ticket["priority"]), (&json!("resolved"), &json!("routine")));
    let events = desk.get(&format!("{path}/events")).await;
    let kinds: Vec<&str> = events["events"].as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap()).collect();
    // With its first change a priority tells what it was from the creation on.
    assert_eq!(kinds, ["created", "tags_changed", "status_changed", "priority_changed", "priority_changed"]);
    let (first, then) = (&events["events"][3], &events["events"][4]);
    assert_eq!((&first["at"], &first["actor"]), (&ticket["created_at"], &json!("")));
    assert_ne!(first["to"], then["to"]);
    assert!(then["actor"].as_str().is_some_and(|actor| !actor.is_empty()), "{then}");
}

#[tokio::test]
async fn feed_misses_nothing_while_writers_run() {
    let desk = Desk::start(|_| {}).await;
    let mut tickets = Vec::new();
    for number in 0..WRITERS {
        tickets.push(desk.new_ticket(&format!("t{number}")).await["id"].as_str().unwrap().to_owned());
    }
    let start = desk.get("tickets?limit=1").await["feed_seq"].as_i64().unwrap();
    let writers = futures::future::join_all(tickets.iter().enumerate().map(|(writer, id)| {
        let desk = &desk;
        async move {
            for number in 0..NOTES_EACH {
                assert_eq!(desk.note(id, &format!("w{writer}-{number}"), "…").await.status(), 201);
            }
        }
    }));
    let expected: BTreeSet<String> =
        (0..WRITERS).flat_map(|writer| (0..NOTES_EACH).map(move |number| format!("w{writer}-{number}"))).collect();
    let reader = async {
        let (mut after, mut seen) = (start, BTreeSet::new());
        while seen.len() < expected.len() {
            let page = desk.get(&format!("changes?after={after}&limit=5")).await;
            for change in page["changes"].as_array().unwrap() {
                let seq = change["seq"].as_i64().unwrap();
                assert!(seq > after, "the feed goes forward");
                after = seq;
                for note in change["ticket"]["notes"].as_array().unwrap() {
                    assert!(seen.insert(note["marker"].as_str().unwrap().to_owned()), "nothing comes twice");
                }
            }
            assert_eq!(page["next_after"].as_i64().unwrap(), after);
        }
        (after, seen)
    };
    let ((after, seen), _) = tokio::time::timeout(Duration::from_secs(60), futures::future::join(reader, writers)).await.unwrap();
    assert_eq!(seen, expected);
    let idle = desk.get(&format!("changes?after={after}")).await;
    assert_eq!((idle["changes"].as_array().unwrap().len(), &idle["more"]), (0, &json!(false)));
    let ahead = desk.ask(Method::GET, "changes?after=999999").send().await.unwrap();
    assert_eq!(problem(ahead).await, (410, "feed_position_ahead".to_owned()));
}

#[tokio::test]
async fn limits_are_kept() {
    let desk = Desk::start(|config| {
        config.rate_limit = Some(RateLimit { requests: 8, window: Duration::from_secs(3_600) });
    })
    .await;
    let id = desk.new_ticket("t").await["id"].as_str().unwrap().to_owned();
    let no_key = desk.ask(Method::POST, "tickets").json(&json!({})).send().await.unwrap();
    assert_eq!(problem(no_key).await, (400, "idempotency_key_missing".to_owned()));
    let large = desk.note(&id, "large", &"x".repeat(BODY_BYTES_MAX + 1)).await;
    assert_eq!(problem(large).await, (413, "body_too_large".to_owned()));
    let empty = desk.note(&id, "empty", "  ").await;
    assert_eq!(problem(empty).await, (400, "invalid_request".to_owned()));
    for path in ["tickets?limit=201", "changes?limit=0", "tickets?before=abc", "tickets?include=secrets"] {
        let refused = desk.ask(Method::GET, path).send().await.unwrap();
        assert_eq!(problem(refused).await, (400, "invalid_request".to_owned()), "{path}");
    }
    let limited = desk.ask(Method::GET, "me").send().await.unwrap();
    assert!(limited.headers()["retry-after"].to_str().unwrap().parse::<u64>().unwrap() > 3_500);
    assert_eq!(problem(limited).await, (429, "rate_limited".to_owned()));
}

#[tokio::test]
async fn answer_lost_after_commit_is_found_by_its_key() {
    let faults = Faults::default();
    let desk = Desk::start(|config| config.faults = faults.clone()).await;
    let id = desk.new_ticket("t").await["id"].as_str().unwrap().to_owned();
    faults.order("POST", "/notes", Fault::AnswerLost);
    let path = format!("tickets/{id}/notes");
    let body = json!({ "body": "…", "visibility": "internal" });
    let lost = async { desk.ask(Method::POST, &path).header("Idempotency-Key", "k").json(&body).send().await?.text().await };
    assert!(lost.await.is_err());
    assert_eq!(desk.get("operations/k").await["status"], 201);
    assert_eq!(desk.get(&path).await["notes"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn customers_reply_opens_what_waited_for_it() {
    let desk = Desk::start(|_| {}).await;
    let id = desk.new_ticket("t").await["id"].as_str().unwrap().to_owned();
    assert_eq!(desk.note(&id, "n", "请补充截图").await.status(), 201);
    assert_eq!(desk.get(&format!("tickets/{id}")).await["status"], "open");
    let path = format!("tickets/{id}");
    let waits = desk.ask(Method::PATCH, &path).header("Idempotency-Key", "p").json(&json!({ "status": "waiting_customer" }));
    assert_eq!(waits.send().await.unwrap().status(), 200);
    assert!(desk.hub.customer_replies(&id, "王建国", "截图已传").await.unwrap().is_some());
    assert_eq!(desk.get(&path).await["status"], "open");
    assert_eq!(desk.hub.customer_replies("777", "x", "y").await.unwrap(), None);
}

/// Who did what of a ticket, as its events tell.
async fn deeds(desk: &Desk, id: &str) -> Vec<(String, String)> {
    let events = desk.get(&format!("tickets/{id}/events")).await;
    let deed = |event: &Value| (event["event"].as_str().unwrap().to_owned(), event["actor"].as_str().unwrap().to_owned());
    events["events"].as_array().unwrap().iter().map(deed).collect()
}

#[tokio::test]
async fn events_name_who_did_it_and_those_of_an_older_database_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("hub.db");
    let set_up = |config: &mut HubConfig| {
        config.database = database.clone();
        config.display_name = "林夏".to_owned();
    };
    let desk = Desk::start(set_up).await;
    let id = desk.new_ticket("t").await["id"].as_str().unwrap().to_owned();
    assert_eq!(desk.note(&id, "n", "请补充截图").await.status(), 201);
    assert!(desk.hub.customer_replies(&id, "王建国", "截图已传").await.unwrap().is_some());
    let told = |list: &[(&str, &str)]| list.iter().map(|(event, actor)| ((*event).to_owned(), (*actor).to_owned())).collect();
    let expected: Vec<_> = told(&[("created", "王建国"), ("replied", "林夏"), ("status_changed", "林夏"), ("replied", "王建国")]);
    assert_eq!(deeds(&desk, &id).await, expected);
    desk.hub.shutdown().await;

    // As versions before this one left it.
    let connection = rusqlite::Connection::open(&database).unwrap();
    connection.execute_batch("ALTER TABLE events DROP COLUMN actor").unwrap();
    drop(connection);
    let desk = Desk::start(set_up).await;
    assert_eq!(desk.note(&id, "later", "收到").await.status(), 201);
    let expected: Vec<_> =
        told(&[("created", ""), ("replied", ""), ("status_changed", ""), ("replied", ""), ("replied", "林夏")]);
    assert_eq!(deeds(&desk, &id).await, expected);
    desk.hub.shutdown().await;
}

/// Every public reply is its author's, and what an agent's first reply stops has a name to tell.
fn assert_replies_have_their_authors(ticket: &Value) {
    let notes = ticket["notes"].as_array().unwrap().iter().skip(1).filter(|note| note["visibility"] == "public");
    let authors: Vec<&Value> = notes.map(|note| &note["author"]).collect();
    let events = ticket["events"].as_array().unwrap();
    let actors: Vec<&Value> = events.iter().filter(|event| event["event"] == "replied").map(|event| &event["actor"]).collect();
    assert_eq!(actors, authors);
    let resolved = events.iter().find(|event| event["to"] == "resolved");
    assert!(resolved.is_none_or(|event| event["actor"] == ticket["assignee"]), "{ticket}");
    let unnamed = |event: &&Value| event["actor"] == "" && event["to"] != "closed";
    assert_eq!(events.iter().find(unnamed), None);
}

#[tokio::test]
async fn demo_is_served_page_by_page_and_stays_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("demo.db");
    let now = UtcMs::parse_rfc3339("2026-11-21T10:00:00Z").unwrap();
    let report = seed_demo(&database, now, 1).unwrap();
    assert!((report.tickets, report.customers) == (400, 40) && report.scenarios >= 45, "{report:?}");
    assert!(matches!(seed_demo(&database, now, 1), Err(HubError::Database(_))), "a desk in use is left alone");
    let desk = Desk::start(|config| config.database = database.clone()).await;
    let (mut before, mut ids) = (String::new(), Vec::new());
    loop {
        let page = desk.get(&format!("tickets?limit=150&include=notes,events{before}")).await;
        assert_eq!(page["total"], 400);
        ids.extend(page["tickets"].as_array().unwrap().iter().map(|ticket| {
            assert_replies_have_their_authors(ticket);
            assert!(!ticket["notes"].as_array().unwrap().is_empty() && !ticket["events"].as_array().unwrap().is_empty());
            ticket["id"].as_str().unwrap().parse::<i64>().unwrap()
        }));
        match page["next_before"].as_str() {
            Some(next) => before = format!("&before={next}"),
            None => break,
        }
    }
    assert_eq!(ids.len(), 400);
    assert!(ids.windows(2).all(|pair| pair[0] > pair[1]), "newest first");
    let directory = desk.get("directory").await;
    assert_eq!(
        (directory["phone_lines"].as_array().unwrap().len(), directory["service_centres"].as_array().unwrap().len()),
        (3, 28)
    );
    assert_eq!(desk.get("customers").await["customers"].as_array().unwrap().len(), 40);
    desk.hub.shutdown().await;
}

#[tokio::test]
async fn simulated_customer_answers_once_and_in_the_tickets_language() {
    let life = DemoLife { wait_min: Duration::ZERO, wait_max: Duration::ZERO };
    let desk = Desk::start(|config| config.life = Some(life)).await;
    let id = desk.new_ticket("t").await["id"].as_str().unwrap().to_owned();
    let path = format!("tickets/{id}");
    let waits = desk.ask(Method::PATCH, &path).header("Idempotency-Key", "p").json(&json!({ "status": "waiting_customer" }));
    assert_eq!(waits.send().await.unwrap().status(), 200);
    let other = desk.new_ticket("other").await["id"].as_str().unwrap().to_owned();
    // The second reply gets no answer: by the time the other ticket has its own, it would be there.
    for (key, ticket) in [("n1", &id), ("n2", &id), ("n3", &other)] {
        assert_eq!(desk.note(ticket, key, "请看一下是否恢复").await.status(), 201);
        let arrive = async {
            while key != "n2" && desk.get(&format!("tickets/{ticket}/notes")).await["notes"].as_array().unwrap().len() < 3 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), arrive).await.unwrap();
    }
    let notes = desk.get(&format!("{path}/notes")).await["notes"].as_array().unwrap().clone();
    let roles: Vec<&str> = notes.iter().map(|note| note["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["customer", "agent", "customer", "agent"]);
    assert_eq!(notes[2]["author"], "王建国");
    assert!(!notes[2]["body"].as_str().unwrap().is_ascii());
    assert_eq!(desk.get(&path).await["status"], "open");
}
