//! A world that runs: steps one after the other, and after each of them every promise is looked at.

use std::sync::{Arc, Mutex};

use deskbell_domain::UtcMs;
use deskbell_domain::sync::op::{NewTicket, OperationId, OperationKind, OperationState};
use deskbell_domain::ticket::{TicketId, Visibility};
use deskbell_engine::ports::Clock;
use deskbell_engine::puller::pull_step;
use deskbell_engine::pusher::{PushStep, push_step};
use deskbell_engine::records::OperationRecord;
use deskbell_engine::{Engine, EngineError};

use super::api::Wire;
use super::desk::{Made, SimDesk};
use super::fault::FaultCounts;
use super::server::Server;
use super::step::{DESKS, Drawn, Plan, Step};
use crate::FakeClock;

mod drawn;
mod people;
mod visits;

use drawn::{Shown, kind_of};

/// When the released database of version 1 was left.
const BEGIN: UtcMs = UtcMs(1_800_000_000_000);
/// Attempts and pages of one step at most: a desk that never comes to rest is a finding, not a hang.
const ROUNDS_MAX: usize = 400;
/// Rounds of "wait, send, fetch" after which a desk has to be at rest.
const REST_ROUNDS_MAX: usize = 40;
/// Longer than any back-off, Retry-After and settling time of the world.
const REST_WAIT_MS: i64 = 6 * 60 * 1_000;

/// A promise that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Number of the step after which it was seen; as many as there are steps: at rest.
    pub step: usize,
    pub what: String,
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    pub steps: u64,
    /// Operations that people made.
    pub operations: u64,
    pub sent: u64,
    pub rejected: u64,
    pub taken_back: u64,
    /// Looks at one operation's state against the server's.
    pub checks: u64,
    pub restarts: u64,
    /// Tickets that became part of another.
    pub merged: u64,
    /// Rules that a desk said it had saved.
    pub rules: u64,
    /// Visits on the server at the end.
    pub visits: u64,
    pub faults: FaultCounts,
}

impl Stats {
    pub fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        self.operations += other.operations;
        self.sent += other.sent;
        self.rejected += other.rejected;
        self.taken_back += other.taken_back;
        self.checks += other.checks;
        self.restarts += other.restarts;
        self.merged += other.merged;
        self.rules += other.rules;
        self.visits += other.visits;
        self.faults.add(&other.faults);
    }
}

pub struct World {
    pub wire: Arc<Wire>,
    pub desks: Vec<SimDesk>,
    pub stats: Stats,
    clock: Arc<FakeClock>,
    at_step: usize,
}

/// How a step of a desk ended.
enum End {
    Done,
    /// The process died in it.
    Dead,
}

impl World {
    /// # Errors
    /// What opening says.
    pub async fn start(plan: &Plan) -> Result<Self, EngineError> {
        let clock = FakeClock::at(BEGIN);
        let mut server = Server::new(plan.manner);
        if plan.upgrade {
            server.open_known_tickets(BEGIN.plus_ms(-1_000));
        }
        for number in 0..plan.tickets {
            server.open_ticket(&ticket_text(&format!("工单 {number}")), None, BEGIN);
        }
        let wire =
            Arc::new(Wire { server: Mutex::new(server), counts: Mutex::default(), clock: Arc::<FakeClock>::clone(&clock) });
        let mut desks = Vec::new();
        for place in 0..DESKS {
            desks.push(SimDesk::start(&wire, &clock, plan, place).await?);
        }
        Ok(Self { wire, desks, stats: Stats::default(), clock, at_step: 0 })
    }

    /// Runs all steps, then lets everything come to rest.
    ///
    /// # Errors
    /// The first promise that does not hold.
    pub async fn run(&mut self, plan: &Plan) -> Result<(), Violation> {
        for (place, step) in plan.steps.iter().enumerate() {
            self.at_step = place;
            self.take(step).await.map_err(|error| self.broken(format!("a step failed: {error}")))?;
            self.stats.steps += 1;
            self.check().await?;
        }
        self.at_step = plan.steps.len();
        self.come_to_rest().await?;
        self.stats.faults.add(&self.wire.counts());
        Ok(())
    }

    pub(super) fn broken(&self, what: impl Into<String>) -> Violation {
        Violation { step: self.at_step, what: what.into() }
    }

    async fn take(&mut self, step: &Step) -> Result<(), EngineError> {
        let now = self.clock.now();
        match step {
            Step::ServerEdit { ticket, edit } => self.edit_at_server(*ticket, *edit, now),
            Step::ServerTicket => {
                let subject = format!("新工单 {}", self.at_step);
                self.wire.server().open_ticket(&ticket_text(&subject), None, now);
            }
            Step::ServerDelete { ticket } => self.wire.server().delete(*ticket, now),
            Step::ServerMerge { ticket, into } => {
                self.stats.merged += u64::from(self.wire.server().merge(*ticket, *into, now));
            }
            Step::ServerVisit { pick, action, slot } => self.visit_at_server(*pick, *action, *slot, now),
            Step::Pass { ms } => {
                self.clock.advance_ms(*ms);
                self.wire.server().settle_late(self.clock.now());
            }
            Step::ClockStep { desk, ms } => {
                // Not while a request of unknown fate may still take effect, nor, where replies are found again by words and
                // time, while something waits: no desk can tell then.
                let (late, manner) = {
                    let server = self.wire.server();
                    (server.has_late(), server.manner)
                };
                if !late && (manner.markers || !self.waits(*desk).await) {
                    self.wire.counts().count(if *ms > 0 { "clock set forward" } else { "clock set back" });
                    self.desks[*desk].clock.step_ms(*ms);
                }
            }
            Step::Offline { desk, offline } => {
                self.desks[*desk].api.offline.store(*offline, std::sync::atomic::Ordering::SeqCst);
            }
            Step::KillAtCommit { desk, commit, moment } => {
                if let Some(engine) = &self.desks[*desk].engine {
                    engine.store().die_at_commit(*commit, *moment);
                }
            }
            Step::Restart { desk } => {
                self.desks[*desk].close().await;
                self.reopen(*desk).await?;
            }
            Step::Edit { desk, .. }
            | Step::Draft { desk, .. }
            | Step::Visit { desk, .. }
            | Step::Rules { desk, .. }
            | Step::Undo { desk, .. }
            | Step::Retry { desk, .. }
            | Step::Resolve { desk, .. }
            | Step::Push { desk, .. }
            | Step::Pull { desk, .. }
            | Step::Rest { desk } => {
                if matches!(self.at_desk(*desk, step).await?, End::Dead) {
                    self.desks[*desk].kill();
                    self.reopen(*desk).await?;
                }
            }
        }
        Ok(())
    }

    async fn waits(&self, desk: usize) -> bool {
        match &self.desks[desk].engine {
            Some(engine) => outbox(engine).await.iter().any(|one| deskbell_engine::edits::is_unsettled(one.state)),
            None => true,
        }
    }

    async fn reopen(&mut self, desk: usize) -> Result<(), EngineError> {
        self.stats.restarts += 1;
        self.desks[desk].open().await
    }

    async fn at_desk(&mut self, place: usize, step: &Step) -> Result<End, EngineError> {
        let Some(engine) = self.desks[place].engine.clone() else { return Ok(End::Dead) };
        let api = Arc::clone(&self.desks[place].api);
        match step {
            Step::Edit { ticket, edit, .. } => self.edit_at_desk(place, &engine, *ticket, *edit).await,
            Step::Draft { ticket, .. } => {
                if let Some(id) = ticket_at(&engine, *ticket).await {
                    let text = format!("草稿 {}", self.at_step);
                    if engine.put_draft(id, text.clone(), Visibility::Public).await.is_ok() {
                        self.desks[place].drafts.insert(id, text);
                    }
                }
            }
            Step::Visit { visit, .. } => self.visit_step(place, &engine, visit).await,
            Step::Rules { pick, backwards, .. } => self.save_rules(place, &engine, *pick, *backwards).await?,
            Step::Undo { pick, .. } => self.undo(place, &engine, *pick).await,
            Step::Retry { pick, .. } => {
                if let Some(operation) = picked(&engine, *pick, &[OperationState::Rejected]).await {
                    let _may_die = engine.retry_operation(operation.id).await;
                }
            }
            Step::Resolve { pick, mine, .. } => self.resolve(place, &engine, *pick, *mine).await,
            Step::Push { faults, .. } => {
                api.order(faults.iter().copied());
                let ended = drive(&api, push(&engine, faults.len().max(1))).await;
                api.forget_orders();
                if matches!(ended, End::Dead) {
                    return Ok(End::Dead);
                }
            }
            Step::Pull { pages, faults, .. } => {
                api.order(faults.iter().copied());
                let ended = drive(&api, pull(&engine, self.desks[place].account, *pages)).await;
                api.forget_orders();
                if matches!(ended, End::Dead) {
                    return Ok(End::Dead);
                }
            }
            _ => {
                push(&engine, ROUNDS_MAX).await;
                pull(&engine, self.desks[place].account, ROUNDS_MAX).await;
            }
        }
        if engine.store().is_dead() {
            self.wire.counts().count("kill between commits");
            return Ok(End::Dead);
        }
        Ok(End::Done)
    }

    fn edit_at_server(&self, ticket: usize, edit: Drawn, now: UtcMs) {
        let mut server = self.wire.server();
        let Some(there) = server.tickets.get(ticket) else { return };
        let shown =
            Shown { status: there.status, priority: there.priority, assignee: there.assignee.clone(), tags: there.tags.clone() };
        let Some(kind) = kind_of(edit, &shown, &format!("客户说 {}", self.at_step)) else { return };
        let kind = match kind {
            OperationKind::SetCustomField { field, from, to } => {
                OperationKind::SetCustomField { field, from, to: format!("{to} 别人") }
            }
            kind => kind,
        };
        server.edit_here(ticket, &kind, "customer", now);
    }

    async fn come_to_rest(&mut self) -> Result<(), Violation> {
        for place in 0..self.desks.len() {
            self.desks[place].api.forget_orders();
            self.desks[place].api.offline.store(false, std::sync::atomic::Ordering::SeqCst);
            // Also disarms a kill that never came.
            self.desks[place].close().await;
            self.reopen(place).await.map_err(|error| self.broken(format!("a desk does not open: {error}")))?;
        }
        for _ in 0..REST_ROUNDS_MAX {
            self.clock.advance_ms(REST_WAIT_MS);
            let mut waiting = 0;
            for desk in &self.desks {
                let Some(engine) = &desk.engine else { continue };
                pull(engine, desk.account, ROUNDS_MAX).await;
                push(engine, ROUNDS_MAX).await;
                let counts = engine.read(deskbell_engine::records::Store::outbox_counts).await;
                waiting += counts.map_err(|error| self.broken(format!("the outbox cannot be counted: {error}")))?.waiting;
            }
            if waiting == 0 {
                break;
            }
        }
        for desk in &self.desks {
            if let Some(engine) = &desk.engine {
                pull(engine, desk.account, ROUNDS_MAX).await;
            }
        }
        self.check().await?;
        self.check_rest().await
    }
}

fn ticket_text(subject: &str) -> NewTicket {
    NewTicket { subject: subject.to_owned(), body: format!("{subject}：请处理"), ..NewTicket::default() }
}

/// Sends up to so often; a store that died ends it.
async fn push(engine: &Arc<Engine>, rounds: usize) {
    for _ in 0..rounds {
        if !matches!(push_step(engine).await, Ok(PushStep::Attempted { .. })) {
            return;
        }
    }
}

/// Fetches up to so many pages.
async fn pull(engine: &Arc<Engine>, account: deskbell_domain::ticket::AccountId, pages: usize) {
    for _ in 0..pages {
        match pull_step(engine, account).await {
            Ok(step) if !step.caught_up => {}
            _ => break,
        }
    }
    let _may_die = deskbell_engine::sla_watch::recompute_stale(engine).await;
}

/// Runs until it ends, or until the desk is killed in the middle of a request.
async fn drive(api: &Arc<super::api::SimApi>, work: impl Future<Output = ()>) -> End {
    tokio::select! {
        biased;
        () = api.killed.notified() => End::Dead,
        () = work => End::Done,
    }
}

async fn ticket_at(engine: &Arc<Engine>, place: usize) -> Option<TicketId> {
    let filter = deskbell_domain::filter::TicketFilter::default();
    let order = deskbell_domain::filter::TicketOrder::Created;
    let page = engine.read(move |store| store.ticket_rows(&filter, order, 0, 50)).await.ok()?;
    let mut ids: Vec<TicketId> = page.rows.iter().map(|row| row.id).collect();
    ids.sort();
    (!ids.is_empty()).then(|| ids[place % ids.len()])
}

async fn outbox(engine: &Arc<Engine>) -> Vec<OperationRecord> {
    engine.read(deskbell_engine::records::Store::outbox).await.unwrap_or_default()
}

async fn picked(engine: &Arc<Engine>, pick: usize, states: &[OperationState]) -> Option<OperationRecord> {
    let found: Vec<OperationRecord> = outbox(engine).await.into_iter().filter(|one| states.contains(&one.state)).collect();
    (!found.is_empty()).then(|| found[pick % found.len()].clone())
}

async fn picked_conflict(engine: &Arc<Engine>, pick: usize) -> Option<OperationRecord> {
    let found: Vec<OperationRecord> = outbox(engine).await.into_iter().filter(|one| one.conflict.is_some()).collect();
    (!found.is_empty()).then(|| found[pick % found.len()].clone())
}

/// An operation as its desk has it.
pub(super) async fn states(engine: &Arc<Engine>) -> Result<Vec<OperationRecord>, EngineError> {
    engine.read(deskbell_engine::records::Store::outbox).await
}

/// Names an operation for a person who reads a violation.
pub(super) fn named(id: OperationId, made: &Made) -> String {
    format!("operation {} ({})", id.0, made.name.as_str())
}
