//! Files that an export wrote.

use serde::Serialize;

use crate::report::{CellKind, Column, Record, Row, Style};

/// One file of `policy export --out`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WrittenFile {
    /// Its path.
    pub file: String,
    /// What it holds.
    pub what: String,
}

impl Record for WrittenFile {
    fn fields() -> &'static [&'static str] {
        &["file", "what"]
    }
}

impl Row for WrittenFile {
    fn columns() -> &'static [Column] {
        const COLUMNS: &[Column] =
            &[Column::new("FILE", CellKind::Id), Column::new("WHAT", CellKind::Text)];
        COLUMNS
    }

    fn cells(&self, _: &Style) -> Vec<String> {
        vec![self.file.clone(), self.what.clone()]
    }
}
