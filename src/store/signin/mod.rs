//! `signin/`: what changes at every sign-in. 4096 fixed shards by user id, each with
//! a lock of its own, replaced whole and synced before anybody is answered; outside
//! the chain, so that a sign-in never waits for a change of the state.
//!
//! ```text
//! # mfactl 1 · rev 17 · sha256 …
//! "u_7f3k2m9q e_aeaqcaibaeaqc": {"enrolment":"e_aeaqcaibaeaqc","last_step":59666666}
//! ```
//!
//! The `rev` of a shard is the number of its writes, not a revision of the state. Each
//! enrolment in use has a line; one without a line is damage. A line is put before the commit
//! that brings its enrolment into use. A sign-in with the former enrolment removes it, so
//! whoever puts it keeps the shard locked until the commit, or puts it again afterwards.

pub(super) mod removal;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::parallel;

use crate::domain::ids::UserId;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::secret::attempts::SigninState;
use crate::secret::ids::EnrolmentId;

use super::disk::{Disk, Held, lock};
use super::format::header;
use super::format::header::Sealed;
use super::format::keyed_lines;
use super::format::keyed_lines::Edit;
use super::format::keyed_lines::{bad_line, parse_line};
use super::format::layout;
use super::options::Options;

/// The sign-in shard of one user, locked.
pub struct Shard {
    disk: Arc<dyn Disk>,
    _held: Arc<dyn Held>,
    user: UserId,
    path: String,
}

/// The users with a line that has a lock. Takes no lock.
pub(crate) fn locks(disk: &dyn Disk) -> Result<BTreeSet<UserId>> {
    let shards = shards(disk)?;
    let locked = parallel::map_slice(&shards, |path| locked_in(disk, path));
    let locked: Vec<_> = locked.into_iter().collect::<Result<_>>()?;
    Ok(locked.into_iter().flatten().collect())
}

/// The lines that say of the future what only a clock that was ahead can have left
/// ([`Store::signin_lines_ahead`](crate::store::Store::signin_lines_ahead)).
pub(crate) fn lines_ahead(
    disk: &dyn Disk,
    periods: &BTreeMap<EnrolmentId, u64>,
    now: Time,
) -> Result<Vec<SigninLine>> {
    let seconds = u64::try_from(now.unix()).unwrap_or(0);
    let of_shard = |path: &String| -> Result<Vec<SigninLine>> {
        let mut ahead = Vec::new();
        let Some(sealed) = read(disk, path)? else { return Ok(ahead) };
        for line in keyed_lines::iterate(sealed.body()) {
            let (token, value) = line.map_err(|bad| bad_line(path, bad))?;
            let (user, state) = parsed(path, token, value)?;
            let Some(period) = periods.get(&state.enrolment) else { continue };
            let present = seconds / (*period).max(1);
            ahead.extend(SigninLine::brought_back(user, &state, present, now));
        }
        Ok(ahead)
    };
    let all = parallel::map_slice(&shards(disk)?, of_shard);
    let all: Result<Vec<Vec<SigninLine>>> = all.into_iter().collect();
    Ok(all?.into_iter().flatten().collect())
}

impl Shard {
    /// Locks the shard of a user against other sign-ins.
    ///
    /// # Errors
    /// Busy (6), damaged (7), system (8).
    pub(crate) fn lock(disk: &Arc<dyn Disk>, options: &Options, user: &UserId) -> Result<Shard> {
        let place = layout::signin(user.as_str());
        let held = lock_place(disk, options, &place)?;
        let path = file(&place);
        Ok(Shard { disk: Arc::clone(disk), _held: held, user: user.clone(), path })
    }

    /// Puts the line of an enrolment, beside those of others. Durable when this returns.
    ///
    /// # Errors
    /// Damaged (7): nothing changed. System (8): the line may have been put.
    pub fn put(&self, state: &SigninState) -> Result<()> {
        edit(&*self.disk, &self.path, |_| Ok(vec![line(&self.user, state)]))?;
        self.disk.sync_dir(layout::SIGNIN)
    }

    /// Puts the line of an enrolment. Those of the user's other enrolments go.
    ///
    /// # Errors
    /// As [`Shard::put`].
    pub fn put_alone(&self, state: &SigninState) -> Result<()> {
        edit(&*self.disk, &self.path, |body| {
            let mut edits = vec![line(&self.user, state)];
            for other in keyed_lines::iterate(body) {
                let (other, _) = other.map_err(|bad| bad_line(&self.path, bad))?;
                if other != edits[0].token && user_of(&self.path, other)? == self.user {
                    edits.push(Edit { token: other.to_owned().into(), value: None });
                }
            }
            edits.sort_by(|a, b| a.token.cmp(&b.token));
            Ok(edits)
        })?;
        self.disk.sync_dir(layout::SIGNIN)
    }
}

/// The edit that puts a line.
fn line(user: &UserId, state: &SigninState) -> Edit<'static> {
    let value = serde_json::to_string(state).expect("sign-in state is plain data");
    Edit { token: token(user, &state.enrolment).into(), value: Some(value.into()) }
}

/// Makes `edits`, sorted, in a shard whose lock is held: afterwards it is the whole new file, or
/// the old one. Returns whether it changed. Its directory is for the caller to sync.
fn edit(
    disk: &dyn Disk,
    path: &str,
    edits: impl FnOnce(&str) -> Result<Vec<Edit<'static>>>,
) -> Result<bool> {
    let old = read(disk, path)?;
    let body = old.as_ref().map_or("", Sealed::body);
    let edits = edits(body)?;
    if edits.is_empty() {
        return Ok(false);
    }
    let body = keyed_lines::edit(body, &edits).map_err(|bad| bad_line(path, bad))?;
    let rev = old.as_ref().map_or(0, |old| old.rev);
    let (_, bytes) = header::seal(rev.saturating_add(1), &body);
    let shadow = layout::shadow(0, path);
    // A killed sign-in may have left one; the lock is ours.
    disk.unlink(&shadow)?;
    let write = || {
        let mut sink = disk.create(&shadow)?;
        sink.write_at(&bytes, 0)?;
        sink.sync()?;
        drop(sink);
        disk.rename(&shadow, path)
    };
    write().inspect_err(|_| {
        // If this fails, whoever writes the shard next removes it.
        let _ = disk.unlink(&shadow);
    })?;
    Ok(true)
}

/// A line to be put, one of many.
pub struct SigninLine {
    /// Whose it is.
    pub user: UserId,
    /// The line, where the enrolment has none yet.
    pub state: SigninState,
    /// What becomes of the line where the enrolment has one, under its lock; `None`: it stays.
    pub merge: Merge,
}

/// Makes a new line of the one that is there.
pub type Merge = Box<dyn Fn(&SigninState) -> Option<SigninState> + Send + Sync>;

impl SigninLine {
    /// The line of `user`, brought back to `now` (whose step is `present`) where it says of
    /// the future what only a clock that was ahead can have left.
    pub fn brought_back(
        user: UserId,
        state: &SigninState,
        present: u64,
        now: Time,
    ) -> Option<SigninLine> {
        let state = state.brought_back(present, now)?;
        Some(SigninLine { user, state, merge: Box::new(move |it| it.brought_back(present, now)) })
    }
}

/// Puts many lines: one lock and one write for all of a shard, none where they say nothing
/// new. Durable when this returns.
pub(crate) fn put_lines(
    disk: &Arc<dyn Disk>,
    options: &Options,
    lines: &[SigninLine],
) -> Result<()> {
    let mut shards: BTreeMap<String, Vec<&SigninLine>> = BTreeMap::new();
    for line in lines {
        shards.entry(layout::signin(line.user.as_str())).or_default().push(line);
    }
    let mut changed = false;
    for (place, lines) in shards {
        let _held = lock_place(disk, options, &place)?;
        let path = file(&place);
        changed |= edit(&**disk, &path, |body| merged(&path, body, &lines))?;
    }
    if changed { disk.sync_dir(layout::SIGNIN) } else { Ok(()) }
}

/// The edits that bring `lines` into a shard, sorted; none for what it says already.
fn merged(path: &str, body: &str, lines: &[&SigninLine]) -> Result<Vec<Edit<'static>>> {
    let mut edits: BTreeMap<String, (&UserId, SigninState)> = BTreeMap::new();
    for SigninLine { user, state, merge } in lines {
        let token = token(user, &state.enrolment);
        let there = match edits.get(&token) {
            Some((_, state)) => Some(state.clone()),
            None => line_in(path, body, user, &state.enrolment)?,
        };
        let new = there.as_ref().map_or_else(|| Some(state.clone()), merge);
        if let Some(new) = new.filter(|new| Some(new) != there.as_ref()) {
            edits.insert(token, (user, new));
        }
    }
    Ok(edits.into_values().map(|(user, state)| line(user, &state)).collect())
}

fn lock_place(disk: &Arc<dyn Disk>, options: &Options, place: &str) -> Result<Arc<dyn Held>> {
    let file = format!("{place}.lock");
    lock::acquire_shard(disk, options, &file)
}

/// The error of an enrolment in use without a line: nobody knows which of its codes are used.
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
        let (token, _) = line.map_err(|bad| bad_line(&path, bad))?;
        if user_of(&path, token)? == *user {
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

/// The shards that exist.
fn shards(disk: &dyn Disk) -> Result<Vec<String>> {
    let names = disk.list(layout::SIGNIN)?;
    let shards = names.iter().filter(|name| name.ends_with(".yaml") && !name.starts_with('.'));
    Ok(shards.map(|name| layout::join(layout::SIGNIN, name)).collect())
}

/// The users in a shard with a line that has a lock.
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
    let user = user_of(path, token)?;
    let state = parse_line(path, user.as_str(), value)?;
    Ok((user, state))
}

/// Whose a line of the shard at `path` is.
fn user_of(path: &str, token: &str) -> Result<UserId> {
    let key: String = parse_line(path, token, token)?;
    let user = key.split(' ').next().and_then(|user| UserId::parse(user).ok());
    user.ok_or_else(|| bad_line(path, keyed_lines::BadLine(format!("invalid key {key:?}"))))
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

/// The line of an enrolment as it is now.
pub(super) fn read_state(
    disk: &dyn Disk,
    user: &UserId,
    enrolment: &EnrolmentId,
) -> Result<Option<SigninState>> {
    let path = file(&layout::signin(user.as_str()));
    let Some(sealed) = read(disk, &path)? else { return Ok(None) };
    line_in(&path, sealed.body(), user, enrolment)
}
