//! A disk that leaves one kind of sync out: to see that the replay would find it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use mfactl::error::Result;
use mfactl::store::disk::{Sink, Source};
use mfactl::store::{Disk, Held};

use super::sim_disk::SimDisk;

/// Which sync is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skip {
    Shadow,
    OwnDirs,
    PreviousDirs,
    Details,
    Log,
    All,
}

/// A disk that leaves one kind of sync out.
pub struct Leaky {
    disk: SimDisk,
    skip: Skip,
    /// The directories in which shadows were made since the last record.
    own: Arc<Mutex<BTreeSet<String>>>,
}

struct LeakySink {
    sink: Box<dyn Sink>,
    skip: bool,
    ends: Option<Arc<Mutex<BTreeSet<String>>>>,
}

impl Sink for LeakySink {
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> Result<()> {
        self.sink.write_at(bytes, offset)
    }
    fn sync(&mut self) -> Result<()> {
        if let Some(own) = &self.ends {
            own.lock().unwrap().clear();
        }
        if self.skip { Ok(()) } else { self.sink.sync() }
    }
    fn truncate(&mut self, size: u64) -> Result<()> {
        self.sink.truncate(size)
    }
}

impl Leaky {
    pub fn new(disk: SimDisk, skip: Skip) -> Leaky {
        Leaky { disk, skip, own: Arc::default() }
    }
}

impl Disk for Leaky {
    fn open(&self, path: &str) -> Result<Option<Box<dyn Source>>> {
        self.disk.open(path)
    }
    fn create(&self, path: &str) -> Result<Box<dyn Sink>> {
        let skip = match self.skip {
            Skip::Shadow => path.contains(".new."),
            Skip::Details => path.contains("details-"),
            _ => false,
        };
        let dir = path.split_once('/').map_or("", |(dir, _)| dir);
        self.own.lock().unwrap().insert(dir.to_owned());
        Ok(Box::new(LeakySink { sink: self.disk.create(path)?, skip, ends: None }))
    }
    fn open_log(&self, path: &str) -> Result<Box<dyn Sink>> {
        let sink = self.disk.open_log(path)?;
        Ok(Box::new(LeakySink { sink, skip: self.skip == Skip::Log, ends: Some(self.own.clone()) }))
    }
    fn rename(&self, from: &str, to: &str) -> Result<()> {
        self.disk.rename(from, to)
    }
    fn unlink(&self, path: &str) -> Result<bool> {
        self.disk.unlink(path)
    }
    fn list(&self, dir: &str) -> Result<Vec<String>> {
        self.disk.list(dir)
    }
    fn mkdir(&self, dir: &str) -> Result<()> {
        self.disk.mkdir(dir)
    }
    fn lock_at(&self, path: &str) -> Result<Option<Box<dyn Held>>> {
        self.disk.lock_at(path)
    }
    fn append(&self, path: &str, bytes: &[u8]) -> Result<()> {
        self.disk.append(path, bytes)
    }
    fn sync_dir(&self, dir: &str) -> Result<()> {
        let own = self.own.lock().unwrap().contains(dir);
        match self.skip {
            Skip::OwnDirs if own => Ok(()),
            Skip::PreviousDirs if !own => Ok(()),
            _ => self.disk.sync_dir(dir),
        }
    }
    fn sync_all(&self) -> Result<()> {
        if self.skip == Skip::All { Ok(()) } else { self.disk.sync_all() }
    }
    fn lock(&self, exclusive: bool) -> Result<Option<Box<dyn Held>>> {
        self.disk.lock(exclusive)
    }
    fn note(&self) -> Result<String> {
        self.disk.note()
    }
    fn set_note(&self, note: &str) -> Result<()> {
        self.disk.set_note(note)
    }
    fn allow_open_files(&self, files: usize) -> bool {
        self.disk.allow_open_files(files)
    }
    fn place(&self) -> String {
        self.disk.place()
    }
}
