//! A transaction: what a change needs, what it made, and its record, committed together.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::domain::ids::{Login, OrgId};
use crate::domain::model::User;
use crate::domain::outcome::{Object, ObjectKey};
use crate::domain::scope::{Key, Needs, OrgUse, Scope};
use crate::domain::time::Time;
use crate::error::Result;
use crate::parallel;

use super::commit;
use super::staging::Lost;
use super::staging::{Stage, StagedFile};
use crate::store::disk::lock;
use crate::store::disk::lock::Note;
use crate::store::format::digest::Digest;
use crate::store::format::keyed_lines;
use crate::store::format::keyed_lines::bad_line;
use crate::store::format::layout;
use crate::store::format::layout::Sharded;
use crate::store::read::past::PastKind;
use crate::store::read::view::parse_user;
use crate::store::{Committed, Meta, Options, View, signin};

/// A change under way. If it is dropped without a commit, nothing changes.
pub struct Transaction {
    pub(crate) view: View,
    pub(crate) stage: Stage,
    pub(crate) options: Options,
    /// Whether it may be committed.
    writes: bool,
    /// Whether dropping it clears the note in the lock file: not after an unknown outcome.
    clears: bool,
}

impl Transaction {
    /// A transaction on `view`, which holds the lock: the exclusive one if it `writes`.
    pub(crate) fn new(view: View, options: Options, writes: bool) -> Transaction {
        Transaction { view, stage: Stage::default(), options, writes, clears: writes }
    }

    /// A transaction that never commits, to find out what a change would do.
    pub fn asking(view: View, options: Options) -> Transaction {
        Transaction::new(view, options, false)
    }

    /// Releases the lock of a transaction that never commits ([`View::release`]).
    pub fn release(&mut self) {
        if !self.writes {
            self.view.release();
        }
    }

    /// The state that it began from, without what is staged.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Loads what is missing in `scope`: as staged, or from the disk.
    ///
    /// # Errors
    /// Damaged (7), system (8).
    pub fn load(&self, needs: &Needs, scope: &mut Scope) -> Result<()> {
        if scope.operators.operators.is_empty() {
            self.load_operators(scope)?;
        }
        self.load_users(needs, scope)?;
        self.load_keys(needs, scope)?;
        self.load_orgs(needs, scope)?;
        if let Some(org) = needs.admins_of.as_ref().filter(|org| !scope.admins.contains_key(*org)) {
            scope.admins.insert(org.clone(), self.admins(org)?);
        }
        if let Some(org) = needs.use_of.as_ref().filter(|org| !scope.uses.contains_key(*org)) {
            scope.uses.insert(org.clone(), self.uses(org)?);
        }
        Ok(())
    }

    /// Loads the owners of keys, shard by shard: a shard is read once.
    fn load_keys(&self, needs: &Needs, scope: &mut Scope) -> Result<()> {
        let mut wanted: Vec<(u16, &Key)> = Vec::new();
        for key in &needs.keys {
            if scope.keys.contains_key(key) {
                continue;
            }
            match self.stage.keys.get(key) {
                Some(owner) => drop(scope.keys.insert(key.clone(), owner.clone())),
                None => wanted.push((self.view.base.fan_out.shard_of(&key.parts()), key)),
            }
        }
        wanted.sort_by_key(|(shard, _)| *shard);
        let owners = parallel::map_slice(&wanted, |(_, key)| self.view.owner(key));
        for ((_, key), owner) in wanted.into_iter().zip(owners) {
            scope.keys.insert(key.clone(), owner?);
        }
        Ok(())
    }

    /// Loads the orgs that are needed, and those of the users that are needed.
    fn load_orgs(&self, needs: &Needs, scope: &mut Scope) -> Result<()> {
        let users = needs.users.iter().filter_map(|login| scope.users.get(login)?.as_ref());
        // Many users name the same org: it is loaded once.
        let mut orgs: HashSet<&OrgId> = users.flat_map(|user| user.memberships.keys()).collect();
        orgs.extend(&needs.orgs);
        let missing = orgs.into_iter().filter(|org| !scope.orgs.contains_key(*org)).cloned();
        let missing: BTreeSet<OrgId> = missing.collect();
        for id in missing {
            let org = match self.stage.objects.get(&ObjectKey::Org(id.clone())) {
                Some(staged) => staged.after()?,
                None => self.view.org(&id)?,
            };
            scope.orgs.insert(id, org);
        }
        Ok(())
    }

    fn load_operators(&self, scope: &mut Scope) -> Result<()> {
        scope.operators = self.view.operators()?;
        for (key, staged) in &self.stage.objects {
            // They come first.
            let ObjectKey::Operator(name) = key else { break };
            match staged.after()? {
                Some(operator) => scope.operators.operators.insert(name.clone(), operator),
                None => scope.operators.operators.remove(name),
            };
        }
        Ok(())
    }

    /// Loads users, shard by shard: a shard is read once.
    fn load_users(&self, needs: &Needs, scope: &mut Scope) -> Result<()> {
        let mut wanted: Vec<(u16, &Login)> = Vec::new();
        for login in &needs.users {
            if scope.users.contains_key(login) {
                continue;
            }
            match self.stage.user(login) {
                Some(staged) => {
                    scope.users.insert(login.clone(), staged.after()?.map(Arc::new));
                }
                None => wanted.push((self.view.base.fan_out.shard(login.as_str()), login)),
            }
        }
        wanted.sort_by_key(|(shard, _)| *shard);
        let shards: Vec<&[(u16, &Login)]> = wanted.chunk_by(|a, b| a.0 == b.0).collect();
        // The error is that of the first damaged shard, whichever was read first.
        for users in parallel::map_slice(&shards, |wanted| self.users_of(wanted)) {
            scope.users.extend(users?);
        }
        Ok(())
    }

    /// Users of one shard.
    fn users_of(&self, wanted: &[(u16, &Login)]) -> Result<Vec<(Login, Option<Arc<User>>)>> {
        let Some((shard, _)) = wanted.first() else { return Ok(Vec::new()) };
        let path = self.view.base.fan_out.path(Sharded::Users, *shard);
        let file = self.view.file(&path)?;
        let body = file.as_ref().map_or("", |file| file.body());
        let load = |(_, login): &(u16, &Login)| {
            let line = keyed_lines::find(body, &keyed_lines::token(login.as_str()));
            let line = line.map_err(|bad| bad_line(&path, bad))?;
            let user = line.map(|line| parse_user(&path, login.as_str(), line)).transpose()?;
            let user = self.view.past(PastKind::User, login.as_str(), user)?;
            Ok(((*login).clone(), user.map(Arc::new)))
        };
        wanted.iter().map(load).collect()
    }

    /// The active admins of an org.
    fn admins(&self, org: &OrgId) -> Result<BTreeMap<Login, User>> {
        let mut admins = BTreeMap::new();
        self.each_naming(org, |login, user| {
            if user.is_active_admin_of(org) {
                admins.insert(login.clone(), user.clone());
            }
        })?;
        Ok(admins)
    }

    /// What prevents the removal of an org.
    fn uses(&self, org: &OrgId) -> Result<OrgUse> {
        let now = (self.options.clock)();
        let mut sum = OrgUse::default();
        self.each_naming(org, |_, user| {
            sum.members += usize::from(user.memberships.contains_key(org));
            sum.exceptions += unended(user, org, now);
        })?;
        Ok(sum)
    }

    /// Every user whose line names the org, as staged if it is staged.
    fn each_naming(&self, org: &OrgId, mut each: impl FnMut(&Login, &User)) -> Result<()> {
        let quoted = format!("\"{org}\"");
        let needle = quoted.clone();
        let scan = self.view.scan()?.only_lines(move |line| line.contains(&needle));
        scan.for_each(|login, user| {
            if self.stage.user(login).is_none() {
                each(login, user);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        for (login, staged) in self.stage.users() {
            if staged.after.as_ref().is_some_and(|line| line.contains(&quoted))
                && let Some(user) = staged.after()?
            {
                each(login, &user);
            }
        }
        Ok(())
    }

    /// Stages objects under the subject that the audit names. Repeated changes of one object
    /// are folded.
    ///
    /// # Errors
    /// `cap-exceeded` (3) if a line would hold too many exceptions; a bug (70) if two users get
    /// the same id or address.
    pub fn stage(&mut self, subject: Option<&str>, objects: &[Object]) -> Result<()> {
        let objects = self.without_old(objects)?;
        self.follow(&objects)?;
        self.stage.add(subject, &objects)
    }

    /// Stages a file of evidence; returns its SHA-256, which names it.
    pub fn evidence(&mut self, bytes: Vec<u8>) -> String {
        let sha256 = Digest::of(&bytes).to_string();
        self.stage.files.insert(layout::evidence(&sha256), StagedFile::Evidence(bytes));
        sha256
    }

    /// Records that these files are lost: the chain names them, and they do not exist. From
    /// then on the transaction sees none.
    pub fn lose(&mut self, lost: Lost) {
        for (path, hash) in lost.0 {
            self.view.base.rebuilt(&path, None);
            self.stage.files.insert(path, StagedFile::Removed(hash));
        }
    }

    /// Commits what is staged with its record; `None` if nothing was staged, or on a dry run.
    ///
    /// # Errors
    /// System (8) or damaged (7): nothing changed. Unknown (9).
    pub fn commit(mut self, meta: Meta) -> Result<Option<Committed>> {
        if !self.writes || self.stage.is_empty() {
            return Ok(None);
        }
        let attempt = commit::commit(&self.view.base, &self.stage, &self.options, &meta);
        self.clears = attempt.is_clean;
        let mut committed = attempt.result?;
        if let Some(committed) = &mut committed {
            let mut left = |what: &str, removed: Result<()>| {
                if let Err(e) = removed {
                    committed.warnings.push(format!("{what} are left in signin/: {e}"));
                }
            };
            left("lines of removed users", self.forget_signins());
            if let Some(before) = self.stage.prune_signins {
                left("old days", signin::removal::remove_days(&*self.view.base.disk, before));
            }
        }
        Ok(committed)
    }

    /// Removes what sign-ins left of users who are gone. This is not part of the commit:
    /// without its account a line has no effect.
    fn forget_signins(&self) -> Result<()> {
        let disk = &self.view.base.disk;
        let gone = self.stage.keys.iter().filter_map(|(key, owner)| match (key, owner) {
            (Key::Id(id), None) => Some(id.clone()),
            _ => None,
        });
        signin::removal::forget(disk, &self.options, &gone.collect())?;
        if self.stage.prune_signins.is_none() {
            return Ok(());
        }
        // Pruning changes no user: those from before are those of now.
        signin::removal::forget_all_but(disk, &self.options, &self.view.user_ids()?)
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if self.clears {
            // If it cannot be cleared, the next writer only looks more closely.
            let note = Note::at_rest(&self.options);
            let _ = self.view.base.disk.set_note(&note.text());
        }
    }
}

/// Takes the exclusive lock, recovers the last commit, and leaves a note.
pub(crate) fn begin(
    disk: &Arc<dyn crate::store::Disk>,
    options: &Options,
    repairs: bool,
) -> Result<Transaction> {
    let held = lock::acquire(disk, options, true)?;
    let base = super::recover::finish(disk, options, repairs)?;
    disk.set_note(&Note::of_writer(options).text())?;
    let view = View::of(base, Some(held), false);
    Ok(Transaction::new(view, options.clone(), true))
}

/// How many exceptions of `user` cover `org` and have not ended yet.
fn unended(user: &User, org: &OrgId, now: Time) -> usize {
    use crate::domain::model::{Status::Live, Status::Requested, Status::Scheduled};
    let open = |status| matches!(status, Requested | Scheduled | Live);
    user.exceptions.values().filter(|e| e.orgs.contains(org) && open(e.status(now))).count()
}
