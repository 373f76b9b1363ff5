//! What was taken over from another tool's file, or written to one.

use serde::Serialize;

use super::{Human, Page, Style};

/// An import or export of enrolments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConvertReport {
    /// The revision that records it; none where nothing was written.
    pub rev: Option<u64>,
    /// Whether anything changed (or would).
    pub changed: bool,
    /// `convert.import` or `convert.export`.
    pub action: &'static str,
    /// The format.
    pub format: &'static str,
    /// The file.
    pub file: String,
    /// How many enrolments were taken over or written.
    pub enrolments: usize,
    /// How many were there already.
    pub unchanged: usize,
    /// What could not be carried, with its line or user.
    pub warnings: Vec<String>,
    /// Nothing was written because that was asked for; for people only.
    #[serde(skip)]
    pub dry_run: bool,
}

impl Human for ConvertReport {
    fn page(&self, _: &Style) -> Page {
        let what = if self.action == "convert.import" { "taken over from" } else { "written to" };
        let (count, file) = (self.enrolments, &self.file);
        let page = Page::new()
            .title(format!("{count} enrolments {what} {file}"))
            .field("format", self.format)
            .field("unchanged", self.unchanged.to_string())
            .maybe("revision", self.rev);
        if self.dry_run { page.note("a dry run: nothing was written") } else { page }
    }
}
