//! Answers as values, and the formats that they are printed in.
//!
//! A verb makes one of the answers ([`answers::change`], [`answers::user`], …), wraps it as
//! [`One`], [`List`] or [`Pages`], and renders it. An answer knows its fields
//! (serde), its words ([`Human`]) or its cells ([`Row`]); a format knows
//! neither. Nothing in here reads the state or the clock.

pub mod answers;
pub mod format;

use std::fmt;
use std::io;

use serde::Serialize;

use crate::error::Error;

pub use format::error::{hint_words, render_error};
pub use format::list::{List, Pages};
pub use format::one::{One, SecretOne};
pub use format::page::Page;
pub use format::style::Style;
pub use format::table::{CellKind, Column};

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

/// An answer that can be printed.
pub trait Report {
    /// Writes the answer to `out`, which should be buffered; the caller flushes.
    ///
    /// # Errors
    /// Says whether `out` failed or what the answer is drawn from.
    fn render(
        self: Box<Self>,
        format: OutputFormat,
        style: &Style,
        out: &mut dyn io::Write,
    ) -> Result<(), RenderError>;
}

/// The fields of an answer's object, in their order.
pub trait Record: Serialize {
    /// The same names as the serialised object has: the header of CSV, also of
    /// an empty list.
    fn fields() -> &'static [&'static str];
}

/// An answer that is a row of a table.
pub trait Row: Record {
    /// The columns.
    fn columns() -> &'static [Column];

    /// A cell for each column, not yet made safe for a terminal.
    fn cells(&self, style: &Style) -> Vec<String>;
}

/// An answer that is told in words.
pub trait Human: Serialize {
    /// The words.
    fn page(&self, style: &Style) -> Page;
}

/// Why an answer was not printed whole.
#[derive(Debug)]
pub enum RenderError {
    /// The output failed (a closed pipe, a full disk).
    Output(io::Error),
    /// What the answer is drawn from failed.
    Source(Error),
}

impl RenderError {
    /// Whether the reader went away, which is no failure of ours.
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
