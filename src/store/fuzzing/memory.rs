//! A state directory in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Result};
use crate::store::disk::{Disk, Held, Sink, Source};
use crate::store::format::layout;

type Bytes = Arc<Mutex<Vec<u8>>>;

/// Files by path. Every directory exists.
#[derive(Default)]
pub(in crate::store) struct MemoryDisk(Mutex<BTreeMap<String, Bytes>>);

struct MemoryFile(Bytes);

struct NoLock;

impl Held for NoLock {}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl MemoryDisk {
    /// Puts a file there, whole.
    pub(in crate::store) fn put(&self, path: &str, bytes: Vec<u8>) {
        locked(&self.0).insert(path.to_owned(), Arc::new(Mutex::new(bytes)));
    }

    /// What is in a file.
    pub(in crate::store) fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        self.find(path).map(|file| locked(&file).clone())
    }

    /// All files.
    pub(super) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let files = locked(&self.0);
        files.iter().map(|(path, file)| (path.clone(), locked(file).clone())).collect()
    }

    fn find(&self, path: &str) -> Option<Bytes> {
        locked(&self.0).get(path).cloned()
    }
}

fn fails<T>(what: &str, path: &str, kind: std::io::ErrorKind) -> Result<T> {
    Err(Error::system(what, path, &kind.into()))
}

impl Disk for MemoryDisk {
    fn open(&self, path: &str) -> Result<Option<Box<dyn Source>>> {
        Ok(self.find(path).map(|file| Box::new(MemoryFile(file)) as _))
    }

    fn create(&self, path: &str) -> Result<Box<dyn Sink>> {
        if self.find(path).is_some() {
            return fails("make", path, std::io::ErrorKind::AlreadyExists);
        }
        self.put(path, Vec::new());
        self.open_log(path)
    }

    fn open_log(&self, path: &str) -> Result<Box<dyn Sink>> {
        match self.find(path) {
            Some(file) => Ok(Box::new(MemoryFile(file))),
            None => fails("open", path, std::io::ErrorKind::NotFound),
        }
    }

    fn rename(&self, from: &str, to: &str) -> Result<()> {
        let mut files = locked(&self.0);
        match files.remove(from) {
            Some(file) => drop(files.insert(to.to_owned(), file)),
            None => return fails("rename", from, std::io::ErrorKind::NotFound),
        }
        Ok(())
    }

    fn unlink(&self, path: &str) -> Result<bool> {
        Ok(locked(&self.0).remove(path).is_some())
    }

    fn list(&self, dir: &str) -> Result<Vec<String>> {
        let files = locked(&self.0);
        let split = files.keys().map(|path| layout::split(path));
        let own = split.filter(|(of, _)| *of == dir).map(|(_, name)| name.to_owned());
        let dirs = layout::DIRS.into_iter().filter(|_| dir.is_empty()).map(str::to_owned);
        Ok(own.chain(dirs).collect())
    }

    fn mkdir(&self, _: &str) -> Result<()> {
        Ok(())
    }

    fn sync_dir(&self, _: &str) -> Result<()> {
        Ok(())
    }

    fn sync_all(&self) -> Result<()> {
        Ok(())
    }

    fn lock(&self, _: bool) -> Result<Option<Box<dyn Held>>> {
        Ok(Some(Box::new(NoLock)))
    }

    fn lock_at(&self, _: &str) -> Result<Option<Box<dyn Held>>> {
        Ok(Some(Box::new(NoLock)))
    }

    fn append(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let mut files = locked(&self.0);
        locked(files.entry(path.to_owned()).or_default()).extend_from_slice(bytes);
        Ok(())
    }

    fn note(&self) -> Result<String> {
        let note = self.find(layout::LOCK).map(|file| locked(&file).clone());
        Ok(String::from_utf8_lossy(&note.unwrap_or_default()).into_owned())
    }

    fn set_note(&self, note: &str) -> Result<()> {
        self.put(layout::LOCK, note.into());
        Ok(())
    }

    fn allow_open_files(&self, _: usize) -> bool {
        true
    }

    fn place(&self) -> String {
        "memory".to_owned()
    }
}

impl Source for MemoryFile {
    fn size(&self) -> Result<u64> {
        Ok(locked(&self.0).len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        let file = locked(&self.0);
        let at = usize::try_from(offset).unwrap_or(usize::MAX).min(file.len());
        let count = (file.len() - at).min(buffer.len());
        buffer[..count].copy_from_slice(&file[at..at + count]);
        Ok(count)
    }
}

impl Sink for MemoryFile {
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> Result<()> {
        let mut file = locked(&self.0);
        let at = usize::try_from(offset).expect("what is in memory fits there");
        let end = at + bytes.len();
        if file.len() < end {
            file.resize(end, 0);
        }
        file[at..end].copy_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self) -> Result<()> {
        Ok(())
    }

    fn truncate(&mut self, size: u64) -> Result<()> {
        locked(&self.0).truncate(usize::try_from(size).unwrap_or(usize::MAX));
        Ok(())
    }
}
