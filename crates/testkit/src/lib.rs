//! Doubles of the engine's ports. A dev-dependency only: nothing here ships.

pub mod robots;
pub mod sim;
pub mod year;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use deskbell_domain::{Code, UtcMs};
use deskbell_engine::opening::{self, Opening};
use deskbell_engine::ports::{
    Clock, Connector, Notification, NotificationAction, NotificationResponse, NotificationSupport, Notifier, Rng, Secrets,
    SecretsError,
};
use deskbell_engine::system::SystemConnector;
use deskbell_engine::{Engine, EngineError, EnginePorts};
use secrecy::SecretString;
use tokio::sync::mpsc;

/// A clock that moves when told.
pub struct FakeClock(AtomicI64);

impl FakeClock {
    #[must_use]
    pub fn at(now: UtcMs) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(now.0)))
    }

    pub fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> UtcMs {
        UtcMs(self.0.load(Ordering::SeqCst))
    }
}

/// No jitter: waits are the shortest that the plan allows.
pub struct StillRng;

impl Rng for StillRng {
    fn jitter(&self) -> f64 {
        0.0
    }

    /// Counts, so that no marker comes twice in a test's process.
    fn bits(&self) -> u64 {
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
        NEXT.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed)
    }
}

/// Secrets in memory, shared by clones: a keyring that outlives the engine.
#[derive(Clone, Default)]
pub struct MemorySecrets {
    kept: Arc<Mutex<BTreeMap<String, SecretString>>>,
    failure: Option<Code>,
}

impl MemorySecrets {
    /// A keyring that answers every question with this code.
    #[must_use]
    pub fn failing(code: Code) -> Self {
        Self { kept: Arc::default(), failure: Some(code) }
    }

    /// What is kept, by name.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    /// A keyring that lost a secret.
    pub fn forget(&self, name: &str) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }

    fn guard(&self) -> Result<std::sync::MutexGuard<'_, BTreeMap<String, SecretString>>, SecretsError> {
        match self.failure {
            Some(code) => Err(SecretsError { code, detail: "a failing keyring".to_owned() }),
            None => Ok(self.kept.lock().unwrap_or_else(PoisonError::into_inner)),
        }
    }
}

impl Secrets for MemorySecrets {
    fn get(&self, name: &str) -> Result<Option<SecretString>, SecretsError> {
        Ok(self.guard()?.get(name).cloned())
    }

    fn set(&self, name: &str, value: &SecretString) -> Result<(), SecretsError> {
        self.guard()?.insert(name.to_owned(), value.clone());
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<(), SecretsError> {
        self.guard()?.remove(name);
        Ok(())
    }
}

/// Records what is shown, and can press a button.
#[derive(Default)]
pub struct RecordingNotifier {
    shown: Mutex<Vec<Notification>>,
    /// There is no service for now.
    absent: AtomicBool,
    responses: Mutex<Option<mpsc::Sender<NotificationResponse>>>,
}

impl RecordingNotifier {
    #[must_use]
    pub fn shown(&self) -> Vec<Notification> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The service goes, or comes back.
    pub fn be_absent(&self, absent: bool) {
        self.absent.store(absent, Ordering::SeqCst);
    }

    #[must_use]
    pub fn shown_count(&self) -> usize {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Presses a button of the newest notification; false when there is none to press.
    pub async fn press(&self, action: NotificationAction) -> bool {
        let sender = self.responses.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match (sender, self.shown().pop()) {
            (Some(sender), Some(notification)) => sender.send(NotificationResponse { notification, action }).await.is_ok(),
            _ => false,
        }
    }
}

#[async_trait]
impl Notifier for RecordingNotifier {
    async fn support(&self) -> NotificationSupport {
        if self.absent.load(Ordering::SeqCst) {
            return NotificationSupport::none(Code::NotFound, UtcMs(0));
        }
        NotificationSupport {
            available: true,
            server: "recording 1".to_owned(),
            actions: true,
            body_markup: false,
            persistence: true,
            sound: true,
            checked_at: UtcMs(0),
            reason: None,
        }
    }

    async fn show(&self, notification: &Notification) -> Result<(), Code> {
        if self.absent.load(Ordering::SeqCst) {
            return Err(Code::Refused);
        }
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).push(notification.clone());
        Ok(())
    }

    fn respond_to(&self, responses: mpsc::Sender<NotificationResponse>) {
        *self.responses.lock().unwrap_or_else(PoisonError::into_inner) = Some(responses);
    }
}

/// What outlives a killed desk: the machine.
#[derive(Clone)]
pub struct Machine {
    pub clock: Arc<dyn Clock>,
    pub notifier: Arc<RecordingNotifier>,
    pub secrets: MemorySecrets,
    pub rng: Arc<dyn Rng>,
    /// Real clients, unless a test puts servers of its own here.
    pub connector: Arc<dyn Connector>,
}

impl Machine {
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            notifier: Arc::new(RecordingNotifier::default()),
            secrets: MemorySecrets::default(),
            rng: Arc::new(StillRng),
            connector: Arc::new(SystemConnector),
        }
    }

    /// The same machine, whose desks reach their servers through this.
    #[must_use]
    pub fn with_connector(mut self, connector: Arc<dyn Connector>) -> Self {
        self.connector = connector;
        self
    }

    /// The same machine with randomness of the caller's making.
    #[must_use]
    pub fn with_rng(mut self, rng: Arc<dyn Rng>) -> Self {
        self.rng = rng;
        self
    }

    /// Opens the desk of a data directory with this machine's keyring.
    ///
    /// # Errors
    /// As [`opening::open`]; `vault_locked` when a passphrase would be needed.
    pub fn open(&self, data_dir: &Path) -> Result<Arc<Engine>, EngineError> {
        let secrets: Arc<dyn Secrets> = Arc::new(self.secrets.clone());
        let Opening::Open { store, keeper } = opening::open(data_dir, &secrets, self.clock.now())? else {
            return Err(EngineError::new(Code::VaultLocked));
        };
        let notifier: Arc<dyn Notifier> = self.notifier.clone();
        let ports = EnginePorts {
            clock: Arc::clone(&self.clock),
            rng: Arc::clone(&self.rng),
            notifier,
            connector: Arc::clone(&self.connector),
        };
        Engine::new(store, keeper, ports, data_dir)
    }
}
