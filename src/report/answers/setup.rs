//! What of an installation is not as it should be, for `state check --setup`.

use serde::Serialize;

use crate::report::{Cell, CsvRecord, Human, Page, Row, Style};

/// The installation, looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetupReport {
    /// Whether nothing is wrong with it.
    pub ok: bool,
    /// The state directory.
    pub state: String,
    /// The configuration that counts, if there is one.
    pub config: Option<String>,
    /// The file of the key.
    pub key: String,
    /// What is wrong.
    pub problems: Vec<SetupRow>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetupRow {
    /// The file or directory.
    pub file: String,
    /// What is wrong with it.
    pub what: String,
    /// What mends it.
    pub mend: Option<String>,
}

impl CsvRecord for SetupRow {
    const HEADER: &'static [&'static str] = &["file", "what", "mend"];
}

impl Row for SetupRow {
    fn cells(&self, _style: &Style) -> Vec<Cell> {
        vec![
            Cell::id("FILE", &self.file),
            Cell::text("WHAT", &self.what),
            Cell::text("MEND", self.mend.clone().unwrap_or_default()).optional(),
        ]
    }
}

impl Human for SetupReport {
    fn page(&self, style: &Style) -> Page {
        let config = self.config.clone().unwrap_or_else(|| "none".to_owned());
        Page::new()
            .field("state", &self.state)
            .field("configuration", config)
            .field("key", &self.key)
            .table("", &self.problems, "nothing is wrong with the set-up", style)
    }
}
