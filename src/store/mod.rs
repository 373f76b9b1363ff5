//! The state directory: plain YAML files that hold exactly one committed
//! revision at every instant, whatever is killed, full or unplugged.
//!
//! - [`disk`]: the one door to the disk; every step can be failed or observed.
//! - [`Store`]: opens or makes a state; hands out views and transactions.
//! - [`View`], [`Scan`]: one revision, read.
//! - [`Transaction`]: loads what a change needs, stages what it made, commits
//!   both with their record.
//! - [`log`]: the audit log: the commit point, and its readers.
//! - [`Snapshot`], [`Archive`]: a backup, made and read.
//! - [`Verified`], [`Problem`]: what `audit verify` and `state check` find.

use std::collections::BTreeSet;
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crate::domain::model::Operators;
use crate::error::{Error, Kind, Result};
use crate::secret::ring::KeyRing;

use base::Base;

mod backup;
mod base;
mod block;
mod calendar;
mod check;
mod commit;
mod create;
mod details;
mod digest;
pub mod disk;
mod draft;
mod evidence;
mod finish;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod history;
mod jobs;
mod layout;
mod lines;
mod lock;
pub mod log;
mod making;
mod migrate;
mod moved_out;
mod options;
mod piece;
mod pinned;
mod plan;
mod prune;
mod pruned;
mod reading;
mod repair;
mod revision;
mod scan;
mod sealed;
mod secrets;
mod shadows;
mod shards;
pub mod signin;
mod skim;
mod sought;
mod stage;
mod texts;
mod together;
mod transaction;
mod user_line;
mod user_text;
mod verify;
mod view;
mod waiting;

pub use backup::{Archive, Lost, Manifest, Snapshot};
pub use check::{Info, Problem};
pub use disk::{Disk, Held, RealDisk, Vacant, left_by_foundings};
pub use draft::Draft;
pub use evidence::{KeptEvidence, evidence_name};
pub use log::{Author, Committed, Detail, Meta, Record, Records};
pub use making::{Made, Making};
pub use moved_out::{MovedOut, Sought};
pub use options::{Clock, Name, Options, Random, Step, Told};
pub use prune::Pruned;
pub use repair::Edited;
pub use revision::{At, Head};
pub use scan::Scan;
pub use sealed::LARGEST_EVIDENCE;
pub use transaction::Transaction;
pub use user_line::{Line, UserLine};
pub use verify::{FirstBad, Verified};
pub use view::View;

/// Fewer than this are done in order by one thread: starting the others takes
/// longer than a small change as a whole.
const MANY: usize = 256;

/// A state directory that was found and may be used.
#[derive(Clone)]
pub struct Store {
    disk: Arc<dyn Disk>,
    options: Options,
}

/// What a new state begins with.
#[derive(Debug, Clone)]
pub struct Founding {
    /// The first operators.
    pub operators: Operators,
    /// Who founds it; `action` is `init`.
    pub meta: Meta,
    /// The sealing key, of which the state keeps a check value; none until there is
    /// something to seal.
    pub key: Option<KeyRing>,
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
        if disk.open(layout::FOUNDING)?.is_some() {
            return Err(Error::no_state(&disk.place()));
        }
        // Everything else shows when it is read. A state that only just begins
        // has its log first: that is enough.
        if disk.open(layout::STATE)?.is_none() && disk.open(&layout::segment(1))?.is_none() {
            return Err(Error::no_state(&disk.place()));
        }
        Ok(Store { disk, options })
    }

    /// The state behind `disk` that is only being made ([`Draft::disk`]).
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
        Draft::new(vacant, &options, founding)?.publish()?;
        // It is founded: «nothing changed» would not be true any more.
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
        create::fill(&disk, &options, founding)?;
        Ok(Store { disk, options })
    }

    /// The state as it is now, under a shared lock.
    ///
    /// # Errors
    /// Busy (6), damaged (7), system (8).
    pub fn view(&self) -> Result<View> {
        let held = lock::acquire(&self.disk, &self.options, false)?;
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

    /// Whether the last revision is still the one with this hash; reads the end of the
    /// log, without any lock.
    ///
    /// # Errors
    /// Damaged (7), system (8).
    pub fn is_at(&self, hash: &str) -> Result<bool> {
        Ok(log::tail::find(&*self.disk)?.is_some_and(|tail| tail.hash.to_string() == hash))
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
        verify::verify(&disk, head, &*self.options.step)
    }

    /// All files as they are now; lets go of the lock, unless it has to be kept to read them.
    fn pinned(&self, held: &mut Option<Arc<dyn Held>>) -> Result<Arc<dyn Disk>> {
        *held = Some(lock::acquire(&self.disk, &self.options, false)?);
        let Some(pinned) = pinned::Pinned::of(&self.disk)? else {
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
    pub fn check(&self) -> Result<(Verified, Vec<Problem>)> {
        let mut held = None;
        let disk = self.pinned(&mut held)?;
        let verified = verify::verify(&disk, None, &*self.options.step)?;
        // What a file should be is said once, and not again of those that follow from it.
        let bad: BTreeSet<&str> = verified.files_bad.iter().map(|bad| bad.path.as_str()).collect();
        let mut problems = match Base::read(&disk) {
            Ok(base) => {
                let now = (self.options.clock)().max(base.tail.commit.at);
                // Of a pinned state nothing moves on.
                let pinned = held.is_none();
                check::check(&View::of(base, held, pinned), now, &bad)?
            }
            // Of a log or a state.yaml that is damaged that was said.
            Err(e) if e.kind == Kind::Damaged && !verified.ok() => Vec::new(),
            Err(e) if e.kind == Kind::Damaged => {
                let path = e.subject.clone().unwrap_or_default();
                vec![Problem { path, what: e.message }]
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
        check::info(&self.view()?)
    }

    /// Begins a change, under the exclusive lock.
    ///
    /// # Errors
    /// Busy (6), damaged (7), system (8).
    pub fn begin(&self) -> Result<Transaction> {
        transaction::begin(&self.disk, &self.options, false)
    }

    /// The same for a repair, which goes on where a killed writer left a record
    /// half and a file is damaged besides.
    ///
    /// # Errors
    /// As [`Store::begin`].
    pub fn begin_repair(&self) -> Result<Transaction> {
        transaction::begin(&self.disk, &self.options, true)
    }

    /// Begins a change whose commit writes nothing and returns `None`.
    ///
    /// # Errors
    /// As [`Store::view`].
    pub fn dry_run(&self) -> Result<Transaction> {
        Ok(Transaction::new(self.view()?, self.options.clone(), false))
    }
}
