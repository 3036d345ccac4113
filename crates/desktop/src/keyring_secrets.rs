//! Secrets in the Secret Service, the Keychain or the Credential Manager.

use deskbell_domain::Code;
use deskbell_engine::ports::{Secrets, SecretsError};
use keyring::Entry;
use keyring::Error;
use secrecy::{ExposeSecret, SecretString};

/// How every entry of this program is filed in the keyring.
const SERVICE: &str = "deskbell";

/// Set to `1` to act as on a desktop without a keyring: the passphrase vault is used instead.
const DISABLED_BY: &str = "DESKBELL_NO_KEYRING";

/// The operating system's keyring. Entries are named `deskbell` / the secret's name.
pub struct KeyringSecrets {
    disabled: bool,
}

impl KeyringSecrets {
    /// Reads `DESKBELL_NO_KEYRING` once; the keyring itself is first touched when a secret is asked for.
    #[must_use]
    pub fn from_environment() -> Self {
        Self { disabled: std::env::var_os(DISABLED_BY).is_some_and(|value| value == "1") }
    }

    fn entry(&self, name: &str) -> Result<Entry, SecretsError> {
        if self.disabled {
            return Err(SecretsError { code: Code::KeyringMissing, detail: format!("{DISABLED_BY} is set") });
        }
        Entry::new(SERVICE, name).map_err(|error| named(&error))
    }
}

impl Secrets for KeyringSecrets {
    fn get(&self, name: &str) -> Result<Option<SecretString>, SecretsError> {
        match self.entry(name)?.get_password() {
            Ok(value) => Ok(Some(SecretString::from(value))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(named(&error)),
        }
    }

    fn set(&self, name: &str, value: &SecretString) -> Result<(), SecretsError> {
        self.entry(name)?.set_password(value.expose_secret()).map_err(|error| named(&error))
    }

    fn delete(&self, name: &str) -> Result<(), SecretsError> {
        match self.entry(name)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(named(&error)),
        }
    }
}

/// A refusal of an existing keyring is `keyring_locked`; anything else means that there is none to use.
/// The detail never quotes a stored value: the variants that carry one say what is wrong with it only.
fn named(error: &Error) -> SecretsError {
    let code = match error {
        Error::NoStorageAccess(_) => Code::KeyringLocked,
        _ => Code::KeyringMissing,
    };
    let detail = match error {
        Error::BadDataFormat(..) => "the keyring's entry has an unknown format".to_owned(),
        Error::NoDefaultStore => match Entry::store_status() {
            Err(Error::PlatformFailure(reason) | Error::NoStorageAccess(reason)) => reason.to_string(),
            _ => error.to_string(),
        },
        _ => error.to_string(),
    };
    SecretsError { code, detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disabled_keyring_is_named_missing_for_every_access() {
        let secrets = KeyringSecrets { disabled: true };
        let value = SecretString::from("value".to_owned());
        let failures = [secrets.get("a").map(|_| ()), secrets.set("a", &value), secrets.delete("a")];
        assert!(failures.iter().all(|outcome| outcome.as_ref().is_err_and(|error| error.code == Code::KeyringMissing)));
    }

    #[test]
    fn a_locked_keyring_is_told_apart_from_a_missing_one() {
        assert_eq!(named(&Error::NoStorageAccess("locked collection".into())).code, Code::KeyringLocked);
        assert_eq!(named(&Error::NoDefaultStore).code, Code::KeyringMissing);
        assert_eq!(named(&Error::PlatformFailure("no such name".into())).code, Code::KeyringMissing);
    }

    #[test]
    fn a_malformed_entry_is_reported_without_its_content() {
        let error = named(&Error::BadDataFormat(b"hunter2".to_vec(), "hunter2 is not base64".into()));
        assert!(!error.detail.contains("hunter2"), "{}", error.detail);
    }
}
