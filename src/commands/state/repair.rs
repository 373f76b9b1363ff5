//! `state repair`: what is damaged is made again, or an edit by hand becomes a
//! change like every other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use super::finish::finish;
use crate::cli::state as cli;
use crate::commands::Answer;
use crate::commands::change::Stage;
use crate::commands::session::Session;
use crate::domain::change::{Keep, OwnAccount};
use crate::domain::ids::{Login, OrgId};
use crate::domain::model::{OperatorRole, Operators, User};
use crate::domain::outcome::Object;
use crate::domain::scope::Key;
use crate::error::{Error, Kind, Result};
use crate::store::{Edited, View};

const ACTION: &str = "state.repair";

/// `state repair`.
pub(super) fn repair(session: &Session<'_>, args: &cli::RepairArgs) -> Result<Answer> {
    let accepted = args.accept.as_deref().map(|path| inside(session, path)).transpose()?;
    let (stage, wrong) = Stage::begin_repair(session, &args.change).map_err(beyond_repair)?;
    stage.permit_site()?;
    let files: BTreeSet<&str> = wrong.iter().map(|bad| bad.path.as_str()).collect();
    let mut objects = Vec::new();
    let mut summary = match files.len() {
        0 => "every file is what the chain says".to_owned(),
        1 => format!("{} is what the chain says again", Vec::from_iter(&files)[0]),
        count => format!("{count} files are what the chain says again"),
    };
    let read = |path| Ok::<_, Error>((path, stage.accept(path)?));
    let edited = accepted.as_deref().map(read).transpose()?;
    if let Some((path, edited)) = edited.filter(|(path, _)| files.contains(path)) {
        objects = Accepting { stage: &stage, path }.objects(edited)?;
        let count = objects.len();
        let s = if count == 1 { "" } else { "s" };
        summary = format!("{path} is accepted as it was edited: {count} object{s} changed");
    }
    if !files.is_empty() {
        let accepted = accepted.filter(|path| files.contains(path.as_str()));
        let after = json!({"files": files, "accepted": accepted});
        objects.insert(0, Object::State { what: "repair", before: Value::Null, after });
    }
    let own_account = OwnAccount::Refused;
    let keep = Keep { action: ACTION, summary, objects, warnings: Vec::new(), own_account };
    finish(session, stage, &keep)
}

/// Without the log and state.yaml nothing can be made again.
fn beyond_repair(error: Error) -> Error {
    let about = error.subject.as_deref().unwrap_or_default();
    if error.code != "damaged" || !(about == "state.yaml" || about.starts_with("audit")) {
        return error;
    }
    if format!("{:?}", error.hints).contains("restore") {
        return error;
    }
    error.words(
        "move the state directory away, and restore a backup with: mfactl state restore FILE",
    )
}

/// A path inside the state: as it stands in messages, or with the state directory before it.
fn inside(session: &Session<'_>, path: &Path) -> Result<String> {
    let relative = path.strip_prefix(session.dir()).unwrap_or(path);
    let text = relative.to_str().filter(|text| !text.starts_with('/'));
    text.map(str::to_owned).ok_or_else(|| {
        let shown = path.display();
        Error::usage(format!("{shown} is no file of the state: write it as in orgs/acme.yaml"))
    })
}

/// What an edit by hand changes, and whether it may.
struct Accepting<'a> {
    stage: &'a Stage<'a>,
    path: &'a str,
}

impl Accepting<'_> {
    fn objects(&self, edited: Edited) -> Result<Vec<Object>> {
        match edited {
            Edited::Operators(operators) => self.operators(operators),
            Edited::Org(id, org) => {
                let before = self.view().org(&id)?;
                Ok(match before.as_ref() == Some(&*org) {
                    true => Vec::new(),
                    false => vec![Object::org(&id, before.as_ref(), Some(*org))],
                })
            }
            Edited::Users(users, were) => self.users(users, were),
        }
    }

    fn view(&self) -> &View {
        self.stage.view()
    }

    fn refused(&self, why: String) -> Error {
        let message = format!("{} cannot be accepted: {why}", self.path);
        Error::new(Kind::Refused, "invalid-edit", message).about(self.path)
    }

    fn operators(&self, edited: Operators) -> Result<Vec<Object>> {
        let own = self.view().operators()?;
        let (is, to_be) = (&own.operators, edited.operators);
        if !to_be.values().any(|o| !o.service && o.roles.contains(&OperatorRole::SiteAdmin)) {
            return Err(self.refused("no site-admin would be left".to_owned()));
        }
        let mut objects = Vec::new();
        let names: BTreeSet<_> = is.keys().chain(to_be.keys()).collect();
        for name in names {
            let (before, after) = (is.get(name), to_be.get(name));
            if before == after {
                continue;
            }
            let entries = before.into_iter().chain(after);
            self.stage.actor().permit_other_entry(name, entries, &own)?;
            if let Some(person) = after.and_then(|operator| operator.person.as_ref())
                && self.view().owner(&Key::Id(person.clone()))?.is_none()
            {
                return Err(self.refused(format!("{name}: there is no user {person}")));
            }
            let (before, after) = (before.cloned(), after.cloned());
            objects.push(Object::Operator { name: name.clone(), before, after });
        }
        Ok(objects)
    }

    fn users(&self, mut edited: BTreeMap<Login, User>, were: Vec<Login>) -> Result<Vec<Object>> {
        let mut changed: BTreeMap<Login, (Option<User>, Option<User>)> = BTreeMap::new();
        for login in were {
            let (before, after) = (self.view().user(&login)?, edited.remove(&login));
            if before != after {
                changed.insert(login, (before, after));
            }
        }
        changed.extend(edited.into_iter().map(|(login, user)| (login, (None, Some(user)))));
        let operators = self.view().operators()?;
        let persons: BTreeSet<_> =
            operators.operators.values().filter_map(|o| o.person.as_ref()).collect();
        let mut keys: BTreeMap<String, &Login> = BTreeMap::new();
        let mut orgs: BTreeMap<&OrgId, bool> = BTreeMap::new();
        for (login, (before, after)) in &changed {
            for user in [before, after].into_iter().flatten() {
                self.stage.actor().permit_other(login, user, &operators)?;
            }
            if let Some(user) = before
                && persons.contains(&user.id)
                && after.as_ref().is_none_or(|after| after.id != user.id)
            {
                return Err(self.refused(format!("{login} is an operator's person")));
            }
            let Some(user) = after else { continue };
            for key in Key::of(user) {
                let owner = self.view().owner(&key)?;
                let freed = |owner: &Login| changed.contains_key(owner);
                let twin = keys.insert(key.to_string(), login).cloned();
                let other = twin.or(owner.filter(|owner| owner != login && !freed(owner)));
                if let Some(other) = other {
                    return Err(self.refused(format!("{login} and {other} both have {key}")));
                }
            }
            for org in user.memberships.keys() {
                let there = match orgs.get(org) {
                    Some(there) => *there,
                    None => self.view().org(org)?.is_some(),
                };
                orgs.insert(org, there);
                if !there {
                    return Err(self.refused(format!("{login}: there is no org {org}")));
                }
            }
        }
        Ok(changed
            .into_iter()
            .map(|(login, (before, after))| Object::user(&login, before.as_ref(), after))
            .collect())
    }
}
