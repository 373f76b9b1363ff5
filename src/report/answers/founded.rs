//! A new state, for `init`.

use serde::Serialize;

use crate::report::{Human, Page, Style};

/// A new state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoundedReport {
    /// The revision; none on a dry run.
    pub rev: Option<u64>,
    /// Always true: a place that is taken is an error.
    pub changed: bool,
    /// `init`.
    pub action: &'static str,
    /// The state directory.
    pub subject: String,
    /// Nothing was there.
    pub before: Option<String>,
    /// The state that was made.
    pub after: Founded,
    /// At once.
    pub takes_effect: Option<String>,
    /// What to do next.
    pub follow_up: Option<String>,
    /// What the operator should know.
    pub warnings: Vec<String>,
}

/// What a new state begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Founded {
    /// The first operator, a site-admin.
    pub operator: String,
}

impl FoundedReport {
    /// The state in `dir` with its first operator.
    pub fn new(dir: &str, operator: &str, rev: Option<u64>) -> FoundedReport {
        FoundedReport {
            rev,
            changed: true,
            action: "init",
            subject: dir.to_owned(),
            before: None,
            after: Founded { operator: operator.to_owned() },
            takes_effect: None,
            follow_up: Some(format!(
                "say whose account is {operator}'s own: mfactl operator edit {operator} --user LOGIN"
            )),
            warnings: Vec::new(),
        }
    }
}

impl Human for FoundedReport {
    fn page(&self, _: &Style) -> Page {
        let page = Page::new()
            .title(format!("a state is made in {}", self.subject))
            .field("operator", format!("{}, site-admin", self.after.operator))
            .maybe("revision", self.rev)
            .maybe("follow-up", self.follow_up.as_ref());
        if self.rev.is_none() { page.dry_run() } else { page }
    }
}
