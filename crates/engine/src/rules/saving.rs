//! Reading and saving the rules, and counting beforehand what that would change.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use deskbell_domain::sla::clock::{ClockState, clock_state};
use deskbell_domain::sla::policy::Metric;
use deskbell_domain::sla::rules::{PlannedClock, RuleBook, RuleProblem, RuleSet, RuleSetDraft};
use deskbell_domain::ticket::{Priority, TicketId};
use deskbell_domain::{Code, UtcMs};
use deskbell_store::records::ClockInput;
use deskbell_store::{Store, StoreError};
use serde::Serialize;
use ts_rs::TS;

use super::{Rules, revision_of};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::events::DeskEvent;

/// Unfinished tickets that a dry run looks at.
pub const DRY_RUN_TICKETS_MAX: u64 = 200_000;
/// Changed clocks that a dry run names.
pub const DRY_RUN_EXAMPLES_MAX: usize = 50;
/// Tickets read at once.
const DRY_RUN_BATCH: u32 = 1_000;

/// Every version of the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct RulesView {
    /// Ascending.
    pub sets: Vec<RuleSet>,
    /// Index of the set in force now.
    pub current: u32,
    /// Nobody has changed what Deskbell ships.
    pub shipped: bool,
}

/// A clock that would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct DryRunLine {
    pub ticket_id: TicketId,
    pub remote_id: String,
    pub subject: String,
    pub priority: Priority,
    pub metric: Metric,
    /// Id of the policy; empty where none sets a target.
    pub old_policy: String,
    pub new_policy: String,
    pub old_deadline: Option<UtcMs>,
    pub new_deadline: Option<UtcMs>,
    /// The new deadline lies past the last published holiday notice.
    pub provisional: bool,
}

/// What saving would change for the clocks of unfinished tickets that have not stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct DryRun {
    /// Unfinished tickets.
    #[ts(type = "number")]
    pub looked_at: u64,
    /// Clocks with another deadline or policy, new clocks, and clocks that would be gone.
    #[ts(type = "number")]
    pub changed: u64,
    /// Clocks that would be past their deadline at once, and are not now.
    #[ts(type = "number")]
    pub newly_breached: u64,
    #[ts(type = "number")]
    pub no_longer_breached: u64,
    /// Unfinished tickets that no policy of the new rules is for.
    #[ts(type = "number")]
    pub without_policy: u64,
    /// There are more than [`DRY_RUN_TICKETS_MAX`]; the newest were not looked at.
    pub truncated: bool,
    /// Largest move first.
    pub examples: Vec<DryRunLine>,
}

impl Engine {
    /// # Errors
    /// The store's.
    pub async fn rules_view(&self) -> Result<RulesView, EngineError> {
        Ok(view(&*self.rules_in_force().await?, self.now()))
    }

    /// Keeps a set of rules: valid from an instant on (`None`: now), or `backwards` instead of every set.
    ///
    /// # Errors
    /// `rules_invalid` with what is wrong, `input_invalid` for an instant before 1970, and the store's.
    pub async fn put_rules(&self, draft: RuleSetDraft, from: Option<UtcMs>, backwards: bool) -> Result<RulesView, EngineError> {
        let now = self.now();
        let (known, book) = self.book_with(draft, from, backwards, now).await?;
        if book == known.book {
            return Ok(view(&known, now));
        }
        let revision = revision_of(&book)?;
        let (sets, name) = (book.sets.clone(), revision.clone());
        self.read(move |store| store.put_rule_sets(&sets, now, &name)).await?;
        let rules = Arc::new(Rules { book, is_shipped: false, revision });
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&rules);
        self.sla_wake.notify_one();
        self.emit(DeskEvent::TicketsChanged { ids: Vec::new(), many: true });
        Ok(view(&rules, now))
    }

    /// What [`Engine::put_rules`] would change, looking at no more than [`DRY_RUN_TICKETS_MAX`] tickets.
    ///
    /// # Errors
    /// As [`Engine::put_rules`].
    pub async fn dry_run(&self, draft: RuleSetDraft, from: Option<UtcMs>, backwards: bool) -> Result<DryRun, EngineError> {
        let now = self.now();
        let (known, book) = self.book_with(draft, from, backwards, now).await?;
        self.read(move |store| dry_run(store, &known.book, &book, now)).await
    }

    async fn book_with(
        &self,
        draft: RuleSetDraft,
        from: Option<UtcMs>,
        backwards: bool,
        now: UtcMs,
    ) -> Result<(Arc<Rules>, RuleBook), EngineError> {
        let set = draft.checked().map_err(|problems| invalid(&problems))?;
        if from.is_some_and(|from| from.0 <= 0) {
            return Err(EngineError::new(Code::InputInvalid).arg("field", "from"));
        }
        let known = self.rules_in_force().await?;
        let book = known.book.with_set(set, from.unwrap_or(now), backwards);
        let book = if is_same(&known.book, &book, from.unwrap_or(now), backwards) { known.book.clone() } else { book };
        Ok((known, book))
    }
}

/// True when the set at that instant says the same already: saving twice makes no second version.
fn is_same(known: &RuleBook, book: &RuleBook, at: UtcMs, backwards: bool) -> bool {
    let set = |book: &RuleBook| book.sets.get(book.set_at(at)?).map(|set| (set.policies.clone(), set.calendars.clone()));
    set(known) == set(book) && (!backwards || known.sets.len() == 1)
}

fn invalid(problems: &[RuleProblem]) -> EngineError {
    let first = problems.first();
    EngineError::new(Code::RulesInvalid)
        .arg("count", problems.len().to_string())
        .arg("place", first.map(|problem| problem.place.clone()).unwrap_or_default())
        .arg("problem", first.map(|problem| problem.code.as_str()).unwrap_or_default())
}

fn view(rules: &Rules, now: UtcMs) -> RulesView {
    let current = rules.book.set_at(now).unwrap_or_default();
    RulesView { sets: rules.book.sets.clone(), current: u32::try_from(current).unwrap_or(u32::MAX), shipped: rules.is_shipped }
}

fn dry_run(store: &Store, old: &RuleBook, new: &RuleBook, now: UtcMs) -> Result<DryRun, StoreError> {
    let mut run = DryRun {
        looked_at: 0,
        changed: 0,
        newly_breached: 0,
        no_longer_breached: 0,
        without_policy: 0,
        truncated: false,
        examples: Vec::new(),
    };
    let mut after = TicketId(0);
    loop {
        let ids = store.unfinished_tickets(after, DRY_RUN_BATCH)?;
        let Some(last) = ids.last() else { break };
        after = *last;
        if run.looked_at >= DRY_RUN_TICKETS_MAX {
            run.truncated = true;
            break;
        }
        for input in store.clock_questions(&ids)? {
            run.looked_at += 1;
            run.compare(&input, old, new, now);
        }
        run.keep_largest();
    }
    for line in &mut run.examples {
        if let Some(ticket) = store.ticket(line.ticket_id)? {
            line.remote_id = ticket.remote_id;
            line.subject = ticket.subject;
        }
    }
    Ok(run)
}

type Standing<'a> = BTreeMap<(Metric, u32), PlannedClock<'a>>;

fn standing<'a>(book: &'a RuleBook, input: &ClockInput) -> Standing<'a> {
    let clocks = book.clocks(&input.traits, &input.events).into_iter();
    clocks
        .filter(|planned| planned.clock.stopped_at.is_none())
        .map(|planned| ((planned.clock.metric, planned.clock.instance), planned))
        .collect()
}

impl DryRun {
    fn compare(&mut self, input: &ClockInput, old: &RuleBook, new: &RuleBook, now: UtcMs) {
        if new.ruled_at(&input.traits, now).is_none() {
            self.without_policy += 1;
        }
        let (before, after) = (standing(old, input), standing(new, input));
        let keys = before.keys().chain(after.keys().filter(|key| !before.contains_key(key)));
        for key in keys {
            let (was, is) = (before.get(key), after.get(key));
            let breached = |planned: Option<&PlannedClock<'_>>| {
                planned.is_some_and(|planned| clock_state(&planned.clock, now) == ClockState::Breached)
            };
            let policy =
                |planned: Option<&PlannedClock<'_>>| planned.map(|planned| planned.policy.id.clone()).unwrap_or_default();
            let deadline = |planned: Option<&PlannedClock<'_>>| planned.and_then(|planned| planned.clock.deadline);
            if deadline(was) == deadline(is) && policy(was) == policy(is) && was.is_some() == is.is_some() {
                continue;
            }
            self.changed += 1;
            self.newly_breached += u64::from(!breached(was) && breached(is));
            self.no_longer_breached += u64::from(breached(was) && !breached(is));
            self.examples.push(DryRunLine {
                ticket_id: input.ticket_id,
                remote_id: String::new(),
                subject: String::new(),
                priority: input.traits.priority,
                metric: key.0,
                old_policy: policy(was),
                new_policy: policy(is),
                old_deadline: deadline(was),
                new_deadline: deadline(is),
                provisional: is.is_some_and(|planned| planned.clock.provisional),
            });
        }
    }

    /// A clock that comes or goes moves further than any other.
    fn keep_largest(&mut self) {
        let moved_ms = |line: &DryRunLine| match (line.old_deadline, line.new_deadline) {
            (Some(old), Some(new)) => new.ms_since(old).saturating_abs(),
            (None, None) => 0,
            _ => i64::MAX,
        };
        self.examples.sort_by_key(|line| (std::cmp::Reverse(moved_ms(line)), line.ticket_id, line.metric));
        self.examples.truncate(DRY_RUN_EXAMPLES_MAX);
    }
}
