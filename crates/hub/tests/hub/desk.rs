//! A server of its own for each test, and questions to it.

use deskbell_hub::{HubConfig, HubServer, RunningHub};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

pub(crate) const TOKEN: &str = "correct horse battery staple";

pub(crate) struct Desk {
    pub(crate) hub: RunningHub,
    pub(crate) client: Client,
    _directory: tempfile::TempDir,
}

impl Desk {
    pub(crate) async fn start(change: impl FnOnce(&mut HubConfig)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut config = HubConfig::new(directory.path().join("hub.db"), TOKEN);
        change(&mut config);
        let hub = HubServer::start(config).await.unwrap();
        // A second test in this process finds it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self { hub, client: Client::builder().no_proxy().tls_certs_only([]).build().unwrap(), _directory: directory }
    }

    pub(crate) fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}api/v1/{path}", self.hub.url())).bearer_auth(TOKEN)
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let response = self.ask(Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    }

    pub(crate) async fn new_ticket(&self, key: &str) -> Value {
        let body = json!({ "subject": "ECS 无法登录", "body": "请看一下", "priority": "urgent", "requester": "王建国" });
        let response = self.ask(Method::POST, "tickets").header("Idempotency-Key", key).json(&body).send().await.unwrap();
        assert_eq!(response.status(), 201);
        response.json().await.unwrap()
    }

    pub(crate) async fn note(&self, ticket: &str, key: &str, body: &str) -> Response {
        let path = format!("tickets/{ticket}/notes");
        let body = json!({ "body": body, "visibility": "public" });
        self.ask(Method::POST, &path).header("Idempotency-Key", key).json(&body).send().await.unwrap()
    }
}

pub(crate) async fn problem(response: Response) -> (u16, String) {
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["status"], status);
    (status, body["code"].as_str().unwrap().to_owned())
}
