//! `signin/`: what changes at every sign-in. 4096 fixed shards by user id, each with
//! a lock of its own, replaced whole and synced before anybody is answered; outside
//! of the chain, so that a sign-in never waits for a change of the state.
//!
//! ```text
//! # mfactl 1 · rev 17 · sha256 …
//! "u_7f3k2m9q e_aeaqcaibaeaqc": {"enrolment":"e_aeaqcaibaeaqc","last_step":59666666}
//! ```
//!
//! The `rev` of a shard is the number of its writes, no revision of the state. A line
//! is there for each enrolment that may be in use; one without a line is damage.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use rayon::prelude::*;

use crate::domain::ids::{Login, UserId};
use crate::domain::model::User;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::secret::attempts::{Current, SigninState};
use crate::secret::ids::EnrolmentId;
use crate::secret::line::UserSecrets;
use crate::secret::recovery::UsedPlaces;

use super::base::bad_line;
use super::lines::{self, Edit};
use super::sealed::{self, Sealed};
use super::view::parse_line;
use super::{Disk, Held, Options, Store, Transaction, layout, lock};

/// The sign-in shard of one user, locked.
pub struct Shard {
    disk: Arc<dyn Disk>,
    _held: Arc<dyn Held>,
    user: UserId,
    place: String,
}

impl Store {
    /// What an enrolment's line says just now; `None` where there is none. Takes no
    /// lock: shards are replaced, never rewritten.
    ///
    /// # Errors
    /// Damaged (7), system (8).
    pub fn signin_state(
        &self,
        user: &UserId,
        enrolment: &EnrolmentId,
    ) -> Result<Option<SigninState>> {
        read_state(&*self.disk, user, enrolment)
    }

    /// The users of whom some line holds a lock. Whether one still counts, the account
    /// and its secrets tell ([`SigninState::lock`]). Takes no lock.
    ///
    /// # Errors
    /// Damaged (7), system (8).
    pub fn signin_locks(&self) -> Result<BTreeSet<UserId>> {
        let shards = self.disk.list("signin")?;
        let shards: Vec<String> = shards
            .iter()
            .filter(|name| name.ends_with(".yaml") && !name.starts_with('.'))
            .map(|name| layout::join("signin", name))
            .collect();
        let locked = shards.par_iter().map(|path| locked_in(&*self.disk, path));
        locked.try_reduce(BTreeSet::new, |mut all, more| {
            all.extend(more);
            Ok(all)
        })
    }

    /// Locks the shard of a user against other sign-ins.
    ///
    /// # Errors
    /// Busy (6), damaged (7), system (8).
    pub fn signin_shard(&self, user: &UserId) -> Result<Shard> {
        lock_shard(&self.disk, &self.options, user)
    }

    /// Appends a line about an attempt to the log of the day; not synced.
    ///
    /// # Errors
    /// System (8), damaged (7); the attempt stands all the same.
    pub fn log_signin(&self, at: Time, line: &str) -> Result<()> {
        let path = format!("{}/{}.jsonl", layout::SIGNIN_LOG, at.day());
        self.disk.append(&path, format!("{line}\n").as_bytes())
    }
}

impl Shard {
    /// What an enrolment's line says.
    ///
    /// # Errors
    /// Damaged (7), system (8).
    pub fn get(&self, enrolment: &EnrolmentId) -> Result<Option<SigninState>> {
        read_line(&*self.disk, &self.place, &self.user, enrolment)
    }

    /// Puts the line of an enrolment, beside those of others of the user. Durable
    /// where this returns.
    ///
    /// # Errors
    /// Damaged (7), system (8): nothing changed.
    pub fn put(&self, state: &SigninState) -> Result<()> {
        self.write(state, false)
    }

    /// Puts the line of an enrolment; others of the user go.
    ///
    /// # Errors
    /// As [`Shard::put`].
    pub fn put_alone(&self, state: &SigninState) -> Result<()> {
        self.write(state, true)
    }

    fn write(&self, state: &SigninState, alone: bool) -> Result<()> {
        let path = file(&self.place);
        let old = read(&*self.disk, &path)?;
        let body = old.as_ref().map_or("", Sealed::body);
        let token = token(&self.user, &state.enrolment);
        let mut edits = Vec::new();
        if alone {
            let mine = format!("\"{} ", self.user);
            for line in lines::iterate(body) {
                let (other, _) = line.map_err(|bad| bad_line(&path, bad))?;
                if other.starts_with(&mine) && other != token {
                    edits.push(Edit { token: other.to_owned(), value: None });
                }
            }
        }
        let line = serde_json::to_string(state).expect("sign-in state is plain data");
        edits.push(Edit { token, value: Some(line.into()) });
        edits.sort_by(|a, b| a.token.cmp(&b.token));
        let body = lines::edit(body, &edits).map_err(|bad| bad_line(&path, bad))?;
        self.replace(&path, old.map_or(0, |old| old.rev), &body)
    }

    /// Replaces the shard: the whole new file, or the old one.
    fn replace(&self, path: &str, rev: u64, body: &str) -> Result<()> {
        let (_, bytes) = sealed::seal(rev.saturating_add(1), body);
        let shadow = layout::shadow(0, path);
        // A sign-in that was killed may have left one; the lock is ours.
        self.disk.unlink(&shadow)?;
        let mut sink = self.disk.create(&shadow)?;
        sink.write_at(&bytes, 0)?;
        sink.sync()?;
        drop(sink);
        self.disk.rename(&shadow, path)?;
        self.disk.sync_dir(layout::split(path).0)
    }
}

impl Transaction {
    /// Makes ready the sign-in lines of enrolments that come from a backup, before they
    /// are committed: where there is none, all codes up to `now` count as used and the
    /// recovery codes are void. A line that is newer stays; recovery codes that were
    /// replaced since are void, for which of them were used is not known any more.
    ///
    /// # Errors
    /// Busy (6), damaged (7), system (8).
    pub fn complete_signin(&self, now: Time) -> Result<()> {
        let mut lines: BTreeMap<Login, (UserSecrets, bool)> = BTreeMap::new();
        self.view.each_secrets(|login, secrets| {
            if secrets.current.is_some() && !self.stage.secrets.contains_key(login) {
                lines.insert(login.clone(), (secrets, false));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        for login in self.stage.secrets.keys() {
            if let Some(secrets) = self.secrets(login)? {
                lines.insert(login.clone(), (secrets, true));
            }
        }
        for (login, (secrets, restored)) in lines {
            let user: Option<User> = match self.stage.user(&login) {
                Some(staged) => staged.change.after()?,
                None => self.view.user(&login)?,
            };
            if let Some(user) = user {
                self.complete_line(&user, &secrets, restored, now)?;
            }
        }
        Ok(())
    }

    fn complete_line(
        &self,
        user: &User,
        secrets: &UserSecrets,
        restored: bool,
        now: Time,
    ) -> Result<()> {
        let Some(totp) = &secrets.current else { return Ok(()) };
        let set = secrets.recovery.as_ref().map(|set| &set.id);
        let current = Current { unlock: user.unlocks, set };
        let there = read_state(&*self.view.base.disk, &user.id, &totp.id)?;
        let state = match there {
            Some(state) if !restored || state.set.as_ref() == set => return Ok(()),
            Some(state) => SigninState { used: UsedPlaces::all(), ..state.seen_from(current) },
            None => {
                let seconds = u64::try_from(now.unix()).unwrap_or(0);
                let step = seconds / totp.parameters.period.seconds();
                SigninState::restored(totp.id.clone(), step, current)
            }
        };
        lock_shard(&self.view.base.disk, &self.options, &user.id)?.put(&state)
    }
}

fn lock_shard(disk: &Arc<dyn Disk>, options: &Options, user: &UserId) -> Result<Shard> {
    let place = layout::signin(user.as_str());
    let file = format!("{place}.lock");
    let held = lock::acquire_shard(disk, options, &file)?;
    Ok(Shard { disk: Arc::clone(disk), _held: held, user: user.clone(), place })
}

/// The error of an enrolment in use without a line: it cannot be told which of its
/// codes are used.
pub fn missing_line(user: &UserId) -> Error {
    let path = file(&layout::signin(user.as_str()));
    let message = format!("{path} has no line for the enrolment of {user}: its codes cannot count");
    Error::damaged(path, message).words("restore signin/ from where it went, or reset the user")
}

fn file(place: &str) -> String {
    format!("{place}.yaml")
}

fn token(user: &UserId, enrolment: &EnrolmentId) -> String {
    lines::token(&format!("{user} {enrolment}"))
}

fn read(disk: &dyn Disk, path: &str) -> Result<Option<Sealed>> {
    disk.open(path)?.map(|source| Sealed::read(path, &*source)).transpose()
}

/// The users in a shard of whom some line holds a lock.
fn locked_in(disk: &dyn Disk, path: &str) -> Result<BTreeSet<UserId>> {
    let mut locked = BTreeSet::new();
    let Some(sealed) = read(disk, path)? else { return Ok(locked) };
    for line in lines::iterate(sealed.body()) {
        let (token, value) = line.map_err(|bad| bad_line(path, bad))?;
        if !value.contains("\"locked_until\"") {
            continue;
        }
        let key: String = parse_line(path, token, token)?;
        let state: SigninState = parse_line(path, &key, value)?;
        let user = key.split(' ').next().and_then(|user| UserId::parse(user).ok());
        let user =
            user.ok_or_else(|| bad_line(path, lines::BadLine(format!("{key:?} is no key"))))?;
        if state.locked_until.is_some() {
            locked.insert(user);
        }
    }
    Ok(locked)
}

fn read_line(
    disk: &dyn Disk,
    place: &str,
    user: &UserId,
    enrolment: &EnrolmentId,
) -> Result<Option<SigninState>> {
    let path = file(place);
    let Some(sealed) = read(disk, &path)? else { return Ok(None) };
    let found = lines::find(sealed.body(), &token(user, enrolment));
    let Some(line) = found.map_err(|bad| bad_line(&path, bad))? else { return Ok(None) };
    let state: SigninState = parse_line(&path, user.as_str(), line)?;
    if state.enrolment == *enrolment {
        return Ok(Some(state));
    }
    Err(Error::damaged(&path, format!("{path}, {user}: the line is of another enrolment")))
}

/// What an enrolment's line says just now.
pub(super) fn read_state(
    disk: &dyn Disk,
    user: &UserId,
    enrolment: &EnrolmentId,
) -> Result<Option<SigninState>> {
    read_line(disk, &layout::signin(user.as_str()), user, enrolment)
}
