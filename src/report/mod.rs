//! Answers as values, and the formats that they are printed in.
//!
//! A verb makes one of the [`answers`] and turns it into a [`Report`], which prints it. An
//! answer knows its fields (serde) and its words ([`Human`]) or cells ([`Row`]); a format
//! knows neither. Nothing in here reads the state or the clock.

pub mod answers;
pub mod format;

use std::fmt;
use std::io;

use serde::Serialize;

use crate::error::Error;

pub use format::error::{hint_words, render_error};
pub use format::page::Page;
pub use format::render::Report;
pub use format::style::Style;
pub use format::table::Cell;

/// How an answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OutputFormat {
    /// For people.
    #[default]
    Table,
    /// One object, or an array.
    Json,
    /// An object a line.
    Jsonl,
    /// The same fields as YAML.
    Yaml,
    /// The same fields as CSV with a header.
    Csv,
    /// For a comment on a merge request.
    Markdown,
    /// Workflow commands of GitHub Actions.
    Github,
    /// JUnit XML.
    Junit,
}

impl OutputFormat {
    /// Those of every answer.
    pub const ALL: &'static [OutputFormat] = &[
        OutputFormat::Table,
        OutputFormat::Json,
        OutputFormat::Jsonl,
        OutputFormat::Yaml,
        OutputFormat::Csv,
    ];

    /// Those of answers about policies that are reviewed, besides.
    pub const REVIEW: &'static [OutputFormat] =
        &[OutputFormat::Markdown, OutputFormat::Github, OutputFormat::Junit];

    /// Whether only answers about policies know it.
    pub fn is_review(self) -> bool {
        OutputFormat::REVIEW.contains(&self)
    }

    /// The word in commands.
    pub fn as_str(self) -> &'static str {
        match self {
            OutputFormat::Table => "table",
            OutputFormat::Json => "json",
            OutputFormat::Jsonl => "jsonl",
            OutputFormat::Yaml => "yaml",
            OutputFormat::Csv => "csv",
            OutputFormat::Markdown => "markdown",
            OutputFormat::Github => "github",
            OutputFormat::Junit => "junit",
        }
    }
}

/// An answer that is a record of CSV.
pub trait CsvRecord: Serialize {
    /// The keys of the serialised object, in their order: the header, also of an empty list.
    const HEADER: &'static [&'static str];
}

/// An answer that is a row of a table.
pub trait Row: CsvRecord {
    /// The cells, not yet made safe for a terminal.
    fn cells(&self, style: &Style) -> Vec<Cell>;
}

/// An answer that has a page of words for people.
pub trait Human: Serialize {
    /// The page.
    fn page(&self, style: &Style) -> Page;
}

/// Why an answer was not printed whole.
#[derive(Debug)]
pub enum RenderError {
    /// The output failed (a closed pipe, a full disk).
    Output(io::Error),
    /// Reading the rows of the answer failed.
    Source(Error),
}

impl RenderError {
    /// Whether the reader closed the pipe, which is not an error.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, RenderError::Output(e) if e.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RenderError::Output(e) => write!(f, "cannot write the answer: {e}"),
            RenderError::Source(e) => fmt::Display::fmt(e, f),
        }
    }
}

impl std::error::Error for RenderError {}

impl From<io::Error> for RenderError {
    fn from(error: io::Error) -> RenderError {
        RenderError::Output(error)
    }
}

impl From<Error> for RenderError {
    fn from(error: Error) -> RenderError {
        RenderError::Source(error)
    }
}

impl From<serde_json::Error> for RenderError {
    fn from(error: serde_json::Error) -> RenderError {
        if error.is_io() { RenderError::Output(error.into()) } else { unserialisable(&error) }
    }
}

/// Answers are plain data: one that cannot be serialised is a bug.
fn unserialisable(error: &dyn fmt::Display) -> RenderError {
    let message = format!("an answer cannot be serialised: {error}");
    RenderError::Source(Error::new(crate::error::Kind::Bug, "bug", message))
}

#[cfg(test)]
mod tests;
