//! What a policy changed.

use serde::Serialize;

use super::plan::changes;
use crate::policy::plan::{PlanReport, Stop};
use crate::policy::render;
use crate::report::{Human, Page, Style};

/// `policy apply`: the fields of every change, then those of the plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AppliedReport {
    /// The revision; none where nothing was written.
    pub rev: Option<u64>,
    /// Whether anything changed, or would on a dry run.
    pub changed: bool,
    /// The act.
    pub action: &'static str,
    /// None: a policy is about many.
    pub subject: Option<String>,
    /// None: each change has its own.
    pub before: Option<String>,
    /// None: each change has its own.
    pub after: Option<String>,
    /// When answers change.
    pub takes_effect: Option<&'static str>,
    /// None.
    pub follow_up: Option<String>,
    /// What went wrong after the commit.
    pub warnings: Vec<String>,
    /// The plan as it was done.
    #[serde(flatten)]
    pub plan: PlanReport,
    /// Guards that were overridden.
    pub overridden: Vec<Stop>,
    /// Whether it was a dry run.
    #[serde(skip)]
    pub dry_run: bool,
}

impl Human for AppliedReport {
    fn page(&self, style: &Style) -> Page {
        let sum = render::summary(&self.plan);
        let title = match (self.changed, self.dry_run, self.plan.changes.is_empty()) {
            (false, ..) => "nothing to change: the state is what the policy says".to_owned(),
            (true, _, true) => "nothing to change; the policy itself is recorded".to_owned(),
            (true, false, false) => format!("applied: {sum}"),
            (true, true, false) => format!("would be applied: {sum}"),
        };
        let mut page =
            changes(Page::new().title(title), &self.plan, style).maybe("revision", self.rev);
        if self.rev.is_some() && !self.plan.changes.is_empty() {
            page = page.field("takes effect", "at the next sign-in");
        }
        for guard in &self.overridden {
            page = page.note(format!("overridden: {}", render::guard_sentence(guard)));
        }
        if self.dry_run && self.changed {
            page = page.dry_run();
        }
        page
    }
}
