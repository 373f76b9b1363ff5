//! An answer, ready to be printed in the format that was asked for.

use std::io::{self, Write};

use serde::Serialize;

use super::text::safe;
use super::{csv, json, jsonl, table, yaml};
use crate::error::Result;
use crate::report::{CsvRecord, Human, OutputFormat, RenderError, Row, Style};
use crate::secret::wiped::WipedBytes;

type Rendered = std::result::Result<(), RenderError>;
type Render = dyn FnOnce(OutputFormat, &Style, &mut dyn Write) -> Rendered;

/// An answer that can be printed once, in any format.
pub struct Report(Box<Render>);

impl Report {
    /// An answer that `render` writes.
    pub(crate) fn new(
        render: impl FnOnce(OutputFormat, &Style, &mut dyn Write) -> Rendered + 'static,
    ) -> Report {
        Report(Box::new(render))
    }

    /// One object; for people, a page.
    pub fn one<T: Human + 'static>(answer: T) -> Report {
        Report::new(move |format, style, out| one(&answer, format, style, out))
    }

    /// One object that shows a secret. It is put together in memory that is wiped, and
    /// reaches the output in one write, so that the output need not buffer parts of it.
    pub fn secret<T: Human + 'static>(answer: T) -> Report {
        Report::new(move |format, style, out| {
            let mut whole = WipedBytes::default();
            one(&answer, format, style, &mut whole)?;
            Ok(out.write_all(&whole)?)
        })
    }

    /// Many objects; for people, a table, or the sentence `empty`, then the line `footer`.
    /// The rows are read while they are printed: all formats but tables need no more memory
    /// for more rows. If the first row fails, nothing is printed.
    pub fn list<T: Row>(
        rows: impl Iterator<Item = Result<T>> + 'static,
        empty: &str,
        footer: Option<String>,
    ) -> Report {
        let empty = empty.to_owned();
        Report::new(move |format, style, out| {
            objects(rows, format, out, |rows, out| {
                let (columns, rows) = table::split(rows.map(|row| Ok(row?.cells(style))))?;
                if rows.is_empty() {
                    writeln!(out, "{}", safe(&empty))?;
                } else {
                    for line in table::lines(&columns, rows, style) {
                        writeln!(out, "{line}")?;
                    }
                }
                if let Some(footer) = footer {
                    writeln!(out, "{}", safe(&footer))?;
                }
                Ok(())
            })
        })
    }

    /// A few objects; for people, a page each, or the sentence `empty`.
    pub fn pages<T: CsvRecord + Human + 'static>(answers: Vec<T>, empty: &str) -> Report {
        let empty = empty.to_owned();
        Report::new(move |format, style, out| {
            objects(answers.into_iter().map(Ok), format, out, |answers, out| {
                let mut none = true;
                for answer in answers {
                    if !none {
                        writeln!(out)?;
                    }
                    none = false;
                    answer?.page(style).write(style, out)?;
                }
                if none {
                    writeln!(out, "{}", safe(&empty))?;
                }
                Ok(())
            })
        })
    }

    /// Text that is printed as it is, whatever the format.
    pub fn raw(text: Vec<u8>) -> Report {
        Report::new(move |_, _, out| Ok(out.write_all(&text)?))
    }

    /// Writes the answer to `out`, which should be buffered; the caller flushes.
    ///
    /// # Errors
    /// Says whether `out` failed or the source of the answer.
    pub fn render(self, format: OutputFormat, style: &Style, out: &mut dyn io::Write) -> Rendered {
        (self.0)(format, style, out)
    }
}

fn one<T: Human>(answer: &T, format: OutputFormat, style: &Style, out: &mut dyn Write) -> Rendered {
    object(answer, format, out, |out| Ok(answer.page(style).write(style, out)?))
}

/// Writes one object in a format for programs; in one for people, calls `words`.
pub(crate) fn object<T: Serialize>(
    value: &T,
    format: OutputFormat,
    out: &mut dyn Write,
    words: impl FnOnce(&mut dyn Write) -> Rendered,
) -> Rendered {
    match format {
        OutputFormat::Json => json::one(value, out),
        OutputFormat::Jsonl => jsonl::one(value, out),
        OutputFormat::Yaml => yaml::one(value, out),
        OutputFormat::Csv => csv::one(value, out),
        OutputFormat::Table
        | OutputFormat::Markdown
        | OutputFormat::Github
        | OutputFormat::Junit => words(out),
    }
}

/// Writes many objects in a format for programs; in one for people, calls `words`. If the
/// first row fails, nothing is printed.
pub(crate) fn objects<T: CsvRecord, I: Iterator<Item = Result<T>>>(
    rows: I,
    format: OutputFormat,
    out: &mut dyn Write,
    words: impl FnOnce(&mut dyn Iterator<Item = Result<T>>, &mut dyn Write) -> Rendered,
) -> Rendered {
    let mut rows = rows.peekable();
    if let Some(Err(error)) = rows.next_if(Result::is_err) {
        return Err(error.into());
    }
    match format {
        OutputFormat::Json => json::list(rows, out),
        OutputFormat::Jsonl => jsonl::list(rows, out),
        OutputFormat::Yaml => yaml::list(rows, out),
        OutputFormat::Csv => csv::list(rows, out),
        OutputFormat::Table
        | OutputFormat::Markdown
        | OutputFormat::Github
        | OutputFormat::Junit => words(&mut rows, out),
    }
}
