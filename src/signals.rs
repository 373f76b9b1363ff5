//! Stop signals: Ctrl-Z (SIGTSTP), and what the terminal sends to a job in the background
//! that reads or writes (SIGTTIN, SIGTTOU). A process that was stopped while it holds the
//! lock of a state makes everybody else wait, for as long as its user likes.
//!
//! They are blocked from the start, so that every thread inherits that, and let in where
//! mfactl waits for a person, a pipe or another's lock, as long as it holds no lock itself.
//! A signal that came meanwhile is then delivered. SIGSTOP cannot be blocked: who may send
//! it to a process that holds the lock (root, and under sudo nobody else) can still keep
//! the lock.
//!
//! Signals that end the process do so at once, as nothing that they leave is in anybody's way,
//! but for files of secrets that have a name before they count ([`Ending`]).

use std::io;
use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use nix::sys::signal::{SigSet, Signal};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use signal_hook::SigId;
use signal_hook::consts::{SIGALRM, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
use signal_hook::low_level;

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

/// Signals by which people and systems end a process.
const ENDS: [i32; 7] = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2];

/// The signal that came while there was an [`Ending`]; 0 where none did.
static ENDED_BY: OnceLock<Arc<AtomicUsize>> = OnceLock::new();

/// Ctrl-C, SIGTERM and other signals that end a process, while something has a name that has to go first: they end what
/// waits with an error, so that destructors run, and then the process ([`end`]).
pub struct Ending {
    came: UnixStream,
    registered: Vec<SigId>,
}

impl Ending {
    /// Begins to watch for them.
    ///
    /// # Errors
    /// Where the process has no descriptors left.
    pub fn watch() -> io::Result<Ending> {
        let (came, tell) = UnixStream::pair()?;
        let mut ending = Ending { came, registered: Vec::new() };
        let ended_by = ENDED_BY.get_or_init(Arc::default);
        for signal in ENDS {
            let number = usize::try_from(signal).unwrap_or_default();
            let noted = signal_hook::flag::register_usize(signal, Arc::clone(ended_by), number)?;
            ending.registered.push(noted);
            ending.registered.push(low_level::pipe::register(signal, tell.try_clone()?)?);
        }
        Ok(ending)
    }

    /// Whether one came.
    pub fn came(&self) -> bool {
        ended_by().is_some()
    }

    /// Waits until there is something to read, or until a signal came. If it cannot wait, it
    /// returns at once and the read waits.
    pub fn wait_for(&self, source: BorrowedFd<'_>) {
        let mut both =
            [PollFd::new(&source, PollFlags::IN), PollFd::new(&self.came, PollFlags::IN)];
        while poll(&mut both, None) == Err(Errno::INTR) && !self.came() {}
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        for id in self.registered.drain(..) {
            low_level::unregister(id);
        }
    }
}

fn ended_by() -> Option<i32> {
    let number = ENDED_BY.get()?.load(Ordering::SeqCst);
    i32::try_from(number).ok().filter(|signal| *signal != 0)
}

/// If a signal ended the work, ends the process by the same signal after cleaning up, so that
/// the caller sees it.
pub fn end() {
    if let Some(signal) = ended_by() {
        let _ = low_level::emulate_default_handler(signal);
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
