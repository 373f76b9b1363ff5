//! CSV: a header, a record a row, safe to open in a spreadsheet.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::{Record, RenderError};
use crate::error::Result;

/// One record; the header is the object's own keys.
pub(crate) fn one<T: Serialize>(
    value: &T,
    out: &mut dyn Write,
) -> std::result::Result<(), RenderError> {
    let Value::Object(fields) = serde_json::to_value(value)? else {
        return Err(super::unserialisable(&"it has no fields"));
    };
    let mut csv = ::csv::Writer::from_writer(out);
    csv.write_record(fields.keys()).map_err(output)?;
    csv.write_record(fields.values().map(cell)).map_err(output)?;
    Ok(csv.flush()?)
}

/// A record a row, written while they are read; the header also where there is none.
pub(crate) fn list<T: Record>(
    rows: impl Iterator<Item = Result<T>>,
    out: &mut dyn Write,
) -> std::result::Result<(), RenderError> {
    let mut csv = ::csv::Writer::from_writer(out);
    csv.write_record(T::fields()).map_err(output)?;
    for row in rows {
        let value = serde_json::to_value(row?)?;
        let cells = T::fields().iter().map(|field| value.get(field).map(cell).unwrap_or_default());
        csv.write_record(cells).map_err(output)?;
    }
    Ok(csv.flush()?)
}

/// What the output says, with its kind: a closed pipe is to be known as one.
fn output(error: ::csv::Error) -> RenderError {
    RenderError::Output(match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    })
}

/// A value as a cell: texts as they are, lists of texts joined by `;`, all else as JSON.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => harmless(text.clone()),
        Value::Array(items) => match items.iter().map(Value::as_str).collect::<Option<Vec<_>>>() {
            Some(texts) => harmless(texts.join(";")),
            None => value.to_string(),
        },
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

/// A spreadsheet takes a cell that begins with one of these for a formula.
pub const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A text that no spreadsheet runs: after a `'` it does not. What begins with such a `'`
/// already gets another, so that a reader who takes one away has what there was.
fn harmless(text: String) -> String {
    if text.trim_start_matches('\'').starts_with(FORMULA) { format!("'{text}") } else { text }
}
