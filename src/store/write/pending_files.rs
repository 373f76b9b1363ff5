//! The files that a commit makes, written beside the ones that they replace.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::error::Result;

use crate::store::disk::Sink;
use crate::store::format::digest::Digest;
use crate::store::format::header;
use crate::store::format::layout;
use crate::store::format::log_line::FileChange;
use crate::store::read::revision::Base;

/// Up to this many files are synced one by one; more are synced all at once.
const SYNCED_EACH: usize = 12;
/// Between two syncs while others write.
const PAUSE: Duration = Duration::from_millis(200);

/// Shadows under way. It may be used from many threads.
pub(crate) struct Shadows<'a> {
    /// What they are to replace.
    pub(crate) base: &'a Base,
    /// The revision that they are of.
    pub(crate) rev: u64,
    written: Mutex<Written>,
}

#[derive(Default)]
struct Written {
    names: Vec<String>,
    changes: Vec<FileChange>,
    /// Open files to be synced one by one, as long as they are few.
    few: Vec<Box<dyn Sink>>,
}

impl<'a> Shadows<'a> {
    /// No shadows yet.
    pub(crate) fn new(base: &'a Base) -> Shadows<'a> {
        Shadows { base, rev: base.rev() + 1, written: Mutex::default() }
    }

    /// The new body of a file with a first line; where it says the same as before, nothing.
    pub(crate) fn body(&self, path: &str, before: Option<Digest>, body: &str) -> Result<()> {
        self.parts(path, before, &[body.into()])
    }

    fn parts(&self, path: &str, before: Option<Digest>, body: &[Cow<'_, str>]) -> Result<()> {
        let (hash, first) = header::first_line(self.rev, body.iter().map(|part| &**part));
        if before == Some(hash) {
            return Ok(());
        }
        let parts = body.iter().map(|part| part.as_bytes());
        let all: Vec<&[u8]> = std::iter::once(first.as_bytes()).chain(parts).collect();
        self.write(path, before, hash, &all)
    }

    /// The new body of a file with a line a key, as parts: without lines there is no file.
    pub(crate) fn lines(
        &self,
        path: &str,
        before: Option<Digest>,
        body: &[Cow<'_, str>],
    ) -> Result<()> {
        if body.iter().all(|part| part.is_empty()) {
            self.remove(path, before);
            return Ok(());
        }
        self.parts(path, before, body)
    }

    /// A file that was damaged, with the body that it should have, or none: also
    /// where the log knows it with just this body.
    pub(crate) fn rewrite(
        &self,
        path: &str,
        known: Option<Digest>,
        body: Option<&str>,
    ) -> Result<()> {
        let Some(body) = body else {
            let change = FileChange { path: path.to_owned(), before: known, after: None };
            self.locked().changes.push(change);
            return Ok(());
        };
        let (hash, first) = header::first_line(self.rev, [body]);
        self.write(path, known, hash, &[first.as_bytes(), body.as_bytes()])
    }

    /// Whether this file is written, or goes.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.locked().changes.iter().any(|change| change.path == path)
    }

    /// A file without a first line, which the log knows by the hash of all its bytes.
    pub(crate) fn whole(&self, path: &str, before: Option<Digest>, bytes: &[u8]) -> Result<()> {
        self.write(path, before, Digest::of(bytes), &[bytes])
    }

    /// The file goes, where there is one.
    pub(crate) fn remove(&self, path: &str, before: Option<Digest>) {
        if before.is_some() {
            let change = FileChange { path: path.to_owned(), before, after: None };
            self.locked().changes.push(change);
        }
    }

    /// The parts of a file, one after the other: a body is not copied to stand behind its first line.
    fn write(
        &self,
        path: &str,
        before: Option<Digest>,
        hash: Digest,
        parts: &[&[u8]],
    ) -> Result<()> {
        let shadow = layout::shadow(self.rev, path);
        // Before it is made: also a file made half must go again.
        self.locked().names.push(shadow.clone());
        let mut file = self.create(&shadow)?;
        let mut at = 0;
        for part in parts {
            file.write_at(part, at)?;
            at += part.len() as u64;
        }
        let change = FileChange { path: path.to_owned(), before, after: Some(hash) };
        let mut written = self.locked();
        written.changes.push(change);
        if written.few.len() <= SYNCED_EACH {
            written.few.push(file);
        }
        Ok(())
    }

    /// A new file that is no file of the state and needs no rename: details. It
    /// goes with the shadows where the commit comes to nothing.
    pub(crate) fn extra(&self, path: &str) -> Result<Box<dyn Sink>> {
        self.locked().names.push(path.to_owned());
        self.create(path)
    }

    /// Makes a file of this revision. The lock is ours and the revision is not committed: what
    /// lies there is of an attempt that came to nothing, whose removal the disk forgot.
    fn create(&self, path: &str) -> Result<Box<dyn Sink>> {
        let disk = &*self.base.disk;
        disk.create(path).or_else(|failed| match disk.unlink(path) {
            Ok(true) => disk.create(path),
            _ => Err(failed),
        })
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes files, then does other work: in the end what was written is durable, but not
    /// yet the names. The disk is busy while others work: where `much` is written, from the
    /// beginning of that, otherwise, where there are many files, from its end.
    ///
    /// # Errors
    /// What `write` says. Whether the disk did its part is said beside what came of the work.
    pub(crate) fn durably<T>(
        &self,
        much: bool,
        write: impl FnOnce() -> Result<()>,
        work: impl FnOnce() -> T,
    ) -> Result<(Result<()>, T)> {
        let sync = || self.base.disk.sync_all();
        if much {
            let (synced, done) = sync_while(sync, |disk| {
                let written = write();
                disk.sync();
                written.map(|()| work())
            });
            return Ok((synced, done?));
        }
        write()?;
        let mut few = std::mem::take(&mut self.locked().few);
        if few.len() > SYNCED_EACH {
            return Ok(sync_while(sync, |disk| {
                disk.sync();
                work()
            }));
        }
        let done = work();
        Ok((few.iter_mut().try_for_each(|file| file.sync()), done))
    }

    /// What changes, sorted by path.
    pub(crate) fn changes(&self) -> Vec<FileChange> {
        let mut changes = self.locked().changes.clone();
        changes.sort_by(|a, b| a.path.cmp(&b.path));
        changes
    }

    /// Removes what was written; whether nothing of it is left, nor can come back.
    pub(crate) fn remove_all(&self) -> bool {
        let names = std::mem::take(&mut self.locked().names);
        let disk = &*self.base.disk;
        // All of them, also after one that could not be removed.
        let left = names.iter().filter(|name| disk.unlink(name).is_err()).count();
        let dirs: BTreeSet<&str> = names.iter().map(|name| layout::split(name).0).collect();
        left == 0 && dirs.iter().all(|dir| disk.sync_dir(dir).is_ok())
    }
}

/// A disk that is synced beside the work of others.
struct Syncing(mpsc::Sender<()>);

impl Syncing {
    /// Whatever was written until now is to be made durable.
    fn sync(&self) {
        // After a sync that failed nobody listens: that failure counts.
        let _ = self.0.send(());
    }
}

/// Does work. Whenever it says so, and after every pause, what it wrote is made durable at
/// the same time: of that, little is left for the end.
fn sync_while<T>(
    sync: impl Fn() -> Result<()> + Send + Sync,
    work: impl FnOnce(&Syncing) -> T,
) -> (Result<()>, T) {
    let (syncing, asked) = mpsc::channel::<()>();
    let sync = &sync;
    let syncs = move || {
        while asked.recv_timeout(PAUSE) != Err(RecvTimeoutError::Disconnected) {
            // What one sync did not write, another does not tell of: it is not tried again.
            sync()?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let syncing = Syncing(syncing);
        let Ok(synced) = std::thread::Builder::new().spawn_scoped(scope, syncs) else {
            // No thread can be made: all of it is synced at the end.
            let done = work(&syncing);
            return (sync(), done);
        };
        let done = work(&syncing);
        // What was asked for is still done.
        drop(syncing);
        (synced.join().unwrap_or_else(|e| std::panic::resume_unwind(e)), done)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread::sleep;

    use super::*;
    use crate::error::Error;

    #[test]
    fn work_is_synced_while_it_goes_on_and_when_it_says_so() {
        let syncs = AtomicUsize::new(0);
        let sync = || {
            syncs.fetch_add(1, Ordering::Relaxed);
            Ok(())
        };
        assert_eq!(sync_while(sync, |_| 1).1, 1);
        assert_eq!(syncs.load(Ordering::Relaxed), 0);
        sync_while(sync, |disk| (0..3).for_each(|_| disk.sync())).0.unwrap();
        assert_eq!(syncs.load(Ordering::Relaxed), 3);
        sync_while(sync, |_| sleep(PAUSE * 5)).0.unwrap();
        assert!(syncs.load(Ordering::Relaxed) > 4);
    }

    #[test]
    fn what_was_written_before_a_sync_was_asked_for_is_synced_though_another_goes_on() {
        let (written, durable) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let sync = || {
            let before = written.load(Ordering::SeqCst);
            sleep(PAUSE);
            durable.store(before, Ordering::SeqCst);
            Ok(())
        };
        let work = |disk: &Syncing| {
            disk.sync();
            sleep(PAUSE / 2);
            written.store(7, Ordering::SeqCst);
            disk.sync();
        };
        sync_while(sync, work).0.unwrap();
        assert_eq!(durable.load(Ordering::SeqCst), 7);
    }

    #[test]
    fn a_sync_that_fails_is_the_last_and_its_failure_counts() {
        let syncs = AtomicUsize::new(0);
        let sync = || {
            syncs.fetch_add(1, Ordering::Relaxed);
            Err(Error::damaged("disk", "it failed"))
        };
        let (synced, done) = sync_while(sync, |disk| {
            disk.sync();
            sleep(PAUSE * 3);
            disk.sync();
        });
        assert_eq!((synced.unwrap_err().message.as_str(), done), ("it failed", ()));
        assert_eq!(syncs.load(Ordering::Relaxed), 1);
    }
}
