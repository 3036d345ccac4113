//! One desk's connection to the server of its world, with the faults that were ordered for it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use deskbell_domain::observation::Observations;
use deskbell_domain::scheduling::Visit;
use deskbell_domain::sync::op::{OperationName, OutboundOperation, Outcome, ReadBack};
use deskbell_domain::ticket::Status;
use deskbell_domain::{Code, UtcMs};
use deskbell_engine::ports::Clock;
use deskbell_remote::visits::VisitApi;
use deskbell_remote::{Capabilities, Identity, PullPage, PullProgress, RemoteError, SupportApi};
use tokio::sync::Notify;

use super::fault::{Effect, Fault, FaultCounts};
use super::server::Server;

/// Largest file the sim's server takes; no step sends one.
const FILE_BYTES_MAX: u64 = 1024;
/// Counted beside the faults: a desk wanted a slot that another visit has.
pub const SLOT_TAKEN: &str = "slot taken";

/// What all desks of a world share with their world.
pub struct Wire {
    pub server: Mutex<Server>,
    pub counts: Mutex<FaultCounts>,
    /// The server's own clock.
    pub clock: Arc<dyn Clock>,
}

impl Wire {
    pub fn server(&self) -> MutexGuard<'_, Server> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn counts(&self) -> MutexGuard<'_, FaultCounts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A desk's side of the wire.
pub struct SimApi {
    pub wire: Arc<Wire>,
    /// The desk's clock.
    pub clock: Arc<dyn Clock>,
    /// Taken one a request; `None` is a request without a fault.
    pub faults: Mutex<VecDeque<Option<Fault>>>,
    pub offline: std::sync::atomic::AtomicBool,
    /// Told when a request met [`Fault::Killed`]; that request never returns.
    pub killed: Notify,
}

/// What reaches the server, and what the client hears.
enum Passage {
    Clear,
    /// The server acts as told, the client hears this.
    Broken(Effect, Heard),
}

enum Heard {
    NotSent(Code, Option<u64>),
    Nothing(Code),
    Never,
}

impl SimApi {
    #[must_use]
    pub fn new(wire: Arc<Wire>, clock: Arc<dyn Clock>) -> Self {
        Self { wire, clock, faults: Mutex::default(), offline: std::sync::atomic::AtomicBool::new(false), killed: Notify::new() }
    }

    pub fn order(&self, faults: impl IntoIterator<Item = Option<Fault>>) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).extend(faults);
    }

    pub fn forget_orders(&self) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn now(&self) -> UtcMs {
        self.wire.clock.now()
    }

    fn fault(&self) -> Option<Fault> {
        if self.offline.load(std::sync::atomic::Ordering::SeqCst) {
            return Some(Fault::Unreachable);
        }
        let fault = self.faults.lock().unwrap_or_else(PoisonError::into_inner).pop_front().flatten();
        if let Some(fault) = fault {
            self.wire.counts().count(fault.name());
        }
        fault
    }

    fn passage(&self) -> Passage {
        match self.fault() {
            None | Some(Fault::Truncated | Fault::Repeated) => Passage::Clear,
            Some(Fault::Unreachable) => Passage::Broken(Effect::Never, Heard::NotSent(Code::HostUnreachable, None)),
            Some(Fault::RateLimited(ms)) => Passage::Broken(Effect::Never, Heard::NotSent(Code::RateLimited, Some(ms))),
            Some(Fault::Unavailable) => Passage::Broken(Effect::Never, Heard::NotSent(Code::ServerFailed, None)),
            Some(Fault::TimedOut(effect)) => Passage::Broken(effect, Heard::Nothing(Code::TimedOut)),
            Some(Fault::Failed(effect)) => Passage::Broken(effect, Heard::Nothing(Code::ServerFailed)),
            Some(Fault::Killed(effect)) => Passage::Broken(effect, Heard::Never),
        }
    }

    /// A question: whatever the server does with it, nothing changes there.
    async fn ask(&self) -> Result<(), RemoteError> {
        match self.passage() {
            Passage::Clear => Ok(()),
            Passage::Broken(_, Heard::NotSent(code, after)) => {
                Err(RemoteError { retry_after_ms: after, ..RemoteError::new(code, "sim") })
            }
            Passage::Broken(_, Heard::Nothing(code)) => Err(RemoteError::new(code, "sim")),
            Passage::Broken(_, Heard::Never) => self.die().await,
        }
    }

    async fn die<T>(&self) -> T {
        self.killed.notify_one();
        std::future::pending().await
    }

    fn take_effect(&self, effect: Effect, operation: &OutboundOperation) {
        let now = self.now();
        if operation.kind.visit().is_some() {
            // A late one that was refused meanwhile and sent again would be another request to the server.
            if effect != Effect::Never {
                let _unheard = self.wire.server().accept_visit(operation, now);
            }
            return;
        }
        match effect {
            Effect::Before => {
                let _unheard = self.wire.server().accept(operation, now);
            }
            Effect::Never => {}
            Effect::Later(ms) => self.wire.server().accept_later(operation, now.plus_ms(ms)),
        }
    }

    fn next_page_fault(&self) -> Option<Fault> {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let is_page_fault = matches!(faults.front(), Some(Some(Fault::Truncated | Fault::Repeated)));
        let fault = is_page_fault.then(|| faults.pop_front().flatten()).flatten();
        drop(faults);
        if let Some(fault) = fault {
            self.wire.counts().count(fault.name());
        }
        fault
    }
}

/// `full:<feed position>:<before>` or `feed:<position>`.
fn parse(cursor: &str) -> (Option<usize>, u64) {
    let mut parts = cursor.split(':');
    let kind = parts.next();
    let position = parts.next().and_then(|text| text.parse().ok()).unwrap_or(0);
    let before = parts.next().and_then(|text| text.parse().ok());
    (before.filter(|_| kind == Some("full")), position)
}

#[async_trait]
impl SupportApi for SimApi {
    fn capabilities(&self) -> Capabilities {
        let manner = self.wire.server().manner;
        Capabilities {
            operations: OperationName::ALL,
            statuses: Status::ALL,
            conditional_writes: manner.conditional,
            file_bytes_max: FILE_BYTES_MAX,
            change_feed: true,
            idempotent_sends: manner.idempotent,
            internal_notes: true,
            connections_max: 1,
            ..Capabilities::default()
        }
    }

    async fn check(&self) -> Result<Identity, RemoteError> {
        self.ask().await?;
        Ok(Identity { user: "desk".to_owned(), display_name: "desk".to_owned(), server: "sim".to_owned() })
    }

    async fn pull(&self, cursor: Option<&str>) -> Result<PullPage, RemoteError> {
        let fault = self.next_page_fault();
        if fault.is_none() {
            self.ask().await?;
        }
        if fault == Some(Fault::Truncated) {
            return Err(RemoteError::new(Code::AnswerTruncated, "sim"));
        }
        let now = self.now();
        let mut server = self.wire.server();
        server.settle_late(now);
        let (before, position) = match cursor {
            None => (Some(server.tickets.len()), server.head()),
            Some(text) => parse(text),
        };
        let total = Some(server.tickets.len() as u64);
        if let Some(before) = before {
            let (observations, visits, next) = server.full_page(before);
            let next_cursor = next.map_or_else(|| format!("feed:{position}"), |next| format!("full:{position}:{next}"));
            let progress = PullProgress { done: 0, total, full: true };
            return Ok(PullPage { observations, visits, next_cursor, progress, caught_up: false });
        }
        // A feed may say again what it said before, never leave anything out.
        let (from, repeated) =
            if fault == Some(Fault::Repeated) { (position.saturating_sub(20), true) } else { (position, false) };
        let (observations, visits, next, caught_up) = server.feed_page(from);
        let next = if repeated { position.min(next) } else { next };
        let next_cursor = format!("feed:{next}");
        Ok(PullPage { observations, visits, next_cursor, progress: PullProgress::default(), caught_up: caught_up && !repeated })
    }

    async fn ticket(&self, remote_id: &str) -> Result<Observations, RemoteError> {
        self.ask().await?;
        let now = self.now();
        let mut server = self.wire.server();
        server.settle_late(now);
        server.whole(remote_id).ok_or_else(|| RemoteError::new(Code::NotFound, "sim"))
    }

    async fn send(&self, operation: &OutboundOperation) -> Outcome {
        match self.passage() {
            Passage::Clear => {}
            Passage::Broken(_, Heard::NotSent(code, after_ms)) => return Outcome::Retry { after_ms, code },
            Passage::Broken(effect, Heard::Nothing(code)) => {
                self.take_effect(effect, operation);
                return Outcome::Unknown { code };
            }
            Passage::Broken(effect, Heard::Never) => {
                self.take_effect(effect, operation);
                return self.die().await;
            }
        }
        let now = self.now();
        if operation.kind.visit().is_some() {
            let accepted = self.wire.server().accept_visit(operation, now);
            return match accepted {
                Ok(receipt) => Outcome::Sent(receipt),
                Err(refusal) => {
                    if refusal.code == Code::SlotTaken {
                        self.wire.counts().count(SLOT_TAKEN);
                    }
                    Outcome::VisitRefused(refusal)
                }
            };
        }
        let accepted = self.wire.server().accept(operation, now);
        match accepted {
            Ok(receipt) => Outcome::Sent(receipt),
            Err(code) => Outcome::Rejected { code, detail: "sim".to_owned() },
        }
    }

    async fn read_back(&self, operation: &OutboundOperation) -> Result<ReadBack, RemoteError> {
        self.ask().await?;
        let now = self.now();
        let mut server = self.wire.server();
        server.settle_late(now);
        // Providers know the server's clock from its Date headers.
        Ok(server.find(operation, now.ms_since(self.clock.now())))
    }

    fn visit_api(&self) -> &dyn VisitApi {
        self
    }
}

#[async_trait]
impl VisitApi for SimApi {
    fn offers_visits(&self) -> bool {
        true
    }

    async fn visit(&self, visit_id: &str) -> Result<Visit, RemoteError> {
        self.ask().await?;
        let found = self.wire.server().visit(visit_id).cloned();
        found.ok_or_else(|| RemoteError::new(Code::VisitUnknown, "sim"))
    }
}
