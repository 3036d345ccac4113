//! What a person answers to a reminder, and waiting: snoozed, or kept back by quiet hours and do-not-disturb.

use deskbell_domain::time::DAY_MS;
use deskbell_domain::{Code, UtcMs};
use rusqlite::params;
use rusqlite::types::Value;

use super::{COLUMNS, NEXT_WAIT, OPEN, ReminderRecord, records};
use crate::Store;
use crate::connection::one;
use crate::error::{Result, StoreError};
use crate::writer::Durability;

/// Longest snooze.
const SNOOZE_MS_MAX: i64 = 7 * DAY_MS;

impl Store {
    /// Open ones that waited until now, snoozed or kept back: those that ring again. `held` says until when longer.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn release_reminders(
        &self,
        now: UtcMs,
        held: impl Fn(&ReminderRecord) -> Option<UtcMs> + Send + 'static,
    ) -> Result<Vec<ReminderRecord>> {
        if !self.read(|connection| Ok(one::<Option<i64>>(connection, NEXT_WAIT)?.is_some_and(|at| at <= now.0)))? {
            return Ok(Vec::new());
        }
        self.write(Durability::Full, move |transaction, _| {
            let mut released = Vec::new();
            for waiting in records(transaction, &waited_sql(), [Value::from(now.0)])? {
                let until = held(&waiting).filter(|until| *until > now);
                transaction.execute(
                    "UPDATE reminder SET snoozed_until = NULL, held_until = ?2, notice = ?2 IS NULL WHERE id = ?1",
                    params![waiting.id, until.map(|until| until.0)],
                )?;
                if until.is_none() {
                    released.push(ReminderRecord { snoozed_until: None, held_until: None, ..waiting });
                }
            }
            Ok(released)
        })
    }

    /// A person has seen it.
    ///
    /// # Errors
    /// `InputInvalid` when there is no such reminder.
    pub fn acknowledge_reminder(&self, id: i64, now: UtcMs) -> Result<()> {
        self.write(Durability::Full, move |transaction, _| {
            let changed = transaction.execute(
                "UPDATE reminder SET acknowledged_at = coalesce(acknowledged_at, ?2), shown_at = coalesce(shown_at, ?2),
                        snoozed_until = NULL, held_until = NULL, notice = 0 WHERE id = ?1",
                [id, now.0],
            )?;
            known_reminder(changed, id)
        })
    }

    /// Rings again at `until`, and at the start at the latest while that is ahead.
    ///
    /// # Errors
    /// `InputInvalid` when there is no such reminder, or what it reminds of is over.
    pub fn snooze_reminder(&self, id: i64, until: UtcMs, now: UtcMs) -> Result<()> {
        let until = until.min(now.plus_ms(SNOOZE_MS_MAX));
        self.write(Durability::Full, move |transaction, _| {
            let changed = transaction.execute(
                "UPDATE reminder SET acknowledged_at = NULL, shown_at = coalesce(shown_at, ?3), held_until = NULL, notice = 0,
                        snoozed_until = CASE WHEN start_at > ?3 THEN min(?2, start_at) ELSE min(?2, end_at) END
                 WHERE id = ?1 AND ended_at IS NULL",
                [id, until.0, now.0],
            )?;
            known_reminder(changed, id)
        })
    }

    /// The machine's clock was put back: what waits, waits no longer than it was to, and what is kept back is judged anew.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn shift_reminder_waits(&self, by_ms: i64, now: UtcMs) -> Result<()> {
        self.write(Durability::Full, move |transaction, _| {
            transaction.execute(SHIFT_SNOOZED, [by_ms, now.0])?;
            transaction.execute(RELEASE_HELD, [now.0])?;
            Ok(())
        })
    }

    /// Has every one that is kept back judged anew at the next look: the settings changed.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn rejudge_held_reminders(&self, now: UtcMs) -> Result<()> {
        if self.read(|connection| one::<Option<i64>>(connection, NEXT_WAIT))?.is_none() {
            return Ok(());
        }
        self.write(Durability::Full, move |transaction, _| {
            transaction.execute(RELEASE_HELD, [now.0])?;
            Ok(())
        })
    }
}

fn known_reminder(changed: usize, id: i64) -> Result<()> {
    if changed == 0 {
        return Err(StoreError::new(Code::InputInvalid, format!("there is no reminder {id} that stands")));
    }
    Ok(())
}

pub(crate) fn waited_sql() -> String {
    format!("SELECT {COLUMNS} FROM reminder WHERE {OPEN} AND (snoozed_until <= ?1 OR held_until <= ?1) ORDER BY start_at, id")
}

pub(crate) const SHIFT_SNOOZED: &str =
    "UPDATE reminder SET snoozed_until = max(?2, snoozed_until - ?1) WHERE snoozed_until IS NOT NULL";
pub(crate) const RELEASE_HELD: &str = "UPDATE reminder SET held_until = ?1 WHERE held_until IS NOT NULL";
