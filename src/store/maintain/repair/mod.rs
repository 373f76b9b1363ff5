//! Repair: a file that is damaged or missing is made again, forward from the
//! details of the log (users, orgs, operators, what policies own), or from the users (the index
//! and the calendar of ends). What was made is compared with the hash that the
//! chain has for it, so nothing is invented. The index and the calendar are made again also
//! where they are what the chain says, but not what the users say. The record names it all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::error::{Error, Result};

use super::check::StateProblem;
use super::verify;
use crate::store::Transaction;
use crate::store::format::digest::Digest;
use crate::store::format::header::Sealed;
use crate::store::format::layout;
use crate::store::format::layout::Sharded;
use crate::store::read::revision::Base;
use crate::store::write::staging::StagedFile;

mod accept;
mod derived;
mod replay;

pub use accept::Edited;

/// What a file is, as far as repair goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FileRole {
    Operators,
    Org,
    Users(u16),
    Index(u16),
    Due,
    Policy,
    /// No record tells what was in it.
    Other,
}

impl FileRole {
    fn of(base: &Base, path: &str) -> FileRole {
        let shard = |of: Sharded| {
            (0..base.fan_out.shards()).find(|number| base.fan_out.path(of, *number) == path)
        };
        match layout::split(path) {
            ("", layout::OPERATORS) => FileRole::Operators,
            ("orgs", _) => FileRole::Org,
            ("users", _) => shard(Sharded::Users).map_or(FileRole::Other, FileRole::Users),
            ("index", _) => shard(Sharded::Index).map_or(FileRole::Other, FileRole::Index),
            ("due", _) => FileRole::Due,
            (layout::POLICIES, _) => FileRole::Policy,
            _ => FileRole::Other,
        }
    }
}

impl Transaction {
    /// Makes every file again that is not what the chain says, and stages that;
    /// from then on the transaction sees the state as it should be. Returns
    /// what was wrong, file by file.
    ///
    /// # Errors
    /// Damaged (7), naming restore, where one cannot be made again; system (8).
    pub fn rebuild(&mut self) -> Result<Vec<StateProblem>> {
        let base = Arc::clone(&self.view().base);
        let (verified, known) = verify::verify_all(&base.disk, None, &|| ())?;
        if let Some(bad) = verified.first_bad {
            let message = format!("the log itself is damaged (revision {}: {})", bad.rev, bad.what);
            return Err(hopeless("audit", &message));
        }
        let wrong = verified.files_bad;
        let paths: BTreeSet<&str> = wrong.iter().map(|bad| bad.path.as_str()).collect();
        let mut todo: BTreeMap<&str, (FileRole, Digest)> = BTreeMap::new();
        for path in paths {
            match known.get(path) {
                None => return Err(stray(path)),
                Some(None) => base.rebuilt(path, None),
                Some(Some(after)) => {
                    todo.insert(path, (FileRole::of(&base, path), *after));
                }
            }
        }
        if let Some((path, _)) = todo.iter().find(|(_, (what, _))| *what == FileRole::Other) {
            return Err(hopeless(path, "no record says what was in it"));
        }
        for (path, body) in replay::bodies(self.view(), &todo)? {
            base.rebuilt(path, Some(Sealed::made(base.rev(), &body)));
        }
        for (path, body) in derived::bodies(self.view(), &todo)? {
            let file = (!body.is_empty()).then(|| Sealed::made(base.rev(), &body));
            base.rebuilt(path, file);
        }
        for bad in &wrong {
            let known = known.get(&bad.path).copied().flatten();
            self.stage.files.insert(bad.path.clone(), StagedFile::Rebuilt(known));
        }
        let now = (self.options.clock)().max(self.view.head().at);
        let derived = self.rebuild_derived(now)?;
        let mut all = wrong;
        all.extend(derived);
        Ok(all)
    }
}

/// The error of a file that cannot be made again.
fn hopeless(path: &str, why: &str) -> Error {
    Error::damaged(path, format!("{path} cannot be rebuilt: {why}")).words(
        "move the state directory away, and restore a backup with: mfactl state restore FILE",
    )
}

fn stray(path: &str) -> Error {
    Error::damaged(path, format!("{path} does not belong to the state: no record made it"))
        .words("move it out of the state directory, and repair again")
}
