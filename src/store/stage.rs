//! What a transaction has staged, in compact form: a million users of an
//! import are kept as their lines, not as values.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::due::DueKey;
use crate::domain::ids::{Login, OperatorName, OrgId};
use crate::domain::model::{PolicyOf, User};
use crate::domain::outcome::Object;
use crate::domain::scope::Key;
use crate::error::{Error, Kind, Result};
use crate::secret::seal::Sealed as SealedText;

use super::digest::Digest;
use super::prune;

/// One object, before the first change of it and after the last, as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Staged {
    /// Before; `None`: it is new.
    pub(super) before: Option<Box<str>>,
    /// After; `None`: it goes.
    pub(super) after: Option<Box<str>>,
    /// What it is about, where that is not its key.
    pub(super) subject: Option<Box<str>>,
}

impl Staged {
    /// An object as it is staged.
    fn of(subject: Option<&str>, object: &Object) -> Staged {
        let (before, after) = match object {
            Object::User { before, after, .. } => (json(before.as_deref()), json(after.as_deref())),
            Object::Org { before, after, .. } => (json(before.as_ref()), json(after.as_ref())),
            Object::Operator { before, after, .. } => (json(before.as_ref()), json(after.as_ref())),
            Object::Due { was, .. } => (json(Some(was)), None),
            Object::Owned { before, after, .. } => (before.clone(), after.clone()),
            Object::Clock | Object::Key | Object::Secrets { .. } => (None, None),
            Object::State { before, after, .. } => (json(Some(before)), json(Some(after))),
        };
        let key = object.key();
        let subject = subject.filter(|subject| *subject != key).map(Into::into);
        Staged { before, after, subject }
    }

    /// Takes over a later change of the same object.
    fn fold(&mut self, later: Staged) {
        self.after = later.after;
        if self.subject != later.subject {
            // Two things happened to it: it is about the object itself.
            self.subject = None;
        }
    }

    /// The object after all changes.
    pub(super) fn after<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        parse(self.after.as_deref())
    }

    /// The object before all changes.
    pub(super) fn before<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        parse(self.before.as_deref())
    }
}

fn json<T: Serialize>(object: Option<&T>) -> Option<Box<str>> {
    object.map(|object| serde_json::to_string(object).expect("state types are plain data").into())
}

fn parse<T: DeserializeOwned>(json: Option<&str>) -> Result<Option<T>> {
    let read = json.map(serde_json::from_str).transpose();
    read.map_err(|e| Error::new(Kind::Bug, "bug", format!("what was staged cannot be read: {e}")))
}

/// A user staged.
pub(super) struct StagedUser {
    /// The login.
    pub(super) login: Login,
    /// The change.
    pub(super) change: Staged,
}

/// Something that happened to what is not shown: its name alone is recorded.
pub(super) struct StagedNote {
    /// `clock`, `key` or `secrets`.
    pub(super) object: &'static str,
    /// Its key among those of its kind.
    pub(super) key: String,
    /// What it is about, where that is not its key.
    pub(super) subject: Option<String>,
    /// The orgs concerned.
    pub(super) orgs: BTreeSet<OrgId>,
}

/// All that is staged.
#[derive(Default)]
pub(super) struct Stage {
    /// Users, in the order of their first change.
    pub(super) users: Vec<StagedUser>,
    by_login: HashMap<Login, u32>,
    /// Keys given (to the user of that number) and taken away.
    pub(super) keys: HashMap<Key, Option<u32>>,
    /// Orgs.
    pub(super) orgs: BTreeMap<OrgId, Staged>,
    /// Operators.
    pub(super) operators: BTreeMap<OperatorName, Staged>,
    /// What policies own of people, by policy and entry.
    pub(super) owned: BTreeMap<(PolicyOf, String), Staged>,
    /// Entries of the calendar of ends that go.
    pub(super) due: BTreeMap<DueKey, Staged>,
    /// Lines of `secrets/`, by login.
    pub(super) secrets: BTreeMap<Login, Option<String>>,
    /// Evidence, by SHA-256.
    pub(super) evidence: BTreeMap<String, Vec<u8>>,
    /// The check value of a new sealing key.
    pub(super) key_check: Option<SealedText>,
    /// Changes of which the record tells no more than that they were made.
    pub(super) notes: Vec<StagedNote>,
    /// What was done to the state as a whole, by act.
    pub(super) state: BTreeMap<&'static str, Staged>,
    /// Files that the chain knows and nobody has any more: the hash that it has for them.
    pub(super) lost: BTreeMap<String, Digest>,
    /// Files that were made again, with the hash that the chain has for them.
    pub(super) rewritten: BTreeMap<String, Option<Digest>>,
    /// Details that are erased.
    pub(super) pruned: Option<prune::Plan>,
}

impl Stage {
    /// Whether nothing is staged.
    pub(super) fn is_empty(&self) -> bool {
        self.users.is_empty()
            && self.orgs.is_empty()
            && self.operators.is_empty()
            && self.owned.is_empty()
            && self.due.is_empty()
            && self.secrets.is_empty()
            && self.evidence.is_empty()
            && self.key_check.is_none()
            && self.notes.is_empty()
            && self.state.is_empty()
            && self.lost.is_empty()
            && self.rewritten.is_empty()
            && self.pruned.is_none()
    }

    /// Stages objects; those of one key fold.
    pub(super) fn add(&mut self, subject: Option<&str>, objects: &[Object]) -> Result<()> {
        // Writing the JSON is most of the work.
        let changes: Vec<Staged> = if objects.len() < super::MANY {
            objects.iter().map(|object| Staged::of(subject, object)).collect()
        } else {
            objects.par_iter().map(|object| Staged::of(subject, object)).collect()
        };
        for (object, change) in objects.iter().zip(changes) {
            match object {
                Object::User { login, before, after } => {
                    self.add_user(login, before.as_deref(), after.as_deref(), change)?;
                }
                Object::Org { id, .. } => fold_into(&mut self.orgs, id.clone(), change),
                Object::Operator { name, .. } => {
                    fold_into(&mut self.operators, name.clone(), change);
                }
                Object::Owned { policy, entry, .. } => {
                    fold_into(&mut self.owned, (policy.clone(), entry.clone()), change);
                }
                Object::Due { key, .. } => {
                    self.due.entry(key.clone()).or_insert(change);
                }
                Object::Clock | Object::Key => {
                    self.note(object.kind(), object.key(), subject, &BTreeSet::new());
                }
                Object::Secrets { orgs, .. } => self.note("secrets", object.key(), subject, orgs),
                Object::State { what, .. } => {
                    self.state.insert(what, change);
                }
            }
        }
        Ok(())
    }

    fn note(
        &mut self,
        object: &'static str,
        key: String,
        subject: Option<&str>,
        orgs: &BTreeSet<OrgId>,
    ) {
        let subject = subject.filter(|subject| *subject != key).map(str::to_owned);
        self.notes.push(StagedNote { object, key, subject, orgs: orgs.clone() });
    }

    fn add_user(
        &mut self,
        login: &Login,
        before: Option<&User>,
        after: Option<&User>,
        change: Staged,
    ) -> Result<()> {
        let number = match self.by_login.get(login) {
            Some(number) => {
                self.users[*number as usize].change.fold(change);
                *number
            }
            None => {
                let number = u32::try_from(self.users.len())
                    .map_err(|_| Error::new(Kind::Bug, "bug", "too many users in one change"))?;
                self.users.push(StagedUser { login: login.clone(), change });
                self.by_login.insert(login.clone(), number);
                number
            }
        };
        let was: Vec<Key> = before.into_iter().flat_map(Key::of).collect();
        let is: Vec<Key> = after.into_iter().flat_map(Key::of).collect();
        for key in was.iter().filter(|key| !is.contains(key)) {
            // Another may have taken it over already.
            let owner = self.keys.entry(key.clone()).or_insert(None);
            if *owner == Some(number) {
                *owner = None;
            }
        }
        // A key that stays needs no look at its shard.
        for key in is.into_iter().filter(|key| !was.contains(key)) {
            self.keys.insert(key, Some(number));
        }
        Ok(())
    }

    /// The user, if staged.
    pub(super) fn user(&self, login: &Login) -> Option<&StagedUser> {
        self.by_login.get(login).map(|number| &self.users[*number as usize])
    }

    /// Whose the key is, if that is staged.
    pub(super) fn owner(&self, key: &Key) -> Option<Option<&Login>> {
        let owner = self.keys.get(key)?;
        Some(owner.map(|number| &self.users[number as usize].login))
    }
}

fn fold_into<K: Ord>(map: &mut BTreeMap<K, Staged>, key: K, change: Staged) {
    match map.entry(key) {
        std::collections::btree_map::Entry::Vacant(place) => {
            place.insert(change);
        }
        std::collections::btree_map::Entry::Occupied(mut place) => place.get_mut().fold(change),
    }
}
