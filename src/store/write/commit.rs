//! The commit. Its point is the record: before the record is durable nothing
//! of it can be seen, after that nothing may be a failure any more.
//!
//! 1. Write each file that changes beside it (`.new.<rev>.<name>`), sync.
//! 2. Sync the directories of this record and of the one before: until then the
//!    renames of that one are only promises.
//! 3. Append the record to the log, sync. **Here it is committed.**
//! 4. Rename. No sync: the next commit does it, or finishing renames again.

use std::collections::BTreeSet;

use crate::parallel::prelude::*;

use crate::error::{Error, Kind, Result};

use super::pending_files::Shadows;
use super::staging::Stage;
use super::{changed_files, details};
use crate::store::disk::Disk;
use crate::store::format::digest::Digest;
use crate::store::format::layout;
use crate::store::format::log_line::{CommitLine, FileChange};
use crate::store::log::tail;
use crate::store::log::tail::LONGEST_APPEND;
use crate::store::read::revision::Base;
use crate::store::{Committed, Meta, Options, View};

/// More orgs than this are not listed in the commit line: their details name them.
const MOST_ORGS: usize = 200;
/// So many users staged are tens to hundreds of megabytes to be written: of the shards of a
/// large state nearly all.
const MUCH: usize = 10_000;

/// What came of it.
pub(crate) struct Done {
    /// The commit; `None` where there was nothing to change.
    pub(crate) result: Result<Option<Committed>>,
    /// Whether the note in the lock file may be cleared.
    pub(crate) no_shadow_left: bool,
}

/// Commits what is staged; the caller holds the lock and has finished what was left.
pub(crate) fn commit(view: &View, stage: Stage, options: &Options, meta: &Meta) -> Done {
    let base = &*view.base;
    let shadows = Shadows::new(base);
    let prepared = match prepare(&shadows, &stage, options, meta) {
        Ok(Some(prepared)) => prepared,
        Ok(None) => return nothing(&shadows, Ok(None)),
        Err(e) => return nothing(&shadows, Err(e)),
    };
    match publish(base, &prepared) {
        Ok(()) => {}
        Err(Failure::Nothing(e)) => return nothing(&shadows, Err(e)),
        // What is there may be the new state: it all stays for the next writer.
        Err(Failure::Unknown(e)) => return Done { result: Err(e), no_shadow_left: false },
    }
    let warnings = replace(base, prepared.line.rev, &prepared.changes);
    if let Some(syslog) = &options.syslog {
        syslog(&prepared.text);
    }
    let no_shadow_left = warnings.is_empty();
    let (rev, at, hash) = (prepared.line.rev, prepared.line.at, prepared.hash);
    Done { result: Ok(Some(Committed { rev, at, hash, warnings })), no_shadow_left }
}

/// Nothing was changed: what was written goes again.
fn nothing(shadows: &Shadows<'_>, result: Result<Option<Committed>>) -> Done {
    let no_shadow_left = shadows.remove_all();
    Done { result, no_shadow_left }
}

struct Prepared {
    changes: Vec<FileChange>,
    line: CommitLine,
    /// The commit line as written, without its line end.
    text: String,
    hash: String,
    /// Details and commit line.
    record: Vec<u8>,
    /// The segment that it goes to, and where in it.
    place: (u32, u64),
}

/// Steps 1 and 2: everything but the record is on the disk.
fn prepare(
    shadows: &Shadows<'_>,
    stage: &Stage,
    options: &Options,
    meta: &Meta,
) -> Result<Option<Prepared>> {
    let base = shadows.base;
    let write = || changed_files::write_files(shadows, stage);
    let describe = || {
        let changes = shadows.changes();
        details::write(shadows, stage, options, meta, &changes).map(|details| (changes, details))
    };
    let (synced, described) = shadows.durably(stage.users.len() >= MUCH, write, describe)?;
    let (changes, details) = described?;
    if changes.is_empty() && details.reference.lines == 0 {
        return Ok(None);
    }
    synced?;
    let in_file = details.reference.list.is_some();
    let mut dirs = dirs_of(&changes);
    dirs.extend(dirs_of(&base.last_changes()?));
    if in_file {
        dirs.insert("audit".to_owned());
    }
    if dirs.contains(layout::POLICIES) {
        // Older states have got this directory only now.
        dirs.insert(String::new());
    }
    let place = place(base, options, stage);
    prepare_segment(base, place, &mut dirs)?;
    for dir in &dirs {
        base.disk.sync_dir(dir)?;
    }
    let line = CommitLine {
        prev: base.tail.hash,
        at: meta.at,
        operator: meta.author.operator.clone(),
        os_user: meta.author.os_user.clone(),
        identity_from: meta.author.identity_from.clone(),
        action: meta.action.clone(),
        orgs: orgs_of(meta),
        message: meta.message.clone(),
        ticket: meta.ticket.clone(),
        details: details.reference,
        files: if in_file { Vec::new() } else { changes.clone() },
        rev: shadows.rev,
    };
    let (text, hash) = line.write();
    let record = [details.inline.as_bytes(), text.as_bytes(), b"\n"].concat();
    if record.len() as u64 > LONGEST_APPEND {
        let message = format!("a record of {} bytes is too long", record.len());
        return Err(Error::new(Kind::Bug, "bug", message));
    }
    Ok(Some(Prepared { changes, line, text, hash: hash.to_string(), record, place }))
}

fn orgs_of(meta: &Meta) -> Option<Vec<crate::domain::ids::OrgId>> {
    let orgs: BTreeSet<_> = meta.orgs.iter().cloned().collect();
    (orgs.len() <= MOST_ORGS).then(|| orgs.into_iter().collect())
}

/// The directories in which these changes are names.
fn dirs_of(changes: &[FileChange]) -> BTreeSet<String> {
    changes.iter().map(|change| layout::split(&change.path).0.to_owned()).collect()
}

/// Where the record goes: the last segment, or a new one where that is full, or may
/// be replaced by this commit.
/// The first record of a segment needs the segment's name to be durable.
fn place(base: &Base, options: &Options, stage: &Stage) -> (u32, u64) {
    let tail = &base.tail;
    let full = if stage.pruned.is_some() { 1 } else { options.segment_bytes };
    if tail.append_at() >= full {
        (tail.last_segment + 1, 0)
    } else {
        (tail.last_segment, tail.append_at())
    }
}

fn prepare_segment(
    base: &Base,
    (segment, at): (u32, u64),
    dirs: &mut BTreeSet<String>,
) -> Result<()> {
    if at > 0 {
        return Ok(());
    }
    if segment > base.tail.last_segment {
        base.disk.create(&layout::segment(segment))?.sync()?;
    }
    dirs.insert("audit".to_owned());
    Ok(())
}

/// Why a record did not come into the log.
pub(crate) enum Failure {
    /// Nothing was changed.
    Nothing(Error),
    /// Nobody knows.
    Unknown(Error),
}

/// Step 3: the record.
fn publish(base: &Base, prepared: &Prepared) -> std::result::Result<(), Failure> {
    let (segment, at) = prepared.place;
    append(&*base.disk, segment, at, &prepared.record, Some(base.tail.hash))
}

/// Appends a record to a segment at `at`, durably; `last` is the hash of the record before.
pub(crate) fn append(
    disk: &dyn Disk,
    segment: u32,
    at: u64,
    record: &[u8],
    last: Option<Digest>,
) -> std::result::Result<(), Failure> {
    let path = layout::segment(segment);
    let mut log = disk.open_log(&path).map_err(Failure::Nothing)?;
    let written = log.write_at(record, at);
    let wrote_all = written.is_ok();
    let Err(failed) = written.and_then(|()| log.sync()) else { return Ok(()) };
    // The sync is not tried again: after one that failed, another proves nothing.
    if log.truncate(at).and_then(|()| log.sync()).is_ok() {
        return Err(Failure::Nothing(failed));
    }
    // What was not written whole is no record, provided that this can still be seen.
    let seen = || tail::find(disk).is_ok_and(|now| now.map(|now| now.hash) == last);
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

/// Step 4: the files take their places. What fails is finished by the next writer,
/// and readers know where to look until then.
fn replace(base: &Base, rev: u64, changes: &[FileChange]) -> Vec<String> {
    let failed = |change: &FileChange| {
        let replaced = match change.after {
            Some(_) => base.disk.rename(&layout::shadow(rev, &change.path), &change.path),
            None => base.disk.unlink(&change.path).map(drop),
        };
        let e = replaced.err()?;
        Some(format!("revision {rev} is committed; the next change finishes what failed: {e}"))
    };
    if changes.len() < crate::parallel::MANY {
        changes.iter().filter_map(failed).collect()
    } else {
        // To free the blocks of the old files is most of the work.
        changes.par_iter().filter_map(failed).collect()
    }
}
