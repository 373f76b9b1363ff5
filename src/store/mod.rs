//! The state directory: plain YAML files that hold exactly one committed
//! revision at every instant, whatever is killed, full or unplugged.
//!
//! - [`disk`]: the one door to the disk; every step can be failed or observed.
//! - [`Store`]: opens or makes a state; hands out views and transactions.
//! - [`View`], [`Scan`]: one revision, read.
//! - [`Transaction`]: loads what a change needs, stages what it made, commits
//!   both with their record.
//! - [`log`]: the audit log: the commit point, and its readers.
//! - [`Verified`], [`Problem`]: what `audit verify` and `state check` find.

use std::path::Path;
use std::sync::Arc;

use crate::domain::model::Operators;
use crate::error::Result;

mod check;
pub mod disk;
pub mod log;
mod options;
mod scan;
mod transaction;
mod verify;
mod view;

pub use check::{Info, Problem};
pub use disk::Disk;
pub use log::{Author, Committed, Detail, Meta, Record, Records};
pub use options::Options;
pub use scan::Scan;
pub use transaction::Transaction;
pub use verify::{FirstBad, Verified};
pub use view::{At, Head, View};

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
}

impl Store {
    /// Opens the state in `dir`.
    ///
    /// # Errors
    /// `no-state` (4) where there is none; damaged (7) where it is open to
    /// others, another's or of a newer format; system (8) on NFS.
    pub fn open(dir: &Path, options: Options) -> Result<Store> {
        let _ = (dir, options);
        unimplemented!()
    }

    /// Opens the state behind `disk`; for tests and for directories opened already.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn with_disk(disk: Arc<dyn Disk>, options: Options) -> Result<Store> {
        Ok(Store { disk, options })
    }

    /// Makes a state in `dir`, which is not there or is empty, and opens it.
    ///
    /// # Errors
    /// `exists` (3) where something is there; system (8).
    pub fn create(dir: &Path, options: Options, founding: &Founding) -> Result<Store> {
        let _ = (dir, options, founding);
        unimplemented!()
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
        let _ = founding;
        Ok(Store { disk, options })
    }

    /// The state as it is now, under a shared lock.
    ///
    /// # Errors
    /// Busy (6), damaged (7), system (8).
    pub fn view(&self) -> Result<View> {
        let _ = (&self.disk, &self.options);
        unimplemented!()
    }

    /// The state as it was at a revision or an instant.
    ///
    /// # Errors
    /// As [`Store::view`]; not found (4) before the first revision or after the last.
    pub fn view_at(&self, at: At) -> Result<View> {
        let _ = at;
        unimplemented!()
    }

    /// Reads without any lock: `read` runs again until nothing was committed meanwhile.
    ///
    /// # Errors
    /// What `read` says; busy (6) where the state does not hold still within the lock timeout.
    pub fn peek<T>(&self, read: impl FnMut(&View) -> Result<T>) -> Result<T> {
        let _ = read;
        unimplemented!()
    }

    /// Begins a change, under the exclusive lock.
    ///
    /// # Errors
    /// Busy (6), damaged (7), system (8).
    pub fn begin(&self) -> Result<Transaction> {
        unimplemented!()
    }

    /// Begins a change whose commit writes nothing and returns `None`.
    ///
    /// # Errors
    /// As [`Store::view`].
    pub fn dry_run(&self) -> Result<Transaction> {
        unimplemented!()
    }

    /// Recomputes the chain and compares the state files with it. `head` is a
    /// hash kept elsewhere that the chain must contain.
    ///
    /// # Errors
    /// Busy (6), system (8); what is wrong with the state is in the answer.
    pub fn verify(&self, head: Option<&str>) -> Result<Verified> {
        let _ = head;
        unimplemented!()
    }

    /// Everything that is wrong with the state: the chain, the form of every
    /// file, and whether files that say the same thing twice agree.
    ///
    /// # Errors
    /// Busy (6), system (8).
    pub fn check(&self) -> Result<(Verified, Vec<Problem>)> {
        unimplemented!()
    }

    /// Sizes and counts, for `state info`.
    ///
    /// # Errors
    /// As [`Store::view`].
    pub fn info(&self) -> Result<Info> {
        unimplemented!()
    }
}
