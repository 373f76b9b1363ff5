//! Which files hold a user, for `state path`.

use serde::Serialize;

use crate::report::{CellKind, Column, Human, Page, Record, Row, Style};

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

impl Record for PathRow {
    fn fields() -> &'static [&'static str] {
        &["file", "what"]
    }
}

impl Row for PathRow {
    fn columns() -> &'static [Column] {
        const COLUMNS: &[Column] =
            &[Column::new("FILE", CellKind::Id), Column::optional("WHAT", CellKind::Text)];
        COLUMNS
    }

    fn cells(&self, _style: &Style) -> Vec<String> {
        vec![self.file.clone(), self.what.clone()]
    }
}

impl Human for PathsReport {
    fn page(&self, style: &Style) -> Page {
        Page::new().table("", &self.files, "no file holds this user", style)
    }
}
