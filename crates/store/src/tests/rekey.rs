//! Another key: everything is under it afterwards, nothing under the one before, wherever a kill falls.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use deskbell_domain::Code;
use deskbell_domain::sync::op::FileRef;

use super::*;
use crate::{StoreError, rekey};

fn desk_with_words() -> (Desk, FileRef) {
    let (desk, id) = Desk::with_ticket("T1");
    let mut writer = desk.store.create_file().unwrap();
    writer.write(b"bytes that wait").unwrap();
    let file = desk.store.keep_file(writer, "a.txt".into(), "text/plain".into(), Default::default(), NOW).unwrap();
    desk.enqueue(id, OperationKind::Attach { file: file.clone(), visibility: Visibility::Public }, "m1");
    desk.store.put_draft(id, "还在写", Visibility::Internal, NOW).unwrap();
    (desk, file)
}

/// Every file below `dir` with its bytes.
fn tree(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            found.extend(tree(&entry.path()).into_iter().map(|(below, bytes)| (format!("{name}/{below}"), bytes)));
        } else {
            found.insert(name, fs::read(entry.path()).unwrap());
        }
    }
    found
}

fn laid_out(tree: &BTreeMap<String, Vec<u8>>) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in tree {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    dir
}

fn is_whole(dir: &Path, key: &DatabaseKey, file: &FileRef) {
    let store = Store::open(dir, key, NOW).unwrap();
    let id = TicketId(1);
    assert_eq!(store.open_report().salvaged_from, None);
    assert_eq!((store.outbox().unwrap().len(), store.draft(id).unwrap().unwrap().body.as_str()), (1, "还在写"));
    assert_eq!(store.open_file(&file.sha256).unwrap().read_at(0, 99).unwrap(), b"bytes that wait");
    assert!(store.check().unwrap().ok);
}

#[test]
fn everything_is_under_the_new_key_and_nothing_under_the_old() {
    let (desk, file) = desk_with_words();
    let Desk { dir, key: old, store, .. } = desk;
    let new = DatabaseKey::random().unwrap();
    let mut kept_while_old = false;
    let report = store.rekey(&new, || {
        kept_while_old = !rekey::is_under_way(dir.path());
        Ok::<_, StoreError>(())
    });
    assert_eq!((report.unwrap().files, kept_while_old), (1, true), "the new key is kept before anything depends on it");
    assert!(rekey::is_under_way(dir.path()));
    assert_eq!(Store::open(dir.path(), &old, NOW).unwrap_err().code, Code::DatabaseKeyWrong);
    is_whole(dir.path(), &new, &file);
    rekey::finished(dir.path()).unwrap();
    is_whole(dir.path(), &new, &file);
    assert_eq!(Store::open(dir.path(), &old, NOW).unwrap_err().code, Code::DatabaseKeyWrong);
    let mut names: Vec<String> = tree(dir.path()).into_keys().filter(|name| !name.starts_with("files/")).collect();
    names.retain(|name| !["desk.db-wal", "desk.db-shm"].contains(&name.as_str()));
    assert_eq!(names, ["desk.db", "desk.keycheck"], "nothing of the old is left");
}

#[test]
fn a_new_key_that_cannot_be_kept_changes_nothing() {
    let (desk, file) = desk_with_words();
    let Desk { dir, key: old, store, .. } = desk;
    let new = DatabaseKey::random().unwrap();
    let refused = store.rekey(&new, || Err(StoreError::new(Code::KeyringLocked, "")));
    assert_eq!(refused.unwrap_err().code, Code::KeyringLocked);
    is_whole(dir.path(), &old, &file);
    assert!(!dir.path().join("files.new").exists() && !dir.path().join("desk.making.db").exists());
    // Nor does one while a window is open.
    let window = Store::open(dir.path(), &old, NOW).unwrap();
    window.put_setting("language", "en").unwrap();
    let store = Store::open(dir.path(), &old, NOW).unwrap();
    let busy = store.rekey(&new, || Ok::<_, StoreError>(()));
    assert_eq!(busy.unwrap_err().code, Code::DatabaseBusy);
    drop(window);
    is_whole(dir.path(), &old, &file);
}

#[test]
fn a_kill_anywhere_leaves_a_desk_that_one_of_the_two_keys_opens_whole() {
    let (desk, file) = desk_with_words();
    let Desk { dir, key: old, store, .. } = desk;
    drop(store);
    let before = tree(dir.path());
    let new = DatabaseKey::random().unwrap();
    // Killed when the new key is being kept: everything is written anew, and nothing replaced.
    let mut prepared = BTreeMap::new();
    let store = Store::open(dir.path(), &old, NOW).unwrap();
    store
        .rekey(&new, || {
            prepared = tree(dir.path());
            Ok::<_, StoreError>(())
        })
        .unwrap();
    let after = tree(dir.path());
    for (killed, state) in [("before it began", &before), ("before the mark", &prepared)] {
        let dir = laid_out(state);
        is_whole(dir.path(), &old, &file);
        assert!(!dir.path().join("files.new").exists(), "{killed}: nothing of it is left");
    }
    // From the mark on: each step done or not.
    let mark = after["desk.rekey"].clone();
    let replacement = prepared["desk.making.db"].clone();
    let marked: BTreeMap<_, _> = prepared
        .clone()
        .into_iter()
        .filter(|(name, _)| name != "desk.making.db")
        .chain([("desk.rekey".to_owned(), mark), ("desk.new.db".to_owned(), replacement)])
        .collect();
    let renamed = |tree: &BTreeMap<String, Vec<u8>>, from: &str, to: &str| -> BTreeMap<String, Vec<u8>> {
        let moved = |name: &str| name.strip_prefix(from).map_or_else(|| name.to_owned(), |rest| format!("{to}{rest}"));
        tree.iter().map(|(name, bytes)| (moved(name), bytes.clone())).collect()
    };
    let database_placed = {
        let without: BTreeMap<_, _> = marked.clone().into_iter().filter(|(name, _)| name != "desk.db").collect();
        renamed(&without, "desk.new.db", "desk.db")
    };
    let files_aside = renamed(&database_placed, "files/", "files.old/");
    let files_placed = renamed(&files_aside, "files.new/", "files/");
    for (killed, state) in [
        ("after the mark", &marked),
        ("after the database", &database_placed),
        ("between the two folders", &files_aside),
        ("before the old files went", &files_placed),
        ("at the end", &after),
    ] {
        let dir = laid_out(state);
        assert_eq!(Store::open(dir.path(), &old, NOW).unwrap_err().code, Code::DatabaseKeyWrong, "{killed}");
        is_whole(dir.path(), &new, &file);
        assert!(!dir.path().join("files.old").exists(), "{killed}: nothing under the old key is left");
    }
}
