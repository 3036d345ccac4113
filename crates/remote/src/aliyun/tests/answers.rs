//! Answers as they are documented, and as nobody would want them.

use proptest::prelude::*;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::aliyun::client::Certainty;
use crate::aliyun::shape::{Category, Done, Id, Labelled, Many, Note, One, ProductDirectory, Ticket, UploadPlace};

const SAMPLES: &str = include_str!("../../../fixtures/aliyun/aliyun_response_samples.json");

fn sample<T: DeserializeOwned>(name: &str) -> T {
    let all: Value = serde_json::from_str(SAMPLES).unwrap();
    serde_json::from_value(all[name].clone()).unwrap()
}

#[test]
fn every_documented_sample_is_read() {
    let ticket: One<Ticket> = sample("GetTicket");
    let seen = observe::observe("0005PYGCW", &ticket.data, &[], &History::Untold, UtcMs(0), &BTreeMap::new());
    let row = &seen.tickets[0];
    assert_eq!((row.subject.as_str(), row.status, row.status_raw.as_str()), ("ecs续费失败啥原因", Status::Closed, "confirmed"));
    assert_eq!(
        (row.priority_raw.as_str(), row.product.as_str(), row.created_at),
        ("1 一般问题", "7161", UtcMs(1_623_396_736_000))
    );
    assert_eq!((seen.notes[0].body.as_str(), seen.notes[0].remote_id.as_str()), ("ecs无法启动", "0005PYGCW:description"));
    let notes: Many<Note> = sample("ListTicketNotes");
    let seen = observe::observe("T", &ticket.data, &notes.data, &History::Untold, UtcMs(0), &BTreeMap::new());
    let note = seen.notes.iter().find(|note| note.remote_id == "9999").unwrap();
    assert_eq!((note.body.as_str(), note.author.as_str()), ("你好, 我的ECS续费失败, 请问是什么原因", "工单小二"));
    assert_eq!((note.attachments[0].name.as_str(), note.attachments[0].mime.as_str()), ("003.jpg", "image/jpeg"));
    for (name, id) in [
        ("CreateTicket", "0005PYGCW"),
        ("ReplyTicket", "46434030"),
        ("ReopenTicket", "0005PYGCW"),
        ("GetMqConsumerTag", "46434030"),
    ] {
        assert_eq!(sample::<Id>(name).data.as_str(), id, "{name}");
    }
    let _done: [Done; 2] = [sample("CloseTicket"), sample("EvaluateTicket")];
    let page: TicketPage = sample("ListTickets");
    assert_eq!((page.total_count.ms(), page.data[0].ticket_id.as_str()), (99, "0005PYGCW"));
    let products: Many<ProductDirectory> = sample("ListProducts");
    assert_eq!(products.data[0].product_list[0].product_id.as_str(), "7160");
    let categories: Many<Category> = sample("ListCategories");
    assert_eq!((categories.data[0].category_id.as_str(), categories.data[0].category_name.as_str()), ("7161", "ECS"));
    let place: One<UploadPlace> = sample("GetAttachmentUploadUrl");
    assert_eq!(place.data.object_key.as_str(), "cdb5d174-c282-4b2d-9048-e74ea2223127.jpg");
}

#[test]
fn statuses_severities_and_roles_have_their_words() {
    let said = |text: &str| Labelled { value: serde_json::from_value(json!(text)).unwrap(), ..Labelled::default() };
    let table = [
        ("1", "assigned", Status::New),
        ("assigned", "assigned", Status::New),
        ("2", "dealing", Status::Open),
        ("3", "wait_feedback", Status::WaitingCustomer),
        ("wait-feedback", "wait_feedback", Status::WaitingCustomer),
        ("Wait_Feedback", "wait_feedback", Status::WaitingCustomer),
        ("4", "feedback", Status::Open),
        ("5", "wait_confirm", Status::Resolved),
        ("6", "confirmed", Status::Closed),
        ("7", "7", Status::Open),
        ("on hold", "on hold", Status::Open),
    ];
    for (text, raw, status) in table {
        let found = words::status_raw(&said(text));
        assert_eq!((found.as_str(), words::status(&found)), (raw, status), "{text}");
    }
    let number: Labelled = serde_json::from_value(json!({ "Value": 6, "Label": null })).unwrap();
    assert_eq!(words::status_raw(&number), "confirmed");
    use deskbell_domain::ticket::{Priority, Role};
    assert_eq!(words::severity(Some(Priority::Urgent)), "2");
    assert_eq!([Some(Priority::Important), Some(Priority::Routine), None].map(words::severity), ["1"; 3]);
    let role = |number: u8| words::role(&serde_json::from_value(json!({ "User": { "Role": number } })).unwrap());
    assert_eq!([2, 3, 7].map(role), [Role::Agent, Role::Customer, Role::System]);
}

#[test]
fn cards_are_read_as_their_texts() {
    let schema = json!({ "type": "form", "title": "请选择实例", "items": [{ "label": "地域", "value": "杭州", "actionUrl": "https://x" }], "id": "9" });
    for schema in [schema.clone(), json!(schema.to_string())] {
        let note: Note =
            serde_json::from_value(json!({ "DialogId": "12", "Type": 1, "Dialog": { "Content": null, "Schema": schema } }))
                .unwrap();
        assert_eq!(words::body(&note), "请选择实例\n地域\n杭州");
        assert_eq!(note.dialog_id.as_str(), "12", "as text, as from ReplyTicket");
    }
    let tip: Note =
        serde_json::from_value(json!({ "DialogId": 9_007_199_254_740_993_i64, "Dialog": null, "Tip": "工单已转交" })).unwrap();
    assert_eq!((words::body(&tip).as_str(), tip.dialog_id.as_str()), ("工单已转交", "9007199254740993"));
}

/// A server that gives one answer to everything; counts and keeps what it was asked.
async fn said(answer: String) -> (AliyunApi, Arc<std::sync::Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let asked = Arc::new(std::sync::Mutex::new(Vec::new()));
    let kept = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (answer, kept) = (answer.clone(), kept.clone());
            tokio::spawn(async move {
                let mut buffer = vec![0_u8; 16 * 1024];
                let count = stream.read(&mut buffer).await.unwrap();
                kept.lock().unwrap().push(String::from_utf8_lossy(&buffer[..count]).into_owned());
                stream.write_all(answer.as_bytes()).await.unwrap();
            });
        }
    });
    (client_of(&url, "k", "s"), asked)
}

fn http(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}", body.len())
}

#[tokio::test]
async fn every_refusal_has_its_outcome() {
    let gateway = |code: &str| {
        json!({ "RequestId": "R-1", "HostId": "h", "Code": code, "Message": "口令 hunter2", "Recommend": "" }).to_string()
    };
    let refused = |code: Value| json!({ "RequestId": "R-1", "Success": false, "Code": code, "Message": "success" }).to_string();
    let retry = |code, after_ms| Outcome::Retry { after_ms, code };
    let unknown = |code| Outcome::Unknown { code };
    let rejected = |code| Outcome::Rejected { code, detail: String::new() };
    let wait = "x-acs-retry-after: 2500\r\n";
    let table = [
        ("400 Bad", wait, gateway("Throttling"), retry(Code::RateLimited, Some(2_500))),
        ("400 Bad", "", gateway("Throttling.User"), retry(Code::RateLimited, None)),
        ("400 Bad", "Retry-After: 3\r\n", gateway("Throttling.Api"), retry(Code::RateLimited, Some(3_000))),
        ("429 Slow", "", String::new(), retry(Code::RateLimited, None)),
        ("429 Slow", wait, gateway("Whatever"), retry(Code::RateLimited, Some(2_500))),
        ("400 Bad", "", gateway("InvalidTimeStamp.Expired"), retry(Code::ClockWrong, None)),
        ("400 Bad", "", gateway("SignatureNonceUsed"), unknown(Code::Refused)),
        ("404 No", "", gateway("InvalidAccessKeyId.NotFound"), retry(Code::CredentialsWrong, None)),
        ("400 Bad", "", gateway("SignatureDoesNotMatch"), retry(Code::CredentialsWrong, None)),
        ("403 No", "", gateway("SignatureDoesNotMatch"), retry(Code::CredentialsWrong, None)),
        ("400 Bad", "", gateway("InvalidSecurityToken.Expired"), retry(Code::CredentialsWrong, None)),
        ("400 Bad", "", gateway("param.illegal"), rejected(Code::Refused)),
        ("400 Bad", "", gateway("illegal.param"), rejected(Code::Refused)),
        ("400 Bad", "", gateway("MissingContent"), rejected(Code::Refused)),
        ("401 No", "", gateway("illegal.auth"), rejected(Code::Forbidden)),
        ("403 No", "", gateway("NoPermission"), rejected(Code::Forbidden)),
        ("404 No", "", gateway("InvalidAction.NotFound"), rejected(Code::NotSupportedServer)),
        ("500 Oops", "", gateway("System.error"), unknown(Code::ServerFailed)),
        ("500 Oops", "", gateway("InternalError"), unknown(Code::ServerFailed)),
        ("503 Busy", "", gateway("ServiceUnavailable"), retry(Code::ServerFailed, None)),
        ("502 Bad", "Content-Type: text/html\r\n", "<html>".to_owned(), unknown(Code::ServerFailed)),
        ("200 OK", "", refused(json!(400)), rejected(Code::Refused)),
        ("200 OK", "", refused(json!("param.illegal")), rejected(Code::Refused)),
        ("200 OK", "", refused(json!(200)), rejected(Code::Refused)),
        ("200 OK", "", refused(json!(500)), rejected(Code::Refused)),
        ("200 OK", "", refused(json!("System.error")), unknown(Code::ServerFailed)),
        ("200 OK", "", refused(json!("Throttling")), retry(Code::RateLimited, None)),
        ("200 OK", "", json!({ "Code": 200, "Message": "success" }).to_string(), unknown(Code::AnswerUnexpected)),
        ("200 OK", "", json!({ "Success": true, "Code": 0, "Data": null }).to_string(), unknown(Code::AnswerUnexpected)),
        ("200 OK", "Content-Type: text/html\r\n", "<p>登录</p>".to_owned(), unknown(Code::AnswerNotJson)),
        ("200 OK", "", "[]".to_owned(), unknown(Code::AnswerUnexpected)),
        ("200 OK", "", "{\"Success\":true,\"Da".to_owned(), unknown(Code::AnswerTruncated)),
        ("200 OK", "", String::new(), unknown(Code::AnswerNotJson)),
        ("302 Found", "Location: https://elsewhere.example/\r\n", String::new(), unknown(Code::AnswerUnexpected)),
    ];
    for (status, headers, body, expected) in table {
        let (api, asked) = said(http(status, headers, &body)).await;
        let found = match api.send(&reply("T", "你好")).await {
            Outcome::Rejected { code, detail } => {
                assert!(!detail.contains("hunter2"), "{detail}");
                Outcome::Rejected { code, detail: String::new() }
            }
            other => other,
        };
        assert_eq!(found, expected, "{status} {body}");
        assert_eq!(asked.lock().unwrap().len(), 1, "a send goes once: {status} {body}");
    }
}

#[tokio::test]
async fn success_is_believed_whatever_code_and_message_say() {
    for (code, message) in [(0, "非法的入参"), (200, "success"), (500, "失败")] {
        let body = json!({ "Code": code, "Message": message, "Data": "46434030", "RequestId": "r", "Success": true }).to_string();
        let (api, _) = said(http("200 OK", "", &body)).await;
        let outcome = api.send(&reply("T", "你好")).await;
        assert_eq!(outcome, Outcome::Sent(Receipt { note_remote_id: Some("46434030".to_owned()), ..Receipt::default() }));
    }
}

#[tokio::test]
async fn a_question_is_asked_anew_with_another_nonce_and_signature() {
    let taken = json!({ "RequestId": "r", "Code": "SignatureNonceUsed", "Message": "" }).to_string();
    let (api, asked) = said(http("400 Bad", "", &taken)).await;
    assert_eq!(api.check().await.unwrap_err().code, Code::Refused);
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 3);
    let header = |text: &str, name: &str| text.lines().find_map(|line| line.strip_prefix(name).map(str::to_owned)).unwrap();
    for name in ["x-acs-signature-nonce: ", "authorization: "] {
        let values: std::collections::BTreeSet<String> = asked.iter().map(|text| header(text, name)).collect();
        assert_eq!(values.len(), 3, "{name}");
    }
    assert!(asked.iter().all(|text| text.starts_with("POST /?PageNumber=1&PageSize=10 HTTP/1.1")), "{}", asked[0]);
}

#[tokio::test]
async fn clock_that_is_wrong_is_said_so() {
    let late = json!({ "RequestId": "r", "Code": "InvalidTimeStamp.Expired", "Message": "" }).to_string();
    let (api, _) = said(http("400 Bad", "", &late)).await;
    let error = api.check().await.unwrap_err();
    assert_eq!(error.code, Code::ClockWrong);
    assert!(error.detail.contains("clock") && error.detail.contains("request r"), "{error}");
}

fn any_json() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "Success",
        "Code",
        "Data",
        "TicketId",
        "Status",
        "Value",
        "Label",
        "DialogId",
        "CreateTime",
        "Dialog",
        "Content",
        "Schema",
        "User",
        "Role",
        "Name",
        "Attachments",
        "Url",
        "ProductList",
        "TotalCount",
        "null",
        "6",
        "x",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 8, move |inner| {
        let field = (prop_oneof![word.clone().prop_map(str::to_owned), "[A-Za-z]{1,6}"], inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(Value::from),
            prop::collection::vec(field, 0..8).prop_map(|fields| fields.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

fn read_everything(value: &Value) {
    let read = |value: &Value| {
        let notes = serde_json::from_value::<Many<Note>>(value.clone()).map(|notes| notes.data).unwrap_or_default();
        let ticket = serde_json::from_value::<One<Ticket>>(value.clone()).map(|ticket| ticket.data).unwrap_or_default();
        let history = History::Told(observe::Before { status_raw: Some("6"), compared_at: Some(UtcMs(i64::MAX)), told: None });
        let seen = observe::observe("T", &ticket, &notes, &history, UtcMs(i64::MIN), &BTreeMap::new());
        assert_eq!(seen.tickets.len(), 1);
        let _page = serde_json::from_value::<TicketPage>(value.clone());
        let _products = serde_json::from_value::<Many<ProductDirectory>>(value.clone());
        let _id = serde_json::from_value::<Id>(value.clone());
        let _cursor = cursor::Cursor::from_text(&value.to_string());
    };
    read(value);
    read(&json!({ "Success": true, "Data": value }));
    read(&json!({ "Success": true, "Data": [value] }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_json_makes_a_reader_panic(value in any_json()) {
        read_everything(&value);
    }

    #[test]
    fn no_text_makes_a_signature_or_a_cursor_panic(text in "\\PC{0,200}") {
        let call = Call::reply_ticket(&text, &text, std::slice::from_ref(&text));
        let signed = sign_call(&call, "h", "/", &Credentials::new(&text, &SecretString::from(text.as_str())), UtcMs(0), "n").unwrap();
        prop_assert!(signed.query.is_ascii() && signed.body.is_ascii());
        let known = cursor::Known { status_raw: text.clone(), notes: "3-00ff".to_owned() };
        prop_assert_eq!(cursor::Known::from(String::from(known.clone())), known);
        prop_assert!(words::is_same_text(&text, &text));
        let _endpoint = HttpClient::new(&endpoint_of(&text));
    }
}

#[test]
fn certainty_is_one_of_three() {
    let failure = |certainty| client::Failure { error: RemoteError::new(Code::Refused, "d"), certainty };
    assert!(matches!(failure(Certainty::NotYet).outcome(), Outcome::Retry { .. }));
    assert!(matches!(failure(Certainty::Never).outcome(), Outcome::Rejected { .. }));
    assert!(matches!(failure(Certainty::Perhaps).outcome(), Outcome::Unknown { .. }));
}
