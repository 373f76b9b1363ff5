//! The file of the sealing key while it is changed: held against everybody else who
//! would change it, of this state or of another one with the same key file.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

use rustix::fs::RenameFlags;
use zeroize::Zeroizing;

use super::file::{Beside, Folder, KeyPlace, remove_leftovers};
use crate::error::{Error, Kind, Result};

/// How long to sleep between two tries for the lock.
const NAP: Duration = Duration::from_millis(20);

/// A key file that nobody else changes until this is dropped.
pub struct HeldKey {
    place: KeyPlace,
    folder: Folder,
    /// The file that is locked, which is the one at the place.
    file: File,
    bytes: Zeroizing<Vec<u8>>,
}

impl KeyPlace {
    /// Holds the file, waiting up to `timeout`; `None` where there is none.
    ///
    /// # Errors
    /// Busy (6); as [`KeyPlace::read`].
    pub fn hold(&self, timeout: Duration) -> Result<Option<HeldKey>> {
        let begun = Instant::now();
        loop {
            let Some(folder) = self.folder()? else { return Ok(None) };
            let Some(file) = self.open_in(&folder)? else { return Ok(None) };
            let failed = |e| Error::system("lock", self.path.display(), &e);
            let locked = match fs2::FileExt::try_lock_exclusive(&file) {
                Err(e) if e.kind() == ErrorKind::WouldBlock => false,
                other => other.map(|()| true).map_err(failed)?,
            };
            if locked && self.is_at_place(&folder, &file)? {
                let bytes = self.read_open(file.try_clone().map_err(failed)?)?;
                return Ok(Some(HeldKey { place: self.clone(), folder, file, bytes }));
            }
            if begun.elapsed() >= timeout {
                let message = format!("{} is being changed by another mfactl", self.path.display());
                return Err(Error::new(Kind::Busy, "busy", message)
                    .about(self.path.display())
                    .words("wait longer with --lock-timeout"));
            }
            std::thread::sleep(NAP);
        }
    }

    /// Whether this is still the file, and not one that was replaced meanwhile.
    fn is_at_place(&self, folder: &Folder, file: &File) -> Result<bool> {
        let failed = |e: &std::io::Error| Error::system("look at", self.path.display(), e);
        let held = file.metadata().map_err(|e| failed(&e))?;
        let there = folder.find().map_err(|e| failed(&e))?;
        Ok(there.is_some_and(|there| (there.st_dev, there.st_ino) == (held.dev(), held.ino())))
    }
}

impl HeldKey {
    /// What stood in the file when it was taken.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Removes what rotations that were killed left beside the file.
    ///
    /// # Errors
    /// System (8).
    pub fn remove_leftovers(&self) -> Result<()> {
        let path = &self.place.path;
        remove_leftovers(&self.folder)
            .map_err(|e| Error::system("clean up beside", path.display(), &e))
    }

    /// Replaces the file, durably: it is the old one or the new one, whatever happens.
    /// Where this returns, what is at the place was read again and is the new one.
    ///
    /// # Errors
    /// System (8).
    pub fn replace(&mut self, bytes: &[u8]) -> Result<()> {
        let path = &self.place.path;
        let failed = |e| Error::system("write", path.display(), &e);
        let new = Beside::write(&self.folder, bytes).map_err(failed)?;
        self.file = new.rename(RenameFlags::empty()).map_err(failed)?;
        if self.place.read()?.is_some_and(|there| there.as_slice() == bytes) {
            return Ok(());
        }
        let message = format!("{} is not what was written there just now", path.display());
        Err(Error::new(Kind::System, "system", message).about(path.display()))
    }

    /// Puts back what stood in the file when it was taken.
    ///
    /// # Errors
    /// System (8).
    pub fn put_back(&mut self) -> Result<()> {
        let bytes = self.bytes.clone();
        self.replace(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(key: &KeyPlace) -> Result<Option<HeldKey>> {
        key.hold(Duration::ZERO)
    }

    #[test]
    fn one_at_a_time_holds_a_key_file_whatever_it_is_replaced_by() {
        let folder = tempfile::tempdir().unwrap();
        let key = KeyPlace { path: folder.path().join("demo.key"), credential: false };
        assert!(held(&key).unwrap().is_none());
        key.make(b"one").unwrap();
        let mut first = held(&key).unwrap().unwrap();
        assert_eq!(first.bytes(), b"one");
        assert_eq!(held(&key).err().unwrap().code, "busy");
        first.replace(b"two").unwrap();
        assert_eq!(key.read().unwrap().unwrap().as_slice(), b"two");
        assert_eq!(held(&key).err().unwrap().code, "busy");
        first.put_back().unwrap();
        drop(first);
        assert_eq!(held(&key).unwrap().unwrap().bytes(), b"one");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_key_file_that_was_replaced_meanwhile_is_not_the_one_that_is_held() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("d")).unwrap();
        let key = KeyPlace { path: path("d/demo.key"), credential: false };
        key.make(b"one").unwrap();
        let dir = key.folder().unwrap().unwrap();
        let opened = key.open_in(&dir).unwrap().unwrap();
        assert!(key.is_at_place(&dir, &opened).unwrap());
        held(&key).unwrap().unwrap().replace(b"two").unwrap();
        assert!(!key.is_at_place(&dir, &opened).unwrap());
        // Nor is one that was written where the path does not lead any more.
        let mut first = held(&key).unwrap().unwrap();
        std::fs::rename(path("d"), path("d2")).unwrap();
        key.make(b"another").unwrap();
        assert_eq!(first.replace(b"three").unwrap_err().kind.exit_code(), 8);
    }

    /// Between the opening of a key file and its lock it may be replaced, and the old one free.
    #[test]
    fn whoever_opened_a_key_file_before_it_was_replaced_held_the_old_one() {
        use std::sync::atomic::{AtomicBool, Ordering};
        let folder = tempfile::tempdir().unwrap();
        let key = KeyPlace { path: folder.path().join("demo.key"), credential: false };
        key.make(b"one").unwrap();
        let mut first = held(&key).unwrap().unwrap();
        let done = AtomicBool::new(false);
        let taken = std::thread::scope(|threads| {
            let second = threads.spawn(|| {
                let mut taken = 0;
                while !done.load(Ordering::Relaxed) {
                    taken += usize::from(held(&key).is_ok());
                }
                taken
            });
            (0..150).for_each(|_| first.put_back().unwrap());
            done.store(true, Ordering::Relaxed);
            second.join().unwrap()
        });
        assert_eq!(taken, 0);
    }

    #[test]
    fn a_replacement_that_fails_leaves_nothing_beside() {
        let folder = tempfile::tempdir().unwrap();
        let key = KeyPlace { path: folder.path().join("demo.key"), credential: false };
        key.make(b"one").unwrap();
        let mut first = held(&key).unwrap().unwrap();
        std::fs::remove_file(&key.path).unwrap();
        std::fs::create_dir(&key.path).unwrap();
        assert_eq!(first.replace(b"two").unwrap_err().kind.exit_code(), 8);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing lies beside");
    }
}
