//! The directory of a state that is only just founded: beside its place until
//! it is complete, or an empty directory that is there.

// This is the door that these are to go through.
#![allow(clippy::disallowed_methods)]

use std::ffi::{OsStr, OsString};
use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, RenameFlags};

use super::RealDisk;
use crate::error::{Error, Kind, Result};

/// A directory for a new state. Dropped before it is in its place, it goes.
pub(in crate::store) struct NewDir {
    place: PathBuf,
    /// Where it is made, and the directory that both are in; none where it is made in place.
    beside: Option<(PathBuf, PathBuf)>,
    /// Locked while this is worked on: what nobody holds was left by a founding that was killed.
    held: Option<File>,
}

impl NewDir {
    /// Makes a directory beside `place`, or takes `place` itself where that is
    /// an empty directory.
    pub(in crate::store) fn make(
        place: &Path,
        random: &str,
        allow_nfs: bool,
    ) -> Result<(NewDir, RealDisk)> {
        match std::fs::symlink_metadata(place) {
            Ok(found) if found.is_dir() => {
                let disk = take(place, &found, allow_nfs)?;
                Ok((NewDir { place: place.to_owned(), beside: None, held: None }, disk))
            }
            Ok(_) => Err(exists(&place.display().to_string())),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => beside(place, random, allow_nfs),
            Err(e) => Err(Error::system("look at", place.display(), &e)),
        }
    }

    /// Makes a directory beside `place` also where that is an empty directory,
    /// which gives way when this one comes to its place. Nothing in it is durable before that.
    pub(in crate::store) fn make_beside(
        place: &Path,
        random: &str,
        allow_nfs: bool,
    ) -> Result<(NewDir, RealDisk)> {
        let beside = || {
            let (new, disk) = beside(place, random, allow_nfs)?;
            Ok((new, disk.synced_in_the_end()))
        };
        match std::fs::read_dir(place).map(|mut entries| entries.next().is_none()) {
            Ok(true) => beside(),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => beside(),
            Ok(false) => Err(exists(&place.display().to_string())),
            Err(e) if e.kind() == std::io::ErrorKind::NotADirectory => {
                Err(exists(&place.display().to_string()))
            }
            Err(e) => Err(Error::system("look at", place.display(), &e)),
        }
    }

    /// Where it is now.
    pub(in crate::store) fn path(&self) -> &Path {
        self.beside.as_ref().map_or(&self.place, |(temporary, _)| temporary)
    }

    /// Syncs all of it and renames it into its place, durably.
    pub(in crate::store) fn sync_and_put_in_place(self) -> Result<()> {
        // By a descriptor from before the first write: it hears of whatever failed since, also
        // where somebody else has heard of that already.
        let synced = self.held.as_ref().map_or(Ok(()), rustix::fs::syncfs);
        synced.map_err(|e| Error::system("sync", self.path().display(), &e.into()))?;
        self.put_in_place()
    }

    /// Renames it into its place, durably.
    pub(in crate::store) fn put_in_place(mut self) -> Result<()> {
        let Some((temporary, parent)) = self.beside.take() else { return Ok(()) };
        let shown = self.place.display();
        // Never over something that came there meanwhile; an empty directory gives way.
        let fresh =
            rustix::fs::renameat_with(CWD, &temporary, CWD, &self.place, RenameFlags::NOREPLACE);
        let placed = match fresh {
            Err(rustix::io::Errno::EXIST) => {
                rustix::fs::renameat(CWD, &temporary, CWD, &self.place)
            }
            other => other,
        };
        if let Err(e) = placed {
            use rustix::io::Errno;
            let error = match e {
                Errno::EXIST | Errno::NOTEMPTY | Errno::NOTDIR => exists(&shown.to_string()),
                e => Error::system("make", shown, &e.into()),
            };
            self.beside = Some((temporary, parent));
            return Err(error);
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let synced = rustix::fs::open(&parent, flags, Mode::empty()).and_then(rustix::fs::fsync);
        synced.map_err(|e| {
            let message = format!("whether {shown} is durable is not known: {e}");
            Error::new(Kind::Unknown, "outcome-unknown", message).command("audit log --limit 1")
        })
    }
}

impl Drop for NewDir {
    fn drop(&mut self) {
        if let Some((temporary, _)) = &self.beside {
            // Ours, and made just now. Where it cannot go it is in nobody's way.
            let _ = std::fs::remove_dir_all(temporary);
        }
    }
}

/// An empty directory that is there; or one that a killed founding began to fill.
fn take(place: &Path, found: &std::fs::Metadata, allow_nfs: bool) -> Result<RealDisk> {
    let failed = |what: &str, e| Error::system(what, place.display(), &e);
    let me = rustix::process::geteuid().as_raw();
    let entries = std::fs::read_dir(place).map_err(|e| failed("list", e))?.count();
    // Only of a directory that is ours and empty the mode is ours to change.
    if entries == 0 && (found.uid() == me || me == 0) {
        let private = Permissions::from_mode(0o700);
        std::fs::set_permissions(place, private).map_err(|e| failed("make private", e))?;
    }
    match RealDisk::open(place, allow_nfs) {
        Err(e) if e.code == "no-state" => Err(exists(&place.display().to_string())),
        opened => opened,
    }
}

/// A killed founding leaves nothing but a directory beside, which the next one removes.
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
    remove_leftovers(&parent, &mark);
    let mut temporary = mark;
    temporary.push(random);
    let temporary = parent.join(temporary);
    make_dir(&temporary, false)?;
    let mut new =
        NewDir { place: place.to_owned(), beside: Some((temporary.clone(), parent)), held: None };
    let held = open_dir(&temporary);
    let held = held.map_err(|e| Error::system("open", temporary.display(), &e))?;
    // Where directories cannot be locked (NFS), nobody takes this for a leftover either.
    let _ = fs2::FileExt::lock_exclusive(&held);
    new.held = Some(held);
    let disk = RealDisk::open(&temporary, allow_nfs)?;
    Ok((new, disk))
}

/// What the names of new directories beside this one begin with; the rest is random.
fn mark(name: &OsStr) -> OsString {
    let mut mark = OsString::from(".");
    mark.push(name);
    mark.push(".new-");
    mark
}

/// Removes what foundings that were killed left. What cannot go is in nobody's way.
fn remove_leftovers(parent: &Path, mark: &OsStr) {
    let me = rustix::process::geteuid().as_raw();
    for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let random = name.as_bytes().strip_prefix(mark.as_bytes());
        let is_new = random.is_some_and(|r| r.len() == 16 && r.iter().all(u8::is_ascii_hexdigit));
        let is_mine = || entry.metadata().is_ok_and(|found| found.is_dir() && found.uid() == me);
        if is_new && is_mine() && is_abandoned(&entry.path()).unwrap_or(false) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether nobody works on it. An empty one was made just now, and is not locked yet.
fn is_abandoned(dir: &Path) -> io::Result<bool> {
    let held = open_dir(dir)?;
    let is_free = fs2::FileExt::try_lock_exclusive(&held).is_ok();
    Ok(is_free && std::fs::read_dir(dir)?.next().is_some())
}

fn open_dir(path: &Path) -> io::Result<File> {
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
pub(in crate::store) fn exists(place: &str) -> Error {
    Error::new(Kind::Refused, "exists", format!("{place} is there already, and is not empty"))
        .about(place)
}
