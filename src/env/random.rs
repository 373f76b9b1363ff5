//! Random bytes. The system is asked once, before anything else is done, so that a system that
//! has none to give is an error like every other and not one in the middle of a change.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::system;
use crate::error::Result;

/// Bytes of one block of HMAC-SHA-256.
const BLOCK: usize = 32;

/// A generator: 256 bits of the system (getrandom(2)), stretched with HMAC-SHA-256 in counter
/// mode (NIST SP 800-108 §4.1). No block is given twice.
#[derive(Clone)]
pub(in crate::env) struct Generator {
    key: Arc<Zeroizing<[u8; BLOCK]>>,
    given: Arc<AtomicU64>,
}

impl Generator {
    /// Asks the system.
    ///
    /// # Errors
    /// System (8), where it has none to give.
    pub(super) fn new() -> Result<Generator> {
        let mut key = Zeroizing::new([0; BLOCK]);
        system::random(&mut *key)?;
        // The tables of the standard library are keyed too: that is done now, once it is known
        // that the system answers.
        let _ = std::hash::RandomState::new();
        Ok(Generator { key: Arc::new(key), given: Arc::default() })
    }

    /// Fills `bytes`.
    pub(super) fn fill(&self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(BLOCK) {
            let number = self.given.fetch_add(1, Ordering::Relaxed);
            let mut mac = Hmac::<Sha256>::new_from_slice(&**self.key)
                .expect("HMAC takes keys of every length");
            mac.update(&number.to_be_bytes());
            let block = Zeroizing::new(<[u8; BLOCK]>::from(mac.finalize().into_bytes()));
            part.copy_from_slice(&block[..part.len()]);
        }
    }
}

impl std::fmt::Debug for Generator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Generator(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_bytes_are_given_twice() {
        let (one, other) = (Generator::new().unwrap(), Generator::new().unwrap());
        let draw = |generator: &Generator, count: usize| {
            let mut bytes = vec![0; count];
            generator.fill(&mut bytes);
            bytes
        };
        let all =
            [draw(&one, 100), draw(&one.clone(), 100), draw(&one, 8), draw(&other, 100)].concat();
        let mut blocks: Vec<&[u8]> = all.chunks(4).collect();
        let count = blocks.len();
        blocks.sort_unstable();
        blocks.dedup();
        assert_eq!(blocks.len(), count);
    }
}
