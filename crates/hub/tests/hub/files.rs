//! Files come in pieces, go on where they broke off, and are given out whole or in part.

use reqwest::{Method, Response};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::desk::{Desk, problem};

const MB_50: u64 = 50 * 1024 * 1024;

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn some_bytes(count: usize) -> Vec<u8> {
    (0..count).map(|number| u8::try_from((number * 31 + number / 7) % 251).unwrap()).collect()
}

impl Desk {
    async fn announce(&self, key: &str, bytes: &[u8], name: &str) -> Value {
        let body = json!({ "sha256": hash(bytes), "size_bytes": bytes.len(), "name": name, "mime": "text/plain" });
        let answer = self.ask(Method::POST, "uploads").header("Idempotency-Key", key).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
        answer.json().await.unwrap()
    }

    async fn send(&self, id: &str, offset: usize, bytes: &[u8]) -> Response {
        let request = self.ask(Method::PATCH, &format!("uploads/{id}")).header("Upload-Offset", offset);
        request.body(bytes.to_vec()).send().await.unwrap()
    }
}

#[tokio::test]
async fn a_file_goes_on_where_it_broke_off_and_comes_back_whole() {
    let desk = Desk::start(|_| {}).await;
    let bytes = some_bytes(700_000);
    let upload = desk.announce("u1", &bytes, "日志 1.log").await;
    let id = upload["id"].as_str().unwrap().to_owned();
    assert_eq!((&upload["offset"], &upload["complete"]), (&json!(0), &json!(false)));
    assert_eq!(desk.send(&id, 0, &bytes[..300_000]).await.status(), 200);
    // The same key finds it, as the desk does after a kill.
    assert_eq!(desk.announce("u1", &bytes, "日志 1.log").await["offset"], 300_000);
    let path = format!("tickets/{}/notes", desk.new_ticket("t").await["id"].as_str().unwrap());
    let note = json!({ "body": "", "visibility": "public", "upload_ids": [id] });
    let early = desk.ask(Method::POST, &path).header("Idempotency-Key", "n").json(&note).send().await.unwrap();
    assert_eq!(problem(early).await, (422, "upload_unknown".to_owned()));
    let wrong = desk.send(&id, 0, &bytes[..10]).await;
    assert_eq!(wrong.headers()["upload-offset"], "300000");
    assert_eq!(problem(wrong).await, (409, "upload_offset".to_owned()));
    assert_eq!(desk.send(&id, 300_000, &bytes[300_000..]).await.json::<Value>().await.unwrap()["complete"], true);
    let written = desk.ask(Method::POST, &path).header("Idempotency-Key", "n").json(&note).send().await.unwrap();
    let written: Value = written.json().await.unwrap();
    let attachment = &written["attachments"][0];
    assert_eq!((&attachment["name"], &attachment["size_bytes"]), (&json!("日志 1.log"), &json!(700_000)));
    assert_eq!(attachment["sha256"], hash(&bytes));
    let listed = desk.get(&path).await;
    assert_eq!(&listed["notes"][1]["attachments"][0], attachment);
    let feed = desk.get("changes?after=0").await;
    assert_eq!(&feed["changes"][1]["ticket"]["notes"][0]["attachments"][0], attachment);
    assert_eq!(desk.hub.upload_bytes(), 700_000, "the ten at the wrong place were not even read");
    let file = format!("attachments/{}", attachment["id"].as_str().unwrap());
    let whole = desk.ask(Method::GET, &file).send().await.unwrap();
    assert_eq!((whole.status().as_u16(), whole.headers()["content-type"].to_str().unwrap()), (200, "text/plain"));
    assert!(whole.headers()["content-disposition"].to_str().unwrap().contains("%E6%97%A5%E5%BF%97%201.log"));
    assert_eq!(whole.bytes().await.unwrap(), bytes);
    for (range, from, to) in
        [("bytes=262000-524999", 262_000, 525_000), ("bytes=699990-", 699_990, 700_000), ("bytes=-5", 699_995, 700_000)]
    {
        let part = desk.ask(Method::GET, &file).header("Range", range).send().await.unwrap();
        assert_eq!(
            (part.status().as_u16(), part.headers()["content-range"].to_str().unwrap().to_owned()),
            (206, format!("bytes {from}-{}/700000", to - 1))
        );
        assert_eq!(part.bytes().await.unwrap(), bytes[from..to]);
    }
    let beyond = desk.ask(Method::GET, &file).header("Range", "bytes=700000-").send().await.unwrap();
    assert_eq!(problem(beyond).await, (416, "range_not_satisfiable".to_owned()));
}

#[tokio::test]
async fn too_large_a_file_is_refused_before_any_byte() {
    let desk = Desk::start(|_| {}).await;
    let announce = |size: u64| json!({ "sha256": hash(b""), "size_bytes": size, "name": "a.bin" });
    let fits = desk.ask(Method::POST, "uploads").json(&announce(MB_50)).send().await.unwrap();
    assert_eq!(fits.status(), 201);
    let refused = desk.ask(Method::POST, "uploads").json(&announce(MB_50 + 1)).send().await.unwrap();
    assert_eq!(problem(refused).await, (413, "file_too_large".to_owned()));
    for (what, body) in [
        ("hash", json!({ "sha256": "abc", "size_bytes": 1, "name": "a" })),
        ("path", json!({ "sha256": hash(b""), "size_bytes": 1, "name": "../a" })),
        ("empty name", json!({ "sha256": hash(b""), "size_bytes": 1, "name": " " })),
    ] {
        let refused = desk.ask(Method::POST, "uploads").json(&body).send().await.unwrap();
        assert_eq!(problem(refused).await, (400, "invalid_request".to_owned()), "{what}");
    }
}

#[tokio::test]
async fn bytes_that_are_not_the_promised_ones_are_dropped() {
    let desk = Desk::start(|_| {}).await;
    let upload = desk.announce("u", b"right", "a.txt").await;
    let id = upload["id"].as_str().unwrap();
    assert_eq!(problem(desk.send(id, 0, b"wrong!").await).await, (413, "upload_too_long".to_owned()));
    assert_eq!(problem(desk.send(id, 0, b"wrong").await).await, (422, "upload_damaged".to_owned()));
    assert_eq!(desk.get(&format!("uploads/{id}")).await["offset"], 0);
    assert_eq!(desk.send(id, 0, b"right").await.json::<Value>().await.unwrap()["complete"], true);
    assert_eq!(problem(desk.send("777", 0, b"x").await).await, (404, "upload_unknown".to_owned()));
    let gone = desk.ask(Method::GET, "attachments/1").send().await.unwrap();
    assert_eq!(problem(gone).await, (404, "attachment_unknown".to_owned()));
    assert_eq!(desk.announce("empty", b"", "empty.txt").await["complete"], true);
}

#[tokio::test]
async fn demo_carries_pictures_logs_fields_and_verdicts() {
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("demo.db");
    deskbell_hub::seed_demo(&database, deskbell_domain::UtcMs::parse_rfc3339("2026-11-21T10:00:00Z").unwrap(), 1).unwrap();
    let desk = Desk::start(|config| config.database = database.clone()).await;
    let (mut pictures, mut logs, mut verdicts, mut causes) = (0, 0, 0, 0);
    let mut picture = None;
    for page in ["tickets?limit=200&include=notes", "tickets?limit=200&include=notes&before=100201"] {
        for ticket in desk.get(page).await["tickets"].as_array().unwrap() {
            verdicts += usize::from(ticket["evaluation"].is_object());
            causes += usize::from(ticket["custom_fields"]["root_cause"].is_string());
            assert_ne!(ticket["category"], "", "{}", ticket["product"]);
            for attachment in ticket["notes"][0]["attachments"].as_array().unwrap() {
                pictures += usize::from(attachment["mime"] == "image/png");
                logs += usize::from(attachment["mime"] == "text/plain");
                if attachment["mime"] == "image/png" {
                    picture = attachment["id"].as_str().map(str::to_owned);
                }
            }
        }
    }
    assert!(pictures > 40 && logs > 40 && verdicts > 100 && causes > 200, "{pictures} {logs} {verdicts} {causes}");
    let bytes = desk.ask(Method::GET, &format!("attachments/{}", picture.unwrap())).send().await.unwrap().bytes().await.unwrap();
    assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n") && bytes.len() < 60_000);
}
