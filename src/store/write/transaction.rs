//! A change: what it needs, what it made, and its record, committed together.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::parallel::prelude::*;

use crate::domain::ids::{Login, OrgId, UserId};
use crate::domain::model::User;
use crate::domain::outcome::Object;
use crate::domain::scope::{Key, Needs, OrgUse, Scope};
use crate::domain::time::Time;
use crate::error::Result;

use super::commit;
use super::making::{Made, Part};
use super::staging::Stage;
use crate::store::disk::lock;
use crate::store::disk::lock::Note;
use crate::store::format::digest::Digest;
use crate::store::format::header::Sealed;
use crate::store::format::layout::Sharded;
use crate::store::format::{keyed_lines, pruned};
use crate::store::read::past::PastKind;
use crate::store::read::view::parse_user;
use crate::store::{Committed, Lost, Meta, Options, View, signin};

/// A user who is to be loaded, the how manieth by login.
struct Wanted<'a> {
    shard: u16,
    number: usize,
    login: &'a Login,
}

/// A user as it was loaded, the how manieth by login: none where there is none of that login.
type Loaded = (usize, Option<Arc<User>>);

/// A change under way. Dropped without a commit, it leaves nothing.
pub struct Transaction {
    pub(crate) view: View,
    pub(crate) stage: Stage,
    pub(crate) options: Options,
    /// Whether this is more than a question.
    writes: bool,
    /// Whether the note in the lock file is cleared in the end; not after an
    /// outcome that is unknown.
    clears: bool,
}

impl Transaction {
    /// A transaction on `view`, which holds the lock: exclusive where it `writes`.
    pub(crate) fn new(view: View, options: Options, writes: bool) -> Transaction {
        Transaction { view, stage: Stage::default(), options, writes, clears: writes }
    }

    /// A transaction of which nothing is ever committed: for those who ask what would be.
    pub fn asking(view: View, options: Options) -> Transaction {
        Transaction::new(view, options, false)
    }

    /// Where nothing is to be written: lets go of the lock ([`View::release`]).
    pub fn release(&mut self) {
        if !self.writes {
            self.view.release();
        }
    }

    /// The state that it began from; what is staged does not show here.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Loads what is missing in `scope`; what is staged wins over the disk.
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

    /// Whose the keys are, shard by shard: where there is no such shard, all of its keys
    /// are nobody's.
    fn load_keys(&self, needs: &Needs, scope: &mut Scope) -> Result<()> {
        let mut wanted: Vec<(u16, &Key)> = Vec::new();
        for key in &needs.keys {
            if scope.keys.contains_key(key) {
                continue;
            }
            match self.stage.owner(key)? {
                Some(staged) => {
                    scope.keys.insert(key.clone(), staged.cloned());
                }
                None => wanted.push((self.view.base.fan_out.shard_of(&key.parts()), key)),
            }
        }
        wanted.sort_by_key(|(shard, _)| *shard);
        for keys in wanted.chunk_by(|a, b| a.0 == b.0) {
            let path = self.view.base.fan_out.path(Sharded::Index, keys[0].0);
            // One that is asked alone is sought in its shard, not to keep that.
            let nobodys = keys.len() > 1 && self.view.never_had(&path)?;
            for (_, key) in keys {
                let owner = if nobodys { None } else { self.view.owner(key)? };
                scope.keys.insert((*key).clone(), owner);
            }
        }
        Ok(())
    }

    /// The orgs that are needed, and those of the users that are.
    fn load_orgs(&self, needs: &Needs, scope: &mut Scope) -> Result<()> {
        let users = needs.users.iter().filter_map(|login| scope.users.get(login)?.as_ref());
        // Named often, looked up and copied once.
        let mut orgs: HashSet<&OrgId> = users.flat_map(|user| user.memberships.keys()).collect();
        orgs.extend(&needs.orgs);
        let missing = orgs.into_iter().filter(|org| !scope.orgs.contains_key(*org)).cloned();
        let missing: BTreeSet<OrgId> = missing.collect();
        for id in missing {
            let org = match self.stage.orgs.get(&id) {
                Some(staged) => staged.after()?,
                None => self.view.org(&id)?,
            };
            scope.orgs.insert(id, org);
        }
        Ok(())
    }

    fn load_operators(&self, scope: &mut Scope) -> Result<()> {
        scope.operators = self.view.operators()?;
        for (name, staged) in &self.stage.operators {
            match staged.after()? {
                Some(operator) => scope.operators.operators.insert(name.clone(), operator),
                None => scope.operators.operators.remove(name),
            };
        }
        Ok(())
    }

    /// Users, shard by shard on all processors: each shard is read once, however many of
    /// its users are wanted.
    fn load_users(&self, needs: &Needs, scope: &mut Scope) -> Result<()> {
        let mut logins: Vec<&Login> = Vec::new();
        for login in &needs.users {
            if scope.users.contains_key(login) {
                continue;
            }
            match self.stage.user(login)? {
                Some(staged) => {
                    scope.users.insert(login.clone(), staged.change.after()?.map(Arc::new));
                }
                None => logins.push(login),
            }
        }
        let mut wanted = self.wanted(&logins);
        wanted.sort_by_key(|wanted| wanted.shard);
        let shards: Vec<&[Wanted<'_>]> = wanted.chunk_by(|a, b| a.shard == b.shard).collect();
        let loaded: Vec<Result<Vec<Loaded>>> = if wanted.len() < crate::parallel::MANY {
            shards.iter().map(|wanted| self.users_of(wanted)).collect()
        } else {
            // Where so many are wanted, no file is worth keeping.
            let read = |memory: &mut Vec<u8>, wanted: &&[Wanted<'_>]| {
                let path = self.path_of(wanted);
                self.view.with_file(&path, memory, |file| self.users_in(&path, file, wanted))
            };
            shards.par_iter().map_init(Vec::new, read).collect()
        };
        // Whatever the processors did first, the first shard that is damaged is named.
        let mut users = vec![None; logins.len()];
        for (number, user) in loaded.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten()
        {
            users[number] = user;
        }
        scope.users.append(&mut logins.into_iter().cloned().zip(users).collect());
        Ok(())
    }

    /// In which shards users lie.
    fn wanted<'a>(&self, logins: &[&'a Login]) -> Vec<Wanted<'a>> {
        let fan_out = self.view.base.fan_out;
        let wanted = |(number, login): (usize, &&'a Login)| {
            let login: &'a Login = login;
            Wanted { shard: fan_out.shard(login.as_str()), number, login }
        };
        if logins.len() < crate::parallel::MANY {
            logins.iter().enumerate().map(wanted).collect()
        } else {
            logins.par_iter().enumerate().map(wanted).collect()
        }
    }

    /// The users wanted of one shard.
    fn users_of(&self, wanted: &[Wanted<'_>]) -> Result<Vec<Loaded>> {
        let path = self.path_of(wanted);
        let file = self.view.file(&path)?;
        self.users_in(&path, file.as_deref(), wanted)
    }

    /// Where those wanted of one shard lie.
    fn path_of(&self, wanted: &[Wanted<'_>]) -> String {
        let shard = wanted.first().map_or(0, |wanted| wanted.shard);
        self.view.base.fan_out.path(Sharded::Users, shard)
    }

    fn users_in(
        &self,
        path: &str,
        file: Option<&Sealed>,
        wanted: &[Wanted<'_>],
    ) -> Result<Vec<Loaded>> {
        let body = file.map_or("", Sealed::body);
        let find = |login: &Login| match body {
            "" => Ok(None),
            body => keyed_lines::find(body, &keyed_lines::token(login.as_str())),
        };
        let load = |Wanted { login, number, .. }: &Wanted<'_>| {
            let line = find(login)
                .map_err(|bad| crate::store::format::keyed_lines::bad_line(path, bad))?;
            let user = line.map(|line| parse_user(path, login.as_str(), line)).transpose()?;
            let user = self.view.past(PastKind::User, login.as_str(), user)?;
            Ok((*number, user.map(Arc::new)))
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

    /// What stands in the way of an org's removal.
    fn uses(&self, org: &OrgId) -> Result<OrgUse> {
        let now = (self.options.clock)();
        let mut sum = OrgUse::default();
        self.each_naming(org, |_, user| {
            sum.members += usize::from(user.memberships.contains_key(org));
            sum.exceptions += unended(user, org, now);
        })?;
        Ok(sum)
    }

    /// Every user whose line names the org, as staged where it is.
    fn each_naming(&self, org: &OrgId, mut each: impl FnMut(&Login, &User)) -> Result<()> {
        let quoted = format!("\"{org}\"");
        let needle = quoted.clone();
        let scan = self.view.scan()?.only_lines(move |line| line.contains(&needle));
        scan.for_each(|login, user| {
            if self.stage.user(login)?.is_none() {
                each(login, user);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        for staged in &self.stage.users {
            if staged.change.after.as_ref().is_some_and(|line| line.contains(&quoted))
                && let Some(user) = staged.change.after()?
            {
                each(&staged.login, &user);
            }
        }
        Ok(())
    }

    /// Stages objects under the subject that the audit names. Repeated changes
    /// of one object fold: before of the first, after of the last.
    ///
    /// # Errors
    /// `cap-exceeded` (3) where a line would hold too many exceptions; a bug (70) where an
    /// object cannot be kept.
    pub fn stage(&mut self, subject: Option<&str>, objects: &[Object]) -> Result<()> {
        let objects = self.without_old(objects)?;
        self.follow(&objects)?;
        self.stage.add(subject, &objects)
    }

    /// Stages what was made apart.
    ///
    /// # Errors
    /// As [`Transaction::stage`].
    pub fn take(&mut self, made: Vec<Made>) -> Result<()> {
        self.stage.reserve(made.iter().map(|made| made.0.len()).sum());
        for part in made.into_iter().flat_map(|made| made.0) {
            match part {
                Part::New(user) => self.stage.add_new(user)?,
                Part::Other(subject, objects) => self.stage(Some(&subject), &objects)?,
            }
        }
        Ok(())
    }

    /// Stages a file of evidence; returns its SHA-256, which names it.
    pub fn evidence(&mut self, bytes: Vec<u8>) -> String {
        let sha256 = Digest::of(&bytes).to_string();
        self.stage.evidence.insert(sha256.clone(), bytes);
        sha256
    }

    /// Records that these files are gone: the chain names them, nobody has them. From
    /// then on the transaction sees none.
    pub fn lose(&mut self, lost: Lost) {
        lost.0.keys().for_each(|path| self.view.base.rebuilt(path, None));
        self.stage.lost.extend(lost.0);
    }

    /// Commits what is staged with its record; `None` where nothing was staged,
    /// or on a dry run.
    ///
    /// # Errors
    /// System (8) or damaged (7): nothing changed. Unknown (9).
    pub fn commit(mut self, meta: Meta) -> Result<Option<Committed>> {
        if !self.writes || self.stage.is_empty() {
            return Ok(None);
        }
        let mut stage = std::mem::take(&mut self.stage);
        let gone = stage.gone()?;
        let days = std::mem::take(&mut stage.signin_days);
        let prunes = meta.action == pruned::ACTION;
        let done = commit::commit(&self.view, stage, &self.options, &meta);
        self.clears = done.no_shadow_left;
        let mut committed = done.result?;
        if let Some(committed) = committed.as_mut() {
            let mut left = |what: &str, removed: Result<()>| {
                if let Err(e) = removed {
                    committed.warnings.push(format!("{what} are left in signin/: {e}"));
                }
            };
            left("lines of removed users", self.forget_signins(&gone, prunes));
            left("old days", signin::removal::remove_days(&*self.view.base.disk, &days));
        }
        Ok(committed)
    }

    /// Removes what sign-ins left of users who are gone. It is no part of the commit: without
    /// its account a line counts for nothing.
    fn forget_signins(&self, gone: &BTreeSet<UserId>, prunes: bool) -> Result<()> {
        let disk = &self.view.base.disk;
        signin::removal::forget(disk, &self.options, gone)?;
        if !prunes {
            return Ok(());
        }
        // Pruning changes no user: those of before are those of now.
        signin::removal::forget_all_but(disk, &self.options, &self.view.user_ids()?)
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if self.clears {
            // Where it cannot be cleared the next writer looks more closely, no more.
            let note = Note::at_rest(&self.options);
            let _ = self.view.base.disk.set_note(&note.text());
        }
    }
}

/// Takes the exclusive lock, finishes what the last writer left, leaves a note.
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

/// How many exceptions of `user` cover `org` and have not ended.
fn unended(user: &User, org: &OrgId, now: Time) -> usize {
    use crate::domain::model::{Status::Live, Status::Requested, Status::Scheduled};
    let open = |status| matches!(status, Requested | Scheduled | Live);
    user.exceptions.values().filter(|e| e.orgs.contains(org) && open(e.status(now))).count()
}
