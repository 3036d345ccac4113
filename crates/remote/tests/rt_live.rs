//! Against a real Request Tracker 5 (`tests/servers/rt`): what we pull is what RT answers to questions
//! asked by other routes, and what we send is there once.
//!
//! `DESKBELL_RT_URL` names a server seeded by `tests/servers/rt/seed.py`; user and secret default to the
//! seeded agent, who is no administrator.

#[cfg(test)]
#[path = "rt_live/files.rs"]
mod files;
#[cfg(test)]
#[path = "rt_live/operations.rs"]
mod operations;
#[cfg(test)]
#[path = "rt_live/session.rs"]
mod session;
#[cfg(test)]
#[path = "rt_live/support.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};

use deskbell_domain::Code;
use deskbell_domain::observation::Fate;
use deskbell_domain::sla::event::TicketEventKind;
use deskbell_domain::sync::op::{OperationKind, Outcome, ReadBack};
use deskbell_domain::ticket::{Priority, Role, Status, Visibility};
use futures::{StreamExt, stream};
use serde_json::{Value, json};

use support::*;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn everything_pulled_is_what_rt_answers() {
    let api = api();
    let identity = api.check().await.unwrap();
    assert!(identity.server.starts_with("Request Tracker 5."), "{identity:?}");
    let (ours, cursor) = pull_all(&*api).await;
    let raw = Raw::log_in().await;
    let theirs = raw
        .pages("tickets", &[("query", "id > 0"), ("orderby", "id"), ("fields", "Subject,Status,Priority,Requestor,Owner")])
        .await;

    let mut tickets = BTreeMap::new();
    for ticket in &ours.tickets {
        tickets.insert(ticket.remote_id.clone(), ticket);
    }
    let ids: Vec<String> = theirs.iter().map(|row| text(&row["id"])).collect();
    let expected: BTreeSet<&String> = ids.iter().collect();
    let found: BTreeSet<&String> = tickets.iter().filter(|(_, ticket)| ticket.fate == Fate::Live).map(|(id, _)| id).collect();
    assert_eq!(found, expected);
    for row in &theirs {
        let ticket = tickets[&text(&row["id"])];
        let requester = row["Requestor"][0]["id"].as_str().unwrap_or_default();
        let owner = row["Owner"]["id"].as_str().filter(|name| *name != "Nobody").unwrap_or_default();
        assert_eq!(
            (
                ticket.subject.as_str(),
                ticket.status_raw.as_str(),
                ticket.priority_raw.clone(),
                ticket.requester.as_str(),
                ticket.assignee.as_str()
            ),
            (row["Subject"].as_str().unwrap(), row["Status"].as_str().unwrap(), text(&row["Priority"]), requester, owner),
        );
    }

    let mut notes: BTreeMap<&str, BTreeMap<&str, (&str, Visibility)>> = BTreeMap::new();
    for note in &ours.notes {
        notes.entry(&note.ticket_remote_id).or_default().insert(&note.remote_id, (&note.body, note.visibility));
    }
    let histories: Vec<(String, Vec<Value>, Vec<Value>)> = stream::iter(ids.clone())
        .map(|id| {
            let raw = &raw;
            async move {
                let history = raw.pages(&format!("ticket/{id}/history"), &[("fields", "Type")]).await;
                let fields = [("fields", "TransactionId,ContentType,Filename,Content")];
                let parts = raw.pages(&format!("ticket/{id}/attachments"), &fields).await;
                (id, history, parts)
            }
        })
        .buffer_unordered(4)
        .collect()
        .await;
    let mut compared = 0;
    for (id, history, parts) in &histories {
        let mut expected = BTreeMap::new();
        for row in history {
            let visibility = match row["Type"].as_str().unwrap() {
                "Create" | "Correspond" => Visibility::Public,
                "Comment" => Visibility::Internal,
                _ => continue,
            };
            let transaction = row["id"].as_str().unwrap();
            let written = |part: &&Value| {
                let mime = part["ContentType"].as_str().unwrap();
                text(&part["TransactionId"]) == transaction && mime.starts_with("text/") && part["Filename"] == ""
            };
            let body = parts.iter().find(written);
            expected.insert(transaction, (body.and_then(|part| part["Content"].as_str()).unwrap_or_default(), visibility));
        }
        assert_eq!(notes.remove(id.as_str()).unwrap_or_default(), expected, "ticket {id}");
        compared += expected.len();
    }
    notes.retain(|id, _| tickets[*id].fate == Fate::Live);
    assert!(notes.is_empty(), "notes of tickets that RT does not list: {:?}", notes.keys());
    let created = ours.events.iter().filter(|event| event.kind == TicketEventKind::Created).map(|event| &event.ticket_remote_id);
    assert_eq!(created.collect::<BTreeSet<_>>().len(), expected.len());
    println!("{} tickets and {compared} notes are what RT answers", expected.len());

    let quiet = api.pull(Some(&cursor)).await.unwrap();
    assert!(quiet.caught_up && quiet.observations.is_empty() && quiet.next_cursor == cursor);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn reply_lands_once_with_its_marker_and_is_found_again() {
    let (api, raw) = (api(), Raw::log_in().await);
    let ticket = open_ticket(&raw).await;
    for visibility in [Visibility::Public, Visibility::Internal] {
        let body = format!("收到，正在处理宕机问题。\n\nSecond line <b>not bold</b> {visibility:?}\n");
        let reply = operation(&ticket, OperationKind::reply(body.clone(), visibility));
        assert_eq!(api.read_back(&reply).await.unwrap(), ReadBack::NotLanded);
        let Outcome::Sent(receipt) = api.send(&reply).await else { panic!("not sent") };
        assert_eq!(raw.count_of_marker(&ticket, &reply.marker).await, 1);
        assert_eq!(api.read_back(&reply).await.unwrap(), ReadBack::Landed(receipt.clone()));
        let whole = api.ticket(&ticket).await.unwrap();
        let note = whole.notes.iter().find(|note| Some(&note.remote_id) == receipt.note_remote_id.as_ref()).unwrap();
        assert_eq!((note.body.trim(), note.visibility, note.role), (body.trim(), visibility, Role::Agent));
        assert_eq!(note.marker.as_deref(), Some(reply.marker.as_str()));
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn reply_without_a_marker_on_the_server_is_found_by_content() {
    let (api, raw) = (api(), Raw::log_in().await);
    let ticket = open_ticket(&raw).await;
    let body = format!("续费已确认 {}\r\nsecond line", rand_bits());
    let reply = operation(&ticket, OperationKind::reply(body.clone(), Visibility::Public));
    raw.post(&format!("ticket/{ticket}/correspond"), &json!({ "Content": body, "ContentType": "text/plain" })).await;
    assert!(matches!(api.read_back(&reply).await.unwrap(), ReadBack::Landed(_)));
    let other = operation(&ticket, OperationKind::reply(format!("{body}!"), Visibility::Public));
    assert_eq!(api.read_back(&other).await.unwrap(), ReadBack::NotLanded);
    let internal = operation(&ticket, OperationKind::reply(body, Visibility::Internal));
    assert_eq!(api.read_back(&internal).await.unwrap(), ReadBack::NotLanded);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn status_and_priority_stick_or_are_refused() {
    let (api, raw) = (api(), Raw::log_in().await);
    let ticket = open_ticket(&raw).await;
    let edit = |from, to| operation(&ticket, OperationKind::SetStatus { from, to });
    let mut seen = api.ticket(&ticket).await.unwrap().tickets[0].status;
    for (to, raw_status) in [(Status::WaitingCustomer, "stalled"), (Status::Resolved, "resolved"), (Status::Open, "open")] {
        let change = edit(seen, to);
        seen = to;
        assert!(matches!(api.send(&change).await, Outcome::Sent(_)), "{raw_status}");
        assert_eq!(raw.get(&format!("ticket/{ticket}"), &[]).await["Status"], raw_status);
        assert!(matches!(api.read_back(&change).await.unwrap(), ReadBack::Landed(_)));
    }
    assert_eq!(api.read_back(&edit(seen, Status::Closed)).await.unwrap(), ReadBack::NotLanded);
    assert!(matches!(api.send(&edit(seen, Status::WaitingVendor)).await, Outcome::Rejected { code: Code::InputInvalid, .. }));
    let overtaken = api.send(&edit(Status::WaitingCustomer, Status::Resolved)).await;
    assert!(matches!(overtaken, Outcome::Rejected { code: Code::ChangedMeanwhile, .. }), "somebody else opened it");
    for to in [Priority::Urgent, Priority::Routine, Priority::Important] {
        let from = api.ticket(&ticket).await.unwrap().tickets[0].priority;
        let change = operation(&ticket, OperationKind::SetPriority { from, to });
        assert!(matches!(api.send(&change).await, Outcome::Sent(_)), "{to:?}");
        assert_eq!(api.ticket(&ticket).await.unwrap().tickets[0].priority, to);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn feed_brings_each_change_and_nothing_else() {
    let (api, raw) = (api(), Raw::log_in().await);
    let (_, mut cursor) = pull_all(&*api).await;
    let ticket = open_ticket(&raw).await;
    let body = format!("新回复 {}", rand_bits());
    let sent = api.send(&operation(&ticket, OperationKind::reply(body.clone(), Visibility::Public))).await;
    assert!(matches!(sent, Outcome::Sent(_)));
    raw.put(&format!("ticket/{ticket}"), &json!({ "Subject": format!("改了标题 {ticket}"), "Status": "stalled" })).await;
    let page = api.pull(Some(&cursor)).await.unwrap();
    assert!(page.caught_up);
    // Other tests of this file run at the same time.
    let changed = page.observations.tickets.iter().find(|changed| changed.remote_id == ticket).unwrap();
    assert_eq!((changed.subject.as_str(), changed.status), (format!("改了标题 {ticket}").as_str(), Status::WaitingCustomer));
    assert_eq!(page.observations.notes.iter().filter(|note| note.body.trim() == body).count(), 1);
    let stalled = TicketEventKind::StatusChanged { to: Status::WaitingCustomer };
    assert!(page.observations.events.iter().any(|event| event.ticket_remote_id == ticket && event.kind == stalled));
    cursor = page.next_cursor;

    let survivor = open_ticket(&raw).await;
    let merged =
        text(&raw.post("ticket", &json!({ "Queue": "Support", "Subject": "duplicate", "Content": "宕机了" })).await["id"]);
    raw.put(&format!("ticket/{merged}"), &json!({ "MergeInto": survivor })).await;
    let page = api.pull(Some(&cursor)).await.unwrap();
    let gone = page.observations.tickets.iter().find(|gone| gone.remote_id == merged).unwrap();
    assert_eq!(gone.fate, Fate::Merged { into_remote_id: survivor.clone() });
    assert!(page.observations.notes.iter().any(|note| note.ticket_remote_id == survivor && note.body.trim() == "宕机了"));
    assert!(page.observations.events.iter().any(|event| matches!(event.kind, TicketEventKind::Merged { .. })));
    let whole = api.ticket(&merged).await.unwrap();
    assert_eq!(whole.tickets[0].fate, Fate::Merged { into_remote_id: survivor });
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn wrong_password_and_wrong_ticket_have_names() {
    let wrong = api_as(&user(), "not-the-password");
    assert_eq!(wrong.check().await.unwrap_err().code, Code::CredentialsWrong);
    assert_eq!(wrong.pull(None).await.unwrap_err().code, Code::CredentialsWrong);
    let reply = |ticket: &str| operation(ticket, OperationKind::reply("x", Visibility::Public));
    assert_eq!(wrong.send(&reply("1")).await, Outcome::Retry { after_ms: None, code: Code::CredentialsWrong });
    let right = api();
    assert!(matches!(right.send(&reply("99999999")).await, Outcome::Rejected { code: Code::NotFound | Code::Forbidden, .. }));
    assert!(matches!(right.send(&reply("1 OR 1")).await, Outcome::Rejected { code: Code::NotFound, .. }));
    assert_eq!(right.ticket("99999999").await.unwrap_err().code, Code::NotFound);
}
