//! What a transaction has staged: each object as it was before its first change and as it is
//! after its last, who owns the keys that change hands, secrets, and files that are replaced
//! as a whole.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::due;
use crate::domain::ids::{Login, OrgId};
use crate::domain::model::User;
use crate::domain::outcome::{Object, ObjectKey};
use crate::domain::scope::Key;
use crate::domain::time::Time;
use crate::error::{Error, Kind, Result};
use crate::parallel;
use crate::secret::seal::Sealed as SealedText;
use crate::store::format::digest::Digest;

/// Files that the chain names and a backup leaves out: sealed secrets.
#[derive(Debug, Default)]
pub struct Lost(pub(crate) BTreeMap<String, Digest>);

/// One object. It is kept as JSON: an import stages a million users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Staged {
    /// Before the first change; `None`: it is new.
    pub(crate) before: Option<Box<str>>,
    /// After the last change; `None`: it goes.
    pub(crate) after: Option<Box<str>>,
    /// What it is about, where that is not its key.
    pub(crate) subject: Option<Box<str>>,
    /// The orgs concerned, sorted.
    pub(crate) orgs: Box<[OrgId]>,
    /// Whether the calendar has entries of it, before or after.
    pub(crate) ends: bool,
}

impl Staged {
    fn of(key: &ObjectKey, subject: Option<&str>, object: &Object) -> Staged {
        fn json<T: Serialize>(object: Option<&T>) -> Option<Box<str>> {
            let json = serde_json::to_string(object?).expect("state types are plain data");
            Some(json.into())
        }
        let mut ends = false;
        let (before, after) = match object {
            Object::User { login, before, after } => {
                let users = before.iter().chain(after);
                ends = users.into_iter().any(|user| !due::entries(login, user).is_empty());
                (json(before.as_deref()), json(after.as_deref()))
            }
            Object::Org { before, after, .. } => (json(before.as_ref()), json(after.as_ref())),
            Object::Operator { before, after, .. } => (json(before.as_ref()), json(after.as_ref())),
            Object::Due { was, .. } => (json(Some(was)), None),
            Object::Owned { before, after, .. } => (before.clone(), after.clone()),
            Object::State { before, after, .. } => (json(Some(before)), json(Some(after))),
            Object::Clock | Object::Key | Object::Secrets { .. } => (None, None),
        };
        let subject = subject.filter(|subject| *subject != key.to_string()).map(Into::into);
        Staged { before, after, subject, orgs: object.orgs().into_iter().collect(), ends }
    }

    /// Takes over a later change of the same object.
    fn fold(&mut self, later: Staged) {
        self.after = later.after;
        if self.subject != later.subject {
            // Two things happened to it: it is about the object itself.
            self.subject = None;
        }
        if self.orgs != later.orgs {
            let mut orgs = [&*self.orgs, &*later.orgs].concat();
            orgs.sort_unstable();
            orgs.dedup();
            self.orgs = orgs.into();
        }
        self.ends |= later.ends;
    }

    /// The object after all changes.
    pub(crate) fn after<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        parse(self.after.as_deref())
    }

    /// The object before all changes.
    pub(crate) fn before<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        parse(self.before.as_deref())
    }
}

fn parse<T: DeserializeOwned>(json: Option<&str>) -> Result<Option<T>> {
    json.map(serde_json::from_str).transpose().map_err(unreadable)
}

/// The error of staged JSON that cannot be read.
pub(crate) fn unreadable(error: serde_json::Error) -> Error {
    Error::new(Kind::Bug, "bug", format!("a staged object cannot be read: {error}"))
}

/// What becomes of a file, whatever the objects in it.
pub(crate) enum StagedFile {
    /// A new file of evidence.
    Evidence(Vec<u8>),
    /// It is removed; the log knows it by this hash.
    Removed(Digest),
    /// It is written as the transaction reads it, where no object in it changes; the log knows
    /// it by this hash.
    Rebuilt(Option<Digest>),
    /// Only these bytes of it stay.
    Cut(Vec<Range<u64>>),
}

/// Everything staged.
#[derive(Default)]
pub(crate) struct Stage {
    /// The objects that change.
    pub(crate) objects: BTreeMap<ObjectKey, Staged>,
    /// The new owners of ids and addresses; `None`: nobody.
    pub(crate) keys: HashMap<Key, Option<Login>>,
    /// Lines of `secrets/`, by login.
    pub(crate) secrets: BTreeMap<Login, Option<String>>,
    /// The check value of a new encryption key.
    pub(crate) key_check: Option<SealedText>,
    /// Files, by path.
    pub(crate) files: BTreeMap<String, StagedFile>,
    /// After the commit, the log of sign-ins before this and the sign-in lines of users who no
    /// longer exist are removed.
    pub(crate) prune_signins: Option<Time>,
}

impl Stage {
    /// Whether there is nothing to record.
    pub(crate) fn is_empty(&self) -> bool {
        self.objects.is_empty()
            && self.secrets.is_empty()
            && self.key_check.is_none()
            && self.files.is_empty()
    }

    /// Stages objects in order; changes of one object are folded.
    ///
    /// # Errors
    /// A bug (70) if two users get the same id or address.
    pub(crate) fn add(&mut self, subject: Option<&str>, objects: &[Object]) -> Result<()> {
        // Writing the JSON is most of the work.
        let staged = parallel::map_slice(objects, |object| {
            let key = object.key();
            let staged = Staged::of(&key, subject, object);
            (key, staged)
        });
        for ((key, staged), object) in staged.into_iter().zip(objects) {
            if let Object::User { login, before, after } = object {
                self.move_keys(login, before.as_deref(), after.as_deref())?;
            }
            match self.objects.entry(key) {
                Entry::Vacant(place) => drop(place.insert(staged)),
                Entry::Occupied(mut place) => place.get_mut().fold(staged),
            }
        }
        Ok(())
    }

    /// Moves the keys of a user from what they were to what they are.
    fn move_keys(
        &mut self,
        login: &Login,
        before: Option<&User>,
        after: Option<&User>,
    ) -> Result<()> {
        let keys = |user: Option<&User>| user.into_iter().flat_map(Key::of).collect::<Vec<Key>>();
        let (was, is) = (keys(before), keys(after));
        for key in was.iter().filter(|key| !is.contains(key)) {
            let owner = self.keys.entry(key.clone()).or_default();
            // Another user may have it by now.
            owner.take_if(|owner| owner == login);
        }
        for key in is.into_iter().filter(|key| !was.contains(key)) {
            let owner = self.keys.entry(key.clone()).or_default();
            if owner.replace(login.clone()).is_some_and(|owner| owner != *login) {
                return Err(Error::new(Kind::Bug, "bug", format!("{key} is staged twice")));
            }
        }
        Ok(())
    }

    /// The users who change, by login.
    pub(crate) fn users(&self) -> impl Iterator<Item = (&Login, &Staged)> {
        self.objects.iter().filter_map(|(key, staged)| match key {
            ObjectKey::User(login) => Some((login, staged)),
            _ => None,
        })
    }

    /// The user, if staged.
    pub(crate) fn user(&self, login: &Login) -> Option<&Staged> {
        self.objects.get(&ObjectKey::User(login.clone()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::domain::ids::UserId;

    use super::*;

    fn user(id: &str) -> Arc<User> {
        let json = format!(
            r#"{{"id":"{id}","sign_in":"password","active":true,"mfa":"off","memberships":{{}}}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    fn change(login: &str, before: Option<&str>, after: Option<&str>) -> Object {
        let login = Login::parse(login).unwrap();
        Object::User { login, before: before.map(user), after: after.map(user) }
    }

    type Change = (String, Option<String>, Option<String>);

    fn staged(stage: &Stage) -> Vec<Change> {
        let id = |user: Option<User>| user.map(|user| user.id.to_string());
        let one = |(login, staged): (&Login, &Staged)| {
            (login.to_string(), id(staged.before().unwrap()), id(staged.after().unwrap()))
        };
        stage.users().map(one).collect()
    }

    fn is(login: &str, before: Option<&str>, after: Option<&str>) -> Change {
        (login.to_owned(), before.map(str::to_owned), after.map(str::to_owned))
    }

    #[test]
    fn changes_of_one_user_fold_whether_they_come_at_once_or_not() {
        let (first, second) = (change("a", Some("x"), Some("y")), change("a", Some("y"), None));
        let mut at_once = Stage::default();
        at_once.add(None, &[first.clone(), second.clone()]).unwrap();
        let mut apart = Stage::default();
        apart.add(None, &[first]).unwrap();
        apart.add(None, &[second]).unwrap();
        for stage in [at_once, apart] {
            assert_eq!(staged(&stage), [is("a", Some("x"), None)]);
        }
    }

    #[test]
    fn a_new_user_takes_the_login_that_a_rename_left() {
        let mut stage = Stage::default();
        stage.add(None, &[change("a", Some("x"), None), change("b", None, Some("x"))]).unwrap();
        stage.add(Some("a"), &[change("a", None, Some("y"))]).unwrap();
        assert_eq!(staged(&stage), [is("a", Some("x"), Some("y")), is("b", None, Some("x"))]);
    }

    #[test]
    fn an_object_concerns_the_orgs_of_all_its_changes() {
        let object = |orgs: &[&str]| {
            let orgs = orgs.iter().map(|org| OrgId::parse(org).unwrap()).collect();
            Object::Secrets { login: Login::parse("a").unwrap(), orgs }
        };
        let mut stage = Stage::default();
        stage.add(None, &[object(&["b", "c"]), object(&["a", "b"])]).unwrap();
        let orgs: Vec<&str> =
            stage.objects.values().flat_map(|one| one.orgs.iter().map(OrgId::as_str)).collect();
        assert_eq!(orgs, ["a", "b", "c"]);
    }

    #[test]
    fn whose_a_key_is_follows_every_change() {
        let key = |id: &str| Key::Id(UserId::parse(id).unwrap());
        let login = |login: &str| Some(Login::parse(login).unwrap());
        let mut stage = Stage::default();
        stage
            .add(None, &[change("a", Some("x"), Some("x")), change("b", Some("y"), None)])
            .unwrap();
        assert_eq!(stage.keys.get(&key("x")), None, "the disk knows it");
        assert_eq!(stage.keys.get(&key("y")), Some(&None));
        stage.add(None, &[change("c", None, Some("y"))]).unwrap();
        assert_eq!(stage.keys.get(&key("y")), Some(&login("c")));
        stage.add(None, &[change("b", Some("y"), None)]).unwrap();
        assert_eq!(stage.keys.get(&key("y")), Some(&login("c")), "it was moved before");
        stage.add(None, &[change("a", Some("x"), Some("z"))]).unwrap();
        assert_eq!(stage.keys.get(&key("x")), Some(&None));
        assert_eq!(stage.keys.get(&key("z")), Some(&login("a")));
    }
}
