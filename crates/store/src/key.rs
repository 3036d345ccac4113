//! The key of the database: 32 random bytes, never a passphrase.

use std::fmt::Write as _;

use deskbell_domain::Code;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize as _, Zeroizing};

use crate::error::{Result, StoreError};

/// Length of the raw key in bytes (AES-256).
pub(crate) const KEY_BYTES: usize = 32;

/// A raw SQLCipher key. Wiped when dropped, never printed.
#[derive(Clone)]
pub struct DatabaseKey([u8; KEY_BYTES]);

impl Drop for DatabaseKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for DatabaseKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseKey(…)")
    }
}

impl DatabaseKey {
    /// A fresh key from the operating system's random source.
    ///
    /// # Errors
    /// `Internal` when the system gives no random bytes.
    pub fn random() -> Result<Self> {
        let mut bytes = [0_u8; KEY_BYTES];
        fill_random(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Reads 64 hexadecimal digits.
    ///
    /// # Errors
    /// `InputInvalid` for anything else.
    pub fn from_hex(text: &str) -> Result<Self> {
        let bytes = Zeroizing::new(unhex(text.trim()).unwrap_or_default());
        let mut key = Self([0; KEY_BYTES]);
        if bytes.len() != KEY_BYTES {
            return Err(StoreError::new(Code::InputInvalid, "a database key has 64 hexadecimal digits"));
        }
        key.0.copy_from_slice(&bytes);
        Ok(key)
    }

    /// 64 lower-case hexadecimal digits, for the keyring.
    #[must_use]
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex(&self.0))
    }

    pub(crate) const fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }

    /// Names the key without telling it: lets a wrong key be told from a damaged file, which SQLCipher cannot.
    pub(crate) fn fingerprint(&self) -> String {
        let digest = Sha256::new().chain_update(b"deskbell database key fingerprint 1").chain_update(self.0).finalize();
        hex(&digest).chars().take(32).collect()
    }
}

pub(crate) fn fill_random(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes).map_err(|error| StoreError::internal(format!("random source: {error}")))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_its_hex_form_and_is_never_printed() {
        let key = DatabaseKey::random().unwrap();
        assert_eq!(DatabaseKey::from_hex(&key.to_hex()).unwrap().bytes(), key.bytes());
        assert_eq!(format!("{key:?}"), "DatabaseKey(…)");
        assert!(!key.fingerprint().contains(&key.to_hex()[..16]));
        for bad in ["", "00", "zz", "é", &"0".repeat(63), &"g".repeat(64)] {
            assert_eq!(DatabaseKey::from_hex(bad).unwrap_err().code, Code::InputInvalid, "{bad}");
        }
    }
}
