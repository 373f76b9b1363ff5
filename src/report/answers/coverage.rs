//! A row of `report coverage`: an org, or everybody.

use serde::Serialize;

use crate::domain::coverage::Coverage;
use crate::domain::ids::OrgId;
use crate::domain::model::{Org, Switch};
use crate::domain::time::Time;
use crate::report::format::text::dash;
use crate::report::{Cell, CsvRecord, Row, Style};

/// One org, or everybody, counted by what a sign-in needs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CoverageRow {
    /// The org; none in the row of all people, in which each is counted once.
    pub org: Option<OrgId>,
    /// Whether the org enforces MFA (from `enforcement_from` on).
    pub enforcement: Option<Switch>,
    /// From when.
    pub enforcement_from: Option<Time>,
    /// The members; of the row of all people, the accounts.
    pub members: u64,
    /// Of those whom mfactl could ask (neither denied nor delegated), the enrolled ones.
    pub enrolled: u64,
    /// The same in percent with one decimal, rounded down; none if no member needs a second factor.
    pub enrolled_percent: Option<f64>,
    /// Asked for a second factor, and enrolled.
    pub required: u64,
    /// Asked for a second factor, and must set it up first.
    pub enrol: u64,
    /// Must set it up before their grace ends.
    pub grace: u64,
    /// Exempt by an exception.
    pub exempt_by_exception: u64,
    /// Exempt by an opt-out.
    pub exempt_by_opt_out: u64,
    /// Nothing asks for it.
    pub not_required: u64,
    /// Their identity provider decides.
    pub delegated: u64,
    /// Not let in: the account is not active, or in no org.
    pub denied: u64,
    /// Locked out by wrong codes; known of this moment only.
    pub locked_out: Option<u64>,
    /// The instant that is decided for.
    pub at: Time,
    /// The revision that the answer is of.
    pub rev: u64,
}

impl CoverageRow {
    /// The row of an org, or of everybody.
    pub fn new(
        org: Option<(&OrgId, &Org)>,
        counted: &Coverage,
        locked_out: Option<u64>,
        at: Time,
        rev: u64,
    ) -> CoverageRow {
        CoverageRow {
            org: org.map(|(id, _)| id.clone()),
            enforcement: org.map(|(_, org)| org.enforcement.state),
            enforcement_from: org.and_then(|(_, org)| org.enforcement.from),
            members: counted.members,
            enrolled: counted.enrolled,
            enrolled_percent: counted.enrolled_per_mille().map(|share| share as f64 / 10.0),
            required: counted.required,
            enrol: counted.enrol,
            grace: counted.grace,
            exempt_by_exception: counted.exempt_by_exception,
            exempt_by_opt_out: counted.exempt_by_opt_out,
            not_required: counted.not_required,
            delegated: counted.delegated,
            denied: counted.denied,
            locked_out,
            at,
            rev,
        }
    }

    fn enforced(&self) -> String {
        match (self.enforcement, self.enforcement_from) {
            (None, _) => String::new(),
            (Some(Switch::On), Some(from)) if from > self.at => start(from),
            (Some(state), _) => state.as_str().to_owned(),
        }
    }
}

/// A start as a date, where that says all of it, or as an instant.
fn start(from: Time) -> String {
    let day = from.day();
    if Time::parse_date(&day) == Ok(from) { day } else { from.to_string() }
}

impl CsvRecord for CoverageRow {
    const HEADER: &'static [&'static str] = &[
        "org",
        "enforcement",
        "enforcement_from",
        "members",
        "enrolled",
        "enrolled_percent",
        "required",
        "enrol",
        "grace",
        "exempt_by_exception",
        "exempt_by_opt_out",
        "not_required",
        "delegated",
        "denied",
        "locked_out",
        "at",
        "rev",
    ];
}

impl Row for CoverageRow {
    fn cells(&self, _style: &Style) -> Vec<Cell> {
        let share = self.enrolled_percent.map(|share| format!("{share:.1} %"));
        vec![
            Cell::id(
                "ORG",
                self.org.as_ref().map_or_else(|| "(everybody)".to_owned(), ToString::to_string),
            ),
            Cell::id("ENFORCED", self.enforced()),
            Cell::number("MEMBERS", self.members),
            Cell::number("ENROLLED", dash(&share)),
            Cell::number("ASKED", self.required),
            Cell::number("ENROL", self.enrol),
            Cell::number("EXEMPT", (self.exempt_by_exception + self.exempt_by_opt_out).to_string()),
            Cell::number("NOT ASKED", self.not_required).optional(),
            Cell::number("GRACE", self.grace).optional(),
            Cell::number("SSO", self.delegated).optional(),
            Cell::number("DENIED", self.denied).optional(),
            Cell::number("LOCKED OUT", dash(&self.locked_out)).optional(),
        ]
    }
}
