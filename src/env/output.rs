//! A file that is named on the command line to be written (a backup): made
//! beside its place for its owner only, synced, and renamed into it, all with
//! the rights of the person who named it.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use super::Env;
use super::credentials::Credentials;
use crate::error::{Error, Kind, Result};

/// A file on its way to its place. Dropped before [`Output::put_in_place`], it goes.
pub struct Output {
    shown: String,
    file: File,
    replaces: bool,
    /// Tells the thread what becomes of it. That thread keeps the person's
    /// rights while this one may become the owner of the state.
    done: Option<Sender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

/// Where a file is made, and under which names.
struct Place {
    dir: OwnedFd,
    name: OsString,
    temporary: OsString,
}

struct Made {
    file: File,
    replaces: bool,
}

impl Env {
    /// Makes a file beside `path`, to be written. A directory below `state` is refused.
    ///
    /// # Errors
    /// Usage (2) where the person may not, or something odd is in its place; system (8).
    pub fn output(&self, path: &Path, state: &Path) -> Result<Output> {
        let shown = path.display().to_string();
        let unwritable =
            |why: &str| Error::usage(format!("cannot write {shown}: {why}")).about(&shown);
        let name = match path.file_name() {
            Some(name) if path != Path::new("-") => name.to_owned(),
            _ => return Err(unwritable("name a file")),
        };
        let parent = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => Path::new(".").to_owned(),
        };
        let real = |path: &Path| std::fs::canonicalize(path).ok();
        if let (Some(parent), Some(state)) = (real(&parent), real(state))
            && parent.starts_with(&state)
        {
            return Err(unwritable("it would be inside the state directory"));
        }
        let mut random = [0; 8];
        self.random(&mut random)?;
        let (person, own) = (self.identity().uid, self.euid());
        let (made, receive_made) = channel();
        let (done, receive_done) = channel();
        let thread = std::thread::spawn(move || {
            let place = Place::open(person, own, &parent, &name, u64::from_le_bytes(random))?;
            place.work(&made, &receive_done)
        });
        match receive_made.recv() {
            Ok(Made { file, replaces }) => {
                let (done, thread) = (Some(done), Some(thread));
                Ok(Output { shown, file, replaces, done, thread })
            }
            Err(_) => {
                let e = joined(thread).err().unwrap_or_else(|| io::ErrorKind::Other.into());
                Err(match e.kind() {
                    io::ErrorKind::NotFound => unwritable("its directory is not there"),
                    io::ErrorKind::NotADirectory => unwritable("its directory is none"),
                    io::ErrorKind::PermissionDenied => unwritable("you may not write there"),
                    io::ErrorKind::AlreadyExists => {
                        unwritable("something that is no regular file is in its place")
                    }
                    _ => Error::system("write", &shown, &e),
                })
            }
        }
    }
}

fn joined(thread: JoinHandle<io::Result<()>>) -> io::Result<()> {
    thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread that wrote it failed")))
}

impl Output {
    /// The file, to be written and read again.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Whether there is a file of this name already, which it would replace.
    pub fn replaces(&self) -> bool {
        self.replaces
    }

    /// Its name, for messages.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Syncs it and brings it to its place: durable where this returns.
    ///
    /// # Errors
    /// System (8); `exists` (3) where something came there meanwhile.
    pub fn put_in_place(mut self) -> Result<()> {
        let failed = |e: &io::Error| match e.kind() {
            io::ErrorKind::AlreadyExists => {
                let message = format!("{} came to be meanwhile", self.shown);
                Error::new(Kind::Refused, "exists", message).about(&self.shown)
            }
            _ => Error::system("write", &self.shown, e),
        };
        self.file.sync_all().map_err(|e| failed(&e))?;
        if let Some(done) = self.done.take() {
            // Where it cannot be told the thread has ended, and says why.
            let _ = done.send(());
        }
        self.thread.take().map_or(Ok(()), joined).map_err(|e| failed(&e))
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // Without a word the thread removes the file; it is waited for.
        drop(self.done.take());
        if let Some(thread) = self.thread.take() {
            let _ = joined(thread);
        }
    }
}

impl Place {
    fn open(person: u32, own: u32, parent: &Path, name: &OsStr, random: u64) -> io::Result<Place> {
        if own == 0 && person != 0 {
            // On Linux credentials are a thread's own: this one keeps what it becomes.
            Credentials::of(person).enter()?;
        } else if person != own
            && person != 0
            && !Credentials::of(person).may_write(&std::fs::metadata(parent)?)
        {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let dir = rustix::fs::openat(CWD, parent, flags, Mode::empty())?;
        let mut temporary = OsString::from(".");
        temporary.push(name);
        temporary.push(format!(".new-{random:016x}"));
        Ok(Place { dir, name: name.to_owned(), temporary })
    }

    /// Makes the file, hands it over, and waits for what becomes of it.
    fn work(&self, made: &Sender<Made>, done: &Receiver<()>) -> io::Result<()> {
        let replaces = match rustix::fs::statat(&self.dir, &self.name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile => true,
            Ok(_) => return Err(io::ErrorKind::AlreadyExists.into()),
            Err(Errno::NOENT) => false,
            Err(e) => return Err(e.into()),
        };
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        let private = Mode::RUSR | Mode::WUSR;
        let flags = flags | OFlags::CLOEXEC;
        let file = rustix::fs::openat(self.dir.as_fd(), &self.temporary, flags, private)?;
        let placed = self.place(Made { file: File::from(file), replaces }, made, done);
        if placed.is_err() {
            // Ours, and made just now. Where it cannot go it is in nobody's way.
            let _ = rustix::fs::unlinkat(&self.dir, &self.temporary, AtFlags::empty());
        }
        placed
    }

    fn place(&self, it: Made, made: &Sender<Made>, done: &Receiver<()>) -> io::Result<()> {
        let replaces = it.replaces;
        let gone = || io::Error::other("it is not wanted any more");
        made.send(it).map_err(|_| gone())?;
        done.recv().map_err(|_| gone())?;
        // Never over something that came there meanwhile.
        let how = if replaces { RenameFlags::empty() } else { RenameFlags::NOREPLACE };
        rustix::fs::renameat_with(&self.dir, &self.temporary, &self.dir, &self.name, how)?;
        Ok(rustix::fs::fsync(&self.dir)?)
    }
}
