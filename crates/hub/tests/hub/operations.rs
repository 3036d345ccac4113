//! Every operation: it lands once, its key finds it, the feed carries it, and bad input is named.

use std::time::Duration;

use deskbell_hub::{Fault, Faults};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::desk::{Desk, problem};

impl Desk {
    async fn act(&self, method: Method, path: &str, key: &str, if_match: Option<&str>, body: &Value) -> Response {
        let mut request = self.ask(method, path).header("Idempotency-Key", key).json(body);
        if let Some(version) = if_match {
            request = request.header("If-Match", format!("\"{version}\""));
        }
        request.send().await.unwrap()
    }

    async fn acts(&self, method: Method, path: &str, key: &str, body: &Value) -> Value {
        let response = self.act(method, path, key, None, body).await;
        assert!(response.status().is_success(), "{path} {key}: {}", response.status());
        response.json().await.unwrap()
    }
}

fn kinds(events: &Value) -> Vec<&str> {
    events["events"].as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn each_operation_lands_once_and_its_key_finds_it() {
    let desk = Desk::start(|_| {}).await;
    let new = json!({ "subject": "s", "body": "b", "priority": "routine", "requester": "王建国", "tags": ["a"],
        "category": "71601", "custom_fields": { "region": "cn-hangzhou" } });
    let ticket = desk.acts(Method::POST, "tickets", "create", &new).await;
    assert_eq!(
        (&ticket["product"], &ticket["category"], &ticket["custom_fields"]["region"]),
        (&json!("ECS"), &json!("71601"), &json!("cn-hangzhou"))
    );
    let path = format!("tickets/{}", ticket["id"].as_str().unwrap());
    let steps = [
        ("assignee", Method::PATCH, String::new(), json!({ "assignee": "Priya Nair" })),
        ("tags", Method::PATCH, String::new(), json!({ "tags": ["b"] })),
        ("fields", Method::PATCH, String::new(), json!({ "custom_fields": { "root_cause": "配置变更", "region": "" } })),
        ("status", Method::PATCH, String::new(), json!({ "status": "resolved" })),
        ("close", Method::POST, "/close".to_owned(), json!({})),
        ("evaluate", Method::POST, "/evaluation".to_owned(), json!({ "solved": true, "score": 5, "comment": "谢谢" })),
        ("reopen", Method::POST, "/reopen".to_owned(), json!({ "body": "又出现了" })),
    ];
    for (key, method, part, body) in steps {
        let path = format!("{path}{part}");
        let first = desk.acts(method.clone(), &path, key, &body).await;
        let again = desk.acts(method.clone(), &path, key, &body).await;
        assert_eq!(first, again, "{key}");
        assert_eq!(
            problem(
                desk.act(method, &path, key, None, &json!({ "assignee": "", "body": "x", "solved": true, "score": 1 })).await
            )
            .await
            .0 / 100,
            4,
            "{key}"
        );
        let found = desk.get(&format!("operations/{key}")).await;
        assert_eq!(found["ticket_id"], ticket["id"], "{key}");
        assert_eq!(found["note_id"].is_string(), key == "reopen", "{key}");
    }
    let now = desk.get(&path).await;
    assert_eq!((&now["assignee"], &now["tags"], &now["status"]), (&json!("Priya Nair"), &json!(["b"]), &json!("open")));
    assert_eq!(now["custom_fields"], json!({ "root_cause": "配置变更" }));
    assert_eq!((&now["evaluation"]["score"], &now["evaluation"]["comment"]), (&json!(5), &json!("谢谢")));
    let events = desk.get(&format!("{path}/events")).await;
    assert_eq!(
        kinds(&events),
        [
            "created",
            "assignee_changed",
            "tags_changed",
            "field_changed",
            "field_changed",
            "status_changed",
            "status_changed",
            "evaluated",
            "status_changed",
            "replied"
        ]
    );
    assert_eq!((&events["events"][2]["added"], &events["events"][2]["removed"]), (&json!(["b"]), &json!(["a"])));
    let notes = desk.get(&format!("{path}/notes")).await;
    assert_eq!(notes["notes"].as_array().unwrap().len(), 2);
    assert_eq!((&notes["notes"][1]["marker"], &notes["notes"][1]["body"]), (&json!("reopen"), &json!("又出现了")));
    let feed = desk.get("changes?after=0").await;
    let changes = feed["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 8);
    assert_eq!(kinds(&changes[6]["ticket"]), ["evaluated"]);
}

#[tokio::test]
async fn an_edit_of_an_older_version_lands_nowhere() {
    let desk = Desk::start(|_| {}).await;
    let ticket = desk.new_ticket("t").await;
    let path = format!("tickets/{}", ticket["id"].as_str().unwrap());
    let version = ticket["version"].as_str().unwrap();
    desk.acts(Method::PATCH, &path, "other", &json!({ "tags": ["theirs"] })).await;
    for (key, method, part, body) in [
        ("a", Method::PATCH, "", json!({ "assignee": "Priya Nair" })),
        ("b", Method::PATCH, "", json!({ "custom_fields": { "region": "cn-beijing" } })),
        ("c", Method::POST, "/close", json!({})),
    ] {
        let stale = desk.act(method, &format!("{path}{part}"), key, Some(version), &body).await;
        assert_eq!(problem(stale).await, (412, "precondition_failed".to_owned()), "{key}");
    }
    let now = desk.get(&path).await;
    assert_eq!((&now["assignee"], &now["status"], &now["tags"]), (&json!(""), &json!("new"), &json!(["theirs"])));
    let current = now["version"].as_str().unwrap();
    let closed = desk.act(Method::POST, &format!("{path}/close"), "c", Some(current), &json!({})).await;
    assert_eq!(closed.status(), 200);
    // The key landed: what the version is now does not matter any more.
    let again = desk.act(Method::POST, &format!("{path}/close"), "c", Some(version), &json!({})).await;
    assert_eq!((again.status().as_u16(), again.headers().contains_key("idempotency-replayed")), (200, true));
}

#[tokio::test]
async fn bad_input_has_a_stable_code() {
    let desk = Desk::start(|_| {}).await;
    let path = format!("tickets/{}", desk.new_ticket("t").await["id"].as_str().unwrap());
    let new = |extra: Value| {
        let mut body = json!({ "subject": "s", "body": "b", "priority": "routine" });
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        body
    };
    let many: Vec<String> = (0..51).map(|number| format!("t{number}")).collect();
    let cases = [
        (Method::POST, "tickets".to_owned(), new(json!({ "customer_id": "C-0" })), (400, "customer_unknown")),
        (Method::POST, "tickets".to_owned(), new(json!({ "category": "1" })), (400, "category_unknown")),
        (Method::POST, "tickets".to_owned(), new(json!({ "custom_fields": { "x": "1" } })), (400, "custom_field_unknown")),
        (Method::POST, "tickets".to_owned(), new(json!({ "upload_ids": ["9"] })), (422, "upload_unknown")),
        (Method::POST, "tickets".to_owned(), new(json!({ "priority": "soon" })), (400, "invalid_request")),
        (Method::PATCH, path.clone(), json!({ "assignee": "nobody here" }), (400, "assignee_unknown")),
        (Method::PATCH, path.clone(), json!({ "custom_fields": { "root_cause": "?" } }), (400, "custom_field_value_unknown")),
        (Method::PATCH, path.clone(), json!({ "tags": many }), (400, "invalid_request")),
        (Method::PATCH, path.clone(), json!({ "tags": [" "] }), (400, "invalid_request")),
        (Method::PATCH, path.clone(), json!({ "colour": "red" }), (400, "invalid_request")),
        (Method::POST, format!("{path}/notes"), json!({ "body": "", "visibility": "public" }), (400, "invalid_request")),
        (Method::POST, format!("{path}/reopen"), json!({}), (409, "ticket_not_finished")),
        (Method::POST, format!("{path}/evaluation"), json!({ "solved": true, "score": 3 }), (409, "ticket_not_finished")),
        (Method::POST, format!("{path}/evaluation"), json!({ "solved": true, "score": 6 }), (400, "invalid_request")),
        (Method::POST, "tickets/999/close".to_owned(), json!({}), (404, "not_found")),
    ];
    for (number, (method, path, body, (status, code))) in cases.into_iter().enumerate() {
        let refused = desk.act(method, &path, &format!("k{number}"), None, &body).await;
        assert_eq!(problem(refused).await, (status, code.to_owned()), "{path} {body}");
        let unknown = desk.ask(Method::GET, &format!("operations/k{number}")).send().await.unwrap();
        assert_eq!(problem(unknown).await.1, "operation_unknown", "{path}: a refused request leaves nothing");
    }
    desk.acts(Method::POST, &format!("{path}/close"), "close", &json!({})).await;
    let verdict = json!({ "solved": false, "score": 1 });
    desk.acts(Method::POST, &format!("{path}/evaluation"), "first", &verdict).await;
    let second = desk.act(Method::POST, &format!("{path}/evaluation"), "second", None, &verdict).await;
    assert_eq!(problem(second).await, (409, "already_evaluated".to_owned()));
}

#[tokio::test]
async fn the_catalogue_says_what_a_ticket_can_be_filed_under() {
    let desk = Desk::start(|_| {}).await;
    let catalogue = desk.get("catalogue").await;
    let products = catalogue["products"].as_array().unwrap();
    assert!(products.len() > 20 && products.iter().all(|product| !product["categories"].as_array().unwrap().is_empty()));
    assert!(catalogue["assignees"].as_array().unwrap().contains(&json!("林晓 Lin Xiao")));
    let fields: Vec<&str> =
        catalogue["custom_fields"].as_array().unwrap().iter().map(|field| field["name"].as_str().unwrap()).collect();
    assert_eq!(fields, ["account_uid", "region", "root_cause", "environment", "change_id"]);
}

#[tokio::test]
async fn broken_wires_change_nothing_twice() {
    let faults = Faults::default();
    let desk = Desk::start(|config| config.faults = faults.clone()).await;
    let path = format!("tickets/{}", desk.new_ticket("t").await["id"].as_str().unwrap());
    let notes = format!("{path}/notes");
    let body = |text: &str| json!({ "body": text, "visibility": "internal" });
    faults.order("POST", "/notes", Fault::Duplicated);
    let twice = desk.act(Method::POST, &notes, "twice", None, &body("twice")).await;
    assert_eq!((twice.status().as_u16(), twice.headers().contains_key("idempotency-replayed")), (201, true));
    faults.order("POST", "/notes", Fault::Truncated);
    let broken = desk.act(Method::POST, &notes, "broken", None, &body("broken")).await;
    assert!(broken.bytes().await.is_err());
    assert_eq!(desk.get("operations/broken").await["status"], 201);
    // The first is overtaken on its way, the second's answer waits for the third.
    faults.order("POST", "/notes", Fault::HeldBack(Duration::from_millis(300)));
    faults.order("POST", "/notes", Fault::Overtaken(Duration::from_secs(20)));
    let late = async { desk.act(Method::POST, &notes, "late", None, &body("late")).await };
    let early = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        desk.act(Method::POST, &notes, "early", None, &body("early")).await
    };
    let (late, early) = futures::future::join(late, early).await;
    assert_eq!((late.status().as_u16(), early.status().as_u16()), (201, 201));
    let texts = desk.get(&notes).await;
    let texts: Vec<&str> = texts["notes"].as_array().unwrap().iter().map(|note| note["body"].as_str().unwrap()).collect();
    assert_eq!(texts[1..], ["twice", "broken", "early", "late"]);
}
