//! Decisions about people of whom no user is made: of a million lines nearly all say so
//! little that one user, who stays, can stand in for all of them.

use std::collections::BTreeMap;

use crate::domain::decision::Decision;
use crate::domain::ids::{OrgId, UserId};
use crate::domain::model::{Enrolment, Membership, Memberships, Role, SignIn, Switch, User};
use crate::domain::time::Time;
use crate::store::UserLine;

/// A user who is whoever is asked about, without exceptions and opt-outs.
pub(super) struct StandIn {
    user: User,
    /// The one membership in each org, by its place among the orgs.
    in_org: Vec<Memberships>,
}

impl StandIn {
    /// For members of these orgs.
    pub(super) fn new<'a>(orgs: impl Iterator<Item = &'a OrgId>) -> StandIn {
        let (role, joined_at) = (Role::Member, Time::MIN);
        let member = Membership { role, joined_at, first_joined_at: None, opt_out: None };
        let user = User {
            id: UserId::parse("stand-in").expect("it is an id"),
            name: None,
            email: None,
            sign_in: SignIn::Password,
            provider: None,
            active: true,
            mfa: Switch::Off,
            mfa_set_by: None,
            unlocks: 0,
            memberships: Memberships::default(),
            left: BTreeMap::new(),
            enrolment: Enrolment::default(),
            last_exception: 0,
            exceptions: BTreeMap::new(),
        };
        let in_org =
            orgs.map(|org| [(org.clone(), member.clone())].into_iter().collect()).collect();
        StandIn { user, in_org }
    }

    /// Stands in for the account of this line; `None` where it cannot.
    pub(super) fn take(&mut self, line: &UserLine<'_>) -> Option<()> {
        line.account_into(&mut self.user)
    }

    /// What is decided of it as a member of the org of this place: a decision about an org
    /// asks for no other membership than that.
    pub(super) fn as_member(
        &mut self,
        place: usize,
        membership: Membership,
        decide: impl FnOnce(&User) -> Decision,
    ) -> Decision {
        let own = &mut self.in_org[place];
        own.values_mut().for_each(|member| member.clone_from(&membership));
        std::mem::swap(&mut self.user.memberships, own);
        let decision = decide(&self.user);
        std::mem::swap(&mut self.user.memberships, own);
        decision
    }
}
