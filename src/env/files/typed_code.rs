//! Codes: one line of a file that was named on the command line, or typed on stdin.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

use zeroize::Zeroizing;

use super::input;
use crate::env::{Env, unreadable};
use crate::error::Result;

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
    /// Usage (2): it cannot be read, or its length is not that of a code.
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
        // Text that is not UTF-8 is not a code, but it is an attempt.
        Ok(Zeroizing::new(String::from_utf8_lossy(&line).into_owned()))
    }
}

fn stdin() -> io::Result<File> {
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
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
}
