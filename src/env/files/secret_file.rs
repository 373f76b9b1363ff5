//! What is typed or handed out once: codes in, secrets out.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::input;
use super::output::not_durable;
use super::pinned_dir::{FilePlace, Made, NotPut};
use crate::env::{Env, unreadable};
use crate::error::{Error, Kind, Result};

/// Nothing that is a code is longer (bytes).
const LONGEST_CODE: usize = 1 << 10;

/// Waits until something can be read.
type WaitReadable<'a> = &'a dyn Fn(BorrowedFd<'_>) -> Result<()>;

impl Env {
    /// One line of a file that was named on the command line (`-`: stdin), without its
    /// end. No more is read: what stands below may be for somebody else. A NUL ends a
    /// line too, as pam_exec writes it.
    ///
    /// # Errors
    /// Usage (2): it cannot be read, or is no code by its length.
    pub fn read_code(&self, path: &Path) -> Result<Zeroizing<String>> {
        self.read_code_unless(path, None)
    }

    /// The same from stdin; `wait` returns once there is something to read, or an error.
    ///
    /// # Errors
    /// As [`Env::read_code`] and `wait`.
    pub fn read_typed_code(&self, wait: WaitReadable<'_>) -> Result<Zeroizing<String>> {
        self.read_code_unless(Path::new("-"), Some(wait))
    }

    fn read_code_unless(
        &self,
        path: &Path,
        wait: Option<WaitReadable<'_>>,
    ) -> Result<Zeroizing<String>> {
        let mut from: Box<dyn Read> = match path == Path::new("-") {
            // Not by way of the standard library, which would read on.
            true => Box::new(stdin().map_err(|e| unreadable(path, input::why(&e)))?),
            false => self.open_named(path)?,
        };
        let mut line = Zeroizing::new(Vec::with_capacity(64));
        let mut byte = [0];
        loop {
            if let Some(wait) = wait {
                wait(io::stdin().as_fd())?;
            }
            match from.read(&mut byte) {
                Ok(0) => break,
                Ok(_) if matches!(byte[0], b'\n' | 0) => break,
                Ok(_) => line.push(byte[0]),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(unreadable(path, input::why(&e))),
            }
            if line.len() > LONGEST_CODE {
                return Err(unreadable(path, "its first line is too long for a code"));
            }
        }
        // What is no UTF-8 is no code, but an attempt all the same.
        Ok(Zeroizing::new(String::from_utf8_lossy(&line).into_owned()))
    }

    /// Makes a file for a secret, with the rights of the person who named it: new,
    /// mode 0600, and without a name before the secret counts.
    ///
    /// # Errors
    /// Usage (2): it is there already, is protected, or cannot be made.
    pub fn make_private(&self, path: &Path) -> Result<PrivateFile> {
        let place = self.place(path)?;
        let failed = |e| cannot_make(&place.shown, &e);
        if place.find().map_err(failed)?.is_some() {
            return Err(failed(ErrorKind::AlreadyExists.into()));
        }
        let made = place.make_unseen().map_err(failed)?;
        Ok(PrivateFile { place, made, path: path.to_owned() })
    }
}

fn stdin() -> io::Result<File> {
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

/// The error of a new file that cannot be made.
pub(crate) fn cannot_make(shown: &str, e: &io::Error) -> Error {
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
    place: FilePlace,
    made: Made,
    path: PathBuf,
}

impl PrivateFile {
    /// Writes all of it, durable.
    ///
    /// # Errors
    /// System (8).
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let mut file = self.made.file();
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        written.map_err(|e| Error::system("write", self.path.display(), &e))
    }

    /// It gets its name, for somebody who is to look at it before it is kept.
    ///
    /// # Errors
    /// Usage (2) where something has that name by now; system (8).
    pub fn show(&mut self) -> Result<()> {
        self.place.show(&mut self.made).map_err(|e| match e.kind() {
            ErrorKind::AlreadyExists => cannot_make(&self.place.shown, &e),
            _ => Error::system("write", self.path.display(), &e),
        })
    }

    /// It stays, under its name.
    ///
    /// # Errors
    /// Unknown (9): what it was written for is done.
    pub fn keep(&mut self) -> Result<()> {
        let shown = &self.place.shown;
        self.place.put(&mut self.made, false).map_err(|failed| match failed {
            NotPut::Nothing(e) => {
                let message = format!("{shown} could not be written: {e}");
                Error::new(Kind::Unknown, "outcome-unknown", message).about(shown)
            }
            NotPut::NotDurable(e) => not_durable(shown, &e),
        })
    }

    /// Whether it is to have the name that another has.
    pub fn is_same(&self, other: &PrivateFile) -> bool {
        self.place.is_same(&other.place)
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
        let mut shown = env.make_private(&path).unwrap();
        assert!(!path.exists());
        shown.show().unwrap();
        assert!(path.exists());
        drop(shown);
        assert!(!path.exists());
        let mut file = env.make_private(&path).unwrap();
        file.write(b"x").unwrap();
        assert!(!path.exists(), "it does not count yet");
        file.keep().unwrap();
        drop(file);
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(env.make_private(&path).err().unwrap().kind.exit_code(), 2);
        assert_eq!(std::fs::read(&path).unwrap(), b"x");
    }
}
