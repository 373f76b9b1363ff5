//! What was changed by hand since a policy was applied.

use serde::Serialize;

use super::plan::turn;
use crate::policy::drift::Drifted;
use crate::report::format::text::dash;
use crate::report::{Cell, CsvRecord, Row, Style};

/// One thing of `policy drift`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct DriftRow(pub Drifted);

impl CsvRecord for DriftRow {
    const HEADER: &'static [&'static str] =
        &["org", "subject", "applied", "now", "changed", "applied_at", "applied_by"];
}

impl Row for DriftRow {
    fn cells(&self, style: &Style) -> Vec<Cell> {
        let changed = self.0.changed.as_ref();
        vec![
            Cell::id("ORG", self.0.org.as_ref().map_or("(people)".to_owned(), ToString::to_string)),
            Cell::id("SUBJECT", &self.0.subject),
            Cell::text("APPLIED → NOW", turn(&self.0.applied, &self.0.now)),
            Cell::id("BY", dash(&changed.map(|changed| &changed.by))),
            Cell::number("REV", dash(&changed.map(|changed| changed.rev))),
            Cell::time("AT", style.time_or_dash(changed.map(|changed| changed.at))),
            Cell::text("MESSAGE", dash(&changed.and_then(|changed| changed.message.as_ref())))
                .optional(),
        ]
    }
}
