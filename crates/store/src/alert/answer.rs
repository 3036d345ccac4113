//! What people do with alerts: acknowledge, snooze; and what happens when they do nothing.

use deskbell_domain::time::DAY_MS;
use deskbell_domain::{Code, UtcMs};
use rusqlite::params;
use rusqlite::types::Value;

use crate::Store;
use crate::alert::{COLUMNS, FROM, LATEST_OF_CLOCK, NEXT_ESCALATION, records};
use crate::connection::one;
use crate::error::{Result, StoreError};
use crate::records::AlertRecord;
use crate::writer::Durability;

/// Alerts answered in one call.
pub const ANSWERED_MAX: usize = 10_000;
/// Longest snooze: whatever the caller asks, an alert comes back.
const SNOOZE_MS_MAX: i64 = 7 * DAY_MS;
/// Escalations taken in one round.
const ESCALATED_MAX: u32 = 500;

impl Store {
    /// A person has seen it; it rings no more.
    ///
    /// # Errors
    /// `InputInvalid` when there is no such alert.
    pub fn acknowledge_alert(&self, id: i64, now: UtcMs) -> Result<()> {
        known_alert(self.acknowledge_alerts(&[id], now)?, id)
    }

    /// As [`Store::acknowledge_alert`], many in one transaction: answers how many there are. The earlier alerts of the same
    /// clocks are acknowledged with them.
    ///
    /// # Errors
    /// `InputInvalid` for more than [`ANSWERED_MAX`].
    pub fn acknowledge_alerts(&self, ids: &[i64], now: UtcMs) -> Result<u64> {
        let ids = checked(ids)?;
        self.write(Durability::Full, move |transaction, _| {
            let mut known = 0;
            for id in ids {
                known += transaction
                    .prepare_cached(
                        "UPDATE alert SET acknowledged_at = coalesce(acknowledged_at, ?2), shown_at = coalesce(shown_at, ?2),
                                snoozed_until = NULL, held_until = NULL, escalate_at = NULL, notice = 0 WHERE id = ?1",
                    )?
                    .execute([id, now.0])?;
                transaction
                    .prepare_cached(
                        "UPDATE alert SET acknowledged_at = ?2, snoozed_until = NULL, escalate_at = NULL, notice = 0
                         WHERE (ticket_id, metric, instance) = (SELECT ticket_id, metric, instance FROM alert WHERE id = ?1)
                             AND id < ?1 AND state = 'to_show' AND acknowledged_at IS NULL AND shown_at IS NOT NULL",
                    )?
                    .execute([id, now.0])?;
            }
            Ok(u64::try_from(known).unwrap_or(u64::MAX))
        })
    }

    /// Rings again at `until`, or at the deadline if that is ahead and sooner.
    ///
    /// # Errors
    /// `InputInvalid` when there is no such alert.
    pub fn snooze_alert(&self, id: i64, until: UtcMs, now: UtcMs) -> Result<()> {
        known_alert(self.snooze_alerts(&[id], until, now)?, id)
    }

    /// As [`Store::snooze_alert`], many in one transaction: answers how many there are. What an escalation still has to wait
    /// it waits after the snooze.
    ///
    /// # Errors
    /// `InputInvalid` for more than [`ANSWERED_MAX`].
    pub fn snooze_alerts(&self, ids: &[i64], until: UtcMs, now: UtcMs) -> Result<u64> {
        let ids = checked(ids)?;
        let until = until.min(now.plus_ms(SNOOZE_MS_MAX));
        self.write(Durability::Full, move |transaction, _| {
            let mut known = 0;
            let mut statement = transaction.prepare_cached(
                "UPDATE alert SET acknowledged_at = NULL, shown_at = coalesce(shown_at, ?3), held_until = NULL, notice = 0,
                        escalate_at = escalate_at + max(0, ?2 - ?3),
                        snoozed_until = CASE WHEN ended_at IS NOT NULL THEN NULL
                                             WHEN deadline_at > ?3 THEN min(?2, deadline_at) ELSE ?2 END
                 WHERE id = ?1",
            )?;
            for id in ids {
                known += statement.execute([id, until.0, now.0])?;
            }
            Ok(u64::try_from(known).unwrap_or(u64::MAX))
        })
    }

    /// Alerts that nobody acknowledged in time and that still stand, the latest of each clock; `None` when nothing is to be
    /// looked at. To be followed by [`Store::mark_escalated`].
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn escalations_due(&self, now: UtcMs) -> Result<Option<Vec<AlertRecord>>> {
        self.read(|connection| {
            let next: Option<i64> = one(connection, NEXT_ESCALATION)?;
            if next.is_none_or(|next| next > now.0) {
                return Ok(None);
            }
            records(connection, &escalations_sql(), [Value::from(now.0)]).map(Some)
        })
    }

    /// The robots have these; every other escalation that was due by `now` and was not given out is over.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn mark_escalated(&self, escalated: &[i64], now: UtcMs) -> Result<()> {
        let (ids, all) = (escalated.to_vec(), escalated.len() < usize::try_from(ESCALATED_MAX).unwrap_or(usize::MAX));
        self.write(Durability::Full, move |transaction, _| {
            if all {
                transaction
                    .prepare_cached("UPDATE alert SET escalate_at = NULL WHERE escalate_at IS NOT NULL AND escalate_at <= ?")?
                    .execute([now.0])?;
                return Ok(());
            }
            for id in ids {
                transaction.prepare_cached("UPDATE alert SET escalate_at = NULL WHERE id = ?")?.execute([id])?;
            }
            Ok(())
        })
    }

    /// The machine's clock was put back by `by_ms`: what waits for so long from then waits no longer than it was to.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn shift_alert_waits(&self, by_ms: i64, now: UtcMs) -> Result<()> {
        self.write(Durability::Full, move |transaction, _| {
            transaction.execute(
                "UPDATE alert SET snoozed_until = max(?2, snoozed_until - ?1) WHERE snoozed_until IS NOT NULL",
                params![by_ms, now.0],
            )?;
            transaction.execute(
                "UPDATE alert SET escalate_at = max(?2, escalate_at - ?1) WHERE escalate_at IS NOT NULL",
                params![by_ms, now.0],
            )?;
            Ok(())
        })
    }

    /// When the newest alert was written down: in the future when the machine's clock was put back meanwhile.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn last_raised_at(&self) -> Result<Option<UtcMs>> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT max(raised_at) FROM (SELECT raised_at FROM alert ORDER BY id DESC LIMIT 1)")?;
            Ok(statement.query_row([], |row| row.get::<_, Option<i64>>(0))?.map(UtcMs))
        })
    }
}

pub(crate) fn escalations_sql() -> String {
    format!(
        "SELECT {COLUMNS} FROM {FROM} WHERE alert.escalate_at IS NOT NULL AND alert.escalate_at <= ?1
             AND alert.state = 'to_show' AND alert.acknowledged_at IS NULL AND alert.ended_at IS NULL AND {LATEST_OF_CLOCK}
         ORDER BY alert.escalate_at LIMIT {ESCALATED_MAX}"
    )
}

fn checked(ids: &[i64]) -> Result<Vec<i64>> {
    if ids.len() > ANSWERED_MAX {
        return Err(StoreError::new(Code::InputInvalid, format!("{} alerts at once; at most {ANSWERED_MAX}", ids.len())));
    }
    Ok(ids.to_vec())
}

fn known_alert(known: u64, id: i64) -> Result<()> {
    if known == 0 {
        return Err(StoreError::new(Code::InputInvalid, format!("there is no alert {id}")));
    }
    Ok(())
}
