//! How the bell is set: quiet hours, do-not-disturb, rules by view, escalation.
//!
//! Kept as one setting; a field missing there takes its default. Deciding is pure; the time is passed in.

use deskbell_domain::filter::{TicketFacts, TicketFilter};
pub use deskbell_domain::quiet::QuietHours;
use deskbell_domain::reminder::{LEAD_MIN_MAX, LEADS_MAX};
use deskbell_domain::sla::policy::Threshold;
use deskbell_domain::ticket::Priority;
use deskbell_domain::time::{DAY_MS, MINUTE_MS};
use deskbell_domain::{Code, UtcMs};
use deskbell_store::Store;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::EngineError;

/// Key of the setting.
pub(crate) const BELL: &str = "bell";
/// Rules by view.
pub const VIEWS_MAX: usize = 50;
/// Longest do-not-disturb, in milliseconds.
pub const DND_MS_MAX: i64 = 7 * DAY_MS;
/// Longest wait for an acknowledgement, in minutes.
pub const ESCALATE_MIN_MAX: u32 = 24 * 60;
/// Held alerts are judged anew after this at the latest: quiet hours that never end do not keep an alert for ever unseen.
const HELD_MS_MAX: i64 = 8 * DAY_MS;

/// What an alert of a view does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Ring {
    #[default]
    Ring,
    /// In the bell's list only.
    List,
    /// Not even there.
    Off,
}

/// What becomes of the alerts of one view's tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct ViewRule {
    pub id: String,
    pub name: String,
    pub filter: TicketFilter,
    pub ring: Ring,
    pub sound: bool,
    /// Only these; empty means every threshold of the policy.
    pub thresholds: Vec<Threshold>,
}

impl Default for ViewRule {
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            filter: TicketFilter::default(),
            ring: Ring::Ring,
            sound: true,
            thresholds: Vec::new(),
        }
    }
}

/// How the bell is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct BellSettings {
    pub quiet: Option<QuietHours>,
    /// Urgent tickets ring in quiet hours.
    pub quiet_urgent_rings: bool,
    /// Do not disturb until then.
    pub dnd_until: Option<UtcMs>,
    /// Urgent tickets ring all the same.
    pub dnd_urgent_rings: bool,
    /// Urgent alerts that nobody acknowledged go to the robots after so many minutes.
    pub escalate_after_min: Option<u32>,
    /// How many minutes before a visit on site it reminds of it; empty: not at all.
    pub visit_reminders_min: Vec<u32>,
    /// In order; the first whose filter passes decides. None does: it rings.
    pub views: Vec<ViewRule>,
}

impl Default for BellSettings {
    fn default() -> Self {
        Self {
            quiet: None,
            quiet_urgent_rings: true,
            dnd_until: None,
            dnd_urgent_rings: false,
            escalate_after_min: None,
            visit_reminders_min: vec![24 * 60, 2 * 60],
            views: Vec::new(),
        }
    }
}

/// What an alert does, as the view's rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    pub ring: Ring,
    pub sound: bool,
}

impl BellSettings {
    /// From the store, or the defaults.
    ///
    /// # Errors
    /// When the setting cannot be read from the disk. One that is not understood is the default: a bell that rings too
    /// often is better than one that is silent.
    pub fn load(store: &Store) -> Result<Self, EngineError> {
        let Some(text) = store.setting(BELL)? else { return Ok(Self::default()) };
        Ok(serde_json::from_str(&text).unwrap_or_else(|error| {
            tracing::error!(%error, "The bell's settings cannot be read; it rings as if there were none.");
            Self::default()
        }))
    }

    /// Refuses what makes no sense, naming the place.
    ///
    /// # Errors
    /// `input_invalid` with the field.
    pub fn check(&self) -> Result<(), EngineError> {
        let wrong = |field: &str, detail: &str| Err(EngineError::with_detail(Code::InputInvalid, detail).arg("field", field));
        if let Some(quiet) = &self.quiet
            && !quiet.is_valid()
        {
            return wrong("quiet", "minutes are 0 to 1439, days 1 (Monday) to 7 (Sunday)");
        }
        if self.escalate_after_min.is_some_and(|minutes| minutes == 0 || minutes > ESCALATE_MIN_MAX) {
            return wrong("escalate_after_min", "1 to 1440 minutes");
        }
        let leads = &self.visit_reminders_min;
        if leads.len() > LEADS_MAX || leads.iter().any(|lead| *lead == 0 || *lead > LEAD_MIN_MAX) {
            return wrong("visit_reminders_min", "at most 5, each 1 minute to 28 days");
        }
        if self.views.len() > VIEWS_MAX {
            return wrong("views", "at most 50 rules");
        }
        for (at, view) in self.views.iter().enumerate() {
            if view.id.is_empty() || self.views.iter().take(at).any(|earlier| earlier.id == view.id) {
                return wrong(&format!("views[{at}].id"), "every rule has an id of its own");
            }
            if view.name.trim().is_empty() {
                return wrong(&format!("views[{at}].name"), "a rule needs a name");
            }
            let odd = |threshold: &Threshold| matches!(threshold, Threshold::Share { percent } if !(1..=100).contains(percent));
            if view.thresholds.iter().any(odd) {
                return wrong(&format!("views[{at}].thresholds"), "1 to 100 percent");
            }
        }
        Ok(())
    }

    /// The manner of an alert of such a ticket.
    #[must_use]
    pub fn manner(&self, ticket: &TicketFacts, threshold: Threshold) -> Manner {
        let Some(view) = self.views.iter().find(|view| view.filter.passes(ticket)) else {
            return Manner { ring: Ring::Ring, sound: true };
        };
        let named = view.thresholds.is_empty() || view.thresholds.contains(&threshold);
        Manner { ring: if named { view.ring } else { Ring::Off }, sound: view.sound }
    }

    /// Until when an alert of such a ticket is kept back; `None` when it rings now. Wall time is that of this machine.
    #[must_use]
    pub fn held_until(&self, priority: Priority, now: UtcMs) -> Option<UtcMs> {
        let (mut until, urgent) = (now, priority == Priority::Urgent);
        // Quiet hours may begin before do-not-disturb ends, and the other way round.
        for _ in 0..4 {
            let before = until;
            if let Some(dnd) = self.dnd_until.filter(|end| *end > until && !(urgent && self.dnd_urgent_rings)) {
                until = dnd;
            }
            if let Some(end) = self.quiet_until(until).filter(|_| !(urgent && self.quiet_urgent_rings)) {
                until = until.max(end);
            }
            if until == before {
                break;
            }
        }
        (until > now).then(|| until.min(now.plus_ms(HELD_MS_MAX)))
    }

    /// Quiet hours or do-not-disturb keep the bell still now.
    #[must_use]
    pub fn is_quiet(&self, now: UtcMs) -> bool {
        self.dnd_until.is_some_and(|end| end > now) || self.quiet_until(now).is_some()
    }

    /// When such a ticket's alert goes to the robots unless somebody acknowledges it.
    #[must_use]
    pub fn escalate_at(&self, priority: Priority, now: UtcMs) -> Option<UtcMs> {
        let minutes = self.escalate_after_min.filter(|_| priority == Priority::Urgent)?;
        Some(now.plus_ms(i64::from(minutes) * MINUTE_MS))
    }

    fn quiet_until(&self, at: UtcMs) -> Option<UtcMs> {
        quiet_until(self.quiet.as_ref(), at)
    }
}

/// The end of quiet hours that hold at `at` by the machine's wall clock; `None` when there are none then.
pub(crate) fn quiet_until(quiet: Option<&QuietHours>, at: UtcMs) -> Option<UtcMs> {
    quiet?.quiet_until(&at.to_datetime()?.with_timezone(&chrono::Local))
}
