//! Sending what waits: one message at a time for each robot, robots beside each other.
//!
//! What waits of a robot goes as one message. An attempt is counted in the store, within the platform's limit, before it is
//! made. A robot's message carries no marker that could be read back: one that is in doubt is sent once more, and says so
//! (ADR 0013).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use deskbell_domain::robot::{DeliveryKind, DeliveryState, RobotId};
use deskbell_domain::sync::op::Outcome;
use deskbell_domain::sync::plan::backoff_ms;
use deskbell_domain::time::{DAY_MS, MINUTE_MS};
use deskbell_domain::{Code, UtcMs};
use deskbell_remote::robots::{RobotAnswer, RobotClient, RobotMessage};
use deskbell_store::{DeliveryClaim, DeliveryRecord, DeliverySettlement, DeliveryTurn, NewDelivery, RobotRecord, Store};
use tokio::task::JoinSet;

use super::draft::read_secrets;
use super::text;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::events::DeskEvent;

/// Robots that send at once.
const FLIGHTS_MAX: usize = 8;
/// Doubts after which a message is not sent again by itself.
const DOUBTS_MAX: u32 = 2;
/// Alerts of one merged message; more wait for the next.
const ALERTS_MERGED_MAX: usize = 2_000;
/// A message that could not be brought for so long fails.
const AGE_MS_MAX: i64 = DAY_MS;
/// A locked keyring is asked again after this.
const KEYRING_WAIT_MS: i64 = MINUTE_MS;
/// Longest sleep: a stepped clock is noticed within it.
const SLEEP_MS_MAX: u64 = 30_000;
/// Shortest sleep after a look that could do nothing.
const SLEEP_MS_MIN: u64 = 50;
/// A test that has to wait longer than this for the platform's limit says so instead.
const TEST_WAIT_MS_MAX: i64 = 3_000;

/// What one look at a robot did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RobotStep {
    /// Nothing is due, or it may not go yet; look again then.
    Nothing { due: Option<UtcMs> },
    /// One message was sent, or could not be.
    Attempted { delivery: i64, state: DeliveryState },
}

/// Sends for as long as the engine runs.
pub(crate) async fn run(engine: Arc<Engine>) {
    let now = engine.now();
    if let Err(error) = engine.read(move |store| store.recover_robot_deliveries(now)).await {
        tracing::error!(code = error.code.as_str(), "Messages of the last run could not be settled.");
    }
    let mut flights: JoinSet<RobotId> = JoinSet::new();
    let mut flying: BTreeSet<RobotId> = BTreeSet::new();
    loop {
        let wait = match fill(&engine, &mut flights, &mut flying).await {
            Ok(wait) => wait,
            Err(error) => {
                tracing::error!(code = error.code.as_str(), "The queues of the robots could not be read.");
                Duration::from_millis(SLEEP_MS_MAX)
            }
        };
        tokio::select! {
            () = engine.robots_wake.notified() => {}
            Some(landed) = flights.join_next() => {
                match landed {
                    Ok(robot) => { flying.remove(&robot); }
                    // A panic takes the name of its robot along; nobody else is in the air then for sure.
                    Err(_) => { flights.shutdown().await; flying.clear(); }
                }
            }
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Begins with every robot that may speak; answers when to look again.
async fn fill(
    engine: &Arc<Engine>,
    flights: &mut JoinSet<RobotId>,
    flying: &mut BTreeSet<RobotId>,
) -> Result<Duration, EngineError> {
    let longest = Duration::from_millis(SLEEP_MS_MAX);
    if engine.settings().work_offline {
        return Ok(longest);
    }
    let now = engine.now();
    let mut next: Option<UtcMs> = None;
    for (robot, due) in engine.read(Store::robots_due).await? {
        if flying.contains(&robot) {
            continue;
        }
        if due > now || flying.len() >= FLIGHTS_MAX {
            next = Some(next.map_or(due, |next| next.min(due)));
            continue;
        }
        flying.insert(robot);
        let engine = Arc::clone(engine);
        flights.spawn(async move {
            speak(&engine, robot).await;
            robot
        });
    }
    let wait_ms = next.map_or(SLEEP_MS_MAX, |next| u64::try_from(next.ms_since(engine.now())).unwrap_or(0));
    Ok(Duration::from_millis(wait_ms.clamp(SLEEP_MS_MIN, SLEEP_MS_MAX)))
}

/// Everything that a robot may say now; where the platform's limit makes it wait a little, it waits here.
async fn speak(engine: &Arc<Engine>, robot: RobotId) {
    loop {
        match robot_step(engine, robot).await {
            Ok(RobotStep::Attempted { .. }) => {}
            Ok(RobotStep::Nothing { due: Some(due) }) => {
                let wait_ms = u64::try_from(due.ms_since(engine.now())).unwrap_or(0);
                tokio::time::sleep(Duration::from_millis(wait_ms.clamp(SLEEP_MS_MIN, SLEEP_MS_MAX))).await;
                return;
            }
            Ok(RobotStep::Nothing { due: None }) => return,
            Err(error) => {
                tracing::error!(robot = robot.0, code = error.code.as_str(), "A robot's queue could not be worked on.");
                tokio::time::sleep(Duration::from_millis(SLEEP_MS_MAX)).await;
                return;
            }
        }
    }
}

/// Looks at one robot's queue and makes at most one attempt.
///
/// # Errors
/// `robot_unknown`, the store's.
pub async fn robot_step(engine: &Arc<Engine>, id: RobotId) -> Result<RobotStep, EngineError> {
    let now = engine.now();
    let robot = engine.read(move |store| store.robot(id)).await?;
    if !robot.enabled {
        return Ok(RobotStep::Nothing { due: None });
    }
    if let Some(until) = robot.held_until.filter(|until| *until > now) {
        return Ok(RobotStep::Nothing { due: Some(until) });
    }
    let queue = engine.read(move |store| store.robot_queue(id, now)).await?;
    let queue = give_up_old(engine, queue, now).await?;
    let Some(planned) = plan(engine, &robot, &queue, now).await? else {
        return Ok(RobotStep::Nothing { due: next_due(engine, id, now).await? });
    };
    match go(engine, &robot, planned, now).await? {
        Gone::Wait(until) => Ok(RobotStep::Nothing { due: Some(until) }),
        Gone::Settled(delivery, state) => Ok(RobotStep::Attempted { delivery, state }),
    }
}

/// What of a robot is due after `now`.
async fn next_due(engine: &Arc<Engine>, id: RobotId, now: UtcMs) -> Result<Option<UtcMs>, EngineError> {
    let due = engine.read(Store::robots_due).await?;
    Ok(due.into_iter().find(|(robot, _)| *robot == id).map(|(_, due)| due.max(now.plus_ms(1))))
}

/// What could not be brought for a day is no news any more: it fails, with the reason of its last try.
async fn give_up_old(engine: &Arc<Engine>, queue: Vec<DeliveryRecord>, now: UtcMs) -> Result<Vec<DeliveryRecord>, EngineError> {
    let is_old = |row: &DeliveryRecord| row.code.is_some() && now.ms_since(row.created_at) > AGE_MS_MAX;
    let (old, queue): (Vec<_>, Vec<_>) = queue.into_iter().partition(is_old);
    if !old.is_empty() {
        let ids: Vec<i64> = old.iter().map(|row| row.id).collect();
        engine.read(move |store| store.fail_robot_deliveries(&ids)).await?;
        engine.emit(DeskEvent::RobotsChanged);
    }
    Ok(queue)
}

/// One message made of what waits.
struct Outgoing {
    claim: DeliveryClaim,
    message: RobotMessage,
    attempts: u32,
    doubts: u32,
    kind: DeliveryKind,
}

/// Chooses what goes: a message in doubt alone, else everything that still holds true, merged into the oldest row. What no
/// longer holds is withdrawn.
async fn plan(
    engine: &Arc<Engine>,
    robot: &RobotRecord,
    queue: &[DeliveryRecord],
    now: UtcMs,
) -> Result<Option<Outgoing>, EngineError> {
    let (mut rows, mut alerts, mut withdrawn) = (Vec::new(), Vec::new(), Vec::new());
    for row in queue.iter().filter(|row| row.kind != DeliveryKind::Test) {
        let ids = row.alert_ids.clone();
        let mut told = engine.read(move |store| store.told_alerts(&ids)).await?;
        told.retain(|alert| !alert.acknowledged && !alert.over);
        if told.is_empty() {
            withdrawn.push(row.id);
            continue;
        }
        if row.doubts > 0 && !rows.is_empty() || alerts.len() + told.len() > ALERTS_MERGED_MAX && !rows.is_empty() {
            continue;
        }
        rows.push(row);
        alerts.extend(told);
        if row.doubts > 0 {
            break;
        }
    }
    if !withdrawn.is_empty() {
        engine.read(move |store| store.withdraw_robot_deliveries(&withdrawn)).await?;
        engine.emit(DeskEvent::RobotsChanged);
    }
    let Some((leader, rest)) = rows.split_first() else { return Ok(None) };
    let kind = if rows.iter().any(|row| row.kind == DeliveryKind::Escalation) { DeliveryKind::Escalation } else { leader.kind };
    let mention: BTreeSet<String> = rows.iter().flat_map(|row| row.mention.iter().cloned()).collect();
    // As of now, also in a message that waited: the manager may have gone since, or come back.
    let who = super::named(engine, &alerts, now).await;
    let told = text::Told { alerts: &alerts, mention: &mention, who: &who };
    let message = text::of_alerts(engine.settings().language, robot.kind, kind, told, leader.doubts > 0, now);
    let alert_ids: BTreeSet<i64> = alerts.iter().map(|alert| alert.id).collect();
    let claim = DeliveryClaim {
        leader: leader.id,
        merged: rest.iter().map(|row| row.id).collect(),
        alert_ids: alert_ids.into_iter().collect(),
        mention: mention.into_iter().collect(),
        title: message.title.clone(),
        body: text::plain(&message),
    };
    Ok(Some(Outgoing { claim, message, attempts: leader.attempts, doubts: leader.doubts, kind: leader.kind }))
}

enum Gone {
    Wait(UtcMs),
    Settled(i64, DeliveryState),
}

/// Claims, sends, settles.
async fn go(engine: &Arc<Engine>, robot: &RobotRecord, outgoing: Outgoing, now: UtcMs) -> Result<Gone, EngineError> {
    let client = match client(engine, robot).await {
        Ok(client) => client,
        Err(error) => {
            // Nothing was tried: the message waits, and the robot says why.
            let until = now.plus_ms(KEYRING_WAIT_MS);
            let (id, code) = (robot.id, error.code);
            engine.read(move |store| store.hold_robot(id, Some((until, code)))).await?;
            engine.emit(DeskEvent::RobotsChanged);
            return Ok(Gone::Wait(until));
        }
    };
    let (id, claim, delivery) = (robot.id, outgoing.claim.clone(), outgoing.claim.leader);
    match engine.read(move |store| store.claim_robot_delivery(id, claim, now)).await? {
        DeliveryTurn::Claimed => {}
        DeliveryTurn::Wait(until) => return Ok(Gone::Wait(until)),
        DeliveryTurn::Changed => return Ok(Gone::Wait(now.plus_ms(1))),
    }
    let answer = client.send(&outgoing.message, now).await;
    let settlement = settlement(engine, robot, &outgoing, answer);
    let (state, ended) = (settlement.state, engine.now());
    engine.read(move |store| store.settle_robot_delivery(delivery, &settlement, ended)).await?;
    engine.emit(DeskEvent::RobotsChanged);
    Ok(Gone::Settled(delivery, state))
}

async fn client(engine: &Arc<Engine>, robot: &RobotRecord) -> Result<RobotClient, EngineError> {
    let (keeper, id, kind) = (engine.keeper.clone(), robot.id, robot.kind);
    let secrets = tokio::task::spawn_blocking(move || read_secrets(&keeper, id)).await??;
    let secrets = secrets.ok_or_else(|| EngineError::new(Code::RobotSecretMissing))?;
    Ok(RobotClient::new(kind, &secrets.address, secrets.secret)?)
}

/// What an answer makes of a message. The time is read anew: sending took some.
fn settlement(engine: &Engine, robot: &RobotRecord, outgoing: &Outgoing, answer: RobotAnswer) -> DeliverySettlement {
    let now = engine.now();
    let wait_ms = i64::try_from(backoff_ms(outgoing.attempts + 1, engine.ports.rng.jitter())).unwrap_or(i64::MAX);
    let is_test = outgoing.kind == DeliveryKind::Test;
    let ended =
        |state, code, doubt| DeliverySettlement { state, not_before: now, code, detail: answer.said.clone(), doubt, hold: None };
    match answer.outcome {
        Outcome::Sent(_) => ended(DeliveryState::Sent, None, false),
        Outcome::Rejected { code, .. } => ended(DeliveryState::Failed, Some(code), false),
        Outcome::VisitRefused(refusal) => ended(DeliveryState::Failed, Some(refusal.code), false),
        Outcome::Retry { after_ms, code } => {
            let asked_ms = after_ms.map_or(0, |ms| i64::try_from(ms).unwrap_or(i64::MAX));
            // Refused for speaking too often: whatever else waits must wait too, or the penalty begins anew.
            let hold = (code == Code::RateLimited).then(|| (now.plus_ms(asked_ms.max(robot.kind.penalty_ms())), code));
            let state = if is_test { DeliveryState::Failed } else { DeliveryState::Queued };
            DeliverySettlement { not_before: now.plus_ms(wait_ms.max(asked_ms)), hold, ..ended(state, Some(code), false) }
        }
        Outcome::Unknown { code } => {
            let again = !is_test && outgoing.doubts + 1 < DOUBTS_MAX;
            let state = if again { DeliveryState::Queued } else { DeliveryState::Unknown };
            tracing::info!(robot = robot.id.0, delivery = outgoing.claim.leader, again, "A message to a group may have arrived.");
            DeliverySettlement { not_before: now.plus_ms(wait_ms), ..ended(state, Some(code), true) }
        }
    }
}

impl Engine {
    /// Sends a test message now and answers what became of it, in the log too. A robot that is switched off is tried as well.
    ///
    /// # Errors
    /// `robot_unknown`, `robot_secret_missing`, keyring failures; `rate_limited` with the seconds to wait, when the platform's
    /// limit leaves no room.
    pub async fn test_robot(self: &Arc<Self>, id: RobotId) -> Result<DeliveryRecord, EngineError> {
        let robot = self.read(move |store| store.robot(id)).await?;
        let client = client(self, &robot).await?;
        let message = text::of_test(self.settings().language, &robot.name);
        let now = self.now();
        let row = NewDelivery {
            robot: id,
            kind: DeliveryKind::Test,
            alert_ids: Vec::new(),
            mention: Vec::new(),
            title: message.title.clone(),
            body: text::plain(&message),
            // Nobody but this call takes it.
            not_before: now,
        };
        let queued = self.read(move |store| store.queue_robot_deliveries(std::slice::from_ref(&row), now)).await?;
        let delivery = queued.first().copied().ok_or_else(|| EngineError::new(Code::Internal))?;
        let claim = DeliveryClaim {
            leader: delivery,
            merged: Vec::new(),
            alert_ids: Vec::new(),
            mention: Vec::new(),
            title: message.title.clone(),
            body: text::plain(&message),
        };
        if let Err(error) = self.wait_for_turn(id, &claim).await {
            self.read(move |store| store.fail_robot_deliveries(&[delivery])).await?;
            self.emit(DeskEvent::RobotsChanged);
            return Err(error);
        }
        let outgoing = Outgoing { claim, message, attempts: 0, doubts: 0, kind: DeliveryKind::Test };
        let answer = client.send(&outgoing.message, self.now()).await;
        let (settlement, now) = (settlement(self, &robot, &outgoing, answer), self.now());
        self.read(move |store| store.settle_robot_delivery(delivery, &settlement, now)).await?;
        self.robots_wake.notify_one();
        self.emit(DeskEvent::RobotsChanged);
        self.read(move |store| store.robot_delivery(delivery)).await
    }

    async fn wait_for_turn(&self, id: RobotId, claim: &DeliveryClaim) -> Result<(), EngineError> {
        let begun = self.now();
        loop {
            let (claim, now) = (claim.clone(), self.now());
            match self.read(move |store| store.claim_robot_delivery(id, claim, now)).await? {
                DeliveryTurn::Claimed => return Ok(()),
                DeliveryTurn::Changed => return Err(EngineError::new(Code::Internal)),
                DeliveryTurn::Wait(until) if until.ms_since(begun) > TEST_WAIT_MS_MAX => {
                    let seconds = until.ms_since(now).max(0) / 1_000 + 1;
                    return Err(EngineError::new(Code::RateLimited).arg("seconds", seconds.to_string()));
                }
                DeliveryTurn::Wait(until) => {
                    let wait_ms = u64::try_from(until.ms_since(now)).unwrap_or(0);
                    tokio::time::sleep(Duration::from_millis(wait_ms.max(SLEEP_MS_MIN))).await;
                }
            }
        }
    }
}
