//! Notifications that alerts owe: each is handed to the notification service once, and again only when the service says
//! that it did not take it.
//!
//! `notice`: 0 nothing owed, 1 owed, 2 handed over and not answered. A kill while it is 2 leaves it unknown whether the
//! person saw it; it is then told in the app and not shown a second time.

use deskbell_domain::UtcMs;
use rusqlite::types::Value;

use crate::Store;
use crate::alert::{COLUMNS, FROM, LATEST_OF_CLOCK, records, records_by_id};
use crate::error::Result;
use crate::records::AlertRecord;
use crate::writer::Durability;

/// Notifications owed that are looked at in one round.
const OWED_MAX: u32 = 10_000;

const OWED: &str = "alert.notice > 0 AND alert.notice = 1 AND alert.state = 'to_show' AND alert.acknowledged_at IS NULL
    AND alert.ended_at IS NULL AND alert.held_until IS NULL AND alert.snoozed_until IS NULL";

impl Store {
    /// Alerts raised and not shown, among them those kept back: we died in between, or it is quiet. Oldest first.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn unshown_alerts(&self) -> Result<Vec<AlertRecord>> {
        self.read(|connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM {FROM}
                 WHERE shown_at IS NULL AND state = 'to_show' AND acknowledged_at IS NULL AND snoozed_until IS NULL
                 ORDER BY alert.id LIMIT {OWED_MAX}"
            );
            records(connection, &sql, [])
        })
    }

    /// Alerts that stand and whose notification nobody has taken, oldest first; of one clock the latest only.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn owed_alerts(&self) -> Result<Vec<AlertRecord>> {
        self.read(|connection| records(connection, &owed_sql(), []))
    }

    /// Alerts that ring in the app now. Their notifications are still owed.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn mark_shown(&self, ids: &[i64], now: UtcMs) -> Result<()> {
        self.each_alert(ids, now, "UPDATE alert SET shown_at = ?2 WHERE id = ?1 AND shown_at IS NULL", Durability::Full)
    }

    /// On disk before the notification service is called.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn hand_over_notices(&self, ids: &[i64], now: UtcMs) -> Result<()> {
        let sql = "UPDATE alert SET shown_at = coalesce(shown_at, ?2), notice = 2 WHERE id = ?1";
        self.each_alert(ids, now, sql, Durability::Full)
    }

    /// What the notification service answered.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn settle_notices(&self, ids: &[i64], are_taken: bool) -> Result<()> {
        // Lost with the power, "taken" becomes "unknown": told in the app, and not shown twice.
        let (sql, durability) = if are_taken {
            ("UPDATE alert SET notice = 0 WHERE id = ?1 AND notice = 2 AND ?2 = 0", Durability::Mirror)
        } else {
            ("UPDATE alert SET notice = 1 WHERE id = ?1 AND notice = 2 AND ?2 = 0", Durability::Full)
        };
        self.each_alert(ids, UtcMs(0), sql, durability)
    }

    /// Notifications that the last run handed over without hearing an answer; they are owed no more.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn take_doubtful_notices(&self) -> Result<Vec<AlertRecord>> {
        self.write(Durability::Full, |transaction, _| {
            let ids: Vec<i64> = {
                let mut statement = transaction.prepare_cached(DOUBTFUL)?;
                let rows = statement.query_map([], |row| row.get(0))?;
                rows.collect::<rusqlite::Result<_>>()?
            };
            transaction.execute("UPDATE alert SET notice = 0 WHERE notice > 0 AND notice = 2", [])?;
            let mut standing = records_by_id(transaction, &ids)?;
            standing.retain(|alert| alert.acknowledged_at.is_none() && alert.ended_at.is_none());
            Ok(standing)
        })
    }

    /// Judges alerts that were held back until now anew: `held` says until when longer, or `None` to let it ring. Answers
    /// those that ring now.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn release_held_alerts(
        &self,
        now: UtcMs,
        held: impl Fn(&AlertRecord) -> Option<UtcMs> + Send + 'static,
    ) -> Result<Vec<AlertRecord>> {
        let next: Option<i64> = self.read(|connection| crate::connection::one(connection, crate::alert::NEXT_HELD))?;
        if next.is_none_or(|next| next > now.0) {
            return Ok(Vec::new());
        }
        self.write(Durability::Full, move |transaction, _| {
            let sql = format!("SELECT {COLUMNS} FROM {FROM} WHERE held_until IS NOT NULL AND held_until <= ? ORDER BY alert.id");
            let mut released = Vec::new();
            for alert in records(transaction, &sql, [Value::from(now.0)])? {
                let until = held(&alert).filter(|until| *until > now);
                transaction
                    .prepare_cached("UPDATE alert SET held_until = ?2, notice = ?2 IS NULL WHERE id = ?1")?
                    .execute((alert.id, until.map(|until| until.0)))?;
                if until.is_none() {
                    released.push(AlertRecord { held_until: None, ..alert });
                }
            }
            Ok(released)
        })
    }

    /// Has every alert that is held back judged anew at the next look: the settings changed, or the clock was put back.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn rejudge_held_alerts(&self, now: UtcMs) -> Result<()> {
        self.write(Durability::Full, move |transaction, _| {
            transaction.execute("UPDATE alert SET held_until = ? WHERE held_until IS NOT NULL", [now.0])?;
            Ok(())
        })
    }

    /// How many alerts quiet hours or do-not-disturb keep back.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn held_count(&self) -> Result<u32> {
        self.read(|connection| crate::connection::one(connection, HELD_COUNT))
    }

    fn each_alert(&self, ids: &[i64], now: UtcMs, sql: &'static str, durability: Durability) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let ids = ids.to_vec();
        self.write(durability, move |transaction, _| {
            let mut statement = transaction.prepare_cached(sql)?;
            for id in ids {
                statement.execute([id, now.0])?;
            }
            Ok(())
        })
    }
}

pub(crate) fn owed_sql() -> String {
    format!("SELECT {COLUMNS} FROM {FROM} WHERE {OWED} AND {LATEST_OF_CLOCK} ORDER BY alert.id LIMIT {OWED_MAX}")
}

pub(crate) const DOUBTFUL: &str = "SELECT id FROM alert WHERE notice > 0 AND notice = 2 ORDER BY id";
pub(crate) const HELD_COUNT: &str = "SELECT count(*) FROM alert WHERE held_until IS NOT NULL";
