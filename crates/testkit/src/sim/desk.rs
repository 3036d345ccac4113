//! A desk of a world: a data directory with real files, the engine over it while it lives, and what its person did.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use deskbell_domain::UtcMs;
use deskbell_domain::sla::rules::RuleSet;
use deskbell_domain::sync::op::OperationName;
use deskbell_domain::ticket::{AccountId, ProviderKind, TicketId};
use deskbell_engine::accounts::AccountDetails;
use deskbell_engine::ports::{Clock, Connector, Rng, Secrets as _};
use deskbell_engine::sabotage::Sabotage;
use deskbell_engine::{Engine, EngineError};
use deskbell_remote::connect::ConnectOptions;
use deskbell_remote::{RemoteError, SupportApi};
use secrecy::SecretString;
use tempfile::TempDir;

use super::api::{SimApi, Wire};
use super::step::Plan;
use crate::{FakeClock, Machine};

/// As the first released version left it.
const VERSION_1: &[u8] = include_bytes!("../../../store/fixtures/desk-1.db");

/// A desk's own clock: the world's, set forward or back.
pub struct DeskClock {
    world: Arc<FakeClock>,
    offset_ms: AtomicI64,
}

impl DeskClock {
    pub fn step_ms(&self, ms: i64) {
        self.offset_ms.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for DeskClock {
    fn now(&self) -> UtcMs {
        self.world.now().plus_ms(self.offset_ms.load(Ordering::SeqCst))
    }
}

/// SplitMix64: the jitter and the markers of a desk, the same for the same seed.
struct SeededRng(AtomicU64);

impl Rng for SeededRng {
    fn jitter(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "32 bits fit a double")]
        let share = (self.bits() >> 32) as f64 / 4_294_967_296.0;
        share
    }

    fn bits(&self) -> u64 {
        let mut bits = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }
}

struct SimConnector(Arc<SimApi>);

impl Connector for SimConnector {
    fn connect(&self, _options: &ConnectOptions) -> Result<Arc<dyn SupportApi>, RemoteError> {
        Ok(Arc::<SimApi>::clone(&self.0))
    }
}

/// Something a person did.
#[derive(Debug, Clone)]
pub struct Made {
    pub name: OperationName,
    pub ticket: TicketId,
    /// The call ended before it said whether it was kept.
    pub uncertain: bool,
    pub taken_back: bool,
}

pub struct SimDesk {
    pub machine: Machine,
    pub clock: Arc<DeskClock>,
    pub api: Arc<SimApi>,
    /// `None` while the process is dead.
    pub engine: Option<Arc<Engine>>,
    pub account: AccountId,
    /// By marker.
    pub made: BTreeMap<String, Made>,
    /// What was typed last into each ticket and not sent.
    pub drafts: BTreeMap<TicketId, String>,
    /// The rules that were saved here last; `None` when there are none, or the saving ended before it said whether it was kept.
    pub rules: Option<Vec<RuleSet>>,
    dir: TempDir,
    marks: Mutex<u64>,
    seed: u64,
    /// A fault of the engine's own, to see whether it is noticed.
    pub sabotage: Option<Sabotage>,
}

impl SimDesk {
    /// A desk with an account on the world's server; an old one begins with the files of the first released version.
    ///
    /// # Errors
    /// What opening says.
    pub async fn start(wire: &Arc<Wire>, world: &Arc<FakeClock>, plan: &Plan, place: usize) -> Result<Self, EngineError> {
        let clock = Arc::new(DeskClock { world: Arc::clone(world), offset_ms: AtomicI64::new(0) });
        let api = Arc::new(SimApi::new(Arc::clone(wire), Arc::<DeskClock>::clone(&clock)));
        let desk_seed = plan.seed.wrapping_mul(31).wrapping_add(place as u64);
        let machine = Machine::new(Arc::<DeskClock>::clone(&clock))
            .with_connector(Arc::new(SimConnector(Arc::clone(&api))))
            .with_rng(Arc::new(SeededRng(AtomicU64::new(desk_seed))));
        let dir = scratch()?;
        let mut desk = Self {
            machine,
            clock,
            api,
            engine: None,
            account: AccountId(0),
            made: BTreeMap::new(),
            drafts: BTreeMap::new(),
            rules: None,
            dir,
            marks: Mutex::new(0),
            seed: desk_seed,
            sabotage: plan.sabotage,
        };
        if plan.upgrade && place == 0 {
            desk.lay_out_version_1()?;
        }
        desk.open().await?;
        Ok(desk)
    }

    /// A database of version 1 with a reply on the wire, two field edits and a draft in it (crates/store/fixtures).
    fn lay_out_version_1(&mut self) -> Result<(), EngineError> {
        let failed = |error: std::io::Error| EngineError::with_detail(deskbell_domain::Code::Storage, error.to_string());
        std::fs::write(self.dir.path().join("desk.db"), VERSION_1).map_err(failed)?;
        let scope = std::fs::canonicalize(self.dir.path()).map_err(failed)?.display().to_string();
        for (name, secret) in [("database-key", "d5".repeat(32)), ("account-1", "sim".to_owned())] {
            self.machine.secrets.set(&format!("{name}:{scope}"), &SecretString::from(secret))?;
        }
        let in_it = [("m1", OperationName::Reply, 1), ("m2", OperationName::SetStatus, 1), ("m3", OperationName::SetPriority, 2)];
        for (marker, name, ticket) in in_it {
            let made = Made { name, ticket: TicketId(ticket), uncertain: false, taken_back: false };
            self.made.insert(marker.to_owned(), made);
        }
        self.drafts.insert(TicketId(2), "还在写".to_owned());
        Ok(())
    }

    /// Starts the process again over the files that are there.
    ///
    /// # Errors
    /// What opening says; a world treats it as a broken promise.
    pub async fn open(&mut self) -> Result<(), EngineError> {
        let engine = self.machine.open(self.dir.path())?;
        engine.acquire_lock().await?;
        let known = engine.accounts().await?.first().map(|account| account.id);
        self.account = match known {
            Some(account) => account,
            None => engine.keep_account(details()).await?.id,
        };
        let (account, centres) = (self.account, [super::server::centre()]);
        engine.read(move |store| store.replace_directory(account, &[], &centres)).await?;
        engine.connect_accounts().await?;
        engine.sabotage(self.sabotage);
        self.engine = Some(engine);
        Ok(())
    }

    /// The process ends as SIGKILL ends it: nothing is told, nothing more is written.
    pub fn kill(&mut self) {
        if let Some(engine) = self.engine.take() {
            engine.store().die();
        }
    }

    /// The process ends in good order.
    pub async fn close(&mut self) {
        if let Some(engine) = self.engine.take() {
            engine.shutdown().await;
        }
    }

    /// A marker that no other operation of any run with this seed has.
    pub fn next_marker(&self) -> String {
        let mut marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        *marks += 1;
        format!("019a0000-{:04x}-7000-8000-{:012x}", self.seed & 0xffff, *marks)
    }
}

fn details() -> AccountDetails {
    AccountDetails {
        kind: ProviderKind::Hub,
        name: "sim".to_owned(),
        endpoint: "http://127.0.0.1:1/".to_owned(),
        user: "desk".to_owned(),
        secret: SecretString::from("sim"),
        options: deskbell_domain::ticket::AccountOptions::default(),
        demo: false,
    }
}

/// In memory where the machine has such a place: a world writes and syncs thousands of times.
fn scratch() -> Result<TempDir, EngineError> {
    let memory = PathBuf::from("/dev/shm");
    let made = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
    made.map_err(|error| EngineError::with_detail(deskbell_domain::Code::DiskFull, error.to_string()))
}
