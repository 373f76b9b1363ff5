//! From files to a [`Policy`]: strict, and all problems of all files in one run.

mod assertions;
mod fields;
mod org;
mod users;

#[cfg(test)]
mod tests;

use super::files::PolicySource;
use super::model::Policy;
use super::problem::{Located, Problems};
use super::yaml::node::{Key, Node};
use super::yaml::parser;

use crate::domain::ids::OrgId;
pub use assertions::read_assertions;
use fields::Fields;

#[cfg(test)]
pub(crate) use org::{
    ENFORCEMENT_KEYS, EXCEPTIONS_KEYS, LONG_KEYS, MEMBER_KEYS, OPT_OUT_KEYS, SHORT_KEYS,
};
#[cfg(test)]
pub(crate) use users::USER_KEYS;

/// The only version of the format.
pub const VERSION: u32 = 1;

/// The keys at the top of an org's file.
pub const ORG_KEYS: [&str; 10] = [
    "version",
    "org",
    "name",
    "enforcement",
    "opt_out",
    "mandated_roles",
    "exceptions",
    "services",
    "ownership",
    "members",
];

/// The keys at the top of the file for people.
pub const USERS_KEYS: [&str; 2] = ["version", "users"];

/// Reads all `sources` as one policy. What `problems` has already (files that
/// could not be read) counts too.
///
/// # Errors
/// All problems of all files, in the order of the files.
pub fn read(sources: &[PolicySource], mut problems: Problems) -> Result<Policy, Problems> {
    let mut reading = Reading::default();
    for source in sources {
        let before = problems.list.len();
        if let Some(root) = parser::parse(&source.name, &source.text, &mut problems) {
            let mut fields = Fields { file: source.name.clone(), problems: &mut problems };
            reading.file(&root, &mut fields);
        }
        problems.sort_from(before);
    }
    if problems.is_empty() { Ok(reading.policy) } else { Err(problems) }
}

#[derive(Default)]
struct Reading {
    policy: Policy,
}

fn key_named<'n, 'a>(
    map: &'n [(Key<'a>, Node<'a>)],
    name: &str,
) -> Option<&'n (Key<'a>, Node<'a>)> {
    map.iter().find(|(key, _)| key.word.text == name)
}

impl Reading {
    fn file(&mut self, root: &Node<'_>, fields: &mut Fields<'_>) {
        let Some(map) = fields.map(root, "a policy file") else { return };
        match key_named(map, "version") {
            Some((_, node)) => fields.version(node),
            None => fields.say(root.line, root.column, "no version", Some("add version: 1")),
        }
        match (key_named(map, "org"), key_named(map, "users")) {
            (Some((_, org)), None) => self.org(map, org, fields),
            (None, Some((key, users))) => self.users(map, key, users, fields),
            (Some(_), Some((key, _))) => fields.say(
                key.line,
                key.column,
                "org and users in one file",
                Some("people have a file of their own: version and users"),
            ),
            (None, None) => {
                fields.unknown_keys(map, &ORG_KEYS, "a policy file");
                fields.say(
                    root.line,
                    root.column,
                    "neither org nor users",
                    Some("name the org: org: ORG"),
                );
            }
        }
    }

    fn org(&mut self, map: &[(Key<'_>, Node<'_>)], node: &Node<'_>, fields: &mut Fields<'_>) {
        let id = fields.name::<OrgId>(node, "org");
        let policy = org::read(map, fields);
        let Some(id) = id else { return };
        if let Some(first) = self.policy.orgs.get(&id.value) {
            let message =
                format!("a second policy for the org {}: the first is {}", id.value, first.place);
            fields.problems.at(&id.place, message, Some("one file an org".to_owned()));
            return;
        }
        self.policy.orgs.insert(id.value, Located::new(policy, id.place));
    }

    fn users(
        &mut self,
        map: &[(Key<'_>, Node<'_>)],
        key: &Key<'_>,
        node: &Node<'_>,
        fields: &mut Fields<'_>,
    ) {
        fields.unknown_keys(map, &USERS_KEYS, "the file for people");
        let read = users::read(node, fields);
        let place = fields.place(key.line, key.column);
        if let Some(first) = &self.policy.people {
            let message = format!("a second file for people: the first is {first}");
            fields.problems.at(&place, message, Some("put all users into one file".to_owned()));
            return;
        }
        self.policy.people = Some(place);
        self.policy.users = read;
    }
}
