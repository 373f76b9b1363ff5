//! What `audit verify` found.

use serde::Serialize;

use crate::domain::time::Time;
use crate::report::format::text::dash;
use crate::report::{Cell, CsvRecord, Human, Page, Row, Style};

/// Whether the chain and the state hold together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// Whether nothing is wrong.
    pub ok: bool,
    /// How many records were checked.
    pub records: u64,
    /// The hash of the newest record.
    pub head: Option<String>,
    /// The first record that is wrong.
    pub first_bad: Option<BadRecord>,
    /// How many records have lost their details to `audit prune`.
    pub pruned: u64,
    /// Before which instant; none where nothing was pruned.
    pub pruned_before: Option<Time>,
    /// How many files of the state were compared with the chain.
    pub files_checked: u64,
    /// Those that do not fit.
    pub files_bad: Vec<BadFile>,
}

/// A record that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BadRecord {
    /// Its revision.
    pub rev: u64,
    /// What is wrong with it.
    pub what: String,
}

/// A file that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BadFile {
    /// Its path inside the state.
    pub file: String,
    /// What is wrong with it.
    pub what: String,
}

impl CsvRecord for BadFile {
    const HEADER: &'static [&'static str] = &["file", "what"];
}

impl Row for BadFile {
    fn cells(&self, _style: &Style) -> Vec<Cell> {
        vec![Cell::id("FILE", &self.file), Cell::text("WHAT", &self.what)]
    }
}

impl VerifyReport {
    fn pruned_words(&self, style: &Style) -> Option<String> {
        let before = self.pruned_before?;
        Some(format!("{} records have no details, from before {}", self.pruned, style.time(before)))
    }
}

impl Human for VerifyReport {
    fn page(&self, style: &Style) -> Page {
        let page = Page::new()
            .title(if self.ok { "ok: chain and state fit" } else { "NOT ok" })
            .maybe(
                "first bad record",
                self.first_bad.as_ref().map(|bad| format!("revision {}: {}", bad.rev, bad.what)),
            )
            .field("records", self.records.to_string())
            .maybe("pruned", self.pruned_words(style))
            .field("head", dash(&self.head))
            .field("files checked", self.files_checked.to_string());
        if self.files_bad.is_empty() {
            page
        } else {
            page.table("Files that do not fit", &self.files_bad, "", style)
        }
    }
}
