//! A place for a file that a person named: a name in a directory that is held open. The
//! file is looked at, made and removed with the person's rights, and no path is looked up a
//! second time, so a path that leads elsewhere by then changes nothing.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{AtFlags, CWD, Dir, FileType, FlockOperation, Mode, OFlags, Stat};
use rustix::io::Errno;

use crate::env::Env;
use crate::env::privilege::path::open_entry;
use crate::env::privilege::{AtPlace, Person};
use crate::error::{Error, Result};

/// A path is no deeper than this (`PATH_MAX`, two bytes a step).
const DEEPEST: usize = 2048;
/// The longest name of a file (`NAME_MAX` of Linux, bytes).
const NAME_MAX: usize = 255;
/// The end of the name that a new file may have before it gets its own.
const TEMPORARY: &str = ".mfactl-new";

/// Such a place.
#[derive(Clone)]
pub(in crate::env) struct FilePlace {
    dir: Arc<OwnedFd>,
    person: Person,
    name: OsString,
    shown: String,
}

impl Env {
    /// The place that `path` names, outside of the state and not its key.
    ///
    /// # Errors
    /// Usage (2): it names no file, is in the state or is the key, or the person may not
    /// write there; system (8).
    pub(in crate::env) fn place(&self, path: &Path) -> Result<FilePlace> {
        let shown = path.display().to_string();
        let bytes = path.as_os_str().as_bytes();
        let is_folder = bytes.ends_with(b"/") || bytes.ends_with(b"/.");
        let name = match path.file_name() {
            Some(name) if path != Path::new("-") && !is_folder => name.to_owned(),
            _ => return Err(unwritable(&shown, "name a file")),
        };
        let failed = |e: io::Error| match e.kind() {
            io::ErrorKind::NotFound => unwritable(&shown, "its directory does not exist"),
            io::ErrorKind::NotADirectory => unwritable(&shown, "its directory is not a directory"),
            io::ErrorKind::PermissionDenied => unwritable(&shown, &may_not(&e)),
            _ => Error::system("write", &shown, &e),
        };
        let folder = parent(path).to_owned();
        let opened = self.person.run(move || {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            Ok(rustix::fs::openat(CWD, folder, flags, Mode::empty())?)
        });
        let dir = Arc::new(opened.map_err(failed)?);
        let place = FilePlace { dir, person: self.person.clone(), name, shown: shown.clone() };
        if let AtPlace::Dir { fd, .. } = &self.place.found {
            let state = node(&rustix::fs::fstat(fd).map_err(|e| failed(e.into()))?);
            if place.run(move |dir, _| is_below(dir, state)).map_err(failed)? {
                return Err(unwritable(&shown, "it would be inside the state directory"));
            }
        }
        let key = &self.settings.key.path;
        if key.file_name() == Some(&place.name)
            && place.dir_node().ok() == node_at(parent(key)).map_err(failed)?
        {
            return Err(unwritable(&shown, "it is the file of the sealing key"));
        }
        Ok(place)
    }
}

/// Why the person may not write.
pub(super) fn may_not(e: &io::Error) -> String {
    match e.get_ref() {
        Some(words) => words.to_string(),
        None => "you may not write there".to_owned(),
    }
}

/// An error of exit code 2 about a file.
pub(super) fn unwritable(shown: &str, why: &str) -> Error {
    Error::usage(format!("cannot write {shown}: {why}")).about(shown)
}

/// The directory that a path leads to the last step of.
pub(in crate::env) fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A device and a number on it.
type Inode = (u64, u64);

fn node(stat: &Stat) -> Inode {
    (stat.st_dev, stat.st_ino)
}

/// The directory of this name; `None` where it does not exist.
fn node_at(path: &Path) -> io::Result<Option<Inode>> {
    match std::fs::metadata(path) {
        Ok(found) => Ok(Some((found.dev(), found.ino()))),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// Whether the directory is `other` or below it, by way of what really is above it.
fn is_below(dir: BorrowedFd<'_>, other: Inode) -> io::Result<bool> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let mut above = rustix::fs::openat(dir, ".", flags, Mode::empty())?;
    for _ in 0..DEEPEST {
        let here = node(&rustix::fs::fstat(&above)?);
        if here == other {
            return Ok(true);
        }
        // Whoever may not look there cannot write there either.
        let Ok(next) = rustix::fs::openat(&above, "..", flags, Mode::empty()) else { break };
        if node(&rustix::fs::fstat(&next)?) == here {
            break;
        }
        above = next;
    }
    Ok(false)
}

impl FilePlace {
    /// A place in a directory of the process's own; `shown` is its path in messages.
    pub(in crate::env) fn own(dir: OwnedFd, name: OsString, shown: String) -> FilePlace {
        FilePlace { dir: Arc::new(dir), person: Person::is_process(), name, shown }
    }

    /// As it was typed, for messages.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// The name of the file.
    pub(super) fn name(&self) -> &OsStr {
        &self.name
    }

    /// The place beside it whose name has `ending` in addition.
    pub(super) fn with_ending(&self, ending: &str) -> FilePlace {
        let mut name = self.name.clone();
        name.push(ending);
        FilePlace { name, shown: format!("{}{ending}", self.shown), ..self.clone() }
    }

    /// The place where a new file may be before it has its name here.
    pub(super) fn temporary(&self) -> FilePlace {
        let mut name = OsString::from(".");
        let kept = self.name.len().min(NAME_MAX - 1 - TEMPORARY.len());
        name.push(OsStr::from_bytes(&self.name.as_bytes()[..kept]));
        name.push(TEMPORARY);
        FilePlace { name, ..self.clone() }
    }

    /// Does something with the directory and the name, with the person's rights.
    pub(super) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(BorrowedFd<'_>, &OsStr) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let (dir, name) = (Arc::clone(&self.dir), self.name.clone());
        self.person.run(move || work(dir.as_fd(), &name))
    }

    fn dir_node(&self) -> io::Result<Inode> {
        Ok(node(&rustix::fs::fstat(&self.dir)?))
    }

    /// Whether it is the same name in the same directory.
    pub(super) fn is_same(&self, other: &FilePlace) -> bool {
        self.name == other.name && self.dir_node().ok() == other.dir_node().ok()
    }

    /// What is there, no link followed; `None` where nothing is.
    pub(in crate::env) fn find(&self) -> io::Result<Option<Stat>> {
        self.run(find)
    }

    /// Whether an open file is the one that is there, and not one that was replaced.
    pub(in crate::env) fn holds(&self, file: &File) -> io::Result<bool> {
        let open = rustix::fs::fstat(file)?;
        Ok(self.find()?.is_some_and(|there| node(&there) == node(&open)))
    }

    /// Opens what is there for reading, no link followed; `None` where nothing is.
    pub(in crate::env) fn open(&self) -> io::Result<Option<File>> {
        self.run(|dir, name| Ok(open_entry(dir, name)?.map(File::from)))
    }

    /// Makes a file here: new, mode 0600, locked against removal as a left-over.
    pub(super) fn make(&self) -> io::Result<File> {
        let file = self.run(|dir, name| {
            let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
            Ok(rustix::fs::openat(dir, name, flags, Mode::RUSR | Mode::WUSR)?)
        })?;
        let file = File::from(file);
        rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        // Before it was locked, another run may have taken it for a left-over.
        if self.holds(&file)? { Ok(file) } else { Err(io::ErrorKind::AlreadyExists.into()) }
    }

    /// Makes a file without a name (`O_TMPFILE`): nothing is left of a run that is killed.
    pub(super) fn make_unnamed(&self) -> io::Result<File> {
        let file = self.run(|dir, _| {
            // By this a name is given to it later.
            rustix::fs::statat(CWD, "/proc/self/fd", AtFlags::empty())?;
            let flags = OFlags::RDWR | OFlags::TMPFILE | OFlags::CLOEXEC;
            Ok(rustix::fs::openat(dir, ".", flags, Mode::RUSR | Mode::WUSR)?)
        })?;
        let file = File::from(file);
        rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        Ok(file)
    }

    /// Syncs the directory.
    pub(super) fn sync_dir(&self) -> io::Result<()> {
        self.run(|dir, _| Ok(rustix::fs::fsync(dir)?))
    }

    /// Removes a file, if it is the one that is open.
    pub(super) fn remove(&self, file: &File) -> io::Result<()> {
        let mine = node(&rustix::fs::fstat(file)?);
        self.run(move |dir, name| match find(dir, name)? {
            Some(there) if node(&there) == mine => {
                Ok(rustix::fs::unlinkat(dir, name, AtFlags::empty())?)
            }
            _ => Ok(()),
        })
    }

    /// Removes a file that no living process has locked; whether it is gone.
    pub(super) fn remove_unheld(&self) -> io::Result<bool> {
        self.run(|dir, name| match open_unheld(dir, name)? {
            Unheld::Absent => Ok(true),
            Unheld::Held => Ok(false),
            Unheld::Free(file) => remove_if_same(dir, name, &file),
        })
    }

    /// The temporary files that killed runs left in the directory: regular files of this
    /// user that no process has locked.
    pub(in crate::env) fn left_over(&self) -> io::Result<Vec<OsString>> {
        let me = rustix::process::geteuid().as_raw();
        self.run(move |dir, _| {
            let mut left = Vec::new();
            for entry in Dir::read_from(dir)? {
                let entry = entry?;
                let name = entry.file_name().to_bytes();
                if !name.starts_with(b".") || !name.ends_with(TEMPORARY.as_bytes()) {
                    continue;
                }
                let name = OsStr::from_bytes(name);
                if let Some(found) = find(dir, name)?
                    && is_regular(&found)
                    && found.st_uid == me
                    && matches!(open_unheld(dir, name)?, Unheld::Free(_))
                {
                    left.push(name.to_owned());
                }
            }
            Ok(left)
        })
    }
}

fn find(dir: BorrowedFd<'_>, name: &OsStr) -> io::Result<Option<Stat>> {
    match rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(stat)),
        Err(Errno::NOENT) => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// Whether it is a file with bytes in it, no link or device.
pub(super) fn is_regular(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
}

/// What a file is that may be a left-over.
enum Unheld {
    Absent,
    /// A living process has it locked.
    Held,
    /// Open, and locked by this process.
    Free(OwnedFd),
}

fn open_unheld(dir: BorrowedFd<'_>, name: &OsStr) -> io::Result<Unheld> {
    let open = |access| {
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        rustix::fs::openat(dir, name, flags | access, Mode::empty())
    };
    let file = match open(OFlags::RDWR) {
        // A key file is for reading only.
        Err(Errno::ACCESS) => open(OFlags::RDONLY),
        opened => opened,
    };
    let file = match file {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(Unheld::Absent),
        Err(e) => return Err(e.into()),
    };
    // Other tools lock with fcntl for writing, which excludes those who lock for reading.
    let held = [
        rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive),
        rustix::fs::fcntl_lock(&file, FlockOperation::NonBlockingLockShared),
    ];
    if held.iter().any(|lock| matches!(lock, Err(Errno::WOULDBLOCK | Errno::ACCESS))) {
        return Ok(Unheld::Held);
    }
    held.into_iter().collect::<rustix::io::Result<()>>()?;
    Ok(Unheld::Free(file))
}

/// Removes a regular file, unless another has its name by now; whether it is gone.
fn remove_if_same(dir: BorrowedFd<'_>, name: &OsStr, file: &OwnedFd) -> io::Result<bool> {
    let mine = rustix::fs::fstat(file)?;
    match find(dir, name)? {
        None => Ok(true),
        Some(there) if node(&there) == node(&mine) && is_regular(&there) => {
            rustix::fs::unlinkat(dir, name, AtFlags::empty())?;
            Ok(true)
        }
        Some(_) => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::env::files::output::Output;

    #[test]
    fn a_path_that_leads_elsewhere_later_changes_nothing_there() {
        let env = Env::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(path("victim")).unwrap();
        std::fs::create_dir(path("d")).unwrap();
        std::fs::write(path("victim/x"), "precious").unwrap();
        let place = env.place(&path("d/x")).unwrap();
        let made = Output::make_here(place.clone()).unwrap();
        std::fs::rename(path("d"), path("d2")).unwrap();
        symlink(path("victim"), path("d")).unwrap();
        drop(made);
        assert_eq!(std::fs::read(path("victim/x")).unwrap(), b"precious");
        assert!(!path("d2/x").exists());
        // Another file of that name is not ours to remove.
        let made = Output::make_here(place.clone()).unwrap();
        std::fs::rename(path("d2/x"), path("d2/y")).unwrap();
        std::fs::write(path("d2/x"), "another").unwrap();
        drop(made);
        assert_eq!(std::fs::read(path("d2/x")).unwrap(), b"another");
        let mut made = Output::make(&place).unwrap();
        assert!(made.put().is_err());
        made.set_replaces(true);
        assert!(made.put().is_ok());
    }

    #[test]
    fn state_and_key_are_protected_whatever_way_leads_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(path("state/users")).unwrap();
        symlink(path("state/users"), path("link")).unwrap();
        let env = Env::with_state(&path("state")).unwrap();
        for (name, expected) in [
            ("state/x", Some("inside the state")),
            ("state/users/x", Some("inside the state")),
            ("link/x", Some("inside the state")),
            ("link/../../x", None),
            ("state.key", Some("sealing key")),
            ("state/../state.key", Some("sealing key")),
            ("link/../../state.key", Some("sealing key")),
            ("state.key.old", None),
            ("nowhere/x", Some("its directory does not exist")),
            ("..", Some("name a file")),
            ("x/", Some("name a file")),
            ("link/.", Some("name a file")),
        ] {
            let error = env.place(&path(name)).err().map(|e| e.message);
            match expected {
                None => assert_eq!(error, None, "{name}"),
                Some(words) => assert!(error.unwrap().contains(words), "{name}"),
            }
        }
    }

    #[test]
    fn only_the_file_that_was_looked_at_is_removed_and_only_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let dir = File::open(folder.path()).unwrap();
        let open = |name: &str| {
            let flags = OFlags::RDWR | OFlags::NONBLOCK;
            rustix::fs::openat(&dir, name, flags, Mode::empty()).unwrap()
        };
        let gone = |name: &str, file: &OwnedFd| {
            (remove_if_same(dir.as_fd(), OsStr::new(name), file).unwrap(), path(name).exists())
        };
        for name in ["lock", "newer"] {
            std::fs::write(path(name), "").unwrap();
        }
        let looked_at = open("lock");
        std::fs::rename(path("newer"), path("lock")).unwrap();
        assert_eq!(gone("lock", &looked_at), (false, true), "a newer one has the name");
        assert_eq!(gone("lock", &open("lock")), (true, false));
        rustix::fs::mkfifoat(&dir, "pipe", Mode::RUSR | Mode::WUSR).unwrap();
        assert_eq!(gone("pipe", &open("pipe")), (false, true), "it is not a file");
        // Nor does a link in the place of a left-over lead anywhere.
        std::os::unix::fs::symlink(path("pipe"), path(".x.mfactl-new")).unwrap();
        assert!(Env::new().unwrap().new_output(&path("x")).is_err());
    }
}
