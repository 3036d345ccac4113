//! Desks of earlier versions.

use std::fs;
use std::path::{Path, PathBuf};

use deskbell_domain::sync::op::OperationState;
use rusqlite::Connection;

use super::*;
use crate::connection::connect;
use crate::open::{MIGRATIONS, migrate};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// Tables, indexes and triggers as SQLite writes them down.
fn schema(connection: &Connection) -> String {
    let mut statement = connection
        .prepare(
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'search_%' AND name NOT LIKE 'sqlite_%'
             ORDER BY type DESC, name",
        )
        .unwrap();
    let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    rows.collect::<rusqlite::Result<Vec<_>>>().unwrap().join(";\n\n") + ";\n"
}

/// The key of the fixture databases.
fn fixture_key() -> DatabaseKey {
    DatabaseKey::from_hex(&"d5".repeat(32)).unwrap()
}

#[test]
#[ignore = "writes the fixture of the version it is compiled from"]
fn write_fixture() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), &fixture_key(), NOW).unwrap();
    let account = store.add_account(&new_account("agent"), NOW).unwrap();
    let desk = Desk { dir, key: fixture_key(), store, account };
    desk.apply(&Observations {
        tickets: vec![ticket("T1"), ticket("T2")],
        notes: vec![note("T1", "n1", "云服务器宕机，求助")],
        events: vec![created("T1"), created("T2")],
    });
    let (first, second) = (desk.ticket("T1"), desk.ticket("T2"));
    desk.enqueue(first, reply("重启后恢复"), "m1");
    desk.enqueue(first, OperationKind::SetStatus { from: Status::Open, to: Status::Resolved }, "m2");
    desk.enqueue(second, OperationKind::SetPriority { from: Priority::Important, to: Priority::Urgent }, "m3");
    desk.store.put_draft(second, "还在写", Visibility::Internal, NOW).unwrap();
    desk.store.put_setting("language", "zh-CN").unwrap();
    // On the wire when the program was ended.
    let claimed = desk.store.claim_next(NOW, &[desk.account]).unwrap().unwrap();
    assert_eq!(claimed.outbound.marker, "m1");
    let Desk { dir, store, .. } = desk;
    drop(store);
    fs::copy(dir.path().join("desk.db"), concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/desk-1.db")).unwrap();
}

/// A directory with a copy of the fixture database of a version.
fn desk_of_version(version: usize) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::copy(fixture(&format!("desk-{version}.db")), dir.path().join("desk.db")).unwrap();
    dir
}

#[test]
fn the_schema_of_each_version_is_frozen() {
    let dir = tempfile::tempdir().unwrap();
    let mut connection = connect(&dir.path().join("desk.db"), &fixture_key()).unwrap();
    for version in 1..=MIGRATIONS.len() {
        migrate(&mut connection, version as i64 - 1, &MIGRATIONS[..version]).unwrap();
        let frozen = fixture(&format!("schema-{version}.sql"));
        if std::env::var_os("DESKBELL_WRITE_SCHEMA").is_some() && version == MIGRATIONS.len() {
            fs::write(&frozen, schema(&connection)).unwrap();
        }
        let expected = fs::read_to_string(&frozen).unwrap_or_default();
        assert!(schema(&connection) == expected, "version {version} differs; DESKBELL_WRITE_SCHEMA=1 writes an unreleased one");
    }
}

#[test]
fn a_desk_of_every_version_becomes_one_of_today() {
    for version in 1..MIGRATIONS.len() {
        let path = fixture(&format!("desk-{version}.db"));
        if !path.exists() {
            // Only released versions have one.
            continue;
        }
        let dir = desk_of_version(version);
        drop(Store::open(dir.path(), &fixture_key(), NOW).unwrap());
        let upgraded = schema(&connect(&dir.path().join("desk.db"), &fixture_key()).unwrap());
        let fresh = Desk::new().store.read(|connection| Ok(schema(connection))).unwrap();
        assert!(upgraded == fresh, "from version {version}");
    }
}

#[test]
fn queued_work_of_version_1_survives_the_upgrade_and_goes_out() {
    let dir = desk_of_version(1);
    let store = Store::open(dir.path(), &fixture_key(), NOW).unwrap();
    assert_eq!(store.open_report().salvaged_from, None);
    assert_eq!(store.recover_outbox().unwrap(), 1, "one was on the wire");
    let account = store.accounts().unwrap().remove(0);
    assert_eq!((account.options, account.pull_paused), (Default::default(), false));
    let second = store.ticket_id(account.id, "T2").unwrap().unwrap();
    assert_eq!(store.draft(second).unwrap().unwrap().body, "还在写");
    assert_eq!(store.setting("language").unwrap().as_deref(), Some("zh-CN"));
    assert_eq!(store.search("宕机", &Default::default(), 5).unwrap().total, 1);
    let mut sent = Vec::new();
    while let Some(claimed) = store.claim_next(NOW, &[account.id]).unwrap() {
        let next = deskbell_domain::sync::plan::NextState {
            state: OperationState::Sent,
            not_before: NOW,
            imposed: false,
            code: None,
            detail: String::new(),
        };
        sent.push((claimed.outbound.marker, claimed.state_before));
        store.finish_attempt(claimed.id, &next, None, NOW).unwrap();
    }
    sent.sort();
    let expected = [("m1", OperationState::Unknown), ("m2", OperationState::Queued), ("m3", OperationState::Queued)];
    assert_eq!(sent, expected.map(|(marker, state)| (marker.to_owned(), state)));
    assert_eq!(store.outbox_counts().unwrap().waiting, 0);
    assert_eq!(store.ticket(second).unwrap().unwrap().priority, Priority::Urgent);
}

#[test]
fn an_upgrade_ended_by_a_kill_leaves_the_version_before_it() {
    let dir = desk_of_version(1);
    let path = dir.path().join("desk.db");
    let mut connection = connect(&path, &fixture_key()).unwrap();
    let killed = format!("{}; SELECT broken", MIGRATIONS[1]);
    assert!(migrate(&mut connection, 1, &[MIGRATIONS[0], &killed]).is_err());
    assert_eq!(crate::connection::one::<i64>(&connection, "PRAGMA user_version").unwrap(), 1);
    assert_eq!(schema(&connection), fs::read_to_string(fixture("schema-1.sql")).unwrap());
    drop(connection);
    let store = Store::open(dir.path(), &fixture_key(), NOW).unwrap();
    assert_eq!(store.outbox_counts().unwrap().waiting, 3);
}
