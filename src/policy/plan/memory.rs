//! A state in memory, for tests.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Arc;

use super::{Facts, Plan};
use crate::domain::ids::{Login, OrgId};
use crate::domain::model::{Operators, Org, OwnedText, PolicyOf, User};
use crate::domain::outcome::Object;
use crate::domain::scope::{Key, Needs, Scope};

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct World {
    pub(crate) users: BTreeMap<Login, User>,
    pub(crate) orgs: BTreeMap<OrgId, Org>,
    pub(crate) operators: Operators,
    pub(crate) owned: BTreeMap<(PolicyOf, String), OwnedText>,
}

impl Facts for World {
    type Error = Infallible;

    fn load(&self, needs: &Needs, scope: &mut Scope) -> Result<(), Infallible> {
        scope.operators = self.operators.clone();
        for login in &needs.users {
            let user = self.users.get(login).cloned().map(Arc::new);
            for org in user.iter().flat_map(|user| user.memberships.keys()) {
                scope.orgs.entry(org.clone()).or_insert_with(|| self.orgs.get(org).cloned());
            }
            scope.users.entry(login.clone()).or_insert(user);
        }
        for org in &needs.orgs {
            scope.orgs.entry(org.clone()).or_insert_with(|| self.orgs.get(org).cloned());
        }
        for key in &needs.keys {
            let owner = self.users.iter().find(|(_, user)| Key::of(user).any(|own| own == *key));
            scope.keys.insert(key.clone(), owner.map(|(login, _)| login.clone()));
        }
        if let Some(org) = &needs.admins_of {
            let admins = self.users.iter().filter(|(_, user)| user.is_active_admin_of(org));
            let admins = admins.map(|(login, user)| (login.clone(), user.clone())).collect();
            scope.admins.insert(org.clone(), admins);
        }
        Ok(())
    }

    fn each_member(
        &mut self,
        orgs: &BTreeSet<OrgId>,
        visit: &mut dyn FnMut(&Login, &User),
    ) -> Result<(), Infallible> {
        for (login, user) in &self.users {
            if user.memberships.keys().any(|org| orgs.contains(org)) {
                visit(login, user);
            }
        }
        Ok(())
    }

    fn owned(&self, policy: &PolicyOf) -> Result<BTreeMap<String, OwnedText>, Infallible> {
        let own = self.owned.iter().filter(|((of, _), _)| of == policy);
        Ok(own.map(|((_, entry), text)| (entry.clone(), text.clone())).collect())
    }
}

impl World {
    /// Commits a plan as the store would.
    pub(crate) fn commit(&mut self, plan: &Plan) {
        for object in plan.objects.clone() {
            match object {
                Object::User { login, before, after } => {
                    assert_eq!(self.users.get(&login), before.as_deref(), "{login} before");
                    match after {
                        Some(user) => self.users.insert(login, user.as_ref().clone()),
                        None => self.users.remove(&login),
                    };
                }
                Object::Org { id, before, after } => {
                    assert_eq!(self.orgs.get(&id), before.as_deref(), "{id} before");
                    match after {
                        Some(org) => self.orgs.insert(id, *org),
                        None => self.orgs.remove(&id),
                    };
                }
                Object::Owned { policy, entry, before, after } => {
                    let key = (policy, entry);
                    assert_eq!(self.owned.get(&key), before.as_ref(), "{key:?} before");
                    match after {
                        Some(text) => self.owned.insert(key, text),
                        None => self.owned.remove(&key),
                    };
                }
                other => panic!("a policy does not touch {other:?}"),
            }
        }
    }
}
