//! `audit verify`: whether the chain holds, and whether the files are what it
//! says. Whatever is wrong with the state is an answer here, no error.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::time::Time;
use crate::error::{Error, Kind, Result};

use super::check::Problem;
use super::digest::Digest;
use super::disk::Disk;
use super::log::tail;

mod chain;
mod files;

/// What `audit verify` found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Records of the chain.
    pub records: u64,
    /// The hash of the last of them.
    pub head: String,
    /// The first record that is wrong, if one is.
    pub first_bad: Option<FirstBad>,
    /// How many files were compared.
    pub files_checked: usize,
    /// Which of them are not what the chain says.
    pub files_bad: Vec<Problem>,
    /// Records without their details, as `audit prune` left them.
    pub pruned: u64,
    /// Before which instant: the farthest that was pruned to.
    pub pruned_before: Option<Time>,
}

impl Verified {
    /// Whether nothing was found.
    pub fn ok(&self) -> bool {
        self.first_bad.is_none() && self.files_bad.is_empty()
    }
}

/// The first record that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstBad {
    /// Its revision, as far as it can be known.
    pub rev: u64,
    /// What is wrong.
    pub what: String,
}

/// What the chain says about one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Last {
    /// The last record that names it.
    rev: u64,
    /// The hash in its first line after that; `None`: it is gone.
    after: Option<Digest>,
}

/// What the whole chain says.
#[derive(Default)]
struct Chain {
    records: u64,
    rev: u64,
    head: Option<Digest>,
    first_bad: Option<FirstBad>,
    files: BTreeMap<String, Last>,
    /// Revisions with a file of details.
    details: BTreeSet<u64>,
    segments: u32,
    /// Records whose details are missing, and when they were made, until a record
    /// of pruning accounts for them.
    erased: Vec<(u64, Time)>,
    /// How many it accounts for.
    pruned: u64,
    pruned_before: Option<Time>,
}

/// Verifies the state behind `disk`; the caller holds the lock. `step` is called for
/// each file that was compared.
pub(super) fn verify(
    disk: &Arc<dyn Disk>,
    head: Option<&str>,
    step: &(dyn Fn() + Sync),
) -> Result<Verified> {
    verify_all(disk, head, step).map(|(verified, _)| verified)
}

/// The same, with the hash that the chain has for every file; none for those that are gone.
pub(super) fn verify_all(
    disk: &Arc<dyn Disk>,
    head: Option<&str>,
    step: &(dyn Fn() + Sync),
) -> Result<(Verified, BTreeMap<String, Option<Digest>>)> {
    let tail = match tail::find(&**disk) {
        Ok(tail) => tail,
        // Where no end can be found, reading from the beginning finds out why.
        Err(e) if e.kind == Kind::Damaged => None,
        Err(e) => return Err(e),
    };
    let mut chain = chain::walk(disk, tail.as_ref().map(|tail| (tail.segment, tail.end)), head)?;
    if tail.is_none() && chain.first_bad.is_none() {
        if chain.records == 0 {
            return Err(super::disk::no_state(&disk.place()));
        }
        chain.bad("the log has no whole record at its end");
    }
    chain.settle_erased();
    let (files_checked, files_bad) = files::compare(disk, &chain, step)?;
    let files = chain.files.into_iter().map(|(path, last)| (path, last.after)).collect();
    let verified = Verified {
        records: chain.records,
        head: chain.head.unwrap_or(Digest::NONE).to_string(),
        first_bad: chain.first_bad,
        files_checked,
        files_bad,
        pruned: chain.pruned,
        pruned_before: chain.pruned_before,
    };
    Ok((verified, files))
}

impl Chain {
    /// Notes that the record after the last one is wrong.
    fn bad(&mut self, what: impl Into<String>) {
        let rev = self.rev + 1;
        self.first_bad.get_or_insert_with(|| FirstBad { rev, what: what.into() });
    }
}

impl Chain {
    /// Notes that the details of the records before `before` were erased on purpose.
    fn prune(&mut self, before: Time) {
        let missing = self.erased.len();
        self.erased.retain(|(_, at)| *at >= before);
        self.pruned += (missing - self.erased.len()) as u64;
        self.pruned_before = self.pruned_before.max(Some(before));
    }

    /// Details that are missing and that no record of pruning accounts for.
    fn settle_erased(&mut self) {
        let Some((rev, _)) = self.erased.first().copied() else { return };
        if self.first_bad.as_ref().is_none_or(|bad| bad.rev > rev) {
            let what = "its details are missing, and no audit prune accounts for that".to_owned();
            self.first_bad = Some(FirstBad { rev, what });
        }
    }
}

/// What is wrong with the state is found, what is wrong with the disk ends the search.
fn found(path: &str, error: Error) -> Result<Problem> {
    match error.kind {
        Kind::Damaged => Ok(Problem { path: path.to_owned(), what: error.message }),
        _ => Err(error),
    }
}
