//! The problems of policy files, each with its place.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

/// A place in a policy file. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file as it was named.
    pub file: Arc<str>,
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

impl fmt::Display for Place {
    /// `FILE:LINE:COLUMN`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.escape_debug(), self.line, self.column)
    }
}

/// A value with the place that it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it was read.
    pub place: Place,
}

impl<T> Located<T> {
    /// `value`, read from `place`.
    pub fn new(value: T, place: Place) -> Located<T> {
        Located { value, place }
    }
}

/// One mistake in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file as it was named.
    pub file: String,
    /// The line, from 1; 0 for the whole file.
    pub line: u32,
    /// The column in characters, from 1; 0 for the whole file.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What to write instead, if that is known.
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.escape_debug();
        match self.line {
            0 => write!(f, "{file}: {}", self.message)?,
            line => write!(f, "{file}:{line}:{}: {}", self.column, self.message)?,
        }
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, " ({hint})"))
    }
}

/// How many problems of one run are listed; the others are only counted.
pub const SHOWN: usize = 1_000;

/// All problems of a run, in the order of the files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problems {
    /// The first [`SHOWN`] of them.
    pub list: Vec<Problem>,
    /// How many more there are.
    pub more: usize,
}

impl Problems {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many there are, those only counted included.
    pub fn count(&self) -> usize {
        self.list.len() + self.more
    }

    /// Adds one.
    pub fn push(&mut self, problem: Problem) {
        if self.list.len() < SHOWN {
            self.list.push(problem);
        } else {
            self.more += 1;
        }
    }

    /// Sorts those after the first `from` by their position: the checks of one
    /// file come in several passes.
    pub(crate) fn sort_from(&mut self, from: usize) {
        if let Some(own) = self.list.get_mut(from..) {
            own.sort_by_key(|problem| (problem.line, problem.column));
        }
    }

    /// Adds one about a whole file.
    pub fn about_file(&mut self, file: &str, message: impl Into<String>, hint: Option<&str>) {
        self.push(Problem {
            file: file.to_owned(),
            line: 0,
            column: 0,
            message: message.into(),
            hint: hint.map(str::to_owned),
        });
    }

    /// Adds one at a place.
    pub fn at(&mut self, place: &Place, message: impl Into<String>, hint: Option<String>) {
        self.push(Problem {
            file: place.file.to_string(),
            line: place.line,
            column: place.column,
            message: message.into(),
            hint,
        });
    }
}

impl fmt::Display for Problems {
    /// One line a problem.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.list {
            writeln!(f, "{problem}")?;
        }
        if self.more > 0 {
            writeln!(f, "and {} more", self.more)?;
        }
        Ok(())
    }
}

/// Text from a file, shortened and escaped for a message.
pub(crate) fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("{short:?}")
}
