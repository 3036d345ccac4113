//! The rules of the desk: which of them count a clock, and keeping them.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use deskbell_domain::sla::calendar::Calendar;
use deskbell_domain::sla::clock::Ruled;
use deskbell_domain::sla::event::TicketEvent;
use deskbell_domain::sla::policy::{Policy, Traits};
use deskbell_domain::sla::rules::{NamedCalendar, PlannedClock, RuleBook, RuleSet};
use deskbell_domain::{Code, UtcMs};
use deskbell_store::Store;
use sha2::{Digest as _, Sha256};

use crate::engine::Engine;
use crate::error::EngineError;

mod draft;
mod saving;
mod status;

pub use draft::RULES_DRAFT_BYTES_MAX;
pub use saving::{DRY_RUN_EXAMPLES_MAX, DRY_RUN_TICKETS_MAX, DryRun, DryRunLine, RulesView};
pub use status::ClockStanding;

/// Where versions before 4 kept an edited list of policies.
const POLICIES: &str = "policies";
const DEFAULT_POLICIES: &str = include_str!("../data/policies.json");
/// Raised when the computation of clocks changes, so that stored ones are computed anew.
const RULES_VERSION: u32 = 2;

/// The rules as they are kept.
pub struct Rules {
    pub book: RuleBook,
    /// Nobody has changed what Deskbell ships.
    pub is_shipped: bool,
    /// Names the rules and how they are computed.
    pub(crate) revision: String,
}

impl Rules {
    /// From the store, or those that Deskbell ships. Has stored clocks of other rules computed anew.
    ///
    /// # Errors
    /// `internal` when the shipped rules cannot be read; stored ones that cannot be read are an error too,
    /// because guessing would move deadlines.
    pub fn load(store: &Store) -> Result<Self, EngineError> {
        let sets = store.rule_sets()?;
        let is_shipped = sets.is_empty();
        let sets = if is_shipped { vec![first_set(store)?] } else { sets };
        let book = RuleBook { sets };
        let revision = revision_of(&book)?;
        if store.rules_revision()?.as_deref() != Some(revision.as_str()) {
            store.adopt_rules(&revision)?;
        }
        Ok(Self { book, is_shipped, revision })
    }

    /// The clocks of a ticket as its events and these rules give them.
    #[must_use]
    pub fn clocks(&self, traits: &Traits, events: &[TicketEvent]) -> Vec<PlannedClock<'_>> {
        self.book.clocks(traits, events)
    }

    /// The policy and calendars for a clock of such a ticket that starts at an instant.
    #[must_use]
    pub fn ruled_at(&self, traits: &Traits, at: UtcMs) -> Option<Ruled<'_>> {
        self.book.ruled_at(traits, at)
    }

    /// The calendar that shades the horizon: the last policy's, which serves everyone else.
    #[must_use]
    pub fn office_hours(&self, now: UtcMs) -> Option<&NamedCalendar> {
        let set = self.book.sets.get(self.book.set_at(now)?)?;
        set.calendars.get(&set.policies.last()?.calendar_id)
    }
}

/// What Deskbell ships, as one set that is valid since ever.
///
/// # Errors
/// `internal` when it cannot be read.
pub fn shipped_set() -> Result<RuleSet, EngineError> {
    set_of(DEFAULT_POLICIES)
}

fn first_set(store: &Store) -> Result<RuleSet, EngineError> {
    store.setting(POLICIES)?.map_or_else(shipped_set, |text| set_of(&text))
}

fn set_of(policies: &str) -> Result<RuleSet, EngineError> {
    let policies: Vec<Policy> =
        serde_json::from_str(policies).map_err(|error| EngineError::with_detail(Code::Internal, format!("policies: {error}")))?;
    let calendars = [
        ("always", "全天候（7×24）", "Around the clock (24×7)", Calendar::always(chrono_tz::Asia::Shanghai)),
        ("business_cn", "中国工作日", "Chinese working days", Calendar::business_cn()),
    ];
    let calendars: BTreeMap<String, NamedCalendar> = calendars
        .into_iter()
        .map(|(key, zh, en, calendar)| {
            (key.to_owned(), NamedCalendar { name_zh: zh.to_owned(), name_en: en.to_owned(), calendar })
        })
        .collect();
    Ok(RuleSet { from: None, policies, calendars })
}

/// # Errors
/// `internal` when the rules have no JSON form.
pub(crate) fn revision_of(book: &RuleBook) -> Result<String, EngineError> {
    let text = serde_json::to_string(book).map_err(|error| EngineError::with_detail(Code::Internal, error.to_string()))?;
    let digest = Sha256::digest(text.as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("{RULES_VERSION}:{hex}"))
}

impl Engine {
    pub(crate) fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The rules, read again if another process (deskctl beside the window) has changed them.
    ///
    /// # Errors
    /// The store's, and what [`Rules::load`] finds.
    pub(crate) async fn rules_in_force(&self) -> Result<Arc<Rules>, EngineError> {
        let known = self.rules();
        let kept = self.read(Store::rules_revision).await?;
        if kept.as_deref() == Some(known.revision.as_str()) {
            return Ok(known);
        }
        let store = self.store.clone();
        let read = Arc::new(tokio::task::spawn_blocking(move || Rules::load(&store)).await??);
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&read);
        Ok(read)
    }
}
