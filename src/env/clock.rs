//! The clock and the source of randomness as values that outlive the borrow of
//! [`Env`], for the store; and files that are handed in.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::OFlags;

use super::files::input;
use super::{Env, test_hooks, unreadable};
use crate::domain::time::Time;
use crate::error::Result;

/// Draws of the store begin here, far from those of [`Env::random`]: two draws
/// of one number would be one value.
const STORE_DRAWS: u64 = 1 << 32;

impl Env {
    /// The clock, for whoever outlives this borrow.
    pub fn clock_source(&self) -> Arc<dyn Fn() -> Time + Send + Sync> {
        match self.hooks.now {
            Some(now) => Arc::new(move || now),
            None => Arc::new(super::system_clock),
        }
    }

    /// The source of randomness, for whoever outlives this borrow.
    pub fn random_source(&self) -> Arc<dyn Fn(&mut [u8]) + Send + Sync> {
        match self.hooks.seed {
            Some(seed) => {
                let drawn = AtomicU64::new(STORE_DRAWS);
                Arc::new(move |bytes| {
                    test_hooks::from_seed(seed, drawn.fetch_add(1, Ordering::Relaxed), bytes);
                })
            }
            None => {
                let random = self.random.clone();
                Arc::new(move |bytes| random.fill(bytes))
            }
        }
    }

    /// All of a regular file that was named on the command line: no link, no
    /// device, at most `limit` bytes. It is evidence, and evidence is what was
    /// looked at.
    ///
    /// # Errors
    /// Usage (2): it is none, is longer, or cannot be read by the person.
    pub fn read_regular(&self, path: &Path, limit: u64) -> Result<Vec<u8>> {
        input::read_all(self.open_regular(path)?, path, limit)
    }

    /// A regular file that was named on the command line, open for reading: no
    /// link, no device.
    ///
    /// # Errors
    /// Usage (2): it is none, or cannot be read by the person.
    pub fn open_regular(&self, path: &Path) -> Result<std::fs::File> {
        let options = || {
            let mut options = OpenOptions::new();
            // Without O_NONBLOCK a named pipe would hold us up before we can look at it.
            let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
            options.read(true).custom_flags(flags.bits().cast_signed());
            options
        };
        let named = path.to_owned();
        let opened = self.person.run(move || options().open(named));
        let opened = opened.map_err(|e| match e.raw_os_error() {
            Some(code) if code == rustix::io::Errno::LOOP.raw_os_error() => {
                unreadable(path, "it is a symbolic link: name the file itself")
            }
            _ => unreadable(path, input::why(&e)),
        })?;
        let found = opened.metadata().map_err(|e| unreadable(path, input::why(&e)))?;
        if !found.is_file() {
            return Err(unreadable(path, "it is not a regular file"));
        }
        Ok(opened)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_a_regular_file() {
        let folder = tempfile::tempdir().unwrap();
        let env = Env::new().unwrap();
        let file = folder.path().join("letter.pdf");
        std::fs::write(&file, "letter").unwrap();
        assert_eq!(env.read_regular(&file, 6).unwrap(), b"letter");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
        for (path, why) in [
            (link.as_path(), "symbolic link"),
            (folder.path(), "not a regular file"),
            (pipe.as_path(), "not a regular file"),
            (Path::new("/dev/null"), "not a regular file"),
            (Path::new("/nowhere"), "does not exist"),
        ] {
            let error = env.read_regular(path, 6).unwrap_err();
            assert!(error.message.contains(why), "{}", error.message);
        }
        assert!(env.read_regular(&file, 5).unwrap_err().message.contains("longer"));
    }
}
