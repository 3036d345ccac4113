//! Nothing readable on disk: neither a secret nor a customer's words; and named failures at the door.

use std::path::Path;
use std::sync::Arc;

use deskbell_domain::Code;
use deskbell_domain::ticket::Visibility;
use deskbell_engine::opening::{self, Opening};
use deskbell_engine::ports::{Clock, Secrets};
use deskbell_engine::system::SystemClock;
use deskbell_testkit::{Machine, MemorySecrets};

use crate::support::{Server, TOKEN, desk, some_ticket};

fn files_holding(dir: &Path, needle: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_holding(&path, needle));
        } else if std::fs::read(&path).unwrap().windows(needle.len()).any(|window| window == needle) {
            found.push(path.display().to_string());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_secret_nor_text_is_readable_on_disk() {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let server = Server::start(&clock).await;
    let machine = Machine::new(clock);
    let dir = tempfile::tempdir().unwrap();
    let (engine, account) = desk(&machine, dir.path(), &server).await;
    engine.sync_account_once(account).await.unwrap();
    let (ticket, _) = some_ticket(&engine).await.unwrap();
    let subject = engine.ticket_detail(ticket).await.unwrap().subject;
    engine.put_draft(ticket, "a draft nobody else reads".to_owned(), Visibility::Public).await.unwrap();
    for needle in [TOKEN.as_bytes(), subject.as_bytes(), b"a draft nobody else reads", b"SQLite format 3"] {
        assert_eq!(files_holding(dir.path(), needle), Vec::<String>::new());
    }
}

#[test]
fn a_keyring_that_fails_is_named_and_a_vault_takes_its_place() {
    for code in [Code::KeyringLocked, Code::KeyringMissing] {
        let dir = tempfile::tempdir().unwrap();
        let secrets: Arc<dyn Secrets> = Arc::new(MemorySecrets::failing(code));
        let now = SystemClock.now();
        let Ok(Opening::VaultNeeded { reason }) = opening::open(dir.path(), &secrets, now) else { panic!("{code}") };
        assert_eq!(reason, code);
        drop(opening::create_vault(dir.path(), "correct horse", now).unwrap());
        let Ok(Opening::Locked) = opening::open(dir.path(), &secrets, now) else { panic!("{code}") };
        let wrong = opening::unlock_vault(dir.path(), "wrong horse", now).err().unwrap();
        assert_eq!(wrong.code, Code::PassphraseWrong);
        assert!(opening::unlock_vault(dir.path(), "correct horse", now).is_ok());
    }
}

#[test]
fn a_keyring_that_lost_the_key_does_not_make_a_new_desk_over_the_old() {
    let dir = tempfile::tempdir().unwrap();
    let now = SystemClock.now();
    let with_key: Arc<dyn Secrets> = Arc::new(MemorySecrets::default());
    let Ok(Opening::Open { store, .. }) = opening::open(dir.path(), &with_key, now) else { panic!("a new desk opens") };
    drop(store);
    let empty: Arc<dyn Secrets> = Arc::new(MemorySecrets::default());
    let lost = opening::open(dir.path(), &empty, now).err().unwrap();
    assert_eq!(lost.code, Code::DatabaseKeyWrong);
    let locked: Arc<dyn Secrets> = Arc::new(MemorySecrets::failing(Code::KeyringLocked));
    assert_eq!(opening::open(dir.path(), &locked, now).err().unwrap().code, Code::KeyringLocked);
    assert!(matches!(opening::open(dir.path(), &with_key, now), Ok(Opening::Open { .. })));
}
