//! The disk door on a directory of this machine.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat, Uid};
use rustix::io::Errno;

use super::{Disk, Held, Sink, Source};
use crate::error::{Error, Kind, Result};
use crate::signals::WithLock;
use crate::store::format::layout;
use crate::store::format::layout::split;

const LOCK: &str = layout::LOCK;
/// How many shared locks this process holds. A reader that reads once more must not wait for
/// its turn behind a writer that waits for it.
static READING: AtomicUsize = AtomicUsize::new(0);
const PRIVATE_DIR: Mode = Mode::RWXU;
const PRIVATE_FILE: Mode = Mode::RUSR.union(Mode::WUSR);
const DIR_FLAGS: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
/// `NONBLOCK`: a pipe put in a file's place must not hang the reader.
const READ_FLAGS: OFlags =
    OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);

/// A state directory, held open: what is below it is always found from there.
pub struct RealDisk {
    place: String,
    root: Arc<OwnedFd>,
    owner: Uid,
    dirs: Mutex<HashMap<String, Arc<OwnedFd>>>,
    /// Whether a sync waits for the disk.
    syncs: bool,
}

impl RealDisk {
    /// Opens a state directory and checks its owner and mode.
    ///
    /// # Errors
    /// `no-state` (4) where there is no such directory; damaged (7) where it is
    /// open to others; system (8) where it is another's, on NFS, or cannot be opened.
    pub fn open(dir: &Path, allow_nfs: bool) -> Result<RealDisk> {
        let place = dir.display().to_string();
        // The directory itself may be reached through a symlink; below it none is followed.
        let flags = DIR_FLAGS.difference(OFlags::NOFOLLOW);
        match rustix::fs::open(dir, flags, Mode::empty()) {
            Ok(root) => RealDisk::of(root, place, allow_nfs),
            Err(Errno::NOENT) => Err(Error::no_state(&place)),
            Err(e) => Err(Error::system("open", &place, &e.into())),
        }
    }

    /// The state directory that is open as `root`; `place` is its name in messages.
    ///
    /// # Errors
    /// As [`RealDisk::open`].
    pub fn of(root: OwnedFd, place: String, allow_nfs: bool) -> Result<RealDisk> {
        let stat =
            rustix::fs::fstat(&root).map_err(|e| Error::system("look at", &place, &e.into()))?;
        let owner = Uid::from_raw(stat.st_uid);
        // Root became the owner before: whatever is made here is the owner's from the start.
        if rustix::process::geteuid() != owner {
            let message = format!("{place} belongs to the user id {}, not to you", stat.st_uid);
            return Err(Error::new(Kind::System, "not-owner", message).about(place));
        }
        if let Err(open) = check_mode(&place, &place, &stat) {
            // Of a directory that is no state it matters more that it is none.
            return Err(
                match rustix::fs::statat(&root, layout::STATE, AtFlags::SYMLINK_NOFOLLOW) {
                    Err(Errno::NOENT) => Error::no_state(&place),
                    _ => open,
                },
            );
        }
        if !allow_nfs {
            refuse_nfs(&place, &root)?;
        }
        Ok(RealDisk { place, root: Arc::new(root), owner, dirs: Mutex::default(), syncs: true })
    }

    /// The same, where whoever makes it syncs all of it in the end: until then nobody relies
    /// on anything in it.
    pub(super) fn synced_in_the_end(self) -> RealDisk {
        RealDisk { syncs: false, ..self }
    }

    fn file(&self, path: &str, file: File) -> RealFile {
        RealFile { file, shown: self.shown(path), syncs: self.syncs }
    }

    fn shown(&self, path: &str) -> String {
        if path.is_empty() { self.place.clone() } else { format!("{}/{path}", self.place) }
    }

    fn failed(&self, what: &str, path: &str, e: Errno) -> Error {
        match e {
            Errno::LOOP | Errno::MLINK => self.symlink(path),
            e => Error::system(what, self.shown(path), &e.into()),
        }
    }

    fn symlink(&self, path: &str) -> Error {
        let shown = self.shown(path);
        let message = format!("{shown} is a symlink: mfactl follows none in a state directory");
        Error::new(Kind::Damaged, "symlink", message).about(shown)
    }

    /// The open directory `dir`; `None` where there is none.
    fn dir(&self, dir: &str) -> Result<Option<Arc<OwnedFd>>> {
        if dir.is_empty() {
            return Ok(Some(Arc::clone(&self.root)));
        }
        if let Some(fd) = self.known_dirs().get(dir) {
            return Ok(Some(Arc::clone(fd)));
        }
        let fd = match rustix::fs::openat(&self.root, dir, DIR_FLAGS, Mode::empty()) {
            Ok(fd) => Arc::new(fd),
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::NOTDIR) => return Err(self.odd(dir)),
            Err(e) => return Err(self.failed("open", dir, e)),
        };
        let stat = rustix::fs::fstat(&fd).map_err(|e| self.failed("look at", dir, e))?;
        self.check(dir, &stat)?;
        self.known_dirs().insert(dir.to_owned(), Arc::clone(&fd));
        Ok(Some(fd))
    }

    fn known_dirs(&self) -> MutexGuard<'_, HashMap<String, Arc<OwnedFd>>> {
        self.dirs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The open directory of a file that is to be written, made where it is missing.
    fn dir_to_write(&self, dir: &str) -> Result<Arc<OwnedFd>> {
        if let Some(fd) = self.dir(dir)? {
            return Ok(fd);
        }
        self.mkdir(dir)?;
        self.sync_dir(split(dir).0)?;
        self.dir(dir)?.ok_or_else(|| self.failed("open", dir, Errno::NOENT))
    }

    fn odd(&self, path: &str) -> Error {
        // Which of the two it is matters to the reader of the message only.
        let (dir, name) = split(path);
        let stat = match self.dir(dir) {
            Ok(Some(fd)) if !path.is_empty() => {
                rustix::fs::statat(&*fd, name, AtFlags::SYMLINK_NOFOLLOW).ok()
            }
            _ => None,
        };
        if stat.is_some_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Symlink) {
            return self.symlink(path);
        }
        let shown = self.shown(path);
        Error::damaged(&shown, format!("{shown} is not of the kind that belongs there"))
    }

    fn check(&self, path: &str, stat: &Stat) -> Result<()> {
        if stat.st_uid != self.owner.as_raw() {
            let shown = self.shown(path);
            let message = format!("{shown} does not belong to the owner of {}", self.place);
            return Err(Error::new(Kind::Damaged, "wrong-owner", message).about(shown));
        }
        check_mode(&self.place, &self.shown(path), stat)
    }

    /// Opens a file below the state directory and checks that it is plain, private and ours.
    fn open_file(&self, path: &str, flags: OFlags) -> Result<Option<File>> {
        let (dir, name) = split(path);
        let Some(parent) = self.dir(dir)? else { return Ok(None) };
        let file = match rustix::fs::openat(&*parent, name, flags, Mode::empty()) {
            Ok(fd) => File::from(fd),
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::ISDIR | Errno::NXIO) => return Err(self.odd(path)),
            Err(e) => return Err(self.failed("open", path, e)),
        };
        let stat = rustix::fs::fstat(&file).map_err(|e| self.failed("look at", path, e))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(self.odd(path));
        }
        self.check(path, &stat)?;
        Ok(Some(file))
    }

    fn lock_file(&self, write: bool) -> Result<File> {
        let access = if write { OFlags::RDWR } else { OFlags::RDONLY };
        self.open_or_make(LOCK, READ_FLAGS.union(access))
    }

    /// Whether a file that is open is still the one of this name.
    fn is_at(&self, name: &str, file: &File) -> Result<bool> {
        let failed = |e| self.failed("look at", name, e);
        let open = rustix::fs::fstat(file).map_err(failed)?;
        match rustix::fs::statat(&self.root, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(there) => Ok((there.st_dev, there.st_ino) == (open.st_dev, open.st_ino)),
            Err(Errno::NOENT) => Ok(false),
            Err(e) => Err(failed(e)),
        }
    }

    /// Opens a file, or makes it where it is missing.
    fn open_or_make(&self, path: &str, flags: OFlags) -> Result<File> {
        if let Some(file) = self.open_file(path, flags)? {
            return Ok(file);
        }
        let (dir, name) = split(path);
        let parent = self.dir_to_write(dir)?;
        let made = rustix::fs::openat(&*parent, name, flags | OFlags::CREATE, PRIVATE_FILE);
        Ok(File::from(made.map_err(|e| self.failed("make", path, e))?))
    }
}

/// The names in a directory outside of the state; none where it cannot be listed.
fn names_in(dir: &Path) -> Option<Vec<String>> {
    let fd = rustix::fs::open(dir, DIR_FLAGS, Mode::empty()).ok()?;
    let entries = rustix::fs::Dir::read_from(fd).ok()?;
    let name = |entry: rustix::fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    Some(entries.filter_map(|entry| entry.ok().map(name)).collect())
}

/// Whether a file ends in the middle of a line: an append did not come to its end.
fn ends_torn(file: &File) -> io::Result<bool> {
    let size = rustix::fs::fstat(file)?.st_size.unsigned_abs();
    let Some(last) = size.checked_sub(1) else { return Ok(false) };
    let mut end = [0; 1];
    Ok(file.read_at(&mut end, last)? == 1 && end != *b"\n")
}

fn check_mode(place: &str, shown: &str, stat: &Stat) -> Result<()> {
    if stat.st_mode & 0o077 == 0 {
        return Ok(());
    }
    let message = format!("{shown} is open to others (mode {:04o})", stat.st_mode & 0o7777);
    let quoted = place.replace('\'', "'\\''");
    Err(Error::new(Kind::Damaged, "open-to-others", message)
        .about(shown)
        .words(format!("chmod -R go-rwx '{quoted}'")))
}

fn refuse_nfs(place: &str, root: &OwnedFd) -> Result<()> {
    let stat = rustix::fs::fstatfs(root).map_err(|e| Error::system("look at", place, &e.into()))?;
    if stat.f_type != rustix::fs::NFS_SUPER_MAGIC {
        return Ok(());
    }
    let message = format!("{place} is on NFS, where locks and syncs cannot be relied on");
    Err(Error::new(Kind::System, "nfs", message)
        .about(place)
        .words("keep the state on a local file system, or say --allow-nfs"))
}

impl Disk for RealDisk {
    fn open(&self, path: &str) -> Result<Option<Box<dyn Source>>> {
        let file = self.open_file(path, READ_FLAGS)?;
        Ok(file.map(|file| Box::new(self.file(path, file)) as _))
    }

    fn create(&self, path: &str) -> Result<Box<dyn Sink>> {
        let (dir, name) = split(path);
        let parent = self.dir_to_write(dir)?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        let fd = rustix::fs::openat(&*parent, name, flags | OFlags::CLOEXEC, PRIVATE_FILE)
            .map_err(|e| self.failed("make", path, e))?;
        Ok(Box::new(self.file(path, File::from(fd))))
    }

    fn open_log(&self, path: &str) -> Result<Box<dyn Sink>> {
        let flags = READ_FLAGS.union(OFlags::RDWR);
        let file = self.open_file(path, flags)?;
        let file = file.ok_or_else(|| self.failed("open", path, Errno::NOENT))?;
        Ok(Box::new(self.file(path, file)))
    }

    fn rename(&self, from: &str, to: &str) -> Result<()> {
        let ((dir, from_name), (_, to_name)) = (split(from), split(to));
        let parent = self.dir_to_write(dir)?;
        rustix::fs::renameat(&*parent, from_name, &*parent, to_name)
            .map_err(|e| self.failed("rename", from, e))
    }

    fn unlink(&self, path: &str) -> Result<bool> {
        let (dir, name) = split(path);
        let Some(parent) = self.dir(dir)? else { return Ok(false) };
        match rustix::fs::unlinkat(&*parent, name, AtFlags::empty()) {
            Ok(()) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(e) => Err(self.failed("unlink", path, e)),
        }
    }

    fn list(&self, dir: &str) -> Result<Vec<String>> {
        let Some(fd) = self.dir(dir)? else { return Ok(Vec::new()) };
        let failed = |e| self.failed("list", dir, e);
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&*fd).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
            if name != "." && name != ".." {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn mkdir(&self, dir: &str) -> Result<()> {
        match rustix::fs::mkdirat(&self.root, dir, PRIVATE_DIR) {
            Ok(()) | Err(Errno::EXIST) => Ok(()),
            Err(e) => Err(self.failed("make", dir, e)),
        }
    }

    fn sync_dir(&self, dir: &str) -> Result<()> {
        if !self.syncs {
            return Ok(());
        }
        let fd = self.dir(dir)?.ok_or_else(|| self.failed("sync", dir, Errno::NOENT))?;
        rustix::fs::fsync(&*fd).map_err(|e| self.failed("sync", dir, e))
    }

    fn sync_all(&self) -> Result<()> {
        rustix::fs::syncfs(&self.root).map_err(|e| self.failed("sync", "", e))
    }

    fn lock(&self, exclusive: bool) -> Result<Option<Box<dyn Held>>> {
        let file = self.lock_file(exclusive)?;
        let unstopped = WithLock::new();
        // Written out: std has methods of the same names.
        let taken = if exclusive {
            fs2::FileExt::try_lock_exclusive(&file)
        } else {
            fs2::FileExt::try_lock_shared(&file)
        };
        match taken {
            Ok(()) => {
                let held = RealLock::new(file, !exclusive, unstopped);
                // One that was removed meanwhile keeps nobody out any more.
                Ok(self.is_at(LOCK, &held.file)?.then(|| Box::new(held) as _))
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(e) => Err(Error::system("lock", self.shown(LOCK), &e)),
        }
    }

    fn turn(&self) -> Result<Option<Box<dyn Held>>> {
        if READING.load(Ordering::Relaxed) > 0 {
            return Ok(Some(Box::new(super::NoTurn)));
        }
        let file = match self.open_file(layout::TURN, READ_FLAGS)? {
            Some(file) => file,
            None => {
                let flags = READ_FLAGS | OFlags::CREATE;
                match rustix::fs::openat(&self.root, layout::TURN, flags, PRIVATE_FILE) {
                    Ok(made) => File::from(made),
                    // Where nobody can write, nobody waits for those who read.
                    Err(Errno::ROFS) => return Ok(Some(Box::new(super::NoTurn))),
                    Err(e) => return Err(self.failed("make", layout::TURN, e)),
                }
            }
        };
        let unstopped = WithLock::new();
        match fs2::FileExt::try_lock_exclusive(&file) {
            Ok(()) => Ok(Some(Box::new(RealLock::new(file, false, unstopped)))),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(e) => Err(Error::system("lock", self.shown(layout::TURN), &e)),
        }
    }

    fn is_open_in(&self, pid: u32) -> bool {
        let Ok(lock) = rustix::fs::statat(&self.root, LOCK, AtFlags::SYMLINK_NOFOLLOW) else {
            return false;
        };
        let fds = PathBuf::from(format!("/proc/{pid}/fd"));
        let is_lock = |name: &String| {
            rustix::fs::stat(fds.join(name))
                .is_ok_and(|it| (it.st_dev, it.st_ino) == (lock.st_dev, lock.st_ino))
        };
        names_in(&fds).is_some_and(|names| names.iter().any(is_lock))
    }

    fn lock_at(&self, path: &str) -> Result<Option<Box<dyn Held>>> {
        let file = self.open_or_make(path, READ_FLAGS.union(OFlags::RDWR))?;
        let unstopped = WithLock::new();
        match fs2::FileExt::try_lock_exclusive(&file) {
            Ok(()) => Ok(Some(Box::new(RealLock::new(file, false, unstopped)))),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(e) => Err(Error::system("lock", self.shown(path), &e)),
        }
    }

    fn append(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let flags = READ_FLAGS | OFlags::RDWR | OFlags::APPEND;
        let mut file = self.open_or_make(path, flags)?;
        let torn = ends_torn(&file).map_err(|e| Error::system("read", self.shown(path), &e))?;
        // In one write: others append at the same time.
        let bytes = if torn { [b"\n", bytes].concat() } else { bytes.to_vec() };
        io::Write::write_all(&mut file, &bytes)
            .map_err(|e| Error::system("append to", self.shown(path), &e))
    }

    fn note(&self) -> Result<String> {
        let Some(file) = self.open_file(LOCK, READ_FLAGS)? else { return Ok(String::new()) };
        let source = self.file(LOCK, file);
        let mut buffer = [0; 1024];
        let read = source.read_at(&mut buffer, 0)?;
        Ok(String::from_utf8_lossy(&buffer[..read]).into_owned())
    }

    fn set_note(&self, note: &str) -> Result<()> {
        let mut sink = self.file(LOCK, self.lock_file(true)?);
        let (size, longer) = (note.len() as u64, sink.size()? > note.len() as u64);
        sink.write_at(note.as_bytes(), 0)?;
        if longer { sink.truncate(size) } else { Ok(()) }
    }

    fn allow_open_files(&self, files: usize) -> bool {
        // What else is open: standard streams, directories, the log, a library's own.
        let wanted = files as u64 + 64;
        // Not by rustix, which panics where the limit cannot be asked for.
        let Ok((current, most)) = getrlimit(Resource::RLIMIT_NOFILE) else { return false };
        current >= wanted
            || (most >= wanted && setrlimit(Resource::RLIMIT_NOFILE, wanted, most).is_ok())
    }

    fn place(&self) -> String {
        self.place.clone()
    }
}

/// A file, open.
pub(crate) struct RealFile {
    file: File,
    shown: String,
    syncs: bool,
}

impl RealFile {
    /// A file that was opened elsewhere; `shown` is its name in messages.
    pub(crate) fn new(file: File, shown: String) -> RealFile {
        RealFile { file, shown, syncs: true }
    }

    fn failed(&self, what: &str, e: &io::Error) -> Error {
        Error::system(what, &self.shown, e)
    }
}

impl Source for RealFile {
    fn size(&self) -> Result<u64> {
        let stat = rustix::fs::fstat(&self.file);
        Ok(stat.map_err(|e| self.failed("look at", &e.into()))?.st_size.unsigned_abs())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        let mut read = 0;
        while read < buffer.len() {
            match self.file.read_at(&mut buffer[read..], offset + read as u64) {
                Ok(0) => break,
                Ok(count) => read += count,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(self.failed("read", &e)),
            }
        }
        Ok(read)
    }
}

impl Sink for RealFile {
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> Result<()> {
        self.file.write_all_at(bytes, offset).map_err(|e| self.failed("write", &e))
    }

    fn sync(&mut self) -> Result<()> {
        if !self.syncs {
            return Ok(());
        }
        // fdatasync: the length counts as data where it is needed to read it back (fdatasync(2)).
        rustix::fs::fdatasync(&self.file).map_err(|e| self.failed("sync", &e.into()))
    }

    fn truncate(&mut self, size: u64) -> Result<()> {
        rustix::fs::ftruncate(&self.file, size).map_err(|e| self.failed("cut", &e.into()))
    }
}

/// Nothing but SIGSTOP stops the process while it holds one ([`crate::signals`]).
struct RealLock {
    file: File,
    is_shared: bool,
    /// Dropped after the lock was let go.
    _unstopped: WithLock,
}

impl RealLock {
    fn new(file: File, is_shared: bool, unstopped: WithLock) -> RealLock {
        READING.fetch_add(usize::from(is_shared), Ordering::Relaxed);
        RealLock { file, is_shared, _unstopped: unstopped }
    }
}

impl Held for RealLock {}

impl Drop for RealLock {
    fn drop(&mut self) {
        // Closing it would do; a child that inherited the descriptor would keep it, though.
        let _ = fs2::FileExt::unlock(&self.file);
        READING.fetch_sub(usize::from(self.is_shared), Ordering::Relaxed);
    }
}
