//! How the running clocks stand, for the command line.

use deskbell_domain::UtcMs;
use deskbell_domain::sla::clock::{ClockState, clock_state, consumed_ms};
use deskbell_domain::sla::rules::RuleBook;
use deskbell_store::records::OpenClock;
use deskbell_store::{Store, StoreError};
use serde::Serialize;

use crate::engine::Engine;
use crate::error::EngineError;

/// A running clock and its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClockStanding {
    #[serde(flatten)]
    pub clock: OpenClock,
    pub state: ClockState,
    /// Wall milliseconds to the deadline; negative after it.
    pub left_ms: i64,
    /// Open milliseconds used up.
    pub consumed_ms: i64,
    pub policy_zh: String,
    pub policy_en: String,
    pub calendar_id: String,
}

impl Engine {
    /// Running clocks by deadline, longest overdue first, at most `limit`.
    ///
    /// # Errors
    /// The store's.
    pub async fn clock_standings(&self, limit: u32) -> Result<Vec<ClockStanding>, EngineError> {
        let (rules, now) = (self.rules_in_force().await?, self.now());
        self.read(move |store| {
            let clocks = store.open_clocks(None, limit)?;
            clocks.into_iter().map(|clock| standing(store, &rules.book, clock, now)).collect()
        })
        .await
    }
}

fn standing(store: &Store, book: &RuleBook, clock: OpenClock, now: UtcMs) -> Result<ClockStanding, StoreError> {
    let inputs = store.clock_questions(&[clock.ticket_id])?;
    let planned = inputs.first().and_then(|input| {
        let clocks = book.clocks(&input.traits, &input.events).into_iter();
        clocks.into_iter().find(|planned| planned.clock.metric == clock.metric && planned.clock.instance == clock.instance)
    });
    let late = if now >= clock.deadline_at { ClockState::Breached } else { ClockState::Running };
    Ok(ClockStanding {
        state: planned.as_ref().map_or(late, |planned| clock_state(&planned.clock, now)),
        left_ms: clock.deadline_at.ms_since(now),
        consumed_ms: planned.as_ref().map_or(0, |planned| consumed_ms(&planned.clock, planned.calendar, now)),
        policy_zh: planned.as_ref().map(|planned| planned.policy.name_zh.clone()).unwrap_or_default(),
        policy_en: planned.as_ref().map(|planned| planned.policy.name_en.clone()).unwrap_or_default(),
        calendar_id: planned.map(|planned| planned.policy.calendar_of(clock.metric).to_owned()).unwrap_or_default(),
        clock,
    })
}
