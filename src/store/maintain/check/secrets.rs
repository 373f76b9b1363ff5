//! What is kept sealed, and what changes at sign-ins: each line in its form, and
//! exactly for those whose accounts say that there is something.

use std::collections::BTreeSet;

use crate::domain::ids::{Login, UserId};
use crate::domain::model::User;
use crate::error::{Kind, Result};
use crate::secret::ids::EnrolmentId;
use crate::secret::line::UserSecrets;
use crate::store::format::layout::Sharded;
use crate::store::format::{json, layout};
use crate::store::write::secrets::has_current;
use crate::store::{View, signin};

use super::shards::{each_line, problems_in, strays};
use super::{StateProblems, Users};

/// What an account says about its own secrets.
pub(crate) struct AccountSecrets {
    id: UserId,
    current: bool,
    pending: bool,
}

impl AccountSecrets {
    /// That of `user`, if there is something.
    pub(crate) fn of(user: &User) -> Option<AccountSecrets> {
        let (current, pending) = (has_current(&user.enrolment), user.enrolment.pending.is_some());
        (current || pending).then(|| AccountSecrets { id: user.id.clone(), current, pending })
    }
}

/// Compares `secrets/` and `signin/` with the accounts.
pub(crate) fn secrets(view: &View, users: &Users, problems: &mut StateProblems) -> Result<()> {
    let factors = &users.factors;
    if view.base.disk.leaves_out(layout::SECRETS) {
        return Ok(());
    }
    let mut there = BTreeSet::new();
    let mut current: Vec<(UserId, EnrolmentId)> = Vec::new();
    for number in 0..view.base.fan_out.shards() {
        let path = view.base.fan_out.path(Sharded::Secrets, number);
        let found = each_line(view, Sharded::Secrets, number, |key, value, wrong| {
            let secrets: UserSecrets = match json::read(value) {
                Ok(secrets) => secrets,
                Err(e) => return wrong.push(format!("{key}: {e}")),
            };
            let login = Login::parse(key).ok();
            let Some((login, factor)) =
                login.as_ref().and_then(|login| factors.get_key_value(login))
            else {
                if login.is_some_and(|login| !users.knows(view, &login)) {
                    return;
                }
                return wrong.push(format!("{key}: no user has secrets under this login"));
            };
            if factor.current != secrets.current.is_some() {
                wrong.push(format!("{key}: the account says something else of its enrolment"));
            }
            if factor.pending != secrets.pending.is_some() {
                wrong.push(format!("{key}: the account says something else of what is pending"));
            }
            current.extend(secrets.current.map(|totp| (factor.id.clone(), totp.id)));
            there.insert(login.clone());
        })?;
        problems.0.extend(problems_in(&path, found));
    }
    for login in factors.keys().filter(|login| !there.contains(*login)) {
        let path = view.base.fan_out.path_of(Sharded::Secrets, login.as_str());
        problems.add(&path, format!("{login} is missing"));
    }
    for (user, enrolment) in current {
        let path = format!("{}.yaml", layout::signin(user.as_str()));
        if view.base.disk.leaves_out(layout::SIGNIN) {
            break;
        }
        match signin::read_state(&*view.base.disk, &user, &enrolment) {
            Ok(Some(_)) => {}
            Ok(None) => problems.add(&path, format!("{user} has no line for its enrolment")),
            Err(e) if e.kind == Kind::Damaged => problems.add(&path, e.message),
            Err(e) => return Err(e),
        }
    }
    strays(view, Sharded::Secrets, problems)
}
