//! Objects, forward from the details of the whole log.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::domain::model::{Operator, Operators, Org, PolicyOf, User};
use crate::domain::outcome::patch;
use crate::error::Result;
use crate::store::View;
use crate::store::format::digest::Digest;
use crate::store::format::{block_yaml, json, keyed_lines, layout};
use crate::store::read::revision::from_value;

use super::{FileRole, hopeless};

/// The bodies of the files of operators, orgs and users among `todo`, each what the
/// chain says.
pub(crate) fn bodies<'a>(
    view: &View,
    todo: &BTreeMap<&'a str, (FileRole, Digest)>,
) -> Result<Vec<(&'a str, String)>> {
    let mut files: BTreeMap<&'a str, BTreeMap<String, Value>> = BTreeMap::new();
    for (path, (what, _)) in todo {
        if matches!(
            what,
            FileRole::Operators | FileRole::Org | FileRole::Users(_) | FileRole::Policy
        ) {
            files.insert(path, BTreeMap::new());
        }
    }
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let mut pruned = false;
    for record in view.records_oldest_first() {
        let record = record?;
        pruned |= record.pruned;
        for detail in record.details() {
            let detail = detail?;
            let path = match detail.object.as_str() {
                "operator" => layout::OPERATORS.to_owned(),
                "org" => layout::org(&detail.key),
                "policy" => policy_path(&detail.key),
                "user" => view.base.fan_out.path_of(layout::Sharded::Users, &detail.key),
                _ => continue,
            };
            let Some(objects) = files.get_mut(path.as_str()) else { continue };
            match &detail.after {
                Value::Null => drop(objects.remove(&detail.key)),
                after if detail.before.is_null() => drop(objects.insert(detail.key, after.clone())),
                after => patch(objects.entry(detail.key).or_insert(Value::Null), after),
            }
        }
    }
    let made = files.into_iter().map(|(path, objects)| {
        let (what, after) = todo[path];
        match body(path, what, objects) {
            Ok(body) if Digest::of(body.as_bytes()) == after => Ok((path, body)),
            // What is there since, all of it, can still be made again.
            _ if pruned => {
                Err(hopeless(path, "audit prune erased some of the details that led to it"))
            }
            made => made.and(Err(hopeless(path, "the details of the log do not lead to it"))),
        }
    });
    made.collect()
}

fn body(path: &str, what: FileRole, objects: BTreeMap<String, Value>) -> Result<String> {
    match what {
        FileRole::Operators => {
            let mut all = Operators::default();
            for (name, operator) in objects {
                let name = from_value(path, Value::String(name))?;
                all.operators.insert(name, from_value::<Operator>(path, operator)?);
            }
            Ok(block_yaml::write(&all))
        }
        FileRole::Org => match objects.into_values().next() {
            Some(org) => Ok(block_yaml::write(&from_value::<Org>(path, org)?)),
            None => Ok(String::new()),
        },
        FileRole::Policy => {
            let entries = objects.into_iter().map(|(key, owned)| {
                let entry = key.split_once(' ').map_or(PolicyOf::HEAD, |(_, entry)| entry);
                Ok((keyed_lines::token(entry), canonical::<BTreeMap<String, String>>(path, owned)?))
            });
            Ok(of_lines(&entries.collect::<Result<_>>()?))
        }
        _ => {
            let mut sorted = BTreeMap::new();
            for (login, user) in objects {
                // Through the type: the fields come in their order, as in the files.
                sorted.insert(keyed_lines::token(&login), canonical::<User>(path, user)?);
            }
            Ok(of_lines(&sorted))
        }
    }
}

fn of_lines(sorted: &BTreeMap<String, String>) -> String {
    let mut body = String::new();
    sorted.iter().for_each(|(token, line)| keyed_lines::push(&mut body, token, line));
    body
}

/// The file of an entry of a policy, by its key in the audit.
fn policy_path(key: &str) -> String {
    let policy = PolicyOf::parse(key.split(' ').next().unwrap_or_default());
    policy.map(|policy| layout::policy(&policy)).unwrap_or_default()
}

fn canonical<T: DeserializeOwned + Serialize>(path: &str, value: Value) -> Result<String> {
    let object: T = from_value(path, value)?;
    Ok(json::write(&object))
}
