//! Random bytes. The system is asked once, before anything else is done, so that a system that
//! has none to give is an error like every other and not one in the middle of a change.

use std::sync::{Arc, Mutex, PoisonError};

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use zeroize::Zeroizing;

use super::system;
use crate::error::Result;

/// A generator of the ChaCha20 stream (RFC 8439) from 256 bits of the system (getrandom(2)).
/// It wipes itself. No byte is given twice: clones share it.
#[derive(Clone)]
pub(in crate::env) struct Generator(Arc<Mutex<ChaCha20Rng>>);

impl Generator {
    /// Asks the system.
    ///
    /// # Errors
    /// System (8), where it has none to give.
    pub(super) fn new() -> Result<Generator> {
        let mut seed = Zeroizing::new([0; 32]);
        system::random(&mut *seed)?;
        // The tables of the standard library are keyed too: that is done now, once it is known
        // that the system answers.
        let _ = std::hash::RandomState::new();
        Ok(Generator(Arc::new(Mutex::new(ChaCha20Rng::from_seed(*seed)))))
    }

    /// Fills `bytes`.
    pub(super) fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
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
