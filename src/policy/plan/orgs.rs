//! The settings of one org: a proposal for each that differs from the policy.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::change_row::Action;
use super::class::ChangeClass;
use super::proposal::Proposal;
use crate::domain::change::{Cap, EditOrg, Enforce};
use crate::domain::ids::OrgId;
use crate::domain::model::{Approval, ExceptionKind, OptOutPolicy, Org, Role, Switch};
use crate::domain::time::{Span, Time};
use crate::policy::model::{ExceptionRules, OrgPolicy};
use crate::policy::problem::{Located, Place};

/// The proposals of `policy` for `org` at `now`, what loosens first.
pub(super) fn proposals(id: &OrgId, policy: &OrgPolicy, org: &Org, now: Time) -> Vec<Proposal> {
    let settings = Settings { id, policy, org };
    let exceptions = &policy.exceptions;
    let all = [
        settings.name(),
        settings.enforcement(now),
        settings.grace(now),
        settings.opt_out(),
        settings.mandated(),
        settings.services(),
        settings.short_max(exceptions),
        settings.per_30_days(exceptions),
        settings.long_max(exceptions),
        settings.approval(exceptions),
    ];
    let mut proposals: Vec<Proposal> = all.into_iter().flatten().collect();
    proposals.sort_by_key(|proposal| !proposal.loosens());
    proposals
}

/// How many of the settings above a policy leaves alone.
pub(super) fn unmanaged(policy: &OrgPolicy) -> u64 {
    let ExceptionRules { short_max, short_per_30_days, long_max, approval } = &policy.exceptions;
    let managed = [
        policy.name.is_some(),
        policy.enforcement.state.is_some(),
        policy.enforcement.grace_days.is_some(),
        policy.opt_out.is_some(),
        policy.mandated_roles.is_some(),
        policy.services.is_some(),
        short_max.is_some(),
        short_per_30_days.is_some(),
        long_max.is_some(),
        approval.is_some(),
    ];
    managed.iter().filter(|managed| !**managed).count() as u64
}

/// The fields before and after, the direction, the line and the change.
type Enforcing<'a> = (Map<String, Value>, Map<String, Value>, ChangeClass, &'a Place, Enforce);

struct Settings<'a> {
    id: &'a OrgId,
    policy: &'a OrgPolicy,
    org: &'a Org,
}

fn field(name: &str, before: impl Into<Value>, after: impl Into<Value>) -> (Value, Value) {
    let one = |value: Value| Value::Object(Map::from_iter([(name.to_owned(), value)]));
    (one(before.into()), one(after.into()))
}

/// The class of a number that goes up or down, where less of it is stricter.
fn less_is_stricter<T: Ord>(before: &T, after: &T) -> ChangeClass {
    match after.cmp(before) {
        std::cmp::Ordering::Less => ChangeClass::Strengthen,
        std::cmp::Ordering::Equal => ChangeClass::Neutral,
        std::cmp::Ordering::Greater => ChangeClass::Weaken,
    }
}

/// What the policy wants, where the org has something else.
fn wanted<'p, T: PartialEq>(managed: &'p Option<Located<T>>, is: &T) -> Option<&'p Located<T>> {
    managed.as_ref().filter(|wanted| wanted.value != *is)
}

impl Settings<'_> {
    fn edit(&self) -> EditOrg {
        EditOrg { id: Some(self.id.clone()), ..EditOrg::default() }
    }

    fn propose(&self, values: (Value, Value), source: &Place, change: EditOrg) -> Proposal {
        Proposal::new(Action::OrgEdit, (self.id, Some(self.id)), values, source, change)
    }

    fn name(&self) -> Option<Proposal> {
        let name = self.policy.name.as_ref()?;
        if self.org.name.as_ref() == Some(&name.value) {
            return None;
        }
        let before = self.org.name.as_ref().map(|name| name.to_string());
        let values = field("name", before, name.value.as_str());
        let change = EditOrg { name: Some(name.value.clone()), ..self.edit() };
        Some(self.propose(values, &name.place, change))
    }

    /// Switching enforcement on sets the days of grace as well.
    fn grace(&self, now: Time) -> Option<Proposal> {
        let days = wanted(&self.policy.enforcement.grace_days, &self.org.grace_days)?;
        if self.switched_on(now).is_some() {
            return None;
        }
        let values = field("grace_days", self.org.grace_days, days.value);
        let change = EditOrg { grace_days: Some(days.value), ..self.edit() };
        let direction = less_is_stricter(&self.org.grace_days, &days.value);
        Some(self.propose(values, &days.place, change).deciding(direction))
    }

    fn enforcement(&self, now: Time) -> Option<Proposal> {
        let (before, after, direction, source, change) = match self.switched_on(now) {
            Some(state) => self.enforce(state, now),
            None => self.un_enforce()?,
        };
        let values = (Value::Object(before), Value::Object(after));
        let subject = (self.id, Some(self.id));
        let proposal = Proposal::new(Action::OrgEnforce, subject, values, source, change);
        Some(proposal.deciding(direction))
    }

    fn enforcement_now(&self) -> Map<String, Value> {
        let mut now = Map::new();
        now.insert("enforcement".to_owned(), self.org.enforcement.state.as_str().into());
        if let (Switch::On, Some(from)) = (self.org.enforcement.state, self.org.enforcement.from) {
            now.insert("from".to_owned(), from.to_string().into());
        }
        now
    }

    fn un_enforce(&self) -> Option<Enforcing<'_>> {
        let state = self.policy.enforcement.state.as_ref()?;
        if state.value == Switch::On || self.org.enforcement.state == Switch::Off {
            return None;
        }
        let after = Map::from_iter([("enforcement".to_owned(), "off".into())]);
        let change = Enforce {
            org: self.id.clone(),
            state: Switch::Off,
            starts: None,
            grace_days: None,
            restart_grace: false,
            force: false,
        };
        Some((self.enforcement_now(), after, ChangeClass::Weaken, &state.place, change))
    }

    /// The start that the policy gives to enforcement, if it is still to come.
    fn coming_start(&self, now: Time) -> Option<Time> {
        self.policy.enforcement.from.as_ref().map(|from| from.value).filter(|from| *from > now)
    }

    /// The setting by which the policy switches enforcement on, or moves its start.
    fn switched_on(&self, now: Time) -> Option<&Located<Switch>> {
        let state = self.policy.enforcement.state.as_ref().filter(|s| s.value == Switch::On)?;
        let start = self.org.enforcement.start();
        let as_wanted = match (&self.policy.enforcement.from, self.coming_start(now)) {
            (None, _) => start.is_some(),
            (Some(_), None) => self.org.enforcement.begun(now),
            (Some(_), coming) => start == coming,
        };
        (!as_wanted).then_some(state)
    }

    fn enforce<'s>(&'s self, state: &'s Located<Switch>, now: Time) -> Enforcing<'s> {
        let from = self.policy.enforcement.from.as_ref();
        let starts = self.coming_start(now);
        let start = self.org.enforcement.start();
        let later = start.is_some_and(|start| starts.is_some_and(|from| from > start.max(now)));
        let weaker = self.org.enforcement.begun(now) || later;
        let grace = wanted(&self.policy.enforcement.grace_days, &self.org.grace_days);
        let mut before = self.enforcement_now();
        let mut after = Map::new();
        after.insert("enforcement".to_owned(), "on".into());
        after.insert("from".to_owned(), from.map(|from| from.value.to_string()).into());
        before.entry("from").or_insert(Value::Null);
        if let Some(days) = grace {
            before.insert("grace_days".to_owned(), self.org.grace_days.into());
            after.insert("grace_days".to_owned(), days.value.into());
        }
        let change = Enforce {
            org: self.id.clone(),
            state: Switch::On,
            starts,
            grace_days: grace.map(|days| days.value),
            restart_grace: false,
            force: false,
        };
        let source = match (self.org.enforcement.state, from) {
            (Switch::On, Some(from)) => &from.place,
            _ => &state.place,
        };
        (
            before,
            after,
            if weaker { ChangeClass::Weaken } else { ChangeClass::Strengthen },
            source,
            change,
        )
    }

    fn opt_out(&self) -> Option<Proposal> {
        let opt_out = wanted(&self.policy.opt_out, &self.org.opt_out)?;
        let values = field("opt_out", self.org.opt_out.as_str(), opt_out.value.as_str());
        let change = EditOrg { opt_out: Some(opt_out.value), ..self.edit() };
        let direction = match opt_out.value {
            OptOutPolicy::Allow => ChangeClass::Weaken,
            OptOutPolicy::Deny => ChangeClass::Strengthen,
        };
        Some(self.propose(values, &opt_out.place, change).deciding(direction))
    }

    fn mandated(&self) -> Option<Proposal> {
        let roles = wanted(&self.policy.mandated_roles, &self.org.mandated_roles)?;
        let words =
            |roles: &BTreeSet<Role>| roles.iter().map(|role| role.as_str()).collect::<Vec<_>>();
        let values = field("mandated_roles", words(&self.org.mandated_roles), words(&roles.value));
        let less: Vec<Role> = self.org.mandated_roles.difference(&roles.value).copied().collect();
        let more = roles.value.difference(&self.org.mandated_roles).copied().collect();
        let direction = if less.is_empty() { ChangeClass::Strengthen } else { ChangeClass::Weaken };
        let change = EditOrg { mandate: more, no_mandate: less, ..self.edit() };
        Some(self.propose(values, &roles.place, change).deciding(direction))
    }

    fn services(&self) -> Option<Proposal> {
        let services = wanted(&self.policy.services, &self.org.services)?;
        let words = |set: &BTreeSet<_>| set.iter().map(ToString::to_string).collect::<Vec<_>>();
        let values = field("services", words(&self.org.services), words(&services.value));
        let more = services.value.difference(&self.org.services).cloned().collect();
        let less = self.org.services.difference(&services.value).cloned().collect();
        let change = EditOrg { services: more, no_services: less, ..self.edit() };
        Some(self.propose(values, &services.place, change))
    }

    fn cap(
        &self,
        name: &str,
        kind: ExceptionKind,
        (is, managed): (Option<Span>, &Option<Located<Option<Span>>>),
        change: impl Fn(Option<Span>) -> EditOrg,
    ) -> Option<Proposal> {
        let cap = wanted(managed, &is)?;
        let words = |cap: Option<Span>| cap.map(|cap| cap.to_string());
        let values = field(name, words(is), words(cap.value));
        let length = |cap: Option<Span>| cap.unwrap_or(kind.longest());
        let direction = less_is_stricter(&length(is), &length(cap.value));
        Some(self.propose(values, &cap.place, change(cap.value)).pointing(direction))
    }

    fn short_max(&self, rules: &ExceptionRules) -> Option<Proposal> {
        let both = (self.org.exceptions.short_max, &rules.short_max);
        self.cap("short_max", ExceptionKind::Short, both, |cap| match cap {
            Some(_) => EditOrg { short_max: cap, ..self.edit() },
            None => EditOrg { uncap: vec![Cap::ShortMax], ..self.edit() },
        })
    }

    fn long_max(&self, rules: &ExceptionRules) -> Option<Proposal> {
        let both = (self.org.exceptions.long_max, &rules.long_max);
        self.cap("long_max", ExceptionKind::Long, both, |cap| match cap {
            Some(_) => EditOrg { long_max: cap, ..self.edit() },
            None => EditOrg { uncap: vec![Cap::LongMax], ..self.edit() },
        })
    }

    fn per_30_days(&self, rules: &ExceptionRules) -> Option<Proposal> {
        let is = self.org.exceptions.short_per_30_days;
        let count = wanted(&rules.short_per_30_days, &is)?;
        let values = field("short_per_30_days", is, count.value);
        let change = match count.value {
            Some(_) => EditOrg { short_per_30_days: count.value, ..self.edit() },
            None => EditOrg { uncap: vec![Cap::ShortPer30Days], ..self.edit() },
        };
        let many = |count: Option<u32>| count.map_or(u64::MAX, u64::from);
        let direction = less_is_stricter(&many(is), &many(count.value));
        Some(self.propose(values, &count.place, change).pointing(direction))
    }

    fn approval(&self, rules: &ExceptionRules) -> Option<Proposal> {
        let approval = wanted(&rules.approval, &self.org.exceptions.approval)?;
        let is = self.org.exceptions.approval;
        let values = field("approval", is.as_str(), approval.value.as_str());
        let change = EditOrg { approval: Some(approval.value), ..self.edit() };
        let direction = match approval.value {
            Approval::TwoPerson => ChangeClass::Strengthen,
            Approval::None => ChangeClass::Weaken,
        };
        Some(self.propose(values, &approval.place, change).pointing(direction))
    }
}
