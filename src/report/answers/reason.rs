//! A reason code, for `exception reasons`.

use serde::Serialize;

use crate::domain::ids::{OrgId, ReasonCode};
use crate::domain::model::{ExceptionKind, FollowUp};
use crate::report::format::text::{dash, yes_no};
use crate::report::{Cell, CsvRecord, Row, Style};

/// One reason code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReasonRow {
    /// The code.
    pub code: ReasonCode,
    /// Which kind of exception it justifies.
    pub kind: ExceptionKind,
    /// Whether a note in words is mandatory.
    pub note_required: bool,
    /// The code of the follow-up.
    pub follow_up: Option<&'static str>,
    /// The org that added it; none for those of the product.
    pub org: Option<OrgId>,
    #[serde(skip)]
    follow_up_words: Option<&'static str>,
}

impl ReasonRow {
    /// The row of `code`.
    pub fn new(
        code: ReasonCode,
        kind: ExceptionKind,
        follow_up: FollowUp,
        note_required: bool,
        org: Option<OrgId>,
    ) -> ReasonRow {
        ReasonRow {
            code,
            kind,
            note_required,
            follow_up: follow_up.code(),
            org,
            follow_up_words: follow_up.words(),
        }
    }
}

impl CsvRecord for ReasonRow {
    const HEADER: &'static [&'static str] = &["code", "kind", "note_required", "follow_up", "org"];
}

impl Row for ReasonRow {
    fn cells(&self, _style: &Style) -> Vec<Cell> {
        vec![
            Cell::id("CODE", &self.code),
            Cell::id("KIND", self.kind.as_str()),
            Cell::id("NOTE", yes_no(self.note_required)),
            Cell::text("FOLLOW-UP", self.follow_up_words.unwrap_or("-").to_owned()),
            Cell::id("ORG", dash(&self.org)).optional(),
        ]
    }
}
