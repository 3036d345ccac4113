//! A desk copied to one file and put back; what stood there before is kept, and what may have left since is asked for.

use std::fs;
use std::path::Path;

use deskbell_domain::Code;
use deskbell_domain::sync::op::{FileRef, OperationState};

use super::*;
use crate::connection::connect;

/// A desk with an edit that waits, a draft, a half-asked visit and a file that no server has.
fn desk_with_words() -> (Desk, FileRef) {
    let (desk, id) = Desk::with_ticket("T1");
    let mut writer = desk.store.create_file().unwrap();
    writer.write(&"照片".repeat(50_000).into_bytes()).unwrap();
    let file = desk.store.keep_file(writer, "photo.png".into(), "image/png".into(), Default::default(), NOW).unwrap();
    desk.enqueue(id, reply("重启后恢复"), "m1");
    desk.enqueue(id, OperationKind::Attach { file: file.clone(), visibility: Visibility::Public }, "m2");
    desk.store.put_draft(id, "还在写", Visibility::Internal, NOW).unwrap();
    desk.store.put_visit_draft(id, Some(r#"{"asset":"SN-7"}"#), NOW).unwrap();
    (desk, file)
}

fn words(store: &Store, id: TicketId) -> (Vec<String>, String, Option<String>) {
    let outbox = store.outbox().unwrap().into_iter().map(|one| one.marker).collect();
    (outbox, store.draft(id).unwrap().unwrap().body, store.visit_draft(id).unwrap())
}

#[test]
fn a_backup_put_back_brings_what_was_typed_and_its_files_and_keeps_what_stood_there() {
    let (desk, file) = desk_with_words();
    let id = desk.ticket("T1");
    let away = tempfile::tempdir().unwrap();
    let path = away.path().join("desk.backup");
    let report = desk.store.back_up(&path, NOW).unwrap();
    assert_eq!((report.tickets, report.waiting, report.files, report.files_missing), (1, 2, 1, 0));
    assert_eq!((report.path.as_path(), report.bytes), (path.as_path(), fs::metadata(&path).unwrap().len()));
    assert_eq!(fs::read_dir(away.path()).unwrap().count(), 1, "nothing lies beside it");
    let bytes = fs::read(&path).unwrap();
    for secret in ["SQLite format", "重启后恢复", "照片照片"] {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
    }
    let before = words(&desk.store, id);
    // A later life of the desk: everything is gone, and something else was typed.
    desk.store.put_draft(id, "后来写的", Visibility::Public, NOW).unwrap();
    desk.store.put_visit_draft(id, None, NOW).unwrap();
    fs::remove_dir_all(desk.dir.path().join("files")).unwrap();
    let Desk { dir, key, store, account } = desk;
    let restored = store.restore(&path, None, NOW.plus_ms(5)).unwrap();
    assert_eq!((restored.made_at, restored.waiting, restored.files, restored.files_missing), (NOW, 2, 1, 0));
    let aside = restored.kept_aside.unwrap();
    assert_eq!(aside, dir.path().join(format!("desk.before-restore-{}.db", NOW.plus_ms(5).0)));
    let store = Store::open(dir.path(), &key, NOW).unwrap();
    assert_eq!((store.open_report().salvaged_from, store.open_report().created), (None, false));
    assert_eq!(words(&store, id), before);
    assert!(store.check().unwrap().ok);
    let tables = "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'backup%'";
    assert_eq!(store.read(|connection| crate::connection::one::<i64>(connection, tables)).unwrap(), 0);
    let mut reader = store.open_file(&file.sha256).unwrap();
    assert_eq!(reader.read_at(0, 300_000).unwrap(), "照片".repeat(50_000).into_bytes());
    // What stood there before is put back in the same way.
    let back = store.restore(&aside, None, NOW.plus_ms(9)).unwrap();
    assert!(back.kept_aside.unwrap().exists() && aside.exists());
    let store = Store::open(dir.path(), &key, NOW).unwrap();
    assert_eq!(store.draft(id).unwrap().unwrap().body, "后来写的");
    assert_eq!(store.accounts().unwrap()[0].id, account);
}

#[test]
fn what_waited_in_a_backup_is_looked_for_before_it_is_sent() {
    let (desk, _) = desk_with_words();
    let away = tempfile::tempdir().unwrap();
    let path = away.path().join("desk.backup");
    desk.store.back_up(&path, NOW.plus_ms(7)).unwrap();
    let Desk { dir, key, store, account } = desk;
    store.restore(&path, None, NOW.plus_ms(1_000)).unwrap();
    let store = Store::open(dir.path(), &key, NOW.plus_ms(1_000)).unwrap();
    let claimed = store.claim_next(NOW.plus_ms(1_000), &[account]).unwrap().unwrap();
    assert_eq!((claimed.outbound.marker.as_str(), claimed.state_before), ("m1", OperationState::Unknown));
    assert_eq!(claimed.last_attempt_at, Some(NOW.plus_ms(7)), "it may have left from then on");
}

#[test]
fn a_backup_under_another_key_is_put_back_with_it_and_the_desk_keeps_its_own() {
    let (desk, file) = desk_with_words();
    let id = desk.ticket("T1");
    let before = words(&desk.store, id);
    let away = tempfile::tempdir().unwrap();
    let path = away.path().join("desk.backup");
    desk.store.back_up(&path, NOW).unwrap();
    let other = Desk::new();
    assert!(!other.store.opens_backup(&path).unwrap() && desk.store.opens_backup(&path).unwrap());
    let Desk { dir, key, store, .. } = other;
    let error = store.restore(&path, None, NOW).unwrap_err();
    assert_eq!(error.code, Code::BackupKeyWrong);
    let store = Store::open(dir.path(), &key, NOW).unwrap();
    store.restore(&path, Some(&desk.key), NOW).unwrap();
    let store = Store::open(dir.path(), &key, NOW).unwrap();
    assert_eq!(words(&store, id), before);
    store.open_file(&file.sha256).unwrap().check().unwrap();
    assert!(store.back_up(&away.path().join("again"), NOW).unwrap().files_missing == 0);
}

#[test]
fn what_is_no_backup_changes_nothing_and_says_why() {
    let (desk, _) = desk_with_words();
    let away = tempfile::tempdir().unwrap();
    let at = |name: &str| away.path().join(name);
    desk.store.back_up(&at("whole"), NOW).unwrap();
    assert_eq!(desk.store.back_up(&at("whole"), NOW).unwrap_err().code, Code::InputInvalid, "nothing is overwritten");
    let mut damaged = fs::read(at("whole")).unwrap();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    fs::write(at("damaged"), &damaged).unwrap();
    fs::write(at("cut"), &damaged[..8_192]).unwrap();
    fs::write(at("text"), "not a database ".repeat(1_000)).unwrap();
    fs::write(at("empty"), "").unwrap();
    fs::copy(at("whole"), at("newer")).unwrap();
    connect(&at("newer"), &desk.key).unwrap().execute_batch("PRAGMA user_version = 999").unwrap();
    connect(&at("foreign"), &desk.key).unwrap().execute_batch("CREATE TABLE x (y); PRAGMA user_version = 1").unwrap();
    let Desk { dir, key, mut store, .. } = desk;
    let before = words(&store, TicketId(1));
    for (name, code) in [
        ("missing", Code::InputInvalid),
        ("damaged", Code::BackupUnreadable),
        ("cut", Code::BackupUnreadable),
        ("text", Code::BackupKeyWrong),
        ("empty", Code::BackupUnreadable),
        ("newer", Code::DatabaseNewer),
        ("foreign", Code::BackupUnreadable),
    ] {
        let error = store.restore(&at(name), None, NOW).unwrap_err();
        assert_eq!(error.code, code, "{name}: {error}");
        store = Store::open(dir.path(), &key, NOW).unwrap();
        assert_eq!(words(&store, TicketId(1)), before, "{name}");
        let asides = fs::read_dir(dir.path()).unwrap().map(Result::unwrap);
        assert_eq!(asides.filter(|file| file.file_name().to_string_lossy().contains("before")).count(), 0, "{name}");
    }
}

#[test]
fn nothing_is_put_back_under_a_desk_that_is_open_elsewhere() {
    let (desk, _) = desk_with_words();
    let away = tempfile::tempdir().unwrap();
    let path = away.path().join("desk.backup");
    desk.store.back_up(&path, NOW).unwrap();
    let Desk { dir, key, store, .. } = desk;
    let clone = store.clone();
    assert_eq!(store.restore(&path, None, NOW).unwrap_err().code, Code::Internal, "a clone is left");
    drop(clone);
    let window = Store::open(dir.path(), &key, NOW).unwrap();
    window.put_setting("language", "en").unwrap();
    let store = Store::open(dir.path(), &key, NOW).unwrap();
    assert_eq!(store.restore(&path, None, NOW).unwrap_err().code, Code::DatabaseBusy);
    assert_eq!(window.outbox().unwrap().len(), 2, "the window goes on");
    drop(window);
    let store = Store::open(dir.path(), &key, NOW).unwrap();
    store.restore(&path, None, NOW).unwrap();
}

#[test]
fn a_backup_of_an_earlier_version_is_brought_to_today() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/desk-1.db");
    let old_key = DatabaseKey::from_hex(&"d5".repeat(32)).unwrap();
    let away = tempfile::tempdir().unwrap();
    let path = away.path().join("old.db");
    fs::copy(fixture, &path).unwrap();
    let Desk { dir, key, store, .. } = Desk::new();
    store.restore(&path, Some(&old_key), NOW).unwrap();
    let store = Store::open(dir.path(), &key, NOW).unwrap();
    assert_eq!(store.outbox_counts().unwrap().waiting, 3);
    assert_eq!(store.setting("language").unwrap().as_deref(), Some("zh-CN"));
}

#[test]
fn a_kill_between_the_two_steps_of_the_swap_is_finished_by_the_next_start() {
    let (desk, _) = desk_with_words();
    let Desk { dir, key, store, .. } = desk;
    drop(store);
    let at = |name: &str| dir.path().join(name);
    fs::copy(at("desk.db"), at("desk.new.db")).unwrap();
    fs::write(at("desk.swap"), "desk.before-restore-1.db").unwrap();
    let store = Store::open(dir.path(), &key, NOW).unwrap();
    assert_eq!(store.open_report().salvaged_from, None, "nothing was damaged");
    assert!(at("desk.before-restore-1.db").exists() && store.outbox().unwrap().len() == 2);
}
