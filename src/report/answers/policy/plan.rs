//! What a policy would change.

use serde::Serialize;

use super::Reviewable;
use crate::policy::plan::{ChangeRow, PlanReport};
use crate::policy::render;
use crate::policy::render::{github, junit, markdown};
use crate::report::answers::change::differences;
use crate::report::{Cell, CsvRecord, Human, Page, Row, Style};

/// `policy plan`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct PlannedReport {
    /// The plan.
    pub plan: PlanReport,
    /// How many orgs would keep the policy anew, for drift; no change of its own.
    #[serde(skip)]
    pub adoptions: usize,
}

impl CsvRecord for ChangeRow {
    const HEADER: &'static [&'static str] =
        &["class", "action", "subject", "org", "before", "after", "source", "people"];
}

impl Row for ChangeRow {
    fn cells(&self, _: &Style) -> Vec<Cell> {
        vec![
            Cell::id("CLASS", self.class.as_str()),
            Cell::id("ACTION", self.action),
            Cell::id("SUBJECT", &self.subject),
            Cell::text("BEFORE → AFTER", turn(&self.before, &self.after)),
            Cell::id("SOURCE", format!("{}:{}", self.source.file, self.source.line)),
        ]
    }
}

/// Before and after in one line. Something that comes or goes has a dash on the other side.
pub(crate) fn turn(before: &serde_json::Value, after: &serde_json::Value) -> String {
    if before.is_null() || after.is_null() {
        return format!("{} → {}", render::words(before), render::words(after));
    }
    differences(before, after).join("; ")
}

/// The changes of `plan`, a table an org, people last; then what is left alone and what stops it.
pub(crate) fn changes(mut page: Page, plan: &PlanReport, style: &Style) -> Page {
    for rows in plan.changes.chunk_by(|a, b| a.org == b.org) {
        let org =
            rows.first().and_then(|row| row.org.as_ref()).map_or("people", |org| org.as_str());
        page = page.table(org, rows, "", style);
        for row in rows {
            for (_, words) in render::concerned(row) {
                let place = format!("{}:{}", row.source.file, row.source.line);
                page = page.paragraph(format!("{place} {words}"));
            }
        }
    }
    let page = if plan.changes.is_empty() { page } else { page.paragraph("") };
    page.paragraph(render::unmanaged(plan))
}

impl Human for PlannedReport {
    fn page(&self, style: &Style) -> Page {
        let plan = &self.plan;
        let page = Page::new().title(format!("plan: {}", render::summary(plan)));
        let mut page = changes(page, plan, style);
        if plan.changes.is_empty() && self.adoptions > 0 {
            let orgs =
                if self.adoptions == 1 { "1 org" } else { &format!("{} orgs", self.adoptions) };
            page = page
                .note(format!("apply would record this policy as the one of {orgs}, for drift"));
        }
        for guard in &plan.guards {
            page = page.note(render::guard_sentence(guard));
        }
        page
    }
}

impl Reviewable for PlannedReport {
    type Row = ChangeRow;

    fn rows(&self) -> &[ChangeRow] {
        &self.plan.changes
    }

    fn markdown(&self) -> String {
        markdown::plan(&self.plan)
    }

    fn github(&self) -> String {
        github::plan(&self.plan)
    }

    fn junit(&self) -> String {
        junit::plan(&self.plan)
    }
}
