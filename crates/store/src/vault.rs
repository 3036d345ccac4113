//! The key of the database where the machine has no keyring: sealed under a passphrase in `vault.json`.
//!
//! A random data key is sealed with ChaCha20-Poly1305 (RFC 8439) under a key that Argon2id (RFC 9106) derives from the
//! passphrase. The passphrase itself is kept nowhere.

use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use deskbell_domain::Code;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::{Result, StoreError};
use crate::key::{DatabaseKey, fill_random, hex, unhex};
use crate::open::{make_directory, write_private};

/// Memory that one guess costs, in KiB.
const MEMORY_KIB: u32 = 64 * 1024;
/// Passes over that memory.
const PASSES: u32 = 3;
/// What a tampered file may ask of us at most, in KiB and passes.
const MEMORY_KIB_MAX: u32 = 1024 * 1024;
const PASSES_MAX: u32 = 64;
const LANES_MAX: u32 = 16;
/// Length of salt in bytes (RFC 9106 section 3.1).
const SALT_BYTES: usize = 16;
/// Length of nonce in bytes (RFC 8439).
const NONCE_BYTES: usize = 12;
/// Version of the file's shape; also what the seal is bound to.
const VERSION: u32 = 1;
const BOUND_TO: &[u8] = b"deskbell vault 1";

#[derive(Serialize, Deserialize)]
struct VaultFile {
    version: u32,
    derivation: String,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
    cipher: String,
    nonce: String,
    sealed_key: String,
}

fn path(dir: &Path) -> PathBuf {
    dir.join("vault.json")
}

/// Whether `dir` has a vault.
#[must_use]
pub fn exists(dir: &Path) -> bool {
    path(dir).exists()
}

/// Makes a vault with a fresh data key. Takes about 0.2 s: the derivation is slow on purpose.
///
/// # Errors
/// `InputInvalid` for an empty passphrase or when there is a vault already; `DataDirectoryReadOnly`.
pub fn create(dir: &Path, passphrase: &str) -> Result<DatabaseKey> {
    if passphrase.is_empty() || exists(dir) {
        return Err(StoreError::new(Code::InputInvalid, "a vault needs a passphrase, and a directory without a vault"));
    }
    make_directory(dir)?;
    let key = DatabaseKey::random()?;
    seal(&path(dir), passphrase, &key)?;
    Ok(key)
}

/// Opens the vault. Where the key is being changed, with the new one.
///
/// # Errors
/// `PassphraseWrong`; `NotFound` without a vault; `Storage` for a file that is none.
pub fn unlock(dir: &Path, passphrase: &str) -> Result<DatabaseKey> {
    let next = next_path(dir);
    if crate::rekey::is_under_way(dir) && next.exists() {
        return unseal(&next, passphrase);
    }
    unseal(&path(dir), passphrase)
}

/// Seals the key that is to take the vault's place, beside it.
///
/// # Errors
/// `PassphraseWrong` when the vault does not open with this passphrase; those of [`seal`].
pub fn keep_next(dir: &Path, passphrase: &str, key: &DatabaseKey) -> Result<()> {
    unseal(&path(dir), passphrase)?;
    seal(&next_path(dir), passphrase, key)
}

/// The key that was kept with [`keep_next`] is the vault's from now on.
///
/// # Errors
/// `DataDirectoryReadOnly`, `Storage`.
pub fn take_next(dir: &Path) -> Result<()> {
    match std::fs::rename(next_path(dir), path(dir)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn next_path(dir: &Path) -> PathBuf {
    dir.join("vault.next.json")
}

/// Writes a key, sealed under a passphrase, to a file of its own.
///
/// # Errors
/// `InputInvalid` for an empty passphrase; `DataDirectoryReadOnly`, `DiskFull`, `Storage`.
pub fn seal(file: &Path, passphrase: &str, key: &DatabaseKey) -> Result<()> {
    if passphrase.is_empty() {
        return Err(StoreError::new(Code::InputInvalid, "a passphrase is needed"));
    }
    let (mut salt, mut nonce) = ([0_u8; SALT_BYTES], [0_u8; NONCE_BYTES]);
    fill_random(&mut salt)?;
    fill_random(&mut nonce)?;
    let cipher = cipher(passphrase, &salt, MEMORY_KIB, PASSES, 1)?;
    let sealed = cipher
        .encrypt(&Nonce::from(nonce), Payload { msg: key.bytes(), aad: BOUND_TO })
        .map_err(|_| StoreError::internal("sealing failed"))?;
    let content = VaultFile {
        version: VERSION,
        derivation: "argon2id".to_owned(),
        memory_kib: MEMORY_KIB,
        passes: PASSES,
        lanes: 1,
        salt: hex(&salt),
        cipher: "chacha20-poly1305".to_owned(),
        nonce: hex(&nonce),
        sealed_key: hex(&sealed),
    };
    write_private(file, &serde_json::to_vec_pretty(&content)?)
}

/// Opens a file that [`seal`] wrote.
///
/// # Errors
/// `PassphraseWrong`; `NotFound` without the file; `Storage` for a file that is none.
pub fn unseal(file: &Path, passphrase: &str) -> Result<DatabaseKey> {
    if !file.exists() {
        return Err(StoreError::new(Code::NotFound, "there is no vault"));
    }
    let file: VaultFile = serde_json::from_slice(&std::fs::read(file)?)?;
    let unreadable = || StoreError::new(Code::Storage, "the sealed key is damaged or from a newer version");
    if file.version != VERSION || file.memory_kib > MEMORY_KIB_MAX || file.passes > PASSES_MAX || file.lanes > LANES_MAX {
        return Err(unreadable());
    }
    let salt = unhex(&file.salt).ok_or_else(unreadable)?;
    let nonce: [u8; NONCE_BYTES] = unhex(&file.nonce).and_then(|nonce| nonce.try_into().ok()).ok_or_else(unreadable)?;
    let sealed = unhex(&file.sealed_key).ok_or_else(unreadable)?;
    let cipher = cipher(passphrase, &salt, file.memory_kib, file.passes, file.lanes)?;
    let opened = cipher
        .decrypt(&Nonce::from(nonce), Payload { msg: &sealed, aad: BOUND_TO })
        .map_err(|_| StoreError::new(Code::PassphraseWrong, "the passphrase does not open the vault"))?;
    DatabaseKey::from_bytes(&Zeroizing::new(opened)).ok_or_else(unreadable)
}

fn cipher(passphrase: &str, salt: &[u8], memory_kib: u32, passes: u32, lanes: u32) -> Result<ChaCha20Poly1305> {
    let failed = |error: argon2::Error| StoreError::new(Code::Storage, format!("key derivation: {error}"));
    let params = Params::new(memory_kib, passes, lanes, None).map_err(failed)?;
    let mut derived = Zeroizing::new([0_u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, derived.as_mut())
        .map_err(failed)?;
    Ok(ChaCha20Poly1305::new((&*derived).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_passphrase_opens_the_vault_and_nothing_else_does() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(unlock(dir.path(), "x").unwrap_err().code, Code::NotFound);
        assert_eq!(create(dir.path(), "").unwrap_err().code, Code::InputInvalid);
        let key = create(dir.path(), "铃 bell").unwrap();
        assert!(exists(dir.path()));
        assert_eq!(create(dir.path(), "other").unwrap_err().code, Code::InputInvalid);
        assert_eq!(unlock(dir.path(), "铃 bell").unwrap().bytes(), key.bytes());
        assert_eq!(unlock(dir.path(), "铃 bell ").unwrap_err().code, Code::PassphraseWrong);
        let text = std::fs::read_to_string(path(dir.path())).unwrap();
        assert!(!text.contains("bell") && !text.contains(key.to_hex().as_str()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(path(dir.path()).metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        std::fs::write(path(dir.path()), "{").unwrap();
        assert_eq!(unlock(dir.path(), "铃 bell").unwrap_err().code, Code::Storage);
    }
}
