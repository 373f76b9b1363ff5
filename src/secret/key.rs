//! Sealing keys, and the file that they are kept in.
//!
//! The file is text, one key a line, the newest last:
//!
//! ```text
//! # comments and blank lines are skipped
//! mfactl-key-1 k_aaaaaaaaaaaaa 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
//! ```
//!
//! A file of exactly 32 bytes is one raw key (`head -c 32 /dev/urandom`).

use std::fmt;

use data_encoding::HEXLOWER_PERMISSIVE;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::Random;
use super::ids::KeyId;
use crate::error::{Error, Kind, Result};

/// The first word of a key's line.
const WORD: &str = "mfactl-key-1";

/// A key of XChaCha20-Poly1305, and the id made from it. Wiped from memory when dropped.
#[derive(Clone)]
pub struct SealingKey {
    id: KeyId,
    bytes: Zeroizing<[u8; SealingKey::BYTES]>,
}

impl SealingKey {
    /// Bytes of a key of XChaCha20-Poly1305 (RFC 8439 §2.8).
    pub const BYTES: usize = 32;

    /// A new key.
    pub fn generate(random: &mut Random<'_>) -> SealingKey {
        let mut bytes = Zeroizing::new([0; Self::BYTES]);
        random(&mut *bytes);
        SealingKey::from_bytes(bytes)
    }

    /// The key of these bytes.
    pub fn from_bytes(bytes: Zeroizing<[u8; Self::BYTES]>) -> SealingKey {
        let digest = Sha256::new()
            .chain_update(b"mfactl sealing key id 1\0")
            .chain_update(bytes.as_slice())
            .finalize();
        let mut short = [0; 8];
        short.copy_from_slice(&digest[..8]);
        SealingKey { id: KeyId::from_bytes(short), bytes }
    }

    /// Its id; tells nothing about the key.
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// The raw key.
    pub(crate) fn bytes(&self) -> &[u8; Self::BYTES] {
        &self.bytes
    }

    /// Its line in a key file, without the line's end.
    pub(crate) fn line(&self) -> Zeroizing<String> {
        let hex = Zeroizing::new(HEXLOWER_PERMISSIVE.encode(self.bytes.as_slice()));
        Zeroizing::new(format!("{WORD} {} {}", self.id, hex.as_str()))
    }

    /// Reads a line of a key file; `number` counts from 1.
    pub(crate) fn from_line(line: &str, number: usize) -> Result<SealingKey> {
        let wrong = |what: &str| key_file(format!("line {number} of the key file {what}"));
        let mut words = line.split_ascii_whitespace();
        let (Some(WORD), Some(id), Some(hex), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(wrong(&format!("is not `{WORD} ID KEY`")));
        };
        let raw = HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).ok().map(Zeroizing::new);
        let key = raw
            .and_then(|raw| SealingKey::from_raw(&raw))
            .ok_or_else(|| wrong("has a key that is not 64 hex digits, or not a random one"))?;
        if key.id.as_str() != id {
            return Err(wrong(&format!("has another id than its key, which is {}", key.id)));
        }
        Ok(key)
    }

    /// A key of exactly 32 bytes that are not all the same (a file of zeros is no key).
    pub(crate) fn from_raw(raw: &[u8]) -> Option<SealingKey> {
        let bytes: [u8; Self::BYTES] = raw.try_into().ok()?;
        let bytes = Zeroizing::new(bytes);
        let varied = bytes.iter().any(|byte| *byte != bytes[0]);
        varied.then(|| SealingKey::from_bytes(bytes))
    }
}

/// The error for a key file that is not in its form.
pub(crate) fn key_file(message: String) -> Error {
    Error::new(Kind::Damaged, "key-file", message)
        .words("put the key file back from where it is kept; secrets cannot be read without it")
}

impl PartialEq for SealingKey {
    /// In constant time.
    fn eq(&self, other: &SealingKey) -> bool {
        self.bytes.as_slice().ct_eq(other.bytes.as_slice()).into()
    }
}

impl Eq for SealingKey {}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKey({})", self.id)
    }
}
