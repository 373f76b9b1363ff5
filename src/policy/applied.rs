//! What a policy decides, flat: kept when it is applied (of an org in its file, of
//! people an entry each), and read back to tell what was changed by hand since.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::model::{MemberPolicy, OptOutRule, OrgPolicy, Ownership, UserPolicy};
use super::problem::{Located, Place};
use crate::domain::ids::{Login, Text};
use crate::domain::model::{Approval, OptOutPolicy, OwnedText, Role, Switch};
use crate::domain::time::{Span, Time};

const NONE: &str = "none";

type Fields = BTreeMap<String, String>;

/// What is owned of one person, as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry<'a> {
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    mfa: Option<Cow<'a, str>>,
    /// `none` or `set`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    opt_out: Option<Cow<'a, str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    opt_out_message: Option<Cow<'a, str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    opt_out_until: Option<Cow<'a, str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    role: Option<Cow<'a, str>>,
}

const NOTHING: Entry<'static> =
    Entry { mfa: None, opt_out: None, opt_out_message: None, opt_out_until: None, role: None };

impl Entry<'_> {
    fn text(&self) -> OwnedText {
        serde_json::to_string(self).expect("an entry is plain data").into()
    }
}

/// When the policy was applied that this head is of, and by whom.
pub(super) fn head(text: &str) -> Option<(Time, String)> {
    let mut fields: Fields = serde_json::from_str(text).ok()?;
    Some((time(fields.get("at")?)?, fields.remove("by")?))
}

/// The digest of what is kept of an org and its members.
pub(super) fn digest(fields: &Fields, members: &BTreeMap<String, OwnedText>) -> String {
    let mut digester = Digester::new(fields);
    members.iter().for_each(|(login, text)| digester.add(login, text));
    digester.finish()
}

/// What a policy owns of a member.
pub(super) fn member(policy: &MemberPolicy) -> OwnedText {
    let role = policy.role.as_ref().map(|l| l.value.as_str().into());
    let entry = match policy.opt_out.as_ref().map(|l| &l.value) {
        None => Entry { role, ..NOTHING },
        Some(OptOutRule::None) => Entry { role, opt_out: Some(NONE.into()), ..NOTHING },
        Some(OptOutRule::Set { message, until }) => Entry {
            role,
            opt_out: Some("set".into()),
            opt_out_message: message.as_ref().map(|text| text.as_str().into()),
            opt_out_until: until
                .map(|until| until.map_or(NONE.into(), |until| until.to_string().into())),
            ..NOTHING
        },
    };
    entry.text()
}

/// What the policy for people owns of one.
pub(super) fn user(policy: &UserPolicy) -> OwnedText {
    let mfa = policy.mfa.as_ref().map(|l| l.value.as_str().into());
    Entry { mfa, ..NOTHING }.text()
}

/// The SHA-256 of what a policy decides of an org and of people, in hexadecimal.
pub(super) struct Digester(Sha256);

impl Digester {
    pub(super) fn new(fields: &Fields) -> Digester {
        let mut digester = Digester(Sha256::new());
        for (key, value) in fields {
            digester.add(key, value);
        }
        digester
    }

    pub(super) fn add(&mut self, key: &str, value: &str) {
        for part in [key, value] {
            self.0.update((part.len() as u64).to_be_bytes());
            self.0.update(part.as_bytes());
        }
    }

    pub(super) fn finish(self) -> String {
        self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What `policy` decides of the org itself, by field.
pub(super) fn settings(policy: &OrgPolicy) -> Fields {
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
    fields
}

/// The policy that is kept as such fields and entries of members; what cannot be
/// read is left out. Every value stands at `place`.
pub(super) fn policy(
    fields: &Fields,
    members: &BTreeMap<String, OwnedText>,
    place: &Place,
) -> OrgPolicy {
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
    policy.members = people(members, place, |entry| MemberPolicy {
        role: entry.role.as_deref().and_then(|text| text.parse().ok()).map(|role| at(role, place)),
        opt_out: opt_out(entry).map(|rule| at(rule, place)),
    });
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
}

/// The policy for people that is kept as such entries.
pub(super) fn users(
    entries: &BTreeMap<String, OwnedText>,
    place: &Place,
) -> BTreeMap<Login, Located<UserPolicy>> {
    people(entries, place, |entry| UserPolicy {
        mfa: entry.mfa.as_deref().and_then(switch).map(|mfa| at(mfa, place)),
    })
}

fn people<T>(
    entries: &BTreeMap<String, OwnedText>,
    place: &Place,
    read: impl Fn(&Entry<'_>) -> T,
) -> BTreeMap<Login, Located<T>> {
    let one = |(login, text): (&String, &OwnedText)| {
        let (login, entry) = (Login::parse(login).ok()?, serde_json::from_str(text).ok()?);
        Some((login, at(read(&entry), place)))
    };
    entries.iter().filter_map(one).collect()
}

fn at<T>(value: T, place: &Place) -> Located<T> {
    Located::new(value, place.clone())
}

fn opt_out(entry: &Entry<'_>) -> Option<OptOutRule> {
    let message = entry.opt_out_message.as_deref().and_then(|text| Text::parse(text).ok());
    let until = entry.opt_out_until.as_deref().and_then(|text| or_none(text, time));
    match entry.opt_out.as_deref()? {
        NONE => Some(OptOutRule::None),
        _ => Some(OptOutRule::Set { message, until }),
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
