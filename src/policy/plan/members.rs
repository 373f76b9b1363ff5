//! What is lacking for one person: memberships, roles, opt-outs, the switch.

use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value, json};

use super::super::model::{MemberPolicy, OptOutRule, UserPolicy};
use super::super::problem::{Located, Place};
use super::class::ChangeClass;
use super::drafts::Draft;
use crate::domain::change::{
    Change, Join, Leave, NoteOptOut, OptIn, OptOutMember, SetMfa, SetRole,
};
use crate::domain::ids::{Login, OrgId, Text};
use crate::domain::model::{Membership, OptOut, Role, Switch, User};
use crate::domain::time::Time;

/// One person in one org.
#[derive(Clone, Copy)]
pub(super) struct Seat<'a> {
    pub(super) login: &'a Login,
    pub(super) org: &'a OrgId,
    pub(super) now: Time,
}

impl Seat<'_> {
    fn draft(
        &self,
        action: &'static str,
        (before, after): (Value, Value),
        source: &Place,
        change: impl Change + 'static,
    ) -> Draft {
        let draft = Draft::of_org(self.org, action, (before, after), source, change);
        Draft { subject: self.login.to_string(), ..draft }
    }

    /// Drafts for somebody whom the policy lists.
    pub(super) fn listed(
        &self,
        policy: &Located<MemberPolicy>,
        membership: Option<&Membership>,
    ) -> Vec<Draft> {
        let mut drafts = Vec::new();
        match membership {
            None => drafts.push(self.join(policy)),
            Some(membership) => drafts.extend(self.role(policy, membership.role)),
        }
        let current = membership.and_then(|membership| lasting(membership, self.now));
        if let Some(rule) = &policy.value.opt_out {
            drafts.extend(self.opt_out(rule, current));
        }
        drafts
    }

    fn join(&self, policy: &Located<MemberPolicy>) -> Draft {
        let role = policy.value.role.as_ref().map_or(Role::Member, |role| role.value);
        let change = Join { login: self.login.clone(), org: self.org.clone(), role };
        let values = (Value::Null, json!({"role": role.as_str()}));
        self.draft("user.join", values, &policy.place, change)
    }

    fn role(&self, policy: &Located<MemberPolicy>, is: Role) -> Option<Draft> {
        let role = policy.value.role.as_ref().filter(|role| role.value != is)?;
        let change = SetRole { login: self.login.clone(), org: self.org.clone(), role: role.value };
        let values = (json!({"role": is.as_str()}), json!({"role": role.value.as_str()}));
        Some(self.draft("user.role", values, &role.place, change).deciding(ChangeClass::Neutral))
    }

    /// The draft for somebody whom an authoritative policy does not list.
    pub(super) fn leave(&self, membership: &Membership, source: &Place) -> Draft {
        let change = Leave { login: self.login.clone(), org: self.org.clone() };
        let mut before = json!({"role": membership.role.as_str()});
        if let Some(opt_out) = lasting(membership, self.now) {
            before["opt_out"] = opt_out_value(opt_out.message.as_ref(), opt_out.until);
        }
        self.draft("user.leave", (before, Value::Null), source, change)
            .pointing(ChangeClass::Removal)
    }

    fn opt_out(&self, rule: &Located<OptOutRule>, current: Option<&OptOut>) -> Option<Draft> {
        match &rule.value {
            OptOutRule::None => self.opt_in(&rule.place, current?),
            // An end that has come asks for the same as no opt-out.
            OptOutRule::Set { until: Some(Some(until)), .. } if *until <= self.now => {
                self.opt_in(&rule.place, current?)
            }
            OptOutRule::Set { message, until } => {
                self.opted_out(&rule.place, message.as_ref(), *until, current)
            }
        }
    }

    fn opt_in(&self, source: &Place, current: &OptOut) -> Option<Draft> {
        let change = OptIn { login: self.login.clone(), org: self.org.clone() };
        let before = opt_out_value(current.message.as_ref(), current.until);
        let values = (json!({"opt_out": before}), json!({"opt_out": null}));
        Some(self.draft("user.opt-in", values, source, change).deciding(ChangeClass::Strengthen))
    }

    fn opted_out(
        &self,
        source: &Place,
        message: Option<&Text>,
        until: Option<Option<Time>>,
        current: Option<&OptOut>,
    ) -> Option<Draft> {
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
        Some(self.draft("user.opt-out-note", values, source, change))
    }

    fn set_opt_out(
        &self,
        values: (Value, Value),
        source: &Place,
        message: Option<&Text>,
        until: Option<Time>,
        direction: ChangeClass,
    ) -> Draft {
        let change = OptOutMember {
            login: self.login.clone(),
            org: self.org.clone(),
            until,
            message: None,
            replace: true,
        };
        let draft = self.draft("user.opt-out", values, source, change).deciding(direction);
        Draft { message: message.cloned(), ..draft }
    }
}

/// The opt-out that has not ended, resting or not.
fn lasting(membership: &Membership, now: Time) -> Option<&OptOut> {
    membership.opt_out.as_deref().filter(|opt_out| opt_out.until.is_none_or(|until| until > now))
}

fn opt_out_value(message: Option<&Text>, until: Option<Time>) -> Value {
    let mut value = Map::new();
    value.insert("message".to_owned(), message.map(|message| message.to_string()).into());
    value.insert("until".to_owned(), until.map(|until| until.to_string()).into());
    Value::Object(value)
}

/// The draft for somebody's switch. An account that is to be added begins with the switch off.
pub(super) fn switch(login: &Login, policy: &UserPolicy, user: Option<&User>) -> Option<Draft> {
    let is = user.map_or(Switch::Off, |user| user.mfa);
    let mfa = policy.mfa.as_ref().filter(|mfa| mfa.value != is)?;
    let direction = match mfa.value {
        Switch::On => ChangeClass::Strengthen,
        Switch::Off => ChangeClass::Weaken,
    };
    Some(Draft {
        action: "user.set-mfa",
        subject: login.to_string(),
        org: None,
        before: switch_value(is),
        after: switch_value(mfa.value),
        source: mfa.place.clone(),
        direction,
        change: Box::new(SetMfa { login: login.clone(), mfa: mfa.value, requested_by: None }),
        message: None,
        decides: true,
    })
}

/// What a plan says of a switch: the same two values for a million people.
fn switch_value(switch: Switch) -> Arc<Value> {
    static VALUES: LazyLock<[Arc<Value>; 2]> = LazyLock::new(|| {
        [Switch::Off, Switch::On].map(|switch| json!({"mfa": switch.as_str()}).into())
    });
    let [off, on] = &*VALUES;
    Arc::clone(if switch == Switch::On { on } else { off })
}
