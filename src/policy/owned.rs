//! What a policy decides of an org, flat: kept in the org's file when it is
//! applied, and read back to tell what was changed by hand since.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::model::{MemberPolicy, OptOutRule, OrgPolicy, Ownership};
use super::problem::{Located, Place};
use crate::domain::ids::{Login, Text};
use crate::domain::model::{Approval, OptOutPolicy, Role, Switch};
use crate::domain::time::{Span, Time};

const NONE: &str = "none";

type Fields = BTreeMap<String, String>;

/// The SHA-256 of fields, in hexadecimal.
pub(super) fn digest(fields: &Fields) -> String {
    let mut hash = Sha256::new();
    for (key, value) in fields {
        for part in [key, value] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What `policy` decides, by field.
pub(super) fn fields(policy: &OrgPolicy) -> Fields {
    let mut fields = Fields::new();
    let mut put = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            fields.insert(key.to_owned(), value);
        }
    };
    let or_none = |value: Option<String>| value.unwrap_or_else(|| NONE.to_owned());
    let enforcement = &policy.enforcement;
    put("name", policy.name.as_ref().map(|l| l.value.to_string()));
    put("enforcement/state", enforcement.state.as_ref().map(|l| l.value.as_str().to_owned()));
    put("enforcement/from", enforcement.from.as_ref().map(|l| l.value.to_string()));
    put("enforcement/grace_days", enforcement.grace_days.as_ref().map(|l| l.value.to_string()));
    put("opt_out", policy.opt_out.as_ref().map(|l| l.value.as_str().to_owned()));
    let roles =
        |roles: &BTreeSet<Role>| roles.iter().map(|r| r.as_str()).collect::<Vec<_>>().join(",");
    put("mandated_roles", policy.mandated_roles.as_ref().map(|l| roles(&l.value)));
    let services = policy
        .services
        .as_ref()
        .map(|l| l.value.iter().map(ToString::to_string).collect::<Vec<_>>().join(","));
    put("services", services);
    let rules = &policy.exceptions;
    let span = |cap: &Option<Located<Option<Span>>>| {
        cap.as_ref().map(|l| or_none(l.value.map(|span| span.to_string())))
    };
    put("exceptions/short/max", span(&rules.short_max));
    let count = |l: &Located<Option<u32>>| or_none(l.value.map(|count| count.to_string()));
    put("exceptions/short/per_30_days", rules.short_per_30_days.as_ref().map(count));
    put("exceptions/long/max", span(&rules.long_max));
    put("exceptions/long/approval", rules.approval.as_ref().map(|l| l.value.as_str().to_owned()));
    put("ownership", policy.ownership.as_ref().map(|l| l.value.as_str().to_owned()));
    for (login, member) in &policy.members {
        let key = |field: &str| format!("members/{login}{field}");
        put(&key(""), Some("member".to_owned()));
        put(&key("/role"), member.value.role.as_ref().map(|l| l.value.as_str().to_owned()));
        match member.value.opt_out.as_ref().map(|l| &l.value) {
            None => {}
            Some(OptOutRule::None) => put(&key("/opt_out"), Some(NONE.to_owned())),
            Some(OptOutRule::Set { message, until }) => {
                put(&key("/opt_out"), Some("set".to_owned()));
                put(&key("/opt_out/message"), message.as_ref().map(|text| text.to_string()));
                let until = until.map(|until| or_none(until.map(|until| until.to_string())));
                put(&key("/opt_out/until"), until);
            }
        }
    }
    fields
}

/// The policy that such fields describe; what cannot be read is left out. Every
/// value stands at `place`.
pub(super) fn policy(fields: &Fields, place: &Place) -> OrgPolicy {
    let reader = Reader { fields, place };
    let mut policy = OrgPolicy {
        name: reader.read("name", |text| Text::parse(text).ok()),
        ..OrgPolicy::default()
    };
    policy.enforcement.state = reader.read("enforcement/state", switch);
    policy.enforcement.from = reader.read("enforcement/from", time);
    policy.enforcement.grace_days = reader.read("enforcement/grace_days", |t| t.parse().ok());
    policy.opt_out = reader.read("opt_out", |text| match text {
        "allow" => Some(OptOutPolicy::Allow),
        "deny" => Some(OptOutPolicy::Deny),
        _ => None,
    });
    policy.mandated_roles = reader.read("mandated_roles", set);
    policy.services = reader.read("services", set);
    policy.exceptions.short_max = reader.read("exceptions/short/max", |t| or_none(t, span));
    policy.exceptions.short_per_30_days =
        reader.read("exceptions/short/per_30_days", |t| or_none(t, |t| t.parse().ok()));
    policy.exceptions.long_max = reader.read("exceptions/long/max", |t| or_none(t, span));
    policy.exceptions.approval = reader.read("exceptions/long/approval", |text| match text {
        NONE => Some(Approval::None),
        "two-person" => Some(Approval::TwoPerson),
        _ => None,
    });
    policy.ownership = reader.read("ownership", |text| match text {
        "additive" => Some(Ownership::Additive),
        "authoritative" => Some(Ownership::Authoritative),
        _ => None,
    });
    policy.members = reader.members();
    policy
}

struct Reader<'a> {
    fields: &'a Fields,
    place: &'a Place,
}

impl Reader<'_> {
    fn read<T>(&self, key: &str, read: impl Fn(&str) -> Option<T>) -> Option<Located<T>> {
        let value = read(self.fields.get(key)?)?;
        Some(Located::new(value, self.place.clone()))
    }

    fn members(&self) -> BTreeMap<Login, Located<MemberPolicy>> {
        let names = self
            .fields
            .range("members/".to_owned()..)
            .map_while(|(key, _)| key.strip_prefix("members/"));
        let logins =
            names.filter(|name| !name.contains('/')).filter_map(|name| Login::parse(name).ok());
        logins
            .map(|login| {
                let member = self.member(&login);
                (login, Located::new(member, self.place.clone()))
            })
            .collect()
    }

    fn member(&self, login: &Login) -> MemberPolicy {
        let key = |field: &str| format!("members/{login}/{field}");
        let until = self.read(&key("opt_out/until"), |text| or_none(text, time));
        let message = self.read(&key("opt_out/message"), |text| Text::parse(text).ok());
        let opt_out = self.read(&key("opt_out"), |text| match text {
            NONE => Some(OptOutRule::None),
            _ => Some(OptOutRule::Set {
                message: message.as_ref().map(|l| l.value.clone()),
                until: until.as_ref().map(|l| l.value),
            }),
        });
        MemberPolicy { role: self.read(&key("role"), |text| text.parse().ok()), opt_out }
    }
}

fn or_none<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    if text == NONE { Some(None) } else { read(text).map(Some) }
}

fn switch(text: &str) -> Option<Switch> {
    match text {
        "on" => Some(Switch::On),
        "off" => Some(Switch::Off),
        _ => None,
    }
}

fn time(text: &str) -> Option<Time> {
    Time::parse_rfc3339(text).ok()
}

fn span(text: &str) -> Option<Span> {
    Span::parse(text).ok()
}

fn set<T: std::str::FromStr + Ord>(text: &str) -> Option<BTreeSet<T>> {
    text.split(',').filter(|word| !word.is_empty()).map(|word| word.parse().ok()).collect()
}
