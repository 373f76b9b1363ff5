//! What was changed by hand since a policy was applied.

use serde::Serialize;

use super::plan::turn;
use crate::policy::drift::Drifted;
use crate::report::format::text::dash;
use crate::report::{CellKind, Column, Record, Row, Style};

/// One thing of `policy drift`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct DriftRow(pub Drifted);

impl Record for DriftRow {
    fn fields() -> &'static [&'static str] {
        &["org", "subject", "applied", "now", "changed", "applied_at", "applied_by"]
    }
}

impl Row for DriftRow {
    fn columns() -> &'static [Column] {
        const COLUMNS: &[Column] = &[
            Column::new("ORG", CellKind::Id),
            Column::new("SUBJECT", CellKind::Id),
            Column::new("APPLIED → NOW", CellKind::Text),
            Column::new("BY", CellKind::Id),
            Column::new("REV", CellKind::Number),
            Column::new("AT", CellKind::Time),
            Column::optional("MESSAGE", CellKind::Text),
        ];
        COLUMNS
    }

    fn cells(&self, style: &Style) -> Vec<String> {
        let changed = self.0.changed.as_ref();
        vec![
            self.0.org.as_ref().map_or("(people)".to_owned(), ToString::to_string),
            self.0.subject.clone(),
            turn(&self.0.applied, &self.0.now),
            dash(&changed.map(|changed| &changed.by)),
            dash(&changed.map(|changed| changed.rev)),
            style.time_or_dash(changed.map(|changed| changed.at)),
            dash(&changed.and_then(|changed| changed.message.as_ref())),
        ]
    }
}
