//! The queue of a robot: what waits, what goes as one message, and the log of what went.

use std::collections::BTreeSet;

use deskbell_domain::filter::TicketFilter;
use deskbell_domain::robot::{DeliveryState, RATE_WINDOW_MS_MAX, RobotId, next_turn};
use deskbell_domain::ticket::{Status, TicketId};
use deskbell_domain::{Code, UtcMs};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params, params_from_iter};

use super::{put_hold, robot};
use crate::Store;
use crate::error::{Result, StoreError};
use crate::robot_records::{DeliveryClaim, DeliveryRecord, DeliverySettlement, DeliveryTurn, NewDelivery, ToldAlert};
use crate::stored::{Text, code_text, known, optional_code};
use crate::writer::Durability;

/// Waiting messages that are looked at for one message.
const MERGED_ROWS_MAX: u32 = 200;
/// Waiting messages of one robot; the oldest above it fail, and say so.
const QUEUE_ROWS_MAX: i64 = 1_000;
/// Ended messages kept of one robot.
const LOG_ROWS_MAX: i64 = 2_000;
/// Longest page of the log.
const LOG_PAGE_MAX: u32 = 500;
/// Attempts older than this count for no limit.
const ATTEMPTS_KEPT_MS: i64 = 10 * RATE_WINDOW_MS_MAX;

const COLUMNS: &str = "id, robot_id, kind, alert_ids, mention, title, body, created_at, state, attempts, doubts, not_before, \
    code, detail, merged_into, sent_at";
pub(crate) const QUEUE: &str = "WHERE robot_id = ?1 AND state IN ('queued', 'sending') AND state = 'queued' AND not_before <= ?2
    ORDER BY not_before, id LIMIT ?3";
pub(crate) const NEXT_DUE: &str = "SELECT robot.id, max(min(delivery.not_before), robot.hold_until)
    FROM robot CROSS JOIN robot_delivery delivery ON delivery.robot_id = robot.id
        AND delivery.state IN ('queued', 'sending') AND delivery.state = 'queued'
    WHERE robot.enabled GROUP BY robot.id";
pub(crate) const LOG_OF_ROBOT: &str = "WHERE robot_id = ?1 ORDER BY id DESC LIMIT ?2";

impl Store {
    /// Those of these tickets that pass a filter.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn tickets_passing(&self, filter: &TicketFilter, tickets: &[TicketId]) -> Result<BTreeSet<TicketId>> {
        let now = self.now();
        self.with_columns(|columns| {
            let matcher = columns.matcher(filter, now);
            let cell = |ticket: &TicketId| columns.cells().get(columns.position(*ticket)?);
            tickets.iter().filter(|ticket| cell(ticket).is_some_and(|cell| matcher.passes(cell))).copied().collect()
        })
    }

    /// Queues messages, less the alerts that their robots were told before. Answers how many were queued.
    ///
    /// # Errors
    /// Codes of the storage; nothing is queued then.
    pub fn queue_robot_deliveries(&self, rows: &[NewDelivery], now: UtcMs) -> Result<Vec<i64>> {
        let rows = rows.to_vec();
        self.write(Durability::Full, move |transaction, _| {
            let mut queued = Vec::with_capacity(rows.len());
            for row in rows {
                queued.extend(queue(transaction, row, now)?);
            }
            Ok(queued)
        })
    }

    /// What is due of a robot, oldest first; at most [`MERGED_ROWS_MAX`].
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn robot_queue(&self, id: RobotId, now: UtcMs) -> Result<Vec<DeliveryRecord>> {
        self.read(move |connection| rows(connection, QUEUE, &[id.0.into(), now.0.into(), MERGED_ROWS_MAX.into()]))
    }

    /// When each robot that is switched on and has something to say may be looked at.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn robots_due(&self) -> Result<Vec<(RobotId, UtcMs)>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(NEXT_DUE)?;
            let rows = statement.query_map([], |row| Ok((RobotId(row.get(0)?), UtcMs(row.get(1)?))))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The alerts of a message as they stand now; those that are gone are left out.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn told_alerts(&self, ids: &[i64]) -> Result<Vec<ToldAlert>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(TOLD)?;
            let mut found = Vec::with_capacity(ids.len());
            for id in ids {
                found.extend(statement.query_row([id], told).optional()?);
            }
            Ok(found)
        })
    }

    /// Counts an attempt, where the platform's limit and the robot's state let it begin.
    ///
    /// # Errors
    /// `RobotUnknown`.
    pub fn claim_robot_delivery(&self, id: RobotId, claim: DeliveryClaim, now: UtcMs) -> Result<DeliveryTurn> {
        self.write(Durability::Full, move |transaction, _| {
            let robot = robot(transaction, id)?;
            if let Some(until) = robot.held_until.filter(|until| *until > now) {
                return Ok(DeliveryTurn::Wait(until));
            }
            let turn = next_turn(robot.kind.rate(), &attempts(transaction, id, now)?, now);
            if turn > now {
                return Ok(DeliveryTurn::Wait(turn));
            }
            let changed = transaction.execute(
                "UPDATE robot_delivery SET state = 'sending', attempts = attempts + 1, alert_ids = ?2, mention = ?3, title = ?4,
                    body = ?5 WHERE id = ?1 AND state = 'queued'",
                params![
                    claim.leader,
                    serde_json::to_string(&claim.alert_ids)?,
                    serde_json::to_string(&claim.mention)?,
                    claim.title,
                    claim.body
                ],
            )?;
            if changed == 0 {
                return Ok(DeliveryTurn::Changed);
            }
            let mut merge = transaction.prepare_cached(
                "UPDATE robot_delivery SET state = 'merged', merged_into = ? WHERE id = ? AND state = 'queued'",
            )?;
            for row in &claim.merged {
                merge.execute([claim.leader, *row])?;
            }
            transaction.execute("INSERT INTO robot_attempt (robot_id, at) VALUES (?, ?)", [id.0, now.0])?;
            Ok(DeliveryTurn::Claimed)
        })
    }

    /// Takes messages back that are no longer true.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn withdraw_robot_deliveries(&self, ids: &[i64]) -> Result<()> {
        let ids = ids.to_vec();
        self.write(Durability::Full, move |transaction, _| {
            let mut statement =
                transaction.prepare_cached("UPDATE robot_delivery SET state = 'withdrawn' WHERE id = ? AND state = 'queued'")?;
            for id in ids {
                statement.execute([id])?;
            }
            Ok(())
        })
    }

    /// Ends waiting messages that could not be brought; the reason of the last try stays.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn fail_robot_deliveries(&self, ids: &[i64]) -> Result<()> {
        let ids = ids.to_vec();
        self.write(Durability::Full, move |transaction, _| {
            let mut statement = transaction.prepare_cached(
                "UPDATE robot_delivery SET state = 'failed', code = iif(code = '', 'rate_limited', code)
                 WHERE id = ? AND state = 'queued'",
            )?;
            for id in ids {
                statement.execute([id])?;
            }
            Ok(())
        })
    }

    /// Writes down what came of an attempt, and what holds the robot from now on.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn settle_robot_delivery(&self, id: i64, settled: &DeliverySettlement, now: UtcMs) -> Result<()> {
        let settled = settled.clone();
        self.write(Durability::Full, move |transaction, _| {
            let sent_at = if settled.state == DeliveryState::Sent { now.0 } else { 0 };
            let robot: Option<i64> = transaction
                .prepare_cached(
                    "UPDATE robot_delivery SET state = ?2, not_before = ?3, code = ?4, detail = ?5, doubts = doubts + ?6,
                        sent_at = ?7 WHERE id = ?1 AND state = 'sending' RETURNING robot_id",
                )?
                .query_row(
                    params![
                        id,
                        settled.state.as_str(),
                        settled.not_before.0,
                        code_text(settled.code),
                        settled.detail,
                        settled.doubt,
                        sent_at
                    ],
                    |row| row.get(0),
                )
                .optional()?;
            match robot {
                Some(robot) => put_hold(transaction, RobotId(robot), settled.hold),
                // Its robot was removed meanwhile.
                None => Ok(()),
            }
        })
    }

    /// Settles what the last run left on its way: it may have arrived. Sent once more, unless that was the second doubt or
    /// a test. Answers how many there were.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn recover_robot_deliveries(&self, now: UtcMs) -> Result<usize> {
        self.write(Durability::Full, move |transaction, _| {
            transaction.execute(
                "UPDATE robot_delivery SET state = 'failed', code = 'connection_lost' WHERE kind = 'test' AND state = 'queued'",
                [],
            )?;
            Ok(transaction.execute(
                "UPDATE robot_delivery SET doubts = doubts + 1, code = 'connection_lost', not_before = ?,
                    state = iif(kind = 'test' OR doubts > 0, 'unknown', 'queued')
                 WHERE state = 'sending'",
                [now.0],
            )?)
        })
    }

    /// The log, newest first: of one robot, or of all.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn robot_deliveries(&self, id: Option<RobotId>, limit: u32) -> Result<Vec<DeliveryRecord>> {
        let limit = Value::from(limit.min(LOG_PAGE_MAX));
        self.read(move |connection| match id {
            Some(id) => rows(connection, LOG_OF_ROBOT, &[id.0.into(), limit.clone()]),
            None => rows(connection, "ORDER BY id DESC LIMIT ?", std::slice::from_ref(&limit)),
        })
    }

    /// One line of the log.
    ///
    /// # Errors
    /// `InputInvalid` when there is none.
    pub fn robot_delivery(&self, id: i64) -> Result<DeliveryRecord> {
        let found = self.read(move |connection| rows(connection, "WHERE id = ?", &[id.into()]))?;
        found.into_iter().next().ok_or_else(|| no_such(id))
    }

    /// Queues an ended message again, or makes a waiting one due; on a person's word, so doubts count anew.
    ///
    /// # Errors
    /// `InputInvalid` when there is none, or nothing of it can be sent again.
    pub fn retry_robot_delivery(&self, id: i64, now: UtcMs) -> Result<()> {
        self.write(Durability::Full, move |transaction, _| {
            let changed = transaction.execute(
                "UPDATE robot_delivery SET state = 'queued', not_before = ?2, doubts = 0, attempts = 0, created_at = ?2
                 WHERE id = ?1 AND kind <> 'test' AND state IN ('queued', 'failed', 'unknown', 'withdrawn')",
                [id, now.0],
            )?;
            if changed == 0 { Err(no_such(id)) } else { Ok(()) }
        })
    }

    /// A test tells an alert anew.
    ///
    /// # Errors
    /// Codes of the storage.
    #[cfg(feature = "failpoints")]
    pub fn forget_told(&self, id: RobotId, alert: i64) -> Result<()> {
        self.write(Durability::Full, move |transaction, _| {
            transaction.execute("DELETE FROM robot_told WHERE robot_id = ? AND alert_id = ?", [id.0, alert])?;
            Ok(())
        })
    }

    /// The network is back: what waits after a failure is due. Quiet hours and the platforms' penalties stay.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn hasten_robots(&self, now: UtcMs) -> Result<()> {
        self.write(Durability::Full, move |transaction, _| {
            transaction.execute(
                "UPDATE robot_delivery SET not_before = ?1 WHERE state IN ('queued', 'sending') AND state = 'queued' AND code <> ''
                    AND not_before > ?1",
                [now.0],
            )?;
            transaction.execute("UPDATE robot SET hold_until = 0, code = '' WHERE code <> '' AND code <> 'rate_limited'", [])?;
            Ok(())
        })
    }
}

const TOLD: &str = "SELECT alert.id, alert.ticket_id, coalesce(ticket.remote_id, ''), coalesce(customer.name, ''),
        coalesce(ticket.priority, 'routine'), alert.metric, alert.instance, alert.threshold, alert.deadline_at,
        alert.acknowledged_at IS NOT NULL, coalesce(ticket.status, 'closed'), coalesce(ticket.fate, 'deleted') <> 'live',
        clock.ticket_id IS NULL OR clock.stopped_at IS NOT NULL OR clock.paused_since IS NOT NULL
            OR clock.deadline_at IS NOT alert.deadline_at
    FROM alert LEFT JOIN ticket ON ticket.id = alert.ticket_id
        LEFT JOIN customer ON customer.id = ticket.customer_id
        LEFT JOIN clock ON clock.ticket_id = alert.ticket_id AND clock.metric = alert.metric AND clock.instance = alert.instance
    WHERE alert.id = ?";

fn told(row: &Row<'_>) -> rusqlite::Result<ToldAlert> {
    let status: Status = row.get::<_, Text<_>>(10)?.0;
    Ok(ToldAlert {
        id: row.get(0)?,
        ticket_id: TicketId(row.get(1)?),
        remote_id: row.get(2)?,
        customer: row.get(3)?,
        priority: row.get::<_, Text<_>>(4)?.0,
        metric: row.get::<_, Text<_>>(5)?.0,
        instance: row.get(6)?,
        threshold: row.get::<_, Text<_>>(7)?.0,
        deadline_at: UtcMs(row.get(8)?),
        acknowledged: row.get(9)?,
        over: !status.is_unfinished() || row.get(11)? || row.get(12)?,
    })
}

fn queue(transaction: &Transaction<'_>, mut row: NewDelivery, now: UtcMs) -> Result<Option<i64>> {
    let kind = row.kind.as_str();
    if !row.alert_ids.is_empty() {
        let mut tell =
            transaction.prepare_cached("INSERT OR IGNORE INTO robot_told (robot_id, alert_id, kind) VALUES (?, ?, ?)")?;
        let mut untold = Vec::with_capacity(row.alert_ids.len());
        for alert in row.alert_ids {
            if tell.execute(params![row.robot.0, alert, kind])? > 0 {
                untold.push(alert);
            }
        }
        if untold.is_empty() {
            return Ok(None);
        }
        row.alert_ids = untold;
    }
    transaction.execute(
        "INSERT INTO robot_delivery (robot_id, kind, alert_ids, mention, title, body, created_at, not_before)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            row.robot.0,
            kind,
            serde_json::to_string(&row.alert_ids)?,
            serde_json::to_string(&row.mention)?,
            row.title,
            row.body,
            now.0,
            row.not_before.0
        ],
    )?;
    let id = transaction.last_insert_rowid();
    keep_within_limits(transaction, row.robot)?;
    Ok(Some(id))
}

fn keep_within_limits(transaction: &Transaction<'_>, robot: RobotId) -> Result<()> {
    transaction.execute(
        "UPDATE robot_delivery SET state = 'failed', code = 'rate_limited', detail = 'the queue was full' WHERE id IN (
            SELECT id FROM robot_delivery WHERE robot_id = ?1 AND state = 'queued' ORDER BY id DESC LIMIT -1 OFFSET ?2)",
        [robot.0, QUEUE_ROWS_MAX],
    )?;
    transaction.execute(
        "DELETE FROM robot_delivery WHERE id IN (
            SELECT id FROM robot_delivery WHERE robot_id = ?1 AND state NOT IN ('queued', 'sending')
            ORDER BY id DESC LIMIT -1 OFFSET ?2)",
        [robot.0, LOG_ROWS_MAX],
    )?;
    Ok(())
}

/// Begun messages of the last window. What lies ahead (the clock was put back) is dated now.
fn attempts(transaction: &Transaction<'_>, robot: RobotId, now: UtcMs) -> Result<Vec<UtcMs>> {
    transaction.execute("UPDATE robot_attempt SET at = ?2 WHERE robot_id = ?1 AND at > ?2", [robot.0, now.0])?;
    transaction
        .execute("DELETE FROM robot_attempt WHERE robot_id = ? AND at < ?", [robot.0, now.plus_ms(-ATTEMPTS_KEPT_MS).0])?;
    let mut statement = transaction.prepare_cached("SELECT at FROM robot_attempt WHERE robot_id = ? AND at > ?")?;
    let rows = statement.query_map([robot.0, now.plus_ms(-RATE_WINDOW_MS_MAX).0], |row| Ok(UtcMs(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn rows(connection: &Connection, rest: &str, parameters: &[Value]) -> Result<Vec<DeliveryRecord>> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM robot_delivery {rest}"))?;
    let mut rows = statement.query(params_from_iter(parameters))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(record(row)?);
    }
    Ok(found)
}

fn record(row: &Row<'_>) -> Result<DeliveryRecord> {
    let merged_into: i64 = row.get(14)?;
    Ok(DeliveryRecord {
        id: row.get(0)?,
        robot_id: RobotId(row.get(1)?),
        kind: row.get::<_, Text<_>>(2)?.0,
        alert_ids: serde_json::from_str(&row.get::<_, String>(3)?)?,
        mention: serde_json::from_str(&row.get::<_, String>(4)?)?,
        title: row.get(5)?,
        body: row.get(6)?,
        created_at: UtcMs(row.get(7)?),
        state: row.get::<_, Text<_>>(8)?.0,
        attempts: row.get(9)?,
        doubts: row.get(10)?,
        not_before: UtcMs(row.get(11)?),
        code: optional_code(&row.get::<_, String>(12)?),
        detail: row.get(13)?,
        merged_into: (merged_into != 0).then_some(merged_into),
        sent_at: known(row.get(15)?),
    })
}

fn no_such(id: i64) -> StoreError {
    StoreError::new(Code::InputInvalid, format!("there is no message {id} that can be sent again"))
}
