//! From files to a [`Policy`]: strict, and all problems of all files in one run.

mod assertions;
mod fields;
mod keys;
mod org;
mod users;

#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use super::files::PolicySource;
use super::model::Policy;
use super::problem::{Located, Problems};
use super::yaml::node::{Key, Node};
use super::yaml::parser;

use crate::domain::ids::OrgId;
pub use assertions::read_assertions;
use fields::KnownKey;
use fields::{Fields, Map};
use org::ORG;
use users::USERS;

/// The only version of the format.
pub const VERSION: u32 = 1;

/// Reads all `sources` as one policy. What `problems` has already (files that
/// could not be read) counts too.
///
/// # Errors
/// All problems of all files, in the order of the files.
pub fn read(sources: &[PolicySource], mut problems: Problems) -> Result<Policy, Problems> {
    let mut policy = Policy::default();
    for source in sources {
        let before = problems.list.len();
        if let Some(root) = parser::parse(&source.name, &source.text, &mut problems) {
            let mut fields = Fields { file: source.name.clone(), problems: &mut problems };
            file(&mut policy, &root, &mut fields);
        }
        problems.sort_from(before);
    }
    if problems.is_empty() { Ok(policy) } else { Err(problems) }
}

/// The JSON Schema (draft 2020-12) of a policy file, for editors. Rules that a schema cannot
/// express, such as logins that differ in case only, are the reader's.
pub fn schema() -> Value {
    let file = |about: &str, required: [&str; 2], mut schema: Value| {
        schema["description"] = about.into();
        schema["required"] = json!(required);
        schema
    };
    let org = "The policy of one org. A key that is absent is not managed.";
    let users = "The policy for people, whatever their orgs.";
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mfactl policy",
        "description": "A policy file of mfactl: one org, or the people.",
        "anyOf": [
            file(org, ["version", "org"], keys::mapping(&ORG)),
            file(users, ["version", "users"], keys::mapping(&USERS)),
        ],
    })
}

fn key_named<'n, 'a>(map: &'n Map<'a>, name: &str) -> Option<&'n (Key<'a>, Node<'a>)> {
    map.iter().find(|(key, _)| key.word.text == name)
}

fn file(policy: &mut Policy, root: &Node<'_>, fields: &mut Fields<'_>) {
    let Some(map) = fields.map(root, "a policy file") else { return };
    match key_named(map, "version") {
        Some((_, node)) => fields.version(node),
        None => fields.say(root.line, root.column, "no version", Some("add version: 1")),
    }
    match (key_named(map, "org"), key_named(map, "users")) {
        (Some((_, org)), None) => org_file(policy, map, org, fields),
        (None, Some((key, _))) => users_file(policy, map, key, fields),
        (Some(_), Some((key, _))) => fields.say(
            key.line,
            key.column,
            "org and users in one file",
            Some("people have a file of their own: version and users"),
        ),
        (None, None) => {
            fields.keys(map, "a policy file", &ORG.map(KnownKey::unread), &mut ());
            let hint = Some("name the org: org: ORG");
            fields.say(root.line, root.column, "neither org nor users", hint);
        }
    }
}

fn org_file(policy: &mut Policy, map: &Map<'_>, node: &Node<'_>, fields: &mut Fields<'_>) {
    let id = fields.name::<OrgId>(node, "org");
    let org = org::read(map, fields);
    let Some(id) = id else { return };
    if let Some(first) = policy.orgs.get(&id.value) {
        let message =
            format!("a second policy for the org {}: the first is {}", id.value, first.place);
        fields.problems.at(&id.place, message, Some("one file an org".to_owned()));
        return;
    }
    policy.orgs.insert(id.value, Located::new(org, id.place));
}

fn users_file(policy: &mut Policy, map: &Map<'_>, key: &Key<'_>, fields: &mut Fields<'_>) {
    let users = users::read(map, fields);
    let place = fields.place(key.line, key.column);
    if let Some(first) = &policy.people {
        let message = format!("a second file for people: the first is {first}");
        fields.problems.at(&place, message, Some("put all users into one file".to_owned()));
        return;
    }
    policy.people = Some(place);
    policy.users = users;
}
