//! Damage in one table, whichever it is, in files of every version: what a person typed comes out of all the others.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use deskbell_domain::diagnosis::DiagnosisSession;
use deskbell_domain::sync::op::OperationState;
use rusqlite::Connection;

use super::calendars::session;
use super::people::person;
use super::*;
use crate::NewCall;
use crate::connection::{connect, one};
use crate::open::{MIGRATIONS, migrate};
use crate::salvage::COPIED;

/// What a server gives back, or what follows from what is kept.
const NOT_CARRIED: &[&str] = &[
    "customer",
    "note",
    "event",
    "clock",
    "clock_stale",
    "due",
    "alert",
    "phone_line",
    "service_centre",
    "search_dirty",
    "catalogue",
    "ticket_moved",
    "upload",
    "attachment",
    "robot_delivery",
    "robot_told",
    "robot_attempt",
];

/// Destroys the first page of a table or index.
fn destroy(dir: &Path, key: &DatabaseKey, name: &str) {
    let path = dir.join("desk.db");
    let (root, size) = {
        let connection = connect(&path, key).unwrap();
        let root: u32 = one(&connection, &format!("SELECT rootpage FROM sqlite_schema WHERE name = '{name}'")).unwrap();
        (root as usize, one::<u32>(&connection, "SELECT CAST(page_size AS INTEGER) FROM pragma_page_size").unwrap() as usize)
    };
    let mut bytes = fs::read(&path).unwrap();
    bytes[(root - 1) * size..root * size].iter_mut().for_each(|byte| *byte ^= 0xA5);
    fs::write(&path, bytes).unwrap();
    fs::write(dir.join("desk.damaged"), b"").unwrap();
}

fn tables(connection: &Connection) -> BTreeSet<String> {
    let mut statement = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT GLOB 'search*'")
        .unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

#[test]
fn every_table_is_carried_out_of_damage_or_comes_back_by_itself() {
    let mut known: BTreeSet<String> = COPIED.iter().map(|(table, ..)| (*table).to_owned()).collect();
    known.extend(NOT_CARRIED.iter().filter(|table| **table != "search_dirty").map(|table| (*table).to_owned()));
    let desk = Desk::new();
    let there = desk.store.read(|connection| Ok(tables(connection))).unwrap();
    assert_eq!(there.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "a new table: is it carried out?");
    for (table, columns, condition) in COPIED {
        let sql = format!("SELECT {} FROM {table} WHERE {condition}", columns.join(", "));
        desk.store.read(|connection| Ok(connection.prepare(&sql).map(|_| ())?)).unwrap();
    }
}

/// Five tickets, each with one thing that a person typed; and many others.
fn desk_with_words() -> (TempDir, DatabaseKey) {
    let desk = Desk::new();
    let names = ["operation", "draft", "wizard", "session", "call"];
    desk.apply(&Observations { tickets: names.map(ticket).to_vec(), ..Observations::default() });
    for page in 0..8 {
        let many: Vec<String> = (0..25).map(|at| format!("bulk-{page}-{at}")).collect();
        desk.apply(&Observations {
            tickets: many.iter().map(|remote| ticket(remote)).collect(),
            notes: many.iter().map(|remote| note(remote, remote, &"文".repeat(500))).collect(),
            events: vec![],
        });
    }
    let store = &desk.store;
    desk.enqueue(desk.ticket("operation"), reply("重启后恢复"), "m1");
    desk.asks_for(desk.ticket("operation"), "v1", "v1");
    store.put_draft(desk.ticket("draft"), "还在写", Visibility::Internal, NOW).unwrap();
    store.put_visit_draft(desk.ticket("wizard"), Some(r#"{"asset":"SN-7"}"#), NOW).unwrap();
    let about = desk.ticket("session");
    store.add_diagnosis(DiagnosisSession { ticket: about, ticket_remote_id: "session".into(), ..session("d1", NOW) }).unwrap();
    let call = NewCall {
        ticket: Some(desk.ticket("call")),
        line_key: String::new(),
        line_name: "技术专家".into(),
        number: "95187".into(),
        ticked: vec!["实例 ID".into()],
    };
    store.start_call(&call, NOW).unwrap();
    store.put_person(&person("林夏"), NOW).unwrap();
    store.put_setting("language", "zh-CN").unwrap();
    let Desk { dir, key, store, .. } = desk;
    drop(store);
    (dir, key)
}

fn copy_of(dir: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in fs::read_dir(dir).unwrap().map(Result::unwrap).filter(|file| file.path().is_file()) {
        fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    copy
}

/// What is there of what was typed, and the subjects of the tickets that it hangs on.
fn words(store: &Store) -> Vec<String> {
    let mut found: Vec<String> = store.outbox().unwrap().iter().map(|one| format!("operation {}", one.marker)).collect();
    let account = store.accounts().unwrap().first().map(|account| account.id);
    let of = |remote: &str| account.and_then(|account| store.ticket_id(account, remote).unwrap());
    let subject = |id: TicketId| store.ticket(id).unwrap().unwrap().subject;
    found.extend(of("operation").map(|id| format!("ticket of operations: {}", subject(id))));
    if let Some(id) = of("draft") {
        found.extend(store.draft(id).unwrap().map(|draft| format!("draft {}", draft.body)));
        found.push(format!("ticket of a draft: {}", subject(id)));
    }
    if let Some(id) = of("wizard") {
        found.extend(store.visit_draft(id).unwrap().map(|draft| format!("visit draft {draft}")));
        found.push(format!("ticket of a visit draft: {}", subject(id)));
    }
    found.extend(store.visits().unwrap().iter().map(|visit| format!("visit {} at {}", visit.key, visit.visit.site.name)));
    for one in store.diagnoses(None).unwrap() {
        assert_eq!(Some(one.ticket), of("session"), "a session hangs on its own ticket");
        found.push(format!("session {}", one.uid));
        found.push(format!("ticket of a session: {}", subject(one.ticket)));
    }
    for call in store.calls(None, 9).unwrap() {
        found.push(format!("call {}", call.number));
        found.extend(call.ticket.map(|id| format!("ticket of a call: {}", subject(id))));
    }
    found.extend(store.people().unwrap().iter().map(|person| format!("person {}", person.name)));
    found.extend(store.setting("language").unwrap());
    found.extend(store.accounts().unwrap().iter().map(|account| format!("account {}", account.name)));
    found
}

#[test]
fn whichever_table_is_destroyed_what_was_typed_comes_out_of_the_others() {
    let (dir, key) = desk_with_words();
    let whole = {
        let copy = copy_of(dir.path());
        words(&Store::open(copy.path(), &key, NOW).unwrap())
    };
    assert_eq!(whole.len(), 15, "{whole:?}");
    let lost: &[(&str, &[&str])] = &[
        ("note", &[]),
        ("customer", &[]),
        ("ticket_by_customer", &[]),
        ("reminder", &[]),
        ("site", &[]),
        ("operation", &["operation v1", "operation m1", "ticket of operations: subject operation"]),
        ("draft", &["draft 还在写", "ticket of a draft: subject draft"]),
        // Which tickets have one stands in its index too.
        ("visit_draft", &[r#"visit draft {"asset":"SN-7"}"#]),
        ("visit", &["visit v1 at 一号机房"]),
        ("diagnosis", &["session d1", "ticket of a session: subject session"]),
        ("call", &["call 95187", "ticket of a call: subject call"]),
        ("person", &["person 林夏"]),
    ];
    for (table, lost) in lost {
        let damaged = copy_of(dir.path());
        destroy(damaged.path(), &key, table);
        let store = Store::open(damaged.path(), &key, NOW).unwrap();
        assert!(store.open_report().salvaged_from.is_some_and(|aside| aside.exists()), "{table}");
        let kept = words(&store);
        let missing: Vec<&str> = whole.iter().filter(|word| !kept.contains(word)).map(String::as_str).collect();
        assert_eq!(&missing, lost, "without {table}");
        assert!(store.check().unwrap().ok, "{table}");
        // What is pulled again gets none of the ids that something hangs on.
        let account = store.accounts().unwrap()[0].id;
        let page = Observations { tickets: vec![ticket("pulled anew")], ..Observations::default() };
        store.apply_page(account, &page, &[], "c", true, NOW).unwrap();
        let anew = store.ticket_id(account, "pulled anew").unwrap().unwrap();
        assert!(store.diagnoses(Some(anew)).unwrap().is_empty() && store.calls(Some(anew), 9).unwrap().is_empty(), "{table}");
        assert_eq!(store.visit_draft(anew).unwrap(), None, "{table}");
    }
}

#[test]
fn without_the_tickets_what_was_typed_hangs_on_rows_that_the_pull_fills() {
    let (dir, key) = desk_with_words();
    destroy(dir.path(), &key, "ticket");
    let store = Store::open(dir.path(), &key, NOW).unwrap();
    let account = store.accounts().unwrap()[0].id;
    let kept = words(&store);
    for word in ["operation m1", "operation v1", "draft 还在写", r#"visit draft {"asset":"SN-7"}"#, "session d1", "call 95187"]
    {
        assert!(kept.iter().any(|kept| kept == word), "no {word} in {kept:?}");
    }
    assert!(!kept.iter().any(|word| word.starts_with("ticket of a call")), "a call tells no ticket's name");
    let page = Observations { tickets: ["wizard", "session", "call", "other"].map(ticket).to_vec(), ..Observations::default() };
    store.apply_page(account, &page, &[], "c", true, NOW).unwrap();
    let kept = words(&store);
    assert!(kept.contains(&"ticket of a visit draft: subject wizard".to_owned()), "{kept:?}");
    assert!(kept.contains(&"ticket of a session: subject session".to_owned()), "{kept:?}");
    for remote in ["call", "other"] {
        let id = store.ticket_id(account, remote).unwrap().unwrap();
        assert!(store.calls(Some(id), 9).unwrap().is_empty(), "a call does not jump to {remote}");
    }
}

/// A file as a program of that version left it.
fn desk_of(version: usize) -> (TempDir, DatabaseKey) {
    let (dir, key) = (tempfile::tempdir().unwrap(), DatabaseKey::random().unwrap());
    let mut connection = connect(&dir.path().join("desk.db"), &key).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    migrate(&mut connection, 0, &MIGRATIONS[..version]).unwrap();
    let payload = serde_json::to_string(&reply("重启后恢复")).unwrap();
    connection
        .execute_batch(&format!(
            "INSERT INTO account (id, kind, name, endpoint, user, created_at) VALUES (1, 'rt', 'RT', 'https://rt', 'agent', 0);
             INSERT INTO ticket (id, account_id, remote_id, subject) VALUES
                 (1, 1, 'operation', 'subject operation'), (2, 1, 'draft', 'subject draft'), (3, 1, 'wizard', 'subject wizard');
             INSERT INTO operation (ticket_id, account_id, ticket_remote_id, marker, payload, created_at, not_before)
                 VALUES (1, 1, 'operation', 'm1', '{payload}', 0, 0);
             INSERT INTO draft (ticket_id, account_id, ticket_remote_id, body, updated_at) VALUES (2, 1, 'draft', '还在写', 0);
             INSERT INTO setting (key, value) VALUES ('language', 'zh-CN');"
        ))
        .unwrap();
    if tables(&connection).contains("visit_draft") {
        let asset = r#"{"asset":"SN-7"}"#;
        connection
            .execute_batch(&format!(
                "INSERT INTO visit_draft (ticket_id, account_id, ticket_remote_id, payload, updated_at)
                 VALUES (3, 1, 'wizard', '{asset}', 0)"
            ))
            .unwrap();
    }
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(connection);
    (dir, key)
}

#[test]
fn a_damaged_file_of_any_version_gives_up_what_was_typed_and_its_tickets() {
    let mut versions_without_visits = 0;
    for version in 1..=MIGRATIONS.len() {
        let (dir, key) = desk_of(version);
        destroy(dir.path(), &key, "note");
        let has_visits = tables(&connect(&dir.path().join("desk.db"), &key).unwrap()).contains("visit_draft");
        versions_without_visits += u32::from(!has_visits);
        let store = Store::open(dir.path(), &key, NOW).unwrap();
        let report = store.open_report();
        assert!(report.salvaged_from.is_some(), "version {version}");
        assert_eq!((report.salvaged_operations, report.salvaged_drafts), (1, 1), "version {version}");
        let kept = words(&store);
        for word in [
            "operation m1",
            "ticket of operations: subject operation",
            "draft 还在写",
            "ticket of a draft: subject draft",
            "zh-CN",
            "account RT",
        ] {
            assert!(kept.iter().any(|kept| kept == word), "version {version}: no {word} in {kept:?}");
        }
        for word in [r#"visit draft {"asset":"SN-7"}"#, "ticket of a visit draft: subject wizard"] {
            assert_eq!(kept.iter().any(|kept| kept == word), has_visits, "version {version}: {word} in {kept:?}");
        }
        let outbox = store.outbox().unwrap();
        assert_eq!((outbox[0].kind.clone(), outbox[0].state), (reply("重启后恢复"), OperationState::Queued), "version {version}");
    }
    assert_eq!(versions_without_visits, 4);
}
