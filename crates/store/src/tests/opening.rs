use std::fs;
use std::path::Path;

use deskbell_domain::Code;
use deskbell_domain::ticket::Visibility;

use super::*;
use crate::connection::connect;

fn scribble(path: &Path, from: usize, length: usize) {
    let mut bytes = fs::read(path).unwrap();
    let end = (from + length).min(bytes.len());
    for byte in &mut bytes[from..end] {
        *byte ^= 0xA5;
    }
    fs::write(path, bytes).unwrap();
}

/// A closed desk with an unsent reply and a draft in it.
fn closed_desk() -> (TempDir, DatabaseKey) {
    let (desk, id) = Desk::with_ticket("T1");
    let second = ticket("T2");
    desk.apply(&Observations { tickets: vec![second], ..Observations::default() });
    for at in 0..200 {
        let remote = format!("bulk-{at}");
        desk.apply(&Observations {
            tickets: vec![ticket(&remote)],
            notes: vec![note(&remote, &remote, &"文".repeat(2_000))],
            events: vec![],
        });
    }
    desk.enqueue(id, reply("重启后恢复"), "m1");
    desk.store.put_draft(desk.ticket("T2"), "还在写", Visibility::Internal, NOW).unwrap();
    desk.store.put_setting("language", "zh-CN").unwrap();
    let Desk { dir, key, store, .. } = desk;
    drop(store);
    (dir, key)
}

#[test]
fn first_opening_makes_a_private_directory_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let inner = dir.path().join("a/b");
    assert!(!Store::exists(&inner));
    let store = Store::open(&inner, &DatabaseKey::random().unwrap(), NOW).unwrap();
    assert!(store.open_report().created && Store::exists(&inner));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(inner.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }
}

#[test]
fn nothing_readable_lies_on_the_disk() {
    let (dir, _) = closed_desk();
    for file in fs::read_dir(dir.path()).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        for secret in ["重启后恢复", "云服务器宕机", "SQLite format"] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
        }
    }
}

#[test]
fn wrong_key_says_so() {
    let (dir, key) = closed_desk();
    let before = fs::read(dir.path().join("desk.db")).unwrap();
    let wrong = DatabaseKey::random().unwrap();
    assert_eq!(Store::open(dir.path(), &wrong, NOW).unwrap_err().code, Code::DatabaseKeyWrong);
    fs::remove_file(dir.path().join("desk.keycheck")).unwrap();
    assert_eq!(Store::open(dir.path(), &wrong, NOW).unwrap_err().code, Code::DatabaseKeyWrong);
    assert_eq!(fs::read(dir.path().join("desk.db")).unwrap(), before);
    assert!(!Store::open(dir.path(), &key, NOW).unwrap().open_report().created);
}

#[test]
fn newer_database_is_left_alone() {
    let (dir, key) = closed_desk();
    let path = dir.path().join("desk.db");
    let connection = connect(&path, &key).unwrap();
    connection.execute_batch("PRAGMA user_version = 999").unwrap();
    drop(connection);
    let before = fs::read(&path).unwrap();
    let error = Store::open(dir.path(), &key, NOW).unwrap_err();
    assert_eq!(error.code, Code::DatabaseNewer);
    assert!(error.detail.contains("999"));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[cfg(unix)]
#[test]
fn read_only_directory_says_so() {
    use std::os::unix::fs::PermissionsExt as _;
    let (dir, key) = closed_desk();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o500)).unwrap();
    assert_eq!(Store::open(dir.path(), &key, NOW).unwrap_err().code, Code::DataDirectoryReadOnly);
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700)).unwrap();
    fs::set_permissions(dir.path().join("desk.db"), fs::Permissions::from_mode(0o400)).unwrap();
    assert_eq!(Store::open(dir.path(), &key, NOW).unwrap_err().code, Code::DataDirectoryReadOnly);
}

#[test]
fn corrupt_database_is_moved_aside_and_outbox_salvaged() {
    let (dir, key) = closed_desk();
    let path = dir.path().join("desk.db");
    let length = fs::metadata(&path).unwrap().len() as usize;
    // The back half: where the mirror lies.
    scribble(&path, length / 2, length / 2);
    fs::write(dir.path().join("desk.damaged"), b"").unwrap();
    let store = Store::open(dir.path(), &key, NOW).unwrap();
    let report = store.open_report();
    assert!(report.salvaged_from.as_ref().unwrap().exists(), "{report:?}");
    assert_eq!((report.salvaged_operations, report.salvaged_drafts, report.created), (1, 1, false));
    let outbox = store.outbox().unwrap();
    assert_eq!(outbox.len(), 1);
    assert_eq!((outbox[0].kind.clone(), outbox[0].ticket_remote_id.as_str()), (reply("重启后恢复"), "T1"));
    let accounts = store.accounts().unwrap();
    assert_eq!((accounts.len(), accounts[0].cursor.clone(), accounts[0].pulled_full), (1, None, false));
    assert_eq!(store.setting("language").unwrap().as_deref(), Some("zh-CN"));
    let account = accounts[0].id;
    let second = store.ticket_id(account, "T2").unwrap().unwrap();
    assert_eq!(store.draft(second).unwrap().unwrap().body, "还在写");
    assert!(store.check().unwrap().ok);
    // The pull finds the ticket that the reply hangs on.
    let page = Observations { tickets: vec![ticket("T1")], notes: vec![note("T1", "n1", "再来")], events: vec![] };
    store.apply_page(account, &page, &[], "c", true, NOW).unwrap();
    assert_eq!(store.ticket_id(account, "T1").unwrap(), Some(outbox[0].ticket_id));
    drop(store);
    let again = Store::open(dir.path(), &key, NOW).unwrap();
    assert_eq!(again.open_report().salvaged_from, None);
    assert_eq!(again.outbox().unwrap().len(), 1);
}

#[test]
fn a_destroyed_first_page_is_not_taken_for_a_wrong_key() {
    let (dir, key) = closed_desk();
    scribble(&dir.path().join("desk.db"), 0, 4_096);
    let store = Store::open(dir.path(), &key, NOW).unwrap();
    assert!(store.open_report().salvaged_from.is_some());
    assert!(store.accounts().unwrap().is_empty());
}

#[test]
fn damage_met_while_reading_is_repaired_at_the_next_opening() {
    let (dir, key) = closed_desk();
    let path = dir.path().join("desk.db");
    let length = fs::metadata(&path).unwrap().len() as usize;
    scribble(&path, length / 2, length / 2);
    let store = Store::open(dir.path(), &key, NOW).unwrap();
    assert_eq!(store.open_report().salvaged_from, None, "opening does not read the whole file");
    assert!(!store.check().unwrap().ok);
    let ids: Vec<_> = (1..=202).map(TicketId).collect();
    let error = ids.iter().find_map(|id| store.notes(*id).err()).unwrap();
    assert_eq!(error.code, Code::DatabaseCorrupt);
    drop(store);
    let store = Store::open(dir.path(), &key, NOW).unwrap();
    assert!(store.open_report().salvaged_from.is_some());
    assert_eq!(store.outbox().unwrap().len(), 1);
}

#[test]
fn a_kill_while_the_damaged_file_is_replaced_loses_neither() {
    let (dir, key) = closed_desk();
    // Killed before the swap: the half-built replacement is forgotten.
    fs::write(dir.path().join("desk.new.db"), b"half").unwrap();
    let store = Store::open(dir.path(), &key, NOW).unwrap();
    assert_eq!(store.outbox().unwrap().len(), 1);
    drop(store);
    // Killed between the two renames: the replacement takes its place.
    fs::rename(dir.path().join("desk.db"), dir.path().join("desk.new.db")).unwrap();
    let store = Store::open(dir.path(), &key, NOW).unwrap();
    assert!(!store.open_report().created);
    assert_eq!(store.outbox().unwrap().len(), 1);
}

/// A damaged desk whose latest words lie only in the log, as a kill leaves them.
fn damaged_desk_with_a_log() -> (TempDir, DatabaseKey) {
    let (dir, key) = closed_desk();
    let store = Store::open(dir.path(), &key, NOW).unwrap();
    let account = store.accounts().unwrap()[0].id;
    let id = store.ticket_id(account, "T1").unwrap().unwrap();
    store.enqueue(&NewOperation { ticket_id: id, kind: reply("只在日志里"), marker: "m9".into() }, NOW).unwrap();
    store
        .create_ticket(
            account,
            &deskbell_domain::sync::op::NewTicket { subject: "新开的".into(), ..Default::default() },
            "m10",
            NOW,
            NOW,
        )
        .unwrap();
    let killed = tempfile::tempdir().unwrap();
    for name in ["desk.db", "desk.db-wal", "desk.keycheck"] {
        fs::copy(dir.path().join(name), killed.path().join(name)).unwrap();
    }
    drop(store);
    let path = killed.path().join("desk.db");
    let length = fs::metadata(&path).unwrap().len() as usize;
    scribble(&path, length / 2, length / 2);
    fs::write(killed.path().join("desk.damaged"), b"").unwrap();
    (killed, key)
}

#[test]
fn a_kill_anywhere_in_the_swap_of_a_damaged_file_loses_nothing_of_its_log() {
    let aside = format!("desk.corrupt-{}.db", NOW.0);
    for killed_after in ["nothing", "the building", "the log", "the damaged file", "the replacement"] {
        let (dir, key) = damaged_desk_with_a_log();
        let at = |name: &str| dir.path().join(name);
        if killed_after != "nothing" {
            crate::open::build_replacement(&crate::open::Layout::new(dir.path()), &key, NOW).unwrap();
        }
        let steps = [("desk.db-wal", format!("{aside}-wal")), ("desk.db", aside.clone()), ("desk.new.db", "desk.db".into())];
        let done = ["the log", "the damaged file", "the replacement"].iter().position(|step| *step == killed_after);
        for (from, to) in steps.iter().take(done.map_or(0, |done| done + 1)) {
            // Reading the log out may have emptied it into the file.
            let moved = fs::rename(at(from), at(to));
            assert!(moved.is_ok() || *from == "desk.db-wal", "{killed_after}: {from}");
        }
        let store = Store::open(dir.path(), &key, NOW.plus_ms(1)).unwrap();
        let report = store.open_report();
        assert_eq!((report.salvaged_operations, report.salvaged_drafts), (3, 1), "{killed_after}");
        assert!(report.salvaged_from.unwrap().exists());
        let texts: Vec<_> = store.outbox().unwrap().into_iter().map(|record| (record.marker, record.ticket_remote_id)).collect();
        let expected = [("m10", ""), ("m9", "T1"), ("m1", "T1")].map(|(marker, remote)| (marker.to_owned(), remote.to_owned()));
        assert_eq!(texts, expected, "{killed_after}");
        let opened_here = store.ticket_rows(&Default::default(), Default::default(), 0, 9).unwrap().rows;
        assert!(opened_here.iter().any(|row| row.local && row.subject == "新开的"), "{killed_after}");
        drop(store);
        let store = Store::open(dir.path(), &key, NOW.plus_ms(2)).unwrap();
        assert_eq!((store.open_report().salvaged_from, store.outbox().unwrap().len()), (None, 3), "{killed_after}: told once");
        assert!(!at("desk.swap").exists() && !at("desk.new.db").exists());
    }
}

#[test]
fn an_edit_that_outlived_its_mirror_is_not_judged_by_made_up_values() {
    let (dir, key) = closed_desk();
    let store = Store::open(dir.path(), &key, NOW).unwrap();
    let account = store.accounts().unwrap()[0].id;
    let ticket_id = store.ticket_id(account, "T2").unwrap().unwrap();
    let untag = OperationKind::SetTags { from: vec!["网络".into()], to: vec![] };
    store.enqueue(&NewOperation { ticket_id, kind: untag.clone(), marker: "m2".into() }, NOW).unwrap();
    drop(store);
    fs::write(dir.path().join("desk.damaged"), b"").unwrap();
    let path = dir.path().join("desk.db");
    let length = fs::metadata(&path).unwrap().len() as usize;
    scribble(&path, length / 2, length / 2);
    let store = Store::open(dir.path(), &key, NOW).unwrap();
    assert!(store.open_report().salvaged_from.is_some());
    assert_eq!(store.claim_next(NOW, &[account]).unwrap().unwrap().outbound.marker, "m1");
    let claimed = store.claim_next(NOW, &[account]).unwrap().unwrap();
    assert_eq!((claimed.outbound.kind, claimed.outbound.base_version.as_str()), (untag, "v1"));
}

#[test]
fn a_damaged_desk_of_version_1_is_salvaged() {
    let dir = tempfile::tempdir().unwrap();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/desk-1.db");
    let path = dir.path().join("desk.db");
    fs::copy(fixture, &path).unwrap();
    let length = fs::metadata(&path).unwrap().len() as usize;
    scribble(&path, length - 4_096, 4_096);
    fs::write(dir.path().join("desk.damaged"), b"").unwrap();
    let key = DatabaseKey::from_hex(&"d5".repeat(32)).unwrap();
    let store = Store::open(dir.path(), &key, NOW).unwrap();
    let report = store.open_report();
    assert!(report.salvaged_from.is_some());
    assert_eq!((report.salvaged_operations, report.salvaged_drafts), (3, 1));
    assert_eq!(store.recover_outbox().unwrap(), 1);
}

#[test]
fn two_stores_on_one_file_see_each_other() {
    let (desk, id) = Desk::with_ticket("T1");
    desk.store.warm_columns().unwrap();
    let other = Store::open(desk.dir.path(), &desk.key, NOW).unwrap();
    let mut changed = ticket("T1");
    changed.status = Status::Resolved;
    let page = Observations { tickets: vec![changed], ..Observations::default() };
    other.apply_page(desk.account, &page, &[], "c2", true, NOW).unwrap();
    assert_eq!(desk.store.ticket(id).unwrap().unwrap().status, Status::Resolved);
    // The columns follow with the next commit of ours.
    desk.store.note_sync_result(desk.account, NOW, None).unwrap();
    let rows = desk.store.ticket_rows(&Default::default(), Default::default(), 0, 10).unwrap().rows;
    assert_eq!(rows[0].status, Status::Resolved);
}

#[test]
fn many_callers_at_once_read_and_write_and_claim_each_operation_once() {
    let (desk, id) = Desk::with_ticket("T1");
    let tickets: Vec<_> = (0..20).map(|at| ticket(&format!("P{at}"))).collect();
    desk.apply(&Observations { tickets, ..Observations::default() });
    for at in 0..20 {
        desk.enqueue(desk.ticket(&format!("P{at}")), reply("x"), &format!("m{at}"));
    }
    let claimed = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                while let Some(claim) = desk.store.claim_next(NOW, &[desk.account]).unwrap() {
                    claimed.lock().unwrap().push(claim.id);
                    assert_eq!(desk.store.search("宕机", &Default::default(), 10).unwrap().tickets[0].id, id);
                    assert_eq!(desk.store.ticket_rows(&Default::default(), Default::default(), 0, 50).unwrap().total, 21);
                }
            });
        }
    });
    let mut claimed = claimed.into_inner().unwrap();
    claimed.sort_unstable();
    claimed.dedup();
    assert_eq!(claimed.len(), 20);
}
