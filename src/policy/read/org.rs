//! The file of one org.

use super::super::model::{
    EnforcementPolicy, ExceptionRules, MemberPolicy, OptOutRule, OrgPolicy, Ownership,
};
use super::super::problem::Located;
use super::ORG_KEYS;
use super::fields::Fields;
use crate::domain::change::LONGEST_GRACE_DAYS;
use crate::domain::model::{Approval, ExceptionKind, OptOutPolicy, Role, Switch};
use crate::domain::time::Span;
use crate::policy::yaml::node::{Key, Node, Value};

/// The keys of `enforcement`.
pub(crate) const ENFORCEMENT_KEYS: [&str; 3] = ["state", "from", "grace_days"];
/// The keys of `exceptions`.
pub(crate) const EXCEPTIONS_KEYS: [&str; 2] = ["short", "long"];
/// The keys of `exceptions.short`.
pub(crate) const SHORT_KEYS: [&str; 2] = ["max", "per_30_days"];
/// The keys of `exceptions.long`.
pub(crate) const LONG_KEYS: [&str; 2] = ["max", "approval"];
/// The keys of a member.
pub(crate) const MEMBER_KEYS: [&str; 2] = ["role", "opt_out"];
/// The keys of a member's `opt_out`.
pub(crate) const OPT_OUT_KEYS: [&str; 2] = ["message", "until"];

const SWITCH: [(&str, Switch); 2] = [("on", Switch::On), ("off", Switch::Off)];
pub(super) const ROLES: [(&str, Role); 3] =
    [("member", Role::Member), ("helpdesk", Role::Helpdesk), ("admin", Role::Admin)];

pub(super) fn switch(
    fields: &mut Fields<'_>,
    node: &Node<'_>,
    what: &str,
) -> Option<Located<Switch>> {
    fields.choice(node, what, &SWITCH)
}

pub(super) fn read(map: &[(Key<'_>, Node<'_>)], fields: &mut Fields<'_>) -> OrgPolicy {
    let mut org = OrgPolicy::default();
    for (key, node) in map {
        match &*key.word.text {
            "version" | "org" => {}
            "name" => org.name = fields.name(node, "name"),
            "enforcement" => org.enforcement = enforcement(fields, node),
            "opt_out" => {
                let words = [("allow", OptOutPolicy::Allow), ("deny", OptOutPolicy::Deny)];
                org.opt_out = fields.choice(node, "opt_out", &words);
            }
            "mandated_roles" => {
                let role = |fields: &mut Fields<'_>, node: &Node<'_>| {
                    fields.choice(node, "a mandated role", &ROLES)
                };
                org.mandated_roles = fields.list(node, "mandated_roles", role);
            }
            "exceptions" => org.exceptions = exceptions(fields, node),
            "services" => {
                org.services =
                    fields.list(node, "services", |fields, node| fields.name(node, "a service"));
            }
            "ownership" => {
                let words = [
                    ("additive", Ownership::Additive),
                    ("authoritative", Ownership::Authoritative),
                ];
                org.ownership = fields.choice(node, "ownership", &words);
            }
            "members" => org.members = fields.by_login(node, "members", member),
            _ => {
                fields.known_key(key, &ORG_KEYS, "the policy of an org");
            }
        }
    }
    let lists_members = map.iter().any(|(key, _)| &*key.word.text == "members");
    if let Some(ownership) = org.ownership.as_ref().filter(|_| !lists_members)
        && ownership.value == Ownership::Authoritative
    {
        let hint = "list the members; members: {} says that there are none".to_owned();
        let message = "ownership: authoritative requires members";
        fields.problems.at(&ownership.place, message, Some(hint));
    }
    org
}

fn enforcement(fields: &mut Fields<'_>, node: &Node<'_>) -> EnforcementPolicy {
    let mut enforcement = EnforcementPolicy::default();
    if let Value::Scalar(_) = node.value {
        fields.expected(node, "enforcement", "a mapping as in {state: on}");
        return enforcement;
    }
    for (key, node) in fields.map(node, "enforcement").unwrap_or_default() {
        match &*key.word.text {
            "state" => enforcement.state = switch(fields, node, "state"),
            "from" => enforcement.from = fields.time(node, "from"),
            "grace_days" => {
                enforcement.grace_days = fields.whole(node, "grace_days", LONGEST_GRACE_DAYS);
            }
            _ => {
                fields.known_key(key, &ENFORCEMENT_KEYS, "enforcement");
            }
        }
    }
    let on = enforcement.state.as_ref().is_some_and(|state| state.value == Switch::On);
    if let Some(from) = enforcement.from.take_if(|_| !on) {
        let hint = "write state: on as well".to_owned();
        fields.problems.at(&from.place, "from without state: on", Some(hint));
    }
    enforcement
}

fn exceptions(fields: &mut Fields<'_>, node: &Node<'_>) -> ExceptionRules {
    let mut rules = ExceptionRules::default();
    for (key, node) in fields.map(node, "exceptions").unwrap_or_default() {
        match &*key.word.text {
            "short" => short(fields, node, &mut rules),
            "long" => long(fields, node, &mut rules),
            _ => {
                fields.known_key(key, &EXCEPTIONS_KEYS, "exceptions");
            }
        }
    }
    rules
}

fn short(fields: &mut Fields<'_>, node: &Node<'_>, rules: &mut ExceptionRules) {
    for (key, node) in fields.map(node, "short").unwrap_or_default() {
        match &*key.word.text {
            "max" => rules.short_max = cap(fields, node, ExceptionKind::Short),
            "per_30_days" if Fields::is_null(node) => {
                rules.short_per_30_days = Some(Located::new(None, fields.at(node)));
            }
            "per_30_days" => {
                let read = fields.whole(node, "per_30_days", u32::MAX);
                rules.short_per_30_days = read.map(|n| Located::new(Some(n.value), n.place));
            }
            _ => {
                fields.known_key(key, &SHORT_KEYS, "short");
            }
        }
    }
}

fn long(fields: &mut Fields<'_>, node: &Node<'_>, rules: &mut ExceptionRules) {
    for (key, node) in fields.map(node, "long").unwrap_or_default() {
        match &*key.word.text {
            "max" => rules.long_max = cap(fields, node, ExceptionKind::Long),
            "approval" => {
                let words = [("none", Approval::None), ("two-person", Approval::TwoPerson)];
                rules.approval = fields.choice(node, "approval", &words);
            }
            _ => {
                fields.known_key(key, &LONG_KEYS, "long");
            }
        }
    }
}

fn cap(
    fields: &mut Fields<'_>,
    node: &Node<'_>,
    kind: ExceptionKind,
) -> Option<Located<Option<Span>>> {
    if Fields::is_null(node) {
        return Some(Located::new(None, fields.at(node)));
    }
    let longest = kind.longest();
    let Value::Scalar(word) = &node.value else {
        fields.expected(node, "max", "a length of time such as 12h, or null for none");
        return None;
    };
    let span = fields.checked(node, Span::parse(&word.text))?;
    let message = match span.value {
        value if value > longest => {
            let kind = kind.as_str();
            format!("{value} is above {longest}: a cap may only shorten {kind} exceptions")
        }
        value if value == Span::seconds(0) => {
            "a cap of 0s would allow no exception at all".to_owned()
        }
        value => return Some(Located::new(Some(value), span.place)),
    };
    fields.problems.at(&span.place, message, None);
    None
}

fn member(fields: &mut Fields<'_>, node: &Node<'_>) -> MemberPolicy {
    let mut member = MemberPolicy::default();
    if Fields::is_null(node) {
        let hint = "write {} where it only is a member";
        fields.say(node.line, node.column, "nothing is said of this member", Some(hint));
        return member;
    }
    for (key, node) in fields.map(node, "a member").unwrap_or_default() {
        match &*key.word.text {
            "role" => member.role = fields.choice(node, "role", &ROLES),
            "opt_out" => member.opt_out = opt_out(fields, node),
            "mfa" => fields.say(
                key.line,
                key.column,
                "unknown key \"mfa\" in a member",
                Some("the switch belongs to the whole account: it goes into the file for people, under users"),
            ),
            _ => {
                fields.known_key(key, &MEMBER_KEYS, "a member");
            }
        }
    }
    member
}

fn opt_out(fields: &mut Fields<'_>, node: &Node<'_>) -> Option<Located<OptOutRule>> {
    let place = fields.at(node);
    if let Value::Scalar(word) = &node.value {
        if word.text == "none" {
            return Some(Located::new(OptOutRule::None, place));
        }
        fields.expected(node, "opt_out", "none, or a mapping with message and until");
        return None;
    }
    let (mut message, mut until) = (None, None);
    for (key, node) in fields.map(node, "opt_out")? {
        match &*key.word.text {
            "message" => message = fields.name(node, "message").map(|read| read.value),
            "until" if Fields::is_null(node) => until = Some(None),
            "until" => until = fields.end(node, "until").map(|read| Some(read.value)),
            _ => {
                fields.known_key(key, &OPT_OUT_KEYS, "opt_out");
            }
        }
    }
    Some(Located::new(OptOutRule::Set { message, until }, place))
}
