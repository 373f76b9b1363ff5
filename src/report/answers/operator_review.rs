//! A row of `report operators`: who may run mfactl, when they last did, and what is doubtful.

use serde::Serialize;

use super::operator::OperatorRow;
use crate::domain::time::Time;
use crate::report::format::text::{dash, names};
use crate::report::{Cell, CsvRecord, Row, Style};

/// One operator, reviewed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OperatorReview {
    /// Who it is.
    #[serde(flatten)]
    pub operator: OperatorRow,
    /// The last revision that the operator made, if any.
    pub last_rev: Option<u64>,
    /// When.
    pub last_at: Option<Time>,
    /// What, as in `user.reset`.
    pub last_action: Option<String>,
    /// The codes of what is doubtful.
    pub warnings: Vec<Doubt>,
}

/// What is doubtful about an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Doubt {
    /// Not a machine account, and without a linked account.
    NoPerson,
    /// The linked account was removed.
    PersonGone,
    /// The linked account is not active, but the operator can still act.
    PersonInactive,
    /// The person signs in with a password and is not enrolled.
    PersonNotEnrolled,
    /// An OS user of the operator is another operator as well.
    SharedOsUser,
    /// No role: it may do nothing.
    NoRole,
}

impl Doubt {
    fn words(self) -> &'static str {
        match self {
            Doubt::NoPerson => "no person",
            Doubt::PersonGone => "person gone",
            Doubt::PersonInactive => "person not active",
            Doubt::PersonNotEnrolled => "person not enrolled",
            Doubt::SharedOsUser => "shared OS user",
            Doubt::NoRole => "no role",
        }
    }
}

impl CsvRecord for OperatorReview {
    const HEADER: &'static [&'static str] = &[
        "name",
        "os_users",
        "roles",
        "person",
        "service",
        "last_rev",
        "last_at",
        "last_action",
        "warnings",
    ];
}

impl Row for OperatorReview {
    fn cells(&self, _: &Style) -> Vec<Cell> {
        let operator = &self.operator;
        vec![
            Cell::id("NAME", &operator.name),
            Cell::id("PERSON", operator.person_words()),
            Cell::names("ROLES", names(&operator.roles)),
            Cell::time("LAST ACT", dash(&self.last_at)),
            Cell::names("WARNINGS", names(self.warnings.iter().map(|doubt| doubt.words()))),
            Cell::names("OS USERS", names(&operator.os_users)).optional(),
        ]
    }
}
