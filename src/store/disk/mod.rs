//! The disk door: everything that touches the state directory goes through
//! [`Disk`], so that a test can fail, cut or reorder any step.
//!
//! Paths are relative to the state directory, with at most one `/`
//! (`users/3f.yaml`; two below `signin/log`); a directory is its name, the state directory itself `""`.

mod bytes;
mod founding_dir;
pub(super) mod lock;
pub(super) mod reading;
mod real;

pub(super) use founding_dir::{NewDir, exists, open_dir};
pub use founding_dir::{Vacant, left_by_foundings};
pub use real::RealDisk;
pub(super) use real::RealFile;

use crate::error::{Error, Kind, Result};
pub(crate) use bytes::Bytes;

/// The state directory, one method a step. What can only be read implements no step that
/// writes.
pub trait Disk: Send + Sync {
    /// Opens a file for reading; `None` where there is none.
    ///
    /// # Errors
    /// Damaged (7) where it is a symlink, no regular file, another's or open to
    /// others; system (8).
    fn open(&self, path: &str) -> Result<Option<Box<dyn Source>>>;

    /// Makes a file that is not there yet (`O_EXCL`, 0600) and opens it for writing.
    ///
    /// # Errors
    /// System (8); also where the file is there.
    fn create(&self, path: &str) -> Result<Box<dyn Sink>> {
        let _ = path;
        Err(self.read_only())
    }

    /// Opens a segment of the log for writing.
    ///
    /// # Errors
    /// As [`Disk::open`]; system (8) where it is not there.
    fn open_log(&self, path: &str) -> Result<Box<dyn Sink>> {
        let _ = path;
        Err(self.read_only())
    }

    /// Renames a file within its directory, over one that may be there.
    ///
    /// # Errors
    /// System (8).
    fn rename(&self, from: &str, to: &str) -> Result<()> {
        let _ = (from, to);
        Err(self.read_only())
    }

    /// Unlinks a file; `false` where there was none.
    ///
    /// # Errors
    /// System (8).
    fn unlink(&self, path: &str) -> Result<bool> {
        let _ = path;
        Err(self.read_only())
    }

    /// The names in a directory, in no order; empty where there is no such directory.
    ///
    /// # Errors
    /// As [`Disk::open`].
    fn list(&self, dir: &str) -> Result<Vec<String>>;

    /// Makes a directory (0700); one that is there is fine.
    ///
    /// # Errors
    /// System (8).
    fn mkdir(&self, dir: &str) -> Result<()> {
        let _ = dir;
        Err(self.read_only())
    }

    /// Makes the names in a directory durable.
    ///
    /// # Errors
    /// System (8).
    fn sync_dir(&self, dir: &str) -> Result<()> {
        let _ = dir;
        Err(self.read_only())
    }

    /// Makes everything written so far durable (`syncfs`).
    ///
    /// # Errors
    /// System (8).
    fn sync_all(&self) -> Result<()> {
        Err(self.read_only())
    }

    /// Tries to take the lock; `None` where somebody else has it.
    ///
    /// # Errors
    /// System (8).
    fn lock(&self, exclusive: bool) -> Result<Option<Box<dyn Held>>> {
        let _ = exclusive;
        Err(self.read_only())
    }

    /// Tries to take the turn, which one has at a time while it waits for the lock; `None`
    /// where somebody else has it. Where nobody can be kept out by others, there is none.
    ///
    /// # Errors
    /// System (8).
    fn turn(&self) -> Result<Option<Box<dyn Held>>> {
        Ok(Some(Box::new(NoTurn)))
    }

    /// Whether the process `pid` lives and has the lock file open, as far as can be told.
    fn is_open_in(&self, pid: u32) -> bool {
        let _ = pid;
        false
    }

    /// Tries to take a lock of its own, exclusive, on the file `path`, which is made
    /// where it is missing and never removed; `None` where somebody else has it.
    ///
    /// # Errors
    /// System (8).
    fn lock_at(&self, path: &str) -> Result<Option<Box<dyn Held>>> {
        let _ = path;
        Err(self.read_only())
    }

    /// Appends `bytes`, whole lines, to a file in one write, without a sync; makes it where it
    /// is missing. After an append that was torn they begin on a new line.
    ///
    /// # Errors
    /// System (8).
    fn append(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let _ = (path, bytes);
        Err(self.read_only())
    }

    /// What stands in the lock file; empty where there is none.
    ///
    /// # Errors
    /// System (8).
    fn note(&self) -> Result<String>;

    /// Replaces what stands in the lock file. It is never synced.
    ///
    /// # Errors
    /// System (8).
    fn set_note(&self, note: &str) -> Result<()> {
        let _ = note;
        Err(self.read_only())
    }

    /// Whether `files` may be open at once, after raising the limit where that is allowed.
    fn allow_open_files(&self, files: usize) -> bool;

    /// Whether `path` is left out here on purpose, whatever the log says: secrets, of a backup.
    fn leaves_out(&self, path: &str) -> bool {
        let _ = path;
        false
    }

    /// Where it is, for messages.
    fn place(&self) -> String;

    /// The error of every step that writes, unless it is implemented.
    fn read_only(&self) -> Error {
        Error::new(Kind::Bug, "bug", format!("{} is only looked at", self.place()))
    }
}

/// A file open for reading. It stays what it was when another takes its name.
pub trait Source: Send + Sync {
    /// Its length in bytes.
    ///
    /// # Errors
    /// System (8).
    fn size(&self) -> Result<u64>;

    /// Reads at `offset` until `buffer` is full or the file ends; returns how many bytes came.
    ///
    /// # Errors
    /// System (8).
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize>;
}

/// A file open for writing.
pub trait Sink: Send {
    /// Writes all of `bytes` at `offset`.
    ///
    /// # Errors
    /// System (8); then some of them may have been written.
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> Result<()>;

    /// Makes contents and length durable.
    ///
    /// # Errors
    /// System (8); then what was written is uncertain for good, also after a later sync.
    fn sync(&mut self) -> Result<()>;

    /// Cuts the file to `size` bytes.
    ///
    /// # Errors
    /// System (8).
    fn truncate(&mut self, size: u64) -> Result<()>;
}

/// The lock; dropping it lets go.
pub trait Held: Send + Sync {}

/// The turn where everybody has it.
struct NoTurn;

impl Held for NoTurn {}
