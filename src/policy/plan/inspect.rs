//! The first look at the state: every member of the orgs named, once, to find
//! who is not as the policy wants and to count the rest.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::drafts::Draft;
use super::guards::OrgFigures;
use super::members::{Seat, switch};
use crate::domain::ids::{Login, OrgId};
use crate::domain::model::User;
use crate::domain::scope::Scope;
use crate::domain::time::Time;
use crate::parallel;
use crate::policy::model::{MemberPolicy, OrgPolicy, Policy};
use crate::policy::problem::Located;

/// What the first look found.
pub(super) struct Survey<'p> {
    policy: &'p Policy,
    now: Time,
    /// Everybody whom an org lists, by login.
    listings: Vec<Listing<'p>>,
    /// What is lacking, by person: memberships and what hangs on them, then the switch.
    pub(super) drafts: BTreeMap<Login, Vec<Draft>>,
    /// The drafts of switches, which come after everything else.
    pub(super) switches: BTreeMap<Login, Draft>,
    /// Those members for whom something is lacking.
    pub(super) found: BTreeMap<Login, User>,
    /// The figures by org.
    pub(super) figures: BTreeMap<OrgId, OrgFigures>,
    /// Members that no policy lists.
    pub(super) unlisted: u64,
    /// People looked at.
    pub(super) looked_at: u64,
    seen: HashSet<&'p Login>,
}

/// One person in the policy of one org.
struct Listing<'p> {
    login: &'p Login,
    org: &'p OrgId,
    member: &'p Located<MemberPolicy>,
}

fn listings(policy: &Policy) -> Vec<Listing<'_>> {
    let mut listings = Vec::new();
    for (org, policy) in &policy.orgs {
        let members = policy.value.members.iter();
        listings.extend(members.map(|(login, member)| Listing { login, org, member }));
    }
    listings.sort_by_key(|listing| listing.login);
    listings
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
            listings: listings(policy),
            drafts: BTreeMap::new(),
            switches: BTreeMap::new(),
            found: BTreeMap::new(),
            figures,
            unlisted: 0,
            looked_at: 0,
            seen: HashSet::new(),
        }
    }

    /// Looks at one member of the orgs named; whether something is lacking.
    pub(super) fn visit(&mut self, login: &Login, user: &User) -> bool {
        self.look(login, Some(user));
        let lacking = self.drafts.contains_key(login) || self.switches.contains_key(login);
        if lacking {
            self.found.insert(login.clone(), user.clone());
        }
        lacking
    }

    /// Looks at somebody, if the person is there.
    pub(super) fn look(&mut self, login: &Login, user: Option<&User>) {
        self.looked_at += u64::from(user.is_some());
        let from = self.listings.partition_point(|listing| listing.login < login);
        let to = from + self.listings[from..].partition_point(|listing| listing.login == login);
        for (org, membership) in user.into_iter().flat_map(|user| &user.memberships) {
            let Some((org, policy)) = self.policy.orgs.get_key_value(org) else { continue };
            if let Some(figures) = self.figures.get_mut(org) {
                let counts = user.is_some_and(|user| is_enrolled_admin(user, org));
                figures.members += 1;
                figures.enrolled_admins += u64::from(counts);
            }
            if self.listings[from..to].iter().any(|listing| listing.org == org) {
                continue;
            }
            if policy.value.is_authoritative() {
                let seat = Seat { login, org, now: self.now };
                let leave = seat.leave(membership, ownership_line(policy));
                self.add(login, vec![leave]);
            } else {
                self.unlisted += 1;
            }
        }
        for number in from..to {
            let Listing { login, org, member } = self.listings[number];
            let membership = user.and_then(|user| user.memberships.get(org));
            let drafts = Seat { login, org, now: self.now }.listed(member, membership);
            self.add(login, drafts);
            self.seen.insert(login);
        }
        if let Some((login, policy)) = self.policy.users.get_key_value(login) {
            self.switches
                .extend(switch(login, &policy.value, user).map(|draft| (login.clone(), draft)));
            self.seen.insert(login);
        }
    }

    /// Looks at everybody who is a member of none of the orgs named, or not there: whom
    /// only the file for people names on all processors.
    pub(super) fn look_at_rest(&mut self, rest: &BTreeSet<Login>, scope: &Scope) {
        let user = |login: &Login| scope.users.get(login).and_then(Option::as_deref);
        let is_listed = |login: &&Login| {
            self.listings.binary_search_by_key(login, |listing| listing.login).is_ok()
        };
        let (listed, others): (Vec<&Login>, Vec<&Login>) = rest.iter().partition(is_listed);
        listed.into_iter().for_each(|login| self.look(login, user(login)));
        let users = &self.policy.users;
        let lacking = |login: &&Login| {
            let user = user(login);
            let policy = users.get(*login).map(|policy| &policy.value);
            let draft = policy.and_then(|policy| switch(login, policy, user));
            (user.is_some(), draft.map(|draft| ((*login).clone(), draft)))
        };
        let looked = parallel::map_slice(&others, lacking);
        self.looked_at += looked.iter().filter(|(is_there, _)| *is_there).count() as u64;
        self.switches.append(&mut looked.into_iter().filter_map(|(_, draft)| draft).collect());
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

    /// Everybody whom the policy names and who was not seen yet.
    pub(super) fn unseen(&self) -> BTreeSet<Login> {
        let members = self.listings.iter().map(|listing| listing.login);
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
