//! Notifications that reminders owe: each is handed to the notification service once, and again only when the service says that
//! it did not take it.
//!
//! `notice`: 0 nothing owed, 1 owed, 2 handed over and not answered.

use deskbell_domain::UtcMs;
use rusqlite::params;

use super::{COLUMNS, OPEN, ReminderRecord, records};
use crate::Store;
use crate::error::Result;
use crate::writer::Durability;

/// Reminders of which a notification is owed that are looked at in one round.
const OWED_MAX: u32 = 500;

impl Store {
    /// Notifications owed, oldest first.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn owed_reminders(&self) -> Result<Vec<ReminderRecord>> {
        self.read(|connection| records(connection, &owed_sql(), []))
    }

    /// On disk before the notification service is called: `hand_over`. Without it they ring in the app and stay owed.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn mark_reminders_shown(&self, ids: &[i64], hand_over: bool, now: UtcMs) -> Result<()> {
        let ids = ids.to_vec();
        if ids.is_empty() {
            return Ok(());
        }
        self.write(Durability::Full, move |transaction, _| {
            for id in ids {
                transaction.execute(
                    "UPDATE reminder SET shown_at = coalesce(shown_at, ?2), notice = iif(?3, 2, notice) WHERE id = ?1",
                    params![id, now.0, hand_over],
                )?;
            }
            Ok(())
        })
    }

    /// What the notification service answered.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn settle_reminder_notices(&self, ids: &[i64], are_taken: bool) -> Result<()> {
        let ids = ids.to_vec();
        self.write(Durability::Full, move |transaction, _| {
            for id in ids {
                transaction
                    .execute("UPDATE reminder SET notice = iif(?2, 0, 1) WHERE id = ?1 AND notice = 2", params![id, are_taken])?;
            }
            Ok(())
        })
    }

    /// Those that the last run handed over without hearing an answer: told in the app, and not shown twice.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn take_doubtful_reminders(&self) -> Result<Vec<ReminderRecord>> {
        self.write(Durability::Full, |transaction, _| {
            let found = records(transaction, &doubtful_sql(), [])?;
            transaction.execute(SETTLE_DOUBTFUL, [])?;
            Ok(found)
        })
    }
}

pub(crate) fn owed_sql() -> String {
    format!(
        "SELECT {COLUMNS} FROM reminder
         WHERE {OPEN} AND notice > 0 AND notice = 1 AND held_until IS NULL AND snoozed_until IS NULL
         ORDER BY start_at, id LIMIT {OWED_MAX}"
    )
}

pub(crate) fn doubtful_sql() -> String {
    format!("SELECT {COLUMNS} FROM reminder WHERE {OPEN} AND notice > 0 AND notice = 2")
}

pub(crate) const SETTLE_DOUBTFUL: &str = "UPDATE reminder SET notice = 0 WHERE notice > 0 AND notice = 2";
