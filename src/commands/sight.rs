//! Users, orgs and exceptions by name, as far as the actor may see them. What they may not see
//! is not found.

use std::collections::BTreeMap;

use crate::domain::ids::{ExceptionId, Login, OrgId, UserRef};
use crate::domain::model::{Exception, Org, User};
use crate::domain::refusal::Refusal;
use crate::domain::rights::Actor;
use crate::domain::scope::Key;
use crate::error::Result;
use crate::store::{Sought, View};

/// The login that a reference means. An id or an address of an account out of sight is not
/// found. A login is returned as it was typed: it tells nothing new.
///
/// # Errors
/// Not found (4).
pub(super) fn login(view: &View, actor: &Actor, user: &UserRef) -> Result<Login> {
    let key = match user {
        UserRef::Login(login) => return Ok(login.clone()),
        UserRef::Id(id) => Key::Id(id.clone()),
        UserRef::Mail(mail) => Key::mail(mail),
    };
    Ok(seen_owner(view, actor, &key)?.ok_or_else(|| Refusal::missing_user(user))?)
}

/// The login of the account that has this key, if it is in the actor's sight.
pub(super) fn seen_owner(view: &View, actor: &Actor, key: &Key) -> Result<Option<Login>> {
    let Some(login) = view.owner(key)? else { return Ok(None) };
    let is_seen =
        actor.reads_everything() || view.user(&login)?.is_some_and(|user| actor.sees(&user));
    Ok(is_seen.then_some(login))
}

/// An account that somebody named, if it is in the actor's sight.
///
/// # Errors
/// Not found (4).
pub(super) fn seen_user(view: &View, actor: &Actor, user: &UserRef) -> Result<(Login, User)> {
    let login = login(view, actor, user)?;
    let found = view.user(&login)?.filter(|user| actor.sees(user));
    let found = found.ok_or_else(|| Refusal::missing_user(user))?;
    Ok((login, found))
}

/// An org that somebody named, if it is in the actor's sight.
///
/// # Errors
/// Not found (4).
pub(super) fn seen_org(view: &View, actor: &Actor, id: &OrgId) -> Result<Org> {
    let org = view.org(id)?.filter(|_| actor.sees_org(id));
    Ok(org.ok_or_else(|| Refusal::missing_org(id))?)
}

/// The orgs that are asked for and that the reader may see.
pub(super) fn seen_orgs(
    view: &View,
    actor: &Actor,
    named: &[OrgId],
) -> Result<BTreeMap<OrgId, Org>> {
    if named.is_empty() {
        let mut orgs = view.orgs()?;
        orgs.retain(|id, _| actor.sees_org(id));
        return Ok(orgs);
    }
    let mut orgs = BTreeMap::new();
    for id in named {
        orgs.insert(id.clone(), seen_org(view, actor, id)?);
    }
    Ok(orgs)
}

/// One exception in sight, of the line of its user or, where it ended long ago, of the log.
///
/// # Errors
/// Not found (4).
pub(super) fn seen_exception(view: &View, actor: &Actor, id: &ExceptionId) -> Result<Exception> {
    let missing = |sees_user| Refusal::missing_exception(id, sees_user);
    let user =
        view.user(&id.login)?.filter(|user| actor.sees(user)).ok_or_else(|| missing(false))?;
    let exception = match user.exceptions.get(&id.number) {
        Some(exception) => Some(exception.clone()),
        None => {
            let mut sought = Sought::default();
            sought.add(&id.login, &user, |number| number == id.number);
            view.moved_out(sought)?.pop().map(|moved| moved.exception)
        }
    };
    Ok(exception.filter(|it| actor.sees_exception(it)).ok_or_else(|| missing(true))?)
}

/// Whether the policy for people is looked at: where no org is named, for who reads everything.
pub(super) fn with_people(orgs: &[OrgId], actor: &Actor) -> bool {
    orgs.is_empty() && actor.reads_everything()
}
