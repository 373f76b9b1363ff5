//! The scope of a change: just the part of the state that it needs. A change
//! declares its [`Needs`]; whoever holds the state loads them; the change then
//! asks the [`Scope`] and cannot ask for anything else.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::ids::{Email, Login, OrgId, UserId};
use super::model::{Operators, Org, User};
use super::outcome::Object;

/// Fewer users than this are put into a scope one by one.
const MANY: usize = 256;

/// What a change needs to know. The orgs of every user named are always part of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needs {
    /// These users, there or not.
    pub users: BTreeSet<Login>,
    /// These orgs, there or not.
    pub orgs: BTreeSet<OrgId>,
    /// Whose these ids and addresses are, if anybody's.
    pub keys: Vec<Key>,
    /// The active users whose role in this org is admin (read from all users).
    pub admins_of: Option<OrgId>,
    /// Whether anybody is a member of this org or has an exception there that has not ended (read from all users).
    pub use_of: Option<OrgId>,
}

impl Needs {
    /// Adds the needs of another change.
    pub fn extend(&mut self, other: Needs) {
        self.users.extend(other.users);
        self.orgs.extend(other.orgs);
        self.keys.extend(other.keys);
        self.admins_of = self.admins_of.take().or(other.admins_of);
        self.use_of = self.use_of.take().or(other.use_of);
    }
}

/// A key under which a user is found besides the login.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// The stable id.
    Id(UserId),
    /// The lower-cased e-mail address.
    Mail(Arc<str>),
}

impl Key {
    /// The key of an address.
    pub fn mail(email: &Email) -> Key {
        Key::Mail(email.key())
    }

    /// The keys under which `user` is found.
    pub fn of(user: &User) -> impl Iterator<Item = Key> + '_ {
        std::iter::once(Key::Id(user.id.clone())).chain(user.email.as_ref().map(Key::mail))
    }

    /// `id:ID` or `mail:ADDRESS`, as in the index.
    pub fn text(&self) -> String {
        self.parts().concat()
    }

    /// The two parts of that text.
    pub fn parts(&self) -> [&str; 2] {
        match self {
            Key::Id(id) => ["id:", id.as_str()],
            Key::Mail(address) => ["mail:", address],
        }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text())
    }
}

/// The part of the state that was loaded. What is there with `None` was looked
/// for and is not in the state; what is not there was not asked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scope {
    /// Users by login.
    pub users: BTreeMap<Login, Option<Arc<User>>>,
    /// Orgs by id.
    pub orgs: BTreeMap<OrgId, Option<Org>>,
    /// Owners of keys.
    pub keys: HashMap<Key, Option<Login>>,
    /// All operators.
    pub operators: Operators,
    /// Active admins of orgs, by org.
    pub admins: BTreeMap<OrgId, BTreeMap<Login, User>>,
    /// How many members and unended exceptions an org has, by org.
    pub uses: BTreeMap<OrgId, OrgUse>,
}

/// What stands in the way of an org's removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OrgUse {
    /// Members, active or not.
    pub members: usize,
    /// Exceptions that cover it and have not ended.
    pub exceptions: usize,
}

impl Scope {
    /// The user, if there is one.
    ///
    /// # Panics
    /// Where the change did not declare this user among its needs: a bug in the change.
    pub fn user(&self, login: &Login) -> Option<&User> {
        self.users.get(login).expect("a change declares every user that it asks for").as_deref()
    }

    /// The same, not copied, for those who keep it.
    ///
    /// # Panics
    /// As [`Scope::user`].
    pub fn shared_user(&self, login: &Login) -> Option<Arc<User>> {
        self.users.get(login).expect("a change declares every user that it asks for").clone()
    }

    /// The org, if there is one.
    ///
    /// # Panics
    /// Where the change did not declare this org among its needs: a bug in the change.
    pub fn org(&self, id: &OrgId) -> Option<&Org> {
        self.orgs.get(id).expect("a change declares every org that it asks for").as_ref()
    }

    /// Who is found under `key`, if anybody.
    ///
    /// # Panics
    /// Where the change did not declare this key among its needs: a bug in the change.
    pub fn owner(&self, key: &Key) -> Option<&Login> {
        self.keys.get(key).expect("a change declares every key that it asks for").as_ref()
    }

    /// Forgets users and whose keys are whose; they are loaded again when they are needed.
    pub fn forget_people(&mut self) {
        self.users.clear();
        self.keys.clear();
    }

    /// Takes over what a change made, so that the next change of the same transaction sees it.
    pub fn absorb(&mut self, objects: &[Object]) {
        let mut users: Vec<(Login, Option<Arc<User>>)> = Vec::new();
        for object in objects {
            match object {
                Object::User { login, before, after } => {
                    self.absorb_keys(login, before.as_deref(), after.as_ref());
                    users.push((login.clone(), after.clone()));
                }
                Object::Org { id, after, .. } => {
                    self.orgs.insert(id.clone(), after.as_deref().cloned());
                }
                Object::Operator { name, after, .. } => {
                    match after {
                        Some(operator) => {
                            self.operators.operators.insert(name.clone(), operator.clone())
                        }
                        None => self.operators.operators.remove(name),
                    };
                }
                Object::Due { .. }
                | Object::Clock
                | Object::Secrets { .. }
                | Object::Owned { .. }
                | Object::Key
                | Object::State { .. } => {}
            }
        }
        self.absorb_users(users);
    }

    /// Users as they are now; of one who is there twice the later counts.
    fn absorb_users(&mut self, users: Vec<(Login, Option<Arc<User>>)>) {
        if users.len() < MANY {
            self.users.extend(users);
        } else {
            // In one go through both, instead of looking for each.
            self.users.append(&mut users.into_iter().collect());
        }
    }

    /// Under which keys a user is found now, and what that is an admin of.
    fn absorb_keys(&mut self, login: &Login, before: Option<&User>, after: Option<&Arc<User>>) {
        // Most changes leave the keys alone.
        let keeps = before.zip(after).is_some_and(|(a, b)| (&a.id, &a.email) == (&b.id, &b.email));
        if !keeps {
            for key in before.into_iter().flat_map(Key::of) {
                self.keys.insert(key, None);
            }
            for key in after.into_iter().flat_map(|user| Key::of(user)) {
                self.keys.insert(key, Some(login.clone()));
            }
        }
        for (org, admins) in &mut self.admins {
            match after.filter(|user| user.is_active_admin_of(org)) {
                Some(user) => admins.insert(login.clone(), user.as_ref().clone()),
                None => admins.remove(login),
            };
        }
    }
}
