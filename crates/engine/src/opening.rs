//! Finding the key and opening the store: keyring first, passphrase vault where there is none.

use std::path::Path;
use std::sync::Arc;

use deskbell_domain::{Code, UtcMs};
use deskbell_store::{DatabaseKey, Store, rekey, vault};
use secrecy::{ExposeSecret, SecretString};

use crate::error::EngineError;
use crate::ports::{Secrets, SecretsError};

const DATABASE_KEY: &str = "database-key";
/// The key that is to take its place, while it does.
const NEXT_KEY: &str = "database-key-next";

/// Where secrets of this data directory are kept.
#[derive(Clone)]
pub enum SecretKeeper {
    /// `scope` is the data directory: two directories never share a secret.
    Keyring { secrets: Arc<dyn Secrets>, scope: String },
    /// In the encrypted database itself: its key opens with the passphrase.
    Vault(Store),
}

impl SecretKeeper {
    /// # Errors
    /// Keyring or storage failure.
    pub fn get(&self, name: &str) -> Result<Option<SecretString>, EngineError> {
        match self {
            Self::Keyring { secrets, scope } => Ok(secrets.get(&scoped(name, scope))?),
            Self::Vault(store) => Ok(store.vault_secret(name)?.map(|value| SecretString::from(value.to_string()))),
        }
    }

    /// # Errors
    /// Keyring or storage failure.
    pub fn set(&self, name: &str, value: &SecretString) -> Result<(), EngineError> {
        match self {
            Self::Keyring { secrets, scope } => Ok(secrets.set(&scoped(name, scope), value)?),
            Self::Vault(store) => Ok(store.put_vault_secret(name, value.expose_secret())?),
        }
    }

    /// # Errors
    /// Keyring or storage failure.
    pub fn delete(&self, name: &str) -> Result<(), EngineError> {
        match self {
            Self::Keyring { secrets, scope } => Ok(secrets.delete(&scoped(name, scope))?),
            Self::Vault(store) => Ok(store.delete_vault_secret(name)?),
        }
    }
}

/// What came of opening a data directory.
pub enum Opening {
    Open {
        store: Store,
        keeper: SecretKeeper,
    },
    /// A vault is here; the passphrase is needed.
    Locked,
    /// No keyring (for this reason) and no vault: one has to be made with [`create_vault`].
    VaultNeeded {
        reason: Code,
    },
}

/// Opens the store with whatever key this machine has for it. Blocking.
///
/// # Errors
/// `keyring_locked`/`keyring_missing` when a database exists whose key only the keyring has,
/// `database_key_wrong` when the keyring has lost it, and every failure of [`Store::open`].
pub fn open(data_dir: &Path, secrets: &Arc<dyn Secrets>, now: UtcMs) -> Result<Opening, EngineError> {
    if vault::exists(data_dir) {
        return Ok(Opening::Locked);
    }
    let scope = scope_of(data_dir);
    match key_in_keyring(data_dir, secrets, &scope) {
        Ok(Some(hex)) => {
            let store = Store::open(data_dir, &DatabaseKey::from_hex(hex.expose_secret())?, now)?;
            if rekey::is_under_way(data_dir) {
                finish_later(take_next_key(data_dir, secrets, &scope, &hex));
            }
            Ok(Opening::Open { store, keeper: SecretKeeper::Keyring { secrets: Arc::clone(secrets), scope } })
        }
        Ok(None) if Store::exists(data_dir) => {
            Err(EngineError::with_detail(Code::DatabaseKeyWrong, "the keyring has no key for this database")
                .arg("path", data_dir.display().to_string()))
        }
        Ok(None) => create_with_keyring(data_dir, secrets, scope, now),
        Err(error) if Store::exists(data_dir) => Err(error.into()),
        Err(SecretsError { code, .. }) => Ok(Opening::VaultNeeded { reason: code }),
    }
}

/// Makes the vault and opens a new store with its key. Blocking.
///
/// # Errors
/// `input_invalid` for an empty passphrase, and every failure of [`Store::open`].
pub fn create_vault(data_dir: &Path, passphrase: &str, now: UtcMs) -> Result<(Store, SecretKeeper), EngineError> {
    if passphrase.is_empty() {
        return Err(EngineError::new(Code::InputInvalid).arg("field", "passphrase"));
    }
    let key = vault::create(data_dir, passphrase)?;
    let store = Store::open(data_dir, &key, now)?;
    Ok((store.clone(), SecretKeeper::Vault(store)))
}

/// Opens the store with the vault's key. Blocking (Argon2id: tens of milliseconds).
///
/// # Errors
/// `passphrase_wrong`, and every failure of [`Store::open`].
pub fn unlock_vault(data_dir: &Path, passphrase: &str, now: UtcMs) -> Result<(Store, SecretKeeper), EngineError> {
    let key = vault::unlock(data_dir, passphrase)?;
    let store = Store::open(data_dir, &key, now)?;
    if rekey::is_under_way(data_dir) {
        finish_later(take_next_vault(data_dir));
    }
    Ok((store.clone(), SecretKeeper::Vault(store)))
}

fn key_in_keyring(data_dir: &Path, secrets: &Arc<dyn Secrets>, scope: &str) -> Result<Option<SecretString>, SecretsError> {
    if rekey::is_under_way(data_dir)
        && let Some(next) = secrets.get(&scoped(NEXT_KEY, scope))?
    {
        return Ok(Some(next));
    }
    secrets.get(&scoped(DATABASE_KEY, scope))
}

/// Keeps the key that is to be the desk's before anything is under it.
pub(crate) fn keep_next_key(secrets: &Arc<dyn Secrets>, scope: &str, key: &DatabaseKey) -> Result<(), EngineError> {
    let hex = SecretString::from(key.to_hex().to_string());
    let name = scoped(NEXT_KEY, scope);
    secrets.set(&name, &hex)?;
    if secrets.get(&name)?.is_none_or(|kept| kept.expose_secret() != hex.expose_secret()) {
        return Err(EngineError::with_detail(Code::KeyringMissing, "the keyring did not keep the new key"));
    }
    Ok(())
}

/// The key that everything is under by now is the desk's.
pub(crate) fn take_next_key(
    data_dir: &Path,
    secrets: &Arc<dyn Secrets>,
    scope: &str,
    hex: &SecretString,
) -> Result<(), EngineError> {
    secrets.set(&scoped(DATABASE_KEY, scope), hex)?;
    rekey::finished(data_dir)?;
    Ok(secrets.delete(&scoped(NEXT_KEY, scope))?)
}

/// As [`take_next_key`], where the vault keeps it.
pub(crate) fn take_next_vault(data_dir: &Path) -> Result<(), EngineError> {
    vault::take_next(data_dir)?;
    Ok(rekey::finished(data_dir)?)
}

/// The desk is whole under the key that was kept for it: what is left to be done about it waits for the next start.
pub(crate) fn finish_later(done: Result<(), EngineError>) {
    if let Err(error) = done {
        tracing::warn!(code = error.code.as_str(), "A change of the key is finished at the next start.");
    }
}

/// The key is stored before the database exists and read back: a keyring that forgets would lock the
/// person out of their own words.
fn create_with_keyring(data_dir: &Path, secrets: &Arc<dyn Secrets>, scope: String, now: UtcMs) -> Result<Opening, EngineError> {
    let key = DatabaseKey::random()?;
    let hex = SecretString::from(key.to_hex().to_string());
    let name = scoped(DATABASE_KEY, &scope);
    if let Err(error) = secrets.set(&name, &hex) {
        return Ok(Opening::VaultNeeded { reason: error.code });
    }
    let kept = secrets.get(&name)?;
    if kept.is_none_or(|kept| kept.expose_secret() != hex.expose_secret()) {
        return Ok(Opening::VaultNeeded { reason: Code::KeyringMissing });
    }
    let store = Store::open(data_dir, &key, now)?;
    Ok(Opening::Open { store, keeper: SecretKeeper::Keyring { secrets: Arc::clone(secrets), scope } })
}

fn scoped(name: &str, scope: &str) -> String {
    format!("{name}:{scope}")
}

/// The directory without links. The part that does not exist yet is taken as it will be: the first start, which makes
/// the directory, and every later one must come to one name.
fn scope_of(data_dir: &Path) -> String {
    let whole = std::path::absolute(data_dir).unwrap_or_else(|_| data_dir.to_path_buf());
    let resolved = whole.ancestors().find_map(|existing| {
        let real = std::fs::canonicalize(existing).ok()?;
        let rest = whole.strip_prefix(existing).ok()?;
        Some(if rest.as_os_str().is_empty() { real } else { real.join(rest) })
    });
    resolved.unwrap_or(whole).display().to_string()
}
