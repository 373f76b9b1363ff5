//! The clock and the source of randomness as values that outlive the borrow of
//! [`Env`], for the store.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Env, test_hooks};
use crate::domain::time::Time;

/// Draws of the store begin here, far from those of [`Env::random`]: two draws
/// of one number would be one value.
const STORE_DRAWS: u64 = 1 << 32;

impl Env {
    /// The clock, for code that outlives this borrow.
    pub fn clock_source(&self) -> Arc<dyn Fn() -> Time + Send + Sync> {
        match self.hooks.now {
            Some(now) => Arc::new(move || now),
            None => Arc::new(super::system_clock),
        }
    }

    /// The source of randomness, for code that outlives this borrow.
    pub fn random_source(&self) -> impl Fn(&mut [u8]) + Send + Sync + 'static {
        let (seed, random) = (self.hooks.seed, self.random.clone());
        let drawn = AtomicU64::new(STORE_DRAWS);
        move |bytes: &mut [u8]| match seed {
            Some(seed) => test_hooks::from_seed(seed, drawn.fetch_add(1, Ordering::Relaxed), bytes),
            None => random.fill(bytes),
        }
    }
}
