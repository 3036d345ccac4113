//! What the tests share: an independent client of the server, and ways to ours.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use deskbell_domain::Code;
use deskbell_domain::UtcMs;
use deskbell_domain::observation::Observations;
use deskbell_domain::observation::ObservedAttachment;
use deskbell_domain::sync::op::FileRef;
use deskbell_domain::sync::op::{OperationKind, OutboundOperation};
use deskbell_domain::ticket::ProviderKind;
use deskbell_remote::connect::{ConnectOptions, connect};
use deskbell_remote::{FileSink, FileSource, RemoteError, RemoteFile, SupportApi};
use serde_json::{Value, json};

pub(crate) const MARKER_FIELD: &str = "Txn Mutation Id";

pub(crate) fn setting(name: &str, default: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| default.to_owned())
}

pub(crate) fn endpoint() -> String {
    std::env::var("DESKBELL_RT_URL").expect("DESKBELL_RT_URL names the server")
}

pub(crate) fn user() -> String {
    setting("DESKBELL_RT_USER", "alice")
}

pub(crate) fn api_as(user: &str, secret: &str) -> Arc<dyn SupportApi> {
    let options = ConnectOptions::new(ProviderKind::Rt, endpoint(), user, secret.to_owned().into());
    connect(&options).unwrap()
}

pub(crate) fn api() -> Arc<dyn SupportApi> {
    api_as(&user(), &setting("DESKBELL_RT_SECRET", "secret-alice"))
}

pub(crate) fn now() -> UtcMs {
    UtcMs(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap())
}

pub(crate) fn operation(ticket: &str, kind: OperationKind) -> OutboundOperation {
    let marker = format!("0198-live-{}-{:08x}", now().0, rand_bits());
    OutboundOperation {
        marker,
        ticket_remote_id: ticket.to_owned(),
        kind,
        base_version: String::new(),
        created_at: now(),
        uploaded: BTreeMap::new(),
        opened_by_others: Vec::new(),
        visit_remote_id: String::new(),
        visit_version: String::new(),
    }
}

pub(crate) fn rand_bits() -> u32 {
    use std::hash::{BuildHasher, Hasher};
    u32::try_from(std::collections::hash_map::RandomState::new().build_hasher().finish() & 0xffff_ffff).unwrap()
}

/// A client that shares nothing with ours but the HTTP library.
pub(crate) struct Raw {
    pub(crate) client: reqwest::Client,
    pub(crate) cookie: String,
}

impl Raw {
    pub(crate) async fn log_in() -> Self {
        Self::log_in_as(&user(), &setting("DESKBELL_RT_SECRET", "secret-alice")).await
    }

    /// The administrator, for what happens behind an agent's back.
    pub(crate) async fn root() -> Self {
        Self::log_in_as("root", "password").await
    }

    pub(crate) async fn log_in_as(user: &str, secret: &str) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let form = [("user", user), ("pass", secret)];
        let answer = client.post(format!("{}/NoAuth/Login.html", endpoint())).form(&form).send().await.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        Self { client, cookie }
    }

    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Value {
        let request = self.client.get(format!("{}/REST/2.0/{path}", endpoint())).query(query).header("Cookie", &self.cookie);
        request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap()
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Value {
        let request = self.client.put(format!("{}/REST/2.0/{path}", endpoint())).json(body).header("Cookie", &self.cookie);
        request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.client.post(format!("{}/REST/2.0/{path}", endpoint())).json(body).header("Cookie", &self.cookie);
        request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap()
    }

    /// A new password for somebody, by the administrator's page: REST 2.0 of RT 5.0 cannot.
    pub(crate) async fn set_password(&self, name: &str, password: &str) {
        let id = text(&self.get(&format!("user/{name}"), &[]).await["id"]);
        let page = format!("{}/Admin/Users/Modify.html", endpoint());
        let form = [
            ("id", id.as_str()),
            ("Name", name),
            ("CurrentPass", "password"),
            ("Pass1", password),
            ("Pass2", password),
            ("Enabled", "1"),
            ("SetEnabled", "1"),
            ("Privileged", "1"),
            ("SetPrivileged", "1"),
        ];
        let request = self.client.post(&page).header("Referer", &page).header("Cookie", &self.cookie).form(&form);
        assert!(request.send().await.unwrap().status().is_redirection(), "the password was not set");
    }

    pub(crate) async fn open(&self, queue: &str, subject: &str) -> String {
        let fields = json!({ "Queue": queue, "Subject": subject, "Content": "宕机了", "Requestor": "customer3@example.com" });
        text(&self.post("ticket", &fields).await["id"])
    }

    /// A custom field's values by its name.
    pub(crate) async fn field(&self, ticket: &str, name: &str) -> Vec<String> {
        let record = self.get(&format!("ticket/{ticket}"), &[]).await;
        let fields = record["CustomFields"].as_array().unwrap();
        let found = fields.iter().find(|field| field["name"] == name).unwrap();
        let mut values: Vec<String> =
            found["values"].as_array().unwrap().iter().filter(|value| !value.is_null()).map(text).collect();
        values.sort();
        values
    }

    /// Files of a ticket: transaction, attachment, name and bytes, as REST 2.0 tells them.
    pub(crate) async fn files(&self, ticket: &str) -> Vec<(String, String, String, Vec<u8>)> {
        let mut found = Vec::new();
        for row in self.pages(&format!("ticket/{ticket}/attachments"), &[("fields", "TransactionId,Filename")]).await {
            let (id, name) = (text(&row["id"]), text(&row["Filename"]));
            if !name.is_empty() {
                let record = self.get(&format!("attachment/{id}"), &[]).await;
                let packed: String = record["Content"].as_str().unwrap_or_default().split_whitespace().collect();
                let bytes = base64::engine::general_purpose::STANDARD.decode(packed).unwrap();
                found.push((text(&row["TransactionId"]), id, name, bytes));
            }
        }
        found
    }

    /// Every page by page number, until one is empty.
    pub(crate) async fn pages(&self, path: &str, query: &[(&str, &str)]) -> Vec<Value> {
        let mut items = Vec::new();
        for page in 1.. {
            let page = page.to_string();
            let answer = self.get(path, &[query, &[("per_page", "100"), ("page", page.as_str())]].concat()).await;
            let part = answer["items"].as_array().unwrap();
            if part.is_empty() {
                break;
            }
            items.extend(part.iter().cloned());
        }
        items
    }

    pub(crate) async fn correspondence(&self, ticket: &str) -> Vec<Value> {
        self.pages(&format!("ticket/{ticket}/history"), &[("fields", "Type,CustomFields")]).await
    }

    pub(crate) async fn count_of_marker(&self, ticket: &str, marker: &str) -> usize {
        let has = |row: &Value| {
            row["CustomFields"]
                .as_array()
                .is_some_and(|fields| fields.iter().any(|field| field["name"] == MARKER_FIELD && field["values"][0] == marker))
        };
        self.correspondence(ticket).await.iter().filter(|row| has(row)).count()
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

pub(crate) async fn pull_all(api: &dyn SupportApi) -> (Observations, String) {
    let mut whole = Observations::default();
    let mut cursor: Option<String> = None;
    let mut last_done = 0;
    loop {
        let page = api.pull(cursor.as_deref()).await.unwrap();
        if page.progress.full {
            assert!(page.progress.done >= last_done);
            last_done = page.progress.done;
        }
        whole.tickets.extend(page.observations.tickets);
        whole.notes.extend(page.observations.notes);
        whole.events.extend(page.observations.events);
        cursor = Some(page.next_cursor);
        if page.caught_up {
            return (whole, cursor.unwrap());
        }
    }
}

/// The newest ticket that still stands open.
pub(crate) async fn open_ticket(raw: &Raw) -> String {
    let page =
        raw.get("tickets", &[("query", "Status = 'open' AND Queue = 'Support'"), ("orderby", "id"), ("order", "DESC")]).await;
    text(&page["items"][usize::try_from(rand_bits() % 10).unwrap()]["id"])
}

/// Files that lie here under any name in place of a hash.
#[derive(Default)]
pub(crate) struct Shelf(BTreeMap<String, Vec<u8>>);

impl Shelf {
    pub(crate) fn put(&mut self, name: &str, mime: &str, bytes: Vec<u8>) -> FileRef {
        let sha256 = format!("{:064x}", self.0.len());
        let size_bytes = bytes.len() as u64;
        self.0.insert(sha256.clone(), bytes);
        FileRef { sha256, name: name.to_owned(), mime: mime.to_owned(), size_bytes }
    }
}

#[async_trait::async_trait]
impl FileSource for Shelf {
    async fn read(&self, sha256: &str, from: u64, bytes_max: usize) -> Result<Vec<u8>, RemoteError> {
        let bytes = self.0.get(sha256).ok_or_else(|| RemoteError::new(Code::FileMissing, "not on the shelf"))?;
        let from = usize::try_from(from).unwrap().min(bytes.len());
        Ok(bytes[from..(from + bytes_max).min(bytes.len())].to_vec())
    }
}

pub(crate) fn api_with(shelf: Shelf) -> Arc<dyn SupportApi> {
    let mut options =
        ConnectOptions::new(ProviderKind::Rt, endpoint(), user(), setting("DESKBELL_RT_SECRET", "secret-alice").into());
    options.files = Arc::new(shelf);
    connect(&options).unwrap()
}

#[derive(Default)]
pub(crate) struct Basket(pub(crate) Mutex<Vec<u8>>);

#[async_trait::async_trait]
impl FileSink for Basket {
    async fn write(&self, bytes: &[u8]) -> Result<(), RemoteError> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(())
    }
}

pub(crate) async fn download(
    api: &dyn SupportApi,
    ticket: &str,
    note: &str,
    attachment: &ObservedAttachment,
) -> Result<Vec<u8>, RemoteError> {
    let file =
        RemoteFile { ticket_remote_id: ticket.to_owned(), note_remote_id: note.to_owned(), attachment: attachment.clone() };
    let basket = Basket::default();
    api.download(&file, &basket).await?;
    Ok(basket.0.into_inner().unwrap())
}
