//! Robots in group chats: what they are, and the queue of each.
//!
//! Invariants: an attempt is counted on disk, within the platform's limit, before it is made; an alert is queued once for a
//! robot, whatever rings again; nothing secret is here.

mod queue;

use deskbell_domain::robot::RobotId;
use deskbell_domain::{Code, UtcMs};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use crate::Store;
use crate::error::{Result, StoreError};
use crate::robot_records::{RobotChange, RobotRecord};
use crate::stored::{Text, known, optional_code};
use crate::writer::Durability;

/// Robots of one desk.
pub const ROBOTS_MAX: u32 = 50;

const COLUMNS: &str = "id, kind, name, address_hint, signed, enabled, rules, created_at, \
    (SELECT count(*) FROM robot_delivery WHERE robot_id = robot.id AND state IN ('queued', 'sending')), hold_until, code";

impl Store {
    /// All robots, oldest first.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn robots(&self) -> Result<Vec<RobotRecord>> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached(&format!("SELECT {COLUMNS} FROM robot ORDER BY id LIMIT {ROBOTS_MAX}"))?;
            let mut rows = statement.query([])?;
            let mut robots = Vec::new();
            while let Some(row) = rows.next()? {
                robots.push(record(row)?);
            }
            Ok(robots)
        })
    }

    /// # Errors
    /// `RobotUnknown`.
    pub fn robot(&self, id: RobotId) -> Result<RobotRecord> {
        self.read(move |connection| robot(connection, id))
    }

    /// Adds a robot. Its address must be given.
    ///
    /// # Errors
    /// `InputInvalid` without an address, or with [`ROBOTS_MAX`] robots already.
    pub fn add_robot(&self, new: &RobotChange, now: UtcMs) -> Result<RobotId> {
        let new = new.clone();
        let rules = serde_json::to_string(&new.rules)?;
        let address = new.address.ok_or_else(|| StoreError::new(Code::InputInvalid, "a new robot needs its address"))?;
        self.write(Durability::Full, move |transaction, _| {
            let count: u32 = crate::connection::one(transaction, "SELECT count(*) FROM robot")?;
            if count >= ROBOTS_MAX {
                return Err(StoreError::new(Code::InputInvalid, format!("more than {ROBOTS_MAX} robots")));
            }
            transaction.execute(
                "INSERT INTO robot (kind, name, address_hint, signed, enabled, rules, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                params![new.kind.as_str(), new.name, address.hint, address.signed, new.enabled, rules, now.0],
            )?;
            Ok(RobotId(transaction.last_insert_rowid()))
        })
    }

    /// Changes a robot; what held it holds it no longer. A robot that is switched off takes back what waits.
    ///
    /// # Errors
    /// `RobotUnknown`; `InputInvalid` for another platform.
    pub fn change_robot(&self, id: RobotId, change: &RobotChange) -> Result<()> {
        let change = change.clone();
        let rules = serde_json::to_string(&change.rules)?;
        self.write(Durability::Full, move |transaction, _| {
            let before = robot(transaction, id)?;
            if before.kind != change.kind {
                return Err(StoreError::new(Code::InputInvalid, "a robot keeps its platform"));
            }
            let (hint, signed) = match change.address {
                Some(address) => (address.hint, address.signed),
                None => (before.address_hint, before.signed),
            };
            // A penalty of the platform stays: a new name does not lift it.
            transaction.execute(
                "UPDATE robot SET name = ?2, address_hint = ?3, signed = ?4, enabled = ?5, rules = ?6,
                    hold_until = iif(code = 'rate_limited', hold_until, 0), code = iif(code = 'rate_limited', code, '')
                 WHERE id = ?1",
                params![id.0, change.name, hint, signed, change.enabled, rules],
            )?;
            if !change.enabled {
                transaction
                    .execute("UPDATE robot_delivery SET state = 'withdrawn' WHERE robot_id = ? AND state = 'queued'", [id.0])?;
            }
            Ok(())
        })
    }

    /// Holds a robot back, or (with `None`) lets it speak again.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn hold_robot(&self, id: RobotId, hold: Option<(UtcMs, Code)>) -> Result<()> {
        self.write(Durability::Full, move |transaction, _| put_hold(transaction, id, hold))
    }

    /// Forgets a robot and its log.
    ///
    /// # Errors
    /// `RobotUnknown`.
    pub fn remove_robot(&self, id: RobotId) -> Result<()> {
        self.write(Durability::Full, move |transaction, _| {
            robot(transaction, id)?;
            for table in ["robot_delivery", "robot_told", "robot_attempt"] {
                transaction.execute(&format!("DELETE FROM {table} WHERE robot_id = ?"), [id.0])?;
            }
            transaction.execute("DELETE FROM robot WHERE id = ?", [id.0])?;
            Ok(())
        })
    }
}

fn put_hold(transaction: &Transaction<'_>, id: RobotId, hold: Option<(UtcMs, Code)>) -> Result<()> {
    let (until, code) = hold.map_or((0, ""), |(until, code)| (until.0, code.as_str()));
    transaction.execute("UPDATE robot SET hold_until = ?2, code = ?3 WHERE id = ?1", params![id.0, until, code])?;
    Ok(())
}

fn robot(connection: &Connection, id: RobotId) -> Result<RobotRecord> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM robot WHERE id = ?"))?;
    let found = statement.query_row([id.0], |row| Ok(record(row))).optional()?;
    found.unwrap_or_else(|| Err(StoreError::new(Code::RobotUnknown, format!("there is no robot {}", id.0))))
}

fn record(row: &Row<'_>) -> Result<RobotRecord> {
    Ok(RobotRecord {
        id: RobotId(row.get(0)?),
        kind: row.get::<_, Text<_>>(1)?.0,
        name: row.get(2)?,
        address_hint: row.get(3)?,
        signed: row.get(4)?,
        enabled: row.get(5)?,
        rules: serde_json::from_str(row.get_ref(6)?.as_str().map_err(rusqlite::Error::from)?)?,
        created_at: UtcMs(row.get(7)?),
        waiting: row.get(8)?,
        held_until: known(row.get(9)?),
        code: optional_code(&row.get::<_, String>(10)?),
    })
}
