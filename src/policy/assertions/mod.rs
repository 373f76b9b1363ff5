//! `policy test`: assertions about decisions, made by the policy in memory. No
//! state is needed: people are as the policy lists them and as the test gives them.

mod coverage;
mod run;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::Serialize;

use super::problem::{Located, Place};
use crate::domain::decision::{Requirement, Rule};
use crate::domain::ids::{Login, OrgId, Service};
use crate::domain::model::{Role, SignIn, Switch};
use crate::domain::time::Time;

pub use run::run;

/// One assertion of a tests file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// Its name.
    pub name: String,
    /// Where it was read.
    pub place: Place,
    /// The instant of the decision.
    pub at: Time,
    /// The service; none: no particular one.
    pub service: Option<Service>,
    /// What is asserted.
    pub asserts: Asserts,
}

/// What is asserted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asserts {
    /// Of one person.
    Decision {
        /// Who that is.
        given: Box<Given>,
        /// The requirement.
        expect: Requirement,
        /// The rule that decides, where that matters.
        rule: Option<Rule>,
    },
    /// Of all members whom the policy of an org lists: exactly these are exempt.
    Exempt {
        /// The org.
        org: Located<OrgId>,
        /// Who is exempt.
        expect: BTreeSet<Login>,
    },
}

/// A person as a test describes them; what is absent comes from the policy, or is ordinary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The login. Somebody whom the policy does not list is an ordinary member.
    pub user: Login,
    /// The org.
    pub org: Located<OrgId>,
    /// The role in the org.
    pub role: Option<Role>,
    /// Whether a second factor is registered; absent: not.
    pub enrolled: bool,
    /// Whether one ever was; absent: only where one is.
    pub enrolled_before: bool,
    /// Whether the account is active; absent: it is.
    pub active: bool,
    /// How the account signs in; absent: with a password.
    pub sign_in: SignIn,
    /// Whether the membership is opted out, without an end; absent: by the policy.
    pub opted_out: Option<bool>,
    /// The per-user setting; absent: by the file for people, or off.
    pub mfa: Option<Switch>,
    /// When the person joined the org; absent: before its enforcement began.
    pub joined: Option<Time>,
    /// Until when an exception for this org and all services lasts.
    pub exception_until: Option<Time>,
}

/// What became of the assertions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TestReport {
    /// Each assertion, in the order of the files.
    pub tests: Vec<TestRow>,
    /// How many hold.
    pub passed: u64,
    /// How many do not.
    pub failed: u64,
    /// Lines of the policy that no assertion reaches.
    pub unreached: Vec<Unreached>,
}

/// One assertion that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TestRow {
    /// Its name.
    pub name: String,
    /// The file.
    pub file: String,
    /// The line.
    pub line: u32,
    /// Whether it holds.
    pub passed: bool,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// Where it does not hold: every rule, its answer and why.
    pub chain: Vec<ChainRow>,
}

/// One rule of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChainRow {
    /// The rule.
    pub rule: String,
    /// What it answers by itself; null: nothing.
    pub answer: Option<String>,
    /// Why.
    pub why: String,
}

/// A line of the policy that no assertion reaches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Unreached {
    /// The file.
    pub file: String,
    /// The line.
    pub line: u32,
    /// The setting (`opt_out`, `members/alice/role`).
    pub field: String,
    /// The org; null for what is decided of a whole account.
    pub org: Option<String>,
}
