//! What became of the assertions of `policy test`.

use serde::Serialize;

use super::Reviewable;
use crate::policy::assertions::{ChainRow, TestReport, TestRow};
use crate::policy::render::{github, junit, markdown};
use crate::report::format::text::dash;
use crate::report::{CellKind, Column, Human, Page, Record, Row, Style};

/// `policy test`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct TestedReport(pub TestReport);

impl Record for TestRow {
    fn fields() -> &'static [&'static str] {
        &["name", "file", "line", "passed", "expected", "found", "chain"]
    }
}

impl Record for ChainRow {
    fn fields() -> &'static [&'static str] {
        &["rule", "answer", "why"]
    }
}

impl Row for ChainRow {
    fn columns() -> &'static [Column] {
        const COLUMNS: &[Column] = &[
            Column::new("RULE", CellKind::Id),
            Column::new("ANSWER", CellKind::Id),
            Column::new("WHY", CellKind::Text),
        ];
        COLUMNS
    }

    fn cells(&self, _: &Style) -> Vec<String> {
        vec![self.rule.clone(), dash(&self.answer), self.why.clone()]
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
