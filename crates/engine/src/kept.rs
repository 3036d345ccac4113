//! What the desk keeps about an account beside the connection itself: its options, whether its pull is paused, and the
//! catalogue that new tickets are filed under.

use std::collections::BTreeMap;
use std::sync::Arc;

use deskbell_domain::observation::Catalogue;
use deskbell_domain::sync::op::OperationName;
use deskbell_domain::ticket::{AccountId, AccountOptions, Status};
use deskbell_domain::time::DAY_MS;
use deskbell_domain::{Code, UtcMs};
use deskbell_remote::connect::ConnectOptions;
use deskbell_remote::{Capabilities, Uploads};
use deskbell_store::Store;
use deskbell_store::records::AccountRecord;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::accounts::DEMO_ENDPOINT;
use crate::engine::{Engine, guard};
use crate::error::EngineError;
use crate::events::Account;
use crate::import::IMPORT_ENDPOINT;

/// A catalogue older than this is asked for again when it is looked at and when the account is pulled.
pub const CATALOGUE_AGE_MAX_MS: i64 = DAY_MS;
/// Highest request budget, a minute.
pub const REQUESTS_PER_MINUTE_MAX: u32 = 60_000;
/// Most connections that an account may be told to hold.
pub const CONNECTIONS_MAX: u32 = 32;
/// Shortest and longest wait between looks for changes, in seconds.
pub const POLL_S_RANGE: std::ops::RangeInclusive<u32> = 5..=86_400;
/// An address for asking a provider what it can do, where the account's own is not reachable or not known yet.
const NOWHERE: &str = "http://127.0.0.1/";

/// What an account can do, as far as the desk lets a person choose.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, TS)]
pub struct AccountCapabilities {
    pub operations: Vec<OperationName>,
    pub statuses: Vec<Status>,
    pub internal_notes: bool,
    #[ts(type = "number")]
    pub file_bytes_max: u64,
    pub takes_files: bool,
}

impl From<Capabilities> for AccountCapabilities {
    fn from(from: Capabilities) -> Self {
        Self {
            operations: from.operations.to_vec(),
            statuses: from.statuses.to_vec(),
            internal_notes: from.internal_notes,
            file_bytes_max: from.file_bytes_max,
            takes_files: from.uploads != Uploads::None,
        }
    }
}

/// Kept as JSON in the settings of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Kept {
    pub(crate) options: AccountOptions,
    pub(crate) paused: bool,
}

/// A catalogue with the moment it was fetched at.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct KeptCatalogue {
    fetched_at: UtcMs,
    catalogue: Catalogue,
}

/// What is kept of every account.
pub(crate) fn read_all(store: &Store) -> Result<BTreeMap<AccountId, Kept>, EngineError> {
    let mut kept = BTreeMap::new();
    for record in store.accounts()? {
        let text = store.setting(&kept_key(record.id))?.unwrap_or_default();
        kept.insert(record.id, serde_json::from_str(&text).unwrap_or_default());
    }
    Ok(kept)
}

/// Whether options lie within what makes sense.
///
/// # Errors
/// `input_invalid` with the field.
pub fn check_options(options: AccountOptions) -> Result<(), EngineError> {
    let invalid = |field: &str| Err(EngineError::new(Code::InputInvalid).arg("field", field));
    if options.requests_per_minute.is_some_and(|budget| budget == 0 || budget > REQUESTS_PER_MINUTE_MAX) {
        return invalid("requests_per_minute");
    }
    if options.connections_max.is_some_and(|most| most == 0 || most > CONNECTIONS_MAX) {
        return invalid("connections_max");
    }
    if options.poll_s.is_some_and(|poll_s| !POLL_S_RANGE.contains(&poll_s)) {
        return invalid("poll_s");
    }
    Ok(())
}

impl Engine {
    pub(crate) fn kept(&self, id: AccountId) -> Kept {
        guard(&self.kept).get(&id).copied().unwrap_or_default()
    }

    pub(crate) async fn keep(&self, id: AccountId, kept: Kept) -> Result<(), EngineError> {
        let text = serde_json::to_string(&kept).map_err(|error| EngineError::with_detail(Code::Internal, error.to_string()))?;
        self.read(move |store| store.put_setting(&kept_key(id), &text)).await?;
        guard(&self.kept).insert(id, kept);
        Ok(())
    }

    pub(crate) async fn forget_kept(&self, id: AccountId) -> Result<(), EngineError> {
        guard(&self.kept).remove(&id);
        guard(&self.offers).remove(&id);
        self.read(move |store| {
            store.put_setting(&kept_key(id), "")?;
            store.put_setting(&catalogue_key(id), "")
        })
        .await
    }

    /// Keeps an account's options and connects anew with them.
    ///
    /// # Errors
    /// `account_unknown`, `input_invalid`, and the store's.
    pub async fn put_account_options(&self, id: AccountId, options: AccountOptions) -> Result<Account, EngineError> {
        check_options(options)?;
        let record = self.account_record(id).await?;
        self.keep(id, Kept { options, ..self.kept(id) }).await?;
        self.reconnect(&record).await;
        self.emit_sync().await;
        let tickets = self.read(Store::ticket_counts).await?.get(&id).copied().unwrap_or(0);
        Ok(self.account_view(record, tickets))
    }

    /// Stops or resumes fetching from an account; edits still go out. Kept over restarts.
    ///
    /// # Errors
    /// `account_unknown`, and the store's.
    pub async fn pause_pull(&self, id: AccountId, paused: bool) -> Result<(), EngineError> {
        self.account_record(id).await?;
        self.keep(id, Kept { paused, ..self.kept(id) }).await?;
        self.wake_account(id);
        self.emit_sync().await;
        Ok(())
    }

    /// What a provider offers. Where there is no connection the provider is asked without one: nothing is sent.
    pub(crate) fn capabilities(&self, record: &AccountRecord) -> Capabilities {
        if let Ok(api) = self.api(record.id) {
            return api.capabilities();
        }
        if let Some(known) = guard(&self.offers).get(&record.id) {
            return *known;
        }
        let unreal = record.demo || record.endpoint == DEMO_ENDPOINT || record.endpoint == IMPORT_ENDPOINT;
        let endpoint = if unreal { NOWHERE } else { record.endpoint.as_str() };
        let options = ConnectOptions::new(record.kind, endpoint, record.user.clone(), SecretString::from(String::new()));
        let offered = self.ports.connector.connect(&options).map(|api| api.capabilities()).unwrap_or_default();
        guard(&self.offers).insert(record.id, offered);
        offered
    }

    /// An account as shown, with what it can do.
    #[must_use]
    pub fn account_view(&self, record: AccountRecord, ticket_count: u64) -> Account {
        let capabilities = self.capabilities(&record).into();
        Account {
            id: record.id,
            kind: record.kind,
            name: record.name,
            endpoint: record.endpoint,
            user: record.user,
            demo: record.demo,
            ticket_count,
            last_synced_at: record.last_synced_at,
            options: self.kept(record.id).options,
            capabilities,
        }
    }

    /// What a new ticket can be filed under: as kept, fetched when there is nothing or it is a day old. Works offline once
    /// fetched.
    ///
    /// # Errors
    /// `account_unknown`; why the server could not be asked, where nothing is kept.
    pub async fn account_catalogue(self: &Arc<Self>, id: AccountId) -> Result<Catalogue, EngineError> {
        self.account_record(id).await?;
        let kept = self.kept_catalogue(id).await?;
        let fresh = kept.as_ref().is_some_and(|kept| self.now().ms_since(kept.fetched_at) < CATALOGUE_AGE_MAX_MS);
        if fresh || (kept.is_some() && self.settings().work_offline) {
            return Ok(kept.map(|kept| kept.catalogue).unwrap_or_default());
        }
        match self.fetch_catalogue(id).await {
            Ok(catalogue) => Ok(catalogue),
            Err(error) => kept.map(|kept| kept.catalogue).ok_or(error),
        }
    }

    async fn kept_catalogue(&self, id: AccountId) -> Result<Option<KeptCatalogue>, EngineError> {
        let text = self.read(move |store| store.setting(&catalogue_key(id))).await?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Asks the server and keeps the answer.
    pub(crate) async fn fetch_catalogue(&self, id: AccountId) -> Result<Catalogue, EngineError> {
        let catalogue = self.api(id)?.catalogue().await?;
        let kept = KeptCatalogue { fetched_at: self.now(), catalogue: catalogue.clone() };
        let text = serde_json::to_string(&kept).map_err(|error| EngineError::with_detail(Code::Internal, error.to_string()))?;
        self.read(move |store| store.put_setting(&catalogue_key(id), &text)).await?;
        Ok(catalogue)
    }

    /// Whether the kept catalogue is due to be fetched again.
    pub(crate) async fn is_catalogue_old(&self, id: AccountId) -> bool {
        let kept = self.kept_catalogue(id).await.ok().flatten();
        kept.is_none_or(|kept| self.now().ms_since(kept.fetched_at) >= CATALOGUE_AGE_MAX_MS)
    }
}

fn kept_key(id: AccountId) -> String {
    format!("account-{}", id.0)
}

fn catalogue_key(id: AccountId) -> String {
    format!("catalogue-{}", id.0)
}
