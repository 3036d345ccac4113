//! The hub's Workorder endpoint, which verifies every signature, in this process.

use super::*;
use crate::http::Limits;

pub(super) const KEY: (&str, &str) = ("LTAI-test", "very-secret");

pub(super) struct Bench {
    pub(super) hub: RunningHub,
    pub(super) api: AliyunApi,
    pub(super) faults: Faults,
    _directory: tempfile::TempDir,
}

impl Bench {
    /// An empty desk.
    pub(super) async fn empty() -> Self {
        Self::start(false, |_| {}).await
    }

    /// The demo's tickets.
    pub(super) async fn demo() -> Self {
        Self::start(true, |_| {}).await
    }

    pub(super) async fn start(demo: bool, configure: impl FnOnce(&mut WorkorderConfig)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("hub.db");
        if demo {
            seed_demo(&database, UtcMs::parse_rfc3339("2026-11-21T10:00:00Z").unwrap(), 5).unwrap();
        }
        let faults = Faults::default();
        let mut config = HubConfig::new(database, "token-1");
        config.faults = faults.clone();
        let mut workorder = WorkorderConfig::new(KEY.0, KEY.1);
        configure(&mut workorder);
        config.workorder = Some(workorder);
        let hub = HubServer::start(config).await.unwrap();
        let api = client_of(&hub.workorder_url().unwrap(), KEY.0, KEY.1);
        Self { hub, api, faults, _directory: directory }
    }

    pub(super) fn url(&self) -> String {
        self.hub.workorder_url().unwrap()
    }

    /// Another client of the same desk, as after a restart.
    pub(super) fn fresh(&self) -> AliyunApi {
        client_of(&self.url(), KEY.0, KEY.1)
    }

    pub(super) fn hasty(&self, total_timeout_ms: u64) -> AliyunApi {
        let limits = Limits { total_timeout_ms, ..Limits::default() };
        AliyunApi::new(HttpClient::with_limits(&self.url(), limits).unwrap(), KEY.0, &SecretString::from(KEY.1))
    }

    pub(super) async fn new_ticket(&self, subject: &str) -> String {
        let category = self.api.catalogue().await.unwrap().categories[0].id.clone();
        let ticket = deskbell_domain::sync::op::NewTicket {
            subject: subject.to_owned(),
            body: format!("{subject}，请协助。"),
            category,
            ..Default::default()
        };
        self.sent(&operation("new", "", OperationKind::CreateTicket { ticket })).await.ticket_remote_id.unwrap()
    }

    pub(super) async fn sent(&self, operation: &OutboundOperation) -> Receipt {
        match self.api.send(operation).await {
            Outcome::Sent(receipt) => receipt,
            other => panic!("{operation:?}: {other:?}"),
        }
    }

    /// How often the words stand in a ticket.
    pub(super) async fn times(&self, ticket: &str, words: &str) -> usize {
        self.api.ticket(ticket).await.unwrap().notes.iter().filter(|note| note.body == words).count()
    }
}

#[tokio::test]
async fn key_is_proved_and_refused_by_name() {
    let sts = deskbell_hub::StsKey {
        access_key_id: "STS.1".to_owned(),
        access_key_secret: "sts-secret".to_owned(),
        security_token: "the-token".to_owned(),
        expires_at_ms: i64::MAX,
    };
    let bench = Bench::start(false, move |config| config.sts = Some(sts)).await;
    assert_eq!(bench.api.check().await.unwrap().user, KEY.0);
    let temporary = client_of(&bench.url(), "STS.1", "sts-secret\nthe-token");
    assert_eq!(temporary.check().await.unwrap().user, "STS.1");
    for (user, secret) in [
        ("nobody", KEY.1),
        (KEY.0, "wrong"),
        ("STS.1", "sts-secret"),
        ("STS.1", "sts-secret\nanother"),
        (KEY.0, "very-secret\nunwanted"),
    ] {
        let error = client_of(&bench.url(), user, secret).check().await.unwrap_err();
        assert_eq!(error.code, Code::CredentialsWrong, "{user} {error}");
        assert!(!error.detail.contains(secret), "{error}");
    }
}

#[tokio::test]
async fn catalogue_has_products_and_categories() {
    let bench = Bench::empty().await;
    let catalogue = bench.api.catalogue().await.unwrap();
    assert!(catalogue.categories.len() > 3);
    assert!(catalogue.categories.iter().all(|one| !one.id.is_empty() && !one.name.is_empty() && !one.product.is_empty()));
    assert_eq!(catalogue.custom_fields[0].name, "email");
}
