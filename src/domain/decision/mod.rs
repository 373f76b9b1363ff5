//! The decision: does this user need a second factor, in this org, for this
//! service, at this instant? Pure, and the same for every front: sign-in,
//! `explain`, reports, previews, policy.
//!
//! Each rule is a file with `answer` (what it says, or nothing) and `why` (in
//! words). Rules that are final speak first to last; the rules that ask for MFA
//! are all asked, and the strictest answer wins.

mod default;
mod enforcement;
mod exception;
mod inactive;
mod mandated_role;
mod not_a_member;
mod opt_out;
mod sso;
mod switch;

use serde::Serialize;

use super::ids::{OrgId, Service};
use super::model::{Membership, Org, User};
use super::time::Time;

pub use enforcement::grace_deadline;
pub use opt_out::opt_out_rests;

/// What is asked: about whom, where, when.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The user.
    pub user: &'a User,
    /// The org's id.
    pub org_id: &'a OrgId,
    /// The org.
    pub org: &'a Org,
    /// The service; none: no particular one, which only exceptions for all services cover.
    pub service: Option<&'a Service>,
    /// The instant.
    pub at: Time,
}

impl<'a> Question<'a> {
    fn membership(&self) -> Option<&'a Membership> {
        self.user.memberships.get(self.org_id)
    }

    fn enrolled(&self) -> bool {
        self.user.enrolment.current.is_some()
    }

    /// What a rule answers that asks for MFA.
    fn asks(&self) -> RuleAnswer {
        let requirement = if self.enrolled() { Requirement::Required } else { Requirement::Enrol };
        RuleAnswer { requirement, until: None }
    }

    fn at(&self, at: Time) -> Question<'a> {
        Question { at, ..*self }
    }
}

/// What is demanded of the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Requirement {
    /// Not let in at all.
    Denied,
    /// The identity provider decides (R2).
    Delegated,
    /// No second factor is asked for, by an exception or an opt-out.
    Exempt,
    /// A second factor is asked for.
    Required,
    /// A second factor must be set up before going on (R3).
    Enrol,
    /// It must be set up before the grace ends; until then no second factor is asked for.
    Grace,
    /// Nothing asks for a second factor.
    NotRequired,
}

impl Requirement {
    /// The word in commands and files.
    pub fn as_str(self) -> &'static str {
        match self {
            Requirement::Denied => "denied",
            Requirement::Delegated => "delegated",
            Requirement::Exempt => "exempt",
            Requirement::Required => "required",
            Requirement::Enrol => "enrol",
            Requirement::Grace => "grace",
            Requirement::NotRequired => "not-required",
        }
    }

    /// How strict it is: `denied` > `enrol` = `required` > `grace` > `exempt` =
    /// `not-required`; `delegated` stays outside of the order.
    pub fn strictness(self) -> Option<u8> {
        match self {
            Requirement::Denied => Some(3),
            Requirement::Enrol | Requirement::Required => Some(2),
            Requirement::Grace => Some(1),
            Requirement::Exempt | Requirement::NotRequired => Some(0),
            Requirement::Delegated => None,
        }
    }

    /// Whether somebody with the right password (and code, where one is asked
    /// for) gets in now, without setting anything up first.
    pub fn lets_in(self) -> bool {
        !matches!(self, Requirement::Denied | Requirement::Enrol)
    }
}

/// The rules, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The account is not active.
    Inactive,
    /// The user is no member of the org.
    NotAMember,
    /// The account signs in through SSO (R2).
    Sso,
    /// A live exception covers org and service (R11, R17).
    Exception,
    /// The org always wants MFA of this role.
    MandatedRole,
    /// The membership is opted out (R4).
    OptOut,
    /// The org enforces MFA (R1, R3).
    Enforcement,
    /// The user's own switch is on (R6).
    Switch,
    /// Nothing asks for it.
    Default,
}

impl Rule {
    /// All rules, in their order.
    pub const ALL: [Rule; 9] = [
        Rule::Inactive,
        Rule::NotAMember,
        Rule::Sso,
        Rule::Exception,
        Rule::MandatedRole,
        Rule::OptOut,
        Rule::Enforcement,
        Rule::Switch,
        Rule::Default,
    ];

    /// The word in commands and files.
    pub fn as_str(self) -> &'static str {
        match self {
            Rule::Inactive => "inactive",
            Rule::NotAMember => "not-a-member",
            Rule::Sso => "sso",
            Rule::Exception => "exception",
            Rule::MandatedRole => "mandated-role",
            Rule::OptOut => "opt-out",
            Rule::Enforcement => "enforcement",
            Rule::Switch => "switch",
            Rule::Default => "default",
        }
    }

    fn answer(self, question: &Question<'_>) -> Option<RuleAnswer> {
        match self {
            Rule::Inactive => inactive::answer(question),
            Rule::NotAMember => not_a_member::answer(question),
            Rule::Sso => sso::answer(question),
            Rule::Exception => exception::answer(question),
            Rule::MandatedRole => mandated_role::answer(question),
            Rule::OptOut => opt_out::answer(question),
            Rule::Enforcement => enforcement::answer(question),
            Rule::Switch => switch::answer(question),
            Rule::Default => default::answer(question),
        }
    }

    /// Whether its answer is final: the first of these that speaks decides. Of the others all
    /// are asked and the strictest answer wins. An opt-out says nothing for a required role,
    /// so it may be asked before those that ask for MFA.
    fn is_final(self) -> bool {
        match self {
            Rule::Inactive | Rule::NotAMember | Rule::Sso | Rule::Exception | Rule::OptOut => true,
            Rule::MandatedRole | Rule::Enforcement | Rule::Switch | Rule::Default => false,
        }
    }

    fn why(self, question: &Question<'_>) -> String {
        match self {
            Rule::Inactive => inactive::why(question),
            Rule::NotAMember => not_a_member::why(question),
            Rule::Sso => sso::why(question),
            Rule::Exception => exception::why(question),
            Rule::MandatedRole => mandated_role::why(question),
            Rule::OptOut => opt_out::why(question),
            Rule::Enforcement => enforcement::why(question),
            Rule::Switch => switch::why(question),
            Rule::Default => default::why(question),
        }
    }
}

/// What one rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleAnswer {
    /// The requirement.
    pub requirement: Requirement,
    /// Until when, for `exempt` and `grace`; the instant itself is not part of it.
    pub until: Option<Time>,
}

/// The decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// The requirement.
    pub requirement: Requirement,
    /// The rule that decided.
    pub rule: Rule,
    /// Until when, for `exempt` and `grace`.
    pub until: Option<Time>,
}

impl Decision {
    fn by(rule: Rule, answer: RuleAnswer) -> Decision {
        Decision { requirement: answer.requirement, rule, until: answer.until }
    }
}

/// Decides.
pub fn decide(question: &Question<'_>) -> Decision {
    let said = |rule: Rule| rule.answer(question).map(|answer| Decision::by(rule, answer));
    let rules = |is_final| Rule::ALL.into_iter().filter(move |rule| rule.is_final() == is_final);
    if let Some(decision) = rules(true).find_map(said) {
        return decision;
    }
    let strictest = rules(false).filter_map(said).reduce(|first, next| {
        if next.requirement.strictness() > first.requirement.strictness() { next } else { first }
    });
    strictest.expect("the default always answers")
}

/// One rule of the chain: what it answered by itself, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleStep {
    /// The rule.
    pub rule: Rule,
    /// Its answer, or none where it has nothing to say.
    pub answer: Option<Requirement>,
    /// In words.
    pub why: String,
}

/// The decision with the whole chain of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The decision.
    pub decision: Decision,
    /// The next instant at which requirement, rule or until changes by itself.
    pub changes_at: Option<Time>,
    /// Every rule in its order.
    pub chain: Vec<RuleStep>,
}

/// Decides, and tells every rule's answer.
pub fn explain(question: &Question<'_>) -> Explanation {
    let step = |rule: Rule| RuleStep {
        rule,
        answer: rule.answer(question).map(|answer| answer.requirement),
        why: rule.why(question),
    };
    Explanation {
        decision: decide(question),
        changes_at: changes_at(question),
        chain: Rule::ALL.into_iter().map(step).collect(),
    }
}

/// The next instant after the question's at which requirement, rule or until
/// changes by itself, or none.
pub fn changes_at(question: &Question<'_>) -> Option<Time> {
    let now = decide(question);
    let mut ahead: Vec<Time> = turning_points(question).filter(|at| *at > question.at).collect();
    ahead.sort_unstable();
    ahead.into_iter().find(|at| decide(&question.at(*at)) != now)
}

/// The instants at which any rule's answer can change without a change of the state.
fn turning_points<'a>(question: &Question<'a>) -> impl Iterator<Item = Time> + use<'a> {
    let exceptions = question.user.exceptions.values();
    let terms = exceptions
        .flat_map(|exception| [Some(exception.starts_at), exception.effective_end()])
        .flatten();
    let membership = question.membership();
    let opt_out = membership
        .and_then(|membership| membership.opt_out.as_ref())
        .into_iter()
        .flat_map(|opt_out| [Some(opt_out.at), opt_out.until])
        .flatten();
    let grace = membership.and_then(|membership| grace_deadline(question.org, membership));
    terms.chain(opt_out).chain(grace).chain(question.org.enforcement.start())
}

#[cfg(test)]
mod tests;
