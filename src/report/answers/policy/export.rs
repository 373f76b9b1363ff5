//! Files that an export wrote.

use serde::Serialize;

use crate::report::{Cell, CsvRecord, Row, Style};

/// One file of `policy export --out`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WrittenFile {
    /// Its path.
    pub file: String,
    /// What it holds.
    pub what: String,
}

impl CsvRecord for WrittenFile {
    const HEADER: &'static [&'static str] = &["file", "what"];
}

impl Row for WrittenFile {
    fn cells(&self, _: &Style) -> Vec<Cell> {
        vec![Cell::id("FILE", &self.file), Cell::text("WHAT", &self.what)]
    }
}
