//! Finishing what the last writer left, before anything new is written. It is
//! done by writers only, under the exclusive lock, and can be done again.

use std::sync::Arc;

use crate::error::{Error, Kind, Result};

use super::base::Base;
use super::disk::Disk;
use super::layout;
use super::lock::Note;
use super::{Options, sealed};

/// Above this many files in the last record they are looked at one by one only
/// where there is a reason to.
const FEW: usize = 64;

/// Brings the directory to exactly the last whole record, and reads its base.
pub(super) fn finish(disk: &Arc<dyn Disk>, options: &Options, repairs: bool) -> Result<Base> {
    let note = Note::parse(&disk.note()?);
    let base = Base::read(disk)?;
    let boot_id = (options.boot_id)();
    let other_boot = boot_id.is_empty() || note.boot != boot_id;
    let doubtful = other_boot || !note.writer.is_empty() || base.tail.is_torn();
    if !doubtful {
        let few = base.tail.commit.details.list.is_none() && base.tail.commit.files.len() <= FEW;
        if few && has_shadow(&base)? {
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
    // The end of the log may have been cut: it is looked at again.
    Base::read(disk)
}

/// Whether a shadow of the last record still lies there.
fn has_shadow(base: &Base) -> Result<bool> {
    for change in &base.tail.commit.files {
        if base.disk.open(&layout::shadow(base.rev(), &change.path))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Cuts off what is not whole, and writes the last record again: after a sync
/// that failed, another proves nothing about what was written before it.
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

/// What is not whole at the end may be a record that was, and was edited: then
/// files of its revision are there.
fn refuse_files_ahead(base: &Base, repairs: bool) -> Result<()> {
    let rev = base.rev();
    for dir in layout::DIRS.iter().chain([&""]).filter(|dir| **dir != "signin") {
        for name in base.disk.list(dir)? {
            let path = layout::join(dir, &name);
            if name.starts_with('.') || !layout::has_header(&path) {
                continue;
            }
            let Some(source) = base.disk.open(&path)? else { continue };
            let stated = match sealed::stated(&path, &*source) {
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

/// Renames and unlinks what the last record says.
fn finish_files(base: &Base) -> Result<()> {
    let rev = base.rev();
    for change in base.last_changes()? {
        let shadow = layout::shadow(rev, &change.path);
        let Some(after) = change.after else {
            base.disk.unlink(&change.path)?;
            continue;
        };
        let Some(source) = base.disk.open(&shadow)? else { continue };
        if sealed::hash_of(&change.path, &*source).is_ok_and(|hash| hash == after) {
            base.disk.rename(&shadow, &change.path)?;
        } else {
            // It is of an attempt that came to nothing; whether the file itself
            // is right shows when it is read.
            base.disk.unlink(&shadow)?;
        }
    }
    Ok(())
}

/// Removes shadows and details of attempts that came to nothing.
fn remove_strays(base: &Base) -> Result<()> {
    let rev = base.rev();
    for dir in layout::DIRS.iter().chain([&""]).filter(|dir| **dir != "signin") {
        for name in base.disk.list(dir)? {
            let ahead = *dir == "audit" && layout::parse_details(&name).is_some_and(|of| of > rev);
            if ahead || layout::parse_shadow(&name).is_some() {
                base.disk.unlink(&layout::join(dir, &name))?;
            }
        }
    }
    Ok(())
}
