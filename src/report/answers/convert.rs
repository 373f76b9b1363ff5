//! What was taken over from another tool's file, or written to one.

use serde::Serialize;

use crate::report::{Cell, CsvRecord, Human, Page, Row, Style};

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
    /// How many tokens of the file were left out, for what they are or whose.
    pub left_out: usize,
    /// Whose enrolments were taken over; none for an export.
    pub accounts: Vec<ConvertRow>,
    /// What could not be carried, with its line or user.
    pub warnings: Vec<String>,
    /// Whether the accounts are listed; for people only.
    #[serde(skip)]
    pub lists: bool,
    /// Nothing was written because that was asked for; for people only.
    #[serde(skip)]
    pub dry_run: bool,
}

/// One enrolment that was taken over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConvertRow {
    /// The line of the file.
    pub line: usize,
    /// The account, as the file names it.
    pub account: Option<String>,
    /// Whose it is here.
    pub login: String,
    /// `taken over`, or `unchanged` where it was here already.
    pub result: &'static str,
}

impl CsvRecord for ConvertRow {
    const HEADER: &'static [&'static str] = &["line", "account", "login", "result"];
}

impl Row for ConvertRow {
    fn cells(&self, _: &Style) -> Vec<Cell> {
        let account = self.account.clone().unwrap_or_default();
        vec![
            Cell::number("LINE", self.line),
            Cell::id("LOGIN", &self.login),
            Cell::id("RESULT", self.result.to_owned()),
            Cell::text("ACCOUNT", account).optional(),
        ]
    }
}

impl Human for ConvertReport {
    fn page(&self, style: &Style) -> Page {
        let what = if self.action == "convert.import" { "taken over from" } else { "written to" };
        let (count, file) = (self.enrolments, &self.file);
        let plural = if count == 1 { "" } else { "s" };
        let mut page = Page::new()
            .title(format!("{count} enrolment{plural} {what} {file}"))
            .field("format", self.format)
            .field("unchanged", self.unchanged.to_string())
            .field("left out", self.left_out.to_string())
            .maybe("revision", self.rev);
        if self.lists {
            page = page.table("Accounts", &self.accounts, "no account was taken over", style);
        }
        if self.dry_run { page.dry_run() } else { page }
    }
}
