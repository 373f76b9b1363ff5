//! Shards: each line in its form, in its place, on its shard; the index and
//! the users agree.

use std::collections::BTreeSet;

use crate::parallel;

use crate::domain::ids::{Login, OrgId};
use crate::domain::model::User;
use crate::error::{Kind, Result};
use crate::store::View;
use crate::store::format::layout::Sharded;
use crate::store::format::{json, keyed_lines};

use super::{StateProblem, StateProblems, Users, unknown_orgs};

/// Every user, with what is wrong with the shards of users.
pub(crate) fn users(
    view: &View,
    orgs: Option<&BTreeSet<OrgId>>,
    problems: &mut StateProblems,
) -> Result<Users> {
    let numbers: Vec<u16> = (0..view.base.fan_out.shards()).collect();
    let shards = parallel::map_slice(&numbers, |number| shard_of_users(view, *number, orgs));
    let mut all = Users::default();
    for shard in shards {
        let (users, found) = shard?;
        let mut twice = Vec::new();
        all.merge(users, &mut twice);
        problems.0.extend(found);
        twice.into_iter().for_each(|what| problems.add("users", what));
    }
    strays(view, Sharded::Users, problems)?;
    Ok(all)
}

fn shard_of_users(
    view: &View,
    number: u16,
    orgs: Option<&BTreeSet<OrgId>>,
) -> Result<(Users, Vec<StateProblem>)> {
    let path = view.base.fan_out.path(Sharded::Users, number);
    let mut users = Users::default();
    let found = each_line(view, Sharded::Users, number, |key, value, wrong| {
        let login = match Login::parse(key) {
            Ok(login) if login.as_str() == key => login,
            Ok(_) => return wrong.push(format!("{key} is not in lower case")),
            Err(e) => return wrong.push(e.to_string()),
        };
        let user: User = match json::read(value) {
            Ok(user) => user,
            Err(e) => return wrong.push(format!("{key}: {e}")),
        };
        if json::write(&user) != value {
            wrong.push(format!("{key} is not written as mfactl writes it"));
        }
        wrong.extend(unknown_orgs(&user, orgs).map(|org| format!("{key}: there is no org {org}")));
        users.add(&login, &user, wrong);
    })?;
    if !found.is_empty() {
        users.unread.insert(number);
    }
    Ok((users, problems_in(&path, found)))
}

pub(crate) fn problems_in(path: &str, found: Vec<String>) -> Vec<StateProblem> {
    found.into_iter().map(|what| StateProblem { path: path.to_owned(), what }).collect()
}

/// Whether the index says just what the users say.
pub(crate) fn index(view: &View, users: &Users, problems: &mut StateProblems) -> Result<()> {
    let keys = &users.keys;
    let fan_out = view.base.fan_out;
    let numbers: Vec<u16> = (0..fan_out.shards()).collect();
    let shards = parallel::map_slice(&numbers, |number| {
        let mut right = 0;
        let found = each_line(view, Sharded::Index, *number, |key, value, wrong| {
            match (keys.get(key), json::read::<Login>(value)) {
                (_, Err(_)) => wrong.push(format!("{key}: {value} is no login")),
                (None, Ok(login)) if !users.knows(view, &login) => {}
                (None, Ok(_)) => wrong.push(format!("{key}: no user has this")),
                (Some(own), Ok(login)) if *own != login => {
                    wrong.push(format!("{key}: that is {own}, not {login}"));
                }
                _ => right += 1,
            }
        })?;
        Ok((right, problems_in(&fan_out.path(Sharded::Index, *number), found)))
    });
    let shards: Vec<(usize, Vec<StateProblem>)> = shards.into_iter().collect::<Result<_>>()?;
    let right: usize = shards.iter().map(|(right, _)| right).sum();
    problems.0.extend(shards.into_iter().flat_map(|(_, found)| found));
    if right < keys.len() {
        for (key, login) in keys {
            let path = fan_out.path_of(Sharded::Index, key);
            match view.line(&path, key) {
                Ok(None) => problems.add(&path, format!("{key} of {login} is missing")),
                Ok(Some(_)) => {}
                // That the shard itself is damaged was said already.
                Err(e) if e.kind == Kind::Damaged => {}
                Err(e) => return Err(e),
            }
        }
    }
    strays(view, Sharded::Index, problems)
}

/// Looks at every line of a shard; returns what is wrong.
pub(crate) fn each_line(
    view: &View,
    of: Sharded,
    number: u16,
    mut look: impl FnMut(&str, &str, &mut Vec<String>),
) -> Result<Vec<String>> {
    let fan_out = view.base.fan_out;
    let file = match view.file(&fan_out.path(of, number)) {
        Ok(Some(file)) => file,
        Ok(None) => return Ok(Vec::new()),
        Err(e) if e.kind == Kind::Damaged => return Ok(vec![e.message]),
        Err(e) => return Err(e),
    };
    let mut wrong = Vec::new();
    let mut last = "";
    for line in keyed_lines::iterate(file.body()) {
        let (token, value) = match line {
            Ok(line) => line,
            Err(bad) => {
                wrong.push(bad.0);
                continue;
            }
        };
        let Ok(key) = json::read::<String>(token) else {
            wrong.push(format!("{token} is no key"));
            continue;
        };
        if keyed_lines::token(&key) != token {
            wrong.push(format!("{token} is not written as mfactl writes it"));
        }
        if token <= last {
            wrong.push(format!("{key} is not in its place"));
        }
        if fan_out.shard(&key) != number {
            wrong.push(format!("{key} is in a shard of others"));
        }
        last = token;
        look(&key, value, &mut wrong);
    }
    Ok(wrong)
}

/// Files beside the shards.
pub(crate) fn strays(view: &View, of: Sharded, problems: &mut StateProblems) -> Result<()> {
    let fan_out = view.base.fan_out;
    let shards: BTreeSet<String> = (0..fan_out.shards()).map(|n| fan_out.path(of, n)).collect();
    for name in view.base.names(of.dir())? {
        let path = crate::store::format::layout::join(of.dir(), &name);
        if !shards.contains(&path) {
            problems.add(&path, "is no shard");
        }
    }
    Ok(())
}
