//! The first look at the state: every member of the orgs named, once, to find
//! who is not as the policy wants and to count the rest.

use std::collections::{BTreeMap, BTreeSet};

use super::super::model::{OrgPolicy, Policy};
use super::super::problem::Located;
use super::drafts::Draft;
use super::guards::OrgFigures;
use super::members::{Seat, switch};
use crate::domain::ids::{Login, OrgId};
use crate::domain::model::User;
use crate::domain::time::Time;

/// What the first look found.
pub(super) struct Survey<'p> {
    policy: &'p Policy,
    now: Time,
    /// What is lacking, by person: memberships and what hangs on them, then the switch.
    pub(super) drafts: BTreeMap<Login, Vec<Draft>>,
    /// The drafts of switches, which come after everything else.
    pub(super) switches: BTreeMap<Login, Draft>,
    /// The figures by org.
    pub(super) figures: BTreeMap<OrgId, OrgFigures>,
    /// Members that no policy lists.
    pub(super) unlisted: u64,
    /// People looked at.
    pub(super) looked_at: u64,
    seen: BTreeSet<Login>,
}

/// Whether somebody administers `org` and can come in with a second factor.
pub(super) fn is_enrolled_admin(user: &User, org: &OrgId) -> bool {
    user.is_active_admin_of(org) && (user.enrolment.current.is_some() || user.is_sso())
}

impl<'p> Survey<'p> {
    pub(super) fn new(policy: &'p Policy, now: Time) -> Survey<'p> {
        let figures = policy.orgs.keys().map(|id| (id.clone(), OrgFigures::default())).collect();
        Survey {
            policy,
            now,
            drafts: BTreeMap::new(),
            switches: BTreeMap::new(),
            figures,
            unlisted: 0,
            looked_at: 0,
            seen: BTreeSet::new(),
        }
    }

    /// Looks at one person.
    pub(super) fn visit(&mut self, login: &Login, user: &User) {
        self.looked_at += 1;
        for (org, policy) in &self.policy.orgs {
            let Some(membership) = user.memberships.get(org) else { continue };
            let figures = self.figures.entry(org.clone()).or_default();
            figures.members += 1;
            figures.enrolled_admins += u64::from(is_enrolled_admin(user, org));
            let seat = Seat { login, org, now: self.now };
            match policy.value.members.get(login) {
                Some(member) => {
                    let drafts = seat.listed(member, Some(membership));
                    self.add(login, drafts);
                }
                None if policy.value.is_authoritative() => {
                    let source = ownership_line(policy);
                    let leave = seat.leave(membership, source);
                    self.add(login, vec![leave]);
                }
                None => self.unlisted += 1,
            }
        }
        self.the_rest(login, Some(user));
    }

    /// Looks at somebody who is a member of none of the orgs named, or is not there.
    pub(super) fn visit_stranger(&mut self, login: &Login, user: Option<&User>) {
        self.looked_at += u64::from(user.is_some());
        self.the_rest(login, user);
    }

    /// Orgs that list the person without a membership, and the switch.
    fn the_rest(&mut self, login: &Login, user: Option<&User>) {
        for (org, policy) in &self.policy.orgs {
            let Some(member) = policy.value.members.get(login) else { continue };
            if user.is_some_and(|user| user.memberships.contains_key(org)) {
                continue;
            }
            let drafts = Seat { login, org, now: self.now }.listed(member, None);
            self.add(login, drafts);
        }
        if let Some(policy) = self.policy.users.get(login)
            && let Some(draft) = switch(login, &policy.value, user)
        {
            self.switches.insert(login.clone(), draft);
        }
        if self.is_named(login) {
            self.seen.insert(login.clone());
        }
    }

    fn add(&mut self, login: &Login, drafts: Vec<Draft>) {
        if !drafts.is_empty() {
            self.drafts.entry(login.clone()).or_default().extend(drafts);
        }
    }

    /// Forgets the drafts of other orgs.
    pub(super) fn keep_orgs(&mut self, keep: impl Fn(&OrgId) -> bool) {
        for drafts in self.drafts.values_mut() {
            drafts.retain(|draft| draft.org.as_ref().is_none_or(&keep));
        }
        self.drafts.retain(|_, drafts| !drafts.is_empty());
    }

    fn is_named(&self, login: &Login) -> bool {
        self.policy.users.contains_key(login)
            || self.policy.orgs.values().any(|org| org.value.members.contains_key(login))
    }

    /// Everybody whom the policy names and who was not seen yet.
    pub(super) fn unseen(&self) -> BTreeSet<Login> {
        let members = self.policy.orgs.values().flat_map(|org| org.value.members.keys());
        let named = members.chain(self.policy.users.keys());
        named.filter(|login| !self.seen.contains(*login)).cloned().collect()
    }

    /// Everybody for whom something is lacking.
    pub(super) fn touched(&self) -> BTreeSet<Login> {
        self.drafts.keys().chain(self.switches.keys()).cloned().collect()
    }
}

fn ownership_line(policy: &Located<OrgPolicy>) -> &super::Place {
    policy.value.ownership.as_ref().map_or(&policy.place, |ownership| &ownership.place)
}
