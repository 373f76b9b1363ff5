//! `audit verify`: whether the chain holds, and whether the files are what it
//! says. Whatever is wrong with the state is an answer here, no error.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::time::Time;
use crate::error::{Error, Kind, Result};

use super::check::StateProblem;
use crate::parallel;
use crate::store::disk::Disk;
use crate::store::format::digest::Digest;
use crate::store::log::tail;

mod chain;
mod details;
mod files;

use details::DetailFile;

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
    pub files_bad: Vec<StateProblem>,
    /// What lies at the top of the state directory and belongs to others, such as `lost+found`.
    pub of_others: Vec<String>,
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

/// Where in the chain something is: the record, counted as it was read; its revision,
/// as far as that can be known; and the part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct RecordPlace {
    record: u64,
    part: RecordPart,
    rev: u64,
}

/// The parts of a record, in the order in which they are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum RecordPart {
    Line,
    Details,
    Files,
}

/// What the whole chain says.
#[derive(Default)]
struct Chain {
    records: u64,
    rev: u64,
    head: Option<Digest>,
    first_bad: Option<(RecordPlace, FirstBad)>,
    files: BTreeMap<String, Last>,
    /// Details in files of their own that were not looked at yet.
    apart: Vec<(RecordPlace, DetailFile)>,
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
pub(crate) fn verify(
    disk: &Arc<dyn Disk>,
    head: Option<&str>,
    step: &(dyn Fn() + Sync),
) -> Result<Verified> {
    verify_all(disk, head, step).map(|(verified, _)| verified)
}

/// The same, with the hash that the chain has for every file; none for those that are gone.
pub(crate) fn verify_all(
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
        // Not that there is no state: something of one is there, or it would not be open.
        let what = match chain.records {
            0 => "the log is missing or empty",
            _ => "the log has no whole record at its end",
        };
        chain.bad(RecordPart::Line, what);
    }
    let (mut ahead, mut files_bad) = compare_all(disk, &mut chain, step)?;
    let (strays, of_others) = files::strays(&**disk, &chain)?;
    files_bad.extend(strays);
    files_bad.sort();
    // It may be the log that was cut: what follows from that comes after it.
    ahead.append(&mut files_bad);
    let files_bad = ahead;
    chain.settle_erased();
    let files_checked = chain.files.values().filter(|last| last.after.is_some()).count();
    let files = chain.files.into_iter().map(|(path, last)| (path, last.after)).collect();
    let verified = Verified {
        records: chain.records,
        head: chain.head.unwrap_or(Digest::NONE).to_string(),
        first_bad: chain.first_bad.map(|(_, bad)| bad),
        files_checked,
        files_bad,
        of_others,
        pruned: chain.pruned,
        pruned_before: chain.pruned_before,
    };
    Ok((verified, files))
}

/// What is wrong.
enum Bad {
    Record(RecordPlace, String),
    File(StateProblem),
    /// A file of a later revision than the last whole record.
    Ahead(String, u64),
}

/// Looks at all details in files of their own, the largest first, and then compares the
/// files of the state; returns which are ahead of the log, and what is wrong with others.
fn compare_all(
    disk: &Arc<dyn Disk>,
    chain: &mut Chain,
    step: &(dyn Fn() + Sync),
) -> Result<(Vec<StateProblem>, Vec<StateProblem>)> {
    let mut apart = std::mem::take(&mut chain.apart);
    apart.sort_by_key(|(_, details)| Reverse(details.size));
    let (rev, files) = (chain.rev, Vec::from_iter(&chain.files));
    let look_at = |number: usize| {
        if let Some((place, details)) = apart.get(number) {
            let bad = details.look_at(&**disk)?;
            return Ok(bad.map(|what| Bad::Record(*place, what)));
        }
        let (path, last) = files[number - apart.len()];
        let bad = files::compare(&**disk, path, *last, rev)?;
        step();
        Ok(bad)
    };
    let (mut files_bad, mut ahead) = (Vec::new(), Vec::new());
    for bad in parallel::map(apart.len() + files.len(), look_at)?.into_iter().flatten() {
        match bad {
            Bad::Record(place, what) => chain.bad_at(place, what),
            Bad::File(problem) => files_bad.push(problem),
            Bad::Ahead(path, ahead_to) => {
                let what = format!("is of revision {ahead_to}, but the log is whole only to {rev}");
                ahead.push(StateProblem { path, what });
            }
        }
    }
    Ok((ahead, files_bad))
}

impl Chain {
    /// A part of the record after the last one.
    fn next(&self, part: RecordPart) -> RecordPlace {
        RecordPlace { record: self.records, part, rev: self.rev + 1 }
    }

    /// Notes that a part of the record after the last one is wrong.
    fn bad(&mut self, part: RecordPart, what: impl Into<String>) {
        self.bad_at(self.next(part), what);
    }

    /// Notes that something is wrong there; what stands first in the chain counts.
    fn bad_at(&mut self, place: RecordPlace, what: impl Into<String>) {
        if self.first_bad.as_ref().is_none_or(|(first, _)| place < *first) {
            self.first_bad = Some((place, FirstBad { rev: place.rev, what: what.into() }));
        }
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
        if self.first_bad.as_ref().is_none_or(|(_, bad)| bad.rev > rev) {
            let what = "its details are missing, and no audit prune accounts for that".to_owned();
            let place = self.next(RecordPart::Details);
            self.first_bad = Some((place, FirstBad { rev, what }));
        }
    }
}

/// What is wrong with the state is found, what is wrong with the disk ends the search.
fn found(path: &str, error: Error) -> Result<StateProblem> {
    match error.kind {
        Kind::Damaged => Ok(StateProblem { path: path.to_owned(), what: error.message }),
        _ => Err(error),
    }
}
