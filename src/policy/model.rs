//! A policy as it was read, each value with its place. What is absent is not managed.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::decision::{Requirement, Rule};
use crate::domain::ids::{Login, OrgId, Service, Text};
use crate::domain::model::{Approval, OptOutPolicy, Role, SignIn, Switch};
use crate::domain::time::{Span, Time};

use super::problem::{Located, Place};

/// Everything that the policy files of one run say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// Orgs, with the place of the file's `org:`.
    pub orgs: BTreeMap<OrgId, Located<OrgPolicy>>,
    /// People, whatever their orgs.
    pub users: BTreeMap<Login, Located<UserPolicy>>,
    /// The place of the file for people, if there is one.
    pub people: Option<Place>,
}

/// The policy of one org.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrgPolicy {
    /// Its name in words.
    pub name: Option<Located<Text>>,
    /// Enforcement.
    pub enforcement: EnforcementPolicy,
    /// Whether members may be opted out.
    pub opt_out: Option<Located<OptOutPolicy>>,
    /// Membership roles that always need MFA: these and no others.
    pub mandated_roles: Option<Located<BTreeSet<Role>>>,
    /// Caps and approval of exceptions.
    pub exceptions: ExceptionRules,
    /// Services that an exception may be limited to: these and no others.
    pub services: Option<Located<BTreeSet<Service>>>,
    /// What happens to members that are not listed.
    pub ownership: Option<Located<Ownership>>,
    /// Members.
    pub members: BTreeMap<Login, Located<MemberPolicy>>,
}

impl OrgPolicy {
    /// Whether members that are not listed lose the membership.
    pub fn is_authoritative(&self) -> bool {
        self.ownership.as_ref().is_some_and(|o| o.value == Ownership::Authoritative)
    }
}

/// The policy for an org's enforcement.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EnforcementPolicy {
    /// On or off.
    pub state: Option<Located<Switch>>,
    /// Where on: from when. In the past: on when applied, and any enforcement that has begun.
    pub from: Option<Located<Time>>,
    /// Days of grace.
    pub grace_days: Option<Located<u32>>,
}

/// The policy for exceptions; a `None` inside removes the cap.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExceptionRules {
    /// The cap of short ones.
    pub short_max: Option<Located<Option<Span>>>,
    /// How many short ones a user may be granted in 30 days.
    pub short_per_30_days: Option<Located<Option<u32>>>,
    /// The cap of long ones.
    pub long_max: Option<Located<Option<Span>>>,
    /// Whether a long one requires a second person.
    pub approval: Option<Located<Approval>>,
}

/// What happens to members that a policy does not list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ownership {
    /// They stay.
    #[default]
    Additive,
    /// They lose the membership.
    Authoritative,
}

impl Ownership {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Ownership::Additive => "additive",
            Ownership::Authoritative => "authoritative",
        }
    }
}

/// The policy for one member: whoever is listed is a member.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemberPolicy {
    /// The role in the org.
    pub role: Option<Located<Role>>,
    /// The opt-out.
    pub opt_out: Option<Located<OptOutRule>>,
}

/// The policy for a member's opt-out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OptOutRule {
    /// None: `opt_out: none`.
    None,
    /// Opted out.
    Set {
        /// Why; absent: not managed.
        message: Option<Text>,
        /// Its end, `Some(None)` for none at all; absent: not managed.
        until: Option<Option<Time>>,
    },
}

/// The policy for one person, whatever the org.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserPolicy {
    /// The per-user switch.
    pub mfa: Option<Located<Switch>>,
}

/// One of a few words of a policy file.
pub(super) trait Word: Copy + 'static {
    /// All of them, in the order in which they are offered.
    const ALL: &'static [Self];

    /// The word in files.
    fn word(self) -> &'static str;

    /// The value of a word.
    fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|word| word.word() == text)
    }
}

macro_rules! words {
    ($($name:ident: $($variant:ident),+;)*) => {$(
        impl Word for $name {
            const ALL: &'static [$name] = &[$($name::$variant),+];

            fn word(self) -> &'static str {
                self.as_str()
            }
        }
    )*};
}

words! {
    Switch: On, Off;
    OptOutPolicy: Allow, Deny;
    Role: Member, Helpdesk, Admin;
    Approval: None, TwoPerson;
    Ownership: Additive, Authoritative;
    SignIn: Password, Sso;
    Requirement: Denied, Delegated, Exempt, Required, Enrol, Grace, NotRequired;
}

impl Word for Rule {
    const ALL: &'static [Rule] = &Rule::ALL;

    fn word(self) -> &'static str {
        self.as_str()
    }
}
