//! A row of `report operators`: who may run mfactl, when they last did, and what is doubtful.

use serde::Serialize;

use super::operator::OperatorRow;
use crate::domain::time::Time;
use crate::report::format::text::{dash, names};
use crate::report::{CellKind, Column, Record, Row, Style};

/// One operator, reviewed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OperatorReview {
    /// Who it is.
    #[serde(flatten)]
    pub operator: OperatorRow,
    /// The revision that the operator made last; none: there is no record of any.
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
    /// Not a machine account, and nobody's: no act of it can be its own account's.
    NoPerson,
    /// The person's account is no more.
    PersonGone,
    /// The person's account is not active: whoever left may still act.
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

impl Record for OperatorReview {
    fn fields() -> &'static [&'static str] {
        &[
            "name",
            "os_users",
            "roles",
            "person",
            "service",
            "last_rev",
            "last_at",
            "last_action",
            "warnings",
        ]
    }
}

impl Row for OperatorReview {
    fn columns() -> &'static [Column] {
        const COLUMNS: &[Column] = &[
            Column::new("NAME", CellKind::Id),
            Column::new("PERSON", CellKind::Id),
            Column::new("ROLES", CellKind::Names),
            Column::new("LAST ACT", CellKind::Time),
            Column::new("WARNINGS", CellKind::Names),
            Column::optional("OS USERS", CellKind::Names),
        ];
        COLUMNS
    }

    fn cells(&self, style: &Style) -> Vec<String> {
        let of_operator = <OperatorRow as Row>::cells(&self.operator, style);
        let [name, person, roles, os_users] =
            <[String; 4]>::try_from(of_operator).unwrap_or_default();
        let last = dash(&self.last_at);
        let warnings = names(self.warnings.iter().map(|doubt| doubt.words()));
        vec![name, person, roles, last, warnings, os_users]
    }
}
