//! Opening the engine for one command.

use std::path::PathBuf;
use std::sync::Arc;

use deskbell_desktop::KeyringSecrets;
use deskbell_domain::Code;
use deskbell_engine::opening::{self, Opening, SecretKeeper};
use deskbell_engine::ports::{Clock as _, Secrets};
use deskbell_engine::records::{AccountRecord, Store};
use deskbell_engine::system::{SilentNotifier, SystemClock, SystemConnector, SystemRng};
use deskbell_engine::{Engine, EngineError, EnginePorts};
use deskbell_hub::demo_desk::DemoDesk;

use crate::args::Arguments;

const PASSPHRASE: &str = "DESKBELL_PASSPHRASE";

/// The vault's passphrase, as the environment has it.
pub(crate) fn passphrase() -> Option<String> {
    std::env::var(PASSPHRASE).ok().filter(|passphrase| !passphrase.is_empty())
}

/// The open store of the data directory, and where its secrets are kept.
pub(crate) fn open_store(arguments: &Arguments) -> Result<(PathBuf, Store, SecretKeeper), EngineError> {
    let dir = data_dir(arguments)?;
    let secrets: Arc<dyn Secrets> = Arc::new(KeyringSecrets::from_environment());
    let now = SystemClock.now();
    let passphrase = passphrase();
    let (store, keeper) = match opening::open(&dir, &secrets, now)? {
        Opening::Open { store, keeper } => (store, keeper),
        Opening::Locked => opening::unlock_vault(&dir, &passphrase.ok_or_else(|| EngineError::new(Code::VaultLocked))?, now)?,
        Opening::VaultNeeded { reason } => {
            let passphrase = passphrase.ok_or_else(|| {
                EngineError::with_detail(reason, format!("set {PASSPHRASE} to make a passphrase vault instead"))
            })?;
            opening::create_vault(&dir, &passphrase, now)?
        }
    };
    Ok((dir, store, keeper))
}

/// The engine around the data directory; the store is open, nothing runs.
pub(crate) fn open(arguments: &Arguments) -> Result<Arc<Engine>, EngineError> {
    let (dir, store, keeper) = open_store(arguments)?;
    let ports = EnginePorts {
        clock: Arc::new(SystemClock),
        rng: Arc::new(SystemRng),
        notifier: Arc::new(SilentNotifier),
        connector: Arc::new(SystemConnector),
    };
    Engine::new(store, keeper, ports, &dir)
}

/// With the connections built, and the demo desk served where an account needs it.
pub(crate) async fn open_connected(arguments: &Arguments) -> Result<(Arc<Engine>, Option<DemoDesk>), EngineError> {
    let engine = open(arguments)?;
    engine.acquire_lock().await?;
    let demo = if engine.accounts().await?.iter().any(|account| account.demo) { Some(start_demo(&engine).await?) } else { None };
    engine.connect_accounts().await?;
    Ok((engine, demo))
}

/// As [`open_connected`], without the right to send and pull: a window may be running beside.
pub(crate) async fn open_to_ask(arguments: &Arguments) -> Result<(Arc<Engine>, Option<DemoDesk>), EngineError> {
    let engine = open(arguments)?;
    let demo = if engine.accounts().await?.iter().any(|account| account.demo) { start_demo(&engine).await.ok() } else { None };
    engine.connect_accounts().await?;
    Ok((engine, demo))
}

/// Serves the demo desk of this data directory for as long as the answer is kept.
pub(crate) async fn start_demo(engine: &Arc<Engine>) -> Result<DemoDesk, EngineError> {
    let demo = DemoDesk::start(engine.data_dir(), engine.now(), false).await.map_err(demo_error)?;
    engine.set_demo_endpoint(&demo.url(), demo.token());
    Ok(demo)
}

pub(crate) fn demo_error(error: deskbell_hub::HubError) -> EngineError {
    EngineError::with_detail(Code::Internal, error.to_string())
}

pub(crate) async fn find_account(engine: &Arc<Engine>, wanted: &str) -> Result<AccountRecord, EngineError> {
    let accounts = engine.accounts().await?;
    let by_number = wanted.parse::<i64>().ok();
    accounts
        .into_iter()
        .find(|account| account.name == wanted || Some(account.id.0) == by_number)
        .ok_or_else(|| EngineError::new(Code::AccountUnknown).arg("account", wanted))
}

pub(crate) fn data_dir(arguments: &Arguments) -> Result<PathBuf, EngineError> {
    if let Some(dir) = &arguments.data_dir {
        return Ok(dir.clone());
    }
    deskbell_desktop::data_dir()
        .ok_or_else(|| EngineError::with_detail(Code::DataDirectoryReadOnly, "no home directory; give --data-dir"))
}
