//! What had ended, for `exception expire`.

use serde::Serialize;

use crate::domain::due::{DueEntry, DueWhat};
use crate::domain::time::Time;
use crate::report::{Cell, CsvRecord, Human, Page, Row, Style};

/// What was recorded as ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ExpireReport {
    /// The revision that records it; none where nothing was due.
    pub rev: Option<u64>,
    /// What ended.
    pub expired: Vec<ExpiredRow>,
    /// How much more ended that the reader may not read; a warning says so.
    #[serde(skip)]
    pub hidden: usize,
    /// Nothing was written because that was asked for; for people only.
    #[serde(skip)]
    pub dry_run: bool,
}

/// One thing that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExpiredRow {
    /// `exception` or `opt-out`.
    pub what: &'static str,
    /// The exception's name; none for an opt-out.
    pub id: Option<String>,
    /// Whose it was.
    pub login: String,
    /// The org; none for an exception of several.
    pub org: Option<String>,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// The code of the follow-up.
    pub follow_up: Option<&'static str>,
}

impl From<&DueEntry> for ExpiredRow {
    fn from(entry: &DueEntry) -> ExpiredRow {
        let (what, org, follow_up) = match &entry.what {
            DueWhat::Exception { exception, .. } => {
                let only = exception.orgs.first().filter(|_| exception.orgs.len() == 1);
                ("exception", only, exception.follow_up.code())
            }
            DueWhat::OptOut { org, .. } => ("opt-out", Some(org), None),
        };
        ExpiredRow {
            what,
            id: entry.exception_id().map(|id| id.to_string()),
            login: entry.login.to_string(),
            org: org.map(ToString::to_string),
            ended_at: entry.ends_at(),
            follow_up,
        }
    }
}

impl CsvRecord for ExpiredRow {
    const HEADER: &'static [&'static str] =
        &["what", "id", "login", "org", "ended_at", "follow_up"];
}

impl Row for ExpiredRow {
    fn cells(&self, style: &Style) -> Vec<Cell> {
        vec![
            Cell::id("WHAT", self.what.to_owned()),
            Cell::id("WHOSE", self.id.clone().unwrap_or_else(|| self.login.clone())),
            Cell::time("ENDED", style.time_or_dash(self.ended_at)),
            Cell::id("ORG", self.org.clone().unwrap_or_else(|| "(several)".to_owned())).optional(),
            Cell::text("FOLLOW-UP", self.follow_up.unwrap_or("-").to_owned()).optional(),
        ]
    }
}

impl Human for ExpireReport {
    fn page(&self, style: &Style) -> Page {
        let page = Page::new();
        if self.expired.is_empty() && self.hidden == 0 {
            return page.paragraph("nothing has ended since the last time");
        }
        let page = page.maybe("revision", self.rev);
        let page = match self.expired.is_empty() {
            true => page,
            false => page.table("Ended", &self.expired, "", style),
        };
        if self.dry_run { page.dry_run() } else { page }
    }
}
