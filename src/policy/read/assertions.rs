//! The file of assertions that `policy test` tries.

use super::super::assertions::{Assertion, Asserts, Given};
use super::super::files::PolicySource;
use super::super::problem::{Located, Problems};
use super::fields::Fields;
use super::org::{ROLES, switch};
use crate::domain::decision::{Requirement, Rule};
use crate::domain::ids::{Login, OrgId, Service};
use crate::domain::model::SignIn;
use crate::domain::time::Time;
use crate::policy::yaml::node::{Key, Node, Value};
use crate::policy::yaml::parser;

const KEYS: [&str; 8] =
    ["name", "given", "org", "at", "service", "expect", "rule", "expect_exempt"];
const GIVEN_KEYS: [&str; 11] = [
    "user",
    "org",
    "role",
    "enrolled",
    "enrolled_before",
    "active",
    "sign_in",
    "opted_out",
    "mfa",
    "joined",
    "exception_until",
];

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
struct Read {
    name: Option<String>,
    given: Option<Given>,
    org: Option<Located<OrgId>>,
    at: Option<Time>,
    service: Option<Service>,
    expect: Option<Requirement>,
    rule: Option<Rule>,
    exempt: Option<std::collections::BTreeSet<Login>>,
}

fn assertion(fields: &mut Fields<'_>, node: &Node<'_>) -> Option<Assertion> {
    let map = fields.map(node, "an assertion")?;
    let before = fields.problems.count();
    let read = read_keys(fields, map);
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

fn read_keys(fields: &mut Fields<'_>, map: &[(Key<'_>, Node<'_>)]) -> Read {
    let mut read = Read::default();
    for (key, node) in map {
        match &*key.word.text {
            "name" => read.name = fields.text(node, "name", "a text").map(str::to_owned),
            "given" => read.given = given(fields, node),
            "org" => read.org = fields.name(node, "org"),
            "at" => read.at = fields.time(node, "at").map(|at| at.value),
            "service" => read.service = fields.name(node, "service").map(|name| name.value),
            "expect" => {
                let words = [
                    Requirement::Denied,
                    Requirement::Delegated,
                    Requirement::Exempt,
                    Requirement::Required,
                    Requirement::Enrol,
                    Requirement::Grace,
                    Requirement::NotRequired,
                ]
                .map(|requirement| (requirement.as_str(), requirement));
                read.expect = fields.choice(node, "expect", &words).map(|word| word.value);
            }
            "rule" => {
                let words = Rule::ALL.map(|rule| (rule.as_str(), rule));
                read.rule = fields.choice(node, "rule", &words).map(|word| word.value);
            }
            "expect_exempt" => {
                let login = |fields: &mut Fields<'_>, node: &Node<'_>| fields.name(node, "a login");
                read.exempt = fields.list(node, "expect_exempt", login).map(|list| list.value);
            }
            _ => {
                fields.known_key(key, &KEYS, "an assertion");
            }
        }
    }
    read
}

fn given(fields: &mut Fields<'_>, node: &Node<'_>) -> Option<Given> {
    let map = fields.map(node, "given")?;
    let (mut user, mut org) = (None, None);
    let (mut role, mut mfa, mut joined, mut exception_until) = (None, None, None, None);
    let mut opted_out = None;
    let (mut enrolled, mut enrolled_before, mut active) = (false, false, true);
    let mut sign_in = SignIn::Password;
    for (key, node) in map {
        match &*key.word.text {
            "user" => user = fields.name::<Login>(node, "user").map(|login| login.value),
            "org" => org = fields.name::<OrgId>(node, "org"),
            "role" => role = fields.choice(node, "role", &ROLES).map(|role| role.value),
            "enrolled" => enrolled = fields.boolean(node, "enrolled").unwrap_or(enrolled),
            "enrolled_before" => {
                enrolled_before = fields.boolean(node, "enrolled_before").unwrap_or(false);
            }
            "opted_out" => opted_out = fields.boolean(node, "opted_out"),
            "active" => active = fields.boolean(node, "active").unwrap_or(active),
            "sign_in" => {
                let words = [("password", SignIn::Password), ("sso", SignIn::Sso)];
                sign_in = fields.choice(node, "sign_in", &words).map_or(sign_in, |word| word.value);
            }
            "mfa" => mfa = switch(fields, node, "mfa").map(|mfa| mfa.value),
            "joined" => joined = fields.time(node, "joined").map(|time| time.value),
            "exception_until" => {
                exception_until = fields.end(node, "exception_until").map(|time| time.value);
            }
            _ => {
                fields.known_key(key, &GIVEN_KEYS, "given");
            }
        }
    }
    for name in ["user", "org"] {
        if !map.iter().any(|(key, _)| key.word.text == name) {
            fields.say(node.line, node.column, &format!("given without {name}"), None);
        }
    }
    Some(Given {
        user: user?,
        org: org?,
        role,
        enrolled,
        enrolled_before,
        active,
        sign_in,
        opted_out,
        mfa,
        joined,
        exception_until,
    })
}
