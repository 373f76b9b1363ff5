//! JSON: two blanks of indentation, a newline at the end; lists as arrays, written while they are read.

use std::io::Write;

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};
use serde_json::ser::PrettyFormatter;

use super::escape::Escaping;
use super::wiped::Gathered;
use crate::error::Result;
use crate::report::RenderError;

/// How much of one object is gathered before it is written (bytes).
const GATHERED: usize = 32 << 10;

/// One object.
pub(crate) fn one<T: Serialize>(
    value: &T,
    out: &mut dyn Write,
) -> std::result::Result<(), RenderError> {
    // A hundred thousand rows are many small writes: they meet before the door.
    let mut gathered = Gathered::new(GATHERED, out);
    value.serialize(&mut pretty(&mut gathered))?;
    Ok(writeln!(gathered).and_then(|()| gathered.flush())?)
}

/// An array. Where a row cannot be had the array stays open: no reader takes it for whole.
pub(crate) fn list<T: Serialize>(
    rows: impl Iterator<Item = Result<T>>,
    out: &mut dyn Write,
) -> std::result::Result<(), RenderError> {
    let mut serializer = pretty(&mut *out);
    let mut array = serializer.serialize_seq(None)?;
    for row in rows {
        array.serialize_element(&row?)?;
    }
    array.end()?;
    Ok(writeln!(out)?)
}

fn pretty<W: Write>(out: W) -> serde_json::Serializer<W, Escaping<PrettyFormatter<'static>>> {
    serde_json::Serializer::with_formatter(out, Escaping::new(PrettyFormatter::new()))
}
