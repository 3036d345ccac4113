//! Logins, connections, and clocks in other places.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use deskbell_domain::Code;
use deskbell_domain::sync::op::{OperationKind, Outcome, ReadBack};
use deskbell_domain::ticket::{AccountOptions, ProviderKind, Visibility};
use deskbell_remote::SupportApi;
use deskbell_remote::connect::{ConnectOptions, connect};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::support::*;

/// See [`Wire::carry`].
const SETTLE: std::time::Duration = std::time::Duration::from_millis(100);

/// A wire that counts what is open on it, and looks at the requests.
#[derive(Default)]
struct Wire {
    open: AtomicUsize,
    most: AtomicUsize,
    requests: AtomicUsize,
    logins: AtomicUsize,
    cookie: Mutex<String>,
}

impl Wire {
    async fn lay() -> (Arc<Self>, String) {
        let wire = Arc::new(Self::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::clone(&wire);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&shared).carry(client));
            }
        });
        (wire, url)
    }

    /// A connection counts until either end closes it. It counts a moment after it came: one that the client closed just
    /// before has to be seen closed by then.
    async fn carry(self: Arc<Self>, client: TcpStream) {
        tokio::time::sleep(SETTLE).await;
        let open = self.open.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(open, Ordering::SeqCst);
        let upstream = TcpStream::connect(endpoint().trim_start_matches("http://")).await.unwrap();
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_server, mut to_server) = upstream.into_split();
        let counted = Arc::new(AtomicBool::new(true));
        let (wire, still) = (Arc::clone(&self), Arc::clone(&counted));
        let down = tokio::spawn(async move {
            drop(tokio::io::copy(&mut from_server, &mut to_client).await);
            wire.uncount(&still);
            drop(to_client.shutdown().await);
        });
        let mut buffer = vec![0; 65_536];
        while let Ok(count) = from_client.read(&mut buffer).await {
            if count == 0 {
                break;
            }
            self.look_at(&buffer[..count]);
            if to_server.write_all(&buffer[..count]).await.is_err() {
                break;
            }
        }
        self.uncount(&counted);
        drop(to_server.shutdown().await);
        drop(down.await);
    }

    fn uncount(&self, counted: &AtomicBool) {
        if counted.swap(false, Ordering::SeqCst) {
            self.open.fetch_sub(1, Ordering::SeqCst);
        }
    }

    fn look_at(&self, bytes: &[u8]) {
        let head = String::from_utf8_lossy(bytes);
        if !head.lines().next().unwrap_or_default().ends_with(" HTTP/1.1") {
            return;
        }
        self.requests.fetch_add(1, Ordering::SeqCst);
        if head.starts_with("POST /NoAuth/Login.html") {
            self.logins.fetch_add(1, Ordering::SeqCst);
        }
        if let Some(cookie) = head.lines().find_map(|line| line.strip_prefix("cookie: ").or(line.strip_prefix("Cookie: "))) {
            cookie.clone_into(&mut self.cookie.lock().unwrap());
        }
    }

    fn logins(&self) -> usize {
        self.logins.load(Ordering::SeqCst)
    }

    /// Ends the session that was last seen here, as an administrator or a clean-up job does.
    async fn end_session(&self) {
        let cookie = self.cookie.lock().unwrap().clone();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let request = client.get(format!("{}/NoAuth/Logout.html", endpoint())).header("Cookie", cookie);
        request.send().await.unwrap().error_for_status().unwrap();
    }
}

fn connect_over(url: &str, user: &str, secret: &str, connections_max: Option<u32>) -> Arc<dyn SupportApi> {
    let mut options = ConnectOptions::new(ProviderKind::Rt, url, user, secret.to_owned().into());
    options.options = AccountOptions { connections_max, ..AccountOptions::default() };
    connect(&options).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn an_ended_session_is_renewed_in_mid_pull_and_in_mid_send() {
    let (wire, url) = Wire::lay().await;
    let api = connect_over(&url, "alice", "secret-alice", None);
    let raw = Raw::log_in().await;
    let first = api.pull(None).await.unwrap();
    assert_eq!(wire.logins(), 1);
    wire.end_session().await;
    let second = api.pull(Some(&first.next_cursor)).await.unwrap();
    assert!(!second.observations.tickets.is_empty());
    let third = api.pull(Some(&second.next_cursor)).await.unwrap();
    assert!(wire.logins() <= 2, "{} logins", wire.logins());
    let before = wire.logins();
    wire.end_session().await;
    let ticket = raw.open("Support", "session").await;
    let reply = operation(&ticket, OperationKind::reply("会话过期也送达", Visibility::Public));
    assert!(matches!(api.send(&reply).await, Outcome::Sent(_)));
    assert_eq!((wire.logins(), raw.count_of_marker(&ticket, &reply.marker).await), (before + 1, 1));
    wire.end_session().await;
    let note = api.ticket(&ticket).await.unwrap();
    assert_eq!((note.notes.len(), wire.logins()), (2, before + 2));
    drop(third);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn a_changed_password_is_tried_once() {
    let root = Raw::root().await;
    let name = format!("erin{}", rand_bits());
    let fresh = json!({ "Name": name, "Password": "first-secret", "Privileged": 1, "EmailAddress": format!("{name}@rt.test") });
    root.post("user", &fresh).await;
    let (wire, url) = Wire::lay().await;
    let api = connect_over(&url, &name, "first-secret", None);
    api.check().await.unwrap();
    root.set_password(&name, "second-secret").await;
    wire.end_session().await;
    let before = wire.logins();
    // As many at once as there are connections, and then again and again.
    let (one, two, three, four) = tokio::join!(api.pull(None), api.check(), api.ticket("1"), api.pull(None));
    for code in [one.unwrap_err().code, two.unwrap_err().code, three.unwrap_err().code, four.unwrap_err().code] {
        assert_eq!(code, Code::CredentialsWrong);
    }
    let after_first = wire.requests.load(Ordering::SeqCst);
    for _ in 0..20 {
        assert_eq!(api.pull(None).await.unwrap_err().code, Code::CredentialsWrong);
        let reply = operation("1", OperationKind::reply("x", Visibility::Public));
        assert_eq!(api.send(&reply).await, Outcome::Retry { after_ms: None, code: Code::CredentialsWrong });
    }
    assert_eq!(wire.logins(), before + 1, "one attempt with the old password");
    assert_eq!(wire.requests.load(Ordering::SeqCst), after_first, "and then silence");
    connect_over(&url, &name, "second-secret", None).check().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn never_more_connections_than_configured() {
    for most in [1, 2, 4] {
        let (wire, url) = Wire::lay().await;
        let api = connect_over(&url, "alice", "secret-alice", Some(most));
        let some_pages = async {
            let mut cursor = None;
            for _ in 0..most + 1 {
                cursor = Some(api.pull(cursor.as_deref()).await.unwrap().next_cursor);
            }
        };
        let ((), catalogue, one, two) = tokio::join!(some_pages, api.catalogue(), api.ticket("1"), api.check());
        assert!(catalogue.is_ok() && one.is_ok() && two.is_ok());
        let (held, asked) = (wire.most.load(Ordering::SeqCst), wire.requests.load(Ordering::SeqCst));
        println!("connections allowed {most}, held at most {held}, requests {asked}");
        assert!(held <= most as usize, "{held} connections instead of {most}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn the_agents_own_clock_changes_nothing() {
    let (root, raw) = (Raw::root().await, Raw::log_in_as("bob", "secret-bob").await);
    let ticket = raw.open("Support", "clock").await;
    // Within the hour that New York has twice, within the one that it has not, and in either half of the year.
    let moments =
        ["2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z", "2026-03-08T07:30:00Z", "2026-07-01T12:00:00Z", "2027-01-01T00:00:00Z"];
    let page = raw.get("tickets", &[("query", "id < 200"), ("orderby", "id"), ("per_page", "12")]).await;
    let seeded: Vec<String> = page["items"].as_array().unwrap().iter().map(|row| text(&row["id"])).collect();
    let mut pulled = Vec::new();
    for zone in ["UTC", "Asia/Shanghai", "America/New_York"] {
        root.put("user/bob", &json!({ "Timezone": zone })).await;
        let api = api_as("bob", "secret-bob");
        let mut kept = Vec::new();
        let mut shown =
            api.ticket(&ticket).await.unwrap().tickets[0].custom_fields.get("Appointment").cloned().unwrap_or_default();
        for moment in moments {
            let (field, from, to) = ("Appointment".to_owned(), shown.clone(), moment.to_owned());
            let outcome = api.send(&operation(&ticket, OperationKind::SetCustomField { field, from, to })).await;
            assert!(matches!(outcome, Outcome::Sent(_)), "{zone} {moment}: {outcome:?}");
            shown = raw.field(&ticket, "Appointment").await.remove(0);
            kept.push(shown.clone());
        }
        assert_eq!(kept, moments, "{zone}");
        let reply = operation(&ticket, OperationKind::reply(format!("{zone} {}", rand_bits()), Visibility::Public));
        let unmarked = deskbell_domain::sync::op::OutboundOperation { marker: String::new(), ..reply.clone() };
        let Outcome::Sent(receipt) = api.send(&reply).await else { panic!("not sent") };
        let plain = raw.open("Plain", &format!("{zone} plain")).await;
        let OperationKind::Reply { body, .. } = &unmarked.kind else { unreachable!() };
        raw.post(&format!("ticket/{plain}/correspond"), &json!({ "Content": body, "ContentType": "text/plain" })).await;
        let by_content = deskbell_domain::sync::op::OutboundOperation { ticket_remote_id: plain, ..unmarked };
        assert!(matches!(api.read_back(&by_content).await.unwrap(), ReadBack::Landed(_)), "{zone}");
        let notes = api.ticket(&ticket).await.unwrap().notes;
        let at = notes.iter().find(|note| Some(&note.remote_id) == receipt.note_remote_id.as_ref()).unwrap().created_at;
        assert!(now().ms_since(at).abs() < 120_000, "{zone}: {at:?}");
        let mut seen = Vec::new();
        for id in &seeded {
            seen.push(api.ticket(id).await.unwrap());
        }
        pulled.push(seen);
    }
    root.put("user/bob", &json!({ "Timezone": "" })).await;
    assert_eq!(pulled[0], pulled[1]);
    assert_eq!(pulled[0], pulled[2]);
}
