//! What a test freezes. A release build reads none of it, so that nobody
//! backdates an event or takes another's name.

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::domain::time::Time;
use crate::error::Result;

/// The frozen parts of the world.
#[derive(Debug, Default)]
pub(super) struct Hooks {
    /// The clock.
    pub(super) now: Option<Time>,
    /// What randomness is drawn from.
    pub(super) seed: Option<u64>,
    /// The name of the person.
    pub(super) os_user: Option<String>,
    /// After how long work is shown.
    pub(super) patience: Option<Duration>,
}

impl Hooks {
    #[cfg(debug_assertions)]
    pub(super) fn read() -> Result<Hooks> {
        use super::variable;
        use crate::error::Error;

        let text = |name: &str| variable(name).map(|value| value.to_string_lossy().into_owned());
        let now = text("MFACTL_TEST_NOW").map(|typed| {
            Time::parse_rfc3339(&typed).map_err(|e| Error::usage(format!("MFACTL_TEST_NOW: {e}")))
        });
        let seed = text("MFACTL_TEST_SEED").map(|typed| {
            let number = typed.parse::<u64>();
            number.map(with_arguments).map_err(|_| Error::usage("MFACTL_TEST_SEED is no number"))
        });
        let patience = text("MFACTL_TEST_PATIENCE").map(|typed| {
            let millis = typed.parse().map(Duration::from_millis);
            millis.map_err(|_| Error::usage("MFACTL_TEST_PATIENCE is no number"))
        });
        Ok(Hooks {
            patience: patience.transpose()?,
            now: now.transpose()?,
            seed: seed.transpose()?,
            os_user: text("MFACTL_TEST_OS_USER"),
        })
    }

    #[cfg(not(debug_assertions))]
    pub(super) fn read() -> Result<Hooks> {
        Ok(Hooks::default())
    }
}

/// Two commands of one test draw different numbers: new ids must not collide.
#[cfg(debug_assertions)]
fn with_arguments(seed: u64) -> u64 {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    for argument in std::env::args_os().skip(1) {
        hash.update(argument.as_encoded_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Fills `bytes` with the draw `number` from `seed`.
pub(super) fn from_seed(seed: u64, number: u64, bytes: &mut [u8]) {
    for (block, chunk) in bytes.chunks_mut(32).enumerate() {
        let mut hash = Sha256::new();
        hash.update(seed.to_be_bytes());
        hash.update(number.to_be_bytes());
        hash.update((block as u64).to_be_bytes());
        chunk.copy_from_slice(&hash.finalize()[..chunk.len()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_repeat_and_differ() {
        let draw = |seed, number| {
            let mut bytes = [0; 40];
            from_seed(seed, number, &mut bytes);
            bytes
        };
        assert_eq!(draw(1, 0), draw(1, 0));
        assert_ne!(draw(1, 0), draw(1, 1));
        assert_ne!(draw(1, 0), draw(2, 0));
        assert_ne!(draw(1, 0)[..8], draw(1, 0)[32..]);
    }
}
