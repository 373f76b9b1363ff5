//! One revision of the state, read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::parallel;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::domain::ids::{Login, OrgId, UserId};
use crate::domain::model::{Operators, Org, OwnedText, PolicyOf, User};
use crate::domain::scope::Key;
use crate::error::{Error, Result};
use crate::secret::attempts::SigninState;
use crate::secret::ids::EnrolmentId;

use super::at::{At, Head};
use super::past::{Overlay, PastKind};
use super::revision::{Base, from_value};
use super::scan::Scan;
use crate::store::disk::Held;
use crate::store::format::header::Sealed;
use crate::store::format::keyed_lines::bad_line;
use crate::store::format::keyed_lines::parse_line;
use crate::store::format::layout;
use crate::store::format::layout::Sharded;
use crate::store::format::{block_yaml, json, keyed_lines};
use crate::store::log::Records;
use crate::store::signin;

/// One revision of the state.
pub struct View {
    pub(crate) base: Arc<Base>,
    /// The lock, as long as it is held.
    pub(crate) held: Option<Arc<dyn Held>>,
    /// Read without a lock: whoever peeks compares the end of the log afterwards.
    pub(crate) peeking: bool,
    pub(crate) overlay: Arc<Overlay>,
    head: Head,
}

impl View {
    /// The last revision.
    pub(crate) fn of(base: Base, held: Option<Arc<dyn Held>>, peeking: bool) -> View {
        let head =
            Head { rev: base.rev(), at: base.tail.commit.at, hash: base.tail.hash.to_string() };
        View { base: Arc::new(base), held, peeking, overlay: Arc::default(), head }
    }

    /// The same, as it was at `at`.
    pub(crate) fn back_to(mut self, at: At) -> Result<View> {
        let (overlay, head) = Overlay::read(&self.base, at)?;
        (self.overlay, self.head) = (Arc::new(overlay), head);
        Ok(self)
    }

    /// Its revision.
    pub fn rev(&self) -> u64 {
        self.head.rev
    }

    /// The end of the chain; of a view of the past, the record of its revision.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The id of this state, made when it was founded.
    pub fn store_id(&self) -> &str {
        &self.base.state.store
    }

    /// Lets go of the lock. What was read stays, scans stay; what was not is
    /// still read as long as nothing was committed since.
    pub fn release(&mut self) {
        self.held = None;
    }

    /// Whether what was opened just now is of this revision.
    pub(crate) fn still_holds(&self) -> Result<()> {
        if self.held.is_some() || self.peeking || self.base.tail.is_current(&*self.base.disk)? {
            Ok(())
        } else {
            Err(self.base.moved_on())
        }
    }

    /// A file of the last revision.
    pub(crate) fn file(&self, path: &str) -> Result<Option<Arc<Sealed>>> {
        if self.held.is_some() || self.peeking || self.base.has_read(path) {
            return self.base.read_file(path);
        }
        let file = self.base.read_file(path);
        self.still_holds()?;
        file
    }

    /// The value in the line of `key`, as text.
    pub(crate) fn line(&self, path: &str, key: &str) -> Result<Option<String>> {
        let Some(file) = self.file(path)? else { return Ok(None) };
        let value = keyed_lines::find(file.body(), &keyed_lines::token(key));
        Ok(value.map_err(|bad| bad_line(path, bad))?.map(str::to_owned))
    }

    /// All operators.
    ///
    /// # Errors
    /// Damaged (7), system (8); busy (6) where the lock was released and the state moved on.
    pub fn operators(&self) -> Result<Operators> {
        let path = layout::OPERATORS;
        let missing = || Error::damaged(path, format!("{path} is missing"));
        let file = self.file(path)?.ok_or_else(missing)?;
        let live: Operators = block_yaml::read(path, file.body())?;
        let touched = self.overlay.touched(PastKind::Operator);
        if touched.is_empty() {
            return Ok(live);
        }
        let mut operators = live.operators;
        for name in touched {
            let value = to_value(operators.get(name));
            let was = self.overlay.apply(PastKind::Operator, name, value)?;
            let name = from_value(path, Value::String(name.to_owned()))?;
            match was {
                Value::Null => operators.remove(&name),
                was => operators.insert(name, from_value(path, was)?),
            };
        }
        Ok(Operators { operators })
    }

    /// One org.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn org(&self, id: &OrgId) -> Result<Option<Org>> {
        let path = layout::org(id.as_str());
        let file = self.file(&path)?;
        let live: Option<Org> =
            file.map(|file| block_yaml::read(&path, file.body())).transpose()?;
        self.past(PastKind::Org, id.as_str(), live)
    }

    /// All orgs.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn orgs(&self) -> Result<BTreeMap<OrgId, Org>> {
        let names = self.base.names("orgs")?;
        self.still_holds()?;
        let mut ids = BTreeSet::new();
        for name in &names {
            let id = name.strip_suffix(".yaml").and_then(|id| OrgId::parse(id).ok());
            let path = layout::join("orgs", name);
            let stray = || Error::damaged(&path, format!("{path} is no file of an org"));
            ids.insert(id.ok_or_else(stray)?);
        }
        for id in self.overlay.touched(PastKind::Org) {
            ids.insert(from_value("audit", Value::String(id.to_owned()))?);
        }
        let mut orgs = BTreeMap::new();
        for id in ids {
            if let Some(org) = self.org(&id)? {
                orgs.insert(id, org);
            }
        }
        Ok(orgs)
    }

    /// One user.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn user(&self, login: &Login) -> Result<Option<User>> {
        let path = self.base.fan_out.path_of(Sharded::Users, login.as_str());
        let line = self.line(&path, login.as_str())?;
        let live = line.map(|line| parse_user(&path, login.as_str(), &line)).transpose()?;
        self.past(PastKind::User, login.as_str(), live)
    }

    /// The sign-in line of an enrolment as it is now: it has no past. Takes no lock: shards
    /// are replaced, never rewritten.
    ///
    /// # Errors
    /// Damaged (7), system (8).
    pub fn signin_state(
        &self,
        user: &UserId,
        enrolment: &EnrolmentId,
    ) -> Result<Option<SigninState>> {
        signin::read_state(&*self.base.disk, user, enrolment)
    }

    /// What an object was at this revision, from what it is.
    pub(crate) fn past<T>(&self, kind: PastKind, key: &str, live: Option<T>) -> Result<Option<T>>
    where
        T: serde::Serialize + DeserializeOwned,
    {
        if !self.overlay.touches(kind, key) {
            return Ok(live);
        }
        match self.overlay.apply(kind, key, to_value(live.as_ref()))? {
            Value::Null => Ok(None),
            was => from_value("audit", was).map(Some),
        }
    }

    /// Whose this id or address is.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn owner(&self, key: &Key) -> Result<Option<Login>> {
        let text = key.text();
        let path = self.base.fan_out.path_of(Sharded::Index, &text);
        let live = self.line(&path, &text)?;
        let live = live.map(|line| parse_line::<Login>(&path, &text, &line)).transpose()?;
        let touched = self.overlay.touched(PastKind::User);
        if live.as_ref().is_some_and(|login| !self.overlay.touches(PastKind::User, login.as_str()))
        {
            return Ok(live);
        }
        // Whoever changed since may have had it then.
        for login in touched {
            let login: Login = from_value("audit", Value::String(login.to_owned()))?;
            let user = self.user(&login)?;
            if user.is_some_and(|user| Key::of(&user).any(|own| own == *key)) {
                return Ok(Some(login));
            }
        }
        Ok(None)
    }

    /// The account of this id, with its login.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn user_by_id(&self, id: &UserId) -> Result<Option<(Login, User)>> {
        let Some(login) = self.owner(&Key::Id(id.clone()))? else { return Ok(None) };
        Ok(self.user(&login)?.map(|user| (login, user)))
    }

    /// The policies of which entries of people are kept.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn policies(&self) -> Result<BTreeSet<PolicyOf>> {
        let names = self.base.names(layout::POLICIES)?;
        self.still_holds()?;
        let touched = self.overlay.touched(PastKind::Policy).into_iter();
        let touched = touched.filter_map(|key| PolicyOf::parse(key.split(' ').next()?));
        Ok(names.iter().filter_map(|name| layout::parse_policy(name)).chain(touched).collect())
    }

    /// What a policy owns of people, by entry.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn owned(&self, policy: &PolicyOf) -> Result<BTreeMap<String, OwnedText>> {
        let path = layout::policy(policy);
        let file = self.file(&path)?;
        let lines: Vec<&str> =
            keyed_lines::raw(file.as_ref().map_or("", |file| file.body())).collect();
        let read = |line: &&str| -> Result<(String, OwnedText)> {
            let (token, value) =
                keyed_lines::take_apart(line).map_err(|bad| bad_line(&path, bad))?;
            let entry: String = parse_line(&path, token, token)?;
            // Checked here, for nobody reads it again before it is asked for.
            parse_line::<BTreeMap<String, String>>(&path, &entry, value)?;
            Ok((entry, value.into()))
        };
        let mut entries: BTreeMap<String, OwnedText> =
            parallel::map_slice(&lines, read).into_iter().collect::<Result<_>>()?;
        for key in self.overlay.touched(PastKind::Policy) {
            let Some(entry) = key.strip_prefix(policy.as_str()) else { continue };
            let entry = match entry.strip_prefix(' ') {
                Some(login) => login,
                None if entry.is_empty() => PolicyOf::HEAD,
                None => continue,
            };
            let live = entries.remove(entry).map_or(Value::Null, |text| {
                json::read(&text).expect("it was checked when it was read")
            });
            let was = self.overlay.apply(PastKind::Policy, key, live)?;
            if !was.is_null() {
                // Through the type: the fields come in their order, as in the files.
                let was: BTreeMap<String, String> = from_value("audit", was)?;
                entries.insert(entry.to_owned(), to_value(Some(&was)).to_string().into());
            }
        }
        Ok(entries)
    }

    /// All users, opened at once.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn scan(&self) -> Result<Scan> {
        let scan = Scan::open(&self.base, &self.overlay, self.held.as_ref(), self.peeking)?;
        self.still_holds()?;
        Ok(scan)
    }

    /// The audit log up to this revision, newest first; read in pieces.
    pub fn records(&self) -> Records {
        Records::newest_first(Arc::clone(&self.base.disk), &self.base.tail, self.head.rev)
    }

    /// The audit log up to this revision, oldest first; read in pieces.
    pub fn records_oldest_first(&self) -> Records {
        Records::oldest_first(Arc::clone(&self.base.disk), self.head.rev)
    }

    /// The line of a user in `secrets/`, sealed, if there is one.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn sealed_secret(&self, login: &Login) -> Result<Option<String>> {
        self.line(&self.base.fan_out.path_of(Sharded::Secrets, login.as_str()), login.as_str())
    }
}

/// Reads the value of a user's line.
pub(crate) fn parse_user(path: &str, login: &str, line: &str) -> Result<User> {
    parse_line(path, login, line)
}

/// An object as JSON; null where there is none.
pub(crate) fn to_value<T: serde::Serialize>(object: Option<&T>) -> Value {
    object.map_or(Value::Null, |object| {
        serde_json::to_value(object).expect("state types are plain data")
    })
}
