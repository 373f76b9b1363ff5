//! JSON: two blanks of indentation, a newline at the end; lists as arrays, written while they are read.

use std::io::{BufWriter, Write};

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use super::RenderError;
use crate::error::Result;

/// How much of one object is gathered before it is written (bytes).
const GATHERED: usize = 32 << 10;

/// One object.
pub(crate) fn one<T: Serialize>(
    value: &T,
    out: &mut dyn Write,
) -> std::result::Result<(), RenderError> {
    // A hundred thousand rows are many small writes: they meet before the door.
    let mut gathered = BufWriter::with_capacity(GATHERED, out);
    let written = serde_json::to_writer_pretty(&mut gathered, value).map_err(RenderError::from);
    let flushed = written.and_then(|()| Ok(writeln!(gathered).and_then(|()| gathered.flush())?));
    // What could not be written is not tried again.
    drop(gathered.into_parts());
    flushed
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
