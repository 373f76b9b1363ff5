//! A file of another tool that is written anew: under the lock that the tool itself
//! takes, whole or not at all.

use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, Local, NaiveDateTime, TimeZone};
use rustix::fs::FlockOperation;
use rustix::io::Errno;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use zeroize::Zeroizing;

use super::input;
use super::output::Output;
use super::place::FilePlace;
use crate::domain::time::Time;
use crate::env::{Env, unreadable};
use crate::error::{Error, Kind, Result};
use crate::waiting::Wait;

/// No file of another tool is longer (bytes).
const LONGEST: u64 = 256 << 20;

/// How long a lock of another tool must have no living holder before it counts as left over:
/// the tool makes the file first and locks it a moment later.
const STALE: Duration = Duration::from_secs(1);

/// Such a file. Dropped before it is finished, it is as it was: until then what is written
/// has no name, so that nothing is left of a run that is killed.
pub struct Exchange {
    place: FilePlace,
    options: ExchangeOptions,
    existing: Option<Existing>,
    /// None on a dry run.
    new: Option<Output>,
}

/// What the file holds, and whose it is.
struct Existing {
    bytes: Zeroizing<Vec<u8>>,
    /// A user and a group, by their numbers.
    owner: (u32, u32),
}

/// How to open it.
#[derive(Clone, Copy)]
pub struct ExchangeOptions {
    /// Whether what the file holds is read and merged; else it must not exist.
    pub merges: bool,
    /// What is appended to its name for the lock of the other tool.
    pub lock: Option<&'static str>,
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
    /// Begins to write such a file, with the rights of the person who named it. What runs
    /// that were killed left behind is removed.
    ///
    /// # Errors
    /// Usage (2): it exists and is not merged, is protected, a link, or cannot be read
    /// or written; busy (6): the other tool does not let go of its lock.
    pub fn exchange(&self, path: &Path, options: ExchangeOptions) -> Result<Exchange> {
        let place = self.place(path)?;
        if let Some(ending) = options.lock.filter(|_| !options.dry_run) {
            // Nothing is held yet, neither here nor in the state: who is refused later has
            // waited in vain, and others with them.
            let lock = place.with_ending(ending);
            wait_for(&lock, options.timeout, None, || Ok(lock.find()?.is_none().then_some(())))?;
        }
        let existing = existing(&place, path)?;
        if existing.is_some() && !options.merges {
            let message = format!("{} already exists", place.shown());
            return Err(Error::usage(message).about(place.shown()));
        }
        let new = (!options.dry_run).then(|| Output::make(&place)).transpose();
        let new = new.map_err(|e| place.cannot_make(&e))?;
        Ok(Exchange { place, options, existing, new })
    }
}

/// What the file holds.
fn existing(place: &FilePlace, path: &Path) -> Result<Option<Existing>> {
    let file = match place.open() {
        Ok(Some(file)) => file,
        Ok(None) => return Ok(None),
        Err(e) if e.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
            return Err(unreadable(path, "it is a symbolic link: name the file itself"));
        }
        Err(e) => return Err(unreadable(path, input::why(&e))),
    };
    let found = file.metadata().map_err(|e| unreadable(path, input::why(&e)))?;
    if !found.is_file() {
        return Err(unreadable(path, "it is not a regular file"));
    }
    let read = input::read_secret(file, path, LONGEST);
    let bytes = read.map_err(|e| unreadable(path, input::why(&e)))??;
    Ok(Some(Existing { bytes, owner: (found.uid(), found.gid()) }))
}

/// Repeats `attempt`, which gives nothing while the lock of another tool is there, and removes
/// a lock that no process holds. `stop` ends the wait.
fn wait_for<T>(
    lock: &FilePlace,
    timeout: Duration,
    stop: Option<&AtomicBool>,
    mut attempt: impl FnMut() -> io::Result<Option<T>>,
) -> Result<T> {
    let busy = |why: &str| {
        let shown = lock.shown();
        Error::new(Kind::Busy, "busy", format!("{shown} exists: {why}"))
            .about(shown)
            .words("remove it if nothing of the kind is running")
    };
    let mut seen = Instant::now();
    let taken = Wait::begin(timeout).until(|| {
        let failed = |e: io::Error| lock.cannot_make(&e);
        if let Some(taken) = attempt().map_err(failed)? {
            return Ok(Some(taken));
        }
        if stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
            return Err(busy("stopped while waiting for it"));
        }
        if seen.elapsed() < STALE {
            return Ok(None);
        }
        seen = Instant::now();
        match lock.remove_unheld().map_err(failed)? {
            true => attempt().map_err(failed),
            false => Ok(None),
        }
    })?;
    taken.ok_or_else(|| busy("another tool is writing"))
}

impl Exchange {
    /// What the file holds.
    pub fn existing(&self) -> Option<&[u8]> {
        self.existing.as_ref().map(|existing| existing.bytes.as_slice())
    }

    /// Takes the room for so many bytes, and the owner that the file is to have, before there
    /// is anything secret in it: what fails here fails before anything is recorded.
    ///
    /// # Errors
    /// System (8).
    pub fn reserve(&mut self, length: usize) -> Result<()> {
        self.write(&vec![0; length])
    }

    /// Writes what it is to hold, durable, with the owner that it has. A second time it
    /// replaces what was written. From here on the person may have it: the file system may be
    /// theirs, and not every one has files without a name.
    ///
    /// # Errors
    /// System (8).
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let Some(new) = &mut self.new else { return Ok(()) };
        new.write(bytes)?;
        let Some(Existing { owner, .. }) = self.existing else { return Ok(()) };
        let give = || match new.file().metadata() {
            Ok(found) if (found.uid(), found.gid()) == owner => Ok(()),
            Ok(_) => new.set_owner(owner),
            Err(e) => Err(e),
        };
        give().map_err(|e| Error::system("hand over", self.place.shown(), &e))
    }

    /// Puts it in the file's place: a name is all that is missing. The lock of the other
    /// tool is held for that alone; what the tool wrote since the file was read goes to
    /// `remake`, which makes from it what is to be written instead. Signals that end a
    /// process wait meanwhile.
    ///
    /// # Errors
    /// Busy (6), system (8): the file is as it was. Unknown (9) where only the last sync failed:
    /// it may be so again after a loss of power.
    pub fn finish<B: AsRef<[u8]>>(
        mut self,
        path: &Path,
        mut remake: impl FnMut(Option<&[u8]>) -> Result<B>,
    ) -> Result<()> {
        if self.new.is_none() {
            return Ok(());
        }
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            let _ = signal_hook::flag::register(signal, Arc::clone(&stop));
        }
        let _ = signal_hook::flag::register(SIGHUP, Arc::new(AtomicBool::new(false)));
        loop {
            let lock = self.locked(&stop)?;
            if self.options.merges {
                let now = existing(&self.place, path)?;
                let bytes = now.as_ref().map(|existing| existing.bytes.as_slice());
                if bytes != self.existing() {
                    drop(lock);
                    let made = remake(bytes)?;
                    self.existing = now;
                    self.write(made.as_ref())?;
                    continue;
                }
            }
            let Some(new) = &mut self.new else { return Ok(()) };
            new.set_replaces(self.existing.is_some());
            let placed = new.put();
            drop(lock);
            return placed;
        }
    }

    /// The lock of the other tool, taken.
    fn locked(&self, stop: &AtomicBool) -> Result<Option<Output>> {
        let Some(ending) = self.options.lock else { return Ok(None) };
        let place = self.place.with_ending(ending);
        let attempt = || match Output::make_here(place.clone()) {
            Ok(lock) => {
                // Held both ways, so that it is stale as soon as this process is gone.
                rustix::fs::fcntl_lock(lock.file(), FlockOperation::NonBlockingLockExclusive)?;
                Ok(Some(lock))
            }
            Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(None),
            Err(e) => Err(e),
        };
        wait_for(&place, self.options.timeout, Some(stop), attempt).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use rustix::fs::{CWD, Mode};

    use super::*;

    fn merging(seconds: u64) -> ExchangeOptions {
        let timeout = Duration::from_secs(seconds);
        ExchangeOptions { merges: true, lock: Some(".lock"), timeout, dry_run: false }
    }

    fn same(_: Option<&[u8]>) -> Result<Zeroizing<Vec<u8>>> {
        panic!("nobody wrote to the file")
    }

    #[test]
    fn the_file_is_exchanged_whole_and_nothing_else_has_a_name() {
        let env = Env::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users.oath");
        let names = || std::fs::read_dir(folder.path()).unwrap().count();
        let mut first = env.exchange(&path, merging(0)).unwrap();
        first.write(b"one, longer").unwrap();
        first.write(b"one").unwrap();
        assert_eq!((first.existing(), names()), (None, 0));
        first.finish(&path, same).unwrap();
        assert_eq!((names(), std::fs::metadata(&path).unwrap().mode() & 0o777), (1, 0o600));
        let mut second = env.exchange(&path, merging(0)).unwrap();
        assert_eq!(second.existing(), Some(&b"one"[..]));
        second.write(b"two").unwrap();
        assert_eq!((names(), std::fs::read(&path).unwrap()), (1, b"one".to_vec()));
        second.finish(&path, same).unwrap();
        assert_eq!((names(), std::fs::read(&path).unwrap()), (1, b"two".to_vec()));
        let fresh = ExchangeOptions { merges: false, lock: None, ..merging(0) };
        assert_eq!(env.exchange(&path, fresh).err().unwrap().kind, Kind::Usage);
        // What came there since is not replaced either.
        let late = folder.path().join("late");
        let mut third = env.exchange(&late, fresh).unwrap();
        third.write(b"three").unwrap();
        std::fs::write(&late, "another").unwrap();
        assert!(third.finish(&late, same).is_err());
        assert_eq!(std::fs::read(&late).unwrap(), b"another");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let error = env.exchange(&link, merging(0)).err().unwrap();
        assert!(error.message.contains("symbolic link"), "{error}");
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(CWD, &pipe, Mode::RUSR | Mode::WUSR).unwrap();
        let error = env.exchange(&pipe, merging(0)).err().unwrap();
        assert!(error.message.contains("not a regular file"), "{error}");
    }

    #[test]
    fn what_the_other_tool_wrote_meanwhile_is_merged() {
        let env = Env::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users.oath");
        std::fs::write(&path, "old").unwrap();
        let mut exchange = env.exchange(&path, merging(0)).unwrap();
        exchange.write(b"old+ours").unwrap();
        std::fs::write(&path, "theirs").unwrap();
        let merged = |there: Option<&[u8]>| Ok(Zeroizing::new([there.unwrap(), b"+ours"].concat()));
        exchange.finish(&path, merged).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"theirs+ours");
    }

    #[test]
    fn a_lock_with_a_holder_is_waited_for_and_a_stale_one_is_removed() {
        let env = Env::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users.oath");
        let (lock, left) =
            (path.with_extension("oath.lock"), folder.path().join(".users.oath.mfactl-new"));
        let holder = File::create(&lock).unwrap();
        rustix::fs::flock(&holder, FlockOperation::NonBlockingLockExclusive).unwrap();
        let error = env.exchange(&path, merging(2)).err().unwrap();
        assert_eq!((error.kind, lock.exists()), (Kind::Busy, true));
        let exchange = |seconds| env.exchange(&path, merging(seconds));
        drop(holder);
        assert_eq!(exchange(0).err().unwrap().kind, Kind::Busy, "not at once");
        std::fs::write(&left, "plain secrets of a killed run").unwrap();
        let mut exchange = exchange(5).unwrap();
        assert!(!lock.exists() && !left.exists());
        // It comes back while the export is made ready, stale again.
        std::fs::write(&lock, "").unwrap();
        exchange.write(b"one").unwrap();
        exchange.finish(&path, same).unwrap();
        assert_eq!((lock.exists(), std::fs::read(&path).unwrap()), (false, b"one".to_vec()));
    }
}
