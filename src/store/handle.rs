//! The door to a state: found, made, read or changed.

use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crate::domain::ids::UserId;
use crate::domain::time::Time;
use crate::error::{Error, Kind, Result};
use crate::secret::ids::EnrolmentId;

use super::disk::{self, Disk, Held, RealDisk, Vacant};
use super::maintain::backup::{Archive, Snapshot};
use super::maintain::check::{Info, StateProblem};
use super::maintain::draft::DraftState;
use super::maintain::init::Founding;
use super::maintain::verify::Verified;
use super::options::Options;
use super::read::at::At;
use super::read::revision::Base;
use super::read::view::View;
use super::signin::{self, Shard, SigninLine};
use super::write::transaction::Transaction;
use super::{format, maintain, read, write};

/// A state directory that was found and may be used.
#[derive(Clone)]
pub struct Store {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) options: Options,
}

impl Store {
    /// Opens the state in `dir`.
    ///
    /// # Errors
    /// `no-state` (4) where there is none; damaged (7) where it is open to
    /// others, another's or of a newer format; system (8) on NFS.
    pub fn open(dir: &Path, options: Options) -> Result<Store> {
        let disk = RealDisk::open(dir, options.allow_nfs)?;
        Store::with_disk(Arc::new(disk), options)
    }

    /// Opens the state behind `disk`: of a directory that is open already.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn with_disk(disk: Arc<dyn Disk>, options: Options) -> Result<Store> {
        // A state that is only being made is none yet.
        if disk.open(format::layout::FOUNDING)?.is_some() {
            return Err(Error::no_state(&disk.place()));
        }
        // Everything else shows when it is read. A state that only just begins
        // has its log first: that is enough.
        if disk.open(format::layout::STATE)?.is_none()
            && disk.open(&format::layout::segment(1))?.is_none()
        {
            return Err(Error::no_state(&disk.place()));
        }
        Ok(Store { disk, options })
    }

    /// Opens the state in a backup, to be read.
    ///
    /// # Errors
    /// `bad-backup` (2) where it holds none.
    pub fn of_archive(archive: &Archive, options: Options) -> Result<Store> {
        Store::with_disk(archive.shared_disk(), options).map_err(|e| archive.error(e))
    }

    /// Opens everything that a backup of the last revision holds.
    ///
    /// # Errors
    /// Busy (6), damaged (7), system (8).
    pub fn snapshot(&self, with_secrets: bool) -> Result<Snapshot> {
        Snapshot::take(&self.disk, &self.options, with_secrets)
    }

    /// The state behind `disk` that is only being made ([`DraftState::disk`]).
    pub fn of_draft(disk: Arc<dyn Disk>, options: Options) -> Store {
        Store { disk, options }
    }

    /// Makes a state in `dir`, which does not exist or is empty, and opens it.
    ///
    /// # Errors
    /// `exists` (3) where something is there; system (8).
    pub fn create(dir: &Path, options: Options, founding: &Founding) -> Result<Store> {
        let empty = disk::open_dir(dir);
        let vacant = match &empty {
            Ok(open) => Vacant::Dir(open.as_fd(), dir),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Vacant::Path(dir),
            Err(_) => return Err(disk::exists(&dir.display().to_string())),
        };
        DraftState::new(vacant, &options, founding)?.publish()?;
        // The state exists by now, so this is not an error that changed nothing.
        Store::open(dir, options).map_err(|mut e| {
            e.kind = Kind::Unknown;
            e.message = format!("the state is made, but cannot be opened: {}", e.message);
            e
        })
    }

    /// Makes a state in the empty directory behind `disk`, in place.
    ///
    /// # Errors
    /// As [`Store::create`].
    pub fn create_with_disk(
        disk: Arc<dyn Disk>,
        options: Options,
        founding: &Founding,
    ) -> Result<Store> {
        maintain::init::fill(&disk, &options, founding)?;
        Ok(Store { disk, options })
    }

    /// The state as it is now, under a shared lock.
    ///
    /// # Errors
    /// Busy (6), damaged (7), system (8).
    pub fn view(&self) -> Result<View> {
        let held = disk::lock::acquire(&self.disk, &self.options, false)?;
        Ok(View::of(Base::read(&self.disk)?, Some(held), false))
    }

    /// The state as it was at a revision or an instant.
    ///
    /// # Errors
    /// As [`Store::view`]; not found (4) before the first revision or after the last.
    pub fn view_at(&self, at: At) -> Result<View> {
        self.view()?.back_to(at)
    }

    /// Reads without any lock: `read` runs again until nothing was committed meanwhile.
    ///
    /// # Errors
    /// What `read` says; busy (6) where the state does not hold still within the lock timeout.
    pub fn peek<T>(&self, mut read: impl FnMut(&View) -> Result<T>) -> Result<T> {
        let begun = Instant::now();
        loop {
            let base = Base::read(&self.disk);
            let (answer, base) = match base {
                Ok(base) => {
                    let view = View::of(base, None, true);
                    (read(&view), Some(view.base))
                }
                Err(e) => (Err(e), None),
            };
            // An answer counts, good or bad, where nothing was committed meanwhile.
            let settled = match &base {
                Some(base) => base.tail.is_current(&*self.disk)?,
                // The end of the log moved while it was looked for, or is damaged: once more tells.
                None => Base::read(&self.disk).is_err(),
            };
            if settled {
                return answer;
            }
            if begun.elapsed() >= self.options.lock_timeout {
                let message = format!("{} does not hold still", self.disk.place());
                return Err(Error::new(Kind::Busy, "busy", message)
                    .words("wait longer with --lock-timeout"));
            }
        }
    }

    /// Recomputes the chain and compares the state files with it. `head` is a
    /// hash kept elsewhere that the chain must contain. Nobody waits meanwhile, unless not all
    /// files may be open at once.
    ///
    /// # Errors
    /// Busy (6), system (8); what is wrong with the state is in the answer.
    pub fn verify(&self, head: Option<&str>) -> Result<Verified> {
        let mut held = None;
        let disk = self.pinned(&mut held)?;
        maintain::verify::verify(&disk, head, &*self.options.step)
    }

    /// All files as they are now; lets go of the lock, unless it has to be kept to read them.
    fn pinned(&self, held: &mut Option<Arc<dyn Held>>) -> Result<Arc<dyn Disk>> {
        *held = Some(disk::lock::acquire(&self.disk, &self.options, false)?);
        let Some(pinned) = read::pinned::Pinned::of(&self.disk)? else {
            return Ok(Arc::clone(&self.disk));
        };
        *held = None;
        Ok(Arc::new(pinned))
    }

    /// Everything that is wrong with the state: the chain, the form of every
    /// file, and whether files that say the same thing twice agree.
    ///
    /// # Errors
    /// Busy (6), system (8).
    pub fn check(&self) -> Result<(Verified, Vec<StateProblem>)> {
        let mut held = None;
        let disk = self.pinned(&mut held)?;
        let verified = maintain::verify::verify(&disk, None, &*self.options.step)?;
        // A file is named once, and the files that depend on it are not named again.
        let bad: BTreeSet<&str> = verified.files_bad.iter().map(|bad| bad.path.as_str()).collect();
        let mut problems = match Base::read(&disk) {
            Ok(base) => {
                let now = (self.options.clock)().max(base.tail.commit.at);
                // A pinned state does not change.
                let pinned = held.is_none();
                maintain::check::check(&View::of(base, held, pinned), now, &bad)?
            }
            // The verification has already named a damaged log or state.yaml.
            Err(e) if e.kind == Kind::Damaged && !verified.ok() => Vec::new(),
            Err(e) if e.kind == Kind::Damaged => {
                let path = e.subject.clone().unwrap_or_default();
                vec![StateProblem { path, what: e.message }]
            }
            Err(e) => return Err(e),
        };
        problems.retain(|problem| !bad.contains(problem.path.as_str()));
        Ok((verified, problems))
    }

    /// Sizes and counts, for `state info`.
    ///
    /// # Errors
    /// As [`Store::view`].
    pub fn info(&self) -> Result<Info> {
        maintain::check::info(&self.view()?)
    }

    /// Begins a change, under the exclusive lock.
    ///
    /// # Errors
    /// Busy (6), damaged (7), system (8).
    pub fn begin(&self) -> Result<Transaction> {
        write::transaction::begin(&self.disk, &self.options, false)
    }

    /// The same for a repair, which goes on where a killed writer left a record
    /// half and a file is damaged besides.
    ///
    /// # Errors
    /// As [`Store::begin`].
    pub fn begin_repair(&self) -> Result<Transaction> {
        write::transaction::begin(&self.disk, &self.options, true)
    }

    /// Begins a change whose commit writes nothing and returns `None`.
    ///
    /// # Errors
    /// As [`Store::view`].
    pub fn dry_run(&self) -> Result<Transaction> {
        Ok(Transaction::new(self.view()?, self.options.clone(), false))
    }

    /// The users with a line in `signin/` that has a lock. Whether it still counts depends on
    /// the account and its secrets
    /// ([`SigninState::locked_until`](crate::secret::attempts::SigninState::locked_until)).
    /// Takes no lock.
    ///
    /// # Errors
    /// Damaged (7), system (8).
    pub fn signin_locks(&self) -> Result<BTreeSet<UserId>> {
        signin::locks(&*self.disk)
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
    ) -> Result<Vec<SigninLine>> {
        signin::lines_ahead(&*self.disk, periods, now)
    }

    /// Locks the shard of a user against other sign-ins.
    ///
    /// # Errors
    /// Busy (6), damaged (7), system (8).
    pub fn signin_shard(&self, user: &UserId) -> Result<Shard> {
        Shard::lock(&self.disk, &self.options, user)
    }

    /// Appends a line about an attempt to the log of the day; not synced.
    ///
    /// # Errors
    /// System (8), damaged (7); the attempt stands all the same.
    pub fn log_signin(&self, at: Time, line: &str) -> Result<()> {
        let path = format!("{}/{}.jsonl", format::layout::SIGNIN_LOG, at.day());
        self.disk.append(&path, format!("{line}\n").as_bytes())
    }

    /// Puts many lines: one lock and one write for all of a shard, none where they say
    /// nothing new. Durable when this returns.
    ///
    /// # Errors
    /// Busy (6), damaged (7), system (8): some may be written, of enrolments not yet in use.
    pub fn put_signin_lines(&self, lines: &[SigninLine]) -> Result<()> {
        signin::put_lines(&self.disk, &self.options, lines)
    }

    /// The files that killed sign-ins left behind. The next sign-in of the same shard removes
    /// them, and so does a repair.
    ///
    /// # Errors
    /// System (8).
    pub fn signin_strays(&self) -> Result<Vec<String>> {
        Ok(signin::removal::strays(&*self.disk)?.into_iter().map(|(path, _)| path).collect())
    }

    /// Writes the sign-in lines of enrolments that `transaction` brings back from a backup,
    /// before it commits: their codes up to `now` count as used.
    ///
    /// # Errors
    /// Busy (6), damaged (7), system (8).
    pub fn ready_signin(&self, transaction: &Transaction, now: Time) -> Result<()> {
        self.put_signin_lines(&maintain::restored_signin::ready(transaction, now)?)
    }

    /// Gives every enrolment in use that has no line one, after a restore: all codes up to
    /// `now` count as used and the recovery codes are void.
    ///
    /// # Errors
    /// Busy (6), damaged (7), system (8).
    pub fn complete_signin(&self, now: Time) -> Result<()> {
        let lines = maintain::restored_signin::complete(&self.view()?, now)?;
        self.put_signin_lines(&lines)
    }
}
