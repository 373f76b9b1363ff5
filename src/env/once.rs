//! What is typed or handed out once: codes in, secrets out.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::held::Made;
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
        let mut from: Box<dyn Read> = match path == Path::new("-") {
            // Not by way of the standard library, which would read on.
            true => Box::new(stdin().map_err(|e| unreadable(path, file::why(&e)))?),
            false => self.open_named(path)?,
        };
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
    /// Usage (2): it is there already, is protected, or cannot be made.
    pub fn make_private(&self, path: &Path) -> Result<PrivateFile> {
        let place = self.place(path)?;
        let made = place.make("").map_err(|e| cannot_make(&place.shown, &e))?;
        Ok(PrivateFile { made, path: path.to_owned() })
    }
}

fn stdin() -> io::Result<File> {
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

/// The error of a new file that cannot be made.
pub(super) fn cannot_make(shown: &str, e: &io::Error) -> Error {
    let there = e.kind() == ErrorKind::AlreadyExists;
    let why = if there { "it is there already".to_owned() } else { e.to_string() };
    let error = Error::usage(format!("cannot make {shown}: {why}")).about(shown);
    match there {
        true => error.words("remove it first if it is left of a run that was stopped"),
        false => error,
    }
}

/// A file made for a secret. Dropped before it is kept, it goes.
pub struct PrivateFile {
    made: Made,
    path: PathBuf,
}

impl PrivateFile {
    /// Writes all of it, durable.
    ///
    /// # Errors
    /// System (8).
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let written = self.made.file().write_all(bytes).and_then(|()| self.made.sync());
        written.map_err(|e| Error::system("write", self.path.display(), &e))
    }

    /// It stays.
    pub fn keep(&mut self) {
        self.made.keep();
    }

    /// Its name as it was typed.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

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
