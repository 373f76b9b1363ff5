//! A row of `report opt-outs`: one membership that is opted out.

use serde::Serialize;

use crate::domain::ids::{Login, OrgId, Text};
use crate::domain::model::{OptOut, Role};
use crate::domain::time::Time;
use crate::report::format::text::dash;
use crate::report::{Cell, CsvRecord, Row, Style};

/// One opt-out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OptOutRow {
    /// The org.
    pub org: OrgId,
    /// Who is opted out there.
    pub login: Login,
    /// The name in words.
    pub name: Option<Text>,
    /// The role of the membership.
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

impl CsvRecord for OptOutRow {
    const HEADER: &'static [&'static str] = &[
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
    ];
}

impl Row for OptOutRow {
    fn cells(&self, style: &Style) -> Vec<Cell> {
        let rests = self.rests_because.as_ref().map(|why| format!("no: {why}"));
        vec![
            Cell::id("ORG", &self.org),
            Cell::id("LOGIN", &self.login),
            Cell::text("COUNTS", rests.unwrap_or_else(|| "yes".to_owned())),
            Cell::id("BY", &self.by),
            Cell::text("WHY", dash(&self.message)),
            Cell::time("SINCE", style.time(self.set_at)).optional(),
            Cell::time("UNTIL", style.time_or_dash(self.until)),
        ]
    }
}
