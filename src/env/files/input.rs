//! Files that are named on the command line, read with the rights of the
//! person who named them.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;
use zeroize::Zeroizing;

use crate::env::{Env, unreadable};
use crate::error::{Error, Result};

/// The longest configuration that is read.
pub const MAX_CONFIG_BYTES: u64 = 1 << 20;

const MIB: u64 = 1 << 20;
/// How much of a file with secrets is read at once (bytes).
const PIECE: usize = 4 << 10;

impl Env {
    /// All of a regular file that was named on the command line: no link, no
    /// device, at most `limit` bytes. It is evidence, and evidence is what was
    /// looked at.
    ///
    /// # Errors
    /// Usage (2): it is none, is longer, or cannot be read by the person.
    pub fn read_regular(&self, path: &Path, limit: u64) -> Result<Vec<u8>> {
        read_all(self.open_regular(path)?, path, limit)
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
            _ => unreadable(path, why(&e)),
        })?;
        let found = opened.metadata().map_err(|e| unreadable(path, why(&e)))?;
        if !found.is_file() {
            return Err(unreadable(path, "it is not a regular file"));
        }
        Ok(opened)
    }
}

pub(crate) fn open_named(env: &Env, path: &Path) -> Result<Box<dyn Read>> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin()));
    }
    let named = path.to_owned();
    let file = env.person.run(move || File::open(named)).map_err(|e| unreadable(path, why(&e)))?;
    Ok(Box::new(file))
}

pub(crate) fn read_all(from: impl Read, path: &Path, limit: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = from.take(limit.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|e| unreadable(path, why(&e)))?;
    if bytes.len() as u64 > limit { Err(too_long(path, limit)) } else { Ok(bytes) }
}

/// So many zero bytes in a row are in no text of any encoding; a file with holes has nothing
/// else.
const ZEROS: usize = 4;

/// What is read of a file that is to be text: an error as soon as it cannot be, so that a
/// file with holes is not read to its end.
pub(crate) struct OnlyText<R> {
    from: R,
    zeros: usize,
}

impl<R: Read> OnlyText<R> {
    pub(crate) fn new(from: R) -> OnlyText<R> {
        OnlyText { from, zeros: 0 }
    }
}

impl<R: Read> Read for OnlyText<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(buffer)?;
        for byte in &buffer[..count] {
            self.zeros = if *byte == 0 { self.zeros + 1 } else { 0 };
            if self.zeros >= ZEROS {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "it is not text: it holds zero bytes",
                ));
            }
        }
        Ok(count)
    }
}

/// The same of a file with secrets in it. A vector that grows leaves a copy of its contents
/// in the memory that it gives back; here that memory is wiped first.
///
/// # Errors
/// What the system says; [`too_long`] in words.
pub(crate) fn read_secret(
    from: impl Read,
    path: &Path,
    limit: u64,
) -> io::Result<Result<Zeroizing<Vec<u8>>>> {
    let mut from = from.take(limit.saturating_add(1));
    let mut piece = Zeroizing::new([0; PIECE]);
    let mut bytes = Zeroizing::new(Vec::with_capacity(PIECE));
    loop {
        let count = match from.read(&mut *piece) {
            Ok(0) => break,
            Ok(count) => count,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        if bytes.len() + count > bytes.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(2 * bytes.capacity()));
            larger.extend_from_slice(&bytes);
            bytes = larger;
        }
        bytes.extend_from_slice(&piece[..count]);
    }
    Ok(if bytes.len() as u64 > limit { Err(too_long(path, limit)) } else { Ok(bytes) })
}

fn too_long(path: &Path, limit: u64) -> Error {
    let longest = match limit % MIB {
        0 => format!("{} MiB", limit / MIB),
        _ => format!("{limit} bytes"),
    };
    unreadable(path, format!("it is longer than {longest}"))
}

pub(crate) fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it does not exist".to_owned(),
        io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        // With words of its own where the process has nobody's rights but the owner's.
        io::ErrorKind::PermissionDenied if error.get_ref().is_none() => {
            "you may not read it".to_owned()
        }
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_secrets_is_read_whole_and_bounded() {
        let (path, bytes) = (Path::new("x"), vec![7; 3 * PIECE + 5]);
        let read = |limit| read_secret(&bytes[..], path, limit).unwrap();
        assert_eq!(*read(bytes.len() as u64).unwrap(), bytes);
        assert!(read(bytes.len() as u64 - 1).unwrap_err().message.contains("longer than"));
    }

    #[test]
    fn a_file_of_zeros_is_not_read_to_its_end() {
        let path = Path::new("x.csv");
        for text in [&b"a\0\0\0b"[..], b"\xff\xfea\0\0\0\n\0", b""] {
            assert_eq!(read_all(OnlyText::new(text), path, 100).unwrap(), text);
        }
        let endless = b"login\n".chain(io::repeat(0));
        let error = read_all(OnlyText::new(endless), path, u64::MAX).unwrap_err();
        assert_eq!(error.message, "cannot read x.csv: it is not text: it holds zero bytes");
    }

    #[test]
    fn a_file_is_bounded() {
        let path = Path::new("x.csv");
        assert_eq!(read_all(&b"abc"[..], path, 3).unwrap(), b"abc");
        let error = read_all(&b"abcd"[..], path, 3).unwrap_err();
        assert_eq!(error.kind.exit_code(), 2);
        assert!(error.message.contains("x.csv") && error.message.contains("3 bytes"));
    }

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
