//! JSON lines: an object a line.

use std::io::Write;

use serde::Serialize;

use super::RenderError;

/// One line.
pub(crate) fn item<T: Serialize>(value: &T, out: &mut dyn Write) -> Result<(), RenderError> {
    serde_json::to_writer(&mut *out, value)?;
    Ok(writeln!(out)?)
}
