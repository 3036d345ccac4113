//! Another key where the keyring keeps it, and backups of such a desk.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use secrecy::ExposeSecret as _;
use tempfile::TempDir;

use super::*;
use crate::opening::{self, Opening};
use crate::ports::{Secrets, SecretsError};

const NOW: UtcMs = UtcMs(1_800_000_000_000);

/// A keyring that may refuse to keep what begins with a word.
#[derive(Default)]
struct Keyring {
    kept: Mutex<BTreeMap<String, SecretString>>,
    refuses: Mutex<Option<&'static str>>,
}

impl Keyring {
    fn named(&self, name: &str) -> Option<String> {
        let kept = self.kept.lock().unwrap();
        kept.iter().find(|(key, _)| key.starts_with(name)).map(|(_, value)| value.expose_secret().to_owned())
    }
}

impl Secrets for Keyring {
    fn get(&self, name: &str) -> Result<Option<SecretString>, SecretsError> {
        Ok(self.kept.lock().unwrap().get(name).cloned())
    }

    fn set(&self, name: &str, value: &SecretString) -> Result<(), SecretsError> {
        if self.refuses.lock().unwrap().is_some_and(|refused| name.starts_with(refused)) {
            return Err(SecretsError { code: Code::KeyringLocked, detail: String::new() });
        }
        self.kept.lock().unwrap().insert(name.to_owned(), value.clone());
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<(), SecretsError> {
        self.kept.lock().unwrap().remove(name);
        Ok(())
    }
}

struct Desk {
    dir: TempDir,
    keyring: Arc<Keyring>,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { dir: tempfile::tempdir().unwrap(), keyring: Arc::default() };
        desk.open().0.put_setting("language", "zh-CN").unwrap();
        desk
    }

    fn open(&self) -> (Store, SecretKeeper) {
        let secrets: Arc<dyn Secrets> = Arc::clone(&self.keyring) as Arc<dyn Secrets>;
        match opening::open(self.dir.path(), &secrets, NOW).unwrap() {
            Opening::Open { store, keeper } => (store, keeper),
            _ => panic!("the keyring has the key"),
        }
    }

    fn is_whole(&self) {
        assert_eq!(self.open().0.setting("language").unwrap().as_deref(), Some("zh-CN"));
    }

    fn change_key(&self) -> Result<RekeyReport, EngineError> {
        let (store, keeper) = self.open();
        change_key(self.dir.path(), store, keeper, None)
    }

    fn key(&self) -> String {
        self.keyring.named("database-key:").unwrap()
    }
}

#[test]
fn the_keyring_has_the_new_key_and_nothing_else_afterwards() {
    let desk = Desk::new();
    let before = desk.key();
    desk.change_key().unwrap();
    assert_ne!(desk.key(), before);
    assert_eq!(desk.keyring.named("database-key-next"), None);
    assert!(!deskbell_store::rekey::is_under_way(desk.dir.path()));
    desk.is_whole();
    let old = Store::open(desk.dir.path(), &DatabaseKey::from_hex(&before).unwrap(), NOW);
    assert_eq!(old.unwrap_err().code, Code::DatabaseKeyWrong);
}

#[test]
fn a_keyring_that_does_not_keep_the_new_key_leaves_the_desk_as_it_was() {
    let desk = Desk::new();
    let before = desk.key();
    *desk.keyring.refuses.lock().unwrap() = Some("database-key-next");
    assert_eq!(desk.change_key().unwrap_err().code, Code::KeyringLocked);
    assert_eq!(desk.key(), before);
    desk.is_whole();
}

#[test]
fn a_keyring_that_locks_halfway_is_brought_up_to_date_by_a_later_start() {
    let desk = Desk::new();
    let before = desk.key();
    *desk.keyring.refuses.lock().unwrap() = Some("database-key:");
    desk.change_key().unwrap();
    assert_eq!(desk.key(), before, "the entry could not be changed");
    desk.is_whole();
    *desk.keyring.refuses.lock().unwrap() = None;
    desk.is_whole();
    assert_ne!(desk.key(), before);
    assert_eq!(desk.keyring.named("database-key-next"), None);
    desk.is_whole();
}

#[test]
fn a_backup_without_a_passphrase_opens_here_only_and_one_with_it_anywhere() {
    let (desk, other, away) = (Desk::new(), Desk::new(), tempfile::tempdir().unwrap());
    let (plain, sealed) = (away.path().join("plain"), away.path().join("sealed"));
    let store = desk.open().0;
    assert_eq!(back_up(&store, &plain, None, NOW).unwrap().key_file, None);
    assert!(back_up(&store, &sealed, Some("铃"), NOW).unwrap().key_file.is_some_and(|key| key.exists()));
    assert_eq!(back_up(&store, &sealed, Some(""), NOW).unwrap_err().args["field"], "file");
    store.put_setting("language", "en").unwrap();
    drop(store);
    let put_back = |desk: &Desk, file: &Path, passphrase: Option<&str>| {
        let (store, keeper) = desk.open();
        restore(store, keeper, file, passphrase, NOW)
    };
    assert_eq!(put_back(&other, &plain, Some("铃")).unwrap_err().code, Code::BackupKeyWrong);
    assert_eq!(put_back(&other, &sealed, None).unwrap_err().code, Code::BackupKeyWrong);
    assert_eq!(put_back(&other, &sealed, Some("钟")).unwrap_err().code, Code::PassphraseWrong);
    other.open().0.put_setting("language", "en").unwrap();
    put_back(&other, &sealed, Some("铃")).unwrap();
    other.is_whole();
    put_back(&desk, &plain, None).unwrap();
    desk.is_whole();
}
