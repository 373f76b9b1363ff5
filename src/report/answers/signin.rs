//! The answer to a sign-in, for people.

use crate::report::{Human, Page, Style};
use crate::signin::SigninAnswer;

impl Human for SigninAnswer {
    fn page(&self, style: &Style) -> Page {
        let answer = if self.ok { "yes" } else { "no" };
        let reason = self.reason.map(|reason| format!(", {}", reason.as_str())).unwrap_or_default();
        let (requirement, rule) = (self.requirement.as_str(), self.rule.as_str());
        Page::new()
            .title(format!("{}: {answer}{reason}", self.user))
            .field("requirement", format!("{requirement}, by {rule}"))
            .maybe("until", self.until.map(|at| style.time(at)))
            .maybe("locked until", self.locked_until.map(|at| style.lock(at, &self.user)))
            .maybe("recovery codes left", self.recovery_codes_left)
    }
}
