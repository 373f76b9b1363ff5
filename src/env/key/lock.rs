//! The file of the sealing key while it is changed: held against everybody else who
//! would change it, of this state or of another one with the same key file.

use std::fs::File;
use std::io::ErrorKind;
use std::time::Duration;

use zeroize::Zeroizing;

use super::place::KeyPlace;
use crate::env::files::place::FilePlace;
use crate::error::{Error, Kind, Result};
use crate::waiting::Wait;

/// A key file that nobody else changes until this is dropped.
pub struct HeldKey {
    key: KeyPlace,
    place: FilePlace,
    /// The file that is locked, which is the one at the place.
    file: File,
    bytes: Zeroizing<Vec<u8>>,
}

impl KeyPlace {
    /// Holds the file, waiting up to `timeout`; `None` where it does not exist.
    ///
    /// # Errors
    /// Busy (6); as [`KeyPlace::read`].
    pub fn hold(&self, timeout: Duration) -> Result<Option<HeldKey>> {
        let held = Wait::begin(timeout).until(|| -> Result<_> {
            let Some(place) = self.place()? else { return Ok(Some(None)) };
            let Some(file) = self.open(&place)? else { return Ok(Some(None)) };
            match fs2::FileExt::try_lock_exclusive(&file) {
                Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(None),
                locked => locked.map_err(|e| self.failed("lock", &e))?,
            }
            // Between its opening and its lock it may have been replaced.
            if !place.holds(&file).map_err(|e| self.failed("look at", &e))? {
                return Ok(None);
            }
            let again = file.try_clone().map_err(|e| self.failed("read", &e))?;
            let bytes = self.read_open(again)?;
            Ok(Some(Some(HeldKey { key: self.clone(), place, file, bytes })))
        })?;
        held.ok_or_else(|| {
            let message = format!("{} is being changed by another mfactl", self.path.display());
            Error::new(Kind::Busy, "busy", message)
                .about(self.path.display())
                .words("wait longer with --lock-timeout")
        })
    }
}

impl HeldKey {
    /// What was in the file when it was taken.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Replaces the file, durably: it is the old one or the new one, whatever happens.
    /// Where this returns, what is at the place was read again and is the new one.
    ///
    /// # Errors
    /// System (8).
    pub fn replace(&mut self, bytes: &[u8]) -> Result<()> {
        self.file = self.key.replace(&self.place, bytes)?;
        if self.key.read()?.is_some_and(|there| there.as_slice() == bytes) {
            return Ok(());
        }
        let path = self.key.path.display();
        let message = format!("{path} is not what was written there just now");
        Err(Error::new(Kind::System, "system", message).about(path))
    }

    /// Puts back what was in the file when it was taken.
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
        let place = key.place().unwrap().unwrap();
        let opened = key.open(&place).unwrap().unwrap();
        assert!(place.holds(&opened).unwrap());
        held(&key).unwrap().unwrap().replace(b"two").unwrap();
        assert!(!place.holds(&opened).unwrap());
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
