//! Which lines of a policy the assertions reach: a line is reached where a
//! decision that is asked for looks at it.

use std::collections::{BTreeMap, BTreeSet};

use super::Unreached;
use crate::domain::decision::{Explanation, Rule};
use crate::domain::ids::{Login, OrgId};
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

/// A decision that was made.
pub(super) struct DecisionAsked<'a> {
    pub(super) org: &'a OrgId,
    pub(super) login: &'a Login,
    pub(super) user: &'a User,
    pub(super) made: &'a Org,
    pub(super) at: Time,
    pub(super) explanation: &'a Explanation,
    /// What the test gives itself, whatever the policy says.
    pub(super) gives_role: bool,
    pub(super) gives_mfa: bool,
    pub(super) gives_opt_out: bool,
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

    /// Takes note of what a decision looked at: the rules in their order, up to the one that is final.
    pub(super) fn note(&mut self, asked: &DecisionAsked<'_>) {
        let Some(org) = self.policy.orgs.get(asked.org).map(|org| &org.value) else { return };
        let member = org.members.get(asked.login);
        self.reached.extend(member.map(|member| &member.place));
        let speaks = |rule| asked.explanation.decision.rule == rule;
        if [Rule::Inactive, Rule::NotAMember, Rule::Sso, Rule::Exception].into_iter().any(speaks) {
            return;
        }
        let role = member.and_then(|m| m.value.role.as_ref()).filter(|_| !asked.gives_role);
        self.reached.extend(role.map(|role| &role.place));
        self.reached.extend(org.mandated_roles.as_ref().map(|roles| &roles.place));
        let opt_out =
            member.and_then(|m| m.value.opt_out.as_ref()).filter(|_| !asked.gives_opt_out);
        self.reached.extend(opt_out.map(|opt_out| &opt_out.place));
        let is_opted_out =
            asked.user.memberships.get(asked.org).is_some_and(|m| m.opt_out.is_some());
        if is_opted_out {
            self.reached.extend(org.opt_out.as_ref().map(|opt_out| &opt_out.place));
        }
        if !speaks(Rule::OptOut) || asked.made.opt_out == OptOutPolicy::Deny {
            self.note_enforcement(org, asked);
        }
        if !speaks(Rule::OptOut) && !asked.gives_mfa {
            let user = self.policy.users.get(asked.login);
            self.reached.extend(user.and_then(|u| u.value.mfa.as_ref()).map(|mfa| &mfa.place));
        }
    }

    fn note_enforcement(&mut self, org: &'p OrgPolicy, asked: &DecisionAsked<'_>) {
        let enforcement = &org.enforcement;
        self.reached.extend(enforcement.state.as_ref().map(|state| &state.place));
        self.reached.extend(enforcement.from.as_ref().map(|from| &from.place));
        let begun = asked.made.enforcement.begun(asked.at);
        if begun && asked.user.enrolment.current.is_none() {
            self.reached.extend(enforcement.grace_days.as_ref().map(|days| &days.place));
        }
    }

    /// One entry for each line that nothing on it was looked at.
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
