//! The state's place, opened once: what is looked at here is what the whole run works on.

use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::path::{self, Looked, Untrusted};
use crate::error::{Error, Kind, Result};

/// What is at the state's place.
#[derive(Debug)]
pub struct OpenedPlace {
    /// As it was typed or configured.
    pub(in crate::env) path: PathBuf,
    /// The same without any link in it.
    pub(in crate::env) real: PathBuf,
    pub(in crate::env) found: PlaceContent,
    pub(super) looked: Option<Looked>,
}

/// What was found there.
#[derive(Debug)]
pub(in crate::env) enum PlaceContent {
    /// Nothing.
    Nothing,
    /// A directory, open, with its owner and group.
    Dir {
        /// The directory.
        fd: OwnedFd,
        /// A user and a group, by their numbers.
        owner: (u32, u32),
    },
    /// A regular file, open: a backup that is read in a state's place.
    File(File),
    /// Something that cannot be used, and why.
    Unusable(Error),
}

impl OpenedPlace {
    /// Opens what is at `path`. `me` is the user that the process was started as. Never
    /// fails: what is wrong is said where the state is needed, and not every verb needs it.
    pub(super) fn open(path: &Path, me: u32) -> OpenedPlace {
        let looked = match path::look_up(path) {
            Ok(looked) => looked,
            Err(e) => {
                let found = PlaceContent::Unusable(cannot_open(path, &e));
                return OpenedPlace {
                    path: path.to_owned(),
                    real: path.to_owned(),
                    found,
                    looked: None,
                };
            }
        };
        let found = open(path, &looked, me);
        OpenedPlace {
            path: path.to_owned(),
            real: looked.real.clone(),
            found,
            looked: Some(looked),
        }
    }

    /// The owner of the directory, if it is one: a user and a group.
    pub(super) fn owner(&self) -> Option<(u32, u32)> {
        match &self.found {
            PlaceContent::Dir { owner, .. } => Some(*owner),
            _ => None,
        }
    }

    /// Whether no state can be here: nothing is, or an empty directory.
    pub(super) fn is_vacant(&self) -> Result<bool> {
        match &self.found {
            PlaceContent::Nothing => Ok(true),
            PlaceContent::Dir { fd, .. } => {
                is_empty(fd).map_err(|e| cannot_open(&self.path, &e.into()))
            }
            PlaceContent::File(_) => Ok(false),
            PlaceContent::Unusable(error) => Err(error.clone()),
        }
    }

    /// Whether nobody else could put another directory here.
    pub(in crate::env) fn check(&self) -> Result<()> {
        let me = rustix::process::geteuid().as_raw();
        let trusted = self.looked.as_ref().map_or(Ok(()), |looked| looked.trusted(me, me));
        trusted.map_err(|why| untrusted(&self.path, &why))
    }

    /// Lets go of the directory above. The person may not be able to get there, and could by
    /// way of /proc/self/fd, in which every thread of the process may look.
    pub(super) fn let_go_above(&mut self) {
        if let Some(looked) = &mut self.looked {
            looked.parent = None;
        }
    }

    /// Makes the directory, for `owner`, where nothing is; as root.
    pub(super) fn make(&mut self, owner: (u32, u32)) -> Result<()> {
        let failed = |e: Errno| Error::system("make", self.path.display(), &e.into());
        let looked =
            self.looked.as_ref().and_then(|looked| Some((looked.parent.as_ref()?, looked)));
        let (parent, looked) = looked.ok_or_else(|| failed(Errno::NOENT))?;
        let fd = make_dir(parent, &looked.name, Mode::RWXU, owner).map_err(failed)?;
        self.found = PlaceContent::Dir { fd, owner };
        Ok(())
    }
}

fn open(shown: &Path, looked: &Looked, me: u32) -> PlaceContent {
    let Some(parent) = &looked.parent else { return PlaceContent::Nothing };
    let fd = match path::open_entry(parent, &looked.name) {
        Ok(Some(fd)) => fd,
        Ok(None) => return PlaceContent::Nothing,
        Err(Errno::ACCESS) => return PlaceContent::Unusable(closed(shown, looked, parent)),
        Err(e) => return PlaceContent::Unusable(cannot_open(shown, &e.into())),
    };
    let stat = match rustix::fs::fstat(&fd) {
        Ok(stat) => stat,
        Err(e) => return PlaceContent::Unusable(cannot_open(shown, &e.into())),
    };
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::Directory => match looked.trusted(stat.st_uid, me) {
            Ok(()) => PlaceContent::Dir { fd, owner: (stat.st_uid, stat.st_gid) },
            Err(why) => PlaceContent::Unusable(untrusted(shown, &why)),
        },
        FileType::RegularFile if looked.is_link => {
            let why = "it is a symbolic link: name the file itself";
            let message = format!("cannot read {}: {why}", shown.display());
            PlaceContent::Unusable(Error::usage(message).about(shown.display()))
        }
        FileType::RegularFile => PlaceContent::File(File::from(fd)),
        _ => {
            let message = format!("{} is neither a directory nor a backup", shown.display());
            PlaceContent::Unusable(Error::usage(message).about(shown.display()))
        }
    }
}

/// The error of what its owner alone may open.
fn closed(shown: &Path, looked: &Looked, parent: &OwnedFd) -> Error {
    let found = rustix::fs::statat(parent, &looked.name, AtFlags::SYMLINK_NOFOLLOW);
    match found {
        Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Directory => {
            not_owner(shown, stat.st_uid)
        }
        _ => cannot_open(shown, &Errno::ACCESS.into()),
    }
}

/// The error of somebody who is not the owner of the state.
pub(in crate::env) fn not_owner(shown: &Path, owner: u32) -> Error {
    let (shown, owner) = (shown.display(), path::user(owner));
    let message = format!("the state in {shown} belongs to {owner}");
    Error::new(Kind::System, "not-owner", message)
        .about(shown)
        .words("run the same command with sudo")
}

pub(super) fn untrusted(shown: &Path, why: &Untrusted) -> Error {
    let message = format!("{} is not safe to use: {}", shown.display(), why.why);
    let error = Error::new(Kind::Damaged, "unsafe-path", message).about(shown.display());
    match &why.mend {
        Some(mend) => error.words(mend.clone()),
        None => {
            error.words("keep the state in a directory that only its owner and root may write to")
        }
    }
}

fn cannot_open(path: &Path, e: &std::io::Error) -> Error {
    Error::system("open", path.display(), e)
}

fn is_empty(dir: &OwnedFd) -> rustix::io::Result<bool> {
    let entries = rustix::fs::Dir::read_from(dir)?;
    for entry in entries {
        // The last two say nothing about a state: a file system has one at its top, and who
        // keeps the directory in a repository the other.
        if !matches!(entry?.file_name().to_bytes(), b"." | b".." | b"lost+found" | b".git") {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Makes a directory for `owner` in one that is open, as root, where nobody else could put
/// something in its place.
pub(super) fn make_dir(
    parent: impl AsFd,
    name: &std::ffi::OsStr,
    mode: Mode,
    owner: (u32, u32),
) -> rustix::io::Result<OwnedFd> {
    rustix::fs::mkdirat(&parent, name, Mode::RWXU)?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let fd = rustix::fs::openat(&parent, name, flags, Mode::empty())?;
    let (uid, gid) = (rustix::fs::Uid::from_raw(owner.0), rustix::fs::Gid::from_raw(owner.1));
    rustix::fs::fchown(&fd, Some(uid), Some(gid))?;
    // Whatever the umask left of it.
    rustix::fs::fchmod(&fd, mode)?;
    Ok(fd)
}
