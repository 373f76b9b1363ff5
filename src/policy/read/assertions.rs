//! The file of assertions that `policy test` tries.

use std::collections::BTreeSet;

use super::fields::Fields;
use super::fields::KnownKey;
use crate::domain::decision::{Requirement, Rule};
use crate::domain::ids::{Login, OrgId, Service};
use crate::domain::model::{Role, SignIn, Switch};
use crate::domain::time::Time;
use crate::policy::assertions::{Assertion, Asserts, Given};
use crate::policy::files::PolicySource;
use crate::policy::problem::{Located, Problems};
use crate::policy::yaml::node::{Node, Value};
use crate::policy::yaml::parser;

/// Reads assertions out of all `sources`, as strictly as a policy.
///
/// # Errors
/// All problems of all files, in the order of the files.
pub fn read_assertions(
    sources: &[PolicySource],
    mut problems: Problems,
) -> Result<Vec<Assertion>, Problems> {
    let mut all = Vec::new();
    for source in sources {
        let before = problems.list.len();
        if let Some(root) = parser::parse(&source.name, &source.text, &mut problems) {
            let mut fields = Fields { file: source.name.clone(), problems: &mut problems };
            match &root.value {
                Value::List(items) => {
                    all.extend(items.iter().filter_map(|item| assertion(&mut fields, item)));
                }
                _ => fields.expected(&root, "a file of assertions", "a list"),
            }
        }
        problems.sort_from(before);
    }
    if problems.is_empty() { Ok(all) } else { Err(problems) }
}

#[derive(Default)]
struct AssertionFields {
    name: Option<String>,
    given: Option<Given>,
    org: Option<Located<OrgId>>,
    at: Option<Time>,
    service: Option<Service>,
    expect: Option<Requirement>,
    rule: Option<Rule>,
    exempt: Option<BTreeSet<Login>>,
}

const ASSERTION: [KnownKey<AssertionFields>; 8] = [
    KnownKey::new("name", |fields, node, to| {
        to.name = fields.text(node, "name", "a text").map(str::to_owned);
    }),
    KnownKey::new("given", |fields, node, to| to.given = given(fields, node)),
    KnownKey::new("org", |fields, node, to| to.org = fields.name(node, "org")),
    KnownKey::new("at", |fields, node, to| to.at = value(fields.time(node, "at"))),
    KnownKey::new("service", |fields, node, to| to.service = value(fields.name(node, "service"))),
    KnownKey::new("expect", |fields, node, to| to.expect = value(fields.word(node, "expect"))),
    KnownKey::new("rule", |fields, node, to| to.rule = value(fields.word(node, "rule"))),
    KnownKey::new("expect_exempt", |fields, node, to| {
        let login = |fields: &mut Fields<'_>, node: &Node<'_>| fields.name(node, "a login");
        to.exempt = value(fields.list(node, "expect_exempt", login));
    }),
];

fn value<T>(located: Option<Located<T>>) -> Option<T> {
    located.map(|located| located.value)
}

fn assertion(fields: &mut Fields<'_>, node: &Node<'_>) -> Option<Assertion> {
    let map = fields.map(node, "an assertion")?;
    let before = fields.problems.count();
    let mut read = AssertionFields::default();
    fields.keys(map, "an assertion", &ASSERTION, &mut read);
    let has = |name: &str| map.iter().any(|(key, _)| key.word.text == name);
    let kind = match (has("given") || has("expect"), has("expect_exempt")) {
        (true, false) => ["name", "given", "at", "expect"].as_slice(),
        (false, true) => ["name", "org", "at", "expect_exempt"].as_slice(),
        _ => {
            let hint = "write given and expect, or org and expect_exempt";
            fields.say(node.line, node.column, "an assertion asserts one thing", Some(hint));
            return None;
        }
    };
    for missing in kind.iter().filter(|name| !has(name)) {
        fields.say(node.line, node.column, &format!("an assertion without {missing}"), None);
    }
    for extra in ["org", "rule"].into_iter().filter(|name| has(name) && !kind.contains(name)) {
        if extra == "org" || has("expect_exempt") {
            let message = format!("{extra} has no place in this assertion");
            fields.say(node.line, node.column, &message, None);
        }
    }
    if fields.problems.count() > before {
        return None;
    }
    let asserts = match (read.given, read.expect, read.org, read.exempt) {
        (Some(given), Some(expect), ..) => {
            Asserts::Decision { given: Box::new(given), expect, rule: read.rule }
        }
        (_, _, Some(org), Some(expect)) => Asserts::Exempt { org, expect },
        _ => return None,
    };
    let place = fields.at(node);
    Some(Assertion { name: read.name?, place, at: read.at?, service: read.service, asserts })
}

#[derive(Default)]
struct GivenFields {
    user: Option<Login>,
    org: Option<Located<OrgId>>,
    role: Option<Role>,
    enrolled: Option<bool>,
    enrolled_before: Option<bool>,
    active: Option<bool>,
    sign_in: Option<SignIn>,
    opted_out: Option<bool>,
    mfa: Option<Switch>,
    joined: Option<Time>,
    exception_until: Option<Time>,
}

const GIVEN: [KnownKey<GivenFields>; 11] = [
    KnownKey::new("user", |fields, node, to| to.user = value(fields.name(node, "user"))),
    KnownKey::new("org", |fields, node, to| to.org = fields.name(node, "org")),
    KnownKey::new("role", |fields, node, to| to.role = value(fields.word(node, "role"))),
    KnownKey::new("enrolled", |fields, node, to| {
        to.enrolled = fields.boolean(node, "enrolled");
    }),
    KnownKey::new("enrolled_before", |fields, node, to| {
        to.enrolled_before = fields.boolean(node, "enrolled_before");
    }),
    KnownKey::new("active", |fields, node, to| to.active = fields.boolean(node, "active")),
    KnownKey::new("sign_in", |fields, node, to| to.sign_in = value(fields.word(node, "sign_in"))),
    KnownKey::new("opted_out", |fields, node, to| {
        to.opted_out = fields.boolean(node, "opted_out");
    }),
    KnownKey::new("mfa", |fields, node, to| to.mfa = value(fields.word(node, "mfa"))),
    KnownKey::new("joined", |fields, node, to| to.joined = value(fields.time(node, "joined"))),
    KnownKey::new("exception_until", |fields, node, to| {
        to.exception_until = value(fields.end(node, "exception_until"));
    }),
];

fn given(fields: &mut Fields<'_>, node: &Node<'_>) -> Option<Given> {
    let map = fields.map(node, "given")?;
    let mut read = GivenFields::default();
    fields.keys(map, "given", &GIVEN, &mut read);
    for name in ["user", "org"] {
        if !map.iter().any(|(key, _)| key.word.text == name) {
            fields.say(node.line, node.column, &format!("given without {name}"), None);
        }
    }
    Some(Given {
        user: read.user?,
        org: read.org?,
        role: read.role,
        enrolled: read.enrolled.unwrap_or(false),
        enrolled_before: read.enrolled_before.unwrap_or(false),
        active: read.active.unwrap_or(true),
        sign_in: read.sign_in.unwrap_or(SignIn::Password),
        opted_out: read.opted_out,
        mfa: read.mfa,
        joined: read.joined,
        exception_until: read.exception_until,
    })
}
