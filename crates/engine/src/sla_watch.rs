//! Keeping the clocks: recomputing those of changed tickets, and one timer on the next due moment.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use deskbell_domain::Code;
use deskbell_domain::sla::calendar::Calendar;
use deskbell_domain::sla::clock::{Clock as SlaClock, StopReason, plan_clocks_from};
use deskbell_domain::sla::event::TicketEvent;
use deskbell_domain::sla::policy::{Policy, Traits, match_policy};
use deskbell_domain::ticket::TicketId;
use deskbell_store::records::{ClockInput, ClockRow};
use deskbell_store::{Store, StoreError};

use crate::alerts;
use crate::engine::Engine;
use crate::error::EngineError;

/// Tickets recomputed in one transaction.
pub const CLOCK_BATCH_MAX: u32 = 500;
/// Longest sleep of the timer: a stepped or resumed machine clock is noticed within it.
pub const SLEEP_MS_MAX: u64 = 30_000;
/// Shortest sleep after a look that found nothing to ring: well within the second that an alert may be late.
const IDLE_WAIT_MS_MIN: u64 = 200;
/// The timer aims this much past the due moment, so that the row is due when it looks.
const TIMER_SLACK_MS: i64 = 5;

const POLICIES: &str = "policies";
const RULES_FINGERPRINT: &str = "rules-fingerprint";
const DEFAULT_POLICIES: &str = include_str!("../data/policies.json");
/// Raised when the computation of clocks changes, so that stored ones are computed anew.
const RULES_VERSION: u32 = 1;

/// Policies in order, and the calendars that they name.
pub struct Rules {
    pub policies: Vec<Policy>,
    pub calendars: BTreeMap<String, Calendar>,
}

impl Rules {
    /// From the store, or the policies that Deskbell ships as data.
    ///
    /// # Errors
    /// `internal` when the shipped policies cannot be read; stored ones that cannot be read are an error too,
    /// because guessing would move deadlines.
    pub fn load(store: &Store) -> Result<Self, EngineError> {
        let text = store.setting(POLICIES)?.unwrap_or_else(|| DEFAULT_POLICIES.to_owned());
        let policies: Vec<Policy> = serde_json::from_str(&text)
            .map_err(|error| EngineError::with_detail(Code::Internal, format!("policies: {error}")))?;
        let calendars = BTreeMap::from([
            ("always".to_owned(), Calendar::always(chrono_tz::Asia::Shanghai)),
            ("business_cn".to_owned(), Calendar::business_cn()),
        ]);
        let rules = Self { policies, calendars };
        let fingerprint = format!("{RULES_VERSION}:{text}");
        if store.setting(RULES_FINGERPRINT)?.as_deref() != Some(fingerprint.as_str()) {
            store.mark_all_clocks_stale()?;
            store.put_setting(RULES_FINGERPRINT, &fingerprint)?;
        }
        Ok(rules)
    }

    /// The policy and calendar of a ticket, if any policy applies.
    #[must_use]
    pub fn for_ticket(&self, traits: &Traits) -> Option<(&Policy, &Calendar)> {
        let policy = match_policy(&self.policies, traits)?;
        Some((policy, self.calendars.get(&policy.calendar_id)?))
    }

    /// The clocks of a ticket as its events and these rules give them.
    #[must_use]
    pub fn clocks(&self, traits: &Traits, events: &[TicketEvent]) -> Vec<SlaClock> {
        let Some((policy, calendar)) = self.for_ticket(traits) else { return Vec::new() };
        plan_clocks_from(events, traits.priority, policy, calendar)
    }

    /// The calendar that shades the horizon: the last policy's, which serves everyone else.
    #[must_use]
    pub fn office_hours(&self) -> Option<&Calendar> {
        self.policies.last().and_then(|policy| self.calendars.get(&policy.calendar_id))
    }
}

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
    alerts::show_unshown(engine).await
}

async fn round(engine: &Arc<Engine>) -> Result<Duration, EngineError> {
    recompute_stale(engine).await?;
    let raised = alerts::raise_due(engine).await?;
    let due = engine.read(Store::next_alert_due).await?;
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
        let rules = engine.rules();
        let ids = engine.read(move |store| recompute_batch(store, &rules)).await?;
        if ids.is_empty() {
            return Ok(done);
        }
        done += ids.len() as u64;
        engine.emit_tickets(ids);
    }
}

fn recompute_batch(store: &Store, rules: &Rules) -> Result<Vec<TicketId>, StoreError> {
    let ids = store.stale_clock_tickets(CLOCK_BATCH_MAX)?;
    if ids.is_empty() {
        return Ok(ids);
    }
    let inputs = store.clock_inputs(&ids)?;
    let batch: Vec<(TicketId, Vec<ClockRow>)> = inputs.iter().map(|input| (input.ticket_id, plan_rows(rules, input))).collect();
    store.put_clocks(&batch)?;
    Ok(ids)
}

fn plan_rows(rules: &Rules, input: &ClockInput) -> Vec<ClockRow> {
    if !input.live {
        return Vec::new();
    }
    rules.clocks(&input.traits, &input.events).into_iter().map(to_row).collect()
}

fn to_row(clock: SlaClock) -> ClockRow {
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
    }
}
