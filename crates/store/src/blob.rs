//! Bytes of files on this disk, encrypted like the database and named so that a name tells nothing.
//!
//! A file is a header (magic, 32 random bytes of salt) and pieces of 64 KiB, each sealed with ChaCha20-Poly1305 (RFC 8439)
//! under a key of its own: HMAC-SHA256 of the salt under a key that follows from the database's. The nonce is the piece's
//! number and whether it is the last, so that pieces cannot be swapped, left out or cut off unnoticed (the STREAM
//! construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015). A new database key needs the files written anew.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use deskbell_domain::Code;
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::error::{Result, StoreError};
use crate::key::{DatabaseKey, fill_random, hex};

/// Plain bytes of a piece.
pub(crate) const PIECE_BYTES: usize = 64 * 1024;
/// What sealing adds to a piece.
const TAG_BYTES: usize = 16;
const MAGIC: &[u8; 8] = b"DBFILE1\n";
const SALT_BYTES: usize = 32;
const HEADER_BYTES: u64 = (MAGIC.len() + SALT_BYTES) as u64;
/// Ending of a file that is being written.
pub(crate) const UNFINISHED: &str = "part";

/// The folder with its keys.
pub(crate) struct Blobs {
    dir: PathBuf,
    /// Keys of the files follow from it.
    file_key: Zeroizing<[u8; 32]>,
    /// Names of the files follow from it.
    name_key: Zeroizing<[u8; 32]>,
}

fn keyed(key: &[u8], parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    // HMAC takes a key of any length.
    let Ok(mut mac) = <Hmac<Sha256> as hmac::Mac>::new_from_slice(key) else { return Zeroizing::new([0; 32]) };
    for part in parts {
        mac.update(part);
    }
    Zeroizing::new(mac.finalize().into_bytes().into())
}

impl Blobs {
    pub(crate) fn new(dir: PathBuf, key: &DatabaseKey) -> Self {
        Self {
            dir,
            file_key: keyed(key.bytes(), &[b"deskbell files 1"]),
            name_key: keyed(key.bytes(), &[b"deskbell file names 1"]),
        }
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The name tells neither the hash nor the content: who has a copy of a file cannot look whether we have it too.
    pub(crate) fn name_of(&self, sha256: &str) -> String {
        hex(self.name_key_of(sha256).get(..20).unwrap_or_default())
    }

    fn name_key_of(&self, sha256: &str) -> Zeroizing<[u8; 32]> {
        keyed(self.name_key.as_ref(), &[sha256.as_bytes()])
    }

    pub(crate) fn path_of(&self, sha256: &str) -> PathBuf {
        self.dir.join(self.name_of(sha256))
    }

    fn cipher(&self, salt: &[u8]) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new((&*keyed(self.file_key.as_ref(), &[salt])).into())
    }

    pub(crate) fn create(&self) -> Result<BlobWriter> {
        crate::open::make_directory(&self.dir)?;
        let (mut salt, mut name) = ([0_u8; SALT_BYTES], [0_u8; 12]);
        fill_random(&mut salt)?;
        fill_random(&mut name)?;
        let path = self.dir.join(format!("{}.{UNFINISHED}", hex(&name)));
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path)?;
        file.write_all(MAGIC)?;
        file.write_all(&salt)?;
        Ok(BlobWriter {
            cipher: self.cipher(&salt),
            file: Some(file),
            path,
            piece: 0,
            waiting: Zeroizing::new(Vec::with_capacity(PIECE_BYTES)),
            hasher: Sha256::new(),
            size_bytes: 0,
        })
    }

    /// # Errors
    /// `FileMissing` when it is not here, `FileUnreadable` when it is damaged.
    pub(crate) fn open(&self, sha256: &str) -> Result<BlobReader> {
        let mut file = File::open(self.path_of(sha256)).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => StoreError::new(Code::FileMissing, "the bytes are not here"),
            _ => StoreError::new(Code::FileUnreadable, error.to_string()),
        })?;
        let mut header = [0_u8; HEADER_BYTES as usize];
        file.read_exact(&mut header).map_err(|_| damaged())?;
        let (magic, salt) = header.split_at(MAGIC.len());
        let sealed = file.metadata()?.len().saturating_sub(HEADER_BYTES);
        if magic != MAGIC || sealed == 0 {
            return Err(damaged());
        }
        let pieces = sealed.div_ceil((PIECE_BYTES + TAG_BYTES) as u64);
        let size_bytes = sealed.saturating_sub(pieces * TAG_BYTES as u64);
        Ok(BlobReader { cipher: self.cipher(salt), file, pieces, size_bytes })
    }
}

fn damaged() -> StoreError {
    StoreError::new(Code::FileUnreadable, "the kept copy is damaged")
}

fn nonce(piece: u64, is_last: bool) -> Nonce {
    let mut bytes = [0_u8; 12];
    let (last, number) = bytes.split_at_mut(4);
    last.fill(u8::from(is_last));
    number.copy_from_slice(&piece.to_be_bytes());
    Nonce::from(bytes)
}

/// A file on its way in. Dropped unfinished, it leaves nothing behind.
pub struct BlobWriter {
    cipher: ChaCha20Poly1305,
    file: Option<File>,
    path: PathBuf,
    piece: u64,
    waiting: Zeroizing<Vec<u8>>,
    hasher: Sha256,
    size_bytes: u64,
}

impl BlobWriter {
    /// Bytes taken so far.
    #[must_use]
    pub const fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// # Errors
    /// `DiskFull`, `DataDirectoryReadOnly`, `Storage`.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<()> {
        self.hasher.update(bytes);
        self.size_bytes += bytes.len() as u64;
        while !bytes.is_empty() {
            // The last piece is sealed as such: a full one waits until it is known whether more comes.
            if self.waiting.len() == PIECE_BYTES {
                self.seal(false)?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(PIECE_BYTES - self.waiting.len()));
            self.waiting.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    fn seal(&mut self, is_last: bool) -> Result<()> {
        let payload = Payload { msg: &self.waiting, aad: MAGIC };
        let sealed =
            self.cipher.encrypt(&nonce(self.piece, is_last), payload).map_err(|_| StoreError::internal("sealing failed"))?;
        if let Some(file) = &mut self.file {
            file.write_all(&sealed)?;
        }
        self.piece += 1;
        self.waiting.clear();
        Ok(())
    }

    /// Brings everything to the disk under its name, and gives the hash.
    pub(crate) fn finish(mut self, blobs: &Blobs) -> Result<(String, u64)> {
        self.seal(true)?;
        let sha256 = hex(&std::mem::take(&mut self.hasher).finalize());
        if let Some(file) = self.file.take() {
            file.sync_all()?;
        }
        std::fs::rename(&self.path, blobs.path_of(&sha256))?;
        #[cfg(unix)]
        File::open(&blobs.dir)?.sync_all()?;
        Ok((sha256, self.size_bytes))
    }
}

impl Drop for BlobWriter {
    fn drop(&mut self) {
        if self.file.is_some() {
            // What stays behind here is swept at the next start.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// A file that is read, from any place.
pub struct BlobReader {
    cipher: ChaCha20Poly1305,
    file: File,
    pieces: u64,
    size_bytes: u64,
}

impl BlobReader {
    #[must_use]
    pub const fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Up to `bytes_max` bytes from `from`; fewer only at the end. Every byte given was checked.
    ///
    /// # Errors
    /// `FileUnreadable` where a piece is damaged, missing or not of this file.
    pub fn read_at(&mut self, from: u64, bytes_max: usize) -> Result<Vec<u8>> {
        let mut found = Vec::new();
        let mut at = from;
        while found.len() < bytes_max && at < self.size_bytes {
            let plain = self.piece(at / PIECE_BYTES as u64)?;
            let start = usize::try_from(at % PIECE_BYTES as u64).unwrap_or(usize::MAX);
            let rest = plain.get(start..).filter(|rest| !rest.is_empty()).ok_or_else(damaged)?;
            let taken = rest.get(..rest.len().min(bytes_max - found.len())).unwrap_or_default();
            found.extend_from_slice(taken);
            at += taken.len() as u64;
        }
        Ok(found)
    }

    fn piece(&mut self, number: u64) -> Result<Zeroizing<Vec<u8>>> {
        let place = HEADER_BYTES + number * (PIECE_BYTES + TAG_BYTES) as u64;
        self.file.seek(SeekFrom::Start(place))?;
        let mut sealed = Vec::with_capacity(PIECE_BYTES + TAG_BYTES);
        (&mut self.file).take((PIECE_BYTES + TAG_BYTES) as u64).read_to_end(&mut sealed)?;
        let payload = Payload { msg: &sealed, aad: MAGIC };
        let plain = self.cipher.decrypt(&nonce(number, number + 1 == self.pieces), payload).map_err(|_| damaged())?;
        Ok(Zeroizing::new(plain))
    }

    /// Reads the whole file once, for nothing but to know that it is whole.
    ///
    /// # Errors
    /// As [`Self::read_at`].
    pub fn check(&mut self) -> Result<()> {
        (0..self.pieces).try_for_each(|number| self.piece(number).map(|_| ()))
    }
}
