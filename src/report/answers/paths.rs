//! Which files hold a user, for `state path`.

use serde::Serialize;

use crate::report::{Cell, CsvRecord, Human, Page, Row, Style};

/// The files that hold a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PathsReport {
    /// Whose.
    pub login: String,
    /// The files.
    pub files: Vec<PathRow>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PathRow {
    /// Its path.
    pub file: String,
    /// What of the user is in it.
    pub what: String,
}

impl CsvRecord for PathRow {
    const HEADER: &'static [&'static str] = &["file", "what"];
}

impl Row for PathRow {
    fn cells(&self, _style: &Style) -> Vec<Cell> {
        vec![Cell::id("FILE", &self.file), Cell::text("WHAT", &self.what).optional()]
    }
}

impl Human for PathsReport {
    fn page(&self, style: &Style) -> Page {
        Page::new().table("", &self.files, "no file holds this user", style)
    }
}
