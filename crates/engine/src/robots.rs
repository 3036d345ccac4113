//! Robots in group chats: which alerts they are told, and their messages on the way.
//!
//! The bell hands over what it raised and what nobody acknowledged; rules choose, the store queues, [`worker`] sends. An alert
//! is queued once for a robot however often it rings. Address and signing secret live with the other secrets and are read
//! for each message; nothing of them is in the store, a log or an answer.

mod draft;
mod text;
mod worker;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use deskbell_domain::robot::{DeliveryKind, RobotId, RobotRule};
use deskbell_domain::ticket::{Priority, TicketId};
use deskbell_domain::{Code, UtcMs};
use deskbell_store::records::AlertRecord;
use deskbell_store::{DeliveryRecord, NewDelivery, RobotRecord, Store, StoreError, ToldAlert};

use crate::bell::quiet_until;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::events::DeskEvent;
use crate::people::Named;
pub use draft::RobotDraft;
use text::Told;
pub(crate) use worker::run;
pub use worker::{RobotStep, robot_step};

/// Alerts of one message in the queue; more become several, which are merged when they go.
const ALERTS_OF_ROW_MAX: usize = 500;

/// Queues what the rules of the robots say about alerts that were just raised. Telling the same alert again does nothing.
pub async fn on_raised(engine: &Arc<Engine>, alerts: &[AlertRecord]) {
    tell(engine, DeliveryKind::Alert, alerts).await;
}

/// Queues alerts that nobody acknowledged in time.
pub async fn on_escalated(engine: &Arc<Engine>, alerts: &[AlertRecord]) {
    tell(engine, DeliveryKind::Escalation, alerts).await;
}

/// A robot that cannot be told must not silence the bell: what goes wrong is logged.
async fn tell(engine: &Arc<Engine>, kind: DeliveryKind, alerts: &[AlertRecord]) {
    match queue(engine, kind, alerts).await {
        Ok(0) => {}
        Ok(_) => {
            engine.robots_wake.notify_one();
            engine.emit(DeskEvent::RobotsChanged);
        }
        Err(error) => {
            tracing::error!(code = error.code.as_str(), alerts = alerts.len(), "Alerts could not be queued for the robots.");
        }
    }
}

async fn queue(engine: &Arc<Engine>, kind: DeliveryKind, alerts: &[AlertRecord]) -> Result<usize, EngineError> {
    let mut robots = engine.read(Store::robots).await?;
    robots
        .retain(|robot| robot.enabled && robot.rules.iter().any(|rule| alerts.iter().any(|one| rule.wants(kind, one.threshold))));
    if robots.is_empty() || alerts.is_empty() {
        return Ok(0);
    }
    let (now, owned) = (engine.now(), alerts.to_vec());
    let planned = engine.read(move |store| plan(store, &robots, kind, &owned, now)).await?;
    let mut rows = Vec::with_capacity(planned.len());
    for planned in planned {
        let (ids, mention) = (planned.alert_ids, planned.mention);
        let told = ids.clone();
        let told = engine.read(move |store| store.told_alerts(&told)).await?;
        let who = named(engine, &told, now).await;
        let told = Told { alerts: &told, mention: &mention, who: &who };
        let message = text::of_alerts(engine.settings().language, planned.kind, kind, told, false, now);
        rows.push(NewDelivery {
            robot: planned.robot,
            kind,
            alert_ids: ids,
            mention: mention.into_iter().collect(),
            title: message.title.clone(),
            body: text::plain(&message),
            not_before: planned.not_before,
        });
    }
    Ok(engine.read(move |store| store.queue_robot_deliveries(&rows, now)).await?.len())
}

/// Who answers for the customers of these alerts.
async fn named(engine: &Engine, told: &[ToldAlert], now: UtcMs) -> Named {
    let tickets: BTreeSet<TicketId> = told.iter().map(|alert| alert.ticket_id).collect();
    Named::of(engine, tickets.into_iter().collect(), now).await
}

/// One message to be queued.
struct Planned {
    robot: RobotId,
    kind: deskbell_domain::robot::RobotKind,
    not_before: UtcMs,
    alert_ids: Vec<i64>,
    mention: BTreeSet<String>,
}

/// By robot and by moment: what is quiet until morning does not wait for what is not, nor the other way round.
fn plan(
    store: &Store,
    robots: &[RobotRecord],
    kind: DeliveryKind,
    alerts: &[AlertRecord],
    now: UtcMs,
) -> Result<Vec<Planned>, StoreError> {
    let tickets: Vec<TicketId> = alerts.iter().map(|alert| alert.ticket_id).collect::<BTreeSet<_>>().into_iter().collect();
    let mut planned = Vec::new();
    for robot in robots {
        let mut passing = Vec::with_capacity(robot.rules.len());
        for rule in &robot.rules {
            passing.push((rule, store.tickets_passing(&rule.filter, &tickets)?));
        }
        let mut by_moment: BTreeMap<UtcMs, (Vec<i64>, BTreeSet<String>)> = BTreeMap::new();
        for alert in alerts {
            let wanting =
                passing.iter().filter(|(rule, tickets)| tickets.contains(&alert.ticket_id) && rule.wants(kind, alert.threshold));
            let wanting: Vec<&RobotRule> = wanting.map(|(rule, _)| *rule).collect();
            let Some(not_before) = wanting.iter().map(|rule| told_at(rule, alert.priority, now)).min() else { continue };
            let (ids, mention) = by_moment.entry(not_before).or_default();
            ids.push(alert.id);
            mention.extend(wanting.iter().flat_map(|rule| rule.mention.iter().cloned()));
        }
        for (not_before, (ids, mention)) in by_moment {
            planned.extend(ids.chunks(ALERTS_OF_ROW_MAX).map(|ids| Planned {
                robot: robot.id,
                kind: robot.kind,
                not_before,
                alert_ids: ids.to_vec(),
                mention: mention.clone(),
            }));
        }
    }
    Ok(planned)
}

/// Now, or the end of the rule's quiet hours.
fn told_at(rule: &RobotRule, priority: Priority, now: UtcMs) -> UtcMs {
    if rule.quiet_urgent && priority == Priority::Urgent {
        return now;
    }
    quiet_until(rule.quiet.as_ref(), now).map_or(now, |end| end.max(now))
}

impl Engine {
    /// All robots, without their secrets.
    ///
    /// # Errors
    /// The store's.
    pub async fn robots(&self) -> Result<Vec<RobotRecord>, EngineError> {
        self.read(Store::robots).await
    }

    /// Forgets a robot, its secrets and its log.
    ///
    /// # Errors
    /// `robot_unknown`, keyring and storage failures; with a locked keyring everything stays.
    pub async fn remove_robot(&self, id: RobotId) -> Result<(), EngineError> {
        self.read(move |store| store.robot(id)).await?;
        let keeper = self.keeper.clone();
        tokio::task::spawn_blocking(move || keeper.delete(&draft::secret_name(id))).await??;
        self.read(move |store| store.remove_robot(id)).await?;
        self.emit(DeskEvent::RobotsChanged);
        Ok(())
    }

    /// The delivery log, newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn robot_deliveries(&self, robot: Option<RobotId>, limit: u32) -> Result<Vec<DeliveryRecord>, EngineError> {
        self.read(move |store| store.robot_deliveries(robot, limit)).await
    }

    /// Sends a message again that failed or is in doubt, or at once what waits.
    ///
    /// # Errors
    /// `input_invalid` for a message that cannot be sent again.
    pub async fn retry_robot_delivery(&self, id: i64) -> Result<(), EngineError> {
        let now = self.now();
        self.read(move |store| {
            store.retry_robot_delivery(id, now)?;
            let robot = store.robot(store.robot_delivery(id)?.robot_id)?;
            // The person says that it works now; a platform's penalty is not theirs to lift.
            if robot.code.is_some_and(|code| code != Code::RateLimited) { store.hold_robot(robot.id, None) } else { Ok(()) }
        })
        .await?;
        self.robots_wake.notify_one();
        self.emit(DeskEvent::RobotsChanged);
        Ok(())
    }

    /// The network is back: what waits after a failure goes now.
    pub(crate) async fn hasten_robots(&self) {
        let now = self.now();
        if let Err(error) = self.read(move |store| store.hasten_robots(now)).await {
            tracing::warn!(code = error.code.as_str(), "Waiting messages of the robots could not be hastened.");
        }
        self.robots_wake.notify_one();
    }
}
