//! The running engine: the store, the connections, and the tasks over them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use deskbell_domain::sync::op::OperationId;
use deskbell_domain::ticket::{AccountId, TicketId};
use deskbell_domain::{Code, UtcMs};
use deskbell_remote::Capabilities;
use deskbell_store::{Store, StoreError};
use tokio::sync::{Notify, broadcast};
use tokio::task::JoinHandle;

use crate::alerts::state::BellState;
use crate::bell::BellSettings;
use crate::connection::Connection;
use crate::error::EngineError;
use crate::events::{DeskEvent, EVENT_QUEUE_MAX};
use crate::kept::Kept;
use crate::lock::ProcessLock;
use crate::opening::SecretKeeper;
use crate::ports::{Clock, Connector, Notifier, Rng};
use crate::rules::Rules;
use crate::sabotage::Saboteur;
use crate::state::{Settings, UNDO_S_MAX};
use crate::transfer::Transfers;

const SETTINGS: &str = "settings";

/// The ports a running engine uses; [`crate::ports::Secrets`] is consumed when opening.
#[derive(Clone)]
pub struct EnginePorts {
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub notifier: Arc<dyn Notifier>,
    pub connector: Arc<dyn Connector>,
}

/// Where the embedded demo desk listens, and its token: both are new with every start.
#[derive(Clone)]
pub(crate) struct DemoEndpoint {
    pub(crate) url: String,
    pub(crate) token: secrecy::SecretString,
}

/// Cheap to clone through its `Arc`; every task holds one.
pub struct Engine {
    pub(crate) store: Store,
    pub(crate) keeper: SecretKeeper,
    pub(crate) ports: EnginePorts,
    pub(crate) connections: Mutex<BTreeMap<AccountId, Connection>>,
    pub(crate) settings: RwLock<Settings>,
    pub(crate) rules: RwLock<Arc<Rules>>,
    /// The embedded demo desk of this run.
    pub(crate) demo: RwLock<Option<DemoEndpoint>>,
    pub(crate) pusher_wake: Notify,
    pub(crate) sla_wake: Notify,
    pub(crate) robots_wake: Notify,
    pub(crate) calendar_wake: Notify,
    /// One round of the calendar at a time.
    pub(crate) calendar_turn: tokio::sync::Mutex<()>,
    pub(crate) events: broadcast::Sender<DeskEvent>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
    /// Held while this process may send and pull: a second process of the same directory only reads and queues.
    pub(crate) lock: Mutex<Option<ProcessLock>>,
    data_dir: PathBuf,
    /// Options and pauses by account, as the store has them.
    pub(crate) kept: Mutex<BTreeMap<AccountId, Kept>>,
    /// What providers without a connection offer.
    pub(crate) offers: Mutex<BTreeMap<AccountId, Capabilities>>,
    /// How often operations under way were planned anew.
    pub(crate) replans: Mutex<BTreeMap<OperationId, u32>>,
    /// How far the looks for vanished tickets are, by account.
    pub(crate) rounds: Mutex<BTreeMap<AccountId, crate::vanished::Round>>,
    pub(crate) saboteur: Saboteur,
    pub(crate) transfers: Transfers,
    pub(crate) replays: crate::replay::Replays,
    pub(crate) imports: crate::directory::Imports,
    pub(crate) bell: Mutex<BellState>,
    pub(crate) reminders: Mutex<crate::reminders::ReminderState>,
}

impl Engine {
    /// Around an open store; nothing runs until [`Engine::start`] or a `*_once` call.
    ///
    /// # Errors
    /// When settings or rules cannot be read.
    pub fn new(store: Store, keeper: SecretKeeper, ports: EnginePorts, data_dir: &Path) -> Result<Arc<Self>, EngineError> {
        let settings = read_settings(&store)?;
        let rules = Rules::load(&store)?;
        let kept = crate::kept::read_all(&store)?;
        let bell = BellSettings::load(&store)?;
        Ok(Arc::new(Self {
            store,
            keeper,
            ports,
            connections: Mutex::new(BTreeMap::new()),
            settings: RwLock::new(settings),
            rules: RwLock::new(Arc::new(rules)),
            demo: RwLock::new(None),
            pusher_wake: Notify::new(),
            sla_wake: Notify::new(),
            robots_wake: Notify::new(),
            calendar_wake: Notify::new(),
            calendar_turn: tokio::sync::Mutex::default(),
            events: broadcast::channel(EVENT_QUEUE_MAX).0,
            tasks: Mutex::new(Vec::new()),
            lock: Mutex::new(None),
            data_dir: data_dir.to_path_buf(),
            kept: Mutex::new(kept),
            offers: Mutex::default(),
            replans: Mutex::default(),
            rounds: Mutex::default(),
            saboteur: Saboteur::default(),
            transfers: Transfers::default(),
            replays: crate::replay::Replays::default(),
            imports: crate::directory::Imports::default(),
            bell: Mutex::new(BellState::new(bell)),
            reminders: Mutex::default(),
        }))
    }

    /// Starts pulling, pushing and watching. Needs a tokio runtime.
    ///
    /// # Errors
    /// `database_busy` when another process already does this for the directory.
    pub async fn start(self: &Arc<Self>) -> Result<(), EngineError> {
        self.acquire_lock().await?;
        self.connect_accounts().await?;
        self.spawn_pullers();
        let responses = crate::alerts::listen(self);
        let mut tasks = guard(&self.tasks);
        tasks.push(tokio::spawn(crate::pusher::run(Arc::clone(self))));
        tasks.push(tokio::spawn(crate::transfer::run(Arc::clone(self))));
        tasks.push(tokio::spawn(crate::sla_watch::run(Arc::clone(self))));
        tasks.push(tokio::spawn(crate::robots::run(Arc::clone(self))));
        tasks.push(tokio::spawn(crate::calendars::push::run(Arc::clone(self))));
        tasks.push(tokio::spawn(crate::alerts::respond(Arc::clone(self), responses)));
        Ok(())
    }

    /// Takes the right to send and pull, and settles what the last run left on the wire.
    ///
    /// # Errors
    /// `database_busy` when another process holds it.
    pub async fn acquire_lock(&self) -> Result<(), EngineError> {
        if guard(&self.lock).is_some() {
            return Ok(());
        }
        let lock = ProcessLock::acquire(&self.data_dir)?;
        *guard(&self.lock) = Some(lock);
        self.read(Store::recover_outbox).await?;
        Ok(())
    }

    /// Ends every task. What was on the wire is read back at the next start.
    pub async fn shutdown(&self) {
        let mut tasks: Vec<JoinHandle<()>> = std::mem::take(&mut *guard(&self.tasks));
        tasks.extend(guard(&self.connections).values_mut().filter_map(|connection| connection.task.take()));
        for task in &tasks {
            task.abort();
        }
        for task in tasks {
            let _ended = task.await;
        }
        self.end_transfers();
        guard(&self.bell).hang_up();
        *guard(&self.lock) = None;
    }

    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<DeskEvent> {
        self.events.subscribe()
    }

    pub(crate) fn emit(&self, event: DeskEvent) {
        match event {
            DeskEvent::CalendarsChanged => {
                guard(&self.reminders).forget_live();
                self.sla_wake.notify_one();
            }
            DeskEvent::DiagnosesChanged { .. } | DeskEvent::Visits => self.sla_wake.notify_one(),
            _ => {}
        }
        // No listener is a normal state: the window is closed to the tray.
        let _listeners = self.events.send(event);
    }

    pub(crate) fn emit_tickets(&self, ids: Vec<TicketId>) {
        if !ids.is_empty() {
            self.emit(DeskEvent::tickets_changed(ids));
        }
    }

    pub(crate) async fn emit_outbox(&self) {
        if let Ok(counts) = self.read(Store::outbox_counts).await {
            self.emit(DeskEvent::OutboxChanged { waiting: counts.waiting, rejected: counts.rejected });
        }
    }

    /// Asks the host to bring a ticket to the front.
    pub fn open_ticket(&self, id: TicketId) {
        self.emit(DeskEvent::OpenTicket { id });
    }

    #[must_use]
    pub fn now(&self) -> UtcMs {
        self.ports.clock.now()
    }

    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Runs a blocking question to the store off the async threads.
    ///
    /// # Errors
    /// The store's.
    pub async fn read<T, F>(&self, question: F) -> Result<T, EngineError>
    where
        T: Send + 'static,
        F: FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    {
        let store = self.store.clone();
        Ok(tokio::task::spawn_blocking(move || question(&store)).await??)
    }

    /// The store itself, for hosts without an async thread to protect.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    #[must_use]
    pub fn settings(&self) -> Settings {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps settings and acts on them.
    ///
    /// # Errors
    /// When they cannot be kept.
    pub async fn put_settings(&self, mut settings: Settings) -> Result<Settings, EngineError> {
        settings.undo_s = settings.undo_s.min(UNDO_S_MAX);
        let text =
            serde_json::to_string(&settings).map_err(|error| EngineError::with_detail(Code::Internal, error.to_string()))?;
        self.read(move |store| store.put_setting(SETTINGS, &text)).await?;
        let offline_before = self.settings().work_offline;
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = settings.clone();
        if offline_before != settings.work_offline {
            self.forget_looks(true);
            if !settings.work_offline {
                self.hasten_outbox(None).await;
            }
            self.wake_all();
            self.emit_sync().await;
        }
        Ok(settings)
    }

    /// Resume from sleep, network up, "sync now": every waiting task looks again.
    pub fn wake_all(&self) {
        for connection in guard(&self.connections).values() {
            connection.wake.notify_one();
        }
        self.pusher_wake.notify_one();
        self.sla_wake.notify_one();
        self.robots_wake.notify_one();
        self.calendar_wake.notify_one();
    }

    /// Like [`Engine::wake_all`], and what waited out a back-off goes now.
    pub async fn resumed(&self) {
        self.forget_looks(false);
        self.hasten_outbox(None).await;
        self.hasten_robots().await;
        self.wake_all();
    }
}

/// A poisoned lock means a panicking holder; the maps behind are whole after every statement.
pub(crate) fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read_settings(store: &Store) -> Result<Settings, EngineError> {
    let Some(text) = store.setting(SETTINGS)? else {
        return Ok(Settings {
            language: crate::state::Language::from_locale(crate::state::locale().as_deref()),
            ..Settings::default()
        });
    };
    Ok(serde_json::from_str(&text).unwrap_or_default())
}
