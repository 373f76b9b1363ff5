//! Tries assertions on a policy.

use std::collections::{BTreeMap, BTreeSet};

use super::coverage::LineCoverage;
use super::{Assertion, Asserts, ChainRow, Given, TestReport, TestRow};
use crate::domain::decision::{Explanation, Question, Requirement, explain};
use crate::domain::ids::{Login, OrgId, Provider, Service, Text, UserId};
use crate::domain::model::{
    Approval, Channel, Enforcement, Enrolment, Exception, ExceptionKind, ExceptionPolicy, FollowUp,
    Granter, Membership, Method, MethodKind, OptOut, OptOutPolicy, Org, SignIn, Switch, User,
};
use crate::domain::time::Time;
use crate::policy::model::{OptOutRule, OrgPolicy, Policy};
use crate::policy::problem::Problems;

/// Tries every assertion, and tells which lines of the policy none of them reaches.
///
/// # Errors
/// An assertion about an org that the policy does not speak of: all of them, with their places.
pub fn run(policy: &Policy, assertions: &[Assertion]) -> Result<TestReport, Problems> {
    let mut problems = Problems::default();
    for assertion in assertions {
        let org = match &assertion.asserts {
            Asserts::Decision { given, .. } => &given.org,
            Asserts::Exempt { org, .. } => org,
        };
        if !policy.orgs.contains_key(&org.value) {
            let message = format!("the policy says nothing of the org {}", org.value);
            problems.at(&org.place, message, Some("name its policy file as well".to_owned()));
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let orgs = policy.orgs.iter().map(|(id, org)| (id.clone(), org_of(&org.value))).collect();
    let mut trial = Trial { policy, orgs, coverage: LineCoverage::new(policy) };
    let tests: Vec<TestRow> = assertions.iter().map(|one| trial.row(one)).collect();
    let failed = tests.iter().filter(|test| !test.passed).count() as u64;
    let passed = tests.len() as u64 - failed;
    Ok(TestReport { tests, passed, failed, unreached: trial.coverage.unreached() })
}

/// The org that a policy makes out of one with the product's settings.
fn org_of(policy: &OrgPolicy) -> Org {
    let state = policy.enforcement.state.as_ref().map_or(Switch::Off, |state| state.value);
    let from = policy.enforcement.from.as_ref().map(|from| from.value);
    let start = (state == Switch::On).then(|| from.unwrap_or(Time::MIN));
    Org {
        name: None,
        enforcement: Enforcement { state, from: start, ..Enforcement::OFF },
        grace_days: policy.enforcement.grace_days.as_ref().map_or(0, |days| days.value),
        grace_from: start,
        opt_out: policy.opt_out.as_ref().map_or(OptOutPolicy::Allow, |opt_out| opt_out.value),
        mandated_roles: policy.mandated_roles.as_ref().map(|r| r.value.clone()).unwrap_or_default(),
        opt_out_max: None,
        services: BTreeSet::new(),
        exceptions: ExceptionPolicy { approval: Approval::None, ..ExceptionPolicy::default() },
        policy: None,
    }
}

struct Trial<'p> {
    policy: &'p Policy,
    orgs: BTreeMap<OrgId, Org>,
    coverage: LineCoverage<'p>,
}

impl Trial<'_> {
    fn row(&mut self, assertion: &Assertion) -> TestRow {
        let (expected, found, chain) = match &assertion.asserts {
            Asserts::Decision { given, expect, rule } => {
                let explanation = self.decide(given, assertion.service.as_ref(), assertion.at);
                let decision = explanation.decision;
                let by = |rule: &str| format!(", by {rule}");
                let expected_rule = rule.map_or(String::new(), |rule| by(rule.as_str()));
                let found_rule = rule.map_or(String::new(), |_| by(decision.rule.as_str()));
                (
                    format!("{}{expected_rule}", expect.as_str()),
                    format!("{}{found_rule}", decision.requirement.as_str()),
                    chain(&explanation),
                )
            }
            Asserts::Exempt { org, expect } => {
                let (found, chain) = self.exempt(&org.value, assertion, expect);
                (names(expect), names(&found), chain)
            }
        };
        let passed = expected == found;
        TestRow {
            name: assertion.name.clone(),
            file: assertion.place.file.to_string(),
            line: assertion.place.line,
            passed,
            expected,
            found,
            chain: if passed { Vec::new() } else { chain },
        }
    }

    /// Who is exempt, and the chain of the first person who is and should not be, or the reverse.
    fn exempt(
        &mut self,
        org: &OrgId,
        assertion: &Assertion,
        expect: &BTreeSet<Login>,
    ) -> (BTreeSet<Login>, Vec<ChainRow>) {
        let listed: Vec<Login> = match self.policy.orgs.get(org) {
            Some(policy) => policy.value.members.keys().cloned().collect(),
            None => Vec::new(),
        };
        let mut found = BTreeSet::new();
        let mut first = Vec::new();
        for login in listed {
            let given = ordinary(&login, org, assertion);
            let explanation = self.decide(&given, assertion.service.as_ref(), assertion.at);
            let exempt = explanation.decision.requirement == Requirement::Exempt;
            if exempt != expect.contains(&login) && first.is_empty() {
                first = chain(&explanation);
            }
            if exempt {
                found.insert(login);
            }
        }
        (found, first)
    }

    fn decide(&mut self, given: &Given, service: Option<&Service>, at: Time) -> Explanation {
        let id = &given.org.value;
        let Some(org) = self.orgs.get(id).cloned() else {
            unreachable!("run refuses orgs that the policy does not speak of")
        };
        let user = self.user(given);
        let explanation = explain(&Question { user: &user, org_id: id, org: &org, service, at });
        self.coverage.note(given, (&user, &org), at, &explanation);
        explanation
    }

    fn user(&self, given: &Given) -> User {
        let (login, id) = (&given.user, &given.org.value);
        let member = self.policy.orgs.get(id).and_then(|org| org.value.members.get(login));
        let rule = member.and_then(|m| m.value.opt_out.as_ref()).map(|l| &l.value);
        let role = member.and_then(|m| m.value.role.as_ref()).map(|role| role.value);
        let membership = Membership {
            role: given.role.or(role).unwrap_or_default(),
            joined_at: given.joined.unwrap_or(Time::MIN),
            first_joined_at: None,
            opt_out: match given.opted_out {
                None => rule.and_then(opt_out_of),
                Some(true) => opt_out_of(&OptOutRule::Set { message: None, until: None }),
                Some(false) => None,
            }
            .map(Box::new),
        };
        let switch = self.policy.users.get(login).and_then(|user| user.value.mfa.as_ref());
        let exception = given.exception_until.map(|until| (1, exception_until(until, id)));
        let method =
            given.enrolled.then_some(Method { method: MethodKind::Totp, since: Time::MIN });
        let ever = given.enrolled || given.enrolled_before;
        User {
            sign_in: given.sign_in,
            provider: (given.sign_in == SignIn::Sso).then(|| provider("sso")),
            active: given.active,
            mfa: given.mfa.or(switch.map(|mfa| mfa.value)).unwrap_or(Switch::Off),
            memberships: [(id.clone(), membership)].into_iter().collect(),
            enrolment: Enrolment {
                first_at: ever.then_some(Time::MIN),
                current: method,
                ..Enrolment::default()
            },
            exceptions: exception.into_iter().collect(),
            ..User::new(UserId::parse("u").expect("a letter is an id"))
        }
    }
}

fn provider(name: &str) -> Provider {
    Provider::parse(name).expect("letters are a provider")
}

fn ordinary(login: &Login, org: &OrgId, assertion: &Assertion) -> Given {
    Given {
        user: login.clone(),
        org: crate::policy::Located::new(org.clone(), assertion.place.clone()),
        role: None,
        enrolled: false,
        enrolled_before: false,
        active: true,
        sign_in: SignIn::Password,
        opted_out: None,
        mfa: None,
        joined: None,
        exception_until: None,
    }
}

fn opt_out_of(rule: &OptOutRule) -> Option<OptOut> {
    match rule {
        OptOutRule::None => None,
        OptOutRule::Set { message, until } => Some(OptOut {
            by: "policy".to_owned(),
            at: Time::MIN,
            message: message.clone(),
            until: until.flatten(),
        }),
    }
}

fn exception_until(until: Time, org: &OrgId) -> Exception {
    Exception {
        kind: ExceptionKind::Long,
        orgs: [org.clone()].into(),
        services: None,
        reason: "other".parse().expect("letters are a reason"),
        follow_up: FollowUp::None,
        note: None,
        evidence: BTreeSet::new(),
        evidence_names: Default::default(),
        channel: Channel::InPerson,
        requested_by: Text::parse("test").expect("letters are a text"),
        recorded_by: Granter {
            operator: "test".to_owned(),
            person: None,
            os_users: BTreeSet::new(),
        },
        recorded_at: Time::MAX,
        unenrolled: false,
        two_persons: false,
        term: None,
        approved_by: Some("test".to_owned()),
        starts_at: Time::MIN,
        ends_at: Some(until),
        replaces: BTreeSet::new(),
        ended: None,
    }
}

fn names(logins: &BTreeSet<Login>) -> String {
    let names: Vec<&str> = logins.iter().map(Login::as_str).collect();
    if names.is_empty() {
        "nobody exempt".to_owned()
    } else {
        format!("exempt: {}", names.join(", "))
    }
}

fn chain(explanation: &Explanation) -> Vec<ChainRow> {
    let row = |step: &crate::domain::decision::RuleStep| ChainRow {
        rule: step.rule.as_str().to_owned(),
        answer: step.answer.map(|answer| answer.as_str().to_owned()),
        why: step.why.clone(),
    };
    explanation.chain.iter().map(row).collect()
}
