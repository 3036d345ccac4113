//! What the desk keeps about an account beside the connection itself: its options, whether its pull is paused, and the
//! catalogue that new tickets are filed under.

use std::collections::BTreeMap;
use std::sync::Arc;

use deskbell_domain::Code;
use deskbell_domain::observation::Catalogue;
use deskbell_domain::sync::op::OperationName;
use deskbell_domain::ticket::{AccountId, AccountOptions, Status};
use deskbell_domain::time::DAY_MS;
use deskbell_remote::connect::ConnectOptions;
use deskbell_remote::{Capabilities, Uploads};
use deskbell_store::Store;
use deskbell_store::records::AccountRecord;
use secrecy::SecretString;
use serde::Serialize;
use ts_rs::TS;

use crate::accounts::DEMO_ENDPOINT;
use crate::edits::LINE_BYTES_MAX;
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

/// What the tasks ask for often, as the store has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Kept {
    pub(crate) options: AccountOptions,
    pub(crate) paused: bool,
}

/// What is kept of every account.
pub(crate) fn read_all(store: &Store) -> Result<BTreeMap<AccountId, Kept>, EngineError> {
    let kept = |record: AccountRecord| (record.id, Kept { options: record.options, paused: record.pull_paused });
    Ok(store.accounts()?.into_iter().map(kept).collect())
}

/// Whether options lie within what makes sense.
///
/// # Errors
/// `input_invalid` with the field.
pub fn check_options(options: &AccountOptions) -> Result<(), EngineError> {
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
    if options.visit_category.len() > LINE_BYTES_MAX || options.visit_category.contains(char::is_control) {
        return invalid("visit_category");
    }
    Ok(())
}

impl Engine {
    pub(crate) fn kept(&self, id: AccountId) -> Kept {
        guard(&self.kept).get(&id).cloned().unwrap_or_default()
    }

    pub(crate) async fn keep_options(&self, id: AccountId, mut options: AccountOptions) -> Result<(), EngineError> {
        options.visit_category = options.visit_category.trim().to_owned();
        let kept = options.clone();
        self.read(move |store| store.put_account_options(id, &kept)).await?;
        guard(&self.kept).entry(id).or_default().options = options;
        Ok(())
    }

    pub(crate) fn forget_kept(&self, id: AccountId) {
        guard(&self.kept).remove(&id);
        guard(&self.offers).remove(&id);
    }

    /// Keeps an account's options and connects anew with them.
    ///
    /// # Errors
    /// `account_unknown`, `input_invalid`, and the store's.
    pub async fn put_account_options(&self, id: AccountId, options: AccountOptions) -> Result<Account, EngineError> {
        check_options(&options)?;
        let record = self.account_record(id).await?;
        self.keep_options(id, options).await?;
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
        self.read(move |store| store.put_pull_paused(id, paused)).await?;
        guard(&self.kept).entry(id).or_default().paused = paused;
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
        let kept = self.read(move |store| store.catalogue(id)).await?;
        let fresh = kept.as_ref().is_some_and(|(_, fetched_at)| self.now().ms_since(*fetched_at) < CATALOGUE_AGE_MAX_MS);
        match kept {
            Some((catalogue, _)) if fresh || self.settings().work_offline => Ok(catalogue),
            kept => match self.fetch_catalogue(id).await {
                Ok(catalogue) => Ok(catalogue),
                Err(error) => kept.map(|(catalogue, _)| catalogue).ok_or(error),
            },
        }
    }

    /// Asks the server and keeps the answer.
    pub(crate) async fn fetch_catalogue(&self, id: AccountId) -> Result<Catalogue, EngineError> {
        let catalogue = self.api(id)?.catalogue().await?;
        let (kept, now) = (catalogue.clone(), self.now());
        self.read(move |store| store.put_catalogue(id, &kept, now)).await?;
        Ok(catalogue)
    }

    /// Whether the kept catalogue is due to be fetched again.
    pub(crate) async fn is_catalogue_old(&self, id: AccountId) -> bool {
        let kept = self.read(move |store| store.catalogue(id)).await.ok().flatten();
        kept.is_none_or(|(_, fetched_at)| self.now().ms_since(fetched_at) >= CATALOGUE_AGE_MAX_MS)
    }
}
