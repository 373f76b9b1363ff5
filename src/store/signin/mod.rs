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

pub(super) mod removal;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::parallel::prelude::*;

use crate::domain::ids::{Login, UserId};
use crate::domain::model::User;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::secret::attempts::{Current, SigninState};
use crate::secret::ids::EnrolmentId;
use crate::secret::line::UserSecrets;
use crate::secret::recovery::UsedPlaces;

use super::disk::lock;
use super::format::header;
use super::format::header::Sealed;
use super::format::keyed_lines;
use super::format::keyed_lines::Edit;
use super::format::keyed_lines::{bad_line, parse_line};
use super::format::layout;
use super::{Disk, Held, Options, Store, Transaction};

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
        let shards = self.signin_shards()?;
        let locked = shards.par_iter().map(|path| locked_in(&*self.disk, path));
        locked.try_reduce(BTreeSet::new, |mut all, more| {
            all.extend(more);
            Ok(all)
        })
    }

    fn signin_shards(&self) -> Result<Vec<String>> {
        let names = self.disk.list("signin")?;
        let shards = names.iter().filter(|name| name.ends_with(".yaml") && !name.starts_with('.'));
        Ok(shards.map(|name| layout::join("signin", name)).collect())
    }

    /// The lines that say of the future what only a clock that was ahead can have left,
    /// each brought back to `now`. `periods` holds the seconds of a step of every enrolment
    /// in use; lines of others do not count. Takes no lock.
    ///
    /// # Errors
    /// Damaged (7), system (8).
    pub fn signin_lines_ahead(
        &self,
        periods: &BTreeMap<EnrolmentId, u64>,
        now: Time,
    ) -> Result<Vec<Line>> {
        let seconds = u64::try_from(now.unix()).unwrap_or(0);
        let of_shard = |path: &String| -> Result<Vec<Line>> {
            let mut ahead = Vec::new();
            let Some(sealed) = read(&*self.disk, path)? else { return Ok(ahead) };
            for line in keyed_lines::iterate(sealed.body()) {
                let (token, value) = line.map_err(|bad| bad_line(path, bad))?;
                let (user, state) = parsed(path, token, value)?;
                let Some(period) = periods.get(&state.enrolment) else { continue };
                ahead.extend(Line::brought_back(user, &state, seconds / (*period).max(1), now));
            }
            Ok(ahead)
        };
        let all: Result<Vec<Vec<Line>>> = self.signin_shards()?.par_iter().map(of_shard).collect();
        Ok(all?.into_iter().flatten().collect())
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
            for line in keyed_lines::iterate(body) {
                let (other, _) = line.map_err(|bad| bad_line(&path, bad))?;
                if other.starts_with(&mine) && other != token {
                    edits.push(Edit { token: other.to_owned().into(), value: None });
                }
            }
        }
        let line = serde_json::to_string(state).expect("sign-in state is plain data");
        edits.push(Edit { token: token.into(), value: Some(line.into()) });
        edits.sort_by(|a, b| a.token.cmp(&b.token));
        let body = keyed_lines::edit(body, &edits).map_err(|bad| bad_line(&path, bad))?;
        replace(&*self.disk, &path, old.map_or(0, |old| old.rev), &body)?;
        self.disk.sync_dir(layout::split(&path).0)
    }
}

/// Replaces a shard whose lock is held: the whole new file, or the old one. Its
/// directory is for the caller to sync.
fn replace(disk: &dyn Disk, path: &str, rev: u64, body: &str) -> Result<()> {
    let (_, bytes) = header::seal(rev.saturating_add(1), body);
    let shadow = layout::shadow(0, path);
    // A sign-in that was killed may have left one; the lock is ours.
    disk.unlink(&shadow)?;
    let write = || {
        let mut sink = disk.create(&shadow)?;
        sink.write_at(&bytes, 0)?;
        sink.sync()?;
        drop(sink);
        disk.rename(&shadow, path)
    };
    write().inspect_err(|_| {
        // Where it cannot go, the next one who writes the shard removes it.
        let _ = disk.unlink(&shadow);
    })
}

/// The line of an enrolment that comes from elsewhere, one of many.
#[derive(Debug, Clone)]
pub struct Line {
    /// Whose.
    pub user: UserId,
    /// What it says where there is none yet.
    pub state: SigninState,
    /// What it says where there is one, under the lock, for somebody may sign in meanwhile.
    pub meets: Meets,
}

/// What becomes of a line that is there where another is put.
#[derive(Debug, Clone, Copy)]
pub enum Meets {
    /// What is made of it and of the new one; `None`: it stays.
    With(fn(&SigninState, &SigninState) -> Option<SigninState>),
    /// What it says of the future is brought back to now.
    BroughtBack {
        /// The time step of now.
        present: u64,
        /// Now.
        now: Time,
    },
}

impl Meets {
    fn made_of(self, there: &SigninState, new: &SigninState) -> Option<SigninState> {
        match self {
            Meets::With(make) => make(there, new),
            Meets::BroughtBack { present, now } => there.brought_back(present, now),
        }
    }
}

impl Line {
    /// The line of `user`, brought back to `now` (whose step is `present`) where it says of
    /// the future what only a clock that was ahead can have left.
    pub fn brought_back(
        user: UserId,
        state: &SigninState,
        present: u64,
        now: Time,
    ) -> Option<Line> {
        let state = state.brought_back(present, now)?;
        Some(Line { user, state, meets: Meets::BroughtBack { present, now } })
    }
}

impl Store {
    /// Puts many lines: one lock and one write for all of a shard, none where they say
    /// nothing new. Durable where this returns.
    ///
    /// # Errors
    /// Busy (6), damaged (7), system (8): some are there, of enrolments that do not count yet.
    pub fn put_signin_lines(&self, lines: &[Line]) -> Result<()> {
        put_lines(&self.disk, &self.options, lines)
    }
}

fn put_lines(disk: &Arc<dyn Disk>, options: &Options, lines: &[Line]) -> Result<()> {
    let mut shards: BTreeMap<String, Vec<&Line>> = BTreeMap::new();
    for line in lines {
        shards.entry(layout::signin(line.user.as_str())).or_default().push(line);
    }
    let mut folder = None;
    for (place, lines) in shards {
        let _held = lock_place(disk, options, &place)?;
        let path = file(&place);
        let old = read(&**disk, &path)?;
        let body = old.as_ref().map_or("", Sealed::body);
        let edits = meet(&path, body, &lines)?;
        if edits.is_empty() {
            continue;
        }
        let body = keyed_lines::edit(body, &edits).map_err(|bad| bad_line(&path, bad))?;
        replace(&**disk, &path, old.as_ref().map_or(0, |old| old.rev), &body)?;
        folder = Some(layout::split(&path).0.to_owned());
    }
    folder.map_or(Ok(()), |folder| disk.sync_dir(&folder))
}

/// The edits that bring `lines` into a shard, sorted; none for what it says already.
fn meet(path: &str, body: &str, lines: &[&Line]) -> Result<Vec<Edit<'static>>> {
    let mut states: BTreeMap<String, SigninState> = BTreeMap::new();
    for line in lines {
        let token = token(&line.user, &line.state.enrolment);
        let there = match states.get(&token) {
            Some(state) => Some(state.clone()),
            None => line_in(path, body, &line.user, &line.state.enrolment)?,
        };
        let state = match &there {
            None => Some(line.state.clone()),
            Some(there) => line.meets.made_of(there, &line.state),
        };
        if state.is_some() && state != there {
            states.extend(state.map(|state| (token, state)));
        }
    }
    let edits = states.into_iter().map(|(token, state)| {
        let value = serde_json::to_string(&state).expect("sign-in state is plain data");
        Edit { token: token.into(), value: Some(value.into()) }
    });
    Ok(edits.collect())
}

impl Transaction {
    /// Makes ready the sign-in lines of enrolments that come back from a backup, before they
    /// are committed: where there is none, all codes up to `now` count as used and the
    /// recovery codes are void. A line that is newer stays, but recovery codes that were
    /// replaced since are void, for which of them were used is not known any more. Nothing
    /// changes for an enrolment in use: that waits for the commit
    /// ([`Store::complete_signin`]).
    ///
    /// # Errors
    /// Busy (6), damaged (7), system (8).
    pub fn ready_signin(&self, now: Time) -> Result<()> {
        let mut wanted = Vec::new();
        for login in self.stage.secrets.keys() {
            let Some(secrets) = self.secrets(login)? else { continue };
            // The line of an enrolment in use says how it is used now. This restore does not
            // change that.
            let in_use = self.view.secrets(login)?.and_then(|live| live.current);
            if in_use.map(|totp| totp.id) == secrets.current.as_ref().map(|totp| totp.id.clone()) {
                continue;
            }
            let user: Option<User> = match self.stage.user(login)? {
                Some(staged) => staged.change.after()?,
                None => self.view.user(login)?,
            };
            wanted.extend(user.and_then(|user| completed(user, &secrets, voided, now)));
        }
        put_lines(&self.view.base.disk, &self.options, &wanted)
    }
}

impl Store {
    /// Gives every enrolment in use that has no line one, after a restore: all codes up to
    /// `now` count as used and the recovery codes are void.
    ///
    /// # Errors
    /// Busy (6), damaged (7), system (8).
    pub fn complete_signin(&self, now: Time) -> Result<()> {
        let view = self.view()?;
        let mut in_use: Vec<(Login, UserSecrets)> = Vec::new();
        view.each_secrets(|login, secrets| {
            if secrets.current.is_some() {
                in_use.push((login.clone(), secrets));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        let mut wanted = Vec::new();
        for (login, secrets) in in_use {
            let user = view.user(&login)?;
            wanted.extend(user.and_then(|user| completed(user, &secrets, kept, now)));
        }
        drop(view);
        put_lines(&self.disk, &self.options, &wanted)
    }
}

/// Merges the line in the state with the line of a restore; `None` keeps the first.
type Meeting = fn(&SigninState, &SigninState) -> Option<SigninState>;

/// The line of a user whose enrolment came from a backup.
fn completed(user: User, secrets: &UserSecrets, meets: Meeting, now: Time) -> Option<Line> {
    let totp = secrets.current.as_ref()?;
    let set = secrets.recovery.as_ref().map(|set| &set.id);
    let seconds = u64::try_from(now.unix()).unwrap_or(0);
    let step = seconds / totp.parameters.period.seconds();
    let current = Current { unlock: user.unlocks, set };
    let state = SigninState::restored(totp.id.clone(), step, current);
    Some(Line { user: user.id, state, meets: Meets::With(meets) })
}

fn kept(_there: &SigninState, _restored: &SigninState) -> Option<SigninState> {
    None
}

/// A newer line stays, but for recovery codes that are others.
fn voided(there: &SigninState, restored: &SigninState) -> Option<SigninState> {
    let set = restored.set.as_ref();
    let current = Current { unlock: restored.unlock, set };
    let void = || SigninState { used: UsedPlaces::all(), ..there.seen_from(current) };
    (there.set.as_ref() != set).then(void)
}

fn lock_shard(disk: &Arc<dyn Disk>, options: &Options, user: &UserId) -> Result<Shard> {
    let place = layout::signin(user.as_str());
    let held = lock_place(disk, options, &place)?;
    Ok(Shard { disk: Arc::clone(disk), _held: held, user: user.clone(), place })
}

fn lock_place(disk: &Arc<dyn Disk>, options: &Options, place: &str) -> Result<Arc<dyn Held>> {
    let file = format!("{place}.lock");
    lock::acquire_shard(disk, options, &file)
}

/// The error of an enrolment in use without a line: it cannot be told which of its
/// codes are used.
pub fn missing_line(user: &UserId) -> Error {
    let path = file(&layout::signin(user.as_str()));
    let message = format!("{path} has no line for the enrolment of {user}: its codes cannot count");
    Error::damaged(path, message).words("restore signin/ from where it went, or reset the user")
}

/// The shard that has lines of a user, relative to the state directory, if it has any.
pub(super) fn path_of(disk: &dyn Disk, user: &UserId) -> Result<Option<String>> {
    let path = file(&layout::signin(user.as_str()));
    let Some(sealed) = read(disk, &path)? else { return Ok(None) };
    for line in keyed_lines::iterate(sealed.body()) {
        let (token, value) = line.map_err(|bad| bad_line(&path, bad))?;
        if parsed(&path, token, value)?.0 == *user {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

fn file(place: &str) -> String {
    format!("{place}.yaml")
}

fn token(user: &UserId, enrolment: &EnrolmentId) -> String {
    keyed_lines::token(&format!("{user} {enrolment}"))
}

fn read(disk: &dyn Disk, path: &str) -> Result<Option<Sealed>> {
    disk.open(path)?.map(|source| Sealed::read(path, &*source)).transpose()
}

/// The users in a shard of whom some line holds a lock.
fn locked_in(disk: &dyn Disk, path: &str) -> Result<BTreeSet<UserId>> {
    let mut locked = BTreeSet::new();
    let Some(sealed) = read(disk, path)? else { return Ok(locked) };
    for line in keyed_lines::iterate(sealed.body()) {
        let (token, value) = line.map_err(|bad| bad_line(path, bad))?;
        if !value.contains("\"locked_until\"") {
            continue;
        }
        let (user, state) = parsed(path, token, value)?;
        if state.locked_until.is_some() {
            locked.insert(user);
        }
    }
    Ok(locked)
}

/// Whose a line of the shard at `path` is, and what it says.
fn parsed(path: &str, token: &str, value: &str) -> Result<(UserId, SigninState)> {
    let key: String = parse_line(path, token, token)?;
    let state: SigninState = parse_line(path, &key, value)?;
    let user = key.split(' ').next().and_then(|user| UserId::parse(user).ok());
    let user =
        user.ok_or_else(|| bad_line(path, keyed_lines::BadLine(format!("{key:?} is no key"))))?;
    Ok((user, state))
}

fn read_line(
    disk: &dyn Disk,
    place: &str,
    user: &UserId,
    enrolment: &EnrolmentId,
) -> Result<Option<SigninState>> {
    let path = file(place);
    let Some(sealed) = read(disk, &path)? else { return Ok(None) };
    line_in(&path, sealed.body(), user, enrolment)
}

/// What the line of an enrolment says in the shard at `path`.
fn line_in(
    path: &str,
    body: &str,
    user: &UserId,
    enrolment: &EnrolmentId,
) -> Result<Option<SigninState>> {
    let found = keyed_lines::find(body, &token(user, enrolment));
    let Some(line) = found.map_err(|bad| bad_line(path, bad))? else { return Ok(None) };
    let state: SigninState = parse_line(path, user.as_str(), line)?;
    if state.enrolment == *enrolment {
        return Ok(Some(state));
    }
    Err(Error::damaged(path, format!("{path}, {user}: the line is of another enrolment")))
}

/// What an enrolment's line says just now.
pub(super) fn read_state(
    disk: &dyn Disk,
    user: &UserId,
    enrolment: &EnrolmentId,
) -> Result<Option<SigninState>> {
    read_line(disk, &layout::signin(user.as_str()), user, enrolment)
}
