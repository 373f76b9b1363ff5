//! Stop signals: Ctrl-Z (SIGTSTP), and what the terminal sends to a job in the background
//! that reads or writes (SIGTTIN, SIGTTOU). A process that was stopped while it holds the
//! lock of a state makes everybody else wait, for as long as its user likes.
//!
//! They are blocked from the start, so that every thread inherits that, and let in where
//! mfactl waits for a person, a pipe or another's lock, as long as it holds no lock itself.
//! A signal that came meanwhile is then delivered. SIGSTOP cannot be blocked: who may send
//! it to a process that holds the lock (root, and under sudo nobody else) can still keep
//! the lock.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use nix::sys::signal::{SigSet, Signal};

const STOPS: [Signal; 3] = [Signal::SIGTSTP, Signal::SIGTTIN, Signal::SIGTTOU];

/// The stop signals that were not blocked before. None until [`hold_stops`].
static OURS: OnceLock<SigSet> = OnceLock::new();
/// How many locks this process holds.
static LOCKS: AtomicUsize = AtomicUsize::new(0);

/// Blocks stop signals. Called first, while there is one thread.
pub fn hold_stops() {
    let before = SigSet::thread_get_mask().unwrap_or_else(|_| SigSet::empty());
    let mut ours = SigSet::empty();
    STOPS.into_iter().filter(|stop| !before.contains(*stop)).for_each(|stop| ours.add(stop));
    block(OURS.get_or_init(|| ours));
}

/// Waits for something outside, with `wait`, and may be stopped meanwhile, unless a lock is
/// held.
pub fn may_stop<T>(wait: impl FnOnce() -> T) -> T {
    let _blocked_again = OURS.get().filter(|_| !lock_is_held()).map(LetIn::new);
    wait()
}

/// Whether this process holds a lock.
pub fn lock_is_held() -> bool {
    LOCKS.load(Ordering::SeqCst) > 0
}

/// Goes with a lock that others may wait for: while there is one, nothing stops the process.
#[derive(Debug)]
pub struct WithLock(());

impl WithLock {
    /// To be made before the lock is taken.
    #[expect(clippy::new_without_default, reason = "it is counted, so it is made on purpose")]
    pub fn new() -> WithLock {
        LOCKS.fetch_add(1, Ordering::SeqCst);
        // Whoever waits may take a lock then.
        OURS.get().inspect(|ours| block(ours));
        WithLock(())
    }
}

impl Drop for WithLock {
    fn drop(&mut self) {
        LOCKS.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Stop signals are let in until it is dropped.
struct LetIn<'a>(&'a SigSet);

impl LetIn<'_> {
    fn new(ours: &SigSet) -> LetIn<'_> {
        let _ = ours.thread_unblock();
        LetIn(ours)
    }
}

impl Drop for LetIn<'_> {
    fn drop(&mut self) {
        block(self.0);
    }
}

fn block(stops: &SigSet) {
    stops.thread_block().expect("pthread_sigmask(3) fails for an unknown `how` only");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Masks belong to threads, and tests run in threads of their own; the count is shared.
    #[test]
    fn stops_are_let_in_only_where_no_lock_is_held() {
        let blocked = || {
            let mask = SigSet::thread_get_mask().unwrap();
            STOPS.map(|stop| mask.contains(stop))
        };
        hold_stops();
        assert_eq!(blocked(), [true; 3]);
        std::thread::scope(|threads| {
            assert_eq!(threads.spawn(blocked).join().unwrap(), [true; 3], "threads inherit it");
        });
        let held = WithLock::new();
        assert_eq!(may_stop(blocked), [true; 3]);
        drop(held);
        assert_eq!(blocked(), [true; 3]);
        let taken_meanwhile = may_stop(|| {
            let _held = WithLock::new();
            blocked()
        });
        assert_eq!(taken_meanwhile, [true; 3]);
        assert_eq!(blocked(), [true; 3]);
    }
}
