//! JSON: two blanks of indentation, a newline at the end; lists as arrays, written while they are read.

use std::io::Write;

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use super::RenderError;
use crate::error::Result;

/// One object.
pub(crate) fn one<T: Serialize>(
    value: &T,
    out: &mut dyn Write,
) -> std::result::Result<(), RenderError> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    Ok(writeln!(out)?)
}

/// An array. Where a row cannot be had the array stays open: no reader takes it for whole.
pub(crate) fn list<T: Serialize>(
    rows: impl Iterator<Item = Result<T>>,
    out: &mut dyn Write,
) -> std::result::Result<(), RenderError> {
    let mut serializer = serde_json::Serializer::pretty(&mut *out);
    let mut array = serializer.serialize_seq(None)?;
    for row in rows {
        array.serialize_element(&row?)?;
    }
    array.end()?;
    Ok(writeln!(out)?)
}
