//! What is carried from a damaged file into a fresh one: everything that no server can give back.
//!
//! Read table by table, row by row, each table on its own connection (SQLCipher refuses everything after the first bad
//! page); what cannot be read is left in the file that was moved aside. The mirror is pulled again.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use crate::connection::connect;
use crate::error::Result;
use crate::key::DatabaseKey;

/// How much was saved.
#[derive(Debug, Default)]
pub(crate) struct Saved {
    pub(crate) operations: u32,
    pub(crate) drafts: u32,
}

/// Tables copied with the condition on their rows. Columns are named: a cursor must not be carried over.
const COPIED: &[(&str, &str, &str)] = &[
    (
        "operation",
        "id, ticket_id, account_id, ticket_remote_id, marker, payload_version, payload, state, attempts, base_version, \
         created_at, not_before, last_attempt_at, code, detail",
        "state <> 'sent'",
    ),
    ("draft", "ticket_id, account_id, ticket_remote_id, body, visibility, updated_at", "1"),
    ("account", "id, kind, name, endpoint, user, demo, created_at", "1"),
    ("setting", "key, value", "1"),
    ("vault_secret", "name, value", "1"),
    (
        "ticket",
        "id, account_id, remote_id, subject, status, status_raw, priority, priority_raw, product, requester, assignee, \
         created_at, updated_at, fate",
        "id IN (SELECT ticket_id FROM operation WHERE state <> 'sent' UNION SELECT ticket_id FROM draft)",
    ),
];

/// Copies into `fresh` what can be read of `damaged`.
pub(crate) fn salvage(damaged: &Path, key: &DatabaseKey, fresh: &mut Connection) -> Result<Saved> {
    let mut saved = Saved::default();
    let transaction = fresh.transaction()?;
    for (table, columns, condition) in COPIED {
        let rows = read_rows(damaged, key, &format!("SELECT {columns} FROM {table} WHERE {condition}"));
        let places = vec!["?"; columns.split(',').count()].join(", ");
        let mut insert = transaction.prepare(&format!("INSERT OR IGNORE INTO {table} ({columns}) VALUES ({places})"))?;
        for row in &rows {
            insert.execute(params_from_iter(row))?;
        }
        let copied = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        match *table {
            "operation" => saved.operations = copied,
            "draft" => saved.drafts = copied,
            _ => {}
        }
        tracing::warn!(table, rows = copied, "Rows were carried over from the damaged database.");
    }
    // Tickets that could not be read still need a row for their operations and drafts to hang on.
    transaction.execute(
        "INSERT OR IGNORE INTO ticket (id, account_id, remote_id)
         SELECT ticket_id, account_id, ticket_remote_id FROM operation
         UNION SELECT ticket_id, account_id, ticket_remote_id FROM draft",
        params![],
    )?;
    // The bytes lie beside the database; which of them wait is in the operations themselves.
    transaction.execute(
        "INSERT OR IGNORE INTO upload (operation_id, sha256)
         SELECT operation.id, word.value FROM operation, json_tree(operation.payload) AS word WHERE word.key = 'sha256'",
        params![],
    )?;
    transaction.commit()?;
    Ok(saved)
}

/// As many rows as can be read; none when the table is out of reach.
fn read_rows(damaged: &Path, key: &DatabaseKey, sql: &str) -> Vec<Vec<Value>> {
    let mut found = Vec::new();
    let ended = (|| -> Result<()> {
        let connection = connect(damaged, key)?;
        connection.execute_batch("PRAGMA query_only = ON")?;
        let mut statement = connection.prepare(sql)?;
        let width = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            found.push((0..width).map(|column| row.get(column)).collect::<rusqlite::Result<Vec<Value>>>()?);
        }
        Ok(())
    })();
    if let Err(error) = ended {
        tracing::warn!(%error, "A table of the damaged database could not be read to its end.");
    }
    found
}
