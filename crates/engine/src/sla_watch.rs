//! Keeping the clocks: recomputing those of changed tickets, and one timer on the next due moment.

use std::sync::Arc;
use std::time::Duration;

use deskbell_domain::sla::clock::StopReason;
use deskbell_domain::sla::rules::PlannedClock;
use deskbell_domain::ticket::TicketId;
use deskbell_store::records::{ClockInput, ClockRow};
use deskbell_store::{Store, StoreError};

use crate::alerts;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::reminders;
pub use crate::rules::Rules;
use crate::sabotage::Sabotage;

/// Tickets recomputed in one transaction.
pub const CLOCK_BATCH_MAX: u32 = 500;
/// Longest sleep of the timer: a stepped or resumed machine clock is noticed within it.
pub const SLEEP_MS_MAX: u64 = 30_000;
/// Shortest sleep after a look that found nothing to ring: well within the second that an alert may be late.
const IDLE_WAIT_MS_MIN: u64 = 200;
/// The timer aims this much past the due moment, so that the row is due when it looks.
const TIMER_SLACK_MS: i64 = 5;

/// Watches for as long as the engine runs.
pub(crate) async fn run(engine: Arc<Engine>) {
    if let Err(error) = catch_up(&engine).await {
        tracing::error!(code = error.code.as_str(), "Alerts of the last run could not be shown.");
    }
    loop {
        let wait = match round(&engine).await {
            Ok(wait) => wait,
            Err(error) => {
                tracing::error!(code = error.code.as_str(), "The SLA watch could not read the store.");
                Duration::from_millis(SLEEP_MS_MAX)
            }
        };
        let _woken = tokio::time::timeout(wait, engine.sla_wake.notified()).await;
    }
}

/// Clocks first: a ticket finished elsewhere meanwhile takes its unshown alerts with it.
async fn catch_up(engine: &Arc<Engine>) -> Result<(), EngineError> {
    recompute_stale(engine).await?;
    crate::visits::carrier::look(engine, None).await;
    alerts::show_unshown(engine).await?;
    reminders::catch_up(engine).await
}

async fn round(engine: &Arc<Engine>) -> Result<Duration, EngineError> {
    recompute_stale(engine).await?;
    let raised = alerts::raise_due(engine).await? + reminders::look(engine).await?;
    let due = [alerts::next_look(engine).await?, reminders::next_look(engine).await?].into_iter().flatten().min();
    let wait_ms =
        due.map_or(SLEEP_MS_MAX, |due| u64::try_from(due.ms_since(engine.now()).saturating_add(TIMER_SLACK_MS)).unwrap_or(0));
    // Something due that does not rise must not turn the timer into a spin.
    let wait_ms_min = if raised == 0 { IDLE_WAIT_MS_MIN } else { 0 };
    Ok(Duration::from_millis(wait_ms.clamp(wait_ms_min, SLEEP_MS_MAX)))
}

/// Computes the clocks of every ticket that changed. Answers how many.
///
/// # Errors
/// The store's.
pub async fn recompute_stale(engine: &Arc<Engine>) -> Result<u64, EngineError> {
    let mut done: u64 = 0;
    loop {
        let rules = engine.rules_in_force().await?;
        let forgets = engine.saboteur.does(Sabotage::ForgetMoved);
        let ids = engine.read(move |store| recompute_batch(store, &rules, forgets)).await?;
        if ids.is_empty() {
            return Ok(done);
        }
        done += ids.len() as u64;
        engine.emit_tickets(ids);
    }
}

fn recompute_batch(store: &Store, rules: &Rules, forgets_moved: bool) -> Result<Vec<TicketId>, StoreError> {
    let ids = store.stale_clock_tickets(CLOCK_BATCH_MAX)?;
    if ids.is_empty() {
        return Ok(ids);
    }
    let inputs = store.clock_inputs(&ids)?;
    let mut batch: Vec<(TicketId, Vec<ClockRow>)> =
        inputs.iter().map(|input| (input.ticket_id, plan_rows(rules, input))).collect();
    if forgets_moved {
        for ((_, clocks), _) in batch.iter_mut().zip(&inputs).filter(|(_, input)| input.events.len() > 1) {
            clocks.iter_mut().for_each(|clock| clock.dues.clear());
        }
    }
    store.put_clocks(&batch)?;
    Ok(ids)
}

fn plan_rows(rules: &Rules, input: &ClockInput) -> Vec<ClockRow> {
    if !input.live {
        return Vec::new();
    }
    rules.clocks(&input.traits, &input.events).into_iter().map(to_row).collect()
}

fn to_row(planned: PlannedClock<'_>) -> ClockRow {
    let clock = planned.clock;
    ClockRow {
        metric: clock.metric,
        instance: clock.instance,
        started_at: clock.started_at,
        deadline_at: clock.deadline,
        stopped_at: clock.stopped_at,
        paused_since: clock.paused_since,
        provisional: clock.provisional,
        cancelled: clock.stopped_by.is_some_and(StopReason::is_cancel),
        uncertainty_ms: clock.uncertainty_ms,
        dues: clock.dues,
        policy_id: planned.policy.id.clone(),
    }
}
