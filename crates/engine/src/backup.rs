//! Backups, putting one back, and another key: for a host that has the data directory to itself. All of it blocks.

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use deskbell_domain::{Code, UtcMs};
use deskbell_store::{BackupReport, DatabaseKey, Store, vault};
use secrecy::SecretString;
use serde::Serialize;

pub use deskbell_store::rekey::RekeyReport;

use crate::error::EngineError;
use crate::opening::{SecretKeeper, finish_later, keep_next_key, take_next_key, take_next_vault};

/// A backup that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Backup {
    #[serde(flatten)]
    pub report: BackupReport,
    /// The key under a passphrase, beside it; without one it opens only with the key that this desk has.
    pub key_file: Option<PathBuf>,
}

/// Where the sealed key of a backup lies.
fn key_file(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".key");
    PathBuf::from(name)
}

/// Writes a copy of the desk to `file`, and with a passphrase the key beside it.
///
/// # Errors
/// `input_invalid` where one of the two is there already, and those of [`Store::back_up`].
pub fn back_up(store: &Store, file: &Path, passphrase: Option<&str>, now: UtcMs) -> Result<Backup, EngineError> {
    let sealed = key_file(file);
    if let Some(passphrase) = passphrase {
        if file.exists() {
            let detail = format!("{} is there already", file.display());
            return Err(EngineError::with_detail(Code::InputInvalid, detail).arg("field", "file"));
        }
        store.seal_key(&sealed, passphrase).map_err(of_file)?;
    }
    let written = store.back_up(file, now).map_err(of_file);
    if written.is_err() && passphrase.is_some() {
        let _left = std::fs::remove_file(&sealed);
    }
    Ok(Backup { report: written?, key_file: passphrase.map(|_| sealed) })
}

/// Puts a backup in the place of the desk's database, which is kept aside. A backup under another key needs its passphrase.
///
/// # Errors
/// Nothing is changed with any of them: `backup_key_wrong`, `passphrase_wrong`, and those of [`Store::restore`].
pub fn restore(
    store: Store,
    keeper: SecretKeeper,
    file: &Path,
    passphrase: Option<&str>,
    now: UtcMs,
) -> Result<BackupReport, EngineError> {
    drop(keeper);
    if store.opens_backup(file).map_err(of_file)? {
        return store.restore(file, None, now).map_err(of_file);
    }
    let sealed = key_file(file);
    let passphrase = passphrase.filter(|_| sealed.exists()).ok_or_else(|| {
        let detail = format!("it is not under this desk's key; its own would lie in {}", sealed.display());
        EngineError::with_detail(Code::BackupKeyWrong, detail).arg("field", "file")
    })?;
    let key = vault::unseal(&sealed, passphrase)?;
    store.restore(file, Some(&key), now).map_err(of_file)
}

fn of_file(error: deskbell_store::StoreError) -> EngineError {
    let is_of_file = matches!(error.code, Code::InputInvalid | Code::BackupKeyWrong | Code::BackupUnreadable);
    let error = EngineError::from(error);
    if is_of_file { error.arg("field", "file") } else { error }
}

/// Encrypts database and kept files under a new key. `passphrase` is the vault's, where the desk has one.
///
/// # Errors
/// Nothing is changed with any of them: those of [`Store::rekey`], of the keyring, `passphrase_wrong`.
pub fn change_key(
    data_dir: &Path,
    store: Store,
    keeper: SecretKeeper,
    passphrase: Option<&str>,
) -> Result<RekeyReport, EngineError> {
    let new = DatabaseKey::random()?;
    match keeper {
        SecretKeeper::Keyring { secrets, scope } => {
            let report = store.rekey(&new, || keep_next_key(&secrets, &scope, &new))?;
            let hex = SecretString::from(new.to_hex().to_string());
            finish_later(take_next_key(data_dir, &secrets, &scope, &hex));
            Ok(report)
        }
        SecretKeeper::Vault(clone) => {
            drop(clone);
            let passphrase = passphrase.ok_or_else(|| EngineError::new(Code::VaultLocked))?;
            let report = store.rekey(&new, || vault::keep_next(data_dir, passphrase, &new).map_err(EngineError::from))?;
            finish_later(take_next_vault(data_dir));
            Ok(report)
        }
    }
}
