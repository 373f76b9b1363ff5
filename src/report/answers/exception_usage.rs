//! A row of `report exceptions`: how often a kind of exception is used, and why or by whom.

use serde::Serialize;

use crate::domain::ids::{OrgId, ReasonCode};
use crate::domain::model::ExceptionKind;
use crate::domain::time::Time;
use crate::domain::usage::Usage;
use crate::report::format::text::dash;
use crate::report::{Cell, CsvRecord, Row, Style};

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
    /// The operator who approved them, if they are counted by operator.
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
    /// Live now.
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
    /// For users who never registered a method.
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

impl CsvRecord for UsageRow {
    const HEADER: &'static [&'static str] = &[
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
    ];
}

impl Row for UsageRow {
    fn cells(&self, _style: &Style) -> Vec<Cell> {
        let Group { org, kind, reason, approved_by } = &self.group;
        let by = reason.as_ref().map(ToString::to_string).or_else(|| approved_by.clone());
        vec![
            Cell::id("ORG", org.as_ref().map_or_else(|| "(all)".to_owned(), ToString::to_string)),
            Cell::id("KIND", dash(&kind.map(ExceptionKind::as_str))),
            Cell::id("BY", dash(&by)),
            Cell::number("ALL", self.exceptions),
            Cell::number("LIVE", self.live),
            Cell::number("WAITING", self.requested),
            Cell::number("RE-ENROL", self.follow_ups_open).optional(),
            Cell::number("REVIEW", self.reviews_due).optional(),
            Cell::number("AHEAD", self.scheduled).optional(),
            Cell::number("EXPIRED", self.expired).optional(),
            Cell::number("REVOKED", self.revoked).optional(),
            Cell::number("REJECTED", self.rejected).optional(),
            Cell::number("UNENROLLED", self.unenrolled).optional(),
        ]
    }
}
