//! The index and the calendar of ends, made again from the users.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::due;
use crate::domain::ids::Login;
use crate::domain::model::User;
use crate::domain::scope::Key;
use crate::error::Result;
use crate::store::base::bad_line;
use crate::store::digest::Digest;
use crate::store::layout::{self, Sharded};
use crate::store::view::{parse_line, parse_user};
use crate::store::{View, lines};

use super::What;

type Lines = BTreeMap<String, String>;

/// The bodies of the files of the index and the calendar among `todo`; an empty
/// one stands for a file that is not there.
pub(super) fn bodies<'a>(
    view: &View,
    todo: &BTreeMap<&'a str, (What, Digest)>,
) -> Result<Vec<(&'a str, String)>> {
    let mut files: BTreeMap<&'a str, Lines> = BTreeMap::new();
    for (path, (what, _)) in todo {
        if matches!(what, What::Index(_) | What::Due) {
            files.insert(path, Lines::new());
        }
    }
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let recorded = recorded(view)?;
    each_user(view, |login, user| {
        for key in Key::of(user) {
            let key = key.to_string();
            let path = view.base.fan_out.path_of(Sharded::Index, &key);
            if let Some(lines) = files.get_mut(path.as_str()) {
                lines.insert(lines::token(&key), lines::token(login.as_str()));
            }
        }
        for (key, entry) in due::entries(login, user) {
            let path = layout::due(&key.page).unwrap_or_default();
            if let Some(lines) = files.get_mut(path.as_str())
                && !recorded.contains(&key.to_string())
            {
                let value = serde_json::to_string(&entry).expect("state types are plain data");
                lines.insert(lines::token(&key.entry), value);
            }
        }
    })?;
    let body = |lines: Lines| {
        let mut body = String::new();
        lines.iter().for_each(|(token, value)| lines::push(&mut body, token, value));
        body
    };
    Ok(files.into_iter().map(|(path, lines)| (path, body(lines))).collect())
}

/// Entries of the calendar whose end was recorded: they are gone for good.
fn recorded(view: &View) -> Result<BTreeSet<String>> {
    let mut recorded = BTreeSet::new();
    for record in view.records() {
        for detail in record?.details() {
            let detail = detail?;
            if detail.object == "due" {
                recorded.insert(detail.key);
            }
        }
    }
    Ok(recorded)
}

/// Every user, from shards that were made again where they had to be.
fn each_user(view: &View, mut each: impl FnMut(&Login, &User)) -> Result<()> {
    for number in 0..view.base.fan_out.shards() {
        let path = view.base.fan_out.path(Sharded::Users, number);
        let Some(file) = view.base.read_file(&path)? else { continue };
        for line in lines::iterate(file.body()) {
            let (token, value) = line.map_err(|bad| bad_line(&path, bad))?;
            let login: Login = parse_line(&path, token, token)?;
            each(&login, &parse_user(&path, login.as_str(), value)?);
        }
    }
    Ok(())
}
