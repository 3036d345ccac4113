//! Accounts: adding, checking, removing, and what each connection is doing.

use std::sync::Arc;

use deskbell_domain::Code;
use deskbell_domain::ticket::{AccountId, AccountOptions, ProviderKind};
use deskbell_remote::connect::ConnectOptions;
use deskbell_remote::{Identity, SupportApi};
use deskbell_store::Store;
use deskbell_store::records::{AccountRecord, NewAccount};
use secrecy::SecretString;
use std::sync::PoisonError;

use crate::connection::Connection;
use crate::engine::{DemoEndpoint, Engine, guard};
use crate::error::EngineError;
use crate::events::{Account, AccountActivity, AccountState, DeskEvent, SyncStatus};
use crate::import::IMPORT_ENDPOINT;
use crate::kept::check_options;

/// What is needed to reach a server.
#[derive(Clone)]
pub struct AccountDetails {
    pub kind: ProviderKind,
    pub name: String,
    pub endpoint: String,
    pub user: String,
    pub secret: SecretString,
    pub demo: bool,
    pub options: AccountOptions,
}

impl AccountDetails {
    /// The demo desk's account: its address and token are new with every start.
    #[must_use]
    pub fn demo(name: &str, user: &str, token: SecretString) -> Self {
        Self {
            kind: ProviderKind::Hub,
            name: name.to_owned(),
            endpoint: DEMO_ENDPOINT.to_owned(),
            user: user.to_owned(),
            secret: token,
            demo: true,
            options: AccountOptions::default(),
        }
    }
}

/// Endpoint recorded for the demo desk, whose port changes with every start.
pub const DEMO_ENDPOINT: &str = "demo:";

impl Engine {
    /// Asks a server who we are, without keeping anything.
    ///
    /// # Errors
    /// `input_invalid` for options out of range; every way in which a server cannot be reached or says no.
    pub async fn check_account(&self, details: &AccountDetails) -> Result<Identity, EngineError> {
        check_options(&details.options)?;
        let mut options = ConnectOptions::new(details.kind, details.endpoint.trim(), details.user.trim(), details.secret.clone());
        options.options = details.options.clone();
        let api = self.ports.connector.connect(&options)?;
        api.check().await.map_err(|error| EngineError::from(error).arg("endpoint", options.endpoint.clone()))
    }

    /// Keeps an account and its secret, and starts syncing when the engine runs.
    ///
    /// # Errors
    /// `input_invalid`, `account_exists`, keyring and storage failures; nothing is kept then.
    pub async fn add_account(self: &Arc<Self>, details: AccountDetails) -> Result<Account, EngineError> {
        let account = self.keep_account(details).await?;
        let record = self.account_record(account.id).await?;
        self.connect_account(&record).await;
        self.spawn_puller(record.id);
        self.emit_sync().await;
        Ok(account)
    }

    /// Keeps an account and its secret, and nothing more.
    ///
    /// # Errors
    /// As [`Engine::add_account`].
    pub async fn keep_account(&self, details: AccountDetails) -> Result<Account, EngineError> {
        check_options(&details.options)?;
        let name =
            if details.name.trim().is_empty() { details.endpoint.trim().to_owned() } else { details.name.trim().to_owned() };
        let new = NewAccount {
            kind: details.kind,
            name,
            endpoint: details.endpoint.trim().to_owned(),
            user: details.user.trim().to_owned(),
            demo: details.demo,
        };
        let now = self.now();
        let id = self.read(move |store| store.add_account(&new, now)).await?;
        if let Err(error) = self.keep_secret(id, &details).await {
            self.read(move |store| store.remove_account(id, true)).await?;
            return Err(error);
        }
        self.keep_options(id, details.options.clone()).await?;
        Ok(self.account_view(self.account_record(id).await?, 0))
    }

    /// The demo desk's token is new with every start: there is nothing to keep.
    async fn keep_secret(&self, id: AccountId, details: &AccountDetails) -> Result<(), EngineError> {
        if details.demo {
            return Ok(());
        }
        let (keeper, secret) = (self.keeper.clone(), details.secret.clone());
        tokio::task::spawn_blocking(move || keeper.set(&secret_name(id), &secret)).await?
    }

    /// Forgets an account, its secret and its mirror. Operations not yet sent stop it unless `force`.
    ///
    /// # Errors
    /// `operation_not_discardable` when edits wait, keyring and storage failures.
    pub async fn remove_account(self: &Arc<Self>, id: AccountId, force: bool) -> Result<(), EngineError> {
        self.account_record(id).await?;
        let task = guard(&self.connections).get_mut(&id).and_then(|connection| connection.task.take());
        let was_pulling = task.is_some();
        if let Some(task) = task {
            task.abort();
            let _ended = task.await;
        }
        if let Err(error) = self.read(move |store| store.remove_account(id, force)).await {
            if was_pulling {
                self.spawn_puller(id);
            }
            return Err(error);
        }
        guard(&self.connections).remove(&id);
        self.forget_kept(id);
        self.emit(DeskEvent::TicketsChanged { ids: Vec::new(), many: true });
        self.emit_sync().await;
        self.emit_outbox().await;
        let keeper = self.keeper.clone();
        tokio::task::spawn_blocking(move || keeper.delete(&secret_name(id))).await?
    }

    /// Tells the engine where the embedded demo desk listens in this run.
    pub fn set_demo_endpoint(&self, url: &str, token: SecretString) {
        *self.demo.write().unwrap_or_else(PoisonError::into_inner) = Some(DemoEndpoint { url: url.to_owned(), token });
    }

    /// # Errors
    /// The store's.
    pub async fn accounts(&self) -> Result<Vec<AccountRecord>, EngineError> {
        self.read(Store::accounts).await
    }

    pub(crate) async fn account_record(&self, id: AccountId) -> Result<AccountRecord, EngineError> {
        self.read(move |store| store.account(id)).await?.ok_or_else(|| EngineError::new(Code::AccountUnknown))
    }

    /// Builds the connection of every account. Without a secret an account is failed, not lost.
    ///
    /// # Errors
    /// The store's.
    pub async fn connect_accounts(&self) -> Result<(), EngineError> {
        for record in self.accounts().await? {
            let connected = guard(&self.connections).contains_key(&record.id);
            if record.endpoint != IMPORT_ENDPOINT && !connected {
                self.connect_account(&record).await;
            }
        }
        Ok(())
    }

    pub(crate) fn spawn_pullers(self: &Arc<Self>) {
        let idle: Vec<AccountId> =
            guard(&self.connections).iter().filter(|(_, connection)| connection.task.is_none()).map(|(id, _)| *id).collect();
        for id in idle {
            self.spawn_puller(id);
        }
    }

    pub(crate) async fn connect_account(&self, record: &AccountRecord) {
        let connection = Connection::new(self.build_api(record).await);
        guard(&self.connections).insert(record.id, connection);
    }

    async fn build_api(&self, record: &AccountRecord) -> Result<Arc<dyn SupportApi>, EngineError> {
        let (endpoint, secret) = if record.demo {
            let demo = self.demo.read().unwrap_or_else(PoisonError::into_inner).clone();
            demo.map(|demo| (demo.url, demo.token))
                .ok_or_else(|| EngineError::with_detail(Code::HostUnreachable, "the demo desk is not running"))?
        } else {
            let keeper = self.keeper.clone();
            let name = secret_name(record.id);
            let secret = tokio::task::spawn_blocking(move || keeper.get(&name)).await??;
            let secret =
                secret.ok_or_else(|| EngineError::with_detail(Code::CredentialsWrong, "no secret is kept for this account"))?;
            (record.endpoint.clone(), secret)
        };
        let mut options = ConnectOptions::new(record.kind, endpoint, record.user.clone(), secret);
        options.options = self.kept(record.id).options;
        options.files = Arc::new(crate::transfer::StoreFiles(self.store.clone()));
        Ok(self.ports.connector.connect(&options)?)
    }

    /// Builds the connection anew, with the options of now; what is under way ends with the old one.
    pub(crate) async fn reconnect(&self, record: &AccountRecord) {
        let api = self.build_api(record).await;
        if let Some(connection) = guard(&self.connections).get_mut(&record.id) {
            connection.api = api;
            connection.wake.notify_one();
        }
    }

    fn spawn_puller(self: &Arc<Self>, id: AccountId) {
        let task = tokio::spawn(crate::puller::run(Arc::clone(self), id));
        if let Some(connection) = guard(&self.connections).get_mut(&id) {
            connection.activity = AccountActivity::Syncing;
            connection.task = Some(task);
        }
    }

    pub(crate) fn api(&self, id: AccountId) -> Result<Arc<dyn SupportApi>, EngineError> {
        guard(&self.connections)
            .get(&id)
            .map_or_else(|| Err(EngineError::new(Code::AccountUnknown)), |connection| connection.api.clone())
    }

    /// What every connection is doing.
    ///
    /// # Errors
    /// The store's.
    pub async fn sync_status(&self) -> Result<SyncStatus, EngineError> {
        let records = self.accounts().await?;
        let counts = self.read(Store::outbox_counts).await?;
        let tickets_of = self.read(Store::ticket_counts).await?;
        let work_offline = self.settings().work_offline;
        let accounts: Vec<AccountState> = records
            .into_iter()
            .map(|record| {
                let doing = |connection: &Connection| {
                    (connection.activity, connection.progress, connection.retry_at, connection.error.clone())
                };
                let (state, progress, retry_at, error) =
                    guard(&self.connections).get(&record.id).map_or((AccountActivity::Idle, None, None, None), doing);
                let tickets = tickets_of.get(&record.id).copied().unwrap_or(0);
                AccountState {
                    state,
                    progress,
                    retry_at,
                    error,
                    paused: self.kept(record.id).paused,
                    account: self.account_view(record, tickets),
                }
            })
            .collect();
        // Tickets from a file have no server: alone they are as fresh as can be, beside others they say nothing.
        let has_server = |state: &AccountState| state.account.endpoint != IMPORT_ENDPOINT;
        let works = |state: &AccountState| {
            matches!(state.state, AccountActivity::Idle | AccountActivity::Syncing | AccountActivity::Paused)
        };
        let contacted = |id: &AccountId| guard(&self.connections).get(id).is_some_and(|connection| connection.contacted);
        let any_server = accounts.iter().any(has_server);
        Ok(SyncStatus {
            online: !work_offline && accounts.iter().any(|state| works(state) && (contacted(&state.account.id) || !any_server)),
            work_offline,
            waiting: counts.waiting,
            rejected: counts.rejected,
            last_synced_at: accounts.iter().filter_map(|state| state.account.last_synced_at).max(),
            accounts,
        })
    }

    /// Looks at one account's server now, or at all; a failed connection is built anew.
    ///
    /// # Errors
    /// `account_unknown`.
    pub async fn sync_now(self: &Arc<Self>, account: Option<AccountId>) -> Result<(), EngineError> {
        if let Some(id) = account {
            self.account_record(id).await?;
        }
        let failed: Vec<AccountId> = guard(&self.connections)
            .iter()
            .filter(|(id, connection)| account.is_none_or(|wanted| wanted == **id) && connection.api.is_err())
            .map(|(id, _)| *id)
            .collect();
        for id in failed {
            let record = self.account_record(id).await?;
            let api = self.build_api(&record).await;
            if let Some(connection) = guard(&self.connections).get_mut(&id) {
                connection.api = api;
            }
        }
        self.hasten_outbox(account).await;
        for (id, connection) in guard(&self.connections).iter() {
            if account.is_none_or(|wanted| wanted == *id) {
                connection.wake.notify_one();
            }
        }
        Ok(())
    }

    pub(crate) async fn emit_sync(&self) {
        if let Ok(status) = self.sync_status().await {
            self.emit(DeskEvent::SyncChanged { status });
        }
    }
}

fn secret_name(id: AccountId) -> String {
    format!("account-{}", id.0)
}
