//! The core as a host sees it: opening, locked, failed or ready; one `call`, one stream of events.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use deskbell_domain::Code;
use deskbell_engine::events::{DeskEvent, EVENT_QUEUE_MAX};
use deskbell_engine::opening::{self, Opening, SecretKeeper};
use deskbell_engine::ports::{Clock, Notifier, Rng, Secrets};
use deskbell_engine::records::Store;
use deskbell_engine::state::{self, AppState, KeyKeeper, Language, Phase, Salvage, Settings};
use deskbell_engine::system::SystemConnector;
use deskbell_engine::{Engine, EngineError, EnginePorts};
use serde_json::Value;
use tokio::sync::{Mutex, Notify, broadcast, watch};

use crate::demo::DemoDesk;
use crate::host::FileHost;

/// Longest wait of the engine for a window's first picture.
const WINDOW_WAIT: Duration = Duration::from_secs(3);

/// How a host wants its desk.
#[derive(Debug, Clone)]
pub struct DeskOptions {
    pub data_dir: PathBuf,
    pub version: String,
    /// Whether simulated customers answer on the demo desk.
    pub demo_life: bool,
}

/// What the machine offers.
pub struct DeskPorts {
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub notifier: Arc<dyn Notifier>,
    pub secrets: Arc<dyn Secrets>,
    /// Dialogs and programs for files.
    pub files: Arc<dyn FileHost>,
}

/// Where opening stands.
#[derive(Clone)]
enum Stage {
    Opening,
    Locked,
    VaultNeeded { reason: Code },
    Failed(EngineError),
    Open { engine: Arc<Engine>, keyring: KeyKeeper },
}

/// The running core.
pub struct Desk {
    options: DeskOptions,
    ports: DeskPorts,
    stage: RwLock<Stage>,
    settled: watch::Sender<bool>,
    events: broadcast::Sender<DeskEvent>,
    pub(crate) demo: Arc<Mutex<Option<DemoDesk>>>,
    ready: Arc<Notify>,
}

impl Desk {
    /// Returns at once; the store opens in the background. Must be called within a tokio runtime.
    #[must_use]
    pub fn start(options: DeskOptions, ports: DeskPorts) -> Arc<Self> {
        let desk = Arc::new(Self {
            options,
            ports,
            stage: RwLock::new(Stage::Opening),
            settled: watch::channel(false).0,
            events: broadcast::channel(EVENT_QUEUE_MAX).0,
            demo: Arc::default(),
            ready: Arc::default(),
        });
        let opening = Arc::clone(&desk);
        tokio::spawn(async move { opening.open().await });
        desk
    }

    /// Runs a command by name.
    ///
    /// # Errors
    /// See [`crate::commands::dispatch`].
    pub async fn call(&self, name: &str, args: Value) -> Result<Value, EngineError> {
        self.settled().await;
        crate::commands::dispatch(self, name, args).await
    }

    /// Everything the core says unasked.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<DeskEvent> {
        self.events.subscribe()
    }

    /// From sleep, or the network came back.
    pub async fn resumed(&self) {
        if let Ok(engine) = self.engine() {
            engine.resumed().await;
        }
    }

    /// A notification service came or went: the window says so, and a new one shows what the one before it did not take.
    pub async fn notifier_changed(&self) {
        self.tell(DeskEvent::NotifierChanged);
        if let Ok(engine) = self.engine() {
            engine.notifier_changed().await;
        }
    }

    /// Ends every task. Edits and alerts are on disk already.
    pub async fn shutdown(&self) {
        if let Ok(engine) = self.engine() {
            engine.shutdown().await;
        }
        if let Some(demo) = self.demo.lock().await.take() {
            demo.stop().await;
        }
    }

    /// The engine, once the store is open.
    ///
    /// # Errors
    /// `vault_locked`, or why the store could not be opened.
    pub fn engine(&self) -> Result<Arc<Engine>, EngineError> {
        match self.stage() {
            Stage::Open { engine, .. } => Ok(engine),
            Stage::Failed(error) => Err(error),
            Stage::Opening | Stage::Locked | Stage::VaultNeeded { .. } => Err(EngineError::new(Code::VaultLocked)),
        }
    }

    pub(crate) fn options(&self) -> &DeskOptions {
        &self.options
    }

    pub(crate) fn file_host(&self) -> &Arc<dyn FileHost> {
        &self.ports.files
    }

    pub(crate) fn tell(&self, event: DeskEvent) {
        let _listeners = self.events.send(event);
    }

    pub(crate) fn notifier(&self) -> &Arc<dyn Notifier> {
        &self.ports.notifier
    }

    /// Which screen to show.
    ///
    /// # Errors
    /// The store's, when the accounts cannot be read.
    pub(crate) async fn state(&self) -> Result<AppState, EngineError> {
        let mut state = AppState {
            phase: Phase::Locked,
            failure: None,
            keyring: KeyKeeper::Keyring,
            keyring_reason: None,
            data_dir: self.options.data_dir.display().to_string(),
            version: self.options.version.clone(),
            settings: settings_before_opening(),
            salvage: None,
        };
        match self.stage() {
            Stage::Opening | Stage::Locked => state.keyring = KeyKeeper::Vault,
            Stage::VaultNeeded { reason } => {
                state.keyring = KeyKeeper::VaultNeeded;
                state.keyring_reason = Some(reason);
            }
            Stage::Failed(error) => {
                state.phase = Phase::Failed;
                state.failure = Some(error);
            }
            Stage::Open { engine, keyring } => {
                state.phase = if engine.accounts().await?.is_empty() { Phase::Welcome } else { Phase::Ready };
                state.keyring = keyring;
                state.settings = engine.settings();
                let report = engine.store().open_report();
                state.salvage = report
                    .salvaged_from
                    .map(|path| Salvage { moved_to: path.display().to_string(), operations: report.salvaged_operations });
            }
        }
        Ok(state)
    }

    pub(crate) async fn emit_state(&self) {
        if let Ok(state) = self.state().await {
            let _listeners = self.events.send(DeskEvent::StateChanged { state });
        }
    }

    pub(crate) async fn create_vault(self: &Desk, passphrase: String) -> Result<(), EngineError> {
        let Stage::VaultNeeded { .. } = self.stage() else {
            return Err(EngineError::new(Code::InputInvalid).arg("field", "vault"));
        };
        let (dir, now) = (self.options.data_dir.clone(), self.ports.clock.now());
        let (store, keeper) = tokio::task::spawn_blocking(move || opening::create_vault(&dir, &passphrase, now)).await??;
        self.run(store, keeper, KeyKeeper::Vault).await
    }

    pub(crate) async fn unlock_vault(&self, passphrase: String) -> Result<(), EngineError> {
        let Stage::Locked = self.stage() else { return Err(EngineError::new(Code::InputInvalid).arg("field", "vault")) };
        let (dir, now) = (self.options.data_dir.clone(), self.ports.clock.now());
        let (store, keeper) = tokio::task::spawn_blocking(move || opening::unlock_vault(&dir, &passphrase, now)).await??;
        self.run(store, keeper, KeyKeeper::Vault).await
    }

    async fn open(self: Arc<Self>) {
        let (dir, secrets, now) = (self.options.data_dir.clone(), Arc::clone(&self.ports.secrets), self.ports.clock.now());
        let opened = tokio::task::spawn_blocking(move || opening::open(&dir, &secrets, now)).await;
        let result = match opened.map_err(EngineError::from).and_then(std::convert::identity) {
            Ok(Opening::Open { store, keeper }) => self.run(store, keeper, KeyKeeper::Keyring).await,
            Ok(Opening::Locked) => {
                self.settle(Stage::Locked);
                Ok(())
            }
            Ok(Opening::VaultNeeded { reason }) => {
                self.settle(Stage::VaultNeeded { reason });
                Ok(())
            }
            Err(error) => Err(error),
        };
        if let Err(error) = result {
            tracing::error!(code = error.code.as_str(), "The desk could not be opened.");
            self.settle(Stage::Failed(error));
        }
        self.emit_state().await;
    }

    async fn run(&self, store: Store, keeper: SecretKeeper, keyring: KeyKeeper) -> Result<(), EngineError> {
        let ports = EnginePorts {
            clock: Arc::clone(&self.ports.clock),
            rng: Arc::clone(&self.ports.rng),
            notifier: Arc::clone(&self.ports.notifier),
            connector: Arc::new(SystemConnector),
        };
        let engine = Engine::new(store, keeper, ports, &self.options.data_dir)?;
        self.forward_events(&engine);
        engine.acquire_lock().await?;
        self.settle(Stage::Open { engine: Arc::clone(&engine), keyring });
        self.emit_state().await;
        let (demo, options, ready) = (Arc::clone(&self.demo), self.options.clone(), Arc::clone(&self.ready));
        tokio::spawn(async move {
            // The first picture comes first; a desk without a window does not wait for one.
            let _shown = tokio::time::timeout(WINDOW_WAIT, ready.notified()).await;
            if let Err(error) = start_engine(&engine, &demo, &options).await {
                tracing::error!(code = error.code.as_str(), "Syncing could not be started.");
            }
        });
        Ok(())
    }

    /// The window shows its first picture: pulling, sending and the bell may take the processor now.
    pub fn shown(&self) {
        self.ready.notify_one();
    }

    fn forward_events(&self, engine: &Engine) {
        let (mut from, to) = (engine.subscribe(), self.events.clone());
        tokio::spawn(async move {
            loop {
                match from.recv().await {
                    Ok(event) => {
                        let _listeners = to.send(event);
                    }
                    // A listener that fell behind reloads what it shows.
                    Err(broadcast::error::RecvError::Lagged(_)) => {
                        let _listeners = to.send(DeskEvent::TicketsChanged { ids: Vec::new(), many: true });
                    }
                    Err(broadcast::error::RecvError::Closed) => break,
                }
            }
        });
    }

    fn stage(&self) -> Stage {
        self.stage.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn settle(&self, stage: Stage) {
        *self.stage.write().unwrap_or_else(PoisonError::into_inner) = stage;
        self.settled.send_replace(true);
    }

    async fn settled(&self) {
        let mut settled = self.settled.subscribe();
        let _open_as_long_as_self = settled.wait_for(|settled| *settled).await;
    }
}

async fn start_engine(engine: &Arc<Engine>, running: &Mutex<Option<DemoDesk>>, options: &DeskOptions) -> Result<(), EngineError> {
    let mut running = running.lock().await;
    if running.is_none() && engine.accounts().await?.iter().any(|account| account.demo) {
        let demo = DemoDesk::start(options, engine.now()).await?;
        engine.set_demo_endpoint(&demo.url(), demo.token());
        *running = Some(demo);
    }
    drop(running);
    engine.start().await
}

/// The locked and failed screens speak the machine's language.
fn settings_before_opening() -> Settings {
    Settings { language: Language::from_locale(state::locale().as_deref()), ..Settings::default() }
}
