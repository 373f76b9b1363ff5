//! Who is locked out by wrong codes now. This is kept outside the chain of revisions: it has no
//! past, and is read after what has one.

use std::collections::BTreeMap;

use crate::commands::session::Session;
use crate::domain::ids::OrgId;
use crate::domain::model::Org;
use crate::domain::rights::Actor;
use crate::domain::scope::Key;
use crate::error::Result;
use crate::signin::LocalFactor;

/// People locked out, counted.
#[derive(Default)]
pub(super) struct LockOuts {
    by_org: BTreeMap<OrgId, u64>,
    people: u64,
}

impl LockOuts {
    /// Members of this org.
    pub(super) fn in_org(&self, org: &OrgId) -> u64 {
        self.by_org.get(org).copied().unwrap_or(0)
    }

    /// Everybody, once.
    pub(super) fn people(&self) -> u64 {
        self.people
    }
}

/// Counts who is locked out, of those in the actor's sight.
pub(super) fn count(
    session: &Session<'_>,
    actor: &Actor,
    orgs: &BTreeMap<OrgId, Org>,
) -> Result<LockOuts> {
    let store = session.store()?;
    let locked = store.signin_locks()?;
    let mut found = LockOuts::default();
    if locked.is_empty() {
        return Ok(found);
    }
    let (view, now) = (store.view()?, session.clock());
    for id in locked {
        // Lines of accounts that are gone, and of enrolments that were replaced, stay.
        let Some(login) = view.owner(&Key::Id(id))? else { continue };
        let Some(user) = view.user(&login)?.filter(|user| actor.sees(user)) else { continue };
        let factor = LocalFactor::read(&view, &login, &user)?;
        if factor.and_then(|factor| factor.locked_until(now)).is_none() {
            continue;
        }
        found.people += 1;
        for org in user.memberships.keys().filter(|org| orgs.contains_key(*org)) {
            *found.by_org.entry(org.clone()).or_default() += 1;
        }
    }
    Ok(found)
}
