//! A row of `report opt-outs`: one membership that is opted out.

use serde::Serialize;

use crate::domain::ids::{Login, OrgId, Text};
use crate::domain::model::{OptOut, Role};
use crate::domain::time::Time;
use crate::report::format::text::dash;
use crate::report::{CellKind, Column, Record, Row, Style};

/// One opt-out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OptOutRow {
    /// The org.
    pub org: OrgId,
    /// Who is opted out there.
    pub login: Login,
    /// The name in words.
    pub name: Option<Text>,
    /// What the person is there.
    pub role: Role,
    /// The operator who set it.
    pub by: String,
    /// When.
    pub set_at: Time,
    /// Why.
    pub message: Option<Text>,
    /// Its end.
    pub until: Option<Time>,
    /// Whether it exempts; an opt-out that does not rests.
    pub counts: bool,
    /// Why it does not.
    pub rests_because: Option<String>,
}

impl OptOutRow {
    /// The row of an opt-out which rests for this reason, if it does.
    pub fn new(
        org: &OrgId,
        login: &Login,
        name: Option<&Text>,
        role: Role,
        opt_out: &OptOut,
        rests: Option<String>,
    ) -> OptOutRow {
        OptOutRow {
            org: org.clone(),
            login: login.clone(),
            name: name.cloned(),
            role,
            by: opt_out.by.clone(),
            set_at: opt_out.at,
            message: opt_out.message.clone(),
            until: opt_out.until,
            counts: rests.is_none(),
            rests_because: rests,
        }
    }
}

impl Record for OptOutRow {
    fn fields() -> &'static [&'static str] {
        &[
            "org",
            "login",
            "name",
            "role",
            "by",
            "set_at",
            "message",
            "until",
            "counts",
            "rests_because",
        ]
    }
}

impl Row for OptOutRow {
    fn columns() -> &'static [Column] {
        const COLUMNS: &[Column] = &[
            Column::new("ORG", CellKind::Id),
            Column::new("LOGIN", CellKind::Id),
            Column::new("COUNTS", CellKind::Text),
            Column::new("BY", CellKind::Id),
            Column::new("WHY", CellKind::Text),
            Column::optional("SINCE", CellKind::Time),
            Column::new("UNTIL", CellKind::Time),
        ];
        COLUMNS
    }

    fn cells(&self, style: &Style) -> Vec<String> {
        let rests = self.rests_because.as_ref().map(|why| format!("no: {why}"));
        vec![
            self.org.to_string(),
            self.login.to_string(),
            rests.unwrap_or_else(|| "yes".to_owned()),
            self.by.clone(),
            dash(&self.message),
            style.time(self.set_at),
            style.time_or_dash(self.until),
        ]
    }
}
