//! As much of Request Tracker as a desk without the marker field needs: one ticket, its correspondence, its status.

use std::sync::{Arc, Mutex};

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use deskbell_engine::ports::Clock;
use deskbell_engine::system::SystemClock;
use serde_json::{Value, json};

/// What the server holds; tests reach in.
#[derive(Default)]
pub(crate) struct Desk {
    pub(crate) status: String,
    /// Transaction id and text.
    pub(crate) replies: Vec<(u64, String)>,
    pub(crate) last_id: u64,
    /// The next reply ends in a 500 before anything happens.
    pub(crate) fails_before: bool,
}

type Shared = Arc<Mutex<Desk>>;
type Asked = Query<std::collections::BTreeMap<String, String>>;

pub(crate) async fn start(first_id: u64) -> (String, Shared) {
    let desk =
        Desk { status: "open".to_owned(), last_id: first_id, replies: vec![(first_id, "hello".to_owned())], ..Desk::default() };
    let shared: Shared = Arc::new(Mutex::new(desk));
    let router = Router::new()
        .route("/NoAuth/Login.html", post(|| async { ([(header::SET_COOKIE, "RT_SID=1; path=/")], "") }))
        .route("/REST/2.0/transactions", get(transactions))
        .route("/REST/2.0/tickets", get(tickets))
        .route("/REST/2.0/attachments", post(attachments))
        .route("/REST/2.0/ticket/1", get(ticket).put(put))
        .route("/REST/2.0/ticket/1/correspond", post(correspond))
        .with_state(Arc::clone(&shared));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, shared)
}

fn after(query: &str, mark: &str) -> Option<u64> {
    let digits: String = query.split(mark).nth(1)?.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

async fn transactions(State(desk): State<Shared>, Query(asked): Asked) -> Json<Value> {
    let desk = desk.lock().unwrap();
    let query = asked["query"].as_str();
    let floor = after(query, " id > ").unwrap_or(0);
    let created = SystemClock.now().to_rfc3339();
    let mut items: Vec<Value> = desk
        .replies
        .iter()
        .filter(|(id, _)| *id > floor && asked["page"] == "1" && !query.contains("CF."))
        .map(|(id, _)| {
            json!({ "id": id.to_string(), "Type": "Correspond", "ObjectId": 1, "Creator": { "id": "alice", "Name": "alice" },
                    "Created": created, "Field": "", "NewValue": "" })
        })
        .collect();
    if asked["order"] == "DESC" {
        items.reverse();
    }
    Json(json!({ "items": items }))
}

fn row(desk: &Desk) -> Value {
    json!({ "id": 1, "Subject": "宕机", "Status": desk.status, "Priority": "0", "Created": "2026-11-01T00:00:00Z",
            "LastUpdated": "2026-11-01T00:00:00Z", "Queue": { "id": "1", "Name": "General" }, "Requestor": [], "Owner": "" })
}

async fn tickets(State(desk): State<Shared>, Query(asked): Asked) -> Json<Value> {
    let listed = asked["page"] == "1" && after(&asked["query"], "id < ").is_none_or(|below| below > 1);
    let items = if listed { vec![row(&desk.lock().unwrap())] } else { Vec::new() };
    Json(json!({ "total": 1, "items": items }))
}

async fn attachments(State(desk): State<Shared>, Json(asked): Json<Value>) -> Json<Value> {
    let desk = desk.lock().unwrap();
    let is_text = asked.to_string().contains("STARTSWITH");
    let wanted: Vec<u64> = asked[0]["value"].as_array().unwrap().iter().filter_map(Value::as_u64).collect();
    let above = asked[1]["value"].as_u64().unwrap();
    let items: Vec<Value> = desk
        .replies
        .iter()
        .filter(|(id, _)| is_text && wanted.contains(id) && *id > above)
        .map(|(id, body)| json!({ "id": id, "TransactionId": id, "ContentType": "text/plain", "Content": body }))
        .collect();
    Json(json!({ "items": items }))
}

async fn ticket(State(desk): State<Shared>) -> Json<Value> {
    Json(row(&desk.lock().unwrap()))
}

async fn put(State(desk): State<Shared>, Json(asked): Json<Value>) -> Json<Value> {
    asked["Status"].as_str().unwrap().clone_into(&mut desk.lock().unwrap().status);
    Json(json!(["changed"]))
}

async fn correspond(State(desk): State<Shared>, Json(asked): Json<Value>) -> Response {
    let mut desk = desk.lock().unwrap();
    if std::mem::take(&mut desk.fails_before) {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    desk.last_id += 1;
    let id = desk.last_id;
    desk.replies.push((id, asked["Content"].as_str().unwrap().to_owned()));
    let mut headers = HeaderMap::new();
    headers.insert(header::LOCATION, format!("/REST/2.0/transaction/{id}").parse().unwrap());
    (StatusCode::CREATED, headers, Json(json!(["added"]))).into_response()
}
