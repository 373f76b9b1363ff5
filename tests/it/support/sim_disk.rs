//! A disk in memory that knows what is durable. The rules: nothing unsynced is
//! certain; a rename, a new name or an unlink is certain after a sync of its
//! directory; data after a sync of the file; an append may be torn anywhere;
//! what a failed sync was to write is never certain, whatever is synced later.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use mfactl::error::{Error, Result};
use mfactl::store::disk::{Sink, Source};
use mfactl::store::{Disk, Held};

/// What happens at a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It fails with this error number, and so do the `more` steps after it. Reading counts
    /// as a step here; it is the same as the step after it to a kill.
    Error { errno: i32, more: usize },
    /// The process is killed before it.
    Kill,
}

/// Which of the unsynced effects survive a power loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// None.
    All,
    /// Whichever, torn where they can be; by a seed.
    Some(u64),
    /// All of them: nothing is lost.
    None,
}

#[derive(Clone)]
pub struct SimDisk(Arc<Mutex<Sim>>);

#[derive(Clone, Default)]
struct Sim {
    dirs: BTreeMap<String, Dir>,
    inodes: Vec<Inode>,
    note: String,
    readers: usize,
    writer: bool,
    shards: std::collections::BTreeSet<String>,
    step: usize,
    fault: Option<(usize, Fault)>,
    dead: bool,
    trace: Vec<String>,
}

#[derive(Clone, Default)]
struct Dir {
    /// Whether its own name is durable.
    durable: bool,
    names: BTreeMap<String, usize>,
    base: BTreeMap<String, usize>,
    pending: Vec<DirOp>,
}

#[derive(Clone)]
enum DirOp {
    Link(String, usize),
    Unlink(String),
    Rename(String, String, usize),
}

#[derive(Clone, Default)]
struct Inode {
    data: Vec<u8>,
    /// Every change since it was made: the operation, and how certain it is.
    ops: Vec<(FileOp, Certainty)>,
}

#[derive(Clone)]
enum FileOp {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Certainty {
    Durable,
    Pending,
    Lost,
}

impl FileOp {
    fn apply(&self, data: &mut Vec<u8>) {
        match self {
            FileOp::Write(at, bytes) => {
                if data.len() < at + bytes.len() {
                    data.resize(at + bytes.len(), 0);
                }
                data[*at..at + bytes.len()].copy_from_slice(bytes);
            }
            FileOp::Truncate(size) => data.resize(*size, 0),
        }
    }
}

impl SimDisk {
    /// An empty directory.
    pub fn new() -> SimDisk {
        let mut sim = Sim::default();
        sim.dirs.insert(String::new(), Dir { durable: true, ..Dir::default() });
        SimDisk(Arc::new(Mutex::new(sim)))
    }

    fn sim(&self) -> MutexGuard<'_, Sim> {
        self.0.lock().unwrap()
    }

    /// Another disk with the same content; no fault, no lock held.
    pub fn copy(&self) -> SimDisk {
        let mut sim = self.sim().clone();
        sim.recover();
        SimDisk(Arc::new(Mutex::new(sim)))
    }

    /// From now on counts steps from 0, and fails as told.
    pub fn arm(&self, step: usize, fault: Fault) {
        let mut sim = self.sim();
        sim.step = 0;
        sim.trace.clear();
        sim.fault = Some((step, fault));
    }

    /// How many steps there were since the last [`SimDisk::arm`].
    pub fn steps(&self) -> usize {
        self.sim().step
    }

    /// What was done since.
    pub fn trace(&self) -> Vec<String> {
        self.sim().trace.clone()
    }

    /// Ends the fault; the next process begins.
    pub fn restart(&self) {
        self.sim().recover();
    }

    /// The disk after a power loss.
    pub fn power_loss(&self, loss: Loss) -> SimDisk {
        let old = self.sim().clone();
        let random = match loss {
            Loss::Some(seed) => super::random(seed),
            _ => super::random(0),
        };
        // How much of something unsynced survives, in 256ths.
        let survives = || match loss {
            Loss::All => 0,
            Loss::None => 256,
            Loss::Some(_) => match random() % 4 {
                0 => 0,
                1 | 2 => 256,
                _ => (random() % 256) as usize,
            },
        };
        let mut sim = Sim::default();
        for inode in &old.inodes {
            let mut data = Vec::new();
            for (op, certainty) in &inode.ops {
                let part = if *certainty == Certainty::Durable { 256 } else { survives() };
                match op {
                    op if part == 256 => op.apply(&mut data),
                    // Torn: some of it is there, and sometimes the length of all of it.
                    FileOp::Write(at, bytes) if part > 0 => {
                        let mut torn = bytes[..bytes.len() * part / 256].to_vec();
                        if random() % 3 == 0 {
                            torn.resize(bytes.len(), 0);
                        }
                        FileOp::Write(*at, torn).apply(&mut data);
                    }
                    _ => {}
                }
            }
            let ops = vec![(FileOp::Write(0, data.clone()), Certainty::Durable)];
            sim.inodes.push(Inode { data, ops });
        }
        for (name, dir) in &old.dirs {
            if !dir.durable && survives() < 256 {
                continue;
            }
            let mut names = dir.base.clone();
            for op in &dir.pending {
                if survives() == 256 {
                    op.apply(&mut names);
                }
            }
            let dir = Dir { durable: true, base: names.clone(), names, pending: Vec::new() };
            sim.dirs.insert(name.clone(), dir);
        }
        sim.note = if survives() == 256 { old.note } else { String::new() };
        SimDisk(Arc::new(Mutex::new(sim)))
    }

    /// The bytes of a file.
    pub fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        let sim = self.sim();
        sim.find(path).map(|inode| sim.inodes[inode].data.clone())
    }

    /// Replaces the bytes of a file, durably, as an editor would.
    pub fn overwrite(&self, path: &str, bytes: &[u8]) {
        let mut sim = self.sim();
        let inode = sim.find(path).unwrap();
        let ops = vec![(FileOp::Write(0, bytes.to_vec()), Certainty::Durable)];
        sim.inodes[inode] = Inode { data: bytes.to_vec(), ops };
    }
}

impl DirOp {
    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            DirOp::Link(name, inode) => drop(names.insert(name.clone(), *inode)),
            DirOp::Unlink(name) => drop(names.remove(name)),
            DirOp::Rename(from, to, inode) => {
                names.remove(from);
                names.insert(to.clone(), *inode);
            }
        }
    }
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

fn errno(what: &str, path: &str, errno: i32) -> Error {
    Error::system(what, path, &io::Error::from_raw_os_error(errno))
}

impl Sim {
    fn recover(&mut self) {
        (self.fault, self.dead, self.readers, self.writer) = (None, false, 0, false);
        self.shards.clear();
    }

    /// Counts a step that only reads.
    fn read_step(&mut self, what: &str, path: &str) -> Result<()> {
        match self.fault {
            Some((_, Fault::Error { .. })) => self.step(what, path),
            _ => Ok(()),
        }
    }

    /// Counts a step; an error where it is not done.
    fn step(&mut self, what: &str, path: &str) -> Result<()> {
        if self.dead {
            return Err(errno(what, path, 5));
        }
        let step = self.step;
        self.step += 1;
        self.trace.push(format!("{what} {path}"));
        match self.fault {
            Some((at, Fault::Kill)) if step >= at => {
                self.dead = true;
                Err(errno(what, path, 5))
            }
            Some((at, Fault::Error { errno: number, more })) if step >= at && step - at <= more => {
                Err(errno(what, path, number))
            }
            _ => Ok(()),
        }
    }

    fn find(&self, path: &str) -> Option<usize> {
        let (dir, name) = split(path);
        self.dirs.get(dir)?.names.get(name).copied()
    }

    fn change(&mut self, dir: &str, op: DirOp) {
        let dir = self.dirs.get_mut(dir).unwrap();
        op.apply(&mut dir.names);
        dir.pending.push(op);
    }

    fn settle(&mut self, inode: usize, to: Certainty) {
        for (_, certainty) in &mut self.inodes[inode].ops {
            if *certainty == Certainty::Pending {
                *certainty = to;
            }
        }
    }

    fn write(&mut self, inode: usize, op: FileOp) {
        let inode = &mut self.inodes[inode];
        op.apply(&mut inode.data);
        inode.ops.push((op, Certainty::Pending));
    }
}

impl Disk for SimDisk {
    fn open(&self, path: &str) -> Result<Option<Box<dyn Source>>> {
        let mut sim = self.sim();
        sim.step("open", path)?;
        let inode = sim.find(path);
        Ok(inode.map(|inode| Box::new(SimFile(self.clone(), inode, path.to_owned())) as _))
    }

    fn create(&self, path: &str) -> Result<Box<dyn Sink>> {
        let mut sim = self.sim();
        sim.step("create", path)?;
        if sim.find(path).is_some() {
            return Err(errno("make", path, 17));
        }
        let (dir, name) = split(path);
        if !sim.dirs.contains_key(dir) {
            return Err(errno("make", path, 2));
        }
        sim.inodes.push(Inode::default());
        let inode = sim.inodes.len() - 1;
        sim.change(dir, DirOp::Link(name.to_owned(), inode));
        Ok(Box::new(SimFile(self.clone(), inode, path.to_owned())))
    }

    fn open_log(&self, path: &str) -> Result<Box<dyn Sink>> {
        let mut sim = self.sim();
        sim.step("open for writing", path)?;
        let inode = sim.find(path).ok_or_else(|| errno("open", path, 2))?;
        Ok(Box::new(SimFile(self.clone(), inode, path.to_owned())))
    }

    fn rename(&self, from: &str, to: &str) -> Result<()> {
        let mut sim = self.sim();
        sim.step("rename", from)?;
        let inode = sim.find(from).ok_or_else(|| errno("rename", from, 2))?;
        let ((dir, from), (_, to)) = (split(from), split(to));
        sim.change(dir, DirOp::Rename(from.to_owned(), to.to_owned(), inode));
        Ok(())
    }

    fn unlink(&self, path: &str) -> Result<bool> {
        let mut sim = self.sim();
        sim.step("unlink", path)?;
        if sim.find(path).is_none() {
            return Ok(false);
        }
        let (dir, name) = split(path);
        sim.change(dir, DirOp::Unlink(name.to_owned()));
        Ok(true)
    }

    fn list(&self, dir: &str) -> Result<Vec<String>> {
        let mut sim = self.sim();
        sim.step("list", dir)?;
        let mut names: Vec<String> =
            sim.dirs.get(dir).map(|dir| dir.names.keys().cloned().collect()).unwrap_or_default();
        if dir.is_empty() {
            names.extend(sim.dirs.keys().filter(|dir| !dir.is_empty()).cloned());
        }
        Ok(names)
    }

    fn mkdir(&self, dir: &str) -> Result<()> {
        let mut sim = self.sim();
        sim.step("mkdir", dir)?;
        sim.dirs.entry(dir.to_owned()).or_default();
        Ok(())
    }

    fn sync_dir(&self, dir: &str) -> Result<()> {
        let mut sim = self.sim();
        // Of a directory, what a failed sync was to write comes with the next: a
        // journal that cannot be written makes the file system read-only.
        sim.step("sync directory", dir)?;
        if dir.is_empty() {
            sim.dirs.values_mut().for_each(|dir| dir.durable = true);
        }
        let dir = sim.dirs.get_mut(dir).unwrap();
        dir.base = dir.names.clone();
        dir.pending.clear();
        Ok(())
    }

    fn sync_all(&self) -> Result<()> {
        let mut sim = self.sim();
        let done = sim.step("sync all", "");
        let to = if done.is_ok() { Certainty::Durable } else { Certainty::Lost };
        (0..sim.inodes.len()).for_each(|inode| sim.settle(inode, to));
        // Names too, on a real disk; the commit must not count on it.
        done
    }

    fn lock(&self, exclusive: bool) -> Result<Option<Box<dyn Held>>> {
        let mut sim = self.sim();
        sim.step("lock", "")?;
        if sim.writer || (exclusive && sim.readers > 0) {
            return Ok(None);
        }
        if exclusive {
            sim.writer = true
        } else {
            sim.readers += 1
        }
        Ok(Some(Box::new(SimLock(self.clone(), exclusive))))
    }

    fn lock_at(&self, path: &str) -> Result<Option<Box<dyn Held>>> {
        let mut sim = self.sim();
        sim.step("lock", path)?;
        let free = sim.shards.insert(path.to_owned());
        drop(sim);
        Ok(free.then(|| Box::new(SimShardLock(self.clone(), path.to_owned())) as _))
    }

    fn append(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let at = self.open(path)?.map_or(Ok(0), |file| file.size())?;
        let mut file = match at {
            0 => self.create(path)?,
            _ => self.open_log(path)?,
        };
        file.write_at(bytes, at)
    }

    fn note(&self) -> Result<String> {
        let mut sim = self.sim();
        sim.step("read note", "")?;
        Ok(sim.note.clone())
    }

    fn set_note(&self, note: &str) -> Result<()> {
        let mut sim = self.sim();
        sim.step("write note", "")?;
        sim.note = note.to_owned();
        Ok(())
    }

    fn allow_open_files(&self, _files: usize) -> bool {
        true
    }

    fn place(&self) -> String {
        "sim".to_owned()
    }
}

struct SimFile(SimDisk, usize, String);

impl Source for SimFile {
    fn size(&self) -> Result<u64> {
        let mut sim = self.0.sim();
        sim.read_step("look at", &self.2)?;
        Ok(sim.inodes[self.1].data.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        let mut sim = self.0.sim();
        sim.read_step("read", &self.2)?;
        let data = &sim.inodes[self.1].data;
        let rest = &data[usize::try_from(offset).unwrap_or(usize::MAX).min(data.len())..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

impl Sink for SimFile {
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> Result<()> {
        let mut sim = self.0.sim();
        let dead = sim.dead;
        let done = sim.step("write", &self.2);
        // One that fails has come half the way; one that is killed, too, sometimes.
        let killed_now = !dead && sim.dead;
        let part = match &done {
            Ok(()) => bytes.len(),
            Err(_) if dead => 0,
            Err(_) if killed_now => bytes.len() * (sim.step % 3) / 2,
            Err(_) => bytes.len() / 2,
        };
        let part = part.min(bytes.len());
        if part > 0 {
            let offset = usize::try_from(offset).unwrap();
            sim.write(self.1, FileOp::Write(offset, bytes[..part].to_vec()));
        }
        done
    }

    fn sync(&mut self) -> Result<()> {
        let mut sim = self.0.sim();
        let dead = sim.dead;
        let done = sim.step("sync", &self.2);
        if done.is_ok() {
            sim.settle(self.1, Certainty::Durable);
        } else if !dead && !sim.dead {
            sim.settle(self.1, Certainty::Lost);
        }
        done
    }

    fn truncate(&mut self, size: u64) -> Result<()> {
        let mut sim = self.0.sim();
        sim.step("truncate", &self.2)?;
        sim.write(self.1, FileOp::Truncate(usize::try_from(size).unwrap()));
        Ok(())
    }
}

struct SimLock(SimDisk, bool);

impl Held for SimLock {}

impl Drop for SimLock {
    fn drop(&mut self) {
        let mut sim = self.0.sim();
        if self.1 { sim.writer = false } else { sim.readers = sim.readers.saturating_sub(1) }
    }
}

struct SimShardLock(SimDisk, String);

impl Held for SimShardLock {}

impl Drop for SimShardLock {
    fn drop(&mut self) {
        self.0.sim().shards.remove(&self.1);
    }
}
