//! The commit. Its point is the record: until the record is durable nothing of the change is
//! visible, and from then on nothing is a failure.
//!
//! 1. Write each file that changes beside it (`.new.<rev>.<name>`), sync.
//! 2. Sync the directories of this record and of the one before: until then the renames of
//!    that one may be lost.
//! 3. Append the record to the log, sync. **Here it is committed.**
//! 4. Rename. This is not synced: the next commit does that, or recovery renames again.

use std::collections::BTreeSet;

use crate::error::{Error, Kind, Result};
use crate::parallel;

use super::pending_files::PendingFiles;
use super::staging::Stage;
use super::{changed_files, details};
use crate::store::disk::Disk;
use crate::store::format::digest::Digest;
use crate::store::format::layout;
use crate::store::format::log_line::{CommitLine, FileChange};
use crate::store::log::tail;
use crate::store::log::tail::LONGEST_APPEND;
use crate::store::read::revision::Base;
use crate::store::{Committed, Meta, Options};

/// The directory of the log.
const AUDIT: &str = "audit";
/// With more orgs than this, the commit line lists none: the details name them.
const MOST_ORGS: usize = 200;

/// What an attempt to commit left.
pub(crate) struct CommitAttempt {
    /// The commit; `None` if nothing changed.
    pub(crate) result: Result<Option<Committed>>,
    /// Whether no pending file is left, so that the note in the lock file may be cleared.
    pub(crate) is_clean: bool,
}

/// Commits what is staged. The caller holds the lock and has recovered the last commit.
pub(crate) fn commit(base: &Base, stage: &Stage, options: &Options, meta: &Meta) -> CommitAttempt {
    let pending = PendingFiles::new(base);
    let nothing = |result| CommitAttempt { is_clean: pending.remove_all(), result };
    match attempt(&pending, stage, options, meta) {
        Ok(Some(committed)) => {
            CommitAttempt { is_clean: committed.warnings.is_empty(), result: Ok(Some(committed)) }
        }
        Ok(None) => nothing(Ok(None)),
        Err(Failure::Nothing(e)) => nothing(Err(e)),
        // This may be the new state: all of it stays for the next writer.
        Err(Failure::Unknown(e)) => CommitAttempt { is_clean: false, result: Err(e) },
    }
}

/// Why a record is not in the log.
enum Failure {
    /// Nothing changed.
    Nothing(Error),
    /// It is not known whether it is.
    Unknown(Error),
}

impl From<Error> for Failure {
    fn from(e: Error) -> Failure {
        Failure::Nothing(e)
    }
}

fn attempt(
    pending: &PendingFiles<'_>,
    stage: &Stage,
    options: &Options,
    meta: &Meta,
) -> std::result::Result<Option<Committed>, Failure> {
    let base = pending.base;
    changed_files::write(pending, stage)?;
    let changes = pending.changes();
    let details = details::write(pending, stage, options, meta, &changes)?;
    if changes.is_empty() && details.reference.lines == 0 {
        return Ok(None);
    }
    pending.sync()?;
    let mut dirs = dirs_of(&changes);
    dirs.extend(dirs_of(&base.last_changes()?));
    if dirs.contains(layout::POLICIES) {
        // The directory itself may be new.
        dirs.insert(String::new());
    }
    let has_file = details.reference.in_file();
    let (segment, at) = place(base, options, &changes);
    if segment > base.tail.last_segment {
        base.disk.create(&layout::segment(segment))?.sync()?;
    }
    if has_file || at == 0 {
        dirs.insert(AUDIT.to_owned());
    }
    for dir in &dirs {
        base.disk.sync_dir(dir)?;
    }
    let orgs: BTreeSet<_> = meta.orgs.iter().cloned().collect();
    let line = CommitLine {
        prev: base.tail.hash,
        at: meta.at,
        operator: meta.author.operator.clone(),
        os_user: meta.author.os_user.clone(),
        identity_from: meta.author.identity_from.clone(),
        action: meta.action.clone(),
        orgs: (orgs.len() <= MOST_ORGS).then(|| orgs.into_iter().collect()),
        message: meta.message.clone(),
        ticket: meta.ticket.clone(),
        details: details.reference,
        files: if has_file { Vec::new() } else { changes.clone() },
        rev: pending.rev,
    };
    let (text, hash) = line.write();
    let record = [details.inline.as_bytes(), text.as_bytes(), b"\n"].concat();
    if record.len() as u64 > LONGEST_APPEND {
        let message = format!("a record of {} bytes is too long", record.len());
        return Err(Error::new(Kind::Bug, "bug", message).into());
    }
    append(&*base.disk, segment, at, &record, base.tail.hash)?;
    let warnings = replace(base, line.rev, &changes);
    if let Some(syslog) = &options.syslog {
        syslog(&text);
    }
    Ok(Some(Committed { rev: line.rev, at: line.at, hash: hash.to_string(), warnings }))
}

/// The directories that hold the names of these files.
fn dirs_of(changes: &[FileChange]) -> BTreeSet<String> {
    changes.iter().map(|change| layout::split(&change.path).0.to_owned()).collect()
}

/// The segment that the record goes to, and where in it. A new segment begins when the last one
/// is full, or when this commit replaces segments: it may be one of them.
fn place(base: &Base, options: &Options, changes: &[FileChange]) -> (u32, u64) {
    let tail = &base.tail;
    let replaces = changes.iter().any(|change| layout::split(&change.path).0 == AUDIT);
    let full = if replaces { 1 } else { options.segment_bytes };
    if tail.last_segment == 0 || tail.append_at() >= full {
        (tail.last_segment + 1, 0)
    } else {
        (tail.last_segment, tail.append_at())
    }
}

/// Appends a record to a segment at `at`, durably; `last` is the hash of the record before.
fn append(
    disk: &dyn Disk,
    segment: u32,
    at: u64,
    record: &[u8],
    last: Digest,
) -> std::result::Result<(), Failure> {
    let path = layout::segment(segment);
    let mut log = disk.open_log(&path)?;
    let written = log.write_at(record, at);
    let wrote_all = written.is_ok();
    let Err(failed) = written.and_then(|()| log.sync()) else { return Ok(()) };
    // The sync is not tried again: after one that failed, another proves nothing.
    if log.truncate(at).and_then(|()| log.sync()).is_ok() {
        return Err(Failure::Nothing(failed));
    }
    // A record that was not written whole does not count, if that can still be read.
    let seen = || {
        let found = tail::find(disk);
        found.is_ok_and(|now| now.map_or(Digest::NONE, |now| now.hash) == last)
    };
    if !wrote_all && seen() {
        return Err(Failure::Nothing(failed));
    }
    let message = format!(
        "the disk failed at the commit, and whether it was written is not known: {}",
        failed.message
    );
    let error = Error::new(Kind::Unknown, "outcome-unknown", message).about(path);
    Err(Failure::Unknown(error.command("audit log --limit 1")))
}

/// Step 4: puts the files in their places. The next writer completes what fails, and readers
/// know where to look until then.
fn replace(base: &Base, rev: u64, changes: &[FileChange]) -> Vec<String> {
    // With many files, most of the work is to free the blocks of the old ones.
    let failed = parallel::map_slice(changes, |change| {
        let replaced = match change.after {
            Some(_) => base.disk.rename(&layout::shadow(rev, &change.path), &change.path),
            None => base.disk.unlink(&change.path).map(drop),
        };
        let e = replaced.err()?;
        Some(format!("revision {rev} is committed; the next change finishes what failed: {e}"))
    });
    failed.into_iter().flatten().collect()
}
