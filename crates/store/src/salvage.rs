//! What is carried from a damaged file into a fresh one: everything that no server can give back.
//!
//! Read table by table, row by row, each table on its own connection (SQLCipher refuses everything after the first bad
//! page); what cannot be read is left in the file that was moved aside. The mirror is pulled again.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::connection::connect;
use crate::error::Result;
use crate::key::DatabaseKey;

/// What is kept of a ticket row.
const TICKET: &[&str] = &[
    "id",
    "account_id",
    "remote_id",
    "subject",
    "status",
    "status_raw",
    "priority",
    "priority_raw",
    "product",
    "requester",
    "assignee",
    "created_at",
    "updated_at",
    "fate",
    "local",
];

/// Tables copied with the condition on their rows. Columns are named: a cursor must not be carried over. A column that a
/// damaged file of an earlier version has not got takes its default.
pub(crate) const COPIED: &[(&str, &[&str], &str)] = &[
    (
        "operation",
        &[
            "id",
            "ticket_id",
            "account_id",
            "ticket_remote_id",
            "marker",
            "payload_version",
            "payload",
            "state",
            "attempts",
            "base_version",
            "created_at",
            "not_before",
            "last_attempt_at",
            "code",
            "detail",
            "kind",
            "wait",
            "wait_from",
            "seen_notes",
        ],
        "state <> 'sent'",
    ),
    ("draft", &["ticket_id", "account_id", "ticket_remote_id", "body", "visibility", "updated_at", "files"], "1"),
    ("ticket_draft", &["marker", "account_id", "payload", "updated_at"], "1"),
    ("account", &["id", "kind", "name", "endpoint", "user", "demo", "created_at", "options", "pull_paused"], "1"),
    ("setting", &["key", "value"], "1"),
    ("rule_set", &["id", "valid_from", "payload", "saved_at"], "1"),
    ("directory_entry", &["id", "kind", "replaces", "payload", "base", "hidden", "updated_at"], "1"),
    (
        "call",
        &[
            "id",
            "ticket_id",
            "line_key",
            "line_name",
            "number",
            "started_at",
            "ended_at",
            "outcome",
            "agent",
            "case_number",
            "note",
            "ticked",
            "operation_id",
        ],
        "1",
    ),
    ("person", &["id", "name", "payload", "updated_at"], "1"),
    ("customer_care", &["account_id", "customer_remote_id", "payload", "updated_at"], "1"),
    ("vault_secret", &["name", "value"], "1"),
    // Their addresses are kept with the secrets, under these ids. What waited for them was about alerts, which ring anew.
    ("robot", &["id", "kind", "name", "address_hint", "signed", "enabled", "rules", "created_at"], "1"),
    // Without their rows the bytes beside the database would be swept away.
    ("blob", &["sha256", "size_bytes", "preview", "created_at", "used_at"], "1"),
    (
        "visit",
        &[
            "id",
            "account_id",
            "key",
            "remote_id",
            "ticket_id",
            "ticket_remote_id",
            "payload",
            "state",
            "centre_id",
            "engineer_id",
            "start_at",
            "end_at",
            "refusal",
            "carrier_ticket_id",
            "carried",
            "photos",
            "updated_at",
        ],
        "1",
    ),
    ("visit_draft", &["id", "ticket_id", "account_id", "ticket_remote_id", "payload", "updated_at"], "1"),
    ("diagnosis", &["id", "ticket_id", "uid", "state", "start_at", "end_at", "payload", "updated_at"], "1"),
    // Without its rows what is in the person's calendar would be put there once more, and never be taken out.
    ("calendar_item", &["uid", "kind", "href", "etag", "pushed", "wanted", "body", "base", "tried", "updated_at"], "1"),
    ("subscription", &["id", "name", "url", "body", "reminders", "enabled", "fetched_at", "code"], "1"),
    // Without its rows everything would ring once more.
    (
        "reminder",
        &[
            "id",
            "kind",
            "subject",
            "start_at",
            "end_at",
            "lead_min",
            "ticket_id",
            "payload",
            "raised_at",
            "shown_at",
            "acknowledged_at",
            "snoozed_until",
            "held_until",
            "ended_at",
            "notice",
        ],
        "1",
    ),
    ("site", &["id", "account_id", "customer_remote_id", "payload", "used_at"], "1"),
    // One question a table: a file of an older version lacks some of them, and its other tickets are found all the same.
    ("ticket", TICKET, "id IN (SELECT ticket_id FROM operation WHERE state <> 'sent')"),
    ("ticket", TICKET, "id IN (SELECT ticket_id FROM draft)"),
    ("ticket", TICKET, "id IN (SELECT ticket_id FROM visit_draft)"),
    ("ticket", TICKET, "id IN (SELECT ticket_id FROM call)"),
    ("ticket", TICKET, "id IN (SELECT ticket_id FROM diagnosis)"),
    // Tickets that carry a visit: what is answered there has to find it.
    ("ticket", TICKET, "id IN (SELECT carrier_ticket_id FROM visit WHERE carrier_ticket_id IS NOT NULL)"),
];

/// Copies into `fresh` what can be read of `damaged`.
pub(crate) fn salvage(damaged: &Path, key: &DatabaseKey, fresh: &mut Connection) -> Result<()> {
    let transaction = fresh.transaction()?;
    for (table, columns, condition) in COPIED {
        let known = read_rows(damaged, key, &format!("SELECT name FROM pragma_table_info('{table}')"));
        let is_known = |column: &&&str| known.iter().flatten().any(|name| *name == Value::Text((**column).to_string()));
        let columns: Vec<&str> = columns.iter().filter(is_known).copied().collect();
        if columns.is_empty() {
            continue;
        }
        let (places, columns) = (vec!["?"; columns.len()].join(", "), columns.join(", "));
        let rows = read_rows(damaged, key, &format!("SELECT {columns} FROM {table} WHERE {condition}"));
        let mut insert = transaction.prepare(&format!("INSERT OR IGNORE INTO {table} ({columns}) VALUES ({places})"))?;
        for row in &rows {
            insert.execute(params_from_iter(row))?;
        }
        tracing::warn!(table, rows = rows.len(), "Rows were carried over from the damaged database.");
    }
    for sql in MENDED {
        transaction.execute(sql, [])?;
    }
    transaction.commit()?;
    Ok(())
}

/// What follows from the rows that were saved.
const MENDED: &[&str] = &[
    "UPDATE operation SET kind = payload ->> 'kind' WHERE kind = ''",
    // Tickets that could not be read still need a row for their operations and drafts to hang on.
    "INSERT OR IGNORE INTO ticket (id, account_id, remote_id, subject, local)
     SELECT ticket_id, account_id, ticket_remote_id, coalesce(max(payload ->> '$.ticket.subject'), ''),
            instr(ticket_remote_id, 'local:') = 1
     FROM operation GROUP BY ticket_id",
    "INSERT OR IGNORE INTO ticket (id, account_id, remote_id, local)
     SELECT ticket_id, account_id, ticket_remote_id, instr(ticket_remote_id, 'local:') = 1 FROM draft",
    "INSERT OR IGNORE INTO ticket (id, account_id, remote_id, local)
     SELECT ticket_id, account_id, ticket_remote_id, instr(ticket_remote_id, 'local:') = 1 FROM visit_draft",
    // A session tells no account; with one account there is no doubt.
    "INSERT OR IGNORE INTO ticket (id, account_id, remote_id)
     SELECT ticket_id, (SELECT id FROM account), payload ->> '$.ticket_remote_id' FROM diagnosis
     WHERE (SELECT count(*) FROM account) = 1 AND coalesce(payload ->> '$.ticket_remote_id', '') <> ''",
    // No ticket that is pulled gets an id under which something else is kept.
    "INSERT INTO sqlite_sequence (name, seq) SELECT 'ticket', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'ticket')",
    "UPDATE sqlite_sequence SET seq = max(seq, (
         SELECT coalesce(max(id), 0) FROM (
             SELECT ticket_id AS id FROM call UNION ALL SELECT ticket_id FROM diagnosis UNION ALL SELECT ticket_id FROM reminder
             UNION ALL SELECT ticket_id FROM visit UNION ALL SELECT carrier_ticket_id FROM visit)))
     WHERE name = 'ticket'",
    "UPDATE call SET ticket_id = NULL WHERE ticket_id NOT IN (SELECT id FROM ticket)",
    "UPDATE reminder SET ticket_id = NULL WHERE ticket_id NOT IN (SELECT id FROM ticket)",
    // The others are pulled again under ids of their own; the pull finds their visits by the server's names.
    "UPDATE visit SET ticket_id = NULL WHERE ticket_id NOT IN (SELECT id FROM ticket)",
    "UPDATE visit SET carrier_ticket_id = NULL WHERE carrier_ticket_id NOT IN (SELECT id FROM ticket)",
    // No edit may be judged by values that were made up.
    "UPDATE ticket SET observed = iif(local, 2, 0)",
    "INSERT OR IGNORE INTO search_dirty (ticket_id) SELECT id FROM ticket WHERE local = 1",
    // The bytes lie beside the database; which of them wait is in the operations themselves.
    "INSERT OR IGNORE INTO upload (operation_id, sha256)
     SELECT operation.id, word.value FROM operation, json_tree(operation.payload) AS word WHERE word.key = 'sha256'",
];

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
