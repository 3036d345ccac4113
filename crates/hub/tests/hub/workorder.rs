//! The Workorder endpoint's gate, and that it and the hub's own API speak of the same tickets. All operations are driven
//! from outside by the official SDK in tests/servers/workorder.

use std::time::Duration;

use deskbell_hub::{Fault, Faults, RateLimit, StsKey, WorkorderConfig};
use hmac::{Hmac, Mac};
use reqwest::Response;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::desk::Desk;

const KEY: &str = "LTAI-test";
const SECRET: &str = "secret-test";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One request, correct unless it is changed.
#[derive(Clone)]
struct Call {
    action: String,
    query: String,
    body: String,
    key: String,
    secret: String,
    token: Option<String>,
    nonce: String,
    date: String,
    version: String,
    /// Sent in place of the body that was signed.
    sent_body: Option<String>,
}

impl Call {
    fn new(action: &str, query: &str, body: &str) -> Self {
        let mut random = [0_u8; 12];
        getrandom::fill(&mut random).unwrap();
        Self {
            action: action.to_owned(),
            query: query.to_owned(),
            body: body.to_owned(),
            key: KEY.to_owned(),
            secret: SECRET.to_owned(),
            token: None,
            nonce: hex(&random),
            date: chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            version: "2021-06-10".to_owned(),
            sent_body: None,
        }
    }

    async fn send(&self, desk: &Desk) -> reqwest::Result<Response> {
        let url = desk.hub.workorder_url().unwrap();
        let host = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let hash = hex(&Sha256::digest(self.body.as_bytes()));
        let mut headers = vec![
            ("content-type", "application/x-www-form-urlencoded".to_owned()),
            ("host", host),
            ("x-acs-action", self.action.clone()),
            ("x-acs-content-sha256", hash.clone()),
            ("x-acs-date", self.date.clone()),
            ("x-acs-signature-nonce", self.nonce.clone()),
            ("x-acs-version", self.version.clone()),
        ];
        if let Some(token) = &self.token {
            headers.push(("x-acs-accesskey-id", self.key.clone()));
            headers.push(("x-acs-security-token", token.clone()));
        }
        headers.sort();
        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let canonical = format!("POST\n/\n{}\n{lines}\n{names}\n{hash}", self.query);
        let to_sign = format!("ACS3-HMAC-SHA256\n{}", hex(&Sha256::digest(canonical.as_bytes())));
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).unwrap();
        mac.update(to_sign.as_bytes());
        let signature = hex(&mac.finalize().into_bytes());
        let authorization = format!("ACS3-HMAC-SHA256 Credential={},SignedHeaders={names},Signature={signature}", self.key);
        let mut request = desk.client.post(format!("{url}?{}", self.query)).header("Authorization", authorization);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.body(self.sent_body.clone().unwrap_or_else(|| self.body.clone())).send().await
    }

    async fn answer(&self, desk: &Desk) -> Value {
        let response = self.send(desk).await.unwrap();
        let status = response.status().as_u16();
        let body: Value = response.json().await.unwrap();
        assert_eq!(status, 200, "{body}");
        body
    }

    async fn refused(&self, desk: &Desk) -> (u16, String) {
        let response = self.send(desk).await.unwrap();
        let status = response.status().as_u16();
        let body: Value = response.json().await.unwrap();
        (status, body["Code"].as_str().unwrap_or_default().to_owned())
    }
}

type Change = fn(&mut Call);

async fn start(change: impl FnOnce(&mut WorkorderConfig), faults: Faults) -> Desk {
    let mut workorder = WorkorderConfig::new(KEY, SECRET);
    change(&mut workorder);
    Desk::start(|config| {
        config.workorder = Some(workorder);
        config.faults = faults;
    })
    .await
}

fn get(id: &str) -> Call {
    Call::new("GetTicket", "", &format!("TicketId={id}"))
}

fn create(description: &str) -> Call {
    Call::new("CreateTicket", "", &format!("CategoryId=71601&Description={description}&Severity=2&Title=t"))
}

#[tokio::test]
async fn only_what_is_signed_comes_through_and_each_nonce_once() {
    let sts = StsKey {
        access_key_id: "STS.a".to_owned(),
        access_key_secret: "s2".to_owned(),
        security_token: "token+/=".to_owned(),
        expires_at_ms: i64::MAX,
    };
    let desk = start(|config| config.sts = Some(sts), Faults::default()).await;
    let id = create("a").answer(&desk).await["Data"].as_str().unwrap().to_owned();
    let call = get(&id);
    assert_eq!(call.answer(&desk).await["Data"]["Severity"]["Value"], "2");
    assert_eq!(call.refused(&desk).await, (400, "SignatureNonceUsed".to_owned()));
    let changed = |change: Change| {
        let mut call = get(&id);
        change(&mut call);
        call
    };
    let cases: [(Change, u16, &str); 10] = [
        (|call| call.secret = "wrong".to_owned(), 400, "SignatureDoesNotMatch"),
        (|call| call.key = "nobody".to_owned(), 404, "InvalidAccessKeyId.NotFound"),
        (|call| call.sent_body = Some("TicketId=00000000Z".to_owned()), 400, "SignatureDoesNotMatch"),
        (|call| call.date = "2026-01-02T03:04:05Z".to_owned(), 400, "InvalidTimeStamp.Expired"),
        (|call| call.date = "yesterday".to_owned(), 400, "InvalidTimeStamp.Format"),
        (|call| call.version = "2020-01-01".to_owned(), 404, "InvalidVersion"),
        (|call| call.action = "DeleteTicket".to_owned(), 404, "InvalidAction.NotFound"),
        (|call| call.token = Some("any".to_owned()), 400, "InvalidSecurityToken.MismatchWithAccessKey"),
        (|call| call.key = "STS.a".to_owned(), 404, "InvalidAccessKeyId.NotFound"),
        (
            |call| {
                call.key = "STS.a".to_owned();
                call.token = Some("other".to_owned());
            },
            400,
            "InvalidSecurityToken.Malformed",
        ),
    ];
    for (change, status, code) in cases {
        assert_eq!(changed(change).refused(&desk).await, (status, code.to_owned()));
    }
    let temporary = changed(|call| {
        call.key = "STS.a".to_owned();
        call.secret = "s2".to_owned();
        call.token = Some("token+/=".to_owned());
    });
    assert_eq!(temporary.answer(&desk).await["Success"], true);
}

#[tokio::test]
async fn throttling_is_http_400_with_milliseconds() {
    let limit = RateLimit { requests: 2, window: Duration::from_secs(3_600) };
    let faults = Faults::default();
    let desk = start(|config| config.rate_limit = Some(limit), faults.clone()).await;
    faults.order("POST", "/ListProducts", Fault::RateLimited { retry_after: "1500".to_owned() });
    let ordered = Call::new("ListProducts", "", "").send(&desk).await.unwrap();
    assert_eq!((ordered.status().as_u16(), ordered.headers()["x-acs-retry-after"].to_str().unwrap()), (400, "1500"));
    for _ in 0..2 {
        Call::new("ListProducts", "", "").answer(&desk).await;
    }
    let limited = Call::new("ListProducts", "", "").send(&desk).await.unwrap();
    let wait: u64 = limited.headers()["x-acs-retry-after"].to_str().unwrap().parse().unwrap();
    assert!(wait > 3_500_000, "{wait}");
    assert_eq!(limited.json::<Value>().await.unwrap()["Code"], "Throttling.User");
}

#[tokio::test]
async fn both_apis_speak_of_the_same_tickets_and_internal_notes_stay_inside() {
    let desk = start(|_| {}, Faults::default()).await;
    let id = create("%E6%97%A0%E6%B3%95%E7%99%BB%E5%BD%95").answer(&desk).await["Data"].as_str().unwrap().to_owned();
    let ticket = desk.get("tickets").await["tickets"][0].clone();
    assert_eq!(
        (&ticket["product"], &ticket["priority"], &ticket["category"]),
        (&json!("ECS"), &json!("urgent"), &json!("71601"))
    );
    let path = format!("tickets/{}/notes", ticket["id"].as_str().unwrap());
    assert_eq!(desk.note(ticket["id"].as_str().unwrap(), "a", "请重启").await.status(), 201);
    let internal = json!({ "body": "内部", "visibility": "internal" });
    assert_eq!(
        desk.ask(reqwest::Method::POST, &path).header("Idempotency-Key", "i").json(&internal).send().await.unwrap().status(),
        201
    );
    assert_eq!(get(&id).answer(&desk).await["Data"]["Status"]["Value"], "2");
    let reply = Call::new("ReplyTicket", "", &format!("Content=ok&Encrypt=false&TicketId={id}"));
    assert!(reply.answer(&desk).await["Data"].as_str().unwrap().parse::<i64>().is_ok());
    assert_eq!(get(&id).answer(&desk).await["Data"]["Status"], json!({ "Label": "已反馈", "Value": "4" }));
    let notes = Call::new("ListTicketNotes", &format!("TicketId={id}"), "").answer(&desk).await;
    let said: Vec<(i64, &str)> = notes["Data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|note| (note["User"]["Role"].as_i64().unwrap(), note["Dialog"]["Content"].as_str().unwrap()))
        .collect();
    assert_eq!(said, [(3, "无法登录"), (2, "请重启"), (3, "ok")]);
    let evaluated = Call::new("EvaluateTicket", "", &format!("Score=5&Solved=True&TicketId={id}")).answer(&desk).await;
    assert_eq!(evaluated["Success"], false, "not finished: declined with HTTP 200");
    assert_eq!(Call::new("CloseTicket", "", &format!("TicketId={id}")).answer(&desk).await["Success"], true);
    assert_eq!(get(&id).answer(&desk).await["Data"]["Status"]["Value"], "6");
}

#[tokio::test]
async fn a_request_that_is_delivered_twice_lands_once() {
    let faults = Faults::default();
    let desk = start(|_| {}, faults.clone()).await;
    faults.order("POST", "/CreateTicket", Fault::Duplicated);
    assert_eq!(create("twice").refused(&desk).await, (400, "SignatureNonceUsed".to_owned()));
    faults.order("POST", "/CreateTicket", Fault::AnswerLost);
    assert!(match create("lost").send(&desk).await {
        Ok(response) => response.text().await.is_err(),
        Err(_) => true,
    });
    let page = Call::new("ListTickets", "PageNumber=1&PageSize=10", "").answer(&desk).await;
    assert_eq!(page["TotalCount"], 2);
    for query in ["PageNumber=0&PageSize=10", "PageNumber=1&PageSize=9", "PageNumber=1&PageSize=101"] {
        assert_eq!(Call::new("ListTickets", query, "").refused(&desk).await, (400, "param.illegal".to_owned()), "{query}");
    }
}
