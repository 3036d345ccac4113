//! A hub with the demo's tickets and a desk connected to it.

use std::path::Path;
use std::sync::Arc;

use deskbell_domain::observation::Observations;
use deskbell_domain::ticket::{AccountId, ProviderKind, TicketId};
use deskbell_engine::accounts::AccountDetails;
use deskbell_engine::ports::Clock;
use deskbell_engine::{Engine, EngineError};
use deskbell_hub::{Faults, HubConfig, HubServer, RunningHub, seed_demo};
use deskbell_remote::connect::{ConnectOptions, connect};
use deskbell_testkit::Machine;
use secrecy::SecretString;
use tempfile::TempDir;

pub(crate) const TOKEN: &str = "test-token-6f1c0a9e";
const SEED: u64 = 7;

/// A hub whose network can be cut: the database stays, the port too.
pub(crate) struct Server {
    pub(crate) faults: Faults,
    dir: TempDir,
    port: u16,
    running: Option<RunningHub>,
    /// Instead of the shipped ones, as JSON.
    centres: Option<String>,
}

impl Server {
    pub(crate) async fn start(clock: &Arc<dyn Clock>) -> Self {
        Self::start_with(clock, None).await
    }

    /// With centres of the test's own, as JSON.
    pub(crate) async fn start_with(clock: &Arc<dyn Clock>, centres: Option<String>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("hub.db");
        seed_demo(&database, clock.now(), SEED).unwrap();
        let mut server = Self { faults: Faults::default(), dir, port: 0, running: None, centres };
        server.reconnect().await;
        server
    }

    pub(crate) async fn cut(&mut self) {
        if let Some(running) = self.running.take() {
            running.shutdown().await;
        }
    }

    pub(crate) async fn reconnect(&mut self) {
        let mut config = HubConfig::new(self.dir.path().join("hub.db"), TOKEN);
        config.bind.set_port(self.port);
        config.faults = self.faults.clone();
        config.centres.clone_from(&self.centres);
        let running = HubServer::start(config).await.unwrap();
        self.port = running.url().trim_end_matches('/').rsplit(':').next().and_then(|port| port.parse().ok()).unwrap();
        self.running = Some(running);
    }

    /// Bytes of files that came since the server was last reconnected.
    pub(crate) fn upload_bytes(&self) -> u64 {
        self.running.as_ref().map_or(0, RunningHub::upload_bytes)
    }

    /// Keeps a copy of what the server holds now.
    pub(crate) async fn back_up(&mut self) {
        self.cut().await;
        std::fs::copy(self.dir.path().join("hub.db"), self.dir.path().join("backup.db")).unwrap();
        self.reconnect().await;
    }

    /// The server is as it was when it was backed up.
    pub(crate) async fn restore(&mut self) {
        self.cut().await;
        for suffix in ["-wal", "-shm"] {
            let _may_not_be_there = std::fs::remove_file(self.dir.path().join(format!("hub.db{suffix}")));
        }
        std::fs::copy(self.dir.path().join("backup.db"), self.dir.path().join("hub.db")).unwrap();
        self.reconnect().await;
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// The customer answers on the server.
    pub(crate) async fn customer_replies(&self, remote_id: &str, author: &str, body: &str) {
        self.running.as_ref().unwrap().customer_replies(remote_id, author, body).await.unwrap();
    }

    /// What the server holds of a ticket, asked by a client of its own.
    pub(crate) async fn observed(&self, remote_id: &str) -> Observations {
        let options = ConnectOptions::new(ProviderKind::Hub, self.url(), "demo", SecretString::from(TOKEN));
        connect(&options).unwrap().ticket(remote_id).await.unwrap()
    }

    pub(crate) async fn count_notes(&self, remote_id: &str, body: &str) -> usize {
        self.observed(remote_id).await.notes.iter().filter(|note| note.body == body).count()
    }
}

/// A desk with one account on the server, connected but with nothing running.
pub(crate) async fn desk(machine: &Machine, dir: &Path, server: &Server) -> (Arc<Engine>, AccountId) {
    let engine = machine.open(dir).unwrap();
    engine.acquire_lock().await.unwrap();
    let known = engine.accounts().await.unwrap().first().map(|account| account.id);
    let account = match known {
        Some(account) => account,
        None => {
            let details = AccountDetails {
                kind: ProviderKind::Hub,
                name: "hub".to_owned(),
                endpoint: server.url(),
                user: "demo".to_owned(),
                secret: SecretString::from(TOKEN),
                demo: false,
                options: deskbell_domain::ticket::AccountOptions::default(),
            };
            engine.keep_account(details).await.unwrap().id
        }
    };
    engine.connect_accounts().await.unwrap();
    (engine, account)
}

/// Any unfinished ticket.
pub(crate) async fn some_ticket(engine: &Arc<Engine>) -> Result<(TicketId, String), EngineError> {
    let filter = deskbell_domain::filter::TicketFilter { unfinished: true, ..Default::default() };
    let page = engine.read(move |store| store.ticket_rows(&filter, deskbell_domain::filter::TicketOrder::Updated, 0, 1)).await?;
    Ok(page.rows.first().map(|row| (row.id, row.remote_id.clone())).unwrap())
}
