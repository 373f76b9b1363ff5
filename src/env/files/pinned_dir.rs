//! A directory that a person named, held open: files are made in it, brought to their
//! names and removed with the person's rights, whatever the process became. No path is
//! looked up a second time, so that one that leads elsewhere by then changes nothing.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{AtFlags, CWD, FileType, FlockOperation, Mode, OFlags, RenameFlags, Stat};
use rustix::io::Errno;

use crate::env::Env;
use crate::env::privilege::{AtPlace, Person};
use crate::error::{Error, Result};

/// A path is no deeper than this (`PATH_MAX`, two bytes a step).
const DEEPEST: usize = 2048;

/// Such a directory.
pub(crate) struct Held {
    dir: Arc<OwnedFd>,
    person: Person,
}

/// A place for a file: a name in such a directory.
pub(crate) struct FilePlace {
    pub(crate) dir: Arc<Held>,
    pub(crate) name: OsString,
    /// As it was typed, for messages.
    pub(crate) shown: String,
}

/// A file that was made in such a directory. Dropped before it has its name for good,
/// it goes.
pub(crate) struct Made {
    dir: Arc<Held>,
    /// None yet where it was made without one.
    name: Option<OsString>,
    file: File,
    keep: bool,
}

/// Why a file is not in its place for good.
pub(crate) enum NotPut {
    /// Nothing has changed there.
    Nothing(io::Error),
    /// The file has its name, but the name may not survive a loss of power.
    NotDurable(io::Error),
}

impl Env {
    /// The place that `path` names, outside of the state and not its key.
    ///
    /// # Errors
    /// Usage (2): it names no file, is in the state or is the key, or the person may not
    /// write there; system (8).
    pub(crate) fn place(&self, path: &Path) -> Result<FilePlace> {
        let shown = path.display().to_string();
        let name = match path.file_name() {
            Some(name) if path != Path::new("-") => name.to_owned(),
            _ => return Err(unwritable(&shown, "name a file")),
        };
        let dir = self.hold(parent(path), &shown)?;
        let key = &self.settings.key.path;
        if key.file_name() == Some(&name) && dir.is(node_at(parent(key), &shown)?) {
            return Err(unwritable(&shown, "it is the file of the sealing key"));
        }
        Ok(FilePlace { dir: Arc::new(dir), name, shown })
    }

    /// Holds the directory `path`, outside of the state; `shown` is what was typed.
    pub(crate) fn hold(&self, path: &Path, shown: &str) -> Result<Held> {
        let failed = |e: io::Error| match e.kind() {
            io::ErrorKind::NotFound => unwritable(shown, "its directory does not exist"),
            io::ErrorKind::NotADirectory => unwritable(shown, "its directory is not a directory"),
            io::ErrorKind::PermissionDenied => unwritable(shown, &may_not(&e)),
            _ => Error::system("write", shown, &e),
        };
        let dir = Held::open(self.person.clone(), path).map_err(failed)?;
        let AtPlace::Dir { fd, .. } = &self.place.found else { return Ok(dir) };
        let state = node(&rustix::fs::fstat(fd).map_err(|e| failed(e.into()))?);
        let inside = dir.run(move |dir| is_below(dir, state)).map_err(failed)?;
        if inside {
            return Err(unwritable(shown, "it would be inside the state directory"));
        }
        Ok(dir)
    }
}

/// Why the person may not write.
pub(crate) fn may_not(e: &io::Error) -> String {
    match e.get_ref() {
        Some(words) => words.to_string(),
        None => "you may not write there".to_owned(),
    }
}

/// An error of exit code 2 about a file.
pub(crate) fn unwritable(shown: &str, why: &str) -> Error {
    Error::usage(format!("cannot write {shown}: {why}")).about(shown)
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A device and a number on it.
type Inode = (u64, u64);

fn node(stat: &Stat) -> Inode {
    (stat.st_dev, stat.st_ino)
}

/// The directory of this name; `None` where it does not exist.
fn node_at(path: &Path, shown: &str) -> Result<Option<Inode>> {
    match std::fs::metadata(path) {
        Ok(found) => Ok(Some((found.dev(), found.ino()))),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Error::system("write", shown, &e)),
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
        // Who may not even look there has nothing to write there.
        let Ok(next) = rustix::fs::openat(&above, "..", flags, Mode::empty()) else { break };
        if node(&rustix::fs::fstat(&next)?) == here {
            break;
        }
        above = next;
    }
    Ok(false)
}

impl Held {
    fn open(person: Person, path: &Path) -> io::Result<Held> {
        let path = path.to_owned();
        let dir = person.run(move || {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            Ok(rustix::fs::openat(CWD, path, flags, Mode::empty())?)
        })?;
        Ok(Held { dir: Arc::new(dir), person })
    }

    /// Does something in the directory, with the person's rights.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(BorrowedFd<'_>) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let dir = Arc::clone(&self.dir);
        self.person.run(move || work(dir.as_fd()))
    }

    fn is(&self, other: Option<Inode>) -> bool {
        rustix::fs::fstat(&self.dir).is_ok_and(|stat| Some(node(&stat)) == other)
    }

    /// Makes a file: new, mode 0600, to be read and written.
    pub(crate) fn make(self: &Arc<Held>, name: OsString) -> io::Result<Made> {
        let wanted = name.clone();
        let file = self.run(move |dir| {
            let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL;
            let private = Mode::RUSR | Mode::WUSR;
            Ok(rustix::fs::openat(dir, wanted, flags | OFlags::CLOEXEC, private)?)
        })?;
        Ok(Made { dir: Arc::clone(self), name: Some(name), file: File::from(file), keep: false })
    }

    /// Makes a file without a name (`O_TMPFILE`): nothing is left of a run that is killed.
    fn make_unnamed(self: &Arc<Held>) -> io::Result<Made> {
        let file = self.run(|dir| {
            // By this a name is given to it later.
            rustix::fs::statat(CWD, "/proc/self/fd", AtFlags::empty())?;
            let flags = OFlags::RDWR | OFlags::TMPFILE | OFlags::CLOEXEC;
            Ok(File::from(rustix::fs::openat(dir, ".", flags, Mode::RUSR | Mode::WUSR)?))
        })?;
        Ok(Made { dir: Arc::clone(self), name: None, file, keep: false })
    }
}

impl FilePlace {
    /// Whether it is the same name in the same directory.
    pub(crate) fn is_same(&self, other: &FilePlace) -> bool {
        let node_of =
            |place: &FilePlace| rustix::fs::fstat(&place.dir.dir).ok().map(|it| node(&it));
        self.name == other.name && self.dir.is(node_of(other))
    }

    /// What stands there, no link followed; `None` where nothing does.
    pub(crate) fn find(&self) -> io::Result<Option<Stat>> {
        let name = self.name.clone();
        self.dir.run(move |dir| match rustix::fs::statat(dir, &name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(stat)),
            Err(Errno::NOENT) => Ok(None),
            Err(e) => Err(e.into()),
        })
    }

    /// Makes a file under this name with `ending`.
    pub(crate) fn make(&self, ending: &str) -> io::Result<Made> {
        self.dir.make(self.named("", ending))
    }

    /// Makes a file for this place that nobody sees before it is put there. Where the file
    /// system has no files without a name it has one of ours ([`FilePlace::own_name`]). What
    /// runs that were killed left under that is removed.
    pub(crate) fn make_unseen(&self) -> io::Result<Made> {
        let own = self.own_name();
        let left = own.clone();
        self.dir.run(move |dir| remove_unheld(dir, &left).map(drop))?;
        let made = match self.dir.make_unnamed() {
            Ok(made) => made,
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied => return Err(e),
            Err(e) if e.kind() == io::ErrorKind::ReadOnlyFilesystem => return Err(e),
            Err(_) => self.dir.make(own)?,
        };
        // What nobody holds is left over.
        rustix::fs::flock(made.file(), FlockOperation::NonBlockingLockExclusive)?;
        Ok(made)
    }

    /// Gives a synced file this name, durably. Replaces an existing file only if `replaces`.
    pub(crate) fn put(&self, made: &mut Made, replaces: bool) -> std::result::Result<(), NotPut> {
        if made.name.as_ref() != Some(&self.name) {
            made.give_name(&self.name, replaces, self.own_name()).map_err(NotPut::Nothing)?;
        }
        made.keep = true;
        self.dir.run(|dir| Ok(rustix::fs::fsync(dir)?)).map_err(NotPut::NotDurable)
    }

    /// Gives a file this name, never over another, and does not keep it yet.
    pub(crate) fn show(&self, made: &mut Made) -> io::Result<()> {
        made.give_name(&self.name, false, self.own_name())
    }

    /// The name that a file has for a moment before it has this one.
    pub(crate) fn own_name(&self) -> OsString {
        self.named(".", ".mfactl-new")
    }

    /// This name with something before and after it.
    pub(crate) fn named(&self, before: &str, after: &str) -> OsString {
        let mut name = OsString::from(before);
        name.push(&self.name);
        name.push(after);
        name
    }
}

/// Whether it is a file with bytes in it, no link or device.
pub(crate) fn is_regular(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
}

impl Made {
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Gives it another mode than 0600.
    pub(crate) fn set_mode(&self, mode: u32) -> io::Result<()> {
        let file = self.file.try_clone()?;
        self.dir.run(move |_| Ok(rustix::fs::fchmod(file, Mode::from_raw_mode(mode))?))
    }

    /// Gives it this name; over a file that has it only where it `replaces` that.
    /// Durable once the directory is synced. For a moment it may have the name `own`.
    fn give_name(&mut self, name: &OsStr, replaces: bool, own: OsString) -> io::Result<()> {
        let (new, had) = (name.to_owned(), self.name.clone());
        let file = self.file.try_clone()?;
        self.dir.run(move |dir| {
            let from = format!("/proc/self/fd/{}", file.as_raw_fd());
            let link =
                |name: &OsStr| rustix::fs::linkat(CWD, &from, dir, name, AtFlags::SYMLINK_FOLLOW);
            match (had, replaces) {
                // A second name is never made over another.
                (None, false) => Ok(link(&new)?),
                (None, true) => {
                    link(&own)?;
                    rustix::fs::renameat(dir, &own, dir, &new).map_err(|e| {
                        let _ = rustix::fs::unlinkat(dir, &own, AtFlags::empty());
                        e.into()
                    })
                }
                (Some(old), true) => Ok(rustix::fs::renameat(dir, &old, dir, &new)?),
                (Some(old), false) => rename_to_new(dir, &old, &new),
            }
        })?;
        self.name = Some(name.to_owned());
        Ok(())
    }
}

fn rename_to_new(dir: BorrowedFd<'_>, old: &OsStr, new: &OsStr) -> io::Result<()> {
    match rustix::fs::renameat_with(dir, old, dir, new, RenameFlags::NOREPLACE) {
        // A file system that cannot. A second name is never made over another either.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            rustix::fs::linkat(dir, old, dir, new, AtFlags::empty())?;
            Ok(rustix::fs::unlinkat(dir, old, AtFlags::empty())?)
        }
        renamed => Ok(renamed?),
    }
}

/// Removes a file that no living process holds a lock on; whether it is gone.
pub(crate) fn remove_unheld(dir: BorrowedFd<'_>, name: &OsStr) -> io::Result<bool> {
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match rustix::fs::openat(dir, name, flags, Mode::empty()) {
        Ok(file) => remove_if_unheld(dir, name, &file),
        Err(Errno::NOENT) => Ok(true),
        Err(e) => Err(e.into()),
    }
}

/// The same of a file that was opened by this name, unless another has the name by now.
pub(crate) fn remove_if_unheld(
    dir: BorrowedFd<'_>,
    name: &OsStr,
    file: &OwnedFd,
) -> io::Result<bool> {
    let found = rustix::fs::fstat(file)?;
    // Other tools lock with fcntl, which this process would not notice of itself.
    let held = [
        rustix::fs::flock(file, FlockOperation::NonBlockingLockExclusive),
        rustix::fs::fcntl_lock(file, FlockOperation::NonBlockingLockExclusive),
    ];
    if held.iter().any(|lock| matches!(lock, Err(Errno::WOULDBLOCK | Errno::ACCESS))) {
        return Ok(false);
    }
    held.into_iter().collect::<rustix::io::Result<()>>()?;
    let there = match rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(there) => there,
        Err(Errno::NOENT) => return Ok(true),
        Err(e) => return Err(e.into()),
    };
    if node(&there) != node(&found) || !is_regular(&there) {
        return Ok(false);
    }
    rustix::fs::unlinkat(dir, name, AtFlags::empty())?;
    Ok(true)
}

impl Drop for Made {
    fn drop(&mut self) {
        let Ok(mine) = self.file.metadata() else { return };
        if self.keep {
            return;
        }
        let Some(name) = self.name.take() else { return };
        let mine = (mine.dev(), mine.ino());
        // Where it cannot go it is in nobody's way.
        let _ = self.dir.run(move |dir| {
            let there = rustix::fs::statat(dir, &name, AtFlags::SYMLINK_NOFOLLOW)?;
            if node(&there) == mine {
                rustix::fs::unlinkat(dir, &name, AtFlags::empty())?;
            }
            Ok(())
        });
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_path_that_leads_elsewhere_later_changes_nothing_there() {
        let env = Env::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(path("victim")).unwrap();
        std::fs::create_dir(path("d")).unwrap();
        std::fs::write(path("victim/x"), "precious").unwrap();
        let place = env.place(&path("d/x")).unwrap();
        let made = place.make("").unwrap();
        std::fs::rename(path("d"), path("d2")).unwrap();
        symlink(path("victim"), path("d")).unwrap();
        drop(made);
        assert_eq!(std::fs::read(path("victim/x")).unwrap(), b"precious");
        assert!(!path("d2/x").exists());
        // Another file of that name is not ours to remove.
        let made = place.make("").unwrap();
        std::fs::rename(path("d2/x"), path("d2/y")).unwrap();
        std::fs::write(path("d2/x"), "another").unwrap();
        drop(made);
        assert_eq!(std::fs::read(path("d2/x")).unwrap(), b"another");
        let mut made = place.make_unseen().unwrap();
        assert!(place.put(&mut made, false).is_err() && place.put(&mut made, true).is_ok());
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
        ] {
            let error = env.place(&path(name)).err().map(|e| e.message);
            match expected {
                None => assert_eq!(error, None, "{name}"),
                Some(words) => assert!(error.unwrap().contains(words), "{name}"),
            }
        }
    }
}
