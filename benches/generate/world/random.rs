//! Numbers that look random and come again (SplitMix64, Steele et al. 2014).

use mfactl::domain::time::{Span, Time};

/// A stream of numbers.
#[derive(Debug, Clone)]
pub struct Random(u64);

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl Random {
    /// The stream of this number under this seed.
    pub fn new(seed: u64, number: u64) -> Random {
        let mut of_seed = Random(seed);
        let start = of_seed.next();
        let mut stream = Random(start ^ number.wrapping_mul(STEP));
        stream.next();
        stream
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 up to and without `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(end)) >> 64) as u64
    }

    /// The same as a signed number, for seconds.
    pub fn seconds(&mut self, end: i64) -> i64 {
        self.below(end.unsigned_abs()) as i64
    }

    /// From 0 up to and without 1.
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Whether something comes that comes so often.
    pub fn comes(&mut self, share: f64) -> bool {
        self.share() < share
    }

    /// One of these.
    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len() as u64) as usize]
    }
}

/// Some instant between these.
pub fn between(from: Time, to: Time, random: &mut Random) -> Time {
    from.plus(Span::seconds(random.seconds(to.since(from).as_seconds().max(1))))
}
