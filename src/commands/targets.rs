//! Which users a bulk verb acts on: named, from a file, or by what is true of them.

use std::collections::HashSet;

use crate::cli::Many;
use crate::cli::value::Where;
use crate::domain::ids::{Login, UserRef};
use crate::domain::model::{EnrolmentStatus, SignIn, Switch, User};
use crate::domain::rights::Actor;
use crate::error::{Error, Result};
use crate::signals::may_stop;
use crate::store::{UserLine, View};

use super::session::{LARGEST_TEXT, Session};

/// A bulk change of more users than this asks first.
const ASK_ABOVE: usize = 20;

/// The users that a bulk verb acts on, each once, in the order named.
///
/// # Errors
/// A file that cannot be read or is malformed (2), what reading the state says.
pub(super) fn targets(
    session: &Session<'_>,
    many: &Many,
    verb: &str,
    dry: bool,
) -> Result<Vec<UserRef>> {
    let named = match (&many.options.from_file, &many.options.filter) {
        (Some(path), _) => {
            let text = may_stop(|| session.read_text(path, LARGEST_TEXT))?;
            from_text(&text, &path.display().to_string())?
        }
        (None, Some(filter)) => chosen(session, filter)?,
        (None, None) => many.users.clone(),
    };
    let mut seen = HashSet::new();
    let once: Vec<UserRef> =
        named.into_iter().filter(|user| seen.insert(user.to_string())).collect();
    if once.len() > ASK_ABOVE && !dry {
        session.confirm(&format!("{verb} {} users?", once.len()))?;
    }
    Ok(once)
}

/// Whether all conditions hold.
pub(super) fn holds(filter: &Where, user: &User) -> bool {
    filter.org.as_ref().is_none_or(|org| user.memberships.contains_key(org))
        && account_holds(filter, user.active, user.sign_in, user.mfa, user.enrolment.status())
}

/// Whether all conditions hold that can be told at a glance: the org cannot.
pub(super) fn may_hold(filter: &Where, line: &UserLine<'_>) -> bool {
    account_holds(filter, line.is_active(), line.sign_in(), line.mfa(), line.enrolment())
}

fn account_holds(
    filter: &Where,
    is_active: bool,
    signs_in: SignIn,
    switch: Switch,
    enrolled: EnrolmentStatus,
) -> bool {
    let Where { org: _, mfa, enrolment, sign_in, active } = filter;
    mfa.is_none_or(|mfa| switch == mfa)
        && enrolment.is_none_or(|status| enrolled == status)
        && sign_in.is_none_or(|sign_in| signs_in == sign_in)
        && active.is_none_or(|active| is_active == active)
}

fn chosen(session: &Session<'_>, filter: &Where) -> Result<Vec<UserRef>> {
    let store = session.store()?;
    let mut view = store.view()?;
    let (actor, _) = session.actor(&view.operators()?)?;
    let mut chosen = matching(session, &mut view, filter, &actor)?;
    chosen.sort();
    Ok(chosen.into_iter().map(UserRef::Login).collect())
}

fn matching(
    session: &Session<'_>,
    view: &mut View,
    filter: &Where,
    actor: &Actor,
) -> Result<Vec<Login>> {
    let progress = session.reading();
    let (conditions, passed_over) = (filter.clone(), progress.clone());
    let scan = view.scan()?.unnamed().only(move |line| {
        let may = may_hold(&conditions, line);
        if !may {
            passed_over.one();
        }
        may
    });
    view.release();
    let found = scan.flat_map(|login, user| {
        progress.one();
        // Who is a member of an org out of sight is not told.
        let sees_org = filter.org.as_ref().is_none_or(|org| actor.sees_org(org));
        (actor.sees(&user) && sees_org && holds(filter, &user)).then_some(login)
    });
    found.collect()
}

/// One user a line, or CSV whose header names a column `user` or `login`.
fn from_text(text: &str, path: &str) -> Result<Vec<UserRef>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut column = 0;
    let mut found = Vec::new();
    for (index, row) in reader.records().enumerate() {
        let row = row.map_err(|e| Error::usage(format!("{path}: {e}")).about(path))?;
        let line = row.position().map_or(0, csv::Position::line);
        if index == 0
            && let Some(at) = row.iter().position(|cell| cell == "user" || cell == "login")
        {
            column = at;
            continue;
        }
        let cell = row.get(column).unwrap_or_default();
        let user = cell
            .parse()
            .map_err(|e| Error::usage(format!("{path}, line {line}: {e}")).about(path))?;
        found.push(user);
    }
    if found.is_empty() {
        return Err(Error::usage(format!("{path} names no user")).about(path));
    }
    Ok(found)
}
