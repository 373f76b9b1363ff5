//! One person: a proposal for each membership, role, opt-out and per-user setting that
//! differs from the policy.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value, json};

use super::change_row::Action;
use super::class::ChangeClass;
use super::proposal::Proposal;
use crate::domain::change::{
    AddUser, Change, Join, Leave, NoteOptOut, OptIn, OptOutMember, SetMfa, SetRole, SignInMethod,
};
use crate::domain::ids::{Login, OrgId, Text, UserId};
use crate::domain::model::{Membership, OptOut, Role, Switch, User};
use crate::domain::time::Time;
use crate::policy::model::{MemberPolicy, OptOutRule, UserPolicy};
use crate::policy::problem::{Located, Place};

/// One person in one org.
#[derive(Clone, Copy)]
pub(super) struct Seat<'a> {
    pub(super) login: &'a Login,
    pub(super) org: &'a OrgId,
    pub(super) now: Time,
}

impl Seat<'_> {
    fn propose(
        &self,
        action: Action,
        values: (Value, Value),
        source: &Place,
        change: impl Change + 'static,
    ) -> Proposal {
        Proposal::new(action, (self.login, Some(self.org)), values, source, change)
    }

    pub(super) fn join(&self, policy: &Located<MemberPolicy>) -> Proposal {
        let role = role_of(policy);
        let change = Join { login: self.login.clone(), org: self.org.clone(), role };
        let values = (Value::Null, json!({"role": role.as_str()}));
        self.propose(Action::UserJoin, values, &policy.place, change)
    }

    pub(super) fn role(&self, policy: &Located<MemberPolicy>, is: Role) -> Option<Proposal> {
        let role = policy.value.role.as_ref().filter(|role| role.value != is)?;
        let change = SetRole { login: self.login.clone(), org: self.org.clone(), role: role.value };
        let values = (json!({"role": is.as_str()}), json!({"role": role.value.as_str()}));
        let proposal = self.propose(Action::UserRole, values, &role.place, change);
        Some(proposal.deciding(ChangeClass::Neutral))
    }

    /// For a member whom an authoritative policy does not list.
    pub(super) fn leave(&self, membership: &Membership, source: &Place) -> Proposal {
        let change = Leave { login: self.login.clone(), org: self.org.clone() };
        let mut before = json!({"role": membership.role.as_str()});
        if let Some(opt_out) = lasting(membership, self.now) {
            before["opt_out"] = opt_out_value(opt_out.message.as_ref(), opt_out.until);
        }
        let proposal = self.propose(Action::UserLeave, (before, Value::Null), source, change);
        proposal.pointing(ChangeClass::Removal)
    }

    pub(super) fn opt_out(
        &self,
        rule: &Located<OptOutRule>,
        membership: Option<&Membership>,
    ) -> Option<Proposal> {
        let current = membership.and_then(|membership| lasting(membership, self.now));
        match &rule.value {
            OptOutRule::None => self.opt_in(&rule.place, current?),
            // An end that has passed is the same as no opt-out.
            OptOutRule::Set { until: Some(Some(until)), .. } if *until <= self.now => {
                self.opt_in(&rule.place, current?)
            }
            OptOutRule::Set { message, until } => {
                self.opted_out(&rule.place, message.as_ref(), *until, current)
            }
        }
    }

    fn opt_in(&self, source: &Place, current: &OptOut) -> Option<Proposal> {
        let change = OptIn { login: self.login.clone(), org: self.org.clone() };
        let before = opt_out_value(current.message.as_ref(), current.until);
        let values = (json!({"opt_out": before}), json!({"opt_out": null}));
        let proposal = self.propose(Action::UserOptIn, values, source, change);
        Some(proposal.deciding(ChangeClass::Strengthen))
    }

    fn opted_out(
        &self,
        source: &Place,
        message: Option<&Text>,
        until: Option<Option<Time>>,
        current: Option<&OptOut>,
    ) -> Option<Proposal> {
        let Some(current) = current else {
            let until = until.flatten();
            let values =
                (json!({"opt_out": null}), json!({"opt_out": opt_out_value(message, until)}));
            return Some(self.set_opt_out(values, source, message, until, ChangeClass::Weaken));
        };
        let other_end = until.filter(|until| *until != current.until);
        let other_message = message.filter(|message| current.message.as_ref() != Some(*message));
        let (end, note) =
            (other_end.unwrap_or(current.until), message.or(current.message.as_ref()));
        let before = opt_out_value(current.message.as_ref(), current.until);
        let values = (json!({"opt_out": before}), json!({"opt_out": opt_out_value(note, end)}));
        if other_end.is_some() {
            let last = |until: Option<Time>| until.unwrap_or(Time::MAX);
            let later = last(end) > last(current.until);
            let direction = if later { ChangeClass::Weaken } else { ChangeClass::Strengthen };
            return Some(self.set_opt_out(values, source, note, end, direction));
        }
        let note = other_message?.clone();
        let change = NoteOptOut { login: self.login.clone(), org: self.org.clone(), note };
        Some(self.propose(Action::UserOptOutNote, values, source, change))
    }

    fn set_opt_out(
        &self,
        values: (Value, Value),
        source: &Place,
        message: Option<&Text>,
        until: Option<Time>,
        direction: ChangeClass,
    ) -> Proposal {
        let change = OptOutMember {
            login: self.login.clone(),
            org: self.org.clone(),
            until,
            message: message.cloned(),
            replace: true,
        };
        self.propose(Action::UserOptOut, values, source, change).deciding(direction)
    }
}

/// The role in which a member is added.
fn role_of(policy: &Located<MemberPolicy>) -> Role {
    policy.value.role.as_ref().map_or(Role::Member, |role| role.value)
}

/// The opt-out that has not expired.
fn lasting(membership: &Membership, now: Time) -> Option<&OptOut> {
    membership.opt_out.as_deref().filter(|opt_out| opt_out.until.is_none_or(|until| until > now))
}

fn opt_out_value(message: Option<&Text>, until: Option<Time>) -> Value {
    let mut value = Map::new();
    value.insert("message".to_owned(), message.map(|message| message.to_string()).into());
    value.insert("until".to_owned(), until.map(|until| until.to_string()).into());
    Value::Object(value)
}

/// A new account, with the first membership that the policy gives it: an administrator of
/// that org may add it, and of no other.
pub(super) fn add_user(
    login: &Login,
    id: UserId,
    first: Option<(&OrgId, &Located<MemberPolicy>)>,
    source: &Place,
) -> Proposal {
    let orgs: BTreeMap<OrgId, Role> =
        first.map(|(org, policy)| (org.clone(), role_of(policy))).into_iter().collect();
    let words: BTreeMap<&str, &str> =
        orgs.iter().map(|(org, role)| (org.as_str(), role.as_str())).collect();
    let values = (Value::Null, json!({ "orgs": words }));
    let change = AddUser {
        login: login.clone(),
        id,
        name: None,
        email: None,
        sign_in: SignInMethod::Password,
        mfa: Switch::Off,
        orgs,
        active: true,
        enrolled: None,
    };
    let org = first.map(|(org, _)| org);
    Proposal::new(Action::UserAdd, (login, org), values, source, change)
}

/// The per-user setting. A new account starts with it off.
pub(super) fn set_mfa(login: &Login, policy: &UserPolicy, user: Option<&User>) -> Option<Proposal> {
    let is = user.map_or(Switch::Off, |user| user.mfa);
    let mfa = policy.mfa.as_ref().filter(|mfa| mfa.value != is)?;
    let direction = match mfa.value {
        Switch::On => ChangeClass::Strengthen,
        Switch::Off => ChangeClass::Weaken,
    };
    let change = SetMfa { login: login.clone(), mfa: mfa.value, requested_by: None };
    let values = (mfa_value(is), mfa_value(mfa.value));
    let proposal = Proposal::new(Action::UserSetMfa, (login, None), values, &mfa.place, change);
    Some(proposal.deciding(direction))
}

/// The field of a per-user setting: a million people share two values.
fn mfa_value(switch: Switch) -> Arc<Value> {
    static VALUES: LazyLock<[Arc<Value>; 2]> = LazyLock::new(|| {
        [Switch::Off, Switch::On].map(|switch| json!({"mfa": switch.as_str()}).into())
    });
    let [off, on] = &*VALUES;
    Arc::clone(if switch == Switch::On { on } else { off })
}
