//! What is wrong with policy files.

use serde::Serialize;

use super::Reviewable;
use crate::policy::render::{github, junit, markdown};
use crate::policy::{Problem, Problems};
use crate::report::{CsvRecord, Human, Page, Style};

/// `policy check`, and the problems of every other verb that reads policies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicyCheckReport {
    /// Whether the policy has no problem.
    pub ok: bool,
    /// How many files were read.
    pub files: usize,
    /// The orgs that the policy speaks of; none where it could not be read.
    pub orgs: Vec<String>,
    /// How many people's switches it decides.
    pub users: usize,
    /// The problems, in the order of the files.
    pub problems: Vec<Problem>,
    /// How many more there are.
    pub more: usize,
}

impl PolicyCheckReport {
    /// The problems alone.
    pub fn of(files: usize, problems: Problems) -> PolicyCheckReport {
        let Problems { list, more } = problems;
        let ok = list.is_empty();
        PolicyCheckReport { ok, files, orgs: Vec::new(), users: 0, problems: list, more }
    }

    fn as_problems(&self) -> Problems {
        Problems { list: self.problems.clone(), more: self.more }
    }
}

impl CsvRecord for Problem {
    const HEADER: &'static [&'static str] = &["file", "line", "column", "message", "hint"];
}

impl Human for PolicyCheckReport {
    fn page(&self, _: &Style) -> Page {
        if self.ok {
            return Page::new()
                .title("the policy is well formed")
                .field("files", self.files.to_string())
                .field("orgs", crate::report::format::text::names(&self.orgs))
                .field("users", self.users.to_string());
        }
        let mut page = Page::new();
        for problem in &self.problems {
            page = page.paragraph(problem.to_string());
        }
        if self.more > 0 {
            page = page.paragraph(format!("and {} more", self.more));
        }
        page
    }
}

impl Reviewable for PolicyCheckReport {
    type Row = Problem;

    fn rows(&self) -> &[Problem] {
        &self.problems
    }

    fn markdown(&self) -> String {
        markdown::problems(&self.as_problems())
    }

    fn github(&self) -> String {
        github::problems(&self.as_problems())
    }

    fn junit(&self) -> String {
        junit::problems(&self.as_problems())
    }
}
