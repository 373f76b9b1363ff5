//! A file of another tool that is written anew: under the lock that the tool itself
//! takes, whole or not at all.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{DateTime, Local, NaiveDateTime, TimeZone};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use zeroize::Zeroizing;

use super::credentials::Credentials;
use super::held::{Made, Place, Protected};
use super::once::cannot_make;
use super::{Env, file, unreadable};
use crate::domain::time::Time;
use crate::error::{Error, Kind, Result};

/// No file of another tool is longer (bytes).
const LONGEST: u64 = 256 << 20;
/// How long to sleep between two tries for the lock.
const NAP: Duration = Duration::from_millis(20);

/// Such a file. Dropped before it is finished, it is as it was.
pub struct Exchange {
    place: Place,
    existing: Option<Existing>,
    /// None on a dry run.
    new: Option<Made>,
    _lock: Option<Made>,
}

/// What the file holds, and whose it is.
struct Existing {
    bytes: Zeroizing<Vec<u8>>,
    /// A user and a group, by their numbers.
    owner: (u32, u32),
}

/// How to open it.
pub struct ExchangeOptions<'a> {
    /// Whether what the file holds is read and merged; else there must be none.
    pub merges: bool,
    /// What is appended to its name for the lock of the other tool.
    pub lock: Option<&'a str>,
    /// How long to wait for that.
    pub timeout: Duration,
    /// Whether nothing is to be written.
    pub dry_run: bool,
}

/// What clocks on the wall of this machine show at an instant, by `TZ` or /etc/localtime:
/// other tools write it into their files.
pub fn local_time(at: Time) -> NaiveDateTime {
    let at = DateTime::from_timestamp(at.unix(), 0).unwrap_or_default();
    at.with_timezone(&Local).naive_local()
}

/// The instant at which they show this; the later of two in the hour that comes twice, none
/// in the one that is left out.
pub fn of_local_time(local: NaiveDateTime) -> Option<Time> {
    Local.from_local_datetime(&local).latest().map(|at| Time::from_unix(at.timestamp()))
}

impl Env {
    /// Begins to write such a file, with the rights of the person who named it.
    ///
    /// # Errors
    /// Usage (2): it is there and is not merged, is protected, a link, or cannot be read
    /// or written; busy (6): the other tool holds its lock.
    pub fn exchange(
        &self,
        path: &Path,
        protected: &Protected<'_>,
        options: &ExchangeOptions<'_>,
    ) -> Result<Exchange> {
        let place = self.place(path, protected)?;
        let wanted = options.lock.filter(|_| !options.dry_run);
        let lock =
            wanted.map(|ending| lock_of_tool(&place, ending, options.timeout)).transpose()?;
        let existing = self.existing(&place, path)?;
        if existing.is_some() && !options.merges {
            let message = format!("{} is there already", place.shown);
            return Err(Error::usage(message).about(&place.shown));
        }
        let new = (!options.dry_run).then(|| place.make(".new"));
        let new = new.transpose().map_err(|e| cannot_make(&format!("{}.new", place.shown), &e))?;
        Ok(Exchange { place, existing, new, _lock: lock })
    }

    fn existing(&self, place: &Place, path: &Path) -> Result<Option<Existing>> {
        let name = place.name.clone();
        let opened = place.dir.run(move |dir| {
            // Without O_NONBLOCK a named pipe would hold us up before we can look at it.
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
            Ok(File::from(rustix::fs::openat(dir, &name, flags, Mode::empty())?))
        });
        let file = match opened {
            Ok(file) => file,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) if e.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
                return Err(unreadable(path, "it is a symbolic link: name the file itself"));
            }
            Err(e) => return Err(unreadable(path, file::why(&e))),
        };
        let found = file.metadata().map_err(|e| unreadable(path, file::why(&e)))?;
        if !found.is_file() {
            return Err(unreadable(path, "it is no regular file"));
        }
        let (person, own) = (self.identity().uid, self.euid());
        // Root read it as the person already.
        let odd = person != own && person != 0 && own != 0;
        if odd && !Credentials::of(person).may_read(&found) {
            return Err(unreadable(path, "you may not read it"));
        }
        let bytes = Zeroizing::new(file::read_all(file, path, LONGEST)?);
        Ok(Some(Existing { bytes, owner: (found.uid(), found.gid()) }))
    }
}

fn lock_of_tool(place: &Place, ending: &str, timeout: Duration) -> Result<Made> {
    let begun = Instant::now();
    let shown = format!("{}{ending}", place.shown);
    loop {
        match place.make(ending) {
            Ok(lock) => return Ok(lock),
            Err(e) if e.kind() != ErrorKind::AlreadyExists => return Err(cannot_make(&shown, &e)),
            Err(_) if begun.elapsed() < timeout => std::thread::sleep(NAP),
            Err(_) => {
                let message = format!("{shown} is there: another tool is writing");
                return Err(Error::new(Kind::Busy, "busy", message)
                    .about(shown)
                    .words("remove it if nothing of the kind is running"));
            }
        }
    }
}

impl Exchange {
    /// What the file holds.
    pub fn existing(&self) -> Option<&[u8]> {
        self.existing.as_ref().map(|existing| existing.bytes.as_slice())
    }

    /// Writes what it is to hold beside it, durable, with the owner that it has.
    ///
    /// # Errors
    /// System (8).
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let Some(new) = &self.new else { return Ok(()) };
        let written = new.file().write_all(bytes).and_then(|()| new.sync());
        written.map_err(|e| Error::system("write", &self.place.shown, &e))?;
        let Some(Existing { owner: (uid, gid), .. }) = self.existing else { return Ok(()) };
        new.give_to(uid, gid).map_err(|e| Error::system("hand over", &self.place.shown, &e))
    }

    /// Puts it in the file's place: a name is all that is missing.
    ///
    /// # Errors
    /// System (8): the file is as it was, or (where only the last sync failed) may be so
    /// again after a loss of power.
    pub fn finish(mut self) -> Result<()> {
        let Some(new) = &mut self.new else { return Ok(()) };
        let renamed = new.rename(&self.place.name, self.existing.is_some());
        renamed.and_then(|()| new.sync()).map_err(|e| Error::system("write", &self.place.shown, &e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MERGING: ExchangeOptions<'static> = ExchangeOptions {
        merges: true,
        lock: Some(".lock"),
        timeout: Duration::ZERO,
        dry_run: false,
    };

    #[test]
    fn the_file_is_exchanged_whole_under_the_lock_of_the_tool() {
        let env = Env::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let nowhere = Path::new("/nowhere");
        let protected = Protected { state: nowhere, key: nowhere };
        let path = folder.path().join("users.oath");
        let names = || std::fs::read_dir(folder.path()).unwrap().count();
        let mut first = env.exchange(&path, &protected, &MERGING).unwrap();
        assert!(first.existing().is_none() && folder.path().join("users.oath.lock").exists());
        assert_eq!(env.exchange(&path, &protected, &MERGING).err().unwrap().kind, Kind::Busy);
        first.write(b"one").unwrap();
        first.finish().unwrap();
        assert_eq!((names(), std::fs::metadata(&path).unwrap().mode() & 0o777), (1, 0o600));
        let second = env.exchange(&path, &protected, &MERGING).unwrap();
        assert_eq!(second.existing(), Some(&b"one"[..]));
        drop(second);
        assert_eq!((names(), std::fs::read(&path).unwrap()), (1, b"one".to_vec()));
        let fresh = ExchangeOptions { merges: false, lock: None, ..MERGING };
        assert_eq!(env.exchange(&path, &protected, &fresh).err().unwrap().kind, Kind::Usage);
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let error = env.exchange(&link, &protected, &MERGING).err().unwrap();
        assert!(error.message.contains("symbolic link"), "{error}");
        std::fs::write(folder.path().join("users.oath.new"), "").unwrap();
        let error = env.exchange(&path, &protected, &MERGING).err().unwrap();
        assert!(error.message.contains("users.oath.new") && !error.hints.is_empty(), "{error}");
    }
}
