//! Reminders of appointments, written down before they are shown, so that none rings twice. What is due is decided by the
//! domain's plan; here it is carried out in one transaction.

use deskbell_domain::reminder::{About, Known, Moment, Plan, ReminderKind, Subject, plan};
use deskbell_domain::ticket::TicketId;
use deskbell_domain::time::DAY_MS;
use deskbell_domain::{Code, UtcMs};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, Transaction, params, params_from_iter};
use serde::Serialize;
use ts_rs::TS;

use crate::Store;
use crate::connection::one;
use crate::error::{Result, StoreError};
use crate::stored::Text;
use crate::writer::Durability;

mod appointed;

pub use appointed::AppointedVisit;

/// Longest list of reminders.
const REMINDER_ROWS_MAX: u32 = 1_000;
/// Reminders of which a notification is owed that are looked at in one round.
const OWED_MAX: u32 = 500;
/// Longest snooze.
const SNOOZE_MS_MAX: i64 = 7 * DAY_MS;

/// A reminder as it was written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "Reminder")]
pub struct ReminderRecord {
    #[ts(type = "number")]
    pub id: i64,
    pub kind: ReminderKind,
    /// Key of the visit, uid of the session.
    pub subject: String,
    pub start_at: UtcMs,
    pub end_at: UtcMs,
    /// Minutes before the start; 0: the appointment was just given.
    pub lead_min: u32,
    pub ticket_id: Option<TicketId>,
    pub about: About,
    pub raised_at: UtcMs,
    pub shown_at: Option<UtcMs>,
    pub acknowledged_at: Option<UtcMs>,
    pub snoozed_until: Option<UtcMs>,
    /// Kept back until then: quiet hours, do-not-disturb.
    pub held_until: Option<UtcMs>,
    /// What it reminds of moved, was called off or is over.
    pub ended_at: Option<UtcMs>,
}

const COLUMNS: &str = "id, kind, subject, start_at, end_at, lead_min, ticket_id, payload, raised_at, shown_at, acknowledged_at, \
    snoozed_until, held_until, ended_at";
const OPEN: &str = "acknowledged_at IS NULL AND ended_at IS NULL";

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
                raised.extend(records(transaction, &format!("SELECT {COLUMNS} FROM reminder WHERE id = ?"), [Value::from(id)])?);
            }
            Ok(RaisedReminders { raised, is_changed })
        })
    }

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
            let sql = format!(
                "SELECT {COLUMNS} FROM reminder WHERE {OPEN} AND (snoozed_until <= ?1 OR held_until <= ?1) ORDER BY start_at, id"
            );
            let mut released = Vec::new();
            for waiting in records(transaction, &sql, [Value::from(now.0)])? {
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

    /// When the next one that is snoozed or kept back comes back.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn next_reminder_wait(&self) -> Result<Option<UtcMs>> {
        self.read(|connection| Ok(one::<Option<i64>>(connection, NEXT_WAIT)?.map(UtcMs)))
    }

    /// The latest start among open reminders: appointments are looked at at least so far.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn last_open_reminder(&self) -> Result<Option<UtcMs>> {
        self.read(|connection| Ok(one::<Option<i64>>(connection, LAST_OPEN)?.map(UtcMs)))
    }

    /// Reminders, those that begin soonest first; with `open_only` those that stand and nobody acknowledged, else the newest.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn reminders(&self, open_only: bool) -> Result<Vec<ReminderRecord>> {
        let sql = if open_only {
            format!("SELECT {COLUMNS} FROM reminder WHERE {OPEN} ORDER BY start_at, id LIMIT {REMINDER_ROWS_MAX}")
        } else {
            // What was passed over was never there for anybody.
            format!(
                "SELECT {COLUMNS} FROM reminder WHERE shown_at IS NOT NULL OR ended_at IS NULL ORDER BY id DESC LIMIT {REMINDER_ROWS_MAX}"
            )
        };
        self.read(|connection| records(connection, &sql, []))
    }

    /// Notifications owed, oldest first.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn owed_reminders(&self) -> Result<Vec<ReminderRecord>> {
        self.read(|connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM reminder
                 WHERE {OPEN} AND notice = 1 AND held_until IS NULL AND snoozed_until IS NULL ORDER BY start_at, id LIMIT {OWED_MAX}"
            );
            records(connection, &sql, [])
        })
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
            let found = records(transaction, &format!("SELECT {COLUMNS} FROM reminder WHERE {OPEN} AND notice = 2"), [])?;
            transaction.execute("UPDATE reminder SET notice = 0 WHERE notice = 2", [])?;
            Ok(found)
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
            transaction.execute(
                "UPDATE reminder SET snoozed_until = max(?2, snoozed_until - ?1) WHERE snoozed_until IS NOT NULL",
                [by_ms, now.0],
            )?;
            transaction.execute("UPDATE reminder SET held_until = ?1 WHERE held_until IS NOT NULL", [now.0])?;
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
            transaction.execute("UPDATE reminder SET held_until = ?1 WHERE held_until IS NOT NULL", [now.0])?;
            Ok(())
        })
    }
}

pub(crate) const NEXT_WAIT: &str = "
    SELECT min(min(coalesce(snoozed_until, held_until), coalesce(held_until, snoozed_until))) FROM reminder
    WHERE acknowledged_at IS NULL AND ended_at IS NULL AND (snoozed_until IS NOT NULL OR held_until IS NOT NULL)";
pub(crate) const LAST_OPEN: &str = "SELECT max(start_at) FROM reminder WHERE acknowledged_at IS NULL AND ended_at IS NULL";

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

/// The open rows, and every row of these appointments.
fn known(connection: &Connection, subjects: &[Subject]) -> Result<Vec<Known>> {
    const KNOWN: &str =
        "id, kind, subject, start_at, lead_min, shown_at IS NOT NULL, acknowledged_at IS NOT NULL, ended_at IS NOT NULL";
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
    let mut statement = connection.prepare_cached(&format!("SELECT {KNOWN} FROM reminder WHERE {OPEN}"))?;
    let mut rows: Vec<Known> = statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?;
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {KNOWN} FROM reminder WHERE kind = ? AND subject = ? AND start_at = ? AND NOT ({OPEN})"
    ))?;
    for subject in subjects {
        let found = statement.query_map(params![subject.kind.as_str(), subject.key, subject.start.0], read)?;
        for row in found {
            rows.push(row?);
        }
    }
    Ok(rows)
}

fn records(connection: &Connection, sql: &str, parameters: impl IntoIterator<Item = Value>) -> Result<Vec<ReminderRecord>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params_from_iter(parameters))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let instant = |column: usize| row.get::<_, Option<i64>>(column).map(|at| at.map(UtcMs));
        found.push(ReminderRecord {
            id: row.get(0)?,
            kind: row.get::<_, Text<_>>(1)?.0,
            subject: row.get(2)?,
            start_at: UtcMs(row.get(3)?),
            end_at: UtcMs(row.get(4)?),
            lead_min: row.get(5)?,
            ticket_id: row.get::<_, Option<i64>>(6)?.map(TicketId),
            about: serde_json::from_str(row.get_ref(7)?.as_str().map_err(rusqlite::Error::from)?)?,
            raised_at: UtcMs(row.get(8)?),
            shown_at: instant(9)?,
            acknowledged_at: instant(10)?,
            snoozed_until: instant(11)?,
            held_until: instant(12)?,
            ended_at: instant(13)?,
        });
    }
    Ok(found)
}

fn known_reminder(changed: usize, id: i64) -> Result<()> {
    if changed == 0 {
        return Err(StoreError::new(Code::InputInvalid, format!("there is no reminder {id} that stands")));
    }
    Ok(())
}
