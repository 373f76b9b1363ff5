//! Recovery codes: ten for one enrolment, each good once, kept as Argon2id hashes.

mod code;
mod set;

pub use code::RecoveryCode;
pub use set::{RecoverySet, UsedPlaces};

/// Codes in a set.
pub const CODES: u8 = 10;
