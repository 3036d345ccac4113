//! Carrying out the domain's plan: what rings now, what is over, what was passed over.

use deskbell_domain::UtcMs;
use deskbell_domain::reminder::{Known, Moment, Plan, Subject, plan};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, Transaction, params};

use super::{OPEN, ReminderRecord, by_id_sql, records};
use crate::Store;
use crate::error::Result;
use crate::stored::Text;
use crate::writer::Durability;

/// What a look changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RaisedReminders {
    /// To ring now, or kept back as their field says.
    pub raised: Vec<ReminderRecord>,
    /// The list changed without anything ringing.
    pub is_changed: bool,
}

impl Store {
    /// Carries out what is due of these appointments. `held` says until when a new one is kept back.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn raise_reminders(
        &self,
        subjects: Vec<Subject>,
        now: UtcMs,
        held: impl Fn(&Subject) -> Option<UtcMs> + Send + 'static,
    ) -> Result<RaisedReminders> {
        let idle = self.read(|connection| Ok(plan(&subjects, &known(connection, &subjects)?, now).is_empty()))?;
        if idle {
            return Ok(RaisedReminders::default());
        }
        self.write(Durability::Full, move |transaction, _| {
            let plan = plan(&subjects, &known(transaction, &subjects)?, now);
            let is_changed = !(plan.end.is_empty() && plan.withdraw.is_empty() && plan.stand.is_empty());
            settle(transaction, &plan, now)?;
            let mut ids = Vec::new();
            for (at, moment) in &plan.pass {
                if let Some(subject) = subjects.get(*at) {
                    write_down(transaction, subject, *moment, Fate::Passed, now)?;
                }
            }
            for (at, moment) in &plan.raise {
                if let Some(subject) = subjects.get(*at) {
                    ids.push(write_down(transaction, subject, *moment, Fate::Rings(held(subject)), now)?);
                }
            }
            let mut raised = Vec::new();
            for id in ids {
                raised.extend(records(transaction, &by_id_sql(), [Value::from(id)])?);
            }
            Ok(RaisedReminders { raised, is_changed })
        })
    }
}

enum Fate {
    Rings(Option<UtcMs>),
    Passed,
}

fn write_down(transaction: &Transaction<'_>, subject: &Subject, moment: Moment, fate: Fate, now: UtcMs) -> Result<i64> {
    let (held, ended, notice) = match fate {
        Fate::Rings(held) => (held, None, held.is_none()),
        Fate::Passed => (None, Some(now.0), false),
    };
    transaction
        .prepare_cached(
            "INSERT INTO reminder (kind, subject, start_at, end_at, lead_min, ticket_id, payload, raised_at, held_until, ended_at, notice)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            subject.kind.as_str(),
            subject.key,
            subject.start.0,
            subject.end.0,
            moment.lead_min,
            subject.ticket.map(|ticket| ticket.0),
            serde_json::to_string(&subject.about)?,
            now.0,
            held.map(|held| held.0),
            ended,
            notice
        ])?;
    Ok(transaction.last_insert_rowid())
}

fn settle(transaction: &Transaction<'_>, plan: &Plan, now: UtcMs) -> Result<()> {
    for id in &plan.end {
        transaction.execute(
            "UPDATE reminder SET ended_at = ?2, snoozed_until = NULL, held_until = NULL, notice = 0 WHERE id = ?1",
            [*id, now.0],
        )?;
    }
    for id in &plan.withdraw {
        transaction.execute("DELETE FROM reminder WHERE id = ?", [id])?;
    }
    for id in &plan.stand {
        transaction.execute("UPDATE reminder SET ended_at = NULL WHERE id = ?", [id])?;
    }
    Ok(())
}

const KNOWN: &str =
    "id, kind, subject, start_at, lead_min, shown_at IS NOT NULL, acknowledged_at IS NOT NULL, ended_at IS NOT NULL";

pub(crate) fn open_sql() -> String {
    format!("SELECT {KNOWN} FROM reminder WHERE {OPEN}")
}

pub(crate) fn settled_sql() -> String {
    format!("SELECT {KNOWN} FROM reminder WHERE kind = ? AND subject = ? AND start_at = ? AND NOT ({OPEN})")
}

/// The open rows, and every row of these appointments.
fn known(connection: &Connection, subjects: &[Subject]) -> Result<Vec<Known>> {
    let read = |row: &Row<'_>| {
        Ok(Known {
            id: row.get(0)?,
            kind: row.get::<_, Text<_>>(1)?.0,
            key: row.get(2)?,
            start: UtcMs(row.get(3)?),
            lead_min: row.get(4)?,
            is_shown: row.get(5)?,
            is_acknowledged: row.get(6)?,
            has_ended: row.get(7)?,
        })
    };
    let mut statement = connection.prepare_cached(&open_sql())?;
    let mut rows: Vec<Known> = statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?;
    let mut statement = connection.prepare_cached(&settled_sql())?;
    for subject in subjects {
        let found = statement.query_map(params![subject.kind.as_str(), subject.key, subject.start.0], read)?;
        for row in found {
            rows.push(row?);
        }
    }
    Ok(rows)
}
