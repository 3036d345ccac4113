//! What will ring, for whoever asks before it does.

use std::sync::Arc;

use deskbell_domain::UtcMs;
use deskbell_domain::reminder::{About, LEAD_MIN_MAX, ReminderKind, Subject};
use deskbell_domain::ticket::TicketId;
use deskbell_domain::time::{DAY_MS, MINUTE_MS};
use serde::Serialize;

use super::subjects;
use crate::engine::Engine;
use crate::error::EngineError;

/// A reminder that is yet to ring, as appointments and settings stand now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComingReminder {
    pub due_at: UtcMs,
    pub kind: ReminderKind,
    /// Key of the visit, uid of the session.
    pub subject: String,
    pub start_at: UtcMs,
    pub end_at: UtcMs,
    pub lead_min: u32,
    pub ticket_id: Option<TicketId>,
    pub about: About,
}

impl Engine {
    /// What will ring within so many days, soonest first. Quiet hours may keep it back when it is due.
    ///
    /// # Errors
    /// The store's.
    pub async fn coming_reminders(self: &Arc<Self>, days: u32) -> Result<Vec<ComingReminder>, EngineError> {
        let now = self.now();
        let until = now.plus_ms(i64::from(days).saturating_mul(DAY_MS));
        // What rings within this time may begin as much later as the longest lead is.
        let begins_until = until.plus_ms(i64::from(LEAD_MIN_MAX) * MINUTE_MS);
        let subjects = subjects::between(self, now, begins_until).await?;
        let mut found: Vec<ComingReminder> = subjects.into_iter().flat_map(|subject| coming(&subject, now, until)).collect();
        found.sort_by(|one, other| (one.due_at, &one.subject).cmp(&(other.due_at, &other.subject)));
        Ok(found)
    }
}

fn coming(subject: &Subject, now: UtcMs, until: UtcMs) -> Vec<ComingReminder> {
    let is_ahead = |due: UtcMs| due > now && due <= until;
    let one = |due: UtcMs, lead_min: u32| ComingReminder {
        due_at: due,
        kind: subject.kind,
        subject: subject.key.clone(),
        start_at: subject.start,
        end_at: subject.end,
        lead_min,
        ticket_id: subject.ticket,
        about: subject.about.clone(),
    };
    subject.moments.iter().filter(|moment| is_ahead(moment.due)).map(|moment| one(moment.due, moment.lead_min)).collect()
}
