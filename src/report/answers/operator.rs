//! An operator, for `operator list` and `show`.

use serde::Serialize;

use crate::domain::ids::{OperatorName, OsUser};
use crate::domain::model::{Operator, OperatorRole};
use crate::report::format::text::{dash, names};
use crate::report::{Cell, CsvRecord, Human, Page, Row, Style};

/// One operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OperatorRow {
    /// The name.
    pub name: OperatorName,
    /// The OS users that are this operator.
    pub os_users: Vec<OsUser>,
    /// What the operator may do, and where.
    pub roles: Vec<OperatorRole>,
    /// The operator's own account: its login, or `id:ID` where none has that id.
    pub person: Option<String>,
    /// Whether it is a machine account.
    pub service: bool,
}

impl OperatorRow {
    /// The row of `name`; `person` is how the operator's account is named.
    pub fn new(name: &OperatorName, operator: &Operator, person: Option<String>) -> OperatorRow {
        OperatorRow {
            name: name.clone(),
            os_users: operator.os_users.iter().cloned().collect(),
            roles: operator.roles.iter().cloned().collect(),
            person,
            service: operator.service,
        }
    }

    pub(super) fn person_words(&self) -> String {
        if self.service { "(service)".to_owned() } else { dash(&self.person) }
    }
}

impl CsvRecord for OperatorRow {
    const HEADER: &'static [&'static str] = &["name", "os_users", "roles", "person", "service"];
}

impl Row for OperatorRow {
    fn cells(&self, _style: &Style) -> Vec<Cell> {
        vec![
            Cell::id("NAME", &self.name),
            Cell::id("PERSON", self.person_words()),
            Cell::names("ROLES", names(&self.roles)),
            Cell::names("OS USERS", names(&self.os_users)).optional(),
        ]
    }
}

impl Human for OperatorRow {
    fn page(&self, _style: &Style) -> Page {
        Page::new()
            .title(self.name.as_str())
            .field("person", self.person_words())
            .field("roles", names(&self.roles))
            .field("OS users", names(&self.os_users))
    }
}
