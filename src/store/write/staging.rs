//! What a transaction has staged, in compact form: a million users of an
//! import are kept as their lines, not as values.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use crate::parallel::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::domain::due::DueKey;
use crate::domain::ids::{Email, Login, OperatorName, OrgId, UserId};
use crate::domain::model::{PolicyOf, User};
use crate::domain::outcome::Object;
use crate::domain::scope::Key;
use crate::error::{Error, Kind, Result};
use crate::secret::seal::Sealed as SealedText;

use crate::store::format::digest::Digest;
use crate::store::format::keyed_lines::push_token;
use crate::store::format::piece::{Piece, Span, Texts};
use crate::store::format::user::UserLine;
use crate::store::format::user_text;
use crate::store::maintain::prune;

/// Of most users the line is shorter (bytes).
pub(crate) const LINE: usize = 512;
/// So many changes are mostly made apart together.
pub(crate) const TOGETHER: usize = 1_000;

/// One object, before the first change of it and after the last, as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Staged {
    /// Before; `None`: it is new.
    pub(crate) before: Option<Piece>,
    /// After; `None`: it goes.
    pub(crate) after: Option<Piece>,
    /// What it is about, where that is not its key.
    pub(crate) subject: Option<Piece>,
    /// The orgs concerned, as a JSON array, where that is known without reading the objects.
    pub(crate) orgs: Option<Piece>,
}

impl Staged {
    /// Objects as they are staged, and whether they are users who are found under the same
    /// keys as before.
    fn all(subject: Option<&str>, objects: &[Object]) -> Vec<(Staged, bool)> {
        let mut texts = Texts::with_capacity(objects.len() * LINE);
        let add = |object| Spans::add(&mut texts, subject, object);
        let spans: Vec<Spans> = objects.iter().map(add).collect();
        let all = texts.done();
        let staged = spans.into_iter().map(|spans| spans.staged(&all));
        staged.zip(objects.iter().map(keeps_keys)).collect()
    }

    /// Takes over a later change of the same object.
    fn fold(&mut self, later: Staged) {
        self.after = later.after;
        self.orgs = None;
        if self.subject != later.subject {
            // Two things happened to it: it is about the object itself.
            self.subject = None;
        }
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

/// Where the texts of one object stand among others.
pub(crate) struct Spans {
    before: Option<Span>,
    after: Option<Span>,
    subject: Option<Span>,
    orgs: Option<Span>,
}

impl Spans {
    /// Adds an object to texts.
    pub(crate) fn add(texts: &mut Texts, subject: Option<&str>, object: &Object) -> Spans {
        let (before, after) = match object {
            Object::User { before, after, .. } => {
                let mut add = |user: &Option<Arc<User>>| {
                    user.as_deref().map(|user| texts.add(|text| user_text::push(text, user)))
                };
                (add(before), add(after))
            }
            Object::Org { before, after, .. } => {
                (texts.json(before.as_ref()), texts.json(after.as_ref()))
            }
            Object::Operator { before, after, .. } => {
                (texts.json(before.as_ref()), texts.json(after.as_ref()))
            }
            Object::Due { was, .. } => (texts.json(Some(was)), None),
            Object::Owned { before, after, .. } => {
                let mut push = |text: &Option<Box<str>>| text.as_deref().map(|t| texts.push(t));
                (push(before), push(after))
            }
            Object::Clock | Object::Key | Object::Secrets { .. } => (None, None),
            Object::State { before, after, .. } => {
                (texts.json(Some(before)), texts.json(Some(after)))
            }
        };
        let orgs = match object {
            Object::User { before, after, .. } => {
                let users = before.iter().chain(after);
                let mut orgs: Vec<&OrgId> = users.flat_map(|u| u.memberships.keys()).collect();
                orgs.sort_unstable();
                orgs.dedup();
                Some(texts.add(|text| push_names(text, &orgs)))
            }
            Object::Due { was, .. } => {
                texts.json(Some(&was.member_of.iter().collect::<BTreeSet<_>>()))
            }
            _ => None,
        };
        let subject = subject.filter(|subject| !is_key(object, subject));
        Spans { before, after, subject: subject.map(|subject| texts.push(subject)), orgs }
    }

    /// The object, of whose texts these are the places.
    pub(crate) fn staged(self, all: &Arc<str>) -> Staged {
        let piece = |at: Option<Span>| at.map(|at| Piece::of(all, at));
        Staged {
            before: piece(self.before),
            after: piece(self.after),
            subject: piece(self.subject),
            orgs: piece(self.orgs),
        }
    }
}

/// Appends names as a JSON array.
fn push_names(text: &mut String, names: &[&OrgId]) {
    text.push('[');
    for (number, name) in names.iter().enumerate() {
        text.push_str(if number == 0 { "" } else { "," });
        push_token(text, name.as_str());
    }
    text.push(']');
}

/// Whether the subject is the key of the object.
fn is_key(object: &Object, subject: &str) -> bool {
    match object {
        Object::User { login, .. } => login.as_str() == subject,
        _ => object.key() == subject,
    }
}

fn parse<T: DeserializeOwned>(json: Option<&str>) -> Result<Option<T>> {
    let read = json.map(serde_json::from_str).transpose();
    read.map_err(|e| Error::new(Kind::Bug, "bug", format!("what was staged cannot be read: {e}")))
}

/// A user staged.
pub(crate) struct StagedUser {
    /// The login.
    pub(crate) login: Login,
    /// The change.
    pub(crate) change: Staged,
    /// Whether no change of it touched a key: then nobody need read it to know that.
    pub(crate) keeps_keys: bool,
    /// Whether there was or is anything of it that may end.
    pub(crate) may_end: bool,
}

impl StagedUser {
    /// The keys under which the user was found before, and is now; none at all where
    /// they stay.
    pub(crate) fn keys(&self) -> Result<(Vec<Key>, Vec<Key>)> {
        if self.keeps_keys {
            return Ok(Default::default());
        }
        Ok((keys_in(self.change.before.as_deref())?, keys_in(self.change.after.as_deref())?))
    }
}

/// The keys that a user's line tells.
fn keys_in(json: Option<&str>) -> Result<Vec<Key>> {
    #[derive(Deserialize)]
    struct Found {
        id: UserId,
        email: Option<Email>,
    }
    if let Some(keys) = json.and_then(UserLine::read).and_then(|line| line.keys()) {
        return Ok(keys);
    }
    let user: Option<Found> = parse(json)?;
    let id = user.iter().map(|user| Key::Id(user.id.clone()));
    Ok(id.chain(user.iter().filter_map(|user| user.email.as_ref().map(Key::mail))).collect())
}

/// Where what is staged of users is found: made of it where somebody asks.
#[derive(Default)]
struct Index {
    by_login: HashMap<Login, u32>,
    /// Keys given (to the user of that number) and taken away.
    keys: HashMap<Key, Option<u32>>,
}

impl Index {
    fn of(users: &[StagedUser]) -> Result<Index> {
        let mut index = Index::default();
        for user in users {
            let number = index.number(user)?;
            let (was, is) = user.keys()?;
            index.turn(number, was, is);
        }
        Ok(index)
    }

    /// The number of a user, who may be new here.
    fn number(&mut self, user: &StagedUser) -> Result<u32> {
        let next = u32::try_from(self.by_login.len())
            .map_err(|_| Error::new(Kind::Bug, "bug", "too many users in one change"))?;
        Ok(*self.by_login.entry(user.login.clone()).or_insert(next))
    }

    /// Turns the keys of a user from what they were to what they are.
    fn turn(&mut self, number: u32, was: Vec<Key>, is: Vec<Key>) {
        for key in was.into_iter().filter(|key| !is.contains(key)) {
            // Another may have taken it over already.
            let owner = self.keys.entry(key).or_insert(None);
            if *owner == Some(number) {
                *owner = None;
            }
        }
        self.keys.extend(is.into_iter().map(|key| (key, Some(number))));
    }
}

/// Something that happened to what is not shown: its name alone is recorded.
pub(crate) struct StagedNote {
    /// `clock`, `key` or `secrets`.
    pub(crate) object: &'static str,
    /// Its key among those of its kind.
    pub(crate) key: String,
    /// What it is about, where that is not its key.
    pub(crate) subject: Option<String>,
    /// The orgs concerned.
    pub(crate) orgs: BTreeSet<OrgId>,
}

/// All that is staged.
#[derive(Default)]
pub(crate) struct Stage {
    /// Users, in the order of their first change.
    pub(crate) users: Vec<StagedUser>,
    /// Whether they were all new, and nobody need be found.
    all_new: bool,
    index: OnceLock<Index>,
    /// Orgs.
    pub(crate) orgs: BTreeMap<OrgId, Staged>,
    /// Operators.
    pub(crate) operators: BTreeMap<OperatorName, Staged>,
    /// What policies own of people, by policy and entry.
    pub(crate) owned: BTreeMap<(PolicyOf, String), Staged>,
    /// Entries of the calendar of ends that go.
    pub(crate) due: BTreeMap<DueKey, Staged>,
    /// Lines of `secrets/`, by login.
    pub(crate) secrets: BTreeMap<Login, Option<String>>,
    /// Evidence, by SHA-256.
    pub(crate) evidence: BTreeMap<String, Vec<u8>>,
    /// The check value of a new sealing key.
    pub(crate) key_check: Option<SealedText>,
    /// Changes of which the record tells no more than that they were made.
    pub(crate) notes: Vec<StagedNote>,
    /// What was done to the state as a whole, by act.
    pub(crate) state: BTreeMap<&'static str, Staged>,
    /// Files that the chain knows and nobody has any more: the hash that it has for them.
    pub(crate) lost: BTreeMap<String, Digest>,
    /// Files that were made again, with the hash that the chain has for them.
    pub(crate) rewritten: BTreeMap<String, Option<Digest>>,
    /// Details that are erased.
    pub(crate) pruned: Option<prune::PrunePlan>,
    /// Days of the log of sign-ins that go once it is committed.
    pub(crate) signin_days: Vec<String>,
}

impl Stage {
    /// Whether nothing is staged.
    pub(crate) fn is_empty(&self) -> bool {
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

    /// The users who go, and do not come back under another login.
    pub(crate) fn gone(&self) -> Result<BTreeSet<UserId>> {
        let mut gone = BTreeSet::new();
        for user in self.users.iter().filter(|user| user.change.after.is_none()) {
            gone.extend(user.change.before::<User>()?.map(|user| user.id));
        }
        if gone.is_empty() {
            return Ok(gone);
        }
        for user in self.users.iter().filter(|user| user.change.before.is_none()) {
            if let Some(user) = user.change.after::<User>()? {
                gone.remove(&user.id);
            }
        }
        Ok(gone)
    }

    /// Stages objects; those of one key fold.
    pub(crate) fn add(&mut self, subject: Option<&str>, objects: &[Object]) -> Result<()> {
        // Writing the JSON is most of the work.
        let changes: Vec<(Staged, bool)> = if objects.len() < crate::parallel::MANY {
            Staged::all(subject, objects)
        } else {
            let parts = objects.par_chunks(TOGETHER).map(|part| Staged::all(subject, part));
            parts.collect::<Vec<_>>().into_iter().flatten().collect()
        };
        // Who is found by nobody needs no place to be found in.
        let alone = self.users.is_empty() && are_different_users(objects);
        if alone {
            (self.index, self.all_new) = (OnceLock::new(), false);
        }
        let mut owned = Vec::new();
        if alone {
            self.users.reserve(objects.len());
        }
        for (object, (change, keeps_keys)) in objects.iter().zip(changes) {
            match object {
                Object::User { login, before, after } => {
                    let may_end = before.iter().chain(after).any(|user| may_end(user));
                    let user = StagedUser { login: login.clone(), change, keeps_keys, may_end };
                    if alone {
                        self.users.push(user);
                        continue;
                    }
                    let keys = |user: &Option<Arc<User>>| -> Vec<Key> {
                        let user = user.as_deref().filter(|_| !keeps_keys);
                        user.into_iter().flat_map(Key::of).collect()
                    };
                    self.add_user(user, keys(before), keys(after))?;
                }
                Object::Org { id, .. } => fold_into(&mut self.orgs, id.clone(), change),
                Object::Operator { name, .. } => {
                    fold_into(&mut self.operators, name.clone(), change);
                }
                Object::Owned { policy, entry, .. } => {
                    owned.push(((policy.clone(), entry.clone()), change));
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
        fold_all(&mut self.owned, owned);
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

    /// Makes room for so many users more.
    pub(crate) fn reserve(&mut self, users: usize) {
        self.users.reserve(users);
    }

    /// Stages a new user. Where many of them are all, nobody need find any.
    pub(crate) fn add_new(&mut self, user: StagedUser) -> Result<()> {
        if self.users.is_empty() {
            (self.index, self.all_new) = (OnceLock::new(), true);
        }
        if self.index.get().is_some() || !self.all_new {
            let (was, is) = user.keys()?;
            return self.add_user(user, was, is);
        }
        self.users.push(user);
        Ok(())
    }

    /// Stages a change of a user, whose keys were and are these.
    fn add_user(&mut self, user: StagedUser, was: Vec<Key>, is: Vec<Key>) -> Result<()> {
        self.index()?;
        let index = self.index.get_mut().expect("it was made just now");
        let number = index.number(&user)?;
        index.turn(number, was, is);
        match self.users.get_mut(number as usize) {
            Some(staged) => {
                staged.change.fold(user.change);
                staged.keeps_keys &= user.keeps_keys;
                staged.may_end |= user.may_end;
            }
            None => self.users.push(user),
        }
        Ok(())
    }

    fn index(&self) -> Result<&Index> {
        if self.index.get().is_none() {
            let _ = self.index.set(Index::of(&self.users)?);
        }
        Ok(self.index.get().expect("it was set just now"))
    }

    /// The user, if staged.
    pub(crate) fn user(&self, login: &Login) -> Result<Option<&StagedUser>> {
        if self.users.is_empty() {
            return Ok(None);
        }
        let number = self.index()?.by_login.get(login);
        Ok(number.map(|number| &self.users[*number as usize]))
    }

    /// Whose the key is, if that is staged.
    pub(crate) fn owner(&self, key: &Key) -> Result<Option<Option<&Login>>> {
        if self.users.is_empty() {
            return Ok(None);
        }
        let owner = self.index()?.keys.get(key);
        Ok(owner.map(|owner| owner.map(|number| &self.users[number as usize].login)))
    }
}

/// Whether this is a user who is found under the same keys before and after.
fn keeps_keys(object: &Object) -> bool {
    match object {
        Object::User { before: Some(a), after: Some(b), .. } => {
            (&a.id, &a.email) == (&b.id, &b.email)
        }
        _ => false,
    }
}

/// Whether the user has an exception or an opt-out: nothing else stands in the calendar.
pub(crate) fn may_end(user: &User) -> bool {
    !user.exceptions.is_empty() || user.memberships.values().any(|m| m.opt_out.is_some())
}

/// Whether no user is among them twice.
fn are_different_users(objects: &[Object]) -> bool {
    fn login(object: &Object) -> Option<&Login> {
        match object {
            Object::User { login, .. } => Some(login),
            _ => None,
        }
    }
    let mut logins = objects.iter().filter_map(login);
    // Plans have them in order.
    if logins.clone().is_sorted_by(|a, b| a < b) {
        return true;
    }
    let mut seen = HashSet::with_capacity(objects.len());
    logins.all(|login| seen.insert(login))
}

/// Folds many changes; where they are the first and come in order, nothing is looked up.
fn fold_all<K: Ord>(map: &mut BTreeMap<K, Staged>, changes: Vec<(K, Staged)>) {
    if map.is_empty() && changes.is_sorted_by(|(a, _), (b, _)| a < b) {
        *map = changes.into_iter().collect();
    } else {
        changes.into_iter().for_each(|(key, change)| fold_into(map, key, change));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::write::making::{Making, Part};

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

    fn staged(stage: &Stage) -> Vec<(String, Option<User>, Option<User>)> {
        let one = |user: &StagedUser| {
            (user.login.to_string(), user.change.before().unwrap(), user.change.after().unwrap())
        };
        stage.users.iter().map(one).collect()
    }

    fn is(
        login: &str,
        before: Option<&str>,
        after: Option<&str>,
    ) -> (String, Option<User>, Option<User>) {
        let user = |id: &str| user(id).as_ref().clone();
        (login.to_owned(), before.map(user), after.map(user))
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
        let mut making = Making::default();
        making.add("a".to_owned(), vec![change("a", None, Some("y"))]);
        let Part::New(new) = making.done().0.remove(0) else { panic!("it is new") };
        stage.add_new(new).unwrap();
        assert_eq!(staged(&stage), [is("a", Some("x"), Some("y")), is("b", None, Some("x"))]);
    }

    #[test]
    fn whose_a_key_is_follows_every_change() {
        let key = |id: &str| Key::Id(UserId::parse(id).unwrap());
        let login = |login: &str| Login::parse(login).unwrap();
        let mut stage = Stage::default();
        stage
            .add(None, &[change("a", Some("x"), Some("x")), change("b", Some("y"), None)])
            .unwrap();
        assert_eq!(stage.owner(&key("x")).unwrap(), None, "the disk knows it");
        assert_eq!(stage.owner(&key("y")).unwrap(), Some(None));
        stage.add(None, &[change("c", None, Some("y"))]).unwrap();
        assert_eq!(stage.owner(&key("y")).unwrap(), Some(Some(&login("c"))));
        stage.add(None, &[change("a", Some("x"), Some("z"))]).unwrap();
        assert_eq!(stage.owner(&key("x")).unwrap(), Some(None));
        assert_eq!(stage.users[0].keys().unwrap(), (vec![key("x")], vec![key("z")]));
    }
}
