//! Recovery: completes the last commit before anything new is written. Only writers do it,
//! under the exclusive lock, and it can be interrupted and repeated.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::error::{Error, Kind, Result};

use crate::store::disk::Disk;
use crate::store::disk::lock::Note;
use crate::store::format::header;
use crate::store::format::layout;
use crate::store::format::log_line::FileChange;
use crate::store::read::revision::Base;
use crate::store::read::unrenamed;
use crate::store::{Options, signin};

/// With more files than this in the last record, their directories are listed instead of
/// opening each file.
const FEW: usize = 64;

/// Brings the directory to exactly the last whole record, and reads it.
pub(crate) fn finish(disk: &Arc<dyn Disk>, options: &Options, repairs: bool) -> Result<Base> {
    let note = Note::parse(&disk.note()?);
    let base = Base::read(disk)?;
    let boot_id = (options.boot_id)();
    let other_boot = boot_id.is_empty() || note.boot != boot_id;
    let doubtful = repairs || other_boot || !note.writer.is_empty() || base.tail.is_torn();
    if !doubtful {
        if is_unfinished(&base)? {
            finish_files(&base)?;
        }
        return Ok(base);
    }
    if base.tail.is_torn() {
        refuse_files_ahead(&base, repairs)?;
    }
    settle_log(&base)?;
    finish_files(&base)?;
    remove_strays(&base)?;
    // The end of the log may have been cut.
    Base::read(disk)
}

/// Whether a file of the last record is still pending, or one that it removed still exists:
/// renames and removals may be lost with the power.
fn is_unfinished(base: &Base) -> Result<bool> {
    let left = |change: &FileChange| match change.after {
        Some(_) => layout::shadow(base.rev(), &change.path),
        None => change.path.clone(),
    };
    let left: BTreeSet<String> = base.last_changes()?.iter().map(left).collect();
    if left.len() <= FEW {
        for path in &left {
            if base.disk.open(path)?.is_some() {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    let dirs: BTreeSet<&str> = left.iter().map(|path| layout::split(path).0).collect();
    for dir in dirs {
        if base.disk.list(dir)?.iter().any(|name| left.contains(&layout::join(dir, name))) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Cuts off a torn record, and writes the last whole one again: after a sync that failed,
/// another proves nothing about what was written before it.
fn settle_log(base: &Base) -> Result<()> {
    let tail = &base.tail;
    let mut last = base.disk.open_log(&layout::segment(tail.last_segment))?;
    if tail.is_torn() {
        last.truncate(tail.append_at())?;
        last.sync()?;
    }
    let mut segment = match tail.segment == tail.last_segment {
        true => last,
        false => base.disk.open_log(&layout::segment(tail.segment))?,
    };
    segment.write_at(&tail.bytes()?, tail.start)?;
    segment.sync()
}

/// Refuses a torn record of which files exist already: it was whole, and was edited since.
fn refuse_files_ahead(base: &Base, repairs: bool) -> Result<()> {
    let rev = base.rev();
    for dir in layout::DIRS.iter().chain([&""]).filter(|dir| **dir != "signin") {
        for name in base.disk.list(dir)? {
            let path = layout::join(dir, &name);
            if name.starts_with('.') || !layout::has_header(&path) {
                continue;
            }
            let Some(source) = base.disk.open(&path)? else { continue };
            let stated = match header::stated(&path, &*source) {
                Err(e) if repairs && e.kind == Kind::Damaged => continue,
                stated => stated?.0,
            };
            if stated > rev {
                let message =
                    format!("{path} is of revision {stated}, but the log is whole only to {rev}");
                return Err(Error::damaged(path, message).command("audit verify"));
            }
        }
    }
    Ok(())
}

/// Renames and removes files as the last record says.
fn finish_files(base: &Base) -> Result<()> {
    let rev = base.rev();
    for change in base.last_changes()? {
        let shadow = layout::shadow(rev, &change.path);
        let Some(after) = change.after else {
            base.disk.unlink(&change.path)?;
            continue;
        };
        let Some(waiting) = base.disk.open(&shadow)? else { continue };
        if unrenamed::holds(&change.path, &*waiting, after)? {
            base.disk.rename(&shadow, &change.path)?;
            continue;
        }
        // It may be all that is left of the change: it is removed only if the file itself can be
        // read and is what the record says.
        let live = base.disk.open(&change.path)?;
        if live.map_or(Ok(false), |live| unrenamed::holds(&change.path, &*live, after))? {
            base.disk.unlink(&shadow)?;
        }
    }
    Ok(())
}

/// Removes pending files and details of attempts that failed, durably: later recoveries would
/// not look for them.
fn remove_strays(base: &Base) -> Result<()> {
    let rev = base.rev();
    // What is left of these is damaged, and there is nothing better.
    let kept: BTreeSet<String> =
        base.last_changes()?.iter().map(|change| layout::shadow(rev, &change.path)).collect();
    // The last record may have taken the revision of an attempt that had details.
    let next = if base.tail.commit.details.in_file() { rev + 1 } else { rev };
    for dir in layout::DIRS.iter().chain([&""]).filter(|dir| **dir != "signin") {
        let mut removed = false;
        for name in base.disk.list(dir)? {
            let path = layout::join(dir, &name);
            let details =
                *dir == "audit" && layout::parse_details(&name).is_some_and(|of| of >= next);
            if details || (layout::parse_shadow(&name).is_some() && !kept.contains(&path)) {
                removed |= base.disk.unlink(&path)?;
            }
        }
        if removed {
            base.disk.sync_dir(dir)?;
        }
    }
    signin::removal::remove_strays(&*base.disk)
}
