//! Stopping cleanly on a signal while a person is waited for.

use std::os::fd::BorrowedFd;

use crate::error::{Error, Kind, Result};
use crate::signals::Ending;

/// Waits for something to read.
///
/// # Errors
/// As [`go_on`].
pub(super) fn waited(ending: &Ending, source: BorrowedFd<'_>) -> Result<()> {
    ending.wait_for(source);
    go_on(Some(ending))
}

/// Whether no signal came that ends the work.
///
/// # Errors
/// `stopped` (3).
pub(super) fn go_on(ending: Option<&Ending>) -> Result<()> {
    match ending.is_some_and(Ending::came) {
        true => Err(Error::new(Kind::Refused, "stopped", "stopped: nothing was changed")),
        false => Ok(()),
    }
}
