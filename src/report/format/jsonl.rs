//! JSON lines: an object a line.

use std::io::Write;

use serde::Serialize;

use super::escape;
use crate::error::Result;
use crate::report::RenderError;

/// One line.
pub(crate) fn one<T: Serialize>(
    value: &T,
    out: &mut dyn Write,
) -> std::result::Result<(), RenderError> {
    escape::compact(value, out)?;
    Ok(writeln!(out)?)
}

/// A line for each, written while they are read.
pub(crate) fn list<T: Serialize>(
    mut rows: impl Iterator<Item = Result<T>>,
    out: &mut dyn Write,
) -> std::result::Result<(), RenderError> {
    rows.try_for_each(|row| one(&row?, out))
}
