//! The rules of the desk in their versions. Without a row the engine takes those that it ships.

use deskbell_domain::UtcMs;
use deskbell_domain::sla::rules::RuleSet;
use rusqlite::{OptionalExtension as _, Transaction, params};

use crate::Store;
use crate::clock::mark_all_stale;
use crate::error::{Result, StoreError};
use crate::writer::Durability;

/// Versions kept at most; so many edits of a contract are a mistake.
pub const RULE_SETS_MAX: usize = 200;
/// Setting: what the stored clocks were computed by.
const REVISION: &str = "rules-fingerprint";
/// `valid_from` of a set that is valid since ever.
const SINCE_EVER: i64 = 0;

impl Store {
    /// Every version, ascending; empty where nobody changed the rules.
    ///
    /// # Errors
    /// Codes of the storage; `Internal` for a version that cannot be read.
    pub fn rule_sets(&self) -> Result<Vec<RuleSet>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT valid_from, payload FROM rule_set ORDER BY valid_from")?;
            let mut rows = statement.query([])?;
            let mut sets = Vec::new();
            while let Some(row) = rows.next()? {
                let from: i64 = row.get(0)?;
                let set: RuleSet = serde_json::from_str(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?;
                sets.push(RuleSet { from: (from != SINCE_EVER).then_some(UtcMs(from)), ..set });
            }
            Ok(sets)
        })
    }

    /// Replaces every version, and has all clocks computed anew. `revision` names what they will be computed by.
    ///
    /// # Errors
    /// Codes of the storage; `InputInvalid` for more than [`RULE_SETS_MAX`].
    pub fn put_rule_sets(&self, sets: &[RuleSet], saved_at: UtcMs, revision: &str) -> Result<()> {
        if sets.len() > RULE_SETS_MAX {
            return Err(StoreError::new(deskbell_domain::Code::InputInvalid, format!("more than {RULE_SETS_MAX} versions")));
        }
        let rows: Vec<(i64, String)> = sets
            .iter()
            .map(|set| Ok((set.from.map_or(SINCE_EVER, |from| from.0), serde_json::to_string(set)?)))
            .collect::<Result<_>>()?;
        let revision = revision.to_owned();
        self.write(Durability::Full, move |transaction, _| {
            transaction.execute("DELETE FROM rule_set", [])?;
            let mut insert =
                transaction.prepare_cached("INSERT INTO rule_set (valid_from, payload, saved_at) VALUES (?, ?, ?)")?;
            for (from, payload) in &rows {
                insert.execute(params![from, payload, saved_at.0])?;
            }
            put_revision(transaction, &revision)
        })
    }

    /// What the stored clocks were computed by; `None` before the first time.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn rules_revision(&self) -> Result<Option<String>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT value FROM setting WHERE key = ?")?;
            Ok(statement.query_row([REVISION], |row| row.get(0)).optional()?)
        })
    }

    /// Has all clocks computed anew, by other rules than before.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn adopt_rules(&self, revision: &str) -> Result<()> {
        let revision = revision.to_owned();
        self.write(Durability::Mirror, move |transaction, _| put_revision(transaction, &revision))
    }
}

fn put_revision(transaction: &Transaction<'_>, revision: &str) -> Result<()> {
    transaction.execute("INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)", params![REVISION, revision])?;
    mark_all_stale(transaction)
}
