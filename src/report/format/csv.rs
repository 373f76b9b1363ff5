//! CSV: a header, a record a row, safe to open in a spreadsheet.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;
use zeroize::{Zeroize, Zeroizing};

use super::escape;
use super::text::safe;
use super::wiped::WipedValue;
use crate::error::Result;
use crate::report::{CsvRecord, RenderError};

/// The buffer for one record (bytes).
const SMALL: usize = 4;

/// One record; the header is the object's own keys.
pub(crate) fn one<T: Serialize>(
    value: &T,
    out: &mut dyn Write,
) -> std::result::Result<(), RenderError> {
    let value = WipedValue(serde_json::to_value(value)?);
    let Value::Object(fields) = &value.0 else {
        return Err(crate::report::unserialisable(&"it has no fields"));
    };
    // The library does not wipe its buffer: hardly any of a secret fits into this one.
    let mut csv = ::csv::WriterBuilder::new().buffer_capacity(SMALL).from_writer(out);
    csv.write_record(fields.keys()).map_err(output)?;
    csv.write_record(fields.values().map(cell)).map_err(output)?;
    Ok(csv.flush()?)
}

/// The header, then a record for each row, written while the rows are read.
pub(crate) fn list<T: CsvRecord>(
    rows: impl Iterator<Item = Result<T>>,
    out: &mut dyn Write,
) -> std::result::Result<(), RenderError> {
    let mut csv = ::csv::Writer::from_writer(out);
    csv.write_record(T::HEADER).map_err(output)?;
    for row in rows {
        let value = serde_json::to_value(row?)?;
        let cells = T::HEADER.iter().map(|field| value.get(field).map(cell).unwrap_or_default());
        csv.write_record(cells).map_err(output)?;
    }
    Ok(csv.flush()?)
}

/// The error of the output with its kind, so that a closed pipe is recognised.
fn output(error: ::csv::Error) -> RenderError {
    RenderError::Output(match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    })
}

/// A value as a cell: texts as they are, lists of texts joined by `;`, all else as JSON.
fn cell(value: &Value) -> Zeroizing<Vec<u8>> {
    let bytes = match value {
        Value::Null => Vec::new(),
        Value::String(text) => harmless(text),
        Value::Array(items) => match items.iter().map(Value::as_str).collect::<Option<Vec<_>>>() {
            Some(texts) => harmless(&Zeroizing::new(texts.join(";"))),
            None => json(value),
        },
        Value::Bool(_) | Value::Number(_) => value.to_string().into(),
        Value::Object(_) => json(value),
    };
    Zeroizing::new(bytes)
}

fn harmless(text: &str) -> Vec<u8> {
    let shown = safe(text);
    let cell = escape::protected(&shown);
    let bytes = cell.as_bytes().to_vec();
    wipe(cell);
    wipe(shown);
    bytes
}

/// The text may be a secret: where it was copied to be changed, the copy goes.
fn wipe(text: Cow<'_, str>) {
    if let Cow::Owned(mut copy) = text {
        copy.zeroize();
    }
}

fn json(value: &Value) -> Vec<u8> {
    escape::json_cell(value).expect("a value can be written to memory")
}
