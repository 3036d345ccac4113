//! Against a small server: what is asked, what is never sent. The whole is proven with a real one (tests/servers/calendar).

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response as HttpResponse};

use super::*;

type Seen = Arc<Mutex<Vec<(String, String, HeaderMap)>>>;
type Answerer = fn(&str, &str) -> (StatusCode, Vec<(&'static str, String)>, String);

async fn server(answer: Answerer) -> (String, Seen) {
    let seen = Seen::default();
    let state = (answer, Arc::clone(&seen));
    let app = Router::new().fallback(take).with_state(state);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, seen)
}

async fn take(State((answer, seen)): State<(Answerer, Seen)>, request: Request) -> HttpResponse {
    let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
    let (status, headers, body) = answer(&method, &path);
    seen.lock().unwrap().push((method, path, request.headers().clone()));
    let mut response = (status, body).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

fn client(url: &str) -> CaldavClient {
    CaldavClient::new(url, "lin", SecretString::from("hunter2")).unwrap()
}

fn multistatus(props: &str) -> (StatusCode, Vec<(&'static str, String)>, String) {
    let body = format!(
        r#"<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:response><d:href>/p/cal/</d:href><d:propstat><d:prop>{props}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>"#
    );
    (StatusCode::MULTI_STATUS, Vec::new(), body)
}

#[tokio::test]
async fn a_server_is_found_by_its_well_known_address() {
    let (url, _) = server(|method, path| match (method, path) {
        ("GET", "/.well-known/caldav") => (StatusCode::MOVED_PERMANENTLY, vec![("location", "/dav/".to_owned())], String::new()),
        ("PROPFIND", "/dav/") => multistatus("<d:current-user-principal><d:href>/p/</d:href></d:current-user-principal>"),
        ("PROPFIND", "/p/") => multistatus("<c:calendar-home-set><d:href>/p/</d:href></c:calendar-home-set>"),
        _ => (StatusCode::NOT_FOUND, Vec::new(), String::new()),
    })
    .await;
    // The home is asked for its calendars last; here it has none.
    assert_eq!(client(&url).calendars().await.unwrap(), []);
}

#[tokio::test]
async fn a_password_goes_to_no_other_host() {
    let (url, seen) = server(|method, _| match method {
        "GET" => (StatusCode::FOUND, vec![("location", "https://calendar.example/dav/".to_owned())], String::new()),
        _ => (StatusCode::NOT_FOUND, Vec::new(), String::new()),
    })
    .await;
    let error = client(&url).calendars().await.unwrap_err();
    assert_eq!(error.code, Code::EndpointInvalid);
    assert!(error.detail.contains("https://calendar.example"), "{error}");
    assert_eq!(seen.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_wrong_password_is_told_at_once() {
    let (url, seen) = server(|_, _| (StatusCode::UNAUTHORIZED, Vec::new(), String::new())).await;
    assert_eq!(client(&url).calendars().await.unwrap_err().code, Code::CredentialsWrong);
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn writes_say_what_has_to_be_true() {
    let (url, seen) = server(|method, _| match method {
        "PUT" => (StatusCode::CREATED, vec![("etag", "\"2\"".to_owned())], String::new()),
        _ => (StatusCode::PRECONDITION_FAILED, Vec::new(), String::new()),
    })
    .await;
    let client = client(&url);
    let done = Written::Done { etag: "\"2\"".to_owned() };
    assert_eq!(client.put("/p/a.ics", "x", &Only::IfAbsent).await.unwrap(), done);
    assert_eq!(client.put("/p/a.ics", "x", &Only::If("\"1\"")).await.unwrap(), done);
    assert_eq!(client.delete("/p/a.ics", "\"1\"").await.unwrap(), Written::Conflict);
    let seen = seen.lock().unwrap();
    let header = |at: usize, name: &str| seen[at].2.get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(header(0, "if-none-match").as_deref(), Some("*"));
    assert_eq!(header(1, "if-match").as_deref(), Some("\"1\""));
    assert_eq!(header(2, "if-match").as_deref(), Some("\"1\""));
}

#[tokio::test]
async fn a_uid_that_is_elsewhere_and_a_calendar_that_is_gone_are_told_apart() {
    let (url, _) = server(|_, path| match path {
        "/gone/a.ics" => (StatusCode::CONFLICT, Vec::new(), String::new()),
        _ => (StatusCode::FORBIDDEN, Vec::new(), "<d:error xmlns:d='DAV:'><c:no-uid-conflict xmlns:c='x'/></d:error>".to_owned()),
    })
    .await;
    let client = client(&url);
    assert_eq!(client.put("/gone/a.ics", "x", &Only::IfAbsent).await.unwrap(), Written::Missing);
    assert_eq!(client.put("/p/a.ics", "x", &Only::IfAbsent).await.unwrap(), Written::UidElsewhere);
}

#[test]
fn plain_http_stays_on_this_machine() {
    let refused = |url: &str| CaldavClient::new(url, "lin", SecretString::from("x")).err().map(|error| error.code);
    assert_eq!(refused("http://calendar.example/dav/"), Some(Code::PlainHttpRefused));
    assert_eq!(refused("ftp://calendar.example/"), Some(Code::EndpointInvalid));
    assert_eq!(refused("http://127.0.0.1:5232/"), None);
}
