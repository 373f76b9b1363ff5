//! A record of the audit, for `audit log` and `audit show`.

use serde::Serialize;
use serde_json::Value;

use crate::domain::time::Time;
use crate::report::format::text::{dash, names};
use crate::report::{Cell, CsvRecord, Human, Page, Row, Style};

/// One record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuditRow {
    /// The revision that it made.
    pub rev: u64,
    /// When.
    pub at: Time,
    /// The operator, `root` or `system`.
    pub operator: String,
    /// The OS identity.
    pub os_user: String,
    /// How that was found: `loginuid`, `sudo` or `euid`.
    pub identity_from: String,
    /// The act, `noun.verb`.
    pub action: String,
    /// Whom or what it is about; none where there are many.
    pub subject: Option<String>,
    /// The orgs concerned.
    pub orgs: Vec<String>,
    /// The fields that changed, before.
    pub before: Value,
    /// The same fields after.
    pub after: Value,
    /// Why, in words.
    pub message: Option<String>,
    /// The ticket.
    pub ticket: Option<String>,
    /// The hash of the record before.
    pub prev: String,
    /// Its own hash.
    pub hash: String,
    /// Where there are many subjects: what changed of each.
    pub details: Option<Vec<AuditDetail>>,
    /// Whether `audit prune` erased what changed.
    pub pruned: bool,
}

/// What changed of one of many subjects.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuditDetail {
    /// Whom or what it is about.
    pub subject: String,
    /// The fields that changed, before.
    pub before: Value,
    /// The same fields after.
    pub after: Value,
}

impl AuditRow {
    fn subject_words(&self) -> String {
        match (&self.subject, &self.details) {
            _ if self.pruned => "(erased)".to_owned(),
            (Some(subject), _) => subject.clone(),
            (None, Some(details)) => format!("({})", details.len()),
            (None, None) => "-".to_owned(),
        }
    }
}

impl CsvRecord for AuditRow {
    const HEADER: &'static [&'static str] = &[
        "rev",
        "at",
        "operator",
        "os_user",
        "identity_from",
        "action",
        "subject",
        "orgs",
        "before",
        "after",
        "message",
        "ticket",
        "prev",
        "hash",
        "details",
        "pruned",
    ];
}

impl Row for AuditRow {
    fn cells(&self, style: &Style) -> Vec<Cell> {
        vec![
            Cell::number("REV", self.rev),
            Cell::time("AT", style.time(self.at)),
            Cell::id("OPERATOR", &self.operator),
            Cell::id("ACTION", &self.action),
            Cell::id("SUBJECT", self.subject_words()),
            Cell::text("MESSAGE", dash(&self.message)).optional(),
        ]
    }
}

impl CsvRecord for AuditDetail {
    const HEADER: &'static [&'static str] = &["subject", "before", "after"];
}

impl Row for AuditDetail {
    fn cells(&self, _style: &Style) -> Vec<Cell> {
        let change = super::change::differences(&self.before, &self.after);
        vec![Cell::id("SUBJECT", &self.subject), Cell::text("CHANGE", change.join(", "))]
    }
}

impl Human for AuditRow {
    fn page(&self, style: &Style) -> Page {
        let mut page = Page::new()
            .title(format!("revision {}: {} {}", self.rev, self.action, self.subject_words()))
            .field("at", style.time(self.at))
            .field(
                "operator",
                format!("{} (OS user {}, {})", self.operator, self.os_user, self.identity_from),
            )
            .field("orgs", names(&self.orgs))
            .field("message", dash(&self.message))
            .field("ticket", dash(&self.ticket))
            .field("previous", self.prev.as_str())
            .field("hash", self.hash.as_str());
        for line in super::change::differences(&self.before, &self.after) {
            page = page.paragraph(format!("  {line}"));
        }
        match &self.details {
            _ if self.pruned => page.note("what changed was erased by audit prune"),
            Some(details) => page.table("Changes", details, "no changes", style),
            None => page,
        }
    }
}
