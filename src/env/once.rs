//! What is typed or handed out once: codes in, secrets out.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use zeroize::Zeroizing;

use super::{Env, file, unreadable};
use crate::error::{Error, Result};

/// Nothing that is a code is longer (bytes).
const LONGEST_CODE: usize = 1 << 10;

impl Env {
    /// One line of a file that was named on the command line (`-`: stdin), without its
    /// end. No more is read: what stands below may be for somebody else. A NUL ends a
    /// line too, as pam_exec writes it.
    ///
    /// # Errors
    /// Usage (2): it cannot be read, or is no code by its length.
    pub fn read_code(&self, path: &Path) -> Result<Zeroizing<String>> {
        let mut from = self.open_named(path)?;
        let mut line = Zeroizing::new(Vec::with_capacity(64));
        let mut byte = [0];
        loop {
            match from.read(&mut byte) {
                Ok(0) => break,
                Ok(_) if matches!(byte[0], b'\n' | 0) => break,
                Ok(_) => line.push(byte[0]),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(unreadable(path, file::why(&e))),
            }
            if line.len() > LONGEST_CODE {
                return Err(unreadable(path, "its first line is too long for a code"));
            }
        }
        // What is no UTF-8 is no code, but an attempt all the same.
        Ok(Zeroizing::new(String::from_utf8_lossy(&line).into_owned()))
    }

    /// Makes a file for a secret, with the rights of the person who named it: new,
    /// mode 0600.
    ///
    /// # Errors
    /// Usage (2): it is there already, or cannot be made.
    pub fn make_private(&self, path: &Path) -> Result<PrivateFile> {
        let options = || {
            let mut options = OpenOptions::new();
            let flags = (OFlags::NOFOLLOW | OFlags::CLOEXEC).bits().cast_signed();
            options.write(true).create_new(true).mode(0o600).custom_flags(flags);
            options
        };
        let made = file::as_person(self, || options().open(path));
        let file = made.map_err(|e| {
            let why = match e.kind() {
                ErrorKind::AlreadyExists => "it is there already".to_owned(),
                _ => e.to_string(),
            };
            Error::usage(format!("cannot make {}: {why}", path.display())).about(path.display())
        })?;
        Ok(PrivateFile { file, path: path.to_owned(), keep: false })
    }
}

/// A file made for a secret. Dropped before it is kept, it goes.
pub struct PrivateFile {
    file: File,
    path: PathBuf,
    keep: bool,
}

impl PrivateFile {
    /// Writes all of it, durable.
    ///
    /// # Errors
    /// System (8).
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let written: io::Result<()> =
            self.file.write_all(bytes).and_then(|()| self.file.sync_all());
        written.map_err(|e| Error::system("write", self.path.display(), &e))
    }

    /// Hands it to another owner, where it is not theirs already.
    ///
    /// # Errors
    /// System (8): only root may.
    pub(super) fn give_to(&self, uid: u32, gid: u32) -> Result<()> {
        let failed = |e| Error::system("hand over", self.path.display(), &e);
        let found = self.file.metadata().map_err(failed)?;
        if (found.uid(), found.gid()) == (uid, gid) {
            return Ok(());
        }
        std::os::unix::fs::fchown(&self.file, Some(uid), Some(gid)).map_err(failed)
    }

    /// It stays.
    pub fn keep(&mut self) {
        self.keep = true;
    }

    /// Its name as it was typed.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for PrivateFile {
    fn drop(&mut self) {
        if !self.keep {
            // Ours, and made just now.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_one_line() {
        let env = Env::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("code");
        for text in ["123456", "123456\n", "123456\nmore", "123456\0"] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(env.read_code(&path).unwrap().as_str(), "123456");
        }
        std::fs::write(&path, "1".repeat(5_000)).unwrap();
        assert!(env.read_code(&path).is_err());
        std::fs::write(&path, [0xff, b'\n']).unwrap();
        assert_eq!(env.read_code(&path).unwrap().as_str(), "\u{fffd}");
    }

    #[test]
    fn a_file_for_a_secret_is_new_private_and_goes_where_it_was_for_nothing() {
        let env = Env::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        drop(env.make_private(&path).unwrap());
        assert!(!path.exists());
        let mut file = env.make_private(&path).unwrap();
        file.write(b"x").unwrap();
        file.keep();
        drop(file);
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(env.make_private(&path).err().unwrap().kind.exit_code(), 2);
        assert_eq!(std::fs::read(&path).unwrap(), b"x");
    }
}
