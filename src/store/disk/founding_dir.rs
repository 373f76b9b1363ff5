//! The directory of a state that is only just made: beside its place and renamed into it,
//! or an empty directory that exists already, with a mark in it until all is done.

// This is the door that these are to go through.
#![allow(clippy::disallowed_methods)]

use std::ffi::{OsStr, OsString};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use super::RealDisk;
use crate::error::{Error, Kind, Result};
use crate::store::format::layout::{FOUNDING, is_of_others};

/// A place where no state is.
#[derive(Debug, Clone, Copy)]
pub enum Vacant<'a> {
    /// Nothing has this name.
    Path(&'a Path),
    /// An open directory and its name. It is empty, or what is in it was left by a run that
    /// was killed while it made a state there.
    Dir(BorrowedFd<'a>, &'a Path),
}

/// A directory for a new state. Dropped before it is in its place, what was made of it goes.
pub(crate) struct NewDir {
    place: PathBuf,
    how: How,
    /// Locked while this is worked on: what nobody holds was left by a run that was killed.
    held: File,
}

enum How {
    /// Made under another name, in the directory that the place is in.
    Beside { temporary: PathBuf, parent: PathBuf },
    /// The directory is there, and has a mark in it.
    InPlace,
    /// It is in its place.
    Done,
}

impl NewDir {
    /// Makes a directory beside a place that does not exist, or takes one that does.
    /// Nothing in it is durable before it is in its place.
    pub(crate) fn make(
        vacant: Vacant<'_>,
        random: &str,
        allow_nfs: bool,
    ) -> Result<(NewDir, RealDisk)> {
        let (new, disk) = match vacant {
            Vacant::Path(place) => beside(place, random, allow_nfs)?,
            Vacant::Dir(dir, place) => take(dir, place, allow_nfs)?,
        };
        Ok((new, disk.synced_in_the_end()))
    }

    /// Syncs all of it and brings it to its place, durably.
    pub(crate) fn sync_and_put_in_place(self) -> Result<()> {
        // By a descriptor from before the first write: it hears of whatever failed since, also
        // where somebody else has heard of that already.
        let synced = rustix::fs::syncfs(&self.held);
        synced.map_err(|e| Error::system("sync", self.place.display(), &e.into()))?;
        self.put_in_place()
    }

    fn put_in_place(mut self) -> Result<()> {
        let synced = match std::mem::replace(&mut self.how, How::Done) {
            How::Done => Ok(()),
            How::InPlace => match rustix::fs::unlinkat(&self.held, FOUNDING, AtFlags::empty()) {
                Ok(()) => rustix::fs::fsync(&self.held),
                Err(e) => {
                    self.how = How::InPlace;
                    return Err(Error::system("make", self.place.display(), &e.into()));
                }
            },
            How::Beside { temporary, parent } => {
                if let Err(e) = renamed(&temporary, &self.place) {
                    self.how = How::Beside { temporary, parent };
                    return Err(e);
                }
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
                rustix::fs::open(&parent, flags, Mode::empty()).and_then(rustix::fs::fsync)
            }
        };
        synced.map_err(|e| {
            let message = format!("whether {} is durable is not known: {e}", self.place.display());
            Error::new(Kind::Unknown, "outcome-unknown", message).command("audit log --limit 1")
        })
    }
}

/// Never over something that came there meanwhile: in an empty directory, too, somebody else
/// may be making a state.
fn renamed(temporary: &Path, place: &Path) -> Result<()> {
    let shown = place.display();
    match rustix::fs::renameat_with(CWD, temporary, CWD, place, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        Err(Errno::EXIST | Errno::NOTEMPTY | Errno::NOTDIR) => {
            Err(exists(&shown.to_string()).command("state info"))
        }
        Err(e) => Err(Error::system("make", shown, &e.into())),
    }
}

impl Drop for NewDir {
    fn drop(&mut self) {
        // Ours, and made just now. What cannot go is removed by the next one who makes a state
        // there.
        match &self.how {
            How::Done => {}
            How::Beside { temporary, parent } => {
                let removed = open_dir(parent).and_then(|parent| {
                    remove_tree(&parent, temporary.file_name().unwrap_or_default())
                });
                drop(removed);
            }
            How::InPlace => drop(cleared(&self.held)),
        }
    }
}

/// Takes a directory that is empty, or that a run which was killed began to fill.
fn take(dir: BorrowedFd<'_>, place: &Path, allow_nfs: bool) -> Result<(NewDir, RealDisk)> {
    let shown = &place.display().to_string();
    let failed = |what: &str, e: Errno| Error::system(what, shown, &e.into());
    // A description of its own: a lock belongs to it.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let held = rustix::fs::openat(dir, ".", flags, Mode::empty());
    let held = File::from(held.map_err(|e| failed("open", e))?);
    if fs2::FileExt::try_lock_exclusive(&held).is_err() {
        let message = format!("another mfactl makes a state in {shown}");
        return Err(Error::new(Kind::Busy, "busy", message)
            .about(shown)
            .words("wait for it, then look at the state that it made")
            .command("state info"));
    }
    let names = names(&held).map_err(|e| failed("list", e))?;
    let ours = names.iter().any(|name| name == FOUNDING);
    if !names.is_empty() && !ours {
        return Err(naming(exists(shown), names));
    }
    let stat = rustix::fs::fstat(&held).map_err(|e| failed("look at", e))?;
    if stat.st_uid != rustix::process::geteuid().as_raw() {
        let message = format!("{shown} belongs to the user id {}, not to you", stat.st_uid);
        return Err(Error::new(Kind::System, "not-owner", message).about(shown));
    }
    rustix::fs::fchmod(&held, Mode::RWXU).map_err(|e| failed("make private", e))?;
    if ours {
        cleared(&held).map_err(|e| Error::system("clean up", shown, &e))?;
    }
    let mark = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
    rustix::fs::openat(&held, FOUNDING, mark | OFlags::CLOEXEC, Mode::RUSR | Mode::WUSR)
        .and_then(|_| rustix::fs::fsync(&held))
        .map_err(|e| failed("write to", e))?;
    let new = NewDir { place: place.to_owned(), how: How::InPlace, held };
    let root = new.held.try_clone().map_err(|e| Error::system("open", shown, &e))?;
    let disk = RealDisk::of(root.into(), shown.clone(), allow_nfs)?;
    Ok((new, disk))
}

/// The most names that an error lists.
const MOST_NAMES: usize = 3;

/// The error of a place that is not empty, with what is in it.
fn naming(mut error: Error, mut names: Vec<OsString>) -> Error {
    names.sort_unstable();
    let shown: Vec<_> = names.iter().take(MOST_NAMES).map(|name| name.to_string_lossy()).collect();
    error.message.push_str(&format!(": it contains {}", shown.join(", ")));
    if let more @ 1.. = names.len() - shown.len() {
        error.message.push_str(&format!(" and {more} more"));
    }
    error
}

/// What is in a directory, but for what a file system has at its top.
fn names(dir: &File) -> rustix::io::Result<Vec<OsString>> {
    let mut names = names_of_all(dir)?;
    names.retain(|name| !name.to_str().is_some_and(|name| is_of_others("", name)));
    Ok(names)
}

/// What is in a directory.
fn names_of_all(dir: &File) -> rustix::io::Result<Vec<OsString>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(dir)? {
        let entry = entry?;
        match entry.file_name().to_bytes() {
            b"." | b".." => {}
            name => names.push(OsStr::from_bytes(name).to_owned()),
        }
    }
    Ok(names)
}

/// Removes everything from a directory that has the mark in it, the mark last.
fn cleared(dir: &File) -> io::Result<()> {
    for name in names(dir)?.iter().filter(|name| *name != FOUNDING) {
        let found = rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW)?;
        match FileType::from_raw_mode(found.st_mode) {
            FileType::Directory => remove_tree(dir, name)?,
            _ => rustix::fs::unlinkat(dir, name, AtFlags::empty())?,
        }
    }
    Ok(rustix::fs::unlinkat(dir, FOUNDING, AtFlags::empty())?)
}

/// A killed run leaves nothing but a directory beside, which the next one removes.
fn beside(place: &Path, random: &str, allow_nfs: bool) -> Result<(NewDir, RealDisk)> {
    let name = place.file_name().ok_or_else(|| {
        Error::usage(format!("{} cannot be the name of a new directory", place.display()))
    })?;
    let parent = match place.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    make_dir(&parent, true)?;
    let mark = mark(name);
    let folder = open_dir(&parent).map_err(|e| Error::system("open", parent.display(), &e))?;
    remove_leftovers(&folder, &mark);
    let mut temporary = mark;
    temporary.push(random);
    let temporary = parent.join(temporary);
    make_dir(&temporary, false)?;
    let opened = open_dir(&temporary).inspect_err(|_| {
        let _ = std::fs::remove_dir(&temporary);
    });
    let held = opened.map_err(|e| Error::system("open", temporary.display(), &e))?;
    // Where directories cannot be locked (NFS), nobody takes this for a leftover either.
    let _ = fs2::FileExt::lock_exclusive(&held);
    // Until then somebody else may have.
    if held.metadata().is_ok_and(|found| found.nlink() == 0) {
        let message = format!("another mfactl makes a state in {}", place.display());
        return Err(Error::new(Kind::Busy, "busy", message)
            .about(place.display())
            .words("wait for it"));
    }
    let shown = temporary.display().to_string();
    let how = How::Beside { temporary, parent };
    let new = NewDir { place: place.to_owned(), how, held };
    let root = new.held.as_fd().try_clone_to_owned();
    let root = root.map_err(|e| Error::system("open", &shown, &e))?;
    let disk = RealDisk::of(root, shown, allow_nfs)?;
    Ok((new, disk))
}

/// What the names of new directories beside this one begin with; the rest is random. A long
/// name is cut, so that the whole is at most `NAME_MAX` bytes.
fn mark(name: &OsStr) -> OsString {
    const LONGEST: usize = 255 - ".".len() - ".new-".len() - 16;
    let mut mark = OsString::from(".");
    mark.push(OsStr::from_bytes(&name.as_bytes()[..name.len().min(LONGEST)]));
    mark.push(".new-");
    mark
}

/// The directories that foundings of a state at this place left which were killed: the next
/// one removes them.
///
/// # Errors
/// System (8).
pub fn left_by_foundings(place: &Path) -> Result<Vec<PathBuf>> {
    let (Some(name), Some(parent)) = (place.file_name(), place.parent()) else {
        return Ok(Vec::new());
    };
    let folder = match open_dir(parent) {
        // Who may not look there made nothing there either.
        Err(e) if e.kind() == io::ErrorKind::PermissionDenied => return Ok(Vec::new()),
        folder => folder.map_err(|e| Error::system("open", parent.display(), &e))?,
    };
    let left = left_beside(&folder, &mark(name));
    let left = left.map_err(|e| Error::system("list", parent.display(), &e))?;
    Ok(left.into_iter().map(|name| parent.join(name)).collect())
}

/// Removes what foundings that were killed left. What cannot go is in nobody's way.
fn remove_leftovers(parent: &File, mark: &OsStr) {
    for name in left_beside(parent, mark).unwrap_or_default() {
        let _ = remove_tree(parent, &name);
    }
}

/// The directories beside a state that foundings made and nobody works on any more.
fn left_beside(parent: &File, mark: &OsStr) -> io::Result<Vec<OsString>> {
    let me = rustix::process::geteuid().as_raw();
    let mut left = Vec::new();
    for name in names(parent)? {
        let random = name.as_bytes().strip_prefix(mark.as_bytes());
        let is_new = random.is_some_and(|r| r.len() == 16 && r.iter().all(u8::is_ascii_hexdigit));
        if !is_new {
            continue;
        }
        // What is worked on is locked ([`beside`]).
        let Ok(dir) = open_in(parent, &name) else { continue };
        let is_mine = dir.metadata().is_ok_and(|found| found.uid() == me);
        if is_mine && fs2::FileExt::try_lock_exclusive(&dir).is_ok() {
            left.push(name);
        }
    }
    Ok(left)
}

/// Removes a directory and all that is in it. The standard library's way panics where a
/// directory cannot be closed.
fn remove_tree(parent: &File, name: &OsStr) -> io::Result<()> {
    let dir = open_in(parent, name)?;
    for name in names_of_all(&dir)? {
        let found = rustix::fs::statat(&dir, &name, AtFlags::SYMLINK_NOFOLLOW)?;
        match FileType::from_raw_mode(found.st_mode) {
            FileType::Directory => remove_tree(&dir, &name)?,
            _ => rustix::fs::unlinkat(&dir, &name, AtFlags::empty())?,
        }
    }
    Ok(rustix::fs::unlinkat(parent, name, AtFlags::REMOVEDIR)?)
}

/// Opens a directory of this name in another.
fn open_in(parent: &File, name: &OsStr) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(parent, name, flags, Mode::empty())?.into())
}

/// Opens a directory that has this name itself.
pub(crate) fn open_dir(path: &Path) -> io::Result<File> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW;
    OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

/// Makes a directory for its owner only, with those above it or as a new one.
fn make_dir(path: &Path, with_parents: bool) -> Result<()> {
    DirBuilder::new()
        .mode(0o700)
        .recursive(with_parents)
        .create(path)
        .map_err(|e| Error::system("make", path.display(), &e))
}

/// The error of a place where something is.
pub(crate) fn exists(place: &str) -> Error {
    Error::new(Kind::Refused, "exists", format!("{place} exists already, and is not empty"))
        .about(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_came_there_meanwhile_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["new", "empty"] {
            make_dir(&path(name), false).unwrap();
        }
        std::os::unix::fs::symlink(path("empty"), path("link")).unwrap();
        for place in ["empty", "link"] {
            assert_eq!(renamed(&path("new"), &path(place)).unwrap_err().code, "exists");
        }
        assert!(open_dir(&path("empty")).is_ok() && open_dir(&path("link")).is_err());
        renamed(&path("new"), &path("state")).unwrap();
    }
}
