//! A row of `report exceptions`: how often a kind of exception is used, and why or by whom.

use serde::Serialize;

use crate::domain::ids::{OrgId, ReasonCode};
use crate::domain::model::ExceptionKind;
use crate::domain::time::Time;
use crate::domain::usage::Usage;
use crate::report::format::text::dash;
use crate::report::{CellKind, Column, Record, Row, Style};

/// What exceptions are counted by, beside org and kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum By {
    /// The code of the reason.
    #[default]
    Reason,
    /// The operator who approved them.
    Approver,
}

impl By {
    /// The word in commands.
    pub fn as_str(self) -> &'static str {
        match self {
            By::Reason => "reason",
            By::Approver => "approver",
        }
    }
}

/// What the exceptions of a row have in common; nothing in the row of all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
pub struct Group {
    /// The org that they cover.
    pub org: Option<OrgId>,
    /// Short or long.
    pub kind: Option<ExceptionKind>,
    /// The code of the reason, where they are counted by it.
    pub reason: Option<ReasonCode>,
    /// The operator who approved them, where they are counted by that; none: nobody did.
    pub approved_by: Option<String>,
}

/// The exceptions of one group, counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UsageRow {
    /// What they have in common.
    #[serde(flatten)]
    pub group: Group,
    /// All of them.
    pub exceptions: u64,
    /// Exempt somebody.
    pub live: u64,
    /// Wait for approval.
    pub requested: u64,
    /// Approved, their start is ahead.
    pub scheduled: u64,
    /// Their end has come.
    pub expired: u64,
    /// Ended by an operator before that.
    pub revoked: u64,
    /// Approval was refused.
    pub rejected: u64,
    /// For somebody who never registered a method.
    pub unenrolled: u64,
    /// Live, to be reviewed before the end, which is at most 14 days ahead.
    pub reviews_due: u64,
    /// Ended, and the user must enrol again and has not.
    pub follow_ups_open: u64,
    /// The instant that is counted for.
    pub at: Time,
    /// The revision that the answer is of.
    pub rev: u64,
}

impl UsageRow {
    /// The row of a group.
    pub fn new(group: Group, usage: &Usage, at: Time, rev: u64) -> UsageRow {
        UsageRow {
            group,
            exceptions: usage.exceptions,
            live: usage.live,
            requested: usage.requested,
            scheduled: usage.scheduled,
            expired: usage.expired,
            revoked: usage.revoked,
            rejected: usage.rejected,
            unenrolled: usage.unenrolled,
            reviews_due: usage.reviews_due,
            follow_ups_open: usage.follow_ups_open,
            at,
            rev,
        }
    }
}

impl Record for UsageRow {
    fn fields() -> &'static [&'static str] {
        &[
            "org",
            "kind",
            "reason",
            "approved_by",
            "exceptions",
            "live",
            "requested",
            "scheduled",
            "expired",
            "revoked",
            "rejected",
            "unenrolled",
            "reviews_due",
            "follow_ups_open",
            "at",
            "rev",
        ]
    }
}

impl Row for UsageRow {
    fn columns() -> &'static [Column] {
        const COLUMNS: &[Column] = &[
            Column::new("ORG", CellKind::Id),
            Column::new("KIND", CellKind::Id),
            Column::new("BY", CellKind::Id),
            Column::new("ALL", CellKind::Number),
            Column::new("LIVE", CellKind::Number),
            Column::new("WAITING", CellKind::Number),
            Column::optional("RE-ENROL", CellKind::Number),
            Column::optional("REVIEW", CellKind::Number),
            Column::optional("AHEAD", CellKind::Number),
            Column::optional("EXPIRED", CellKind::Number),
            Column::optional("REVOKED", CellKind::Number),
            Column::optional("REJECTED", CellKind::Number),
            Column::optional("UNENROLLED", CellKind::Number),
        ];
        COLUMNS
    }

    fn cells(&self, _style: &Style) -> Vec<String> {
        let Group { org, kind, reason, approved_by } = &self.group;
        let by = reason.as_ref().map(ToString::to_string).or_else(|| approved_by.clone());
        vec![
            org.as_ref().map_or_else(|| "(all)".to_owned(), ToString::to_string),
            dash(&kind.map(ExceptionKind::as_str)),
            dash(&by),
            self.exceptions.to_string(),
            self.live.to_string(),
            self.requested.to_string(),
            self.follow_ups_open.to_string(),
            self.reviews_due.to_string(),
            self.scheduled.to_string(),
            self.expired.to_string(),
            self.revoked.to_string(),
            self.rejected.to_string(),
            self.unenrolled.to_string(),
        ]
    }
}
