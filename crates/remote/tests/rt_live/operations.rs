//! Every operation, and what RT holds afterwards.

use std::collections::{BTreeMap, BTreeSet};

use deskbell_domain::observation::Fate;
use deskbell_domain::sync::op::{NewTicket, OperationKind, OperationName, Outcome, ReadBack};
use deskbell_domain::ticket::{Priority, Status, Visibility};
use deskbell_domain::{Code, UtcMs};
use deskbell_remote::rt::{DUE_KEY, OWNER_KEY, QUEUE_KEY, SLA_KEY};
use serde_json::json;

use super::support::*;

fn rejected(outcome: &Outcome) -> (Code, &str) {
    match outcome {
        Outcome::Rejected { code, detail } => (*code, detail),
        other => panic!("{other:?}"),
    }
}

fn is_sent(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Sent(_))
}

fn new_ticket(queue: &str, subject: &str) -> NewTicket {
    NewTicket {
        subject: subject.to_owned(),
        body: "您好，ECS 宕机。\n\n第二行 <b>".to_owned(),
        category: queue.to_owned(),
        requester: "customer7@example.com".to_owned(),
        ..NewTicket::default()
    }
}

async fn queue_id(raw: &Raw, name: &str) -> String {
    text(&raw.get(&format!("queue/{name}"), &[]).await["id"])
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn a_new_ticket_has_everything_that_was_filled_in() {
    let raw = Raw::log_in().await;
    let mut shelf = Shelf::default();
    let picture: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let files = vec![
        shelf.put("截图 一.png", "image/png", picture.clone()),
        shelf.put("日志.txt", "text/plain", "第一行\r\n第二行\n".as_bytes().to_vec()),
    ];
    let api = api_with(shelf);
    let subject = format!("新工单 {}", rand_bits());
    let ticket = NewTicket {
        priority: Some(Priority::Urgent),
        tags: vec!["网络".to_owned(), "urgent, really".to_owned()],
        custom_fields: BTreeMap::from([
            ("Severity".to_owned(), "High".to_owned()),
            ("Regions".to_owned(), "Hangzhou, Beijing, China".to_owned()),
            ("Appointment".to_owned(), "2026-11-01T05:30:00Z".to_owned()),
        ]),
        files,
        ..new_ticket(&queue_id(&raw, "VIP").await, &subject)
    };
    let create = operation("", OperationKind::CreateTicket { ticket });
    assert_eq!(api.read_back(&create).await.unwrap(), ReadBack::NotLanded);
    let Outcome::Sent(receipt) = api.send(&create).await else { panic!("not created") };
    assert!(receipt.left_out.is_empty(), "{receipt:?}");
    let id = receipt.ticket_remote_id.clone().unwrap();
    let record = raw.get(&format!("ticket/{id}"), &[]).await;
    assert_eq!((text(&record["Subject"]), text(&record["Priority"])), (subject, "100".to_owned()));
    assert_eq!(record["Requestor"][0]["id"], "customer7@example.com");
    assert_eq!(raw.get("queue/VIP", &[]).await["id"].to_string(), text(&record["Queue"]["id"]));
    assert_eq!(raw.field(&id, "Severity").await, ["High"]);
    assert_eq!(raw.field(&id, "Regions").await, ["Beijing, China", "Hangzhou"]);
    assert_eq!(raw.field(&id, "Tags").await, ["urgent, really", "网络"]);
    assert_eq!(raw.field(&id, "Appointment").await, ["2026-11-01T05:30:00Z"]);
    assert_eq!(raw.field(&id, "Client Mutation Id").await, std::slice::from_ref(&create.marker));
    let there: Vec<(String, Vec<u8>)> = raw.files(&id).await.into_iter().map(|(_, _, name, bytes)| (name, bytes)).collect();
    assert_eq!(there, [("截图 一.png".to_owned(), picture), ("日志.txt".to_owned(), "第一行\r\n第二行\n".as_bytes().to_vec())]);
    let ReadBack::Landed(found) = api.read_back(&create).await.unwrap() else { panic!("not found again") };
    assert_eq!(found.ticket_remote_id, receipt.ticket_remote_id);

    let seen = api.ticket(&id).await.unwrap();
    let shown = &seen.tickets[0];
    assert_eq!((shown.tags.len(), shown.custom_fields["Regions"].as_str()), (2, "Hangzhou, Beijing, China"));
    assert!(!shown.custom_fields.contains_key("Client Mutation Id") && !shown.custom_fields.contains_key("Tags"));
    // RT's own clock, beside ours.
    assert_eq!((shown.custom_fields[SLA_KEY].as_str(), shown.custom_fields[QUEUE_KEY].as_str()), ("gold", "VIP"));
    let due = UtcMs::parse_rfc3339(&shown.custom_fields[DUE_KEY]).unwrap();
    assert_eq!(due, UtcMs::parse_rfc3339(record["Due"].as_str().unwrap()).unwrap());
    assert!(due > shown.created_at);
    assert_eq!(seen.notes[0].attachments.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn a_new_ticket_is_found_again_without_any_marker() {
    let (api, raw) = (api(), Raw::log_in().await);
    let subject = format!("无标记 {}", rand_bits());
    let ticket = new_ticket(&queue_id(&raw, "Plain").await, &subject);
    let create = operation("", OperationKind::CreateTicket { ticket: ticket.clone() });
    assert_eq!(api.read_back(&create).await.unwrap(), ReadBack::NotLanded);
    assert!(is_sent(&api.send(&create).await));
    let ReadBack::Landed(found) = api.read_back(&create).await.unwrap() else { panic!("not found") };
    let id = found.ticket_remote_id.clone().unwrap();
    assert_eq!(raw.get(&format!("ticket/{id}"), &[]).await["Subject"], subject);
    let other = |ticket: NewTicket| operation("", OperationKind::CreateTicket { ticket });
    assert_eq!(
        api.read_back(&other(NewTicket { body: "另一".to_owned(), ..ticket.clone() })).await.unwrap(),
        ReadBack::NotLanded
    );
    assert_eq!(api.read_back(&other(new_ticket("x", "another"))).await.unwrap(), ReadBack::NotLanded);
    // Renamed and merged since: still the one.
    let survivor = raw.open("Plain", "survivor").await;
    raw.put(&format!("ticket/{id}"), &json!({ "Subject": "renamed" })).await;
    raw.put(&format!("ticket/{id}"), &json!({ "MergeInto": survivor })).await;
    assert_eq!(api.read_back(&create).await.unwrap(), ReadBack::Landed(found));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn what_cannot_be_opened_is_refused_by_name_before_anything_exists() {
    let (raw, root) = (Raw::log_in().await, Raw::root().await);
    let mut shelf = Shelf::default();
    let empty = shelf.put("empty.log", "text/plain", Vec::new());
    let api = api_with(shelf);
    let subject = format!("refused {}", rand_bits());
    let (support, internal) = (queue_id(&raw, "Support").await, queue_id(&root, "Internal").await);
    let old = text(&root.post("queue", &json!({ "Name": format!("Old {}", rand_bits()) })).await["id"]);
    root.put(&format!("queue/{old}"), &json!({ "Disabled": "1" })).await;
    let with = |name: &str, value: &str| NewTicket {
        custom_fields: BTreeMap::from([(name.to_owned(), value.to_owned())]),
        ..new_ticket(&support, &subject)
    };
    let cases = [
        (new_ticket("", &subject), Code::InputInvalid, "queue"),
        (new_ticket("99999", &subject), Code::Forbidden, "queue 99999"),
        (new_ticket(&internal, &subject), Code::Forbidden, "queue"),
        (new_ticket(&old, &subject), Code::Forbidden, "queue"),
        (with("Nonsense", "x"), Code::InputInvalid, "Nonsense"),
        (with("Severity", "Enormous"), Code::InputInvalid, "Severity"),
        (with("Regions", "Paris, Atlantis"), Code::InputInvalid, "Atlantis"),
        (NewTicket { files: vec![empty], ..new_ticket(&support, &subject) }, Code::InputInvalid, "empty.log"),
    ];
    for (ticket, code, word) in cases {
        let outcome = api.send(&operation("", OperationKind::CreateTicket { ticket })).await;
        let (found, detail) = rejected(&outcome);
        assert!(found == code && detail.contains(word), "{word}: {found} {detail}");
    }
    let query = format!("Subject = '{subject}'");
    assert!(raw.pages("tickets", &[("query", query.as_str())]).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn a_ticket_without_rights_says_what_it_lacks() {
    let dave = api_as("dave", "secret-dave");
    let raw = Raw::log_in().await;
    let ticket = NewTicket {
        custom_fields: BTreeMap::from([("Severity".to_owned(), "High".to_owned())]),
        ..new_ticket(&queue_id(&raw, "Support").await, "few rights")
    };
    let create = operation("", OperationKind::CreateTicket { ticket });
    let Outcome::Sent(receipt) = dave.send(&create).await else { panic!("not created") };
    assert!(receipt.left_out.len() == 1 && receipt.left_out[0].starts_with("Severity: "), "{receipt:?}");
    let id = receipt.ticket_remote_id.clone().unwrap();
    assert!(raw.field(&id, "Severity").await.is_empty());
    let ReadBack::Landed(found) = dave.read_back(&create).await.unwrap() else { panic!("not found without its marker") };
    assert_eq!(found.ticket_remote_id, receipt.ticket_remote_id);
    let set = OperationKind::SetCustomField { field: "Severity".to_owned(), from: String::new(), to: "Low".to_owned() };
    let outcome = dave.send(&operation(&id, set)).await;
    let (code, detail) = rejected(&outcome);
    assert!(code == Code::Forbidden && detail.starts_with("Severity: ") && detail.contains("Permission"), "{detail}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn owner_goes_where_it_was_sent_or_says_why_not() {
    let (api, raw) = (api(), Raw::log_in().await);
    let ticket = raw.open("Support", "owner").await;
    let set = |from: &str, to: &str| operation(&ticket, OperationKind::SetAssignee { from: from.to_owned(), to: to.to_owned() });
    for (from, to, there) in [("", "bob", "bob"), ("bob", "alice", "alice"), ("alice", "", "Nobody"), ("", "carol", "carol")] {
        let change = set(from, to);
        assert_eq!(api.read_back(&change).await.unwrap(), ReadBack::NotLanded);
        assert!(is_sent(&api.send(&change).await), "{to}");
        assert_eq!(raw.get(&format!("ticket/{ticket}"), &[]).await["Owner"]["id"], there);
        assert!(matches!(api.read_back(&change).await.unwrap(), ReadBack::Landed(_)));
        assert_eq!(api.ticket(&ticket).await.unwrap().tickets[0].custom_fields.get(OWNER_KEY).map_or("", String::as_str), to);
    }
    let overtaken = api.send(&set("bob", "alice")).await;
    let (code, detail) = rejected(&overtaken);
    assert!(code == Code::ChangedMeanwhile && detail.contains("carol"), "{detail}");
    let unknown = api.send(&set("carol", "nobody-here")).await;
    let (code, detail) = rejected(&unknown);
    assert!(code == Code::Refused && detail.starts_with("assignee: ") && detail.contains("does not exist"), "{detail}");
    assert_eq!(raw.get(&format!("ticket/{ticket}"), &[]).await["Owner"]["id"], "carol");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn fields_stick_or_are_named_one_by_one() {
    let (api, raw) = (api(), Raw::log_in().await);
    let ticket = raw.open("Support", "fields").await;
    let set = |field: &str, from: &str, to: &str| {
        let (field, from, to) = (field.to_owned(), from.to_owned(), to.to_owned());
        operation(&ticket, OperationKind::SetCustomField { field, from, to })
    };
    let steps: [(&str, &str, &str, &[&str]); 10] = [
        ("Severity", "", "High", &["High"]),
        ("Severity", "High", "Low", &["Low"]),
        ("Severity", "Low", "", &[]),
        ("Regions", "", "Paris, Beijing, China", &["Beijing, China", "Paris"]),
        ("Regions", "Paris, Beijing, China", "Beijing", &["Beijing"]),
        ("Regions", "Beijing", "Paris, Hangzhou, Beijing", &["Beijing", "Hangzhou", "Paris"]),
        ("Regions", "Paris, Hangzhou, Beijing", "Beijing", &["Beijing"]),
        ("Regions", "Beijing", "", &[]),
        ("Instance", "", "i-bp1, two words", &["i-bp1, two words"]),
        ("Instance", "i-bp1, two words", "", &[]),
    ];
    for (field, from, to, there) in steps {
        let change = set(field, from, to);
        let outcome = api.send(&change).await;
        assert!(is_sent(&outcome), "{field} {to}: {outcome:?}");
        assert_eq!(raw.field(&ticket, field).await, there, "{field} {to}");
        assert!(matches!(api.read_back(&change).await.unwrap(), ReadBack::Landed(_)), "{field} {to}");
    }
    let bogus = api.send(&set("Severity", "", "Enormous")).await;
    let (code, detail) = rejected(&bogus);
    assert!(code == Code::Refused && detail.contains("Severity: ") && detail.contains("Invalid value"), "{detail}");
    // One of two sticks: what did is kept, what did not is named.
    let half = api.send(&set("Regions", "", "Paris, Atlantis")).await;
    let (_, detail) = rejected(&half);
    assert!(detail.contains("there: Paris; not there: Atlantis"), "{detail}");
    assert_eq!(raw.field(&ticket, "Regions").await, ["Paris"]);
    let unknown = api.send(&set("Nonsense", "", "x")).await;
    assert!(rejected(&unknown).1.starts_with("Nonsense: "));
    raw.put(&format!("ticket/{ticket}"), &json!({ "CustomFields": { "Severity": "High" } })).await;
    let overtaken = api.send(&set("Severity", "Medium", "Low")).await;
    assert_eq!(rejected(&overtaken).0, Code::ChangedMeanwhile);
    assert_eq!(raw.field(&ticket, "Severity").await, ["High"]);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn tags_are_a_difference() {
    let (api, raw) = (api(), Raw::log_in().await);
    let ticket = raw.open("Support", "tags").await;
    let owned = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
    let set = |from: &[&str], to: &[&str]| operation(&ticket, OperationKind::SetTags { from: owned(from), to: owned(to) });
    assert!(is_sent(&api.send(&set(&[], &["网络", "a, b"])).await));
    assert_eq!(raw.field(&ticket, "Tags").await, ["a, b", "网络"]);
    raw.put(&format!("ticket/{ticket}"), &json!({ "CustomFields": { "Tags": ["网络", "a, b", "of others"] } })).await;
    let change = set(&["网络", "a, b"], &["网络", "new"]);
    assert_eq!(api.read_back(&change).await.unwrap(), ReadBack::NotLanded);
    assert!(is_sent(&api.send(&change).await));
    assert_eq!(raw.field(&ticket, "Tags").await, ["new", "of others", "网络"]);
    assert!(matches!(api.read_back(&change).await.unwrap(), ReadBack::Landed(_)));
    assert_eq!(api.ticket(&ticket).await.unwrap().tickets[0].tags.len(), 3);
    let plain = raw.open("Plain", "no tags").await;
    let outcome = api.send(&operation(&plain, OperationKind::SetTags { from: Vec::new(), to: owned(&["x"]) })).await;
    assert_eq!(rejected(&outcome).0, Code::OperationNotOffered);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn closed_and_opened_again_with_a_reason() {
    let (api, raw) = (api(), Raw::log_in().await);
    let ticket = raw.open("Support", "close").await;
    let close = operation(&ticket, OperationKind::Close { from: Status::New });
    assert!(is_sent(&api.send(&close).await));
    assert_eq!(raw.get(&format!("ticket/{ticket}"), &[]).await["Status"], "resolved");
    assert!(matches!(api.read_back(&close).await.unwrap(), ReadBack::Landed(_)));
    let reopen = operation(&ticket, OperationKind::Reopen { from: Status::Resolved, body: "又宕机了".to_owned() });
    assert_eq!(api.read_back(&reopen).await.unwrap(), ReadBack::NotLanded);
    assert!(is_sent(&api.send(&reopen).await));
    assert_eq!(raw.get(&format!("ticket/{ticket}"), &[]).await["Status"], "open");
    assert_eq!(raw.count_of_marker(&ticket, &reopen.marker).await, 1);
    assert!(matches!(api.read_back(&reopen).await.unwrap(), ReadBack::Landed(_)));
    // Half done: the reason is there, the ticket is not open. Reading back finishes it, sending again says it once.
    raw.put(&format!("ticket/{ticket}"), &json!({ "Status": "rejected" })).await;
    assert!(is_sent(&api.send(&reopen).await));
    assert_eq!(raw.get(&format!("ticket/{ticket}"), &[]).await["Status"], "open");
    raw.put(&format!("ticket/{ticket}"), &json!({ "Status": "resolved" })).await;
    assert!(matches!(api.read_back(&reopen).await.unwrap(), ReadBack::Landed(_)));
    assert_eq!(raw.get(&format!("ticket/{ticket}"), &[]).await["Status"], "open");
    assert_eq!(raw.count_of_marker(&ticket, &reopen.marker).await, 1);
    raw.put(&format!("ticket/{ticket}"), &json!({ "Status": "resolved" })).await;
    let silent = operation(&ticket, OperationKind::Reopen { from: Status::Resolved, body: String::new() });
    assert!(is_sent(&api.send(&silent).await));
    assert_eq!(raw.get(&format!("ticket/{ticket}"), &[]).await["Status"], "open");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn a_reply_that_perl_takes_for_nothing_is_there() {
    let (api, raw) = (api(), Raw::log_in().await);
    let ticket = raw.open("Support", "zero").await;
    let zero = operation(&ticket, OperationKind::reply("0", Visibility::Public));
    assert!(is_sent(&api.send(&zero).await));
    let notes = api.ticket(&ticket).await.unwrap().notes;
    assert_eq!(notes.last().unwrap().body.trim(), "0");
    assert!(matches!(api.read_back(&zero).await.unwrap(), ReadBack::Landed(_)));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn merged_deleted_and_hidden_tickets_are_told_apart() {
    let (api, raw, root) = (api(), Raw::log_in().await, Raw::root().await);
    let (merged, survivor) = (raw.open("Support", "merged").await, raw.open("Support", "survivor").await);
    let (deleted, moved) = (raw.open("Support", "deleted").await, raw.open("Support", "moved").await);
    let all = [&merged, &survivor, &deleted, &moved].map(Clone::clone);
    assert!(api.vanished(&all).await.unwrap().is_empty());
    raw.put(&format!("ticket/{merged}"), &json!({ "MergeInto": survivor })).await;
    root.put(&format!("ticket/{deleted}"), &json!({ "Status": "deleted" })).await;
    root.put(&format!("ticket/{moved}"), &json!({ "Queue": "Internal" })).await;
    assert_eq!(api.vanished(&all).await.unwrap(), [merged.clone(), deleted.clone(), moved.clone()]);
    assert_eq!(api.ticket(&merged).await.unwrap().tickets[0].fate, Fate::Merged { into_remote_id: survivor.clone() });
    assert_eq!(api.ticket(&deleted).await.unwrap().tickets[0].fate, Fate::Deleted);
    assert_eq!(api.ticket(&moved).await.unwrap_err().code, Code::Forbidden);

    let reply = |ticket: &str| operation(ticket, OperationKind::reply(format!("回复 {}", rand_bits()), Visibility::Public));
    let to_merged = reply(&merged);
    assert!(is_sent(&api.send(&to_merged).await));
    assert_eq!(raw.count_of_marker(&survivor, &to_merged.marker).await, 1);
    assert!(matches!(api.read_back(&to_merged).await.unwrap(), ReadBack::Landed(_)));
    // The same without the help of a marker.
    let unmarked = deskbell_domain::sync::op::OutboundOperation { marker: String::new(), ..reply(&merged) };
    let OperationKind::Reply { body, .. } = &unmarked.kind else { unreachable!() };
    raw.post(&format!("ticket/{merged}/correspond"), &json!({ "Content": body, "ContentType": "text/plain" })).await;
    assert!(matches!(api.read_back(&unmarked).await.unwrap(), ReadBack::Landed(_)));
    let outcome = api.send(&reply(&deleted)).await;
    assert!(rejected(&outcome).0 == Code::NotFound && rejected(&outcome).1.contains("deleted"));
    let outcome = api.send(&reply(&moved)).await;
    assert_eq!(rejected(&outcome).0, Code::Forbidden);
    for ticket in [&deleted, &moved] {
        let change = OperationKind::SetPriority { from: Priority::Routine, to: Priority::Urgent };
        let outcome = api.send(&operation(ticket, change)).await;
        assert!(matches!(rejected(&outcome).0, Code::NotFound | Code::Forbidden));
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn the_catalogue_holds_what_this_agent_may_do() {
    let (api, root) = (api(), Raw::root().await);
    let catalogue = api.catalogue().await.unwrap();
    let mut names: Vec<&str> = catalogue.categories.iter().map(|queue| queue.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Plain", "Support", "VIP"]);
    let fields: BTreeMap<&str, &[String]> =
        catalogue.custom_fields.iter().map(|field| (field.name.as_str(), field.values.as_slice())).collect();
    assert_eq!(fields.keys().copied().collect::<Vec<_>>(), ["Appointment", "Instance", "Regions", "Severity"]);
    assert_eq!(fields["Severity"].iter().collect::<BTreeSet<_>>().len(), 3);
    assert_eq!(fields["Regions"].len(), 4);
    assert!(fields["Instance"].is_empty());
    for agent in ["alice", "bob", "carol"] {
        assert!(catalogue.assignees.iter().any(|name| name == agent), "{:?}", catalogue.assignees);
    }
    assert!(!catalogue.assignees.iter().any(|name| name.contains('@') || name == "Nobody" || name == "RT_System"));
    assert!(api.capabilities().operations.contains(&OperationName::SetTags));
    assert!(!api.capabilities().operations.contains(&OperationName::Evaluate));

    // Fewer rights: names without their values.
    let narrow = api_as("dave", "secret-dave").catalogue().await.unwrap();
    assert_eq!(narrow.categories.iter().map(|queue| queue.name.as_str()).collect::<Vec<_>>(), ["Support"]);
    assert!(narrow.custom_fields.iter().any(|field| field.name == "Severity" && field.values.is_empty()));
    assert!(narrow.assignees.contains(&"dave".to_owned()));

    // A disabled queue takes no new ticket, and its old ones keep its name.
    let ticket = root.open("VIP", "of a queue that closes").await;
    root.put("queue/VIP", &json!({ "Disabled": "1" })).await;
    let closed = api.catalogue().await;
    let seen = api.ticket(&ticket).await;
    root.put("queue/VIP", &json!({ "Disabled": "0" })).await;
    assert_eq!(closed.unwrap().categories.len(), 2);
    assert_eq!(seen.unwrap().tickets[0].product, "VIP");
}
