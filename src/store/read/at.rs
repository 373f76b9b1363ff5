//! Which revision of the state: one of the past, or the newest.

use crate::domain::time::Time;

/// A revision or an instant of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// After this revision.
    Rev(u64),
    /// At this instant: after the last revision that is not later.
    Time(Time),
}

/// The end of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The revision.
    pub rev: u64,
    /// When it was committed.
    pub at: Time,
    /// The hash of its record.
    pub hash: String,
}
