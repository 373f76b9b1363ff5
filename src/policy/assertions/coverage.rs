//! Which lines of a policy the assertions reach: a line is reached when a decision looks at it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Given, Unreached};
use crate::domain::decision::{Explanation, Rule};
use crate::domain::ids::OrgId;
use crate::domain::model::{OptOutPolicy, Org, User};
use crate::domain::time::Time;
use crate::policy::model::{OrgPolicy, Policy};
use crate::policy::problem::Place;

/// The lines that decisions can look at, and those that they did.
#[derive(Debug)]
pub(super) struct LineCoverage<'p> {
    policy: &'p Policy,
    lines: BTreeMap<&'p Place, (Option<&'p OrgId>, String)>,
    reached: BTreeSet<&'p Place>,
}

fn settings(org: &OrgPolicy) -> impl Iterator<Item = (&Place, &'static str)> {
    let enforcement = &org.enforcement;
    [
        (enforcement.state.as_ref().map(|l| &l.place), "enforcement/state"),
        (enforcement.from.as_ref().map(|l| &l.place), "enforcement/from"),
        (enforcement.grace_days.as_ref().map(|l| &l.place), "enforcement/grace_days"),
        (org.opt_out.as_ref().map(|l| &l.place), "opt_out"),
        (org.mandated_roles.as_ref().map(|l| &l.place), "mandated_roles"),
    ]
    .into_iter()
    .filter_map(|(place, field)| Some((place?, field)))
}

impl<'p> LineCoverage<'p> {
    pub(super) fn new(policy: &'p Policy) -> LineCoverage<'p> {
        let mut lines = BTreeMap::new();
        for (id, org) in &policy.orgs {
            for (place, field) in settings(&org.value) {
                lines.insert(place, (Some(id), field.to_owned()));
            }
            for (login, member) in &org.value.members {
                lines.insert(&member.place, (Some(id), format!("members/{login}")));
                let role = member.value.role.as_ref().map(|l| (&l.place, "role"));
                let opt_out = member.value.opt_out.as_ref().map(|l| (&l.place, "opt_out"));
                for (place, field) in role.into_iter().chain(opt_out) {
                    lines.insert(place, (Some(id), format!("members/{login}/{field}")));
                }
            }
        }
        for (login, user) in &policy.users {
            if let Some(mfa) = &user.value.mfa {
                lines.insert(&mfa.place, (None, format!("users/{login}/mfa")));
            }
        }
        LineCoverage { policy, lines, reached: BTreeSet::new() }
    }

    /// Notes what a decision about `given` looked at: the rules in their order, up to the one
    /// that is final. `user` and `org` are what the policy makes of the two.
    pub(super) fn note(
        &mut self,
        given: &Given,
        (user, org): (&User, &Org),
        at: Time,
        explanation: &Explanation,
    ) {
        let id = &given.org.value;
        let Some(policy) = self.policy.orgs.get(id).map(|org| &org.value) else { return };
        let member = policy.members.get(&given.user);
        self.reached.extend(member.map(|member| &member.place));
        let speaks = |rule| explanation.decision.rule == rule;
        if [Rule::Inactive, Rule::NotAMember, Rule::Sso, Rule::Exception].into_iter().any(speaks) {
            return;
        }
        // A value that the test gives itself does not come from the policy.
        let role = member.and_then(|m| m.value.role.as_ref()).filter(|_| given.role.is_none());
        self.reached.extend(role.map(|role| &role.place));
        self.reached.extend(policy.mandated_roles.as_ref().map(|roles| &roles.place));
        let opt_out = member.and_then(|m| m.value.opt_out.as_ref());
        let opt_out = opt_out.filter(|_| given.opted_out.is_none());
        self.reached.extend(opt_out.map(|opt_out| &opt_out.place));
        if user.memberships.get(id).is_some_and(|membership| membership.opt_out.is_some()) {
            self.reached.extend(policy.opt_out.as_ref().map(|opt_out| &opt_out.place));
        }
        if !speaks(Rule::OptOut) || org.opt_out == OptOutPolicy::Deny {
            let enforcement = &policy.enforcement;
            self.reached.extend(enforcement.state.as_ref().map(|state| &state.place));
            self.reached.extend(enforcement.from.as_ref().map(|from| &from.place));
            if org.enforcement.begun(at) && user.enrolment.current.is_none() {
                self.reached.extend(enforcement.grace_days.as_ref().map(|days| &days.place));
            }
        }
        if !speaks(Rule::OptOut) && given.mfa.is_none() {
            let policy = self.policy.users.get(&given.user);
            self.reached.extend(policy.and_then(|u| u.value.mfa.as_ref()).map(|mfa| &mfa.place));
        }
    }

    /// The lines that no decision looked at, each once.
    pub(super) fn unreached(&self) -> Vec<Unreached> {
        let line = |place: &Place| (place.file.clone(), place.line);
        let reached: BTreeSet<_> = self.reached.iter().map(|place| line(place)).collect();
        let mut said = BTreeSet::new();
        let open = self
            .lines
            .iter()
            .filter(|(place, _)| !reached.contains(&line(place)) && said.insert(line(place)));
        open.map(|(place, (org, field))| Unreached {
            file: place.file.to_string(),
            line: place.line,
            field: field.clone(),
            org: org.map(ToString::to_string),
        })
        .collect()
    }
}
