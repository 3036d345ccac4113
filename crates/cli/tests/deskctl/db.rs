//! `deskctl db backup`, `restore` and `rekey` on a desk with a vault.

use std::fs;

use serde_json::json;

use crate::support::Desk;

/// A desk with a reply that waits.
fn desk_with_a_reply() -> Desk {
    let desk = Desk::with_ticket();
    desk.json(&["ticket", "reply", "1", "重启后恢复"]);
    desk
}

fn waiting(desk: &Desk) -> Vec<String> {
    let list = desk.json(&["outbox", "list"]);
    list.as_array().unwrap().iter().map(|one| one["kind"]["body"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_backup_is_put_back_and_what_stood_there_is_named_and_can_be_put_back_too() {
    let desk = desk_with_a_reply();
    let away = tempfile::tempdir().unwrap();
    let file = away.path().join("desk.backup");
    let path = file.to_str().unwrap();
    let made = desk.json(&["db", "backup", path]);
    assert_eq!((made["tickets"].as_i64(), made["waiting"].as_i64(), made["path"].as_str()), (Some(1), Some(1), Some(path)));
    assert_eq!(made["key_file"], json!(format!("{path}.key")));
    let failure = desk.failure(&["db", "backup", path]);
    assert_eq!((failure["code"].as_str(), failure["args"]["field"].as_str()), (Some("input_invalid"), Some("file")), "{failure}");
    desk.json(&["ticket", "reply", "1", "后来写的"]);
    let before = waiting(&desk);
    let restored = desk.json(&["db", "restore", path]);
    assert_eq!(waiting(&desk), ["重启后恢复"]);
    let aside = restored["kept_aside"].as_str().unwrap();
    assert!(aside.contains("desk.before-restore-") && fs::metadata(aside).unwrap().len() > 0, "{restored}");
    let told = desk.text(&["db", "restore", aside]);
    assert!(told.contains("is kept: ") && told.contains("looked for on its server"), "{told}");
    assert_eq!(waiting(&desk), before);
    assert_eq!(desk.json(&["db", "check"])["ok"], true);
}

#[test]
fn a_backup_opens_on_another_desk_with_its_key_and_passphrase() {
    let desk = desk_with_a_reply();
    let away = tempfile::tempdir().unwrap();
    let file = away.path().join("desk.backup");
    let path = file.to_str().unwrap();
    let made = desk.run_with(&["db", "backup", path, "--passphrase"], "一句口令\n");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let other = Desk::new();
    let restore = ["--json", "db", "restore", path, "--passphrase"];
    let wrong = other.run_with(&restore, "another\n");
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("passphrase_wrong"));
    assert_eq!(other.run_with(&restore, "").status.code(), Some(1), "no passphrase at all");
    assert_eq!(waiting(&other), Vec::<String>::new());
    let right = other.run_with(&restore, "一句口令\n");
    assert!(right.status.success(), "{}", String::from_utf8_lossy(&right.stderr));
    assert_eq!(waiting(&other), ["重启后恢复"]);
    fs::remove_file(away.path().join("desk.backup.key")).unwrap();
    let failure = Desk::new().failure(&["db", "restore", path]);
    assert_eq!(failure["code"], "backup_key_wrong");
    assert!(failure["args"]["detail"].as_str().unwrap().contains("desk.backup.key"), "{failure}");
}

#[test]
fn a_file_that_is_no_backup_is_refused_in_words_and_changes_nothing() {
    let desk = desk_with_a_reply();
    let away = tempfile::tempdir().unwrap();
    let file = away.path().join("notes.txt");
    fs::write(&file, "no backup at all ".repeat(1_000)).unwrap();
    let output = desk.run(&["db", "restore", file.to_str().unwrap()]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(told.contains("no backup of Deskbell") && told.contains("Nothing was changed."), "{told}");
    assert_eq!(desk.failure(&["db", "restore", "/nowhere/desk.backup"])["code"], "input_invalid");
    assert_eq!(waiting(&desk), ["重启后恢复"]);
    let engine = desk.engine();
    engine.store().stats().unwrap();
    let backup = away.path().join("desk.backup");
    let made = desk.json(&["db", "backup", backup.to_str().unwrap()]);
    assert_eq!(made["waiting"], 1, "also while another process has the desk open");
    let busy = desk.failure(&["db", "restore", backup.to_str().unwrap()]);
    assert_eq!(busy["code"], "database_busy", "{busy}");
    assert_eq!(desk.failure(&["db", "rekey"])["code"], "database_busy");
    drop(engine);
    assert_eq!(waiting(&desk), ["重启后恢复"]);
}

#[test]
fn after_another_key_the_desk_opens_with_the_same_passphrase_and_its_old_backup_with_its_key_file() {
    let desk = desk_with_a_reply();
    let away = tempfile::tempdir().unwrap();
    let file = away.path().join("desk.backup");
    let path = file.to_str().unwrap();
    desk.json(&["db", "backup", path]);
    let (vault, database) = (desk.path().join("vault.json"), desk.path().join("desk.db"));
    let before = (fs::read(&vault).unwrap(), fs::read(&database).unwrap());
    let attached = away.path().join("log.txt");
    fs::write(&attached, "bytes that wait").unwrap();
    desk.json(&["ticket", "attach", "1", attached.to_str().unwrap()]);
    assert_eq!(desk.json(&["db", "rekey"]), json!({ "files": 1, "files_unreadable": 0 }));
    assert!(before.0 != fs::read(&vault).unwrap() && before.1 != fs::read(&database).unwrap());
    assert_eq!(waiting(&desk).len(), 2);
    assert_eq!(desk.json(&["db", "check"])["ok"], true);
    let left: Vec<String> =
        fs::read_dir(desk.path()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    for name in ["desk.rekey", "vault.next.json", "files.old", "files.new", "desk.making.db", "desk.new.db"] {
        assert!(!left.iter().any(|left| left == name), "{name} in {left:?}");
    }
    desk.json(&["db", "restore", path]);
    assert_eq!(waiting(&desk), ["重启后恢复"]);
}
