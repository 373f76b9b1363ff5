//! The files that a commit makes, written beside the ones that they replace.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::Result;
use crate::store::disk::Sink;
use crate::store::format::digest::Digest;
use crate::store::format::header;
use crate::store::format::layout;
use crate::store::format::log_line::FileChange;
use crate::store::read::revision::Base;

/// Up to this many files are synced one by one; otherwise the whole disk is synced once.
const SYNCED_EACH: usize = 12;

/// The files of one commit so far. Many threads may write at once.
pub(crate) struct PendingFiles<'a> {
    /// What they are to replace.
    pub(crate) base: &'a Base,
    /// The revision that they belong to.
    pub(crate) rev: u64,
    written: Mutex<Written>,
}

#[derive(Default)]
struct Written {
    names: Vec<String>,
    changes: BTreeMap<String, FileChange>,
    /// Files to sync: at most one more than are synced one by one.
    open: Vec<Box<dyn Sink>>,
}

impl<'a> PendingFiles<'a> {
    /// None yet.
    pub(crate) fn new(base: &'a Base) -> PendingFiles<'a> {
        PendingFiles { base, rev: base.rev() + 1, written: Mutex::default() }
    }

    /// A file with a header line. A body that stays the same is not written again.
    pub(crate) fn body(&self, path: &str, before: Option<Digest>, body: &str) -> Result<()> {
        let (hash, header) = header::first_line(self.rev, [body]);
        if before == Some(hash) {
            return Ok(());
        }
        self.write(path, before, hash, &[header.as_bytes(), body.as_bytes()])
    }

    /// A file of lines, which is removed when it has none left.
    pub(crate) fn lines(&self, path: &str, before: Option<Digest>, body: &str) -> Result<()> {
        if body.is_empty() {
            self.remove(path, before);
            return Ok(());
        }
        self.body(path, before, body)
    }

    /// A damaged file with the body that it should have, or `None`, even if the log knows it
    /// with exactly that body.
    pub(crate) fn rebuilt(
        &self,
        path: &str,
        before: Option<Digest>,
        body: Option<&str>,
    ) -> Result<()> {
        let Some(body) = body else {
            self.change(path, before, None);
            return Ok(());
        };
        let (hash, header) = header::first_line(self.rev, [body]);
        self.write(path, before, hash, &[header.as_bytes(), body.as_bytes()])
    }

    /// A file without a header line: the log has the hash of all its bytes.
    pub(crate) fn bytes(&self, path: &str, before: Option<Digest>, bytes: &[u8]) -> Result<()> {
        self.write(path, before, Digest::of(bytes), &[bytes])
    }

    /// Removes a file, if it exists.
    pub(crate) fn remove(&self, path: &str, before: Option<Digest>) {
        if before.is_some() {
            self.change(path, before, None);
        }
    }

    /// Whether this file is written or removed.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.locked().changes.contains_key(path)
    }

    fn write(
        &self,
        path: &str,
        before: Option<Digest>,
        hash: Digest,
        parts: &[&[u8]],
    ) -> Result<()> {
        let mut file = self.create(layout::shadow(self.rev, path))?;
        let mut at = 0;
        for part in parts {
            file.write_at(part, at)?;
            at += part.len() as u64;
        }
        self.keep(file);
        self.change(path, before, Some(hash));
        Ok(())
    }

    /// Notes a change. A file that is lost and written again is one change.
    fn change(&self, path: &str, before: Option<Digest>, after: Option<Digest>) {
        let changes = &mut self.locked().changes;
        let before = changes.get(path).map_or(before, |earlier| earlier.before);
        changes.insert(path.to_owned(), FileChange { path: path.to_owned(), before, after });
    }

    /// Creates a file that [`PendingFiles::remove_all`] removes. The lock is held and this
    /// revision is not committed: a file that exists is left from an attempt that failed, and
    /// its removal was not durable.
    pub(crate) fn create(&self, name: String) -> Result<Box<dyn Sink>> {
        let disk = &*self.base.disk;
        let created = disk.create(&name).or_else(|failed| match disk.unlink(&name) {
            Ok(true) => disk.create(&name),
            _ => Err(failed),
        });
        // Noted even if it failed: the file may exist.
        self.locked().names.push(name);
        created
    }

    /// Keeps a complete file for [`PendingFiles::sync`].
    pub(crate) fn keep(&self, file: Box<dyn Sink>) {
        let open = &mut self.locked().open;
        if open.len() <= SYNCED_EACH {
            open.push(file);
        }
    }

    /// Makes the content of all files durable, but not their names.
    pub(crate) fn sync(&self) -> Result<()> {
        let mut open = std::mem::take(&mut self.locked().open);
        if open.len() > SYNCED_EACH {
            return self.base.disk.sync_all();
        }
        open.iter_mut().try_for_each(|file| file.sync())
    }

    /// What changes, sorted by path.
    pub(crate) fn changes(&self) -> Vec<FileChange> {
        self.locked().changes.values().cloned().collect()
    }

    /// Removes all files; returns whether they are gone durably.
    pub(crate) fn remove_all(&self) -> bool {
        let names = std::mem::take(&mut self.locked().names);
        let disk = &*self.base.disk;
        // All of them, even after one cannot be removed.
        let left = names.iter().filter(|name| disk.unlink(name).is_err()).count();
        let dirs: BTreeSet<&str> = names.iter().map(|name| layout::split(name).0).collect();
        left == 0 && dirs.iter().all(|dir| disk.sync_dir(dir).is_ok())
    }

    fn locked(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::time::Time;
    use crate::store::Disk;
    use crate::store::fuzzing::MemoryDisk;
    use crate::store::read::revision::StateFile;

    #[test]
    fn a_file_that_is_lost_and_written_again_is_one_change() {
        let disk: Arc<dyn Disk> = Arc::new(MemoryDisk::default());
        let (store, created) = (String::new(), Time::MIN);
        let state = StateFile { format: 1, store, created, fan_out: 0, key_check: None };
        let base = Base::of_nothing(&disk, state);
        let pending = PendingFiles::new(&base);
        let known = Some(Digest::of(b"lost"));
        pending.remove("secrets/all.yaml", known);
        pending.lines("secrets/all.yaml", None, "\"alice\": {}\n").unwrap();
        let changes = pending.changes();
        assert_eq!(changes.len(), 1);
        assert_eq!((changes[0].before, changes[0].after.is_some()), (known, true));
        assert!(pending.remove_all());
    }
}
