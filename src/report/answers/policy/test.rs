//! The results of the assertions of `policy test`.

use serde::Serialize;

use super::Reviewable;
use crate::policy::assertions::{ChainRow, TestReport, TestRow};
use crate::policy::render::{github, junit, markdown};
use crate::report::format::text::dash;
use crate::report::{Cell, CsvRecord, Human, Page, Row, Style};

/// `policy test`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct TestedReport(pub TestReport);

impl CsvRecord for TestRow {
    const HEADER: &'static [&'static str] =
        &["name", "file", "line", "passed", "expected", "found", "chain"];
}

impl CsvRecord for ChainRow {
    const HEADER: &'static [&'static str] = &["rule", "answer", "why"];
}

impl Row for ChainRow {
    fn cells(&self, _: &Style) -> Vec<Cell> {
        vec![
            Cell::id("RULE", &self.rule),
            Cell::id("ANSWER", dash(&self.answer)),
            Cell::text("WHY", &self.why),
        ]
    }
}

impl Human for TestedReport {
    fn page(&self, style: &Style) -> Page {
        let TestReport { tests, passed, failed, .. } = &self.0;
        let mut page = Page::new().title(format!("{passed} passed, {failed} failed"));
        for test in tests.iter().filter(|test| !test.passed) {
            page = page.paragraph(format!(
                "{}:{}: {}: expected {}, found {}",
                test.file, test.line, test.name, test.expected, test.found
            ));
            if !test.chain.is_empty() {
                page = page.table("", &test.chain, "", style);
            }
        }
        page
    }
}

impl Reviewable for TestedReport {
    type Row = TestRow;

    fn rows(&self) -> &[TestRow] {
        &self.0.tests
    }

    fn markdown(&self) -> String {
        markdown::tests(&self.0)
    }

    fn github(&self) -> String {
        github::tests(&self.0)
    }

    fn junit(&self) -> String {
        junit::tests(&self.0)
    }
}
