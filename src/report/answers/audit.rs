//! A record of the audit, for `audit log` and `audit show`.

use serde::Serialize;
use serde_json::Value;

use crate::domain::time::Time;
use crate::report::format::text::{dash, names};
use crate::report::{CellKind, Column, Human, Page, Record, Row, Style};

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

impl Record for AuditRow {
    fn fields() -> &'static [&'static str] {
        &[
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
        ]
    }
}

impl Row for AuditRow {
    fn columns() -> &'static [Column] {
        const COLUMNS: &[Column] = &[
            Column::new("REV", CellKind::Number),
            Column::new("AT", CellKind::Time),
            Column::new("OPERATOR", CellKind::Id),
            Column::new("ACTION", CellKind::Id),
            Column::new("SUBJECT", CellKind::Id),
            Column::optional("MESSAGE", CellKind::Text),
        ];
        COLUMNS
    }

    fn cells(&self, style: &Style) -> Vec<String> {
        vec![
            self.rev.to_string(),
            style.time(self.at),
            self.operator.clone(),
            self.action.clone(),
            self.subject_words(),
            dash(&self.message),
        ]
    }
}

impl Record for AuditDetail {
    fn fields() -> &'static [&'static str] {
        &["subject", "before", "after"]
    }
}

impl Row for AuditDetail {
    fn columns() -> &'static [Column] {
        const COLUMNS: &[Column] =
            &[Column::new("SUBJECT", CellKind::Id), Column::new("CHANGE", CellKind::Text)];
        COLUMNS
    }

    fn cells(&self, _style: &Style) -> Vec<String> {
        let change = super::change::differences(&self.before, &self.after);
        vec![self.subject.clone(), change.join(", ")]
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
