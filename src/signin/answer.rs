//! The answer to a sign-in, and what the logs keep of it.

use serde::Serialize;
use serde_json::json;

use super::Request;
use crate::domain::decision::{Requirement, Rule};
use crate::domain::ids::{Login, UserId};
use crate::domain::time::Time;
use crate::error::Result;
use crate::secret::totp::ClockOff;
use crate::store::Store;

/// Whether somebody gets in, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SigninAnswer {
    /// Whether the answer is yes.
    pub ok: bool,
    /// Why not, or what is still missing.
    pub reason: Option<WhyNot>,
    /// What the decision is.
    pub requirement: Requirement,
    /// The rule that decided.
    pub rule: Rule,
    /// Until when, for `exempt` and `grace`.
    pub until: Option<Time>,
    /// Until when no code is answered; [`Time::MAX`]: until an unlock.
    pub locked_until: Option<Time>,
    /// How many recovery codes are unused; none without a local factor.
    pub recovery_codes_left: Option<u8>,
    /// Who asked, as typed.
    #[serde(skip)]
    pub user: String,
    /// The account, if it exists.
    #[serde(skip)]
    pub known: Option<(Login, UserId)>,
    /// When: the later of the clock and the newest record.
    #[serde(skip)]
    pub at: Time,
    /// What kind of code was compared: `totp` or `recovery-code`.
    #[serde(skip)]
    pub by: Option<&'static str>,
    /// How far off the clock of the device is that a wrong code comes from. It is for the log:
    /// whoever is told that a code will be right later could wait for it.
    #[serde(skip)]
    pub clock_off: Option<ClockOff>,
}

/// Why the answer is not yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhyNot {
    /// A code of the local factor is asked for.
    CodeRequired,
    /// A second factor is asked for, and none is kept here.
    NoLocalSecret,
    /// A second factor must be set up first.
    EnrolFirst,
    /// The identity provider decides.
    Delegated,
    /// The account may not enter.
    Denied,
    /// Too many wrong codes.
    LockedOut,
    /// The code is wrong.
    CodeWrong,
    /// The code was used before.
    CodeUsed,
    /// What was entered cannot be a code.
    CodeMalformed,
}

impl WhyNot {
    /// The word in answers and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            WhyNot::CodeRequired => "code-required",
            WhyNot::NoLocalSecret => "no-local-secret",
            WhyNot::EnrolFirst => "enrol-first",
            WhyNot::Delegated => "delegated",
            WhyNot::Denied => "denied",
            WhyNot::LockedOut => "locked-out",
            WhyNot::CodeWrong => "code-wrong",
            WhyNot::CodeUsed => "code-used",
            WhyNot::CodeMalformed => "code-malformed",
        }
    }
}

impl SigninAnswer {
    /// A no for this reason.
    #[must_use]
    pub(super) fn no(self, reason: WhyNot) -> SigninAnswer {
        SigninAnswer { ok: false, reason: Some(reason), ..self }
    }

    /// Appends the answer to the log of the day in `signin/log/`, and returns the line for other
    /// logs. The answer stands even if it cannot be logged.
    pub fn log(&self, store: &Store, request: Request<'_>) -> (String, Result<()>) {
        // The login of an unknown user is not kept: it may be a password.
        let line = json!({
            "at": self.at,
            "login": self.known.as_ref().map(|(login, _)| login),
            "id": self.known.as_ref().map(|(_, id)| id),
            "org": request.org,
            "service": request.service,
            "ok": self.ok,
            "reason": self.reason,
            "requirement": self.requirement,
            "rule": self.rule,
            "by": self.by,
            "clock_off_steps": self.clock_off.map(|off| off.steps),
        })
        .to_string();
        let logged = store.log_signin(self.at, &line);
        (line, logged)
    }
}
