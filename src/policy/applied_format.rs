//! A policy as it is recorded when it is applied, and read back to find drift: the settings
//! of an org by path in its file, people an entry each.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::model::{MemberPolicy, OptOutRule, OrgPolicy, UserPolicy, Word};
use super::problem::{Located, Place};
use crate::domain::ids::{Login, Text};
use crate::domain::model::OwnedText;
use crate::domain::time::{Span, Time};

const NONE: &str = "none";

type Fields = BTreeMap<String, String>;

/// The entries of people, by login.
type Entries = BTreeMap<String, OwnedText>;

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

/// When the policy for people was applied, and by whom.
pub(super) fn head(text: &str) -> Option<(Time, String)> {
    let mut fields: Fields = serde_json::from_str(text).ok()?;
    Some((time(fields.get("at")?)?, fields.remove("by")?))
}

/// The SHA-256 of the settings and the entries of people, in hexadecimal.
pub(super) fn digest(fields: &Fields, people: &Entries) -> String {
    let mut digest = Sha256::new();
    let fields = fields.iter().map(|(key, value)| (key, value.as_str()));
    for (key, value) in fields.chain(people.iter().map(|(login, text)| (login, &**text))) {
        for part in [key, value] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part.as_bytes());
        }
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The entries of the members that a policy lists.
pub(super) fn members(members: &BTreeMap<Login, Located<MemberPolicy>>) -> Entries {
    entries(members, |policy| {
        let role = policy.role.as_ref().map(|role| role.value.as_str().into());
        match policy.opt_out.as_ref().map(|opt_out| &opt_out.value) {
            None => Entry { role, ..NOTHING },
            Some(OptOutRule::None) => Entry { role, opt_out: Some(NONE.into()), ..NOTHING },
            Some(OptOutRule::Set { message, until }) => Entry {
                role,
                opt_out: Some("set".into()),
                opt_out_message: message.as_ref().map(|text| text.as_str().into()),
                opt_out_until: until.map(|until| or_none(until).into()),
                ..NOTHING
            },
        }
    })
}

/// The entries of the policy for people.
pub(super) fn users(users: &BTreeMap<Login, Located<UserPolicy>>) -> Entries {
    entries(users, |policy| {
        let mfa = policy.mfa.as_ref().map(|mfa| mfa.value.as_str().into());
        Entry { mfa, ..NOTHING }
    })
}

fn entries<T>(
    people: &BTreeMap<Login, Located<T>>,
    entry: impl for<'a> Fn(&'a T) -> Entry<'a>,
) -> Entries {
    let text = |policy| serde_json::to_string(&entry(policy)).expect("an entry is plain data");
    let texts = people.iter().map(|(login, policy)| (login.to_string(), text(&policy.value)));
    texts.map(|(login, text)| (login, text.into())).collect()
}

/// A setting of an org: its path, its text, and how that is read back.
type Field = (&'static str, fn(&OrgPolicy) -> Option<String>, fn(&str, &Place, &mut OrgPolicy));

const FIELDS: [Field; 12] = [
    (
        "name",
        |org| text(&org.name),
        |text, place, org| org.name = at(Text::parse(text).ok(), place),
    ),
    (
        "enforcement/state",
        |org| word(&org.enforcement.state),
        |text, place, org| org.enforcement.state = at(Word::parse(text), place),
    ),
    (
        "enforcement/from",
        |org| text(&org.enforcement.from),
        |text, place, org| org.enforcement.from = at(time(text), place),
    ),
    (
        "enforcement/grace_days",
        |org| text(&org.enforcement.grace_days),
        |text, place, org| org.enforcement.grace_days = at(text.parse().ok(), place),
    ),
    (
        "opt_out",
        |org| word(&org.opt_out),
        |text, place, org| org.opt_out = at(Word::parse(text), place),
    ),
    (
        "mandated_roles",
        |org| list(&org.mandated_roles, |role| role.as_str().to_owned()),
        |text, place, org| org.mandated_roles = at(set(text), place),
    ),
    (
        "services",
        |org| list(&org.services, ToString::to_string),
        |text, place, org| org.services = at(set(text), place),
    ),
    (
        "exceptions/short/max",
        |org| cap(&org.exceptions.short_max),
        |text, place, org| org.exceptions.short_max = at(unless_none(text, span), place),
    ),
    (
        "exceptions/short/per_30_days",
        |org| cap(&org.exceptions.short_per_30_days),
        |text, place, org| {
            let count = unless_none(text, |text| text.parse().ok());
            org.exceptions.short_per_30_days = at(count, place);
        },
    ),
    (
        "exceptions/long/max",
        |org| cap(&org.exceptions.long_max),
        |text, place, org| org.exceptions.long_max = at(unless_none(text, span), place),
    ),
    (
        "exceptions/long/approval",
        |org| word(&org.exceptions.approval),
        |text, place, org| org.exceptions.approval = at(Word::parse(text), place),
    ),
    (
        "ownership",
        |org| word(&org.ownership),
        |text, place, org| org.ownership = at(Word::parse(text), place),
    ),
];

fn text<T: ToString>(value: &Option<Located<T>>) -> Option<String> {
    value.as_ref().map(|value| value.value.to_string())
}

fn word<T: Word>(value: &Option<Located<T>>) -> Option<String> {
    value.as_ref().map(|value| value.value.word().to_owned())
}

fn list<T>(value: &Option<Located<BTreeSet<T>>>, text: fn(&T) -> String) -> Option<String> {
    value.as_ref().map(|set| set.value.iter().map(text).collect::<Vec<_>>().join(","))
}

fn cap<T: ToString + Copy>(value: &Option<Located<Option<T>>>) -> Option<String> {
    value.as_ref().map(|cap| or_none(cap.value))
}

fn or_none<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| value.to_string())
}

/// The settings that `policy` manages, by path.
pub(super) fn settings(policy: &OrgPolicy) -> Fields {
    let texts = FIELDS.iter().map(|(path, text, _)| (*path, text(policy)));
    texts.filter_map(|(path, text)| Some((path.to_owned(), text?))).collect()
}

/// The policy that was recorded as `fields` and `members`; what cannot be read is left out.
/// Every value has the same `place`.
pub(super) fn policy(fields: &Fields, members: &Entries, place: &Place) -> OrgPolicy {
    let mut policy = OrgPolicy::default();
    for (path, _, read) in FIELDS {
        fields.get(path).into_iter().for_each(|text| read(text, place, &mut policy));
    }
    policy.members = people(members, place, |entry| MemberPolicy {
        role: at(entry.role.as_deref().and_then(|text| text.parse().ok()), place),
        opt_out: at(opt_out(entry), place),
    });
    policy
}

/// The policy for people that was recorded as these entries.
pub(super) fn read_users(entries: &Entries, place: &Place) -> BTreeMap<Login, Located<UserPolicy>> {
    people(entries, place, |entry| UserPolicy {
        mfa: at(entry.mfa.as_deref().and_then(Word::parse), place),
    })
}

fn people<T>(
    entries: &Entries,
    place: &Place,
    read: impl Fn(&Entry<'_>) -> T,
) -> BTreeMap<Login, Located<T>> {
    let one = |(login, text): (&String, &OwnedText)| {
        let (login, entry) = (Login::parse(login).ok()?, serde_json::from_str(text).ok()?);
        Some((login, Located::new(read(&entry), place.clone())))
    };
    entries.iter().filter_map(one).collect()
}

fn at<T>(value: Option<T>, place: &Place) -> Option<Located<T>> {
    value.map(|value| Located::new(value, place.clone()))
}

fn opt_out(entry: &Entry<'_>) -> Option<OptOutRule> {
    let message = entry.opt_out_message.as_deref().and_then(|text| Text::parse(text).ok());
    let until = entry.opt_out_until.as_deref().and_then(|text| unless_none(text, time));
    match entry.opt_out.as_deref()? {
        NONE => Some(OptOutRule::None),
        _ => Some(OptOutRule::Set { message, until }),
    }
}

fn unless_none<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    if text == NONE { Some(None) } else { read(text).map(Some) }
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
