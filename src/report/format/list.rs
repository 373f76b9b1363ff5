//! Many answers of one kind: a table, or a page for each.

use std::io;
use std::iter::Peekable;

use super::{csv, json, jsonl, table, yaml};
use crate::error::Result;
use crate::report::{Human, OutputFormat, Record, RenderError, Report, Row, Style};

/// Rows, drawn one after the other while they are printed. All formats but
/// tables need no more memory for more rows. Where the first row cannot be had,
/// nothing is printed.
pub struct List<I> {
    /// The rows.
    pub rows: I,
    /// What a table says where there are none, as in `no live exceptions`.
    pub empty: String,
    /// A last line below a table.
    pub footer: Option<String>,
}

impl<I> List<I> {
    /// A list of `rows`.
    pub fn new(rows: I, empty: impl Into<String>) -> List<I> {
        List { rows, empty: empty.into(), footer: None }
    }

    /// The same with a last line below a table.
    #[must_use]
    pub fn footer(mut self, footer: impl Into<String>) -> List<I> {
        self.footer = Some(footer.into());
        self
    }
}

impl<T: Row, I: Iterator<Item = Result<T>>> Report for List<I> {
    fn render(
        self: Box<Self>,
        format: OutputFormat,
        style: &Style,
        out: &mut dyn io::Write,
    ) -> std::result::Result<(), RenderError> {
        let List { rows, empty, footer } = *self;
        if !(format == OutputFormat::Table || format.is_review()) {
            return records(rows, format, out);
        }
        let cells: Vec<Vec<String>> =
            rows.map(|row| row.map(|row| row.cells(style))).collect::<Result<_>>()?;
        if cells.is_empty() {
            writeln!(out, "{}", super::text::safe(&empty))?;
        } else {
            for line in table::lines(T::columns(), cells, style) {
                writeln!(out, "{line}")?;
            }
        }
        if let Some(footer) = footer {
            writeln!(out, "{}", super::text::safe(&footer))?;
        }
        Ok(())
    }
}

/// A few answers, each told in words; in every other format a list of them.
#[derive(Debug, Clone)]
pub struct Pages<T> {
    /// The answers.
    pub items: Vec<T>,
    /// What is said where there are none.
    pub empty: String,
}

impl<T: Record + Human> Report for Pages<T> {
    fn render(
        self: Box<Self>,
        format: OutputFormat,
        style: &Style,
        out: &mut dyn io::Write,
    ) -> std::result::Result<(), RenderError> {
        if !(format == OutputFormat::Table || format.is_review()) {
            return records(self.items.into_iter().map(Ok), format, out);
        }
        if self.items.is_empty() {
            writeln!(out, "{}", super::text::safe(&self.empty))?;
        }
        for (number, item) in self.items.iter().enumerate() {
            if number > 0 {
                writeln!(out)?;
            }
            item.page(style).write(style, out)?;
        }
        Ok(())
    }
}

/// The formats for programs.
fn records<T: Record>(
    rows: impl Iterator<Item = Result<T>>,
    format: OutputFormat,
    out: &mut dyn io::Write,
) -> std::result::Result<(), RenderError> {
    let rows = first_is_there(rows)?;
    match format {
        OutputFormat::Json => json::list(rows, out),
        OutputFormat::Yaml => yaml::list(rows, out),
        OutputFormat::Csv => csv::list(rows, out),
        _ => {
            for row in rows {
                jsonl::item(&row?, out)?;
            }
            Ok(())
        }
    }
}

fn first_is_there<T, I: Iterator<Item = Result<T>>>(rows: I) -> Result<Peekable<I>> {
    let mut rows = rows.peekable();
    match rows.next_if(Result::is_err) {
        Some(Err(error)) => Err(error),
        _ => Ok(rows),
    }
}
