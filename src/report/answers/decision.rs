//! What a sign-in needs and why, for `explain`.

use serde::Serialize;

use crate::domain::time::Time;
use crate::report::format::text::dash;
use crate::report::{Cell, CsvRecord, Human, Page, Row, Style};

/// The decision for one user, org and service at an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecisionReport {
    /// The user's login.
    pub login: String,
    /// The user's stable id.
    pub id: String,
    /// The org to be entered.
    pub org: String,
    /// The service to be entered; none in particular where none was named.
    pub service: Option<String>,
    /// The instant that is decided for.
    pub at: Time,
    /// `denied`, `delegated`, `exempt`, `required`, `enrol`, `grace` or `not-required`.
    pub requirement: String,
    /// The rule that says so.
    pub rule: String,
    /// Until when, for `exempt` and `grace`.
    pub until: Option<Time>,
    /// The next instant at which the answer changes by itself.
    pub changes_at: Option<Time>,
    /// How far the enrolment is.
    pub enrolment: String,
    /// Every rule in its order.
    pub chain: Vec<ChainLink>,
}

/// What one rule answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChainLink {
    /// The rule.
    pub rule: String,
    /// Its answer; none where it has nothing to say.
    pub answer: Option<String>,
    /// Why.
    pub why: String,
}

impl CsvRecord for DecisionReport {
    const HEADER: &'static [&'static str] = &[
        "login",
        "id",
        "org",
        "service",
        "at",
        "requirement",
        "rule",
        "until",
        "changes_at",
        "enrolment",
        "chain",
    ];
}

impl CsvRecord for ChainLink {
    const HEADER: &'static [&'static str] = &["rule", "answer", "why"];
}

impl Row for ChainLink {
    fn cells(&self, _style: &Style) -> Vec<Cell> {
        vec![
            Cell::id("RULE", &self.rule),
            Cell::id("ANSWER", dash(&self.answer)),
            Cell::text("WHY", &self.why),
        ]
    }
}

impl Human for DecisionReport {
    fn page(&self, style: &Style) -> Page {
        let service = self.service.as_ref().map(|s| format!(", service {s}")).unwrap_or_default();
        Page::new()
            .title(format!("{} in {}{service}: {}", self.login, self.org, self.requirement))
            .field("by rule", self.rule.as_str())
            .maybe("until", self.until.map(|until| style.time(until)))
            .field(
                "changes",
                match self.changes_at {
                    Some(at) => style.time(at),
                    None => "not by itself".to_owned(),
                },
            )
            .field("enrolment", self.enrolment.as_str())
            .field("decided for", style.time(self.at))
            .table("", &self.chain, "no rule was asked", style)
    }
}
