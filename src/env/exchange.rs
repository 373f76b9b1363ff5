//! A file of another tool that is written anew: under the lock that the tool itself
//! takes, whole or not at all.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::once::PrivateFile;
use super::{Env, file, unreadable};
use crate::error::{Error, Kind, Result};

/// No file of another tool is longer (bytes).
const LONGEST: u64 = 256 << 20;
/// How long to sleep between two tries for the lock.
const NAP: Duration = Duration::from_millis(20);

/// Such a file. Dropped before it is finished, it is as it was.
pub struct Exchange {
    path: PathBuf,
    existing: Option<Zeroizing<Vec<u8>>>,
    owner: Option<Owner>,
    new: PrivateFile,
    _lock: Option<PrivateFile>,
}

/// A user and a group, by their numbers.
type Owner = (u32, u32);

/// How to open it.
pub struct ExchangeOptions<'a> {
    /// Whether what the file holds is read and merged; else there must be none.
    pub merges: bool,
    /// What is appended to its name for the lock of the other tool.
    pub lock: Option<&'a str>,
    /// How long to wait for that.
    pub timeout: Duration,
}

impl Env {
    /// What a file of another tool holds; `None` where there is none.
    ///
    /// # Errors
    /// Usage (2): it cannot be read.
    pub fn read_existing(&self, path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>> {
        self.existing(path).map(|found| found.map(|(bytes, _)| bytes))
    }

    fn existing(&self, path: &Path) -> Result<Option<(Zeroizing<Vec<u8>>, Owner)>> {
        let opened = match file::as_person(self, || File::open(path)) {
            Ok(file) => file,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(unreadable(path, file::why(&e))),
        };
        let found = opened.metadata().map_err(|e| unreadable(path, file::why(&e)))?;
        if !found.is_file() {
            return Err(unreadable(path, "it is no plain file"));
        }
        let bytes = Zeroizing::new(file::read_all(opened, path, LONGEST)?);
        Ok(Some((bytes, (found.uid(), found.gid()))))
    }

    /// Begins to write such a file, with the rights of the person who named it.
    ///
    /// # Errors
    /// Usage (2): it is there and is not merged, or cannot be read or written; busy (6):
    /// the other tool holds its lock.
    pub fn exchange(&self, path: &Path, options: &ExchangeOptions<'_>) -> Result<Exchange> {
        let lock = match options.lock {
            Some(ending) => Some(self.lock_of_tool(&with(path, ending), options.timeout)?),
            None => None,
        };
        let found = self.existing(path)?;
        if found.is_some() && !options.merges {
            let message = format!("{} is there already", path.display());
            return Err(Error::usage(message).about(path.display()));
        }
        let new = self.make_private(&with(path, ".new"))?;
        let (existing, owner) = found.unzip();
        Ok(Exchange { path: path.to_owned(), existing, owner, new, _lock: lock })
    }

    fn lock_of_tool(&self, path: &Path, timeout: Duration) -> Result<PrivateFile> {
        let begun = Instant::now();
        loop {
            match self.make_private(path) {
                Ok(lock) => return Ok(lock),
                Err(e) if !path.exists() => return Err(e),
                Err(_) if begun.elapsed() < timeout => std::thread::sleep(NAP),
                Err(_) => {
                    let message = format!("{} is there: another tool is writing", path.display());
                    return Err(Error::new(Kind::Busy, "busy", message)
                        .about(path.display())
                        .words("remove it if nothing of the kind is running"));
                }
            }
        }
    }
}

impl Exchange {
    /// What the file holds.
    pub fn existing(&self) -> Option<&[u8]> {
        self.existing.as_ref().map(|bytes| bytes.as_slice())
    }

    /// Writes what it is to hold beside it, durable.
    ///
    /// # Errors
    /// System (8).
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.new.write(bytes)?;
        let Some((uid, gid)) = self.owner else { return Ok(()) };
        self.new.give_to(uid, gid)
    }

    /// Puts it in the file's place.
    ///
    /// # Errors
    /// System (8): the file is as it was.
    pub fn finish(mut self) -> Result<()> {
        let failed = |e| Error::system("write", self.path.display(), &e);
        std::fs::rename(self.new.path(), &self.path).map_err(failed)?;
        self.new.keep();
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = File::open(folder.unwrap_or(Path::new(".")));
        folder.and_then(|folder| folder.sync_all()).map_err(failed)
    }
}

fn with(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MERGING: ExchangeOptions<'static> =
        ExchangeOptions { merges: true, lock: Some(".lock"), timeout: Duration::ZERO };

    #[test]
    fn the_file_is_exchanged_whole_under_the_lock_of_the_tool() {
        let env = Env::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users.oath");
        let names = || std::fs::read_dir(folder.path()).unwrap().count();
        let mut first = env.exchange(&path, &MERGING).unwrap();
        assert!(first.existing().is_none() && folder.path().join("users.oath.lock").exists());
        assert_eq!(env.exchange(&path, &MERGING).err().unwrap().kind, Kind::Busy);
        first.write(b"one").unwrap();
        first.finish().unwrap();
        assert_eq!((names(), std::fs::metadata(&path).unwrap().mode() & 0o777), (1, 0o600));
        let second = env.exchange(&path, &MERGING).unwrap();
        assert_eq!(second.existing(), Some(&b"one"[..]));
        drop(second);
        assert_eq!((names(), std::fs::read(&path).unwrap()), (1, b"one".to_vec()));
        let fresh = ExchangeOptions { merges: false, lock: None, ..MERGING };
        assert_eq!(env.exchange(&path, &fresh).err().unwrap().kind, Kind::Usage);
    }
}
