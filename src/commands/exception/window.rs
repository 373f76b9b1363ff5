//! `--during A..B`: a time in which exceptions were or will be live.

use crate::cli::value::During;
use crate::domain::model::Exception;
use crate::domain::time::Time;
use crate::error::{Error, Result};

/// A time from an instant to another, which is no part of it.
#[derive(Clone, Copy)]
pub(in crate::commands) struct TimeRange {
    from: Time,
    to: Time,
}

impl TimeRange {
    /// What was typed, counted from `now`.
    ///
    /// # Errors
    /// Wrong (2) where it is empty.
    pub(in crate::commands) fn new(typed: &During, now: Time) -> Result<TimeRange> {
        let (from, to) = (typed.from.resolve(now), typed.to.resolve(now));
        if from < to {
            return Ok(TimeRange { from, to });
        }
        Err(Error::usage(format!("--during {from}..{to} is empty: its end is not after its start")))
    }

    /// Whether it begins before an instant.
    pub(in crate::commands) fn begins_before(&self, instant: Time) -> bool {
        self.from < instant
    }

    /// Whether an exception was or will be live in it.
    pub(in crate::commands) fn overlaps(&self, exception: &Exception) -> bool {
        let TimeRange { from, to } = *self;
        exception.approved_by.is_some()
            && exception.starts_at < to
            && exception.effective_end().is_some_and(|end| end > from && end > exception.starts_at)
    }
}
