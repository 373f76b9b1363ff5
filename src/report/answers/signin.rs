//! The answer to a sign-in.

use serde::Serialize;

use crate::domain::time::Time;
use crate::report::{Human, Page, Style};

/// Whether somebody gets in, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SigninReport {
    /// Whether the answer is yes.
    pub ok: bool,
    /// Why not, or what is still missing: `code-required`, `enrol-first`, `locked-out`,
    /// `delegated`, `denied`, `code-wrong`, `code-used`, `code-malformed`, `no-local-secret`.
    pub reason: Option<&'static str>,
    /// What the decision is.
    pub requirement: &'static str,
    /// The rule that decided.
    pub rule: &'static str,
    /// Until when, for `exempt` and `grace`.
    pub until: Option<Time>,
    /// Until when no code is looked at; [`Time::MAX`] where only an unlock helps.
    pub locked_until: Option<Time>,
    /// How many recovery codes are unused; none where there are no local ones.
    pub recovery_codes_left: Option<u8>,
    /// Whose, as typed; for people only.
    #[serde(skip)]
    pub login: String,
}

impl Human for SigninReport {
    fn page(&self, style: &Style) -> Page {
        let answer = if self.ok { "yes" } else { "no" };
        let reason = self.reason.map(|reason| format!(", {reason}")).unwrap_or_default();
        Page::new()
            .title(format!("{}: {answer}{reason}", self.login))
            .field("requirement", format!("{}, by {}", self.requirement, self.rule))
            .maybe("until", self.until.map(|at| style.time(at)))
            .maybe("locked until", self.locked_until.map(|at| style.lock(at, &self.login)))
            .maybe("recovery codes left", self.recovery_codes_left)
    }
}
