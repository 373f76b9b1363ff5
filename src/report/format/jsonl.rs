//! JSON lines: an object a line.

use std::io::Write;

use serde::Serialize;

use super::escape;
use crate::report::RenderError;

/// One line.
pub(crate) fn item<T: Serialize>(value: &T, out: &mut dyn Write) -> Result<(), RenderError> {
    escape::compact(value, out)?;
    Ok(writeln!(out)?)
}
